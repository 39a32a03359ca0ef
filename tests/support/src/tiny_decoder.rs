//! Whole models of a few thousand random weights, in 32-bit floats, that llama.cpp loads: for
//! architectures of which no real weights are at hand, and for gradients by finite differences.

use inkstone_gguf::build::GgufBuilder;
use inkstone_gguf::{GgmlType, Value};

/// Tokens of the vocabulary of [`GgufBuilder::tiny_vocabulary`].
const VOCABULARY_TOKENS: usize = 264;

/// A model to be written.
#[derive(Debug, Clone)]
pub struct TinyDecoder {
    /// As `general.architecture` has it: llama, qwen2, qwen3 or gemma3.
    pub architecture: String,
    /// Width of the model.
    pub width: usize,
    /// Width of the feed-forward layer.
    pub feed_forward: usize,
    /// Query heads.
    pub heads: usize,
    /// Heads with keys and values.
    pub kv_heads: usize,
    /// Width of a head.
    pub head_width: usize,
    /// Layers.
    pub blocks: usize,
    /// Whether there is an output of its own.
    pub has_output: bool,
    /// Biases on queries, keys and values.
    pub has_biases: bool,
    /// Factors that slow the rotation down, as Llama 3 has them.
    pub slows_rotation: bool,
    /// The seed of its weights.
    pub seed: u64,
    /// Further metadata, after `<architecture>.`.
    pub metadata: Vec<(String, Value)>,
}

impl TinyDecoder {
    /// A small one of an architecture, with what that architecture has.
    pub fn new(architecture: &str) -> Self {
        let is_gemma = architecture == "gemma3";
        let mut metadata = vec![("rope.freq_base".to_owned(), Value::F32(500.0))];
        if is_gemma {
            metadata.push(("attention.sliding_window".to_owned(), Value::U32(6)));
        }
        Self {
            architecture: architecture.to_owned(),
            width: 32,
            feed_forward: 64,
            heads: 4,
            kv_heads: 2,
            head_width: if is_gemma || architecture == "qwen3" {
                16
            } else {
                8
            },
            // Every sixth layer of Gemma 3 is another.
            blocks: if is_gemma { 7 } else { 2 },
            has_output: architecture == "qwen2",
            has_biases: architecture == "qwen2",
            slows_rotation: false,
            seed: 1,
            metadata,
        }
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        self.build().finish()
    }

    /// The file before it is written, for tests that add to it.
    pub fn build(&self) -> GgufBuilder {
        let key = |name: &str| format!("{}.{name}", self.architecture);
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let mut file = GgufBuilder::new()
            .str("general.architecture", &self.architecture)
            .str("general.name", "Tiny")
            .u32("general.file_type", 0)
            .u32(&key("context_length"), 256)
            .u32(&key("embedding_length"), number(self.width))
            .u32(&key("block_count"), number(self.blocks))
            .u32(&key("feed_forward_length"), number(self.feed_forward))
            .u32(&key("attention.head_count"), number(self.heads))
            .u32(&key("attention.head_count_kv"), number(self.kv_heads))
            .u32(&key("attention.key_length"), number(self.head_width))
            .u32(&key("attention.value_length"), number(self.head_width))
            .value(&key("attention.layer_norm_rms_epsilon"), Value::F32(1e-5));
        for (name, value) in &self.metadata {
            file = file.value(&key(name), value.clone());
        }
        let mut tensors = Tensors {
            file: file.tiny_vocabulary(),
            state: self.seed,
        };
        self.write_ends(&mut tensors);
        for block in 0..self.blocks {
            self.write_block(&mut tensors, block);
        }
        tensors.file
    }

    fn write_ends(&self, tensors: &mut Tensors) {
        let width = self.width;
        tensors.matrix("token_embd.weight", VOCABULARY_TOKENS, width, 1.0);
        tensors.norm("output_norm.weight", width);
        if self.has_output {
            tensors.linear("output.weight", VOCABULARY_TOKENS, width);
        }
        if self.slows_rotation {
            let factors = (0_u8..).map(|pair| 1.0 + f32::from(pair));
            let factors = factors.take(self.head_width / 2).collect();
            tensors.put("rope_freqs.weight", &[self.head_width / 2], factors);
        }
    }

    fn write_block(&self, tensors: &mut Tensors, block: usize) {
        let (width, inner) = (self.width, self.feed_forward);
        let (queries, keys) = (
            self.heads * self.head_width,
            self.kv_heads * self.head_width,
        );
        let name = |what: &str| format!("blk.{block}.{what}");
        for (what, outputs, inputs) in [
            ("attn_q", queries, width),
            ("attn_k", keys, width),
            ("attn_v", keys, width),
            ("attn_output", width, queries),
            ("ffn_gate", inner, width),
            ("ffn_up", inner, width),
            ("ffn_down", width, inner),
        ] {
            tensors.linear(&name(&format!("{what}.weight")), outputs, inputs);
        }
        for what in ["attn_norm", "ffn_norm"] {
            tensors.norm(&name(&format!("{what}.weight")), width);
        }
        if self.has_biases {
            for (what, len) in [("attn_q", queries), ("attn_k", keys), ("attn_v", keys)] {
                tensors.matrix(&name(&format!("{what}.bias")), 0, len, 0.5);
            }
        }
        if ["qwen3", "gemma3"].contains(&self.architecture.as_str()) {
            for what in ["attn_q_norm", "attn_k_norm"] {
                tensors.norm(&name(&format!("{what}.weight")), self.head_width);
            }
        }
        if self.architecture == "gemma3" {
            for what in ["post_attention_norm", "post_ffw_norm"] {
                tensors.norm(&name(&format!("{what}.weight")), width);
            }
        }
    }
}

/// Tensors that are being written, from a row of numbers that looks random.
struct Tensors {
    file: GgufBuilder,
    state: u64,
}

impl Tensors {
    /// A number between -1 and 1.
    fn next(&mut self) -> f32 {
        // Knuth's generator; the upper bits are good enough for weights.
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let upper = u16::try_from(self.state >> 48).unwrap_or(0);
        f32::from(upper) / 32_768.0 - 1.0
    }

    /// Weights that keep the size of what goes through them.
    fn linear(&mut self, name: &str, outputs: usize, inputs: usize) {
        let bound = (3.0 / inputs as f32).sqrt();
        self.matrix(name, outputs, inputs, bound);
    }

    /// Numbers within `bound`; a vector where there are no outputs.
    fn matrix(&mut self, name: &str, outputs: usize, inputs: usize, bound: f32) {
        let count = outputs.max(1) * inputs;
        let numbers = (0..count).map(|_| self.next() * bound).collect();
        if outputs == 0 {
            self.put(name, &[inputs], numbers);
        } else {
            self.put(name, &[inputs, outputs], numbers);
        }
    }

    fn norm(&mut self, name: &str, width: usize) {
        let numbers = (0..width).map(|_| 1.0 + 0.2 * self.next()).collect();
        self.put(name, &[width], numbers);
    }

    fn put(&mut self, name: &str, dimensions: &[usize], numbers: Vec<f32>) {
        let dimensions: Vec<u64> = dimensions.iter().map(|&n| n as u64).collect();
        let bytes = numbers.into_iter().flat_map(f32::to_le_bytes).collect();
        let file = std::mem::take(&mut self.file);
        self.file = file.tensor(name, &dimensions, GgmlType::F32, bytes);
    }
}
