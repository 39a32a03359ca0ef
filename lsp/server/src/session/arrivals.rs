//! What comes into a document otherwise than by typing: suggestions that are taken, long pastes.
//!
//! Not what that means for learning (`inkstone-corpus`), nor how it is remembered (`arrival.rs`, off
//! the loop, as hashes). What a writer moves, copies, restores or reloads is their own text: it is
//! told by what documents hold or have held. Edits and `inkstone.accepted` feed this.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::SystemTime;

use inkstone_policy::Taken;
use inkstone_prose::characters::is_unspaced;
use inkstone_prose::shingle::{Width, half_before};
use inkstone_text::{Change, DOCUMENT_BYTES_MAX, Snapshot, TextRange, Utf8Offset, first_bytes};

use crate::session::Session;
use crate::session::documents::{DocumentKey, Documents};
use crate::session::effect::Effect;
use crate::session::suggestion::{ShownSuggestions, SuggestionId};

/// Letters of one edit above which it is a paste: two lines of text. Input methods confirm a phrase
/// at once and dictation a sentence, and those are the writer's.
const PASTED_LETTERS_MIN: usize = 160;

/// A Han character says as much as so many letters.
const UNSPACED_LETTERS: usize = 3;

/// More letters than anybody types between two messages of an editor.
const PART_LETTERS_MIN: usize = 8;

/// What is looked at of one edit; of a whole book pasted, its beginning.
const ARRIVAL_BYTES_MAX: usize = 1 << 20;

/// Taken text in a row that waits to be remembered; past it, it is remembered in pieces.
const RUN_BYTES_MAX: usize = 16 << 10;

/// Enough text before a run for half a shingle.
const CONTEXT_BYTES: usize = 512;

/// Bytes deleted in a row that are worth keeping the text for: shorter ones come back as no paste.
const DELETED_BYTES_MIN: usize = 64;

/// Texts kept of those that documents have lost; they share what they have in common.
const RECENT_TEXTS_MAX: usize = 16;

/// Bytes of lost texts together: of the longest document, one.
const RECENT_BYTES_MAX: usize = DOCUMENT_BYTES_MAX;

/// Bytes of text in which a paste is looked for: the longest document and what it has lost. Below a
/// second of a background thread.
const KNOWN_BYTES_MAX: usize = 2 * DOCUMENT_BYTES_MAX;

/// Text to be remembered by its shingles.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// Suggestions taken, with what stood before them: text that was theirs for the most part.
    Suggested(String),
    /// A paste, unless its text is known.
    Pasted(Paste),
}

/// Text that came in one go.
#[derive(Debug)]
pub(crate) struct Paste {
    /// What came.
    pub(crate) text: String,
    /// What documents hold or have held: text of theirs is moved, copied or restored.
    pub(crate) known: Vec<Snapshot>,
    /// The document's file: what it holds already was reloaded.
    pub(crate) file: Option<PathBuf>,
    /// When it came: a file that was saved since shows the paste itself.
    pub(crate) came_at: SystemTime,
}

/// What is known of one document's edits.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    /// Suggested text in a row, to which more may be added.
    run: Option<Run>,
    /// A part that looks taken, but may be an input method's, until the editor's command says more.
    unconfirmed: Option<(ShownSuggestions, Run)>,
    /// What a command said was taken, before the edit came.
    told: Option<ShownSuggestions>,
    /// The text before what is being deleted, and how much that is.
    deleting: Option<(Snapshot, usize)>,
}

#[derive(Debug)]
struct Run {
    context: String,
    text: String,
    range: TextRange,
}

impl Run {
    fn of(before: &Snapshot, after: &Snapshot, range: TextRange) -> Self {
        let from = range.start.get().saturating_sub(CONTEXT_BYTES);
        let context = before.slice(TextRange::new(Utf8Offset::new(from), range.start));
        Self {
            context: half_before(&context, Width::RECOGNISE).to_owned(),
            text: after.slice(range).into_owned(),
            range,
        }
    }

    fn arrival(self) -> Effect {
        let Self { context, text, .. } = self;
        Effect::Remember(Box::new(Arrival::Suggested(context + &text)))
    }
}

impl Arrivals {
    /// Adds a run; gives what is complete by that.
    fn join(&mut self, next: Run) -> Option<Effect> {
        match &mut self.run {
            Some(run)
                if run.range.end == next.range.start
                    && run.text.len() + next.text.len() <= RUN_BYTES_MAX =>
            {
                run.text.push_str(&next.text);
                run.range = TextRange::new(run.range.start, next.range.end);
                None
            }
            run => run.replace(next).map(Run::arrival),
        }
    }

    fn complete(&mut self) -> Option<Effect> {
        self.unconfirmed = None;
        self.run.take().map(Run::arrival)
    }

    /// Ends a row of deletions; gives the text before them if they were long.
    fn deleted(&mut self) -> Option<Snapshot> {
        let (before, bytes) = self.deleting.take()?;
        (bytes >= DELETED_BYTES_MIN).then_some(before)
    }
}

/// Texts that documents have lost lately, the newest last.
#[derive(Debug, Default)]
pub(crate) struct RecentTexts(VecDeque<Snapshot>);

impl RecentTexts {
    fn note(&mut self, text: Snapshot) {
        self.0.push_back(text);
        while self.0.len() > RECENT_TEXTS_MAX || self.bytes() > RECENT_BYTES_MAX {
            self.0.pop_front();
        }
    }

    fn bytes(&self) -> usize {
        self.0.iter().map(|text| text.len().get()).sum()
    }
}

impl Session {
    /// Looks at what an edit has brought.
    pub(crate) fn look_at_arrival(
        &mut self,
        key: &DocumentKey,
        before: &Snapshot,
        changes: &[Change],
        file: impl FnOnce() -> Option<PathBuf>,
    ) {
        if !self.remembers(key) {
            return;
        }
        let Some(document) = self.documents.get_mut(key) else {
            return;
        };
        let told = document.arrivals.told.take();
        let Ok(after) = document.snapshot() else {
            let complete = document.arrivals.complete();
            self.effects.extend(complete);
            return;
        };
        let shown = document.shown.as_ref().filter(|shown| !shown.is_held);
        let shown = told.as_ref().or(shown);
        let taken = shown.and_then(|shown| Some((shown, taken(shown, before, &after)?)));
        if let Some((shown, taken)) = taken {
            let run = Run::of(before, &after, taken.range);
            let is_certain = taken.is_whole || told.is_some() || !may_be_typed(&run.text);
            document.arrivals.deleting = None;
            if is_certain {
                let complete = document.arrivals.join(run);
                self.effects.extend(complete);
            } else {
                document.arrivals.unconfirmed = Some((shown.clone(), run));
            }
            return;
        }
        let complete = document.arrivals.complete();
        self.effects.extend(complete);
        self.look_at_deletion(key, before, &after, changes);
        for change in changes {
            if change.range.is_some() && is_long(&change.text) {
                return self.pasted(key, before, changes, file());
            }
        }
    }

    /// What an editor's command says was taken.
    pub(crate) fn arrival_told(&mut self, id: SuggestionId) {
        let mut complete = None;
        for document in self.documents.iter_mut() {
            let arrivals = &mut document.arrivals;
            let is_it = |shown: &ShownSuggestions| shown.has(id);
            if let Some((_, run)) = arrivals.unconfirmed.take_if(|(shown, _)| is_it(shown)) {
                complete = arrivals.join(run);
                break;
            }
            // Seen in the text already; else the edit comes after its command.
            if arrivals.run.is_none()
                && let Some(shown) = document.shown.as_ref().filter(|shown| is_it(shown))
            {
                arrivals.told = Some(shown.clone());
                break;
            }
        }
        self.effects.extend(complete);
    }

    /// Has what was taken in a document remembered: it is saved, or closed.
    pub(crate) fn remember_taken(&mut self, key: &DocumentKey) {
        if let Some(document) = self.documents.get_mut(key) {
            let complete = document.arrivals.complete();
            self.effects.extend(complete);
        }
    }

    /// The same of all documents.
    pub(crate) fn remember_all_taken(&mut self) {
        let documents = self.documents.iter_mut();
        let complete = documents.filter_map(|document| document.arrivals.complete());
        self.effects.extend(complete);
    }

    /// A document is closed: its text may come back in another.
    pub(crate) fn note_closing(&mut self, key: &DocumentKey) {
        self.remember_taken(key);
        let document = self.documents.get(key);
        if let Some(text) = document.and_then(|document| document.snapshot().ok()) {
            self.recent_texts.note(text);
        }
    }

    fn remembers(&self, key: &DocumentKey) -> bool {
        self.configuration.settings().corpus.remember_insertions
            && self
                .documents
                .get(key)
                .is_some_and(|document| self.serves(&document.language_id, document.kind))
    }

    /// Keeps the text before a row of deletions, in case that it comes back.
    fn look_at_deletion(
        &mut self,
        key: &DocumentKey,
        before: &Snapshot,
        after: &Snapshot,
        changes: &[Change],
    ) {
        let Some(document) = self.documents.get_mut(key) else {
            return;
        };
        let came: usize = changes.iter().map(|change| change.text.len()).sum();
        let gone = (before.len().get() + came).saturating_sub(after.len().get());
        if gone == 0 {
            if let Some(text) = document.arrivals.deleted() {
                self.recent_texts.note(text);
            }
        } else {
            let deleting = &mut document.arrivals.deleting;
            let (_, bytes) = deleting.get_or_insert_with(|| (before.clone(), 0));
            *bytes += gone;
        }
    }

    fn pasted(
        &mut self,
        key: &DocumentKey,
        before: &Snapshot,
        changes: &[Change],
        file: Option<PathBuf>,
    ) {
        let known = known_texts(key, before, &self.documents, &self.recent_texts);
        let long = changes.iter().filter(|change| is_long(&change.text));
        let text: Vec<&str> = long.map(|change| change.text.as_str()).collect();
        let text = first_bytes(&text.join("\n"), ARRIVAL_BYTES_MAX).to_owned();
        let paste = Paste {
            text,
            known,
            file,
            came_at: SystemTime::now(),
        };
        self.effect(Effect::Remember(Box::new(Arrival::Pasted(paste))));
    }
}

/// One letter at once is a key's.
fn taken(shown: &ShownSuggestions, before: &Snapshot, after: &Snapshot) -> Option<Taken> {
    let taken = shown.shown.taken_at_once(before, after)?;
    let letters = after.slice(taken.range).chars().take(2).count();
    (letters == 2).then_some(taken)
}

/// Whether a part of a suggestion may have come letter by letter all the same: from an input method,
/// or from an editor that tells of several keys at once.
fn may_be_typed(part: &str) -> bool {
    part.contains(is_unspaced) || part.chars().count() < PART_LETTERS_MIN
}

/// Whether an edit is too long to be typed, confirmed by an input method, or dictated in one go.
fn is_long(text: &str) -> bool {
    if text.len() < PASTED_LETTERS_MIN {
        return false;
    }
    let weights = text.chars().map(|c| {
        let is_letter = c.is_alphanumeric();
        usize::from(is_letter) * if is_unspaced(c) { UNSPACED_LETTERS } else { 1 }
    });
    let mut letters = 0;
    weights.into_iter().any(|weight| {
        letters += weight;
        letters >= PASTED_LETTERS_MIN
    })
}

/// The texts in which a paste is looked for, the likeliest first.
fn known_texts(
    key: &DocumentKey,
    before: &Snapshot,
    documents: &Documents,
    recent: &RecentTexts,
) -> Vec<Snapshot> {
    let deleting = documents
        .iter()
        .filter_map(|(_, document)| document.arrivals.deleting.as_ref());
    let others = documents.iter().filter(|(name, _)| *name != key);
    let open = others.filter_map(|(_, document)| document.snapshot().ok());
    let mut bytes = 0;
    std::iter::once(before.clone())
        .chain(deleting.map(|(text, _)| text.clone()))
        .chain(recent.0.iter().rev().cloned())
        .chain(open)
        .take_while(|text| {
            bytes += text.len().get();
            bytes <= KNOWN_BYTES_MAX
        })
        .collect()
}
