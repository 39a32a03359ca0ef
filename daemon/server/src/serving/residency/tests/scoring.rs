//! Texts that are scored beside what is typed: on the real models, step by step.

use inkstone_engine::TextReading;
use inkstone_protocol::{LIVE_ADAPTER, SCORE_BYTES_MAX, ScoreParams, ScoreReply};
use inkstone_test_support::ConstantAdapter;
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
            if self.residency.has_work() {
                self.residency.step(&self.report);
                continue;
            }
            match self.letters.recv_timeout(LETTER_WAIT) {
                Ok(Mail::ScoringDressed(dressed)) => self.residency.scoring_dressed(*dressed),
                other => panic!("nothing more to compute: {other:?}"),
            }
        }
    }

    /// The score of one text.
    fn score_of(&mut self, params: ScoreParams) -> ScoreReply {
        let mut scored = self.score(params);
        self.score_to_end(&mut scored).unwrap()
    }

    /// Has the writer's memory of the English model hold these texts.
    fn remember(&self, texts: &[&str]) {
        let file = self.home.models().join(format!("{ENGLISH_MODEL}.gguf"));
        let model = inkstone_models::fingerprint::of_file(&file).unwrap();
        let model = model.to_bytes();
        let lanes = self.residency.lanes().next();
        let loaded = lanes.map(|lane| Arc::clone(lane.model())).unwrap();
        let mut builder = inkstone_memory::Builder::new(model, [1; 32]);
        for (number, text) in (0_u128..).zip(texts) {
            let document = inkstone_memory::DocumentName {
                key: number.to_be_bytes(),
                content: [0; 32],
            };
            let tokens = loaded.tokenize(text, false, false).unwrap();
            builder.add(&document, tokens.into_iter().map(|token| (token, 1.0)));
        }
        let folder = self.residency.loader.memory_dir();
        std::fs::create_dir_all(&folder).unwrap();
        let name = inkstone_memory::file_name(&model, &[1; 32]);
        std::fs::write(folder.join(name), builder.finish(1)).unwrap();
    }

    /// An adapter that can be seen to act, as a file.
    fn adapter(&self) -> String {
        let model = self.home.models().join(format!("{ENGLISH_MODEL}.gguf"));
        let file = self.home.scratch().join("砚 adapter.gguf");
        std::fs::write(&file, ConstantAdapter::of(5.0).bytes(&model)).unwrap();
        file.to_str().unwrap().to_owned()
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
fn a_text_is_scored_with_an_adapter_and_with_the_memory_and_afterwards_without_them() {
    let mut stage = Stage::with_english(Settings::default());
    let text = "Broken masts lay across the pier, and the café 👩‍👩‍👧 stayed shut.";
    stage.remember(&[text, text, text]);
    let plain = texts(&[text, ENGLISH]);
    let bare = stage.score_of(plain.clone());
    assert_eq!((bare.adapter.as_deref(), bare.memory), (None, false));
    let adapter = stage.adapter();
    let worn = ScoreParams {
        adapter: Some(adapter.clone()),
        ..plain.clone()
    };
    let with_adapter = stage.score_of(worn.clone());
    assert_eq!(with_adapter.adapter.as_deref(), Some(&*adapter));
    let remembering = ScoreParams {
        memory: true,
        ..plain.clone()
    };
    let with_memory = stage.score_of(remembering);
    assert!(with_memory.memory && with_memory.adapter.is_none());
    let both = stage.score_of(ScoreParams {
        memory: true,
        ..worn
    });
    let nats = |reply: &ScoreReply, text: usize| reply.scores[text].nats;
    assert!((nats(&with_adapter, 0) - nats(&bare, 0)).abs() > 1.0);
    assert!(
        nats(&with_memory, 0) < 0.9 * nats(&bare, 0),
        "{with_memory:?}"
    );
    assert!(nats(&both, 0) < nats(&with_adapter, 0) - 1.0, "{both:?}");
    let tokens = |reply: &ScoreReply| reply.scores.iter().map(|one| one.tokens).sum::<u32>();
    assert_eq!(tokens(&both), tokens(&bare));
    // Nothing is worn that the registry does not have live.
    let live = stage.score_of(ScoreParams {
        adapter: Some(LIVE_ADAPTER.to_owned()),
        ..plain.clone()
    });
    assert_eq!(
        (live.adapter.as_deref(), nats(&live, 0)),
        (None, nats(&bare, 0))
    );
    assert_eq!(stage.score_of(plain), bare);
}

#[test]
fn an_adapter_that_cannot_be_worn_refuses_its_own_call_alone() {
    let mut stage = Stage::with_english(Settings::default());
    let wrong = stage.home.scratch().join("wrong.gguf");
    std::fs::write(&wrong, b"GGUF, it says").unwrap();
    let missing = ["no-such-adapter", wrong.to_str().unwrap()];
    let mut refused = missing.map(|named| {
        stage.score(ScoreParams {
            adapter: Some(named.to_owned()),
            ..texts(&[ENGLISH])
        })
    });
    let mut next = stage.score(texts(&[ENGLISH]));
    for one in &mut refused {
        assert_eq!(stage.score_to_end(one), Err(ErrorCode::ModelUnavailable));
    }
    assert!(stage.score_to_end(&mut next).is_ok());
}

#[test]
fn of_a_long_text_only_as_many_tokens_count_as_are_wanted() {
    let mut stage = Stage::with_english(Settings::default());
    let cut = |tokens_max| ScoreParams {
        tokens_max,
        ..texts(&[&ENGLISH.repeat(3), "", "港口"])
    };
    let (all, some) = (stage.score_of(cut(None)), stage.score_of(cut(Some(9))));
    let (whole, beginning) = (all.scores[0], some.scores[0]);
    // This model's texts begin with no token of their own, so that nothing foretells the first of nine.
    assert_eq!((beginning.tokens, some.scores[1].tokens), (8, 0));
    assert!(beginning.nats < whole.nats && beginning.characters < whole.characters);
    assert!(beginning.characters > 9);
    let none = stage.score_of(cut(Some(0)));
    assert_eq!((none.scores[0].tokens, none.scores[0].characters), (0, 0));
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
