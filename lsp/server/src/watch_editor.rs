//! Ends us when the process that started us is gone.
//!
//! Standard input closes too when an editor dies, unless a child of it still holds the pipe; then
//! only this notices (LSP 3.17, `initialize`, `processId`). Started by the event loop.

use std::time::Duration;

use tokio::sync::mpsc;

use crate::event::Event;

/// How often the editor is looked for. A language server that outlives its editor for so long
/// harms nobody, and looking more often would wake laptops.
pub(crate) const EDITOR_CHECK_EVERY: Duration = Duration::from_secs(5);

/// Says once that the editor is gone.
pub(crate) async fn watch_editor(
    is_alive: impl Fn() -> bool,
    check_every: Duration,
    events: mpsc::Sender<Event>,
) {
    loop {
        tokio::time::sleep(check_every).await;
        if !is_alive() {
            // A loop that has ended already needs no news.
            let _ = events.send(Event::EditorGone).await;
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn the_editors_end_is_told_at_the_next_look() {
        let looks = AtomicU32::new(0);
        let (events, mut received) = mpsc::channel(1);
        let alive_twice = || looks.fetch_add(1, Ordering::Relaxed) < 2;
        watch_editor(alive_twice, Duration::from_millis(1), events).await;
        assert!(matches!(received.recv().await, Some(Event::EditorGone)));
        assert_eq!(looks.load(Ordering::Relaxed), 3);
    }
}
