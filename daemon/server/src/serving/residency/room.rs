//! Room under the one ceiling: loaders ask, the least recently used model makes room.

use std::time::{Duration, Instant};

use inkstone_engine::EngineError;
use inkstone_models::ModelName;
use inkstone_protocol::{MemoryReport, Release, ReleaseReason};

use super::Residency;
use crate::serving::lane::Lane;
use crate::serving::memory::{self, Held, Room, Wanted};
use crate::serving::report::mebibytes;
use crate::serving::resident::{Resident, State};
use crate::serving::room::Wish;
use crate::serving::scoring::not_now;

/// A model waits for those at work so long; then they take no further requests until it has its
/// room, so that it does not wait for ever beside many writers of another language.
const PATIENCE: Duration = Duration::from_secs(2);

impl Residency {
    /// A loader waits for room.
    pub(in crate::serving) fn room_wanted(
        &mut self,
        name: &ModelName,
        generation_of: u64,
        wanted: Wish,
    ) {
        // Dropping the wish of an earlier load ends that.
        if let Some(Resident {
            state: State::Loading {
                generation, wish, ..
            },
            ..
        }) = self.residents.get_mut(name)
            && *generation == generation_of
        {
            *wish = Some((wanted, Instant::now()));
        }
    }

    /// Gives room to the loaders that wait for it, where there is some now.
    pub(in crate::serving) fn settle_room(&mut self) {
        self.makes_room = false;
        let waiting = self.residents.iter().filter_map(|(name, resident)| {
            let since = resident.waits_for_room_since()?;
            Some((since, name.clone()))
        });
        let mut waiting: Vec<(Instant, ModelName)> = waiting.collect();
        waiting.sort();
        for (_, name) in waiting {
            self.settle(&name);
        }
    }

    fn settle(&mut self, name: &ModelName) {
        let Some(wanted) = self.wanted(name) else {
            return;
        };
        let ceiling_mb = u64::from(self.settings.engine.memory_mb_max);
        self.let_writing_go_first(name, &wanted, ceiling_mb << 20);
        loop {
            match memory::room(&wanted, &self.others(name), ceiling_mb << 20) {
                Room::After(other, what) => {
                    if self.keep_one(&other) {
                        self.makes_room = true;
                        return;
                    }
                    let why = ReleaseReason::Room;
                    self.release(&other, Release { what, why });
                }
                Room::Later => return,
                Room::For(size) => return self.grant(name, &wanted, size),
                Room::Never { needed_bytes } => {
                    let needed_mb = needed_bytes.div_ceil(1 << 20);
                    let problem = EngineError::Ceiling {
                        needed_mb,
                        ceiling_mb,
                    };
                    return self.answer(name, Err(problem));
                }
            }
        }
    }

    /// What is being scored ends when a model could not have beside it all that it wants: a text that
    /// nobody is writing can be scored later.
    fn let_writing_go_first(&mut self, name: &ModelName, wanted: &Wanted, ceiling_bytes: u64) {
        let scoring = self.scoring_bytes();
        if scoring == 0 {
            return;
        }
        let left = ceiling_bytes.saturating_sub(scoring);
        let room = memory::room(wanted, &self.others(name), left);
        if room != Room::For(wanted.size) {
            self.end_scorings(&not_now("a model that is written with needs the memory"));
        }
    }

    fn wanted(&self, name: &ModelName) -> Option<Wanted> {
        let State::Loading {
            wish: Some((wish, _)),
            ..
        } = &self.residents.get(name)?.state
        else {
            return None;
        };
        Some(wish.wanted)
    }

    /// Every other model in memory, or on its way there with room of its own.
    fn others(&self, name: &ModelName) -> Vec<Held> {
        let others = self.residents.iter().filter(|(other, _)| *other != name);
        let held = others.filter_map(|(other, resident)| {
            let holding = resident.holding();
            (holding != memory::Holding::default()).then(|| Held {
                name: other.clone(),
                holding,
                used_at: resident.used_at(),
                is_busy: resident.used_at().is_none() || resident.requests() > 0,
                waits: resident.waits_for_room_since().is_some(),
            })
        });
        held.collect()
    }

    fn grant(&mut self, name: &ModelName, wanted: &Wanted, size: memory::Size) {
        if let Some(resident) = self.residents.get_mut(name) {
            resident.granted = wanted.holding(size);
            resident.is_made_smaller = size != wanted.size;
            if resident.is_made_smaller {
                tracing::info!(model = %name, ?size, wished = ?wanted.size, "the context is made smaller: engine.memory_mb_max allows no more");
            }
        }
        self.answer(name, Ok(size));
    }

    fn answer(&mut self, name: &ModelName, answer: Result<memory::Size, EngineError>) {
        if let Some(resident) = self.residents.get_mut(name)
            && let State::Loading { wish, .. } = &mut resident.state
            && let Some((wish, _)) = wish.take()
        {
            // A loader that has gone wants nothing any more; its letter says so.
            let _ = wish.answer.try_send(answer);
        }
    }

    /// Whether there is more to be done for room at once.
    pub(in crate::serving) fn makes_room(&self) -> bool {
        self.makes_room
    }

    /// Whether a model at work must let another have its room first.
    pub(super) fn must_give_way(&self, name: &ModelName) -> bool {
        let mut others = self.residents.iter().filter(|(other, _)| *other != name);
        others.any(|(_, resident)| {
            let since = resident.waits_for_room_since();
            since.is_some_and(|since| since.elapsed() > PATIENCE)
        })
    }

    /// What is held under the ceiling now.
    pub(in crate::serving) fn memory_report(&self) -> MemoryReport {
        let holdings = self.residents.values().map(Resident::holding);
        let adapters = self.lanes().map(Lane::adapters_loaded).sum::<usize>();
        let adapters_bytes = self.lanes().map(Lane::adapters_bytes).sum();
        let mapped_bytes = self.lanes().map(Lane::recollection_bytes).sum();
        MemoryReport {
            ceiling_mb: self.settings.engine.memory_mb_max,
            held_mb: mebibytes(memory::total(holdings) + self.scoring_bytes()),
            saved_documents: u32::try_from(self.saved.documents()).unwrap_or(u32::MAX),
            saved_mb: mebibytes(self.saved.bytes()),
            adapters: u32::try_from(adapters).unwrap_or(u32::MAX),
            adapters_mb: mebibytes(adapters_bytes),
            mapped_mb: mebibytes(mapped_bytes),
        }
    }
}
