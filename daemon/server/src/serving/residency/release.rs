//! Giving memory back: what idleness takes, and what is left of models that changed.

use std::time::Instant;

use super::Residency;
use crate::serving::idling::IdleTimes;

impl Residency {
    /// Gives back the memory that nobody has asked for lately.
    pub(in crate::serving) fn release_idle(&mut self, now: Instant) {
        let times = IdleTimes::of(&self.settings);
        let mut has_released = false;
        for (name, resident) in &mut self.residents {
            let due = resident.next_release(&times).filter(|(at, _)| *at <= now);
            if let Some((_, release)) = due {
                let (what, why) = (release.what, release.why);
                tracing::info!(model = %name, ?what, ?why, "memory given back");
                resident.release(release);
                has_released = true;
            }
        }
        if has_released {
            // A vocabulary is freed in a million pieces, which the allocator would keep.
            inkstone_platform::give_back_freed_memory();
        }
    }

    /// When the next memory is given back if no request comes.
    pub(in crate::serving) fn next_release(&self) -> Option<Instant> {
        let times = IdleTimes::of(&self.settings);
        let residents = self.residents.values();
        let releases = residents.filter_map(|resident| resident.next_release(&times));
        releases.map(|(at, _)| at).min()
    }
}
