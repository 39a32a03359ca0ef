//! What a person decided in the review: texts to keep, drop or bring back, sources to leave out, rules
//! to switch off, as a whole or in one place.

use rusqlite::{Row, params};

use crate::corpus::Corpus;
use crate::corpus::document::At;
use crate::error::StoreError;

/// A decision on a text, which is not kept itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRow {
    /// Its number.
    pub id: i64,
    /// Of the text.
    pub exact: Vec<u8>,
    /// How many words it has.
    pub words: u32,
    /// What it is compared by, if it is long enough.
    pub signature: Option<Vec<u8>>,
    /// Whether the text stays.
    pub keep: bool,
    /// The rule that was judged.
    pub rule: Option<String>,
    /// Milliseconds since 1970.
    pub made: i64,
    /// Why the text was left out when it was decided on, if it was.
    pub left_out: Option<String>,
    /// Whether its owner said that the words are theirs.
    pub is_theirs: bool,
}

/// A folder or file that a person excluded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExcludedRow {
    /// The workspace's number.
    pub workspace: i64,
    /// Relative to it; empty for all of it.
    pub prefix: Vec<u8>,
    /// Milliseconds since 1970.
    pub made: i64,
    /// What the file held when it was last read; none of a folder.
    pub content_hash: Option<Vec<u8>>,
}

/// How a rule fares with its reviewers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRow {
    /// Its name.
    pub rule: String,
    /// Whether it is applied.
    pub enabled: bool,
    /// How many of its judged cases were right.
    pub accepted: u32,
    /// How many were judged.
    pub judged: u32,
    /// Why it was switched off, for its owner.
    pub notice: Option<String>,
}

/// A rule that is off in one folder or file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleOffRow {
    /// The workspace's number.
    pub workspace: i64,
    /// Relative to it; empty for all of it.
    pub prefix: Vec<u8>,
    /// The rule's name.
    pub rule: String,
    /// Milliseconds since 1970.
    pub made: i64,
}

macro_rules! select_decision {
    ($where:literal) => {
        concat!(
            "SELECT id, exact, words, signature, keep, rule, made, left_out, is_theirs \
             FROM review_decision ",
            $where
        )
    };
}

fn read_decision(row: &Row<'_>) -> rusqlite::Result<DecisionRow> {
    Ok(DecisionRow {
        id: row.get(0)?,
        exact: row.get(1)?,
        words: row.get(2)?,
        signature: row.get(3)?,
        keep: row.get(4)?,
        rule: row.get(5)?,
        made: row.get(6)?,
        left_out: row.get(7)?,
        is_theirs: row.get(8)?,
    })
}

impl Corpus<'_> {
    /// Keeps a decision, in the place of an earlier one on the same text; its number. The number in
    /// `row` does not count.
    pub fn put_decision(&self, row: &DecisionRow) -> Result<i64, StoreError> {
        self.execute(
            "INSERT INTO review_decision \
             (exact, words, signature, keep, rule, made, left_out, is_theirs) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (exact) DO UPDATE \
             SET keep = excluded.keep, rule = excluded.rule, made = excluded.made, \
             left_out = excluded.left_out, is_theirs = excluded.is_theirs",
            params![
                row.exact,
                row.words,
                row.signature,
                row.keep,
                row.rule,
                row.made,
                row.left_out,
                row.is_theirs
            ],
        )?;
        let sql = "SELECT id FROM review_decision WHERE exact = ?1";
        self.number(sql, [&row.exact])
    }

    /// The decision on the text with this hash.
    pub fn decision_on(&self, exact: &[u8]) -> Result<Option<DecisionRow>, StoreError> {
        let sql = select_decision!("WHERE exact = ?1");
        self.first(sql, [exact], read_decision)
    }

    /// A decision by its number.
    pub fn decision(&self, id: i64) -> Result<Option<DecisionRow>, StoreError> {
        self.first(select_decision!("WHERE id = ?1"), [id], read_decision)
    }

    /// Decisions in the order in which their texts were first decided on, after one of them.
    pub fn decisions_after(&self, id: i64, count_max: u32) -> Result<Vec<DecisionRow>, StoreError> {
        self.rows(
            select_decision!("WHERE id > ?1 ORDER BY id LIMIT ?2"),
            params![id, count_max],
            read_decision,
        )
    }

    /// The same, of those on texts that were left out.
    pub fn left_out_decisions_after(
        &self,
        id: i64,
        count_max: u32,
    ) -> Result<Vec<DecisionRow>, StoreError> {
        self.rows(
            select_decision!("WHERE id > ?1 AND left_out IS NOT NULL ORDER BY id LIMIT ?2"),
            params![id, count_max],
            read_decision,
        )
    }

    /// Takes a decision back.
    pub fn delete_decision(&self, id: i64) -> Result<(), StoreError> {
        self.execute("DELETE FROM review_decision WHERE id = ?1", [id])?;
        Ok(())
    }

    /// Whether there are decisions at all.
    pub fn has_decisions(&self) -> Result<bool, StoreError> {
        let found = self.first("SELECT 1 FROM review_decision LIMIT 1", [], |_| Ok(()))?;
        Ok(found.is_some())
    }

    /// Excludes a folder or file.
    pub fn insert_excluded(&self, row: &ExcludedRow) -> Result<(), StoreError> {
        self.execute(
            "INSERT OR REPLACE INTO excluded (workspace, prefix, made, content_hash) \
             VALUES (?1, ?2, ?3, ?4)",
            params![row.workspace, row.prefix, row.made, row.content_hash],
        )?;
        Ok(())
    }

    /// Takes an exclusion back; whether there was one.
    pub fn delete_excluded(&self, at: At<'_>) -> Result<bool, StoreError> {
        let sql = "DELETE FROM excluded WHERE workspace = ?1 AND prefix = ?2";
        Ok(self.execute(sql, params![at.workspace, at.path])? > 0)
    }

    /// The exclusion of exactly this folder or file.
    pub fn exclusion_at(&self, at: At<'_>) -> Result<Option<ExcludedRow>, StoreError> {
        let sql = "SELECT made, content_hash FROM excluded WHERE workspace = ?1 AND prefix = ?2";
        self.first(sql, params![at.workspace, at.path], |row| {
            Ok(ExcludedRow {
                workspace: at.workspace,
                prefix: at.path.to_vec(),
                made: row.get(0)?,
                content_hash: row.get(1)?,
            })
        })
    }

    /// Whether a file with this content is excluded, or was before it went.
    pub fn is_content_excluded(&self, content_hash: &[u8]) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM excluded WHERE content_hash = ?1 \
                   UNION ALL SELECT 1 FROM excluded_former WHERE content_hash = ?1 LIMIT 1";
        Ok(self.first(sql, [content_hash], |_| Ok(()))?.is_some())
    }

    /// Excludes every document with this content by its own path.
    pub fn exclude_content(&self, content_hash: &[u8], made: i64) -> Result<(), StoreError> {
        self.execute(
            "INSERT OR IGNORE INTO excluded (workspace, prefix, made, content_hash) \
             SELECT workspace, path, ?2, content_hash FROM document WHERE content_hash = ?1",
            params![content_hash, made],
        )?;
        Ok(())
    }

    /// Excludes also copies of what an excluded file held before that are yet to be found.
    pub fn exclude_former(&self, at: At<'_>, content_hash: &[u8]) -> Result<(), StoreError> {
        self.execute(
            "INSERT OR IGNORE INTO excluded_former (content_hash, workspace, prefix) \
             VALUES (?1, ?2, ?3)",
            params![content_hash, at.workspace, at.path],
        )?;
        Ok(())
    }

    /// Takes the exclusions of files with this content back; whether there were any.
    pub fn include_content(&self, content_hash: &[u8]) -> Result<bool, StoreError> {
        let sql = "DELETE FROM excluded WHERE content_hash = ?1";
        let of_files = self.execute(sql, [content_hash])?;
        let sql = "DELETE FROM excluded_former WHERE content_hash = ?1";
        let former = self.execute(sql, [content_hash])?;
        Ok(of_files + former > 0)
    }

    /// What was decided about exactly this folder or file holds for another place now: it was renamed.
    /// Its exclusion, its rules that are off, and whose it is; whether there was any of that.
    pub fn move_decisions(&self, from: At<'_>, to: At<'_>) -> Result<bool, StoreError> {
        let mut moved = 0;
        for sql in [
            "UPDATE OR REPLACE excluded SET workspace = ?3, prefix = ?4 \
             WHERE workspace = ?1 AND prefix = ?2",
            "UPDATE OR REPLACE excluded_former SET workspace = ?3, prefix = ?4 \
             WHERE workspace = ?1 AND prefix = ?2",
            "UPDATE OR REPLACE rule_off SET workspace = ?3, prefix = ?4 \
             WHERE workspace = ?1 AND prefix = ?2",
        ] {
            let places = params![from.workspace, from.path, to.workspace, to.path];
            moved += self.execute(sql, places)?;
        }
        // Marks are by text, and only texts are ever marked.
        let [from_text, to_text] = [from, to].map(|at| String::from_utf8_lossy(at.path));
        moved += self.execute(
            "UPDATE OR REPLACE author_marks SET workspace = ?3, path = ?4 \
             WHERE workspace = ?1 AND path = ?2",
            params![from.workspace, from_text, to.workspace, to_text],
        )?;
        Ok(moved > 0)
    }

    /// Keeps how a rule fares.
    pub fn put_rule(&self, row: &RuleRow) -> Result<(), StoreError> {
        self.execute(
            "INSERT OR REPLACE INTO rule_state (rule, enabled, accepted, judged, notice) \
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![row.rule, row.enabled, row.accepted, row.judged, row.notice],
        )?;
        Ok(())
    }

    /// How each rule fares that was judged or switched. There are as many as rules at most.
    pub fn rules(&self) -> Result<Vec<RuleRow>, StoreError> {
        let sql = "SELECT rule, enabled, accepted, judged, notice FROM rule_state ORDER BY rule";
        self.rows(sql, [], |row| {
            Ok(RuleRow {
                rule: row.get(0)?,
                enabled: row.get(1)?,
                accepted: row.get(2)?,
                judged: row.get(3)?,
                notice: row.get(4)?,
            })
        })
    }

    /// Switches a rule off in a folder or file.
    pub fn insert_rule_off(&self, row: &RuleOffRow) -> Result<(), StoreError> {
        self.execute(
            "INSERT OR REPLACE INTO rule_off (workspace, prefix, rule, made) \
             VALUES (?1, ?2, ?3, ?4)",
            params![row.workspace, row.prefix, row.rule, row.made],
        )?;
        Ok(())
    }

    /// Takes that back; whether it was so.
    pub fn delete_rule_off(&self, at: At<'_>, rule: &str) -> Result<bool, StoreError> {
        let sql = "DELETE FROM rule_off WHERE workspace = ?1 AND prefix = ?2 AND rule = ?3";
        Ok(self.execute(sql, params![at.workspace, at.path, rule])? > 0)
    }

    /// Every rule that is off in a folder or file. People switch them one by one, so they are few.
    pub fn rules_off(&self) -> Result<Vec<RuleOffRow>, StoreError> {
        let sql = "SELECT workspace, prefix, rule, made FROM rule_off \
                   ORDER BY workspace, prefix, rule";
        self.rows(sql, [], |row| {
            Ok(RuleOffRow {
                workspace: row.get(0)?,
                prefix: row.get(1)?,
                rule: row.get(2)?,
                made: row.get(3)?,
            })
        })
    }
}
