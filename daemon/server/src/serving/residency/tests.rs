//! Who is taken, who ends and whose turn it is. The test stands in the engine thread's place: the
//! models are real, and a loaded one arrives when the test takes its letter.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};

use inkstone_protocol::{CompleteReply, DocumentVersion, ErrorCode, ModelState};
use inkstone_settings::Directories;
use inkstone_test_support::{CHINESE_MODEL, ENGLISH_MODEL, Home};
use tokio::sync::mpsc;

use super::*;
use crate::serving::mail::Mail;

mod adapters;
mod scoring;

const ENGLISH: &str = "The morning after the storm, the harbour was quiet. ";
const CHINESE: &str = "今天早上我去公园散步，看到很多老人在打太极拳。";
const LETTER_WAIT: Duration = Duration::from_secs(60);

struct Stage {
    home: Home,
    residency: Residency,
    letters: Receiver<Mail>,
    report: SharedReport,
}

/// A submitted request, seen from its session.
struct Asked {
    cancelled: Arc<AtomicBool>,
    events: mpsc::Receiver<ServingEvent>,
}

impl Asked {
    /// Its end, if it has come.
    fn end(&mut self) -> Option<Result<CompleteReply, ErrorCode>> {
        loop {
            match self.events.try_recv().ok()? {
                ServingEvent::Done(result) => {
                    return Some(result.map(|reply| *reply).map_err(|error| error.code));
                }
                ServingEvent::Loading { .. } | ServingEvent::Text(_) => {}
            }
        }
    }

    fn error(&mut self) -> Option<ErrorCode> {
        self.end().map(|end| end.unwrap_err())
    }
}

impl Stage {
    fn new() -> Self {
        Self::with(Settings::default())
    }

    fn with(settings: Settings) -> Self {
        let home = Home::new();
        let dirs = Directories::from_lookup(|name| home.variable(name)).unwrap();
        let registry = Registry::of(&dirs);
        let (mailbox, letters) = sync_channel(256);
        let settings = Arc::new(settings);
        let saved = SavedContexts::new(dirs.cache_dir(), &settings);
        Self {
            residency: Residency::new(
                settings,
                registry,
                Loader::new(mailbox, Path::new("").to_owned(), dirs.memory_dir()),
                Card::default(),
                saved,
                AdapterReader::new(&dirs, Arc::default()),
            ),
            letters,
            report: SharedReport::default(),
            home,
        }
    }

    fn ask(&mut self, params: CompleteParams) -> Asked {
        self.ask_until(params, None)
    }

    fn ask_until(&mut self, params: CompleteParams, deadline: Option<Instant>) -> Asked {
        let (sender, events) = mpsc::channel(64);
        let cancelled = Arc::new(AtomicBool::new(false));
        let submission = Submission {
            params,
            deadline,
            events: sender,
            cancelled: Arc::clone(&cancelled),
            received_at: Instant::now(),
            streamed: String::new(),
        };
        self.residency.submit(submission, &self.report);
        Asked { cancelled, events }
    }

    /// Takes letters until a model has been loaded.
    fn take_loaded(&mut self) {
        loop {
            match self.letters.recv_timeout(LETTER_WAIT).unwrap() {
                Mail::Room {
                    model,
                    generation,
                    wish,
                } => {
                    self.residency.room_wanted(&model, generation, wish);
                    self.residency.settle_room();
                }
                Mail::Loaded {
                    model,
                    generation,
                    result,
                } => {
                    return self
                        .residency
                        .loaded(&model, generation, result, &self.report);
                }
                _ => {}
            }
        }
    }

    /// Takes letters until a loader asks for room.
    fn take_room_wish(&mut self) {
        loop {
            let letter = self.letters.recv_timeout(LETTER_WAIT).unwrap();
            if let Mail::Room {
                model,
                generation,
                wish,
            } = letter
            {
                self.residency.room_wanted(&model, generation, wish);
                return self.residency.settle_room();
            }
        }
    }

    fn run_to_end(&mut self, asked: &mut Asked) -> Result<CompleteReply, ErrorCode> {
        loop {
            if let Some(end) = asked.end() {
                return end;
            }
            assert!(self.residency.has_work(), "nothing more to compute");
            self.residency.step(&self.report);
        }
    }

    /// When each model last worked.
    fn used_at(&self) -> Vec<Instant> {
        self.residency.lanes().map(Lane::used_at).collect()
    }
}

impl Drop for Stage {
    /// Waits for loads under way: a thread inside llama.cpp must not meet the end of the process.
    fn drop(&mut self) {
        let is_loading = |resident: &Resident| matches!(resident.state, State::Loading { .. });
        while !std::thread::panicking() && self.residency.residents.values().any(is_loading) {
            self.take_loaded();
        }
    }
}

fn params(document: &str, version: u64, prefix: &str) -> CompleteParams {
    let document = DocumentId(document.to_owned());
    CompleteParams::new(document, DocumentVersion(version), prefix)
}

#[test]
fn requests_that_were_cancelled_while_their_model_loads_hold_no_place() {
    let mut stage = Stage::new();
    let mut given_up: Vec<Asked> = (0..64)
        .map(|n| stage.ask(params(&n.to_string(), 1, ENGLISH)))
        .collect();
    let mut too_many = stage.ask(params("too many", 1, ENGLISH));
    assert_eq!(too_many.error(), Some(ErrorCode::Overloaded));
    // A newer request of a document that waits takes the place of the older one.
    let mut newer = stage.ask(params("0", 2, ENGLISH));
    assert_eq!(given_up[0].error(), Some(ErrorCode::Superseded));
    assert_eq!(newer.end().map(|end| end.is_ok()), None);
    for asked in &given_up {
        asked.cancelled.store(true, Ordering::Relaxed);
    }
    let mut next = stage.ask(params("next", 1, ENGLISH));
    assert_eq!(stage.residency.requests_active(), 2);
    assert_eq!(given_up[1].error(), Some(ErrorCode::Cancelled));
    assert!(next.end().is_none() && newer.end().is_none());
    drop((next.events, newer.events));
    stage.residency.reap(Instant::now(), &stage.report);
    assert!(!stage.residency.has_requests(), "nobody waits any more");
}

#[test]
fn a_deadline_passes_also_while_the_model_loads() {
    let mut stage = Stage::new();
    let deadline = Instant::now() + LETTER_WAIT;
    let mut asked = stage.ask_until(params("a", 1, ENGLISH), Some(deadline));
    stage.residency.reap(Instant::now(), &stage.report);
    assert!(asked.end().is_none());
    stage.residency.reap(deadline, &stage.report);
    assert_eq!(asked.error(), Some(ErrorCode::DeadlineExceeded));
}

#[test]
fn an_older_version_that_arrives_late_ends_no_newer_one() {
    let mut stage = Stage::new();
    let mut newer = stage.ask(params("a", 3, ENGLISH));
    let mut older = stage.ask(params("a", 2, ENGLISH));
    assert_eq!(older.error(), Some(ErrorCode::Superseded), "while it loads");
    stage.take_loaded();
    let mut older = stage.ask(params("a", 2, ENGLISH));
    assert_eq!(older.error(), Some(ErrorCode::Superseded), "in the model");
    let mut older = stage.ask(params("a", 2, CHINESE));
    assert_eq!(older.error(), Some(ErrorCode::Superseded), "for another");
    assert!(stage.run_to_end(&mut newer).is_ok());
}

#[test]
fn a_request_that_is_turned_away_ends_no_other() {
    let mut stage = Stage::new();
    std::fs::write(stage.home.models().join("broken.gguf"), "no model").unwrap();
    let mut elder = stage.ask(params("a", 1, ENGLISH));
    let broken = CompleteParams {
        model: Some("broken".to_owned()),
        ..params("a", 2, ENGLISH)
    };
    let mut turned_away = stage.ask(broken);
    assert_eq!(turned_away.error(), Some(ErrorCode::ModelUnavailable));
    assert!(elder.end().is_none(), "it still waits");
    let _taken = stage.ask(params("a", 3, CHINESE));
    assert_eq!(elder.error(), Some(ErrorCode::Superseded));
}

#[test]
fn loaded_models_take_turns_batch_by_batch() {
    let mut stage = Stage::new();
    let _english = stage.ask(params("a", 1, &ENGLISH.repeat(60)));
    stage.take_loaded();
    let _chinese = stage.ask(params("b", 1, &CHINESE.repeat(60)));
    stage.take_loaded();
    let mut turns = Vec::new();
    for _ in 0..4 {
        let before = stage.used_at();
        stage.residency.step(&stage.report);
        let after = stage.used_at();
        let worked: Vec<usize> = (0..2).filter(|&n| before[n] != after[n]).collect();
        assert_eq!(worked.len(), 1, "one batch a turn");
        turns.push(worked[0]);
    }
    assert!(turns == [0, 1, 0, 1] || turns == [1, 0, 1, 0], "{turns:?}");
}

#[test]
fn a_model_that_waits_for_room_gets_it_before_others_take_more_requests() {
    let mut settings = Settings::default();
    // Room for one context.
    settings.engine.memory_mb_max = 280;
    settings.engine.saved_context_mb_max = 0;
    let mut stage = Stage::with(settings);
    let mut english = stage.ask(params("a", 1, ENGLISH));
    stage.take_loaded();
    let mut chinese = stage.ask(params("b", 1, CHINESE));
    stage.take_room_wish();
    let mut patient = stage.ask(params("c", 1, ENGLISH));
    assert!(patient.end().is_none(), "it is taken");
    let name: ModelName = CHINESE_MODEL.parse().unwrap();
    let State::Loading {
        wish: Some((_, since)),
        ..
    } = &mut stage.residency.residents.get_mut(&name).unwrap().state
    else {
        panic!("there is no room beside a model at work");
    };
    *since = since.checked_sub(Duration::from_secs(60)).unwrap();
    let mut late = stage.ask(params("d", 1, ENGLISH));
    assert_eq!(late.error(), Some(ErrorCode::Overloaded));
    assert!(stage.run_to_end(&mut english).is_ok());
    assert!(stage.run_to_end(&mut patient).is_ok());
    stage.residency.settle_room();
    stage.take_loaded();
    assert!(stage.run_to_end(&mut chinese).is_ok());
}

#[test]
fn a_panic_in_a_models_work_ends_its_requests_and_the_next_request_loads_it_again() {
    let mut stage = Stage::new();
    let english: ModelName = ENGLISH_MODEL.parse().unwrap();
    let mut lost = stage.ask(params("a", 1, ENGLISH));
    stage.take_loaded();
    let mut of_other_model = stage.ask(params("b", 1, CHINESE));
    let rigged = stage
        .residency
        .with_lane(&english, &stage.report, |_| panic!("rigged"));
    assert_eq!(rigged, None::<()>);
    assert_eq!(lost.error(), Some(ErrorCode::Internal));
    let doing = |stage: &Stage, name: &str| {
        let models = stage.residency.model_reports();
        let of_name = models.into_iter().find(|model| model.name == name);
        of_name.map(|model| (model.state, model.loads))
    };
    assert_eq!(
        doing(&stage, ENGLISH_MODEL),
        Some((ModelState::Unloaded, 1))
    );
    let mut next = stage.ask(params("a", 2, ENGLISH));
    stage.take_loaded();
    stage.take_loaded();
    assert!(stage.run_to_end(&mut next).is_ok());
    assert!(stage.run_to_end(&mut of_other_model).is_ok());
    assert_eq!(doing(&stage, ENGLISH_MODEL), Some((ModelState::Loaded, 2)));
    assert_eq!(doing(&stage, CHINESE_MODEL), Some((ModelState::Loaded, 1)));
}

#[test]
fn a_language_beside_english_and_chinese_is_served_by_the_model_named_for_it_or_for_all_others() {
    let mut roles = Settings::default().model.completion;
    let name = |roles: &ModelByLanguage, language| {
        super::completes(roles, language).map(|name| name.as_str().to_owned())
    };
    let [english, chinese] = [ENGLISH_MODEL, CHINESE_MODEL].map(|name| Some(name.to_owned()));
    assert_eq!(name(&roles, Language::English), english);
    assert_eq!(name(&roles, Language::Chinese), chinese);
    assert_eq!(name(&roles, Language::Other), chinese);
    roles.set("ru".parse().unwrap(), "vikhr-1b".parse().ok());
    assert_eq!(name(&roles, Language::Other).as_deref(), Some("vikhr-1b"));
    assert_eq!(name(&roles, Language::Chinese), chinese);
}
