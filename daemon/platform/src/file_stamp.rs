//! What a look at a file costs nothing to know, and changes when its content does.

use std::fs::Metadata;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A file whose stamp is the same has the same content, as far as the system can tell.
///
/// Size and time of modification are not enough: tools such as `touch -r`, `cp -p` and `rsync -t`
/// set the time back. The time of the last change of the file's entry (`ctime`) cannot be set by
/// anybody, and every write moves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileStamp {
    /// The size.
    pub bytes: u64,
    /// Last modification, nanoseconds since 1970.
    pub modified_ns: i64,
    /// Last change of content or entry, nanoseconds since 1970; 0 where the system keeps none.
    pub changed_ns: i64,
    /// The number of the file in its file system; 0 where there is none.
    pub inode: u64,
    /// When the file was made, nanoseconds since 1970; 0 where the system does not tell. With the
    /// inode it tells a renamed file from a new one that got the number of a removed one.
    pub born_ns: i64,
}

impl FileStamp {
    /// Of a file.
    pub fn of(metadata: &Metadata) -> Self {
        Self {
            bytes: metadata.len(),
            modified_ns: metadata.modified().map_or(0, nanoseconds),
            changed_ns: changed_ns(metadata),
            inode: inode(metadata),
            born_ns: metadata.created().map_or(0, nanoseconds),
        }
    }

    /// Whether the last change is longer ago than the coarsest clock of a file system ticks: a change
    /// after the look would have moved the stamp. One that is younger may stay the same.
    pub fn is_settled(&self, now: SystemTime) -> bool {
        /// FAT counts in steps of two seconds.
        const TICK: Duration = Duration::from_secs(2);
        let last_ns = self.changed_ns.max(self.modified_ns);
        let tick_ns = i64::try_from(TICK.as_nanos()).unwrap_or(i64::MAX);
        last_ns.saturating_add(tick_ns) < nanoseconds(now)
    }

    /// Whether both are of one file, renamed or not.
    pub fn is_same_file(&self, other: &Self) -> bool {
        self.inode != 0
            && self.inode == other.inode
            && self.born_ns != 0
            && self.born_ns == other.born_ns
    }
}

fn nanoseconds(time: SystemTime) -> i64 {
    let signed = |duration: Duration| i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => signed(since),
        Err(before) => -signed(before.duration()),
    }
}

#[cfg(unix)]
fn changed_ns(metadata: &Metadata) -> i64 {
    use std::os::unix::fs::MetadataExt as _;
    let seconds_ns = metadata.ctime().saturating_mul(1_000_000_000);
    seconds_ns.saturating_add(metadata.ctime_nsec())
}

#[cfg(not(unix))]
fn changed_ns(_metadata: &Metadata) -> i64 {
    0
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_metadata: &Metadata) -> u64 {
    0
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs::{self, File};

    #[test]
    fn a_change_of_the_same_size_with_its_time_set_back_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.md");
        fs::write(&path, "one").unwrap();
        let stamp = || FileStamp::of(&fs::metadata(&path).unwrap());
        let before = stamp();
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        let deadline = std::time::Instant::now() + Duration::from_secs(10);
        // The clock of the file system ticks in milliseconds: until then both are the same.
        while stamp().changed_ns == before.changed_ns {
            assert!(
                std::time::Instant::now() < deadline,
                "its clock stands still"
            );
            fs::write(&path, "two").unwrap();
            let file = File::options().write(true).open(&path).unwrap();
            file.set_modified(modified).unwrap();
        }
        let after = stamp();
        assert_eq!(after.bytes, before.bytes);
        assert_eq!(after.modified_ns, before.modified_ns);
        assert_ne!(after, before);
    }

    #[test]
    fn a_young_change_is_not_settled_and_an_old_one_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.md");
        fs::write(&path, "one").unwrap();
        let stamp = FileStamp::of(&fs::metadata(&path).unwrap());
        let now = SystemTime::now();
        assert!(!stamp.is_settled(now));
        assert!(stamp.is_settled(now + Duration::from_secs(60)));
    }

    #[test]
    fn a_renamed_file_is_the_same_and_a_copied_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["a", "b", "c"].map(|name| folder.path().join(name));
        fs::write(&paths[0], "one").unwrap();
        let stamp = |at: usize| FileStamp::of(&fs::metadata(&paths[at]).unwrap());
        let first = stamp(0);
        fs::copy(&paths[0], &paths[2]).unwrap();
        fs::rename(&paths[0], &paths[1]).unwrap();
        if first.born_ns == 0 {
            return eprintln!("skipped: this file system keeps no time of birth");
        }
        assert!(stamp(1).is_same_file(&first));
        assert!(!stamp(2).is_same_file(&first));
    }
}
