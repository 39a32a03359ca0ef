//! A repository that somebody prepared so that asking git about it runs their programs.

#![cfg(unix)]

use std::time::Duration;

use inkstone_store::{Identities, Store};
use inkstone_trainer::git::{Authors, FileAuthors, Repository, messages};

use crate::desk::Desk;

const DEADLINE: Duration = Duration::from_secs(60);

/// Settings that make git run a program, with the place of the program left open.
const TRAPS: &[&str] = &[
    "filter.trap.clean",
    "filter.trap.smudge",
    "filter.trap.process",
    "diff.trap.textconv",
    "diff.trap.command",
    "core.fsmonitor",
    "core.sshCommand",
    "core.pager",
    "core.editor",
    "gpg.program",
    "core.askPass",
    "core.alternateRefsCommand",
    "core.gitProxy",
    "credential.helper",
    "diff.external",
    "filter.two words.clean",
    "gpg.ssh.program",
    "pager.blame",
    "pager.log",
    "sequence.editor",
    "trailer.trap.cmd",
    "uploadpack.packObjectsHook",
];

/// A repository of two authors whose settings name a program that leaves a mark.
fn trapped() -> Desk {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    desk.git(&["init", "-q"]);
    desk.write("a.md", "One line of somebody's.\n");
    desk.write(".gitattributes", "* filter=trap diff=trap\n");
    desk.git(&["add", "-A"]);
    desk.git(&["commit", "-q", "-m", "Begin"]);
    desk.write("b.md", "Another.\n");
    desk.git(&["add", "-A"]);
    crate::desk::git(
        &desk.root,
        "Ben <b@x.example>",
        &["commit", "-q", "-m", "Go on"],
    );
    let program = desk.at(".git/trap");
    let mark = desk.at(".git/sprung");
    desk.write(
        ".git/trap",
        &format!("#!/bin/sh\ntouch '{}'\ncat\n", mark.display()),
    );
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    for trap in TRAPS {
        desk.git(&["config", trap, program.to_str().unwrap()]);
    }
    for (command, of) in [
        ("alias.blame", "!"),
        ("alias.log", "!"),
        ("alias.shortlog", "!"),
    ] {
        let named = format!("{of}{}", program.display());
        desk.git(&["config", command, &named]);
    }
    // Settings of another file, and a hook for whatever has one.
    let included = format!("[filter \"far\"]\n\tclean = {}\n", program.display());
    desk.write(".git/more", &included);
    desk.git(&["config", "include.path", "more"]);
    let hooks = program.parent().unwrap().display().to_string();
    desk.git(&["config", "core.hooksPath", &hooks]);
    desk.git(&["config", "filter.trap.required", "true"]);
    desk.git(&["config", "log.showSignature", "true"]);
    desk.git(&["config", "blame.ignoreRevsFile", "not-there"]);
    // Setting the trap may have sprung it.
    let _ = std::fs::remove_file(mark);
    desk
}

#[test]
fn nothing_that_a_repository_names_is_run() {
    let desk = trapped();
    let identities = Identities::of(["ann@new.example"]);
    let database = tempfile::tempdir().unwrap();
    let mut store = Store::open(&database.path().join("db")).unwrap();
    store.add_workspace(&desk.root, &identities, 0).unwrap();
    let workspace = store.workspaces().unwrap().remove(0);
    let mut authors = Authors::of(&workspace, DEADLINE);
    let lines = authors.of_file("a.md", b"One line of somebody's.\nNew.\n", true);
    assert!(matches!(lines, FileAuthors::Lines(_)), "{lines:?}");
    let whole = authors.of_file("b.md", b"Another.\n", false);
    assert!(matches!(whole, FileAuthors::Others(_)), "{whole:?}");
    let repository = Repository::around(&desk.root, &identities, DEADLINE);
    let found = messages::of_owner(&repository.unwrap().unwrap(), "", None, 9).unwrap();
    assert_eq!(found.len(), 1);
    assert!(
        !desk.at(".git/sprung").exists(),
        "a program of the repository's was run"
    );
}

#[test]
fn a_clone_that_lacks_texts_fetches_none_and_runs_nothing_to_do_so() {
    let desk = trapped();
    let program = desk.at(".git/trap");
    let blob = desk.git(&["rev-parse", "HEAD:a.md"]);
    let (folder, rest) = blob.trim().split_at(2);
    std::fs::remove_file(desk.at(&format!(".git/objects/{folder}/{rest}"))).unwrap();
    for (name, value) in [
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", desk.root.to_str().unwrap()),
        ("remote.origin.uploadpack", program.to_str().unwrap()),
    ] {
        desk.git(&["config", name, value]);
    }
    let mark = desk.at(".git/sprung");
    let _ = std::fs::remove_file(&mark);
    let identities = Identities::of(["ann@new.example"]);
    let database = tempfile::tempdir().unwrap();
    let mut store = Store::open(&database.path().join("db")).unwrap();
    store.add_workspace(&desk.root, &identities, 0).unwrap();
    let workspace = store.workspaces().unwrap().remove(0);
    let asked = Authors::of(&workspace, DEADLINE).of_file("a.md", b"Another.\n", true);
    assert!(matches!(asked, FileAuthors::Unknown(_)), "{asked:?}");
    assert!(!mark.exists(), "a program of the repository's was run");
}

#[test]
fn the_traps_are_real() {
    let desk = trapped();
    desk.write("a.md", "Another line.\n");
    desk.git(&["config", "--unset", "blame.ignoreRevsFile"]);
    let _ = std::fs::remove_file(desk.at(".git/sprung"));
    // As a careless program would ask; whether git likes what the trap prints is not the question.
    let _ = std::process::Command::new("git")
        .args(["blame", "a.md"])
        .current_dir(&desk.root)
        .output()
        .unwrap();
    assert!(
        desk.at(".git/sprung").exists(),
        "the test above shows nothing"
    );
}

#[test]
fn settings_that_send_git_elsewhere_are_refused() {
    let elsewhere = Desk::new();
    let desk = trapped();
    desk.git(&["config", "core.worktree", elsewhere.root.to_str().unwrap()]);
    let asked = Repository::around(&desk.root, &Identities::of(["ann@new.example"]), DEADLINE);
    assert!(asked.is_err(), "{asked:?}");
}
