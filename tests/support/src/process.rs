//! The processes that run in a home: found by the `INKSTONE_HOME` in their environment, ended.
//!
//! Not found by name: the machine may run an Inkstone of its owner's, which no test may touch.
//! Reads `/proc`, so on other systems than Linux nothing is found, and [`crate::Home`] asks the
//! daemon to stop instead.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::wait::eventually_or;

/// How long a program may take from its execution to its environment: microseconds, unless the
/// machine is busy. A process that really has none costs this once per look.
const EXEC_WAIT_MS: u64 = 50;

/// A process of a home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HomeProcess {
    /// Process id.
    pub pid: u32,
    /// File name of its binary.
    pub name: String,
}

impl HomeProcess {
    /// Ends it at once, as a crash would.
    #[cfg(unix)]
    pub fn kill(&self) {
        signal(self.pid, rustix::process::Signal::KILL);
    }

    /// Asks it to end in order.
    #[cfg(unix)]
    pub fn terminate(&self) {
        signal(self.pid, rustix::process::Signal::TERM);
    }
}

/// What a process has done on the processor so far. Two equal ones say that it slept between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Activity {
    /// How often a thread of it went to sleep by itself, and so how often one was woken.
    pub wakeups: u64,
    /// Ticks of the system's clock that it spent computing.
    pub cpu_ticks: u64,
}

impl HomeProcess {
    /// What all its threads have done so far; none when it has ended.
    pub fn activity(&self) -> Option<Activity> {
        let mut activity = Activity {
            wakeups: 0,
            cpu_ticks: 0,
        };
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.pid)).ok()? {
            let folder = thread.ok()?.path();
            let status = std::fs::read_to_string(folder.join("status")).ok()?;
            let wakeups = status
                .lines()
                .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
            activity.wakeups += wakeups.trim().parse::<u64>().ok()?;
            let stat = std::fs::read_to_string(folder.join("stat")).ok()?;
            // After the parenthesised name: the state, ten numbers, then user and system time.
            let mut times = stat.rsplit(')').next()?.split_whitespace().skip(11);
            for _ in 0..2 {
                activity.cpu_ticks += times.next()?.parse::<u64>().ok()?;
            }
        }
        Some(activity)
    }
}

/// Whether a process runs. A zombie, which has ended and waits for its parent, does not.
pub fn is_running(pid: u32) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return false;
    };
    // The state follows the parenthesised name, which may itself hold parentheses.
    let state = stat
        .rsplit(')')
        .next()
        .and_then(|rest| rest.trim_start().chars().next());
    !matches!(state, None | Some('Z' | 'X'))
}

#[cfg(unix)]
fn signal(pid: u32, signal: rustix::process::Signal) {
    let Some(pid) = i32::try_from(pid)
        .ok()
        .and_then(rustix::process::Pid::from_raw)
    else {
        return;
    };
    // A process that ended meanwhile is what was wanted.
    let _ended_already = rustix::process::kill_process(pid, signal);
}

/// The processes whose environment has this home, except the calling one.
pub(crate) fn of_home(home: &Path) -> Vec<HomeProcess> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let wanted = [b"INKSTONE_HOME=", home.as_os_str().as_encoded_bytes()].concat();
    let own = std::process::id();
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| *pid != own && has_variable(*pid, &wanted) && is_running(*pid))
        .map(|pid| HomeProcess {
            pid,
            name: binary_name(pid),
        })
        .collect()
}

fn has_variable(pid: u32, wanted: &[u8]) -> bool {
    environment(pid)
        .split(|byte| *byte == 0)
        .any(|variable| variable == wanted)
}

/// The environment that a process was started with; empty when it has ended or is another user's.
///
/// A program that is just being executed has none for an instant, after its parent was told that it
/// runs. Overlooked then, it would outlive its home; a test that waited for its end waited for ever.
fn environment(pid: u32) -> Vec<u8> {
    let read = || std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    // The kernel's own threads have no program, and no environment ever.
    let has_program = || std::fs::read_link(format!("/proc/{pid}/exe")).is_ok();
    let first = read();
    if !first.is_empty() || !has_program() {
        return first;
    }
    let executed = || Some(read()).filter(|environment| !environment.is_empty());
    eventually_or(Duration::from_millis(EXEC_WAIT_MS), executed).unwrap_or_default()
}

/// The name of a process's binary; of one replaced on disk meanwhile, without the kernel's mark.
fn binary_name(pid: u32) -> String {
    let path: PathBuf = std::fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_default()
        .trim_end_matches(" (deleted)")
        .to_owned()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_process_that_sleeps_does_nothing_and_one_that_is_woken_does() {
        use std::io::Write as _;
        let mut reader = Command::new("cat")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let process = HomeProcess {
            pid: reader.id(),
            name: "cat".to_owned(),
        };
        let wait = Duration::from_secs(30);
        let mut last = None;
        let asleep = crate::eventually(wait, "a reader that waits", || {
            let now = process.activity()?;
            (last.replace(now) == Some(now) && now.wakeups > 0).then_some(now)
        });
        reader.stdin.as_mut().unwrap().write_all(b"x").unwrap();
        crate::eventually(wait, "a reader that was woken", || {
            (process.activity()?.wakeups > asleep.wakeups).then_some(())
        });
        drop(reader.stdin.take());
        reader.wait().unwrap();
        assert_eq!(process.activity(), None);
    }

    #[test]
    fn only_processes_of_the_home_are_found_and_killed() {
        let home = tempfile::tempdir().unwrap();
        let other = tempfile::tempdir().unwrap();
        let start = |home: &Path| {
            Command::new("sleep")
                .arg("60")
                .env("INKSTONE_HOME", home)
                .spawn()
                .unwrap()
        };
        let (mut ours, mut theirs) = (start(home.path()), start(other.path()));
        let found = of_home(home.path());
        assert_eq!(
            found.iter().map(|process| process.pid).collect::<Vec<_>>(),
            [ours.id()]
        );
        found[0].kill();
        assert!(!ours.wait().unwrap().success());
        assert!(is_running(theirs.id()));
        theirs.kill().unwrap();
        theirs.wait().unwrap();
        assert!(!is_running(theirs.id()));
    }
}
