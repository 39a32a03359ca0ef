//! What becomes of the suggestions that were shown, and what that teaches.
//!
//! Not the conclusions (`inkstone-policy`) nor the file that keeps them (`learned_file.rs`). The
//! session owns one; edits and the commands `inkstone.accepted` and `inkstone.rejected` feed it.

use inkstone_policy::{Learned, Lesson, Look, Outcome, Threshold, Watch};
use inkstone_prose::Language;

use crate::session::Session;
use crate::session::documents::DocumentKey;
use crate::session::effect::Effect;
use crate::session::suggestion::SuggestionId;

/// Lessons after which the file is written; a crash loses fewer.
const LESSONS_PER_WRITE: usize = 8;

/// Lessons kept while the file cannot be written; the oldest go first.
const LESSONS_MAX: usize = 256;

/// A suggestion whose outcome is open.
#[derive(Debug)]
pub(crate) struct Watched {
    /// Its name.
    pub(crate) id: SuggestionId,
    language: Language,
    score: f32,
    watch: Watch,
}

impl Watched {
    pub(crate) fn new(id: SuggestionId, language: Language, score: f32, watch: Watch) -> Self {
        Self {
            id,
            language,
            score,
            watch,
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
            self.learn(&watched, outcome);
        }
    }

    fn learn(&mut self, watched: &Watched, outcome: Outcome) {
        if !self.configuration.settings().completion.learn_threshold {
            return;
        }
        tracing::debug!(id = watched.id.get(), ?outcome, "a suggestion's outcome");
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
