//! What a model's header says, as far as lists and choices need it; kept in the model's description
//! so that a listing does not read headers of a quarter million tokens again. Its texts are short and
//! fit to be shown, because those of [`ModelInfo`] are.

use inkstone_gguf::ModelInfo;
use serde::{Deserialize, Serialize};

/// The facts in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// As llama.cpp names it.
    pub architecture: String,
    /// Quantization under its published name.
    pub quantization: String,
    /// Number of weights.
    pub parameters: u64,
    /// Context it was trained with.
    pub context_tokens: u32,
    /// Whether it can write between a prefix and a suffix.
    pub has_fim: bool,
    /// Whether it has a chat template.
    pub has_chat_template: bool,
    /// Languages its publisher names; often none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    /// Licence its publisher names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
}

impl From<ModelInfo> for Summary {
    fn from(info: ModelInfo) -> Self {
        Self {
            has_fim: info.has_fim_tokens(),
            has_chat_template: info.chat_template.is_some(),
            architecture: info.architecture,
            quantization: info.quantization,
            parameters: info.parameter_count,
            context_tokens: info.context_length,
            languages: info.languages,
            licence: info.licence,
        }
    }
}
