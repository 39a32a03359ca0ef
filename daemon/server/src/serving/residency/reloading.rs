//! New settings, and what is installed by now.

use std::sync::Arc;

use inkstone_settings::Settings;

use super::{Residency, remedies};
use crate::serving::resident::State;

impl Residency {
    /// Takes new settings and looks again at what is installed. Models whose file or settings changed
    /// leave memory when their requests have ended.
    pub(in crate::serving) fn reload(&mut self, settings: Arc<Settings>) {
        let same_engine = self.settings.engine == settings.engine;
        self.settings = settings;
        self.saved.follow(&self.settings);
        self.remedies = remedies(&self.settings, &self.registry);
        let settings = Arc::clone(&self.settings);
        for lane in self.lanes_mut() {
            lane.remember_by(&settings);
        }
        for (name, resident) in &mut self.residents {
            match &resident.state {
                State::Loaded(_) | State::Resting { .. } => {
                    let installed = self.registry.resolve(name.as_str()).ok();
                    let in_memory = resident.model_in_memory().map(|model| model.path());
                    let same_file = installed.is_some_and(|model| Some(&*model.path) == in_memory);
                    resident.is_stale |= !(same_engine && same_file);
                }
                State::Loading { .. } => resident.is_stale |= !same_engine,
                State::Unloaded | State::Failed { .. } => resident.state = State::Unloaded,
            }
        }
        self.adapters_changed(None);
    }
}
