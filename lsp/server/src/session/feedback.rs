//! What becomes of the suggestions that were shown, and what that teaches.
//!
//! Not the conclusions (`inkstone-policy`) nor the file that keeps them (`learned_file.rs`). The
//! session owns one; edits and the commands `inkstone.accepted` and `inkstone.rejected` feed it.

use inkstone_policy::{Learned, Lesson, Look, Outcome, Threshold, Watch};
use inkstone_prose::Language;
use inkstone_protocol::Judged;

use crate::session::Session;
use crate::session::documents::{DocumentKey, Revision};
use crate::session::effect::Effect;
use crate::session::suggestion::{Suggestion, SuggestionId};

/// Lessons after which the file is written; a crash loses fewer.
const LESSONS_PER_WRITE: usize = 8;

/// Lessons kept while the file cannot be written; the oldest go first.
const LESSONS_MAX: usize = 256;

/// A suggestion whose outcome is open.
#[derive(Debug)]
pub(crate) struct Watched {
    /// The text it was made for.
    pub(crate) revision: Revision,
    text: String,
    /// Its names: it has another when it came again, asked for by key.
    names: Vec<SuggestionId>,
    /// Those that could be taken in its stead.
    others: Vec<SuggestionId>,
    language: Language,
    score: f32,
    /// The model that wrote it, and the adapter that it wore.
    pub(crate) worn: Option<(String, Option<String>)>,
    watch: Watch,
}

impl Watched {
    pub(crate) fn new(
        revision: Revision,
        text: &str,
        language: Language,
        score: f32,
        watch: Watch,
    ) -> Self {
        Self {
            revision,
            text: text.to_owned(),
            names: Vec::new(),
            others: Vec::new(),
            language,
            score,
            worn: None,
            watch,
        }
    }

    /// Learns the names under which an editor has it, and those of the others it may take instead.
    pub(crate) fn stand_beside(&mut self, suggestions: &[Suggestion]) {
        for suggestion in suggestions {
            if suggestion.text == self.text {
                self.names.push(suggestion.id);
            } else {
                self.others.push(suggestion.id);
            }
        }
    }

    /// Whether a suggestion is this one or stands beside it.
    pub(crate) fn concerns(&self, id: SuggestionId) -> bool {
        self.names.contains(&id) || self.others.contains(&id)
    }

    /// What it means for this one that a suggestion was taken or refused. Whoever takes another has
    /// passed over this; whoever refuses one refuses all that could be had.
    fn outcome(&self, of: SuggestionId, told: Outcome) -> Outcome {
        if told == Outcome::Accepted && !self.names.contains(&of) {
            Outcome::Ignored
        } else {
            told
        }
    }
}

/// What is learned, and what of it the file does not hold yet.
#[derive(Debug, Default)]
pub(crate) struct Feedback {
    learned: Learned,
    unsaved: Vec<Lesson>,
    is_writing: bool,
}

impl Feedback {
    /// The threshold that holds in a language where the preset says `preset`.
    pub(crate) fn threshold(&self, preset: f32, language: Language) -> Threshold {
        self.learned.threshold(preset, language)
    }

    fn note(&mut self, lesson: Lesson) {
        self.learned.note(lesson);
        self.unsaved.push(lesson);
        let surplus = self.unsaved.len().saturating_sub(LESSONS_MAX);
        self.unsaved.drain(..surplus);
    }
}

impl Session {
    /// Looks at what an edit made of the suggestion that a document shows.
    pub(crate) fn look_at_outcome(&mut self, key: &DocumentKey) {
        let Some(document) = self.documents.get_mut(key) else {
            return;
        };
        let Some(snapshot) = document.snapshot().ok() else {
            document.watched = None;
            return;
        };
        let Some(watched) = &mut document.watched else {
            return;
        };
        match watched.watch.look(&snapshot) {
            Look::Open => {}
            Look::Lost => document.watched = None,
            Look::Decided(outcome) => {
                if let Some(watched) = document.watched.take() {
                    self.learn(&watched, outcome);
                }
            }
        }
    }

    /// What an editor's command says of a suggestion, unless its text has said it already.
    pub(crate) fn outcome_told(&mut self, id: SuggestionId, outcome: Outcome) {
        if let Some(watched) = self.documents.take_watched(id) {
            self.learn(&watched, watched.outcome(id, outcome));
        }
    }

    fn learn(&mut self, watched: &Watched, outcome: Outcome) {
        if !self.configuration.settings().completion.learn_threshold {
            return;
        }
        let id = watched.names.first().map(|id| id.get());
        tracing::debug!(id, ?outcome, "a suggestion's outcome");
        if let Some((model, adapter)) = &watched.worn {
            self.effect(Effect::Judged(Judged {
                model: model.clone(),
                language: watched.language.tag().to_owned(),
                adapter: adapter.clone(),
                is_right: outcome.agrees(),
            }));
        }
        self.feedback.note(Lesson {
            language: watched.language,
            score: watched.score,
            outcome,
        });
        if self.feedback.unsaved.len() >= LESSONS_PER_WRITE {
            self.save_lessons();
        }
    }

    /// Reads what was learned before, by this and by other editors.
    pub(crate) fn load_learned(&mut self) {
        self.feedback.is_writing = true;
        self.effect(Effect::Learn {
            lessons: Vec::new(),
        });
    }

    /// Writes what the file does not hold yet, if anything. One at a time: the next takes the rest.
    pub(crate) fn save_lessons(&mut self) {
        if self.feedback.is_writing || self.feedback.unsaved.is_empty() {
            return;
        }
        self.feedback.is_writing = true;
        let lessons = std::mem::take(&mut self.feedback.unsaved);
        self.effect(Effect::Learn { lessons });
    }

    /// The file was written and read, or these lessons are not in it.
    pub(crate) fn lessons_saved(&mut self, result: Result<Learned, Vec<Lesson>>) {
        let feedback = &mut self.feedback;
        feedback.is_writing = false;
        match result {
            Ok(learned) => {
                feedback.learned = learned;
                for lesson in &feedback.unsaved {
                    feedback.learned.note(*lesson);
                }
                if self.is_stopping() {
                    self.save_lessons();
                }
            }
            Err(mut lessons) => {
                lessons.append(&mut feedback.unsaved);
                let surplus = lessons.len().saturating_sub(LESSONS_MAX);
                lessons.drain(..surplus);
                feedback.unsaved = lessons;
            }
        }
    }
}
