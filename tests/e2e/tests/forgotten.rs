//! A source is forgotten by the command, with the daemon running: it is in no file of ours afterwards,
//! what models remember of it is gone from the next suggestion, and nobody is asked twice.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use inkstone_e2e::home;
use inkstone_e2e::prose::sentences;
use inkstone_e2e::shell::inkstone;
use inkstone_e2e::turn::together;
use inkstone_e2e::wire::{Wire, question, start_daemon};
use inkstone_test_support::{Home, eventually};

const WAIT: Duration = Duration::from_secs(60);
const HABIT: &str =
    "On the way home we stopped at the old grey lighthouse keeper's brass kettle again";
const CHINESE: &str =
    "回家的路上，我们又在那座灰色旧灯塔的看守人门前停下来，看他把一只铜壶擦得像月亮一样亮。";
const BEGUN: &str =
    "It was late in the day, and cold.\n\nOn the way home we stopped at the old grey lighthouse";
const HABITUAL: &str = "keeper's brass kettle";

/// A folder with letters that say what nothing else says, beside others.
fn writer() -> (Home, PathBuf) {
    let home = home::english_and_chinese();
    let folder = home.scratch().canonicalize().unwrap().join("文稿");
    fs::create_dir_all(folder.join("信")).unwrap();
    for (number, paragraph) in sentences(240).trim().split("\n\n").enumerate() {
        let (place, more) = if number % 2 == 0 {
            (
                format!("信/{number}.md"),
                format!(" {HABIT}, and spoke of number {number}.\n\n{CHINESE}"),
            )
        } else {
            (format!("{number}.md"), String::new())
        };
        let text = format!("# Day {number}\n\n{paragraph}{more}\n");
        fs::write(folder.join(place), text).unwrap();
    }
    (home, folder)
}

fn suggested(wire: &mut Wire, version: u64) -> String {
    wire.complete(question("a", version, BEGUN, 6))
        .outcome
        .unwrap()
        .text
}

/// Files below a folder, but not in another, that hold these bytes.
fn lies_in(folder: &Path, but: &[&Path], bytes: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if but.contains(&path.as_path()) {
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

#[test]
fn a_forgotten_folder_is_in_no_file_and_in_no_suggestion_while_the_daemon_goes_on() {
    let _turn = together();
    let (home, folder) = writer();
    let letters = folder.join("信");
    let (shown, letters_shown) = (folder.to_str().unwrap(), letters.to_str().unwrap());
    let mut wire = start_daemon(&home);
    inkstone(&home, &["workspace", "add", shown, "--yes"]).ok();
    inkstone(&home, &["dataset", "build"]).ok();
    let mut version = 0;
    eventually(WAIT, "it is remembered", || {
        version += 1;
        suggested(&mut wire, version)
            .contains(HABITUAL)
            .then_some(())
    });
    let seen = inkstone(&home, &["forget", "--verify", letters_shown]);
    assert_eq!(seen.code, 3, "{seen:?}");
    let asked = inkstone(&home, &["forget", letters_shown]);
    assert_eq!(asked.code, 2, "{asked:?}");
    assert!(
        asked.stdout.contains("would go") && asked.stderr.contains("--yes"),
        "{asked:?}"
    );
    let gone = inkstone(&home, &["forget", letters_shown, "--yes", "--json"])
        .ok()
        .json();
    assert_eq!(gone["search"]["left"], serde_json::json!([]), "{gone}");
    assert_eq!(gone["daemon"], "told", "{gone}");
    version += 1;
    let text = suggested(&mut wire, version);
    assert!(!text.contains(HABITUAL), "{text}");
    for bytes in [HABIT.as_bytes(), CHINESE.as_bytes()] {
        let found = lies_in(home.root(), &[&folder, home.models()], bytes);
        assert!(found.is_empty(), "{found:?}");
    }
    inkstone(&home, &["forget", "--verify", letters_shown]).ok();
    // The folder beside it is still read, and the letters only once that is wanted.
    let built = inkstone(&home, &["dataset", "build", "--json"]).ok().json();
    assert_eq!(
        built["workspaces"][shown]["files"]["skipped"]["forgotten"], 1,
        "{built}"
    );
    inkstone(&home, &["forget", "--undo", letters_shown]).ok();
    let built = inkstone(&home, &["dataset", "build", "--json"]).ok().json();
    let added = built["workspaces"][shown]["files"]["added"]
        .as_u64()
        .unwrap();
    assert!(added > 20, "{built}");
    let nowhere = inkstone(&home, &["forget", "/nowhere/a.md", "--yes"]);
    assert_eq!(nowhere.code, 2, "{nowhere:?}");
}
