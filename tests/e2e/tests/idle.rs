//! An idle daemon: memory is given back in two steps, and then nothing wakes it.

use std::time::Duration;

use inkstone_e2e::editor::{Editor, at_end};
use inkstone_e2e::home;
use inkstone_e2e::prose::sentences;
use inkstone_e2e::shell::inkstone;
use inkstone_e2e::turn::together;
use inkstone_e2e::wire::Wire;
use inkstone_protocol::{ModelReport, ModelState, Release, ReleaseReason, Released};
use inkstone_test_support::{ENGLISH_MODEL, Home, HomeProcess, PATIENT_SETTINGS, eventually};

use crate::sensible::{HARBOUR, Script, assert_sensible};

const WAIT: Duration = Duration::from_secs(60);

/// A home whose daemon gives memory back so soon after the last request; 0 keeps it.
fn home_that_rests(kv_release_s: u32, unload_s: u32) -> Home {
    let home = home::english();
    home.write_config(&format!(
        "{PATIENT_SETTINGS}idle_kv_release_s = {kv_release_s}\nidle_unload_s = {unload_s}\n"
    ));
    home
}

fn english(wire: &mut Wire) -> ModelReport {
    let models = wire.status().models;
    let mut english = models
        .into_iter()
        .filter(|model| model.name == ENGLISH_MODEL);
    english.next().unwrap()
}

fn until(wire: &mut Wire, state: ModelState) -> ModelReport {
    eventually(WAIT, &format!("a model that is {state:?}"), || {
        Some(english(wire)).filter(|model| model.state == state)
    })
}

fn given_back(what: Released) -> Release {
    let why = ReleaseReason::Idle;
    Release { what, why }
}

/// The daemon, once it sleeps.
fn asleep(home: &Home) -> (HomeProcess, inkstone_test_support::Activity) {
    let daemon = home.daemons().remove(0);
    let mut last = None;
    let activity = eventually(WAIT, "a daemon that sleeps", || {
        let now = daemon.activity()?;
        (last.replace(now) == Some(now)).then_some(now)
    });
    (daemon, activity)
}

#[test]
fn memory_is_given_back_in_two_steps_and_the_next_key_brings_the_model_back() {
    let _turn = together();
    let home = home_that_rests(1, 3);
    let mut editor = Editor::open(&home, &at_end(HARBOUR));
    assert!(editor.suggestion().is_some());
    let mut wire = Wire::greeted(&home.socket());
    let working_mb = wire.status().rss_mb;
    let resting = until(&mut wire, ModelState::Resting);
    assert_eq!(resting.released, Some(given_back(Released::Context)));
    assert!(
        resting.weights_mb > 50.0 && resting.kv_mb == 0.0,
        "{resting:?}"
    );
    let resting_mb = wire.status().rss_mb;
    // The cache alone is 90 MiB.
    assert!(
        working_mb - resting_mb > 80.0,
        "{working_mb} → {resting_mb}"
    );
    let away = until(&mut wire, ModelState::Unloaded);
    assert_eq!(away.released, Some(given_back(Released::Weights)));
    let away_mb = wire.status().rss_mb;
    assert!(resting_mb - away_mb > 80.0, "{resting_mb} → {away_mb}");
    assert!(away_mb < 60.0, "{away_mb} MiB are held for nothing");
    let words = inkstone(&home, &["status"]).ok().stdout;
    assert!(
        words.contains("gave back its memory: nobody asked"),
        "{words}"
    );
    editor.type_text(" and");
    assert_sensible(&editor.suggestion().unwrap(), Script::Latin);
    let back = until(&mut wire, ModelState::Loaded);
    assert_eq!((back.loads, back.released), (2, None));
}

#[test]
fn a_context_alone_comes_back_without_reading_the_weights_again() {
    let _turn = together();
    let home = home_that_rests(1, 0);
    let mut editor = Editor::open(&home, &at_end(HARBOUR));
    assert!(editor.suggestion().is_some());
    let mut wire = Wire::greeted(&home.socket());
    until(&mut wire, ModelState::Resting);
    editor.type_text(" and");
    assert_sensible(&editor.suggestion().unwrap(), Script::Latin);
    assert_eq!(english(&mut wire).loads, 1);
}

/// Seconds pass for another daemon: it serves, waits out its idle time and gives back memory.
#[cfg(target_os = "linux")]
fn one_that_comes_to_rest() -> (Editor, Home) {
    let home = home_that_rests(1, 3);
    let editor = Editor::open(&home, &at_end(HARBOUR));
    assert!(editor.suggestion().is_some());
    until(&mut Wire::greeted(&home.socket()), ModelState::Unloaded);
    (editor, home)
}

/// Files of a process that have no name, with their permission bits.
#[cfg(target_os = "linux")]
fn nameless_files(pid: u32) -> Vec<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    let open = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
    let links = open.filter_map(|file| {
        let link = file.ok()?.path();
        let place = std::fs::read_link(&link).ok()?;
        let is_ours = place.to_string_lossy().contains("nameless");
        assert!(!is_ours || place.to_string_lossy().ends_with("(deleted)"));
        is_ours.then(|| std::fs::metadata(&link).unwrap().permissions().mode() & 0o777)
    });
    links.collect()
}

#[cfg(target_os = "linux")]
#[test]
fn what_was_read_of_a_document_lies_where_nobody_finds_it_and_goes_with_the_document() {
    let _turn = together();
    let home = home_that_rests(1, 2);
    let mut editor = Editor::open(&home, &at_end(&format!("{}{HARBOUR}", sentences(30))));
    assert!(editor.suggestion().is_some());
    let mut wire = Wire::greeted(&home.socket());
    until(&mut wire, ModelState::Unloaded);
    let status = wire.status();
    assert_eq!(status.memory.saved_documents, 1, "{status:?}");
    assert_eq!(nameless_files(status.pid), [0o600]);
    let cache = std::fs::read_dir(home.root().join("cache")).unwrap();
    assert_eq!(cache.count(), 0, "it has no name");
    let words = inkstone(&home, &["status"]).ok().stdout;
    assert!(words.contains("what was read of 1 documents"), "{words}");
    // The next key finds what was read.
    editor.type_text(" and");
    assert_sensible(&editor.suggestion().unwrap(), Script::Latin);
    let cost = &editor.status()["document"]["cost"];
    assert!(cost["tokens"]["prefilled"].as_u64().unwrap() < 20, "{cost}");
    assert_eq!(wire.status().memory.saved_documents, 0);
    until(&mut wire, ModelState::Unloaded);
    assert_eq!(wire.status().memory.saved_documents, 1);
    // An editor that leaves without a word closes what it had open.
    drop(editor);
    eventually(WAIT, "nothing kept", || {
        let kept = wire.status().memory.saved_documents;
        (kept == 0 && nameless_files(status.pid).is_empty()).then_some(())
    });
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_wakes_a_daemon_that_nobody_asks_with_an_editor_open_or_not() {
    let _turn = together();
    let idle = home_that_rests(1, 1);
    let editor = Editor::open(&idle, &at_end(HARBOUR));
    assert!(editor.suggestion().is_some());
    let mut wire = Wire::greeted(&idle.socket());
    until(&mut wire, ModelState::Unloaded);
    drop(wire);
    let (daemon, before) = asleep(&idle);
    let _another = one_that_comes_to_rest();
    assert_eq!(daemon.activity(), Some(before), "an idle daemon was woken");
    // Nobody connected, and the models wait in memory for ever: no deadline, no waking.
    let waiting = home_that_rests(0, 0);
    inkstone(&waiting, &["start"]).ok();
    let (daemon, before) = asleep(&waiting);
    let _another = one_that_comes_to_rest();
    assert_eq!(daemon.activity(), Some(before), "an idle daemon was woken");
}
