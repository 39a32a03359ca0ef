//! What models remember of the writer: built from a version, of what training sees alone, and gone
//! with what it was built from.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::PathBuf;

use inkstone_corpus::dataset::{DatasetId, Record};
use inkstone_corpus::split::Split;
use inkstone_gguf::Gguf;
use inkstone_memory::{CONTEXT_TOKENS_MAX, Memory};
use inkstone_models::fingerprint;
use inkstone_settings::{Directories, Settings};
use inkstone_test_support::{CHINESE_MODEL, ENGLISH_MODEL, Home};
use inkstone_trainer::assemble::{self, AssembleError};
use inkstone_trainer::build::sweep;
use inkstone_trainer::memories::{Made, forget_old, update};
use inkstone_vocab::{TokenizeOptions, Vocab};

use crate::desk::Desk;
use crate::interrupted::Library;

/// Numbers of texts; one in a hundred is held out, never all.
const STAYS: Range<usize> = 0..9;
const GOES: Range<usize> = 100..109;

/// A writer with both models.
struct Writer {
    home: Home,
    directories: Directories,
    settings: Settings,
    library: Library,
}

impl Writer {
    fn new(folders: &[&Desk]) -> Self {
        let home = Home::with_models(&[ENGLISH_MODEL, CHINESE_MODEL]);
        let directories = Directories::from_lookup(|name| home.variable(name)).unwrap();
        directories.ensure_private().unwrap();
        let mut library = Library::new();
        library.corpus.held_out_percent = 1;
        for folder in folders {
            library.add(&folder.root);
        }
        Self {
            home,
            directories,
            settings: Settings::default(),
            library,
        }
    }

    fn update(&mut self, id: DatasetId) -> Vec<Made> {
        let store = &mut self.library.store;
        update(&self.directories, &self.settings, store, id, 1).unwrap()
    }

    /// All files, also those that only say that there is nothing.
    fn all_files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.directories.memory_dir());
        let entries = entries.into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        files.sort();
        files
    }

    /// Files in which something is remembered.
    fn files(&self) -> Vec<PathBuf> {
        let mut files = self.all_files();
        files.retain(|file| {
            let memory = Memory::open(fs::read(file).unwrap());
            memory.is_ok_and(|memory| memory.header().tokens > 0)
        });
        files
    }

    fn contents(&self) -> Vec<Vec<u8>> {
        let files = self.all_files().into_iter();
        files.map(|file| fs::read(file).unwrap()).collect()
    }

    /// What a model remembers.
    fn memory(&self, model: &str) -> Remembered {
        let file = self.home.models().join(format!("{model}.gguf"));
        let vocab = Vocab::from_gguf(&Gguf::from_path(&file).unwrap()).unwrap();
        let of_model = fingerprint::of_file(&file).unwrap().to_bytes();
        let mut memories = self
            .contents()
            .into_iter()
            .map(|bytes| Memory::open(bytes).unwrap());
        let memory = memories.find(|memory| memory.header().model == of_model);
        Remembered { vocab, memory }
    }

    /// Whether something of the English texts with these numbers is remembered.
    fn remembers(&self, numbers: Range<usize>) -> bool {
        let memory = self.memory(ENGLISH_MODEL);
        numbers
            .into_iter()
            .any(|number| memory.knows(&english(number)))
    }
}

struct Remembered {
    vocab: Vocab,
    memory: Option<Memory<Vec<u8>>>,
}

impl Remembered {
    /// Whether every token of a text followed those before it, as far as these are looked up.
    fn knows(&self, text: &str) -> bool {
        let Some(memory) = &self.memory else {
            return false;
        };
        memory.verify().unwrap();
        let tokens = self.vocab.tokenize(text, TokenizeOptions::default());
        // Its first tokens are others where something stands before them.
        let windows = tokens[2..].windows(CONTEXT_TOKENS_MAX + 1);
        let mut known = windows.map(|window| {
            let (next, context) = window.split_last().unwrap();
            let followers = memory.followers(context);
            let longest = followers
                .first()
                .filter(|one| one.context_tokens == context.len());
            longest.is_some_and(|one| one.tokens.iter().any(|token| token.token == *next))
        });
        known.all(|is_known| is_known)
    }
}

/// Prose in which no sentence comes twice.
pub(crate) fn english(number: usize) -> String {
    const WHO: [&str; 5] = ["fisherman", "baker", "teacher", "ferryman", "doctor"];
    const DID: [&str; 7] = [
        "mended", "painted", "carried", "sold", "counted", "lost", "found",
    ];
    const WHAT: [&str; 11] = [
        "nets", "lamps", "barrels", "ropes", "books", "boats", "apples", "clocks", "bells", "maps",
        "coats",
    ];
    const PLACE: [&str; 4] = ["the pier", "the old hall", "the church", "the mill"];
    let mut text = String::new();
    for part in 0..5 {
        let n = number * 5 + part;
        let (who, did, what) = (WHO[n % 5], DID[n % 7], WHAT[n % 11]);
        let place = PLACE[n % 4];
        let _ = write!(
            text,
            "On day {n} of that year the {who} {did} the {what} by {place}. "
        );
    }
    text.trim_end().to_owned()
}

fn chinese(number: usize) -> String {
    const WHO: [&str; 5] = ["渔夫", "面包师", "老师", "船夫", "医生"];
    const DID: [&str; 7] = [
        "修好了",
        "漆好了",
        "搬走了",
        "卖掉了",
        "数清了",
        "弄丢了",
        "找到了",
    ];
    const WHAT: [&str; 11] = [
        "渔网", "灯笼", "木桶", "绳子", "书本", "小船", "苹果", "钟表", "铃铛", "地图", "大衣",
    ];
    let mut text = String::new();
    for part in 0..5 {
        let n = number * 5 + part;
        let (who, did, what) = (WHO[n % 5], DID[n % 7], WHAT[n % 11]);
        let _ = write!(
            text,
            "到了第{n}天，{who}在码头边上{did}那些{what}，谁也没有说话。"
        );
    }
    text
}

#[test]
fn each_model_remembers_what_is_written_in_its_languages_and_nothing_that_is_held_out() {
    let desk = Desk::new();
    for number in 0..60 {
        let text = format!("{}\n\n{}\n", english(number), chinese(number));
        desk.write(&format!("{number}.md"), &text);
    }
    let mut writer = Writer::new(&[&desk]);
    writer.library.corpus.held_out_percent = 50;
    let id = writer.library.build();
    let made = writer.update(id);
    assert_eq!((made.len(), writer.files().len()), (2, 2), "{made:?}");
    let mut records: Vec<Record> = Vec::new();
    assemble::read_version(&mut writer.library.store, id, |record| {
        records.push(record);
        Ok::<_, AssembleError>(())
    })
    .unwrap();
    let [english, chinese] = [ENGLISH_MODEL, CHINESE_MODEL].map(|model| writer.memory(model));
    let mut sides = [0, 0];
    for record in records {
        let is_held_out = record.split == Split::HeldOut;
        sides[usize::from(is_held_out)] += 1;
        let is_english = record.language == "en";
        let (own, other) = if is_english {
            (&english, &chinese)
        } else {
            (&chinese, &english)
        };
        assert_eq!(own.knows(&record.text), !is_held_out, "{}", record.text);
        assert!(!other.knows(&record.text), "{}", record.text);
    }
    // Of sixty documents all lie on one side once in 2⁵⁹ folders.
    assert!(sides[0] > 0 && sides[1] > 0, "{sides:?}");
}

#[test]
fn a_new_version_replaces_the_memory_and_what_was_taken_away_is_in_none() {
    let (stays, goes) = (Desk::new(), Desk::new());
    for number in 0..9 {
        stays.write(&format!("{number}.md"), &english(STAYS.start + number));
        goes.write(&format!("{number}.md"), &english(GOES.start + number));
    }
    let mut writer = Writer::new(&[&stays, &goes]);
    let first = writer.library.build();
    writer.update(first);
    let old = writer.files();
    assert!(writer.remembers(GOES));
    // Unchanged: not made again.
    let before = fs::metadata(&old[0]).unwrap().modified().unwrap();
    writer.update(first);
    assert_eq!(fs::metadata(&old[0]).unwrap().modified().unwrap(), before);
    // An adapter holds the version: what models remember of the folder goes all the same.
    assemble::pin(&mut writer.library.store, first, "adapter").unwrap();
    writer.library.store.remove_workspace(&goes.root).unwrap();
    sweep(&mut writer.library.store).unwrap();
    forget_old(&writer.directories, &mut writer.library.store).unwrap();
    assert_eq!(writer.all_files(), Vec::<PathBuf>::new());
    let second = writer.library.build();
    writer.update(second);
    assert_ne!(writer.files(), old);
    assert!(writer.remembers(STAYS));
    assert!(!writer.remembers(GOES));
    forget_old(&writer.directories, &mut writer.library.store).unwrap();
    assert_eq!(writer.files().len(), 1, "nothing of it is old");
}

#[test]
fn a_file_that_went_leaves_the_memory_with_the_next_version() {
    let desk = Desk::new();
    for number in 0..9 {
        desk.write(&format!("{number}.md"), &english(STAYS.start + number));
        desk.write(&format!("去{number}.md"), &english(GOES.start + number));
    }
    let mut writer = Writer::new(&[&desk]);
    let id = writer.library.build();
    writer.update(id);
    assert!(writer.remembers(GOES));
    for number in 0..9 {
        fs::remove_file(desk.at(&format!("去{number}.md"))).unwrap();
    }
    let id = writer.library.build();
    writer.update(id);
    assert_eq!(writer.files().len(), 1);
    assert!(!writer.remembers(GOES));
}

#[test]
fn without_wish_or_model_there_is_none_and_a_broken_file_is_made_again() {
    let desk = Desk::new();
    for number in 0..9 {
        desk.write(&format!("{number}.md"), &english(STAYS.start + number));
    }
    let mut writer = Writer::new(&[&desk]);
    let id = writer.library.build();
    writer.update(id);
    let file = writer.files().remove(0);
    fs::write(&file, "broken").unwrap();
    writer.update(id);
    assert!(writer.remembers(STAYS));
    writer.settings.memory.enabled = false;
    assert_eq!(writer.update(id), []);
    assert_eq!(writer.all_files(), Vec::<PathBuf>::new());
    writer.settings.memory.enabled = true;
    fs::remove_file(writer.home.models().join(format!("{ENGLISH_MODEL}.gguf"))).unwrap();
    assert_eq!(writer.update(id), []);
}

#[test]
fn after_any_edits_a_memory_is_that_of_one_made_whole_and_only_what_changed_was_read() {
    let desk = Desk::new();
    for number in 0..12 {
        desk.write(&format!("{number}.md"), &english(number));
        desk.write(&format!("文{number}.md"), &chinese(number));
    }
    let mut writer = Writer::new(&[&desk]);
    let id = writer.library.build();
    writer.update(id);
    let mut state = 7_u64;
    let mut draw = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(state >> 33).unwrap() % below
    };
    for round in 0..8 {
        let mut touched = BTreeSet::new();
        for edit in 0..=draw(3) {
            let (name, fresh) = (draw(16), 1_000 + 10 * round + edit);
            let (path, text) = if draw(2) == 0 {
                (
                    format!("{name}.md"),
                    format!("{} 👩‍👩‍👧 cafe\u{301}", english(fresh)),
                )
            } else {
                (format!("文{name}.md"), format!("{}👩‍👩‍👧", chinese(fresh)))
            };
            if draw(3) == 0 {
                let _may_be_gone = fs::remove_file(desk.at(&path));
            } else {
                desk.write(&path, &format!("{text}\n"));
            }
            touched.insert(path);
        }
        let id = writer.library.build();
        let made = writer.update(id);
        let read: Vec<u32> = made.iter().map(|one| one.read).collect();
        assert!(
            read.iter().all(|read| *read as usize <= touched.len()),
            "{touched:?}: {made:?}"
        );
        let incremental = writer.contents();
        for file in writer.all_files() {
            fs::remove_file(file).unwrap();
        }
        let whole = writer.update(id);
        assert!(whole.iter().all(|one| one.read > 12), "{whole:?}");
        assert!(
            incremental == writer.contents(),
            "round {round}: {touched:?}"
        );
    }
}

#[test]
fn a_model_whose_language_nobody_writes_has_none_and_is_not_looked_for_again() {
    let desk = Desk::new();
    for number in 0..9 {
        desk.write(&format!("{number}.md"), &english(number));
    }
    let mut writer = Writer::new(&[&desk]);
    let id = writer.library.build();
    let made = writer.update(id);
    assert_eq!(made.len(), 1, "{made:?}");
    assert_eq!((writer.all_files().len(), writer.files().len()), (2, 1));
    desk.write("9.md", &english(9));
    let id = writer.library.build();
    let made = writer.update(id);
    assert_eq!((made.len(), made[0].read), (1, 1), "{made:?}");
    assert!(writer.remembers(0..10));
}

#[test]
fn a_model_that_serves_another_language_as_well_remembers_it_with_the_same_version() {
    let desk = Desk::new();
    for number in 0..9 {
        desk.write(&format!("{number}.md"), &english(number));
        desk.write(&format!("文{number}.md"), &chinese(number));
    }
    let mut writer = Writer::new(&[&desk]);
    let id = writer.library.build();
    let before = writer.update(id);
    assert_eq!(before.len(), 2, "{before:?}");
    let completion = &mut writer.settings.model.completion;
    let name = completion.get("zh").cloned();
    let mut tags = completion.iter().map(|(tag, _)| tag.clone());
    let english = tags.find(|tag| tag.as_str() == "en").unwrap();
    drop(tags);
    completion.set(english, name);
    let after = writer.update(id);
    assert_eq!(after.len(), 1, "{after:?}");
    assert!(after[0].documents > before[0].documents);
    assert_eq!(writer.update(id)[0].read, 0);
}
