//! What all Unix systems share.

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

/// Whether the process table has an entry for `pid`, zombies included.
pub(super) fn is_in_process_table(pid: u32) -> bool {
    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else {
        return false;
    };
    // PERM: it exists and belongs to somebody else.
    matches!(test_kill_process(pid), Ok(()) | Err(Errno::PERM))
}
