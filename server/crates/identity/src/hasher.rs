//! argon2id over passwords: few at once, off the async threads, and the same work for people who do not exist.

use std::{future::Future, sync::Arc};

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher as _, PasswordVerifier as _, Version, password_hash,
};
use tokio::{sync::Semaphore, task};

use crate::password::{NewPassword, Password};

/// How many hashes run at once: each takes [`Cost::memory_kib`] and a core.
const AT_ONCE: usize = 2;
/// How many may wait for one of those: some seconds' worth.
const IN_LINE: usize = 64;

/// What one hash costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for Cost {
    /// The least that is advised today.
    fn default() -> Self {
        Self { memory_kib: 19_456, passes: 2, lanes: 1 }
    }
}

/// Figures that argon2 can't work with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("argon2 can't work with these figures: {0}")]
pub struct CostError(argon2::Error);

/// What a comparison found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Not this person's password, or no such person.
    Wrong,
    /// The right one.
    Right,
    /// The right one, but its hash is cheaper than new ones are: hash it again and store that.
    RightButCheap,
}

/// Why nothing could be found out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum HashError {
    #[error("too many passwords are being checked at this moment; try again in a few seconds")]
    Busy,
    #[error("a stored password hash can't be read: {0}")]
    Stored(password_hash::Error),
    #[error("argon2 failed: {0}")]
    Argon2(password_hash::Error),
    #[error("the hashing thread ended before its work")]
    Ended,
}

/// Hashes and compares passwords.
#[derive(Clone)]
pub struct Hasher {
    argon2: Argon2<'static>,
    /// What the password of an unknown person is compared with.
    nobody: Arc<PasswordHash>,
    running: Arc<Semaphore>,
    line: Arc<Semaphore>,
}

impl Hasher {
    /// A hasher for new passwords at `cost`.
    pub fn new(cost: Cost) -> Result<Self, CostError> {
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None).map_err(CostError)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        Ok(Self {
            nobody: Arc::new(nobody(&argon2)),
            argon2,
            running: Arc::new(Semaphore::new(AT_ONCE)),
            line: Arc::new(Semaphore::new(AT_ONCE + IN_LINE)),
        })
    }

    /// The hash of a new password as a PHC string; `salt` must be random.
    pub async fn hash(&self, password: &NewPassword, salt: [u8; 16]) -> Result<String, HashError> {
        let (argon2, password) = (self.argon2.clone(), password.as_password().clone());
        self.run(move || argon2.hash_password_with_salt(password.as_bytes(), &salt))
            .await?
            .map(|hash| hash.to_string())
            .map_err(HashError::Argon2)
    }

    /// Compares what was typed with a stored hash; `None`, for a person who does not exist, takes the same work.
    pub async fn verify(&self, typed: &Password, stored: Option<&str>) -> Result<Verdict, HashError> {
        let stored = stored.map(PasswordHash::new).transpose().map_err(|error| HashError::Stored(error.into()))?;
        let right = if self.is_cheap(stored.as_ref()) { Verdict::RightButCheap } else { Verdict::Right };
        let stored = stored.filter(|_| typed.could_be_somebodys());
        let exists = stored.is_some();

        let rest = stored.as_ref().and_then(|stored| self.rest_after(stored));
        let (argon2, typed, nobody) = (self.argon2.clone(), typed.clone(), self.nobody.clone());
        let work = move || {
            let compared = argon2.verify_password(typed.as_bytes(), stored.as_ref().unwrap_or(&nobody));
            if let Some(rest) = rest {
                let _worked = std::hint::black_box(rest.hash_password_into(typed.as_bytes(), &[0; 16], &mut [0; 32]));
            }
            compared
        };
        match self.run(work).await? {
            Ok(()) if exists => Ok(right),
            Ok(()) | Err(password_hash::Error::PasswordInvalid) => Ok(Verdict::Wrong),
            Err(error) => Err(HashError::Stored(error)),
        }
    }

    /// Whether a hash was made with less work than new ones are, or in another way.
    fn is_cheap(&self, hash: Option<&PasswordHash>) -> bool {
        let Some(hash) = hash else { return false };
        let (now, then) = (self.argon2.params(), Params::try_from(hash));
        let cheaper = then.map_or(true, |then| then.m_cost() < now.m_cost() || then.t_cost() < now.t_cost());
        cheaper
            || hash.algorithm != Algorithm::Argon2id.ident()
            || hash.version.is_none_or(|version| version < Version::V0x13.into())
    }

    /// What has to follow a comparison with a cheap hash for the two to take as long as one with a new hash: else the time would tell that
    /// there is such a person. The time is that of the memory passed over, so that is made up for.
    fn rest_after(&self, hash: &PasswordHash) -> Option<Argon2<'static>> {
        let (now, then) = (self.argon2.params(), Params::try_from(hash).ok()?);
        let work = |params: &Params| u64::from(params.m_cost()) * u64::from(params.t_cost());
        let left = work(now).checked_sub(work(&then))? / u64::from(now.t_cost());
        // What is too little for a hash is too little to be noticed.
        let params = Params::new(u32::try_from(left).ok()?, now.t_cost(), now.p_cost(), None).ok()?;
        Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }

    /// Runs `work` on a thread of its own when its turn has come. A caller who leaves gives up the place in the line,
    /// not the place among the running, which is held until the work is done.
    fn run<T, W>(&self, work: W) -> impl Future<Output = Result<T, HashError>> + use<T, W>
    where
        T: Send + 'static,
        W: FnOnce() -> T + Send + 'static,
    {
        let (running, line) = (self.running.clone(), self.line.clone());
        async move {
            let place = line.try_acquire_owned().map_err(|_| HashError::Busy)?;
            let turn = running.acquire_owned().await.map_err(|_| HashError::Ended)?;
            let work = move || {
                let done = work();
                drop((turn, place));
                done
            };
            task::spawn_blocking(work).await.map_err(|_| HashError::Ended)
        }
    }
}

/// A hash at the cost of new ones that belongs to nobody: it was made of no password.
fn nobody(argon2: &Argon2<'_>) -> PasswordHash {
    let phc = format!("$argon2id$v=19${}${}${}", argon2.params(), "A".repeat(22), "A".repeat(43));
    PasswordHash::new(&phc).expect("written by the rules of PHC strings")
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    };

    use super::{Cost, HashError, Hasher, IN_LINE, Verdict};
    use crate::password::{NewPassword, Password};

    const CHEAP: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };

    fn password() -> NewPassword {
        Password::typed("violet otter lamp").choose(&[]).unwrap()
    }

    #[tokio::test]
    async fn a_password_is_known_again_and_no_other() {
        let hasher = Hasher::new(Cost::default()).unwrap();
        let hash = hasher.hash(&password(), [7; 16]).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(hasher.verify(password().as_password(), Some(&hash)).await, Ok(Verdict::Right));
        for other in ["violet otter lamp ", "Violet otter lamp", "", &"x".repeat(5_000)] {
            assert_eq!(hasher.verify(&Password::typed(other), Some(&hash)).await, Ok(Verdict::Wrong), "{other}");
        }
    }

    #[tokio::test]
    async fn nobody_has_no_password() {
        let hasher = Hasher::new(CHEAP).unwrap();
        for typed in ["", "violet otter lamp"] {
            assert_eq!(hasher.verify(&Password::typed(typed), None).await, Ok(Verdict::Wrong));
        }
        assert_eq!(hasher.nobody.params.to_string(), "m=64,t=1,p=1", "the same work as for somebody");
    }

    #[tokio::test]
    async fn a_hash_that_got_too_cheap_is_told() {
        let (old, new) = (Hasher::new(CHEAP).unwrap(), Hasher::new(Cost { memory_kib: 128, ..CHEAP }).unwrap());
        let hash = old.hash(&password(), [7; 16]).await.unwrap();
        assert_eq!(old.verify(password().as_password(), Some(&hash)).await, Ok(Verdict::Right));
        assert_eq!(new.verify(password().as_password(), Some(&hash)).await, Ok(Verdict::RightButCheap));
        let dear = new.hash(&password(), [7; 16]).await.unwrap();
        assert_eq!(old.verify(password().as_password(), Some(&dear)).await, Ok(Verdict::Right));
    }

    #[tokio::test]
    async fn a_stored_text_that_is_no_hash_is_an_error() {
        let hasher = Hasher::new(CHEAP).unwrap();
        for stored in ["", "secret", "$2b$12$abcdefghijklmnopqrstuv"] {
            let verdict = hasher.verify(password().as_password(), Some(stored)).await;
            assert!(matches!(verdict, Err(HashError::Stored(_))), "{stored}: {verdict:?}");
        }
    }

    #[test]
    fn impossible_figures_are_refused() {
        assert!(Hasher::new(Cost { memory_kib: 1, ..CHEAP }).is_err());
        assert!(Hasher::new(Cost { passes: 0, ..CHEAP }).is_err());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn two_run_at_once_some_wait_and_the_rest_is_turned_away() {
        let hasher = Hasher::new(CHEAP).unwrap();
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (open, gate) = mpsc::channel::<()>();
        let gate = Arc::new(std::sync::Mutex::new(gate));
        let mut works = tokio::task::JoinSet::new();
        for _ in 0..IN_LINE + 2 {
            let (now, most, gate) = (now.clone(), most.clone(), gate.clone());
            works.spawn(hasher.run(move || {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                let _ = gate.lock().unwrap().recv();
                now.fetch_sub(1, Ordering::SeqCst);
            }));
        }
        while hasher.line.available_permits() > 0 || now.load(Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
        assert_eq!(hasher.run(|| ()).await, Err(HashError::Busy));

        // Without a sender each waits no longer.
        drop(open);
        while let Some(done) = works.join_next().await {
            assert_eq!(done.unwrap(), Ok(()));
        }
        assert_eq!(most.load(Ordering::SeqCst), 2);
        assert_eq!(hasher.run(|| ()).await, Ok(()));
    }
}
