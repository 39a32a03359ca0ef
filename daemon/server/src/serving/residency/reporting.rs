//! What `status` shows of the models.

use std::collections::BTreeSet;

use inkstone_models::ModelName;
use inkstone_protocol::{ModelReport, ModelState};

use super::Residency;
use crate::serving::report::{describe_lane, describe_model, undescribed};
use crate::serving::resident::State;

impl Residency {
    /// One report per model that a role names or a request has named.
    pub(in crate::serving) fn model_reports(&self) -> Vec<ModelReport> {
        let roles = &self.settings.model.completion;
        let of_roles = roles.iter().map(|(_, name)| name);
        let all: BTreeSet<&ModelName> = of_roles.chain(self.residents.keys()).collect();
        all.into_iter()
            .map(|name| self.model_report(name))
            .collect()
    }

    pub(super) fn model_report(&self, name: &ModelName) -> ModelReport {
        let languages = self.settings.model.completion.languages_of(name.as_str());
        let resident = self.residents.get(name);
        let mut report = undescribed(name, &languages);
        report.loads = resident.map_or(0, |resident| resident.loads);
        report.released = resident.and_then(|resident| resident.released);
        report.is_made_smaller = resident.is_some_and(|resident| resident.is_made_smaller);
        match resident.map(|resident| &resident.state) {
            Some(State::Loading { .. }) => report.state = ModelState::Loading,
            Some(State::Failed { problem, .. }) => {
                report.state = ModelState::Failed;
                report.problem = Some(problem.clone());
            }
            Some(State::Loaded(lane)) => describe_lane(&mut report, lane),
            Some(State::Resting { model, .. }) => {
                report.state = ModelState::Resting;
                report.problem = resident.and_then(|resident| resident.notice.clone());
                describe_model(&mut report, model);
            }
            // Only here does it matter whether there is a file: looked at after each batch, it
            // must not cost one that runs.
            Some(State::Unloaded) | None if !self.registry.is_installed(name) => {
                report.state = ModelState::Missing;
                let remedy = self.remedy_for(name);
                report.problem = Some(format!("not installed; run: {remedy}"));
            }
            Some(State::Unloaded) | None => {}
        }
        report
    }
}
