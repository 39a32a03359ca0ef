//! What a rule is: data, examples, and a function that finds places.

use std::borrow::Cow;

use inkstone_prose::Language;

use super::classes::Classes;
use super::findings::Findings;
use super::protected::Protected;
use crate::block::BlockKind;
use crate::left_out::Reason;
use crate::piece::Genre;
use crate::surprise::Usual;

/// The name of a rule, as settings, counts and the review know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(&'static str);

impl RuleId {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The name.
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// The rule of this name, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        let mut ids = super::RULES.iter().map(|rule| rule.id);
        ids.find(|id| id.0 == name)
    }
}

impl std::fmt::Display for RuleId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

/// A rule.
pub struct Rule {
    /// Its name.
    pub id: RuleId,
    /// Goes up with every change of what the rule does: results are cached by it.
    pub version: u32,
    /// What it does, in a few words.
    pub title: &'static str,
    /// Why, and what it leaves alone.
    pub why: &'static str,
    /// Whether it works unless somebody switches it off.
    pub default_on: bool,
    /// What follows from a place that it finds.
    pub kind: Kind,
    /// Its tests.
    pub examples: &'static [Example],
    /// It has nothing to do in a text with none of these.
    pub(crate) needs: Classes,
    /// Whether it may change addresses of the web, which all others leave alone.
    pub(crate) mends_addresses: bool,
    pub(crate) apply: fn(&Subject<'_>, &mut Findings<'_>),
}

/// What follows from a place that a rule finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It is mended.
    Mend,
    /// It is pointed out and stays.
    Flag,
    /// The whole block stays out.
    LeaveOut(Reason),
}

/// Where a block stands, as far as rules ask.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Context {
    /// What it is in its document.
    pub kind: BlockKind,
    /// What it is written in.
    pub language: Language,
    /// Of the document, where it is known.
    pub genre: Option<Genre>,
    /// Whether the document is known to be speech that was written down (subtitles, minutes of a
    /// talk): a single filler is enough then.
    pub is_transcript: bool,
    /// Whether the block is dialogue as a whole (a play, an interview that is quoted).
    pub is_dialogue: bool,
    /// How surprising a language model finds it, where that is known.
    pub perplexity: Option<Perplexity>,
}

impl Context {
    /// A paragraph of which only the language is known.
    pub const fn paragraph(language: Language) -> Self {
        Self {
            kind: BlockKind::Paragraph,
            language,
            genre: None,
            is_transcript: false,
            is_dialogue: false,
            perplexity: None,
        }
    }

    /// Whether how people speak is meant to stay: fiction, dialogue, quotations.
    pub(crate) fn keeps_speech(&self) -> bool {
        self.is_dialogue
            || self.genre == Some(Genre::Fiction)
            || matches!(
                self.kind,
                BlockKind::Quote | BlockKind::QuotedMail | BlockKind::Heading(_)
            )
    }

    pub(crate) fn is_documentation(&self) -> bool {
        self.genre == Some(Genre::Documentation)
    }
}

/// How surprising a block is, beside others of its writer, language and genre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Perplexity {
    /// Nats for each token ([`crate::surprise::Surprise::level`]).
    pub level: f64,
    /// What is usual for the writer.
    pub usual: Usual,
}

/// What a rule looks at.
pub(crate) struct Subject<'a> {
    pub(crate) text: &'a str,
    pub(crate) context: &'a Context,
    pub(crate) classes: Classes,
    pub(crate) protected: &'a Protected,
}

impl Subject<'_> {
    /// The text without code and addresses, whose repetitions say nothing about the prose.
    pub(crate) fn without_code(&self) -> Cow<'_, str> {
        self.protected.without_code(self.text)
    }

    pub(crate) fn is_english(&self) -> bool {
        self.context.language == Language::English
    }

    pub(crate) fn is_chinese(&self) -> bool {
        self.context.language == Language::Chinese
    }
}

/// One test of a rule, with that rule alone switched on.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// Where the text stands.
    pub context: Context,
    /// The text.
    pub before: &'static str,
    /// What comes of it.
    pub after: Outcome,
}

/// What comes of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It becomes this.
    Mended(&'static str),
    /// Nothing.
    Unchanged,
    /// It stays out.
    LeftOut,
    /// It stays as it is, with a flag.
    Flagged,
}

impl Example {
    const fn of(language: Language, before: &'static str, after: Outcome) -> Self {
        Self {
            context: Context::paragraph(language),
            before,
            after,
        }
    }

    pub(crate) const fn genre(mut self, genre: Genre) -> Self {
        self.context.genre = Some(genre);
        self
    }

    pub(crate) const fn kind(mut self, kind: BlockKind) -> Self {
        self.context.kind = kind;
        self
    }

    pub(crate) const fn transcript(mut self) -> Self {
        self.context.is_transcript = true;
        self
    }

    /// With a level where the median and the deviation are these.
    pub(crate) const fn perplexity(mut self, level: f64, median: f64, deviation: f64) -> Self {
        let usual = Usual {
            median,
            deviation,
            texts: 100,
        };
        self.context.perplexity = Some(Perplexity { level, usual });
        self
    }
}

/// English that is mended.
pub(crate) const fn en(before: &'static str, after: &'static str) -> Example {
    Example::of(Language::English, before, Outcome::Mended(after))
}

/// Chinese that is mended.
pub(crate) const fn zh(before: &'static str, after: &'static str) -> Example {
    Example::of(Language::Chinese, before, Outcome::Mended(after))
}

/// English that stays.
pub(crate) const fn en_same(before: &'static str) -> Example {
    Example::of(Language::English, before, Outcome::Unchanged)
}

/// Chinese that stays.
pub(crate) const fn zh_same(before: &'static str) -> Example {
    Example::of(Language::Chinese, before, Outcome::Unchanged)
}

/// Another language's text that stays.
pub(crate) const fn other_same(before: &'static str) -> Example {
    Example::of(Language::Other, before, Outcome::Unchanged)
}

/// English that is left out.
pub(crate) const fn en_out(before: &'static str) -> Example {
    Example::of(Language::English, before, Outcome::LeftOut)
}

/// Chinese that is left out.
pub(crate) const fn zh_out(before: &'static str) -> Example {
    Example::of(Language::Chinese, before, Outcome::LeftOut)
}

/// English that is flagged.
pub(crate) const fn en_flag(before: &'static str) -> Example {
    Example::of(Language::English, before, Outcome::Flagged)
}

/// Chinese that is flagged.
pub(crate) const fn zh_flag(before: &'static str) -> Example {
    Example::of(Language::Chinese, before, Outcome::Flagged)
}
