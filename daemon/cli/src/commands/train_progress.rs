//! The progress of a training: a bar where a person watches, and lines where nobody does, one for each
//! part of the work and each look at the held-out documents.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use inkstone_protocol::{TrainingPhase, TrainingReport};
use serde::Deserialize;

/// How often the sign moves that it is at work.
const TICK_EVERY: Duration = Duration::from_millis(120);
/// Columns of the bar.
const TEMPLATE: &str = "{spinner} {bar:24} {msg}";

/// Draws, or writes, on standard error.
pub(super) struct TrainProgress {
    bar: Option<ProgressBar>,
    /// What the last line said that is worth a further one.
    told: Option<Told>,
}

#[derive(Debug, Clone, PartialEq)]
struct Told {
    language: String,
    phase: TrainingPhase,
    held_out: Option<f64>,
    waits: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Training(TrainingReport),
    Notice(String),
}

impl TrainProgress {
    /// Starts to draw, where a person watches.
    pub(super) fn start() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(1), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template(TEMPLATE);
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.set_message("reading what changed");
            bar.enable_steady_tick(TICK_EVERY);
            bar
        });
        Self { bar, told: None }
    }

    /// Takes a line of the trainer's; whether it was one.
    pub(super) fn heard(&mut self, line: &str) -> bool {
        match serde_json::from_str(line) {
            Ok(Line::Training(report)) => self.report(&report),
            Ok(Line::Notice(text)) => match &self.bar {
                Some(bar) => bar.println(text),
                None => eprintln!("{text}"),
            },
            Err(_) => return false,
        }
        true
    }

    fn report(&mut self, report: &TrainingReport) {
        if let Some(bar) = &self.bar {
            bar.set_length(report.steps.max(1));
            bar.set_position(report.step);
            bar.set_message(words(report));
            return;
        }
        let told = Told {
            language: report.language.clone(),
            phase: report.phase,
            held_out: report.held_out,
            waits: report.waits.clone(),
        };
        if self.told.as_ref() != Some(&told) {
            eprintln!("{}", words(report));
            self.told = Some(told);
        }
    }
}

impl Drop for TrainProgress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// How a training is, on one line.
pub(super) fn words(report: &TrainingReport) -> String {
    let TrainingReport {
        language, model, ..
    } = report;
    let what = match report.phase {
        TrainingPhase::Preparing => "reading the dataset and the model".to_owned(),
        TrainingPhase::Sampling => "drawing samples of the model, once".to_owned(),
        TrainingPhase::Searching => "trying learning rates".to_owned(),
        TrainingPhase::Judging => "measuring what came of it".to_owned(),
        TrainingPhase::Training => format!("step {} of {}", report.step, report.steps),
        TrainingPhase::Other => "at work".to_owned(),
    };
    let mut text = format!("{language} on {model}: {what}");
    let mut add = |part: String| {
        text.push_str(", ");
        text.push_str(&part);
    };
    if report.phase == TrainingPhase::Training {
        if let Some(loss) = report.loss {
            add(format!("loss {loss:.3}"));
        }
        if let (Some(start), Some(now)) = (report.held_out_at_start, report.held_out) {
            add(format!("held out {now:.3} from {start:.3}"));
        }
        if let Some(rate) = report.tokens_per_s {
            add(format!("{rate:.0} tokens/s"));
        }
        if let Some(left_s) = report.left_s {
            add(format!("{} left at most", duration(left_s)));
        }
    }
    if let Some(rss_mb) = report.rss_mb {
        add(format!("{rss_mb:.0} MiB"));
    }
    if let Some(waits) = &report.waits {
        add(format!("waits {waits}"));
    }
    text
}

fn duration(seconds: u64) -> String {
    match seconds {
        0..90 => format!("{seconds} s"),
        90..5_400 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A training on its way.
    pub(in super::super) fn report() -> TrainingReport {
        TrainingReport {
            pid: 7,
            phase: TrainingPhase::Training,
            language: "zh".to_owned(),
            model: "gemma-3-270m".to_owned(),
            step: 12,
            steps: 300,
            loss: Some(3.25),
            held_out_at_start: Some(3.5),
            held_out: Some(3.4),
            tokens_per_s: Some(181.6),
            left_s: Some(801),
            rss_mb: Some(912.0),
            waits: None,
        }
    }

    #[test]
    fn a_training_is_told_in_words() {
        let mut some = report();
        assert_eq!(
            words(&some),
            "zh on gemma-3-270m: step 12 of 300, loss 3.250, held out 3.400 from 3.500, 182 tokens/s, 14 min left at most, 912 MiB"
        );
        some.phase = TrainingPhase::Judging;
        some.waits = Some("for you to stop typing".to_owned());
        assert_eq!(
            words(&some),
            "zh on gemma-3-270m: measuring what came of it, 912 MiB, waits for you to stop typing"
        );
    }

    #[test]
    fn lines_of_the_trainer_are_taken_and_others_are_not() {
        let mut progress = TrainProgress {
            bar: None,
            told: None,
        };
        let line = serde_json::json!({ "training": report() }).to_string();
        assert!(progress.heard(&line));
        assert!(progress.heard(r#"{"notice":"回到第 3 步"}"#));
        assert!(!progress.heard("inkstone-trainer: trouble"));
        assert!(!progress.heard(r#"{"progress":{"step":"assembling"}}"#));
    }

    #[test]
    fn times_are_told_in_the_unit_that_fits() {
        assert_eq!(duration(89), "89 s");
        assert_eq!(duration(91), "2 min");
        assert_eq!(duration(7_260), "2 h 1 min");
    }
}
