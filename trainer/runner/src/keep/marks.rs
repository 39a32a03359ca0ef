//! Where shingles came from, for one look: asked one by one while few files are read, all at once when
//! there are many.
//!
//! One saved file has a few thousand shingles and a database up to two million marks, so it would be
//! a hundred times as slow to hold them all. Past so many questions the opposite holds.

use std::cell::{Cell, OnceCell, RefCell};

use inkstone_corpus::authorship::Origin;
use inkstone_store::{AllInserted, Store, StoreError};

/// Questions to the database before all marks are held, at 9 bytes each: half a second of them.
const ASKED_MAX: u32 = 200_000;

/// The marks of one look.
#[derive(Debug, Default)]
pub(super) struct Marks {
    has_any: bool,
    asked: Cell<u32>,
    all: OnceCell<AllInserted>,
    /// What went wrong with a question, to be told once the text is through.
    failed: RefCell<Option<StoreError>>,
}

impl Marks {
    /// Of this database.
    pub(super) fn of(store: &Store) -> Result<Self, StoreError> {
        Ok(Self {
            has_any: store.has_inserted()?,
            ..Self::default()
        })
    }

    /// Where a shingle came from, if it is marked. None where that cannot be told: see
    /// [`Self::check`].
    pub(super) fn origin_of(&self, store: &Store, shingle: u64) -> Option<Origin> {
        if !self.has_any {
            return None;
        }
        let found = self.find(store, shingle).unwrap_or_else(|error| {
            self.failed.replace(Some(error));
            None
        });
        found.map(of_store)
    }

    /// Whether all that was asked was answered. Without it, text of others would count as typed.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        self.failed.take().map_or(Ok(()), Err)
    }

    /// Marks were added.
    pub(super) fn added(&mut self) {
        self.has_any = true;
        self.all = OnceCell::new();
    }

    fn find(
        &self,
        store: &Store,
        shingle: u64,
    ) -> Result<Option<inkstone_store::Origin>, StoreError> {
        if let Some(all) = self.all.get() {
            return Ok(all.origin_of(shingle));
        }
        let asked = self.asked.get();
        if asked < ASKED_MAX {
            self.asked.set(asked + 1);
            return store.inserted_origin(shingle);
        }
        let all = store.all_inserted()?;
        Ok(self.all.get_or_init(|| all).origin_of(shingle))
    }
}

fn of_store(origin: inkstone_store::Origin) -> Origin {
    match origin {
        inkstone_store::Origin::Suggested => Origin::Suggested,
        inkstone_store::Origin::Pasted => Origin::Pasted,
        inkstone_store::Origin::KnownSource => Origin::KnownSource,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inkstone_store::Origin as Stored;

    #[test]
    fn one_by_one_and_all_at_once_say_the_same_and_few_questions_hold_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("inkstone.db")).unwrap();
        let none = Marks::of(&store).unwrap();
        assert_eq!(none.origin_of(&store, 1), None);
        assert_eq!(none.asked.get(), 0);
        let marked: Vec<u64> = (0..1_000_u64)
            .map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15))
            .collect();
        store
            .remember_inserted(Stored::Suggested, &marked[..500], 1)
            .unwrap();
        store
            .remember_inserted(Stored::KnownSource, &marked[500..], 1)
            .unwrap();
        let marks = Marks::of(&store).unwrap();
        let answers = |marks: &Marks| -> Vec<Option<Origin>> {
            let asked = marked.iter().chain(&[3, u64::MAX]);
            asked
                .map(|shingle| marks.origin_of(&store, *shingle))
                .collect()
        };
        let one_by_one = answers(&marks);
        assert!(marks.all.get().is_none());
        assert_eq!(one_by_one[0], Some(Origin::Suggested));
        assert_eq!(one_by_one[999..], [Some(Origin::KnownSource), None, None]);
        marks.asked.set(ASKED_MAX);
        assert_eq!(answers(&marks), one_by_one);
        assert!(marks.all.get().is_some());
        marks.check().unwrap();
    }

    #[test]
    fn a_question_that_fails_is_told_and_not_taken_for_a_no() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inkstone.db");
        let mut store = Store::open(&path).unwrap();
        let shingles: Vec<u64> = (0..50_000).collect();
        store
            .remember_inserted(Stored::Pasted, &shingles, 1)
            .unwrap();
        drop(store);
        let mut bytes = std::fs::read(&path).unwrap();
        let half = bytes.len() / 2;
        bytes[half..].fill(0x5a);
        std::fs::write(&path, bytes).unwrap();
        let store = Store::open(&path).unwrap();
        let marks = Marks {
            has_any: true,
            ..Marks::default()
        };
        for shingle in 0..50_000 {
            marks.origin_of(&store, shingle);
        }
        assert!(marks.check().is_err());
        assert!(marks.check().is_ok());
    }
}
