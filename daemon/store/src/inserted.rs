//! What came into documents otherwise than by typing, as hashed shingles.
//!
//! No text and no name of a document: a mark holds wherever the text goes, across saves, moves and
//! sessions. The daemon writes what the language servers tell; the trainer looks up what it reads.
//! What a mark means for a paragraph is `inkstone-corpus`'s.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use crate::database::Store;
use crate::error::StoreError;

/// Marks kept. At some 40 bytes each they take 80 MB; a writer who takes a thousand suggested words
/// a day needs five years for so many. The oldest go first.
pub const MARKS_MAX: u64 = 2_000_000;

/// Years that a mark is kept: longer than any draft lies about.
pub const MARK_AGE_YEARS_MAX: i64 = 10;

const YEAR_S: i64 = 365 * 24 * 3600;

/// Where a text came from that nobody typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// A model suggested it, and it was taken.
    Suggested,
    /// It was inserted in one go.
    Pasted,
    /// It stands in a source that is not the writer's.
    KnownSource,
}

impl Origin {
    /// The number on disk, which never changes.
    const fn number(self) -> i64 {
        match self {
            Self::Suggested => 1,
            Self::Pasted => 2,
            Self::KnownSource => 3,
        }
    }

    /// None for a number that the table's check refuses.
    const fn from_number(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::Suggested),
            2 => Some(Self::Pasted),
            3 => Some(Self::KnownSource),
            _ => None,
        }
    }
}

/// What is remembered of one shingle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InsertedMark {
    /// Where the text came from.
    pub origin: Origin,
    /// When it did, in seconds since 1970: text that the trainer had read before is the writer's.
    pub at_s: i64,
}

/// Every mark, in 9 bytes each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllInserted {
    /// As the database orders them.
    shingles: Vec<i64>,
    origins: Vec<Origin>,
}

impl AllInserted {
    /// Where a shingle came from, if it is marked.
    pub fn origin_of(&self, shingle: u64) -> Option<Origin> {
        let at = self.shingles.binary_search(&shingle.cast_signed()).ok()?;
        self.origins.get(at).copied()
    }
}

impl Store {
    /// Remembers the shingles of a text that came in at `now_s`, and forgets the oldest where there
    /// are too many. Gives how many are new. A shingle that has a mark keeps it, so that a batch
    /// that comes twice changes nothing.
    pub fn remember_inserted(
        &mut self,
        origin: Origin,
        shingles: &[u64],
        now_s: i64,
    ) -> Result<u64, StoreError> {
        self.remember_inserted_within(origin, shingles, now_s, MARKS_MAX)
    }

    fn remember_inserted_within(
        &mut self,
        origin: Origin,
        shingles: &[u64],
        now_s: i64,
        marks_max: u64,
    ) -> Result<u64, StoreError> {
        self.write(|transaction| {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO inserted (shingle, origin, at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (shingle) DO NOTHING",
            )?;
            let mut added = 0;
            for shingle in shingles {
                let changed =
                    insert.execute(params![shingle.cast_signed(), origin.number(), now_s])?;
                added += u64::from(changed > 0);
            }
            if added > 0 {
                forget_old(transaction, now_s, marks_max)?;
            }
            if origin == Origin::KnownSource {
                let sql = "UPDATE known_sources SET added = added + ?1";
                transaction.execute(sql, [added.cast_signed()])?;
            }
            Ok(added)
        })
    }

    /// Every mark, for who reads many documents.
    pub fn all_inserted(&self) -> Result<AllInserted, StoreError> {
        self.read(|connection| {
            let mut select = connection
                .prepare_cached("SELECT shingle, origin FROM inserted ORDER BY shingle")?;
            let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get(1)?));
            let mut all = AllInserted::default();
            for found in select.query_map([], row)? {
                let (shingle, number) = found?;
                if let Some(origin) = Origin::from_number(number) {
                    all.shingles.push(shingle);
                    all.origins.push(origin);
                }
            }
            Ok(all)
        })
    }

    /// Where one shingle came from, if it is marked.
    pub fn inserted_origin(&self, shingle: u64) -> Result<Option<Origin>, StoreError> {
        self.read(|connection| {
            let mut select =
                connection.prepare_cached("SELECT origin FROM inserted WHERE shingle = ?1")?;
            let row = |row: &rusqlite::Row<'_>| row.get(0);
            let found = select.query_row([shingle.cast_signed()], row).optional()?;
            Ok(found.and_then(Origin::from_number))
        })
    }

    /// Whether there are marks at all; most writers have none.
    pub fn has_inserted(&self) -> Result<bool, StoreError> {
        self.read(has_any)
    }

    /// How many marks of known sources were ever added: with more of them, what was read before has
    /// to be judged anew.
    pub fn known_sources_added(&self) -> Result<u64, StoreError> {
        self.read(|connection| {
            let sql = "SELECT added FROM known_sources";
            let added: i64 = connection.query_row(sql, [], |row| row.get(0))?;
            Ok(added.cast_unsigned())
        })
    }

    /// The marks of those shingles that have one. Ask for a document's at once: it is one reading of
    /// the database.
    pub fn inserted(&self, shingles: &[u64]) -> Result<HashMap<u64, InsertedMark>, StoreError> {
        self.read(|connection| {
            let mut marks = HashMap::new();
            // Most writers have none: then nothing is looked up.
            if !has_any(connection)? {
                return Ok(marks);
            }
            let mut select =
                connection.prepare_cached("SELECT origin, at FROM inserted WHERE shingle = ?1")?;
            for shingle in shingles {
                let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
                let found: Option<(i64, i64)> =
                    select.query_row([shingle.cast_signed()], row).optional()?;
                let mark = found.and_then(|(number, at_s)| {
                    let origin = Origin::from_number(number)?;
                    Some(InsertedMark { origin, at_s })
                });
                marks.extend(mark.map(|mark| (*shingle, mark)));
            }
            Ok(marks)
        })
    }

    /// How many marks there are.
    pub fn inserted_count(&self) -> Result<u64, StoreError> {
        self.read(|connection| {
            let count: i64 =
                connection.query_row("SELECT count(*) FROM inserted", [], |row| row.get(0))?;
            Ok(count.cast_unsigned())
        })
    }

    /// Forgets every mark: the writer's wish. Gives how many there were.
    pub fn forget_inserted(&mut self) -> Result<u64, StoreError> {
        self.write(|transaction| {
            let gone = transaction.execute("DELETE FROM inserted", [])?;
            Ok(gone as u64)
        })
    }
}

fn has_any(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT EXISTS (SELECT 1 FROM inserted)", [], |row| {
        row.get(0)
    })
}

fn forget_old(transaction: &Transaction<'_>, now_s: i64, marks_max: u64) -> rusqlite::Result<()> {
    let oldest_s = now_s.saturating_sub(MARK_AGE_YEARS_MAX * YEAR_S);
    transaction.execute("DELETE FROM inserted WHERE at < ?1", [oldest_s])?;
    let marks: i64 =
        transaction.query_row("SELECT count(*) FROM inserted", [], |row| row.get(0))?;
    let surplus = marks.cast_unsigned().saturating_sub(marks_max);
    if surplus > 0 {
        transaction.execute(
            "DELETE FROM inserted WHERE shingle IN
                 (SELECT shingle FROM inserted ORDER BY at, shingle LIMIT ?1)",
            [surplus.cast_signed()],
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(folder: &tempfile::TempDir) -> Store {
        Store::open(&folder.path().join("inkstone.db")).unwrap()
    }

    fn found_origin(store: &Store, shingle: u64) -> Option<Origin> {
        let found = store.inserted(&[shingle]).unwrap();
        found.get(&shingle).map(|mark| mark.origin)
    }

    #[test]
    fn new_marks_of_known_sources_are_counted_and_forgotten_ones_stay_counted() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = store(&folder);
        let mut remember = |origin, shingles: &[u64]| {
            store.remember_inserted(origin, shingles, 10).unwrap();
            store.known_sources_added().unwrap()
        };
        assert_eq!(remember(Origin::Pasted, &[1, 2]), 0);
        assert_eq!(remember(Origin::KnownSource, &[2, 3, 4]), 2);
        assert_eq!(remember(Origin::KnownSource, &[2, 3, 4]), 2);
        store.forget_inserted().unwrap();
        assert_eq!(store.known_sources_added().unwrap(), 2);
    }

    #[test]
    fn a_mark_outlives_the_program_and_the_first_one_stays() {
        let folder = tempfile::tempdir().unwrap();
        let shingles = [0, 1, u64::MAX, 1 << 63];
        let added = store(&folder).remember_inserted(Origin::Suggested, &shingles, 1_000);
        assert_eq!(added.unwrap(), 4);
        let mut store = store(&folder);
        let again = store.remember_inserted(Origin::Pasted, &[1, 2], 2_000);
        assert_eq!(again.unwrap(), 1);
        let found = store.inserted(&[u64::MAX, 1, 2, 3, 1]).unwrap();
        let mark = |origin, at_s| InsertedMark { origin, at_s };
        assert_eq!(
            found,
            HashMap::from([
                (u64::MAX, mark(Origin::Suggested, 1_000)),
                (1, mark(Origin::Suggested, 1_000)),
                (2, mark(Origin::Pasted, 2_000)),
            ])
        );
        assert_eq!(store.inserted_count().unwrap(), 5);
        let all = store.all_inserted().unwrap();
        for shingle in [0, 1, 2, 3, u64::MAX, 1 << 63, (1 << 63) - 1] {
            let origin = found_origin(&store, shingle);
            assert_eq!(all.origin_of(shingle), origin, "{shingle}");
            assert_eq!(store.inserted_origin(shingle).unwrap(), origin, "{shingle}");
        }
        assert!(store.has_inserted().unwrap());
        assert_eq!(store.forget_inserted().unwrap(), 5);
        assert!(!store.has_inserted().unwrap());
        assert_eq!(store.inserted(&shingles).unwrap(), HashMap::new());
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many_or_they_are_too_old() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = store(&folder);
        let mut remember = |shingles: &[u64], now_s| {
            store
                .remember_inserted_within(Origin::Pasted, shingles, now_s, 3)
                .unwrap()
        };
        remember(&[1, 2], 10);
        remember(&[3, 4], 20);
        assert_eq!(store.inserted_count().unwrap(), 3);
        assert!(!store.inserted(&[1, 2, 3, 4]).unwrap().contains_key(&1));
        let much_later = 21 + MARK_AGE_YEARS_MAX * YEAR_S;
        store
            .remember_inserted(Origin::KnownSource, &[9], much_later)
            .unwrap();
        assert_eq!(store.inserted_count().unwrap(), 1);
    }

    #[test]
    fn a_number_that_no_build_wrote_is_refused_by_the_table() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = store(&folder);
        let wrong = store
            .write(|transaction| transaction.execute("INSERT INTO inserted VALUES (1, 4, 0)", []));
        assert!(wrong.is_err());
        for origin in [Origin::Suggested, Origin::Pasted, Origin::KnownSource] {
            assert_eq!(Origin::from_number(origin.number()), Some(origin));
        }
    }
}
