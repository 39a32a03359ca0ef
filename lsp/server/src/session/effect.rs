//! What a turn of the loop wants done outside of the session: one closed list.
//!
//! The session itself does no input or output and starts no task. Carried out by the event loop.

use std::path::PathBuf;

use inkstone_policy::Lesson;
use inkstone_protocol::{DocumentId, Judged};

use crate::cancel::CancelHandle;
use crate::outbox::Outgoing;
use crate::session::arrivals::Arrival;
use crate::session::ask::Ask;

/// Something to do.
#[derive(Debug)]
pub(crate) enum Effect {
    /// Tell or ask the editor.
    Tell(Outgoing),
    /// Ask the daemon, until the handle is stale.
    Ask(Box<Ask>, CancelHandle),
    /// Let the daemon load the model that serves such text.
    Warm {
        /// Text around the likely caret.
        sample: String,
    },
    /// Tell the daemon that somebody types.
    Typed,
    /// Tell the daemon that a document was closed.
    Close(DocumentId),
    /// Add these to what feedback has taught, and read it.
    Learn {
        /// None only reads.
        lessons: Vec<Lesson>,
    },
    /// Let the daemon remember text that was not typed.
    Remember(Box<Arrival>),
    /// Tell the daemon what became of a suggestion.
    Judged(Judged),
    /// Tell the daemon that a document was saved.
    Saved(PathBuf),
    /// Find the daemon, from now on.
    Connect,
    /// End when this process is gone.
    WatchEditor {
        /// Its process id.
        process: u32,
    },
    /// Look whether trainings run, from now on.
    WatchTraining,
    /// End the loop.
    End,
}
