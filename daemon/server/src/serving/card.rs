//! What this process has seen of the graphics card: whether models may go there, and what the user
//! is told when they do not.
//!
//! Pure. `residency.rs` keeps it, `loading.rs` asks.

use std::sync::Arc;

use inkstone_engine::{DeviceWish, EngineError};
use inkstone_settings::DeviceChoice;

use super::loading::wish;

/// The graphics card, as far as it has shown itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Card {
    /// How it has failed, if it has. It is not tried again: drivers give a lost card back to another
    /// process only, and one that fails at work would fail each new model the same way.
    failure: Option<Arc<str>>,
}

impl Card {
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
