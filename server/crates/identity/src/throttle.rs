//! Rate limits of sign-in attempts and registrations. The caller passes the time with each call.
//!
//! An attempt is counted before the password is checked, so that parallel attempts gain nothing, and refunded if it succeeds.
//! The tables are bounded: when one is full, the entries that expire first are evicted.

mod bucket;
mod table;
mod window;

use std::net::{IpAddr, Ipv6Addr};

use model::time::{Span, Timestamp};

use crate::Email;
use bucket::Bucket;
use table::Table;
use window::Window;

/// The most entries of each table; a few MiB.
const TABLE_CAPACITY: usize = 65_536;

/// The IP address of the client, behind any trusted proxies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClientIp(pub IpAddr);

impl ClientIp {
    /// The network that is counted as one client: an IPv4 address, or the IPv6 /64 that a provider assigns to one customer.
    #[must_use]
    pub fn network(self) -> IpAddr {
        match self.0.to_canonical() {
            IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64)),
            v4 @ IpAddr::V4(_) => v4,
        }
    }
}

/// The attempt was rejected; the client may retry after this time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("too many attempts; try again in {} seconds", self.seconds())]
pub struct RetryAfter(pub Span);

impl RetryAfter {
    /// Whole seconds, rounded up, for the header `Retry-After`.
    #[must_use]
    pub fn seconds(self) -> u64 {
        u64::try_from(self.0.micros()).unwrap_or(0).div_ceil(1_000_000).max(1)
    }
}

/// How many failed sign-in attempts and registrations are allowed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SignInLimits {
    /// Failed attempts at once from one address.
    pub address_burst: u32,
    /// Failed attempts per second from one address after the burst.
    pub address_per_second: f64,
    /// Failed attempts for one account within [`Self::account_window`].
    pub account_attempts: u32,
    /// See [`Self::account_attempts`].
    pub account_window: Span,
    /// Registrations at once from one address, whether they succeed or not: many people may share the address.
    pub register_burst: u32,
    /// Registrations per second from one address after the burst.
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

/// Limits failed sign-in attempts by address and by account, and registrations by address.
pub struct SignInThrottle {
    addresses: Table<IpAddr, Bucket>,
    accounts: Table<Email, Window>,
    registrations: Table<IpAddr, Bucket>,
}

/// An allowed attempt. It counts as failed unless it is refunded.
#[must_use]
pub struct Attempt<'a> {
    throttle: &'a SignInThrottle,
    network: IpAddr,
    account: &'a Email,
    at: Timestamp,
}

impl SignInThrottle {
    /// A throttle without any attempts.
    #[must_use]
    pub fn new(limits: SignInLimits) -> Self {
        Self {
            addresses: Table::new(Bucket::new(limits.address_burst, limits.address_per_second), TABLE_CAPACITY),
            accounts: Table::new(Window::new(limits.account_attempts, limits.account_window), TABLE_CAPACITY),
            registrations: Table::new(Bucket::new(limits.register_burst, limits.register_per_second), TABLE_CAPACITY),
        }
    }

    /// Counts an attempt from `client` for `account`, which need not exist.
    pub fn attempt<'a>(
        &'a self,
        client: ClientIp,
        account: &'a Email,
        now: Timestamp,
    ) -> Result<Attempt<'a>, RetryAfter> {
        let network = client.network();
        self.addresses.take(&network, now)?;
        if let Err(retry_after) = self.accounts.take(account, now) {
            // The password was not checked, so the attempt does not count for the address.
            self.addresses.refund(&network, now);
            return Err(retry_after);
        }
        Ok(Attempt { throttle: self, network, account, at: now })
    }

    /// Counts a registration from `client`.
    pub fn register(&self, client: ClientIp, now: Timestamp) -> Result<(), RetryAfter> {
        self.registrations.take(&client.network(), now)
    }
}

impl Attempt<'_> {
    /// Takes back the attempt, because it succeeded or the password could not be checked.
    pub fn refund(self) {
        self.throttle.addresses.refund(&self.network, self.at);
        self.throttle.accounts.refund(self.account, self.at);
    }
}

/// A rate limit of one key.
trait Limit {
    /// The state of one key.
    type Usage: Default;

    /// Counts one attempt at `now`, or rejects it.
    fn take(&self, usage: &mut Self::Usage, now: Timestamp) -> Result<(), RetryAfter>;

    /// Takes back the attempt that was made at `attempted`.
    fn refund(&self, usage: &mut Self::Usage, attempted: Timestamp);

    /// When `usage` no longer affects any attempt.
    fn expires_at(&self, usage: &Self::Usage) -> Timestamp;
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

    fn failed_attempt(throttle: &SignInThrottle, from: ClientIp, account: &Email, now: Timestamp) -> Result<(), u64> {
        throttle.attempt(from, account, now).map(drop).map_err(RetryAfter::seconds)
    }

    #[test]
    fn an_address_has_three_attempts_and_one_more_per_20_seconds() {
        let throttle = SignInThrottle::new(SignInLimits::default());
        let from = ip("192.0.2.1");
        for name in ["a", "b", "c"] {
            assert_eq!(failed_attempt(&throttle, from, &email(name), at(0)), Ok(()));
        }
        assert_eq!(failed_attempt(&throttle, from, &email("d"), at(0)), Err(20));
        assert_eq!(failed_attempt(&throttle, from, &email("d"), at(19)), Err(1));
        assert_eq!(failed_attempt(&throttle, from, &email("d"), at(20)), Ok(()));
        assert_eq!(failed_attempt(&throttle, from, &email("d"), at(20)), Err(20));
        assert_eq!(failed_attempt(&throttle, ip("192.0.2.2"), &email("d"), at(20)), Ok(()));
    }

    #[test]
    fn an_ipv6_64_is_one_client_and_a_mapped_address_is_ipv4() {
        let throttle = SignInThrottle::new(SignInLimits { address_burst: 1, ..SignInLimits::default() });
        assert_eq!(failed_attempt(&throttle, ip("2001:db8:1:2::1"), &email("a"), at(0)), Ok(()));
        assert_eq!(failed_attempt(&throttle, ip("2001:db8:1:2:ffff::9"), &email("b"), at(0)), Err(20));
        assert_eq!(failed_attempt(&throttle, ip("2001:db8:1:3::1"), &email("c"), at(0)), Ok(()));
        assert_eq!(failed_attempt(&throttle, ip("192.0.2.1"), &email("d"), at(0)), Ok(()));
        assert_eq!(failed_attempt(&throttle, ip("::ffff:192.0.2.1"), &email("e"), at(0)), Err(20));
    }

    #[test]
    fn an_account_has_30_attempts_in_ten_minutes() {
        let throttle = SignInThrottle::new(SignInLimits::default());
        let ann = email("ann");
        for n in 0..30 {
            assert_eq!(failed_attempt(&throttle, ip(&format!("192.0.2.{n}")), &ann, at(n)), Ok(()));
        }
        let other = ip("198.51.100.1");
        for _ in 0..10 {
            // Rejected by the limit of the account, so the attempt does not count for the address.
            assert_eq!(failed_attempt(&throttle, other, &ann, at(100)), Err(500));
        }
        assert_eq!(failed_attempt(&throttle, other, &email("bob"), at(100)), Ok(()));
        assert_eq!(failed_attempt(&throttle, other, &ann, at(600)), Ok(()));
        assert_eq!(failed_attempt(&throttle, other, &ann, at(600)), Err(1));
    }

    #[test]
    fn successful_attempts_are_not_counted() {
        let throttle = SignInThrottle::new(SignInLimits::default());
        let (from, ann) = (ip("192.0.2.1"), email("ann"));
        for _ in 0..100 {
            assert_eq!(throttle.attempt(from, &ann, at(0)).map(Attempt::refund), Ok(()));
        }
        assert_eq!(failed_attempt(&throttle, from, &ann, at(0)), Ok(()));
    }

    #[test]
    fn parallel_attempts_are_limited_too() {
        let throttle = SignInThrottle::new(SignInLimits::default());
        let (from, ann) = (ip("192.0.2.1"), email("ann"));
        let pending: Vec<_> = (0..10).filter_map(|_| throttle.attempt(from, &ann, at(0)).ok()).collect();
        assert_eq!(pending.len(), 3);
    }

    #[test]
    fn registrations_have_their_own_limit() {
        let throttle = SignInThrottle::new(SignInLimits::default());
        let from = ip("2001:db8:1:2::1");
        for _ in 0..20 {
            assert_eq!(throttle.register(from, at(0)), Ok(()));
        }
        assert_eq!(throttle.register(ip("2001:db8:1:2:ffff::9"), at(0)).map_err(RetryAfter::seconds), Err(10));
        assert_eq!(throttle.register(from, at(10)), Ok(()));
        assert_eq!(throttle.register(ip("2001:db8:1:3::1"), at(0)), Ok(()));
        assert_eq!(failed_attempt(&throttle, from, &email("a"), at(0)), Ok(()));
    }

    #[test]
    fn the_wait_is_rounded_up_to_seconds() {
        let throttle = SignInThrottle::new(SignInLimits { address_burst: 1, ..SignInLimits::default() });
        let (from, ann) = (ip("192.0.2.1"), email("ann"));
        assert_eq!(failed_attempt(&throttle, from, &ann, at(0)), Ok(()));
        let retry_after = throttle.attempt(from, &ann, at(5).plus_micros(1)).err().unwrap();
        assert_eq!(retry_after.to_string(), "too many attempts; try again in 15 seconds");
    }
}
