//! One request at work: from chosen tokens to characters, to a bounded suggestion, to the reply.

use std::time::{Duration, Instant};

use inkstone_engine::Choice;
use inkstone_pipeline::{
    Decision, DropReason, FirstWord, StopReason, Stopper, Surroundings, Verdict, judge, score,
    trim_shown,
};
use inkstone_prose::{Language, language_around};
use inkstone_protocol::{
    CompleteReply, Confidence, Finish, Silence, StopRule, Technique, Timing, TokenUse,
};
use inkstone_scheduler::Progress;
use inkstone_vocab::Utf8Stream;

use super::event::ServingEvent;
use super::mail::Submission;
use super::prompt::Prompt;

/// Tokens that may go into nothing but writing again what was typed.
pub(super) const HEALING_TOKENS: u32 = 1;

/// What a chosen token leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Compute it and choose again.
    GoOn,
    /// The suggestion is whole.
    Finished(Finish),
}

/// A request with what it has produced so far.
#[derive(Debug)]
pub(super) struct Generation {
    pub(super) submission: Submission,
    held_back: String,
    /// What stands before the caret and the model has still to write: see [`Prompt::typed`].
    typed: Vec<u8>,
    stopper: Stopper,
    characters: Utf8Stream,
    decode_tokens_max: u32,
    decoded_tokens: u32,
    logprob_sum: f32,
    first_word: FirstWord,
    /// Whether the first token went on with a word that was typed in part.
    finishes_word: bool,
    /// What the stream has told its client so far.
    streamed: String,
    started_at: Instant,
    prefill: Duration,
    first_token_at: Option<Instant>,
}

impl Generation {
    pub(super) fn new(
        submission: Submission,
        prompt: Prompt,
        stop: StopRule,
        decode_tokens_max: u32,
    ) -> Self {
        let rule = match stop {
            StopRule::Sentence => inkstone_pipeline::StopRule::Sentence,
            StopRule::Line => inkstone_pipeline::StopRule::Line,
            StopRule::Paragraph => inkstone_pipeline::StopRule::Paragraph,
        };
        let healing_tokens = if prompt.typed.is_empty() {
            0
        } else {
            HEALING_TOKENS
        };
        Self {
            stopper: Stopper::new(rule, &submission.params.prefix),
            submission,
            held_back: prompt.held_back,
            typed: prompt.typed,
            characters: Utf8Stream::default(),
            decode_tokens_max: decode_tokens_max + healing_tokens,
            decoded_tokens: 0,
            logprob_sum: 0.0,
            first_word: FirstWord::default(),
            finishes_word: false,
            streamed: String::new(),
            started_at: Instant::now(),
            prefill: Duration::ZERO,
            first_token_at: None,
        }
    }

    /// Time of a batch that computed tokens of this request; counts as prefill until the first
    /// token is chosen.
    pub(super) fn batch_took(&mut self, elapsed: Duration) {
        if self.first_token_at.is_none() {
            self.prefill += elapsed;
        }
    }

    /// The bytes that the next token has to begin with; none: any will do.
    pub(super) fn typed(&self) -> &[u8] {
        &self.typed
    }

    /// Takes a chosen token: its bytes become characters, the characters go through the stopper.
    pub(super) fn take(&mut self, choice: Choice, bytes: &[u8], ends_text: bool) -> Turn {
        self.first_token_at.get_or_insert_with(Instant::now);
        if ends_text {
            self.stopper.finish();
            return Turn::Finished(Finish::EndOfText);
        }
        self.decoded_tokens += 1;
        self.logprob_sum += choice.logprob;
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
        self.stream_shown();
        match decision {
            Decision::Stop(reason) => Turn::Finished(finish_of(reason)),
            Decision::Continue => Turn::GoOn,
        }
    }

    /// Sends what is certain to begin the reply, if there is one, and was not sent yet. A client
    /// that reads too slowly gets it with a later piece, and the whole text at the end in any case.
    fn stream_shown(&mut self) {
        if !self.submission.params.stream {
            return;
        }
        let shown = trim_shown(self.stopper.shown(), &self.around());
        let Some(piece) = shown
            .strip_prefix(self.streamed.as_str())
            .filter(|piece| !piece.is_empty())
        else {
            return;
        };
        if self
            .submission
            .events
            .try_send(ServingEvent::Text(piece.to_owned()))
            .is_ok()
        {
            self.streamed = shown;
        }
    }

    /// Judges the text and sends the reply.
    pub(super) fn answer(self, finish: Finish, progress: Progress, model: &str) {
        let params = &self.submission.params;
        let around = self.around();
        let language = language_around(&params.prefix, &params.suffix);
        let confidence = self.confidence(language);
        let score = confidence.map_or(0.0, |known| known.score);
        let score_min = params.score_min.filter(|score_min| score < *score_min);
        let (text, silence) = match judge(self.stopper.text(), &around, language) {
            Verdict::Drop(reason) => (String::new(), Some(dropped(reason))),
            Verdict::Offer(text) => match score_min {
                Some(score_min) => (String::new(), Some(unlikely(score, score_min))),
                None => (text, None),
            },
        };
        let reply = CompleteReply {
            text,
            word_ends: Vec::new(),
            silence,
            finish: Some(finish),
            model: Some(model.to_owned()),
            mean_logprob: (self.decoded_tokens > 0)
                .then(|| self.logprob_sum / self.decoded_tokens as f32),
            confidence,
            timing: self.timing(),
            tokens: TokenUse {
                prompt: progress.prompt_tokens,
                reused: progress.reused_tokens,
                prefilled: progress.prefilled_tokens,
                decoded: self.decoded_tokens,
            },
        };
        // The session keeps room for the end; a closed channel means that it has given up.
        let _ = self
            .submission
            .events
            .try_send(ServingEvent::Done(Ok(Box::new(reply))));
    }

    fn confidence(&self, language: Language) -> Option<Confidence> {
        let logprob = self.first_word.logprob()?;
        let params = &self.submission.params;
        let probability = logprob.exp();
        Some(Confidence {
            first_word_probability: probability,
            finishes_word: self.finishes_word,
            score: if params.uses(Technique::Score) {
                score(logprob, self.finishes_word, language)
            } else {
                probability
            },
        })
    }

    fn around(&self) -> Surroundings<'_> {
        Surroundings {
            prefix: &self.submission.params.prefix,
            suffix: &self.submission.params.suffix,
            held_back: &self.held_back,
        }
    }

    fn timing(&self) -> Timing {
        let received = self.submission.received_at;
        Timing {
            queue_ms: ms(self.started_at - received),
            prefill_ms: ms(self.prefill),
            ttft_ms: self.first_token_at.map_or(0.0, |at| ms(at - received)),
            total_ms: ms(received.elapsed()),
        }
    }
}

/// What a token's bytes have beyond those that were typed already.
fn after_typed<'a>(typed: &[u8], bytes: &'a [u8]) -> &'a [u8] {
    bytes.strip_prefix(typed).unwrap_or(bytes)
}

fn finish_of(reason: StopReason) -> Finish {
    match reason {
        StopReason::SentenceEnd => Finish::Sentence,
        StopReason::LineEnd => Finish::Line,
        StopReason::ParagraphEnd => Finish::Paragraph,
        StopReason::MaxLength => Finish::Length,
        StopReason::EndOfGeneration => Finish::EndOfText,
        StopReason::Loop => Finish::Loop,
    }
}

fn dropped(reason: DropReason) -> Silence {
    let message = match reason {
        DropReason::Empty => "The model had nothing to add.",
        DropReason::RepeatsFollowing => "The suggestion repeated what follows the caret.",
        DropReason::RepeatsPreceding => "The suggestion repeated what stands before the caret.",
        DropReason::Loop => "The suggestion went round in circles.",
        DropReason::WrongScript => "The suggestion was in another script than the text.",
        DropReason::OnlyPunctuation => "The suggestion held no word.",
        DropReason::InvalidText => "The suggestion held characters that belong in no text.",
        DropReason::BreaksWord => "The suggestion went on with a word that a space had ended.",
    };
    Silence {
        reason: reason.code().to_owned(),
        message: message.to_owned(),
        remedy: None,
    }
}

fn unlikely(score: f32, score_min: f32) -> Silence {
    Silence {
        reason: "unlikely".to_owned(),
        message: format!(
            "The suggestion was too unlikely to be yours: {score:.2}, where {score_min:.2} is shown; ask by key to see it, or set inkstone.completion.preset."
        ),
        remedy: None,
    }
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use inkstone_protocol::{CompleteParams, DocumentId, DocumentVersion};
    use inkstone_vocab::TokenId;
    use tokio::sync::mpsc;

    use super::*;

    /// What is streamed and what is answered when the model says `pieces`, at the caret `‸`.
    fn run(fixture: &str, pieces: &[&[u8]]) -> (String, CompleteReply) {
        let prefix = fixture.split_once('‸').unwrap().0;
        let held_back = prefix[prefix.trim_end_matches(' ').len()..].to_owned();
        run_healed(fixture, held_back, "", pieces)
    }

    /// The same, where the model has to write `typed` first.
    fn run_healed(
        fixture: &str,
        held_back: String,
        typed: &str,
        pieces: &[&[u8]],
    ) -> (String, CompleteReply) {
        let (prefix, suffix) = fixture.split_once('‸').unwrap();
        let (events, mut received) = mpsc::channel(64);
        let params = CompleteParams {
            suffix: suffix.to_owned(),
            stream: true,
            ..CompleteParams::new(DocumentId("a".to_owned()), DocumentVersion(1), prefix)
        };
        let submission = Submission {
            params,
            deadline: None,
            events,
            cancelled: Arc::new(AtomicBool::new(false)),
            received_at: Instant::now(),
        };
        let healing = if typed.is_empty() { 0 } else { HEALING_TOKENS };
        let tokens_max = u32::try_from(pieces.len()).unwrap() - healing;
        let prompt = Prompt {
            tokens: Vec::new(),
            held_back,
            typed: typed.as_bytes().to_vec(),
        };
        let mut generation = Generation::new(submission, prompt, StopRule::Line, tokens_max);
        let mut turn = Turn::GoOn;
        for piece in pieces {
            let choice = Choice {
                token: TokenId(1),
                logprob: -1.0,
            };
            assert_eq!(std::mem::replace(&mut turn, Turn::GoOn), Turn::GoOn);
            turn = generation.take(choice, piece, false);
        }
        let Turn::Finished(finish) = turn else {
            panic!("the limit ends it")
        };
        generation.answer(finish, Progress::default(), "m");
        let mut streamed = String::new();
        loop {
            match received.try_recv().unwrap() {
                ServingEvent::Text(piece) => streamed.push_str(&piece),
                ServingEvent::Done(reply) => return (streamed, *reply.unwrap()),
                ServingEvent::Loading { .. } => {}
            }
        }
    }

    fn check(fixture: &str, pieces: &[&[u8]], streamed: &str, text: &str) {
        let (was_streamed, reply) = run(fixture, pieces);
        assert_eq!(
            (was_streamed.as_str(), reply.text.as_str(), reply.finish),
            (streamed, text, Some(Finish::Length)),
            "{fixture}"
        );
    }

    #[test]
    fn at_the_token_limit_the_suggestion_ends_with_a_whole_word() {
        let english: [&[u8]; 3] = [b" and", b" the", b" fisher"];
        check("The boats‸", &english, " and the", " and the");
        check("The boats ‸", &english, "and the", "and the");
        check(
            "今天‸",
            &["很".as_bytes(), "安静".as_bytes()],
            "很安静",
            "很安静",
        );
        check("我们‸", &["用".as_bytes(), b" Rus"], "用", "用");
    }

    #[test]
    fn what_is_streamed_begins_the_reply_also_where_the_model_brings_space() {
        let character = "静".as_bytes();
        let chinese: [&[u8]; 4] = [
            " 很".as_bytes(),
            "安".as_bytes(),
            &character[..1],
            &character[1..],
        ];
        check("今天‸", &chinese, "很安静", "很安静");
        check("第一。\n‸", &chinese, "很安静", "很安静");
        let english: [&[u8]; 4] = [b"\n", b" It", b" rained", b" on"];
        check("Quiet.\n\n‸", &english, "It rained", "It rained");
    }

    #[test]
    fn nothing_is_streamed_that_follows_the_caret_anyway() {
        let pieces: [&[u8]; 5] = [b" jumps", b" over", b" the", b" lazy", b" dog"];
        let (streamed, reply) = run("The fox‸ over the lazy dog.", &pieces);
        assert_eq!(
            (streamed.as_str(), reply.text.as_str()),
            (" jumps", " jumps")
        );
    }

    #[test]
    fn what_was_typed_is_not_suggested_again() {
        let check = |fixture: &str, typed: &str, pieces: &[&[u8]], expected: &str| {
            let (streamed, reply) = run_healed(fixture, String::new(), typed, pieces);
            assert_eq!(
                (streamed.as_str(), reply.text.as_str()),
                (expected, expected)
            );
        };
        check(
            "The harb‸",
            " harb",
            &[b" harbour", b" was", b" q"],
            "our was",
        );
        check("The harb‸", " harb", &[b" harb", b" was", b" q"], " was");
        check(
            "The harbour ‸",
            " ",
            &[b" was", b" quiet", b" q"],
            "was quiet",
        );
        check(
            "今天天‸",
            "天",
            &["天气".as_bytes(), "很好".as_bytes()],
            "气很好",
        );
        let bytes = "天气".as_bytes();
        check("今天天‸", "天", &[&bytes[..5], &bytes[5..]], "气");
    }
}
