//! Trainings that are stopped, killed and gone on with.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use inkstone_protocol::TrainingReport;
use inkstone_test_support::eventually;
use inkstone_trainer::train::folder::TrainingFolder;
use inkstone_trainer::train::order::{Outcome, Reason, Registered};
use inkstone_trainer::train::quiet::Quiet;

use crate::desk::{Desk, SHORT, calm, write_prose};

const WAIT: Duration = Duration::from_secs(300);
const HOUR: Duration = Duration::from_secs(3_600);
/// Names the home of the training that a child of this test goes on with.
const HOME: &str = "INKSTONE_TEST_TRAINING_HOME";

fn report(desk: &Desk) -> Option<TrainingReport> {
    serde_json::from_slice(&fs::read(desk.directories.training_report()).ok()?).ok()
}

fn registered(outcome: Outcome) -> Registered {
    match outcome {
        Outcome::Registered(registered) => *registered,
        other => panic!("{other:?}"),
    }
}

/// This test program again, to be killed: it trains as the command does, at ordinary priority.
fn child(home: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "interrupted::a_child_that_trains"])
        .env(HOME, home)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
#[ignore = "the part of the tests below that is killed"]
fn a_child_that_trains() {
    let home = std::env::var_os(HOME).unwrap();
    let desk = Desk::at(Path::new(&home), SHORT);
    let mut store = desk.store();
    desk.train(&mut store, &calm(), Reason::Now);
}

/// Stops a training as soon as it has taken so many steps.
fn stopped(desk: &Desk, step: u64) -> Outcome {
    let mut store = desk.store();
    let quiet = calm();
    thread::scope(|scope| {
        scope.spawn(|| {
            eventually(WAIT, "a step", || {
                report(desk)
                    .filter(|report| report.step >= step)
                    .map(|_| quiet.stop())
            });
        });
        desk.train(&mut store, &quiet, Reason::Now)
    })
}

#[test]
fn a_training_that_is_stopped_and_killed_ends_with_the_same_file_to_the_bit() {
    let desk = Desk::new(SHORT);
    let Some(()) = write_prose(&desk, 60) else {
        return;
    };
    let mut store = desk.store();
    let undisturbed = registered(desk.train(&mut store, &calm(), Reason::Now));
    let folder = TrainingFolder::new(&desk.directories.training_dir(), "en");
    assert!(folder.about().is_none());

    let outcome = stopped(&desk, 3);
    assert!(
        matches!(outcome, Outcome::Stopped { step: 3.., .. }),
        "{outcome:?}"
    );
    assert!(folder.about().is_some() && folder.checkpoint().is_some());

    // Twice, each a little further on.
    let mut rest = u64::from(std::process::id() % 5);
    for from in [4, 8] {
        let mut child = child(&desk.home);
        eventually(WAIT, "a step", || {
            let report = report(&desk).filter(|report| report.pid == child.id())?;
            (report.step >= from + rest).then_some(())
        });
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(folder.about().is_some());
        rest = (rest + 2) % 5;
    }
    let resumed = registered(desk.train(&mut store, &calm(), Reason::Now));
    assert_eq!(resumed.sha256, undisturbed.sha256);
    assert_eq!(resumed.decision, undisturbed.decision);
    assert!(folder.about().is_none());
    // One of those that began again would have taken all steps in this process.
    assert!(resumed.facts.seconds < undisturbed.facts.seconds * 3.0);
}

#[test]
fn while_somebody_types_nothing_is_computed_and_what_was_begun_with_another_model_is_begun_anew() {
    let desk = Desk::new(SHORT);
    let Some(()) = write_prose(&desk, 60) else {
        return;
    };
    let folder = TrainingFolder::new(&desk.directories.training_dir(), "en");
    let begin = || {
        let mut store = desk.store();
        let quiet = Quiet::new(HOUR);
        quiet.typed(Duration::ZERO);
        thread::scope(|scope| {
            scope.spawn(|| {
                let waits =
                    |report: TrainingReport| report.waits.filter(|why| why.contains("typing"));
                eventually(WAIT, "the wait", || report(&desk).and_then(waits));
                quiet.stop();
            });
            desk.train(&mut store, &quiet, Reason::Now)
        })
    };
    assert!(matches!(begin(), Outcome::Stopped { step: 0, .. }));
    let about = folder.about().unwrap();
    folder.keep(b"of another model").unwrap();
    let mut other = about.clone();
    other.model_sha256 = "00".repeat(32);
    fs::write(
        folder.path().join("about.json"),
        serde_json::to_vec(&other).unwrap(),
    )
    .unwrap();
    assert!(matches!(begin(), Outcome::Stopped { step: 0, .. }));
    assert_eq!(folder.about().unwrap(), about);
    assert_ne!(folder.checkpoint().unwrap(), b"of another model");
}

#[test]
fn a_checkpoint_that_is_damaged_begins_the_training_anew() {
    let desk = Desk::new(SHORT);
    let Some(()) = write_prose(&desk, 60) else {
        return;
    };
    assert!(matches!(stopped(&desk, 1), Outcome::Stopped { .. }));
    let folder = TrainingFolder::new(&desk.directories.training_dir(), "en");
    let whole = folder.checkpoint().unwrap();
    folder.keep(&whole[..whole.len() / 2]).unwrap();
    let outcome = stopped(&desk, 1);
    assert!(
        matches!(outcome, Outcome::Stopped { step: 1..=3, .. }),
        "{outcome:?}"
    );
}
