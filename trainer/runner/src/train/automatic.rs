//! Trainings that begin by themselves: beside the watcher, when something has changed, nobody types,
//! and the settings allow it. Each is a process of its own, which decides whether there is enough to
//! learn (`inkstone-trainer train --automatic`), is told of each keystroke, and ends with this one.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use inkstone_platform::power;
use inkstone_settings::{AutomaticTraining, Train};

use super::watchers::TYPING_LINE;

/// How often it looks whether a training may begin.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// How long it leaves it at that when a training did not begin or come to its end: what kept it from
/// that may last.
const AGAIN_AFTER: Duration = Duration::from_secs(600);
/// It waits twice as long after each failure, and never longer than this.
const AGAIN_AFTER_MAX: Duration = Duration::from_secs(86_400);
/// So many failures come to more than that.
const FAILURES_COUNTED_MAX: u32 = 10;
/// The longest answer that is read.
const ANSWER_BYTES_MAX: u64 = 4 << 20;

/// What the watcher tells, and the thread that begins trainings.
pub struct Automatic {
    known: Mutex<Known>,
    changed: Condvar,
    /// The program, and what it is asked.
    command: Box<dyn Fn() -> Command + Send + Sync>,
}

struct Known {
    settings: Train,
    /// Whether something was kept that no training has seen.
    has_news: bool,
    typed: Instant,
    tried: Option<Instant>,
    /// Tries in a row that failed.
    failures: u32,
    /// The input of the training that runs.
    input: Option<ChildStdin>,
}

impl Automatic {
    /// Begins to look. `program` is the trainer's.
    pub fn start(program: PathBuf) -> Arc<Self> {
        let command = move || {
            let mut command = Command::new(&program);
            command.args(["train", "--automatic", "--attached"]);
            command
        };
        let automatic = Arc::new(Self::of(Box::new(command)));
        let own = Arc::clone(&automatic);
        thread::spawn(move || own.look_for_ever());
        automatic
    }

    fn of(command: Box<dyn Fn() -> Command + Send + Sync>) -> Self {
        Self {
            known: Mutex::new(Known {
                settings: Train {
                    automatic: AutomaticTraining::Off,
                    ..Train::default()
                },
                // A training may wait to be gone on with.
                has_news: true,
                typed: Instant::now(),
                tried: None,
                failures: 0,
                input: None,
            }),
            changed: Condvar::new(),
            command,
        }
    }

    /// The settings are these from now on.
    pub fn configure(&self, settings: &Train) {
        let mut known = self.known();
        known.settings = settings.clone();
        if settings.automatic == AutomaticTraining::Off {
            // It ends with its input, and keeps where it was.
            known.input = None;
        }
        self.changed.notify_all();
    }

    /// Something was read that may be worth learning.
    pub fn has_news(&self) {
        self.known().has_news = true;
    }

    /// Somebody types.
    pub fn typed(&self) {
        let mut known = self.known();
        known.typed = Instant::now();
        let told = known
            .input
            .as_mut()
            .map(|input| writeln!(input, "{TYPING_LINE}"));
        if told.is_some_and(|told| told.is_err()) {
            // It has ended.
            known.input = None;
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look_for_ever(&self) {
        loop {
            let known = self.known();
            let waited = self.changed.wait_timeout(known, LOOK_EVERY);
            let known = waited.unwrap_or_else(PoisonError::into_inner).0;
            let is_due = known.is_due(Instant::now());
            drop(known);
            if is_due {
                self.train();
            }
        }
    }

    /// Has a training done, and waits for its end.
    fn train(&self) {
        {
            let mut known = self.known();
            known.tried = Some(Instant::now());
            known.has_news = false;
        }
        let ended = self.run();
        let mut known = self.known();
        known.input = None;
        known.failures = match &ended {
            Ok(_) => 0,
            Err(_) => known.failures.saturating_add(1),
        };
        match ended {
            Ok(answer) if !answer.contains("\"stopped\"") => {
                eprintln!("inkstone-trainer: trained by itself: {}", answer.trim());
            }
            // Its end is in the answer, or it has none: the next time it goes on.
            Ok(_) => known.has_news = true,
            Err(error) => {
                known.has_news = true;
                eprintln!("inkstone-trainer: no training began by itself: {error}");
            }
        }
    }

    fn run(&self) -> std::io::Result<String> {
        let mut child = (self.command)()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        self.known().input = child.stdin.take();
        let mut answer = String::new();
        if let Some(output) = child.stdout.take() {
            output.take(ANSWER_BYTES_MAX).read_to_string(&mut answer)?;
        }
        let status = child.wait()?;
        if status.success() {
            return Ok(answer);
        }
        Err(std::io::Error::other(format!(
            "it ended with {status}; see: inkstone train"
        )))
    }
}

impl Known {
    /// How long to wait after the last try: twice as long after each failure, a day at most.
    fn again_after(&self) -> Duration {
        let doubled = AGAIN_AFTER.saturating_mul(1 << self.failures.min(FAILURES_COUNTED_MAX));
        doubled.min(AGAIN_AFTER_MAX)
    }

    fn is_due(&self, now: Instant) -> bool {
        let quiet = Duration::from_secs(u64::from(self.settings.idle_s));
        let since = |then: Instant| now.saturating_duration_since(then);
        self.settings.automatic == AutomaticTraining::Idle
            && self.has_news
            && self.input.is_none()
            && since(self.typed) >= quiet
            && self
                .tried
                .is_none_or(|tried| since(tried) >= self.again_after())
            && (self.settings.on_battery || power::on_battery() != Some(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(automatic: AutomaticTraining) -> Automatic {
        let it = Automatic::of(Box::new(|| Command::new("true")));
        it.configure(&Train {
            automatic,
            idle_s: 60,
            ..Train::default()
        });
        it
    }

    #[test]
    fn it_is_due_when_something_is_new_and_nobody_types() {
        let it = known(AutomaticTraining::Idle);
        let at = |seconds| Instant::now() + Duration::from_secs(seconds);
        assert!(!it.known().is_due(at(0)), "somebody may have typed before");
        assert!(it.known().is_due(at(61)));
        it.typed();
        assert!(!it.known().is_due(at(30)));
        it.known().has_news = false;
        assert!(!it.known().is_due(at(61)));
        it.has_news();
        it.known().tried = Some(Instant::now());
        assert!(!it.known().is_due(at(61)), "it was tried just now");
        assert!(it.known().is_due(at(601)));
        it.configure(&Train {
            automatic: AutomaticTraining::Off,
            ..Train::default()
        });
        assert!(!it.known().is_due(at(601)));
    }

    #[cfg(unix)]
    #[test]
    fn a_training_is_told_of_keystrokes_and_one_that_was_stopped_is_gone_on_with() {
        let shell = |script: &'static str| {
            Automatic::of(Box::new(move || {
                let mut command = Command::new("sh");
                command.args(["-c", script]);
                command
            }))
        };
        // It answers what it hears.
        let it = Arc::new(shell("read line; echo \"{\\\"heard\\\":\\\"$line\\\"}\""));
        let running = Arc::clone(&it);
        let ran = thread::spawn(move || running.run());
        let is_running = || it.known().input.is_some().then_some(());
        inkstone_test_support::eventually(Duration::from_secs(60), "the child", is_running);
        it.typed();
        assert!(ran.join().unwrap().unwrap().contains("typing"));
        let stopped = shell("echo '{\"outcome\":\"stopped\"}'");
        stopped.train();
        assert!(stopped.known().has_news);
        let done = shell("echo '{\"outcome\":\"nothing_new\"}'");
        done.train();
        assert!(!done.known().has_news);
        let failed = shell("exit 3");
        failed.train();
        assert!(failed.known().has_news);
    }
}
