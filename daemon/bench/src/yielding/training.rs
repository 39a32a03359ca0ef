//! A training that goes on for as long as is measured, and ends with the measurement.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStderr, ChildStdin, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use inkstone_protocol::{TrainingPhase, TrainingReport};
use serde::Deserialize;

use super::{Over, YieldOptions};
use crate::cpu_time::CpuTime;
use crate::error::BenchError;
use crate::stage::home_error;
use crate::trainer_home::{TrainerPrograms, failed, generic_setting, unstarted};

/// Seconds without a key after which it goes on: few, so that many pauses can be measured.
const QUIET_S: u32 = 1;
/// The same.
pub(super) const QUIET: Duration = Duration::from_secs(QUIET_S as u64);
/// More steps than anybody measures.
const STEPS: u32 = 1_000_000;
/// Between two lines that hold it at rest.
const HOLD_EVERY: Duration = Duration::from_millis(200);
/// What says that somebody types, on its standard input.
const TYPING_LINE: &[u8] = b"typing\n";
/// Milliseconds that it must have computed to be seen at it.
const COMPUTES_MS: f64 = 200.0;
/// Between two looks at that.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How long it may take until it computes: the model is loaded, and samples of it may be drawn.
const BEGINS_WAIT: Duration = Duration::from_secs(900);

/// The process; dropping it ends it.
pub(super) struct Training {
    child: Mutex<Child>,
    pid: u32,
    input: Mutex<Option<ChildStdin>>,
    said: Arc<Mutex<Said>>,
}

/// What it said last.
#[derive(Debug, Default)]
struct Said {
    is_training: bool,
    words: String,
}

#[derive(Deserialize)]
struct Told {
    training: TrainingReport,
}

/// The settings of such a training, after those of the engine.
pub(super) fn settings(options: &YieldOptions) -> Result<String, BenchError> {
    let generic = options.generic.as_deref().map(generic_setting);
    Ok(format!(
        // How hot it gets is not measured.
        "\n[train]\nautomatic = \"off\"\ncelsius_max = 0\nquiet_s = {QUIET_S}\nsteps = {STEPS}\n\
         threads = {}\n{}\n",
        options.train_threads,
        generic.transpose()?.unwrap_or_default()
    ))
}

impl Training {
    /// Starts it, and waits until it has taken a step.
    pub(super) fn start(programs: &TrainerPrograms, language: &str) -> Result<Self, BenchError> {
        let mut command = programs.trainer();
        command.args(["train", "--now", "--language", language, "--attached"]);
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        let child = command.stderr(Stdio::piped()).spawn();
        let mut child = child.map_err(|source| unstarted(&command, source))?;
        let said = Arc::new(Mutex::new(Said::default()));
        if let Some(stderr) = child.stderr.take() {
            let said = Arc::clone(&said);
            thread::spawn(move || hear(stderr, &said));
        }
        let input = Mutex::new(child.stdin.take());
        let pid = child.id();
        let child = Mutex::new(child);
        let this = Self {
            child,
            pid,
            input,
            said,
        };
        this.wait_until(|this| Ok(this.said().is_training))?;
        Ok(this)
    }

    /// How long it has computed so far.
    pub(super) fn computed_ms(&self) -> Result<f64, BenchError> {
        Ok(CpuTime::of(self.pid)?.computed_ms)
    }

    /// Waits until it goes on after a pause.
    pub(super) fn wait_until_it_computes(&self) -> Result<(), BenchError> {
        let before_ms = self.computed_ms()?;
        self.wait_until(|this| Ok(this.computed_ms()? >= before_ms + COMPUTES_MS))
    }

    fn wait_until(
        &self,
        is_so: impl Fn(&Self) -> Result<bool, BenchError>,
    ) -> Result<(), BenchError> {
        let begun = Instant::now();
        while !is_so(self)? {
            if self.has_ended()? || begun.elapsed() > BEGINS_WAIT {
                return Err(failed(&format!("it does not train: {}", self.said().words)));
            }
            thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    fn has_ended(&self) -> Result<bool, BenchError> {
        let ended = self.child().try_wait();
        let ended = ended.map_err(|source| home_error("inkstone-trainer".as_ref(), source))?;
        Ok(ended.is_some())
    }

    /// Does something while it is told that somebody types.
    pub(super) fn held_at_rest<T>(
        &self,
        work: impl FnOnce() -> Result<T, BenchError>,
    ) -> Result<T, BenchError> {
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            let _over = Over(&is_over);
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    self.tell_typing();
                    thread::sleep(HOLD_EVERY);
                }
            });
            work()
        })
    }

    fn tell_typing(&self) {
        let mut input = self.input.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(input) = input.as_mut() {
            // One that has ended needs no holding; who waits for it to go on hears of it.
            let _ended = input.write_all(TYPING_LINE);
        }
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Training {
    fn drop(&mut self) {
        // Either fails where it has ended already.
        let mut child = self.child();
        let _ended = child.kill();
        let _gone = child.wait();
    }
}

/// Reads to the end, so that it never waits for us.
fn hear(stderr: ChildStderr, said: &Mutex<Said>) {
    for line in BufReader::new(stderr).lines().map_while(Result::ok) {
        let told: Option<Told> = serde_json::from_str(&line).ok();
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Told { training }) = told {
            said.is_training |= training.phase == TrainingPhase::Training && training.step > 0;
        }
        said.words = line;
    }
}
