//! The layers and how they merge: default < user file < workspace file < session. Whatever is wrong
//! in a layer becomes a [`Problem`]; the rest of the layer and all other layers still apply.
//!
//! The daemon loads the user's file alone; the language server adds a workspace's file and what its
//! editor sent, and merges again whenever one of them changes.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::directories::Directories;
use crate::json_entries;
use crate::problem::{Fault, Problem};
use crate::setting::{Scope, Setting};
use crate::table::{self, Settings, TABLE};
use crate::toml_entries::{self, Entry};
use crate::value::Value;

/// Largest settings file; ours has under 4 KiB with every setting in it. Bounds the parser's work.
pub const FILE_BYTES_MAX: u64 = 64 * 1024;
/// Most problems listed of one layer; the rest is counted.
const PROBLEMS_MAX: usize = 32;
/// Least similarity (0 to 1) of a key that is worth suggesting.
const SIMILARITY_MIN: f64 = 0.75;

/// Where a value came from, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// The user's `inkstone.toml`.
    User,
    /// The `inkstone.toml` of an opened folder, written by whoever made the folder.
    Workspace,
    /// What the editor sent.
    Session,
}

impl Layer {
    /// The layer in words.
    pub fn description(self) -> &'static str {
        match self {
            Self::User => "user settings",
            Self::Workspace => "workspace settings",
            Self::Session => "editor settings",
        }
    }
}

/// The merged settings and all that was wrong on the way.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Loaded {
    /// What applies.
    pub settings: Settings,
    /// What could not be used.
    pub problems: Vec<Problem>,
}

/// The layers to merge; those that are absent do not count.
#[derive(Debug, Clone, Copy, Default)]
pub struct Layers<'a> {
    /// The user's file; it may be missing.
    pub user_file: Option<&'a Path>,
    /// The workspace's file; it may be missing.
    pub workspace_file: Option<&'a Path>,
    /// The editor's settings.
    pub session: Option<&'a Json>,
}

impl Layers<'_> {
    /// Reads the files and merges everything.
    pub fn load(self) -> Loaded {
        let mut loaded = Loaded::default();
        for (layer, file) in [
            (Layer::User, self.user_file),
            (Layer::Workspace, self.workspace_file),
        ] {
            let Some(file) = file else { continue };
            match read_bounded(file) {
                Ok(Some(text)) => loaded.apply_file_text(layer, file, &text),
                Ok(None) => {}
                Err(fault) => {
                    let file = Some(file.to_owned());
                    loaded.problems.push(Problem {
                        layer,
                        file,
                        line: None,
                        fault,
                    });
                }
            }
        }
        if let Some(session) = self.session {
            loaded.apply_session(session);
        }
        loaded
    }
}

impl Loaded {
    /// The user's settings alone, as the daemon and the commands see them.
    pub fn of_user(directories: &Directories) -> Self {
        let file = directories.config_file();
        Layers {
            user_file: Some(&file),
            ..Layers::default()
        }
        .load()
    }

    /// Applies the text of a settings file over what is loaded. `file` only names it in messages.
    pub fn apply_file_text(&mut self, layer: Layer, file: &Path, text: &str) {
        let (entries, faults) = toml_entries::parse(text);
        let mut merge = Merge::into(self, layer, Some(file));
        // What the parser guessed of a broken line would only be reported a second time.
        let is_whole = |entry: &Entry| !faults.iter().any(|(line, _)| entry.line == Some(*line));
        let entries = entries.into_iter().filter(is_whole).collect();
        for (line, fault) in faults {
            merge.report(Some(line), fault);
        }
        merge.apply(entries);
    }

    /// Applies an editor's settings over what is loaded.
    pub fn apply_session(&mut self, session: &Json) {
        let (entries, faults) = json_entries::parse(session);
        let mut merge = Merge::into(self, Layer::Session, None);
        for fault in faults {
            merge.report(None, fault);
        }
        merge.apply(entries);
    }
}

/// One layer being merged.
struct Merge<'a> {
    loaded: &'a mut Loaded,
    layer: Layer,
    file: Option<PathBuf>,
    problems: usize,
}

impl<'a> Merge<'a> {
    fn into(loaded: &'a mut Loaded, layer: Layer, file: Option<&Path>) -> Self {
        Self {
            loaded,
            layer,
            file: file.map(Path::to_owned),
            problems: 0,
        }
    }

    fn apply(mut self, entries: Vec<Entry>) {
        // Problems speak of the weaker layers' value, whatever this layer set before.
        let below = self.loaded.settings.clone();
        let mut seen: Vec<String> = Vec::new();
        for entry in entries {
            let key = entry.key.strip_prefix("inkstone.").unwrap_or(&entry.key);
            if seen.iter().any(|earlier| earlier == key) {
                self.report(
                    entry.line,
                    Fault::SetTwice {
                        key: key.to_owned(),
                    },
                );
                continue;
            }
            match admit(self.layer, key, &entry.value, &below) {
                Ok((setting, language)) => {
                    self.loaded
                        .settings
                        .assign(setting.key, language, &entry.value);
                    seen.push(key.to_owned());
                }
                Err(fault) => self.report(entry.line, fault),
            }
        }
        if self.problems > PROBLEMS_MAX {
            let fault = Fault::More {
                count: self.problems - PROBLEMS_MAX,
            };
            self.push(None, fault);
        }
    }

    fn report(&mut self, line: Option<usize>, fault: Fault) {
        self.problems += 1;
        if self.problems <= PROBLEMS_MAX {
            self.push(line, fault);
        }
    }

    fn push(&mut self, line: Option<usize>, fault: Fault) {
        let problem = Problem {
            layer: self.layer,
            file: self.file.clone(),
            line,
            fault,
        };
        self.loaded.problems.push(problem);
    }
}

/// Decides whether a layer may give a key a value: the setting and language, or why not.
pub(crate) fn admit<'k>(
    layer: Layer,
    key: &'k str,
    value: &Value,
    below: &Settings,
) -> Result<(&'static Setting, Option<&'k str>), Fault> {
    let Some((setting, language)) = table::find(key) else {
        return Err(Fault::UnknownKey {
            key: key.to_owned(),
            nearest: nearest_key(key),
        });
    };
    if setting.scope == Scope::User && layer != Layer::User {
        return Err(Fault::WrongLayer {
            key: key.to_owned(),
        });
    }
    if let Err(misfit) = setting.kind.check(value) {
        let kept = below
            .get(key)
            .map_or_else(|| "no value".to_owned(), |kept| kept.to_string());
        return Err(Fault::BadValue {
            key: key.to_owned(),
            found: value.to_string(),
            expected: misfit.expected,
            kept,
        });
    }
    let switches_on = *value == Value::Bool(true) && below.get(key) == Some(Value::Bool(false));
    if setting.scope == Scope::AnyWorkspaceOnlyOff && layer == Layer::Workspace && switches_on {
        return Err(Fault::WorkspaceLoosens {
            key: key.to_owned(),
        });
    }
    Ok((setting, language))
}

/// The setting whose key is most similar, if one is similar enough.
fn nearest_key(key: &str) -> Option<&'static str> {
    /// Longer keys are no misspelling of ours; comparing them would only cost time.
    const COMPARED_BYTES_MAX: usize = 64;
    if key.len() > COMPARED_BYTES_MAX {
        return None;
    }
    let by_similarity = TABLE
        .iter()
        .map(|setting| {
            (
                strsim::normalized_damerau_levenshtein(setting.key, key),
                setting.key,
            )
        })
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    let last = key.rsplit('.').next().unwrap_or(key);
    let same_name = || {
        TABLE
            .iter()
            .find(|s| s.key.rsplit('.').next() == Some(last))
            .map(|s| s.key)
    };
    match by_similarity {
        Some((similarity, nearest)) if similarity >= SIMILARITY_MIN => Some(nearest),
        _ => same_name(),
    }
}

/// Reads a settings file within its limit; none when there is no such file.
fn read_bounded(path: &Path) -> Result<Option<String>, Fault> {
    let unreadable = |error: &dyn std::fmt::Display| Fault::Unreadable {
        message: error.to_string(),
    };
    // Asked before opening: opening a pipe that nobody writes to would wait for ever.
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(&error)),
    };
    if !metadata.is_file() {
        return Err(unreadable(&"not a regular file"));
    }
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    let mut bytes = Vec::new();
    let mut bounded = file.take(FILE_BYTES_MAX + 1);
    bounded
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        let bytes = metadata.len().max(FILE_BYTES_MAX + 1);
        return Err(Fault::TooLarge {
            bytes,
            max_bytes: FILE_BYTES_MAX,
        });
    }
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|error| unreadable(&error.utf8_error()))
}
