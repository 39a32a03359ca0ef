//! Where a model goes: to the graphics card, to the processor, or to the processor after the card
//! has failed. Not how much of it (`plan`).

use crate::backend::{Backend, Device};
use crate::error::EngineError;

/// What is to compute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DeviceWish {
    /// The processor alone.
    #[default]
    Cpu,
    /// The graphics card where there is one and the model loads there, else the processor.
    Auto,
    /// The graphics card, or an error.
    Gpu,
}

/// What was loaded, and where.
#[derive(Debug)]
pub struct Placed<T> {
    /// What was loaded.
    pub loaded: T,
    /// Why it is not on the graphics card that was tried first.
    pub card_problem: Option<EngineError>,
}

/// Loads with the graphics card that `wish` asks for, and under [`DeviceWish::Auto`] without one
/// when that fails.
pub fn load_on<T>(
    wish: DeviceWish,
    load: impl FnMut(Option<Device>) -> Result<T, EngineError>,
) -> Result<Placed<T>, EngineError> {
    let best = match wish {
        DeviceWish::Cpu => None,
        DeviceWish::Auto | DeviceWish::Gpu => Backend::get()?.best_gpu(),
    };
    place(wish, best, load)
}

fn place<D, T>(
    wish: DeviceWish,
    best: Option<D>,
    mut load: impl FnMut(Option<D>) -> Result<T, EngineError>,
) -> Result<Placed<T>, EngineError> {
    let placed = |loaded| Placed {
        loaded,
        card_problem: None,
    };
    match (wish, best) {
        (DeviceWish::Gpu, None) => Err(EngineError::NoGpu),
        (DeviceWish::Cpu, _) | (_, None) => load(None).map(placed),
        (DeviceWish::Gpu, best) => load(best).map(placed),
        (DeviceWish::Auto, best) => load(best).map(placed).or_else(|problem| {
            Ok(Placed {
                loaded: load(None)?,
                card_problem: Some(problem),
            })
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{GpuLayers, MemoryPlan, PlanRequest};

    /// Plans for a card with that much memory and gives the layers on it; notes what it was asked.
    fn planned(wish: DeviceWish, card_mib: Option<u64>) -> (Result<u32, EngineError>, Vec<bool>) {
        let (result, tried) = placed(wish, card_mib);
        (result.map(|placed| placed.loaded), tried)
    }

    fn placed(
        wish: DeviceWish,
        card_mib: Option<u64>,
    ) -> (Result<Placed<u32>, EngineError>, Vec<bool>) {
        let mut tried = Vec::new();
        let result = place(wish, card_mib, |card: Option<u64>| {
            tried.push(card.is_some());
            let plan = MemoryPlan::choose(&PlanRequest {
                weights_bytes: 98 << 20,
                layers: 30,
                kv_bytes_per_token: 23_040,
                context_tokens: 4_096,
                trained_context_tokens: 8_192,
                host_free_bytes: 8 << 30,
                device_free_bytes: card.map(|mib| mib << 20),
                gpu_layers: GpuLayers::Exactly(20),
            })?;
            Ok(plan.gpu_layers)
        });
        (result, tried)
    }

    #[test]
    fn layers_wished_for_go_to_a_card_that_holds_them() {
        for wish in [DeviceWish::Auto, DeviceWish::Gpu] {
            let (layers, tried) = planned(wish, Some(8_192));
            assert_eq!((layers.unwrap(), tried), (20, vec![true]));
        }
    }

    #[test]
    fn the_processor_serves_whatever_layers_were_wished_for() {
        let (on_cpu, tried) = planned(DeviceWish::Cpu, Some(8_192));
        assert_eq!((on_cpu.unwrap(), tried), (0, vec![false]));
        let (without_card, tried) = planned(DeviceWish::Auto, None);
        assert_eq!((without_card.unwrap(), tried), (0, vec![false]));
        let (after_failure, tried) = planned(DeviceWish::Auto, Some(620));
        assert_eq!((after_failure.unwrap(), tried), (0, vec![true, false]));
    }

    #[test]
    fn who_loads_on_the_processor_instead_learns_why() {
        let (on_card, _) = placed(DeviceWish::Auto, Some(8_192));
        assert!(on_card.unwrap().card_problem.is_none());
        let (after_failure, _) = placed(DeviceWish::Auto, Some(620));
        let problem = after_failure.unwrap().card_problem.unwrap();
        assert!(
            matches!(&problem, EngineError::Memory(memory) if memory.place == "GPU"),
            "{problem}"
        );
    }

    #[test]
    fn a_demand_for_the_card_is_met_or_an_error() {
        let (absent, tried) = planned(DeviceWish::Gpu, None);
        assert!(matches!(absent, Err(EngineError::NoGpu)) && tried.is_empty());
        let (too_small, tried) = planned(DeviceWish::Gpu, Some(620));
        assert!(matches!(too_small, Err(EngineError::Memory(_))) && tried == [true]);
    }
}
