//! The `complete` method: a document around the caret in, a suggestion or a silence out.

use inkstone_settings::StopBound;
use serde::{Deserialize, Serialize};

use crate::ids::{DocumentId, DocumentVersion};
use crate::technique::Technique;

/// What is to be continued.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CompleteParams {
    /// Which document; requests of the same document supersede each other.
    pub document: DocumentId,
    /// Its version; an older one is answered `superseded`.
    pub version: DocumentVersion,
    /// Text before the caret, bounded by the client, whole characters.
    pub prefix: String,
    /// Byte offset in the document at which `prefix` starts.
    #[serde(default)]
    pub prefix_start: u64,
    /// Text after the caret, bounded by the client.
    #[serde(default)]
    pub suffix: String,
    /// The document's title, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Headings above the caret, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headings: Vec<String>,
    /// What kind of place the caret is in; none: as its line reads in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Where to end; none: the setting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<StopRule>,
    /// At most this many tokens; none: the setting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// At most so many tokens of text before the caret; none: the setting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_tokens: Option<u32>,
    /// Offer nothing that scores less, from 0 to 1; none: whatever makes sense at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_min: Option<f32>,
    /// Suggestions to choose from at most, which begin with different words; at least one.
    #[serde(default = "one")]
    pub alternatives_max: u32,
    /// A model by name instead of the one that serves the language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// What is worn instead of the adapter that is live for the text: the name of an adapter, the
    /// absolute path of an adapter's file, or `none` for the model as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapter: Option<String>,
    /// Absolute path of the document, as the editor names it: an adapter may be live for the documents
    /// of one folder. Asked for that alone, and kept nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Who asked.
    #[serde(default)]
    pub trigger: Trigger,
    /// Send `text` messages while decoding.
    #[serde(default)]
    pub stream: bool,
    /// Do without these; for measurements alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<Technique>,
}

/// The name that stands for no adapter in [`CompleteParams::adapter`].
pub const NO_ADAPTER: &str = "none";

impl CompleteParams {
    /// A request to continue `prefix` with nothing after it and every choice left to the settings:
    /// automatic, not streamed. Set the fields that differ.
    pub fn new(document: DocumentId, version: DocumentVersion, prefix: impl Into<String>) -> Self {
        Self {
            document,
            version,
            prefix: prefix.into(),
            prefix_start: 0,
            suffix: String::new(),
            title: None,
            headings: Vec::new(),
            place: None,
            stop: None,
            max_tokens: None,
            prompt_tokens: None,
            score_min: None,
            alternatives_max: one(),
            model: None,
            adapter: None,
            path: None,
            trigger: Trigger::default(),
            stream: false,
            without: Vec::new(),
        }
    }

    /// Whether a technique is used, as everywhere but in a measurement of what it is worth.
    pub fn uses(&self, technique: Technique) -> bool {
        !self.without.contains(&technique)
    }
}

/// Nobody who does not ask for several gets more.
fn one() -> u32 {
    1
}

/// A place in a document that has a shape of its own. A suggestion keeps to it, whatever the rule
/// for its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Running text.
    Prose,
    /// A heading or title.
    Heading,
    /// An item of a list.
    ListItem,
    /// A cell of a table.
    Table,
}

/// Where a suggestion ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopRule {
    /// After one word; Chinese, two characters.
    Word,
    /// At a comma, semicolon or colon, after a few words at the latest, or where the sentence ends.
    Phrase,
    /// At the end of the line or sentence, whichever comes first.
    Sentence,
    /// At the end of the line.
    Line,
    /// At an empty line.
    Paragraph,
}

impl StopRule {
    /// Where nobody knows more than the setting: `auto` is a sentence then.
    pub fn of_setting(setting: StopBound) -> Self {
        match setting {
            StopBound::Word => Self::Word,
            StopBound::Phrase => Self::Phrase,
            StopBound::Auto | StopBound::Sentence => Self::Sentence,
            StopBound::Line => Self::Line,
            StopBound::Paragraph => Self::Paragraph,
        }
    }
}

/// Who asked for a suggestion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The editor, while its user typed.
    #[default]
    Automatic,
    /// A person, explicitly.
    Invoked,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CompleteReply {
    /// The suggestion; empty when `silence` says why nothing is offered.
    pub text: String,
    /// Byte offsets in `text` at which its words end, ascending. What stands between two words
    /// belongs to the second.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub word_ends: Vec<u32>,
    /// Other suggestions, the likelier first; each begins with a word of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<Alternative>,
    /// Why nothing is offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub silence: Option<Silence>,
    /// Why the suggestion ends where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<Finish>,
    /// Name of the model that wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Name of the adapter that it wore.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapter: Option<String>,
    /// What the user should know of how it was computed, such as that the graphics card has failed;
    /// the same in every reply while it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// Mean log-probability (nats per token) of the decoded tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_logprob: Option<f32>,
    /// How sure the daemon is of the text, offered or not; none when there is no word in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
    /// Where the time went.
    pub timing: Timing,
    /// What was computed.
    pub tokens: TokenUse,
}

/// How likely the first word of a suggestion is what the writer would write.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Confidence {
    /// Probability that the model gives to the word, from 0 to 1; in a script without spaces, to two
    /// characters.
    pub first_word_probability: f32,
    /// Whether it is the rest of a word that stands at the caret.
    #[serde(default)]
    pub finishes_word: bool,
    /// Probability that the word is right, all considered, from 0 to 1.
    pub score: f32,
}

/// A suggestion beside the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alternative {
    /// The suggestion.
    pub text: String,
    /// As the reply's own [`CompleteReply::word_ends`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub word_ends: Vec<u32>,
    /// How sure its first word is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
}

/// A decision to offer nothing, with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// Stable code: `no_model_for_language`, `repeats_following`, `empty`, …
    pub reason: String,
    /// One sentence for the user.
    pub message: String,
    /// The command that changes it, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// Why decoding ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// A word ended.
    Word,
    /// A phrase ended.
    Phrase,
    /// A sentence ended.
    Sentence,
    /// A line ended.
    Line,
    /// A table's cell ended.
    Cell,
    /// A paragraph ended.
    Paragraph,
    /// The token limit was reached.
    Length,
    /// The model ended its text.
    EndOfText,
    /// The suggestion began to repeat itself.
    Loop,
}

/// Milliseconds, from the daemon's receipt of the request.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Timing {
    /// Waiting for the engine, loading included.
    pub queue_ms: f64,
    /// Reading the part of the prompt that no sequence held.
    pub prefill_ms: f64,
    /// Until the first token was known.
    pub ttft_ms: f64,
    /// All of it.
    pub total_ms: f64,
}

/// Counts of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TokenUse {
    /// Length of the prompt.
    pub prompt: u32,
    /// Of these, found in a sequence and not computed again.
    pub reused: u32,
    /// Of these, computed for this request.
    pub prefilled: u32,
    /// Computed after the prompt.
    pub decoded: u32,
}
