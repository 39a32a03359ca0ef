//! How the corpus is: what is left to be done, and whether the newest version shows it as it is. For
//! those who look on.

use crate::corpus::Corpus;
use crate::error::StoreError;

/// How the corpus is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CorpusState {
    /// Files that were read.
    pub documents: u64,
    /// Of them, those that wait to be compared, or for what training sees of them.
    pub documents_waiting: u64,
    /// Files that wait to be read again.
    pub files_to_reread: u64,
    /// Removed folders of which something is still kept.
    pub folders_to_forget: u64,
    /// When the newest version was published, in milliseconds since 1970; none where there is none.
    pub published_ms: Option<i64>,
    /// Whether the newest version holds exactly what the documents are now.
    pub is_current: bool,
}

impl Corpus<'_> {
    /// How it is now.
    pub fn state(&self) -> Result<CorpusState, StoreError> {
        let count = |sql| {
            let count = self.number(sql, [])?;
            Ok::<_, StoreError>(u64::try_from(count).unwrap_or_default())
        };
        let newest = self.first(
            "SELECT id, published FROM version ORDER BY turn DESC LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let is_current = match newest {
            Some((version, _)) => self.holds_all(version)?,
            None => false,
        };
        let documents_waiting = count(
            "SELECT count(*) FROM (SELECT id FROM document WHERE pending > 0 UNION \
             SELECT p.document FROM wording w JOIN piece p ON p.wording = w.id \
             WHERE w.pending > 0)",
        )?;
        Ok(CorpusState {
            documents: count("SELECT count(*) FROM document")?,
            documents_waiting,
            files_to_reread: count("SELECT count(*) FROM seen_files WHERE read_by = x''")?,
            folders_to_forget: count("SELECT count(*) FROM removed_workspaces WHERE is_swept = 0")?,
            published_ms: newest.map(|(_, published_ms)| published_ms),
            is_current: is_current && documents_waiting == 0,
        })
    }

    /// Whether a version holds what the documents are now, and nothing else.
    fn holds_all(&self, version: i64) -> Result<bool, StoreError> {
        let differs = self.number(
            "SELECT (SELECT count(*) FROM document WHERE record IS NOT NULL) <> \
             (SELECT count(*) FROM version_document WHERE version = ?1) OR EXISTS \
             (SELECT 1 FROM document d WHERE d.record IS NOT NULL AND NOT EXISTS \
             (SELECT 1 FROM version_document v \
             WHERE v.version = ?1 AND v.key = d.key AND v.record = d.record))",
            [version],
        )?;
        Ok(differs == 0)
    }
}
