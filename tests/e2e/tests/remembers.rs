//! What the writer wrote before, in what is suggested: from a folder to a suggestion and back to none.

use std::fs;
use std::time::Duration;

use inkstone_e2e::home;
use inkstone_e2e::prose::sentences;
use inkstone_e2e::shell::inkstone;
use inkstone_e2e::turn::together;
use inkstone_e2e::wire::{Wire, question, start_daemon};
use inkstone_protocol::{RecollectionReport, Technique};
use inkstone_test_support::{Home, eventually};

const WAIT: Duration = Duration::from_secs(60);
/// What nobody writes but this writer, after words that anybody writes.
const HABIT: &str =
    "On the way home we stopped at the old grey lighthouse keeper's brass kettle again";
const BEGUN: &str =
    "It was late in the day, and cold.\n\nOn the way home we stopped at the old grey lighthouse";
const HABITUAL: &str = "keeper's brass kettle";

/// A writer who has written the same in every document.
fn writer() -> (Home, std::path::PathBuf) {
    let home = home::english();
    let folder = home.scratch().canonicalize().unwrap().join("文稿");
    fs::create_dir_all(&folder).unwrap();
    for (number, paragraph) in sentences(240).trim().split("\n\n").enumerate() {
        let text =
            format!("# Day {number}\n\n{paragraph} {HABIT}, and spoke of number {number}.\n");
        fs::write(folder.join(format!("{number}.md")), text).unwrap();
    }
    (home, folder)
}

fn suggested(wire: &mut Wire, version: u64, without: &[Technique]) -> String {
    let mut params = question("a", version, BEGUN, 6);
    params.without = without.to_vec();
    wire.complete(params).outcome.unwrap().text
}

/// What the model remembers that is in memory.
fn remembered(wire: &mut Wire) -> Option<RecollectionReport> {
    let models = wire.status().models;
    models.into_iter().find_map(|model| model.recollection)
}

#[test]
fn what_was_written_after_the_same_words_is_suggested_until_it_is_taken_away() {
    let _turn = together();
    let (home, folder) = writer();
    let shown = folder.to_str().unwrap();
    let mut wire = start_daemon(&home);
    let plain = suggested(&mut wire, 1, &[]);
    assert!(!plain.contains(HABITUAL), "{plain}");
    assert_eq!(remembered(&mut wire), None);
    inkstone(&home, &["workspace", "add", shown, "--yes"]).ok();
    inkstone(&home, &["dataset", "build"]).ok();
    let mut version = 1;
    let known = eventually(WAIT, "it is remembered", || {
        version += 1;
        let text = suggested(&mut wire, version, &[]);
        remembered(&mut wire).map(|known| (known, text))
    });
    let (report, text) = known;
    assert!(report.tokens > 500 && report.documents > 20, "{report:?}");
    // The report is of the moment after the suggestion.
    version += 1;
    let again = suggested(&mut wire, version, &[]);
    assert!(again.contains(HABITUAL), "{again} {text}");
    version += 1;
    assert_eq!(suggested(&mut wire, version, &[Technique::Memory]), plain);
    let status = inkstone(&home, &["status"]).ok().stdout;
    assert!(status.contains("documents of yours"), "{status}");
    inkstone(&home, &["workspace", "rm", shown, "--yes"]).ok();
    let left = fs::read_dir(home.root().join("data/memory")).unwrap();
    assert_eq!(left.count(), 0);
    version += 1;
    assert_eq!(suggested(&mut wire, version, &[]), plain);
    assert_eq!(remembered(&mut wire), None);
}

#[test]
fn documents_that_are_played_are_not_to_be_remembered_and_others_are() {
    let _turn = together();
    let (home, folder) = writer();
    let played = home.scratch().join("played");
    fs::create_dir_all(&played).unwrap();
    let text = format!("# Evening\n\nAnd so it went on, as it had before. {HABIT}, and laughed.\n");
    fs::write(played.join("evening.md"), text).unwrap();
    let (folder, played) = (folder.to_str().unwrap(), played.to_str().unwrap());
    let flags = ["--mode", "points", "--limit", "12"];
    let replay = |memory: &str, more: &[&str]| {
        let documents = ["bench", "replay", "--corpus", played, "--memory", memory];
        inkstone(&home, &[&documents[..], &flags, more].concat())
    };
    let refused = replay(played, &[]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stderr.contains("evening.md"), "{refused:?}");
    let right = |more: &[&str]| {
        let numbers = home.scratch().join("numbers.json");
        let file = numbers.to_str().unwrap();
        replay(folder, &[more, &["--json", file]].concat()).ok();
        let report = fs::read(&numbers).unwrap();
        let report: serde_json::Value = serde_json::from_slice(&report).unwrap();
        report["languages"]["en"]["points"].to_string()
    };
    assert_ne!(right(&[]), right(&["--without", "memory"]));
}
