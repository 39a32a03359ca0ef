//! `inkstone.toggle`: suggestions off or on, in this editor, until it ends.

use serde_json::{Value, json};
use tower_lsp_server::ls_types::MessageType;

use crate::outbox::Outgoing;
use crate::session::Session;
use crate::session::effect::Effect;

pub(crate) fn execute(session: &mut Session) -> Value {
    let on = session.configuration.toggle();
    if !on {
        session.cancel_all_asks();
    }
    let message = if on {
        "Inkstone: suggestions are on."
    } else {
        "Inkstone: suggestions are off."
    };
    session.effect(Effect::Tell(Outgoing::Show(
        MessageType::INFO,
        message.into(),
    )));
    json!({ "enabled": on })
}
