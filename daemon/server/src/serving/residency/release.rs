//! Giving memory back: what idleness takes, what is left of models that changed, and what another
//! model needs.

use std::time::Instant;

use inkstone_models::ModelName;
use inkstone_protocol::Release;

use super::Residency;
use crate::serving::idling::IdleTimes;
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
