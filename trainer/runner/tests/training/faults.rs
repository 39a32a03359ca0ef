//! What goes wrong around a training: the disk is full when a checkpoint is due, the model is replaced
//! under it.

use std::fs;

use inkstone_store::adapters::hex;
use inkstone_trainer::train::order::{Outcome, Reason, Registered, TrainError};

use crate::desk::{Desk, SHORT, calm, write_prose};

fn registered(outcome: Outcome) -> Registered {
    match outcome {
        Outcome::Registered(registered) => *registered,
        other => panic!("{other:?}"),
    }
}

#[cfg(unix)]
mod full_disk {
    use std::path::Path;
    use std::process::Command;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;
    use std::thread;
    use std::time::Duration;

    use inkstone_protocol::TrainingReport;
    use inkstone_test_support::eventually;
    use inkstone_trainer::train::folder::TrainingFolder;
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    use super::{Desk, Reason, SHORT, calm, fs, hex, registered, write_prose};

    const WAIT: Duration = Duration::from_secs(300);
    /// Names the home of the training whose files may not grow.
    const HOME: &str = "INKSTONE_TEST_FULL_DISK_HOME";
    /// More than a report, less than a checkpoint.
    const FILE_BYTES_MAX: u64 = 32 << 10;

    fn step(desk: &Desk) -> Option<u64> {
        let report = fs::read(desk.directories.training_report()).ok()?;
        let report: TrainingReport = serde_json::from_slice(&report).ok()?;
        (report.pid == std::process::id() && report.steps > 0).then_some(report.step)
    }

    /// From now on no file of this process grows beyond so many bytes: writing fails as on a full disk.
    fn limit_files(bytes: Option<u64>) {
        let maximum = getrlimit(Resource::Fsize).maximum;
        let limit = Rlimit {
            current: bytes.or(maximum),
            maximum,
        };
        setrlimit(Resource::Fsize, limit).unwrap();
    }

    #[test]
    #[ignore = "the part of the test below that has no room on its disk"]
    fn a_child_without_room() {
        // Without a handler the signal ends the process.
        let told = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(signal_hook::consts::SIGXFSZ, told).unwrap();
        let home = std::env::var_os(HOME).unwrap();
        let desk = Desk::at(Path::new(&home), SHORT);
        let mut store = desk.store();
        thread::scope(|scope| {
            scope.spawn(|| {
                // Told as soon as it begins; later steps once a second only, the evaluation after the eighth always.
                eventually(WAIT, "the training", || step(&desk));
                limit_files(Some(FILE_BYTES_MAX));
                // The checkpoint of step 4 is due meanwhile.
                eventually(WAIT, "the eighth step", || {
                    step(&desk).filter(|&step| step >= 8)
                });
                let folder = TrainingFolder::new(&desk.directories.training_dir(), "en");
                assert!(folder.checkpoint().is_none(), "there was room for one");
                let mut files = fs::read_dir(folder.path()).unwrap();
                // What is learned and the curve of it are small.
                let is_whole = files.all(|file| {
                    let name = file.unwrap().file_name();
                    name.to_string_lossy().ends_with(".json")
                });
                assert!(is_whole, "half a file was left");
                limit_files(None);
            });
            desk.train(&mut store, &calm(), Reason::Now);
        });
    }

    #[test]
    fn a_disk_that_is_full_when_a_checkpoint_is_due_costs_the_way_back_and_not_the_training() {
        let desk = Desk::new(SHORT);
        let Some(()) = write_prose(&desk, 60) else {
            return;
        };
        let mut store = desk.store();
        let undisturbed = registered(desk.train(&mut store, &calm(), Reason::Now));
        let child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--ignored",
                "--exact",
                "faults::full_disk::a_child_without_room",
            ])
            .env(HOME, &desk.home)
            .output()
            .unwrap();
        assert!(child.status.success(), "{child:?}");
        let rows = store.adapters().unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(hex(&rows[0].sha256), undisturbed.sha256);
    }
}

#[test]
fn a_model_that_is_replaced_while_it_is_trained_on_gets_no_adapter() {
    let mut desk = Desk::new(SHORT);
    let Some(()) = write_prose(&desk, 60) else {
        return;
    };
    let model = desk.own_models();
    let mut store = desk.store();
    let refused = std::thread::scope(|scope| {
        scope.spawn(|| {
            desk.until_step(1);
            // The same weights with another end: a model that serves, of another hash.
            let mut bytes = fs::read(&model).unwrap();
            bytes.extend_from_slice(b"another");
            let other = model.with_extension("new");
            fs::write(&other, bytes).unwrap();
            fs::rename(other, &model).unwrap();
        });
        desk.try_train(&mut store, &calm(), Reason::Now)
            .unwrap_err()
    });
    let why = format!("{refused:#}");
    assert!(
        matches!(refused.downcast_ref(), Some(TrainError::Replaced { .. })),
        "{why}"
    );
    assert!(
        why.contains("was replaced") && why.contains("inkstone train"),
        "{why}"
    );
    assert!(store.adapters().unwrap().is_empty());
    let files = fs::read_dir(desk.directories.adapters_dir()).unwrap();
    assert_eq!(files.count(), 0);
    // Nothing is left to be gone on with, and no version is held for it.
    assert!(!desk.directories.training_dir().join("en").exists());
    let versions = inkstone_trainer::assemble::versions(&mut store).unwrap();
    assert!(versions.iter().all(|version| version.pins.is_empty()));
}
