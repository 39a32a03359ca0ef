//! A model that computes no more: who takes its requests over.

use inkstone_engine::EngineError;
use inkstone_models::ModelName;

use super::Residency;
use crate::serving::refusal::internal;
use crate::serving::report::SharedReport;
use crate::serving::resident::State;
use crate::serving::waiting::Waiting;

impl Residency {
    /// A model has failed for good. On the graphics card: the processor takes its requests over.
    /// Elsewhere it would fail again: they end, and the next request loads it again.
    pub(super) fn computes_no_more(
        &mut self,
        name: &ModelName,
        error: &EngineError,
        report: &SharedReport,
    ) {
        let Some(resident) = self.residents.get_mut(name) else {
            return;
        };
        let State::Loaded(mut lane) = std::mem::take(&mut resident.state) else {
            return;
        };
        if let EngineError::Card { .. } = error {
            self.card.lose(&error.to_string());
            let waiting = Waiting::of(lane.into_submissions());
            self.start_loading(name, waiting, report);
        } else {
            lane.end_all(&internal(error), report);
        }
    }
}
