//! Parses the text of one setting.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use ipnet::IpNet;

/// A setting that can be parsed from text.
pub trait Setting: Sized {
    /// Whether the text may contain a password, so that no error may print it.
    const SECRET: bool = false;
    /// The expected form, for the error and the reference.
    const EXPECTED: &'static str;

    fn read(text: &str) -> Option<Self>;

    fn expected() -> String {
        Self::EXPECTED.to_owned()
    }

    /// The value if nothing is set.
    fn of_default(default: &str) -> Option<Self> {
        Self::read(default)
    }
}

/// A setting whose default is a description, because it depends on other settings.
impl<T: Setting> Setting for Option<T> {
    const SECRET: bool = T::SECRET;
    const EXPECTED: &'static str = T::EXPECTED;

    fn expected() -> String {
        T::expected()
    }

    fn read(text: &str) -> Option<Self> {
        T::read(text).map(Some)
    }

    fn of_default(_: &str) -> Option<Self> {
        Some(None)
    }
}

impl Setting for bool {
    const EXPECTED: &'static str = "true or false";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy)]
pub struct Whole<const MIN: u32, const MAX: u32>(pub u32);

pub type Count = Whole<1, { u32::MAX }>;

impl<const MIN: u32, const MAX: u32> Setting for Whole<MIN, MAX> {
    const EXPECTED: &'static str = "a whole number";

    fn expected() -> String {
        format!("{} from {MIN} to {MAX}", Self::EXPECTED)
    }

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|number| (MIN..=MAX).contains(number)).map(Self)
    }
}

/// A rate of events.
#[derive(Clone, Copy)]
pub struct PerSecond(pub f64);

impl Setting for PerSecond {
    const EXPECTED: &'static str = "a number per second, such as 0.05";

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
        let network =
            |part: &str| part.parse().ok().or_else(|| part.parse().ok().map(|ip: std::net::IpAddr| ip.into()));
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(network).collect()
    }
}
