//! Reads the registry of adapters and checks every file that it names as live: hostile until parsed.
//!
//! It takes as long as hashing the files does, so it runs apart from the engine thread but at the
//! start, when nobody is served yet.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use inkstone_models::gguf::{Gguf, shown};
use inkstone_models::{AdapterFile, InstalledModel, ModelName, Registry, Sha256};
use inkstone_platform::FileStamp;
use inkstone_settings::Directories;
use inkstone_store::adapters::file_name;
use inkstone_store::{AdapterRow, AdapterState, DocumentGenre, Store, StoreError, WorkspaceId};

use super::genres::{FILES_MAX, Genres};
use super::{Adapters, CheckedAdapter, RefusedAdapter};

/// Hashes of models' files, by what a look at them costs nothing to know.
type KnownHashes = Arc<Mutex<HashMap<(PathBuf, FileStamp), Sha256>>>;

/// Hashes that are remembered; a model that is replaced every day fills it in months.
const KNOWN_HASHES_MAX: usize = 64;

/// Reads the registry; cheap to clone.
#[derive(Debug, Clone)]
pub(in crate::serving) struct AdapterReader {
    database: PathBuf,
    adapters_dir: PathBuf,
    registry: Registry,
    hashes: KnownHashes,
    /// Told whether where documents lie decides what they wear.
    wants_paths: Arc<AtomicBool>,
}

/// What the database says.
struct Known {
    rows: Vec<AdapterRow>,
    workspaces: Vec<(WorkspaceId, PathBuf)>,
    genres: Vec<DocumentGenre>,
}

/// A model's file, with what adapters are compared with.
struct Base {
    sha256: Sha256,
    header: Gguf,
}

impl AdapterReader {
    pub(in crate::serving) fn new(directories: &Directories, wants_paths: Arc<AtomicBool>) -> Self {
        Self {
            database: directories.database(),
            adapters_dir: directories.adapters_dir(),
            registry: Registry::of(directories),
            hashes: KnownHashes::default(),
            wants_paths,
        }
    }

    /// The live adapters, each checked. What is wrong with one keeps none of the others.
    pub(in crate::serving) fn read(&self) -> Adapters {
        // Made by whoever has something to keep; without it there is nothing to read.
        if !self.database.exists() {
            return Adapters::default();
        }
        match self.rows() {
            Ok(Known {
                rows,
                workspaces,
                genres,
            }) => {
                let mut adapters = Adapters {
                    genres: Genres::of(&genres, &workspaces),
                    workspaces,
                    ..Adapters::default()
                };
                self.check_all(rows, &mut adapters);
                self.wants_paths
                    .store(adapters.wants_paths(), Ordering::Relaxed);
                adapters
            }
            Err(error) => {
                let problem = error.to_string();
                tracing::error!(problem, "the registry of adapters cannot be read");
                Adapters::unread(problem)
            }
        }
    }

    fn rows(&self) -> Result<Known, StoreError> {
        let mut store = Store::open(&self.database)?;
        let workspaces = store.workspaces()?.into_iter();
        let workspaces = workspaces
            .map(|workspace| (workspace.id, workspace.path))
            .collect();
        let rows = store.adapters()?;
        let is_for_genre =
            |row: &AdapterRow| row.state == AdapterState::Live && row.scope.genre.is_some();
        let genres = if rows.iter().any(is_for_genre) {
            store.document_genres(FILES_MAX)?
        } else {
            Vec::new()
        };
        Ok(Known {
            rows,
            workspaces,
            genres,
        })
    }

    fn check_all(&self, rows: Vec<AdapterRow>, adapters: &mut Adapters) {
        let live = rows
            .into_iter()
            .filter(|row| row.state == AdapterState::Live);
        let mut bases: HashMap<String, Result<Base, String>> = HashMap::new();
        for row in live {
            let base = bases
                .entry(row.base_model.clone())
                .or_insert_with(|| self.base(&row.base_model));
            match base
                .as_ref()
                .map_err(Clone::clone)
                .and_then(|base| self.check(&row, base))
            {
                Ok((model, checked)) => adapters.by_model.entry(model).or_default().push(checked),
                Err(problem) => {
                    tracing::warn!(adapter = row.name, problem, "an adapter is not worn");
                    adapters.refused.push(RefusedAdapter {
                        name: row.name,
                        model: row.base_model,
                        problem,
                    });
                }
            }
        }
    }

    /// An adapter that a request names: by its name in the registry, live or not, or by its file.
    pub(in crate::serving) fn read_one(
        &self,
        model: &ModelName,
        named: &str,
    ) -> Result<CheckedAdapter, String> {
        let base = self.base(model.as_str())?;
        if Path::new(named).is_absolute() {
            let path = PathBuf::from(named);
            let file =
                AdapterFile::open(&path, &base.header, None).map_err(|error| error.to_string())?;
            return Ok(CheckedAdapter {
                name: named.to_owned(),
                key: CheckedAdapter::key_of(&file.sha256),
                path,
                sha256: file.sha256,
                bytes: file.bytes.len() as u64,
                language: None,
                genre: None,
                workspace: None,
            });
        }
        let missing = || {
            format!(
                "there is no adapter `{}`; see: inkstone adapter list",
                shown(named)
            )
        };
        if !self.database.exists() {
            return Err(missing());
        }
        let row = Store::open(&self.database).and_then(|store| store.adapter(named));
        let row = row
            .map_err(|error| error.to_string())?
            .ok_or_else(missing)?;
        self.check(&row, &base).map(|(_, checked)| checked)
    }

    fn base(&self, model: &str) -> Result<Base, String> {
        let installed = self
            .registry
            .resolve(model)
            .map_err(|error| error.to_string())?;
        let sha256 = self.hash(&installed)?;
        let header = Gguf::from_path(&installed.path)
            .map_err(|error| format!("`{}`: {error}", installed.path.display()))?;
        Ok(Base { sha256, header })
    }

    fn hash(&self, installed: &InstalledModel) -> Result<Sha256, String> {
        let stamp = std::fs::metadata(&installed.path).map(|found| FileStamp::of(&found));
        let known = stamp.ok().map(|stamp| (installed.path.clone(), stamp));
        let mut hashes = self.hashes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hash) = known.as_ref().and_then(|known| hashes.get(known)) {
            return Ok(*hash);
        }
        let hash = installed.sha256().map_err(|error| error.to_string())?;
        if hashes.len() >= KNOWN_HASHES_MAX {
            hashes.clear();
        }
        if let Some(known) = known {
            hashes.insert(known, hash);
        }
        Ok(hash)
    }

    fn check(&self, row: &AdapterRow, base: &Base) -> Result<(ModelName, CheckedAdapter), String> {
        let made_for = Sha256::from_bytes(row.scope.base_sha256);
        if made_for != base.sha256 {
            return Err(format!(
                "the adapter {} was made for another file of the model {} (SHA-256 {}, installed is {}); train again",
                row.name, row.base_model, made_for, base.sha256
            ));
        }
        let model = row.base_model.parse().map_err(|_| {
            format!(
                "the adapter {} names no model: {:?}",
                row.name, row.base_model
            )
        })?;
        let path = self.adapters_dir.join(file_name(&row.sha256));
        let registered = Sha256::from_bytes(row.sha256);
        let file = AdapterFile::open(&path, &base.header, Some(registered))
            .map_err(|error| error.to_string())?;
        let checked = CheckedAdapter {
            name: row.name.clone(),
            key: CheckedAdapter::key_of(&file.sha256),
            path,
            sha256: file.sha256,
            bytes: file.bytes.len() as u64,
            language: row.scope.language.clone(),
            genre: row.scope.genre.clone(),
            workspace: row.scope.workspace,
        };
        Ok((model, checked))
    }
}
