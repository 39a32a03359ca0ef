//! `inkstone doctor`: well in a healthy home, and in a broken one the remedy for what is broken.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use inkstone_e2e::home;
use inkstone_e2e::shell::{Finished, inkstone};
use inkstone_e2e::turn::together;
use inkstone_test_support::ENGLISH_MODEL;

/// The exit code for findings.
const FOUND: i32 = 1;

fn said(finished: &Finished) -> String {
    format!("{}{}", finished.stdout, finished.stderr)
}

#[test]
fn a_healthy_home_is_well() {
    let _turn = together();
    let home = home::english_and_chinese();
    inkstone(&home, &["start"]).ok();
    let report = inkstone(&home, &["doctor"]).ok();
    assert!(report.stdout.contains(ENGLISH_MODEL), "{report:?}");
}

#[test]
fn a_missing_model_is_found_with_the_command_that_installs_it() {
    let _turn = together();
    let home = home::with(&[]);
    let report = inkstone(&home, &["doctor"]);
    assert_eq!(report.code, FOUND, "{report:?}");
    let command = format!("inkstone model pull {ENGLISH_MODEL}");
    assert!(said(&report).contains(&command), "{report:?}");
}

#[test]
fn a_truncated_model_is_found() {
    let _turn = together();
    let home = home::with(&[]);
    let whole =
        fs::read(inkstone_test_support::test_models().join(format!("{ENGLISH_MODEL}.gguf")));
    let file = home.models().join(format!("{ENGLISH_MODEL}.gguf"));
    fs::write(&file, &whole.unwrap()[..4_096]).unwrap();
    let report = inkstone(&home, &["doctor"]);
    assert_eq!(report.code, FOUND, "{report:?}");
    assert!(said(&report).contains(ENGLISH_MODEL), "{report:?}");
}

#[test]
fn a_socket_that_others_can_reach_is_found_with_its_remedy() {
    let _turn = together();
    let home = home::english();
    inkstone(&home, &["start"]).ok();
    fs::set_permissions(home.socket(), fs::Permissions::from_mode(0o666)).unwrap();
    let report = inkstone(&home, &["doctor"]);
    assert_eq!(report.code, FOUND, "{report:?}");
    let said = said(&report);
    assert!(
        said.contains("inkstoned.sock") || said.contains("socket"),
        "{said}"
    );
    assert!(
        said.contains("chmod") || said.contains("inkstone st"),
        "a remedy: {said}"
    );
}
