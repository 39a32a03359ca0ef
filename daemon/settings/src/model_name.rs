//! Names of models and languages, checked once: a model's name becomes a file name, so it can
//! never leave its directory. Used by the table, the registry and the command line.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::error::SettingsError;

/// Longest model name; leaves room for `.gguf.part` in every file system.
pub const MODEL_NAME_BYTES_MAX: usize = 64;

/// The name of a model: small letters, digits, `.`, `_`, `-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelName(String);

impl ModelName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nearest valid name to any text, such as a file's stem; none when nothing remains.
    pub fn from_loose(text: &str) -> Option<Self> {
        let mapped: String = text
            .chars()
            .map(|c| match c.to_ascii_lowercase() {
                c @ ('a'..='z' | '0'..='9' | '.' | '_' | '-') => c,
                _ => '-',
            })
            .collect();
        let trimmed = mapped.trim_start_matches(['.', '_', '-']);
        let end = trimmed.len().min(MODEL_NAME_BYTES_MAX);
        trimmed[..end]
            .trim_end_matches(['.', '_', '-'])
            .parse()
            .ok()
    }
}

impl FromStr for ModelName {
    type Err = SettingsError;

    fn from_str(name: &str) -> Result<Self, SettingsError> {
        let allowed = |c: u8| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
        let starts_well = name
            .bytes()
            .next()
            .is_some_and(|c| c.is_ascii_alphanumeric());
        if starts_well && name.len() <= MODEL_NAME_BYTES_MAX && name.bytes().all(allowed) {
            Ok(Self(name.to_owned()))
        } else {
            Err(SettingsError::ModelName {
                name: name.chars().take(MODEL_NAME_BYTES_MAX * 2).collect(),
            })
        }
    }
}

impl fmt::Display for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for ModelName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// A language: two or three small letters (ISO 639).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LanguageTag(String);

impl LanguageTag {
    /// The tag as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LanguageTag {
    type Err = SettingsError;

    fn from_str(tag: &str) -> Result<Self, SettingsError> {
        if matches!(tag.len(), 2 | 3) && tag.bytes().all(|c| c.is_ascii_lowercase()) {
            Ok(Self(tag.to_owned()))
        } else {
            Err(SettingsError::LanguageTag {
                tag: tag.chars().take(MODEL_NAME_BYTES_MAX).collect(),
            })
        }
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which model serves which language; a language that is absent has none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ModelByLanguage(BTreeMap<LanguageTag, ModelName>);

impl ModelByLanguage {
    /// The model of a language (`en`, `zh`).
    pub fn get(&self, language: &str) -> Option<&ModelName> {
        self.iter()
            .find(|(tag, _)| tag.as_str() == language)
            .map(|(_, name)| name)
    }

    /// Every language with its model, by tag.
    pub fn iter(&self) -> impl Iterator<Item = (&LanguageTag, &ModelName)> {
        self.0.iter()
    }

    /// The languages that a model serves.
    pub fn languages_of(&self, model: &str) -> Vec<&LanguageTag> {
        self.iter()
            .filter(|(_, name)| name.as_str() == model)
            .map(|(tag, _)| tag)
            .collect()
    }

    /// Gives a language a model, or none.
    pub fn set(&mut self, language: LanguageTag, model: Option<ModelName>) {
        match model {
            Some(model) => self.0.insert(language, model),
            None => self.0.remove(&language),
        };
    }
}
