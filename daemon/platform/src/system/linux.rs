//! Linux: `/proc` and the control groups.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::inotify;

/// Where the unified hierarchy of control groups is mounted.
const CGROUP_ROOT: &str = "/sys/fs/cgroup";

pub(crate) fn directory_changes(directory: &Path) -> io::Result<OwnedFd> {
    use inotify::{CreateFlags, WatchFlags};
    let fd = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
    let events = WatchFlags::CREATE
        | WatchFlags::DELETE
        | WatchFlags::MOVE
        | WatchFlags::DELETE_SELF
        | WatchFlags::MOVE_SELF
        | WatchFlags::ONLYDIR;
    inotify::add_watch(&fd, directory, events)?;
    Ok(fd)
}

pub(crate) fn boot_id() -> Option<String> {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned())
}

pub(crate) fn is_alive(pid: u32) -> bool {
    if !super::unix::is_in_process_table(pid) {
        return false;
    }
    // Without a readable /proc a zombie counts as alive.
    fs::read_to_string(format!("/proc/{pid}/stat")).map_or(true, |stat| !is_zombie(&stat))
}

/// The state follows the parenthesised name, which may itself hold parentheses.
fn is_zombie(stat: &str) -> bool {
    let state = stat
        .rsplit(')')
        .next()
        .and_then(|rest| rest.trim_start().chars().next());
    matches!(state, Some('Z' | 'X' | 'x'))
}

pub(crate) fn rss_bytes(pid: u32) -> Option<u64> {
    let statm = fs::read_to_string(format!("/proc/{pid}/statm")).ok()?;
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    let page_bytes = u64::try_from(rustix::param::page_size()).ok()?;
    // The kernel counts a zombie's memory as none; nobody runs there.
    (pages > 0).then_some(pages * page_bytes)
}

#[cfg(target_env = "gnu")]
#[allow(unsafe_code)] // Reason: the allocator's own function, which no crate of ours wraps.
pub(crate) fn give_back_freed_memory() {
    unsafe extern "C" {
        fn malloc_trim(pad: usize) -> std::ffi::c_int;
    }
    // SAFETY: declared as in glibc's malloc.h; it takes the allocator's own locks and touches only
    // what nobody has allocated, so it may run beside any thread.
    unsafe { malloc_trim(0) };
}

#[cfg(not(target_env = "gnu"))]
pub(crate) fn give_back_freed_memory() {}

/// Runs this thread, and what it starts, only when processor and disk are idle.
#[allow(unsafe_code)] // Reason: two calls of the system that rustix does not have.
pub(crate) fn idle_priority() -> io::Result<()> {
    /// `IOPRIO_WHO_PROCESS` of `linux/ioprio.h`; 0 as the number then means this thread.
    const OF_A_THREAD: libc::c_long = 1;
    /// `IOPRIO_CLASS_IDLE`, shifted to its place.
    const CLASS_IDLE: libc::c_long = 3 << 13;
    // SAFETY: all fields are integers, for which zero is a value; the policy ignores them.
    let parameters: libc::sched_param = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a live value of the type that the call reads, and 0 is this thread.
    let scheduled = unsafe { libc::sched_setscheduler(0, libc::SCHED_IDLE, &raw const parameters) };
    let scheduled = if scheduled == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    };
    let (thread, class): (libc::c_long, libc::c_long) = (0, CLASS_IDLE);
    // SAFETY: the call takes three numbers and touches no memory of ours.
    let disk = unsafe { libc::syscall(libc::SYS_ioprio_set, OF_A_THREAD, thread, class) };
    let disk = if disk == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    };
    scheduled.and(disk)
}

pub(crate) fn memory_available_bytes() -> Option<u64> {
    let machine = meminfo_available_bytes(&fs::read_to_string("/proc/meminfo").ok()?)?;
    Some(cgroup_headroom_bytes().map_or(machine, |group| group.min(machine)))
}

fn meminfo_available_bytes(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// The least that any control group above us leaves; none when none has a limit.
fn cgroup_headroom_bytes() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let own = own_cgroup(Path::new(CGROUP_ROOT), &groups)?;
    own.ancestors()
        .take_while(|group| group.starts_with(CGROUP_ROOT))
        .filter_map(|group| {
            let read = |file| fs::read_to_string(group.join(file)).ok();
            group_headroom_bytes(
                &read("memory.max")?,
                &read("memory.current")?,
                &read("memory.stat")?,
            )
        })
        .min()
}

/// The line of the unified hierarchy is `0::/path`.
fn own_cgroup(root: &Path, groups: &str) -> Option<PathBuf> {
    let path = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    Some(root.join(path))
}

/// What a group's limit leaves. Pages of files that nobody used lately count as free: the kernel
/// drops them first.
fn group_headroom_bytes(max: &str, current: &str, stat: &str) -> Option<u64> {
    let max: u64 = max.trim().parse().ok()?; // "max": no limit
    let current: u64 = current.trim().parse().ok()?;
    let inactive = stat
        .lines()
        .find_map(|line| line.strip_prefix("inactive_file "));
    let inactive: u64 = inactive
        .and_then(|bytes| bytes.trim().parse().ok())
        .unwrap_or(0);
    Some(max.saturating_sub(current.saturating_sub(inactive)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zombie_is_told_by_the_state_after_the_last_parenthesis() {
        assert!(is_zombie("12 (a) Z (b)) Z 1 12"));
        assert!(!is_zombie("12 (a) Z (b)) S 1 12"));
        assert!(!is_zombie(""));
    }

    #[test]
    fn available_memory_is_read_in_kibibytes() {
        let meminfo = "MemTotal:  100 kB\nMemFree: 10 kB\nMemAvailable:     64 kB\n";
        assert_eq!(meminfo_available_bytes(meminfo), Some(65_536));
        assert_eq!(meminfo_available_bytes("MemTotal: 100 kB\n"), None);
    }

    #[test]
    fn a_group_without_a_limit_does_not_count() {
        assert_eq!(group_headroom_bytes("max\n", "5\n", ""), None);
        assert_eq!(
            group_headroom_bytes("100\n", "80\n", "anon 1\ninactive_file 30\n"),
            Some(50)
        );
        assert_eq!(group_headroom_bytes("100\n", "120\n", ""), Some(0));
    }

    #[test]
    fn our_group_is_the_one_of_the_unified_hierarchy() {
        let root = Path::new("/g");
        let groups = "1:name=systemd:/x\n0::/user.slice/a\n";
        assert_eq!(
            own_cgroup(root, groups),
            Some(PathBuf::from("/g/user.slice/a"))
        );
        assert_eq!(own_cgroup(root, "4:memory:/x\n"), None);
    }
}
