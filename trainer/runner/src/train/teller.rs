//! Says how far a training is: lines of JSON on standard error for whoever started it, and a file for
//! `inkstone status`, both no more than once a second.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use inkstone_platform::{own_rss_bytes, private};
use inkstone_protocol::{TrainingPhase, TrainingReport};
use serde_json::json;

use super::quiet::Wait;

/// The time between two reports where nothing but numbers changed.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// How a training is, and who is told.
pub struct Teller {
    report: TrainingReport,
    file: PathBuf,
    told: Option<Instant>,
    computing_since: Instant,
    waited: Duration,
    waits_since: Option<Instant>,
    tokens: u64,
    /// What had been computed after the last step.
    stepped: Duration,
    peak_rss_bytes: u64,
    is_silent: bool,
}

impl Teller {
    /// For a training of this language and model.
    pub fn new(file: PathBuf, language: &str, model: &str) -> Self {
        Self {
            report: TrainingReport {
                pid: std::process::id(),
                phase: TrainingPhase::Preparing,
                language: language.to_owned(),
                model: model.to_owned(),
                step: 0,
                steps: 0,
                loss: None,
                held_out_at_start: None,
                held_out: None,
                tokens_per_s: None,
                left_s: None,
                rss_mb: None,
                waits: None,
            },
            file,
            told: None,
            computing_since: Instant::now(),
            waited: Duration::ZERO,
            waits_since: None,
            tokens: 0,
            stepped: Duration::ZERO,
            peak_rss_bytes: 0,
            is_silent: false,
        }
    }

    /// Says nothing on standard error: for tests, which read it otherwise.
    #[must_use]
    pub fn silent(mut self) -> Self {
        self.is_silent = true;
        self
    }

    /// Begins another part of the work.
    pub fn phase(&mut self, phase: TrainingPhase, step: u64, steps: u64) {
        self.report.phase = phase;
        (self.report.step, self.report.steps) = (step, steps);
        self.computing_since = Instant::now();
        (self.waited, self.tokens) = (Duration::ZERO, 0);
        self.stepped = Duration::ZERO;
        (self.report.tokens_per_s, self.report.left_s) = (None, None);
        self.tell(true);
    }

    /// A step was taken on so many tokens; how many of them a second.
    pub fn stepped(&mut self, step: u64, loss: Option<f64>, tokens: u64) -> f64 {
        self.report.step = step;
        self.report.loss = loss.or(self.report.loss);
        self.tokens += tokens;
        let computed = self.computed().as_secs_f64();
        if computed > 0.0 && self.tokens > 0 {
            let rate = self.tokens as f64 / computed;
            self.report.tokens_per_s = Some(rate);
            let left_steps = self.report.steps.saturating_sub(step) as f64;
            let step_s = tokens as f64 / rate;
            self.report.left_s = whole_seconds(left_steps * step_s);
        }
        self.tell(false);
        let step_s = computed - self.stepped.as_secs_f64();
        self.stepped = Duration::try_from_secs_f64(computed).unwrap_or_default();
        tokens as f64 / step_s.max(1e-9)
    }

    /// Held-out documents were looked at.
    pub fn evaluated(&mut self, held_out: f64) {
        let start = *self.report.held_out_at_start.get_or_insert(held_out);
        let best = self.report.held_out.unwrap_or(start);
        self.report.held_out = Some(best.min(held_out));
        self.tell(true);
    }

    /// It waits, or goes on.
    pub fn waits(&mut self, wait: Option<Wait>) {
        if wait.is_some() {
            self.waits_since.get_or_insert_with(Instant::now);
        } else if let Some(since) = self.waits_since.take() {
            self.waited += since.elapsed();
        }
        self.report.waits = wait.map(|wait| wait.words().to_owned());
        self.tell(true);
    }

    /// Something that a person should know.
    pub fn notice(&self, text: &str) {
        if !self.is_silent {
            // Who does not listen any more misses nothing: the training goes on.
            let _unheard = writeln!(std::io::stderr(), "{}", json!({ "notice": text }));
        }
    }

    /// Tokens a second in this part, waiting not counted.
    pub fn tokens_per_s(&self) -> f64 {
        self.tokens as f64 / self.computed().as_secs_f64().max(1e-9)
    }

    /// The time that this part computed.
    pub fn computed(&self) -> Duration {
        self.computing_since.elapsed().saturating_sub(self.waited)
    }

    /// The most memory it was seen to hold.
    pub fn peak_rss_mb(&self) -> f64 {
        self.peak_rss_bytes as f64 / f64::from(1 << 20)
    }

    fn tell(&mut self, at_once: bool) {
        if !at_once && self.told.is_some_and(|told| told.elapsed() < TELL_EVERY) {
            return;
        }
        self.told = Some(Instant::now());
        let rss = own_rss_bytes();
        self.peak_rss_bytes = self.peak_rss_bytes.max(rss.unwrap_or(0));
        self.report.rss_mb = rss.map(|bytes| bytes as f64 / f64::from(1 << 20));
        if !self.is_silent {
            let line = json!({ "training": &self.report });
            // See `notice`.
            let _unheard = writeln!(std::io::stderr(), "{line}");
        }
        if let Ok(json) = serde_json::to_vec(&self.report) {
            // `status` shows less then; the training is none the worse.
            let _unseen = private::replace(&self.file, &json);
        }
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        // Where it cannot be removed, its process is no longer alive, which is looked at as well.
        let _left = std::fs::remove_file(&self.file);
    }
}

fn whole_seconds(seconds: f64) -> Option<u64> {
    Duration::try_from_secs_f64(seconds)
        .ok()
        .map(|left| left.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_shows_how_far_it_is_and_goes_with_the_training() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("now.json");
        let mut teller = Teller::new(file.clone(), "zh", "m").silent();
        teller.phase(TrainingPhase::Training, 0, 10);
        teller.stepped(1, Some(3.5), 512);
        teller.evaluated(3.4);
        teller.evaluated(3.6);
        teller.waits(Some(Wait::Typing));
        let read = || serde_json::from_slice::<TrainingReport>(&std::fs::read(&file).unwrap());
        let report = read().unwrap();
        assert_eq!((report.step, report.steps, report.loss), (1, 10, Some(3.5)));
        assert_eq!(report.held_out_at_start, Some(3.4));
        assert_eq!(report.held_out, Some(3.4));
        assert!(report.waits.unwrap().contains("typing") && report.left_s.is_some());
        teller.waits(None);
        assert_eq!(read().unwrap().waits, None);
        drop(teller);
        assert!(!file.exists());
    }
}
