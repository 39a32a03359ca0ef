//! Ends generation: at a word, phrase, sentence, line or paragraph, at a length, at a loop.
//!
//! Not the quality of the text (`verdict.rs`). The daemon feeds it decoded text, piece by piece,
//! where a piece may end anywhere between two characters, and stops decoding when told.

use inkstone_prose::characters::{is_unspaced, is_word_joiner};
use inkstone_prose::{SentenceEnd, next_sentence_end};
use inkstone_text::{last_bytes, last_line};

use crate::list::{ListCaret, marker_bytes};
use crate::phrase::{phrase_end, without_connectives, word_end};
use crate::place::Place;
use crate::repetition::LoopWatch;
use crate::written::{Ending, Written, ends_sentence};

/// The longest suggestion under a rule that sets no length. A reader takes in two lines at a
/// glance; sentences longer than this are lists without an end.
pub const SUGGESTION_CHARS_MAX: usize = 400;

/// How much text before the caret is kept, so that an abbreviation that ends there is known.
const BEFORE_BYTES_MAX: usize = 64;

/// A number of characters (Unicode scalar values).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct CharCount(usize);

impl CharCount {
    /// So many characters.
    pub const fn new(characters: usize) -> Self {
        Self(characters)
    }

    /// How many.
    pub const fn get(self) -> usize {
        self.0
    }
}

/// Where a suggestion should end at the latest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StopRule {
    /// At the end of the first word, or of the line.
    Word,
    /// At the end of the first phrase, or of the line.
    Phrase,
    /// At the end of the line.
    Line,
    /// At the end of the sentence, or of the line.
    Sentence,
    /// At the next blank line.
    Paragraph,
    /// At so many characters, whatever they are.
    Length {
        /// The most characters.
        max_chars: CharCount,
    },
}

/// Why generation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StopReason {
    /// A word ended.
    WordEnd,
    /// A phrase ended.
    PhraseEnd,
    /// A line ended.
    LineEnd,
    /// A table's cell ended.
    CellEnd,
    /// A sentence ended.
    SentenceEnd,
    /// A paragraph ended.
    ParagraphEnd,
    /// The model ended the text.
    EndOfGeneration,
    /// The text has as many characters as allowed.
    MaxLength,
    /// The text repeats itself.
    Loop,
}

impl StopReason {
    /// A short stable name for logs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::WordEnd => "word_end",
            Self::PhraseEnd => "phrase_end",
            Self::LineEnd => "line_end",
            Self::CellEnd => "cell_end",
            Self::SentenceEnd => "sentence_end",
            Self::ParagraphEnd => "paragraph_end",
            Self::EndOfGeneration => "end_of_generation",
            Self::MaxLength => "max_length",
            Self::Loop => "loop",
        }
    }
}

/// Whether to decode another token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decision {
    /// Decode on.
    Continue,
    /// Stop; [`Stopper::text`] is the text to keep.
    Stop(StopReason),
}

/// Watches the text of one generation.
#[derive(Debug, Clone)]
pub struct Stopper {
    rule: StopRule,
    /// The last text before the caret, then all that was generated.
    text: String,
    /// Where the generated text starts.
    start: usize,
    /// Where the text to keep ends.
    keep_end: usize,
    chars: usize,
    watch: LoopWatch,
    at_line_start: bool,
    place: Place,
    is_in_list: bool,
    /// May begin with the marker of a list's item.
    may_bring_marker: bool,
    stopped: Option<StopReason>,
}

impl Stopper {
    /// A stopper for text that continues `before`, of which only the end matters.
    pub fn new(rule: StopRule, before: &str) -> Self {
        let near = last_bytes(before, BEFORE_BYTES_MAX);
        Self {
            rule,
            text: near.to_owned(),
            start: near.len(),
            keep_end: near.len(),
            chars: 0,
            watch: LoopWatch::default(),
            at_line_start: last_line(before).trim().is_empty(),
            place: Place::Prose,
            is_in_list: false,
            may_bring_marker: false,
            stopped: None,
        }
    }

    /// The stopper for a text at such a place after `before`: a heading, an item and a cell end with
    /// themselves.
    #[must_use]
    pub fn within(mut self, place: Place, before: &str) -> Self {
        let list = place.list_at(before);
        self.place = place;
        self.is_in_list = list != ListCaret::Elsewhere;
        self.may_bring_marker = list.may_bring_marker();
        self
    }

    /// Takes the next piece of decoded text. After a stop it changes nothing.
    pub fn push(&mut self, piece: &str) -> Decision {
        if let Some(reason) = self.stopped {
            return Decision::Stop(reason);
        }
        for c in piece.chars() {
            self.text.push(c);
            self.chars += 1;
            self.keep_end = self.text.len();
            // A mark's meaning is known at the next character; anything else cannot end a rule.
            if let Some((reason, end)) = self.loop_end(c).or_else(|| self.rule_end(c)) {
                return self.stop(reason, end);
            }
        }
        Decision::Continue
    }

    /// Takes the model's end-of-generation token.
    pub fn finish(&mut self) -> Decision {
        match self.stopped {
            Some(reason) => Decision::Stop(reason),
            None => self.stop(StopReason::EndOfGeneration, self.text.len()),
        }
    }

    /// Takes it that no further token is decoded, in the middle of the text: a word that may not
    /// be whole goes, unless there is nothing else.
    pub fn finish_at_limit(&mut self) -> Decision {
        if let Some(reason) = self.stopped {
            return Decision::Stop(reason);
        }
        let end = self.start + last_word_start(&self.text[self.start..]);
        self.stop(StopReason::MaxLength, self.end_of_words(end))
    }

    /// The text to keep, without space at its end. Final after a stop.
    pub fn text(&self) -> &str {
        self.text[self.start..self.keep_end].trim_end()
    }

    /// The text to keep, and how it came to its end.
    pub fn written(&self) -> Written<'_> {
        let ending = match self.stopped {
            // Lines of prose may be broken anywhere.
            Some(StopReason::LineEnd) if !self.is_one_line() && !ends_sentence(self.text()) => {
                Ending::Cut
            }
            Some(
                StopReason::LineEnd
                | StopReason::ParagraphEnd
                | StopReason::CellEnd
                | StopReason::EndOfGeneration,
            ) => Ending::Whole,
            Some(StopReason::SentenceEnd) => Ending::Sentence,
            Some(
                StopReason::WordEnd
                | StopReason::PhraseEnd
                | StopReason::MaxLength
                | StopReason::Loop,
            )
            | None => Ending::Cut,
        };
        Written {
            text: self.text(),
            ending,
        }
    }

    /// The part of the text that may be shown already, word by word: later pieces only add to it,
    /// except that a loop found later takes its rounds back.
    pub fn shown(&self) -> &str {
        if self.stopped.is_some() {
            return self.text();
        }
        if self.rule == StopRule::Word {
            // Whether a mark belongs to the word is known when the word has ended.
            return "";
        }
        let text = &self.text[self.start..];
        let repeating = text.char_indices().rev().take(self.watch.repeating_chars());
        let before_rounds = repeating.last().map_or(text.len(), |(at, _)| at);
        // The last word may still be cut off by the length.
        let end = last_word_start(text).min(before_rounds);
        let end = self.end_of_words(self.start + end);
        self.text[self.start..end].trim_end()
    }

    /// Where the text up to `end` is to be cut that ends there for its length alone: a phrase that
    /// ends with "of the" promises what it does not have.
    fn end_of_words(&self, end: usize) -> usize {
        match self.rule {
            StopRule::Phrase => self.start + without_connectives(&self.text[self.start..end]).len(),
            _ => end,
        }
    }

    fn max_chars(&self) -> usize {
        match self.rule {
            StopRule::Length { max_chars } => max_chars.get(),
            _ => SUGGESTION_CHARS_MAX,
        }
    }

    fn stop(&mut self, reason: StopReason, end: usize) -> Decision {
        self.keep_end = end;
        self.stopped = Some(reason);
        Decision::Stop(reason)
    }

    /// The end of the first round, if the text has become a loop.
    fn loop_end(&mut self, c: char) -> Option<(StopReason, usize)> {
        let found = self.watch.push(c)?;
        let generated = &self.text[self.start..];
        let end = generated
            .char_indices()
            .nth(found.first_round_end_chars)
            .map_or(generated.len(), |(at, _)| at);
        Some((StopReason::Loop, self.start + end))
    }

    fn rule_end(&self, last: char) -> Option<(StopReason, usize)> {
        let by_rule = match self.rule {
            StopRule::Word => self.word_end().or_else(|| self.line_end(last)),
            StopRule::Phrase => self
                .sentence_end()
                .or_else(|| self.phrase_end())
                .or_else(|| self.line_end(last)),
            StopRule::Line => self.line_end(last),
            StopRule::Sentence => self.sentence_end().or_else(|| self.line_end(last)),
            StopRule::Paragraph => self.paragraph_end(last),
            StopRule::Length { .. } => None,
        };
        let by_place = || self.cell_end(last).or_else(|| self.own_line_end(last));
        by_rule.or_else(by_place).or_else(|| self.length_end())
    }

    /// At the start of a line, breaks before the first visible character only move it down.
    fn line_end(&self, last: char) -> Option<(StopReason, usize)> {
        let generated = &self.text[self.start..];
        let nothing_yet = generated.trim().is_empty();
        let ends = matches!(last, '\n' | '\r') && !(nothing_yet && self.at_line_start);
        ends.then(|| (StopReason::LineEnd, self.text.len() - 1))
    }

    fn sentence_end(&self) -> Option<(StopReason, usize)> {
        match next_sentence_end(&self.text, self.start) {
            SentenceEnd::At(end) => Some((StopReason::SentenceEnd, end)),
            SentenceEnd::IfTextEnds(_) | SentenceEnd::Nowhere => None,
        }
    }

    fn own_line_end(&self, last: char) -> Option<(StopReason, usize)> {
        self.is_one_line().then(|| self.line_end(last)).flatten()
    }

    fn is_one_line(&self) -> bool {
        self.is_in_list || self.place != Place::Prose
    }

    /// A bar after a backslash is text.
    fn cell_end(&self, last: char) -> Option<(StopReason, usize)> {
        let end = self.text.len() - last.len_utf8();
        let divides =
            self.place == Place::Table && last == '|' && !self.text[..end].ends_with('\\');
        divides.then_some((StopReason::CellEnd, end))
    }

    fn word_end(&self) -> Option<(StopReason, usize)> {
        let start = self.words_start()?;
        let end = word_end(&self.text[start..])?;
        Some((StopReason::WordEnd, start + end))
    }

    fn phrase_end(&self) -> Option<(StopReason, usize)> {
        let start = self.words_start()?;
        let end = phrase_end(&self.text[start..])?;
        Some((StopReason::PhraseEnd, start + end))
    }

    /// Where the words start, after the marker of an item; none while there may be one to come.
    fn words_start(&self) -> Option<usize> {
        if self.may_bring_marker {
            marker_bytes(&self.text[self.start..]).map(|bytes| self.start + bytes)
        } else {
            Some(self.start)
        }
    }

    fn paragraph_end(&self, last: char) -> Option<(StopReason, usize)> {
        if last != '\n' {
            return None;
        }
        let generated = &self.text[self.start..];
        let visible_end = self.start + generated.trim_end().len();
        let breaks = self.text[visible_end..].matches('\n').count();
        let nothing_yet = visible_end == self.start;
        (breaks >= 2 && !nothing_yet).then_some((StopReason::ParagraphEnd, visible_end))
    }

    /// One character past the limit it is known whether the last word ended there.
    fn length_end(&self) -> Option<(StopReason, usize)> {
        if self.chars <= self.max_chars() {
            return None;
        }
        let generated = &self.text[self.start..];
        let (last_at, last) = generated.char_indices().next_back()?;
        let before = &generated[..last_at];
        let end = if is_in_word(last) {
            last_word_start(before)
        } else {
            before.len()
        };
        Some((StopReason::MaxLength, self.start + end))
    }
}

/// Where the word starts that a text ends with, or its end: if it does not end with a word, or
/// holds nothing else.
fn last_word_start(text: &str) -> usize {
    let before = text.trim_end_matches(is_in_word);
    if before.trim().is_empty() {
        text.len()
    } else {
        before.len()
    }
}

/// Whether a word of spaced text may go on after `c`.
fn is_in_word(c: char) -> bool {
    (c.is_alphanumeric() || is_word_joiner(c)) && !is_unspaced(c)
}
