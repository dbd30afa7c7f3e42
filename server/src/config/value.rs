//! The types of settings that need their own parsing.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use tracing_subscriber::EnvFilter;
use url::{Host, Url};

use super::text::Setting;

/// The kind and location of the database. `Display` and `Debug` omit the password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// An embedded file.
    Sqlite(PathBuf),
    /// A PostgreSQL server, by its URL.
    Postgres(Url),
}

impl Setting for DatabaseUrl {
    const SECRET: bool = true;
    const EXPECTED: &'static str = "postgres://user:password@host:port/database, postgres:///database?host=/folder/of/the/socket or sqlite:path/to/file.db";

    fn read(text: &str) -> Option<Self> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return (!path.is_empty() && !path.contains('?')).then(|| Self::Sqlite(path.into()));
        }
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "postgres" | "postgresql"))?;
        (url.has_host() || socket(&url).is_some()).then_some(Self::Postgres(url))
    }
}

/// The host in the URL's query: the folder of a Unix socket.
fn socket(url: &Url) -> Option<String> {
    url.query_pairs().find(|(key, _)| matches!(&**key, "host" | "hostaddr")).map(|(_, host)| host.into_owned())
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => {
                // The query is not printed, because it may hold a password too.
                if let Some(socket) = socket(url) {
                    return write!(f, "postgres://{}?host={socket}", url.path());
                }
                let (host, port) = (url.host_str().unwrap_or_default(), url.port().unwrap_or(5432));
                write!(f, "postgres://{}@{host}:{port}{}", url.username(), url.path())
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Scheme, host and port at which the server is reached: its origin in a browser.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// The URL of a listener for a browser on the same machine.
    pub fn of_listener(bound: SocketAddr) -> Self {
        let host = match bound.ip() {
            ip if ip.is_unspecified() => "localhost".to_owned(),
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        let url = format!("http://{host}:{}", bound.port());
        Self(url.parse().expect("a URL of an address and a port is valid"))
    }

    /// `https://example.org:8443`, without a slash at its end.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// The host as in a `Host` header, without the port.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Whether the URL leads to the browser's own machine.
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        }
    }

    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }
}

impl Setting for PublicUrl {
    const EXPECTED: &'static str =
        "http:// or https://, a host and perhaps a port, nothing after it: https://provost.example.org";

    fn read(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        let anonymous = url.username().is_empty() && url.password().is_none();
        (bare && anonymous && url.has_host()).then_some(Self(url))
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin())
    }
}

/// The format of log lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogFormat {
    Text,
    Json,
}

impl Setting for LogFormat {
    const EXPECTED: &'static str = "text or json";

    fn read(text: &str) -> Option<Self> {
        match text {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// The filter of log lines.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogLevel(String);

impl LogLevel {
    pub fn filter(&self) -> EnvFilter {
        EnvFilter::new(&self.0)
    }
}

impl Setting for LogLevel {
    const EXPECTED: &'static str = "error, warn, info, debug or trace, perhaps by module: info,store=debug";

    fn read(text: &str) -> Option<Self> {
        const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
        let is_level = |part: &str| part.contains('=') || LEVELS.contains(&part);
        let known = text.split(',').all(is_level) && EnvFilter::try_new(text).is_ok();
        known.then(|| Self(text.to_owned()))
    }
}
