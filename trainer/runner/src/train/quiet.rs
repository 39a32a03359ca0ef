//! When a training may compute: not while somebody types, not on the battery, not when the machine is
//! hot. What knows of these tells it here, and the training waits here between two layers.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// How long a wait goes on before it looks whether it still has to.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What a training waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// Until nobody has typed for a while.
    Typing,
    /// Until the machine has power from outside.
    Battery,
    /// Until the processor has cooled down.
    Heat,
}

impl Wait {
    /// In words, after "waits".
    pub fn words(self) -> &'static str {
        match self {
            Self::Typing => "for you to stop typing",
            Self::Battery => "for power from outside (train.on_battery)",
            Self::Heat => "for the processor to cool down (train.celsius_max)",
        }
    }
}

/// Shared between what trains and what watches.
#[derive(Debug)]
pub struct Quiet {
    begun: Instant,
    long_enough: Duration,
    /// Milliseconds from the beginning to the last keystroke and one more; 0 where there was none.
    typed: AtomicU64,
    on_battery: AtomicBool,
    is_hot: AtomicBool,
    is_stopped: AtomicBool,
    changes: Mutex<()>,
    changed: Condvar,
}

impl Quiet {
    /// Goes on so long after a keystroke.
    pub fn new(quiet: Duration) -> Self {
        Self {
            begun: Instant::now(),
            long_enough: quiet,
            typed: AtomicU64::new(0),
            on_battery: AtomicBool::new(false),
            is_hot: AtomicBool::new(false),
            is_stopped: AtomicBool::new(false),
            changes: Mutex::new(()),
            changed: Condvar::new(),
        }
    }

    /// Somebody typed, so long ago.
    pub fn typed(&self, ago: Duration) {
        let at = self.begun.elapsed().saturating_sub(ago).as_millis();
        let at = u64::try_from(at).unwrap_or(u64::MAX - 1) + 1;
        self.typed.fetch_max(at, Ordering::Relaxed);
    }

    /// Whether the machine runs on its battery, and is hot.
    pub fn machine(&self, on_battery: bool, is_hot: bool) {
        self.on_battery.store(on_battery, Ordering::Relaxed);
        self.is_hot.store(is_hot, Ordering::Relaxed);
    }

    /// Ends it between the next two layers.
    pub fn stop(&self) {
        self.is_stopped.store(true, Ordering::SeqCst);
        let _changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        self.changed.notify_all();
    }

    /// Whether it was told to end.
    pub fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::SeqCst)
    }

    /// How long nobody has typed; none where nobody ever did.
    pub fn quiet_for(&self) -> Option<Duration> {
        let typed = self.typed.load(Ordering::Relaxed).checked_sub(1)?;
        Some(
            self.begun
                .elapsed()
                .saturating_sub(Duration::from_millis(typed)),
        )
    }

    /// What is to be waited for now.
    pub fn wait_now(&self) -> Option<Wait> {
        if self
            .quiet_for()
            .is_some_and(|quiet| quiet < self.long_enough)
        {
            Some(Wait::Typing)
        } else if self.on_battery.load(Ordering::Relaxed) {
            Some(Wait::Battery)
        } else if self.is_hot.load(Ordering::Relaxed) {
            Some(Wait::Heat)
        } else {
            None
        }
    }

    /// Waits as long as there is something to wait for; `tell` hears what, and when it is over. A
    /// `Break` means to end.
    pub fn wait(&self, tell: &mut dyn FnMut(Option<Wait>)) -> ControlFlow<()> {
        let mut told = None;
        loop {
            if self.is_stopped() {
                return ControlFlow::Break(());
            }
            let wait = self.wait_now();
            if wait != told {
                tell(wait);
                told = wait;
            }
            if wait.is_none() {
                return ControlFlow::Continue(());
            }
            let changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
            if !self.is_stopped() {
                // Whether it was woken or the time is over, it looks again.
                drop(self.changed.wait_timeout(changes, LOOK_EVERY));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    #[test]
    fn it_waits_for_typing_first_and_goes_on_when_all_is_quiet() {
        let quiet = Quiet::new(HOUR);
        assert_eq!((quiet.wait_now(), quiet.quiet_for()), (None, None));
        quiet.machine(true, true);
        assert_eq!(quiet.wait_now(), Some(Wait::Battery));
        quiet.typed(Duration::ZERO);
        assert_eq!(quiet.wait_now(), Some(Wait::Typing));
        quiet.machine(false, false);
        assert_eq!(quiet.wait_now(), Some(Wait::Typing));
        let over = Quiet::new(Duration::ZERO);
        over.typed(Duration::ZERO);
        over.machine(false, true);
        assert_eq!(over.wait_now(), Some(Wait::Heat));
        over.machine(false, false);
        let mut told = Vec::new();
        assert!(over.wait(&mut |wait| told.push(wait)).is_continue());
        assert!(told.is_empty());
    }

    #[test]
    fn an_older_keystroke_does_not_take_back_a_newer_one() {
        let quiet = Quiet::new(HOUR);
        quiet.typed(Duration::ZERO);
        let before = quiet.quiet_for().unwrap();
        quiet.typed(HOUR);
        assert!(quiet.quiet_for().unwrap() >= before && quiet.quiet_for().unwrap() < HOUR);
    }

    #[test]
    fn who_waits_ends_when_it_is_told_to() {
        let quiet = Quiet::new(HOUR);
        quiet.typed(Duration::ZERO);
        let (told, heard) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| quiet.wait(&mut |wait| told.send(wait).unwrap()));
            assert_eq!(heard.recv().unwrap(), Some(Wait::Typing));
            quiet.stop();
            assert!(waiting.join().unwrap().is_break());
        });
    }
}
