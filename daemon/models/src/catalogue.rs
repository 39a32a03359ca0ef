//! The catalogue: the entries of the source tree and the user's own file, merged. A bad entry is a
//! [`CatalogueProblem`] with its line; all others still count.
//!
//! The one rule of override: an entry of the user's with a built-in name counts only when it says
//! `replaces_builtin = true`. So an update of Inkstone cannot be undone by accident, and a name
//! means what the documentation says unless its user wrote otherwise.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use inkstone_settings::{Directories, ModelName};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use toml::Spanned;

use crate::entry::{CatalogueEntry, RawEntry, Terms};
use crate::error::ModelError;
use crate::role::Role;

/// The entries of the source tree.
const BUILTIN: &str = include_str!("../catalogue.toml");
/// Largest catalogue file; a thousand entries fit. Bounds the parser's work.
pub const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// Least similarity (0 to 1) of a name that is worth suggesting.
const SIMILARITY_MIN: f64 = 0.5;

/// Every model that can be pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    entries: Vec<CatalogueEntry>,
}

/// Something in a catalogue file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueProblem {
    /// The file.
    pub file: PathBuf,
    /// Line from 1 at which the entry starts.
    pub line: Option<usize>,
    /// What is wrong, and how to correct it.
    pub message: String,
}

impl fmt::Display for CatalogueProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, " line {line}")?;
        }
        write!(
            f,
            ": {}; the entry does not count until corrected",
            self.message
        )
    }
}

/// A catalogue file as TOML has it. Entries are read one by one, so that one bad entry is one
/// problem.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    model: Vec<Spanned<toml::Value>>,
    #[serde(default)]
    terms: Vec<Terms>,
}

impl Catalogue {
    /// The entries of the source tree alone.
    pub fn builtin() -> Self {
        let mut catalogue = Self {
            entries: Vec::new(),
        };
        // proof: `tests/catalogue.rs` holds that the built-in file has no problems.
        let _ = catalogue.extend(Path::new("built-in catalogue"), BUILTIN, &[], false);
        catalogue
    }

    /// The built-in entries and those of the user's file, with what was wrong in it.
    pub fn load(directories: &Directories) -> (Self, Vec<CatalogueProblem>) {
        let file = directories.user_catalogue_file();
        let mut catalogue = Self::builtin();
        let problem = |message: String| CatalogueProblem {
            file: file.clone(),
            line: None,
            message,
        };
        let problems = match fs::metadata(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => vec![problem(format!("cannot be read ({error})"))],
            Ok(metadata) if !metadata.is_file() => vec![problem("is not a file".to_owned())],
            Ok(metadata) if metadata.len() > FILE_BYTES_MAX => {
                vec![problem(format!("has more than {FILE_BYTES_MAX} bytes"))]
            }
            Ok(_) => match fs::read_to_string(&file) {
                Ok(text) => catalogue.extend_by_user(&file, &text),
                Err(error) => vec![problem(format!("cannot be read ({error})"))],
            },
        };
        (catalogue, problems)
    }

    /// Adds the entries of a user's catalogue text.
    pub fn extend_by_user(&mut self, file: &Path, text: &str) -> Vec<CatalogueProblem> {
        let builtin_terms = toml::from_str::<RawFile>(BUILTIN).map(|raw| raw.terms);
        self.extend(file, text, &builtin_terms.unwrap_or_default(), true)
    }

    /// Every entry, built-in ones first.
    pub fn entries(&self) -> &[CatalogueEntry] {
        &self.entries
    }

    /// The entry of a name, or an error that names the most similar one.
    pub fn find(&self, name: &str) -> Result<&CatalogueEntry, ModelError> {
        self.entries
            .iter()
            .find(|entry| entry.name.as_str() == name)
            .ok_or_else(|| {
                let names = self.entries.iter().map(|entry| &entry.name);
                ModelError::Unknown {
                    name: name.to_owned(),
                    nearest: nearest_name(name, names),
                }
            })
    }

    /// The first entry that plays a role in a language.
    pub fn default_for(&self, role: Role, language: &str) -> Option<&CatalogueEntry> {
        self.entries.iter().find(|entry| {
            let speaks = entry.languages.iter().any(|tag| tag.as_str() == language);
            speaks && entry.roles.contains(&role)
        })
    }

    fn extend(
        &mut self,
        file: &Path,
        text: &str,
        more_terms: &[Terms],
        is_users: bool,
    ) -> Vec<CatalogueProblem> {
        let line_of = |offset: usize| {
            text.bytes()
                .take(offset)
                .filter(|byte| *byte == b'\n')
                .count()
                + 1
        };
        let problem = |offset: Option<usize>, message: String| CatalogueProblem {
            file: file.to_owned(),
            line: offset.map(line_of),
            message,
        };
        let raw: RawFile = match toml::from_str(text) {
            Ok(raw) => raw,
            Err(error) => {
                let offset = error.span().map(|span| span.start);
                return vec![problem(offset, error.message().to_owned())];
            }
        };
        let terms: Vec<Terms> = raw.terms.iter().chain(more_terms).cloned().collect();
        let mut problems = Vec::new();
        let mut added: Vec<ModelName> = Vec::new();
        for model in raw.model {
            let start = model.span().start;
            match self.admit(model.into_inner(), &terms, &added, is_users) {
                Ok(entry) => {
                    added.push(entry.name.clone());
                    // In its place, so that the default of a language stays the same model.
                    match self
                        .entries
                        .iter_mut()
                        .find(|other| other.name == entry.name)
                    {
                        Some(replaced) => *replaced = entry,
                        None => self.entries.push(entry),
                    }
                }
                Err(message) => problems.push(problem(Some(start), message)),
            }
        }
        problems
    }

    /// Checks one entry alone and against the names that exist.
    fn admit(
        &self,
        model: toml::Value,
        terms: &[Terms],
        added: &[ModelName],
        is_users: bool,
    ) -> Result<CatalogueEntry, String> {
        let raw = RawEntry::deserialize(model.into_deserializer())
            .map_err(|error: toml::de::Error| error.message().to_owned())?;
        let (name, replaces) = (raw.name.clone(), raw.replaces_builtin);
        let entry = raw
            .check(terms, is_users)
            .map_err(|message| format!("model `{name}`: {message}"))?;
        if added.contains(&entry.name) {
            return Err(format!("model `{name}` appears twice; keep one"));
        }
        let is_builtin = self.entries.iter().any(|other| other.name == entry.name);
        if is_builtin && !replaces {
            return Err(format!(
                "model `{name}` is built in; give yours another name, or `replaces_builtin = true` if you mean it"
            ));
        }
        Ok(entry)
    }
}

/// The most similar of some names, if one is similar enough.
pub(crate) fn nearest_name<'a>(
    name: &str,
    names: impl Iterator<Item = &'a ModelName>,
) -> Option<String> {
    /// Longer names are no misspelling of ours.
    const COMPARED_BYTES_MAX: usize = 128;
    if name.len() > COMPARED_BYTES_MAX {
        return None;
    }
    names
        .map(|known| {
            (
                strsim::normalized_damerau_levenshtein(known.as_str(), name),
                known,
            )
        })
        .filter(|(similarity, _)| *similarity >= SIMILARITY_MIN)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, known)| known.to_string())
}
