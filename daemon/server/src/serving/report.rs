//! The report that `status` shows, written by the engine thread and read by sessions.

use std::sync::{Arc, Mutex, PoisonError};

use inkstone_engine::{Backend, Model};
use inkstone_models::ModelName;
use inkstone_protocol::{ModelReport, ModelState};
use inkstone_settings::LanguageTag;

use super::event::ServingReport;
use super::lane::Lane;

/// How a request ended, for the counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// Answered with a suggestion or a silence.
    Completed,
    /// Superseded, cancelled, or too late.
    Cancelled,
    /// Turned away, or failed.
    Rejected,
}

/// Adapters whose requests are counted: more than are ever worn between two starts.
const COUNTED_ADAPTERS_MAX: usize = 256;

/// One report behind a lock that is held for a copy only.
#[derive(Debug, Clone, Default)]
pub(super) struct SharedReport(Arc<Mutex<ServingReport>>);

impl SharedReport {
    pub(super) fn update(&self, change: impl FnOnce(&mut ServingReport)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn snapshot(&self) -> ServingReport {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Counts documents that changed over to another adapter.
    pub(super) fn count_swaps(&self, documents: u64) {
        if documents > 0 {
            self.update(|report| report.swaps += documents);
        }
    }

    /// Counts a request that wears an adapter.
    pub(super) fn count_worn(&self, name: &str) {
        self.update(|report| {
            let counts = &mut report.requests_with;
            if let Some(count) = counts.get_mut(name) {
                *count += 1;
            } else if counts.len() < COUNTED_ADAPTERS_MAX {
                counts.insert(name.to_owned(), 1);
            }
        });
    }

    /// Counts a request before it is answered, so that who has the answer finds it in the report.
    pub(super) fn count(&self, ending: Ending) {
        self.update(|report| match ending {
            Ending::Completed => report.completions += 1,
            Ending::Cancelled => report.cancelled += 1,
            Ending::Rejected => report.rejected += 1,
        });
    }
}

/// A model of which nothing but its name and its languages is known.
pub(super) fn undescribed(name: &ModelName, languages: &[&LanguageTag]) -> ModelReport {
    ModelReport {
        name: name.to_string(),
        languages: languages
            .iter()
            .map(|tag| tag.as_str().to_owned())
            .collect(),
        state: ModelState::Unloaded,
        problem: None,
        device: None,
        instruction_set: None,
        layers_offloaded: 0,
        layers: 0,
        weights_mb: 0.0,
        kv_mb: 0.0,
        context_tokens: 0,
        sequences_used: 0,
        sequences: 0,
        is_made_smaller: false,
        loads: 0,
        released: None,
        computation: None,
        drafts: None,
        recollection: None,
    }
}

/// Says in the log what serves from now on and what it costs.
pub(super) fn log_loaded(report: &ModelReport) {
    tracing::info!(
        model = report.name,
        device = report.device,
        instruction_set = report.instruction_set,
        layers = report.layers,
        layers_offloaded = report.layers_offloaded,
        context_tokens = report.context_tokens,
        sequences = report.sequences,
        weights_mb = report.weights_mb.round(),
        kv_mb = report.kv_mb.round(),
        computation = ?report.computation,
        "model loaded"
    );
    if let Some(problem) = &report.problem {
        tracing::warn!(model = report.name, problem, "the processor stands in");
    }
}

/// Fills in what a model at work says of itself.
pub(super) fn describe_lane(report: &mut ModelReport, lane: &Lane) {
    describe_model(report, lane.model());
    report.state = ModelState::Loaded;
    report.kv_mb = mebibytes(lane.kv_bytes());
    report.context_tokens = lane.context_tokens();
    report.sequences = lane.sequences();
    report.sequences_used = lane.sequences_used();
    report.computation = Some(lane.computation().clone());
    report.drafts = Some(lane.drafts());
    report.recollection = lane.recollection();
    report.problem = lane.notice().map(str::to_owned);
}

/// Fills in what the weights of a model in memory say.
pub(super) fn describe_model(report: &mut ModelReport, model: &Model) {
    report.device = Some(model.device_name().to_owned());
    report.instruction_set = Backend::get()
        .ok()
        .map(|backend| backend.instruction_set().to_owned());
    report.layers_offloaded = model.plan().gpu_layers;
    report.layers = model.layers();
    report.weights_mb = mebibytes(model.weights_bytes());
}

pub(super) fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
