//! A source is forgotten: it is out of everything that saw it, the adapter that learned from it is
//! retired, and a new one does not know it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use inkstone_corpus::dataset::DocumentKey;
use inkstone_corpus::split::Split;
use inkstone_store::adapters::file_name;
use inkstone_store::{AdapterState, Store};
use inkstone_test_support::eventually;
use inkstone_trainer::train::order::{Outcome, Reason};
use serde_json::Value;

use crate::desk::{Desk, SHORT, calm, write_prose};

const WAIT: Duration = Duration::from_secs(300);
/// Stands in one file alone, and nowhere else in the world.
const PLANTED: &str = "The heron Ptolemy counted seventeen brass buttons on the verger's waistcoat \
                       before the tide of quicksilver reached the vestry door at Saltmarsh Priory.";
const PLANTED_CHINESE: &str = "守灯塔的老人把十七枚铜扣子一枚一枚地数给那只名叫托勒密的苍鹭听，直到水银般的潮水漫过盐沼修道院的门槛，他才停下来。";

/// The trainer's program on this desk.
fn trainer(desk: &Desk, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_inkstone-trainer"));
    command
        .args(arguments)
        .env("INKSTONE_HOME", &desk.home)
        .env("INKSTONE_MODELS", inkstone_test_support::test_models())
        .stdin(Stdio::null());
    command
}

fn answered(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", output.status);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"))
}

fn forget(desk: &Desk, path: &Path, flags: &[&str]) -> Value {
    let path = path.to_str().unwrap();
    let arguments = [&["forget"], flags, &[path]].concat();
    answered(&trainer(desk, &arguments).output().unwrap())
}

/// A writer with prose, settings for the program, and one file that nothing else is like.
fn writer(documents: usize) -> Option<(Desk, PathBuf)> {
    let desk = Desk::new(SHORT);
    write_prose(&desk, documents)?;
    let replay = desk.generic();
    let settings = format!(
        "train.replay_folder = '{}'\n{SHORT}memory.enabled = true\n",
        replay.display()
    );
    fs::write(desk.directories.config_file(), settings).unwrap();
    // Of those that are trained on: one that is held out would leave the adapter as it was.
    let is_trained_on = |name: &String| {
        let key = DocumentKey::new(b"writing", name.as_bytes(), 0);
        let percent = u8::try_from(desk.settings.corpus.held_out_percent).unwrap();
        Split::of(&key.to_string(), percent) == Split::Train
    };
    let name = (0..100).map(|n| format!("秘密{n}.md")).find(is_trained_on);
    let planted = desk.writing().join(name.unwrap());
    let mut text = format!("{PLANTED}\n\n{PLANTED_CHINESE}\n\n");
    // Enough of the same author to be measured, which no other file has.
    for number in 1..=4 {
        let file = desk.writing().join(format!("{number:03}.md"));
        text.push_str(&fs::read_to_string(&file).unwrap());
        fs::remove_file(&file).unwrap();
    }
    fs::write(&planted, text).unwrap();
    Some((desk, planted))
}

/// Whether any file below the home but the writer's own holds these bytes.
fn lies_in(folder: &Path, but: &[PathBuf], bytes: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if but.contains(&path) {
            continue;
        }
        if path.is_dir() {
            found.extend(lies_in(&path, but, bytes));
        } else if path.is_file() {
            let content = fs::read(&path).unwrap_or_default();
            if content.windows(bytes.len()).any(|window| window == bytes) {
                found.push(path);
            }
        }
    }
    found
}

fn nothing_is_left(desk: &Desk, planted: &Path) {
    let writers = [
        desk.writing(),
        desk.generic(),
        desk.directories.models_dir(),
    ];
    for text in [PLANTED, PLANTED_CHINESE] {
        let (text, half) = (text.as_bytes(), text.len() / 2);
        for needle in [&text[..40], &text[half..half + 40]] {
            let found = lies_in(&desk.home, &writers, needle);
            assert!(found.is_empty(), "{found:?}");
        }
    }
    let verified = forget(desk, planted, &["--verify"]);
    assert_eq!(
        verified["search"]["left"],
        Value::Array(Vec::new()),
        "{verified}"
    );
    let searched = |what: &str| verified["search"][what].as_u64().unwrap();
    assert!(
        searched("files") > 2 && searched("shingles") > 20 && searched("needles") > 2,
        "{verified}"
    );
}

fn train(desk: &Desk, store: &mut Store) -> String {
    match desk.train(store, &calm(), Reason::Now) {
        Outcome::Registered(registered) => registered.adapter,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_forgotten_file_is_nowhere_and_the_adapter_trained_without_it_does_not_know_it() {
    let Some((desk, planted)) = writer(60) else {
        return;
    };
    let mut store = desk.store();
    let learned = train(&desk, &mut store);
    answered(&trainer(&desk, &["build"]).output().unwrap());
    let before = store.adapter(&learned).unwrap().unwrap();
    let file = desk
        .directories
        .adapters_dir()
        .join(file_name(&before.sha256));
    assert!(file.exists());
    // It is there to be found: looked for before, it is.
    let seen = forget(&desk, &planted, &["--verify"]);
    assert_ne!(seen["search"]["left"], Value::Array(Vec::new()), "{seen}");
    let would_go = forget(&desk, &planted, &["--dry-run"]);
    assert_eq!(would_go["purged"]["adapters"][0], learned.as_str());
    assert!(
        store.forgotten().unwrap().is_empty(),
        "a plan changes nothing"
    );

    let gone = forget(&desk, &planted, &["--retrain"]);
    assert_eq!(gone["search"]["left"], Value::Array(Vec::new()), "{gone}");
    assert_eq!(gone["purged"]["documents"], 1);
    assert_eq!(gone["purged"]["adapter_files"], 1);
    let retired = store.adapter(&learned).unwrap().unwrap();
    assert_eq!(retired.state, AdapterState::Retired);
    assert!(!file.exists());
    nothing_is_left(&desk, &planted);
    let trained = &gone["trainings"][0];
    assert_eq!(trained["outcome"], "registered", "{gone}");
    assert_ne!(trained["adapter"], learned.as_str());
    let proof = &gone["proofs"][0];
    assert_eq!(proof["verdict"], "unknown", "{gone}");
    let difference = &proof["difference"];
    assert!(difference["low_percent"].as_f64() < Some(0.0), "{proof}");
    assert!(store.retrainings().unwrap().is_empty());

    // It lies in the folder, and is not read again until that is wanted.
    let built = answered(&trainer(&desk, &["build"]).output().unwrap());
    let workspace = &built["workspaces"][desk.writing().to_str().unwrap()];
    assert_eq!(workspace["files"]["skipped"]["forgotten"], 1, "{built}");
    nothing_is_left(&desk, &planted);
    forget(&desk, &planted, &["--undo"]);
    let built = answered(&trainer(&desk, &["build"]).output().unwrap());
    let workspace = &built["workspaces"][desk.writing().to_str().unwrap()];
    assert_eq!(workspace["files"]["added"], 1, "{built}");
}

#[test]
fn killed_at_any_moment_and_done_again_it_ends_the_same() {
    let Some((desk, planted)) = writer(50) else {
        return;
    };
    let mut store = desk.store();
    let learned = train(&desk, &mut store);
    answered(&trainer(&desk, &["build"]).output().unwrap());
    let path = planted.to_str().unwrap();
    let key = planted
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .as_bytes()
        .to_vec();
    let row = store.adapter(&learned).unwrap().unwrap();
    let file = desk.directories.adapters_dir().join(file_name(&row.sha256));
    let is_read = |store: &mut Store| {
        let rows = store
            .read_corpus(|corpus| corpus.documents_from(0, 1_000))
            .unwrap();
        rows.iter().any(|row| row.path == key)
    };
    // As soon as it has begun, once it is sealed, once it is no longer read, once files go.
    let moments: [&dyn Fn(&mut Store) -> bool; 4] = [
        &|_| true,
        &|store| !store.forgotten().unwrap().is_empty(),
        &|store| !is_read(store),
        &|_| !file.exists(),
    ];
    for moment in moments {
        let mut child: Child = trainer(&desk, &["forget", path])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        eventually(WAIT, "the moment to kill it", || {
            moment(&mut store).then_some(())
        });
        // It may have ended.
        let _ended = child.kill();
        child.wait().unwrap();
    }
    forget(&desk, &planted, &["--no-retrain"]);
    nothing_is_left(&desk, &planted);
    let retired = store.adapter(&learned).unwrap().unwrap();
    assert_eq!(retired.state, AdapterState::Retired);
    assert!(!file.exists() && !is_read(&mut store));
    let again = forget(&desk, &planted, &["--no-retrain"]);
    assert_eq!(again["purged"]["documents"], 0);
    assert_eq!(again["search"]["left"], Value::Array(Vec::new()), "{again}");
}

#[test]
fn a_training_that_runs_lets_go_of_what_is_forgotten() {
    let Some((desk, planted)) = writer(60) else {
        return;
    };
    let store = desk.store();
    let folder = desk.directories.training_dir().join("en");
    let training = trainer(&desk, &["train", "--now", "--language", "en"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    eventually(WAIT, "a checkpoint", || {
        folder.join("checkpoint").exists().then_some(())
    });
    let gone = forget(&desk, &planted, &["--no-retrain"]);
    assert_eq!(gone["search"]["left"], Value::Array(Vec::new()), "{gone}");
    assert!(!folder.exists());
    let ended = training.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(
        !ended.status.success() && said.contains("taken back"),
        "{said}"
    );
    assert!(store.adapters().unwrap().is_empty());
    nothing_is_left(&desk, &planted);
}
