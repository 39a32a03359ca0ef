//! How a daemon leaves the terminal and session of whoever started it.

use std::io;

/// Leads a session of its own from now on: the end of the starter's terminal or process group no
/// longer ends us. Does nothing where there are no sessions, or when we lead one already.
pub fn leave_session() -> io::Result<()> {
    #[cfg(unix)]
    match rustix::process::setsid() {
        Ok(_) | Err(rustix::io::Errno::PERM) => {} // PERM: the leader of a group is its own already
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// Sends standard error nowhere from now on. What a library prints must not grow a file without
/// bound, and the starter's terminal may be gone.
pub fn silence_stderr() -> io::Result<()> {
    #[cfg(unix)]
    {
        let nowhere = std::fs::OpenOptions::new().write(true).open("/dev/null")?;
        rustix::stdio::dup2_stderr(&nowhere)?;
    }
    Ok(())
}
