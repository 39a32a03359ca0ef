//! What changed since the last look, whatever happened in between.

use std::fs::{self, File};

use inkstone_trainer::rescan::RescanError;

use crate::desk::Desk;

#[test]
fn added_changed_removed_and_unchanged_files_are_told_apart() {
    let mut desk = Desk::new();
    for name in ["a.md", "b.md", "c.md", "书/d.md"] {
        desk.write(name, name);
    }
    assert_eq!(desk.look(), ["+ a.md", "+ b.md", "+ c.md", "+ 书/d.md"]);
    assert_eq!(desk.look(), [""; 0]);
    desk.write("b.md", "another");
    fs::remove_file(desk.at("c.md")).unwrap();
    desk.write("b2.md", "new");
    assert_eq!(desk.look(), ["~ b.md", "+ b2.md", "- c.md"]);
    fs::remove_dir_all(desk.at("书")).unwrap();
    assert_eq!(desk.look(), ["- 书/d.md"]);
    assert_eq!(desk.look(), [""; 0]);
}

#[test]
fn a_change_of_the_same_size_with_the_time_set_back_is_found() {
    let mut desk = Desk::new();
    desk.write("a.md", "one");
    let modified = fs::metadata(desk.at("a.md")).unwrap().modified().unwrap();
    desk.look();
    desk.write("a.md", "two");
    let file = File::options().write(true).open(desk.at("a.md")).unwrap();
    file.set_modified(modified).unwrap();
    assert_eq!(desk.look(), ["~ a.md"]);
}

#[test]
fn another_time_with_the_same_content_is_no_change() {
    let mut desk = Desk::new();
    desk.write("a.md", "one");
    desk.look();
    let file = File::options().write(true).open(desk.at("a.md")).unwrap();
    file.set_modified(std::time::SystemTime::UNIX_EPOCH)
        .unwrap();
    let (tally, looked) = desk.tally(&[""]);
    assert_eq!(looked, [""; 0]);
    assert_eq!((tally.opened, tally.changed), (1, 0));
}

#[test]
fn renamed_and_moved_files_are_recognised_wherever_they_go() {
    let mut desk = Desk::new();
    for name in ["a.md", "m.md", "z.md"] {
        desk.write(name, name);
    }
    desk.look();
    // Before and behind where it stood, and into a folder.
    fs::rename(desk.at("m.md"), desk.at("b.md")).unwrap();
    fs::create_dir(desk.at("书")).unwrap();
    fs::rename(desk.at("a.md"), desk.at("书/甲.md")).unwrap();
    let mut looked = desk.look();
    looked.sort();
    assert_eq!(looked, ["a.md > 书/甲.md", "m.md > b.md"]);
    fs::rename(desk.at("书"), desk.at("a")).unwrap();
    assert_eq!(desk.look(), ["书/甲.md > a/甲.md"]);
    assert_eq!(desk.known(), ["a/甲.md", "b.md", "z.md"]);
}

#[test]
fn a_file_that_was_renamed_and_edited_is_recognised_by_its_number() {
    let mut desk = Desk::new();
    desk.write("a.md", "one");
    if fs::metadata(desk.at("a.md")).unwrap().created().is_err() {
        return eprintln!("skipped: this file system keeps no time of birth");
    }
    // The number is kept of a settled file only.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while desk.tally(&[""]).0.opened > 0 {
        assert!(std::time::Instant::now() < deadline, "never settled");
        std::thread::yield_now();
    }
    fs::rename(desk.at("a.md"), desk.at("b.md")).unwrap();
    desk.write("b.md", "two");
    assert_eq!(desk.look(), ["a.md > b.md"]);
}

#[test]
fn a_copy_is_new_and_the_original_stays() {
    let mut desk = Desk::new();
    desk.write("b.md", "one");
    desk.look();
    fs::copy(desk.at("b.md"), desk.at("a.md")).unwrap();
    assert_eq!(desk.look(), ["+ a.md"]);
    // Of two that go, each becomes one of two that come.
    fs::rename(desk.at("a.md"), desk.at("c.md")).unwrap();
    fs::rename(desk.at("b.md"), desk.at("d.md")).unwrap();
    let looked = desk.look();
    assert_eq!(looked.len(), 2, "{looked:?}");
    assert!(looked.iter().all(|line| line.contains(" > ")), "{looked:?}");
    assert_eq!(desk.known(), ["c.md", "d.md"]);
}

#[test]
fn empty_files_are_not_taken_for_each_other() {
    let mut desk = Desk::new();
    desk.write("a.md", "");
    desk.look();
    fs::remove_file(desk.at("a.md")).unwrap();
    desk.write("b.md", "");
    let looked = desk.look();
    // The file system may give the number again, but not the time of birth.
    assert_eq!(looked, ["+ b.md", "- a.md"]);
}

#[test]
fn what_is_ignored_from_now_on_is_removed() {
    let mut desk = Desk::new();
    desk.write("日记/a.md", "a");
    desk.write("b.md", "b");
    desk.look();
    desk.write(".inkstoneignore", "日记\n");
    assert_eq!(desk.look(), ["- 日记/a.md"]);
    fs::remove_file(desk.at(".inkstoneignore")).unwrap();
    assert_eq!(desk.look(), ["+ 日记/a.md"]);
}

#[test]
fn a_look_at_one_place_says_nothing_of_others() {
    let mut desk = Desk::new();
    for name in ["a/x.md", "a.md", "ab/x.md", "b.md"] {
        desk.write(name, name);
    }
    desk.look();
    for name in ["a/x.md", "a.md", "ab/x.md", "b.md"] {
        fs::remove_file(desk.at(name)).unwrap();
    }
    assert_eq!(desk.look_at(&["b.md"]), ["- b.md"]);
    assert_eq!(desk.look_at(&["a", "a/x.md"]), ["- a/x.md"]);
    assert_eq!(desk.known(), ["a.md", "ab/x.md"]);
    assert_eq!(desk.look(), ["- a.md", "- ab/x.md"]);
}

#[test]
fn a_workspace_that_is_not_there_is_not_gone() {
    let mut desk = Desk::new();
    desk.write("a.md", "a");
    desk.look();
    let away = desk.root.with_extension("away");
    fs::rename(&desk.root, &away).unwrap();
    let scopes = [String::new()];
    let mut ledger = inkstone_trainer::ledger::MemoryLedger::new(|_| panic!("nothing changed"));
    let looked =
        inkstone_trainer::rescan::rescan_at(&desk.root, &scopes, &desk.options, &mut ledger);
    fs::rename(&away, &desk.root).unwrap();
    let error = looked.unwrap_err();
    assert!(matches!(error, RescanError::Walk(_)), "{error}");
    assert!(error.to_string().contains("workspace rm"), "{error}");
    assert_eq!(desk.look(), [""; 0]);
}

#[test]
fn many_files_over_many_pages_are_merged_without_a_loss() {
    let mut desk = Desk::new();
    let name = |number: usize| format!("{}/{number}.md", number % 7);
    for number in 0..2_000 {
        desk.write(&name(number), &number.to_string());
    }
    assert_eq!(desk.tally(&[""]).0.added, 2_000);
    assert_eq!(desk.tally(&[""]).0.removed, 0);
    for number in (0..2_000).step_by(3) {
        fs::remove_file(desk.at(&name(number))).unwrap();
    }
    for number in 2_000..2_500 {
        desk.write(&name(number), &number.to_string());
    }
    let (tally, _) = desk.tally(&[""]);
    assert_eq!((tally.added, tally.removed, tally.changed), (500, 667, 0));
    assert_eq!(desk.known().len(), 2_000 + 500 - 667);
}
