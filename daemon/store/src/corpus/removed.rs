//! Folders that their owner removed: nothing of them may be kept, and what was is to be taken away.

use crate::corpus::Corpus;
use crate::error::StoreError;

impl Corpus<'_> {
    /// Whether a folder was removed. Asked in the transaction that keeps something of it, so that
    /// nothing comes after the removal.
    pub fn is_removed(&self, workspace: i64) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM removed_workspaces WHERE id = ?1";
        let found = self.first(sql, [workspace], |_| Ok(()))?;
        Ok(found.is_some())
    }

    /// Removed folders of which something may still be kept.
    pub fn unswept(&self) -> Result<Vec<i64>, StoreError> {
        let sql = "SELECT id FROM removed_workspaces WHERE is_swept = 0 ORDER BY id";
        self.rows(sql, [], |row| row.get(0))
    }

    /// Says that all that was kept of a removed folder is gone.
    pub fn set_swept(&self, workspace: i64) -> Result<(), StoreError> {
        let sql = "UPDATE removed_workspaces SET is_swept = 1 WHERE id = ?1";
        self.execute(sql, [workspace])?;
        Ok(())
    }
}
