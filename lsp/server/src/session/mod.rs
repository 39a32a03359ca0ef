//! The state of one editor's connection, owned by the event loop.
//!
//! Pure as a machine: an event in, state changed, effects out; no task, socket or clock (settings
//! files are read when the editor says that they changed). In reading order:
//! - [`features`], [`configuration`], [`documents`]: what the editor can, wants and shows;
//! - [`suggest`]: from a caret to a question, an answer or a silence; [`surroundings`], [`word`] and
//!   [`warm`] are its parts;
//! - [`arrivals`]: what came into a document otherwise than by typing;
//! - [`feedback`]: what became of it, and what that teaches; [`editor_facts`]: what the editor told;
//! - [`ask`], [`suggestion`], [`parts`], [`decision`], [`cost`]: a question, what was shown and where
//!   it may be cut, what it came to and why, and what that cost;
//! - [`daemon_view`], [`progress`], [`training`]: what is known of the daemon and of a training, and
//!   told of them;
//! - [`commands`]: names of the editor's commands; [`effect`]: what a turn wants done.

pub(crate) mod ahead;
pub(crate) mod arrivals;
pub(crate) mod ask;
pub(crate) mod commands;
pub(crate) mod configuration;
pub(crate) mod cost;
pub(crate) mod daemon_view;
pub(crate) mod decision;
pub(crate) mod documents;
pub(crate) mod editor_facts;
pub(crate) mod effect;
pub(crate) mod features;
pub(crate) mod feedback;
pub(crate) mod parts;
pub(crate) mod progress;
pub(crate) mod suggest;
pub(crate) mod suggestion;
pub(crate) mod surroundings;
pub(crate) mod training;
pub(crate) mod warm;
pub(crate) mod word;

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use inkstone_policy::Rhythm;
use inkstone_prose::DocumentKind;
use inkstone_settings::Problem;
use tower_lsp_server::ls_types::MessageType;

use crate::api::{notifications, requests};
use crate::cancel::{CancelHandle, CancelSource};
use crate::event::{Ack, Event};
use crate::outbox::Outgoing;
use arrivals::RecentTexts;
use ask::Ask;
use configuration::Configuration;
use daemon_view::DaemonView;
use documents::{DocumentKey, Documents, DocumentsProblem};
use effect::Effect;
use features::ClientFeatures;
use feedback::Feedback;
use progress::LoadingProgress;
use suggestion::{SuggestionCounts, SuggestionId};
use training::TrainingProgress;

/// Between two words to the daemon that somebody types: shorter than any pause after which a training
/// goes on.
const TELL_TYPING_EVERY: Duration = Duration::from_millis(400);

/// Everything that is known of one editor.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) features: ClientFeatures,
    pub(crate) configuration: Configuration,
    pub(crate) documents: Documents,
    pub(crate) daemon: DaemonView,
    pub(crate) progress: LoadingProgress,
    training: TrainingProgress,
    pub(crate) counts: SuggestionCounts,
    pub(crate) feedback: Feedback,
    pub(crate) rhythm: Rhythm,
    /// When the daemon was last told that somebody types.
    told_typing: Option<Duration>,
    /// Texts that documents have lost.
    pub(crate) recent_texts: RecentTexts,
    /// When this turn began, counted from the start of the process.
    pub(crate) now: Duration,
    /// The document that the last request was about.
    pub(crate) last_asked: Option<DocumentKey>,
    asks: HashMap<DocumentKey, CancelSource>,
    asks_in_flight: usize,
    suggestions_numbered: u64,
    is_stopping: bool,
    effects: Vec<Effect>,
}

impl Session {
    /// A session before its first message. The salt is random; without a user file no settings
    /// file is read.
    pub(crate) fn new(salt: [u8; 16], user_file: Option<PathBuf>) -> Self {
        Self {
            features: ClientFeatures::default(),
            configuration: Configuration::new(user_file),
            documents: Documents::new(salt),
            daemon: DaemonView::default(),
            progress: LoadingProgress::default(),
            training: TrainingProgress::default(),
            counts: SuggestionCounts::default(),
            feedback: Feedback::default(),
            rhythm: Rhythm::default(),
            told_typing: None,
            recent_texts: RecentTexts::default(),
            now: Duration::ZERO,
            last_asked: None,
            asks: HashMap::new(),
            asks_in_flight: 0,
            suggestions_numbered: 0,
            is_stopping: false,
            effects: Vec::new(),
        }
    }

    /// One turn: what an event that comes at `now` changes, and what it wants done.
    pub(crate) fn turn(&mut self, event: Event, now: Duration) -> Vec<Effect> {
        self.now = now;
        match event {
            Event::Initialize(params, reply) => requests::initialize::handle(self, *params, reply),
            Event::Shutdown(reply) => requests::shutdown::handle(self, reply),
            Event::InlineCompletion(params, reply) => {
                requests::inline_completion::handle(self, &params, reply);
            }
            Event::Completion(params, reply) => requests::completion::handle(self, &params, reply),
            Event::ExecuteCommand(params, reply) => {
                requests::execute_command::handle(self, &params, reply);
            }
            Event::DocumentText(params, reply) => {
                requests::document_text::handle(self, &params, reply);
            }
            Event::Initialized(ack) => {
                acknowledged(ack, || notifications::initialized::handle(self));
            }
            Event::DidOpen(params, ack) => {
                acknowledged(ack, || notifications::did_open::handle(self, params));
            }
            Event::DidChange(params, ack) => {
                acknowledged(ack, || notifications::did_change::handle(self, params));
            }
            Event::DidSave(params, ack) => {
                acknowledged(ack, || notifications::did_save::handle(self, &params));
            }
            Event::DidClose(params, ack) => {
                acknowledged(ack, || notifications::did_close::handle(self, &params));
            }
            Event::EditorState(params, ack) => {
                acknowledged(ack, || notifications::editor_state::handle(self, &params));
            }
            Event::DidChangeConfiguration(params, ack) => {
                acknowledged(ack, || {
                    notifications::did_change_configuration::handle(self, params);
                });
            }
            Event::ConfigurationPulled(section) => {
                notifications::did_change_configuration::apply(self, section);
            }
            Event::Unreadable(problem) => notifications::lost_message::unreadable(self, problem),
            Event::Malformed(malformed) => notifications::lost_message::malformed(self, malformed),
            Event::InputClosed => self.stop_asking(),
            Event::EditorGone => {
                self.stop_asking();
                self.effect(Effect::End);
            }
            Event::Answered(answered) => suggest::answered(self, *answered),
            Event::ModelLoading { model, percent } => self.model_loading(&model, percent),
            Event::Learned(result) => self.lessons_saved(result),
            Event::Training(report) => {
                let news = self.training.now(report.as_deref());
                self.tell_all(news);
            }
            Event::DaemonUp => {
                let news = self.daemon.up();
                self.tell_all(news);
            }
            Event::DaemonAway(problem) => {
                let news = self.daemon.away(problem);
                self.tell_all(news);
                self.model_ready();
            }
        }
        std::mem::take(&mut self.effects)
    }

    /// Lets the daemon know that somebody types, at the first key after a pause and now and then while it
    /// goes on: what it asks for suggestions says so too, but keys along one are answered here.
    pub(crate) fn tell_typed(&mut self) {
        let is_told = |told| self.now.saturating_sub(told) < TELL_TYPING_EVERY;
        if !self.told_typing.is_some_and(is_told) {
            self.told_typing = Some(self.now);
            self.effect(Effect::Typed);
        }
    }

    /// Wants something done after this turn.
    pub(crate) fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Whether suggestions are wanted in documents of this language.
    ///
    /// Editors have several names for one language: a name in the settings means all of its kind.
    pub(crate) fn serves(&self, language_id: &str, kind: DocumentKind) -> bool {
        let languages = &self.configuration.settings().lsp.languages;
        languages.iter().any(|served| {
            let is_same_kind = kind.is_prose() && DocumentKind::from_language_id(served) == kind;
            is_same_kind || served.eq_ignore_ascii_case(language_id)
        })
    }

    /// Whether the editor said goodbye, so that nothing new begins.
    pub(crate) fn is_stopping(&self) -> bool {
        self.is_stopping
    }

    /// The name of the next suggestion; never used before.
    pub(crate) fn next_suggestion(&mut self) -> SuggestionId {
        self.suggestions_numbered += 1;
        SuggestionId::new(self.suggestions_numbered)
    }

    /// A question goes out.
    pub(crate) fn ask(&mut self, ask: Ask, cancel: CancelHandle) {
        self.asks_in_flight += 1;
        self.effect(Effect::Ask(Box::new(ask), cancel));
    }

    /// A question came back. While a newer one waits for the same model, a cancelled one does not
    /// end the progress of its loading.
    pub(crate) fn ask_ended(&mut self, was_cancelled: bool) {
        self.asks_in_flight = self.asks_in_flight.saturating_sub(1);
        if !was_cancelled || self.asks_in_flight == 0 {
            self.model_ready();
        }
    }

    /// Cancels what runs for a document and gives the handle of what runs next.
    pub(crate) fn restart_ask(&mut self, key: &DocumentKey) -> CancelHandle {
        self.asks.entry(key.clone()).or_default().restart()
    }

    /// Cancels what runs for a document; its request is answered with nothing.
    pub(crate) fn cancel_ask(&mut self, key: &DocumentKey) {
        // Dropping the source cancels.
        self.asks.remove(key);
    }

    /// Cancels everything that runs.
    pub(crate) fn cancel_all_asks(&mut self) {
        self.asks.clear();
    }

    /// Cancels everything that runs, and lets nothing new begin.
    pub(crate) fn stop_asking(&mut self) {
        self.is_stopping = true;
        self.save_lessons();
        self.remember_all_taken();
        self.cancel_all_asks();
    }

    /// The same where no turn follows; gives what is left to do.
    pub(crate) fn stop(&mut self) -> Vec<Effect> {
        self.stop_asking();
        std::mem::take(&mut self.effects)
    }

    /// Shows what is wrong with the settings; the rest of them applies.
    pub(crate) fn tell_settings_problems(&mut self, problems: &[Problem]) {
        for problem in problems {
            tracing::warn!(%problem, "a setting does not apply");
            self.tell(MessageType::WARNING, &problem.to_string());
        }
    }

    /// Shows and logs what is wrong with the editor's documents.
    pub(crate) fn tell_document_problem(&mut self, problem: &DocumentsProblem) {
        tracing::error!(%problem, "a document is out of step with the editor");
        self.tell(MessageType::ERROR, &problem.to_string());
    }

    fn tell(&mut self, level: MessageType, message: &str) {
        let message = format!("Inkstone: {message}");
        self.effect(Effect::Tell(Outgoing::Show(level, message)));
    }

    fn tell_all(&mut self, outgoing: impl IntoIterator<Item = Outgoing>) {
        self.effects.extend(outgoing.into_iter().map(Effect::Tell));
    }

    fn model_loading(&mut self, model: &str, percent: u8) {
        if self.features.work_done_progress {
            let news = self.progress.loading(model, percent);
            self.tell_all(news);
        }
    }

    /// Nobody waits for a model any more, or none is being loaded.
    pub(crate) fn model_ready(&mut self) {
        let news = self.progress.ready();
        self.tell_all(news);
    }
}

/// Runs a notification's handler, then tells the mailbox that it did.
fn acknowledged(ack: Ack, handler: impl FnOnce()) {
    handler();
    // The mailbox's side may be gone: the library drops its handlers at `exit`.
    let _ = ack.send(());
}
