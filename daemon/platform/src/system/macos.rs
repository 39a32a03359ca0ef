//! macOS: `sysctl` and `proc_pidinfo`.
#![allow(unsafe_code)] // Reason: the system's interfaces are C functions.

use std::ffi::{CStr, c_int, c_void};
use std::mem::{MaybeUninit, size_of};
use std::ptr;

/// Longest text that a `sysctl` we ask returns: a UUID and its closing zero.
const SYSCTL_TEXT_BYTES_MAX: usize = 64;
/// The state of a process that has ended and was not waited for (`SZOMB` in `sys/proc.h`).
const STATE_ZOMBIE: u32 = 5;

pub(crate) fn boot_id() -> Option<String> {
    let mut text = [0_u8; SYSCTL_TEXT_BYTES_MAX];
    let len = sysctl(c"kern.bootsessionuuid", &mut text)?;
    let text = CStr::from_bytes_until_nul(&text[..len]).ok()?;
    text.to_str()
        .ok()
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
}

pub(crate) fn is_alive(pid: u32) -> bool {
    if !super::unix::is_in_process_table(pid) {
        return false;
    }
    // A process of somebody else tells nothing and counts as alive.
    pid_info::<libc::proc_bsdinfo>(pid, libc::PROC_PIDTBSDINFO)
        .is_none_or(|info| info.pbi_status != STATE_ZOMBIE)
}

pub(crate) fn rss_bytes(pid: u32) -> Option<u64> {
    pid_info::<libc::proc_taskinfo>(pid, libc::PROC_PIDTASKINFO)
        .map(|info| info.pti_resident_size)
        .filter(|bytes| *bytes > 0)
}

/// The share that the kernel itself calls free (the figure of `memory_pressure`), of all memory.
pub(crate) fn memory_available_bytes() -> Option<u64> {
    let mut total = [0_u8; size_of::<u64>()];
    let mut percent = [0_u8; size_of::<u32>()];
    (sysctl(c"hw.memsize", &mut total)? == total.len()).then_some(())?;
    (sysctl(c"kern.memorystatus_level", &mut percent)? == percent.len()).then_some(())?;
    Some(u64::from_ne_bytes(total) / 100 * u64::from(u32::from_ne_bytes(percent)))
}

/// Reads a value into `buffer`; the length it has.
fn sysctl(name: &CStr, buffer: &mut [u8]) -> Option<usize> {
    let mut len = buffer.len();
    // SAFETY: `name` ends with a zero by its type; the system writes at most `len` bytes, which is
    // what `buffer` holds, and sets `len` to what it wrote; nothing is set.
    let status = unsafe {
        libc::sysctlbyname(
            name.as_ptr(),
            buffer.as_mut_ptr().cast::<c_void>(),
            &raw mut len,
            ptr::null_mut(),
            0,
        )
    };
    (status == 0 && len <= buffer.len()).then_some(len)
}

/// Asks for one of the plain C structs of `libproc`, whose fields are all integers.
fn pid_info<T: Copy>(pid: u32, flavor: c_int) -> Option<T> {
    let pid = c_int::try_from(pid).ok()?;
    let size = c_int::try_from(size_of::<T>()).ok()?;
    let mut info = MaybeUninit::<T>::zeroed();
    // SAFETY: `info` has room for `size` bytes, and the system writes no more.
    let written =
        unsafe { libc::proc_pidinfo(pid, flavor, 0, info.as_mut_ptr().cast::<c_void>(), size) };
    // SAFETY: zeroed above and then written by the system; both callers name structs of integers
    // and arrays of them, for which every bit pattern is a value.
    (written == size).then(|| unsafe { info.assume_init() })
}
