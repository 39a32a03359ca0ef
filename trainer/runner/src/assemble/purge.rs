//! A source that is to be forgotten, in the store: what is known of it, and taking that away.
//!
//! A source is a file or folder of a workspace. What versions hold of it is found by the documents'
//! keys and, of files that are gone, by where their records say that they lay. [`seal`] is one
//! transaction, since only the texts that go tell which decisions and marks were theirs; what a killed
//! process leaves behind that, a second run finds by the path alone ([`remove`]).

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use inkstone_corpus::dataset::{DatasetId, Record};
use inkstone_corpus::dedup::Fingerprint;
use inkstone_corpus::{CleanDocument, Reason};
use inkstone_store::corpus::document::{At, DocumentRow};
use inkstone_store::corpus::version::TRAINING_HOLDER;
use inkstone_store::{AdapterId, AdapterRow, AdapterState, Corpus, Retraining, Store};

use super::put::remove_row;
use super::review::{decision_key, withdraw};
use super::{AssembleError, EXPORT_HOLDER, packed, publish};

/// Documents that are read, or taken away in one transaction.
const DOCUMENTS_MAX: u32 = 256;
/// How the paths of commits' messages begin.
const MESSAGES: &str = "git:";

/// Where a source lies.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The workspace's number.
    pub workspace: i64,
    /// Its name in provenance.
    pub folder: &'a str,
    /// Relative to it, with `/`; empty for all of it.
    pub path: &'a str,
}

/// What is kept of a source. Numbers of rows are of the moment at which it was looked for.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Documents that lie there now.
    pub documents: u64,
    /// Records of it, which versions hold.
    pub records: BTreeSet<i64>,
    /// The versions that hold them, with the languages in which training sees something of it.
    pub versions: BTreeMap<DatasetId, BTreeSet<String>>,
}

/// A text of a source, as it is found in the store.
pub enum Found<'a> {
    /// All that came of reading a file, and the hash of its bytes.
    Reading(&'a CleanDocument, &'a [u8]),
    /// What a version holds of it.
    Record(&'a Record),
}

impl Place<'_> {
    /// Whether a path of the workspace is that of the source or lies in it; a commit's message is in
    /// the folder of its repository.
    pub fn holds(&self, path: &str) -> bool {
        let path = path.strip_prefix(MESSAGES).unwrap_or(path);
        let rest = path.strip_prefix(self.path);
        self.path.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The paths at and below which its documents lie.
    fn roots(&self) -> Vec<String> {
        let messages = format!("{MESSAGES}{}", self.path);
        let both = [self.path.to_owned(), messages];
        both.into_iter()
            .take(if self.path.is_empty() { 1 } else { 2 })
            .collect()
    }

    fn at<'p>(&self, path: &'p str) -> At<'p> {
        At {
            workspace: self.workspace,
            path: path.as_bytes(),
        }
    }
}

/// Looks for all that is kept of a source. `take` gets every text.
pub fn find(
    store: &mut Store,
    place: Place<'_>,
    take: &mut dyn FnMut(Found<'_>),
) -> Result<Known, AssembleError> {
    let mut known = Known::default();
    let mut keys = HashSet::new();
    for root in place.roots() {
        each_document(store, place.at(&root), |corpus, row| {
            let reading = corpus.reading(row.id)?.unwrap_or_default();
            let document: CleanDocument = packed::unpack("a reading", &reading)?;
            take(Found::Reading(&document, &row.content_hash));
            known.documents += 1;
            keys.insert(row.key.clone());
            Ok(())
        })?;
    }
    store.read_corpus(|corpus| {
        let mut by_record = BTreeMap::new();
        corpus.each_record(|id, key, bytes| {
            let is_ours = keys.contains(key);
            if !is_ours && corpus.is_key_taken(key)? {
                return Ok(());
            }
            let records: Vec<Record> = packed::unpack("a record", bytes)?;
            let lay_there = |record: &Record| {
                let from = &record.provenance;
                from.workspace == place.folder && place.holds(&from.path)
            };
            if !is_ours && !records.first().is_some_and(lay_there) {
                return Ok(());
            }
            for one in &records {
                take(Found::Record(one));
            }
            let languages = records.into_iter().map(|one| one.language);
            by_record.insert(id, languages.collect::<BTreeSet<String>>());
            Ok::<_, AssembleError>(())
        })?;
        let names: BTreeMap<i64, Vec<u8>> = corpus
            .versions()?
            .into_iter()
            .map(|version| (version.id, version.name))
            .collect();
        for (record, languages) in &by_record {
            for version in corpus.versions_with(*record)? {
                if let Some(name) = names.get(&version) {
                    let id = DatasetId(packed::digest(name)?.0);
                    let seen = known.versions.entry(id).or_default();
                    seen.extend(languages.iter().cloned());
                }
            }
        }
        known.records = by_record.into_keys().collect();
        Ok(known)
    })
}

/// Shows every reading that is not of the source, with where it lies.
pub fn each_other(
    store: &mut Store,
    place: Place<'_>,
    take: &mut dyn FnMut(&DocumentRow, &CleanDocument),
) -> Result<(), AssembleError> {
    let mut after = 0;
    loop {
        let last = store.read_corpus(|corpus| {
            let rows = corpus.documents_from(after, DOCUMENTS_MAX)?;
            for row in &rows {
                let path = String::from_utf8_lossy(&row.path);
                if row.workspace == place.workspace && place.holds(&path) {
                    continue;
                }
                let reading = corpus.reading(row.id)?.unwrap_or_default();
                take(row, &packed::unpack("a reading", &reading)?);
            }
            Ok::<_, AssembleError>(rows.last().map(|row| row.id))
        })?;
        let Some(last) = last else {
            return Ok(());
        };
        after = last;
    }
}

/// The adapters that learned from the source, and those that began with one of these; all that learned
/// from anything where `is_generic`: the source is of the generic prose, of which no version tells.
pub fn learned_from(
    rows: &[AdapterRow],
    known: &Known,
    workspace: i64,
    is_generic: bool,
) -> Vec<AdapterRow> {
    let saw = |row: &AdapterRow| {
        let is_elsewhere = row
            .scope
            .workspace
            .is_some_and(|own| own.as_i64() != workspace);
        let seen = row
            .dataset
            .and_then(|name| known.versions.get(&DatasetId(name)));
        let in_language = |seen: &BTreeSet<String>| match &row.scope.language {
            None => !seen.is_empty(),
            Some(language) => seen.contains(language),
        };
        let of_own = !is_elsewhere && seen.is_some_and(in_language);
        of_own || is_generic && row.dataset.is_some()
    };
    let mut ids: BTreeSet<AdapterId> = rows.iter().filter(|row| saw(row)).map(|r| r.id).collect();
    // Rows come newest first, and an adapter is older than those that began with it.
    for row in rows.iter().rev() {
        if row.parent.is_some_and(|parent| ids.contains(&parent)) {
            ids.insert(row.id);
        }
    }
    // The same weights under another name, as after an export and an import.
    let is_one_of_them = |row: &&AdapterRow| ids.contains(&row.id);
    let sums: BTreeSet<_> = rows
        .iter()
        .filter(is_one_of_them)
        .map(|row| row.sha256)
        .collect();
    let alike = rows.iter().filter(|row| sums.contains(&row.sha256));
    ids.extend(alike.map(|row| row.id).collect::<Vec<_>>());
    let is_worn_never = |row: &&AdapterRow| row.state == AdapterState::Retired;
    let found = rows.iter().filter(|row| ids.contains(&row.id));
    found.filter(|row| !is_worn_never(row)).cloned().collect()
}

/// What is sealed beside what [`find`] found.
pub struct Seal<'a> {
    /// The source's absolute path.
    pub path: &'a Path,
    /// Seconds since 1970.
    pub now_s: i64,
    /// Adapters that are retired.
    pub adapters: &'a [AdapterRow],
    /// Whether they are to be trained anew.
    pub retrain: bool,
    /// Texts that stand in the source alone, on which decisions may have been made.
    pub texts: &'a BTreeSet<String>,
    /// Shingles that stand in the source alone.
    pub shingles: &'a [u64],
}

/// What sealing took away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sealed {
    /// Decisions of the review.
    pub decisions: u64,
    /// Marks of text that was not typed.
    pub marks: u64,
    /// Versions that are gone.
    pub versions: u64,
    /// Versions that another adapter holds, and that go on without the source.
    pub versions_kept: u64,
}

/// From now on the source is not read; no version shows it, no adapter that saw it can be worn, no
/// training goes on with it: all of that at one moment.
pub fn seal(store: &mut Store, known: &Known, seal: &Seal<'_>) -> Result<Sealed, AssembleError> {
    store.change_corpus(|corpus| {
        corpus.insert_forgotten(seal.path, seal.now_s)?;
        let ids: Vec<AdapterId> = seal.adapters.iter().map(|row| row.id).collect();
        corpus.retire_adapters(&ids)?;
        // Those of a genre are trained only when they are asked for.
        let are_due = |row: &&AdapterRow| seal.retrain && row.scope.genre.is_none();
        for row in seal.adapters.iter().filter(are_due) {
            if let Some(language) = row.scope.language.clone() {
                let workspace = row.scope.workspace;
                corpus.insert_retraining(&Retraining {
                    language,
                    workspace,
                })?;
            }
        }
        let mut sealed = strip(corpus, known, seal.adapters)?;
        if corpus.has_decisions()? {
            for text in seal.texts {
                sealed.decisions += take_decisions(corpus, text)?;
            }
        }
        sealed.marks = corpus.delete_inserted(seal.shingles)? as u64;
        Ok(sealed)
    })
}

/// Takes the source out of every version. Those that no other adapter holds go as a whole: what they
/// are named by is no longer in them.
fn strip(
    corpus: &Corpus<'_>,
    known: &Known,
    retired: &[AdapterRow],
) -> Result<Sealed, AssembleError> {
    let mut sealed = Sealed::default();
    for version in corpus.versions()? {
        let id = DatasetId(packed::digest(&version.name)?.0);
        if !known.versions.contains_key(&id) {
            continue;
        }
        let goes = |holder: &str| {
            let adapter = holder.strip_prefix(inkstone_store::adapters::ADAPTER_HOLDER);
            holder.starts_with(TRAINING_HOLDER)
                || holder.starts_with(EXPORT_HOLDER)
                || adapter.is_some_and(|name| retired.iter().any(|row| row.name == name))
        };
        if version.pins.iter().all(|holder| goes(holder)) {
            corpus.delete_version_and_pins(version.id)?;
            sealed.versions += 1;
            continue;
        }
        for holder in version.pins.iter().filter(|holder| goes(holder)) {
            corpus.delete_pin(version.id, holder)?;
        }
        for record in &known.records {
            corpus.delete_from_version(version.id, *record)?;
        }
        sealed.versions_kept += 1;
    }
    Ok(sealed)
}

/// Takes away what was decided on a text, for whichever reason it was left out.
fn take_decisions(corpus: &Corpus<'_>, text: &str) -> Result<u64, AssembleError> {
    let mut gone = 0;
    if corpus
        .decision_on(&Fingerprint::of(text).exact.0)?
        .is_some()
    {
        withdraw(corpus, text)?;
        gone += 1;
    }
    for reason in Reason::ALL {
        if let Some(row) = corpus.decision_on(&decision_key(text, Some(*reason)))? {
            corpus.delete_decision(row.id)?;
            gone += 1;
        }
    }
    Ok(gone)
}

/// Takes away what was read of a source, in several transactions, and which of its files were seen.
pub fn remove(store: &mut Store, place: Place<'_>) -> Result<(), AssembleError> {
    for root in place.roots() {
        loop {
            let removed = store.change_corpus(|corpus| {
                let rows = corpus.documents_below(place.at(&root), b"", DOCUMENTS_MAX)?;
                for row in &rows {
                    remove_row(corpus, row)?;
                }
                corpus.forget_files_below(place.at(&root))?;
                Ok::<_, AssembleError>(rows.len())
            })?;
            if removed == 0 {
                break;
            }
        }
    }
    Ok(())
}

/// Takes away what only the documents that went had: records, and scores of their texts.
pub fn clear_left(store: &mut Store) -> Result<(), AssembleError> {
    publish::clear(store)?;
    store.change_corpus(|corpus| Ok(corpus.forget_left_scores()?))
}

/// What is looked at while it is looked for what is left.
pub enum Row<'a> {
    /// A reading.
    Reading(&'a CleanDocument),
    /// A record.
    Records(&'a [Record]),
}

/// Shows every reading and record there is; how many.
pub fn each_row(
    store: &mut Store,
    take: &mut dyn FnMut(i64, Row<'_>),
) -> Result<u64, AssembleError> {
    store.read_corpus(|corpus| {
        let mut rows = 0;
        corpus.each_reading(|id, bytes| {
            rows += 1;
            take(id, Row::Reading(&packed::unpack("a reading", bytes)?));
            Ok::<_, AssembleError>(())
        })?;
        corpus.each_record(|id, _, bytes| {
            rows += 1;
            let records: Vec<Record> = packed::unpack("a record", bytes)?;
            take(id, Row::Records(&records));
            Ok::<_, AssembleError>(())
        })?;
        Ok(rows)
    })
}

fn each_document(
    store: &mut Store,
    root: At<'_>,
    mut take: impl FnMut(&Corpus<'_>, &DocumentRow) -> Result<(), AssembleError>,
) -> Result<(), AssembleError> {
    let mut after = Vec::new();
    loop {
        let last = store.read_corpus(|corpus| {
            let rows = corpus.documents_below(root, &after, DOCUMENTS_MAX)?;
            for row in &rows {
                take(corpus, row)?;
            }
            Ok::<_, AssembleError>(rows.last().map(|row| row.path.clone()))
        })?;
        let Some(last) = last else {
            return Ok(());
        };
        after = last;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_holds_what_lies_in_it_and_the_messages_of_its_repositories() {
        let place = |path| Place {
            workspace: 1,
            folder: "写作",
            path,
        };
        for (source, path, holds) in [
            ("", "a.md", true),
            ("", "git:/ab", true),
            ("日记", "日记/一.md", true),
            ("日记", "git:日记/ab", true),
            ("日记", "git:日记/x/ab", true),
            ("日记", "日记本/一.md", false),
            ("日记", "git:/ab", false),
            ("a.md", "a.md", true),
            ("a.md", "a.md.txt", false),
        ] {
            assert_eq!(place(source).holds(path), holds, "{source:?} {path:?}");
        }
    }
}
