//! What a person types to connect a client: pure texts, the same wherever they are shown.
//!
//! The lines run unchanged in a shell. Nothing in them is a remark, since some shells take a pasted `#` for a command.

use model::workspace::MeWorkspace;

/// What stands in for a key wherever none is shown.
pub const YOUR_KEY: &str = "YOUR_KEY";

/// A workspace's name as `prefect cloud login` wants it.
#[must_use]
pub fn full_handle(workspace: &MeWorkspace) -> String {
    format!("{}/{}", workspace.account_handle, workspace.workspace_handle)
}

/// The client's generation, as far as its settings have other names.
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

    fn install(self) -> &'static str {
        match self {
            Self::Current => "pip install -U prefect",
            Self::First => {
                "pip install 'prefect==2.0.4' 'pydantic<2' 'sqlalchemy<2' 'fastapi<0.90' 'starlette<0.22' 'griffe<0.30' \
                 'anyio<4' 'typer<0.9' 'click<8.1.4' 'httpx<0.24'"
            }
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
    /// For today's clients.
    #[must_use]
    pub fn new(public_url: &'a str, key: &'a str) -> Self {
        Self { public_url, key, generation: Generation::Current }
    }

    /// For clients of that generation.
    #[must_use]
    pub fn of(self, generation: Generation) -> Self {
        Self { generation, ..self }
    }

    /// Installs the client.
    #[must_use]
    pub fn install(self) -> String {
        self.generation.install().to_owned()
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

    /// Does what the setting and the login do, in one line.
    #[must_use]
    pub fn manual(self, workspace: &MeWorkspace) -> String {
        let (cloud, url, key) = (self.generation.cloud_setting(), self.public_url, self.key);
        let (account, workspace) = (workspace.account_id, workspace.workspace_id);
        format!(
            "prefect config set {cloud}=\"{url}/api\" \
             PREFECT_API_URL=\"{url}/api/accounts/{account}/workspaces/{workspace}\" PREFECT_API_KEY=\"{key}\""
        )
    }

    /// Install, setting and login.
    #[must_use]
    pub fn steps(self, workspace: Option<&MeWorkspace>) -> Vec<String> {
        vec![self.install(), self.setting(), self.login(workspace)]
    }

    /// All of it, the line by hand last: it sets once more what the login has set.
    #[must_use]
    pub fn everything(self, workspace: Option<&MeWorkspace>) -> Vec<String> {
        let mut lines = self.steps(workspace);
        lines.extend(workspace.map(|workspace| self.manual(workspace)));
        lines
    }
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

/// Runs the first flow.
pub const RUN_FIRST_FLOW: &str = "python hello.py";

#[cfg(test)]
mod tests {
    use model::workspace::MeWorkspace;

    use super::{Commands, Generation};

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
    fn everything_for_todays_clients() {
        let commands = Commands::new("https://provost.example.org", "pnu_k").everything(Some(&workspace()));
        assert_eq!(
            commands,
            [
                "pip install -U prefect",
                "prefect config set PREFECT_CLOUD_API_URL=\"https://provost.example.org/api\"",
                "prefect cloud login --key pnu_k -w ann-lee/data",
                "prefect config set PREFECT_CLOUD_API_URL=\"https://provost.example.org/api\" \
                 PREFECT_API_URL=\"https://provost.example.org/api/accounts/0196f5a0-0000-7000-8000-00000000000a/\
                 workspaces/0196f5a0-0000-7000-8000-00000000000b\" PREFECT_API_KEY=\"pnu_k\"",
            ]
        );
    }

    #[test]
    fn the_first_generation_has_another_name_for_the_setting() {
        let commands = Commands::new("http://127.0.0.1:4200", "pnu_k").of(Generation::First);
        assert_eq!(commands.setting(), "prefect config set PREFECT_CLOUD_URL=\"http://127.0.0.1:4200/api\"");
        assert!(commands.manual(&workspace()).contains(" PREFECT_CLOUD_URL=\"http://127.0.0.1:4200/api\" "));
        assert!(!commands.everything(Some(&workspace())).join("\n").contains("PREFECT_CLOUD_API_URL"));
    }

    #[test]
    fn without_a_workspace_the_client_asks_for_one() {
        let commands = Commands::new("http://h:1", "pnu_k").everything(None);
        assert_eq!(commands.last().map(String::as_str), Some("prefect cloud login --key pnu_k"));
    }

    #[test]
    fn a_shell_finds_nothing_to_stumble_over() {
        for generation in [Generation::Current, Generation::First] {
            let text = Commands::new("http://h:1", "pnu_k").of(generation).everything(Some(&workspace())).join("\n");
            assert!(!text.contains(['#', '$', '`', '\\', '!', '…', '’', '“']), "{text}");
            assert!(text.lines().all(|line| line.starts_with("prefect ") || line.starts_with("pip ")), "{text}");
        }
    }
}
