//! The messages of the owner's commits, kept as documents beside the files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use inkstone_corpus::authorship::Evidence;
use inkstone_corpus::dataset::Digest;
use inkstone_corpus::document::{Source, clean_document};
use inkstone_corpus::format::Format;

use super::waiting::Waiting;
use super::{Keeper, whose};
use crate::assemble::{self, AssembleError};
use crate::content::ContentHash;
use crate::git::messages::{CommitMessage, of_owner};
use crate::skipped::SkipReason;
use crate::walk_order;

/// How the paths of messages begin. No file's does: it would be a folder `git:`, which is skipped
/// with the messages' names when it holds a commit's.
const PREFIX: &str = "git:";
/// Documents that are listed at a time.
const PAGE_DOCUMENTS: u32 = 512;

impl Keeper<'_> {
    /// Brings the messages up to date with the repositories that files were found in. `commits_max`
    /// is of each repository; 0 keeps none. Those in forgotten folders are nobody's.
    pub fn take_messages(
        &mut self,
        commits_max: u32,
        forgotten: &[PathBuf],
    ) -> Result<(), AssembleError> {
        let mut wanted: BTreeMap<String, CommitMessage> = BTreeMap::new();
        let mut held: BTreeSet<String> = BTreeSet::new();
        if commits_max > 0 {
            // Of one that could not be asked now, what is known stays.
            let unanswered = self.authors.unanswered();
            let shown = unanswered
                .iter()
                .filter_map(|folder| walk_order::relative(&self.workspace.path, folder));
            held.extend(shown.map(|shown| format!("{PREFIX}{shown}")));
            for repository in self.authors.repositories() {
                let root = repository.root();
                if forgotten.iter().any(|gone| root.starts_with(gone)) {
                    continue;
                }
                let Some(shown) = walk_order::relative(&self.workspace.path, repository.root())
                else {
                    // A repository around the workspace: its messages are of more than was added.
                    continue;
                };
                match of_owner(&repository, &shown, None, commits_max) {
                    Ok(messages) => {
                        wanted.extend(messages.into_iter().map(|one| (one.path.clone(), one)));
                    }
                    Err(error) => {
                        let why = SkipReason::Unreadable(error.to_string()).to_string();
                        self.kept.unreadable.insert(format!("{PREFIX}{shown}"), why);
                        held.insert(format!("{PREFIX}{shown}"));
                    }
                }
            }
        }
        for known in self.known_messages()? {
            if wanted.contains_key(&known.path) {
                if known.made_by == self.message_read_by(&known.path) {
                    wanted.remove(&known.path);
                }
            } else if !held
                .iter()
                .any(|repository| known.path.starts_with(repository.as_str()))
            {
                assemble::remove(self.store, self.at(&known.path))?;
            }
        }
        wanted
            .values()
            .try_for_each(|message| self.keep_message(message))
    }

    fn known_messages(&mut self) -> Result<Vec<Known>, AssembleError> {
        let mut known = Vec::new();
        let mut after = PREFIX.as_bytes().to_vec();
        loop {
            let at = inkstone_store::corpus::document::At {
                workspace: self.workspace.id.as_i64(),
                path: &after,
            };
            let page = self
                .store
                .read_corpus(|corpus| corpus.documents_after(at, PAGE_DOCUMENTS))?;
            let Some(last) = page.last().map(|row| row.path.clone()) else {
                return Ok(known);
            };
            for row in page {
                let Ok(path) = String::from_utf8(row.path) else {
                    continue;
                };
                if !path.starts_with(PREFIX) {
                    return Ok(known);
                }
                known.push(Known {
                    path,
                    made_by: row.made_by,
                });
            }
            after = last;
        }
    }

    fn message_read_by(&self, path: &str) -> Vec<u8> {
        let workspace = self.workspace.id.as_i64();
        let mut read_by = self.manner.fingerprint(b"message");
        // Quoted in a message, too, a known source is not its owner's.
        read_by.extend(self.known_sources.to_le_bytes());
        read_by.extend(self.manner.fingerprint_at(workspace, path));
        read_by
    }

    fn keep_message(&mut self, message: &CommitMessage) -> Result<(), AssembleError> {
        let origin_of = |shingle| self.marks.origin_of(self.store, shingle);
        let rules = self
            .manner
            .rules_at(self.workspace.id.as_i64(), &message.path);
        let source = Source {
            format: Format::CommitMessage,
            bytes: message.text.as_bytes(),
            limits: &self.manner.limits,
            evidence: Evidence {
                path: &message.path,
                line_authors: None,
                origin_of: &origin_of,
                claim: whose::claim(None),
                main_language: self.manner.main_language,
            },
            rules: &rules,
            wanted: &self.manner.wanted,
        };
        // A message that cannot be read is no text; git's own limit bounds it.
        let made = clean_document(&source);
        self.marks.check()?;
        if let Ok(document) = made {
            let hash = ContentHash::of(message.text.as_bytes());
            self.wait(Waiting {
                path: message.path.clone(),
                hash: Digest(*hash.as_bytes()),
                modified_ms: message.written_at_s.saturating_mul(1_000),
                made_by: self.message_read_by(&message.path),
                document,
                bytes: message.text.len(),
                noted: None,
            })?;
        }
        self.kept.messages_read += 1;
        Ok(())
    }
}

struct Known {
    path: String,
    made_by: Vec<u8>,
}
