//! Where a loaded adapter finds its place: in the lane of its model and below the ceiling, and what goes
//! for it. Not which adapters are read, nor when (`residency/adapters.rs`, which calls it).

use std::sync::Arc;

use inkstone_engine::Model;
use inkstone_models::ModelName;

use super::Residency;
use crate::serving::adapters::{CheckedAdapter, LOADED_MAX};
use crate::serving::memory::{self, Holding};
use crate::serving::resident::{Resident, State};
use crate::serving::scoring::not_now;

impl Residency {
    /// Gives a loaded adapter to its model; an error where the ceiling leaves no room even without other
    /// adapters. False where the model is another by now, or what would make room is being worn.
    pub(super) fn put_in(
        &mut self,
        name: &ModelName,
        model: &Arc<Model>,
        checked: &CheckedAdapter,
        adapter: Arc<inkstone_engine::Adapter>,
    ) -> Result<bool, String> {
        match self.residents.get(name).map(|of| &of.state) {
            Some(State::Loaded(lane)) if Arc::ptr_eq(lane.model(), model) => {
                if lane.has_adapter(checked.key) {
                    return Ok(true);
                }
            }
            _ => return Ok(false),
        }
        if !self.make_room_for_adapter(name, checked)? {
            return Ok(false);
        }
        let Some(State::Loaded(lane)) = self.residents.get_mut(name).map(|of| &mut of.state) else {
            return Ok(false);
        };
        if lane.adapters_loaded() >= LOADED_MAX {
            lane.let_one_go(|adapter| !self.stock.keeps(name, adapter));
        }
        Ok(lane.put_in(checked, adapter))
    }

    /// Room below the ceiling: adapters that nobody wears go for it, those first that nobody will, then
    /// what is being scored. An error where all of that is not enough; false where it is worn now.
    fn make_room_for_adapter(
        &mut self,
        name: &ModelName,
        checked: &CheckedAdapter,
    ) -> Result<bool, String> {
        let ceiling_mb = u64::from(self.settings.engine.memory_mb_max);
        let fits = |held: u64| held.saturating_add(checked.bytes) <= ceiling_mb << 20;
        let holdings = self.residents.values().map(Resident::holding);
        let bare = holdings.map(|holding| Holding {
            adapters_bytes: 0,
            ..holding
        });
        if !fits(memory::total(bare)) {
            return Err(format!(
                "the adapter {} of {name} takes {} MiB, for which engine.memory_mb_max, {ceiling_mb} MiB, leaves no room; raise it, or see: inkstone adapter off {}",
                checked.name,
                checked.bytes.div_ceil(1 << 20),
                checked.name
            ));
        }
        loop {
            let holdings = self.residents.values().map(Resident::holding);
            if fits(memory::total(holdings) + self.scoring_bytes()) {
                return Ok(true);
            }
            if self.let_an_adapter_go() {
                continue;
            }
            if self.scoring_bytes() == 0 {
                return Ok(false);
            }
            self.end_scorings(&not_now("an adapter needs the memory"));
        }
    }

    /// Frees an adapter of any model that nobody wears: one that no request will get, where there is one.
    fn let_an_adapter_go(&mut self) -> bool {
        for only_unwanted in [true, false] {
            for (name, resident) in &mut self.residents {
                let State::Loaded(lane) = &mut resident.state else {
                    continue;
                };
                if lane.let_one_go(|adapter| !only_unwanted || !self.stock.keeps(name, adapter)) {
                    return true;
                }
            }
        }
        false
    }
}
