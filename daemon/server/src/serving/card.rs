//! What is known of the graphics card: whether models may go there, and what the user is told when
//! they do not.
//!
//! `residency.rs` keeps it, `loading.rs` asks. A driver may end the whole process instead of
//! failing; a file that lies there during the first steps on the card tells the next daemon, so that
//! the card does not end one after the other.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use inkstone_engine::{DeviceWish, EngineError};
use inkstone_settings::DeviceChoice;

use super::loading::wish;

/// The graphics card, as far as it has shown itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Card {
    /// How it has failed, if it has. It is not tried again: drivers give a lost card back to another
    /// process only, and one that fails at work would fail each new model the same way.
    failure: Option<Arc<str>>,
    trials: Arc<Trials>,
}

/// The steps on the card that are under way.
#[derive(Debug, Default)]
struct Trials {
    /// There while any is; none where nothing is to be written.
    file: Option<PathBuf>,
    running: Mutex<u32>,
}

impl Card {
    /// The card as the last daemon has left it, which is noted in `file`. What is noted counts once:
    /// a driver may have been repaired since.
    pub(super) fn found(file: PathBuf) -> Self {
        let ended_the_last = fs::remove_file(&file).is_ok();
        if ended_the_last {
            tracing::warn!("the last daemon ended while it tried the graphics card");
        }
        let what = "the daemon ended when it tried the graphics card";
        Self {
            failure: ended_the_last.then(|| what.into()),
            trials: Arc::new(Trials {
                file: Some(file),
                running: Mutex::default(),
            }),
        }
    }

    /// Whatever is under way, the process ends for another reason.
    pub(super) fn end_trials(&self) {
        self.trials.change(|_| 0);
    }

    /// The card is tried until the answer is dropped.
    pub(super) fn trial(&self) -> Trial {
        self.trials.change(|running| running + 1);
        Trial(Arc::clone(&self.trials))
    }

    /// It has failed while it computed; `problem` says how.
    pub(super) fn lose(&mut self, problem: &str) {
        self.failure = Some(problem.into());
    }

    pub(super) fn is_lost(&self) -> bool {
        self.failure.is_some()
    }

    /// Where a model is to go.
    ///
    /// # Errors
    /// When the setting demands the card, and it has failed.
    pub(super) fn wish(&self, setting: DeviceChoice) -> Result<DeviceWish, EngineError> {
        match (setting, &self.failure) {
            (DeviceChoice::Gpu, Some(problem)) => Err(EngineError::CardLost {
                problem: problem.to_string(),
            }),
            (DeviceChoice::Auto, Some(_)) => Ok(DeviceWish::Cpu),
            (setting, _) => Ok(wish(setting)),
        }
    }

    /// What the user is told while the processor stands in for the card: it failed at work, or did
    /// not take `model` because of `load_problem`.
    pub(super) fn notice(
        &self,
        setting: DeviceChoice,
        model: &str,
        load_problem: Option<&EngineError>,
    ) -> Option<String> {
        if setting != DeviceChoice::Auto {
            return None;
        }
        match (&self.failure, load_problem) {
            (Some(problem), _) => Some(format!(
                "{problem}; the processor computes until the daemon is started again: inkstone stop && inkstone start"
            )),
            (None, Some(problem)) => Some(format!(
                "{model} does not load on the graphics card, and the processor computes: {problem}; lower engine.gpu_layers or engine.context_tokens, or set engine.device = \"cpu\""
            )),
            (None, None) => None,
        }
    }
}

/// A step on the card that may end the process.
#[derive(Debug)]
pub(super) struct Trial(Arc<Trials>);

impl Drop for Trial {
    fn drop(&mut self) {
        self.0.change(|running| running.saturating_sub(1));
    }
}

impl Trials {
    fn change(&self, change: impl FnOnce(u32) -> u32) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *running;
        *running = change(before);
        let Some(file) = &self.file else {
            return;
        };
        let done = match (before, *running) {
            (0, 1..) => fs::write(file, ""),
            (1.., 0) => fs::remove_file(file),
            _ => Ok(()),
        };
        if let Err(error) = done {
            tracing::warn!(%error, file = %file.display(), "the trial of the graphics card is not noted");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_daemon_that_ended_while_it_tried_the_card_leaves_word_for_the_next_one_only() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("card-trial");
        let found = || Card::found(file.clone());
        let card = found();
        let (first, second) = (card.trial(), card.trial());
        drop(first);
        assert!(file.exists() && !card.is_lost());
        std::mem::forget(second); // as a process that is ended
        let next = found();
        assert!(next.is_lost() && !file.exists());
        assert!(matches!(next.wish(DeviceChoice::Auto), Ok(DeviceWish::Cpu)));
        let notice = next.notice(DeviceChoice::Auto, "m", None).unwrap();
        assert!(notice.contains("ended"), "{notice}");
        let trial = next.trial();
        next.end_trials();
        drop(trial);
        assert!(!file.exists() && !found().is_lost());
    }
}
