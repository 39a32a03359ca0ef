//! Cancellation by generation: a newer piece of work makes the older one's handle stale.
//!
//! Not a channel of results. A document owns a [`CancelSource`]; each request for it restarts the
//! source and takes the new handle into its task, which checks it after every wait.

use tokio::sync::watch;

/// Counts generations of work; dropping it cancels the current one.
#[derive(Debug)]
pub(crate) struct CancelSource {
    generation: watch::Sender<u64>,
}

impl Default for CancelSource {
    fn default() -> Self {
        Self {
            generation: watch::Sender::new(0),
        }
    }
}

impl CancelSource {
    /// Cancels what runs and gives the handle of what runs next.
    pub(crate) fn restart(&self) -> CancelHandle {
        self.cancel();
        let generation = self.generation.subscribe();
        let own = *generation.borrow();
        CancelHandle { generation, own }
    }

    /// Cancels what runs.
    pub(crate) fn cancel(&self) {
        self.generation.send_modify(|generation| *generation += 1);
    }
}

/// Tells a task whether its work is still wanted.
#[derive(Debug)]
pub(crate) struct CancelHandle {
    generation: watch::Receiver<u64>,
    own: u64,
}

impl CancelHandle {
    /// Whether something newer took this work's place.
    pub(crate) fn is_cancelled(&self) -> bool {
        *self.generation.borrow() != self.own || self.generation.has_changed().is_err()
    }

    /// Waits until something newer takes this work's place.
    pub(crate) async fn cancelled(&mut self) {
        let own = self.own;
        // An error means that the owner is gone, which cancels too.
        let _ = self
            .generation
            .wait_for(|generation| *generation != own)
            .await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_restart_cancels_the_older_handle_and_not_the_newer() {
        let source = CancelSource::default();
        let mut first = source.restart();
        assert!(!first.is_cancelled());
        let second = source.restart();
        assert!(first.is_cancelled());
        first.cancelled().await;
        assert!(!second.is_cancelled());
    }

    #[tokio::test]
    async fn dropping_the_source_cancels() {
        let source = CancelSource::default();
        let mut handle = source.restart();
        drop(source);
        assert!(handle.is_cancelled());
        handle.cancelled().await;
    }
}
