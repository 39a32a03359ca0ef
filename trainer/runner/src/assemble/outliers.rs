//! What the scores of pieces come to: what is usual in each language and genre, and what is far from it.
//!
//! The numbers are the daemon's model's, kept by the hash of the text (`crate::scores` asks for them);
//! what is far is said in `inkstone_corpus::surprise`. What comes of it is a function of the documents
//! that count, the scores that are kept and the settings, so a daemon that is away changes nothing: a
//! text without a score is simply not judged.

use std::collections::BTreeMap;

use inkstone_corpus::clean::RuleId;
use inkstone_corpus::dataset::{Digest, names};
use inkstone_corpus::surprise::{Limits, Outlier, Surprise, Usual, is_scored, outlier};
use inkstone_corpus::{CleanDocument, Reason};
use inkstone_protocol::SCORE_BYTES_MAX;
use inkstone_store::corpus::score::{GroupRow, NewPassage, PassageRow, ScoreRow, ScorerRow};
use inkstone_store::{Corpus, Store};
use serde::{Deserialize, Serialize};

use super::{AssembleError, damaged, packed};

/// The rule that says whether outliers stay out.
pub(super) const RULE: &str = "perplexity";

/// How outliers are judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outliers {
    /// From where on a text is one.
    pub limits: Limits,
    /// Whether it stays out; otherwise it is flagged.
    pub leave_out: bool,
}

/// What is known of the texts of a language and genre.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct GroupScores {
    /// The language's tag.
    pub language: String,
    /// The genre's word.
    pub genre: String,
    /// Pieces that can be scored, of documents that count.
    pub pieces: u64,
    /// Of these, pieces with a score that says enough.
    pub scored: u64,
    /// The median of their nats for each token; none where too few are scored.
    pub usual: Option<f64>,
    /// How far from it they usually are.
    pub deviation: Option<f64>,
    /// Pieces that are far more surprising.
    pub surprising: u64,
    /// Pieces that are far more predictable.
    pub predictable: u64,
    /// Of both, how many stay out.
    pub left_out: u64,
}

/// The model whose scores count in a language, as a version names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoredBy {
    /// The language's tag.
    pub language: String,
    /// Its name.
    pub model: String,
    /// Names the content of its file.
    pub hash: String,
}

/// What a passage came to. The numbers are on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Came {
    outlier: Outlier,
    is_out: bool,
}

impl Came {
    fn number(came: Option<Self>) -> u32 {
        came.map_or(0, |came| {
            let number = match came.outlier {
                Outlier::Surprising => 1,
                Outlier::Predictable => 2,
            };
            number + 2 * u32::from(came.is_out)
        })
    }

    fn from_number(number: u32) -> Option<Self> {
        let outlier = match number {
            1 | 3 => Outlier::Surprising,
            2 | 4 => Outlier::Predictable,
            _ => return None,
        };
        Some(Self {
            outlier,
            is_out: number > 2,
        })
    }

    /// Why the piece stays out, if it does.
    pub(super) fn reason(self) -> Option<Reason> {
        self.is_out.then_some(Reason::Perplexity)
    }
}

/// Notes what of a document can be scored.
pub(super) fn put_passages(
    corpus: &Corpus<'_>,
    id: i64,
    document: &CleanDocument,
) -> Result<(), AssembleError> {
    let genre = names::genre(document.genre);
    let pieces = (0..).zip(&document.pieces);
    let scorable = pieces
        .filter(|(_, piece)| is_scored(&piece.text) && piece.text.len() <= SCORE_BYTES_MAX)
        .map(|(ordinal, piece)| (ordinal, text_hash(&piece.text), piece.language.as_str()));
    let scorable: Vec<(u32, Digest, &str)> = scorable.collect();
    let passages = scorable.iter().map(|(ordinal, text, language)| NewPassage {
        ordinal: *ordinal,
        text: &text.0,
        language,
        genre,
    });
    Ok(corpus.insert_passages(id, &passages.collect::<Vec<_>>())?)
}

/// By what a text's score is kept.
fn text_hash(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

/// Judges every piece that has a score beside the others of its language and genre, and forgets scores
/// that are of no use any more. The records of documents in which something changed are made with the
/// next [`super::settle()`], which must have been done before.
pub fn judge_scores(
    store: &mut Store,
    outliers: &Outliers,
    now_ms: i64,
) -> Result<(), AssembleError> {
    store.change_corpus(|corpus| {
        let usual = usual(corpus, &outliers.limits)?;
        let mut changed = Vec::new();
        corpus.each_known_passage(|group, passage| {
            let came = judge(&passage, usual.get(&group), outliers);
            let number = Came::number(came);
            if number != passage.outlier {
                changed.push((passage.document, passage.ordinal, number));
            }
            Ok::<_, AssembleError>(())
        })?;
        for (document, ordinal, number) in changed {
            corpus.set_outlier(document, ordinal, number)?;
        }
        Ok(corpus.forget_old_scores(now_ms)?)
    })
}

/// What is usual in each group of which there are texts enough.
fn usual(corpus: &Corpus<'_>, limits: &Limits) -> Result<BTreeMap<GroupRow, Usual>, AssembleError> {
    let mut levels: BTreeMap<GroupRow, Vec<f64>> = BTreeMap::new();
    corpus.each_score(|group, score| {
        levels
            .entry(group)
            .or_default()
            .extend(surprise(score).level());
        Ok::<_, AssembleError>(())
    })?;
    let usual = levels.into_iter().filter_map(|(group, levels)| {
        let usual = Usual::of(levels, limits.texts_min)?;
        Some((group, usual))
    });
    Ok(usual.collect())
}

fn judge(passage: &PassageRow, usual: Option<&Usual>, outliers: &Outliers) -> Option<Came> {
    // Of what does not count nothing is said: it is out for another reason.
    let score = passage.score.filter(|_| passage.counted)?;
    let level = surprise(score).level()?;
    let outlier = outlier(level, usual?, &outliers.limits)?;
    Some(Came {
        outlier,
        is_out: outliers.leave_out,
    })
}

fn surprise(score: ScoreRow) -> Surprise {
    Surprise {
        millinats: score.millinats,
        tokens: score.tokens,
        characters: score.characters,
    }
}

/// The outliers of a document, by their places.
pub(super) fn of_document(
    corpus: &Corpus<'_>,
    document: i64,
) -> Result<BTreeMap<u32, Came>, AssembleError> {
    let came = corpus.outliers(document)?.into_iter();
    Ok(came
        .filter_map(|(ordinal, number)| Some((ordinal, Came::from_number(number)?)))
        .collect())
}

/// Marks the pieces that are flagged, as every rule that fired is named.
pub(super) fn flag(document: &mut CleanDocument, came: &BTreeMap<u32, Came>) {
    for (ordinal, came) in came {
        let piece = usize::try_from(*ordinal).ok();
        let piece = piece.and_then(|place| document.pieces.get_mut(place));
        if let Some(piece) = piece.filter(|_| !came.is_out) {
            piece.rules.insert(RULE.to_owned(), 1);
        }
    }
}

/// What is known of the texts as they are now, by language and genre; of those of which nothing is known,
/// nothing.
pub fn scores(store: &mut Store, limits: &Limits) -> Result<Vec<GroupScores>, AssembleError> {
    store.read_corpus(|corpus| {
        let usual = usual(corpus, limits)?;
        let mut groups: BTreeMap<GroupRow, GroupScores> = BTreeMap::new();
        corpus.each_known_passage(|group, passage| {
            let scores = groups.entry(group).or_default();
            let level = passage.score.and_then(|score| surprise(score).level());
            scores.scored += u64::from(passage.counted && level.is_some());
            if let Some(came) = Came::from_number(passage.outlier) {
                scores.surprising += u64::from(came.outlier == Outlier::Surprising);
                scores.predictable += u64::from(came.outlier == Outlier::Predictable);
                scores.left_out += u64::from(came.is_out);
            }
            Ok::<_, AssembleError>(())
        })?;
        let named = groups.into_iter().map(|(group, scores)| {
            let usual = usual.get(&group);
            Ok(GroupScores {
                pieces: corpus.counted_passages(&group)?,
                usual: usual.map(|usual| usual.median),
                deviation: usual.map(|usual| usual.deviation),
                language: group.language,
                genre: group.genre,
                ..scores
            })
        });
        named.collect()
    })
}

/// Writes down with a version whose scores decided what is in it.
pub(super) fn sign(corpus: &Corpus<'_>, version: &[u8]) -> Result<(), AssembleError> {
    let scorers = corpus
        .scorers()?
        .into_iter()
        .map(|scorer: ScorerRow| ScoredBy {
            language: scorer.language,
            model: scorer.model,
            hash: scorer.hash,
        });
    let scorers: Vec<ScoredBy> = scorers.collect();
    if scorers.is_empty() {
        return Ok(corpus.set_scored_by(version, None)?);
    }
    let json = packed::json("the models that scored", &scorers)?;
    let json = String::from_utf8_lossy(&json);
    Ok(corpus.set_scored_by(version, Some(&json))?)
}

/// Whose scores decided what is in a version.
pub fn scored_by(
    store: &mut Store,
    version: inkstone_corpus::dataset::DatasetId,
) -> Result<Vec<ScoredBy>, AssembleError> {
    let json = store.read_corpus(|corpus| corpus.scored_by(&version.0))?;
    let Some(json) = json else {
        return Ok(Vec::new());
    };
    serde_json::from_str(&json).map_err(|error| damaged("the models that scored", error))
}

/// The rule that says whether outliers stay out, by its name.
pub fn rule() -> Option<RuleId> {
    RuleId::named(RULE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_passage_came_to_is_read_back() {
        for number in 0..5 {
            assert_eq!(Came::number(Came::from_number(number)), number);
        }
        assert_eq!(Came::from_number(5), None);
        assert_eq!(Came::from_number(1).and_then(Came::reason), None);
        let out = Came::from_number(4).and_then(Came::reason);
        assert_eq!(out, Some(Reason::Perplexity));
    }

    #[test]
    fn the_rule_is_one_of_the_rules() {
        assert!(rule().is_some());
    }
}
