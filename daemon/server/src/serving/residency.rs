//! Which models are in memory: roles name them, requests wake them, idleness puts them out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use inkstone_engine::EngineError;
use inkstone_models::{ModelName, Registry};
use inkstone_prose::{Language, language_around};
use inkstone_protocol::{
    CompleteParams, DocumentId, ErrorCode, ModelReport, ModelState, Silence, WireError,
};
use inkstone_scheduler::RequestKey;
use inkstone_settings::Settings;

use super::event::ServingEvent;
use super::lane::{Defaults, Lane, superseded};
use super::loading::Loader;
use super::mail::Submission;
use super::report::{Ending, SharedReport, describe_lane};
use super::silence::{load_failed, no_role, not_a_name, not_installed};

/// Requests that may wait for one model to load.
const WAITING_FOR_LOAD_MAX: usize = 64;
/// A model that failed to load is not tried again sooner, however many keystrokes ask for it.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// Models by name, and what each is doing.
pub(super) struct Residency {
    settings: Arc<Settings>,
    loader: Loader,
    registry: Registry,
    residents: BTreeMap<ModelName, Resident>,
    requests: u64,
    loads_started: u64,
}

#[derive(Debug, Default)]
struct Resident {
    state: State,
    loads: u64,
    /// Settings or file have changed since it was loaded: it goes when its requests have ended.
    is_stale: bool,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Unloaded,
    Loading {
        generation: u64,
        percent: u8,
        waiting: Vec<(RequestKey, Submission)>,
    },
    Loaded(Box<Lane>),
    Failed {
        problem: String,
        at: Instant,
    },
}

impl Residency {
    pub(super) fn new(settings: Arc<Settings>, registry: Registry, loader: Loader) -> Self {
        Self {
            settings,
            loader,
            registry,
            residents: BTreeMap::new(),
            requests: 0,
            loads_started: 0,
        }
    }

    /// Serves a request by the model of its language: at once when that is loaded, after loading it
    /// otherwise. Whatever the document still had in hand ends here.
    pub(super) fn submit(&mut self, submission: Submission, report: &SharedReport) {
        self.supersede(&submission, report);
        let name = match self.model_for(&submission.params) {
            Ok(name) => name,
            Err(silence) => {
                report.count(Ending::Completed);
                return super::silence::answer(&submission, silence);
            }
        };
        self.requests += 1;
        let key = RequestKey(self.requests);
        let defaults = Defaults::of(&self.settings);
        match &mut self.residents.entry(name.clone()).or_default().state {
            State::Loaded(lane) => lane.submit(key, submission, &defaults, report),
            State::Loading {
                waiting, percent, ..
            } if waiting.len() < WAITING_FOR_LOAD_MAX => {
                let percent = *percent;
                let _ = submission.events.try_send(ServingEvent::Loading {
                    model: name.to_string(),
                    percent,
                });
                waiting.push((key, submission));
            }
            State::Loading { .. } => {
                let error = WireError::new(
                    ErrorCode::Overloaded,
                    "too many requests wait for the model",
                );
                submission.fail(error, Ending::Rejected, report);
            }
            State::Failed { problem, at } if at.elapsed() < RETRY_AFTER => {
                submission.fail(load_failed(&name, problem), Ending::Rejected, report);
            }
            State::Unloaded | State::Failed { .. } => {
                let _ = submission.events.try_send(ServingEvent::Loading {
                    model: name.to_string(),
                    percent: 0,
                });
                self.start_loading(&name, vec![(key, submission)], report);
            }
        }
    }

    /// Ends every request of the submission's document, in whichever model's hands.
    fn supersede(&mut self, submission: &Submission, report: &SharedReport) {
        for resident in self.residents.values_mut() {
            match &mut resident.state {
                State::Loaded(lane) => lane.supersede(&submission.params, report),
                State::Loading { waiting, .. } => {
                    let (older, rest): (Vec<_>, Vec<_>) = std::mem::take(waiting)
                        .into_iter()
                        .partition(|(_, waiting)| {
                            waiting.params.document == submission.params.document
                        });
                    *waiting = rest;
                    for (_, older) in older {
                        older.fail(superseded(), Ending::Cancelled, report);
                    }
                }
                State::Unloaded | State::Failed { .. } => {}
            }
        }
    }

    /// The model that is to serve a request; a silence when none is installed for it.
    fn model_for(&self, params: &CompleteParams) -> Result<ModelName, Silence> {
        let (name, language) = if let Some(name) = &params.model {
            (name.parse().map_err(|_| not_a_name(name))?, None)
        } else {
            let language = language_around(&params.prefix, &params.suffix);
            let name = self.role(language).ok_or_else(|| no_role(language))?;
            (name, Some(language))
        };
        // A look at the directory for each keystroke, not at the file: its header is read when it
        // is loaded.
        if self.registry.is_installed(&name) {
            Ok(name)
        } else {
            Err(not_installed(&name, language))
        }
    }

    fn role(&self, language: Language) -> Option<ModelName> {
        self.settings.model.completion.get(language.tag()).cloned()
    }

    /// Loads the model that serves a text like `sample`, if it is installed.
    pub(super) fn warm(&mut self, sample: &str, report: &SharedReport) {
        let Some(name) = self.role(language_around(sample, "")) else {
            return;
        };
        if !self.registry.is_installed(&name) {
            return;
        }
        match &mut self.residents.entry(name.clone()).or_default().state {
            State::Unloaded => self.start_loading(&name, Vec::new(), report),
            State::Loaded(lane) => lane.touch(),
            State::Loading { .. } | State::Failed { .. } => {}
        }
    }

    pub(super) fn close(&mut self, document: &DocumentId) {
        for lane in self.lanes_mut() {
            lane.close(document);
        }
    }

    /// Takes new settings and looks again at what is installed. Models whose file or settings changed
    /// leave memory when their requests have ended.
    pub(super) fn reload(&mut self, settings: Arc<Settings>) {
        let same_engine = self.settings.engine == settings.engine;
        self.settings = settings;
        for (name, resident) in &mut self.residents {
            match &resident.state {
                State::Loaded(lane) => {
                    let installed = self.registry.resolve(name.as_str()).ok();
                    let same_file =
                        installed.is_some_and(|model| model.path == lane.model().path());
                    resident.is_stale |= !(same_engine && same_file);
                }
                State::Loading { .. } => resident.is_stale |= !same_engine,
                State::Unloaded | State::Failed { .. } => resident.state = State::Unloaded,
            }
        }
    }

    fn start_loading(
        &mut self,
        name: &ModelName,
        waiting: Vec<(RequestKey, Submission)>,
        report: &SharedReport,
    ) {
        self.loads_started += 1;
        let generation = self.loads_started;
        let started = self
            .registry
            .resolve(name.as_str())
            .map_err(|error| error.to_string())
            .and_then(|installed| {
                self.loader
                    .start(name, installed.path, &self.settings, generation)
                    .map_err(|error| format!("cannot start a thread: {error}"))
            });
        let state = match started {
            Ok(()) => State::Loading {
                generation,
                percent: 0,
                waiting,
            },
            Err(problem) => {
                for (_, submission) in waiting {
                    submission.fail(load_failed(name, &problem), Ending::Rejected, report);
                }
                State::Failed {
                    problem,
                    at: Instant::now(),
                }
            }
        };
        let resident = self.residents.entry(name.clone()).or_default();
        resident.state = state;
        resident.is_stale = false;
    }

    pub(super) fn load_progress(&mut self, name: &ModelName, percent_now: u8) {
        let Some(Resident {
            state: State::Loading {
                percent, waiting, ..
            },
            ..
        }) = self.residents.get_mut(name)
        else {
            return;
        };
        *percent = percent_now;
        for (_, submission) in waiting {
            let event = ServingEvent::Loading {
                model: name.to_string(),
                percent: percent_now,
            };
            let _ = submission.events.try_send(event);
        }
    }

    /// A loader has ended: its waiting requests go to the new lane, or learn why there is none.
    pub(super) fn loaded(
        &mut self,
        name: &ModelName,
        generation_of: u64,
        result: Result<Box<Lane>, EngineError>,
        report: &SharedReport,
    ) {
        let Some(resident) = self.residents.get_mut(name) else {
            return;
        };
        let State::Loading {
            generation,
            waiting,
            ..
        } = &mut resident.state
        else {
            return;
        };
        if *generation != generation_of {
            return;
        }
        let waiting = std::mem::take(waiting);
        match result {
            Ok(mut lane) => {
                resident.loads += 1;
                tracing::info!(model = %name, layers = lane.model().layers(), "model loaded");
                let defaults = Defaults::of(&self.settings);
                for (key, submission) in waiting {
                    lane.submit(key, submission, &defaults, report);
                }
                resident.state = State::Loaded(lane);
            }
            Err(error) => {
                let problem = error.to_string();
                tracing::error!(model = %name, problem, "model not loaded");
                for (_, submission) in waiting {
                    submission.fail(load_failed(name, &problem), Ending::Rejected, report);
                }
                resident.state = State::Failed {
                    problem,
                    at: Instant::now(),
                };
            }
        }
    }

    /// One batch of every model that has work.
    pub(super) fn step(&mut self, report: &SharedReport) {
        for lane in self.lanes_mut() {
            if lane.has_work() {
                lane.step(report);
            }
        }
    }

    /// Gives back the memory of models that nobody has asked for lately.
    pub(super) fn unload_idle(&mut self, now: Instant) {
        let limit_s = u64::from(self.settings.engine.idle_unload_s);
        for (name, resident) in &mut self.residents {
            let State::Loaded(lane) = &resident.state else {
                continue;
            };
            let idle = now.saturating_duration_since(lane.used_at());
            let is_idle = limit_s > 0 && idle.as_secs() >= limit_s;
            if lane.requests() == 0 && (is_idle || resident.is_stale) {
                let idle_s = idle.as_secs();
                tracing::info!(model = %name, idle_s, changed = resident.is_stale, "model unloaded");
                resident.state = State::Unloaded;
            }
        }
    }

    /// Ends every request with `error`.
    pub(super) fn end_all(&mut self, error: &WireError, report: &SharedReport) {
        for resident in self.residents.values_mut() {
            match &mut resident.state {
                State::Loaded(lane) => lane.end_all(error, report),
                State::Loading { waiting, .. } => {
                    for (_, submission) in waiting.drain(..) {
                        submission.fail(error.clone(), Ending::Rejected, report);
                    }
                }
                State::Unloaded | State::Failed { .. } => {}
            }
        }
    }

    /// Whether there is something to compute now.
    pub(super) fn has_work(&self) -> bool {
        self.lanes().any(Lane::has_work)
    }

    /// Whether any request is unanswered, those waiting for a load included.
    pub(super) fn has_requests(&self) -> bool {
        self.requests_active() > 0
    }

    pub(super) fn requests_active(&self) -> u32 {
        let waiting = self
            .residents
            .values()
            .map(|resident| match &resident.state {
                State::Loading { waiting, .. } => waiting.len(),
                State::Loaded(lane) => lane.requests(),
                State::Unloaded | State::Failed { .. } => 0,
            });
        u32::try_from(waiting.sum::<usize>()).unwrap_or(u32::MAX)
    }

    fn lanes(&self) -> impl Iterator<Item = &Lane> {
        self.residents
            .values()
            .filter_map(|resident| match &resident.state {
                State::Loaded(lane) => Some(&**lane),
                _ => None,
            })
    }

    fn lanes_mut(&mut self) -> impl Iterator<Item = &mut Lane> {
        self.residents
            .values_mut()
            .filter_map(|resident| match &mut resident.state {
                State::Loaded(lane) => Some(&mut **lane),
                _ => None,
            })
    }

    /// One report per model that a role names or a request has named.
    pub(super) fn model_reports(&self) -> Vec<ModelReport> {
        let roles = &self.settings.model.completion;
        let of_roles = roles.iter().map(|(_, name)| name);
        let all: BTreeSet<&ModelName> = of_roles.chain(self.residents.keys()).collect();
        all.into_iter()
            .map(|name| self.model_report(name))
            .collect()
    }

    fn model_report(&self, name: &ModelName) -> ModelReport {
        let languages = self.settings.model.completion.languages_of(name.as_str());
        let resident = self.residents.get(name);
        let mut report = ModelReport {
            name: name.to_string(),
            languages: languages
                .into_iter()
                .map(|tag| tag.as_str().to_owned())
                .collect(),
            state: ModelState::Unloaded,
            problem: None,
            device: None,
            instruction_set: None,
            layers_offloaded: 0,
            layers: 0,
            weights_mb: 0.0,
            kv_mb: 0.0,
            context_tokens: 0,
            sequences_used: 0,
            sequences: 0,
            loads: resident.map_or(0, |resident| resident.loads),
        };
        match resident.map(|resident| &resident.state) {
            Some(State::Loading { .. }) => report.state = ModelState::Loading,
            Some(State::Failed { problem, .. }) => {
                report.state = ModelState::Failed;
                report.problem = Some(problem.clone());
            }
            Some(State::Loaded(lane)) => describe_lane(&mut report, lane),
            // Only here does it matter whether there is a file: looked at after each batch, it
            // must not cost one that runs.
            Some(State::Unloaded) | None if !self.registry.is_installed(name) => {
                report.state = ModelState::Missing;
                report.problem = Some(format!("not installed; run: inkstone model pull {name}"));
            }
            Some(State::Unloaded) | None => {}
        }
        report
    }
}
