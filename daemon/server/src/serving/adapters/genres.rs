//! Which genre an open document is of: as the dataset knows its file, else as most of the files beside
//! it. Pure: what the store knows in, a genre out.
//!
//! The genre of a text is found by the trainer, with statistics of the whole text and of where it lies.
//! The daemon does not look at texts: one that was just begun says nothing yet, while the folder that it
//! was begun in says most of it.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use inkstone_store::{DocumentGenre, WorkspaceId};

/// Files of which the genre is held, 16 bytes each: as many as a workspace may have.
pub(super) const FILES_MAX: u32 = 200_000;
/// Folders above a document that are looked at.
const LEVELS_MAX: usize = 16;

/// A genre, by the hash of its word: stays the same when the registry is read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::serving) struct Genre(u64);

impl Genre {
    pub(super) fn named(word: &str) -> Self {
        Self(hash(word))
    }
}

/// What is known of the files of all folders. Paths are held as hashes: a clash costs a wrong genre.
#[derive(Debug, Clone, Default)]
pub(super) struct Genres {
    of_files: HashMap<u64, Genre>,
    /// The genre that more than half of a folder's own files are of.
    of_folders: HashMap<u64, Option<Genre>>,
}

impl Genres {
    /// Of the files of these folders.
    pub(super) fn of(known: &[DocumentGenre], workspaces: &[(WorkspaceId, PathBuf)]) -> Self {
        let mut of_files = HashMap::new();
        let mut counts: HashMap<u64, HashMap<Genre, usize>> = HashMap::new();
        for one in known {
            let folder = workspaces.iter().find(|(id, _)| *id == one.workspace);
            let Some((_, folder)) = folder else { continue };
            let path = folder.join(&one.path);
            let genre = Genre::named(&one.genre);
            of_files.insert(hash(&path), genre);
            if let Some(parent) = path.parent() {
                let of_folder = counts.entry(hash(parent)).or_default();
                *of_folder.entry(genre).or_default() += 1;
            }
        }
        let of_folders = counts.into_iter().map(|(folder, counts)| {
            let all: usize = counts.values().sum();
            let most = counts.into_iter().find(|(_, count)| count * 2 > all);
            (folder, most.map(|(genre, _)| genre))
        });
        Self {
            of_files,
            of_folders: of_folders.collect(),
        }
    }

    /// That of the document at this path in the added folder `workspace`: its own, else that of the
    /// nearest folder above it in which something is known.
    pub(super) fn of_document(&self, path: &Path, workspace: &Path) -> Option<Genre> {
        if let Some(genre) = self.of_files.get(&hash(path)) {
            return Some(*genre);
        }
        let above = path.ancestors().skip(1).take(LEVELS_MAX);
        let mut within = above.take_while(|folder| folder.starts_with(workspace));
        within
            .find_map(|folder| self.of_folders.get(&hash(folder)))?
            .as_ref()
            .copied()
    }
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use inkstone_store::{Added, Identities, Store};

    #[test]
    fn a_file_is_of_its_own_genre_and_a_new_one_of_what_most_beside_it_are() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("db")).unwrap();
        let root = Path::new("/写作");
        let added = store
            .add_workspace(root, &Identities::default(), 1)
            .unwrap();
        let (Added::New(workspace) | Added::Known(workspace)) = added;
        let known = |path: &str, genre: &str| DocumentGenre {
            workspace,
            path: PathBuf::from(path),
            genre: genre.to_owned(),
        };
        let genres = Genres::of(
            &[
                known("blog/a.md", "blog"),
                known("blog/b.md", "blog"),
                known("blog/故事.md", "fiction"),
                known("mixed/a.md", "blog"),
                known("mixed/b.md", "notes"),
            ],
            &[(workspace, root.to_owned())],
        );
        let of = |path: &str| genres.of_document(&root.join(path), root);
        let (blog, fiction) = (Genre::named("blog"), Genre::named("fiction"));
        assert_eq!(of("blog/a.md"), Some(blog));
        assert_eq!(of("blog/故事.md"), Some(fiction));
        assert_eq!(of("blog/new 👩‍👩‍👧.md"), Some(blog));
        assert_eq!(of("blog/2026/11/new.md"), Some(blog));
        assert_eq!(of("mixed/new.md"), None, "as many of one as of the other");
        assert_eq!(of("elsewhere/new.md"), None);
        assert_eq!(
            genres.of_document(Path::new("/other/blog/a.md"), root),
            None
        );
    }
}
