//! Which build a daemon runs: where its binary lies and when that was written.
//!
//! Versions tell releases apart; this tells a binary from the one that was there before it, of the
//! same version. Only a binary of the same path that was written later counts as newer: two
//! installations never take the daemon from each other, and of one path the later build stays.

use std::fmt;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// A binary at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Build {
    /// In milliseconds since 1970.
    modified_ms: u64,
    path: String,
}

impl Build {
    /// Of this process, as far as its binary has not been replaced since it started.
    pub(super) fn own() -> Option<Self> {
        Self::of(&std::env::current_exe().ok()?)
    }

    /// Of the binary at `path`, links followed.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let path = path.canonicalize().ok()?;
        let modified = path.metadata().ok()?.modified().ok()?;
        let since = modified.duration_since(UNIX_EPOCH).ok()?;
        Some(Self {
            modified_ms: u64::try_from(since.as_millis()).ok()?,
            path: path.to_str()?.to_owned(),
        })
    }

    /// Reads what [`fmt::Display`] writes.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let (modified_ms, path) = line.split_once(' ')?;
        Some(Self {
            modified_ms: modified_ms.parse().ok()?,
            path: path.to_owned(),
        })
    }

    /// Whether it was written over the other.
    pub(super) fn replaces(&self, other: &Self) -> bool {
        self.path == other.path && self.modified_ms > other.modified_ms
    }
}

impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.modified_ms, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_is_read_as_it_was_written() {
        let own = Build::own().unwrap();
        assert_eq!(Build::parse(&own.to_string()), Some(own));
        for damaged in ["", "12", "x /bin/inkstoned"] {
            assert_eq!(Build::parse(damaged), None, "{damaged}");
        }
    }

    #[test]
    fn only_a_later_binary_of_the_same_path_replaces_one() {
        let build = |line| Build::parse(line).unwrap();
        let running = build("1000 /opt/砚 台/inkstoned");
        assert!(build("1001 /opt/砚 台/inkstoned").replaces(&running));
        assert!(!running.replaces(&running));
        assert!(!build("999 /opt/砚 台/inkstoned").replaces(&running));
        assert!(!build("2000 /usr/bin/inkstoned").replaces(&running));
    }
}
