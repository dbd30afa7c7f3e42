//! Hashes passwords with argon2id: a few at once, on blocking threads, with equal work for accounts that do not exist.

use std::{future::Future, sync::Arc};

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher as _, PasswordVerifier as _, Version, password_hash,
};
use tokio::{sync::Semaphore, task};

use crate::password::{NewPassword, Password};

/// How many hashes run in parallel: each takes [`Cost::memory_kib`] and a core.
const MAX_RUNNING: usize = 2;
/// How many hashes may wait for a free slot: a few seconds of work.
const MAX_QUEUED: usize = 64;

/// The argon2 parameters of a hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Degree of parallelism.
    pub lanes: u32,
}

impl Default for Cost {
    /// The minimum that OWASP recommends.
    fn default() -> Self {
        Self { memory_kib: 19_456, passes: 2, lanes: 1 }
    }
}

/// argon2 does not accept these parameters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("argon2 can’t work with these figures: {0}")]
pub struct CostError(argon2::Error);

/// The result of verifying a password.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verification {
    /// The wrong password, or the account does not exist.
    Mismatch,
    /// The right password.
    Match,
    /// The right password, but its hash was made with less work than new hashes: hash it again and store the new hash.
    NeedsRehash,
}

/// Why a password could not be hashed or verified.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum HashError {
    #[error("too many passwords are being checked at this moment; try again in a few seconds")]
    Busy,
    #[error("a stored password hash can’t be read: {0}")]
    Stored(password_hash::Error),
    #[error("argon2 failed: {0}")]
    Argon2(password_hash::Error),
    #[error("the hashing thread ended before its work")]
    Ended,
}

/// Hashes and verifies passwords.
#[derive(Clone)]
pub struct Hasher {
    argon2: Argon2<'static>,
    /// The password is verified against it if the account does not exist.
    dummy_hash: Arc<PasswordHash>,
    running: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

impl Hasher {
    /// A hasher that hashes new passwords at `cost`.
    pub fn new(cost: Cost) -> Result<Self, CostError> {
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None).map_err(CostError)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        Ok(Self {
            dummy_hash: Arc::new(dummy_hash(&argon2)),
            argon2,
            running: Arc::new(Semaphore::new(MAX_RUNNING)),
            queue: Arc::new(Semaphore::new(MAX_RUNNING + MAX_QUEUED)),
        })
    }

    /// Hashes a new password into a PHC string; `salt` must be random.
    pub async fn hash(&self, password: &NewPassword, salt: [u8; 16]) -> Result<String, HashError> {
        let (argon2, password) = (self.argon2.clone(), password.as_password().clone());
        self.run(move || argon2.hash_password_with_salt(password.as_bytes(), &salt))
            .await?
            .map(|hash| hash.to_string())
            .map_err(HashError::Argon2)
    }

    /// Verifies a password against a stored hash. `None`, for an account that does not exist, takes the same work, so that the response time
    /// does not reveal which accounts exist.
    pub async fn verify(&self, typed: &Password, stored: Option<&str>) -> Result<Verification, HashError> {
        let stored = stored.map(PasswordHash::new).transpose().map_err(|error| HashError::Stored(error.into()))?;
        let if_match = if self.needs_rehash(stored.as_ref()) { Verification::NeedsRehash } else { Verification::Match };
        let stored = stored.filter(|_| typed.is_within_max_length());
        let exists = stored.is_some();

        let extra_work = stored.as_ref().and_then(|stored| self.extra_work_for(stored));
        let (argon2, typed, dummy_hash) = (self.argon2.clone(), typed.clone(), self.dummy_hash.clone());
        let work = move || {
            let compared = argon2.verify_password(typed.as_bytes(), stored.as_ref().unwrap_or(&dummy_hash));
            if let Some(extra_work) = extra_work {
                let _result =
                    std::hint::black_box(extra_work.hash_password_into(typed.as_bytes(), &[0; 16], &mut [0; 32]));
            }
            compared
        };
        match self.run(work).await? {
            Ok(()) if exists => Ok(if_match),
            Ok(()) | Err(password_hash::Error::PasswordInvalid) => Ok(Verification::Mismatch),
            Err(error) => Err(HashError::Stored(error)),
        }
    }

    /// Whether a hash was made with less work than new hashes, or by another algorithm.
    fn needs_rehash(&self, hash: Option<&PasswordHash>) -> bool {
        let Some(hash) = hash else { return false };
        let (current, stored) = (self.argon2.params(), Params::try_from(hash));
        let is_cheaper =
            stored.map_or(true, |stored| stored.m_cost() < current.m_cost() || stored.t_cost() < current.t_cost());
        is_cheaper
            || hash.algorithm != Algorithm::Argon2id.ident()
            || hash.version.is_none_or(|version| version < Version::V0x13.into())
    }

    /// The extra work after a verification with a cheap hash, so that both together take as long as a verification with a new hash. Otherwise
    /// the response time would reveal that the account exists. Work is memory times passes, which determines the time.
    fn extra_work_for(&self, hash: &PasswordHash) -> Option<Argon2<'static>> {
        let (current, stored) = (self.argon2.params(), Params::try_from(hash).ok()?);
        let work = |params: &Params| u64::from(params.m_cost()) * u64::from(params.t_cost());
        let memory_kib = work(current).checked_sub(work(&stored))? / u64::from(current.t_cost());
        // A difference below the minimum memory of argon2 is too small to be measured.
        let params = Params::new(u32::try_from(memory_kib).ok()?, current.t_cost(), current.p_cost(), None).ok()?;
        Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }

    /// Runs `work` on a blocking thread once a slot is free. If the caller drops the future, its place in the queue is freed, but a slot
    /// that is already in use is freed only when `work` returns.
    fn run<T, W>(&self, work: W) -> impl Future<Output = Result<T, HashError>> + use<T, W>
    where
        T: Send + 'static,
        W: FnOnce() -> T + Send + 'static,
    {
        let (running, queue) = (self.running.clone(), self.queue.clone());
        async move {
            let queue_permit = queue.try_acquire_owned().map_err(|_| HashError::Busy)?;
            let running_permit = running.acquire_owned().await.map_err(|_| HashError::Ended)?;
            let work = move || {
                let result = work();
                drop((running_permit, queue_permit));
                result
            };
            task::spawn_blocking(work).await.map_err(|_| HashError::Ended)
        }
    }
}

/// A hash at the cost of new hashes that matches no password.
fn dummy_hash(argon2: &Argon2<'_>) -> PasswordHash {
    let phc = format!("$argon2id$v=19${}${}${}", argon2.params(), "A".repeat(22), "A".repeat(43));
    PasswordHash::new(&phc).expect("a valid PHC string")
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    };

    use super::{Cost, HashError, Hasher, MAX_QUEUED, Verification};
    use crate::password::{NewPassword, Password};

    const CHEAP: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };

    fn password() -> NewPassword {
        Password::typed("violet otter lamp").validate_as_new(&[]).unwrap()
    }

    #[tokio::test]
    async fn only_the_hashed_password_verifies() {
        let hasher = Hasher::new(Cost::default()).unwrap();
        let hash = hasher.hash(&password(), [7; 16]).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(hasher.verify(password().as_password(), Some(&hash)).await, Ok(Verification::Match));
        for other in ["violet otter lamp ", "Violet otter lamp", "", &"x".repeat(5_000)] {
            assert_eq!(
                hasher.verify(&Password::typed(other), Some(&hash)).await,
                Ok(Verification::Mismatch),
                "{other}"
            );
        }
    }

    #[tokio::test]
    async fn a_missing_account_verifies_no_password_at_full_cost() {
        let hasher = Hasher::new(CHEAP).unwrap();
        for typed in ["", "violet otter lamp"] {
            assert_eq!(hasher.verify(&Password::typed(typed), None).await, Ok(Verification::Mismatch));
        }
        assert_eq!(hasher.dummy_hash.params.to_string(), "m=64,t=1,p=1", "the same work as for an existing account");
    }

    #[tokio::test]
    async fn a_cheaper_hash_is_reported() {
        let (old, new) = (Hasher::new(CHEAP).unwrap(), Hasher::new(Cost { memory_kib: 128, ..CHEAP }).unwrap());
        let hash = old.hash(&password(), [7; 16]).await.unwrap();
        assert_eq!(old.verify(password().as_password(), Some(&hash)).await, Ok(Verification::Match));
        assert_eq!(new.verify(password().as_password(), Some(&hash)).await, Ok(Verification::NeedsRehash));
        let expensive = new.hash(&password(), [7; 16]).await.unwrap();
        assert_eq!(old.verify(password().as_password(), Some(&expensive)).await, Ok(Verification::Match));
    }

    #[tokio::test]
    async fn an_invalid_stored_hash_is_an_error() {
        let hasher = Hasher::new(CHEAP).unwrap();
        for stored in ["", "secret", "$2b$12$abcdefghijklmnopqrstuv"] {
            let verdict = hasher.verify(password().as_password(), Some(stored)).await;
            assert!(matches!(verdict, Err(HashError::Stored(_))), "{stored}: {verdict:?}");
        }
    }

    #[test]
    fn invalid_costs_are_rejected() {
        assert!(Hasher::new(Cost { memory_kib: 1, ..CHEAP }).is_err());
        assert!(Hasher::new(Cost { passes: 0, ..CHEAP }).is_err());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn two_hashes_run_some_wait_and_others_are_rejected() {
        let hasher = Hasher::new(CHEAP).unwrap();
        let (running, most_running) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (unblock, blocker) = mpsc::channel::<()>();
        let blocker = Arc::new(std::sync::Mutex::new(blocker));
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..MAX_QUEUED + 2 {
            let (running, most_running, blocker) = (running.clone(), most_running.clone(), blocker.clone());
            tasks.spawn(hasher.run(move || {
                most_running.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                let _ = blocker.lock().unwrap().recv();
                running.fetch_sub(1, Ordering::SeqCst);
            }));
        }
        while hasher.queue.available_permits() > 0 || running.load(Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
        assert_eq!(hasher.run(|| ()).await, Err(HashError::Busy));

        // Dropping the sender unblocks all of them.
        drop(unblock);
        while let Some(result) = tasks.join_next().await {
            assert_eq!(result.unwrap(), Ok(()));
        }
        assert_eq!(most_running.load(Ordering::SeqCst), 2);
        assert_eq!(hasher.run(|| ()).await, Ok(()));
    }
}
