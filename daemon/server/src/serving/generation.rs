//! One request at work: from chosen tokens to characters, to a bounded suggestion, to the reply.

use std::time::{Duration, Instant};

use inkstone_engine::Choice;
use inkstone_pipeline::{Place, Surroundings, Verdict, distinct, judge, trim_shown};
use inkstone_prose::{Language, language_around};
use inkstone_protocol::{
    Alternative, CompleteParams, CompleteReply, Confidence, Finish, Silence, StopRule, Technique,
    Timing, TokenUse,
};
use inkstone_scheduler::{Progress, RequestKey};

use super::continuation::{Continuation, Turn, stopper};
use super::event::ServingEvent;
use super::mail::Submission;
use super::prompt::Prompt;
use super::silence::{dropped, unlikely};

/// Tokens that another way to go on may have, however early the first ends: a few words.
const ALTERNATIVE_TOKENS_MIN: u32 = 8;

/// A way to go on, and what can be offered of it or why nothing can.
struct Judged<'a> {
    continuation: &'a Continuation,
    confidence: Option<Confidence>,
    outcome: Result<String, Silence>,
}

/// A request with what it has produced so far.
#[derive(Debug)]
pub(super) struct Generation {
    pub(super) submission: Submission,
    /// Around the caret.
    pub(super) language: Language,
    held_back: String,
    stop: StopRule,
    /// What kind of place the caret is in; none where a measurement does without.
    place: Option<Place>,
    decode_tokens_max: u32,
    /// Suggestions that are wanted beside the first.
    others_max: usize,
    /// The likeliest way to go on.
    first: Continuation,
    /// Ways that begin with other words, the likelier first.
    others: Vec<(RequestKey, Continuation)>,
    /// Name of the adapter that it wears.
    pub(super) worn: Option<String>,
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
        others_max: u32,
    ) -> Self {
        let place = place_of(&submission.params);
        let language = language_around(&submission.params.prefix, &submission.params.suffix);
        let stopper = stopper(&submission.params.prefix, stop, place);
        Self {
            first: Continuation::new(stopper, prompt.typed, decode_tokens_max),
            streamed: submission.streamed.clone(),
            submission,
            language,
            held_back: prompt.held_back,
            stop,
            place,
            decode_tokens_max,
            others_max: others_max as usize,
            others: Vec::new(),
            worn: None,
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

    /// Suggestions that are wanted beside the first and can still be begun.
    pub(super) fn others_wanted(&self) -> usize {
        if self.first.has_begun() {
            0
        } else {
            self.others_max
        }
    }

    /// Whether a way to go on that begins with such a token, of these bytes, can be offered: its
    /// first word is no likelier than its first token, and what the gate will keep back is not worth
    /// a step.
    pub(super) fn may_be_offered(&self, begins: Choice, bytes: &[u8]) -> bool {
        let Some(score_min) = self.submission.params.score_min else {
            return true;
        };
        let mut only = self.another();
        only.take(begins, bytes, false);
        // Without a word nothing is known yet.
        let score_max = self.confidence(&only);
        score_max.is_none_or(|at_most| at_most.score >= score_min)
    }

    /// Another way to go on is begun, with its first choice.
    pub(super) fn begin_other(&mut self, branch: RequestKey) {
        self.others.push((branch, self.another()));
    }

    /// A way to go on from the same prompt, before its first token.
    fn another(&self) -> Continuation {
        let typed = self.first.typed().to_vec();
        let stopper = stopper(&self.submission.params.prefix, self.stop, self.place);
        Continuation::new(stopper, typed, self.decode_tokens_max)
    }

    /// The bytes that the next token of the first way has to begin with; none: any will do.
    pub(super) fn typed(&self) -> &[u8] {
        self.first.typed()
    }

    /// Takes a token chosen for another way than the first. Once the first has ended the others are
    /// as long as it at most, or a few words: whoever asked waits no longer than that.
    pub(super) fn take_other(
        &mut self,
        branch: RequestKey,
        choice: Choice,
        bytes: &[u8],
        ends_text: bool,
    ) -> Turn {
        let first_tokens = self.first.finish().map(|_| self.first.decoded_tokens());
        let mut others = self.others.iter_mut();
        match others.find(|(key, _)| *key == branch) {
            Some((_, other)) => {
                if let Some(first_tokens) = first_tokens {
                    other.end_by(first_tokens.max(ALTERNATIVE_TOKENS_MIN));
                }
                other.take(choice, bytes, ends_text)
            }
            // Nobody waits for it.
            None => Turn::Finished(Finish::EndOfText),
        }
    }

    /// Takes a token chosen for the first way, and streams what it makes certain.
    pub(super) fn take(&mut self, choice: Choice, bytes: &[u8], ends_text: bool) -> Turn {
        self.first_token_at.get_or_insert_with(Instant::now);
        let turn = self.first.take(choice, bytes, ends_text);
        self.stream_shown();
        turn
    }

    /// Whether every way to go on has come to its end.
    pub(super) fn is_whole(&self) -> bool {
        self.all()
            .all(|continuation| continuation.finish().is_some())
    }

    /// Sends what is certain to begin the reply, if there is one, and was not sent yet. A client
    /// that reads too slowly gets it with a later piece, and the whole text at the end in any case.
    fn stream_shown(&mut self) {
        if !self.submission.params.stream {
            return;
        }
        let shown = trim_shown(self.first.shown(), &self.around());
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

    /// The request as it was before, but that its client is not told again what it knows.
    pub(super) fn into_submission(self) -> Submission {
        Submission {
            streamed: self.streamed,
            ..self.submission
        }
    }

    /// Judges the texts and sends the reply: the likeliest that can be offered, and beside it those
    /// that can and that begin with other words. `notice` goes with it.
    pub(super) fn answer(self, progress: Progress, model: &str, notice: Option<String>) {
        let judged: Vec<Judged<'_>> = self.all().map(|way| self.judged(way)).collect();
        let offered = judged.iter().filter_map(|each| {
            let text = each.outcome.as_deref().ok()?;
            Some((each, text))
        });
        let offered: Vec<(&Judged<'_>, &str)> = offered.collect();
        let texts: Vec<&str> = offered.iter().map(|(_, text)| *text).collect();
        let beside = distinct(&texts).into_iter().skip(1).map(|index| {
            let (each, text) = offered[index];
            Alternative {
                text: text.to_owned(),
                word_ends: Vec::new(),
                confidence: each.confidence,
            }
        });
        // Where nothing can be offered, the likeliest says why. There always is one.
        let (first, text) = offered.first().copied().unwrap_or((&judged[0], ""));
        let reply = CompleteReply {
            silence: first.outcome.as_ref().err().cloned(),
            text: text.to_owned(),
            word_ends: Vec::new(),
            alternatives: beside.collect(),
            finish: first.continuation.finish(),
            model: Some(model.to_owned()),
            adapter: self.worn.clone(),
            notice,
            mean_logprob: first.continuation.mean_logprob(),
            confidence: first.confidence,
            timing: self.timing(),
            tokens: TokenUse {
                prompt: progress.prompt_tokens,
                reused: progress.reused_tokens,
                prefilled: progress.prefilled_tokens,
                decoded: self.all().map(Continuation::decoded_tokens).sum(),
            },
        };
        // The session keeps room for the end; a closed channel means that it has given up.
        let _ = self
            .submission
            .events
            .try_send(ServingEvent::Done(Ok(Box::new(reply))));
    }

    /// Every way to go on, the likeliest first.
    fn all(&self) -> impl Iterator<Item = &Continuation> {
        std::iter::once(&self.first).chain(self.others.iter().map(|(_, other)| other))
    }

    /// The text to be offered, or why none is.
    fn judged<'a>(&self, continuation: &'a Continuation) -> Judged<'a> {
        let confidence = self.confidence(continuation);
        let score = confidence.map_or(0.0, |known| known.score);
        let score_min = self.submission.params.score_min;
        let outcome = match judge(continuation.written(), &self.around(), self.language) {
            Verdict::Drop(reason) => Err(dropped(reason)),
            Verdict::Offer(text) => match score_min.filter(|score_min| score < *score_min) {
                Some(score_min) => Err(unlikely(score, score_min)),
                None => Ok(text),
            },
        };
        Judged {
            continuation,
            confidence,
            outcome,
        }
    }

    fn confidence(&self, of: &Continuation) -> Option<Confidence> {
        let params = &self.submission.params;
        of.confidence(&params.prefix, self.language, params.uses(Technique::Score))
    }

    fn around(&self) -> Surroundings<'_> {
        Surroundings {
            prefix: &self.submission.params.prefix,
            suffix: &self.submission.params.suffix,
            held_back: &self.held_back,
            place: self.place,
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

/// What kind of place a request is about; none where a measurement does without.
fn place_of(params: &CompleteParams) -> Option<Place> {
    if !params.uses(Technique::Stops) {
        return None;
    }
    Some(match params.place {
        Some(inkstone_protocol::Place::Prose) => Place::Prose,
        Some(inkstone_protocol::Place::Heading) => Place::Heading,
        Some(inkstone_protocol::Place::ListItem) => Place::ListItem,
        Some(inkstone_protocol::Place::Table) => Place::Table,
        None => Place::guess(&params.prefix),
    })
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use super::super::continuation::HEALING_TOKENS;
    use inkstone_protocol::{DocumentId, DocumentVersion};
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
            streamed: String::new(),
        };
        let healing = if typed.is_empty() { 0 } else { HEALING_TOKENS };
        let tokens_max = u32::try_from(pieces.len()).unwrap() - healing;
        let prompt = Prompt {
            tokens: Vec::new(),
            held_back,
            typed: typed.as_bytes().to_vec(),
        };
        let mut generation = Generation::new(submission, prompt, StopRule::Line, tokens_max, 0);
        let mut turn = Turn::GoOn;
        for piece in pieces {
            let choice = Choice {
                token: TokenId(1),
                logprob: -1.0,
                logprob_of_all: -1.5,
            };
            assert_eq!(std::mem::replace(&mut turn, Turn::GoOn), Turn::GoOn);
            turn = generation.take(choice, piece, false);
        }
        assert!(matches!(turn, Turn::Finished(_)), "the limit ends it");
        generation.answer(Progress::default(), "m", None);
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
        check(
            "The harb‸",
            " harb",
            &[b" harb", b" was", b" quiet", b" q"],
            " was quiet",
        );
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
