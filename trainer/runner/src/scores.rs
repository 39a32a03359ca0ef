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
use inkstone_store::Store;
use inkstone_store::corpus::score::{ScoreRow, ScorerRow};
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

/// Whoever can score texts.
pub trait Scorer {
    /// Scores, or says in words why not.
    fn score(&mut self, params: ScoreParams) -> Result<ScoreReply, String>;
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
        if unscored(store, language)? == 0 {
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
        asked.unscored += unscored(store, language)?;
    }
    // A daemon that is away is so for every language.
    let mut reasons: Vec<String> = reasons.into_values().collect();
    reasons.dedup();
    asked.why = (!reasons.is_empty()).then(|| reasons.join("; "));
    Ok(asked)
}

/// How many texts of a language have no score of the model that counts there.
fn unscored(store: &mut Store, language: &str) -> Result<u64, AssembleError> {
    store.read_corpus(|corpus| {
        let scorers = corpus.scorers()?;
        let known = scorers.iter().find(|scorer| scorer.language == language);
        let hash = known.map_or("", |scorer| scorer.hash.as_str());
        Ok(corpus.unscored_count(language, hash)?)
    })
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
            Err(why) => return Ok(Some(why)),
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

    fn call(&mut self, texts: Vec<String>) -> Result<ScoreReply, String> {
        self.scorer.score(ScoreParams {
            texts,
            language: Some(self.language.to_owned()),
            model: None,
            load: self.load,
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
        if batch.is_empty() {
            return Ok(None);
        }
        if self.until.is_some_and(|until| Instant::now() >= until) {
            let why = "the time for it was over (corpus.score_s_max); the next build goes on";
            return Ok(Some(why.to_owned()));
        }
        let texts: Vec<String> = batch.values().cloned().collect();
        let reply = match self.call(texts) {
            Ok(reply) => reply,
            Err(why) => return Ok(Some(why)),
        };
        if reply.model_hash != scorer.hash || reply.scores.len() != batch.len() {
            let why = "another model scores now; the next build asks it";
            return Ok(Some(why.to_owned()));
        }
        let hashes = std::mem::take(batch).into_keys();
        self.store.change_corpus(|corpus| {
            if !corpus.scorers()?.contains(scorer) {
                corpus.set_scorer(scorer)?;
            }
            for (text, score) in hashes.zip(&reply.scores) {
                corpus.put_score(&text, &scorer.hash, &row(score))?;
                self.scored += 1;
            }
            Ok::<_, AssembleError>(())
        })?;
        Ok(None)
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
