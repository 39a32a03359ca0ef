//! Every bound of the reader, each with its reason. Above a bound the file is refused, never cut.
//!
//! The numbers are several times what the largest published models need; llama.cpp's own bounds
//! (2³⁰ array elements, 2³⁰ bytes per string) would let a hostile header ask for gigabytes.

/// Metadata entries: published models have 20 to 60.
pub const METADATA_ENTRIES_MAX: u64 = 65_536;

/// Tensors: the largest mixtures of experts have a few thousand.
pub const TENSORS_MAX: u64 = 65_536;

/// Bytes of a metadata key; the format's own bound.
pub const KEY_BYTES_MAX: u64 = 65_535;

/// Bytes of a tensor name; llama.cpp's `GGML_MAX_NAME` is 64 with the terminating zero.
pub const TENSOR_NAME_BYTES_MAX: u64 = 63;

/// Bytes of one string: chat templates reach 50 kB, an embedded `tokenizer.json` 20 MB.
pub const STRING_BYTES_MAX: u64 = 64 << 20;

/// Items of one array, nested ones counted on their own: vocabularies and merges stay below 2²⁰.
pub const ARRAY_ITEMS_MAX: u64 = 1 << 24;

/// Arrays inside arrays: the format allows them, nobody writes more than two levels.
pub const ARRAY_DEPTH_MAX: u32 = 4;

/// Bytes in front of the weights, all together: the largest vocabularies need about 16 MB.
pub const HEADER_BYTES_MAX: u64 = 256 << 20;

/// Dimensions of a tensor; ggml's `GGML_MAX_DIMS`.
pub const TENSOR_DIMENSIONS_MAX: u32 = 4;

/// Alignment of the tensor data in bytes: the default is 32, nobody goes above a page.
pub const ALIGNMENT_BYTES_MAX: u32 = 1 << 16;

/// Bytes of the whole file that its tensor table may ask for: above any disk of a reader of prose.
pub const FILE_BYTES_MAX: u64 = 1 << 44;

/// Layers of a model: above llama.cpp's `LLAMA_MAX_LAYERS` (512).
pub const BLOCKS_MAX: u32 = 4_096;

/// Attention heads per layer, and the width of one head: real ones stay below 1,024. With
/// [`BLOCKS_MAX`] this keeps the bytes of a KV cache per token below 2⁴⁶, so callers may multiply.
pub const HEADS_MAX: u32 = 65_536;

/// Width of the model and its trained context: 2²⁴ tokens is above every published context.
pub const LENGTH_MAX: u32 = 1 << 24;
