//! `initialized`: the editor may be asked things now, and the daemon is looked for.

use crate::outbox::Outgoing;
use crate::session::Session;
use crate::session::effect::Effect;

pub(crate) fn handle(session: &mut Session) {
    if session.features.configuration_registration {
        session.effect(Effect::Tell(Outgoing::RegisterConfiguration));
    }
    if session.features.configuration_pull {
        session.effect(Effect::Tell(Outgoing::PullConfiguration));
    }
    session.load_learned();
    session.effect(Effect::Connect);
}
