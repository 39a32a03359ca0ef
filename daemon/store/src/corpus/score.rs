//! Passages, the pieces that a language model can be asked about, and what models said of their texts.
//!
//! Texts are known by hashes alone. What is usual and what is far from it is the trainer's to say.

use rusqlite::{Row, params};

use crate::corpus::Corpus;
use crate::error::StoreError;

/// Scores of texts that stand nowhere any more are kept for so long: drafts come back, and branches are
/// switched.
const LEFT_DAYS_MAX: i64 = 30;
const DAY_MS: i64 = 24 * 3600 * 1000;

/// Begins at the document that it is asked for. With the `+` the index by language is not used, by which
/// every page would go through all passages of the language and sort them.
const DOCUMENTS_UNSCORED: &str = "SELECT DISTINCT p.document FROM passage p \
    CROSS JOIN document d ON d.id = p.document \
    WHERE p.document > ?3 AND +p.language = ?1 AND d.counted = 1 AND NOT EXISTS \
    (SELECT 1 FROM score s WHERE s.text = p.text AND s.model = ?2) \
    ORDER BY p.document LIMIT ?4";

/// The way begins at the scores, and finds passages by their text: by language and genre, every score
/// would go through all passages of these.
const EACH_SCORE: &str = "SELECT DISTINCT p.language, p.genre, s.text, \
    s.millinats, s.tokens, s.characters FROM scorer m \
    JOIN score s ON s.model = m.hash \
    CROSS JOIN passage p INDEXED BY passage_text ON p.text = s.text AND p.language = m.language \
    CROSS JOIN document d ON d.id = p.document AND d.counted = 1";

/// The same for all passages, counted or not; then those that came to something and have no score (any
/// more).
const EACH_KNOWN_PASSAGE: &str = "SELECT p.language, p.genre, p.document, p.ordinal, p.outlier, \
    d.counted, 1, s.millinats, s.tokens, s.characters FROM scorer m \
    JOIN score s ON s.model = m.hash \
    CROSS JOIN passage p INDEXED BY passage_text ON p.text = s.text AND p.language = m.language \
    CROSS JOIN document d ON d.id = p.document \
    UNION ALL \
    SELECT p.language, p.genre, p.document, p.ordinal, p.outlier, d.counted, 0, NULL, NULL, NULL \
    FROM passage p INDEXED BY passage_outlier JOIN document d ON d.id = p.document \
    WHERE p.outlier > 0 AND NOT EXISTS (SELECT 1 FROM scorer m \
    JOIN score s ON s.model = m.hash WHERE m.language = p.language AND s.text = p.text)";

/// A piece that can be scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewPassage<'a> {
    /// Its place in the document.
    pub ordinal: u32,
    /// The hash of its text.
    pub text: &'a [u8],
    /// What it is written in.
    pub language: &'a str,
    /// Of its document.
    pub genre: &'a str,
}

/// What a model said of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScoreRow {
    /// The sum over its tokens, in thousandths of a nat.
    pub millinats: u64,
    /// Tokens that were predicted.
    pub tokens: u32,
    /// Characters that these spell.
    pub characters: u32,
}

/// A passage with what is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassageRow {
    /// Its document.
    pub document: i64,
    /// Its place there.
    pub ordinal: u32,
    /// What it came to.
    pub outlier: u32,
    /// Whether its document counts.
    pub counted: bool,
    /// What the language's model said of it.
    pub score: Option<ScoreRow>,
}

/// The model whose scores count in a language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScorerRow {
    /// The language's tag.
    pub language: String,
    /// The model's name.
    pub model: String,
    /// Names the content of its file.
    pub hash: String,
}

/// Passages of a language and genre.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupRow {
    /// The language's tag.
    pub language: String,
    /// The genre's word.
    pub genre: String,
}

impl Corpus<'_> {
    /// Keeps the passages of a document.
    pub fn insert_passages(
        &self,
        document: i64,
        passages: &[NewPassage<'_>],
    ) -> Result<(), StoreError> {
        for new in passages {
            self.execute(
                "INSERT INTO passage (document, ordinal, text, language, genre) \
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![document, new.ordinal, new.text, new.language, new.genre],
            )?;
        }
        Ok(())
    }

    /// Takes the passages of a document away; what was said of their texts stays for a while.
    pub(super) fn delete_passages(&self, document: i64) -> Result<(), StoreError> {
        self.execute("DELETE FROM passage WHERE document = ?1", [document])?;
        Ok(())
    }

    /// Which models' scores count.
    pub fn scorers(&self) -> Result<Vec<ScorerRow>, StoreError> {
        let sql = "SELECT language, model, hash FROM scorer ORDER BY language";
        self.rows(sql, [], |row| {
            Ok(ScorerRow {
                language: row.get(0)?,
                model: row.get(1)?,
                hash: row.get(2)?,
            })
        })
    }

    /// Says whose scores count in a language from now on.
    pub fn set_scorer(&self, scorer: &ScorerRow) -> Result<(), StoreError> {
        self.execute(
            "INSERT OR REPLACE INTO scorer (language, model, hash) VALUES (?1, ?2, ?3)",
            params![scorer.language, scorer.model, scorer.hash],
        )?;
        Ok(())
    }

    /// The documents after one of them that count and have passages of a language of which a model has
    /// said nothing, in the order of their numbers.
    pub fn documents_unscored(
        &self,
        language: &str,
        hash: &str,
        after: i64,
        count_max: u32,
    ) -> Result<Vec<i64>, StoreError> {
        self.rows(
            DOCUMENTS_UNSCORED,
            params![language, hash, after, count_max],
            |row| row.get(0),
        )
    }

    /// Whether a model has said nothing of some text of a language that counts.
    pub fn is_unscored(&self, language: &str, hash: &str) -> Result<bool, StoreError> {
        let is_there = self.number(
            "SELECT EXISTS (SELECT 1 FROM passage p \
             JOIN document d ON d.id = p.document AND d.counted = 1 \
             WHERE p.language = ?1 AND NOT EXISTS \
             (SELECT 1 FROM score s WHERE s.text = p.text AND s.model = ?2))",
            params![language, hash],
        )?;
        Ok(is_there > 0)
    }

    /// How many distinct texts of a language that count a model has said nothing of; counted up to
    /// `count_max`, since counting all of a large workspace takes seconds.
    pub fn unscored_count(
        &self,
        language: &str,
        hash: &str,
        count_max: u32,
    ) -> Result<u64, StoreError> {
        // With the `+` the texts come in their order, so that nothing has to be held to tell them apart.
        let count = self.number(
            "SELECT count(*) FROM (SELECT DISTINCT p.text FROM passage p \
             CROSS JOIN document d ON d.id = p.document \
             WHERE +p.language = ?1 AND d.counted = 1 AND NOT EXISTS \
             (SELECT 1 FROM score s WHERE s.text = p.text AND s.model = ?2) LIMIT ?3)",
            params![language, hash, count_max],
        )?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// The passages of a document that a model has said nothing of: their places and texts' hashes.
    pub fn passages_unscored(
        &self,
        document: i64,
        language: &str,
        hash: &str,
    ) -> Result<Vec<(u32, Vec<u8>)>, StoreError> {
        self.rows(
            "SELECT ordinal, text FROM passage p WHERE document = ?1 AND language = ?2 AND NOT EXISTS \
             (SELECT 1 FROM score s WHERE s.text = p.text AND s.model = ?3) ORDER BY ordinal",
            params![document, language, hash],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// Keeps what a model said of a text, if it still stands somewhere: its folder may have been removed
    /// while the model was asked.
    pub fn put_score(&self, text: &[u8], hash: &str, score: &ScoreRow) -> Result<(), StoreError> {
        let millinats = i64::try_from(score.millinats).unwrap_or(i64::MAX);
        self.execute(
            "INSERT OR REPLACE INTO score (text, model, millinats, tokens, characters) \
             SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM passage WHERE text = ?1)",
            params![text, hash, millinats, score.tokens, score.characters],
        )?;
        Ok(())
    }

    /// How many passages of a group count, whatever is known of them.
    pub fn counted_passages(&self, group: &GroupRow) -> Result<u64, StoreError> {
        let count = self.number(
            "SELECT count(*) FROM passage p JOIN document d ON d.id = p.document AND d.counted = 1 \
             WHERE p.language = ?1 AND p.genre = ?2",
            params![group.language, group.genre],
        )?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// What its language's model said of each distinct text that counts, in each group in which it
    /// stands.
    pub fn each_score<E: From<StoreError>>(
        &self,
        mut take: impl FnMut(GroupRow, ScoreRow) -> Result<(), E>,
    ) -> Result<(), E> {
        self.each(
            EACH_SCORE,
            [],
            |row| Ok((group(row)?, score(row, 3)?)),
            |(group, score)| take(group, score).map(|()| true),
        )
    }

    /// The passages of which something is known, a score or that they came to something: few of all,
    /// where nothing was scored or only the newest.
    pub fn each_known_passage<E: From<StoreError>>(
        &self,
        mut take: impl FnMut(GroupRow, PassageRow) -> Result<(), E>,
    ) -> Result<(), E> {
        self.each(
            EACH_KNOWN_PASSAGE,
            [],
            |row| {
                let is_scored: bool = row.get(6)?;
                let passage = PassageRow {
                    document: row.get(2)?,
                    ordinal: row.get(3)?,
                    outlier: row.get(4)?,
                    counted: row.get(5)?,
                    score: is_scored.then(|| score(row, 7)).transpose()?,
                };
                Ok((group(row)?, passage))
            },
            |(group, passage)| take(group, passage).map(|()| true),
        )
    }

    /// Says what a passage came to; its document's record is to be made anew.
    pub fn set_outlier(&self, document: i64, ordinal: u32, outlier: u32) -> Result<(), StoreError> {
        self.execute(
            "UPDATE passage SET outlier = ?3 WHERE document = ?1 AND ordinal = ?2",
            params![document, ordinal, outlier],
        )?;
        self.ask_record(document)
    }

    /// The passages of a document that came to something, with what.
    pub fn outliers(&self, document: i64) -> Result<Vec<(u32, u32)>, StoreError> {
        self.rows(
            "SELECT ordinal, outlier FROM passage WHERE document = ?1 AND outlier > 0",
            [document],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
    }

    /// Forgets scores of models that count nowhere, once those that do have scored everything, and of texts that have stood nowhere for long.
    pub fn forget_old_scores(&self, now_ms: i64) -> Result<(), StoreError> {
        self.execute(
            "DELETE FROM score WHERE model NOT IN (SELECT hash FROM scorer) AND NOT EXISTS \
             (SELECT 1 FROM scorer m JOIN passage p ON p.language = m.language \
             JOIN document d ON d.id = p.document AND d.counted = 1 WHERE NOT EXISTS \
             (SELECT 1 FROM score s WHERE s.text = p.text AND s.model = m.hash))",
            [],
        )?;
        self.execute(
            "UPDATE score SET left_ms = NULL WHERE left_ms IS NOT NULL \
             AND text IN (SELECT text FROM passage)",
            [],
        )?;
        self.execute(
            "UPDATE score SET left_ms = ?1 WHERE left_ms IS NULL \
             AND text NOT IN (SELECT text FROM passage)",
            [now_ms],
        )?;
        let oldest = now_ms.saturating_sub(LEFT_DAYS_MAX * DAY_MS);
        self.execute("DELETE FROM score WHERE left_ms < ?1", [oldest])?;
        Ok(())
    }

    /// Forgets the scores of texts that stand nowhere: their owner took a folder away.
    pub fn forget_left_scores(&self) -> Result<(), StoreError> {
        let sql = "DELETE FROM score WHERE text NOT IN (SELECT text FROM passage)";
        self.execute(sql, [])?;
        Ok(())
    }

    /// How many scores are kept.
    pub fn score_count(&self) -> Result<i64, StoreError> {
        self.number("SELECT count(*) FROM score", [])
    }

    /// Says which models' scores decided what is in a version.
    pub fn set_scored_by(&self, version: &[u8], scored_by: Option<&str>) -> Result<(), StoreError> {
        let sql = "UPDATE version SET scored_by = ?2 WHERE name = ?1";
        self.execute(sql, params![version, scored_by])?;
        Ok(())
    }

    /// Which models' scores decided what is in a version.
    pub fn scored_by(&self, version: &[u8]) -> Result<Option<String>, StoreError> {
        let sql = "SELECT scored_by FROM version WHERE name = ?1";
        let found = self.first(sql, [version], |row| row.get(0))?;
        Ok(found.flatten())
    }
}

/// The group that a row begins with.
fn group(row: &Row<'_>) -> rusqlite::Result<GroupRow> {
    Ok(GroupRow {
        language: row.get(0)?,
        genre: row.get(1)?,
    })
}

fn score(row: &Row<'_>, from: usize) -> rusqlite::Result<ScoreRow> {
    let millinats: i64 = row.get(from)?;
    Ok(ScoreRow {
        millinats: u64::try_from(millinats).unwrap_or_default(),
        tokens: row.get(from + 1)?,
        characters: row.get(from + 2)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::document::{At, NewDocument};
    use crate::{Store, StoreError};

    const HASH: &str = "00ff";

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("inkstone.db")).unwrap();
        (folder, store)
    }

    fn document(corpus: &Corpus<'_>, path: &str, texts: &[&[u8]]) -> Result<i64, StoreError> {
        let id = corpus.insert_document(&NewDocument {
            at: At {
                workspace: 1,
                path: path.as_bytes(),
            },
            key: path.as_bytes(),
            content_hash: b"c",
            modified: 1,
            made_by: b"m",
            folder: "文稿",
            likeness: b"l",
            reading: b"r",
        })?;
        let passages: Vec<NewPassage<'_>> = (0..)
            .zip(texts)
            .map(|(ordinal, text)| NewPassage {
                ordinal,
                text,
                language: "zh",
                genre: "blog",
            })
            .collect();
        corpus.insert_passages(id, &passages)?;
        let mut row = corpus.document(id)?.unwrap();
        row.counted = true;
        corpus.set_compared(&row)?;
        Ok(id)
    }

    fn said(millinats: u64) -> ScoreRow {
        ScoreRow {
            millinats,
            tokens: 20,
            characters: 30,
        }
    }

    #[test]
    fn a_text_that_stands_twice_is_asked_about_and_counted_once() {
        let (_folder, mut store) = store();
        store
            .change_corpus(|corpus| {
                let one = document(corpus, "一.md", &[b"a", b"b"])?;
                let two = document(corpus, "二.md", &[b"b"])?;
                assert_eq!(corpus.documents_unscored("zh", HASH, 0, 9)?, [one, two]);
                assert_eq!(corpus.unscored_count("zh", HASH, 9)?, 2);
                assert_eq!(corpus.unscored_count("zh", HASH, 1)?, 1);
                assert_eq!(corpus.unscored_count("en", HASH, 9)?, 0);
                assert!(corpus.is_unscored("zh", HASH)? && !corpus.is_unscored("en", HASH)?);
                corpus.put_score(b"b", HASH, &said(7))?;
                assert_eq!(corpus.documents_unscored("zh", HASH, 0, 9)?, [one]);
                let left = corpus.passages_unscored(one, "zh", HASH)?;
                assert_eq!(left, [(0, b"a".to_vec())]);
                corpus.set_scorer(&ScorerRow {
                    language: "zh".to_owned(),
                    model: "m".to_owned(),
                    hash: HASH.to_owned(),
                })?;
                let blog = GroupRow {
                    language: "zh".to_owned(),
                    genre: "blog".to_owned(),
                };
                let mut scores = Vec::new();
                corpus.each_score(|group, score| {
                    scores.push((group, score));
                    Ok::<_, StoreError>(())
                })?;
                assert_eq!(scores, [(blog.clone(), said(7))]);
                let mut known = Vec::new();
                corpus.each_known_passage(|group, passage| {
                    assert!(passage.score == Some(said(7)) && passage.counted);
                    known.push((group == blog, passage.document, passage.ordinal));
                    Ok::<_, StoreError>(())
                })?;
                assert_eq!(known, [(true, one, 1), (true, two, 0)]);
                assert_eq!(corpus.counted_passages(&blog)?, 3);
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }

    #[test]
    fn what_a_passage_came_to_asks_for_the_record_and_goes_with_the_document() {
        let (_folder, mut store) = store();
        store
            .change_corpus(|corpus| {
                let id = document(corpus, "a.md", &[b"a", b"b"])?;
                corpus.set_record(id, 1)?;
                corpus.set_outlier(id, 1, 2)?;
                assert_eq!(corpus.outliers(id)?, [(1, 2)]);
                let mut known = Vec::new();
                corpus.each_known_passage(|_, passage| {
                    known.push((passage.ordinal, passage.outlier, passage.score));
                    Ok::<_, StoreError>(())
                })?;
                assert_eq!(known, [(1, 2, None)]);
                let due = crate::corpus::document::DocumentStep::Record;
                assert_eq!(corpus.pending_documents(due, 9)?, [id]);
                corpus.delete_document(id)?;
                assert_eq!(corpus.outliers(id)?, []);
                known.clear();
                corpus.each_known_passage(|_, passage| {
                    known.push((passage.ordinal, passage.outlier, passage.score));
                    Ok::<_, StoreError>(())
                })?;
                assert_eq!(known, []);
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }

    #[test]
    fn scores_of_texts_that_are_gone_stay_a_month_and_those_of_other_models_not() {
        let (_folder, mut store) = store();
        store
            .change_corpus(|corpus| {
                let id = document(corpus, "a.md", &[b"a"])?;
                let leaves = document(corpus, "z.md", &[b"z"])?;
                for (text, hash) in [(b"a", HASH), (b"a", "other"), (b"z", HASH)] {
                    corpus.put_score(text, hash, &said(1))?;
                }
                corpus.delete_document(leaves)?;
                corpus.set_scorer(&ScorerRow {
                    language: "zh".to_owned(),
                    model: "m".to_owned(),
                    hash: HASH.to_owned(),
                })?;
                corpus.forget_old_scores(5)?;
                assert_eq!(corpus.score_count()?, 2);
                // It comes back before the month is over, and then goes for good.
                let again = document(corpus, "z.md", &[b"z"])?;
                corpus.forget_old_scores(6)?;
                corpus.delete_document(again)?;
                corpus.forget_old_scores(LEFT_DAYS_MAX * DAY_MS + 6)?;
                assert_eq!(corpus.score_count()?, 2);
                corpus.forget_old_scores(3 * LEFT_DAYS_MAX * DAY_MS)?;
                assert_eq!(corpus.score_count()?, 1);
                corpus.delete_document(id)?;
                corpus.forget_left_scores()?;
                assert_eq!(corpus.score_count()?, 0);
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }

    #[test]
    fn of_a_text_that_stands_nowhere_no_score_is_kept() {
        let (_folder, mut store) = store();
        store
            .change_corpus(|corpus| {
                document(corpus, "信.md", &[b"a"])?;
                corpus.put_score(b"z", HASH, &said(1))?;
                assert_eq!(corpus.score_count()?, 0);
                corpus.put_score(b"a", HASH, &said(1))?;
                corpus.put_score(b"a", HASH, &said(2))?;
                assert_eq!(corpus.score_count()?, 1);
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }

    #[test]
    fn each_page_of_unscored_documents_begins_where_the_last_one_ended() {
        let (_folder, mut store) = store();
        let plan = store
            .read_corpus(|corpus| {
                let sql = format!("EXPLAIN QUERY PLAN {DOCUMENTS_UNSCORED}");
                corpus.rows(&sql, params!["zh", HASH, 0, 64], |row| {
                    row.get::<_, String>(3)
                })
            })
            .unwrap()
            .join("\n");
        assert!(plan.contains("USING PRIMARY KEY (document>?)"), "{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{plan}");
    }

    #[test]
    fn from_a_score_to_its_passages_the_way_goes_by_the_text() {
        let (_folder, mut store) = store();
        for sql in [EACH_SCORE, EACH_KNOWN_PASSAGE] {
            let plan = store
                .read_corpus(|corpus| {
                    let sql = format!("EXPLAIN QUERY PLAN {sql}");
                    corpus.rows(&sql, [], |row| row.get::<_, String>(3))
                })
                .unwrap()
                .join("\n");
            assert!(plan.contains("passage_text (text=?)"), "{plan}");
            assert!(!plan.contains("SCAN d"), "{plan}");
        }
    }

    #[test]
    fn a_version_says_whose_scores_it_heeds() {
        let (_folder, mut store) = store();
        store
            .change_corpus(|corpus| {
                corpus.insert_version(b"v", 1)?;
                assert_eq!(corpus.scored_by(b"v")?, None);
                corpus.set_scored_by(b"v", Some("[]"))?;
                assert_eq!(corpus.scored_by(b"v")?.as_deref(), Some("[]"));
                assert_eq!(corpus.scored_by(b"w")?, None);
                Ok::<_, StoreError>(())
            })
            .unwrap();
    }
}
