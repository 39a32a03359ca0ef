//! What fits in memory: layers on the device, size of the context. Numbers in, plan out.
//!
//! Estimates err on the high side; llama.cpp itself decides the exact buffers.

/// Kept free on the device for the desktop and other programs.
const DEVICE_RESERVE_BYTES: u64 = 512 << 20;
/// Kept free in main memory.
const HOST_RESERVE_BYTES: u64 = 512 << 20;
/// Compute buffers of a batch, beside weights and KV cache.
const COMPUTE_BYTES: u64 = 96 << 20;
/// The context is not made smaller than this to make it fit.
const CONTEXT_TOKENS_MIN: u32 = 512;

/// Which layers go to the graphics card, where there is one: without it, whatever the wish, the
/// processor has them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GpuLayers {
    /// As many as fit.
    Auto,
    /// So many, or an error.
    Exactly(u32),
}

impl GpuLayers {
    /// By the setting `engine.gpu_layers`: below zero the plan decides.
    pub fn of_setting(layers: i32) -> Self {
        u32::try_from(layers).map_or(Self::Auto, Self::Exactly)
    }
}

/// What is to be planned.
#[derive(Debug, Clone, Copy)]
pub struct PlanRequest {
    /// Bytes of all weights.
    pub weights_bytes: u64,
    /// Layers of the model, the output layer not counted.
    pub layers: u32,
    /// KV cache bytes of one token over all layers.
    pub kv_bytes_per_token: u64,
    /// Context size wished for.
    pub context_tokens: u32,
    /// Context length the model was trained with.
    pub trained_context_tokens: u32,
    /// Free main memory in bytes.
    pub host_free_bytes: u64,
    /// Free memory of the graphics card in bytes; none without one.
    pub device_free_bytes: Option<u64>,
    /// What may go there.
    pub gpu_layers: GpuLayers,
}

/// What will be loaded where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryPlan {
    /// Size of the KV cache in tokens, shared by all sequences.
    pub context_tokens: u32,
    /// Layers on the graphics card, the output layer counted: at most `layers + 1`.
    pub gpu_layers: u32,
    /// Bytes of weights.
    pub weights_bytes: u64,
    /// Bytes of the KV cache.
    pub kv_bytes: u64,
}

/// The model does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the model needs {needed_mb} MiB of {place} memory, {free_mb} MiB are free; choose a smaller model with `inkstone model use`, or lower engine.context_tokens"
)]
pub struct MemoryError {
    /// `main` or `GPU`.
    pub place: &'static str,
    /// What the smallest plan needs.
    pub needed_mb: u64,
    /// What there is.
    pub free_mb: u64,
}

impl MemoryPlan {
    /// Chooses context size and offloaded layers.
    ///
    /// The context shrinks by halves down to 512 tokens before the plan fails; `Auto` offloads as
    /// many whole layers as fit on the device, the rest stays in main memory.
    pub fn choose(request: &PlanRequest) -> Result<Self, MemoryError> {
        let wished = if request.trained_context_tokens == 0 {
            request.context_tokens
        } else {
            request.context_tokens.min(request.trained_context_tokens)
        };
        let mut context_tokens = wished.max(CONTEXT_TOKENS_MIN);
        loop {
            match Self::with_context(request, context_tokens) {
                Err(_) if context_tokens / 2 >= CONTEXT_TOKENS_MIN => context_tokens /= 2,
                result => return result,
            }
        }
    }

    fn with_context(request: &PlanRequest, context_tokens: u32) -> Result<Self, MemoryError> {
        let kv_bytes = request
            .kv_bytes_per_token
            .saturating_mul(u64::from(context_tokens));
        let total_layers = u64::from(request.layers) + 1;
        let per_layer = (request.weights_bytes.saturating_add(kv_bytes) / total_layers).max(1);
        let gpu_layers = match request.device_free_bytes {
            Some(free) => offloaded(request.gpu_layers, free, per_layer, total_layers)?,
            None => 0,
        };
        let on_host = per_layer
            .saturating_mul(total_layers - gpu_layers)
            .saturating_add(COMPUTE_BYTES);
        let host_room = request.host_free_bytes.saturating_sub(HOST_RESERVE_BYTES);
        if on_host > host_room {
            return Err(MemoryError::of("main", on_host, host_room));
        }
        Ok(Self {
            context_tokens,
            // proof: at most `layers + 1`, which came from a u32 field plus one.
            gpu_layers: u32::try_from(gpu_layers).unwrap_or(u32::MAX),
            weights_bytes: request.weights_bytes,
            kv_bytes,
        })
    }
}

/// How many of `total_layers` go to a card with `free` bytes.
fn offloaded(
    wish: GpuLayers,
    free: u64,
    per_layer: u64,
    total_layers: u64,
) -> Result<u64, MemoryError> {
    let room = free.saturating_sub(DEVICE_RESERVE_BYTES + COMPUTE_BYTES);
    let fitting = (room / per_layer).min(total_layers);
    match wish {
        GpuLayers::Auto => Ok(fitting),
        GpuLayers::Exactly(wanted) => {
            let wanted = u64::from(wanted).min(total_layers);
            if wanted > fitting {
                let needed = per_layer
                    .saturating_mul(wanted)
                    .saturating_add(COMPUTE_BYTES);
                return Err(MemoryError::of("GPU", needed, room));
            }
            Ok(wanted)
        }
    }
}

impl MemoryError {
    fn of(place: &'static str, needed_bytes: u64, free_bytes: u64) -> Self {
        Self {
            place,
            needed_mb: needed_bytes >> 20,
            free_mb: free_bytes >> 20,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn small_model() -> PlanRequest {
        PlanRequest {
            weights_bytes: 98 * MIB,
            layers: 30,
            kv_bytes_per_token: 23_040,
            context_tokens: 4096,
            trained_context_tokens: 8192,
            host_free_bytes: 8192 * MIB,
            device_free_bytes: None,
            gpu_layers: GpuLayers::Auto,
        }
    }

    #[test]
    fn without_a_graphics_card_everything_stays_in_main_memory() {
        let plan = MemoryPlan::choose(&small_model()).unwrap();
        assert_eq!((plan.context_tokens, plan.gpu_layers), (4096, 0));
        assert_eq!(plan.kv_bytes, 23_040 * 4096);
    }

    #[test]
    fn without_a_graphics_card_a_wish_for_layers_on_it_is_no_error() {
        let wish = PlanRequest {
            gpu_layers: GpuLayers::Exactly(12),
            ..small_model()
        };
        assert_eq!(
            MemoryPlan::choose(&wish),
            MemoryPlan::choose(&small_model())
        );
    }

    #[test]
    fn a_large_graphics_card_takes_every_layer_and_the_output() {
        let plan = MemoryPlan::choose(&PlanRequest {
            device_free_bytes: Some(8192 * MIB),
            ..small_model()
        })
        .unwrap();
        assert_eq!(plan.gpu_layers, 31);
    }

    #[test]
    fn a_small_graphics_card_takes_some_layers() {
        let plan = MemoryPlan::choose(&PlanRequest {
            device_free_bytes: Some(700 * MIB),
            ..small_model()
        })
        .unwrap();
        assert!((1..31).contains(&plan.gpu_layers), "{plan:?}");
    }

    #[test]
    fn the_context_never_exceeds_what_the_model_was_trained_with() {
        let plan = MemoryPlan::choose(&PlanRequest {
            trained_context_tokens: 2048,
            ..small_model()
        })
        .unwrap();
        assert_eq!(plan.context_tokens, 2048);
    }

    #[test]
    fn scarce_memory_shrinks_the_context_before_it_refuses() {
        let scarce = PlanRequest {
            host_free_bytes: (512 + 96 + 98 + 30) * MIB,
            ..small_model()
        };
        assert_eq!(MemoryPlan::choose(&scarce).unwrap().context_tokens, 1024);
        let none = PlanRequest {
            host_free_bytes: 600 * MIB,
            ..small_model()
        };
        let error = MemoryPlan::choose(&none).unwrap_err();
        assert_eq!(error.place, "main");
        assert!(error.to_string().contains("smaller model"), "{error}");
    }

    #[test]
    fn more_layers_than_fit_on_the_card_are_refused_by_number() {
        let request = PlanRequest {
            device_free_bytes: Some(620 * MIB),
            gpu_layers: GpuLayers::Exactly(31),
            ..small_model()
        };
        assert_eq!(MemoryPlan::choose(&request).unwrap_err().place, "GPU");
    }
}
