//! Deserializes one setting from text, a number, a boolean or a list.

use std::{fmt, marker::PhantomData, net::SocketAddr, path::PathBuf, time::Duration};

use ipnet::IpNet;
use serde::{
    Deserializer,
    de::{self, SeqAccess, Unexpected, Visitor},
};

/// A setting that can be parsed from text.
pub trait Setting: Sized {
    /// The expected form, for the error.
    const EXPECTED: &'static str;
    /// Whether the text may appear in an error.
    const PRINTABLE: bool = true;

    fn read(text: &str) -> Option<Self>;
}

/// Deserializes a setting; for `#[serde(deserialize_with)]`.
pub fn setting<'de, D: Deserializer<'de>, T: Setting>(deserializer: D) -> Result<Option<T>, D::Error> {
    deserializer.deserialize_any(TextVisitor(PhantomData)).map(Some)
}

struct TextVisitor<T>(PhantomData<T>);

impl<'de, T: Setting> Visitor<'de> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        let hidden = Unexpected::Other("a hidden value, because it may contain a password");
        let got = if T::PRINTABLE { Unexpected::Str(text) } else { hidden };
        T::read(text.trim()).ok_or_else(|| E::invalid_value(got, &T::EXPECTED))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<T, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<T, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<T, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<T, E> {
        self.visit_str(&value.to_string())
    }

    /// A list is parsed like its entries joined by commas.
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = seq.next_element::<String>()? {
            entries.push(entry);
        }
        self.visit_str(&entries.join(","))
    }
}

impl Setting for bool {
    const EXPECTED: &'static str = "true or false";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Setting for u32 {
    const EXPECTED: &'static str = "a whole number from 1 to 4294967295";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|number| *number > 0)
    }
}

/// A rate of events.
#[derive(Clone, Copy)]
pub struct PerSecond(pub f64);

impl Setting for PerSecond {
    const EXPECTED: &'static str = "how many a second, such as 0.05";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|rate: &f64| rate.is_finite() && *rate > 0.0).map(Self)
    }
}

impl Setting for Duration {
    const EXPECTED: &'static str = "a length of time, such as 30s, 10m or 14d";

    fn read(text: &str) -> Option<Self> {
        let longest = Self::from_secs(3_650 * 86_400);
        humantime::parse_duration(text).ok().filter(|time| !time.is_zero() && *time <= longest)
    }
}

impl Setting for SocketAddr {
    const EXPECTED: &'static str = "an address and port, such as 127.0.0.1:4200 or [::1]:4200";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Setting for PathBuf {
    const EXPECTED: &'static str = "a path";

    fn read(text: &str) -> Option<Self> {
        Some(text).filter(|path| !path.is_empty()).map(Self::from)
    }
}

impl Setting for Vec<IpNet> {
    const EXPECTED: &'static str = "addresses or networks, such as 10.0.0.0/8, 127.0.0.1";

    fn read(text: &str) -> Option<Self> {
        let network = |part: &str| {
            part.parse().ok().or_else(|| part.parse().ok().map(|ip| IpNet::new_assert(ip, prefix_length(ip))))
        };
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(network).collect()
    }
}

fn prefix_length(ip: std::net::IpAddr) -> u8 {
    if ip.is_ipv4() { 32 } else { 128 }
}
