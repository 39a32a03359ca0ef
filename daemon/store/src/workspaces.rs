//! The folders that their owner added, the identities that count as theirs, and what they marked as
//! theirs or not by hand.
//!
//! Not what was read of the folders: those tables refer to these, and go with them. The CLI adds and
//! removes, the trainer lists. Paths come canonical from the caller; nothing here looks at the disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use crate::database::Store;
use crate::error::StoreError;

/// Folders that one person adds: far more than anybody has, few enough to compare with each other.
pub const WORKSPACES_MAX: usize = 256;
/// Addresses and names of one person.
pub const IDENTITIES_MAX: usize = 64;
/// Files and folders marked by hand in one workspace.
pub const MARKS_MAX: usize = 10_000;

/// Names a workspace in the other tables. Never given a second time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WorkspaceId(i64);

impl WorkspaceId {
    /// As the database has it.
    pub fn as_i64(self) -> i64 {
        self.0
    }

    /// Of another table's row.
    pub(crate) fn of_row(id: i64) -> Self {
        Self(id)
    }
}

/// A folder that its owner added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// Names it in the other tables.
    pub id: WorkspaceId,
    /// Canonical when it was added.
    pub path: PathBuf,
    /// Seconds since 1970, UTC.
    pub added_at_s: i64,
    /// Whose commits and lines count as its owner's.
    pub identities: Identities,
    /// What was marked by hand: path relative to the folder, with `/`, empty for the folder itself.
    pub marks: BTreeMap<String, Mark>,
}

/// Who somebody is in git and mail. Both lists are sorted; addresses are in small letters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identities {
    emails: Vec<String>,
    names: Vec<String>,
}

/// A decision of a person about whose words a file or folder holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// All of it is its owner's, whatever git says.
    Mine,
    /// None of it is.
    NotMine,
}

/// What adding came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// It is new.
    New(WorkspaceId),
    /// It was there; its identities are the given ones now.
    Known(WorkspaceId),
}

impl Identities {
    /// Sorts a person's addresses (with `@`) from their names.
    pub fn of<S: AsRef<str>>(values: impl IntoIterator<Item = S>) -> Self {
        let mut identities = Self::default();
        for value in values {
            let value = value.as_ref().trim();
            if value.contains('@') {
                identities.emails.push(value.to_lowercase());
            } else if !value.is_empty() {
                identities.names.push(value.to_owned());
            }
        }
        for list in [&mut identities.emails, &mut identities.names] {
            list.sort();
            list.dedup();
        }
        identities
    }

    /// Addresses, in small letters.
    pub fn emails(&self) -> &[String] {
        &self.emails
    }

    /// Names, as written.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether nobody is named.
    pub fn is_empty(&self) -> bool {
        self.emails.is_empty() && self.names.is_empty()
    }

    fn len(&self) -> usize {
        self.emails.len() + self.names.len()
    }

    fn rows(&self) -> impl Iterator<Item = (&'static str, &String)> {
        let emails = self.emails.iter().map(|value| ("email", value));
        emails.chain(self.names.iter().map(|value| ("name", value)))
    }
}

impl Workspace {
    /// What was decided by hand about a path in the folder: the nearest mark at or above it.
    pub fn mark_of(&self, relative: &str) -> Option<Mark> {
        Mark::nearest(&self.marks, relative)
    }
}

impl Mark {
    /// Of these, the one at a path or nearest above it.
    pub fn nearest(marks: &BTreeMap<String, Self>, relative: &str) -> Option<Self> {
        let mut path = relative;
        loop {
            if let Some(mark) = marks.get(path) {
                return Some(*mark);
            }
            path = match path.rsplit_once('/') {
                Some((above, _)) => above,
                None if path.is_empty() => return None,
                None => "",
            };
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Mine => "mine",
            Self::NotMine => "not_mine",
        }
    }

    /// Of a word in the database, which lets no other in.
    fn from_word(word: &str) -> Self {
        if word == "mine" {
            Self::Mine
        } else {
            Self::NotMine
        }
    }
}

impl Store {
    /// Adds a folder, or gives one that is there these identities. Refused when it lies in another
    /// workspace or holds one: a file would be read twice, and removed with either.
    pub fn add_workspace(
        &mut self,
        path: &Path,
        identities: &Identities,
        added_at_s: i64,
    ) -> Result<Added, StoreError> {
        let text = text_of(path)?;
        if identities.len() > IDENTITIES_MAX {
            return Err(StoreError::TooMany {
                what: "identities",
                max: IDENTITIES_MAX,
            });
        }
        self.write(|transaction| {
            let known = paths(transaction)?;
            if let Some((id, _)) = known.iter().find(|(_, known)| known == path) {
                replace_identities(transaction, *id, identities)?;
                return Ok(Ok(Added::Known(*id)));
            }
            if let Err(refused) = check(&known, path) {
                return Ok(Err(refused));
            }
            transaction.execute(
                "INSERT INTO workspaces (path, added_at_s) VALUES (?1, ?2)",
                params![text, added_at_s],
            )?;
            let id = WorkspaceId(transaction.last_insert_rowid());
            replace_identities(transaction, id, identities)?;
            Ok(Ok(Added::New(id)))
        })?
    }

    /// Whether a folder may be added, or was: what [`Self::add_workspace`] would refuse, before anybody
    /// is asked about it.
    pub fn may_add(&self, path: &Path) -> Result<(), StoreError> {
        text_of(path)?;
        check(&self.read(paths)?, path)
    }

    /// Every workspace, by path.
    pub fn workspaces(&mut self) -> Result<Vec<Workspace>, StoreError> {
        // In a transaction: a folder and its identities are those of one moment.
        self.read_at_once(|transaction| {
            let mut select =
                transaction.prepare("SELECT id, path, added_at_s FROM workspaces ORDER BY path")?;
            let rows = select.query_map([], |row| {
                let path: String = row.get(1)?;
                Ok((WorkspaceId(row.get(0)?), PathBuf::from(path), row.get(2)?))
            })?;
            rows.map(|row| {
                let (id, path, added_at_s) = row?;
                Ok(Workspace {
                    id,
                    path,
                    added_at_s,
                    identities: identities_of(transaction, id)?,
                    marks: marks_of(transaction, id)?,
                })
            })
            .collect()
        })
    }

    /// What is marked by hand in a workspace now: a mark goes with a file that is renamed.
    pub fn marks(&self, id: WorkspaceId) -> Result<BTreeMap<String, Mark>, StoreError> {
        self.read(|connection| marks_of(connection, id))
    }

    /// Removes a folder. Nothing more of it is kept from now on; what was kept is the trainer's to take
    /// away (`Corpus::unswept`). Whether it was there.
    pub fn remove_workspace(&mut self, path: &Path) -> Result<bool, StoreError> {
        let text = text_of(path)?;
        self.write(|transaction| {
            let removed = transaction.execute("DELETE FROM workspaces WHERE path = ?1", [text])?;
            Ok(removed > 0)
        })
    }

    /// Marks a file or folder of a workspace, or takes its mark away.
    pub fn mark(&mut self, path: &Path, mark: Option<Mark>) -> Result<(), StoreError> {
        text_of(path)?;
        self.write(|transaction| {
            let known = paths(transaction)?;
            let Some((id, relative)) = known.iter().find_map(|(id, known)| {
                let relative = path.strip_prefix(known).ok()?;
                Some((*id, with_slashes(relative)))
            }) else {
                return Ok(Err(StoreError::NoWorkspace {
                    path: path.to_owned(),
                }));
            };
            let Some(mark) = mark else {
                transaction.execute(
                    "DELETE FROM author_marks WHERE workspace = ?1 AND path = ?2",
                    params![id.0, relative],
                )?;
                return Ok(Ok(()));
            };
            if marks_of(transaction, id)?.len() >= MARKS_MAX {
                return Ok(Err(StoreError::TooMany {
                    what: "marks in one workspace",
                    max: MARKS_MAX,
                }));
            }
            transaction.execute(
                "INSERT OR REPLACE INTO author_marks (workspace, path, mark) VALUES (?1, ?2, ?3)",
                params![id.0, relative, mark.word()],
            )?;
            Ok(Ok(()))
        })?
    }
}

/// Refuses a folder that overlaps another one, and one too many.
fn check(known: &[(WorkspaceId, PathBuf)], path: &Path) -> Result<(), StoreError> {
    if known.iter().any(|(_, known)| known == path) {
        return Ok(());
    }
    let overlaps = |known: &Path| known.starts_with(path) || path.starts_with(known);
    if let Some((_, with)) = known.iter().find(|(_, known)| overlaps(known)) {
        return Err(StoreError::Overlaps {
            path: path.to_owned(),
            with: with.clone(),
        });
    }
    if known.len() >= WORKSPACES_MAX {
        return Err(StoreError::TooMany {
            what: "workspaces",
            max: WORKSPACES_MAX,
        });
    }
    Ok(())
}

/// A path as the database keeps it.
pub(crate) fn text_of(path: &Path) -> Result<&str, StoreError> {
    path.to_str().ok_or_else(|| StoreError::PathNotText {
        path: path.to_owned(),
    })
}

/// A relative path with `/` between its parts on every system.
fn with_slashes(relative: &Path) -> String {
    let parts = relative.iter().map(|part| part.to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

fn paths(connection: &Connection) -> rusqlite::Result<Vec<(WorkspaceId, PathBuf)>> {
    let mut select = connection.prepare("SELECT id, path FROM workspaces")?;
    let rows = select.query_map([], |row| {
        let path: String = row.get(1)?;
        Ok((WorkspaceId(row.get(0)?), PathBuf::from(path)))
    })?;
    rows.collect()
}

fn replace_identities(
    connection: &Connection,
    id: WorkspaceId,
    identities: &Identities,
) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM identities WHERE workspace = ?1", [id.0])?;
    let mut insert = connection
        .prepare("INSERT INTO identities (workspace, kind, value) VALUES (?1, ?2, ?3)")?;
    for (kind, value) in identities.rows() {
        insert.execute(params![id.0, kind, value])?;
    }
    Ok(())
}

fn identities_of(connection: &Connection, id: WorkspaceId) -> rusqlite::Result<Identities> {
    let mut select =
        connection.prepare_cached("SELECT value FROM identities WHERE workspace = ?1")?;
    let values = select.query_map([id.0], |row| row.get::<_, String>(0))?;
    Ok(Identities::of(
        values.collect::<rusqlite::Result<Vec<_>>>()?,
    ))
}

fn marks_of(connection: &Connection, id: WorkspaceId) -> rusqlite::Result<BTreeMap<String, Mark>> {
    let mut select =
        connection.prepare_cached("SELECT path, mark FROM author_marks WHERE workspace = ?1")?;
    let rows = select.query_map([id.0], |row| {
        let word: String = row.get(1)?;
        Ok((row.get(0)?, Mark::from_word(&word)))
    })?;
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Desk {
        _folder: tempfile::TempDir,
        store: Store,
    }

    fn desk() -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("inkstone.db")).unwrap();
        Desk {
            _folder: folder,
            store,
        }
    }

    fn ann() -> Identities {
        Identities::of(["Ann@Example.org", "ann@old.example", "安娜", " "])
    }

    #[test]
    fn a_folder_is_listed_as_it_was_added_and_gone_when_it_is_removed() {
        let mut store = desk().store;
        let path = Path::new("/writing/小说");
        let added = store.add_workspace(path, &ann(), 1_700_000_000).unwrap();
        let listed = store.workspaces().unwrap();
        assert_eq!(added, Added::New(listed[0].id));
        assert_eq!(listed[0].path, path);
        assert_eq!(listed[0].added_at_s, 1_700_000_000);
        let emails = ["ann@example.org", "ann@old.example"];
        assert_eq!(listed[0].identities.emails(), emails);
        assert_eq!(listed[0].identities.names(), ["安娜"]);
        assert!(store.remove_workspace(path).unwrap());
        assert!(!store.remove_workspace(path).unwrap());
        assert_eq!(store.workspaces().unwrap(), []);
    }

    #[test]
    fn adding_a_folder_again_changes_its_identities_and_keeps_its_marks() {
        let mut store = desk().store;
        let path = Path::new("/writing");
        let Added::New(id) = store.add_workspace(path, &ann(), 1).unwrap() else {
            panic!("it was not there")
        };
        store
            .mark(&path.join("letters"), Some(Mark::NotMine))
            .unwrap();
        let ben = Identities::of(["ben@example.org"]);
        assert_eq!(
            store.add_workspace(path, &ben, 2).unwrap(),
            Added::Known(id)
        );
        let listed = store.workspaces().unwrap();
        assert_eq!(listed[0].identities, ben);
        assert_eq!(listed[0].mark_of("letters/a.md"), Some(Mark::NotMine));
    }

    #[test]
    fn folders_within_each_other_are_refused_and_names_that_begin_alike_are_not() {
        let mut store = desk().store;
        store.add_workspace(Path::new("/a/b"), &ann(), 1).unwrap();
        for path in ["/a", "/a/b/c"] {
            let error = store.add_workspace(Path::new(path), &ann(), 1).unwrap_err();
            assert!(matches!(error, StoreError::Overlaps { .. }), "{error}");
            assert!(
                error.to_string().contains("inkstone workspace rm"),
                "{error}"
            );
        }
        assert!(store.add_workspace(Path::new("/a/bc"), &ann(), 1).is_ok());
    }

    #[test]
    fn the_nearest_mark_decides_and_can_be_taken_away() {
        let mut store = desk().store;
        let root = Path::new("/w");
        store.add_workspace(root, &ann(), 1).unwrap();
        store.mark(root, Some(Mark::NotMine)).unwrap();
        store.mark(&root.join("信"), Some(Mark::Mine)).unwrap();
        let listed = |store: &mut Store| store.workspaces().unwrap().remove(0);
        let workspace = listed(&mut store);
        assert_eq!(workspace.mark_of("信/一.md"), Some(Mark::Mine));
        assert_eq!(workspace.mark_of("信"), Some(Mark::Mine));
        assert_eq!(workspace.mark_of("信件/一.md"), Some(Mark::NotMine));
        store.mark(&root.join("信"), None).unwrap();
        assert_eq!(listed(&mut store).mark_of("信/一.md"), Some(Mark::NotMine));
        store.mark(root, None).unwrap();
        assert_eq!(listed(&mut store).mark_of("信/一.md"), None);
        let error = store
            .mark(Path::new("/else"), Some(Mark::Mine))
            .unwrap_err();
        assert!(matches!(error, StoreError::NoWorkspace { .. }), "{error}");
    }

    #[test]
    fn a_number_is_not_given_to_a_second_folder() {
        let mut store = desk().store;
        let mut add = |path: &str| match store.add_workspace(Path::new(path), &ann(), 1).unwrap() {
            Added::New(id) => {
                store.remove_workspace(Path::new(path)).unwrap();
                id
            }
            Added::Known(_) => panic!("it was not there"),
        };
        assert_ne!(add("/a"), add("/b"));
    }

    #[test]
    fn more_workspaces_than_anybody_has_are_refused() {
        let mut store = desk().store;
        for number in 0..WORKSPACES_MAX {
            let path = format!("/w/{number}");
            store.add_workspace(Path::new(&path), &ann(), 1).unwrap();
        }
        let error = store
            .add_workspace(Path::new("/one/more"), &ann(), 1)
            .unwrap_err();
        assert!(matches!(error, StoreError::TooMany { .. }), "{error}");
    }
}
