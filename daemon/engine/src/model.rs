//! A model in memory: weights by plan, tokenizer, facts about it.

use std::path::Path;
use std::sync::{Arc, RwLock};

use inkstone_gguf::ModelInfo;
use inkstone_vocab::{TokenId, Vocab};

use crate::admission::{Admitted, admit, check_architecture, check_loaded};
use crate::backend::{Backend, Device};
use crate::context::KvType;
use crate::error::EngineError;
use crate::ffi::model::{RawLoadOptions, RawModel};
use crate::plan::{GpuLayers, MemoryPlan, PlanRequest, kv_bytes_per_token};
use crate::stamp::FileStamp;

/// How a model is to be loaded.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// KV cache size wished for, in tokens.
    pub context_tokens: u32,
    /// The graphics card that may be used; none for the processor alone.
    pub gpu: Option<Device>,
    /// What may go there.
    pub gpu_layers: GpuLayers,
    /// Free main memory in bytes.
    pub host_free_bytes: u64,
}

/// A loaded model. Share it with `Arc`; contexts and adapters keep it alive.
#[derive(Debug)]
pub struct Model {
    pub(crate) raw: RawModel,
    /// Guards what llama.cpp changes in a loaded model without a lock of its own: see the `Sync` of
    /// [`RawModel`].
    pub(crate) shared: RwLock<()>,
    stamp: FileStamp,
    info: ModelInfo,
    vocab: Option<Arc<Vocab>>,
    plan: MemoryPlan,
    device: Option<Device>,
}

/// A model file of which the metadata and the vocabulary were read, and nothing is in memory yet.
#[derive(Debug)]
pub struct ModelFile {
    stamp: FileStamp,
    admitted: Admitted,
}

impl ModelFile {
    /// Reads the metadata and the vocabulary.
    ///
    /// A file that llama.cpp would not survive and a model that this engine cannot serve are
    /// errors; the file is read twice for that, once by us and then by llama.cpp.
    pub fn open(path: &Path) -> Result<Self, EngineError> {
        let stamp = FileStamp::of(path);
        let admitted = admit(path)?;
        check_architecture(path, &admitted.info)?;
        Ok(Self { stamp, admitted })
    }

    /// What the metadata says: enough to know what loading it takes.
    pub fn info(&self) -> &ModelInfo {
        &self.admitted.info
    }

    /// Plans, and loads the weights.
    ///
    /// `progress` gets 0.0 to 1.0 and may stop the load by returning `false`. When loading onto a
    /// graphics card fails, the error is the caller's to act on: load again without `gpu`.
    pub fn load(
        self,
        options: &LoadOptions,
        progress: &mut dyn FnMut(f32) -> bool,
    ) -> Result<Arc<Model>, EngineError> {
        Backend::get()?;
        let Self { stamp, admitted } = self;
        let path = stamp.path.as_path();
        let plan = MemoryPlan::choose(&plan_request(&admitted.info, options))?;
        let device = options.gpu.clone().filter(|_| plan.gpu_layers > 0);
        let handles: Vec<_> = device.iter().map(|device| device.handle).collect();
        let raw = RawModel::load(
            path,
            &mut RawLoadOptions {
                vocabulary_only: false,
                gpu_layers: i32::try_from(plan.gpu_layers).unwrap_or(i32::MAX),
                devices: &handles,
                progress,
            },
        )?;
        check_loaded(&raw, path, &admitted.info)?;
        Ok(Arc::new(Model::assemble(
            raw, stamp, admitted, plan, device,
        )))
    }
}

impl Model {
    /// Opens a file and loads it; see [`ModelFile`].
    pub fn load(
        path: &Path,
        options: &LoadOptions,
        progress: &mut dyn FnMut(f32) -> bool,
    ) -> Result<Arc<Self>, EngineError> {
        ModelFile::open(path)?.load(options, progress)
    }

    /// Loads the vocabulary alone: enough to tokenize, a few megabytes.
    pub fn load_vocab_only(path: &Path) -> Result<Arc<Self>, EngineError> {
        Backend::get()?;
        let stamp = FileStamp::of(path);
        let admitted = admit(path)?;
        let raw = RawModel::load(
            path,
            &mut RawLoadOptions {
                vocabulary_only: true,
                gpu_layers: 0,
                devices: &[],
                progress: &mut |_| true,
            },
        )?;
        let plan = MemoryPlan {
            context_tokens: 0,
            gpu_layers: 0,
            weights_bytes: 0,
            kv_bytes: 0,
        };
        Ok(Arc::new(Self::assemble(raw, stamp, admitted, plan, None)))
    }

    fn assemble(
        raw: RawModel,
        stamp: FileStamp,
        admitted: Admitted,
        plan: MemoryPlan,
        device: Option<Device>,
    ) -> Self {
        Self {
            raw,
            shared: RwLock::new(()),
            stamp,
            info: admitted.info,
            vocab: admitted.vocab,
            plan,
            device,
        }
    }

    /// The file it came from.
    pub fn path(&self) -> &Path {
        &self.stamp.path
    }

    /// That file as it was when it was read.
    pub fn stamp(&self) -> &FileStamp {
        &self.stamp
    }

    /// What its metadata says.
    pub fn info(&self) -> &ModelInfo {
        &self.info
    }

    /// Its tokenizer as read from the file, which tokenizes incrementally; none for a kind of
    /// vocabulary that only llama.cpp knows: then [`Model::tokenize`].
    pub fn vocab(&self) -> Option<&Arc<Vocab>> {
        self.vocab.as_ref()
    }

    /// What was planned, and so what it holds in memory.
    pub fn plan(&self) -> &MemoryPlan {
        &self.plan
    }

    /// The graphics card that holds layers; none when the processor has them all.
    pub fn device(&self) -> Option<&Device> {
        self.device.as_ref()
    }

    /// The name of what computes most of it: that of the card that holds layers, else `CPU`.
    pub fn device_name(&self) -> &str {
        self.device
            .as_ref()
            .map_or("CPU", |device| device.name.as_str())
    }

    /// Layers in all, the output layer counted.
    pub fn layers(&self) -> u32 {
        self.raw.layers() + 1
    }

    /// Bytes of all weights.
    pub fn weights_bytes(&self) -> u64 {
        self.raw.size_bytes()
    }

    /// Bytes of KV cache that one token takes over all layers.
    pub fn kv_bytes_per_token(&self, kv_type: KvType) -> u64 {
        kv_bytes_per_token(&self.info, kv_type)
    }

    /// Tokens that its layers with a sliding window see; 0 when every layer sees all.
    pub fn sliding_window_tokens(&self) -> u32 {
        self.raw.sliding_window_tokens()
    }

    /// Number of tokens in the vocabulary.
    pub fn vocabulary_len(&self) -> usize {
        self.raw.vocabulary_len()
    }

    /// Whether its prompts begin with a BOS token.
    pub fn adds_bos(&self) -> bool {
        self.raw.adds_bos()
    }

    /// Whether this token ends a text.
    pub fn is_end_of_generation(&self, token: TokenId) -> bool {
        self.raw.is_end_of_generation(token.0.cast_signed())
    }

    /// Tokens of `text`; `add_bos` puts the BOS token first where the model wants one;
    /// `parse_special` reads control tokens written in the text: never for a user's text.
    pub fn tokenize(
        &self,
        text: &str,
        add_bos: bool,
        parse_special: bool,
    ) -> Result<Vec<TokenId>, EngineError> {
        let tokens = self.raw.tokenize(text, add_bos, parse_special)?;
        Ok(tokens
            .into_iter()
            .map(|id| TokenId(id.cast_unsigned()))
            .collect())
    }

    /// The bytes a token stands for; they may end inside a character. Empty for control tokens.
    pub fn token_bytes(&self, token: TokenId) -> Vec<u8> {
        self.raw.token_bytes(token.0.cast_signed())
    }
}

fn plan_request(info: &ModelInfo, options: &LoadOptions) -> PlanRequest {
    PlanRequest {
        weights_bytes: info.weights_bytes,
        layers: info.block_count,
        // The type is chosen when the model is loaded; this is the larger.
        kv_bytes_per_token: kv_bytes_per_token(info, KvType::F16),
        context_tokens: options.context_tokens,
        trained_context_tokens: info.context_length,
        host_free_bytes: options.host_free_bytes,
        device_free_bytes: options.gpu.as_ref().map(|device| device.memory_free_bytes),
        gpu_layers: options.gpu_layers,
    }
}
