use std::{os::unix::fs::MetadataExt as _, path::Path, process::Stdio, time::Duration};

use control::{
    Cx,
    access::{self, Origin},
    person::{self, SignIn},
    workspace,
};
use identity::Password;
use server::{
    config::{Config, Given},
    wiring,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    process::{Child, Command},
    time::timeout,
};

const PATIENCE: Duration = Duration::from_secs(60);
const PASSWORD: &str = "seventeen quiet herons\n";

/// The program, untouched by settings of whoever runs the tests.
fn provost(arguments: &str, data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_provost"));
    command.env_clear().args(arguments.split(' ')).arg("--data-dir").arg(data_dir);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// Runs it to its end: whether it succeeded, what it printed, what it complained of.
async fn run(mut command: Command, input: &str) -> (bool, String, String) {
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Who reads no input may be gone before it is written.
    let _unread = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    let output = timeout(PATIENCE, child.wait_with_output()).await.expect("it ends").unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

/// The use cases over the data that the program left.
async fn open(data_dir: &Path) -> Cx {
    let place = [("data_dir", Some(data_dir.display().to_string()))];
    let config = Config::from_sources(Given::flags(place), Given::variables([]), None).unwrap();
    wiring::open(&config, &config.public_url(config.listen)).await.unwrap()
}

/// What pages call the person with this handle.
async fn name_of(handle: &str, data_dir: &Path) -> String {
    let cx = open(data_dir).await;
    let caller = access::by_shell(&cx, &handle.parse().unwrap()).await.unwrap();
    person::person(&cx, caller).await.unwrap().name
}

/// Starts a server, and waits for its word that it is ready.
async fn serve(data_dir: &Path) -> Child {
    ready("serve --listen 127.0.0.1:0", data_dir).await.0
}

/// The same, with the lines that it wrote until then.
async fn ready(arguments: &str, data_dir: &Path) -> (Child, Vec<String>) {
    let mut child = provost(arguments, data_dir).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let ready = async {
        let mut seen = Vec::new();
        while let Some(line) = lines.next_line().await.unwrap() {
            seen.push(line);
            if seen.last().is_some_and(|line| line.contains("ready") && line.contains("http://127.0.0.1:")) {
                return seen;
            }
        }
        panic!("the server ended: {seen:?}");
    };
    let seen = timeout(PATIENCE, ready).await.expect("the server gets ready");
    // Somebody must read on, or the server could not write any more.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    (child, seen)
}

/// Where the server listens, by its word that it is ready.
fn address(seen: &[String]) -> &str {
    let begin = seen.last().and_then(|line| line.split("http://").nth(1)).unwrap();
    begin.split(|letter: char| !(letter.is_ascii_digit() || ".:".contains(letter))).next().unwrap()
}

/// The status of an answer.
async fn status(address: &str, path: &str) -> u16 {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, stream.read_to_string(&mut answer)).await.expect("an answer").unwrap();
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap()
}

#[tokio::test]
async fn log_lines_are_json_where_that_is_asked_for() {
    let folder = TempDir::new().unwrap();
    let (mut server, seen) = ready("serve --listen 127.0.0.1:0 --log-format json", folder.path()).await;
    server.kill().await.unwrap();
    for line in &seen {
        let line: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        assert!(line["timestamp"].is_string() && line["message"].is_string(), "{line}");
        assert_eq!(line["level"], "INFO", "{line}");
    }
    let last: serde_json::Value = serde_json::from_str(seen.last().unwrap()).unwrap();
    assert_eq!(last["database"], format!("sqlite:{}", folder.path().join("provost.db").display()));
}

#[tokio::test]
async fn where_to_go_next_is_said_whatever_the_log_says() {
    let folder = TempDir::new().unwrap();
    let mut server = provost("serve --listen 127.0.0.1:0 --log-level error", folder.path()).spawn().unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let line = timeout(PATIENCE, lines.next_line()).await.expect("the server gets ready").unwrap().unwrap();
    assert!(line.starts_with("Provost is ready: open http://127.0.0.1:"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_database_is_gone_lives_and_is_not_ready() {
    #[expect(clippy::disallowed_methods, reason = "a test's surroundings are no settings of the server")]
    let cluster = std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL names a PostgreSQL");
    let database = bench::database::Database::create(&cluster).await.unwrap();
    let folder = TempDir::new().unwrap();
    let arguments = format!("serve --listen 127.0.0.1:0 --database-url {}", database.url().unwrap());
    let (mut server, seen) = ready(&arguments, folder.path()).await;
    let address = address(&seen);
    assert_eq!(status(address, "/api/ready").await, 200);
    drop(database);
    // Each connection of before finds out by itself.
    for _ in 0..20 {
        assert_eq!(status(address, "/api/ready").await, 503);
    }
    assert_eq!(status(address, "/api/health").await, 200);
    server.kill().await.unwrap();
}

#[tokio::test]
async fn a_setting_that_cannot_be_used_is_told_by_its_key() {
    let folder = TempDir::new().unwrap();
    let (done, _, complaint) = run(provost("serve --listen 4200", folder.path()), "").await;
    assert!(!done);
    assert!(complaint.starts_with("provost: listen (--listen): expected an address and port"), "{complaint}");

    let mut command = provost("migrate", folder.path());
    command.env("PROVOST_LOG_FORMAT", "xml");
    let (done, _, complaint) = run(command, "").await;
    assert!(!done);
    assert!(complaint.starts_with("provost: log_format (PROVOST_LOG_FORMAT): expected text or json"), "{complaint}");

    std::fs::write(folder.path().join("provost.toml"), "lisen = '127.0.0.1:1'").unwrap();
    let (done, _, complaint) = run(provost("migrate", folder.path()), "").await;
    assert!(!done);
    assert!(complaint.starts_with("provost: lisen (") && complaint.contains("no such setting"), "{complaint}");
}

#[tokio::test]
async fn administration_works_while_the_server_runs() {
    let folder = TempDir::new().unwrap();
    let mut server = serve(folder.path()).await;

    let user = "admin create-user --email ada@example.com --handle ada --name Augusta --password-file -";
    assert!(run(provost(user, folder.path()), PASSWORD).await.0);
    let (done, _, complaint) = run(provost(user, folder.path()), PASSWORD).await;
    assert!(!done, "a name is taken once");
    assert!(complaint.contains("email: "), "{complaint}");
    let (done, _, complaint) = run(provost(&user.replace("ada", "bob"), folder.path()), "password123\n").await;
    assert!(!done);
    assert!(complaint.contains("password: "), "{complaint}");

    let (done, _, complaint) =
        run(provost("admin create-workspace --account ada --name data", folder.path()), "").await;
    assert!(done, "{complaint}");
    let (done, _, complaint) =
        run(provost("admin create-workspace --account bob --name data", folder.path()), "").await;
    assert!(!done && complaint.contains("bob"), "{complaint}");

    let (done, key, complaint) = run(provost("admin create-key --user ada --name ci", folder.path()), "").await;
    assert!(done, "{complaint}");
    let key = key.strip_suffix('\n').unwrap();
    assert!(key.parse::<identity::ApiKey>().is_ok(), "the key alone is printed: {key}");
    assert!(!complaint.contains(key));

    let (done, _, complaint) =
        run(provost("admin set-password --user ada --password-file -", folder.path()), "eighteen quiet herons").await;
    assert!(done, "{complaint}");
    assert!(run(provost("migrate", folder.path()), "").await.0);
    server.kill().await.unwrap();
    assert_eq!(name_of("ada", folder.path()).await, "Augusta");
    let cx = open(folder.path()).await;
    let sign_in = |password: &str| {
        let given = SignIn { email: "ada@example.com".to_owned(), password: Password::typed(password.to_owned()) };
        person::sign_in(&cx, given, Origin::default())
    };
    assert!(sign_in(PASSWORD.trim_end()).await.is_err(), "the old password");
    let ada = sign_in("eighteen quiet herons").await.unwrap().person();
    let caller = access::by_shell(&cx, &"ada".parse().unwrap()).await.unwrap();
    assert_eq!(ada, caller.person());
    let workspaces = workspace::me_workspaces(&cx, caller).await.unwrap();
    assert_eq!(workspaces.iter().map(|one| one.workspace_handle.as_str()).collect::<Vec<_>>(), ["data"]);
    drop(cx);
    assert!(run(provost(&user.replace("ada", "cid").replace(" --name Augusta", ""), folder.path()), PASSWORD).await.0);
    assert_eq!(name_of("cid", folder.path()).await, "cid", "the handle does where no name is given");
}

/// Without them another program that closes the file would believe itself alone with it, and delete what was not yet moved into it.
#[tokio::test]
async fn the_server_keeps_its_locks_on_the_embedded_database() {
    let folder = TempDir::new().unwrap();
    let mut server = serve(folder.path()).await;
    assert!(run(provost("migrate", folder.path()), "").await.0);
    let file = std::fs::metadata(folder.path().join("provost.db")).unwrap().ino();
    let locks = std::fs::read_to_string("/proc/locks").unwrap();
    let mine = format!(" {} ", server.id().unwrap());
    let held = locks.lines().any(|lock| lock.contains(&mine) && lock.contains(&format!(":{file} ")));
    assert!(held, "{file} {mine}: {locks}");
    server.kill().await.unwrap();
}

#[tokio::test]
async fn one_server_owns_a_data_folder_and_leaves_it_when_told_to() {
    let folder = TempDir::new().unwrap();
    let mut first = serve(folder.path()).await;
    let (done, _, complaint) = run(provost("serve --listen 127.0.0.1:0", folder.path()), "").await;
    assert!(!done);
    assert!(complaint.contains("another provost serves"), "{complaint}");

    let terminate = Command::new("kill").args(["-TERM", &first.id().unwrap().to_string()]).status().await.unwrap();
    assert!(terminate.success());
    let ended = timeout(PATIENCE, first.wait()).await.expect("it stops").unwrap();
    assert!(ended.success(), "{ended}");
    serve(folder.path()).await.kill().await.unwrap();
}
