//! One request at work: from chosen tokens to characters, to a bounded suggestion, to the reply.

use std::time::{Duration, Instant};

use inkstone_engine::Choice;
use inkstone_pipeline::{Decision, DropReason, StopReason, Stopper, Surroundings, Verdict, judge};
use inkstone_prose::language_around;
use inkstone_protocol::{CompleteReply, Finish, Silence, StopRule, Timing, TokenUse};
use inkstone_scheduler::Progress;
use inkstone_vocab::Utf8Stream;

use super::event::ServingEvent;
use super::mail::Submission;

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
    stopper: Stopper,
    characters: Utf8Stream,
    decode_tokens_max: u32,
    decoded_tokens: u32,
    logprob_sum: f32,
    /// What the stream has told its client so far.
    streamed: String,
    started_at: Instant,
    prefill: Duration,
    first_token_at: Option<Instant>,
}

impl Generation {
    pub(super) fn new(
        submission: Submission,
        held_back: String,
        stop: StopRule,
        decode_tokens_max: u32,
    ) -> Self {
        let rule = match stop {
            StopRule::Sentence => inkstone_pipeline::StopRule::Sentence,
            StopRule::Line => inkstone_pipeline::StopRule::Line,
            StopRule::Paragraph => inkstone_pipeline::StopRule::Paragraph,
        };
        Self {
            stopper: Stopper::new(rule, &submission.params.prefix),
            submission,
            held_back,
            characters: Utf8Stream::default(),
            decode_tokens_max,
            decoded_tokens: 0,
            logprob_sum: 0.0,
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

    /// Takes a chosen token: its bytes become characters, the characters go through the stopper.
    pub(super) fn take(&mut self, choice: Choice, bytes: &[u8], ends_text: bool) -> Turn {
        self.first_token_at.get_or_insert_with(Instant::now);
        if ends_text {
            self.stopper.finish();
            return Turn::Finished(Finish::EndOfText);
        }
        self.decoded_tokens += 1;
        self.logprob_sum += choice.logprob;
        let decision = self.stopper.push(&self.characters.push(bytes));
        self.stream_shown();
        match decision {
            Decision::Stop(reason) => Turn::Finished(finish_of(reason)),
            Decision::Continue if self.decoded_tokens >= self.decode_tokens_max => {
                Turn::Finished(Finish::Length)
            }
            Decision::Continue => Turn::GoOn,
        }
    }

    /// Sends what is certain by now and was not sent yet. A client that reads too slowly gets it
    /// with a later piece, and the whole text at the end in any case.
    fn stream_shown(&mut self) {
        if !self.submission.params.stream {
            return;
        }
        // The space before the first word is in the text already.
        let shown = self.stopper.shown();
        let shown = if self.held_back.is_empty() {
            shown
        } else {
            shown.trim_start()
        };
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
            self.streamed = shown.to_owned();
        }
    }

    /// Judges the text and sends the reply.
    pub(super) fn answer(self, finish: Finish, progress: Progress, model: &str) {
        let params = &self.submission.params;
        let around = Surroundings {
            prefix: &params.prefix,
            suffix: &params.suffix,
            held_back: &self.held_back,
        };
        let language = language_around(&params.prefix, &params.suffix);
        let (text, silence) = match judge(self.stopper.text(), &around, language) {
            Verdict::Offer(text) => (text, None),
            Verdict::Drop(reason) => (String::new(), Some(dropped(reason))),
        };
        let reply = CompleteReply {
            text,
            silence,
            finish: Some(finish),
            model: Some(model.to_owned()),
            mean_logprob: (self.decoded_tokens > 0)
                .then(|| self.logprob_sum / self.decoded_tokens as f32),
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

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
