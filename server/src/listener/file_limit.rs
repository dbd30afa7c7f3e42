//! Room for connections: each takes one of the files that the system lets this program open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What the rest of the program needs: databases, logs, whoever waits to be accepted.
const OTHERS: u64 = 256;

/// Makes room for `most` connections, as far as the system allows; says so where it does not.
pub fn make_room(most: usize) {
    let wanted = most as u64 + OTHERS;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // No figure means no limit.
    let (Some(current), most) = (current, maximum.unwrap_or(wanted)) else { return };
    if current >= wanted {
        return;
    }
    let raised = Rlimit { current: Some(wanted.min(most)), maximum };
    if setrlimit(Resource::Nofile, raised).is_err() || wanted > most {
        tracing::warn!(
            files.limit = most,
            files.wanted = wanted,
            "the system lets this program open fewer files than max_connections may need (ulimit -n)"
        );
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::{Resource, getrlimit};

    use super::{OTHERS, make_room};

    #[test]
    fn the_limit_is_raised_and_never_lowered() {
        let before = getrlimit(Resource::Nofile);
        make_room(1);
        assert_eq!(getrlimit(Resource::Nofile), before);
        make_room(2_000);
        let (after, wanted) = (getrlimit(Resource::Nofile), 2_000 + OTHERS);
        let reachable = before.maximum.map_or(wanted, |most| most.min(wanted));
        assert!(after.current.is_none_or(|current| current >= reachable), "{before:?} {after:?}");
    }
}
