//! What a model is used for, and which setting says so. The assignment itself is a setting
//! (`model.completion.en`), so that people and `inkstone model use` change the same line.

use inkstone_settings::{LanguageTag, ModelByLanguage, ModelName, Settings};
use serde::{Deserialize, Serialize};

/// What a model does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Continues text at the caret.
    Completion,
    /// Rewrites a selection.
    Rewrite,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 2] = [Self::Completion, Self::Rewrite];

    /// The role in one word, as commands and settings write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Completion => "completion",
            Self::Rewrite => "rewrite",
        }
    }

    /// The role of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// The key of the setting that names the model of this role for a language.
    pub fn setting_key(self, language: &LanguageTag) -> String {
        format!("model.{}.{language}", self.word())
    }

    /// The models of this role.
    pub fn models(self, settings: &Settings) -> &ModelByLanguage {
        match self {
            Self::Completion => &settings.model.completion,
            Self::Rewrite => &settings.model.rewrite,
        }
    }
}

/// One use of a model: a role for a language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoleUse {
    /// What it does.
    pub role: Role,
    /// For which language.
    pub language: String,
}

/// Every use that the settings make of a model.
pub fn uses_of(model: &ModelName, settings: &Settings) -> Vec<RoleUse> {
    Role::ALL
        .into_iter()
        .flat_map(|role| {
            let languages = role.models(settings).languages_of(model.as_str());
            languages.into_iter().map(move |language| RoleUse {
                role,
                language: language.to_string(),
            })
        })
        .collect()
}
