//! The limit of open files (`RLIMIT_NOFILE`): each connection needs a file descriptor.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that the rest of the program needs: databases, logs, the connection that is being accepted.
const OTHER_FILES: u64 = 256;

/// Raises the limit for `connections`, as far as the system allows, and logs a warning if that is too low.
pub fn raise(connections: usize) {
    let needed = connections as u64 + OTHER_FILES;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // `None` means unlimited.
    let (Some(current), hard_limit) = (current, maximum.unwrap_or(needed)) else { return };
    if current >= needed {
        return;
    }
    let raised = Rlimit { current: Some(needed.min(hard_limit)), maximum };
    if setrlimit(Resource::Nofile, raised).is_err() || needed > hard_limit {
        tracing::warn!(
            files.limit = hard_limit,
            files.needed = needed,
            "the system lets this program open fewer files than max_connections may need (ulimit -n)"
        );
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::{Resource, getrlimit};

    use super::{OTHER_FILES, raise};

    #[test]
    fn file_limit_is_raised_and_never_lowered() {
        let before = getrlimit(Resource::Nofile);
        raise(1);
        assert_eq!(getrlimit(Resource::Nofile), before);
        raise(2_000);
        let (after, needed) = (getrlimit(Resource::Nofile), 2_000 + OTHER_FILES);
        let reachable = before.maximum.map_or(needed, |maximum| maximum.min(needed));
        assert!(after.current.is_none_or(|current| current >= reachable), "{before:?} {after:?}");
    }
}
