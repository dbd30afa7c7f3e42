//! The link that a public server prints for its first person.

use std::path::Path;

use control::{
    access::ClientInfo,
    person::{self, Registration},
};
use identity::Password;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    time::timeout,
};

use crate::program::{PASSWORD, TIMEOUT, open, provost};

/// Starts a server with a public URL. Returns the first two lines of its standard output, and its log lines until then.
async fn start_public(data_dir: &Path) -> (Vec<String>, Vec<String>) {
    let serve = "serve --listen 127.0.0.1:0 --public-url https://provost.example.org";
    let mut server = provost(serve, data_dir).spawn().unwrap();
    let mut output = BufReader::new(server.stdout.take().unwrap()).lines();
    let mut printed = Vec::new();
    let two_lines = async {
        while printed.len() < 2 {
            printed.push(output.next_line().await.unwrap().expect("the server runs"));
        }
    };
    timeout(TIMEOUT, two_lines).await.expect("the server is ready");
    server.kill().await.unwrap();
    let mut log = String::new();
    server.stderr.take().unwrap().read_to_string(&mut log).await.unwrap();
    (printed, log.lines().map(str::to_owned).collect())
}

#[tokio::test]
async fn public_server_without_people_prints_a_new_setup_link_at_each_start() {
    let folder = TempDir::new().unwrap();
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let (printed, log) = start_public(folder.path()).await;
        let link = "Create the first account, an administrator: https://provost.example.org/register?setup=";
        let token = printed[1].strip_prefix(link).unwrap_or_else(|| panic!("{printed:?}")).to_owned();
        assert!(token.len() == 64 && log.iter().all(|line| !line.contains(&token)), "{log:?}");
        assert!(log.iter().any(|line| line.contains("everybody who reaches this server can register")), "{log:?}");
        tokens.push(token);
    }
    assert_ne!(tokens[0], tokens[1]);
    let cx = open(folder.path()).await;
    let register = async |token: &str| {
        let (name, email) = ("Ada".to_owned(), "ada@example.org".to_owned());
        let password = Password::typed(PASSWORD.trim_end().to_owned());
        let registration = Registration { name, email, handle: None, password };
        person::register_first(&cx, None, registration, token, ClientInfo::default()).await
    };
    assert!(register(&tokens[0]).await.is_err(), "the second start has replaced the link");
    assert!(register(&tokens[1]).await.unwrap().person.is_admin);
}
