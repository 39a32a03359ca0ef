//! How a loader asks for room under the ceiling before it makes a context, and waits for the answer.
//!
//! The loader's side; `residency/room.rs` answers.

use std::sync::mpsc::{SyncSender, sync_channel};

use inkstone_engine::EngineError;
use inkstone_models::ModelName;

use super::mail::Mail;
use super::memory::{Size, Wanted};

/// Asks for room: what is wanted in, the size that is granted out. Waits as long as others hold it.
pub(super) type Ask<'a> = &'a dyn Fn(Wanted) -> Result<Size, EngineError>;

/// A wish, and where its answer goes.
#[derive(Debug)]
pub(super) struct Wish {
    pub(super) wanted: Wanted,
    pub(super) answer: SyncSender<Result<Size, EngineError>>,
}

/// Asks by letter. The answer is an error, too, when the engine thread ends or a newer load of the
/// model has begun: then nobody wants this one.
pub(super) fn ask(
    mailbox: &SyncSender<Mail>,
    model: &ModelName,
    generation: u64,
    wanted: Wanted,
) -> Result<Size, EngineError> {
    let unwanted = || EngineError::Context {
        context_tokens: wanted.size.tokens,
        detail: "nobody wants it any more".to_owned(),
    };
    let (answer, answered) = sync_channel(1);
    let letter = Mail::Room {
        model: model.clone(),
        generation,
        wish: Wish { wanted, answer },
    };
    mailbox.send(letter).map_err(|_| unwanted())?;
    answered.recv().map_err(|_| unwanted())?
}
