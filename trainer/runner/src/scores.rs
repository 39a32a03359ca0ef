//! Asks the daemon's models how surprising pieces are, and keeps what they say.
//!
//! Only of texts that have no score yet, in small batches, each kept as soon as it is there; a build
//! that is killed loses one. A daemon that is away, busy or without the model is no failure: it is said
//! once, and what was scored before holds. Not what a score means (`assemble::outliers`); the daemon's
//! end of it is [`daemon`].

mod daemon;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use inkstone_corpus::CleanDocument;
use inkstone_corpus::surprise::Surprise;
use inkstone_protocol::{ScoreParams, ScoreReply, TextScore};
use inkstone_store::corpus::score::{ScoreRow, ScorerRow};
use inkstone_store::{Corpus, Store};
use serde::Serialize;

use crate::assemble::{self, AssembleError};

pub use daemon::DaemonScorer;

/// The languages of pieces.
const LANGUAGES: [&str; 2] = ["en", "zh"];
/// Texts of one call: so few that a call is answered within seconds.
const BATCH_TEXTS_MAX: usize = 64;
const BATCH_BYTES_MAX: usize = 8 * 1024;
/// Documents that are looked for at once.
const DOCUMENTS_MAX: u32 = 64;
/// Texts without a score that are counted in a language: of more, it is enough to know that there are.
const UNSCORED_COUNTED_MAX: u32 = 10_000;

/// Of a batch that came too late, texts that may come too late by themselves before no further one is
/// tried: then it is whoever scores that is slow.
const LATE_TEXTS_MAX: usize = 2;

/// Whoever can score texts.
pub trait Scorer {
    /// Scores, or says why not.
    fn score(&mut self, params: ScoreParams) -> Result<ScoreReply, Unanswered>;
}

/// Why texts have no score, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unanswered {
    /// They took longer than is waited for. Fewer of them may not.
    Late(String),
    /// Whoever scores is away, or refuses.
    Away(String),
}

impl Unanswered {
    fn why(self) -> String {
        match self {
            Self::Late(why) | Self::Away(why) => why,
        }
    }
}

/// How far a build goes for scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// When it stops to ask; none: when everything has its score.
    pub time_max: Option<Duration>,
    /// Whether models are loaded for it.
    pub load: bool,
}

/// What came of asking.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// Texts that were scored now.
    pub scored: u64,
    /// Texts that still have no score.
    pub unscored: u64,
    /// Whether there may be more of these: only so many are counted in each language.
    pub unscored_is_more: bool,
    /// Why, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Asks for the scores that are missing; `tell` hears after each batch how many there are.
pub fn ask(
    store: &mut Store,
    scorer: &mut dyn Scorer,
    effort: Effort,
    tell: &mut dyn FnMut(u64),
) -> Result<Asked, AssembleError> {
    let until = effort.time_max.map(|time| Instant::now() + time);
    let mut asked = Asked::default();
    let mut reasons = BTreeMap::new();
    for language in LANGUAGES {
        // Who has nothing to ask does not ask who would answer.
        if !is_unscored(store, language)? {
            continue;
        }
        let mut asking = Asking {
            store: &mut *store,
            scorer: &mut *scorer,
            language,
            load: effort.load,
            until,
            scored: 0,
        };
        let stopped = asking.all(asked.scored, tell)?;
        asked.scored += asking.scored;
        if let Some(why) = stopped {
            reasons.insert(language, why);
        }
        let unscored = unscored(store, language)?;
        asked.unscored += unscored;
        asked.unscored_is_more |= unscored >= u64::from(UNSCORED_COUNTED_MAX);
    }
    // A daemon that is away is so for every language.
    let mut reasons: Vec<String> = reasons.into_values().collect();
    reasons.dedup();
    asked.why = (!reasons.is_empty()).then(|| reasons.join("; "));
    Ok(asked)
}

/// Whether texts of a language have no score of the model that counts there.
fn is_unscored(store: &mut Store, language: &str) -> Result<bool, AssembleError> {
    store.read_corpus(|corpus| Ok(corpus.is_unscored(language, &hash_of(corpus, language)?)?))
}

/// How many these are, counted up to [`UNSCORED_COUNTED_MAX`].
fn unscored(store: &mut Store, language: &str) -> Result<u64, AssembleError> {
    store.read_corpus(|corpus| {
        let hash = hash_of(corpus, language)?;
        Ok(corpus.unscored_count(language, &hash, UNSCORED_COUNTED_MAX)?)
    })
}

/// The model whose scores count in a language; empty where none has scored yet.
fn hash_of(corpus: &Corpus<'_>, language: &str) -> Result<String, AssembleError> {
    let known = corpus.scorers()?.into_iter();
    let mut known = known.filter(|scorer| scorer.language == language);
    Ok(known.next().map_or_else(String::new, |scorer| scorer.hash))
}

/// One language's turn.
struct Asking<'a> {
    store: &'a mut Store,
    scorer: &'a mut dyn Scorer,
    language: &'static str,
    load: bool,
    until: Option<Instant>,
    scored: u64,
}

/// Texts by their hashes.
type Batch = BTreeMap<Vec<u8>, String>;

impl Asking<'_> {
    /// Asks for all that is missing; why it stopped before, if it did.
    fn all(
        &mut self,
        before: u64,
        tell: &mut dyn FnMut(u64),
    ) -> Result<Option<String>, AssembleError> {
        // Nothing to score tells who would, and so what is missing.
        let scorer = match self.call(Vec::new()) {
            Ok(reply) => ScorerRow {
                language: self.language.to_owned(),
                model: reply.model,
                hash: reply.model_hash,
            },
            Err(unanswered) => return Ok(Some(unanswered.why())),
        };
        let mut batch = Batch::new();
        let mut after = 0;
        loop {
            let due = self.store.read_corpus(|corpus| {
                corpus.documents_unscored(self.language, &scorer.hash, after, DOCUMENTS_MAX)
            })?;
            let Some(last) = due.last() else { break };
            after = *last;
            for document in due {
                for (text_hash, text) in self.texts_of(document, &scorer.hash)? {
                    let bytes: usize = batch.values().map(String::len).sum();
                    let is_full = batch.len() >= BATCH_TEXTS_MAX
                        || !batch.is_empty() && bytes + text.len() > BATCH_BYTES_MAX;
                    if is_full && let Some(why) = self.flush(&mut batch, &scorer)? {
                        return Ok(Some(why));
                    }
                    tell(before + self.scored);
                    batch.insert(text_hash, text);
                }
            }
        }
        self.flush(&mut batch, &scorer)
    }

    fn call(&mut self, texts: Vec<String>) -> Result<ScoreReply, Unanswered> {
        self.scorer.score(ScoreParams {
            texts,
            language: Some(self.language.to_owned()),
            load: self.load,
            ..ScoreParams::default()
        })
    }

    /// The texts of a document that have no score, by their hashes.
    fn texts_of(
        &mut self,
        document: i64,
        hash: &str,
    ) -> Result<Vec<(Vec<u8>, String)>, AssembleError> {
        let (passages, reading) = self.store.read_corpus(|corpus| {
            let passages = corpus.passages_unscored(document, self.language, hash)?;
            Ok::<_, AssembleError>((passages, assemble::reading(corpus, document)?))
        })?;
        let Some(CleanDocument { mut pieces, .. }) = reading else {
            return Ok(Vec::new());
        };
        let texts = passages.into_iter().filter_map(|(ordinal, text_hash)| {
            let piece = pieces.get_mut(usize::try_from(ordinal).ok()?)?;
            Some((text_hash, std::mem::take(&mut piece.text)))
        });
        Ok(texts.collect())
    }

    /// Asks about a batch and keeps the answer; why it stops here, if it does. The model that answered
    /// is the one whose scores count, from its first answer on: one that fails at once takes no other's
    /// away.
    fn flush(
        &mut self,
        batch: &mut Batch,
        scorer: &ScorerRow,
    ) -> Result<Option<String>, AssembleError> {
        let batch = std::mem::take(batch);
        if batch.is_empty() {
            return Ok(None);
        }
        match self.score(&batch, scorer)? {
            Ok(()) => Ok(None),
            Err(Unanswered::Late(_)) if batch.len() > 1 => self.one_by_one(batch, scorer),
            Err(unanswered) => Ok(Some(unanswered.why())),
        }
    }

    /// Asks about each text of a batch that came too late, so that a single slow one keeps no other
    /// from its score; why it stops here, if it does. What comes too late by itself is asked about
    /// again by the next build.
    fn one_by_one(
        &mut self,
        batch: Batch,
        scorer: &ScorerRow,
    ) -> Result<Option<String>, AssembleError> {
        let mut late = 0;
        for one in batch {
            match self.score(&Batch::from([one]), scorer)? {
                Ok(()) => {}
                Err(Unanswered::Late(why)) => {
                    late += 1;
                    if late > LATE_TEXTS_MAX {
                        return Ok(Some(why));
                    }
                }
                Err(unanswered) => return Ok(Some(unanswered.why())),
            }
        }
        Ok(None)
    }

    /// Asks about texts and keeps the answer.
    fn score(
        &mut self,
        batch: &Batch,
        scorer: &ScorerRow,
    ) -> Result<Result<(), Unanswered>, AssembleError> {
        let away = |why: &str| Ok(Err(Unanswered::Away(why.to_owned())));
        if self.until.is_some_and(|until| Instant::now() >= until) {
            return away("the time for it was over (corpus.score_s_max); the next build goes on");
        }
        let reply = match self.call(batch.values().cloned().collect()) {
            Ok(reply) => reply,
            Err(unanswered) => return Ok(Err(unanswered)),
        };
        if reply.model_hash != scorer.hash || reply.scores.len() != batch.len() {
            return away("another model scores now; the next build asks it");
        }
        self.store.change_corpus(|corpus| {
            if !corpus.scorers()?.contains(scorer) {
                corpus.set_scorer(scorer)?;
            }
            for (text, score) in batch.keys().zip(&reply.scores) {
                corpus.put_score(text, &scorer.hash, &row(score))?;
                self.scored += 1;
            }
            Ok::<_, AssembleError>(())
        })?;
        Ok(Ok(()))
    }
}

fn row(score: &TextScore) -> ScoreRow {
    let kept = Surprise::new(score.nats, score.tokens, score.characters);
    ScoreRow {
        millinats: kept.millinats,
        tokens: kept.tokens,
        characters: kept.characters,
    }
}
