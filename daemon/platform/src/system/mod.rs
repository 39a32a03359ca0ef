//! One file per operating system, with the same functions. Only these know `/proc`, `sysctl` and
//! the Windows API; `unsafe` is needed for the last two, and for what glibc alone can do.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod linux_power;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
mod other;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
pub(crate) use linux::{boot_id, is_alive, memory_available_bytes, rss_bytes};
#[cfg(target_os = "linux")]
pub(crate) use linux::{directory_changes, give_back_freed_memory, idle_priority};
#[cfg(target_os = "linux")]
pub(crate) use linux_power::{hottest_celsius, on_battery};
#[cfg(target_os = "macos")]
pub(crate) use macos::{boot_id, is_alive, memory_available_bytes, rss_bytes};
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
pub(crate) use other::{boot_id, is_alive, memory_available_bytes, rss_bytes};
#[cfg(windows)]
pub(crate) use windows::{boot_id, is_alive, memory_available_bytes, rss_bytes};
