//! What a writer takes back is in no file of theirs any more: neither in the database, nor in its log,
//! nor in what was counted of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use inkstone_protocol::{ScoreParams, ScoreReply, TextScore};
use inkstone_store::corpus::document::At;
use inkstone_store::{Identities, Store, StoreError};
use inkstone_test_support::eventually;
use inkstone_trainer::assemble::{self, AssembleError};
use inkstone_trainer::build::{build, sweep};
use inkstone_trainer::scores::{Effort, Scorer, Unanswered};
use serde_json::Value;

use crate::desk::Desk;
use crate::interrupted::{CHINESE, ENGLISH, Library, SECOND};

const WAIT: Duration = Duration::from_secs(60);
/// What is looked for at a time: too long to be alike by chance, short enough to lie in one page.
const WINDOW_BYTES: usize = 24;
/// More rows than a test has.
const ROWS_MAX: u32 = 1_000;

/// All windows of everything that the database keeps of texts, deflated as it lies there.
fn kept(store: &mut Store) -> BTreeSet<Vec<u8>> {
    let kept: Result<Vec<Vec<u8>>, StoreError> = store.read_corpus(|corpus| {
        let mut kept = Vec::new();
        for row in corpus.documents_from(0, ROWS_MAX)? {
            kept.extend(corpus.reading(row.id)?);
            kept.push(row.likeness);
        }
        for version in corpus.versions()? {
            let records = corpus.version_records_after(version.id, b"", ROWS_MAX)?;
            kept.extend(records.into_iter().map(|(_, bytes)| bytes));
        }
        Ok(kept)
    });
    let mut windows = BTreeSet::new();
    for bytes in kept.unwrap() {
        windows.extend(bytes.chunks_exact(WINDOW_BYTES).map(<[u8]>::to_vec));
    }
    windows
}

/// How many of these lie in any file of the folder.
fn lying(folder: &Path, windows: &BTreeSet<Vec<u8>>) -> usize {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_file() {
            continue;
        }
        let content = fs::read(path).unwrap();
        for window in content.windows(WINDOW_BYTES) {
            if windows.contains(window) {
                found.insert(window.to_vec());
            }
        }
    }
    found.len()
}

/// A library with a folder that stays and one that goes.
fn two_folders() -> (Library, Desk, Desk) {
    let (stays, goes) = (Desk::new(), Desk::new());
    stays.write("a.md", ENGLISH);
    for number in 0..30 {
        let text = format!("# {number}\n\n{CHINESE}第{number}次。\n\n{number}: {SECOND}\n");
        goes.write(&format!("信/{number}.md"), &text);
    }
    goes.write("坏.docx", "no Word file");
    let mut library = Library::new();
    library.add(&stays.root);
    library.add(&goes.root);
    (library, stays, goes)
}

#[test]
fn a_removed_folder_leaves_nothing_in_any_file_of_the_database() {
    let (mut library, stays, goes) = two_folders();
    library.build();
    let before = kept(&mut library.store);
    assert!(library.store.remove_workspace(&goes.root).unwrap());
    assert!(sweep(&mut library.store).unwrap());
    let id = library.build();
    let after = kept(&mut library.store);
    let gone: BTreeSet<Vec<u8>> = before.difference(&after).cloned().collect();
    assert!(gone.len() > 100, "{}", gone.len());
    // Another process has it open still, so the log is there.
    assert_eq!(lying(&library.home.root, &gone), 0);
    assert!(lying(&library.home.root, &after) > 0);
    for name in ["信", "坏.docx"] {
        let name = name.as_bytes().to_vec();
        let holds = |path: std::path::PathBuf| {
            let content = fs::read(path).unwrap();
            content.windows(name.len()).any(|window| window == name)
        };
        let mut files = fs::read_dir(&library.home.root).unwrap();
        assert!(!files.any(|entry| holds(entry.unwrap().path())));
    }
    assert_eq!(library.paths(id), ["a.md"]);
    assert!(stays.at("a.md").exists());
}

#[test]
fn a_paragraph_that_its_writer_deleted_is_in_no_file_after_the_next_build() {
    let (mut library, stays, _goes) = two_folders();
    library.corpus.versions_kept = 1;
    stays.write(
        "a.md",
        &format!("{ENGLISH}\n\n{SECOND} Nobody shall ever read this again.\n"),
    );
    library.build();
    let before = kept(&mut library.store);
    stays.write("a.md", ENGLISH);
    library.build();
    let after = kept(&mut library.store);
    let gone: BTreeSet<Vec<u8>> = before.difference(&after).cloned().collect();
    assert!(gone.len() > 10, "{}", gone.len());
    assert_eq!(lying(&library.home.root, &gone), 0);
}

/// A model whose owner removes a folder while it is asked.
struct Remover<'a> {
    store: Store,
    goes: &'a Path,
}

impl Scorer for Remover<'_> {
    fn score(&mut self, params: ScoreParams) -> Result<ScoreReply, Unanswered> {
        self.store.remove_workspace(self.goes).unwrap();
        let score = |text: &String| TextScore {
            nats: 9.0,
            tokens: 9,
            characters: u32::try_from(text.chars().count()).unwrap(),
        };
        Ok(ScoreReply {
            model: "model".to_owned(),
            model_hash: "hash".to_owned(),
            adapter: None,
            memory: false,
            scores: params.texts.iter().map(score).collect(),
        })
    }
}

#[test]
fn a_folder_that_is_removed_while_it_is_scored_is_in_no_version() {
    let (mut library, _stays, goes) = two_folders();
    let mut remover = Remover {
        store: Store::open(&library.home.at("inkstone.db")).unwrap(),
        goes: &goes.root,
    };
    let effort = Effort {
        time_max: None,
        load: false,
    };
    let built = build(
        &mut library.store,
        &library.corpus,
        &[],
        Some((&mut remover, effort)),
        1,
        &mut |_| (),
    );
    let built = built.unwrap();
    assert!(built.scoring.unwrap().scored > 0);
    assert_eq!(library.paths(built.dataset), ["a.md"]);
    let unswept = library
        .store
        .read_corpus(|corpus| Ok::<_, StoreError>(corpus.unswept()?.len()));
    assert_eq!(unswept.unwrap(), 0);
}

#[test]
fn of_a_removed_folder_nothing_is_excluded_and_no_rule_switched() {
    let (mut library, _stays, goes) = two_folders();
    library.build();
    let workspaces = library.store.workspaces().unwrap();
    let gone = workspaces.iter().find(|one| one.path == goes.root).unwrap();
    let at = At {
        workspace: gone.id.as_i64(),
        path: "信".as_bytes(),
    };
    library.store.remove_workspace(&goes.root).unwrap();
    sweep(&mut library.store).unwrap();
    let excluded = assemble::exclude(&mut library.store, at, 1);
    assert!(matches!(excluded, Err(AssembleError::Removed)));
    let switched = assemble::switch_rule_at(&mut library.store, at, "spaces", false, 1);
    assert!(matches!(switched, Err(AssembleError::Removed)));
}

#[test]
fn a_folder_whose_files_had_all_gone_before_is_forgotten_too() {
    let (mut library, _stays, goes) = two_folders();
    library.build();
    fs::remove_dir_all(goes.at("信")).unwrap();
    fs::remove_file(goes.at("坏.docx")).unwrap();
    // Else it would count as a disk that is away.
    goes.write(".is-there", "");
    let id = library.build();
    assert_eq!(library.paths(id), ["a.md"]);
    // An older version still shows what was in it.
    assert_eq!(assemble::versions(&mut library.store).unwrap().len(), 2);
    library.store.remove_workspace(&goes.root).unwrap();
    sweep(&mut library.store).unwrap();
    let versions = assemble::versions(&mut library.store).unwrap();
    let left: Vec<_> = versions.iter().map(|version| version.id).collect();
    assert_eq!(left, [id]);
}

#[test]
fn a_folder_of_which_nothing_could_be_read_is_forgotten_too() {
    let goes = Desk::new();
    goes.write("坏.docx", "no Word file");
    let mut library = Library::new();
    library.add(&goes.root);
    library.build();
    let workspace = library.store.workspaces().unwrap()[0].id.as_i64();
    let skipped = |library: &mut Library| {
        let after = At {
            workspace,
            path: b"",
        };
        let rows = library
            .store
            .read_corpus(|corpus| corpus.skipped_after(after, 9));
        rows.unwrap().len()
    };
    assert_eq!(skipped(&mut library), 1);
    library.store.remove_workspace(&goes.root).unwrap();
    sweep(&mut library.store).unwrap();
    assert_eq!(skipped(&mut library), 0);
}

fn trainer(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_inkstone-trainer"));
    for (variable, _) in std::env::vars_os() {
        if variable.to_string_lossy().starts_with("INKSTONE_") {
            command.env_remove(variable);
        }
    }
    command
        .env("INKSTONE_HOME", home)
        .env("HOME", home)
        .args(arguments);
    command
}

#[test]
fn a_profile_goes_with_its_version() {
    let (home, desk) = (Desk::new(), Desk::new());
    desk.write("a.md", &format!("{ENGLISH}\n\n{CHINESE}\n"));
    let run = |arguments: &[&str]| {
        let output = trainer(&home.root, arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        output.stdout
    };
    fs::create_dir_all(home.at("data")).unwrap();
    let mut store = Store::open(&home.at("data/inkstone.db")).unwrap();
    store
        .add_workspace(&desk.root, &Identities::default(), 0)
        .unwrap();
    run(&["build"]);
    let answer: Value = serde_json::from_slice(&run(&["profile"])).unwrap();
    let file = Path::new(answer["file"].as_str().unwrap()).to_owned();
    assert!(file.exists());
    // What a process left that was killed while it wrote one.
    let half = file.with_extension("json.2147483632.0.new");
    fs::write(&half, "{").unwrap();
    store.remove_workspace(&desk.root).unwrap();
    run(&["sweep"]);
    assert!(!file.exists() && !half.exists());
}

#[test]
fn the_watcher_ends_with_its_input_in_the_middle_of_a_look_and_what_it_kept_is_whole() {
    let (home, desk) = (Desk::new(), Desk::new());
    for number in 0..4_000 {
        desk.write(
            &format!("{number}.md"),
            &format!("{number} {ENGLISH}\n\n{SECOND}\n"),
        );
    }
    fs::create_dir_all(home.at("data")).unwrap();
    let mut store = Store::open(&home.at("data/inkstone.db")).unwrap();
    store
        .add_workspace(&desk.root, &Identities::default(), 0)
        .unwrap();
    let mut child = trainer(&home.root, &["watch"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut read = || store.read_corpus(|corpus| corpus.document_count()).unwrap();
    eventually(WAIT, "a file that was read", || (read() > 0).then_some(()));
    drop(child.stdin.take());
    let status = eventually(WAIT, "the end", || child.try_wait().unwrap());
    assert!(status.success(), "{status}");
    let documents = read();
    assert!(documents < 4_000, "it went on to the end of the look");
}
