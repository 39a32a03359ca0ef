//! What models wear: the adapters that are live in the registry, checked against their models, and the
//! rule by which a request gets one.
//!
//! Not when a document changes over to another (`lane/wearing.rs`), nor what the registry is
//! (`inkstone-store`). In reading order: [`rule`] (which one a request gets), [`genres`] (what kind of
//! writing a document is), [`reading`] (the registry and the files), [`opening`] (the same files again,
//! for llama.cpp), this file (what came of it).

mod genres;
mod opening;
mod reading;
mod rule;

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use inkstone_models::{ModelName, Sha256};
use inkstone_prose::Language;
use inkstone_scheduler::Adapter;
use inkstone_store::WorkspaceId;

pub(super) use reading::AdapterReader;
pub(super) use rule::Asked;

use genres::Genres;

/// How strongly an adapter acts; 1 is as it was trained.
pub(super) const SCALE: f32 = 1.0;
/// Adapters that are in memory for one model at once; the one that was worn least recently gives way.
pub(super) const LOADED_MAX: usize = 8;

/// An adapter whose file was checked against its model.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CheckedAdapter {
    /// Its name in the registry, or its path where a request named a file.
    pub(super) name: String,
    /// Its name for the scheduler: of its content and scale, so that what was computed with another
    /// content is never taken for its own.
    pub(super) key: Adapter,
    pub(super) path: PathBuf,
    /// Of its content.
    pub(super) sha256: Sha256,
    /// Length of its file, which is about what it takes in memory.
    pub(super) bytes: u64,
    pub(super) language: Option<String>,
    pub(super) genre: Option<String>,
    pub(super) workspace: Option<WorkspaceId>,
}

/// A live adapter that is not worn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RefusedAdapter {
    pub(super) name: String,
    pub(super) model: String,
    /// With the file, the value and the remedy.
    pub(super) problem: String,
}

/// The registry as it was last read.
#[derive(Debug, Clone, Default)]
pub(super) struct Adapters {
    /// Live ones that can be worn, by model.
    pub(super) by_model: BTreeMap<ModelName, Vec<CheckedAdapter>>,
    /// Live ones that cannot.
    pub(super) refused: Vec<RefusedAdapter>,
    /// The folders that adapters may be for.
    pub(super) workspaces: Vec<(WorkspaceId, PathBuf)>,
    /// What kind of writing their files are; empty as long as no live adapter is for one kind.
    genres: Genres,
    /// Why it could not be read.
    pub(super) problem: Option<String>,
}

/// A loaded adapter, or why llama.cpp did not take it.
pub(super) type Fitted = (
    CheckedAdapter,
    Result<Arc<inkstone_engine::Adapter>, String>,
);

impl CheckedAdapter {
    /// Whether it is only for documents that lie somewhere.
    fn is_for_places(&self) -> bool {
        self.workspace.is_some() || self.genre.is_some()
    }

    fn key_of(sha256: &Sha256) -> Adapter {
        let mut hasher = DefaultHasher::new();
        (sha256.to_bytes(), SCALE.to_bits()).hash(&mut hasher);
        // Never that of the model as it is.
        Adapter(hasher.finish().max(1))
    }

    /// Reads it into memory for a model.
    pub(super) fn load(&self, model: &Arc<inkstone_engine::Model>) -> Fitted {
        (self.clone(), opening::load(model, &self.path, self.sha256))
    }
}

impl Adapters {
    /// A registry that could not be read.
    pub(super) fn unread(problem: String) -> Self {
        Self {
            problem: Some(problem),
            ..Self::default()
        }
    }

    /// Those that requests to a model may get.
    pub(super) fn of(&self, model: &ModelName) -> &[CheckedAdapter] {
        self.by_model.get(model).map_or(&[], Vec::as_slice)
    }

    /// What a request to a model gets; the model as it is where nothing is for it.
    pub(super) fn choose(&self, model: &ModelName, asked: Asked) -> Adapter {
        let chosen = rule::choose(self.of(model), asked);
        chosen.map_or(Adapter::NONE, |adapter| adapter.key)
    }

    /// The newest ones of a model, as many as it may have in memory.
    pub(super) fn newest(&self, model: &ModelName) -> &[CheckedAdapter] {
        let all = self.of(model);
        &all[..all.len().min(LOADED_MAX)]
    }

    /// Whether where a document lies says anything of what it gets.
    pub(super) fn wants_paths(&self) -> bool {
        let mut all = self.by_model.values().flatten();
        all.any(CheckedAdapter::is_for_places)
    }

    /// By what a request to a model is judged. `path` is canonical, as [`canonical`] makes it.
    pub(super) fn asked(&self, model: &ModelName, language: Language, path: Option<&str>) -> Asked {
        let is_wanted = self.of(model).iter().any(CheckedAdapter::is_for_places);
        let path = path.filter(|_| is_wanted).map(Path::new);
        let place = path.and_then(|path| Some((path, self.workspace_of(path)?)));
        Asked {
            language,
            workspace: place.map(|(_, (id, _))| id),
            genre: place.and_then(|(path, (_, folder))| self.genres.of_document(path, folder)),
        }
    }

    /// The folder that a document lies in; the innermost, were one to lie in another.
    fn workspace_of(&self, path: &Path) -> Option<(WorkspaceId, &Path)> {
        let around = self
            .workspaces
            .iter()
            .filter(|(_, folder)| path.starts_with(folder));
        around
            .max_by_key(|(_, folder)| folder.components().count())
            .map(|(id, folder)| (*id, folder.as_path()))
    }

    /// A live adapter is not worn after all.
    pub(super) fn refuse(&mut self, model: &ModelName, name: &str, problem: String) {
        if let Some(adapters) = self.by_model.get_mut(model) {
            adapters.retain(|adapter| adapter.name != name);
        }
        tracing::warn!(adapter = name, model = %model, problem, "an adapter is not worn");
        self.refused.push(RefusedAdapter {
            name: name.to_owned(),
            model: model.to_string(),
            problem,
        });
    }

    /// Whom an adapter is for, in words.
    pub(super) fn why(&self, adapter: &CheckedAdapter) -> String {
        let language = adapter.language.as_deref();
        let mut what = language.map_or_else(
            || "any language".to_owned(),
            |tag| format!("language {tag}"),
        );
        if let Some(genre) = &adapter.genre {
            what.push_str(", documents of the kind ");
            what.push_str(genre);
        }
        let Some(id) = adapter.workspace else {
            return what;
        };
        let mut folders = self.workspaces.iter();
        match folders.find(|(known, _)| *known == id) {
            Some((_, folder)) => format!("{what} in {}", folder.display()),
            None => format!("{what} in a folder that was removed"),
        }
    }
}

/// A document's path as folders are known: without links. Looks at the file system; one that is not
/// there yet has a folder. As it is where it cannot be said.
pub(super) fn canonical(path: String) -> String {
    let here = Path::new(&path);
    let found = here.canonicalize().ok().or_else(|| {
        let folder = here.parent()?.canonicalize().ok()?;
        Some(folder.join(here.file_name()?))
    });
    let found = found.and_then(|found| found.into_os_string().into_string().ok());
    found.unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_document_is_found_through_links_and_for_one_not_saved_yet() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().canonicalize().unwrap();
        for folder in ["essays", "essays2", "elsewhere"] {
            std::fs::create_dir(root.join(folder)).unwrap();
        }
        let database = inkstone_store::Store::open(&root.join("db")).unwrap();
        let id = added(database, &root.join("essays"));
        let adapters = Adapters {
            workspaces: vec![(id, root.join("essays"))],
            ..Adapters::default()
        };
        let of = |path: &str| {
            let path = canonical(root.join(path).to_str().unwrap().to_owned());
            adapters.workspace_of(Path::new(&path)).map(|(id, _)| id)
        };
        assert_eq!(of("essays/新.md"), Some(id));
        assert_eq!(of("essays2/a.md"), None);
        assert_eq!(of("gone/a.md"), None);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(root.join("essays"), root.join("elsewhere/link")).unwrap();
            assert_eq!(of("elsewhere/link/a.md"), Some(id));
        }
    }

    fn added(mut database: inkstone_store::Store, folder: &Path) -> WorkspaceId {
        let nobody = inkstone_store::Identities::default();
        match database.add_workspace(folder, &nobody, 1).unwrap() {
            inkstone_store::Added::New(id) | inkstone_store::Added::Known(id) => id,
        }
    }
}
