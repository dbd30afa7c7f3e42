use std::{net::SocketAddr, time::Duration};

use super::{Config, ConfigError, DatabaseUrl, LogFormat, Source};

fn variables(pairs: &[(&str, &str)]) -> Source {
    Source::variables(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())))
}

fn flags(pairs: &[(&str, &str)]) -> Source {
    Source::flags(pairs.iter().map(|(key, value)| (*key, Some((*value).to_owned()))))
}

/// Loads the settings of a data folder with this `provost.toml`.
fn load(toml: &str, vars: &[(&str, &str)], flag: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("provost.toml"), toml).unwrap();
    let data_dir = folder.path().to_str().unwrap();
    let vars: Vec<_> = [("PROVOST_DATA_DIR", data_dir)].into_iter().chain(vars.iter().copied()).collect();
    Config::from_sources(flags(flag), variables(&vars))
}

fn load_error(toml: &str, vars: &[(&str, &str)], flag: &[(&str, &str)]) -> String {
    load(toml, vars, flag).unwrap_err().to_string()
}

#[test]
fn defaults_listen_on_loopback_only() {
    let config = load("", &[], &[]).unwrap();
    assert_eq!(config.listen, "127.0.0.1:4200".parse().unwrap());
    assert_eq!(config.database, DatabaseUrl::Sqlite(config.data_dir.join("provost.db")));
    assert_eq!(config.public_url(config.listen).origin(), "http://127.0.0.1:4200");
    assert!(!config.local);
    assert_eq!(config.session_idle, Duration::from_secs(14 * 86_400));
    assert_eq!(config.session_absolute, Duration::from_secs(90 * 86_400));
    assert_eq!(config.sign_in, identity::SignInLimits::default());
    assert_eq!(config.password_cost, identity::Cost::default());
}

#[test]
fn flags_override_variables_and_variables_override_the_file() {
    let file = "listen = '127.0.0.1:1'\nlog_format = 'json'\nsession_idle = '2d'\nlocal = true";
    let vars = [("PROVOST_LISTEN", "127.0.0.1:2"), ("PROVOST_SESSION_IDLE", "3d"), ("HOME", "/nowhere")];
    let config = load(file, &vars, &[("listen", "127.0.0.1:3")]).unwrap();
    assert_eq!(config.listen.port(), 3);
    assert_eq!(config.session_idle, Duration::from_secs(3 * 86_400));
    assert_eq!(config.log_format, LogFormat::Json);
    assert!(config.local);
}

#[test]
fn numbers_and_lists_are_read_from_toml_types_or_text() {
    let file =
        "max_connections = 12\nsign_in_per_second = 0.5\nregister_burst = 7\ntrusted_proxies = ['10.0.0.0/8', '::1']";
    let config = load(file, &[("PROVOST_ARGON2_PASSES", "3")], &[]).unwrap();
    assert_eq!(config.connections.max, 12);
    assert!((config.sign_in.address_per_second - 0.5).abs() < f64::EPSILON);
    assert_eq!(config.sign_in.register_burst, 7);
    assert_eq!(config.password_cost.passes, 3);
    assert_eq!(config.connections.trusted_proxies, ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]);
    let config = load("", &[("PROVOST_TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1")], &[]).unwrap();
    assert_eq!(config.connections.trusted_proxies, ["10.0.0.0/8".parse().unwrap(), "192.0.2.1/32".parse().unwrap()]);
}

#[test]
fn error_of_a_bad_value_names_key_source_and_expected_form() {
    let flag = load_error("", &[], &[("listen", "4200")]);
    assert!(flag.starts_with("listen (--listen): expected an address and port"), "{flag}");
    assert!(flag.ends_with("got \"4200\""), "{flag}");
    let variable = load_error("", &[("PROVOST_SESSION_IDLE", "soon")], &[]);
    assert!(variable.starts_with("session_idle (PROVOST_SESSION_IDLE): expected a length of time"), "{variable}");
    let file = load_error("max_connections = 0", &[], &[]);
    assert!(file.starts_with("max_connections ("), "{file}");
    assert!(file.contains("provost.toml): expected a whole number from 1"), "{file}");
    let table = load_error("[listen]\nport = 1", &[], &[]);
    assert!(table.starts_with("listen (") && table.ends_with("got a table"), "{table}");
}

#[test]
fn error_of_an_unknown_key_names_its_source() {
    let file = load_error("lisen = 1", &[], &[]);
    assert!(file.starts_with("lisen ("), "{file}");
    assert!(file.contains("provost.toml): unknown setting; the known settings are listen, data_dir"), "{file}");
    let variable = load_error("", &[("PROVOST_LISEN", "1")], &[]);
    assert!(variable.starts_with("lisen (PROVOST_LISEN): unknown setting"), "{variable}");
    assert!(load_error("config = 'x.toml'", &[], &[]).contains("provost.toml): unknown setting"));
    assert!(load("", &[("PROVOST_TEST_PYTHON", "python3")], &[]).is_ok());
}

#[test]
fn variables_that_kubernetes_sets_are_ignored() {
    let kubernetes = [
        ("PROVOST_SERVICE_HOST", "10.0.0.1"),
        ("PROVOST_SERVICE_PORT", "4200"),
        ("PROVOST_SERVICE_PORT_HTTP", "4200"),
        ("PROVOST_PORT", "tcp://10.0.0.1:4200"),
        ("PROVOST_PORT_4200_TCP", "tcp://10.0.0.1:4200"),
        ("PROVOST_PORT_4200_TCP_PROTO", "tcp"),
        ("PROVOST_PORT_4200_TCP_PORT", "4200"),
        ("PROVOST_PORT_4200_TCP_ADDR", "10.0.0.1"),
        ("PROVOST_DB_SERVICE_HOST", "10.0.0.2"),
        ("PROVOST_DB_PORT_5432_TCP_ADDR", "10.0.0.2"),
    ];
    load("", &kubernetes, &[]).unwrap();
    // Kubernetes never sets these, so they are mistakes of a person.
    for (name, value) in [("PROVOST_PORT", "8080"), ("PROVOST_PORT_TCP", "1"), ("PROVOST_HOST", "10.0.0.1")] {
        let error = load_error("", &[(name, value)], &[]);
        assert!(error.contains(&format!("({name}): unknown setting")), "{error}");
    }
}

#[test]
fn variable_that_is_not_utf8_is_rejected_if_it_is_a_setting() {
    use std::{ffi::OsString, os::unix::ffi::OsStringExt as _};

    let not_utf8 = |name: &str| Source::variables([(name.into(), OsString::from_vec(vec![b'a', 0xff]))]);
    let folder = tempfile::tempdir().unwrap();
    let data_dir = || flags(&[("data_dir", folder.path().to_str().unwrap())]);
    assert!(Config::from_sources(data_dir(), not_utf8("LS_COLORS")).is_ok());
    let error = Config::from_sources(data_dir(), not_utf8("PROVOST_LISTEN")).unwrap_err().to_string();
    assert!(error.starts_with("listen (PROVOST_LISTEN): expected an address and port"), "{error}");
    assert!(error.ends_with("got bytes that are not UTF-8"), "{error}");
}

#[test]
fn named_settings_file_must_exist_and_be_toml() {
    let missing = "/nowhere/provost.toml";
    let error = Config::from_sources(flags(&[("config", missing)]), variables(&[])).unwrap_err().to_string();
    assert!(error.starts_with("/nowhere/provost.toml: "), "{error}");
    let error = Config::from_sources(flags(&[]), variables(&[("PROVOST_CONFIG", "/nowhere/x.toml")]));
    assert!(error.unwrap_err().to_string().starts_with("/nowhere/x.toml: "));
    let error = load_error("listen = ", &[], &[]);
    assert!(error.contains("provost.toml: line 1: "), "{error}");
    let error = load_error("local = true\ndatabase_url = 'postgres://provost:s3cret@db/provost", &[], &[]);
    assert!(error.contains("provost.toml: line 2: ") && !error.contains("s3cret"), "{error}");
}

#[test]
fn database_password_is_never_printed() {
    let url = "postgres://provost:s3cret@db.example.org/provost?password=s3cret";
    let config = load("", &[("PROVOST_DATABASE_URL", url)], &[]).unwrap();
    assert_eq!(config.database.to_string(), "postgres://provost@db.example.org:5432/provost");
    assert!(!format!("{config:?}").contains("s3cret"));
    let url = "postgres:///provost?host=/run/postgresql&password=s3cret";
    let config = load("", &[("PROVOST_DATABASE_URL", url)], &[]).unwrap();
    assert_eq!(config.database.to_string(), "postgres:///provost?host=/run/postgresql");
    for bad in ["postgres:///provost?password=s3cret", "mysql://provost:s3cret@db/provost", "postgres:s3cret", "s3cret"]
    {
        let error = load_error("", &[("PROVOST_DATABASE_URL", bad)], &[]);
        assert!(error.starts_with("database_url (PROVOST_DATABASE_URL): expected postgres://"), "{error}");
        assert!(!error.contains("s3cret"), "{error}");
    }
}

#[test]
fn database_url_may_name_a_sqlite_file() {
    for url in ["sqlite:some/where.db", "sqlite://some/where.db"] {
        let config = load("", &[], &[("database_url", url)]).unwrap();
        assert_eq!(config.database, DatabaseUrl::Sqlite("some/where.db".into()));
    }
}

#[test]
fn public_url_has_only_scheme_host_and_port() {
    let config = load("", &[], &[("public_url", "HTTPS://Provost.example.org/")]).unwrap();
    let url = config.public_url(config.listen);
    assert_eq!(url.origin(), "https://provost.example.org");
    assert!(url.is_https());
    for bad in [
        "provost.example.org",
        "ftp://provost.example.org",
        "https://provost.example.org/sub",
        "https://provost.example.org/?a",
        "https://ann:pw@provost.example.org",
        "https://",
    ] {
        let error = load_error("", &[], &[("public_url", bad)]);
        assert!(error.starts_with("public_url (--public-url): expected http://"), "{bad}: {error}");
    }
}

#[test]
fn local_mode_listens_on_loopback_unless_allowed_elsewhere() {
    for listen in ["0.0.0.0:4200", "192.0.2.1:4200", "[::]:4200"] {
        let open = [("local", "true"), ("listen", listen)];
        let error = load_error("", &[], &open);
        assert!(error.starts_with("local: it serves every caller"), "{error}");
        assert!(load("", &[("PROVOST_LOCAL_ON_ANY_ADDRESS", "true")], &open).is_ok());
    }
    assert!(load("", &[], &[("local", "true"), ("listen", "[::1]:4200")]).is_ok());
}

#[test]
fn local_mode_has_a_loopback_url_unless_allowed_elsewhere() {
    for url in ["http://localhost:4200", "http://127.0.0.1:4200", "http://127.8.0.1", "https://[::1]"] {
        assert!(load("", &[], &[("local", "true"), ("public_url", url)]).is_ok(), "{url}");
    }
    for url in ["https://provost.example.org", "http://192.0.2.1:4200", "http://localhost.example.org", "http://[::2]"]
    {
        let open = [("local", "true"), ("public_url", url)];
        let error = load_error("", &[], &open);
        assert!(error.starts_with("public_url: ") && error.contains("--local-on-any-address"), "{error}");
        assert!(load("", &[("PROVOST_LOCAL_ON_ANY_ADDRESS", "true")], &open).is_ok(), "{url}");
    }
}

#[test]
fn values_that_weaken_passwords_or_sessions_are_rejected() {
    for (key, values) in [
        ("argon2_memory_kib", &[1_024, 2_000_000][..]),
        ("argon2_passes", &[1, 101]),
        ("argon2_lanes", &[65]),
        ("account_attempts", &[10_001]),
    ] {
        for value in values {
            let error = load_error(&format!("{key} = {value}"), &[], &[]);
            assert!(error.starts_with(&format!("{key} (")) && error.contains("a whole number from "), "{error}");
        }
    }
    assert!(load_error("session_idle = '91d'", &[], &[]).starts_with("session_idle: "));
}

#[test]
fn default_public_url_of_an_unspecified_address_is_localhost() {
    let config = load("", &[], &[]).unwrap();
    for (bound, origin) in [
        ("0.0.0.0:4200", "http://localhost:4200"),
        ("[::]:80", "http://localhost"),
        ("[::1]:4200", "http://[::1]:4200"),
    ] {
        let bound: SocketAddr = bound.parse().unwrap();
        assert_eq!(config.public_url(bound).origin(), origin);
    }
}
