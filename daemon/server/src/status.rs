//! The answer to `status`: what the daemon says of itself.

use inkstone_protocol::{AdaptersReport, StatusReply};

use crate::completions::Completions;
use crate::outcomes::Outcomes;
use crate::serving::ServingReport;
use crate::session::Shared;

/// The state as of now.
pub(crate) fn reply<C: Completions>(shared: &Shared<C>) -> StatusReply {
    let report = shared.completions.report();
    let adapters = adapters(&report, &shared.outcomes);
    StatusReply {
        pid: std::process::id(),
        version: shared.version.clone(),
        uptime_s: shared.started_at.elapsed().as_secs(),
        clients: shared.clients(),
        requests_active: report.requests_active,
        completions: report.completions,
        cancelled: report.cancelled,
        rejected: report.rejected,
        rss_mb: inkstone_platform::own_rss_bytes().map_or(0.0, mebibytes),
        engine_turns: report.turns,
        typed_ms_ago: shared.typed_ms_ago(),
        memory: report.memory,
        trainer: shared.trainer.report(),
        models: report.models,
        adapters,
    }
}

/// What is worn, with the counts.
fn adapters(report: &ServingReport, outcomes: &Outcomes) -> AdaptersReport {
    let mut adapters = report.adapters.clone();
    adapters.swaps = report.swaps;
    adapters.taken_back = outcomes.taken_back();
    for adapter in &mut adapters.live {
        adapter.requests = report
            .requests_with
            .get(&adapter.name)
            .copied()
            .unwrap_or(0);
        (adapter.shown, adapter.right) = outcomes.of_adapter(&adapter.name);
    }
    adapters
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
