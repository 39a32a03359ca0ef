//! A smaller model that guesses what a larger one will choose, so that the larger one computes several
//! tokens in one batch (speculative decoding with a draft model).
//!
//! It reads along: what both have read of a text stays in its cache, and what is new is read a batch
//! at a time, so that no keystroke waits longer than for a batch of each. A wrong guess costs a row of
//! the larger model's batch and changes no text. Not where the pair comes from (`loading.rs`, by the
//! catalogue), nor what becomes of the guesses (the scheduler).

use std::path::PathBuf;
use std::sync::Arc;

use inkstone_engine::plan::{ContextCost, context_tokens_within, vocabulary_bytes};
use inkstone_engine::{
    BatchEntry, Choice, Context, ContextOptions, EngineError, KvType, Model, ModelFile, ModelInfo,
    SequenceId, greedy,
};
use inkstone_models::ModelName;
use inkstone_settings::{Engine, Settings};
use inkstone_vocab::TokenId;

use super::lane::BATCH_TOKENS_MAX;
use super::loading::load_options;

/// A guess less likely than this by its own model is not worth a row of the larger one's batch.
const PROBABILITY_MIN: f32 = 0.4;
/// Vocabularies of one family are padded to different lengths, by so many tokens at most.
const PADDING_TOKENS_MAX: usize = 128;
/// A draft model takes at most one part in so many of the memory beside the weights.
const MEMORY_SHARE: u64 = 4;
const SEQUENCE: SequenceId = SequenceId(0);

/// The draft model of another, by the catalogue, and its file.
#[derive(Debug, Clone)]
pub(super) struct DraftModel {
    pub(super) name: ModelName,
    pub(super) path: PathBuf,
}

/// A draft model of which it is known what it takes, and of which nothing is in memory yet.
#[derive(Debug)]
pub(super) struct DraftFile {
    name: ModelName,
    file: ModelFile,
    size: DraftSize,
}

#[derive(Debug, Clone, Copy)]
struct DraftSize {
    context_tokens: u32,
    /// Beside its weights.
    bytes: u64,
}

impl DraftModel {
    /// Opens it; none when its file cannot be read, or it takes too much of the ceiling.
    pub(super) fn open(&self, settings: &Settings) -> Option<DraftFile> {
        let file = ModelFile::open(&self.path)
            .inspect_err(|error| warn(&self.name, error))
            .ok()?;
        let size = size_of(file.info(), settings);
        let bytes_max = (u64::from(settings.engine.memory_mb_max) << 20) / MEMORY_SHARE;
        if size.bytes > bytes_max {
            let problem = format!(
                "it takes {} MiB beside its weights, more than a quarter of engine.memory_mb_max",
                size.bytes >> 20
            );
            warn(&self.name, &problem);
            return None;
        }
        let name = self.name.clone();
        Some(DraftFile { name, file, size })
    }
}

impl DraftFile {
    /// What it takes beside its weights.
    pub(super) fn bytes(&self) -> u64 {
        self.size.bytes
    }

    /// Reads it into memory; none, and a line in the log, when it cannot guess for `target`.
    pub(super) fn load(
        self,
        target: &Arc<Model>,
        threads: u32,
        engine: &Engine,
    ) -> Option<Drafter> {
        let Self { name, file, size } = self;
        let options = load_options(
            size.context_tokens,
            target.device().cloned(),
            engine.gpu_layers,
        );
        let made = file
            .load(&options, &mut |_| true)
            .map_err(|error| error.to_string())
            .and_then(|model| {
                if !speak_alike(&model, target) {
                    return Err("its vocabulary is another".to_owned());
                }
                context_of(&model, size, threads).map_err(|error| error.to_string())
            });
        match made {
            Ok(context) => Some(Drafter {
                name: name.to_string(),
                context: Some(context),
                target_tokens: target.vocabulary_len(),
                read: Vec::new(),
            }),
            Err(problem) => {
                warn(&name, &problem);
                None
            }
        }
    }
}

fn warn(name: &ModelName, problem: &dyn std::fmt::Display) {
    let model = name.as_str();
    tracing::warn!(model, %problem, "no draft model");
}

fn size_of(info: &ModelInfo, settings: &Settings) -> DraftSize {
    let completion = &settings.completion;
    let wished = completion
        .prompt_tokens
        .saturating_add(completion.max_tokens);
    let wished = wished.min(settings.engine.context_tokens);
    let context_tokens = context_tokens_within(wished, info.context_length);
    let cost = ContextCost::of(info, BATCH_TOKENS_MAX, KvType::F16);
    DraftSize {
        context_tokens,
        bytes: cost
            .bytes(context_tokens, 1)
            .saturating_add(vocabulary_bytes(info)),
    }
}

fn context_of(model: &Arc<Model>, size: DraftSize, threads: u32) -> Result<Context, EngineError> {
    let options = ContextOptions {
        context_tokens: size.context_tokens.min(model.plan().context_tokens),
        sequences: 1,
        outputs: 1,
        batch_tokens: BATCH_TOKENS_MAX,
        threads,
        offload_kv: model.device().is_some(),
        flash_attention: true,
        kv_type: KvType::F16,
    };
    Context::new(model, options)
}

/// Whether the tokens of both stand for the same bytes and the same ends of texts.
fn speak_alike(one: &Model, other: &Model) -> bool {
    let shared = one.vocabulary_len().min(other.vocabulary_len());
    let padding = one.vocabulary_len().abs_diff(other.vocabulary_len());
    let is_same = |token| {
        one.token_bytes(token) == other.token_bytes(token)
            && one.is_end_of_generation(token) == other.is_end_of_generation(token)
    };
    padding <= PADDING_TOKENS_MAX
        && one.adds_bos() == other.adds_bos()
        && (0..u32::try_from(shared).unwrap_or(0)).all(|id| is_same(TokenId(id)))
}

/// A draft model in memory.
#[derive(Debug)]
pub(super) struct Drafter {
    name: String,
    /// None when it has failed: the larger model goes on without.
    context: Option<Context>,
    /// Tokens that the larger model knows.
    target_tokens: usize,
    /// What its cache holds.
    read: Vec<TokenId>,
}

impl Drafter {
    /// Its name, as long as it guesses.
    pub(super) fn name(&self) -> Option<&str> {
        self.context.as_ref().map(|_| self.name.as_str())
    }

    /// What it holds likely to follow `tokens`, at most `tokens_max`. Nothing while it reads what is
    /// new to it, a batch with each call.
    pub(super) fn guess(&mut self, tokens: &[TokenId], tokens_max: usize) -> Vec<TokenId> {
        let Some(mut context) = self.context.take() else {
            return Vec::new();
        };
        match self.guess_with(&mut context, tokens, tokens_max) {
            Ok(guesses) => {
                self.context = Some(context);
                guesses
            }
            Err(error) => {
                tracing::warn!(model = self.name, %error, "the draft model failed and is left out");
                Vec::new()
            }
        }
    }

    fn guess_with(
        &mut self,
        context: &mut Context,
        tokens: &[TokenId],
        tokens_max: usize,
    ) -> Result<Vec<TokenId>, EngineError> {
        let tokens_all = tokens.len().saturating_add(tokens_max);
        if tokens.is_empty() || tokens_all > context.context_tokens() as usize {
            return Ok(Vec::new());
        }
        self.rewind_to_shared(context, tokens);
        let batch_tokens = context.batch_tokens() as usize;
        let news = &tokens[self.read.len()..];
        if news.len() > batch_tokens {
            self.read_on(context, &news[..batch_tokens])?;
            return Ok(Vec::new());
        }
        let mut row = self.read_on(context, news)?;
        let mut guesses = Vec::new();
        while let Some(guess) = self.likely(context, row) {
            guesses.push(guess);
            // The last one is not read: nothing is asked after it.
            if guesses.len() >= tokens_max {
                break;
            }
            row = self.read_on(context, &[guess])?;
        }
        Ok(guesses)
    }

    /// Leaves in the cache what `tokens` begin with, less the last of them: its logits are wanted.
    fn rewind_to_shared(&mut self, context: &mut Context, tokens: &[TokenId]) {
        let pairs = self.read.iter().zip(&tokens[..tokens.len() - 1]);
        let shared = pairs.take_while(|(read, token)| read == token).count();
        if shared == self.read.len() {
            return;
        }
        let is_rewound = context.truncate(SEQUENCE, u32::try_from(shared).unwrap_or(0));
        self.read.truncate(if is_rewound { shared } else { 0 });
        if !is_rewound {
            context.truncate(SEQUENCE, 0);
        }
    }

    /// Reads some tokens more; returns the row of the logits after the last.
    fn read_on(&mut self, context: &mut Context, news: &[TokenId]) -> Result<usize, EngineError> {
        let last = news.len().saturating_sub(1);
        let start = self.read.len();
        let entry = |(index, &token): (usize, &TokenId)| BatchEntry {
            token,
            position: u32::try_from(start + index).unwrap_or(u32::MAX),
            sequence: SEQUENCE,
            wants_logits: index == last,
        };
        let batch: Vec<BatchEntry> = news.iter().enumerate().map(entry).collect();
        context.decode(&batch)?;
        self.read.extend_from_slice(news);
        Ok(last)
    }

    /// The likeliest next token, if it is likely and the larger model knows it.
    fn likely(&self, context: &Context, row: usize) -> Option<TokenId> {
        let Choice { token, logprob, .. } = greedy(context.logits(row)?)?;
        let is_known = (token.0 as usize) < self.target_tokens;
        (is_known
            && logprob >= PROBABILITY_MIN.ln()
            && !context.model().is_end_of_generation(token))
        .then_some(token)
    }
}
