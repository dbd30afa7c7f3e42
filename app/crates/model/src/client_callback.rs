//! Where `prefect cloud login` waits for the answer of a browser: a port of the computer that the browser runs on.

use std::{
    fmt::{self, Display, Formatter},
    num::NonZeroU16,
    str::FromStr,
};

use serde::{Deserialize, Serialize};

/// The origin `http://localhost:PORT` or `http://127.0.0.1:PORT`, as the client sends it. A key is sent nowhere else, so no other
/// spelling of an origin is read: what a browser makes of such a spelling could be another host.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ClientCallback {
    host: LoopbackHost,
    port: NonZeroU16,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
enum LoopbackHost {
    Name,
    Address,
}

impl LoopbackHost {
    const ALL: [Self; 2] = [Self::Name, Self::Address];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "localhost",
            Self::Address => "127.0.0.1",
        }
    }
}

impl ClientCallback {
    /// The port on which the client listens.
    #[must_use]
    pub fn port(self) -> u16 {
        self.port.get()
    }

    /// The URL to which the key is sent.
    #[must_use]
    pub fn success_url(self) -> String {
        format!("{self}/success")
    }

    /// The URL to which the reason of a refusal is sent.
    #[must_use]
    pub fn failure_url(self) -> String {
        format!("{self}/failure")
    }
}

impl Display for ClientCallback {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}:{}", self.host.as_str(), self.port)
    }
}

/// A text is no [`ClientCallback`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("expected http://localhost:PORT or http://127.0.0.1:PORT")]
pub struct InvalidCallback;

impl FromStr for ClientCallback {
    type Err = InvalidCallback;

    fn from_str(text: &str) -> Result<Self, InvalidCallback> {
        let (host, port) = text.strip_prefix("http://").and_then(|rest| rest.split_once(':')).ok_or(InvalidCallback)?;
        let host = LoopbackHost::ALL.into_iter().find(|known| known.as_str() == host).ok_or(InvalidCallback)?;
        // `parse` would also read a plus sign and leading zeros.
        let is_plain = !port.starts_with('0') && port.bytes().all(|digit| digit.is_ascii_digit());
        let port = port.parse().ok().filter(|_| is_plain).ok_or(InvalidCallback)?;
        Ok(Self { host, port })
    }
}

#[cfg(test)]
mod tests {
    use super::{ClientCallback, InvalidCallback};

    #[test]
    fn loopback_origins_are_read_and_written_unchanged() {
        for text in [
            "http://localhost:53187",
            "http://127.0.0.1:53187",
            "http://localhost:1",
            "http://localhost:80",
            "http://127.0.0.1:65535",
        ] {
            let callback: ClientCallback = text.parse().unwrap();
            assert_eq!(callback.to_string(), text);
            assert_eq!(callback.success_url(), format!("{text}/success"));
            assert_eq!(callback.failure_url(), format!("{text}/failure"));
        }
        assert_eq!("http://localhost:53187".parse::<ClientCallback>().unwrap().port(), 53_187);
    }

    /// Other places, and other spellings of the same place.
    const HOSTILE: [&str; 62] = [
        "",
        "localhost:53187",
        "//localhost:53187",
        "https://localhost:53187",
        "HTTP://localhost:53187",
        "http:/localhost:53187",
        "http:localhost:53187",
        "http:\\\\localhost:53187",
        "http:///localhost:53187",
        "ws://localhost:53187",
        "ftp://localhost:53187",
        "javascript:alert(1)//http://localhost:53187",
        "data:text/html,http://localhost:53187",
        "http://localhost",
        "http://localhost:",
        "http://localhost:0",
        "http://localhost:00080",
        "http://localhost:080",
        "http://localhost:65536",
        "http://localhost:99999999999999999999",
        "http://localhost:-1",
        "http://localhost:+53187",
        "http://localhost:53187.0",
        "http://localhost:0x50",
        "http://localhost:５３１８７",
        "http://localhost: 53187",
        "http://localhost:53187 ",
        " http://localhost:53187",
        "http://localhost:53187\n",
        "http://localhost:53187\r\nX: y",
        "http://local\thost:53187",
        "http://localhost:53187\0",
        "http://localhost:53187/",
        "http://localhost:53187/success",
        "http://localhost:53187//evil.example",
        "http://localhost:53187\\evil.example",
        "http://localhost:53187?",
        "http://localhost:53187?a=b",
        "http://localhost:53187#",
        "http://localhost:53187#a",
        "http://localhost:53187@evil.example",
        "http://localhost:53187@evil.example:80",
        "http://ann@localhost:53187",
        "http://ann:pw@localhost:53187",
        "http://@localhost:53187",
        "http://localhost.:53187",
        "http://localhost.evil.example:53187",
        "http://evil.example:53187",
        "http://evil.example/localhost:53187",
        "http://evil.example#localhost:53187",
        "http://Localhost:53187",
        "http://LOCALHOST:53187",
        "http://localhoſt:53187",
        "http://loc%61lhost:53187",
        "http://[::1]:53187",
        "http://[::ffff:127.0.0.1]:53187",
        "http://127.0.0.1.:53187",
        "http://127.1:53187",
        "http://127.0.0.2:53187",
        "http://2130706433:53187",
        "http://0x7f.0.0.1:53187",
        "http://0.0.0.0:53187",
    ];

    #[test]
    fn other_places_and_other_spellings_are_refused() {
        for text in HOSTILE {
            assert_eq!(text.parse::<ClientCallback>(), Err(InvalidCallback), "{text:?}");
        }
    }
}
