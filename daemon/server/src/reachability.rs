//! Whether clients can still find this daemon, without a timer: an idle daemon is not woken.

use std::path::Path;
use std::time::Duration;

#[cfg(unix)]
use inkstone_platform::watch::directory_changes;
use inkstone_protocol::lifecycle::claim::Claim;
#[cfg(unix)]
use tokio::io::AsyncReadExt as _;
#[cfg(unix)]
use tokio::net::unix::pipe;
use tokio::time::Interval;

/// Between two looks at whether clients can still find us, where the system does not tell when that
/// changes: one question to the file system, and two daemons of one user share the memory no longer
/// than this.
const REACHABLE_CHECK_EVERY: Duration = Duration::from_secs(30);

/// Room for several changes; what does not fit wakes us again.
#[cfg(unix)]
const CHANGES_BYTES: usize = 1024;

/// Comes true when no client can find this daemon any more: its user has logged out everywhere, and
/// the session manager has removed the run directory with our lock and socket. We have left the
/// session, so nobody else ends us.
pub(crate) async fn unreachable(claim: &Claim, run_dir: &Path) {
    let mut changes = Changes::of(run_dir);
    while claim.is_reachable() {
        changes.next().await;
    }
    tracing::warn!("the lock is gone from the run directory: no client finds this daemon");
}

/// When to look at the run directory again: when the system says that it changed, so that an idle
/// daemon is not woken, and by the clock where no system says so.
enum Changes {
    /// No pipe, but read like one: the only descriptor of unknown kind that the runtime takes.
    #[cfg(unix)]
    Told(pipe::Receiver),
    Looked(Interval),
}

impl Changes {
    /// From now on: a change before the first look is seen by that.
    fn of(directory: &Path) -> Self {
        #[cfg(unix)]
        match directory_changes(directory).and_then(pipe::Receiver::from_owned_fd_unchecked) {
            Ok(changes) => return Self::Told(changes),
            Err(error) => {
                tracing::info!(%error, "the run directory is looked at, since nobody tells when it changes");
            }
        }
        #[cfg(not(unix))]
        let _ = directory;
        Self::Looked(tokio::time::interval(REACHABLE_CHECK_EVERY))
    }

    async fn next(&mut self) {
        match self {
            #[cfg(unix)]
            Self::Told(changes) => {
                if let Err(error) = changes.read(&mut [0; CHANGES_BYTES]).await {
                    tracing::warn!(%error, "nobody tells any more when the run directory changes");
                    *self = Self::Looked(tokio::time::interval(REACHABLE_CHECK_EVERY));
                }
            }
            Self::Looked(looks) => {
                looks.tick().await;
            }
        }
    }
}
