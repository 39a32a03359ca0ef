//! What one declaration in the table says: key, kind with its limits, scope, sentence. Checking a
//! value against its kind is here; where values come from is not (see [`crate::layers`]).

use std::path::Path;

use crate::model_name::ModelName;
use crate::value::Value;

/// Most items in a list value.
pub const LIST_ITEMS_MAX: usize = 64;
/// Longest item in a list value: a name, or the pattern of a path.
pub const LIST_ITEM_BYTES_MAX: usize = 256;
/// Longest path of a folder: what Linux and macOS allow at most.
pub const FOLDER_BYTES_MAX: usize = 4_096;

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Its key without the leading `inkstone.`, such as `completion.max_tokens`.
    pub key: &'static str,
    /// Which values it takes.
    pub kind: Kind,
    /// Which layers may set it.
    pub scope: Scope,
    /// One sentence for people.
    pub doc: &'static str,
    /// The value when no layer sets it; one of each language for a table of models.
    pub defaults: fn() -> Vec<(Option<String>, Value)>,
}

/// Which values a setting takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// `true` or `false`.
    Switch,
    /// A whole number within limits, both included.
    Number {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// A number, whole or not, within limits, both included.
    Decimal {
        /// Smallest.
        min: f64,
        /// Largest.
        max: f64,
    },
    /// The absolute path of a folder, or nothing.
    Folder,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A list of names.
    Names,
    /// A list of some of these words.
    Selection(&'static [&'static str]),
    /// A table from language to model name; its entries are keys of their own
    /// (`model.completion.en`), an empty name means no model.
    ModelByLanguage,
}

/// Which layers may set a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Only the user's file: the setting is the daemon's, which all editors share.
    User,
    /// Every layer.
    Any,
    /// Every layer, but a workspace file may only switch it off: a cloned folder must not start
    /// what its reader stopped.
    AnyWorkspaceOnlyOff,
}

/// Why a value does not fit its setting.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Misfit {
    /// What would fit, as the end of "must be …".
    pub(crate) expected: String,
}

impl Setting {
    /// The key as editors write it.
    pub fn full_key(&self) -> String {
        format!("inkstone.{}", self.key)
    }
}

impl Kind {
    /// What fits, as the end of "must be …".
    pub fn expectation(self) -> String {
        match self {
            Self::Switch => "true or false".to_owned(),
            Self::Number { min, max } => format!("a whole number from {min} to {max}"),
            Self::Decimal { min, max } => format!("a number from {min} to {max}"),
            Self::Folder => format!(
                "the absolute path of a folder, of at most {FOLDER_BYTES_MAX} bytes, or \"\" for none"
            ),
            Self::Choice(words) => {
                let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                format!("one of {}", quoted.join(", "))
            }
            Self::Names => format!(
                "a list of at most {LIST_ITEMS_MAX} names of at most {LIST_ITEM_BYTES_MAX} bytes"
            ),
            Self::Selection(words) => {
                let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                format!("a list of some of {}", quoted.join(", "))
            }
            Self::ModelByLanguage => {
                "a model name (small letters, digits, `.`, `_`, `-`) or \"\" for none".to_owned()
            }
        }
    }

    /// Whether a value fits.
    pub(crate) fn check(self, value: &Value) -> Result<(), Misfit> {
        let fits = match (self, value) {
            (Self::Switch, Value::Bool(_)) => true,
            (Self::Number { min, max }, Value::Int(value)) => (min..=max).contains(value),
            (Self::Decimal { min, max }, Value::Decimal(value)) => (min..=max).contains(value),
            (Self::Decimal { min, max }, Value::Int(value)) => {
                (min..=max).contains(&(*value as f64))
            }
            (Self::Folder, Value::Text(path)) => {
                path.is_empty()
                    || path.len() <= FOLDER_BYTES_MAX
                        && Path::new(path).is_absolute()
                        && !path.contains('\0')
            }
            (Self::Choice(words), Value::Text(word)) => words.contains(&word.as_str()),
            (Self::Names, Value::List(items)) => {
                items.len() <= LIST_ITEMS_MAX
                    && items
                        .iter()
                        .all(|item| (1..=LIST_ITEM_BYTES_MAX).contains(&item.len()))
            }
            (Self::Selection(words), Value::List(items)) => {
                items.len() <= LIST_ITEMS_MAX
                    && items.iter().all(|item| words.contains(&item.as_str()))
            }
            (Self::ModelByLanguage, Value::Text(name)) => {
                name.is_empty() || name.parse::<ModelName>().is_ok()
            }
            _ => false,
        };
        if fits {
            Ok(())
        } else {
            Err(Misfit {
                expected: self.expectation(),
            })
        }
    }
}
