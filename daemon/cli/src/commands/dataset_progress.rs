//! The progress of a build on the terminal. Where nobody watches it says nothing: what came of it is
//! told in the end.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget};

use super::model_table::size;
use crate::trainer::Progress;

/// How often the sign moves that it is at work.
const TICK_EVERY: Duration = Duration::from_millis(120);

/// Draws on standard error.
pub(super) struct BuildProgress {
    bar: Option<ProgressBar>,
}

impl BuildProgress {
    /// Starts to draw, where a person watches.
    pub(super) fn start() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            bar.set_style(indicatif::ProgressStyle::default_spinner());
            bar.set_message("looking for changes");
            bar.enable_steady_tick(TICK_EVERY);
            bar
        });
        Self { bar }
    }

    pub(super) fn tell(&mut self, progress: &Progress) {
        if let Some(bar) = &self.bar {
            bar.set_message(words(progress));
        }
    }
}

impl Drop for BuildProgress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn words(progress: &Progress) -> String {
    match progress {
        Progress::Reading {
            workspace,
            files_read,
            bytes_read,
        } => format!(
            "reading {}: {files_read} files, {}",
            workspace.display(),
            size(*bytes_read)
        ),
        Progress::Assembling => "comparing what was read".to_owned(),
        Progress::Scoring { texts } => format!("asking how surprising it is: {texts} texts"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_told_in_words() {
        let reading = Progress::Reading {
            workspace: "/文稿".into(),
            files_read: 12,
            bytes_read: 98_000_000,
        };
        assert_eq!(words(&reading), "reading /文稿: 12 files, 98 MB");
        assert_eq!(words(&Progress::Assembling), "comparing what was read");
        let scoring = words(&Progress::Scoring { texts: 70 });
        assert_eq!(scoring, "asking how surprising it is: 70 texts");
    }
}
