//! When what models remember is made anew while folders are watched.
//!
//! Not before every folder was looked at once: what is made of the first alone would stand until the
//! next time. Then some time after the last, since a version of the dataset for each saved file would
//! push out those that somebody wanted. Whoever looks tells when; what is made is not known here.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Between two times.
const REMEMBER_EVERY: Duration = Duration::from_secs(600);

/// Follows the looks at some workspaces.
#[derive(Debug)]
pub struct Remembering {
    /// Those that were not looked at yet, by their numbers.
    not_looked_at: BTreeSet<usize>,
    /// Something may have changed since the last time.
    is_behind: bool,
    last: Option<Instant>,
}

impl Remembering {
    /// Nothing was looked at yet of so many workspaces.
    pub fn of(workspaces: usize) -> Self {
        Self {
            not_looked_at: (0..workspaces).collect(),
            is_behind: true,
            last: None,
        }
    }

    /// A workspace was looked at, or could not be: its disk may be away for weeks, and the others are
    /// there.
    pub fn looked(&mut self, workspace: usize) {
        self.not_looked_at.remove(&workspace);
        self.is_behind = true;
    }

    /// When it is time; none while nothing is to be done.
    pub fn due_at(&self, now: Instant) -> Option<Instant> {
        let is_wanted = self.is_behind && self.not_looked_at.is_empty();
        is_wanted.then(|| self.last.map_or(now, |last| last + REMEMBER_EVERY))
    }

    /// It was tried, and whether it is done.
    pub fn tried(&mut self, is_done: bool, now: Instant) {
        self.is_behind = !is_done;
        self.last = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_time_is_when_every_folder_was_looked_at() {
        let now = Instant::now();
        let mut remembering = Remembering::of(3);
        for workspace in [1, 0, 1] {
            remembering.looked(workspace);
            assert_eq!(remembering.due_at(now), None);
        }
        remembering.looked(2);
        assert_eq!(remembering.due_at(now), Some(now));
        remembering.tried(true, now);
        assert_eq!(remembering.due_at(now), None);
    }

    #[test]
    fn what_changes_soon_after_is_remembered_later_without_another_change() {
        let now = Instant::now();
        let mut remembering = Remembering::of(1);
        remembering.looked(0);
        remembering.tried(true, now);
        remembering.looked(0);
        let later = now + REMEMBER_EVERY;
        assert_eq!(remembering.due_at(now), Some(later));
        assert_eq!(remembering.due_at(later), Some(later));
        // What failed is tried again, and not at once.
        remembering.tried(false, later);
        assert_eq!(remembering.due_at(later), Some(later + REMEMBER_EVERY));
        remembering.tried(true, later);
        assert_eq!(remembering.due_at(later), None);
    }
}
