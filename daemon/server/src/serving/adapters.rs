//! What models wear: the adapters that are live in the registry, checked against their models, and the
//! rule by which a request gets one.
//!
//! Not when a document changes over to another (`lane/wearing.rs`), nor what the registry is
//! (`inkstone-store`). In reading order: [`rule`] (which one a request gets), [`reading`] (the registry
//! and the files), this file (what came of it).

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

/// How strongly an adapter acts; 1 is as it was trained.
pub(super) const SCALE: f32 = 1.0;

/// An adapter whose file was checked against its model.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CheckedAdapter {
    /// Its name in the registry, or its path where a request named a file.
    pub(super) name: String,
    /// Its name for the scheduler: of its content and scale, so that what was computed with another
    /// content is never taken for its own.
    pub(super) key: Adapter,
    pub(super) path: PathBuf,
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
    /// Why it could not be read.
    pub(super) problem: Option<String>,
}

/// A loaded adapter, or why llama.cpp did not take it.
pub(super) type Fitted = (
    CheckedAdapter,
    Result<Arc<inkstone_engine::Adapter>, String>,
);

impl CheckedAdapter {
    fn key_of(sha256: &Sha256) -> Adapter {
        let mut hasher = DefaultHasher::new();
        (sha256.to_bytes(), SCALE.to_bits()).hash(&mut hasher);
        // Never that of the model as it is.
        Adapter(hasher.finish().max(1))
    }

    /// Reads it into memory for a model.
    pub(super) fn load(&self, model: &Arc<inkstone_engine::Model>) -> Fitted {
        let loaded = inkstone_engine::Adapter::load(model, &self.path);
        (self.clone(), loaded.map_err(|error| error.to_string()))
    }
}

impl Adapters {
    /// Those that requests to a model may get.
    pub(super) fn of(&self, model: &ModelName) -> &[CheckedAdapter] {
        self.by_model.get(model).map_or(&[], Vec::as_slice)
    }

    /// What a request to a model gets; the model as it is where nothing is for it.
    pub(super) fn choose(&self, model: &ModelName, asked: Asked) -> Adapter {
        let chosen = rule::choose(self.of(model), asked);
        chosen.map_or(Adapter::NONE, |adapter| adapter.key)
    }

    /// By what a request to a model is judged: where nothing is for one folder, its path is not looked
    /// at.
    pub(super) fn asked(&self, model: &ModelName, language: Language, path: Option<&str>) -> Asked {
        let is_wanted = self
            .of(model)
            .iter()
            .any(|adapter| adapter.workspace.is_some());
        let path = path.filter(|_| is_wanted).map(Path::new);
        Asked {
            language,
            workspace: path.and_then(|path| self.workspace_of(path)),
        }
    }

    /// The folder that a document lies in; the innermost, were one to lie in another.
    fn workspace_of(&self, path: &Path) -> Option<WorkspaceId> {
        // Folders are known by their canonical paths. A document that is not there yet has a folder.
        let canonical = path.canonicalize().or_else(|error| match path.parent() {
            Some(parent) => parent.canonicalize(),
            None => Err(error),
        });
        let path = canonical.ok()?;
        let around = self
            .workspaces
            .iter()
            .filter(|(_, folder)| path.starts_with(folder));
        around
            .max_by_key(|(_, folder)| folder.components().count())
            .map(|(id, _)| *id)
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
        let what = language.map_or_else(
            || "any language".to_owned(),
            |tag| format!("language {tag}"),
        );
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
        let of = |path: &str| adapters.workspace_of(&root.join(path));
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
