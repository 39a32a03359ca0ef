//! Which models are in memory: roles name them, requests wake them, idleness puts them out.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use inkstone_models::{ModelName, Registry, Remedy};
use inkstone_prose::{Language, language_around};
use inkstone_protocol::{
    CompleteParams, DocumentId, Release, ReleaseReason, Released, Silence, WireError,
};
use inkstone_scheduler::RequestKey;
use inkstone_settings::{DraftModelChoice, ModelByLanguage, Settings};

use super::adapters::AdapterReader;
use super::card::Card;
use super::drafter::DraftModel;
use super::event::ServingEvent;
use super::lane::{Defaults, Lane, document_of};
use super::loaded::Loaded;
use super::loading::{Loader, Source};
use super::mail::{Stamp, Submission};
use super::refusal::{gives_way, load_failed, panicked, superseded};
use super::report::{Ending, SharedReport, log_loaded};
use super::resident::{Resident, State};
use super::saved::SavedContexts;
use super::silence::{no_role, not_a_name, not_installed};
use super::waiting::Waiting;

use adapters::Stock;

/// A model that failed to load is not tried again sooner, however many keystrokes ask for it.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// Models by name, and what each is doing.
pub(super) struct Residency {
    settings: Arc<Settings>,
    loader: Loader,
    registry: Registry,
    /// What brings each model of a role. Looked up once: a missing model is reported after every
    /// batch, and telling costs a look into the catalogue.
    remedies: BTreeMap<ModelName, Remedy>,
    residents: BTreeMap<ModelName, Resident>,
    requests: u64,
    loads_started: u64,
    /// The model that computed the last batch.
    last_at_work: Option<ModelName>,
    card: Card,
    /// What was read of documents whose models gave their contexts back.
    saved: SavedContexts,
    /// What models wear.
    stock: Stock,
    /// A context is to go as soon as its documents are kept.
    makes_room: bool,
}

impl Residency {
    pub(super) fn new(
        settings: Arc<Settings>,
        registry: Registry,
        loader: Loader,
        card: Card,
        saved: SavedContexts,
        adapters: AdapterReader,
    ) -> Self {
        Self {
            remedies: remedies(&settings, &registry),
            stock: Stock::new(adapters, loader.mailbox()),
            settings,
            loader,
            registry,
            residents: BTreeMap::new(),
            requests: 0,
            loads_started: 0,
            last_at_work: None,
            card,
            saved,
            makes_room: false,
        }
    }

    /// Serves a request by the model of its language: at once when that is loaded, after loading it
    /// otherwise. What the document still had in hand ends here, in whichever model's hands; but a
    /// request that is turned away ends nothing.
    pub(super) fn submit(&mut self, submission: Submission, report: &SharedReport) {
        self.requests += 1;
        let stamp = Stamp::of(RequestKey(self.requests), &submission.params);
        if self.holds_newer_than(&stamp) {
            return submission.fail(superseded(), Ending::Cancelled, report);
        }
        let is_taken = match self.model_for(&submission.params) {
            Ok(name) => self.submit_to(&name, stamp.key, submission, report),
            Err(silence) => {
                report.count(Ending::Completed);
                super::silence::answer(&submission, silence);
                true
            }
        };
        if is_taken {
            self.supersede(&stamp, report);
        }
    }

    /// Returns whether the request was taken; one that was not has been answered.
    fn submit_to(
        &mut self,
        name: &ModelName,
        key: RequestKey,
        submission: Submission,
        report: &SharedReport,
    ) -> bool {
        let tell = |submission: &Submission, percent| {
            let model = name.to_string();
            let _ = submission
                .events
                .try_send(ServingEvent::Loading { model, percent });
        };
        let gives_way_now = self.must_give_way(name);
        match &mut self.residents.entry(name.clone()).or_default().state {
            State::Loaded(_) if gives_way_now => {
                submission.fail(gives_way(), Ending::Rejected, report);
                false
            }
            State::Loaded(_) => self.submit_to_lane(name, key, submission, report),
            State::Loading {
                waiting, percent, ..
            } => {
                tell(&submission, *percent);
                waiting.push(key, submission, report)
            }
            State::Failed { problem, at } if at.elapsed() < RETRY_AFTER => {
                submission.fail(load_failed(name, problem), Ending::Rejected, report);
                false
            }
            State::Unloaded | State::Resting { .. } | State::Failed { .. } => {
                tell(&submission, 0);
                let mut waiting = Waiting::default();
                waiting.push(key, submission, report);
                self.start_loading(name, waiting, report)
            }
        }
    }

    fn submit_to_lane(
        &mut self,
        name: &ModelName,
        key: RequestKey,
        submission: Submission,
        report: &SharedReport,
    ) -> bool {
        let wish = match self.wish(name, &submission.params) {
            Ok(wish) => wish,
            Err(named) => return self.try_on(name, named, (key, submission), report),
        };
        self.ask_for(name, wish.adapter());
        self.restore(name, (&submission.params.document, wish.adapter()), report);
        let defaults = Defaults::of(&self.settings);
        let events = submission.events.clone();
        let taken = self.with_lane(name, report, |lane| {
            lane.submit(key, (submission, wish), &defaults, report)
        });
        if taken.is_none() {
            // The panic has taken the submission with it.
            report.count(Ending::Rejected);
            let _ = events.try_send(ServingEvent::Done(Err(panicked())));
        }
        taken.unwrap_or(false)
    }

    /// Lets a loaded model work; none when it panicked. Then what it holds cannot be trusted any
    /// more: its requests end, it leaves memory, and the next request loads it again.
    fn with_lane<R>(
        &mut self,
        name: &ModelName,
        report: &SharedReport,
        work: impl FnOnce(&mut Lane) -> R,
    ) -> Option<R> {
        let resident = self.residents.get_mut(name)?;
        let State::Loaded(lane) = &mut resident.state else {
            return None;
        };
        let done = catch_unwind(AssertUnwindSafe(|| work(lane)));
        if done.is_err() {
            tracing::error!(model = %name, requests = lane.requests(), "the model panicked and leaves memory");
            lane.end_all(&panicked(), report);
            resident.release(Release {
                what: Released::Weights,
                why: ReleaseReason::Panicked,
            });
        }
        done.ok()
    }

    fn supersede(&mut self, newer: &Stamp, report: &SharedReport) {
        for resident in self.residents.values_mut() {
            resident.supersede(newer, report);
        }
    }

    fn holds_newer_than(&self, stamp: &Stamp) -> bool {
        let mut residents = self.residents.values();
        residents.any(|resident| resident.holds_newer_than(stamp))
    }

    /// Ends requests whose client has gone or whose deadline has passed.
    pub(super) fn reap(&mut self, now: Instant, report: &SharedReport) {
        for resident in self.residents.values_mut() {
            resident.reap(now, report);
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
            Err(not_installed(&name, language, &self.remedy_for(&name)))
        }
    }

    /// The command that brings a missing model.
    fn remedy_for(&self, name: &ModelName) -> String {
        let known = self.remedies.get(name).copied();
        let remedy = known.unwrap_or_else(|| self.registry.remedy_for(name));
        remedy.command(name)
    }

    fn role(&self, language: Language) -> Option<ModelName> {
        completes(&self.settings.model.completion, language).cloned()
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
            State::Unloaded | State::Resting { .. } => {
                self.start_loading(&name, Waiting::default(), report);
            }
            State::Loaded(lane) => lane.touch(),
            State::Loading { .. } | State::Failed { .. } => {}
        }
    }

    pub(super) fn close(&mut self, document: &DocumentId) {
        for lane in self.lanes_mut() {
            lane.close(document);
        }
        self.saved.forget(document_of(document));
    }

    /// The model that is to guess ahead of another; none when there is none, or the user wants none.
    fn draft_model(&self, name: &ModelName) -> Option<DraftModel> {
        let DraftModelChoice::Auto = self.settings.engine.draft_model else {
            return None;
        };
        let (name, path) = self.registry.draft_of(name)?;
        Some(DraftModel { name, path })
    }

    /// False: it cannot even be tried, and those that wait know.
    fn start_loading(
        &mut self,
        name: &ModelName,
        mut waiting: Waiting,
        report: &SharedReport,
    ) -> bool {
        self.loads_started += 1;
        let generation = self.loads_started;
        let draft = self.draft_model(name);
        let resident = self.residents.entry(name.clone()).or_default();
        resident.granted = resident.holding().without_context();
        let source = match std::mem::take(&mut resident.state) {
            State::Resting { model, .. } if !resident.is_stale => Ok(Source::Memory(model)),
            _ => self
                .registry
                .resolve(name.as_str())
                .map(|installed| Source::File(installed.path))
                .map_err(|error| error.to_string()),
        };
        let started = source.and_then(|source| {
            self.loader
                .start(
                    name,
                    (source, draft),
                    self.stock.current.newest(name).to_vec(),
                    &self.settings,
                    generation,
                    &self.card,
                )
                .map_err(|error| format!("cannot start a thread: {error}"))
        });
        let has_started = started.is_ok();
        let state = match started {
            Ok(()) => State::Loading {
                generation,
                percent: 0,
                waiting,
                wish: None,
            },
            Err(problem) => {
                waiting.fail_all(&load_failed(name, &problem), report);
                State::Failed {
                    problem,
                    at: Instant::now(),
                }
            }
        };
        resident.state = state;
        resident.is_stale = false;
        has_started
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
        waiting.tell(name, percent_now);
    }

    /// A loader has ended: its waiting requests go to the new lane, or learn why there is none.
    pub(super) fn loaded(
        &mut self,
        name: &ModelName,
        generation_of: u64,
        result: Result<Loaded, String>,
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
        let mut waiting = std::mem::take(waiting);
        match result {
            Ok(mut loaded) => {
                resident.loads += u64::from(loaded.read_weights);
                resident.released = None;
                if loaded.read_weights {
                    resident.notice = loaded.lane.notice().map(str::to_owned);
                } else if let Some(notice) = &resident.notice {
                    loaded.lane.set_notice(notice.clone());
                }
                resident.state = State::Loaded(loaded.lane);
                for (adapter, problem) in loaded.unfit {
                    self.stock.refuse(name, &adapter, problem);
                }
                self.change_over(report, true);
                log_loaded(&self.model_report(name));
                for (key, submission) in waiting.into_submissions() {
                    self.submit_to_lane(name, key, submission, report);
                }
            }
            Err(problem) => {
                tracing::error!(model = %name, problem, "model not loaded");
                waiting.fail_all(&load_failed(name, &problem), report);
                resident.state = State::Failed {
                    problem,
                    at: Instant::now(),
                };
                self.end_scorings_without_model();
            }
        }
    }

    /// One batch of one model: those that have work take turns. A batch of each in one turn would
    /// let a newer keystroke wait for as many batches as there are models. Texts are scored when none
    /// has.
    pub(super) fn step(&mut self, report: &SharedReport) {
        let has_work = |(name, resident)| match resident {
            &Resident {
                state: State::Loaded(ref lane),
                ..
            } if lane.has_work() => Some(name),
            _ => None,
        };
        let last = self.last_at_work.take();
        let mut at_work = self.residents.iter().filter_map(has_work);
        let next = at_work.clone().find(|&name| Some(name) > last.as_ref());
        let Some(name) = next.or_else(|| at_work.next()).cloned() else {
            return self.step_scoring(report);
        };
        if let Some(Err(error)) = self.with_lane(&name, report, |lane| lane.step(report)) {
            self.computes_no_more(&name, &error, report);
        }
        self.last_at_work = Some(name);
    }

    /// Ends every request with `error`, since the daemon ends, and in order: a load under way on the
    /// graphics card is not what ended it.
    pub(super) fn end_all(&mut self, error: &WireError, report: &SharedReport) {
        self.card.end_trials();
        for resident in self.residents.values_mut() {
            resident.end_all(error, report);
        }
    }

    /// Whether there is something to compute now.
    pub(super) fn has_work(&self) -> bool {
        self.lanes().any(Lane::has_work) || self.has_scorings()
    }

    /// Whether any request is unanswered, those waiting for a load included.
    pub(super) fn has_requests(&self) -> bool {
        self.requests_active() > 0
    }

    pub(super) fn requests_active(&self) -> u32 {
        let requests = self.residents.values();
        let requests = requests.map(|resident| resident.requests() + resident.scorer.calls());
        u32::try_from(requests.sum::<usize>()).unwrap_or(u32::MAX)
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
}

fn remedies(settings: &Settings, registry: &Registry) -> BTreeMap<ModelName, Remedy> {
    let names = settings.model.completion.iter().map(|(_, name)| name);
    names
        .map(|name| (name.clone(), registry.remedy_for(name)))
        .collect()
}

/// The model that completes texts in a language. Languages that are told from English and Chinese,
/// but not from each other, share one: that of a language the user has named beside these, or else
/// the one for all others.
fn completes(roles: &ModelByLanguage, language: Language) -> Option<&ModelName> {
    let tag = language.tag();
    let told_apart = [Language::English, Language::Chinese, Language::Other].map(Language::tag);
    let mut named = roles
        .iter()
        .filter(|(named, _)| !told_apart.contains(&named.as_str()));
    let named = named.next().map(|(_, name)| name);
    named
        .filter(|_| language == Language::Other)
        .or_else(|| roles.get(tag))
}

mod adapters;
mod failing;
mod placing;
mod release;
mod reloading;
mod reporting;
mod returning;
mod room;
mod scoring;
#[cfg(test)]
mod tests;

pub(super) use adapters::{AdapterTried, AdaptersDone, AdaptersRead};
