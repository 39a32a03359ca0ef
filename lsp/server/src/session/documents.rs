//! The open documents: their text as the editor's edits leave it, or why we no longer know it.
//!
//! Not the decisions about them (`api/`). Owned by the session; changed on the event loop only.

use std::collections::{HashMap, HashSet};

use inkstone_policy::Threshold;
use inkstone_prose::DocumentKind;
use inkstone_protocol::{Confidence, DocumentId};
use inkstone_text::{
    Change, Document, DocumentVersion, PositionEncoding, Snapshot, TextError, Utf8Offset,
};
use sha2::{Digest, Sha256};

use crate::session::ahead::Ahead;
use crate::session::arrivals::Arrivals;
use crate::session::cost::Cost;
use crate::session::decision::Decision;
use crate::session::editor_facts::EditorFacts;
use crate::session::feedback::Watched;
use crate::session::suggestion::{ShownSuggestions, SuggestionId};

/// The most documents open at once. Editors open hundreds at most; past it a client leaks.
const DOCUMENTS_MAX: usize = 2_048;

/// How much of the hash names a document to the daemon: 128 bits cannot collide by chance.
const DOCUMENT_ID_BYTES: usize = 16;

/// Names a document within this process: the URI as the editor writes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct DocumentKey(String);

impl DocumentKey {
    pub(crate) fn new(uri: impl Into<String>) -> Self {
        Self(uri.into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Names a document's text: which opening of it, and which change since. Ours and not the client's
/// version, which a careless client may leave as it is: messages arrive in order, so nothing
/// depends on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Revision {
    opening: u64,
    change: u64,
}

impl Revision {
    fn next(self) -> Self {
        Self {
            change: self.change + 1,
            ..self
        }
    }
}

/// Why the text of a document is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OutOfSync {
    /// Its text or a change of it was refused.
    #[error(transparent)]
    Refused(#[from] TextError),
    /// A notification about it could not be read.
    #[error(
        "the editor sent a change that cannot be read ({problem}); close and reopen the document to send its text again"
    )]
    Unreadable {
        /// What is wrong with it.
        problem: String,
    },
}

/// Why a notification was not applied to any document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DocumentsProblem {
    /// No document of that name is open.
    #[error("the editor changed a document that it has not opened; close and reopen it")]
    NotOpen,
    /// [`DOCUMENTS_MAX`] are open.
    #[error("{DOCUMENTS_MAX} documents are open; close some to get suggestions in new ones")]
    TooMany,
    /// The document's text is no longer known, from now on.
    #[error(transparent)]
    OutOfSync(#[from] OutOfSync),
}

#[derive(Debug)]
enum Text {
    Known(Document),
    Lost(OutOfSync),
}

/// A question that a person asked by key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Invoked {
    /// What will be suggested.
    pub(crate) id: SuggestionId,
    /// About which text.
    pub(crate) revision: Revision,
    /// Where.
    pub(crate) caret: Utf8Offset,
}

/// One open document.
#[derive(Debug)]
pub(crate) struct OpenDocument {
    /// What the daemon calls it.
    pub(crate) id: DocumentId,
    /// What the editor calls its language.
    pub(crate) language_id: String,
    /// How its markup is read.
    pub(crate) kind: DocumentKind,
    /// What the last request came to.
    pub(crate) decision: Option<Decision>,
    /// What the daemon's answer to it cost; none when it was not asked or has not answered.
    pub(crate) cost: Option<Cost>,
    /// How sure the daemon was of it, offered or not.
    pub(crate) confidence: Option<Confidence>,
    /// The model that answered, and the adapter that it wore.
    pub(crate) worn: Option<(String, Option<String>)>,
    /// The reason that the log already holds, so that a key held down in a code block fills no log.
    pub(crate) logged_reason: Option<String>,
    /// What the editor was last given to show.
    pub(crate) shown: Option<ShownSuggestions>,
    /// What it shows, until its outcome is known.
    pub(crate) watched: Option<Watched>,
    /// How sure the last question's suggestion had to be; none where any was welcome.
    pub(crate) threshold: Option<Threshold>,
    /// What the editor told of its state.
    pub(crate) facts: EditorFacts,
    /// Whether a person looks at it, as the editor told.
    pub(crate) is_focused: bool,
    /// Which text this is.
    pub(crate) revision: Revision,
    /// A suggestion that a person asked for by key and that is on its way.
    pub(crate) invoked: Option<Invoked>,
    /// What comes after the suggestion that is shown.
    pub(crate) ahead: Option<Ahead>,
    /// What comes into it otherwise than by typing.
    pub(crate) arrivals: Arrivals,
    text: Text,
}

impl OpenDocument {
    /// The text as it is now, or why it is not known.
    pub(crate) fn snapshot(&self) -> Result<Snapshot, &OutOfSync> {
        match &self.text {
            Text::Known(document) => Ok(document.snapshot()),
            Text::Lost(why) => Err(why),
        }
    }

    /// Whether a person's own question about this very place is on its way.
    pub(crate) fn awaits_invoked(&self, caret: Utf8Offset) -> bool {
        self.invoked
            .is_some_and(|invoked| invoked.revision == self.revision && invoked.caret == caret)
    }

    fn apply(
        &mut self,
        changes: &[Change],
        version: DocumentVersion,
        encoding: PositionEncoding,
    ) -> Result<(), OutOfSync> {
        match &mut self.text {
            Text::Known(document) => {
                document.apply(changes, version, encoding)?;
                self.revision = self.revision.next();
                Ok(())
            }
            Text::Lost(why) => {
                // Only a change of the whole text can bring the document back.
                let Some(whole) = changes.iter().rposition(|change| change.range.is_none()) else {
                    return Err(why.clone());
                };
                let mut document = Document::new(&changes[whole].text, version)?;
                document.apply(&changes[whole + 1..], version, encoding)?;
                self.text = Text::Known(document);
                self.revision = self.revision.next();
                Ok(())
            }
        }
    }

    fn is_lost(&self) -> bool {
        matches!(self.text, Text::Lost(_))
    }
}

/// Every open document.
#[derive(Debug)]
pub(crate) struct Documents {
    open: HashMap<DocumentKey, OpenDocument>,
    /// Documents that were changed though they are not open, and told of.
    told_not_open: HashSet<DocumentKey>,
    openings: u64,
    salt: [u8; DOCUMENT_ID_BYTES],
}

impl Documents {
    /// None open. The salt keeps two editors' versions of one file apart in the daemon, and keeps
    /// the names of files from being guessed by their hash.
    pub(crate) fn new(salt: [u8; DOCUMENT_ID_BYTES]) -> Self {
        Self {
            open: HashMap::new(),
            told_not_open: HashSet::new(),
            openings: 0,
            salt,
        }
    }

    pub(crate) fn open(
        &mut self,
        key: DocumentKey,
        language_id: String,
        text: &str,
        version: DocumentVersion,
    ) -> Result<&OpenDocument, DocumentsProblem> {
        if self.open.len() >= DOCUMENTS_MAX && !self.open.contains_key(&key) {
            return Err(DocumentsProblem::TooMany);
        }
        let (text, problem) = match Document::new(text, version) {
            Ok(document) => (Text::Known(document), None),
            Err(error) => (
                Text::Lost(error.clone().into()),
                Some(OutOfSync::from(error)),
            ),
        };
        self.openings += 1;
        let id = self.id_of(&key);
        let kind = DocumentKind::from_language_id(&language_id);
        let document = OpenDocument {
            id,
            language_id,
            kind,
            decision: None,
            cost: None,
            confidence: None,
            worn: None,
            logged_reason: None,
            shown: None,
            watched: None,
            threshold: None,
            facts: EditorFacts::default(),
            is_focused: false,
            revision: Revision {
                opening: self.openings,
                change: 0,
            },
            invoked: None,
            ahead: None,
            arrivals: Arrivals::default(),
            text,
        };
        // An editor that opens twice means the second: it is the newer text.
        let document = self.open.entry(key).insert_entry(document).into_mut();
        match problem {
            Some(problem) => Err(problem.into()),
            None => Ok(document),
        }
    }

    /// Applies one notification's changes, all or none.
    ///
    /// Says a problem once: changes of a document that is lost already, or was never open, are passed
    /// over.
    pub(crate) fn change(
        &mut self,
        key: &DocumentKey,
        changes: &[Change],
        version: DocumentVersion,
        encoding: PositionEncoding,
    ) -> Result<(), DocumentsProblem> {
        let Some(document) = self.open.get_mut(key) else {
            return self.tell_not_open(key);
        };
        let was_lost = document.is_lost();
        match document.apply(changes, version, encoding) {
            Ok(()) => Ok(()),
            Err(_) if was_lost => Ok(()),
            Err(why) => {
                document.lose(why.clone());
                Err(why.into())
            }
        }
    }

    fn tell_not_open(&mut self, key: &DocumentKey) -> Result<(), DocumentsProblem> {
        if self.told_not_open.len() >= DOCUMENTS_MAX {
            self.told_not_open.clear();
        }
        if self.told_not_open.insert(key.clone()) {
            Err(DocumentsProblem::NotOpen)
        } else {
            Ok(())
        }
    }

    /// Marks documents whose text can no longer be trusted: the named one, or all.
    pub(crate) fn lose(&mut self, key: Option<&DocumentKey>, why: &OutOfSync) {
        for (name, document) in &mut self.open {
            if key.is_none_or(|key| key == name) {
                document.lose(why.clone());
            }
        }
    }

    pub(crate) fn close(&mut self, key: &DocumentKey) -> Option<OpenDocument> {
        self.told_not_open.remove(key);
        self.open.remove(key)
    }

    pub(crate) fn get(&self, key: &DocumentKey) -> Option<&OpenDocument> {
        self.open.get(key)
    }

    pub(crate) fn get_mut(&mut self, key: &DocumentKey) -> Option<&mut OpenDocument> {
        self.open.get_mut(key)
    }

    /// A suggestion was taken or refused: it is not shown any more, nor are those beside it.
    pub(crate) fn forget_shown(&mut self, id: SuggestionId) {
        for document in self.open.values_mut() {
            document.shown.take_if(|shown| shown.has(id));
        }
    }

    /// The suggestion whose outcome is open and which this one is or stands beside, from now on no
    /// longer.
    pub(crate) fn take_watched(&mut self, id: SuggestionId) -> Option<Watched> {
        let mut documents = self.open.values_mut();
        documents.find_map(|document| document.watched.take_if(|watched| watched.concerns(id)))
    }

    /// Every open document, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&DocumentKey, &OpenDocument)> {
        self.open.iter()
    }

    /// The same, to change them.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut OpenDocument> {
        self.open.values_mut()
    }

    pub(crate) fn count(&self) -> usize {
        self.open.len()
    }

    fn id_of(&self, key: &DocumentKey) -> DocumentId {
        let digest = Sha256::new()
            .chain_update(self.salt)
            .chain_update(key.as_str())
            .finalize();
        let name: [u8; DOCUMENT_ID_BYTES] = std::array::from_fn(|at| digest[at]);
        DocumentId(format!("{:032x}", u128::from_be_bytes(name)))
    }
}

impl OpenDocument {
    fn lose(&mut self, why: OutOfSync) {
        self.text = Text::Lost(why);
        self.shown = None;
        self.watched = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inkstone_text::{DOCUMENT_BYTES_MAX, Position};

    const VERSION: DocumentVersion = DocumentVersion::new(1);

    fn key() -> DocumentKey {
        DocumentKey::new("file:///home/someone/砚.md")
    }

    fn documents() -> Documents {
        let mut documents = Documents::new([7; 16]);
        documents
            .open(key(), "markdown".into(), "one\r\ntwo", VERSION)
            .unwrap();
        documents
    }

    fn change(documents: &mut Documents, change: Change) -> Result<(), DocumentsProblem> {
        documents.change(&key(), &[change], VERSION, PositionEncoding::Utf16)
    }

    fn reversed() -> Change {
        let range = Some((Position::new(1, 0), Position::new(0, 0)));
        Change {
            range,
            text: "x".into(),
        }
    }

    fn text(documents: &Documents) -> Option<String> {
        documents
            .get(&key())?
            .snapshot()
            .ok()
            .map(|snapshot| snapshot.text())
    }

    #[test]
    fn a_lost_text_is_told_once_and_comes_back_whole() {
        let mut documents = documents();
        assert!(matches!(
            change(&mut documents, reversed()),
            Err(DocumentsProblem::OutOfSync(_))
        ));
        assert_eq!(text(&documents), None);
        assert_eq!(change(&mut documents, reversed()), Ok(()));
        assert_eq!(text(&documents), None);
        change(
            &mut documents,
            Change {
                range: None,
                text: "三".into(),
            },
        )
        .unwrap();
        assert_eq!(text(&documents).as_deref(), Some("三"));
    }

    #[test]
    fn a_change_of_a_document_that_is_not_open_is_told_once() {
        let mut documents = documents();
        let stranger = DocumentKey::new("scp://host/日记.md");
        let mut change = |key: &DocumentKey| {
            documents.change(key, &[reversed()], VERSION, PositionEncoding::Utf16)
        };
        assert_eq!(change(&stranger), Err(DocumentsProblem::NotOpen));
        assert_eq!(change(&stranger), Ok(()));
        documents.close(&stranger);
        let again = documents.change(&stranger, &[], VERSION, PositionEncoding::Utf16);
        assert_eq!(again, Err(DocumentsProblem::NotOpen));
    }

    #[test]
    fn a_document_opened_again_has_another_revision_though_nothing_was_changed() {
        let mut documents = documents();
        let before = documents.get(&key()).unwrap().revision;
        documents.close(&key());
        documents
            .open(key(), "markdown".into(), "另一个", VERSION)
            .unwrap();
        assert_ne!(documents.get(&key()).unwrap().revision, before);
    }

    #[test]
    fn every_applied_change_is_another_revision() {
        let mut documents = documents();
        let before = documents.get(&key()).unwrap().revision;
        let here = Position::new(0, 0);
        change(
            &mut documents,
            Change {
                range: Some((here, here)),
                text: "👋".into(),
            },
        )
        .unwrap();
        assert_ne!(documents.get(&key()).unwrap().revision, before);
        assert_eq!(text(&documents).as_deref(), Some("👋one\r\ntwo"));
    }

    #[test]
    fn a_document_that_is_too_large_is_open_but_not_known() {
        let mut documents = documents();
        let huge = "x".repeat(DOCUMENT_BYTES_MAX + 1);
        let opened = documents
            .open(key(), "markdown".into(), &huge, VERSION)
            .map(|_| ());
        let problem = opened.unwrap_err().to_string();
        assert!(problem.contains("too large"), "{problem}");
        assert_eq!(change(&mut documents, reversed()), Ok(()), "told already");
        assert!(documents.get(&key()).unwrap().snapshot().is_err());
    }

    #[test]
    fn open_documents_are_bounded() {
        let mut documents = documents();
        for number in 1..DOCUMENTS_MAX {
            let key = DocumentKey::new(number.to_string());
            documents.open(key, "markdown".into(), "", VERSION).unwrap();
        }
        let one_more = documents.open(DocumentKey::new("last"), "markdown".into(), "", VERSION);
        assert_eq!(one_more.map(|_| ()), Err(DocumentsProblem::TooMany));
        documents
            .open(key(), "markdown".into(), "again", VERSION)
            .unwrap();
        assert_eq!(text(&documents).as_deref(), Some("again"));
    }

    #[test]
    fn the_daemons_name_of_a_document_tells_nothing_of_its_path() {
        let id = documents().get(&key()).unwrap().id.clone();
        assert_eq!(id.0.len(), 2 * DOCUMENT_ID_BYTES);
        assert!(id.0.chars().all(|c| c.is_ascii_hexdigit()));
        assert_eq!(
            documents().get(&key()).unwrap().id,
            id,
            "the same within one process"
        );
        let other = Documents::new([8; 16]);
        assert_ne!(other.id_of(&key()), id, "another in another process");
    }
}
