//! The commands that connect a client, as plain text.
//!
//! The lines run unchanged in a shell. They contain no comments, since some shells run a pasted `#` as a command.

use model::workspace::MeWorkspace;

use crate::links::percent_encoded;

/// Placeholder for a key where none is shown.
pub const YOUR_KEY: &str = "YOUR_KEY";
/// Installs the current client.
pub const INSTALL: &str = "pip install -U prefect";
/// Placeholders for the ids of a workspace, for people who have none yet.
const ACCOUNT_ID: &str = "ACCOUNT_ID";
const WORKSPACE_ID: &str = "WORKSPACE_ID";

/// A workspace's name as `prefect cloud login` expects it.
#[must_use]
pub fn full_handle(workspace: &MeWorkspace) -> String {
    format!("{}/{}", workspace.account_handle, workspace.workspace_handle)
}

/// Points a client of any generation at a server in local mode, which needs no key.
#[must_use]
pub fn keyless(public_url: &str) -> String {
    format!("prefect config set PREFECT_API_URL=\"{public_url}/api\"")
}

/// The client's generation: the names of its settings differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Generation {
    /// 2.20 and everything of 3.
    #[default]
    Current,
    /// 2.0.
    First,
}

impl Generation {
    /// The setting that says where the API is.
    #[must_use]
    pub fn cloud_setting(self) -> &'static str {
        match self {
            Self::Current => "PREFECT_CLOUD_API_URL",
            Self::First => "PREFECT_CLOUD_URL",
        }
    }
}

/// The commands for a server, a client's generation and a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Commands<'a> {
    /// Scheme and host, without a slash at the end.
    pub public_url: &'a str,
    pub key: &'a str,
    pub generation: Generation,
}

impl<'a> Commands<'a> {
    /// For current clients.
    #[must_use]
    pub fn new(public_url: &'a str, key: &'a str) -> Self {
        Self { public_url, key, generation: Generation::Current }
    }

    /// For clients of that generation.
    #[must_use]
    pub fn of(self, generation: Generation) -> Self {
        Self { generation, ..self }
    }

    /// Points the client at this server.
    #[must_use]
    pub fn setting(self) -> String {
        format!("prefect config set {}=\"{}/api\"", self.generation.cloud_setting(), self.public_url)
    }

    /// Signs the client in to a workspace; without one the client lets its user choose.
    #[must_use]
    pub fn login(self, workspace: Option<&MeWorkspace>) -> String {
        let chosen = workspace.map(|workspace| format!(" -w {}", full_handle(workspace))).unwrap_or_default();
        format!("prefect cloud login --key {}{chosen}", self.key)
    }

    /// Does what the setting and the login do, in one line. Without a workspace it contains placeholders for the ids.
    #[must_use]
    pub fn manual(self, workspace: Option<&MeWorkspace>) -> String {
        let (cloud, url, key) = (self.generation.cloud_setting(), self.public_url, self.key);
        let (account, workspace) = workspace.map_or_else(
            || (ACCOUNT_ID.to_owned(), WORKSPACE_ID.to_owned()),
            |workspace| (workspace.account_id.to_string(), workspace.workspace_id.to_string()),
        );
        format!(
            "prefect config set {cloud}=\"{url}/api\" \
             PREFECT_API_URL=\"{url}/api/accounts/{account}/workspaces/{workspace}\" PREFECT_API_KEY=\"{key}\""
        )
    }

    /// Points the client at this server and signs it in.
    #[must_use]
    pub fn sign_in(self, workspace: Option<&MeWorkspace>) -> Vec<String> {
        vec![self.setting(), self.login(workspace)]
    }
}

/// How many characters of a key commands show at its begin and its end.
const KEY_BEGIN: usize = 8;
const KEY_END: usize = 5;

/// A command as pages show it: a key in it is shortened to `pnu_LCA5…ppQMH`, a placeholder is not.
#[must_use]
pub fn with_short_key(command: &str, key: &str) -> String {
    if key.len() <= 2 * (KEY_BEGIN + KEY_END) || !key.is_ascii() {
        return command.to_owned();
    }
    command.replace(key, &format!("{}…{}", &key[..KEY_BEGIN], &key[key.len() - KEY_END..]))
}

/// The file of the first flow.
pub const FIRST_FLOW_FILE: &str = "hello.py";

/// The first flow.
pub const FIRST_FLOW: &str = r#"from prefect import flow, get_run_logger

@flow(name="Testing")
def basic_flow():
    logger = get_run_logger()
    logger.warning("The fun is about to begin")

if __name__ == "__main__":
    basic_flow()"#;

/// A `data:` URL that saves the first flow as a file, so it needs neither a script nor the server.
#[must_use]
pub fn first_flow_link() -> String {
    format!("data:text/x-python;charset=utf-8,{}%0A", percent_encoded(FIRST_FLOW))
}

/// The file of a flow that makes an artifact.
pub const FIRST_ARTIFACT_FILE: &str = "forecast.py";

/// A flow that makes an artifact.
pub const FIRST_ARTIFACT: &str = r##"from prefect import flow
from prefect.artifacts import create_markdown_artifact

@flow
def forecast():
    create_markdown_artifact(
        "# Load forecast\n\nPeak **61.4 GW** at 18:30",
        key="load-forecast",
    )

if __name__ == "__main__":
    forecast()"##;

/// Runs the first flow.
pub const RUN_FIRST_FLOW: &str = "python hello.py";

#[cfg(test)]
mod tests {
    use model::workspace::MeWorkspace;

    use super::{Commands, Generation, YOUR_KEY, with_short_key};

    fn workspace() -> MeWorkspace {
        MeWorkspace {
            account_id: "0196f5a0-0000-7000-8000-00000000000a".parse().unwrap(),
            account_name: "Ann Lee".to_owned(),
            account_handle: "ann-lee".parse().unwrap(),
            workspace_id: "0196f5a0-0000-7000-8000-00000000000b".parse().unwrap(),
            workspace_name: "Data".to_owned(),
            workspace_description: String::new(),
            workspace_handle: "data".parse().unwrap(),
        }
    }

    #[test]
    fn current_clients_get_a_setting_and_a_login() {
        let commands = Commands::new("https://provost.example.org", "pnu_k");
        assert_eq!(
            commands.sign_in(Some(&workspace())),
            [
                "prefect config set PREFECT_CLOUD_API_URL=\"https://provost.example.org/api\"",
                "prefect cloud login --key pnu_k -w ann-lee/data",
            ]
        );
        assert_eq!(commands.sign_in(None)[1], "prefect cloud login --key pnu_k");
    }

    #[test]
    fn manual_line_does_what_both_commands_do() {
        assert_eq!(
            Commands::new("https://provost.example.org", "pnu_k").manual(Some(&workspace())),
            "prefect config set PREFECT_CLOUD_API_URL=\"https://provost.example.org/api\" \
             PREFECT_API_URL=\"https://provost.example.org/api/accounts/0196f5a0-0000-7000-8000-00000000000a/\
             workspaces/0196f5a0-0000-7000-8000-00000000000b\" PREFECT_API_KEY=\"pnu_k\""
        );
    }

    #[test]
    fn first_generation_uses_its_own_setting_name() {
        let commands = Commands::new("http://127.0.0.1:4200", "pnu_k").of(Generation::First);
        assert_eq!(commands.setting(), "prefect config set PREFECT_CLOUD_URL=\"http://127.0.0.1:4200/api\"");
        assert!(commands.manual(Some(&workspace())).contains(" PREFECT_CLOUD_URL=\"http://127.0.0.1:4200/api\" "));
        let all = [commands.sign_in(Some(&workspace())), vec![commands.manual(Some(&workspace()))]].concat();
        assert!(all.iter().all(|command| !command.contains("PREFECT_CLOUD_API_URL")), "{all:?}");
    }

    #[test]
    fn manual_line_without_workspace_has_placeholder_ids() {
        let commands = Commands::new("http://h:1", "pnu_k");
        assert!(commands.manual(None).contains("\"http://h:1/api/accounts/ACCOUNT_ID/workspaces/WORKSPACE_ID\""));
    }

    #[test]
    fn commands_contain_nothing_a_shell_interprets() {
        for generation in [Generation::Current, Generation::First] {
            let commands = Commands::new("http://h:1", "pnu_k").of(generation);
            for text in [commands.sign_in(Some(&workspace())), vec![commands.manual(Some(&workspace()))]].concat() {
                assert!(!text.contains(['#', '$', '`', '\\', '!', '…', '’', '“', '\n']), "{text}");
                assert!(text.starts_with("prefect "), "{text}");
            }
        }
    }

    #[test]
    fn a_key_is_shortened_and_a_placeholder_is_not() {
        let key = "pnu_LCA5aaaaaaaaaaaaaaaaaaaaaaaaaaappQMH";
        let login = |key| Commands::new("http://h:1", key).login(None);
        assert_eq!(with_short_key(&login(key), key), "prefect cloud login --key pnu_LCA5…ppQMH");
        assert_eq!(with_short_key(&login(YOUR_KEY), YOUR_KEY), login(YOUR_KEY));
    }
}
