//! How often what was shown was right, by what was worn, and the taking back of an adapter with which
//! it is right less often than before.
//!
//! Counts alone, in a small file that only the daemon writes, on a blocking thread, one outcome after
//! another. Not what counts as right (the language server sees that), nor whether the numbers are enough
//! to act on ([`tally`]).

mod tally;

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use inkstone_protocol::{ErrorCode, Judged, WireError};
use inkstone_store::{AdapterRow, AdapterState, Store, StoreError};
use serde::{Deserialize, Serialize};

use tally::Tally;

/// Bytes of each name in an outcome: those of models and adapters are shorter.
const NAME_BYTES_MAX: usize = 128;
/// Tallies that are kept; the one of the fewest suggestions goes first.
const TALLIES_MAX: usize = 256;
/// Notices that are kept.
const NOTICES_MAX: usize = 8;
/// Bytes of the file that are read: several times what it can have.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// Version of the file's form.
const VERSION: u32 = 1;

/// What the file holds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Record {
    version: u32,
    /// By model, language and adapter, each in a line of its own.
    tallies: BTreeMap<String, Tally>,
    /// Adapters that were taken back, and why; the latest last.
    taken_back: Vec<String>,
}

/// The counts; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Outcomes {
    file: Arc<Path>,
    database: Arc<Path>,
    record: Arc<Mutex<Record>>,
    /// Held while one outcome is taken: files are written in the order of what they say, and who only
    /// reads the record waits for no disk.
    noting: Arc<Mutex<()>>,
}

impl Outcomes {
    /// Those that a file holds; none where it is not there or not ours to read.
    pub(crate) fn new(file: PathBuf, database: PathBuf) -> Self {
        let record = read(&file).unwrap_or_else(|| Record {
            version: VERSION,
            ..Record::default()
        });
        Self {
            file: file.into(),
            database: database.into(),
            record: Arc::new(Mutex::new(record)),
            noting: Arc::default(),
        }
    }

    /// How often suggestions with an adapter were shown, and how often they were right, about.
    pub(crate) fn of_adapter(&self, adapter: &str) -> (u32, u32) {
        let record = self.lock();
        let of = record.tallies.iter();
        let of = of.filter(|(key, _)| key.rsplit('\n').next() == Some(adapter));
        of.fold((0, 0), |(shown, right), (_, tally)| {
            let (more, of_these) = tally.rounded();
            (shown + more, right + of_these)
        })
    }

    /// Adapters that were taken back, and why.
    pub(crate) fn taken_back(&self) -> Vec<String> {
        self.lock().taken_back.clone()
    }

    /// Takes what became of one suggestion; whether an adapter was taken back for it.
    pub(crate) async fn note(&self, judged: Judged) -> Result<bool, WireError> {
        let names = [
            Some(&judged.model),
            Some(&judged.language),
            judged.adapter.as_ref(),
        ];
        let is_none = |name: &&String| name.len() > NAME_BYTES_MAX || name.contains('\n');
        if names.into_iter().flatten().any(|name| is_none(&name)) {
            let message = format!("a name of more than {NAME_BYTES_MAX} bytes or lines");
            return Err(WireError::new(ErrorCode::InvalidMessage, message));
        }
        let outcomes = self.clone();
        let noted = tokio::task::spawn_blocking(move || outcomes.note_now(&judged));
        noted.await.map_err(|error| {
            tracing::error!(%error, "a task failed; please report this bug");
            WireError::new(ErrorCode::Internal, "a task failed")
        })
    }

    fn note_now(&self, judged: &Judged) -> bool {
        let _one = self.noting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut record = self.lock().clone();
        let key = key(judged, judged.adapter.as_deref());
        let tally = record.tallies.entry(key.clone()).or_default();
        tally.note(judged.is_right);
        if record.tallies.len() > TALLIES_MAX {
            let fewest = record
                .tallies
                .iter()
                .filter(|(known, _)| **known != key)
                .min_by(|a, b| a.1.shown().total_cmp(&b.1.shown()));
            let fewest = fewest.map(|(key, _)| key.clone());
            fewest.map(|key| record.tallies.remove(&key));
        }
        let is_taken_back = match self.take_back(judged, &mut record) {
            Ok(is_taken_back) => is_taken_back,
            Err(error) => {
                tracing::warn!(%error, "an adapter cannot be taken back");
                false
            }
        };
        self.lock().clone_from(&record);
        if let Err(error) = self.write(&record) {
            tracing::warn!(%error, "how often suggestions are right cannot be kept");
        }
        is_taken_back
    }

    /// Takes the adapter back if it does worse than what was worn before it.
    fn take_back(&self, judged: &Judged, record: &mut Record) -> Result<bool, StoreError> {
        let Some(name) = &judged.adapter else {
            return Ok(false);
        };
        let tally_of = |adapter: Option<&str>| {
            record
                .tallies
                .get(&key(judged, adapter))
                .copied()
                .unwrap_or_default()
        };
        let worn = tally_of(Some(name));
        // Asked before the database is opened, for each suggestion: others wait for this.
        let of_language = key(judged, None);
        let before = record.tallies.iter();
        let mut before = before.filter(|(known, _)| known.starts_with(&of_language));
        if !before.any(|(_, before)| worn.falls_short_of(before).is_some()) {
            return Ok(false);
        }
        let mut store = Store::open(&self.database)?;
        let is_live = |row: &AdapterRow| row.state == AdapterState::Live;
        let Some(row) = store.adapter(name)?.filter(is_live) else {
            return Ok(false);
        };
        let rows = store.adapters()?;
        let replaced = rows.iter().find(|other| Some(other.id) == row.replaced);
        let before = replaced.map(|before| before.name.as_str());
        // The model as it is, where too little is known of what came before.
        let compared = [before, None]
            .into_iter()
            .find(|before| tally_of(*before).is_enough());
        let Some(compared) = compared else {
            return Ok(false);
        };
        let Some(why) = worn.falls_short_of(&tally_of(compared)) else {
            return Ok(false);
        };
        let now_worn = store.roll_back_adapter(row.id)?;
        let now_worn = now_worn.map_or_else(|| row.base_model.clone(), |now| now.name);
        let notice = format!(
            "{name} was taken back: its suggestions were right {why} with {}; {now_worn} serves",
            compared.unwrap_or(&row.base_model)
        );
        tracing::warn!(notice, "an adapter was taken back");
        // Who wears it again by their own wish begins to count anew.
        record.tallies.remove(&key(judged, Some(name)));
        record.taken_back.push(notice);
        let surplus = record.taken_back.len().saturating_sub(NOTICES_MAX);
        record.taken_back.drain(..surplus);
        Ok(true)
    }

    fn write(&self, record: &Record) -> io::Result<()> {
        let json = serde_json::to_vec(record)?;
        inkstone_platform::private::replace(&self.file, &json)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(judged: &Judged, adapter: Option<&str>) -> String {
    format!(
        "{}\n{}\n{}",
        judged.model,
        judged.language,
        adapter.unwrap_or_default()
    )
}

fn read(file: &Path) -> Option<Record> {
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file).ok()?;
    opened.take(FILE_BYTES_MAX).read_to_end(&mut bytes).ok()?;
    let record: Record = serde_json::from_slice(&bytes).ok()?;
    let is_sound = record.version == VERSION && record.tallies.values().all(Tally::is_sound);
    is_sound.then_some(record)
}

#[cfg(test)]
mod tests {
    use inkstone_store::{AdapterScope, NewAdapter};

    use super::*;

    fn judged(adapter: Option<&str>, is_right: bool) -> Judged {
        Judged {
            model: "m".to_owned(),
            language: "zh".to_owned(),
            adapter: adapter.map(str::to_owned),
            is_right,
        }
    }

    fn live(store: &mut Store) -> AdapterRow {
        let new = NewAdapter {
            sha256: [1; 32],
            bytes: 1,
            base_model: "m",
            scope: AdapterScope {
                base_sha256: [2; 32],
                language: Some("zh".to_owned()),
                genre: None,
                workspace: None,
            },
            dataset: None,
            parent: None,
            made_at_s: 1,
            config: "{}",
            metrics: "{}",
            reasons: "[]",
            state: AdapterState::Live,
        };
        store.add_adapter(&new).unwrap()
    }

    /// Of five suggestions so many are right, over and over; whether an adapter was taken back.
    async fn show(outcomes: &Outcomes, adapter: Option<&str>, right_of_five: u32) -> bool {
        for number in 0..150 {
            let judged = judged(adapter, number % 5 < right_of_five);
            if outcomes.note(judged).await.unwrap() {
                return true;
            }
        }
        false
    }

    #[tokio::test]
    async fn an_adapter_with_which_less_is_right_gives_way_to_the_one_before_and_that_to_the_model()
    {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("inkstone.db");
        let file = folder.path().join("outcomes.json");
        let mut store = Store::open(&database).unwrap();
        let (first, second) = (live(&mut store), live(&mut store));
        let outcomes = Outcomes::new(file.clone(), database.clone());
        assert!(!show(&outcomes, None, 3).await);
        assert!(
            !show(&outcomes, Some(&first.name), 3).await,
            "it is not live"
        );
        assert!(show(&outcomes, Some(&second.name), 1).await);
        let state = |name: &str| store.adapter(name).unwrap().unwrap().state;
        assert_eq!(state(&second.name), AdapterState::RolledBack);
        assert_eq!(state(&first.name), AdapterState::Live);
        // The counts outlive the daemon.
        let outcomes = Outcomes::new(file, database);
        let said = outcomes.taken_back();
        assert!(
            said[0].starts_with("zh-2 was taken back") && said[0].contains("zh-1 serves"),
            "{said:?}"
        );
        assert_eq!(outcomes.of_adapter(&first.name), (150, 90));
        assert!(
            !show(&outcomes, Some(&first.name), 3).await,
            "as good as the model"
        );
        assert!(show(&outcomes, Some(&first.name), 0).await);
        assert_eq!(state(&first.name), AdapterState::RolledBack);
    }

    #[tokio::test]
    async fn names_that_are_none_are_refused_and_a_file_of_another_form_counts_for_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("outcomes.json");
        std::fs::write(
            &file,
            r#"{"version":1,"tallies":{"a\nb\nc":{"shown":1,"right":9}},"taken_back":[]}"#,
        )
        .unwrap();
        let outcomes = Outcomes::new(file, folder.path().join("inkstone.db"));
        assert_eq!(outcomes.of_adapter("c"), (0, 0));
        let long = "长".repeat(NAME_BYTES_MAX);
        for adapter in [long.as_str(), "a\nb"] {
            let error = outcomes
                .note(judged(Some(adapter), true))
                .await
                .unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidMessage);
        }
    }
}
