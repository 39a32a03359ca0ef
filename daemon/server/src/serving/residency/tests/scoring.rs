//! Texts that are scored beside what is typed: on the real models, step by step.

use inkstone_engine::TextReading;
use inkstone_protocol::{SCORE_BYTES_MAX, ScoreParams, ScoreReply};
use tokio::sync::oneshot;

use super::*;
use crate::serving::scoring::ScoreSubmission;

/// Submitted texts, seen from their session.
struct Scored {
    cancelled: Arc<AtomicBool>,
    answer: oneshot::Receiver<Result<Box<ScoreReply>, WireError>>,
}

impl Scored {
    fn end(&mut self) -> Option<Result<ScoreReply, ErrorCode>> {
        let end = self.answer.try_recv().ok()?;
        Some(end.map(|reply| *reply).map_err(|error| error.code))
    }

    fn error(&mut self) -> Option<ErrorCode> {
        self.end().map(|end| end.unwrap_err())
    }
}

impl Stage {
    fn score(&mut self, params: ScoreParams) -> Scored {
        let (sender, answer) = oneshot::channel();
        let cancelled = Arc::new(AtomicBool::new(false));
        let submission = ScoreSubmission {
            params,
            deadline: None,
            cancelled: Arc::clone(&cancelled),
            answer: sender,
        };
        self.residency.submit_score(submission, &self.report);
        Scored { cancelled, answer }
    }

    fn score_to_end(&mut self, scored: &mut Scored) -> Result<ScoreReply, ErrorCode> {
        loop {
            if let Some(end) = scored.end() {
                return end;
            }
            assert!(self.residency.has_work(), "nothing more to compute");
            self.residency.step(&self.report);
        }
    }

    /// With the model for English in memory.
    fn with_english(settings: Settings) -> Self {
        let mut stage = Self::with(settings);
        let mut asked = stage.ask(params("a", 1, ENGLISH));
        stage.take_loaded();
        assert!(stage.run_to_end(&mut asked).is_ok());
        stage
    }

    /// How many steps a suggestion takes from now on.
    fn steps_of(&mut self, prefix: &str, version: u64) -> usize {
        let mut asked = self.ask(params("steps", version, prefix));
        for steps in 0.. {
            if asked.end().is_some() {
                return steps;
            }
            self.residency.step(&self.report);
        }
        unreachable!()
    }
}

fn texts(texts: &[&str]) -> ScoreParams {
    ScoreParams {
        texts: texts.iter().map(ToString::to_string).collect(),
        ..ScoreParams::default()
    }
}

#[test]
fn a_model_that_is_not_in_memory_is_loaded_for_a_score_only_when_that_is_wanted() {
    let mut stage = Stage::new();
    let mut scored = stage.score(texts(&[ENGLISH]));
    assert_eq!(scored.error(), Some(ErrorCode::NotNow));
    assert!(!stage.residency.has_requests());
    let wanted = ScoreParams {
        load: true,
        ..texts(&[CHINESE, "👩‍👩‍👧 e\u{301}。\r\n", ""])
    };
    let mut scored = stage.score(wanted);
    assert!(scored.end().is_none() && stage.residency.has_requests());
    stage.take_loaded();
    let reply = stage.score_to_end(&mut scored).unwrap();
    assert_eq!(
        (reply.model.as_str(), reply.scores.len()),
        (CHINESE_MODEL, 3)
    );
    assert_eq!(reply.scores[0].characters as usize, CHINESE.chars().count());
    assert!(reply.scores[0].nats > 0.0 && reply.scores[2].tokens == 0);
}

#[test]
fn a_score_is_what_the_engine_says_of_the_text_alone() {
    let mut stage = Stage::with_english(Settings::default());
    let asked = texts(&["Broken masts lay across the pier.", "港口", ENGLISH]);
    let mut scored = stage.score(ScoreParams {
        language: Some("en".to_owned()),
        ..asked.clone()
    });
    let reply = stage.score_to_end(&mut scored).unwrap();
    let model = stage
        .residency
        .lanes()
        .next()
        .map(|lane| Arc::clone(lane.model()));
    let options = inkstone_engine::ContextOptions {
        context_tokens: 512,
        sequences: 1,
        outputs: 16,
        batch_tokens: 16,
        threads: 1,
        offload_kv: false,
        flash_attention: true,
        kv_type: inkstone_engine::KvType::F16,
    };
    let mut context = inkstone_engine::Context::new(&model.unwrap(), options).unwrap();
    for (text, score) in asked.texts.iter().zip(&reply.scores) {
        let mut reading = TextReading::begin(&mut context, text).unwrap();
        while reading.end().is_none() {
            reading.step(&mut context).unwrap();
        }
        let alone = reading.end().unwrap();
        assert_eq!(
            (score.tokens, score.characters),
            (alone.tokens, alone.characters)
        );
        let off = (score.nats - alone.nats).abs() / f64::from(alone.tokens.max(1));
        assert!(off < 1e-3, "{score:?} {alone:?}");
    }
}

#[test]
fn whoever_types_waits_for_one_batch_of_a_score_at_most() {
    let mut stage = Stage::with_english(Settings::default());
    let alone = stage.steps_of(ENGLISH, 1);
    let mut scored = stage.score(texts(&[&ENGLISH.repeat(60)]));
    stage.residency.step(&stage.report);
    // Every step from the next on is the suggestion's.
    assert_eq!(stage.steps_of(&format!("{ENGLISH}Broken"), 2), {
        let mut other = Stage::with_english(Settings::default());
        assert_eq!(other.steps_of(ENGLISH, 1), alone);
        other.steps_of(&format!("{ENGLISH}Broken"), 2)
    });
    assert!(scored.end().is_none(), "a long text is not done yet");
    assert!(stage.score_to_end(&mut scored).is_ok());
}

#[test]
fn a_score_that_nobody_waits_for_is_not_computed() {
    let mut stage = Stage::with_english(Settings::default());
    let long = ENGLISH.repeat(60);
    let mut scored = stage.score(texts(&[&long]));
    let mut next = stage.score(texts(&[ENGLISH]));
    stage.residency.step(&stage.report);
    scored.cancelled.store(true, Ordering::Relaxed);
    stage.residency.reap(Instant::now(), &stage.report);
    assert_eq!(scored.error(), Some(ErrorCode::Cancelled));
    // What the cancelled one left behind is nothing to the next.
    let after = stage.score_to_end(&mut next).unwrap();
    let mut again = stage.score(texts(&[ENGLISH]));
    assert_eq!(stage.score_to_end(&mut again).unwrap(), after);
    let gone = stage.score(texts(&[&long]));
    drop(gone);
    stage.residency.reap(Instant::now(), &stage.report);
    assert!(!stage.residency.has_work());
}

#[test]
fn too_much_in_one_call_too_many_calls_and_unknown_languages_are_refused() {
    let mut stage = Stage::with_english(Settings::default());
    let long = "x".repeat(SCORE_BYTES_MAX + 1);
    let mut refused = stage.score(texts(&[&long]));
    assert_eq!(refused.error(), Some(ErrorCode::InvalidMessage));
    let mut refused = stage.score(texts(&vec![""; 257]));
    assert_eq!(refused.error(), Some(ErrorCode::InvalidMessage));
    let mut refused = stage.score(ScoreParams {
        language: Some("klingon".to_owned()),
        ..texts(&[ENGLISH])
    });
    assert_eq!(refused.error(), Some(ErrorCode::InvalidMessage));
    let mut refused = stage.score(ScoreParams {
        model: Some("no-such-model".to_owned()),
        ..texts(&[ENGLISH])
    });
    assert_eq!(refused.error(), Some(ErrorCode::ModelUnavailable));
    let mut calls: Vec<Scored> = (0..17).map(|_| stage.score(texts(&[ENGLISH]))).collect();
    assert_eq!(calls[16].error(), Some(ErrorCode::Overloaded));
    assert!(calls[0].end().is_none());
}

#[test]
fn without_room_below_the_ceiling_nothing_is_scored_and_a_writer_takes_the_room_back() {
    let mut settings = Settings::default();
    settings.engine.saved_context_mb_max = 0;
    let mut stage = Stage::with_english(settings);
    let mut scored = stage.score(texts(&[&ENGLISH.repeat(60)]));
    stage.residency.step(&stage.report);
    let held = stage.residency.memory_report().held_mb;
    assert!(stage.residency.scoring_bytes() > 0);
    // A second language needs what is left.
    let mut tight = Settings::default();
    tight.engine.saved_context_mb_max = 0;
    let held = (0..100_000_u32).find(|mb| f64::from(*mb) >= held);
    tight.engine.memory_mb_max = held.unwrap_or(0) + 8;
    stage.residency.settings = Arc::new(tight);
    let mut chinese = stage.ask(params("b", 1, CHINESE));
    stage.take_loaded();
    assert_eq!(scored.error(), Some(ErrorCode::NotNow));
    assert!(stage.run_to_end(&mut chinese).is_ok());
    let mut scored = stage.score(texts(&[CHINESE]));
    assert_eq!(stage.score_to_end(&mut scored), Err(ErrorCode::NotNow));
}

#[test]
fn the_context_that_scored_is_given_back_and_weights_wait_for_calls_in_hand() {
    let mut stage = Stage::with_english(Settings::default());
    let mut scored = stage.score(texts(&[ENGLISH]));
    assert!(
        stage.residency.next_release().is_none(),
        "a call is in hand"
    );
    assert!(stage.score_to_end(&mut scored).is_ok());
    let at = stage.residency.next_release().unwrap();
    stage.residency.release_idle(at);
    assert_eq!(stage.residency.scoring_bytes(), 0);
    let english: ModelName = ENGLISH_MODEL.parse().unwrap();
    let mut lost = stage.score(texts(&[ENGLISH]));
    let (what, why) = (Released::Context, ReleaseReason::Idle);
    stage.residency.release(&english, Release { what, why });
    // Its weights are all that a score needs.
    assert!(stage.score_to_end(&mut lost).is_ok());
    let mut lost = stage.score(texts(&[ENGLISH]));
    let (what, why) = (Released::Weights, ReleaseReason::Room);
    stage.residency.release(&english, Release { what, why });
    assert_eq!(lost.error(), Some(ErrorCode::NotNow));
    assert!(!stage.residency.has_work());
}
