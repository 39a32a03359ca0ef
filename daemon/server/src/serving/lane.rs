//! One model at work: its context, its scheduler, and the requests in its hands.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

use inkstone_engine::{BatchEntry, Choice, Context, EngineError, Model, SequenceId};
use inkstone_protocol::{CompleteParams, ComputationReport, DocumentId, Technique, WireError};
use inkstone_scheduler::{
    Admission, Change, Document, Entry, Limits, Request, RequestKey, Scheduler, Sequence, Step,
};
use inkstone_settings::ALTERNATIVES_MAX;
use inkstone_vocab::TokenId;

use super::choosing::{branch_of, request_of};
use super::continuation::{HEALING_TOKENS, Turn};
use super::drafter::Drafter;
use super::generation::Generation;
use super::mail::{Stamp, Submission};
use super::prompt::PromptCache;
use super::recollection::Recollection;
use super::refusal::{internal, rejected, superseded};
use super::report::{Ending, SharedReport};

/// Tokens of one batch: also how late a newer keystroke or a cancel can be.
pub(super) const BATCH_TOKENS_MAX: u32 = 64;
/// Sequences beside those of the documents, for what is computed apart: a heading that comes before
/// text whose place only changes, and other ways to go on. Each costs a row of logits.
pub(super) const SPARE_SEQUENCES: u32 = 4;
/// Requests that may wait for a sequence, per model.
const WAITING_MAX: usize = 64;
/// A request may ask for as many tokens, whatever the setting.
const DECODE_TOKENS_MAX: u32 = 1024;

/// A loaded model with its requests.
#[derive(Debug)]
pub(super) struct Lane {
    name: String,
    context: Context,
    scheduler: Scheduler<TokenId>,
    generations: HashMap<RequestKey, Generation>,
    prompts: PromptCache,
    sequences: u32,
    computation: ComputationReport,
    wearing: Wearing,
    /// Guesses beside it, where the catalogue has a draft model for it.
    drafter: Option<Drafter>,
    /// What the writer wrote before, where it can be told.
    recollection: Option<Recollection>,
    used_at: Instant,
    /// Why it computes on the processor and not on the graphics card, where that was wished for.
    notice: Option<String>,
}

impl Lane {
    pub(super) fn new(
        name: &str,
        context: Context,
        sequences: u32,
        computation: ComputationReport,
    ) -> Self {
        let limits = Limits {
            sequences: u16::try_from(sequences).unwrap_or(u16::MAX),
            spare_sequences: u16::try_from(SPARE_SEQUENCES).unwrap_or(0),
            can_shift: context.can_shift(),
            context_tokens: context.context_tokens(),
            batch_tokens_max: context.batch_tokens() as usize,
            outputs_max: context.outputs(),
            waiting_max: WAITING_MAX,
        };
        Self {
            name: name.to_owned(),
            prompts: PromptCache::new(context.model()),
            scheduler: Scheduler::new(limits),
            generations: HashMap::new(),
            context,
            sequences,
            computation,
            wearing: Wearing::default(),
            drafter: None,
            recollection: None,
            used_at: Instant::now(),
            notice: None,
        }
    }

    /// Computes one token and forgets it: a graphics card that cannot shows it now, and compiles its
    /// programs now, not under the first key.
    pub(super) fn try_out(&mut self) -> Result<(), EngineError> {
        let sequence = SequenceId(0);
        self.context.decode(&[BatchEntry {
            token: TokenId(0),
            position: 0,
            sequence,
            wants_logits: true,
        }])?;
        self.context.truncate(sequence, 0);
        Ok(())
    }

    /// Takes something that the user should know of how it computes.
    pub(super) fn set_notice(&mut self, notice: String) {
        self.notice = Some(notice);
    }

    /// What the user should know of how it computes.
    pub(super) fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    pub(super) fn model(&self) -> &Arc<Model> {
        self.context.model()
    }

    /// Gives up the context; the weights stay with the model.
    pub(super) fn into_model(self) -> Arc<Model> {
        Arc::clone(self.context.model())
    }

    pub(super) fn context_tokens(&self) -> u32 {
        self.context.context_tokens()
    }

    pub(super) fn kv_bytes(&self) -> u64 {
        self.context.kv_bytes()
    }

    pub(super) fn sequences(&self) -> u32 {
        self.sequences
    }

    pub(super) fn sequences_used(&self) -> u32 {
        self.scheduler.sequences_used()
    }

    pub(super) fn computation(&self) -> &ComputationReport {
        &self.computation
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
    /// taken is answered at once, and ends nothing. Returns whether it was taken.
    pub(super) fn submit(
        &mut self,
        key: RequestKey,
        (submission, wish): (Submission, Wish),
        defaults: &Defaults,
        report: &SharedReport,
    ) -> bool {
        self.touch();
        if let Some(recollection) = &mut self.recollection {
            recollection.follow();
        }
        let params = &submission.params;
        let decode_tokens_max = params
            .max_tokens
            .unwrap_or(defaults.max_tokens)
            .clamp(1, DECODE_TOKENS_MAX);
        let alternatives_max = alternatives_max(params);
        let document = document_of(&params.document);
        let room = self
            .context_tokens()
            .saturating_sub((decode_tokens_max + HEALING_TOKENS) * alternatives_max);
        let prompt_tokens = params.prompt_tokens.unwrap_or(defaults.prompt_tokens);
        let budget = room.min(prompt_tokens);
        let mut prompt = match self.prompts.prepare(document, params, budget) {
            Ok(prompt) => prompt,
            Err(error) => {
                submission.fail(internal(&error), Ending::Rejected, report);
                return false;
            }
        };
        let (adapter, worn) = self.dress(document, wish);
        if let Some(name) = &worn {
            report.count_worn(name);
        }
        let request = Request {
            key,
            document,
            adapter,
            version: params.version.0,
            prompt: std::mem::take(&mut prompt.tokens),
            decode_tokens_max: decode_tokens_max + HEALING_TOKENS,
            branches_max: alternatives_max - 1,
            draft_tokens_max: drafting::tokens_max(params),
        };
        match self.scheduler.submit(request) {
            Admission::Admitted { superseded: older } => {
                for older in older {
                    self.fail(older, superseded(), Ending::Cancelled, report);
                }
                let stop = submission.params.stop.unwrap_or(defaults.stop);
                let others_max = alternatives_max - 1;
                let mut generation =
                    Generation::new(submission, prompt, stop, decode_tokens_max, others_max);
                generation.worn = worn;
                self.generations.insert(key, generation);
                true
            }
            Admission::Rejected(rejection) => {
                submission.fail(rejected(rejection), Ending::Rejected, report);
                false
            }
        }
    }

    /// Ends what `newer` replaces.
    pub(super) fn supersede(&mut self, newer: &Stamp, report: &SharedReport) {
        let older: Vec<RequestKey> = self
            .generations
            .iter()
            .filter(|(key, generation)| newer.replaces(**key, &generation.submission))
            .map(|(&key, _)| key)
            .collect();
        for key in older {
            self.fail(key, superseded(), Ending::Cancelled, report);
        }
    }

    /// Whether it has a request that was made after `stamp`'s in its document.
    pub(super) fn holds_newer_than(&self, stamp: &Stamp) -> bool {
        let mut submissions = self.generations.values().map(|g| &g.submission);
        submissions.any(|submission| stamp.is_outdated_by(submission))
    }

    pub(super) fn close(&mut self, document: &DocumentId) {
        let document = document_of(document);
        self.scheduler.close(document);
        self.undress(document);
        self.prompts.forget(document);
    }

    /// Answers every request with `error`.
    pub(super) fn end_all(&mut self, error: &WireError, report: &SharedReport) {
        let keys: Vec<RequestKey> = self.generations.keys().copied().collect();
        for key in keys {
            self.fail(key, error.clone(), Ending::Rejected, report);
        }
    }

    /// Runs one batch and acts on its choices. An error: it computes no more, and its requests are
    /// unanswered.
    pub(super) fn step(&mut self, report: &SharedReport) -> Result<(), EngineError> {
        self.touch();
        let started = Instant::now();
        let mut step = self.next_step();
        let done = self.change_cache(&mut step);
        let done = done.and_then(|()| self.compute(&step, started));
        self.end_changes(report);
        if let Err(error) = done {
            tracing::error!(model = self.name, %error, tokens = step.entries.len(), "a batch failed");
            if matches!(error, EngineError::Card { .. } | EngineError::Thrown { .. }) {
                return Err(error);
            }
            for key in self.scheduler.step_failed(&step.entries) {
                self.fail(key, internal(&error), Ending::Rejected, report);
            }
            return Ok(());
        }
        for (index, entry) in step.entries.iter().enumerate() {
            if entry.wants_logits && self.scheduler.awaits_choice(entry.key, entry.position) {
                self.act_on_choice(index, entry, report);
            }
        }
        Ok(())
    }

    /// Its requests, to be begun anew in other hands.
    pub(super) fn into_submissions(self) -> impl Iterator<Item = (RequestKey, Submission)> {
        let generations = self.generations.into_iter();
        generations.map(|(key, generation)| (key, generation.into_submission()))
    }

    /// Carries out every change that a step makes to the cache. A memory that cannot make one is
    /// emptied of the sequence, and its request starts over with the next step; emptying always
    /// works.
    fn change_cache(&mut self, step: &mut Step<TokenId>) -> Result<(), EngineError> {
        let mut result = Ok(());
        for change in std::mem::take(&mut step.changes) {
            let Some(refused) = self.change(change) else {
                continue;
            };
            if self.context.truncate(id(refused), 0) {
                self.scheduler.change_failed(refused, &mut step.entries);
            } else {
                let what = format!("cannot empty sequence {}", refused.0);
                result = Err(EngineError::Batch(what));
            }
        }
        result
    }

    /// The sequence whose memory could not be changed so.
    fn change(&mut self, change: Change) -> Option<Sequence> {
        match change {
            Change::Rewind { sequence, keep } => {
                (!self.context.truncate(id(sequence), keep)).then_some(sequence)
            }
            Change::Move {
                sequence,
                from,
                until,
                to,
            } => {
                let is_moved = self.context.move_back(id(sequence), from, until, to);
                (!is_moved).then_some(sequence)
            }
            Change::Copy {
                from,
                to,
                start,
                end,
            } => {
                self.context.copy(id(from), id(to), start, end);
                None
            }
        }
    }

    fn compute(&mut self, step: &Step<TokenId>, started: Instant) -> Result<(), EngineError> {
        let entries = &step.entries;
        if entries.is_empty() {
            return Ok(());
        }
        self.wear(step.adapter)?;
        let batch: Vec<BatchEntry> = entries.iter().map(to_batch_entry).collect();
        self.context.decode(&batch)?;
        self.attribute(entries, started.elapsed());
        Ok(())
    }

    /// Tells each request of a batch how long it took, for the report of its timing.
    fn attribute(&mut self, entries: &[Entry<TokenId>], elapsed: Duration) {
        let mut last = None;
        for entry in entries
            .iter()
            .filter(|entry| last.replace(entry.key) != Some(entry.key))
        {
            if let Some(generation) = self.generations.get_mut(&request_of(entry.key)) {
                generation.batch_took(elapsed);
            }
        }
    }

    fn act_on_choice(&mut self, index: usize, entry: &Entry<TokenId>, report: &SharedReport) {
        let request = request_of(entry.key);
        let Some(generation) = self.generations.get(&request) else {
            // Its generation ended while the batch was composed; the sequence is free again.
            self.scheduler.end(entry.key);
            return;
        };
        let (typed, others) = if entry.key == request {
            (generation.typed().to_vec(), generation.others_wanted())
        } else {
            (Vec::new(), 0)
        };
        let choices = self.choices(index, entry.key, &typed, others);
        let Some((first, others)) = choices.split_first() else {
            let error = internal(&"the model gave no number for any token");
            return self.fail(request, error, Ending::Rejected, report);
        };
        let Some(generation) = self.generations.get_mut(&request) else {
            return;
        };
        // They begin before the first goes on, which takes the place that they begin at.
        let mut begun = Vec::new();
        for (number, other) in (1..).zip(others) {
            let branch = branch_of(request, number);
            let bytes = self.context.model().token_bytes(other.token);
            if generation.may_be_offered(*other, &bytes) && self.scheduler.branch(request, branch) {
                generation.begin_other(branch);
                begun.push((branch, *other));
            }
        }
        self.take(entry.key, *first, report);
        for (branch, other) in begun {
            self.take(branch, other, report);
        }
    }

    /// Takes a choice for a request or one of its branches; answers when all have come to an end.
    fn take(&mut self, key: RequestKey, choice: Choice, report: &SharedReport) {
        let request = request_of(key);
        let Some(generation) = self.generations.get_mut(&request) else {
            return;
        };
        let model = self.context.model();
        let (bytes, ends_text) = (
            model.token_bytes(choice.token),
            model.is_end_of_generation(choice.token),
        );
        let turn = if key == request {
            generation.take(choice, &bytes, ends_text)
        } else {
            generation.take_other(key, choice, &bytes, ends_text)
        };
        match turn {
            Turn::GoOn => self.scheduler.choose(key, choice.token),
            Turn::Finished(_) => {
                if key != request {
                    self.scheduler.end(key);
                }
                if generation.is_whole() {
                    self.answer(request, report);
                }
            }
        }
    }

    fn answer(&mut self, key: RequestKey, report: &SharedReport) {
        let progress = self.scheduler.progress(key).unwrap_or_default();
        self.scheduler.end(key);
        if let Some(generation) = self.generations.remove(&key) {
            report.count(Ending::Completed);
            generation.answer(progress, &self.name, self.notice.clone());
        }
    }

    /// Ends requests whose client has gone or whose deadline has passed.
    pub(super) fn reap(&mut self, now: Instant, report: &SharedReport) {
        let doomed: Vec<(RequestKey, WireError)> = self
            .generations
            .iter()
            .filter_map(|(&key, generation)| Some((key, generation.submission.given_up(now)?)))
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

/// How many suggestions a request gets at most.
fn alternatives_max(params: &CompleteParams) -> u32 {
    if params.uses(Technique::Alternatives) {
        params.alternatives_max.clamp(1, ALTERNATIVES_MAX)
    } else {
        1
    }
}

fn to_batch_entry(entry: &Entry<TokenId>) -> BatchEntry {
    BatchEntry {
        token: entry.token,
        position: entry.position,
        sequence: id(entry.sequence),
        wants_logits: entry.wants_logits,
    }
}

fn id(sequence: Sequence) -> SequenceId {
    SequenceId(sequence.0)
}

/// The scheduler's name of a document. A clash of two 64-bit hashes would only make them share a
/// sequence.
pub(super) fn document_of(id: &DocumentId) -> Document {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    Document(hasher.finish())
}

mod defaults;
mod drafting;
mod remembering;
mod saving;
mod wearing;

pub(super) use defaults::Defaults;
pub(super) use wearing::Wish;

use wearing::Wearing;
