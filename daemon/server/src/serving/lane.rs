//! One model at work: its context, its scheduler, and the requests in its hands.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use inkstone_engine::{BatchEntry, Context, EngineError, Model, SequenceId, greedy};
use inkstone_protocol::{CompleteParams, DocumentId, ErrorCode, StopRule, WireError};
use inkstone_scheduler::{
    Admission, Document, Entry, Limits, Rejection, Request, RequestKey, Scheduler, Step,
};
use inkstone_settings::Settings;
use inkstone_vocab::TokenId;

use super::generation::{Generation, Turn};
use super::mail::Submission;
use super::prompt::PromptCache;
use super::report::{Ending, SharedReport};

/// Tokens of one batch: also how late a newer keystroke or a cancel can be.
pub(super) const BATCH_TOKENS_MAX: u32 = 64;
/// Requests that may wait for a sequence, per model.
const WAITING_MAX: usize = 64;
/// A request may ask for as many tokens, whatever the setting.
const DECODE_TOKENS_MAX: u32 = 1024;

/// What a request gets that does not say otherwise.
#[derive(Debug, Clone, Copy)]
pub(super) struct Defaults {
    max_tokens: u32,
    prompt_tokens: u32,
    stop: StopRule,
}

impl Defaults {
    pub(super) fn of(settings: &Settings) -> Self {
        let completion = &settings.completion;
        Self {
            max_tokens: completion.max_tokens,
            prompt_tokens: completion.prompt_tokens,
            stop: completion.stop.into(),
        }
    }
}

/// A loaded model with its requests.
#[derive(Debug)]
pub(super) struct Lane {
    name: String,
    context: Context,
    scheduler: Scheduler<TokenId>,
    generations: HashMap<RequestKey, Generation>,
    prompts: PromptCache,
    sequences: u32,
    used_at: Instant,
}

impl Lane {
    pub(super) fn new(name: &str, context: Context, sequences: u32) -> Self {
        let limits = Limits {
            sequences: u16::try_from(sequences).unwrap_or(u16::MAX),
            context_tokens: context.context_tokens(),
            batch_tokens_max: BATCH_TOKENS_MAX as usize,
            waiting_max: WAITING_MAX,
        };
        Self {
            name: name.to_owned(),
            prompts: PromptCache::new(context.model()),
            scheduler: Scheduler::new(limits),
            generations: HashMap::new(),
            context,
            sequences,
            used_at: Instant::now(),
        }
    }

    pub(super) fn model(&self) -> &Arc<Model> {
        self.context.model()
    }

    pub(super) fn context_tokens(&self) -> u32 {
        self.context.context_tokens()
    }

    pub(super) fn sequences(&self) -> u32 {
        self.sequences
    }

    pub(super) fn sequences_used(&self) -> u32 {
        self.scheduler.sequences_used()
    }

    pub(super) fn used_at(&self) -> Instant {
        self.used_at
    }

    /// Counts as use: the model stays in memory.
    pub(super) fn touch(&mut self) {
        self.used_at = Instant::now();
    }

    pub(super) fn requests(&self) -> usize {
        self.generations.len()
    }

    pub(super) fn has_work(&self) -> bool {
        self.scheduler.is_active()
    }

    /// Takes a submission: packs its prompt, tokenizes what changed, queues it. What cannot be
    /// taken is answered at once.
    pub(super) fn submit(
        &mut self,
        key: RequestKey,
        submission: Submission,
        defaults: &Defaults,
        report: &SharedReport,
    ) {
        self.touch();
        let params = &submission.params;
        let decode_tokens_max = params
            .max_tokens
            .unwrap_or(defaults.max_tokens)
            .clamp(1, DECODE_TOKENS_MAX);
        let document = document_of(&params.document);
        let room = self.context_tokens().saturating_sub(decode_tokens_max);
        let budget = room.min(defaults.prompt_tokens);
        let prompt = match self.prompts.prepare(document, params, budget) {
            Ok(prompt) => prompt,
            Err(error) => {
                return submission.fail(internal(&error), Ending::Rejected, report);
            }
        };
        let request = Request {
            key,
            document,
            version: params.version.0,
            prompt: prompt.tokens,
            decode_tokens_max,
        };
        match self.scheduler.submit(request) {
            Admission::Admitted { superseded: older } => {
                for older in older {
                    self.fail(older, superseded(), Ending::Cancelled, report);
                }
                let stop = submission.params.stop.unwrap_or(defaults.stop);
                let generation =
                    Generation::new(submission, prompt.held_back, stop, decode_tokens_max);
                self.generations.insert(key, generation);
            }
            Admission::Rejected(rejection) => {
                submission.fail(rejected(rejection), Ending::Rejected, report);
            }
        }
    }

    /// Ends what the document of `newer` has in hand.
    pub(super) fn supersede(&mut self, newer: &CompleteParams, report: &SharedReport) {
        let older: Vec<RequestKey> = self
            .generations
            .iter()
            .filter(|(_, generation)| {
                let params = &generation.submission.params;
                params.document == newer.document && params.version <= newer.version
            })
            .map(|(&key, _)| key)
            .collect();
        for key in older {
            self.fail(key, superseded(), Ending::Cancelled, report);
        }
    }

    pub(super) fn close(&mut self, document: &DocumentId) {
        let document = document_of(document);
        self.scheduler.close(document);
        self.prompts.forget(document);
    }

    /// Answers every request with `error`.
    pub(super) fn end_all(&mut self, error: &WireError, report: &SharedReport) {
        for key in self.scheduler.keys() {
            self.fail(key, error.clone(), Ending::Rejected, report);
        }
    }

    /// Drops what nobody waits for, then runs one batch and acts on its choices.
    pub(super) fn step(&mut self, report: &SharedReport) {
        self.touch();
        self.reap(Instant::now(), report);
        let step = self.scheduler.step();
        if let Err(error) = self.apply(&step) {
            tracing::error!(model = self.name, %error, tokens = step.entries.len(), "a batch failed");
            for key in self.scheduler.step_failed(&step.entries) {
                self.fail(key, internal(&error), Ending::Rejected, report);
            }
            return;
        }
        for (index, entry) in step.entries.iter().enumerate() {
            if entry.wants_logits {
                self.act_on_choice(index, entry, report);
            }
        }
    }

    fn apply(&mut self, step: &Step<TokenId>) -> Result<(), EngineError> {
        for rewind in &step.rewinds {
            // Architectures that cannot rewind part of a sequence are refused when a model is
            // imported; emptying one always works.
            if !self
                .context
                .truncate(SequenceId(rewind.sequence.0), rewind.keep)
            {
                return Err(EngineError::Batch(format!(
                    "cannot rewind to {} tokens",
                    rewind.keep
                )));
            }
        }
        if step.entries.is_empty() {
            return Ok(());
        }
        let batch: Vec<BatchEntry> = step.entries.iter().map(to_batch_entry).collect();
        let started = Instant::now();
        self.context.decode(&batch)?;
        self.attribute(&step.entries, started.elapsed());
        Ok(())
    }

    /// Tells each request of a batch how long it took, for the report of its timing.
    fn attribute(&mut self, entries: &[Entry<TokenId>], elapsed: Duration) {
        let mut last = None;
        for entry in entries
            .iter()
            .filter(|entry| last.replace(entry.key) != Some(entry.key))
        {
            if let Some(generation) = self.generations.get_mut(&entry.key) {
                generation.batch_took(elapsed);
            }
        }
    }

    fn act_on_choice(&mut self, index: usize, entry: &Entry<TokenId>, report: &SharedReport) {
        let Some(generation) = self.generations.get_mut(&entry.key) else {
            // Its generation ended while the batch was composed; the sequence is free again.
            self.scheduler.end(entry.key);
            return;
        };
        let Some(choice) = self.context.logits(index).and_then(greedy) else {
            let error = internal(&"the model gave no number for any token");
            return self.fail(entry.key, error, Ending::Rejected, report);
        };
        let model = self.context.model();
        let bytes = model.token_bytes(choice.token);
        match generation.take(choice, &bytes, model.is_end_of_generation(choice.token)) {
            Turn::GoOn => self.scheduler.choose(entry.key, choice.token),
            Turn::Finished(finish) => {
                let progress = self.scheduler.progress(entry.key).unwrap_or_default();
                self.scheduler.end(entry.key);
                if let Some(generation) = self.generations.remove(&entry.key) {
                    report.count(Ending::Completed);
                    generation.answer(finish, progress, &self.name);
                }
            }
        }
    }

    /// Ends requests whose client has gone or whose deadline has passed.
    fn reap(&mut self, now: Instant, report: &SharedReport) {
        let doomed: Vec<(RequestKey, WireError)> = self
            .generations
            .iter()
            .filter_map(|(&key, generation)| {
                let submission = &generation.submission;
                let is_late = submission.deadline.is_some_and(|deadline| now >= deadline);
                if submission.is_cancelled() {
                    Some((key, cancelled()))
                } else {
                    is_late.then(|| (key, late()))
                }
            })
            .collect();
        for (key, error) in doomed {
            self.fail(key, error, Ending::Cancelled, report);
        }
    }

    /// Ends a request with an error; does nothing when it had ended already.
    fn fail(&mut self, key: RequestKey, error: WireError, ending: Ending, report: &SharedReport) {
        self.scheduler.end(key);
        if let Some(generation) = self.generations.remove(&key) {
            generation.submission.fail(error, ending, report);
        }
    }
}

fn to_batch_entry(entry: &Entry<TokenId>) -> BatchEntry {
    BatchEntry {
        token: entry.token,
        position: entry.position,
        sequence: SequenceId(entry.sequence.0),
        wants_logits: entry.wants_logits,
    }
}

/// The scheduler's name of a document. A clash of two 64-bit hashes would only make them share a
/// sequence.
fn document_of(id: &DocumentId) -> Document {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    Document(hasher.finish())
}

pub(super) fn superseded() -> WireError {
    WireError::new(
        ErrorCode::Superseded,
        "a newer request of the document took its place",
    )
}

fn cancelled() -> WireError {
    WireError::new(ErrorCode::Cancelled, "the request was cancelled")
}

fn late() -> WireError {
    WireError::new(
        ErrorCode::DeadlineExceeded,
        "the deadline passed before the suggestion was ready",
    )
}

fn internal(error: &dyn std::fmt::Display) -> WireError {
    WireError::new(ErrorCode::Internal, error.to_string()).with_remedy("inkstone doctor")
}

fn rejected(rejection: Rejection) -> WireError {
    match rejection {
        Rejection::Outdated => superseded(),
        Rejection::QueueFull { waiting_max } => WireError::new(
            ErrorCode::Overloaded,
            format!("{waiting_max} requests wait for the model already"),
        ),
        Rejection::TooLong {
            needed_tokens,
            context_tokens,
        } => WireError::new(
            ErrorCode::InvalidMessage,
            format!("the request needs {needed_tokens} tokens, the context holds {context_tokens}"),
        ),
        Rejection::EmptyPrompt => {
            WireError::new(ErrorCode::InvalidMessage, "the prompt holds no token")
        }
    }
}
