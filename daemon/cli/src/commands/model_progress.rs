//! The progress of a pull on the terminal: a bar with rate and time left where a person watches,
//! a line now and then where the output goes to a file.

use std::io::{IsTerminal as _, Write as _};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use inkstone_fetch::{FetchError, Pace, Phase, Progress};
use inkstone_models::{Source, Terms};

use super::model_pull::terms_page;
use super::model_table::size;

/// Shortest time between two lines where nobody watches.
const LINE_EVERY: Duration = Duration::from_secs(5);
/// Exit code of a program that a second interrupt ends at once, as shells count it.
const INTERRUPTED_EXIT: i32 = 130;

/// Draws on standard error.
pub(crate) struct TerminalProgress {
    bar: Option<ProgressBar>,
    model: String,
    line_at: Option<Instant>,
    interrupts: &'static Interrupts,
}

impl TerminalProgress {
    /// Starts to draw, and to listen for interrupts: the first ends the pull in order, the second
    /// ends the program.
    pub(crate) fn start(model: &str) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            bar.set_style(style());
            bar.set_prefix(model.to_owned());
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self {
            bar,
            model: model.to_owned(),
            line_at: None,
            interrupts: Interrupts::of_a_pull(),
        }
    }

    fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            // Standard error that is closed leaves nobody to tell.
            None => drop(writeln!(std::io::stderr(), "{text}")),
        }
    }
}

impl Progress for TerminalProgress {
    fn phase(&mut self, phase: Phase<'_>) {
        let text = describe(phase);
        if let Some(bar) = self.bar.as_ref().filter(|_| phase != Phase::Replacing) {
            bar.set_position(0);
            bar.set_message(text);
        } else {
            self.line_at = Some(Instant::now());
            self.say(&format!("{}: {text}", self.model));
        }
    }

    fn pace(&mut self, pace: Pace) {
        if let Some(bar) = &self.bar {
            if let Some(total_bytes) = pace.total_bytes {
                bar.set_length(total_bytes);
            }
            bar.set_position(pace.done_bytes);
            bar.set_message(words(pace));
        } else if self.line_at.is_none_or(|at| at.elapsed() >= LINE_EVERY) {
            self.line_at = Some(Instant::now());
            self.say(&format!("{}: {}", self.model, words(pace)));
        }
    }

    fn accepted(&mut self, terms: &Terms) {
        self.say(&terms_page(terms));
    }

    fn source_failed(&mut self, source: &Source, error: &FetchError) {
        self.say(&format!("{}: {source} failed: {error}", self.model));
    }

    fn is_cancelled(&mut self) -> bool {
        self.interrupts.is_asked.load(Ordering::Relaxed)
    }
}

impl Drop for TerminalProgress {
    fn drop(&mut self) {
        self.interrupts.is_pulling.store(false, Ordering::Relaxed);
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// The bar; without a length indicatif draws only the spinner.
fn style() -> ProgressStyle {
    let template = "{spinner} {prefix} {wide_bar} {msg}";
    // A template that cannot be read would be a slip of ours: then the bar is indicatif's own.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

fn describe(phase: Phase<'_>) -> String {
    match phase {
        Phase::Waiting => "another process fetches it, waiting".to_owned(),
        Phase::Asking(source) => format!("from {source}"),
        Phase::Downloading => "downloading".to_owned(),
        Phase::Copying => "copying".to_owned(),
        Phase::Checking => "checking what is here".to_owned(),
        Phase::Replacing => {
            "the file here is damaged or another version, it is fetched anew".to_owned()
        }
    }
}

/// How far, how fast and how long still, in words.
fn words(pace: Pace) -> String {
    let mut words = size(pace.done_bytes);
    if let Some(total_bytes) = pace.total_bytes {
        words = format!("{words} of {}", size(total_bytes));
    }
    words = format!("{words}, {}/s", size(pace.rate_bytes_per_s));
    match pace.left {
        Some(left) => format!("{words}, {} left", duration(left)),
        None => words,
    }
}

fn duration(left: Duration) -> String {
    match left.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

/// What interrupts mean. One listener for the whole program: it takes the place of the signal's own
/// effect for good, so it must also know when no pull is under way.
#[derive(Debug, Default)]
struct Interrupts {
    is_pulling: AtomicBool,
    /// The pull is to end.
    is_asked: AtomicBool,
}

/// What one interrupt is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Interruption {
    /// End the pull in order.
    EndPull,
    /// End the program, as without a listener.
    EndProgram,
}

impl Interrupts {
    /// A pull begins. Without a listener (no thread, no signals) an interrupt ends the program, as
    /// it would anyway; what it leaves is removed by the next pull.
    fn of_a_pull() -> &'static Self {
        static INTERRUPTS: OnceLock<Interrupts> = OnceLock::new();
        let is_new = INTERRUPTS.get().is_none();
        let interrupts = INTERRUPTS.get_or_init(Self::default);
        interrupts.begin_pull();
        if is_new {
            std::thread::spawn(|| interrupts.listen());
        }
        interrupts
    }

    fn begin_pull(&self) {
        self.is_asked.store(false, Ordering::Relaxed);
        self.is_pulling.store(true, Ordering::Relaxed);
    }

    fn interrupt(&self) -> Interruption {
        let is_pulling = self.is_pulling.load(Ordering::Relaxed);
        if is_pulling && !self.is_asked.swap(true, Ordering::Relaxed) {
            Interruption::EndPull
        } else {
            Interruption::EndProgram
        }
    }

    fn listen(&self) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async {
            while tokio::signal::ctrl_c().await.is_ok() {
                if self.interrupt() == Interruption::EndProgram {
                    std::process::exit(INTERRUPTED_EXIT);
                }
            }
        });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_told_in_words() {
        let pace = Pace {
            done_bytes: 98_000_000,
            total_bytes: Some(2_500_000_000),
            rate_bytes_per_s: 12_300_000,
            left: Some(Duration::from_secs(75)),
        };
        assert_eq!(words(pace), "98 MB of 2.5 GB, 13 MB/s, 1 min 15 s left");
        assert_eq!(
            words(Pace {
                left: None,
                total_bytes: None,
                ..pace
            }),
            "98 MB, 13 MB/s"
        );
        assert_eq!(duration(Duration::from_secs(121 * 60)), "2 h 1 min");
    }

    #[test]
    fn one_interrupt_ends_a_pull_and_at_a_prompt_after_it_the_program() {
        let interrupts = Interrupts::default();
        interrupts.begin_pull();
        assert_eq!(interrupts.interrupt(), Interruption::EndPull);
        assert_eq!(interrupts.interrupt(), Interruption::EndProgram);
        interrupts.begin_pull();
        interrupts.is_pulling.store(false, Ordering::Relaxed);
        assert_eq!(interrupts.interrupt(), Interruption::EndProgram);
    }
}
