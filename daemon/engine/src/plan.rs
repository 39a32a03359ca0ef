//! What fits in memory: layers on the device, size of the context. Numbers in, plan out.
//!
//! Estimates err on the high side; llama.cpp itself decides the exact buffers.

use inkstone_gguf::ModelInfo;

use crate::context::KvType;

/// Kept free on the device for the desktop and other programs.
const DEVICE_RESERVE_BYTES: u64 = 512 << 20;
/// Kept free in main memory.
const HOST_RESERVE_BYTES: u64 = 512 << 20;
/// Compute buffers of a batch, beside weights and KV cache.
const COMPUTE_BYTES: u64 = 96 << 20;
/// The context is not made smaller than this to make it fit.
pub const CONTEXT_TOKENS_MIN: u32 = 512;
/// llama.cpp rounds a context up to a multiple of this.
pub const CONTEXT_STEP_TOKENS: u32 = 256;

/// Bytes of one number of a computation (f32).
const FLOAT_BYTES: u64 = 4;
/// Matrices of a batch that are alive at once, each as wide as the model or its heads: the state, its
/// copy, queries, keys, values, and what attention gives.
const WIDE_ROWS: u64 = 8;
/// Those of the feed-forward part, up to four times as wide.
const FEED_FORWARD_ROWS: u64 = 3 * 4;
/// Scores of attention, before and after they are normalised.
const SCORE_ROWS: u64 = 2;
/// Rows of logits: what llama.cpp computes and the copy it hands out.
const LOGITS_ROWS: u64 = 2;
/// What llama.cpp keeps of the graph of a batch, and the allocator's own.
const GRAPH_BYTES: u64 = 8 << 20;
/// What an entry of a vocabulary takes in memory, in llama.cpp's tables and ours. Byte-pair
/// vocabularies have a merge for nearly every token: 19 MiB were measured for 49,152 of these and
/// 70 MiB for 262,144 of the others.
const MERGED_TOKEN_BYTES: u64 = 448;
const UNMERGED_TOKEN_BYTES: u64 = 320;

/// What a context takes beside the weights: an upper bound, so that a sum of them is one, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContextCost {
    /// KV cache of one token over all layers.
    pub kv_bytes_per_token: u64,
    /// What else grows with every token of the context.
    pub other_bytes_per_token: u64,
    /// What grows with every sequence.
    pub bytes_per_sequence: u64,
    /// What does not grow.
    pub fixed_bytes: u64,
}

impl ContextCost {
    /// Of a context with such batches and such a cache, but for its size.
    ///
    /// For both default models, all sequences and 4,096 tokens this is 112 MiB beside the KV caches,
    /// where 38 MiB become resident: the scores of attention are counted, which are kept where there
    /// is no flash attention, and rows of logits for as many documents as are never typed into at
    /// once.
    pub fn of(info: &ModelInfo, batch_tokens: u32, kv_type: KvType) -> Self {
        let batch = u64::from(batch_tokens);
        let heads = u64::from(info.head_count);
        let width = u64::from(info.embedding_length).max(heads * u64::from(info.key_length));
        let rows = batch * width * (WIDE_ROWS + FEED_FORWARD_ROWS);
        Self {
            kv_bytes_per_token: kv_bytes_per_token(info, kv_type),
            other_bytes_per_token: batch * heads * SCORE_ROWS * FLOAT_BYTES,
            bytes_per_sequence: u64::from(info.vocabulary_size) * LOGITS_ROWS * FLOAT_BYTES,
            fixed_bytes: rows * FLOAT_BYTES + GRAPH_BYTES,
        }
    }

    /// Of a context of so many tokens and sequences.
    pub fn bytes(&self, context_tokens: u32, sequences: u32) -> u64 {
        let per_token = self
            .kv_bytes_per_token
            .saturating_add(self.other_bytes_per_token);
        let tokens = context_tokens.next_multiple_of(CONTEXT_STEP_TOKENS);
        let sequences = u64::from(sequences).saturating_mul(self.bytes_per_sequence);
        let tokens = per_token.saturating_mul(u64::from(tokens));
        tokens
            .saturating_add(sequences)
            .saturating_add(self.fixed_bytes)
    }
}

/// KV cache of one token over all layers.
pub(crate) fn kv_bytes_per_token(info: &ModelInfo, kv_type: KvType) -> u64 {
    let per_layer = u64::from(info.head_count_kv) * u64::from(info.key_length + info.value_length);
    kv_type.bytes(u64::from(info.block_count) * per_layer)
}

/// What the vocabulary of a model in memory takes beside its weights: an upper bound.
pub fn vocabulary_bytes(info: &ModelInfo) -> u64 {
    let is_merged = info.tokenizer_model.as_deref() == Some("gpt2");
    let entry = if is_merged {
        MERGED_TOKEN_BYTES
    } else {
        UNMERGED_TOKEN_BYTES
    };
    u64::from(info.vocabulary_size) * entry
}

/// The size of a context by the settings that a model can have: at most what it was trained with, and
/// never less than the smallest.
pub fn context_tokens_within(wished: u32, trained: u32) -> u32 {
    let within = if trained == 0 {
        wished
    } else {
        wished.min(trained)
    };
    within.max(CONTEXT_TOKENS_MIN)
}

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
        let mut context_tokens =
            context_tokens_within(request.context_tokens, request.trained_context_tokens);
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

    #[test]
    fn a_cache_of_eight_bits_counts_a_scale_for_each_thirty_two_numbers() {
        assert_eq!(KvType::F16.bytes(64), 128);
        assert_eq!(KvType::Q8.bytes(64), 2 * 34);
        assert_eq!(KvType::Q8.bytes(65), 3 * 34);
    }

    #[test]
    fn a_context_costs_what_llama_cpp_rounds_it_up_to() {
        let cost = ContextCost {
            kv_bytes_per_token: 10,
            other_bytes_per_token: 1,
            bytes_per_sequence: 100,
            fixed_bytes: 7,
        };
        assert_eq!(cost.bytes(512, 3), 512 * 11 + 300 + 7);
        assert_eq!(cost.bytes(513, 3), cost.bytes(768, 3));
    }

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
