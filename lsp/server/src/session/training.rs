//! `$/progress` while a training runs: begin, reports, end, as a state.
//!
//! Fed with what the training says itself (`watch_training.rs`); it is nobody's request, and ends by
//! itself or with `inkstone train`, so it cannot be cancelled here.

use inkstone_protocol::{TrainingPhase, TrainingReport};
use tower_lsp_server::ls_types as lsp;

use super::progress::{ended, reported};
use crate::outbox::Outgoing;

/// Whether a training is being shown.
#[derive(Debug, Default)]
pub(crate) struct TrainingProgress {
    shown: Option<Shown>,
    /// Tokens must not be used twice (LSP 3.17, "Progress Support").
    count: u32,
}

#[derive(Debug)]
struct Shown {
    token: lsp::ProgressToken,
    /// Of each language there is a training of its own.
    of: (u32, String),
    message: String,
    percent: u32,
}

impl TrainingProgress {
    /// A training is like this now; none runs where there is none.
    pub(crate) fn now(&mut self, report: Option<&TrainingReport>) -> Vec<Outgoing> {
        let Some(report) = report else {
            let shown = self.shown.take();
            return shown.map(|shown| ended(&shown.token)).into_iter().collect();
        };
        let of = (report.pid, report.language.clone());
        let (message, percent) = (message(report), percent(report));
        if let Some(shown) = self.shown.as_mut().filter(|shown| shown.of == of) {
            // Clients may ignore a percentage that falls.
            let percent = percent.max(shown.percent);
            if (&shown.message, shown.percent) == (&message, percent) {
                return Vec::new();
            }
            shown.percent = percent;
            shown.message.clone_from(&message);
            return vec![reported(&shown.token, Some(message), percent)];
        }
        let mut out = self.now(None);
        self.count += 1;
        let token = lsp::ProgressToken::String(format!("inkstone/train/{}", self.count));
        let begin = lsp::WorkDoneProgressBegin {
            title: "Inkstone learns your voice".to_owned(),
            cancellable: Some(false),
            message: Some(message.clone()),
            percentage: Some(percent),
        };
        self.shown = Some(Shown {
            token: token.clone(),
            of,
            message,
            percent,
        });
        out.push(Outgoing::ProgressBegin { token, begin });
        out
    }
}

/// How far it is, in a few words.
fn message(report: &TrainingReport) -> String {
    let language = &report.language;
    let at = match report.phase {
        TrainingPhase::Preparing | TrainingPhase::Other => "reads your text".to_owned(),
        TrainingPhase::Sampling => "draws samples of the model".to_owned(),
        TrainingPhase::Searching => "tries learning rates".to_owned(),
        TrainingPhase::Judging => "measures what came of it".to_owned(),
        TrainingPhase::Training => training(report),
    };
    match &report.waits {
        Some(waits) => format!("{language}: {at}; waits {waits}"),
        None => format!("{language}: {at}"),
    }
}

fn training(report: &TrainingReport) -> String {
    let loss = report
        .loss
        .map_or_else(String::new, |loss| format!(", loss {loss:.2}"));
    let left = match report.left_s {
        Some(left_s) if left_s >= 90 => format!(", {} min left", left_s.div_ceil(60)),
        Some(left_s) => format!(", {left_s} s left"),
        None => String::new(),
    };
    format!("step {} of {}{loss}{left}", report.step, report.steps)
}

/// Of the steps; the measuring after them takes a moment.
fn percent(report: &TrainingReport) -> u32 {
    match report.phase {
        TrainingPhase::Training => {
            let percent = report.step.saturating_mul(100) / report.steps.max(1);
            u32::try_from(percent.min(99)).unwrap_or(99)
        }
        TrainingPhase::Judging => 99,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(phase: TrainingPhase, step: u64) -> TrainingReport {
        TrainingReport {
            pid: 7,
            phase,
            language: "zh".to_owned(),
            model: "m".to_owned(),
            step,
            steps: 90,
            loss: Some(3.414),
            held_out_at_start: None,
            held_out: None,
            tokens_per_s: None,
            left_s: Some(200),
            rss_mb: None,
            waits: None,
        }
    }

    fn messages(outgoing: &[Outgoing]) -> Vec<String> {
        let words = |outgoing: &Outgoing| match outgoing {
            Outgoing::ProgressBegin { begin, .. } => {
                let percent = begin.percentage.unwrap_or_default();
                format!(
                    "begin {percent} {}",
                    begin.message.clone().unwrap_or_default()
                )
            }
            Outgoing::Progress(params) => match &params.value {
                lsp::ProgressParamsValue::WorkDone(lsp::WorkDoneProgress::Report(report)) => {
                    let percent = report.percentage.unwrap_or_default();
                    format!("{percent} {}", report.message.clone().unwrap_or_default())
                }
                lsp::ProgressParamsValue::WorkDone(lsp::WorkDoneProgress::End(_)) => "end".into(),
                lsp::ProgressParamsValue::WorkDone(lsp::WorkDoneProgress::Begin(_)) => "?".into(),
            },
            _ => "other".into(),
        };
        outgoing.iter().map(words).collect()
    }

    #[test]
    fn a_training_is_shown_with_step_loss_and_time_from_its_beginning_to_its_end() {
        let mut shown = TrainingProgress::default();
        assert!(shown.now(None).is_empty());
        let begun = shown.now(Some(&report(TrainingPhase::Preparing, 0)));
        assert_eq!(messages(&begun), ["begin 0 zh: reads your text"]);
        let step = report(TrainingPhase::Training, 45);
        let told = messages(&shown.now(Some(&step)));
        assert_eq!(told, ["50 zh: step 45 of 90, loss 3.41, 4 min left"]);
        assert!(shown.now(Some(&step)).is_empty(), "nothing has changed");
        let waiting = TrainingReport {
            waits: Some("for you to stop typing".to_owned()),
            ..report(TrainingPhase::Training, 40)
        };
        let told = messages(&shown.now(Some(&waiting)));
        assert!(told[0].starts_with("50 ") && told[0].ends_with("waits for you to stop typing"));
        let judged = messages(&shown.now(Some(&report(TrainingPhase::Judging, 90))));
        assert!(judged[0].starts_with("99 "), "{judged:?}");
        assert_eq!(messages(&shown.now(None)), ["end"]);
        assert!(shown.now(None).is_empty());
    }

    #[test]
    fn the_training_of_the_next_language_is_another_progress() {
        let mut shown = TrainingProgress::default();
        shown.now(Some(&report(TrainingPhase::Training, 80)));
        let english = TrainingReport {
            language: "en".to_owned(),
            ..report(TrainingPhase::Training, 1)
        };
        let told = messages(&shown.now(Some(&english)));
        assert_eq!(told[0], "end");
        assert!(told[1].starts_with("begin 1 en:"), "{told:?}");
    }
}
