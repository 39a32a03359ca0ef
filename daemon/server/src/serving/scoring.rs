//! Texts that one model is to score, and the context that scores them, as the model is or in a guise
//! ([`guise`]): with an adapter, with what the writer wrote before.
//!
//! A context of its own and not a sequence of the lane's: no document's tokens give way to a text that
//! nobody is writing, and adapters can be applied here without touching what is suggested. It lives
//! while there is something to score, and a little longer, since the next call follows the last at
//! once. Not when its turn is, nor whether there is room (`residency/scoring.rs`).

mod guise;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use inkstone_engine::plan::ContextCost;
use inkstone_engine::{
    Context, ContextOptions, EngineError, KvType, Model, ModelInfo, NLL_WINDOW_TOKENS, TextNll,
    TextReading,
};
use inkstone_prose::Language;
use inkstone_protocol::{ErrorCode, ScoreParams, ScoreReply, TextScore, WireError};
use tokio::sync::oneshot;

pub(super) use guise::{Dressed, Guise, ScoringDressed, Wardrobe, Worn};

use super::refusal::{cancelled, internal, late};

/// Tokens of one batch, each with a row of logits: a key that is typed meanwhile waits for a quarter of
/// a completion's batch.
const SCORE_BATCH_TOKENS: u32 = 16;
/// Calls that may wait for one model.
const SCORE_CALLS_MAX: usize = 16;
/// How long the context is kept for the next call.
const SCORE_CONTEXT_KEPT: Duration = Duration::from_secs(2);

/// A call as it arrived.
#[derive(Debug)]
pub(super) struct ScoreSubmission {
    pub(super) params: ScoreParams,
    pub(super) deadline: Option<Instant>,
    pub(super) cancelled: Arc<AtomicBool>,
    pub(super) answer: oneshot::Sender<Result<Box<ScoreReply>, WireError>>,
}

impl ScoreSubmission {
    /// Why nobody waits for the answer any more, if that is so.
    fn given_up(&self, now: Instant) -> Option<WireError> {
        if self.cancelled.load(Ordering::Relaxed) || self.answer.is_closed() {
            return Some(cancelled());
        }
        let is_late = self.deadline.is_some_and(|deadline| now >= deadline);
        is_late.then(late)
    }

    /// Says how it ended. A session that has gone wants to hear nothing.
    pub(super) fn end(self, result: Result<Box<ScoreReply>, WireError>) {
        let _ = self.answer.send(result);
    }
}

/// A call in hand.
#[derive(Debug)]
struct Scoring {
    submission: ScoreSubmission,
    /// What it is to be scored in.
    guise: Guise,
    /// By which the memory counts.
    language: Language,
    scores: Vec<TextScore>,
    /// The text that is being read.
    reading: Option<TextReading>,
}

/// The calls of one model, the one at work first.
#[derive(Debug, Default)]
pub(super) struct Scorer {
    calls: VecDeque<Scoring>,
    desk: Option<Desk>,
    /// A guise that is being read.
    dressing: Option<Guise>,
}

/// What scores.
#[derive(Debug)]
struct Desk {
    context: Context,
    dressed: Dressed,
    model_hash: String,
    bytes: u64,
    used_at: Instant,
}

impl Scorer {
    /// Takes a call, or tells it that too many wait already.
    pub(super) fn push(&mut self, submission: ScoreSubmission, guise: Guise, language: Language) {
        if self.calls.len() >= SCORE_CALLS_MAX {
            let message = format!("{SCORE_CALLS_MAX} calls wait to be scored already");
            return submission.end(Err(WireError::new(ErrorCode::Overloaded, message)));
        }
        self.calls.push_back(Scoring {
            submission,
            guise,
            language,
            scores: Vec::new(),
            reading: None,
        });
    }

    /// Calls without an answer.
    pub(super) fn calls(&self) -> usize {
        self.calls.len()
    }

    /// What its context takes beside the weights, with the adapter that it wears, if it has one.
    pub(super) fn bytes(&self) -> u64 {
        let desk = self.desk.as_ref();
        desk.map_or(0, |desk| desk.bytes + desk.dressed.adapter_bytes())
    }

    pub(super) fn has_context(&self) -> bool {
        self.desk.is_some()
    }

    /// Makes its context.
    pub(super) fn prepare(&mut self, model: &Arc<Model>, threads: u32) -> Result<(), EngineError> {
        let context = Context::new(model, options(model, threads))?;
        let model_hash = inkstone_models::fingerprint::of_file(model.path()).map_err(|error| {
            EngineError::Context {
                context_tokens: NLL_WINDOW_TOKENS,
                detail: format!("{}: {error}", model.path().display()),
            }
        })?;
        self.desk = Some(Desk {
            context,
            dressed: Dressed::default(),
            model_hash: model_hash.to_string(),
            bytes: bytes_wanted(model.info()),
            used_at: Instant::now(),
        });
        Ok(())
    }

    /// Whether the call whose turn it is can be computed: what it is to be scored in is not being read.
    pub(super) fn is_ready(&self) -> bool {
        !self.calls.is_empty() && self.dressing.is_none()
    }

    /// The guise of the call whose turn it is, where its context has another on.
    pub(super) fn lacks(&self) -> Option<&Guise> {
        let (desk, call) = (self.desk.as_ref()?, self.calls.front()?);
        (desk.dressed.guise != call.guise).then_some(&call.guise)
    }

    /// A guise is being read.
    pub(super) fn wait_for(&mut self, guise: Guise) {
        self.dressing = Some(guise);
    }

    /// Whether a guise was still waited for.
    pub(super) fn waited_for(&mut self, guise: &Guise) -> bool {
        self.dressing.take_if(|waited| waited == guise).is_some()
    }

    /// Has its context wear what was read. What it computed in another guise is nothing to the next
    /// text, which begins with an empty context.
    pub(super) fn dress(&mut self, dressed: Dressed) -> Result<(), EngineError> {
        if let Some(desk) = &mut self.desk {
            dressed.put_on(&mut desk.context)?;
            desk.dressed = dressed;
        }
        Ok(())
    }

    /// Ends the call whose turn it is, if that is what it wants to be scored in: it cannot be had.
    pub(super) fn refuse(&mut self, guise: &Guise, error: WireError) {
        let next = self.calls.front();
        if next.is_some_and(|call| call.guise == *guise)
            && let Some(call) = self.calls.pop_front()
        {
            call.submission.end(Err(error));
        }
    }

    /// One batch of the call whose turn it is, or its answer.
    pub(super) fn step(&mut self, model_name: &str) -> Result<(), EngineError> {
        let (Some(desk), Some(call)) = (&mut self.desk, self.calls.front_mut()) else {
            return Ok(());
        };
        desk.used_at = Instant::now();
        let done = call.step(&mut desk.context, &mut desk.dressed)?;
        if done && let Some(call) = self.calls.pop_front() {
            call.submission.end(Ok(Box::new(ScoreReply {
                model: model_name.to_owned(),
                model_hash: desk.model_hash.clone(),
                adapter: desk.dressed.adapter_name(),
                memory: desk.dressed.remembers(),
                scores: call.scores,
            })));
        }
        Ok(())
    }

    /// Ends calls whose client has gone or whose deadline has passed.
    pub(super) fn reap(&mut self, now: Instant) {
        for _ in 0..self.calls.len() {
            // proof: there are so many.
            let Some(call) = self.calls.pop_front() else {
                return;
            };
            match call.submission.given_up(now) {
                Some(error) => call.submission.end(Err(error)),
                None => self.calls.push_back(call),
            }
        }
    }

    /// Ends every call with `error`, and gives the context back.
    pub(super) fn end_all(&mut self, error: &WireError) {
        for call in self.calls.drain(..) {
            call.submission.end(Err(error.clone()));
        }
        self.desk = None;
        self.dressing = None;
    }

    /// When its context goes, if no call comes.
    pub(super) fn next_release(&self) -> Option<Instant> {
        let desk = self.desk.as_ref().filter(|_| self.calls.is_empty())?;
        Some(desk.used_at + SCORE_CONTEXT_KEPT)
    }

    /// Gives its context back, when nobody has asked for as long as it is kept.
    pub(super) fn release_idle(&mut self, now: Instant) {
        if self.next_release().is_some_and(|at| at <= now) {
            self.desk = None;
        }
    }
}

impl Scoring {
    /// One batch; whether all is read.
    fn step(&mut self, context: &mut Context, dressed: &mut Dressed) -> Result<bool, EngineError> {
        let Some(text) = self.submission.params.texts.get(self.scores.len()) else {
            return Ok(true);
        };
        let reading = match &mut self.reading {
            Some(reading) => reading,
            empty => {
                dressed.follow();
                let tokens_max = self.submission.params.tokens_max.unwrap_or(u32::MAX);
                empty.insert(TextReading::begin_at_most(context, text, tokens_max)?)
            }
        };
        let language = self.language;
        reading.step_by(context, &mut |before, token, logits| {
            dressed.cost(language, (before, token), logits)
        })?;
        if let Some(end) = reading.end() {
            self.scores.push(score(end));
            self.reading = None;
        }
        Ok(self.scores.len() == self.submission.params.texts.len())
    }
}

fn score(read: TextNll) -> TextScore {
    TextScore {
        nats: read.nats,
        tokens: read.tokens,
        characters: read.characters,
    }
}

/// What a scorer's context takes beside the weights: an upper bound.
pub(super) fn bytes_wanted(info: &ModelInfo) -> u64 {
    let cost = ContextCost::of(info, SCORE_BATCH_TOKENS, KvType::F16);
    cost.bytes(NLL_WINDOW_TOKENS, SCORE_BATCH_TOKENS)
}

/// Exact rather than small: the cache in 16 bits, and attention in one pass, whose sums do not depend on
/// how a text is cut into batches.
fn options(model: &Model, threads: u32) -> ContextOptions {
    ContextOptions {
        context_tokens: NLL_WINDOW_TOKENS,
        sequences: 1,
        outputs: SCORE_BATCH_TOKENS,
        batch_tokens: SCORE_BATCH_TOKENS,
        threads,
        offload_kv: model.device().is_some(),
        flash_attention: true,
        kv_type: KvType::F16,
    }
}

/// It could be scored, but not now.
pub(super) fn not_now(why: impl Into<String>) -> WireError {
    WireError::new(ErrorCode::NotNow, why)
}

/// The model could not score.
pub(super) fn failed(error: &EngineError) -> WireError {
    internal(error)
}
