//! The installed models: `NAME.gguf` files in the data directory, each with its `NAME.toml`, and
//! the files of the read-only directory `INKSTONE_MODELS`. The file system is the registry: no
//! index can disagree with it. A file appears under its name whole or not at all.
//!
//! The daemon resolves and lists; only `inkstone-fetch` publishes, only `inkstone model rm` removes.
//! Both trust the description beside a file of ours, which is quick; who wants to know whether the
//! file is what it was ([`Registry::verify`]) pays for reading its header.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use inkstone_gguf::architectures::{self, Refusal};
use inkstone_gguf::{Gguf, ModelInfo, vocabulary};
use inkstone_settings::{Directories, ModelName, Settings};

use crate::catalogue::Catalogue;
use crate::error::{ModelError, Remedy, Unusable};
use crate::record::{RECORD_BYTES_MAX, Record};
use crate::role;
use crate::summary::Summary;

/// Most files listed of one directory; more is not a model collection but a mistake in a path.
const FILES_MAX: usize = 1_000;
/// Ending of a model file.
const MODEL_ENDING: &str = ".gguf";

/// The directories with models.
#[derive(Debug, Clone)]
pub struct Registry {
    own: PathBuf,
    extra: Option<PathBuf>,
    /// For the catalogue, when a remedy is wanted.
    directories: Directories,
}

/// Where what a file is comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// From its description, where that fits the file.
    Description,
    /// From its own header.
    File,
}

/// Where a model lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// In our data directory.
    Own,
    /// In `INKSTONE_MODELS`, which is only read.
    Extra,
}

/// A model that can be loaded.
#[derive(Debug, Clone)]
pub struct InstalledModel {
    /// Its name.
    pub name: ModelName,
    /// Its file.
    pub path: PathBuf,
    /// Where it lies.
    pub origin: Origin,
    /// Size of the file.
    pub size_bytes: u64,
    /// What its header says.
    pub summary: Summary,
    /// Where it came from; none for files put there by hand.
    pub record: Option<Record>,
}

/// One line of a listing: a file with a model's name, usable or not.
#[derive(Debug)]
pub struct Listed {
    /// The name its file gives it.
    pub name: ModelName,
    /// Its file.
    pub path: PathBuf,
    /// The model, or why it cannot be used.
    pub model: Result<InstalledModel, ModelError>,
}

/// A file in one of the directories.
struct Found {
    name: ModelName,
    path: PathBuf,
    origin: Origin,
    size_bytes: u64,
}

impl Registry {
    /// The registry of the directories. Creates nothing.
    pub fn of(directories: &Directories) -> Self {
        Self {
            own: directories.models_dir(),
            extra: directories.extra_models_dir().map(Path::to_owned),
            directories: directories.clone(),
        }
    }

    /// The directory in which models are published.
    pub fn directory(&self) -> &Path {
        &self.own
    }

    /// The file under which a model is published.
    pub fn file_of(&self, name: &ModelName) -> PathBuf {
        self.own.join(format!("{name}{MODEL_ENDING}"))
    }

    /// The model of a name, as its description or else its header has it.
    pub fn resolve(&self, name: &str) -> Result<InstalledModel, ModelError> {
        self.look_up(name, Trust::Description)
    }

    /// The model of a name, when its file can be read and its header is whole. The weights are not
    /// read: `inkstone model pull` compares their hash.
    pub fn verify(&self, name: &str) -> Result<InstalledModel, ModelError> {
        self.look_up(name, Trust::File)
    }

    /// How to get a model, or a whole file in place of a damaged one.
    pub fn remedy_for(&self, name: &ModelName) -> Remedy {
        // What is wrong in the user's catalogue is told by the commands that fetch.
        let (catalogue, _problems) = Catalogue::load(&self.directories);
        if catalogue.find(name.as_str()).is_ok() {
            Remedy::Pull
        } else {
            Remedy::Import
        }
    }

    /// The installed model that the catalogue names as the draft model of another, and its file.
    pub fn draft_of(&self, name: &ModelName) -> Option<(ModelName, PathBuf)> {
        let (catalogue, _problems) = Catalogue::load(&self.directories);
        let draft = catalogue.find(name.as_str()).ok()?.draft.clone()?;
        let path = self.find(&draft)?.path;
        Some((draft, path))
    }

    /// Whether a file of this name is there, without reading it.
    pub fn is_installed(&self, name: &ModelName) -> bool {
        self.find(name).is_some()
    }

    /// Every model by name; a file of ours hides one of the same name in `INKSTONE_MODELS`.
    pub fn list(&self) -> Vec<Listed> {
        let mut found = files_in(&self.own, Origin::Own);
        if let Some(extra) = &self.extra {
            let more = files_in(extra, Origin::Extra);
            let is_hidden = |file: &Found| found.iter().any(|own| own.name == file.name);
            let visible: Vec<Found> = more.into_iter().filter(|file| !is_hidden(file)).collect();
            found.extend(visible);
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found
            .into_iter()
            .map(|file| Listed {
                name: file.name.clone(),
                path: file.path.clone(),
                model: self.open(file, Trust::Description),
            })
            .collect()
    }

    /// Gives a complete, checked file its name. The caller holds the name's lock and has synced the
    /// file, which lies in [`Self::directory`]; a crash leaves the old model, or the new one.
    pub fn publish(
        &self,
        staged: &Path,
        name: &ModelName,
        record: Record,
    ) -> Result<InstalledModel, ModelError> {
        let (file, sidecar) = (self.file_of(name), self.sidecar_of(name));
        let staged_sidecar = self.staged_sidecar_of(name);
        let text = toml::to_string(&record).map_err(|error| ModelError::Describe {
            name: name.clone(),
            message: error.to_string(),
        })?;
        if text.len() as u64 > RECORD_BYTES_MAX {
            // It would be cut when it is read, and not count.
            let message = format!("it has more than {RECORD_BYTES_MAX} bytes");
            let name = name.clone();
            return Err(ModelError::Describe { name, message });
        }
        let written = write_synced(&staged_sidecar, text.as_bytes())
            // First the old description goes, so that it never describes the new file.
            .and_then(|()| remove_if_there(&sidecar))
            .and_then(|()| fs::rename(staged, &file))
            .and_then(|()| fs::rename(&staged_sidecar, &sidecar))
            .and_then(|()| File::open(&self.own)?.sync_all());
        if let Err(source) = written {
            // A leftover description is the lesser harm beside the error reported here.
            let _ = fs::remove_file(&staged_sidecar);
            return Err(ModelError::Io {
                action: "publish",
                path: file,
                source,
            });
        }
        Ok(InstalledModel {
            name: name.clone(),
            path: file,
            origin: Origin::Own,
            size_bytes: record.size_bytes,
            summary: record.model.clone(),
            record: Some(record),
        })
    }

    /// Removes a model and its description, unless a role of the settings names it. Returns its size.
    pub fn remove(
        &self,
        name: &ModelName,
        settings: &Settings,
        is_forced: bool,
    ) -> Result<u64, ModelError> {
        let found = self
            .find(name)
            .ok_or_else(|| ModelError::NothingToRemove { name: name.clone() })?;
        if found.origin == Origin::Extra {
            return Err(ModelError::ReadOnly {
                name: found.name,
                path: found.path,
            });
        }
        let uses = role::uses_of(name, settings);
        if !uses.is_empty() && !is_forced {
            let words: Vec<String> = uses
                .iter()
                .map(|used| format!("{} of {}", used.role.word(), used.language))
                .collect();
            return Err(ModelError::InUse {
                name: found.name,
                uses: words.join(", "),
            });
        }
        let failed = |source| ModelError::Io {
            action: "remove",
            path: found.path.clone(),
            source,
        };
        fs::remove_file(&found.path).map_err(failed)?;
        remove_if_there(&self.sidecar_of(name)).map_err(failed)?;
        Ok(found.size_bytes)
    }

    /// Where a description lies until the model is published; left only by a killed process.
    pub fn staged_sidecar_of(&self, name: &ModelName) -> PathBuf {
        self.own.join(format!("{name}.toml.new"))
    }

    fn sidecar_of(&self, name: &ModelName) -> PathBuf {
        self.own.join(format!("{name}.toml"))
    }

    fn look_up(&self, name: &str, trust: Trust) -> Result<InstalledModel, ModelError> {
        let name: ModelName = name.parse()?;
        match self.find(&name) {
            Some(found) => self.open(found, trust),
            None => Err(ModelError::NotInstalled {
                remedy: self.remedy_for(&name),
                name,
            }),
        }
    }

    fn open(&self, found: Found, trust: Trust) -> Result<InstalledModel, ModelError> {
        let record = read_record(&found);
        let summary = match &record {
            Some(record) if trust == Trust::Description => record.model.clone(),
            _ => inspect(&found.path).map_err(|why| ModelError::Unusable {
                name: found.name.clone(),
                path: found.path.clone(),
                why,
                remedy: self.remedy_for(&found.name),
            })?,
        };
        let Found {
            name,
            path,
            origin,
            size_bytes,
        } = found;
        Ok(InstalledModel {
            name,
            path,
            origin,
            size_bytes,
            summary,
            record,
        })
    }

    fn find(&self, name: &ModelName) -> Option<Found> {
        let own = self.file_of(name);
        if let Some(size_bytes) = file_size(&own) {
            return Some(Found {
                name: name.clone(),
                path: own,
                origin: Origin::Own,
                size_bytes,
            });
        }
        let extra = files_in(self.extra.as_ref()?, Origin::Extra);
        extra.into_iter().find(|file| file.name == *name)
    }
}

/// Reads a file's header and checks that llama.cpp can load it as a model that continues text.
/// `fetch` calls it before publishing. The path must be known to name a regular file.
pub fn inspect(path: &Path) -> Result<Summary, Unusable> {
    let gguf = Gguf::from_path(path)?;
    let info = ModelInfo::from_gguf(&gguf)?;
    let architecture = info.architecture.clone();
    architectures::check(&architecture).map_err(|refusal| match refusal {
        Refusal::Unknown => Unusable::UnknownArchitecture { architecture },
        Refusal::ContinuesNoText => Unusable::ContinuesNoText { architecture },
        Refusal::NeverRewinds => Unusable::NeverRewinds { architecture },
    })?;
    vocabulary::check(&gguf)?;
    Ok(Summary::from(info))
}

/// The description beside a file of ours; one that does not fit the file does not count.
fn read_record(found: &Found) -> Option<Record> {
    let sidecar = found.path.with_file_name(format!("{}.toml", found.name));
    file_size(&sidecar)?;
    let mut text = String::new();
    File::open(sidecar)
        .ok()?
        .take(RECORD_BYTES_MAX)
        .read_to_string(&mut text)
        .ok()?;
    let record: Record = toml::from_str(&text).ok()?;
    (found.origin == Origin::Own && record.size_bytes == found.size_bytes).then_some(record)
}

/// The model files of a directory; one that is missing or unreadable has none.
fn files_in(directory: &Path, origin: Origin) -> Vec<Found> {
    let Ok(entries) = fs::read_dir(directory) else {
        return Vec::new();
    };
    entries
        .flatten()
        .take(FILES_MAX)
        .filter_map(|entry| {
            let path = entry.path();
            let file_name = entry.file_name();
            let stem = file_name.to_str()?.strip_suffix(MODEL_ENDING)?;
            let name = match origin {
                Origin::Own => stem.parse().ok()?,
                // Files of others may be called anything; they get the nearest name.
                Origin::Extra => ModelName::from_loose(stem)?,
            };
            Some(Found {
                name,
                size_bytes: file_size(&path)?,
                path,
                origin,
            })
        })
        .collect()
}

/// The size of a regular file; none for anything else.
fn file_size(path: &Path) -> Option<u64> {
    fs::metadata(path)
        .ok()
        .filter(fs::Metadata::is_file)
        .map(|metadata| metadata.len())
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
