//! The command line: verbs, flags and their parsing. What a verb does is in [`crate::verb`].

use std::{path::PathBuf, str::FromStr, time::Duration};

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, ConfigError, Overrides};

/// Provost: an orchestrator for workflows, in one program.
#[derive(Parser, Debug)]
#[command(name = "provost", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    pub verb: Verb,
}

#[derive(Subcommand, Debug)]
pub enum Verb {
    /// Starts the server.
    Serve(ServeArgs),
    /// Runs the pending database migrations, then exits.
    Migrate(CommonArgs),
    /// Administration for scripts; works while the server runs.
    Admin {
        #[command(subcommand)]
        verb: Admin,
    },
}

/// The flags that every verb takes.
#[derive(Args, Debug)]
pub struct CommonArgs {
    /// The folder of the embedded database and of provost.toml [default: ~/.local/share/provost]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// postgres://… or sqlite:FILE [default: provost.db in the data folder]
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// A TOML file with settings [default: provost.toml in the data folder, if there]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// text or json
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
    /// error, warn, info, debug or trace
    #[arg(long, value_name = "LEVEL")]
    log_level: Option<String>,
}

/// Help for the settings that have no flag.
const OTHER_KEYS: &str = "\
Every setting is a variable PROVOST_… or a key of provost.toml as well. These have no flag:
  trusted_proxies              proxies whose X-Forwarded-For is trusted, such as 10.0.0.0/8 [none]
  max_connections              open connections [4096]
  max_connections_per_address  open connections from one client address [1024]
  head_timeout                 time limit for the headers of a request [10s]
  body_timeout                 time limit for the whole body of a request [5m]
  write_timeout                time limit for a client that does not read [30s]
  idle_timeout                 time limit between two requests of a connection [75s]
  stop_timeout                 time limit for open requests when the server stops [30s]
  sign_in_burst                failed sign-ins in a burst from one address [3]
  sign_in_per_second           failed sign-ins per second after the burst [0.05]
  account_attempts             failed sign-ins to one account within account_window [30]
  account_window               the window of account_attempts [10m]
  register_burst               registrations in a burst from one address [20]
  register_per_second          registrations per second after the burst [0.1]
  session_idle                 an unused session ends after this time [14d]
  session_absolute             every session ends after this time [90d]
  argon2_memory_kib, argon2_passes, argon2_lanes
                               cost of one password hash";

#[derive(Args, Debug)]
#[command(after_help = OTHER_KEYS)]
pub struct ServeArgs {
    #[command(flatten)]
    common: CommonArgs,
    /// Where to listen [default: 127.0.0.1:4200]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// The URL at which browsers and clients reach this server [default: http:// and the listen address]
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Serves the bare /api without sign-in, for one workspace
    #[arg(long)]
    local: bool,
    /// Allows --local on addresses that other machines can reach; every caller is let in
    #[arg(long)]
    local_on_any_address: bool,
}

#[derive(Subcommand, Debug)]
pub enum Admin {
    /// Creates a user who signs in with e-mail and password.
    CreateUser {
        #[command(flatten)]
        common: CommonArgs,
        /// The e-mail address to sign in with
        #[arg(long)]
        email: String,
        /// The handle of the user's account
        #[arg(long)]
        handle: String,
        /// The user's name on pages [default: the handle]
        #[arg(long)]
        name: Option<String>,
        /// The file that holds the password; - reads it from standard input
        #[arg(long, value_name = "FILE")]
        password_file: PasswordSource,
    },
    /// Creates a workspace in an account.
    CreateWorkspace {
        #[command(flatten)]
        common: CommonArgs,
        /// The handle of the account
        #[arg(long, value_name = "HANDLE")]
        account: String,
        #[arg(long)]
        name: String,
        #[arg(long, default_value = "")]
        description: String,
    },
    /// Creates an API key and prints only the key on standard output.
    CreateKey {
        #[command(flatten)]
        common: CommonArgs,
        /// The handle of the user
        #[arg(long, value_name = "HANDLE")]
        user: String,
        #[arg(long)]
        name: String,
        /// How long the key is valid, such as 30d, or never
        #[arg(long, default_value = "30d")]
        expires: Expiry,
    },
    /// Sets a user's password and ends all sessions of the user.
    SetPassword {
        #[command(flatten)]
        common: CommonArgs,
        /// The handle of the user
        #[arg(long, value_name = "HANDLE")]
        user: String,
        /// The file that holds the password; - reads it from standard input
        #[arg(long, value_name = "FILE")]
        password_file: PasswordSource,
    },
    /// Makes a user an administrator of the server, who sees how its background services run.
    GrantAdmin {
        #[command(flatten)]
        common: CommonArgs,
        /// The handle of the user
        #[arg(long, value_name = "HANDLE")]
        user: String,
    },
    /// Makes an administrator of the server an ordinary user again.
    RevokeAdmin {
        #[command(flatten)]
        common: CommonArgs,
        /// The handle of the user
        #[arg(long, value_name = "HANDLE")]
        user: String,
    },
}

/// Where a password is read from. Never the command line, which every process can see.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PasswordSource {
    StandardInput,
    File(PathBuf),
}

/// When an API key expires.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expiry {
    After(Duration),
    Never,
}

impl Verb {
    /// Loads the settings for this verb.
    pub fn config(&self) -> Result<Config, ConfigError> {
        match self {
            Self::Serve(serve) => serve.config(),
            Self::Migrate(common) => common.config(),
            Self::Admin { verb } => verb.common().config(),
        }
    }
}

impl Admin {
    fn common(&self) -> &CommonArgs {
        match self {
            Self::CreateUser { common, .. }
            | Self::CreateWorkspace { common, .. }
            | Self::CreateKey { common, .. }
            | Self::SetPassword { common, .. }
            | Self::GrantAdmin { common, .. }
            | Self::RevokeAdmin { common, .. } => common,
        }
    }
}

impl CommonArgs {
    fn config(&self) -> Result<Config, ConfigError> {
        Config::load(Overrides::flags(self.flags()), self.config.clone())
    }

    fn flags(&self) -> [(&'static str, Option<String>); 4] {
        [
            ("data_dir", self.data_dir.clone()),
            ("database_url", self.database_url.clone()),
            ("log_format", self.log_format.clone()),
            ("log_level", self.log_level.clone()),
        ]
    }
}

impl ServeArgs {
    fn config(&self) -> Result<Config, ConfigError> {
        let set = |flag: bool| flag.then(|| true.to_string());
        let serve_flags = [
            ("listen", self.listen.clone()),
            ("public_url", self.public_url.clone()),
            ("local", set(self.local)),
            ("local_on_any_address", set(self.local_on_any_address)),
        ];
        Config::load(Overrides::flags(self.common.flags().into_iter().chain(serve_flags)), self.common.config.clone())
    }
}

impl FromStr for PasswordSource {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(if text == "-" { Self::StandardInput } else { Self::File(text.into()) })
    }
}

impl FromStr for Expiry {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "never" {
            return Ok(Self::Never);
        }
        match humantime::parse_duration(text) {
            Ok(time) if !time.is_zero() => Ok(Self::After(time)),
            _ => Err("expected a length of time, such as 30d or 12h, or never".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::{CommandFactory as _, Parser as _};

    use super::{Admin, Cli, Expiry, PasswordSource, Verb};

    fn parse(line: &str) -> Result<Verb, clap::Error> {
        Cli::try_parse_from(line.split(' ')).map(|cli| cli.verb)
    }

    #[test]
    fn command_line_definition_is_valid() {
        Cli::command().debug_assert();
    }

    #[test]
    fn help_of_serve_names_every_setting() {
        let help = parse("provost serve --help").unwrap_err().to_string().replace('-', "_");
        let keys = crate::config::keys();
        assert!(keys.len() > 20, "{keys:?}");
        for key in keys {
            assert!(help.contains(&key), "{key}");
        }
    }

    #[test]
    fn every_verb_takes_data_folder_and_database() {
        for verb in [
            "serve",
            "migrate",
            "admin create-user --email a@b --handle ann --password-file -",
            "admin create-workspace --account ann --name Data",
            "admin create-key --user ann --name ci",
            "admin set-password --user ann --password-file pw.txt",
            "admin grant-admin --user ann",
            "admin revoke-admin --user ann",
        ] {
            let folder = tempfile::tempdir().unwrap();
            let line = format!("provost {verb} --data-dir {} --database-url sqlite:x.db", folder.path().display());
            let config = parse(&line).unwrap().config().unwrap();
            assert_eq!(config.data_dir, folder.path());
            assert_eq!(config.database.to_string(), "sqlite:x.db");
        }
    }

    #[test]
    fn serve_takes_its_own_flags() {
        let folder = tempfile::tempdir().unwrap();
        let flags = "--listen 127.0.0.1:9 --public-url http://localhost:9 --local";
        let config = parse(&format!("provost serve {flags} --data-dir {}", folder.path().display())).unwrap();
        let config = config.config().unwrap();
        assert_eq!(config.listen.port(), 9);
        assert_eq!(config.public_url(config.listen).origin(), "http://localhost:9");
        assert!(config.local);
    }

    #[test]
    fn keys_expire_after_thirty_days_or_as_requested() {
        let expires = |flags: &str| match parse(&format!("provost admin create-key --user ann --name ci{flags}")) {
            Ok(Verb::Admin { verb: Admin::CreateKey { expires, .. } }) => Some(expires),
            _ => None,
        };
        let days = |days: u64| Some(Expiry::After(Duration::from_secs(days * 86_400)));
        assert_eq!(expires(""), days(30));
        assert_eq!(expires(" --expires 7d"), days(7));
        assert_eq!(expires(" --expires never"), Some(Expiry::Never));
        for bad in ["soon", "0s", "-1d", ""] {
            assert_eq!(expires(&format!(" --expires {bad}")), None, "{bad}");
        }
    }

    #[test]
    fn dash_reads_the_password_from_standard_input() {
        assert_eq!("-".parse(), Ok(PasswordSource::StandardInput));
        assert_eq!("./-".parse(), Ok(PasswordSource::File("./-".into())));
    }
}
