//! How often one may try to sign in, and register. Pure arithmetic: the time comes with each call.
//!
//! A try is taken before the password is looked at, so that many at once gain nothing, and given back when it succeeds.
//! What is remembered is bounded: at the bound those are forgotten first who would soon be free anyway.

mod bucket;
mod table;
mod window;

use std::net::{IpAddr, Ipv6Addr};

use model::time::{Span, Timestamp};

use crate::Email;
use bucket::Bucket;
use table::Table;
use window::Window;

/// How many addresses and how many names are remembered; some MiB at most.
const REMEMBERED: usize = 65_536;

/// Where a request came from, after trusted proxies were looked through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClientIp(pub IpAddr);

impl ClientIp {
    /// What is counted as one client: an IPv4 address, or the /64 that one household is given.
    fn network(self) -> IpAddr {
        match self.0.to_canonical() {
            IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)),
            v4 @ IpAddr::V4(_) => v4,
        }
    }
}

/// A try came too early.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("too many attempts; try again in {} seconds", self.seconds())]
pub struct RetryAfter(pub Span);

impl RetryAfter {
    /// Whole seconds, rounded up, as the header of that name wants them.
    #[must_use]
    pub fn seconds(self) -> u64 {
        u64::try_from(self.0.micros()).unwrap_or(0).div_ceil(1_000_000).max(1)
    }
}

/// How many failed attempts are allowed, and how many registrations.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SignInLimits {
    /// At once from one address.
    pub address_burst: u32,
    /// Per second from one address after that.
    pub address_per_second: f64,
    /// For one account within [`Self::account_window`].
    pub account_attempts: u32,
    /// See [`Self::account_attempts`].
    pub account_window: Span,
    /// Registrations at once from one address, whatever comes of them: a class may sit behind it.
    pub register_burst: u32,
    /// Per second from one address after that.
    pub register_per_second: f64,
}

impl Default for SignInLimits {
    fn default() -> Self {
        Self {
            address_burst: 3,
            address_per_second: 0.05,
            account_attempts: 30,
            account_window: Span::from_micros(600_000_000),
            register_burst: 20,
            register_per_second: 0.1,
        }
    }
}

/// Counts failed attempts to sign in, by address and by name, and registrations by address.
pub struct SignInThrottle {
    addresses: Table<IpAddr, Bucket>,
    accounts: Table<Email, Window>,
    registrations: Table<IpAddr, Bucket>,
}

/// A try that was allowed. It counts as failed unless it is given back.
#[must_use]
pub struct Attempt<'a> {
    throttle: &'a SignInThrottle,
    network: IpAddr,
    account: &'a Email,
    at: Timestamp,
}

impl SignInThrottle {
    /// A throttle that has seen nobody yet.
    #[must_use]
    pub fn new(limits: SignInLimits) -> Self {
        Self {
            addresses: Table::new(Bucket::new(limits.address_burst, limits.address_per_second), REMEMBERED),
            accounts: Table::new(Window::new(limits.account_attempts, limits.account_window), REMEMBERED),
            registrations: Table::new(Bucket::new(limits.register_burst, limits.register_per_second), REMEMBERED),
        }
    }

    /// Takes one try for `account`, whether it exists or not, from `client`; an error says when to come again.
    pub fn attempt<'a>(
        &'a self,
        client: ClientIp,
        account: &'a Email,
        now: Timestamp,
    ) -> Result<Attempt<'a>, RetryAfter> {
        let network = client.network();
        self.addresses.take(&network, now)?;
        if let Err(refused) = self.accounts.take(account, now) {
            // Nothing was tried, so nothing is held against the address.
            self.addresses.give_back(&network, now);
            return Err(refused);
        }
        Ok(Attempt { throttle: self, network, account, at: now })
    }

    /// Takes one registration from `client`; an error says when to come again.
    pub fn register(&self, client: ClientIp, now: Timestamp) -> Result<(), RetryAfter> {
        self.registrations.take(&client.network(), now)
    }
}

impl Attempt<'_> {
    /// It succeeded, or could not be judged: it does not count.
    pub fn give_back(self) {
        self.throttle.addresses.give_back(&self.network, self.at);
        self.throttle.accounts.give_back(self.account, self.at);
    }
}

/// A limit on how often something may happen for one key.
trait Limit {
    /// What is remembered of one key.
    type Past: Default;

    /// Takes one at `now`, or says how long to wait.
    fn take(&self, past: &mut Self::Past, now: Timestamp) -> Result<(), RetryAfter>;

    /// Gives back the one that was taken at `taken`.
    fn give_back(&self, past: &mut Self::Past, taken: Timestamp);

    /// When `past` will no longer make a difference.
    fn forgotten_at(&self, past: &Self::Past) -> Timestamp;
}

#[cfg(test)]
mod tests {
    use model::time::Timestamp;

    use super::{Attempt, ClientIp, RetryAfter, SignInLimits, SignInThrottle};
    use crate::Email;

    fn email(name: &str) -> Email {
        format!("{name}@example.org").parse().unwrap()
    }

    fn ip(text: &str) -> ClientIp {
        ClientIp(text.parse().unwrap())
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(1_700_000_000_000_000).plus_micros(seconds * 1_000_000)
    }

    fn fails(throttle: &SignInThrottle, from: ClientIp, account: &Email, now: Timestamp) -> Result<(), u64> {
        throttle.attempt(from, account, now).map(drop).map_err(RetryAfter::seconds)
    }

    #[test]
    fn an_address_has_three_at_once_and_one_more_each_twenty_seconds() {
        let throttle = SignInThrottle::new(SignInLimits::default());
        let from = ip("192.0.2.1");
        for name in ["a", "b", "c"] {
            assert_eq!(fails(&throttle, from, &email(name), at(0)), Ok(()));
        }
        assert_eq!(fails(&throttle, from, &email("d"), at(0)), Err(20));
        assert_eq!(fails(&throttle, from, &email("d"), at(19)), Err(1));
        assert_eq!(fails(&throttle, from, &email("d"), at(20)), Ok(()));
        assert_eq!(fails(&throttle, from, &email("d"), at(20)), Err(20));
        assert_eq!(fails(&throttle, ip("192.0.2.2"), &email("d"), at(20)), Ok(()));
    }

    #[test]
    fn a_64_of_ipv6_is_one_address_and_a_mapped_one_is_ipv4() {
        let throttle = SignInThrottle::new(SignInLimits { address_burst: 1, ..SignInLimits::default() });
        assert_eq!(fails(&throttle, ip("2001:db8:1:2::1"), &email("a"), at(0)), Ok(()));
        assert_eq!(fails(&throttle, ip("2001:db8:1:2:ffff::9"), &email("b"), at(0)), Err(20));
        assert_eq!(fails(&throttle, ip("2001:db8:1:3::1"), &email("c"), at(0)), Ok(()));
        assert_eq!(fails(&throttle, ip("192.0.2.1"), &email("d"), at(0)), Ok(()));
        assert_eq!(fails(&throttle, ip("::ffff:192.0.2.1"), &email("e"), at(0)), Err(20));
    }

    #[test]
    fn an_account_has_thirty_in_ten_minutes_from_wherever() {
        let throttle = SignInThrottle::new(SignInLimits::default());
        let ann = email("ann");
        for n in 0..30 {
            assert_eq!(fails(&throttle, ip(&format!("192.0.2.{n}")), &ann, at(n)), Ok(()));
        }
        let other = ip("198.51.100.1");
        for _ in 0..10 {
            // Refused for the account: the address is not charged.
            assert_eq!(fails(&throttle, other, &ann, at(100)), Err(500));
        }
        assert_eq!(fails(&throttle, other, &email("bob"), at(100)), Ok(()));
        assert_eq!(fails(&throttle, other, &ann, at(600)), Ok(()));
        assert_eq!(fails(&throttle, other, &ann, at(600)), Err(1));
    }

    #[test]
    fn what_succeeds_is_not_counted() {
        let throttle = SignInThrottle::new(SignInLimits::default());
        let (from, ann) = (ip("192.0.2.1"), email("ann"));
        for _ in 0..100 {
            assert_eq!(throttle.attempt(from, &ann, at(0)).map(Attempt::give_back), Ok(()));
        }
        assert_eq!(fails(&throttle, from, &ann, at(0)), Ok(()));
    }

    #[test]
    fn many_at_once_gain_nothing() {
        let throttle = SignInThrottle::new(SignInLimits::default());
        let (from, ann) = (ip("192.0.2.1"), email("ann"));
        let under_way: Vec<_> = (0..10).filter_map(|_| throttle.attempt(from, &ann, at(0)).ok()).collect();
        assert_eq!(under_way.len(), 3);
    }

    #[test]
    fn registrations_have_a_bucket_of_their_own() {
        let throttle = SignInThrottle::new(SignInLimits::default());
        let from = ip("2001:db8:1:2::1");
        for _ in 0..20 {
            assert_eq!(throttle.register(from, at(0)), Ok(()));
        }
        assert_eq!(throttle.register(ip("2001:db8:1:2:ffff::9"), at(0)).map_err(RetryAfter::seconds), Err(10));
        assert_eq!(throttle.register(from, at(10)), Ok(()));
        assert_eq!(throttle.register(ip("2001:db8:1:3::1"), at(0)), Ok(()));
        assert_eq!(fails(&throttle, from, &email("a"), at(0)), Ok(()));
    }

    #[test]
    fn the_wait_is_told_in_whole_seconds() {
        let throttle = SignInThrottle::new(SignInLimits { address_burst: 1, ..SignInLimits::default() });
        let (from, ann) = (ip("192.0.2.1"), email("ann"));
        assert_eq!(fails(&throttle, from, &ann, at(0)), Ok(()));
        let refused = throttle.attempt(from, &ann, at(5).plus_micros(1)).err().unwrap();
        assert_eq!(refused.to_string(), "too many attempts; try again in 15 seconds");
    }
}
