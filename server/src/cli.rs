//! The command line: verbs, flags and their parsing. What a verb does is in [`crate::verb`].

use std::{path::PathBuf, str::FromStr, time::Duration};

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, Parser, Subcommand};

use crate::config::{
    Config, ConfigError, Source,
    settings::{Flag, Row, TABLE},
};

/// Provost: a control plane for Prefect, in one program.
#[derive(Parser, Debug)]
#[command(name = "provost", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    pub verb: Verb,
}

#[derive(Subcommand, Debug)]
pub enum Verb {
    /// Starts the server.
    #[command(after_help = help_without_flag())]
    Serve(SettingFlags<true>),
    /// Runs the pending database migrations, then exits.
    Migrate(CommonFlags),
    /// Admin commands for scripts; they work while the server is running.
    Admin {
        #[command(subcommand)]
        verb: Admin,
    },
}

/// The values of the flags of settings, by their keys. `SERVE` says whether the flags of `serve` are among them.
#[derive(Debug)]
pub struct SettingFlags<const SERVE: bool>(Vec<(&'static str, String)>);

type CommonFlags = SettingFlags<false>;

#[derive(Subcommand, Debug)]
pub enum Admin {
    /// Creates a user who signs in with email and password.
    CreateUser {
        #[command(flatten)]
        common: CommonFlags,
        /// The email address to sign in with
        #[arg(long)]
        email: String,
        /// The handle of the user's account
        #[arg(long)]
        handle: String,
        /// The user's name on pages [default: the handle]
        #[arg(long)]
        name: Option<String>,
        /// The file that contains the password; - reads it from standard input
        #[arg(long, value_name = "FILE")]
        password_file: PasswordSource,
    },
    /// Creates a workspace in an account.
    CreateWorkspace {
        #[command(flatten)]
        common: CommonFlags,
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
        common: CommonFlags,
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
        common: CommonFlags,
        /// The handle of the user
        #[arg(long, value_name = "HANDLE")]
        user: String,
        /// The file that contains the password; - reads it from standard input
        #[arg(long, value_name = "FILE")]
        password_file: PasswordSource,
    },
    /// Makes a user an administrator of the server, who sees how its background services run.
    GrantAdmin {
        #[command(flatten)]
        common: CommonFlags,
        /// The handle of the user
        #[arg(long, value_name = "HANDLE")]
        user: String,
    },
    /// Makes an administrator of the server an ordinary user again.
    RevokeAdmin {
        #[command(flatten)]
        common: CommonFlags,
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
            Self::Serve(flags) => flags.config(),
            Self::Migrate(flags) => flags.config(),
            Self::Admin { verb } => verb.common().config(),
        }
    }
}

impl Admin {
    fn common(&self) -> &CommonFlags {
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

impl<const SERVE: bool> SettingFlags<SERVE> {
    /// The rows with a flag, and the name of its value.
    fn rows() -> impl Iterator<Item = (&'static Row, &'static str)> {
        TABLE.iter().filter_map(|row| match row.flag {
            Flag::Every(value_name) => Some((row, value_name)),
            Flag::Serve(value_name) => SERVE.then_some((row, value_name)),
            Flag::None => None,
        })
    }

    fn config(&self) -> Result<Config, ConfigError> {
        Config::load(Source::flags(self.0.iter().map(|(key, value)| (*key, Some(value.clone())))))
    }
}

impl<const SERVE: bool> Args for SettingFlags<SERVE> {
    fn augment_args(command: Command) -> Command {
        command.args(Self::rows().map(|(row, value_name)| {
            let arg = Arg::new(row.key).long(row.flag_name());
            if value_name.is_empty() {
                return arg.action(ArgAction::SetTrue).help(row.help);
            }
            arg.value_name(value_name).help(format!("{} [default: {}]", row.help, row.default))
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<const SERVE: bool> FromArgMatches for SettingFlags<SERVE> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = |(row, value_name): (&Row, &str)| {
            let value = if value_name.is_empty() {
                matches.get_flag(row.key).then(|| true.to_string())
            } else {
                matches.get_one::<String>(row.key).cloned()
            };
            Some((row.key, value?))
        };
        Ok(Self(Self::rows().filter_map(given).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Help for the settings that have no flag.
fn help_without_flag() -> String {
    let rows = TABLE.iter().filter(|row| row.flag == Flag::None);
    let lines = rows.map(|row| format!("\n  {:<28} {} [default: {}]", row.key, row.help, row.default));
    let intro = "You can also set every setting with an environment variable PROVOST_… or a key in provost.toml. These have no flag:";
    std::iter::once(intro.to_owned()).chain(lines).collect()
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
    use crate::config::settings::TABLE;

    fn parse(line: &str) -> Result<Verb, clap::Error> {
        Cli::try_parse_from(line.split(' ')).map(|cli| cli.verb)
    }

    #[test]
    fn command_line_definition_is_valid() {
        Cli::command().debug_assert();
    }

    #[test]
    fn help_of_serve_names_every_setting() {
        let help = parse("provost serve --help").unwrap_err().to_string();
        for row in TABLE {
            assert!(help.contains(row.key) || help.contains(&format!("--{}", row.flag_name())), "{}", row.key);
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
