//! When changes in one workspace are looked at, and how many of them at once. Pure: the time comes as
//! an argument, counted from any moment.
//!
//! A change waits until nothing has changed for a while, so that an editor that writes a temporary
//! file and renames it, or git on its way through a branch, is looked at once, when it is done. Changes
//! that never stop are looked at all the same after [`QUIET_TIMES_MAX`] times that while.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::walk_order::is_within;

/// How many times the quiet a change waits at most.
pub const QUIET_TIMES_MAX: u32 = 10;
/// Paths that are looked at one by one; with more, looking at everything is cheaper.
pub const PATHS_MAX: usize = 256;

/// Something that happened in a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// A file or folder may have changed, come or gone.
    Path(String),
    /// The repository in this folder stands on another commit: a branch was switched.
    Head(String),
    /// Anything may have changed.
    Anything(Cause),
}

/// Why everything at a place is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Single files and folders changed.
    Changes,
    /// The trainer was not there, or not watching, until now.
    Start,
    /// A repository stands on another commit.
    Head,
    /// More changed at once than is worth telling apart.
    Many,
    /// The system could not tell all that happened.
    Lost,
    /// The folder cannot be watched, and it is time for another look.
    Poll,
    /// The last look failed.
    Again,
}

/// What is to be looked at now: these files and folders, the empty path being the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// None lies within another.
    pub scopes: Vec<String>,
    /// Why.
    pub cause: Cause,
}

/// The changes of one workspace that wait.
#[derive(Debug, Clone)]
pub struct Debounce {
    quiet: Duration,
    paths: BTreeSet<String>,
    heads: BTreeSet<String>,
    anything: Option<Cause>,
    /// When the first and the last of them came.
    waiting: Option<(Duration, Duration)>,
}

impl Debounce {
    /// Nothing waits; a change will, until there was none for this while.
    pub fn new(quiet: Duration) -> Self {
        Self {
            quiet,
            paths: BTreeSet::new(),
            heads: BTreeSet::new(),
            anything: None,
            waiting: None,
        }
    }

    /// Takes what happened.
    pub fn note(&mut self, seen: Seen, now: Duration) {
        let first = self.waiting.map_or(now, |(first, _)| first);
        self.waiting = Some((first, now));
        if self.anything.is_some() {
            return;
        }
        match seen {
            Seen::Anything(cause) => self.anything = Some(cause),
            Seen::Head(folder) => {
                self.paths.retain(|path| !is_within(path, &folder));
                self.heads.insert(folder);
            }
            Seen::Path(path) if self.heads.iter().any(|folder| is_within(&path, folder)) => {}
            Seen::Path(path) => {
                self.paths.insert(path);
            }
        }
        if self.paths.len() + self.heads.len() > PATHS_MAX {
            self.anything = Some(Cause::Many);
        }
        if self.anything.is_some() {
            self.paths.clear();
            self.heads.clear();
        }
    }

    /// When something is to be looked at; none while nothing waits.
    pub fn due(&self) -> Option<Duration> {
        let (first, last) = self.waiting?;
        let at_latest = first.saturating_add(self.quiet.saturating_mul(QUIET_TIMES_MAX));
        Some(last.saturating_add(self.quiet).min(at_latest))
    }

    /// What is to be looked at now; none before it is due.
    pub fn take(&mut self, now: Duration) -> Option<Wish> {
        self.due().filter(|due| *due <= now)?;
        let mut done = Self::new(self.quiet);
        std::mem::swap(self, &mut done);
        if let Some(cause) = done.anything {
            let scopes = vec![String::new()];
            return Some(Wish { scopes, cause });
        }
        let cause = if done.heads.is_empty() {
            Cause::Changes
        } else {
            Cause::Head
        };
        let all: BTreeSet<String> = done.paths.into_iter().chain(done.heads).collect();
        let is_inner = |path: &String| {
            all.iter()
                .any(|other| other != path && is_within(path, other))
        };
        let scopes = all.iter().filter(|path| !is_inner(path)).cloned().collect();
        Some(Wish { scopes, cause })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: Duration = Duration::from_millis(100);

    fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    fn path(path: &str) -> Seen {
        Seen::Path(path.to_owned())
    }

    fn scopes(wish: Option<Wish>) -> Vec<String> {
        wish.expect("a wish is due").scopes
    }

    #[test]
    fn a_change_waits_for_quiet_and_is_told_once() {
        let mut debounce = Debounce::new(QUIET);
        assert_eq!(debounce.due(), None);
        debounce.note(path("a.md"), ms(0));
        debounce.note(path("a.md"), ms(60));
        assert_eq!(debounce.due(), Some(ms(160)));
        assert_eq!(debounce.take(ms(159)), None);
        assert_eq!(scopes(debounce.take(ms(160))), ["a.md"]);
        assert_eq!(debounce.take(ms(1_000)), None);
        assert_eq!(debounce.due(), None);
    }

    #[test]
    fn changes_that_never_stop_are_told_all_the_same() {
        let mut debounce = Debounce::new(QUIET);
        let mut told_at = None;
        for now in (0..5_000).step_by(50) {
            debounce.note(path("日志.txt"), ms(now));
            if debounce.take(ms(now)).is_some() {
                told_at = told_at.or(Some(now));
            }
        }
        assert_eq!(told_at, Some(1_000));
    }

    #[test]
    fn an_editor_that_writes_beside_and_renames_is_one_wish() {
        let mut debounce = Debounce::new(QUIET);
        for seen in ["4913", "a.md~", "a.md"] {
            debounce.note(path(seen), ms(1));
        }
        assert_eq!(scopes(debounce.take(ms(200))), ["4913", "a.md", "a.md~"]);
    }

    #[test]
    fn a_branch_switch_is_one_look_at_its_repository_and_the_rest_stays() {
        let mut debounce = Debounce::new(QUIET);
        debounce.note(path("book/one.md"), ms(0));
        debounce.note(path("bookshelf.md"), ms(0));
        debounce.note(Seen::Head("book".to_owned()), ms(1));
        debounce.note(path("book/two.md"), ms(2));
        let wish = debounce.take(ms(500)).expect("due");
        assert_eq!(wish.cause, Cause::Head);
        assert_eq!(wish.scopes, ["book", "bookshelf.md"]);
    }

    #[test]
    fn many_changes_are_one_look_at_everything() {
        let mut debounce = Debounce::new(QUIET);
        for number in 0..=PATHS_MAX {
            debounce.note(path(&format!("{number}.md")), ms(0));
        }
        let wish = debounce.take(ms(500)).expect("due");
        assert_eq!(
            (wish.scopes, wish.cause),
            (vec![String::new()], Cause::Many)
        );
        assert!(debounce.paths.is_empty());
    }

    #[test]
    fn what_was_lost_is_a_look_at_everything() {
        let mut debounce = Debounce::new(QUIET);
        debounce.note(path("a.md"), ms(0));
        debounce.note(Seen::Anything(Cause::Lost), ms(0));
        debounce.note(path("b.md"), ms(0));
        assert_eq!(scopes(debounce.take(ms(500))), [""]);
    }

    #[test]
    fn a_file_in_a_folder_that_changed_is_not_told_twice() {
        let mut debounce = Debounce::new(QUIET);
        for seen in ["信", "信/一.md", "信件.md"] {
            debounce.note(path(seen), ms(0));
        }
        assert_eq!(scopes(debounce.take(ms(500))), ["信", "信件.md"]);
    }
}
