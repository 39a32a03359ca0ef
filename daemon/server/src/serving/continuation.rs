//! One way to go on from a prompt: from chosen tokens to characters, to a bounded text.

use inkstone_engine::Choice;
use inkstone_pipeline::{
    Decision, Evidence, FirstWord, Place, StopReason, Stopper, Written, score,
};
use inkstone_prose::Language;
use inkstone_protocol::{Confidence, Finish, StopRule};
use inkstone_vocab::Utf8Stream;

/// Tokens that may go into nothing but writing again what was typed.
pub(super) const HEALING_TOKENS: u32 = 1;

/// What a chosen token leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Compute it and choose again.
    GoOn,
    /// The text is whole.
    Finished(Finish),
}

/// What was chosen after a prompt so far.
#[derive(Debug)]
pub(super) struct Continuation {
    /// What stands before the caret and the model has still to write: see `Prompt::typed`.
    typed: Vec<u8>,
    stopper: Stopper,
    characters: Utf8Stream,
    decode_tokens_max: u32,
    decoded_tokens: u32,
    logprob_sum: f32,
    first_word: FirstWord,
    /// Log-probability, in nats, of what the writer had begun: of the first token's being one of
    /// those that begin so.
    typed_logprob: f32,
    /// Whether the first token went on with a word that was typed in part.
    finishes_word: bool,
    finish: Option<Finish>,
}

impl Continuation {
    /// Nothing yet, to be ended by `stopper`.
    pub(super) fn new(stopper: Stopper, typed: Vec<u8>, decode_tokens_max: u32) -> Self {
        let healing_tokens = if typed.is_empty() { 0 } else { HEALING_TOKENS };
        Self {
            typed,
            stopper,
            characters: Utf8Stream::default(),
            decode_tokens_max: decode_tokens_max + healing_tokens,
            decoded_tokens: 0,
            logprob_sum: 0.0,
            first_word: FirstWord::default(),
            typed_logprob: 0.0,
            finishes_word: false,
            finish: None,
        }
    }

    /// From now on it has at most so many tokens, if it had more; it ends with the next at the
    /// earliest.
    pub(super) fn end_by(&mut self, decode_tokens_max: u32) {
        self.decode_tokens_max = self.decode_tokens_max.min(decode_tokens_max);
    }

    /// Takes a chosen token: its bytes become characters, the characters go through the stopper.
    pub(super) fn take(&mut self, choice: Choice, bytes: &[u8], ends_text: bool) -> Turn {
        if ends_text {
            self.stopper.finish();
            return self.finished(Finish::EndOfText);
        }
        self.decoded_tokens += 1;
        self.logprob_sum += choice.logprob;
        self.typed_logprob += choice.logprob_of_all - choice.logprob;
        let typed = std::mem::take(&mut self.typed);
        self.finishes_word |= !typed.trim_ascii().is_empty() && bytes.len() > typed.len();
        let piece = self.characters.push(after_typed(&typed, bytes));
        self.first_word.push(&piece, choice.logprob);
        let decision = match self.stopper.push(&piece) {
            Decision::Continue if self.decoded_tokens >= self.decode_tokens_max => {
                self.stopper.finish_at_limit()
            }
            decision => decision,
        };
        match decision {
            Decision::Stop(reason) => self.finished(finish_of(reason)),
            Decision::Continue => Turn::GoOn,
        }
    }

    fn finished(&mut self, finish: Finish) -> Turn {
        self.finish = Some(finish);
        Turn::Finished(finish)
    }

    /// The bytes that the next token has to begin with; none: any will do.
    pub(super) fn typed(&self) -> &[u8] {
        &self.typed
    }

    /// Whether a token was chosen, or the end.
    pub(super) fn has_begun(&self) -> bool {
        self.decoded_tokens > 0 || self.finish.is_some()
    }

    /// Why the text ended; none while it goes on.
    pub(super) fn finish(&self) -> Option<Finish> {
        self.finish
    }

    /// The text so far, and how it came to its end.
    pub(super) fn written(&self) -> Written<'_> {
        self.stopper.written()
    }

    /// What of it is certain.
    pub(super) fn shown(&self) -> &str {
        self.stopper.shown()
    }

    /// Tokens chosen.
    pub(super) fn decoded_tokens(&self) -> u32 {
        self.decoded_tokens
    }

    /// Mean log-probability of the chosen tokens in nats; none before the first.
    pub(super) fn mean_logprob(&self) -> Option<f32> {
        (self.decoded_tokens > 0).then(|| self.logprob_sum / self.decoded_tokens as f32)
    }

    /// How sure the first word is, after the text `before` the caret; none before it has begun.
    /// Without a scorer the model's own probability stands for the score.
    pub(super) fn confidence(
        &self,
        before: &str,
        language: Language,
        has_scorer: bool,
    ) -> Option<Confidence> {
        let usual_logprob = self.first_word.logprob()?;
        let probability = (usual_logprob + self.typed_logprob).exp();
        let finishes_word =
            self.finishes_word && goes_on_in(before, self.first_word.word()).unwrap_or(true);
        let evidence = Evidence {
            word_logprob: word_logprob(&self.first_word)?,
            usual_logprob,
            finishes_word,
            word: self.first_word.word(),
            before,
        };
        Some(Confidence {
            first_word_probability: probability,
            finishes_word,
            score: if has_scorer {
                score(&evidence, language)
            } else {
                probability
            },
        })
    }
}

/// Log-probability of the first word as the dictionary cuts it, where it is needed and at hand.
fn word_logprob(first: &FirstWord) -> Option<f32> {
    let word = first.word();
    if !is_told_by_dictionary(word) {
        return first.logprob();
    }
    let cut = inkstone_words::words(word).into_iter().next();
    first.logprob_of(cut.map_or(usize::MAX, |cut| word[cut].chars().count()))
}

/// Whether the word at the end of `before` goes on in `word`, where the dictionary tells. Tokens of
/// Chinese span words, so one that begins with what was typed may just as well begin the next word.
fn goes_on_in(before: &str, word: &str) -> Option<bool> {
    is_told_by_dictionary(word).then(|| inkstone_words::word_goes_on(before, word))
}

fn is_told_by_dictionary(word: &str) -> bool {
    inkstone_words::needs_dictionary(word) && inkstone_words::is_loaded()
}

/// What ends a text after `prefix` at such a place.
pub(super) fn stopper(prefix: &str, stop: StopRule, place: Option<Place>) -> Stopper {
    let rule = match stop {
        StopRule::Word => inkstone_pipeline::StopRule::Word,
        StopRule::Phrase => inkstone_pipeline::StopRule::Phrase,
        StopRule::Sentence => inkstone_pipeline::StopRule::Sentence,
        StopRule::Line => inkstone_pipeline::StopRule::Line,
        StopRule::Paragraph => inkstone_pipeline::StopRule::Paragraph,
    };
    let stopper = Stopper::new(rule, prefix);
    match place {
        Some(place) => stopper.within(place, prefix),
        None => stopper,
    }
}

/// What a token's bytes have beyond those that were typed already.
pub(super) fn after_typed<'a>(typed: &[u8], bytes: &'a [u8]) -> &'a [u8] {
    bytes.strip_prefix(typed).unwrap_or(bytes)
}

fn finish_of(reason: StopReason) -> Finish {
    match reason {
        StopReason::WordEnd => Finish::Word,
        StopReason::PhraseEnd => Finish::Phrase,
        StopReason::CellEnd => Finish::Cell,
        StopReason::SentenceEnd => Finish::Sentence,
        StopReason::LineEnd => Finish::Line,
        StopReason::ParagraphEnd => Finish::Paragraph,
        StopReason::MaxLength => Finish::Length,
        StopReason::EndOfGeneration => Finish::EndOfText,
        StopReason::Loop => Finish::Loop,
    }
}
