//! Nobody else can talk to the daemon or read what it keeps.

use std::fs;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::Path;

use inkstone_e2e::editor::{Editor, at_end};
use inkstone_e2e::home;
use inkstone_e2e::shell::inkstone;
use inkstone_e2e::turn::together;

use crate::sensible::HARBOUR;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_socket_and_the_directories_belong_to_their_owner_alone() {
    let _turn = together();
    let home = home::english();
    let editor = Editor::open(&home, &at_end(HARBOUR));
    assert!(editor.suggestion().is_some());
    assert!(fs::metadata(home.socket()).unwrap().file_type().is_socket());
    assert_eq!(mode(&home.socket()), 0o600);
    let mut checked = Vec::new();
    for folder in ["run", "state", "data", "cache", "config"] {
        let path = home.root().join(folder);
        if path.exists() {
            assert_eq!(mode(&path), 0o700, "{folder}");
            checked.push(folder);
        }
    }
    assert!(
        checked.contains(&"run") && checked.contains(&"state"),
        "{checked:?}"
    );
}

#[test]
fn a_run_directory_that_others_can_enter_is_closed_before_it_is_used() {
    let _turn = together();
    let home = home::english();
    let run = home.root().join("run");
    fs::create_dir(&run).unwrap();
    fs::set_permissions(&run, fs::Permissions::from_mode(0o777)).unwrap();
    // Either way is safe: it makes the directory its owner's, or it refuses to listen there.
    let started = inkstone(&home, &["start"]);
    if started.code == 0 {
        assert_eq!(mode(&run), 0o700);
    } else {
        assert!(started.stderr.contains("run"), "{started:?}");
        assert_eq!(home.daemons(), []);
    }
}
