//! A message that no handler will see: unreadable, or of the wrong shape.
//!
//! It may have been an edit, so a text that it may have changed is no longer known.

use tower_lsp_server::ls_types::MessageType;

use crate::event::Malformed;
use crate::outbox::Outgoing;
use crate::session::Session;
use crate::session::documents::{DocumentKey, OutOfSync};
use crate::session::effect::Effect;

/// A frame that cannot be read at all: any document may be meant.
pub(crate) fn unreadable(session: &mut Session, problem: String) {
    tracing::error!(problem, "unreadable message from the editor");
    lose(session, None, problem);
}

/// A document notification of the wrong shape.
pub(crate) fn malformed(session: &mut Session, malformed: Malformed) {
    let Malformed {
        method,
        uri,
        problem,
    } = malformed;
    tracing::error!(%method, %problem, "malformed notification from the editor");
    let key = uri.map(DocumentKey::new);
    lose(session, key.as_ref(), format!("{method}: {problem}"));
}

fn lose(session: &mut Session, key: Option<&DocumentKey>, problem: String) {
    let why = OutOfSync::Unreadable { problem };
    session.documents.lose(key, &why);
    session.effect(Effect::Tell(Outgoing::Show(
        MessageType::ERROR,
        format!("Inkstone: {why}"),
    )));
}
