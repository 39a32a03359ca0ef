//! Processes and users: who is alive, who we are.

use crate::system;

/// Whether a process runs. One that has ended but was not yet waited for (a zombie) does not.
/// Process ids are reused: ask only about a process known to have run a moment ago.
pub fn is_alive(pid: u32) -> bool {
    system::is_alive(pid)
}

/// The user this process acts for; none where users have no number (Windows, where a named pipe
/// carries its own access list).
pub fn user_id() -> Option<u32> {
    #[cfg(unix)]
    return Some(rustix::process::geteuid().as_raw());
    #[cfg(not(unix))]
    return None;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn we_are_alive_and_a_process_that_never_was_is_not() {
        assert!(is_alive(std::process::id()));
        assert!(!is_alive(0x7fff_fff0));
        assert!(!is_alive(0));
        assert!(!is_alive(u32::MAX));
    }

    #[cfg(unix)]
    #[test]
    fn a_child_that_ended_is_not_alive_even_before_it_is_waited_for() {
        let mut child = std::process::Command::new("cat")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let pid = child.id();
        assert!(is_alive(pid));
        drop(child.stdin.take());
        // Its output closes when it ends; the zombie stays until `wait`.
        let mut output = child.stdout.take().unwrap();
        std::io::copy(&mut output, &mut std::io::sink()).unwrap();
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
        while is_alive(pid) {
            assert!(std::time::Instant::now() < deadline, "still alive");
            std::thread::yield_now();
        }
        assert!(child.wait().unwrap().success());
    }
}
