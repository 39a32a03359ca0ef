//! Which file or folder of which workspace is meant. It may be gone from the disk.

use std::path::{Path, PathBuf};

use inkstone_store::{Store, Workspace};

use crate::assemble::purge::Place;
use crate::commands::failure::WrongUse;
use crate::walk_order;

/// A source that is to be forgotten.
#[derive(Debug, Clone)]
pub struct Source {
    /// Absolute, as it was when it was there.
    pub path: PathBuf,
    /// The workspace that it lies in.
    pub workspace: Workspace,
    folder: String,
    relative: String,
}

impl Source {
    /// Finds the workspace of a path.
    pub fn find(store: &mut Store, path: &Path) -> anyhow::Result<Self> {
        let not_in_any = || WrongUse::NoWorkspace {
            path: path.to_owned(),
        };
        let mut workspaces = store.workspaces()?.into_iter();
        let workspace = workspaces.find(|one| path.starts_with(&one.path));
        let workspace = workspace.ok_or_else(not_in_any)?;
        let relative = walk_order::relative(&workspace.path, path).ok_or_else(not_in_any)?;
        let name = workspace.path.file_name().unwrap_or_default();
        Ok(Self {
            path: path.to_owned(),
            folder: name.to_string_lossy().into_owned(),
            workspace,
            relative,
        })
    }

    /// Where it lies, as the store has it.
    pub fn place(&self) -> Place<'_> {
        Place {
            workspace: self.workspace.id.as_i64(),
            folder: &self.folder,
            path: &self.relative,
        }
    }
}

#[cfg(test)]
mod tests {
    use inkstone_store::Identities;

    use super::*;

    #[test]
    fn a_path_belongs_to_the_workspace_that_it_lies_in_and_others_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("inkstone.db")).unwrap();
        let nobody = Identities::default();
        store.add_workspace(Path::new("/写作"), &nobody, 0).unwrap();
        let mut find = |path: &str| Source::find(&mut store, Path::new(path));
        let file = find("/写作/日记/一.md").unwrap();
        assert_eq!(
            (file.place().folder, file.place().path),
            ("写作", "日记/一.md")
        );
        assert_eq!(find("/写作").unwrap().place().path, "");
        let error = find("/写作本/一.md").unwrap_err().to_string();
        assert!(
            error.contains("/写作本/一.md") && error.contains("workspace list"),
            "{error}"
        );
    }
}
