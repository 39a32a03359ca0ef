//! Datasets put together on a real database, by random histories: what is in depends on the files as
//! they are, not on how they came to be so, nor on where the process ended meanwhile.

#![allow(clippy::unwrap_used)] // A test that fails panics.
#![allow(clippy::redundant_closure_for_method_calls)] // See the library.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use inkstone_corpus::block::LineRange;
use inkstone_corpus::dataset::{DatasetId, Digest, DocumentKey, Record, Statistics};
use inkstone_corpus::dedup::collection::Document;
use inkstone_corpus::dedup::{Collection, Verdict};
use inkstone_corpus::{AuthorState, BlockKind, CleanDocument, Genre, LeftOut, Piece, Reason};
use inkstone_store::Store;
use inkstone_store::corpus::document::{At, SkippedRow};
use inkstone_trainer::assemble::{
    self, AssembleError, Batch, Before, Change, Judged, Judgement, Measures, Source, Stratum,
    Tokenizer, Wish,
};
use proptest::prelude::*;
use tempfile::TempDir;

const MEASURES: Measures = Measures {
    boilerplate_documents_min: 3,
    held_out_percent: 30,
};
const VERSIONS_MAX: usize = 3;

/// Paragraphs long enough to be compared, short ones, and ones for boilerplate, in both languages.
const PARAGRAPHS: &[&str] = &[
    "The morning after the storm the harbour lay quiet, and the boats that had broken loose in the night were drifting, one after another, towards the lighthouse rocks.",
    "我在年青时候也曾经做过许多梦，后来大半忘却了，但自己也并不以为可惜。所谓回忆者，虽说可以使人欢欣，有时也不免使人寂寞。",
    "Nobody had expected the letter to arrive so soon, least of all the man who had written it, and who now stood at the window with his hat still on his head.",
    "鲁镇的酒店的格局，是和别处不同的：都是当街一个曲尺形的大柜台，柜里面预备着热水，可以随时温酒。做工的人，傍午傍晚散了工，每每花四文铜钱。",
    "We deploy 服务 with Kubernetes on three machines in the cellar, and every Tuesday 早上 somebody has to restart the one that forgets its own name 👩‍👩‍👧.",
    "“I do not know,” he said.",
    "参考资料",
    "Sent from my old telephone, with regards from the café.",
    "The café at the corner had closed years ago,\r\nbut its sign still swung in the wind, and on some nights one could hear the piano that nobody had ever carried away.",
    "她把信折好，放进抽屉里，然后走到窗前，看着雨水沿着玻璃慢慢地流下来，想起很多年以前在海边度过的那个夏天，以及再也没有回来的人。",
    "When the last ferry had left, the harbour master counted the crates again, as he had done every evening for thirty years, wrote the number into the book with the green cover, locked the shed, and walked home along the wall, slowly, because his knee hurt and because nobody was waiting for him, and because the rain would not begin so soon.",
];

/// What a piece says: a paragraph, and how it was changed.
type Said = (usize, u8);

fn text((paragraph, change): Said) -> String {
    let text = PARAGRAPHS[paragraph % PARAGRAPHS.len()];
    match change % 4 {
        0 => text.to_owned(),
        1 => text
            .replace("quiet", "still")
            .replace("可惜", "遗憾")
            .replace("soon", "late"),
        2 => text
            .replace("harbour", "port")
            .replace("wind", "breeze")
            .replace("窗前", "门口"),
        _ => format!("{text} Added later, 后来加上的。"),
    }
}

fn document(said: &[Said]) -> CleanDocument {
    let piece = |(at, said): (usize, &Said)| {
        let text = text(*said);
        let line = u32::try_from(at).unwrap();
        Piece {
            kind: BlockKind::Paragraph,
            headings: vec!["Chapter".to_owned()],
            original: text.clone(),
            text,
            rules: BTreeMap::from([(format!("rule.{}", said.1 % 2), 1)]),
            redacted: BTreeMap::new(),
            language: if said.0.is_multiple_of(2) { "en" } else { "zh" }.to_owned(),
            author: AuthorState::Own,
            lines: Some(LineRange {
                start: line,
                end: line + 1,
            }),
            brought_back: None,
        }
    };
    CleanDocument {
        title: None,
        genre: Genre::Fiction,
        pieces: said.iter().enumerate().map(piece).collect(),
        left_out: vec![LeftOut {
            rule: None,
            reason: Reason::Code,
            excerpt: "fn main() {}".to_owned(),
            lines: None,
        }],
        problems: Vec::new(),
    }
}

/// A database that is closed and opened again at will.
struct Desk {
    folder: TempDir,
    store: Option<Store>,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut desk = Self {
            folder,
            store: None,
        };
        desk.reopen();
        desk
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("inkstone.db")
    }

    fn reopen(&mut self) {
        self.store = None;
        self.store = Some(Store::open(&self.path()).unwrap());
    }

    fn store(&mut self) -> &mut Store {
        self.store.as_mut().unwrap()
    }

    fn put(&mut self, path: &str, modified_ms: i64, said: &[Said]) -> Change {
        put(self.store(), path, modified_ms, said)
    }

    fn publish(&mut self) -> DatasetId {
        assemble::publish(self.store(), MEASURES, VERSIONS_MAX, 1).unwrap()
    }

    fn records(&mut self, id: DatasetId) -> Vec<Record> {
        let mut records = Vec::new();
        assemble::read_version(self.store(), id, |record| {
            records.push(record);
            Ok::<_, AssembleError>(())
        })
        .unwrap();
        records
    }

    fn statistics(&mut self, id: DatasetId) -> Statistics {
        assemble::statistics(self.store(), id, None).unwrap()
    }
}

fn at(path: &str) -> At<'_> {
    At {
        workspace: 1,
        path: path.as_bytes(),
    }
}

fn put(store: &mut Store, path: &str, modified_ms: i64, said: &[Said]) -> Change {
    let source = Source {
        at: at(path),
        folder: "essays",
        content_hash: Digest::of(format!("{said:?}").as_bytes()),
        modified_ms,
        made_by: b"rules 1",
    };
    assemble::put(store, &source, &document(said)).unwrap()
}

/// What happens to a workspace.
#[derive(Debug, Clone)]
enum Act {
    Put(usize, i64, Vec<Said>),
    Touch(usize, i64),
    Remove(usize),
    Rename(usize, usize),
    Exclude(usize),
    Include(usize),
    Decide(Said, bool),
    Withdraw(Said),
    /// Some steps in small batches, then the process ends.
    SettleSome(u8),
    Publish,
}

const PATHS: &[&str] = &[
    "a.md",
    "b.md",
    "文章/一.md",
    "文章/二.md",
    "drafts/one.txt",
    "drafts/two.txt",
    "drafts0",
    "z.md",
];
/// Folders and files that are excluded; `drafts0` must not go with `drafts`.
const PREFIXES: &[&str] = &["drafts", "文章", "a.md", "b.md"];

fn said() -> impl Strategy<Value = Said> {
    (0..PARAGRAPHS.len(), 0..4_u8)
}

fn acts(with_decisions: bool) -> impl Strategy<Value = Vec<Act>> {
    let path = || 0..PATHS.len();
    let decisions = u32::from(with_decisions);
    let act = prop_oneof![
        // Few moments, so that ranks are often decided by the key.
        12 => (path(), 0..6_i64, prop::collection::vec(said(), 0..7))
            .prop_map(|(path, modified, said)| Act::Put(path, modified, said)),
        2 => (path(), 0..6_i64).prop_map(|(path, modified)| Act::Touch(path, modified)),
        3 => path().prop_map(Act::Remove),
        3 => (path(), path()).prop_map(|(from, to)| Act::Rename(from, to)),
        1 => (0..PREFIXES.len()).prop_map(Act::Exclude),
        1 => (0..PREFIXES.len()).prop_map(Act::Include),
        decisions * 3 => (said(), any::<bool>()).prop_map(|(said, keep)| Act::Decide(said, keep)),
        decisions => said().prop_map(Act::Withdraw),
        4 => (1..6_u8).prop_map(Act::SettleSome),
        2 => Just(Act::Publish),
    ];
    prop::collection::vec(act, 1..40)
}

/// What lies in the workspace in the end, and what was decided.
#[derive(Debug, Default)]
struct Files {
    by_path: BTreeMap<usize, File>,
    /// Folders and files, with what a file held when it was last read.
    excluded: BTreeMap<String, Option<Vec<Said>>>,
    /// By text, as several ways to say it are the same text.
    decisions: BTreeMap<String, (Said, bool, i64)>,
}

#[derive(Debug, Clone)]
struct File {
    /// Where it was first seen.
    origin: usize,
    modified_ms: i64,
    said: Vec<Said>,
}

impl Files {
    /// Does it here and there; nothing where it would take a key that a renamed document has, which
    /// a build from the files alone cannot know of.
    fn follow(&mut self, desk: &mut Desk, act: &Act, moment: i64) {
        let store = desk.store();
        match act {
            Act::Put(path, modified_ms, said) => {
                let known = self.by_path.get(path).map(|file| file.origin);
                let is_taken = self.by_path.values().any(|file| file.origin == *path);
                if known.is_none() && is_taken {
                    return;
                }
                put(store, PATHS[*path], *modified_ms, said);
                let file = File {
                    origin: known.unwrap_or(*path),
                    modified_ms: *modified_ms,
                    said: said.clone(),
                };
                self.by_path.insert(*path, file);
                self.note_exclusion(PATHS[*path]);
            }
            Act::Touch(path, modified_ms) => {
                let is_known = assemble::touched(store, at(PATHS[*path]), *modified_ms).unwrap();
                let file = self.by_path.get_mut(path);
                assert_eq!(is_known, file.is_some());
                if let Some(file) = file {
                    file.modified_ms = *modified_ms;
                }
            }
            Act::Remove(path) => {
                let was_there = assemble::remove(store, at(PATHS[*path])).unwrap();
                assert_eq!(was_there, self.by_path.remove(path).is_some());
            }
            Act::Rename(from, to) => {
                let [from_at, to_at] = [from, to].map(|path| at(PATHS[*path]));
                let is_known = assemble::renamed(store, from_at, to_at, "essays").unwrap();
                self.move_exclusion(PATHS[*from], PATHS[*to]);
                let file = self.by_path.remove(from);
                assert_eq!(is_known, file.is_some());
                if let Some(file) = file {
                    self.by_path.insert(*to, file);
                }
                self.note_exclusion(PATHS[*to]);
            }
            Act::Exclude(prefix) => self.exclude(store, PREFIXES[*prefix], moment),
            Act::Include(prefix) => self.include(store, PREFIXES[*prefix]),
            Act::Decide(said, keep) => {
                decide(store, *said, *keep, moment);
                self.decisions.insert(text(*said), (*said, *keep, moment));
            }
            Act::Withdraw(said) => {
                assemble::undecide(store, None, &text(*said), Before::default()).unwrap();
                self.decisions.remove(&text(*said));
            }
            Act::SettleSome(steps) => {
                let batch = Batch {
                    documents_max: 1,
                    wordings_max: 2,
                    records_max: 1,
                };
                for _ in 0..*steps {
                    assemble::settle_step(store, MEASURES, batch).unwrap();
                }
            }
            Act::Publish => {
                desk.publish();
            }
        }
    }

    fn exclude(&mut self, store: &mut Store, prefix: &str, moment: i64) {
        assemble::exclude(store, at(prefix), moment).unwrap();
        let held = self.excluded.get(prefix).cloned().flatten();
        let holds = self.said_at(prefix).or(held);
        self.excluded.insert(prefix.to_owned(), holds);
    }

    fn include(&mut self, store: &mut Store, prefix: &str) {
        let was_excluded = assemble::include(store, at(prefix)).unwrap();
        let row = self.excluded.remove(prefix);
        let held = [row.clone().flatten(), self.said_at(prefix)];
        let before = self.excluded.len();
        self.excluded
            .retain(|_, said| said.is_none() || !held.contains(said));
        let has_changed = row.is_some() || self.excluded.len() < before;
        assert_eq!(was_excluded, has_changed);
    }

    /// Builds it anew in another order.
    fn built_anew(&self) -> (Desk, DatasetId) {
        let mut desk = Desk::new();
        let aside = |path: &usize| format!("aside/{path}");
        for (path, file) in self.by_path.iter().rev() {
            desk.put(PATHS[file.origin], file.modified_ms, &file.said);
            let (from, to) = (PATHS[file.origin], aside(path));
            assert!(assemble::renamed(desk.store(), at(from), at(&to), "essays").unwrap());
        }
        for path in self.by_path.keys() {
            let (from, to) = (aside(path), PATHS[*path]);
            assert!(assemble::renamed(desk.store(), at(&from), at(to), "essays").unwrap());
        }
        for (prefix, held) in &self.excluded {
            assemble::exclude(desk.store(), at(prefix), 0).unwrap();
            if let (Some(held), None) = (held, self.said_at(prefix)) {
                // It was there when this was last read.
                desk.put(prefix, 0, held);
                assemble::remove(desk.store(), at(prefix)).unwrap();
            }
        }
        for (said, keep, moment) in self.decisions.values() {
            decide(desk.store(), *said, *keep, *moment);
        }
        let id = desk.publish();
        (desk, id)
    }

    fn said_at(&self, path: &str) -> Option<Vec<Said>> {
        let number = PATHS.iter().position(|one| *one == path)?;
        self.by_path.get(&number).map(|file| file.said.clone())
    }

    /// An excluded file holds what it holds now; what says what it held is excluded too.
    fn note_exclusion(&mut self, path: &str) {
        let (Some(held), Some(said)) = (self.excluded.get(path), self.said_at(path)) else {
            return;
        };
        if let Some(old) = held.clone().filter(|held| *held != said) {
            self.exclude_copies(&old);
        }
        self.excluded.insert(path.to_owned(), Some(said));
    }

    fn move_exclusion(&mut self, from: &str, to: &str) {
        if from == to || !self.excluded.contains_key(from) {
            return;
        }
        if let Some(Some(held)) = self.excluded.get(to).cloned() {
            self.exclude_copies(&held);
        }
        let held = self.excluded.remove(from).unwrap();
        self.excluded.insert(to.to_owned(), held);
    }

    fn exclude_copies(&mut self, said: &Vec<Said>) {
        for (path, _) in self.by_path.iter().filter(|(_, file)| file.said == *said) {
            let copy = PATHS[*path].to_owned();
            self.excluded
                .entry(copy)
                .or_insert_with(|| Some(said.clone()));
        }
    }

    fn is_excluded(&self, path: usize) -> bool {
        let is_copy = self.excluded.values().flatten();
        let mut is_copy = is_copy.map(|held| *held == self.by_path[&path].said);
        let path = PATHS[path];
        let is_here = |prefix: &String| {
            let rest = path.strip_prefix(prefix.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.excluded.keys().any(is_here) || is_copy.any(|is_copy| is_copy)
    }

    /// What is in by the reference: each document's key with the places of its kept pieces.
    fn kept_by_the_reference(&self) -> BTreeSet<(DocumentKey, u32)> {
        let mut collection = Collection::new(MEASURES.boilerplate_documents_min);
        for (path, file) in &self.by_path {
            if self.is_excluded(*path) {
                continue;
            }
            let texts: Vec<String> = file.said.iter().map(|said| text(*said)).collect();
            let pieces = texts.iter().map(String::as_str);
            let key = DocumentKey::new(b"essays", PATHS[file.origin].as_bytes(), 0);
            collection.insert(&key.to_string(), Document::of(file.modified_ms, pieces));
        }
        let documents = collection.iter();
        documents
            .flat_map(|(key, verdicts)| {
                let key: DocumentKey = key.parse().unwrap();
                let places = (0..).zip(verdicts);
                let kept = places.filter(|(_, verdict)| **verdict == Verdict::Keep);
                kept.map(move |(place, _)| (key, place))
            })
            .collect()
    }
}

fn decide(store: &mut Store, said: Said, keep: bool, made_ms: i64) -> Before {
    let judgement = Judgement {
        text: &text(said),
        keep,
        rule: Some("rule.1"),
        made_ms,
    };
    assemble::decide(store, None, false, &judgement).unwrap()
}

fn places(records: &[Record]) -> BTreeSet<(DocumentKey, u32)> {
    let place = |record: &Record| {
        let provenance = &record.provenance;
        (provenance.document, provenance.lines.unwrap().start)
    };
    records.iter().map(place).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn any_history_ends_with_the_dataset_of_a_fresh_build(acts in acts(true)) {
        let mut desk = Desk::new();
        let mut files = Files::default();
        for (moment, act) in (0..).zip(&acts) {
            files.follow(&mut desk, act, moment);
            desk.reopen();
        }
        let id = desk.publish();
        let (mut fresh, fresh_id) = files.built_anew();
        prop_assert_eq!(desk.records(id), fresh.records(fresh_id));
        prop_assert_eq!(id, fresh_id);
        prop_assert_eq!(desk.statistics(id), fresh.statistics(fresh_id));
    }

    #[test]
    fn what_is_in_is_what_the_reference_keeps(acts in acts(false)) {
        let mut desk = Desk::new();
        let mut files = Files::default();
        for (moment, act) in (0..).zip(&acts) {
            files.follow(&mut desk, act, moment);
        }
        let id = desk.publish();
        prop_assert_eq!(places(&desk.records(id)), files.kept_by_the_reference());
    }
}

#[test]
fn the_same_file_again_changes_nothing_and_costs_no_comparison() {
    let mut desk = Desk::new();
    assert_eq!(desk.put("a.md", 1, &[(0, 0), (1, 0)]), Change::Added);
    let id = desk.publish();
    assert_eq!(desk.put("a.md", 1, &[(0, 0), (1, 0)]), Change::Unchanged);
    let more = assemble::settle_step(desk.store(), MEASURES, Batch::default()).unwrap();
    assert!(!more);
    assert_eq!(desk.put("a.md", 1, &[(0, 0), (2, 0)]), Change::Changed);
    assert_ne!(desk.publish(), id);
    desk.put("a.md", 1, &[(0, 0), (1, 0)]);
    assert_eq!(desk.publish(), id);
}

#[test]
fn a_saved_file_is_all_that_is_compared_again() {
    let mut desk = Desk::new();
    for (path, paragraph) in PATHS.iter().zip(0..) {
        desk.put(path, 1, &[(paragraph, 0)]);
    }
    desk.publish();
    desk.put(PATHS[0], 2, &[(0, 3)]);
    let one = Batch {
        documents_max: 1,
        wordings_max: 1,
        records_max: 1,
    };
    let mut steps = 0;
    while assemble::settle_step(desk.store(), MEASURES, one).unwrap() {
        steps += 1;
    }
    // The document, its old and its new wording, its record.
    assert_eq!(steps, 4);
}

#[test]
fn a_version_reads_the_same_after_its_documents_changed() {
    let mut desk = Desk::new();
    desk.put("a.md", 1, &[(0, 0), (1, 0)]);
    desk.put("b.md", 2, &[(2, 0)]);
    let old = desk.publish();
    let records = desk.records(old);
    assert_eq!(records.len(), 3);
    desk.put("a.md", 3, &[(3, 0)]);
    assemble::remove(desk.store(), at("b.md")).unwrap();
    let new = desk.publish();
    assert_ne!(new, old);
    desk.reopen();
    assert_eq!(desk.records(old), records);
    assert_eq!(desk.records(new).len(), 1);
}

#[test]
fn old_versions_go_unless_an_adapter_names_them() {
    let mut desk = Desk::new();
    let mut ids = Vec::new();
    for paragraph in 0..5 {
        desk.put("a.md", 1, &[(paragraph, 0)]);
        ids.push(desk.publish());
        if paragraph == 0 {
            assemble::pin(desk.store(), ids[0], "adapter 7").unwrap();
        }
    }
    let kept = |desk: &mut Desk| -> Vec<DatasetId> {
        let versions = assemble::versions(desk.store()).unwrap();
        versions.iter().map(|version| version.id).collect()
    };
    assert_eq!(kept(&mut desk), [ids[4], ids[3], ids[2], ids[0]]);
    assert_eq!(desk.records(ids[0])[0].text, text((0, 0)));
    let error = assemble::statistics(desk.store(), ids[1], None).unwrap_err();
    assert!(error.to_string().contains(&ids[1].to_string()), "{error}");

    assert!(assemble::unpin(desk.store(), ids[0], "adapter 7").unwrap());
    assert!(!assemble::unpin(desk.store(), ids[0], "adapter 7").unwrap());
    desk.publish();
    assert_eq!(kept(&mut desk), [ids[4], ids[3], ids[2]]);
    let count = desk.store().read_corpus(|corpus| corpus.record_count());
    assert_eq!(count.unwrap(), 3);

    // What was published before is the newest again when it is published again.
    desk.put("a.md", 1, &[(2, 0)]);
    assert_eq!(desk.publish(), ids[2]);
    assert_eq!(kept(&mut desk), [ids[2], ids[4], ids[3]]);
}

#[test]
fn a_renamed_document_keeps_its_side_and_says_where_it_lies() {
    let mut desk = Desk::new();
    desk.put("a.md", 1, &[(0, 0)]);
    let id = desk.publish();
    let before = desk.records(id).remove(0);
    assert!(assemble::renamed(desk.store(), at("a.md"), at("new/c.md"), "essays").unwrap());
    assert_eq!(desk.publish(), id);
    let after = desk.records(id).remove(0);
    assert_eq!(after.provenance.path, "new/c.md");
    assert_eq!(after.provenance.document, before.provenance.document);
    assert_eq!(after.split, before.split);

    // A file that now comes to lie where it lay is another document.
    desk.put("a.md", 1, &[(2, 0)]);
    let id = desk.publish();
    let documents: BTreeSet<_> = places(&desk.records(id))
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    assert_eq!(documents.len(), 2);
}

#[test]
fn a_skipped_file_is_out_until_it_is_read() {
    let mut desk = Desk::new();
    desk.put("a.md", 1, &[(0, 0)]);
    let row = SkippedRow {
        path: b"a.md".to_vec(),
        content_hash: vec![7; 32],
        made_by: b"rules 1".to_vec(),
        why: "larger than 16 MiB".to_owned(),
    };
    assemble::skip(desk.store(), 1, &row).unwrap();
    let id = desk.publish();
    assert!(desk.records(id).is_empty());
    let skipped = |desk: &mut Desk| {
        let found = desk
            .store()
            .read_corpus(|corpus| corpus.skipped_at(at("a.md")));
        found.unwrap()
    };
    assert_eq!(skipped(&mut desk), Some(row));
    desk.put("a.md", 1, &[(0, 0)]);
    assert_eq!(skipped(&mut desk), None);
    let id = desk.publish();
    assert_eq!(desk.records(id).len(), 1);
}

#[test]
fn a_workspace_goes_whole_and_leaves_others() {
    let mut desk = Desk::new();
    desk.put("a.md", 1, &[(0, 0)]);
    let other = Source {
        at: At {
            workspace: 2,
            path: b"a.md",
        },
        folder: "letters",
        content_hash: Digest::of(b""),
        modified_ms: 2,
        made_by: b"",
    };
    assemble::put(desk.store(), &other, &document(&[(0, 0), (2, 0)])).unwrap();
    let id = desk.publish();
    assert_eq!(desk.records(id).len(), 2);
    assemble::remove_workspace(desk.store(), 2).unwrap();
    let id = desk.publish();
    let records = desk.records(id);
    // What stood in both is that of the one that stays.
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].provenance.workspace, "essays");
}

#[test]
fn a_dropped_text_takes_what_looks_like_it_along() {
    let mut desk = Desk::new();
    desk.put("a.md", 1, &[(10, 1), (2, 0)]);
    let first = decide(desk.store(), (10, 0), false, 5);
    let id = desk.publish();
    assert_eq!(places(&desk.records(id)).len(), 1);
    assert_eq!(desk.statistics(id).left_out[&Reason::Reviewed], 1);
    // It also applies to what comes later.
    desk.put("a.md", 1, &[(2, 0)]);
    desk.put("b.md", 1, &[(10, 2), (4, 0)]);
    let id = desk.publish();
    assert_eq!(desk.statistics(id).left_out[&Reason::Reviewed], 1);
    // A later decision on a text like it outweighs it, an earlier one does not.
    let earlier = decide(desk.store(), (10, 3), true, 4);
    let id = desk.publish();
    assert_eq!(desk.statistics(id).left_out[&Reason::Reviewed], 1);
    let later = decide(desk.store(), (10, 3), true, 6);
    let id = desk.publish();
    assert!(!desk.statistics(id).left_out.contains_key(&Reason::Reviewed));
    // Taken back, it applies no longer: what was decided before does.
    assemble::undecide(desk.store(), None, &text((10, 3)), later).unwrap();
    let id = desk.publish();
    assert_eq!(desk.statistics(id).left_out[&Reason::Reviewed], 1);
    assemble::undecide(desk.store(), None, &text((10, 3)), earlier).unwrap();
    assemble::undecide(desk.store(), None, &text((10, 0)), first).unwrap();
    let id = desk.publish();
    assert_eq!(places(&desk.records(id)).len(), 3);
}

/// Brings back or leaves out what was left out in the comparison.
fn wish(desk: &mut Desk, said: Said, reason: Reason, keep: bool) -> Before {
    let judgement = Judgement {
        text: &text(said),
        keep,
        rule: None,
        made_ms: 9,
    };
    assemble::decide(desk.store(), Some(reason), false, &judgement).unwrap()
}

#[test]
fn boilerplate_that_is_wanted_comes_back_once_and_goes_again_when_that_is_taken_back() {
    let mut desk = Desk::new();
    for (path, own) in PATHS.iter().zip([2, 3, 10]) {
        desk.put(path, 1, &[(0, 0), (own, 0)]);
    }
    let id = desk.publish();
    assert_eq!(desk.records(id).len(), 3);
    let before = wish(&mut desk, (0, 0), Reason::Boilerplate, true);
    let id = desk.publish();
    let records = desk.records(id);
    assert_eq!(records.len(), 4);
    let back = records
        .iter()
        .find(|record| record.text == text((0, 0)))
        .unwrap();
    assert_eq!(back.provenance.brought_back, Some(Reason::Boilerplate));
    let statistics = desk.statistics(id);
    assert_eq!(statistics.brought_back[&Reason::Boilerplate], 1);
    assert_eq!(statistics.left_out[&Reason::Duplicate], 2);
    // Who keeps it once more has not changed their mind.
    decide(desk.store(), (0, 0), true, 10);
    let again = desk.publish();
    assert_eq!(again, id);
    assemble::undecide(
        desk.store(),
        Some(Reason::Boilerplate),
        &text((0, 0)),
        before,
    )
    .unwrap();
    let id = desk.publish();
    assert_eq!(desk.records(id).len(), 3);
}

#[test]
fn what_only_an_older_version_says_can_be_brought_back_and_what_a_newer_says_too_cannot_double() {
    let mut desk = Desk::new();
    let shared = [0, 1, 3, 4, 8, 9, 10].map(|paragraph| (paragraph, 0));
    let old = [&shared[..], &[(2, 0)]].concat();
    desk.put("old.md", 1, &old);
    // Not the very same, which would be excluded with it.
    let older = [&[(2, 0)], &shared[..]].concat();
    desk.put("older.md", 0, &older);
    desk.put("new.md", 2, &shared);
    let id = desk.publish();
    let statistics = desk.statistics(id);
    assert_eq!(
        statistics.left_out[&Reason::OlderVersion],
        old.len() as u64 * 2
    );
    let count = desk.records(id).len();
    // The newer version says this as well: it is in once, as before.
    wish(&mut desk, shared[3], Reason::OlderVersion, true);
    let id = desk.publish();
    assert_eq!(desk.records(id).len(), count);
    // This it does not, and of the two older ones the newer brings it.
    wish(&mut desk, (2, 0), Reason::OlderVersion, true);
    let id = desk.publish();
    let back: Vec<Record> = desk
        .records(id)
        .into_iter()
        .filter(|record| record.provenance.brought_back.is_some())
        .collect();
    assert_eq!(back.len(), 1);
    assert_eq!(back[0].provenance.path, "old.md");
    // A person who excludes that file has it from the other.
    let at = At {
        workspace: 1,
        path: b"old.md",
    };
    assemble::exclude(desk.store(), at, 11).unwrap();
    let id = desk.publish();
    let records = desk.records(id);
    let back = records
        .iter()
        .find(|one| one.provenance.brought_back.is_some());
    assert_eq!(back.unwrap().provenance.path, "older.md");
    wish(&mut desk, (2, 0), Reason::OlderVersion, false);
    let id = desk.publish();
    assert_eq!(desk.records(id).len(), count);
}

#[test]
fn a_text_that_was_decided_on_is_not_asked_about_again_unless_that_is_wanted() {
    let mut desk = Desk::new();
    desk.put("a.md", 1, &[(0, 0), (2, 0)]);
    assemble::settle(desk.store(), MEASURES).unwrap();
    decide(desk.store(), (0, 0), true, 1);
    let texts = |desk: &mut Desk, has_decided| {
        let wish = Wish {
            seed: 1,
            per_stratum_max: 9,
            has_decided,
        };
        let sample = assemble::sample(desk.store(), wish).unwrap();
        let mut texts: Vec<String> = sample
            .values()
            .flatten()
            .filter(|one| matches!(one.judged, Judged::Piece(..)))
            .map(|one| one.judged.text().to_owned())
            .collect();
        texts.sort();
        texts
    };
    let mut both = vec![text((0, 0)), text((2, 0))];
    both.sort();
    assert_eq!(texts(&mut desk, true), both);
    assert_eq!(texts(&mut desk, false), [text((2, 0))]);
}

#[test]
fn numbers_that_decide_apply_to_what_was_compared_before() {
    let mut desk = Desk::new();
    for path in &PATHS[..3] {
        desk.put(path, 1, &[(7, 0)]);
    }
    let id = desk.publish();
    assert!(desk.records(id).is_empty());
    let lenient = Measures {
        boilerplate_documents_min: 4,
        held_out_percent: 100,
    };
    let id = assemble::publish(desk.store(), lenient, VERSIONS_MAX, 2).unwrap();
    let records = desk.records(id);
    assert_eq!(records.len(), 3);
    let held_out = inkstone_corpus::split::Split::HeldOut;
    assert!(records.iter().all(|record| record.split == held_out));
}

#[test]
fn tokens_are_counted_once_for_each_tokenizer() {
    let mut desk = Desk::new();
    desk.put("a.md", 1, &[(0, 0), (1, 0)]);
    desk.put("b.md", 1, &[(2, 0)]);
    let id = desk.publish();
    assert_eq!(desk.statistics(id).total.tokens, None);
    let asked = std::cell::Cell::new(0_u32);
    let count = |text: &str| {
        asked.set(asked.get() + 1);
        u32::try_from(text.chars().count()).unwrap()
    };
    let tokenizer = Tokenizer {
        name: "characters",
        count: &count,
    };
    let counted = assemble::statistics(desk.store(), id, Some(tokenizer)).unwrap();
    assert_eq!(counted.total.tokens, Some(counted.total.characters));
    assert_eq!(counted.left_out[&Reason::Code], 2);
    assert_eq!(asked.get(), 3);
    desk.put("b.md", 1, &[(3, 0)]);
    let id = desk.publish();
    let counted = assemble::statistics(desk.store(), id, Some(tokenizer)).unwrap();
    assert_eq!(counted.total.tokens, Some(counted.total.characters));
    assert_eq!(asked.get(), 4);
    let other = Tokenizer {
        name: "others",
        count: &count,
    };
    assemble::statistics(desk.store(), id, Some(other)).unwrap();
    assert_eq!(asked.get(), 7);
    assert_eq!(desk.statistics(id).total.tokens, None);
}

#[test]
fn a_sample_has_every_stratum_and_is_the_same_in_any_order() {
    let paths: Vec<String> = (0..40).map(|n| format!("{n}.md")).collect();
    let filled = |order: &[usize]| {
        let mut desk = Desk::new();
        for n in order {
            let n = *n;
            desk.put(&paths[n], 1, &[(n, 0), (n + 1, 1), (5, 0)]);
        }
        assemble::settle(desk.store(), MEASURES).unwrap();
        desk
    };
    let forwards: Vec<usize> = (0..40).collect();
    let backwards: Vec<usize> = (0..40).rev().collect();
    let sample = |desk: &mut Desk, seed| {
        let wish = Wish {
            seed,
            per_stratum_max: 4,
            has_decided: false,
        };
        assemble::sample(desk.store(), wish).unwrap()
    };
    let one = sample(&mut filled(&forwards), 7);
    assert_eq!(one, sample(&mut filled(&backwards), 7));
    assert_ne!(one, sample(&mut filled(&forwards), 8));
    assert!(one.values().all(|candidates| candidates.len() <= 4));
    assert_eq!(one[&Stratum::Rule("rule.1".to_owned())].len(), 4);
    let blocks = &one[&Stratum::LeftOut(Reason::Code)];
    assert!(
        blocks
            .iter()
            .all(|candidate| matches!(candidate.judged, Judged::Block(_)))
    );
    assert!(
        one.contains_key(&Stratum::LeftOut(Reason::Boilerplate)),
        "{:?}",
        one.keys()
    );
    for (stratum, candidates) in &one {
        for candidate in candidates {
            match (&candidate.judged, stratum) {
                (Judged::Piece(piece, _), Stratum::Rule(rule)) => {
                    assert!(piece.rules.contains_key(rule));
                }
                (Judged::Piece(piece, verdict), Stratum::Kept { language, .. }) => {
                    assert_eq!((&piece.language, *verdict), (language, None));
                }
                (Judged::Piece(_, verdict), Stratum::LeftOut(reason)) => {
                    assert_eq!(*verdict, Some(*reason));
                }
                (Judged::Block(block), stratum) => {
                    assert_eq!(stratum, &Stratum::LeftOut(block.reason));
                }
            }
        }
    }
}

#[test]
fn the_rule_that_compares_all_texts_is_not_switched_in_one_place() {
    let mut desk = Desk::new();
    let refused = assemble::switch_rule_at(desk.store(), at("a.md"), "perplexity", false, 1);
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("corpus.rules_on"), "{refused}");
}
