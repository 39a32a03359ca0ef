//! What the system is asked to tell changes of.
//!
//! On Linux a watch covers one folder and costs kernel memory, so only the folders that a walk enters
//! are watched: a project's build output, ignored, may have ten times as many. Elsewhere a watch
//! covers all below it and costs the same whatever is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use inkstone_platform::mount;
use notify::{Config, Error, ErrorKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::Notice;
use crate::options::{ReadingOptions, WatchOptions};
use crate::walk::{Found, walk_at};

/// Whether a watch covers one folder only.
const ONE_FOLDER_EACH: bool = cfg!(target_os = "linux");

/// The folders that are watched.
pub(super) struct Sources<'a> {
    /// Or why there is none.
    watcher: Result<RecommendedWatcher, String>,
    watched: BTreeSet<PathBuf>,
    reading: &'a ReadingOptions,
    options: WatchOptions,
}

impl<'a> Sources<'a> {
    pub(super) fn new(
        hear: impl Fn(Result<notify::Event, Error>) + Send + 'static,
        reading: &'a ReadingOptions,
        options: WatchOptions,
    ) -> Self {
        let config = Config::default().with_follow_symlinks(false);
        let watcher = RecommendedWatcher::new(hear, config);
        Self {
            watcher: watcher.map_err(|error| error.to_string()),
            watched: BTreeSet::new(),
            reading,
            options,
        }
    }

    pub(super) fn is_watched(&self, path: &Path) -> bool {
        !ONE_FOLDER_EACH || self.watched.contains(path)
    }

    /// Watches a folder of a workspace and what is read below it.
    pub(super) fn add(&mut self, root: &Path, folder: &str) -> Result<(), Notice> {
        let poll_s = self.options.poll.as_secs();
        if mount::may_change_unheard(root) {
            let path = root.to_owned();
            return Err(Notice::Remote { path, poll_s });
        }
        if !ONE_FOLDER_EACH {
            return self.watch(root, root, RecursiveMode::Recursive);
        }
        // A folder that is gone again, or a pattern that is none: the look tells.
        let Ok(walk) = walk_at(root, folder, self.reading) else {
            return Ok(());
        };
        for found in walk {
            let Found::Folder(path) = found else { continue };
            let path = root.join(path);
            let git = path.join(".git");
            self.watch(root, &path, RecursiveMode::NonRecursive)?;
            if git.is_dir() {
                self.watch(root, &git, RecursiveMode::NonRecursive)?;
            }
        }
        Ok(())
    }

    fn watch(&mut self, root: &Path, path: &Path, mode: RecursiveMode) -> Result<(), Notice> {
        if self.watched.contains(path) {
            return Ok(());
        }
        let poll_s = self.options.poll.as_secs();
        let too_many = || Notice::TooManyFolders {
            path: root.to_owned(),
            watches_max: self.options.watches_max,
            poll_s,
        };
        let refused = |why| Notice::Refused {
            path: root.to_owned(),
            why,
            poll_s,
        };
        if self.watched.len() >= self.options.watches_max {
            return Err(too_many());
        }
        let watcher = match &mut self.watcher {
            Ok(watcher) => watcher,
            Err(why) => return Err(refused(why.clone())),
        };
        match watcher.watch(path, mode) {
            Ok(()) => {
                self.watched.insert(path.to_owned());
                Ok(())
            }
            Err(error) if is_gone(&error) => Ok(()),
            Err(error) => Err(refused(error.to_string())),
        }
    }

    /// Stops watching a folder and all below it. A folder that was moved would go on telling under
    /// its old name.
    pub(super) fn remove(&mut self, path: &Path) {
        let below = self.watched.range(path.to_owned()..);
        let below: Vec<PathBuf> = below
            .take_while(|watched| watched.starts_with(path))
            .cloned()
            .collect();
        for watched in below {
            self.watched.remove(&watched);
            if let Ok(watcher) = &mut self.watcher {
                // A folder that is gone was forgotten by the system itself.
                let _ = watcher.unwatch(&watched);
            }
        }
    }
}

/// Whether the folder went away meanwhile, or may not be opened: the look tells of it.
fn is_gone(error: &Error) -> bool {
    use std::io::ErrorKind::{NotADirectory, NotFound, PermissionDenied};
    match &error.kind {
        ErrorKind::PathNotFound => true,
        ErrorKind::Io(error) => {
            matches!(error.kind(), NotFound | NotADirectory | PermissionDenied)
        }
        _ => false,
    }
}
