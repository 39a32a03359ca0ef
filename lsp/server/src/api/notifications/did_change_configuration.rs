//! `workspace/didChangeConfiguration`: new settings, or only the news that there are some.

use tower_lsp_server::ls_types as lsp;

use crate::outbox::Outgoing;
use crate::session::Session;
use crate::session::effect::Effect;

pub(crate) fn handle(session: &mut Session, params: lsp::DidChangeConfigurationParams) {
    // LSP 3.17, "Configuration Request": a client that answers questions may send nothing here.
    if session.features.configuration_pull {
        session.effect(Effect::Tell(Outgoing::PullConfiguration));
        return;
    }
    apply(session, params.settings);
}

/// Takes our section as it was sent, or as the editor answered when asked.
pub(crate) fn apply(session: &mut Session, settings: serde_json::Value) {
    let problems = session.configuration.sent(settings);
    if !session.configuration.is_on() {
        session.cancel_all_asks();
    }
    session.tell_settings_problems(&problems);
}
