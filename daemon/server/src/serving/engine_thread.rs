//! The engine thread: one loop, one owner of every model, one closed enum of what wakes it.
//!
//! A turn takes all letters, then runs one batch of one model that has work. A batch is at most 64
//! tokens, so letters (a newer keystroke, a cancel) wait no longer than that. A panic in a model's
//! work ends that model's requests (`residency.rs`); any other ends the thread, and with it the
//! daemon, which is started anew.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use inkstone_engine::Backend;
use inkstone_models::Registry;
use inkstone_protocol::{ErrorCode, WireError};
use inkstone_settings::{Directories, Settings};
use tokio_util::sync::CancellationToken;

use super::adapters::AdapterReader;
use super::card::Card;
use super::event::ServingError;
use super::loading::Loader;
use super::mail::Mail;
use super::report::SharedReport;
use super::residency::Residency;
use super::saved::SavedContexts;

/// A turn longer than this is logged: a batch of 64 tokens on a slow processor takes about as long.
const TURN_WARN: Duration = Duration::from_millis(500);
/// Between two looks at the requests that wait for a model to load: some may have been cancelled.
const LOADING_LOOK: Duration = Duration::from_millis(250);

/// Starts the thread; `ended` is cancelled when it ends, however it does. Fails at once when no backend can be loaded or the models cannot be listed.
pub(super) fn spawn(
    settings: Arc<Settings>,
    dirs: &Directories,
    letters: Receiver<Mail>,
    mailbox: SyncSender<Mail>,
    report: SharedReport,
    (ended, wants_paths): (CancellationToken, Arc<AtomicBool>),
) -> Result<JoinHandle<()>, ServingError> {
    Backend::get()?;
    let saved = SavedContexts::new(dirs.cache_dir(), &settings);
    let (registry, adapters) = (Registry::of(dirs), AdapterReader::new(dirs, wants_paths));
    let loader = Loader::new(mailbox, dirs.tuning_file(), dirs.memory_dir());
    let card = Card::found(dirs.card_trial_file());
    let thread = std::thread::Builder::new()
        .name("engine".to_owned())
        .spawn(move || {
            let _ended = ended.drop_guard();
            // Here, since it reads the files of adapters.
            let residency = Residency::new(settings, registry, loader, card, saved, adapters);
            EngineThread {
                residency,
                letters,
                report,
                ending: None,
            }
            .run();
        })?;
    Ok(thread)
}

struct EngineThread {
    residency: Residency,
    letters: Receiver<Mail>,
    report: SharedReport,
    /// Set by `Shutdown`: when to stop finishing what is in hand.
    ending: Option<Instant>,
}

impl EngineThread {
    fn run(mut self) {
        self.publish();
        while self.take_letters() {
            let turn = Instant::now();
            self.residency.step(&self.report);
            self.residency.settle_room();
            self.residency.release_idle(Instant::now());
            self.publish();
            self.residency.tell_readers();
            if turn.elapsed() > TURN_WARN {
                tracing::warn!(
                    elapsed_ms = turn.elapsed().as_millis(),
                    "slow turn of the engine thread"
                );
            }
        }
        self.residency.end_all(&ending(), &self.report);
        self.publish();
    }

    /// Takes every letter; waits for one when there is nothing to compute. False: the end.
    fn take_letters(&mut self) -> bool {
        // Whoever waits for the end has nothing to wait for once every request is answered.
        let is_over = self.ending.is_some() && !self.residency.has_requests();
        if !self.residency.has_work() && !is_over {
            match self.next_letter() {
                Ok(letter) => self.handle(letter),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
        while let Ok(letter) = self.letters.try_recv() {
            self.handle(letter);
        }
        let now = Instant::now();
        self.residency.reap(now, &self.report);
        match self.ending {
            Some(until) => self.residency.has_requests() && now < until,
            None => true,
        }
    }

    /// Waits for a letter until the next deadline, without one for ever: an idle thread is not woken.
    fn next_letter(&self) -> Result<Mail, RecvTimeoutError> {
        let now = Instant::now();
        match self.next_deadline(now) {
            Some(at) => self.letters.recv_timeout(at.saturating_duration_since(now)),
            None => self
                .letters
                .recv()
                .map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    fn next_deadline(&self, now: Instant) -> Option<Instant> {
        let look = self.residency.has_requests().then(|| now + LOADING_LOOK);
        let at_once = self.residency.makes_room().then_some(now);
        let deadlines = [at_once, look, self.ending, self.residency.next_release()];
        deadlines.into_iter().flatten().min()
    }

    fn handle(&mut self, letter: Mail) {
        match letter {
            Mail::Complete(submission) => self.residency.submit(*submission, &self.report),
            Mail::Score(submission) => self.residency.submit_score(*submission, &self.report),
            Mail::Warm { sample } => self.residency.warm(&sample, &self.report),
            Mail::Close { document } => self.residency.close(&document),
            Mail::Reload { settings } => self.residency.reload(settings),
            Mail::AdaptersChanged { done } => self.residency.adapters_changed(Some(done)),
            Mail::AdaptersRead(read) => self.residency.adapters_read(*read, &self.report),
            Mail::AdapterTried(tried) => self.residency.adapter_tried(*tried, &self.report),
            Mail::ScoringDressed(dressed) => self.residency.scoring_dressed(*dressed),
            Mail::LoadProgress { model, percent } => self.residency.load_progress(&model, percent),
            Mail::Room {
                model,
                generation,
                wish,
            } => self.residency.room_wanted(&model, generation, wish),
            Mail::Loaded {
                model,
                generation,
                result,
            } => {
                self.residency
                    .loaded(&model, generation, result, &self.report);
            }
            Mail::Shutdown { until } => {
                self.residency.end_scorings(&ending());
                self.ending = Some(until);
            }
        }
    }

    fn publish(&mut self) {
        let models = self.residency.model_reports();
        let active = self.residency.requests_active();
        let memory = self.residency.memory_report();
        // Made anew only when something changed: there may be a thousand.
        let adapters = self.residency.adapters_news();
        let documents_waiting = self.residency.documents_changing();
        self.report.update(|report| {
            report.turns += 1;
            report.models = models;
            report.memory = memory;
            if let Some(adapters) = adapters {
                report.adapters = adapters;
            }
            report.adapters.documents_waiting = documents_waiting;
            report.requests_active = active;
        });
    }
}

fn ending() -> WireError {
    WireError::new(ErrorCode::ShuttingDown, "the daemon is ending")
}
