use std::{os::unix::fs::MetadataExt as _, path::Path, process::Stdio, time::Duration};

use control::{
    Cx,
    access::{self, ClientInfo},
    person::{self, SignIn},
    workspace,
};
use identity::Password;
use server::{
    config::{Config, Source},
    wiring,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    process::{Child, Command},
    time::timeout,
};

const TIMEOUT: Duration = Duration::from_secs(60);
const PASSWORD: &str = "seventeen quiet herons\n";

/// The program, without the environment of the test run.
fn provost(arguments: &str, data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_provost"));
    command.env_clear().args(arguments.split(' ')).arg("--data-dir").arg(data_dir);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// Runs the command to its end. Returns whether it succeeded, its standard output and its standard error.
async fn run(mut command: Command, input: &str) -> (bool, String, String) {
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A command that reads no input may end before this write.
    let _ignored = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    let output = timeout(TIMEOUT, child.wait_with_output()).await.expect("the command ends").unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

/// Opens the database of the program for the use cases.
async fn open(data_dir: &Path) -> Cx {
    let flags = [("data_dir", Some(data_dir.display().to_string()))];
    let config = Config::from_sources(Source::flags(flags), Source::variables([])).unwrap();
    wiring::open(&config, &config.public_url(config.listen)).await.unwrap()
}

/// The name of the person with this handle.
async fn name_of(handle: &str, data_dir: &Path) -> String {
    let cx = open(data_dir).await;
    let caller = access::authenticate_shell(&cx, &handle.parse().unwrap()).await.unwrap();
    person::person(&cx, caller).await.unwrap().name
}

/// Starts a server and waits until it is ready.
async fn serve(data_dir: &Path) -> Child {
    start("serve --listen 127.0.0.1:0", data_dir).await.0
}

/// Starts the program, waits until it is ready, and returns the log lines until then.
async fn start(arguments: &str, data_dir: &Path) -> (Child, Vec<String>) {
    let mut child = provost(arguments, data_dir).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let ready = async {
        let mut log = Vec::new();
        while let Some(line) = lines.next_line().await.unwrap() {
            log.push(line);
            if log.last().is_some_and(|line| line.contains("ready") && line.contains("http://127.0.0.1:")) {
                return log;
            }
        }
        panic!("the server ended: {log:?}");
    };
    let log = timeout(TIMEOUT, ready).await.expect("the server is ready");
    // Keeps reading the pipe, because the server blocks when it is full.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    (child, log)
}

/// The listen address in the last log line.
fn address(log: &[String]) -> &str {
    let url = log.last().and_then(|line| line.split("http://").nth(1)).unwrap();
    url.split(|letter: char| !(letter.is_ascii_digit() || ".:".contains(letter))).next().unwrap()
}

/// The status of the response to a GET request.
async fn status(address: &str, path: &str) -> u16 {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).await.unwrap();
    let mut response = String::new();
    timeout(TIMEOUT, stream.read_to_string(&mut response)).await.expect("a response").unwrap();
    response.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap()
}

/// Sends a form as the browser with this session cookie, and returns the session cookie afterwards.
async fn post(address: &str, function: &str, cookie: &str, form: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST /ui/{function} HTTP/1.0\r\nHost: {address}\r\nOrigin: http://{address}\r\nAccept: text/html\r\nCookie: {cookie}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    timeout(TIMEOUT, stream.read_to_string(&mut response)).await.expect("a response").unwrap();
    let cookie = response.split("set-cookie: ").find(|rest| rest.starts_with("provost="));
    cookie.unwrap_or_else(|| panic!("no cookie: {response}")).split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn log_format_json_writes_json_lines() {
    let folder = TempDir::new().unwrap();
    let (mut server, log) = start("serve --listen 127.0.0.1:0 --log-format json", folder.path()).await;
    server.kill().await.unwrap();
    for line in &log {
        let line: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        assert!(line["timestamp"].is_string() && line["message"].is_string(), "{line}");
        assert_eq!(line["level"], "INFO", "{line}");
    }
    let last: serde_json::Value = serde_json::from_str(log.last().unwrap()).unwrap();
    assert_eq!(last["database"], format!("sqlite:{}", folder.path().join("provost.db").display()));
}

#[tokio::test]
async fn registering_signing_in_and_out_are_one_write_each() {
    let folder = TempDir::new().unwrap();
    let mut server =
        provost("serve --listen 127.0.0.1:0 --log-level debug --log-format json", folder.path()).spawn().unwrap();
    let mut url = BufReader::new(server.stdout.take().unwrap()).lines();
    let url = timeout(TIMEOUT, url.next_line()).await.expect("the server is ready").unwrap().unwrap();
    let address = address(std::slice::from_ref(&url));
    let mut log = BufReader::new(server.stderr.take().unwrap()).lines();
    let visit = async {
        let person = "name=Ada&email=ada%40example.org&password=seventeen+quiet+herons";
        let first = post(address, "register", "", person).await;
        let second = post(address, "sign-in", &first, person).await;
        post(address, "sign-out", &second, "").await;
        server.kill().await.unwrap();
    };
    let writes = async {
        let mut writes = Vec::new();
        while let Some(line) = log.next_line().await.unwrap() {
            let line: serde_json::Value = serde_json::from_str(&line).unwrap();
            writes.extend(line["write"].as_str().map(str::to_owned));
        }
        writes
    };
    let (_, mut writes) = timeout(TIMEOUT, async { tokio::join!(visit, writes) }).await.expect("the log ends");
    // Reads are logged as well, and background services write too.
    writes.retain(|name| !name.contains("ReadJob") && !name.starts_with("services::") && !name.contains("::Reap"));
    assert_eq!(
        writes,
        ["control::person::register::Register", "control::session::BeginSession", "control::session::SignOut"]
    );
}

#[tokio::test]
async fn url_is_printed_at_any_log_level() {
    let folder = TempDir::new().unwrap();
    let mut server = provost("serve --listen 127.0.0.1:0 --log-level error", folder.path()).spawn().unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let line = timeout(TIMEOUT, lines.next_line()).await.expect("the server is ready").unwrap().unwrap();
    assert!(line.starts_with("Provost is ready: open http://127.0.0.1:"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn server_without_its_database_is_healthy_but_not_ready() {
    #[expect(clippy::disallowed_methods, reason = "variables of the tests are not settings of the server")]
    let cluster = std::env::var("TEST_DATABASE_URL").expect("TEST_DATABASE_URL names a PostgreSQL");
    let database = bench::database::Database::create(&cluster).await.unwrap();
    let folder = TempDir::new().unwrap();
    let arguments = format!("serve --listen 127.0.0.1:0 --database-url {}", database.url().unwrap());
    let (mut server, log) = start(&arguments, folder.path()).await;
    let address = address(&log);
    assert_eq!(status(address, "/api/ready").await, 200);
    drop(database);
    // Each pooled connection must detect the failure, so one check is not enough.
    for _ in 0..20 {
        assert_eq!(status(address, "/api/ready").await, 503);
    }
    assert_eq!(status(address, "/api/health").await, 200);
    server.kill().await.unwrap();
}

#[tokio::test]
async fn error_of_an_invalid_setting_names_its_key() {
    let folder = TempDir::new().unwrap();
    let (succeeded, _, stderr) = run(provost("serve --listen 4200", folder.path()), "").await;
    assert!(!succeeded);
    assert!(stderr.starts_with("provost: listen (--listen): expected an address and port"), "{stderr}");

    let mut command = provost("migrate", folder.path());
    command.env("PROVOST_LOG_FORMAT", "xml");
    let (succeeded, _, stderr) = run(command, "").await;
    assert!(!succeeded);
    assert!(stderr.starts_with("provost: log_format (PROVOST_LOG_FORMAT): expected text or json"), "{stderr}");

    std::fs::write(folder.path().join("provost.toml"), "lisen = '127.0.0.1:1'").unwrap();
    let (succeeded, _, stderr) = run(provost("migrate", folder.path()), "").await;
    assert!(!succeeded);
    assert!(stderr.starts_with("provost: lisen (") && stderr.contains("unknown setting"), "{stderr}");
}

#[tokio::test]
async fn admin_verbs_work_while_the_server_runs() {
    let folder = TempDir::new().unwrap();
    let mut server = serve(folder.path()).await;

    let user = "admin create-user --email ada@example.com --handle ada --name Augusta --password-file -";
    assert!(run(provost(user, folder.path()), PASSWORD).await.0);
    let (succeeded, _, stderr) = run(provost(user, folder.path()), PASSWORD).await;
    assert!(!succeeded, "the email address is taken");
    assert!(stderr.contains("email: "), "{stderr}");
    let (succeeded, _, stderr) = run(provost(&user.replace("ada", "bob"), folder.path()), "password123\n").await;
    assert!(!succeeded);
    assert!(stderr.contains("password: "), "{stderr}");

    let (succeeded, _, stderr) =
        run(provost("admin create-workspace --account ada --name data", folder.path()), "").await;
    assert!(succeeded, "{stderr}");
    let (succeeded, _, stderr) =
        run(provost("admin create-workspace --account bob --name data", folder.path()), "").await;
    assert!(!succeeded && stderr.contains("bob"), "{stderr}");

    let (succeeded, key, stderr) = run(provost("admin create-key --user ada --name ci", folder.path()), "").await;
    assert!(succeeded, "{stderr}");
    let key = key.strip_suffix('\n').unwrap();
    assert!(key.parse::<identity::ApiKey>().is_ok(), "only the key is printed: {key}");
    assert!(!stderr.contains(key));

    let (succeeded, _, stderr) =
        run(provost("admin set-password --user ada --password-file -", folder.path()), "eighteen quiet herons").await;
    assert!(succeeded, "{stderr}");
    assert!(run(provost("migrate", folder.path()), "").await.0);
    server.kill().await.unwrap();
    assert_eq!(name_of("ada", folder.path()).await, "Augusta");
    let cx = open(folder.path()).await;
    let verify = async |password: &str| {
        let form = SignIn { email: "ada@example.com".to_owned(), password: Password::typed(password.to_owned()) };
        person::verify_password(&cx, &form, ClientInfo::default()).await
    };
    assert!(verify(PASSWORD.trim_end()).await.is_err(), "the old password");
    let ada = verify("eighteen quiet herons").await.unwrap().person();
    let caller = access::authenticate_shell(&cx, &"ada".parse().unwrap()).await.unwrap();
    assert_eq!(ada, caller.person());
    let workspaces = workspace::me_workspaces(&cx, caller).await.unwrap();
    assert_eq!(workspaces.iter().map(|one| one.workspace_handle.as_str()).collect::<Vec<_>>(), ["data"]);
    drop(cx);
    assert!(run(provost(&user.replace("ada", "cid").replace(" --name Augusta", ""), folder.path()), PASSWORD).await.0);
    assert_eq!(name_of("cid", folder.path()).await, "cid", "the handle is the default name");
}

/// Without its locks another process that closes the file would consider itself the last user, and delete the WAL before it is
/// checkpointed.
#[tokio::test]
async fn server_keeps_its_sqlite_locks() {
    let folder = TempDir::new().unwrap();
    let mut server = serve(folder.path()).await;
    assert!(run(provost("migrate", folder.path()), "").await.0);
    let file = std::fs::metadata(folder.path().join("provost.db")).unwrap().ino();
    let locks = std::fs::read_to_string("/proc/locks").unwrap();
    let process = format!(" {} ", server.id().unwrap());
    let held = locks.lines().any(|lock| lock.contains(&process) && lock.contains(&format!(":{file} ")));
    assert!(held, "{file} {process}: {locks}");
    server.kill().await.unwrap();
}

#[tokio::test]
async fn one_server_locks_a_data_folder_until_sigterm() {
    let folder = TempDir::new().unwrap();
    let mut first = serve(folder.path()).await;
    let (succeeded, _, stderr) = run(provost("serve --listen 127.0.0.1:0", folder.path()), "").await;
    assert!(!succeeded);
    assert!(stderr.contains("another Provost server is using"), "{stderr}");

    let terminate = Command::new("kill").args(["-TERM", &first.id().unwrap().to_string()]).status().await.unwrap();
    assert!(terminate.success());
    let ended = timeout(TIMEOUT, first.wait()).await.expect("the server stops").unwrap();
    assert!(ended.success(), "{ended}");
    serve(folder.path()).await.kill().await.unwrap();
}
