//! Giving memory back: what idleness takes, what is left of models that changed, and what another
//! model needs.

use std::time::Instant;

use inkstone_models::ModelName;
use inkstone_protocol::{Release, ReleaseReason, Released};

use super::Residency;
use crate::serving::idling::IdleTimes;
use crate::serving::resident::State;
use crate::serving::scoring::Scorer;

impl Residency {
    /// Gives back the memory that nobody has asked for lately; first, in a turn of its own for each,
    /// the documents read into it are kept.
    pub(in crate::serving) fn release_idle(&mut self, now: Instant) {
        let times = IdleTimes::of(&self.settings);
        let due = self.residents.iter().filter_map(|(name, resident)| {
            let (at, release) = resident.next_release(&times)?;
            (at <= now).then(|| (name.clone(), release))
        });
        for (name, release) in due.collect::<Vec<_>>() {
            if !self.keep_one(&name) {
                self.release(&name, release);
            }
        }
        self.release_idle_scorers(now);
        self.saved.forget_old(now);
    }

    /// Forgets what was read of documents: what is kept of them goes, and the contexts that hold some;
    /// of a model with requests all of it goes once these have ended. What models remember is looked at
    /// anew.
    pub(in crate::serving) fn forget(&mut self) {
        self.saved.forget_all();
        let settings = std::sync::Arc::clone(&self.settings);
        for resident in self.residents.values_mut() {
            if let State::Loaded(lane) = &mut resident.state {
                lane.remember_by(&settings);
            }
            if resident.requests() > 0 {
                resident.is_stale = true;
                continue;
            }
            resident.release(Release {
                what: Released::Context,
                why: ReleaseReason::Changed,
            });
        }
        inkstone_platform::give_back_freed_memory();
        tracing::info!("what was read of documents is forgotten");
    }

    /// Lets a model without requests give memory back.
    pub(super) fn release(&mut self, name: &ModelName, release: Release) {
        let Some(resident) = self.residents.get_mut(name) else {
            return;
        };
        resident.release(release);
        // A vocabulary is freed in a million pieces, which the allocator would keep.
        inkstone_platform::give_back_freed_memory();
        let (what, why) = (release.what, release.why);
        tracing::info!(model = %name, ?what, ?why, "memory given back");
    }

    /// When the next memory is given back, or something kept is dropped, if no request comes.
    pub(in crate::serving) fn next_release(&self) -> Option<Instant> {
        let times = IdleTimes::of(&self.settings);
        let residents = self.residents.values();
        let releases = residents.filter_map(|resident| resident.next_release(&times));
        let releases = releases.map(|(at, _)| at);
        let scorers = self.residents.values().map(|resident| &resident.scorer);
        let scorers = scorers.filter_map(Scorer::next_release);
        releases
            .chain(scorers)
            .chain(self.saved.next_expiry())
            .min()
    }
}
