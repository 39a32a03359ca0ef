//! `$/progress` while the daemon reads a model into memory: begin, report, end, as a state.
//!
//! Not who asks for the model. Fed by the session with what the daemon says of loading.

use tower_lsp_server::ls_types as lsp;

use crate::outbox::Outgoing;

/// Whether a progress is being shown.
#[derive(Debug, Default)]
pub(crate) struct LoadingProgress {
    shown: Option<Shown>,
    /// Tokens must not be used twice (LSP 3.17, "Progress Support").
    count: u32,
}

#[derive(Debug)]
struct Shown {
    token: lsp::ProgressToken,
    model: String,
    percent: u8,
}

impl LoadingProgress {
    /// The daemon has read so much of a model.
    pub(crate) fn loading(&mut self, model: &str, percent: u8) -> Vec<Outgoing> {
        let percent = percent.min(100);
        match &mut self.shown {
            Some(shown) if shown.model == model => {
                // Clients may ignore a percentage that falls.
                if percent <= shown.percent {
                    return Vec::new();
                }
                shown.percent = percent;
                vec![reported(&shown.token, None, percent.into())]
            }
            _ => {
                let mut out = self.ready();
                self.count += 1;
                let token = lsp::ProgressToken::String(format!("inkstone/load/{}", self.count));
                let begin = lsp::WorkDoneProgressBegin {
                    title: format!("Inkstone loads {model}"),
                    cancellable: Some(false),
                    message: None,
                    percentage: Some(percent.into()),
                };
                self.shown = Some(Shown {
                    token: token.clone(),
                    model: model.to_owned(),
                    percent,
                });
                out.push(Outgoing::ProgressBegin { token, begin });
                out
            }
        }
    }

    /// Nobody waits for a model any more.
    pub(crate) fn ready(&mut self) -> Vec<Outgoing> {
        let Some(shown) = self.shown.take() else {
            return Vec::new();
        };
        vec![ended(&shown.token)]
    }
}

/// News of a progress.
pub(super) fn reported(
    token: &lsp::ProgressToken,
    message: Option<String>,
    percent: u32,
) -> Outgoing {
    let report = lsp::WorkDoneProgressReport {
        message,
        percentage: Some(percent),
        ..lsp::WorkDoneProgressReport::default()
    };
    progress(token, lsp::WorkDoneProgress::Report(report))
}

/// The end of a progress.
pub(super) fn ended(token: &lsp::ProgressToken) -> Outgoing {
    let end = lsp::WorkDoneProgressEnd { message: None };
    progress(token, lsp::WorkDoneProgress::End(end))
}

fn progress(token: &lsp::ProgressToken, value: lsp::WorkDoneProgress) -> Outgoing {
    Outgoing::Progress(lsp::ProgressParams {
        token: token.clone(),
        value: lsp::ProgressParamsValue::WorkDone(value),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(outgoing: &[Outgoing]) -> Vec<&'static str> {
        let kind = |outgoing: &Outgoing| match outgoing {
            Outgoing::ProgressBegin { .. } => "begin",
            Outgoing::Progress(params) => match &params.value {
                lsp::ProgressParamsValue::WorkDone(lsp::WorkDoneProgress::Report(_)) => "report",
                lsp::ProgressParamsValue::WorkDone(lsp::WorkDoneProgress::End(_)) => "end",
                lsp::ProgressParamsValue::WorkDone(lsp::WorkDoneProgress::Begin(_)) => "raw begin",
            },
            _ => "other",
        };
        outgoing.iter().map(kind).collect()
    }

    #[test]
    fn one_load_begins_reports_rising_numbers_and_ends() {
        let mut progress = LoadingProgress::default();
        assert_eq!(kinds(&progress.loading("a", 0)), ["begin"]);
        assert_eq!(kinds(&progress.loading("a", 40)), ["report"]);
        assert!(progress.loading("a", 30).is_empty());
        assert_eq!(kinds(&progress.ready()), ["end"]);
        assert!(progress.ready().is_empty());
    }

    #[test]
    fn another_model_ends_the_first_progress_and_takes_a_new_token() {
        let mut progress = LoadingProgress::default();
        let first = progress.loading("a", 0);
        let second = progress.loading("b", 0);
        assert_eq!(kinds(&second), ["end", "begin"]);
        assert_ne!(first[0], second[1]);
    }
}
