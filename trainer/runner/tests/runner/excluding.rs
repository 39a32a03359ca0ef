//! What a person excluded stays out when it is renamed, moved or copied; whose it is and which rules are
//! off there go with it.

use std::fs;
use std::time::Duration;

use inkstone_store::Mark;
use inkstone_store::corpus::document::At;
use inkstone_test_support::eventually;
use inkstone_trainer::assemble;

use crate::desk::Desk;
use crate::interrupted::{CHINESE, ENGLISH, Library, SECOND};

const WAIT: Duration = Duration::from_secs(60);
const OTHER: &str =
    "砚台放在窗边，雨水顺着屋檐落下来，我在纸上写了一封很长的信，寄给住在海边的老朋友。";

/// A folder with four texts, and its number in the database.
fn library(desk: &Desk) -> (Library, i64) {
    desk.write("a.md", ENGLISH);
    desk.write("信/b.md", CHINESE);
    desk.write("信/c.md", SECOND);
    desk.write("d.md", OTHER);
    let mut library = Library::new();
    library.add(&desk.root);
    let id = library.build();
    assert_eq!(library.paths(id), ["a.md", "d.md", "信/b.md", "信/c.md"]);
    let workspace = library.store.workspaces().unwrap()[0].id.as_i64();
    (library, workspace)
}

fn exclude(library: &mut Library, workspace: i64, path: &str) {
    let path = path.as_bytes();
    assemble::exclude(&mut library.store, At { workspace, path }, 1).unwrap();
}

fn include(library: &mut Library, workspace: i64, path: &str) -> bool {
    let path = path.as_bytes();
    assemble::include(&mut library.store, At { workspace, path }).unwrap()
}

fn built(library: &mut Library) -> Vec<String> {
    let id = library.build();
    library.paths(id)
}

#[test]
fn an_excluded_file_stays_out_under_every_name_and_can_be_brought_back_by_the_last() {
    let desk = Desk::new();
    let (mut library, workspace) = library(&desk);
    exclude(&mut library, workspace, "a.md");
    assert_eq!(built(&mut library), ["d.md", "信/b.md", "信/c.md"]);
    fs::rename(desk.at("a.md"), desk.at("👩‍👩‍👧.md")).unwrap();
    assert_eq!(built(&mut library), ["d.md", "信/b.md", "信/c.md"]);
    fs::rename(desk.at("👩‍👩‍👧.md"), desk.at("信/a.md")).unwrap();
    assert_eq!(built(&mut library), ["d.md", "信/b.md", "信/c.md"]);
    // Another text under the old name is another text.
    desk.write("a.md", "The bakery opens before dawn, and by six the whole street smells of bread and of the coal that heats the two old ovens.");
    assert_eq!(built(&mut library), ["a.md", "d.md", "信/b.md", "信/c.md"]);
    assert!(!include(&mut library, workspace, "a.md"));
    assert!(include(&mut library, workspace, "信/a.md"));
    assert_eq!(
        built(&mut library),
        ["a.md", "d.md", "信/a.md", "信/b.md", "信/c.md"]
    );
}

#[test]
fn git_mv_and_a_change_in_one_take_the_exclusion_along() {
    let desk = Desk::new();
    desk.git(&["init", "-q"]);
    let (mut library, workspace) = library(&desk);
    desk.git(&["add", "-A"]);
    desk.git(&["commit", "-q", "-m", "all"]);
    exclude(&mut library, workspace, "信/b.md");
    assert_eq!(built(&mut library), ["a.md", "d.md", "信/c.md"]);
    desk.git(&["mv", "信/b.md", "b.md"]);
    assert_eq!(built(&mut library), ["a.md", "d.md", "信/c.md"]);
    if fs::metadata(desk.at("b.md")).unwrap().created().is_err() {
        return eprintln!("skipped: this file system keeps no time of birth");
    }
    // The number of a file is relied on once it is older than the clock ticks.
    eventually(WAIT, "no file is young", || {
        let built = library.try_build(&[]).unwrap();
        let files = &built.workspaces[&desk.root].files;
        (files.opened == 0).then_some(())
    });
    desk.git(&["mv", "b.md", "信/新.md"]);
    desk.write(
        "信/新.md",
        &format!("{CHINESE}后来雨停了，我们才慢慢走回家去。"),
    );
    assert_eq!(built(&mut library), ["a.md", "d.md", "信/c.md"]);
}

#[test]
fn an_excluded_folder_stays_out_under_another_name_and_a_file_that_leaves_it_comes_in() {
    let desk = Desk::new();
    let (mut library, workspace) = library(&desk);
    exclude(&mut library, workspace, "信");
    assert_eq!(built(&mut library), ["a.md", "d.md"]);
    fs::create_dir(desk.at("书")).unwrap();
    fs::rename(desk.at("信"), desk.at("书/旧信")).unwrap();
    assert_eq!(built(&mut library), ["a.md", "d.md"]);
    // Its owner takes it out of what they excluded.
    fs::rename(desk.at("书/旧信/b.md"), desk.at("b.md")).unwrap();
    assert_eq!(built(&mut library), ["a.md", "b.md", "d.md"]);
    assert!(include(&mut library, workspace, "书/旧信"));
    assert_eq!(
        built(&mut library),
        ["a.md", "b.md", "d.md", "书/旧信/c.md"]
    );
}

#[test]
fn a_copy_is_out_as_long_as_it_says_the_same_and_its_original_may_change_or_go() {
    let desk = Desk::new();
    let (mut library, workspace) = library(&desk);
    desk.write("old/a.md", ENGLISH);
    // Of two that say the same the one would come in for the other.
    exclude(&mut library, workspace, "a.md");
    assert_eq!(built(&mut library), ["d.md", "信/b.md", "信/c.md"]);
    desk.write("信/copy.md", ENGLISH);
    assert_eq!(built(&mut library), ["d.md", "信/b.md", "信/c.md"]);
    // A copy that became a text of its own.
    desk.write("信/copy.md", "The bakery opens before dawn, and by six the whole street smells of bread and of the coal that heats the two old ovens.");
    assert_eq!(
        built(&mut library),
        ["d.md", "信/b.md", "信/c.md", "信/copy.md"]
    );
    // What the original said before it changed was not wanted, and is not.
    desk.write("a.md", &format!("{ENGLISH} It rained."));
    assert_eq!(
        built(&mut library),
        ["d.md", "信/b.md", "信/c.md", "信/copy.md"]
    );
    fs::remove_file(desk.at("a.md")).unwrap();
    assert_eq!(
        built(&mut library),
        ["d.md", "信/b.md", "信/c.md", "信/copy.md"]
    );
    assert!(include(&mut library, workspace, "old/a.md"));
    assert_eq!(
        built(&mut library),
        ["d.md", "old/a.md", "信/b.md", "信/c.md", "信/copy.md"]
    );
}

#[test]
fn a_copy_in_another_folder_comes_back_when_the_folder_of_the_original_is_removed() {
    let (desk, second) = (Desk::new(), Desk::new());
    let (mut library, workspace) = library(&desk);
    second.write("copy.md", ENGLISH);
    library.add(&second.root);
    exclude(&mut library, workspace, "a.md");
    assert_eq!(built(&mut library), ["d.md", "信/b.md", "信/c.md"]);
    library.store.remove_workspace(&desk.root).unwrap();
    assert_eq!(built(&mut library), ["copy.md"]);
}

#[test]
fn whose_a_file_is_and_the_rules_that_are_off_there_go_with_it() {
    let desk = Desk::new();
    let (mut library, workspace) = library(&desk);
    library
        .store
        .mark(&desk.at("a.md"), Some(Mark::NotMine))
        .unwrap();
    let at = |path: &'static str| At {
        workspace,
        path: path.as_bytes(),
    };
    assemble::switch_rule_at(&mut library.store, at("d.md"), "spaces", false, 1).unwrap();
    assert_eq!(built(&mut library), ["d.md", "信/b.md", "信/c.md"]);
    fs::rename(desk.at("a.md"), desk.at("信/a.md")).unwrap();
    fs::rename(desk.at("d.md"), desk.at("信/d.md")).unwrap();
    assert_eq!(built(&mut library), ["信/b.md", "信/c.md", "信/d.md"]);
    let off = assemble::rules_off(&mut library.store).unwrap();
    let is_of = |path: &str| off[0].is_of("spaces", workspace, path.as_bytes());
    assert!(off.len() == 1 && is_of("信/d.md"), "{off:?}");
    // Read with it from the first look on, so that nothing is read again.
    let again = library.try_build(&[]).unwrap();
    let looked = &again.workspaces[&desk.root];
    assert_eq!(looked.files.changed, 0, "{looked:?}");
    let marks = library.store.workspaces().unwrap().remove(0).marks;
    assert_eq!(marks.keys().collect::<Vec<_>>(), ["信/a.md"]);
}

#[test]
fn a_file_that_moves_from_an_excluded_folder_to_a_known_one_does_not_take_that_along() {
    let desk = Desk::new();
    let (mut library, workspace) = library(&desk);
    desk.write("private/e.md", "The bakery opens before dawn, and by six the whole street smells of bread and of the coal that heats the two old ovens.");
    exclude(&mut library, workspace, "private");
    assert_eq!(built(&mut library), ["a.md", "d.md", "信/b.md", "信/c.md"]);
    fs::rename(desk.at("private/e.md"), desk.at("信/e.md")).unwrap();
    fs::remove_dir(desk.at("private")).unwrap();
    assert_eq!(built(&mut library), ["a.md", "d.md", "信/b.md", "信/c.md"]);
    assert!(include(&mut library, workspace, "信/e.md"));
    assert_eq!(
        built(&mut library),
        ["a.md", "d.md", "信/b.md", "信/c.md", "信/e.md"]
    );
}

#[test]
fn files_of_an_excluded_folder_that_part_stay_out_and_their_new_folders_do_not() {
    let desk = Desk::new();
    let (mut library, workspace) = library(&desk);
    exclude(&mut library, workspace, "信");
    assert_eq!(built(&mut library), ["a.md", "d.md"]);
    for folder in ["x", "y"] {
        fs::create_dir(desk.at(folder)).unwrap();
    }
    fs::rename(desk.at("信/b.md"), desk.at("x/b.md")).unwrap();
    fs::rename(desk.at("信/c.md"), desk.at("y/c.md")).unwrap();
    fs::remove_dir(desk.at("信")).unwrap();
    assert_eq!(built(&mut library), ["a.md", "d.md"]);
    desk.write("y/e.md", "The bakery opens before dawn, and by six the whole street smells of bread and of the coal that heats the two old ovens.");
    assert_eq!(built(&mut library), ["a.md", "d.md", "y/e.md"]);
}

#[test]
fn a_copy_that_is_found_after_its_original_was_changed_stays_out() {
    let desk = Desk::new();
    let (mut library, workspace) = library(&desk);
    exclude(&mut library, workspace, "a.md");
    assert_eq!(built(&mut library), ["d.md", "信/b.md", "信/c.md"]);
    desk.write("信/copy.md", ENGLISH);
    desk.write("a.md", &format!("{ENGLISH} It rained."));
    assert_eq!(built(&mut library), ["d.md", "信/b.md", "信/c.md"]);
    assert!(include(&mut library, workspace, "信/copy.md"));
    assert_eq!(
        built(&mut library),
        ["d.md", "信/b.md", "信/c.md", "信/copy.md"]
    );
}
