//! Windows: the process and memory API. It has no name for a boot, so marks that should end with
//! one stay until they are removed.
#![allow(unsafe_code)] // Reason: the system's interfaces are C functions.

use std::mem::size_of;

use windows_sys::Win32::Foundation::{CloseHandle, HANDLE, WAIT_TIMEOUT};
use windows_sys::Win32::System::ProcessStatus::{K32GetProcessMemoryInfo, PROCESS_MEMORY_COUNTERS};
use windows_sys::Win32::System::SystemInformation::{GlobalMemoryStatusEx, MEMORYSTATUSEX};
use windows_sys::Win32::System::Threading::{
    OpenProcess, PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE, WaitForSingleObject,
};

pub(crate) fn boot_id() -> Option<String> {
    None
}

pub(crate) fn is_alive(pid: u32) -> bool {
    Process::open(pid, PROCESS_SYNCHRONIZE).is_some_and(|process| {
        // SAFETY: the handle is open until `process` is dropped; a wait of zero only looks.
        unsafe { WaitForSingleObject(process.0, 0) == WAIT_TIMEOUT }
    })
}

pub(crate) fn rss_bytes(pid: u32) -> Option<u64> {
    let process = Process::open(pid, PROCESS_QUERY_LIMITED_INFORMATION)?;
    let size = u32::try_from(size_of::<PROCESS_MEMORY_COUNTERS>()).ok()?;
    let mut counters = PROCESS_MEMORY_COUNTERS {
        cb: size,
        ..Default::default()
    };
    // SAFETY: the handle is open, `counters` is `size` bytes long and says so.
    let ok = unsafe { K32GetProcessMemoryInfo(process.0, &raw mut counters, size) };
    (ok != 0).then_some(u64::try_from(counters.WorkingSetSize).ok()?)
}

pub(crate) fn memory_available_bytes() -> Option<u64> {
    let size = u32::try_from(size_of::<MEMORYSTATUSEX>()).ok()?;
    let mut status = MEMORYSTATUSEX {
        dwLength: size,
        ..Default::default()
    };
    // SAFETY: `status` is `dwLength` bytes long, as the call demands.
    let ok = unsafe { GlobalMemoryStatusEx(&raw mut status) };
    (ok != 0).then_some(status.ullAvailPhys)
}

/// An open process handle.
struct Process(HANDLE);

impl Process {
    fn open(pid: u32, access: u32) -> Option<Self> {
        // SAFETY: no pointers; a failure is a null handle.
        let handle = unsafe { OpenProcess(access, 0, pid) };
        (!handle.is_null()).then_some(Self(handle))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SAFETY: opened by `open`, closed only here.
        unsafe { CloseHandle(self.0) };
    }
}
