//! The real watcher on real folders: what happened is looked at, once, and soon.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use inkstone_test_support::eventually;
use inkstone_trainer::ledger::{Heard, MemoryLedger};
use inkstone_trainer::options::{ReadingOptions, WatchOptions};
use inkstone_trainer::rescan::rescan_at;
use inkstone_trainer::watch::{self, Events, Follower, LookEnd, Notice, Waker, Wish};

use crate::desk::{Desk, shown};

/// Long against what a busy machine takes; reached only when something is broken.
const WAIT: Duration = Duration::from_secs(60);

const OPTIONS: WatchOptions = WatchOptions {
    quiet: Duration::from_millis(80),
    watches_max: 1_000,
    poll: Duration::from_secs(3_600),
};

/// A watcher at work in a thread of its own, until it is dropped.
struct Watching {
    waker: Waker,
    heard: Arc<Mutex<Vec<String>>>,
    hold: Arc<Hold>,
    thread: Option<JoinHandle<()>>,
}

struct Recorder {
    root: PathBuf,
    reading: ReadingOptions,
    ledger: MemoryLedger<Box<dyn FnMut(Heard)>>,
    heard: Arc<Mutex<Vec<String>>>,
    hold: Arc<Hold>,
}

/// Keeps a look from going on, or has it fail.
#[derive(Default)]
struct Hold {
    held: Mutex<()>,
    is_looking: AtomicBool,
    fails: AtomicBool,
}

impl Follower for Recorder {
    fn look(&mut self, _workspace: usize, wish: &Wish) -> LookEnd {
        self.hold.is_looking.store(true, Ordering::SeqCst);
        drop(self.hold.held.lock().unwrap());
        self.hold.is_looking.store(false, Ordering::SeqCst);
        if self.hold.fails.swap(false, Ordering::SeqCst) {
            self.heard.lock().unwrap().push("failed".to_owned());
            return LookEnd::Again;
        }
        let looked = rescan_at(&self.root, &wish.scopes, &self.reading, &mut self.ledger);
        if let Err(error) = looked {
            self.heard.lock().unwrap().push(format!("error: {error}"));
            return LookEnd::Again;
        }
        let line = format!("{:?} {}", wish.cause, wish.scopes.join(","));
        self.heard.lock().unwrap().push(line);
        LookEnd::Done
    }

    fn notice(&mut self, notice: &Notice) {
        self.heard.lock().unwrap().push(format!("notice: {notice}"));
    }
}

impl Watching {
    /// Starts, and waits for the first look.
    fn start(desk: &Desk, options: WatchOptions) -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let events = Events::new();
        let waker = events.waker();
        let (root, recorded) = (desk.root.clone(), Arc::clone(&heard));
        let hold = Arc::new(Hold::default());
        let holding = Arc::clone(&hold);
        let thread = std::thread::spawn(move || {
            let hearing = Arc::clone(&recorded);
            let hear: Box<dyn FnMut(Heard)> = Box::new(move |heard| {
                let line = shown(&heard).filter(|line| !line.starts_with('!'));
                hearing.lock().unwrap().extend(line);
            });
            let reading = ReadingOptions::default();
            let mut follower = Recorder {
                root: root.clone(),
                reading: reading.clone(),
                ledger: MemoryLedger::new(hear),
                heard: recorded,
                hold: holding,
            };
            watch::run(&[root], &reading, &options, &events, &mut follower);
        });
        let watching = Self {
            waker,
            heard,
            hold,
            thread: Some(thread),
        };
        watching.wait_for("Start ");
        watching
    }

    /// Waits until a line was heard; everything heard until then, and forgets it.
    #[track_caller]
    fn wait_for(&self, line: &str) -> Vec<String> {
        eventually(WAIT, line, || {
            let mut heard = self.heard.lock().unwrap();
            let at = heard.iter().position(|heard| heard == line)?;
            Some(heard.drain(..=at).collect())
        })
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.waker.stop();
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(
                ended.is_ok() || std::thread::panicking(),
                "the watcher panicked"
            );
        }
    }
}

#[test]
fn files_that_come_change_move_and_go_are_noticed() {
    let desk = Desk::new();
    desk.write("a.md", "one");
    let watching = Watching::start(&desk, OPTIONS);
    desk.write("信.md", "new");
    watching.wait_for("+ 信.md");
    desk.write("a.md", "two");
    watching.wait_for("~ a.md");
    fs::rename(desk.at("a.md"), desk.at("b.md")).unwrap();
    watching.wait_for("a.md > b.md");
    fs::remove_file(desk.at("b.md")).unwrap();
    watching.wait_for("- b.md");
}

#[test]
fn new_folders_are_watched_with_what_is_in_them_and_moved_ones_go_on() {
    let desk = Desk::new();
    desk.write("stays.md", "one");
    let watching = Watching::start(&desk, OPTIONS);
    desk.write("书/上/一.md", "one");
    watching.wait_for("+ 书/上/一.md");
    desk.write("书/上/二.md", "two");
    watching.wait_for("+ 书/上/二.md");
    fs::rename(desk.at("书"), desk.at("book")).unwrap();
    watching.wait_for("书/上/一.md > book/上/一.md");
    watching.wait_for("书/上/二.md > book/上/二.md");
    desk.write("book/上/二.md", "two and more");
    watching.wait_for("~ book/上/二.md");
    fs::remove_dir_all(desk.at("book")).unwrap();
    watching.wait_for("- book/上/一.md");
}

#[test]
fn an_editor_that_writes_beside_and_renames_has_changed_one_file_once() {
    let desk = Desk::new();
    desk.write("a.md", "one");
    let watching = Watching::start(&desk, OPTIONS);
    desk.write("a.md.new", "two");
    fs::rename(desk.at("a.md.new"), desk.at("a.md")).unwrap();
    desk.write("end.md", "end");
    let heard = watching.wait_for("+ end.md");
    let changes: Vec<&String> = heard.iter().filter(|line| line.contains("a.md")).collect();
    assert_eq!(changes, ["~ a.md"], "{heard:?}");
}

#[test]
fn what_is_ignored_wakes_nobody_and_an_ignore_file_that_changes_does() {
    let desk = Desk::new();
    desk.write(".ignore", "drafts/\n");
    desk.write("drafts/a.md", "one");
    desk.write("b.md", "one");
    let watching = Watching::start(&desk, OPTIONS);
    desk.write("drafts/a.md", "two");
    desk.write(".b.md.swp", "two");
    desk.write("c.md", "two");
    let heard = watching.wait_for("Changes c.md");
    assert_eq!(heard, ["+ c.md", "Changes c.md"]);
    desk.write(".ignore", "b.md\n");
    let heard = watching.wait_for("Changes ");
    assert_eq!(heard[..heard.len() - 1], ["+ drafts/a.md", "- b.md"]);
    // What is not ignored any more is watched from now on.
    desk.write("drafts/a.md", "three");
    watching.wait_for("~ drafts/a.md");
}

#[test]
fn a_branch_switch_is_one_look_that_finds_what_differs() {
    let desk = Desk::new();
    desk.git(&["init", "-q"]);
    for number in 0..40 {
        desk.write(&format!("{number}.md"), &format!("{number} on main"));
    }
    desk.write("same.md", "the same on both");
    desk.git(&["add", "-A"]);
    desk.git(&["commit", "-q", "-m", "main"]);
    desk.git(&["checkout", "-q", "-b", "draft"]);
    for number in 0..20 {
        desk.write(&format!("{number}.md"), &format!("{number} 草稿"));
    }
    desk.git(&["rm", "-q", "39.md"]);
    desk.write("new.md", "only in the draft");
    desk.git(&["add", "-A"]);
    desk.git(&["commit", "-q", "-m", "draft"]);
    let patient = WatchOptions {
        quiet: Duration::from_millis(400),
        ..OPTIONS
    };
    let watching = Watching::start(&desk, patient);
    desk.git(&["checkout", "-q", "main"]);
    let heard = watching.wait_for("Head ");
    let count = |sign: &str| heard.iter().filter(|line| line.starts_with(sign)).count();
    assert_eq!(
        (count("~ "), count("+ 39.md"), count("- new.md")),
        (20, 1, 1),
        "{heard:?}"
    );
    assert!(
        !heard.iter().any(|line| line.contains("same.md")),
        "{heard:?}"
    );
    desk.git(&["checkout", "-q", "draft"]);
    let heard = watching.wait_for("Head ");
    assert!(heard.contains(&"- 39.md".to_owned()), "{heard:?}");
}

#[test]
fn more_folders_than_may_be_watched_are_looked_at_from_time_to_time_with_a_notice() {
    let desk = Desk::new();
    for folder in ["a", "b", "c"] {
        desk.write(&format!("{folder}/x.md"), folder);
    }
    let options = WatchOptions {
        watches_max: 2,
        poll: Duration::from_millis(200),
        ..OPTIONS
    };
    let watching = Watching::start(&desk, options);
    desk.write("c/y.md", "new");
    watching.wait_for("+ c/y.md");
    watching.wait_for("Poll ");
    drop(watching);
    let far = WatchOptions {
        watches_max: 0,
        ..OPTIONS
    };
    let events = Events::new();
    events.waker().stop();
    let mut notices = Notices(Vec::new());
    watch::run(
        std::slice::from_ref(&desk.root),
        &desk.options,
        &far,
        &events,
        &mut notices,
    );
    assert_eq!(notices.0.len(), 1, "{notices:?}");
    assert!(notices.0[0].contains("corpus.watches_max"), "{notices:?}");
}

#[derive(Debug)]
struct Notices(Vec<String>);

impl Follower for Notices {
    fn look(&mut self, _workspace: usize, _wish: &Wish) -> LookEnd {
        LookEnd::Done
    }

    fn notice(&mut self, notice: &Notice) {
        self.0.push(notice.to_string());
    }
}

#[test]
fn a_file_that_an_editor_says_to_have_saved_is_looked_at_where_nothing_is_watched() {
    let desk = Desk::new();
    desk.write("a.md", "one");
    let options = WatchOptions {
        watches_max: 0,
        ..OPTIONS
    };
    let watching = Watching::start(&desk, options);
    desk.write("a.md", "two");
    desk.write("b.md", "new");
    watching.waker.saved(desk.at("a.md"));
    watching.waker.saved(PathBuf::from("/elsewhere/a.md"));
    let heard = watching.wait_for("Changes a.md");
    assert_eq!(heard, ["~ a.md", "Changes a.md"]);
}

#[test]
fn a_workspace_that_goes_away_is_found_again_and_nothing_of_it_counts_as_removed() {
    let outer = Desk::new();
    outer.write("disk/a.md", "one");
    outer.write("disk/b.md", "one");
    let mut desk = Desk::new();
    desk.root = outer.at("disk");
    let options = WatchOptions {
        poll: Duration::from_millis(200),
        ..OPTIONS
    };
    let watching = Watching::start(&desk, options);
    fs::rename(outer.at("disk"), outer.at("away")).unwrap();
    eventually(WAIT, "a notice", || {
        let heard = watching.heard.lock().unwrap();
        heard
            .iter()
            .any(|line| line.starts_with("notice: "))
            .then_some(())
    });
    outer.write("away/a.md", "two");
    fs::rename(outer.at("away"), outer.at("disk")).unwrap();
    let heard = watching.wait_for("~ a.md");
    assert!(
        !heard.iter().any(|line| line.starts_with("- ")),
        "{heard:?}"
    );
}

#[test]
fn a_disk_that_leaves_its_place_empty_takes_nothing_away_and_is_noticed_when_it_is_back() {
    let outer = Desk::new();
    outer.write("disk/a.md", "one");
    outer.write("disk/书/b.md", "one");
    let mut desk = Desk::new();
    desk.root = outer.at("disk");
    let options = WatchOptions {
        poll: Duration::from_millis(100),
        ..OPTIONS
    };
    let watching = Watching::start(&desk, options);
    fs::rename(outer.at("disk"), outer.at("away")).unwrap();
    fs::create_dir(outer.at("disk")).unwrap();
    let heard = eventually(WAIT, "a word on it", || {
        let mut heard = watching.heard.lock().unwrap();
        let at = heard.iter().position(|line| line.contains("is empty"))?;
        Some(heard.drain(..=at).collect::<Vec<_>>())
    });
    assert!(
        !heard.iter().any(|line| line.starts_with("- ")),
        "{heard:?}"
    );
    fs::remove_dir(outer.at("disk")).unwrap();
    outer.write("away/a.md", "two");
    fs::rename(outer.at("away"), outer.at("disk")).unwrap();
    let heard = watching.wait_for("~ a.md");
    assert!(
        !heard.iter().any(|line| line.starts_with("- ")),
        "{heard:?}"
    );
}

#[test]
fn a_look_that_failed_is_made_again_and_nothing_that_changed_is_forgotten() {
    let desk = Desk::new();
    let options = WatchOptions {
        poll: Duration::from_millis(100),
        ..OPTIONS
    };
    let watching = Watching::start(&desk, options);
    watching.hold.fails.store(true, Ordering::SeqCst);
    desk.write("一.md", "one");
    watching.wait_for("failed");
    watching.wait_for("+ 一.md");
    watching.wait_for("Again ");
    // Once is enough.
    desk.write("二.md", "two");
    let heard = watching.wait_for("Changes 二.md");
    assert_eq!(heard, ["+ 二.md", "Changes 二.md"]);
}

#[test]
fn a_folder_that_came_while_events_were_lost_is_watched_from_then_on() {
    let desk = Desk::new();
    let watching = Watching::start(&desk, OPTIONS);
    let held = watching.hold.held.lock().unwrap();
    desk.write("a.md", "one");
    eventually(WAIT, "a look", || {
        watching
            .hold
            .is_looking
            .load(Ordering::SeqCst)
            .then_some(())
    });
    for number in 0..5_000 {
        let path = format!("/elsewhere/{number}.md");
        watching.waker.saved(PathBuf::from(path));
    }
    desk.write("书/一.md", "one");
    drop(held);
    watching.wait_for("+ 书/一.md");
    watching.wait_for("Lost ");
    desk.write("书/二.md", "two");
    watching.wait_for("+ 书/二.md");
}
