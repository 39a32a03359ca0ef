//! `inkstone bench replay` on a small document, as its user runs it.

use std::path::Path;

use inkstone_e2e::home;
use inkstone_e2e::shell::{Finished, inkstone};
use inkstone_e2e::turn::together;
use inkstone_test_support::{ConstantAdapter, ENGLISH_MODEL, Home};

const TEXT: &str = "# 历法 The calendar

Every child in the village learned the calendar before it learned to read, and the teacher asked for it on the first day of each term, when the windows still stood open and nobody wanted to sit. She would point at somebody with her ruler, and whoever it was had to stand up and say the months in order, with the days that each of them has, without looking at the wall, where the calendar hung beside the map.

January has thirty-one days. February has twenty-eight days. March has thirty-one days. April has thirty days. May has thirty-one days. June has thirty days. July has thirty-one days. August has thirty-one days. September has thirty days. October has thirty-one days. November has thirty days. December has thirty-one days.
";

/// Plays the text in a home; `files` are flags and the files that they name.
fn replay(home: &Home, flags: &[&str], files: &[(&str, &Path)]) -> Finished {
    let document = home.scratch().join("calendar.md");
    std::fs::write(&document, TEXT).unwrap();
    let mut arguments = vec!["bench", "replay"];
    for (flag, file) in files.iter().chain(&[("--corpus", document.as_path())]) {
        arguments.extend([*flag, file.to_str().unwrap()]);
    }
    arguments.extend(flags);
    inkstone(home, &arguments)
}

#[test]
fn a_document_is_played_and_what_anybody_would_guess_is_guessed() {
    let _turn = together();
    let home = home::english();
    let numbers = home.scratch().join("numbers.json");
    let points = home.scratch().join("points.jsonl");
    let flags = ["--limit", "6", "--passages", "1", "--preset", "balanced"];
    let table = replay(
        &home,
        &flags,
        &[("--json", &numbers), ("--points", &points)],
    )
    .ok()
    .stdout;
    assert!(table.contains("word starts"), "{table}");
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&numbers).unwrap()).unwrap();
    let english = &report["languages"]["en"];
    assert_eq!(english["points"]["positions"], 6, "{report}");
    assert_eq!(english["points"]["midword"]["positions"], 6, "{report}");
    assert_eq!(english["typing"]["chars"], 240, "{report}");
    let saved = english["typing"]["keystrokes_saved_pct"].as_f64().unwrap();
    assert!(saved > 10.0, "the months are easy to continue: {report}");
    let lines = std::fs::read_to_string(&points).unwrap();
    assert_eq!(lines.lines().count(), 12);
    for line in lines.lines() {
        let point: serde_json::Value = serde_json::from_str(line).unwrap();
        let byte = usize::try_from(point["byte"].as_u64().unwrap()).unwrap();
        let truth = point["truth"].as_str().unwrap();
        assert!(TEXT[byte..].starts_with(truth), "{line}");
        assert_eq!(point["document"], "calendar.md", "{line}");
        let is_asked = point["confidence"]["score"].is_f64();
        assert!(is_asked || point["silence"].is_string(), "{line}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&points).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "it holds words of the document");
    }
}

#[test]
fn policies_are_compared_on_the_same_carets_in_one_table() {
    let _turn = together();
    let home = home::english();
    let table = home.scratch().join("replay.md");
    let mut flags = vec!["--mode", "points", "--limit", "8"];
    flags.extend(["--preset", "balanced,eager", "--without", "score"]);
    let printed = replay(&home, &flags, &[("--table", &table)]).ok().stdout;
    let written = std::fs::read_to_string(&table).unwrap();
    assert_eq!(printed.trim(), written.trim());
    for row in [
        "| all without ",
        "| balanced | ",
        "| balanced without score | ",
        "| eager | ",
        "| score | ",
        "8 carets at word starts",
    ] {
        assert!(written.contains(row), "{row}: {written}");
    }
}

#[test]
fn what_is_left_out_is_left_out_by_the_daemon() {
    let _turn = together();
    let home = home::english();
    let points = home.scratch().join("points.jsonl");
    let flags = ["--mode", "points", "--limit", "4", "--without", "score"];
    replay(&home, &flags, &[("--points", &points)]).ok();
    let lines = std::fs::read_to_string(&points).unwrap();
    for line in lines.lines() {
        let point: serde_json::Value = serde_json::from_str(line).unwrap();
        let confidence = &point["confidence"];
        assert_eq!(
            confidence["score"], confidence["first_word_probability"],
            "{line}"
        );
    }
    let unknown = replay(&home, &["--without", "luck"], &[]);
    assert_eq!(unknown.code, 2, "{unknown:?}");
}

#[test]
fn one_model_can_be_played_for_every_language() {
    let _turn = together();
    let home = home::english();
    let flags = ["--mode", "points", "--limit", "1", "--model", ENGLISH_MODEL];
    let printed = replay(&home, &flags, &[]).ok().stdout;
    assert!(printed.contains(ENGLISH_MODEL), "{printed}");
}

#[test]
fn a_folder_without_documents_is_refused_by_name() {
    let _turn = together();
    let home = home::english();
    let empty = home.scratch().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let folder = empty.to_str().unwrap();
    let refused = inkstone(&home, &["bench", "replay", "--corpus", folder]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stderr.contains("empty"), "{refused:?}");
}

#[test]
fn how_surprising_documents_are_is_measured_as_the_daemon_would_compute_them() {
    let _turn = together();
    let home = home::english();
    let model = home.models().join(format!("{ENGLISH_MODEL}.gguf"));
    let adapter = home.scratch().join("adapter.gguf");
    std::fs::write(&adapter, ConstantAdapter::of(5.0).bytes(&model)).unwrap();
    let numbers = home.scratch().join("numbers.json");
    let generic = home.scratch().join("generic");
    std::fs::create_dir(&generic).unwrap();
    std::fs::write(generic.join("other.md"), crate::sensible::HARBOUR.repeat(8)).unwrap();
    let flags = ["--mode", "nll", "--nll-passages", "2", "--nll-tokens", "64"];
    let files = [
        ("--json", numbers.as_path()),
        ("--adapter", &adapter),
        ("--generic", &generic),
    ];
    let table = replay(&home, &flags, &files).ok().stdout;
    assert!(table.contains("loss, adapter"), "{table}");
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&numbers).unwrap()).unwrap();
    let english = &report["languages"]["en"];
    let (base, worn) = (
        &english["nll_ways"]["base"],
        &english["nll_ways"]["adapter"],
    );
    let nats = |of: &serde_json::Value, key| of[key].as_f64().unwrap();
    assert!(
        nats(worn, "own_nll") > nats(base, "own_nll") + 0.1,
        "{report}"
    );
    assert!(
        nats(worn, "generic_nll") > nats(base, "generic_nll"),
        "{report}"
    );
    assert_eq!(english["own_nll"], worn["own_nll"]);
    // Nothing foretells the first token of a passage.
    assert_eq!(english["own_tokens"], 126, "{report}");
    assert!(english.get("points").is_none() && english.get("typing").is_none());
    // The same passages and the same numbers another time.
    replay(&home, &flags, &files[..1]).ok();
    let again: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&numbers).unwrap()).unwrap();
    let again = nats(&again["languages"]["en"], "own_nll");
    assert!(
        (again - nats(base, "own_nll")).abs() < 1e-6,
        "{again} {report}"
    );
    let nothing = replay(&home, &["--held-out", "--mode", "nll"], &[]);
    assert_ne!(nothing.code, 0, "there is no dataset: {nothing:?}");
}
