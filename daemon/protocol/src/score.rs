//! How surprising texts are to a model: [`crate::Call::Score`] and its answer.
//!
//! Asked by the trainer, about what it read, and by `inkstone score`. Nothing is suggested, and
//! whoever types goes first.

use serde::{Deserialize, Serialize};

/// Bytes of all texts of one call together. As a token spells a byte at least, these are as many tokens
/// at most.
pub const SCORE_BYTES_MAX: usize = 32 * 1024;
/// Texts of one call.
pub const SCORE_TEXTS_MAX: usize = 256;

/// Texts that a model is to score.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreParams {
    /// Each is read by itself; at most [`SCORE_TEXTS_MAX`], with [`SCORE_BYTES_MAX`] together. With
    /// none the answer says who would score.
    pub texts: Vec<String>,
    /// The tag of the language whose model scores (`en`, `zh`, `und`); without it, that of the first
    /// text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// A model by name instead of the one that serves the language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Whether a model that is not in memory is loaded; otherwise the answer is the error `not_now`.
    #[serde(default)]
    pub load: bool,
    /// What the model wears: the name of an adapter, the absolute path of its file, or
    /// [`LIVE_ADAPTER`]; nothing where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapter: Option<String>,
    /// Whether what the writer wrote after the same tokens before is mixed in, as in suggestions.
    #[serde(default)]
    pub memory: bool,
    /// Of each text, only the first so many tokens are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_max: Option<u32>,
}

/// The name that stands in [`ScoreParams::adapter`] for what a document of that language in no added
/// folder would be completed with.
pub const LIVE_ADAPTER: &str = "live";

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreReply {
    /// The model that scored.
    pub model: String,
    /// Names the content of its file: numbers of two files are not to be compared.
    pub model_hash: String,
    /// Name of the adapter that it wore, as it was named or as the registry names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapter: Option<String>,
    /// Whether there was something remembered to be mixed in.
    #[serde(default)]
    pub memory: bool,
    /// One for each text, in order.
    pub scores: Vec<TextScore>,
}

/// What a text cost the model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct TextScore {
    /// The sum of the negative log-likelihoods of the tokens, in nats.
    pub nats: f64,
    /// Tokens that were predicted: those that something stands before.
    pub tokens: u32,
    /// Characters that these spell.
    pub characters: u32,
}

impl TextScore {
    /// Nats for each token; none where nothing was predicted.
    pub fn nats_per_token(&self) -> Option<f64> {
        per(self.nats, self.tokens)
    }

    /// Nats for each character, by which models with different tokens can be compared; none where
    /// nothing was predicted.
    pub fn nats_per_character(&self) -> Option<f64> {
        per(self.nats, self.characters)
    }
}

fn per(nats: f64, count: u32) -> Option<f64> {
    (count > 0).then(|| nats / f64::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_of_nothing_is_none() {
        let score = TextScore {
            nats: 6.0,
            tokens: 3,
            characters: 12,
        };
        assert_eq!(score.nats_per_token(), Some(2.0));
        assert_eq!(score.nats_per_character(), Some(0.5));
        assert_eq!(TextScore::default().nats_per_token(), None);
        assert_eq!(TextScore::default().nats_per_character(), None);
    }

    #[test]
    fn what_is_left_out_has_its_usual_meaning() {
        let params: ScoreParams = serde_json::from_str(r#"{"texts":["海港"]}"#).unwrap();
        let usual = ScoreParams {
            texts: vec!["海港".to_owned()],
            ..ScoreParams::default()
        };
        assert_eq!(params, usual);
        assert!(!params.load && !params.memory);
    }
}
