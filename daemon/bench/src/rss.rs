//! How much memory a process of ours holds, as the operating system counts it.

use std::process::Command;

/// Resident memory in MiB; none where the system has no way to tell, or the process has ended.
pub(crate) fn rss_mb(pid: u32) -> Option<f64> {
    let kib = from_proc(pid).or_else(|| from_ps(pid))?;
    Some(kib / 1_024.0)
}

fn from_proc(pid: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// Where there is no `/proc`: macOS and the BSDs.
fn from_ps(pid: u32) -> Option<f64> {
    let output = Command::new("ps")
        .args(["-o", "rss=", "-p", &pid.to_string()])
        .output()
        .ok()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn this_process_holds_some_memory_and_one_that_never_was_holds_none() {
        let own = rss_mb(std::process::id()).unwrap();
        assert!((0.5..10_000.0).contains(&own), "{own} MiB");
        assert_eq!(rss_mb(u32::MAX), None);
    }
}
