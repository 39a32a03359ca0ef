//! Of which genre the files are that were read, for the choice of adapters of one genre.
//!
//! The genre is a word of the trainer's. Called by the daemon, which looks at no texts.

use std::path::PathBuf;

use crate::database::Store;
use crate::error::StoreError;
use crate::workspaces::WorkspaceId;

/// A file, and what kind of writing it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentGenre {
    /// The folder that it lies in.
    pub workspace: WorkspaceId,
    /// Relative to it.
    pub path: PathBuf,
    /// The genre's word.
    pub genre: String,
}

impl Store {
    /// The files of which a genre is known, those that were read last first, so many at most. Files
    /// whose pieces are all too short to be compared are not among them.
    pub fn document_genres(&mut self, files_max: u32) -> Result<Vec<DocumentGenre>, StoreError> {
        const SQL: &str = "SELECT d.workspace, d.path, \
            (SELECT p.genre FROM passage p WHERE p.document = d.id ORDER BY p.ordinal LIMIT 1) \
            FROM document d ORDER BY d.id DESC LIMIT ?1";
        let rows = self.read_corpus(|corpus| {
            corpus.rows(SQL, [files_max], |row| {
                let path: Vec<u8> = row.get(1)?;
                let genre: Option<String> = row.get(2)?;
                Ok((row.get(0)?, path, genre))
            })
        })?;
        let known = rows.into_iter().filter_map(|(workspace, path, genre)| {
            Some(DocumentGenre {
                workspace: WorkspaceId::of_row(workspace),
                // Relative paths are kept as text.
                path: String::from_utf8(path).ok()?.into(),
                genre: genre?,
            })
        });
        Ok(known.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::document::{At, NewDocument};
    use crate::corpus::score::NewPassage;

    #[test]
    fn files_have_the_genre_of_their_passages_and_without_any_none() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("db")).unwrap();
        let add = |store: &mut Store, path: &str, genre: Option<&str>| {
            store
                .change_corpus(|corpus| {
                    let new = NewDocument {
                        at: At {
                            workspace: 7,
                            path: path.as_bytes(),
                        },
                        key: path.as_bytes(),
                        content_hash: b"c",
                        modified: 1,
                        made_by: b"m",
                        folder: "f",
                        likeness: b"l",
                        reading: b"r",
                    };
                    let id = corpus.insert_document(&new)?;
                    let passages = genre.into_iter().map(|genre| NewPassage {
                        ordinal: 3,
                        text: b"t",
                        language: "zh",
                        genre,
                    });
                    corpus.insert_passages(id, &passages.collect::<Vec<_>>())
                })
                .unwrap();
        };
        add(&mut store, "信/给妈妈.md", Some("correspondence"));
        add(&mut store, "short.md", None);
        add(&mut store, "blog/a.md", Some("blog"));
        let genres = store.document_genres(10).unwrap();
        let found: Vec<(&str, &str)> = genres
            .iter()
            .map(|one| (one.path.to_str().unwrap(), one.genre.as_str()))
            .collect();
        assert_eq!(
            found,
            [("blog/a.md", "blog"), ("信/给妈妈.md", "correspondence")]
        );
        assert_eq!(genres[0].workspace.as_i64(), 7);
        assert_eq!(store.document_genres(1).unwrap().len(), 1);
    }
}
