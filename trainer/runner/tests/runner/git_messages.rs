//! The messages of a writer's own commits.

use std::time::Duration;

use inkstone_store::Identities;
use inkstone_trainer::git::{Repository, messages, proposal};

use crate::desk::Desk;

const DEADLINE: Duration = Duration::from_secs(60);

fn of_owner(desk: &Desk, since: Option<&str>, commits_max: u32) -> Vec<String> {
    let identities = Identities::of(["ann@new.example"]);
    let repository = Repository::around(&desk.root, &identities, DEADLINE);
    let repository = repository.unwrap().unwrap();
    let found = messages::of_owner(&repository, "书", since, commits_max).unwrap();
    assert!(
        found
            .iter()
            .all(|message| message.path == format!("git:书/{}", message.id))
    );
    found.into_iter().map(|message| message.text).collect()
}

fn commit(desk: &Desk, who: &str, message: &str) {
    crate::desk::git(
        &desk.root,
        who,
        &["commit", "-q", "--allow-empty", "-m", message],
    );
}

#[test]
fn the_writers_own_messages_come_newest_first_without_merges_and_others() {
    let desk = Desk::new();
    desk.git(&["init", "-q"]);
    assert_eq!(of_owner(&desk, None, 9), [""; 0]);
    desk.write("a.md", "a");
    desk.git(&["add", "a.md"]);
    commit(
        &desk,
        "Ann <ann@new.example>",
        "Begin the story\n\n写下第一行。",
    );
    let first = desk.git(&["rev-parse", "HEAD"]).trim().to_owned();
    commit(
        &desk,
        "Joann <joann@new.example>",
        "Not the writer, whose address ends alike",
    );
    commit(
        &desk,
        "Ben <ben@x.example>",
        "For ann@new.example, who asked",
    );
    desk.git(&["checkout", "-q", "-b", "side"]);
    commit(&desk, "Ann <Ann@New.example>", "改正错字");
    desk.git(&["checkout", "-q", "main"]);
    commit(&desk, "Ann <ann@new.example>", "fixup! Begin the story");
    desk.git(&[
        "merge",
        "-q",
        "--no-ff",
        "-m",
        "Bring the side home",
        "side",
    ]);
    let all = of_owner(&desk, None, 9);
    assert_eq!(all, ["改正错字", "Begin the story\n\n写下第一行。"]);
    assert_eq!(of_owner(&desk, Some(&first), 9), ["改正错字"]);
    let gone = "0123456789012345678901234567890123456789";
    assert_eq!(of_owner(&desk, Some(gone), 9).len(), 2);
    assert_eq!(of_owner(&desk, None, 1), ["改正错字"]);
}

#[test]
fn who_the_writer_may_be_is_proposed_from_the_repository_and_its_mailmap() {
    let desk = Desk::new();
    desk.git(&["init", "-q"]);
    desk.git(&["config", "user.email", "Ann@New.example"]);
    desk.write(
        ".mailmap",
        "Ann <ann@new.example> <ann@old.example>\nBen <b@x.example> <c@x.example>\n",
    );
    let proposed =
        proposal::emails(&desk.root, std::slice::from_ref(&desk.root), DEADLINE).unwrap();
    for expected in ["ann@new.example", "ann@old.example"] {
        assert!(
            proposed.iter().any(|email| email == expected),
            "{proposed:?}"
        );
    }
    assert!(
        !proposed.iter().any(|email| email == "b@x.example"),
        "{proposed:?}"
    );
}
