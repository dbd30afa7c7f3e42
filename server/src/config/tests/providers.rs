//! The settings of identity providers.

use identity::{ProviderKind, ProviderSettings};

use super::{load, load_error};

const GOOGLE: &str = "[providers.google]\nkind = 'google'\nclient_id = 'id-1'\nclient_secret = 's3cret'\n";

fn providers(toml: &str, vars: &[(&str, &str)]) -> Vec<ProviderSettings> {
    load(toml, vars, &[]).unwrap().providers
}

/// The URLs of a provider, as the program uses them.
fn urls(provider: &ProviderSettings) -> Vec<&str> {
    match &provider.kind {
        ProviderKind::Google { issuer } | ProviderKind::Oidc { issuer } => vec![issuer.as_str()],
        ProviderKind::GitHub { base_url, api_url } => vec![base_url.as_str(), api_url.as_str()],
    }
}

#[test]
fn providers_have_defaults_for_all_but_id_and_secret() {
    let file = "[providers.my-company]\nkind = 'oidc'\nclient_id = 'id-2'\nclient_secret = 'x'\nissuer = 'https://id.example.org/realm'\n\
                [providers.github]\nkind = 'github'\nclient_id = 'id-3'\nclient_secret = 'x'\n";
    let found = providers(&format!("{GOOGLE}{file}"), &[]);
    let names: Vec<_> =
        found.iter().map(|one| (one.name.as_str(), one.label.as_str(), one.client_id.as_str())).collect();
    assert_eq!(
        names,
        [("github", "GitHub", "id-3"), ("google", "Google", "id-1"), ("my-company", "my-company", "id-2")]
    );
    assert_eq!(urls(&found[0]), ["https://github.com/", "https://api.github.com/"]);
    assert_eq!(urls(&found[1]), ["https://accounts.google.com"]);
    assert_eq!(urls(&found[2]), ["https://id.example.org/realm"]);
    assert_eq!(found[1].client_secret.expose(), "s3cret");
    assert!(providers("", &[]).is_empty());
}

#[test]
fn variables_declare_a_provider_or_override_the_file() {
    let vars = [
        ("PROVOST_PROVIDERS_MY_GITHUB_KIND", "github"),
        ("PROVOST_PROVIDERS_MY_GITHUB_CLIENT_ID", "id-9"),
        ("PROVOST_PROVIDERS_MY_GITHUB_CLIENT_SECRET", "x"),
        ("PROVOST_PROVIDERS_MY_GITHUB_BASE_URL", "http://127.0.0.1:9000"),
        ("PROVOST_PROVIDERS_GOOGLE_LABEL", "Google (work)"),
        ("PROVOST_PROVIDERS_GOOGLE_ISSUER", "http://localhost:9001"),
    ];
    let found = providers(GOOGLE, &vars);
    assert_eq!((found[0].label.as_str(), found[0].client_id.as_str()), ("Google (work)", "id-1"));
    assert_eq!(urls(&found[0]), ["http://localhost:9001"]);
    assert_eq!((found[1].name.as_str(), found[1].client_id.as_str()), ("my-github", "id-9"));
    assert_eq!(urls(&found[1]), ["http://127.0.0.1:9000/", "http://127.0.0.1:9000/api/v3"]);
}

#[test]
fn secret_of_a_provider_may_be_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let with =
        |path: &str| format!("{}client_secret_file = '{path}'", GOOGLE.replace("client_secret = 's3cret'\n", ""));
    let good = with(&path("good", b"from-a-file\r\n"));
    assert_eq!(providers(&good, &[])[0].client_secret.expose(), "from-a-file");
    for (name, text) in [("empty", &b"\n"[..]), ("lines", b"a\nb"), ("long", &[b'x'; 5_000]), ("bytes", b"\xff")] {
        let path = path(name, text);
        let error = load_error(&with(&path), &[], &[]);
        let start = "providers.google.client_secret_file (";
        assert!(error.starts_with(start) && error.contains(&format!("): can't use {path}: ")), "{error}");
    }
    let error = load_error(&with("/nowhere/secret"), &[], &[]);
    assert!(error.contains("provost.toml): can't use /nowhere/secret: No such file"), "{error}");
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is one table of settings and the errors that they cause")]
fn half_or_wrong_providers_are_rejected_by_the_name_of_the_key() {
    let without = |line: &str| GOOGLE.replace(line, "");
    let and = |line: &str| format!("{GOOGLE}{line}");
    let github = "[providers.github]\nkind = 'github'\nclient_id = 'i'\nclient_secret = 's'\n";
    for (toml, start, end) in [
        (
            without("kind = 'google'\n"),
            "providers.google.kind: missing, although /",
            "expected google, github or oidc; its variable is PROVOST_PROVIDERS_GOOGLE_KIND",
        ),
        (
            without("client_id = 'id-1'\n"),
            "providers.google.client_id: missing, ",
            "is PROVOST_PROVIDERS_GOOGLE_CLIENT_ID",
        ),
        (
            without("client_secret = 's3cret'\n"),
            "providers.google.client_secret: missing, ",
            "is PROVOST_PROVIDERS_GOOGLE_CLIENT_SECRET",
        ),
        (
            GOOGLE.replace("'google'", "'oidc'"),
            "providers.google.issuer: missing, ",
            "is PROVOST_PROVIDERS_GOOGLE_ISSUER",
        ),
        (
            GOOGLE.replace("'google'", "'gitlab'"),
            "providers.google.kind (/",
            "provost.toml): expected google, github or oidc, got \"gitlab\"",
        ),
        (GOOGLE.replace("'id-1'", "''"), "providers.google.client_id (/", "got an empty text"),
        (
            GOOGLE.replace("'s3cret'", "' '"),
            "providers.google.client_secret (/",
            "expected one line that is not empty, got an empty text",
        ),
        (
            GOOGLE.replace("'s3cret'", "\"\"\"s3\ncret\"\"\""),
            "providers.google.client_secret (/",
            "got a hidden value, because it may contain a password",
        ),
        (
            GOOGLE.replace("'id-1'", "['a', 1]"),
            "providers.google.client_id (/",
            "got a list with entries that are not text",
        ),
        (
            and("client_secret_file = '/x'"),
            "providers.google.client_secret_file (/",
            "provost.toml) is set too; remove one of the two",
        ),
        (
            and("secret = 'x'"),
            "providers.google.secret (/",
            "unknown setting; the known settings are kind, client_id, client_secret, client_secret_file, label, issuer, base_url, api_url",
        ),
        (
            and("base_url = 'https://x.example'"),
            "providers.google.base_url (/",
            "belongs to providers of kind github, and this one is of kind google; remove it",
        ),
        (
            format!("{github}issuer = 'https://x.example'"),
            "providers.github.issuer (/",
            "belongs to providers of kind google and oidc, and this one is of kind github; remove it",
        ),
        (and("issuer = 'http://id.example.org'"), "providers.google.issuer (/", "got \"http://id.example.org\""),
        (
            and("issuer = 'https://ann:pw@id.example.org'"),
            "providers.google.issuer (/",
            "got a hidden value, because it may contain a password",
        ),
        (
            and("issuer = 'https://id.example.org/?a'"),
            "providers.google.issuer (/",
            "got \"https://id.example.org/?a\"",
        ),
        (
            and("label = '12345678901234567890123456789012345678901'"),
            "providers.google.label (/",
            "got \"12345678901234567890123456789012345678901\"",
        ),
        (
            GOOGLE.replace("google]", "Google]"),
            "providers.Google.client_id (/",
            "not beginning with -, and not password",
        ),
        (
            GOOGLE.replace("google]", "password]"),
            "providers.password.client_id (/",
            "not beginning with -, and not password",
        ),
        (GOOGLE.replace("google]", "'a.b']"), "providers.a.b.client_id (/", "not beginning with -, and not password"),
        (
            "[providers.google]".to_owned(),
            "providers.google (/",
            "expected a table [providers.NAME] with kind, client_id and client_secret",
        ),
        (
            "providers = 'google'".to_owned(),
            "providers (/",
            "expected a table [providers.NAME] with kind, client_id and client_secret",
        ),
        (
            "[providers]\ngoogle = 'id'".to_owned(),
            "providers.google (/",
            "expected a table [providers.NAME] with kind, client_id and client_secret",
        ),
        (
            and(&GOOGLE.replace("google]", "other]")),
            "providers.other.kind (/",
            "https://accounts.google.com is already the provider google; remove one of the two",
        ),
        (
            and(&format!(
                "issuer = 'https://id.example.org'\n{}issuer = 'https://id.example.org/'",
                GOOGLE.replace("google", "oidc")
            )),
            "providers.oidc.issuer (/",
            "https://id.example.org is already the provider google; remove one of the two",
        ),
    ] {
        let error = load_error(&toml, &[], &[]);
        assert!(error.starts_with(start) && error.ends_with(end), "{toml}\n{error}");
        assert!(!error.contains("s3cret"), "{error}");
    }
}

#[test]
fn wrong_variables_of_providers_are_rejected_by_their_name() {
    for (name, value, error) in [
        (
            "PROVOST_PROVIDERS_GOOGLE_CLIENTID",
            "x",
            "providers_google_clientid (PROVOST_PROVIDERS_GOOGLE_CLIENTID): unknown setting; the known settings are PROVOST_PROVIDERS_NAME_KIND, PROVOST_PROVIDERS_NAME_CLIENT_ID",
        ),
        ("PROVOST_PROVIDERS", "google", "providers (PROVOST_PROVIDERS): expected a table [providers.NAME]"),
        (
            "PROVOST_PROVIDERS_GITHUB_CLIENT_ID",
            "x",
            "providers.github.kind: missing, although PROVOST_PROVIDERS_GITHUB_CLIENT_ID names the provider; ",
        ),
        (
            "PROVOST_PROVIDERS_GOOGLE_KIND",
            "",
            "providers.google.kind (PROVOST_PROVIDERS_GOOGLE_KIND): expected google, github or oidc, got an empty text",
        ),
        (
            "PROVOST_PROVIDERS_GOOGLE_CLIENT_SECRET_FILE",
            "/x",
            "providers.google.client_secret_file (PROVOST_PROVIDERS_GOOGLE_CLIENT_SECRET_FILE): providers.google.client_secret (",
        ),
        (
            "PROVOST_PROVIDERS__KIND",
            "google",
            "providers..kind (PROVOST_PROVIDERS__KIND): \"\" can’t be a provider’s name",
        ),
    ] {
        let found = load_error(GOOGLE, &[(name, value)], &[]);
        assert!(found.starts_with(error), "{found}");
    }
}

#[test]
fn secrets_are_not_printed() {
    let file = format!("smtp_host = 'smtp.example.org'\nsmtp_username = 'ann'\nsmtp_password = 's3cret'\n{GOOGLE}");
    let config = load(&file, &[], &[]).unwrap();
    assert!(!format!("{config:?}").contains("s3cret"));
    let texts = super::variables(&[("PROVOST_PROVIDERS_GOOGLE_CLIENT_SECRET", "s3cret")]);
    assert!(!format!("{texts:?}").contains("s3cret"));
}
