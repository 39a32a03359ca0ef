//! What an event of the system says of a workspace. Pure: decides by kinds and names alone.

use std::path::{Path, PathBuf};

use notify::event::{ModifyKind, RenameMode};
use notify::{Event, EventKind};

use super::debounce::{Cause, Seen};
use crate::walk::IGNORE_FILE;

/// What an event tells of one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// Something came or changed there.
    Changed(PathBuf),
    /// Nothing is there any more.
    Gone(PathBuf),
}

impl Told {
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Changed(path) | Self::Gone(path) => path,
        }
    }
}

/// What an event tells. Reading a file tells of itself too, and must not cause a further look.
pub(super) fn read(event: &Event) -> Vec<Told> {
    let changed = || event.paths.iter().cloned().map(Told::Changed);
    match event.kind {
        EventKind::Access(_) => Vec::new(),
        EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(RenameMode::From)) => {
            event.paths.iter().cloned().map(Told::Gone).collect()
        }
        EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => {
            let mut paths = event.paths.iter().cloned();
            let gone = paths.next().map(Told::Gone);
            gone.into_iter().chain(paths.map(Told::Changed)).collect()
        }
        _ => changed().collect(),
    }
}

/// What a change at a path of a workspace means; none where nothing is read. A hidden path says
/// something only where it decides about others.
pub(super) fn seen(relative: &str) -> Option<Seen> {
    if relative.is_empty() {
        // The folder itself was moved, removed or remounted.
        return Some(Seen::Anything(Cause::Lost));
    }
    let (folder, name) = relative.rsplit_once('/').unwrap_or(("", relative));
    let above = |inner: &str| match folder.strip_suffix(inner) {
        Some("") => Some(String::new()),
        Some(outer) => outer.strip_suffix('/').map(str::to_owned),
        None => None,
    };
    if name == "HEAD"
        && let Some(repository) = above(".git")
    {
        return (!is_hidden(&repository)).then_some(Seen::Head(repository));
    }
    if is_hidden(folder) {
        return None;
    }
    if let Some(folder) = decides_about(relative) {
        return Some(Seen::Path(folder.to_owned()));
    }
    (!name.starts_with('.')).then(|| Seen::Path(relative.to_owned()))
}

/// The folder about which a file decides what is read there; none for other files.
pub(super) fn decides_about(relative: &str) -> Option<&str> {
    let (folder, name) = relative.rsplit_once('/').unwrap_or(("", relative));
    let is_ignore_file = [".gitignore", ".ignore", IGNORE_FILE].contains(&name);
    (is_ignore_file && !is_hidden(folder)).then_some(folder)
}

fn is_hidden(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{AccessKind, CreateKind, RemoveKind};

    fn event(kind: EventKind, paths: &[&str]) -> Event {
        let paths = paths.iter().map(PathBuf::from).collect();
        Event {
            kind,
            paths,
            ..Event::default()
        }
    }

    #[test]
    fn a_rename_is_one_that_went_and_one_that_came() {
        let both = EventKind::Modify(ModifyKind::Name(RenameMode::Both));
        let told = read(&event(both, &["/w/a", "/w/b"]));
        assert_eq!(
            told,
            [Told::Gone("/w/a".into()), Told::Changed("/w/b".into())]
        );
    }

    #[test]
    fn reading_a_file_tells_nothing_and_removing_it_does() {
        let accessed = EventKind::Access(AccessKind::Any);
        assert_eq!(read(&event(accessed, &["/w/a"])), []);
        let removed = EventKind::Remove(RemoveKind::File);
        assert_eq!(
            read(&event(removed, &["/w/a"])),
            [Told::Gone("/w/a".into())]
        );
        let made = EventKind::Create(CreateKind::Any);
        assert_eq!(
            read(&event(made, &["/w/a"])),
            [Told::Changed("/w/a".into())]
        );
    }

    #[test]
    fn hidden_paths_mean_something_only_where_they_decide_about_others() {
        let path = |path: &str| Some(Seen::Path(path.to_owned()));
        assert_eq!(seen("信/一.md"), path("信/一.md"));
        assert_eq!(seen("book/.gitignore"), path("book"));
        assert_eq!(seen(".inkstoneignore"), path(""));
        assert_eq!(seen(".git/HEAD"), Some(Seen::Head(String::new())));
        assert_eq!(
            seen("a/book/.git/HEAD"),
            Some(Seen::Head("a/book".to_owned()))
        );
        assert_eq!(seen("book.git/HEAD"), path("book.git/HEAD"));
        assert_eq!(seen("notes/HEAD"), path("notes/HEAD"));
        for silent in [
            ".git/index",
            ".git/index.lock",
            "a/.b.md.swp",
            ".obsidian/x.md",
        ] {
            assert_eq!(seen(silent), None, "{silent}");
        }
        assert_eq!(seen(""), Some(Seen::Anything(Cause::Lost)));
    }
}
