//! `initialized`: the editor may be asked things now, the daemon is looked for, and trainings are.

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
    if session.features.work_done_progress {
        session.effect(Effect::WatchTraining);
    }
    session.load_learned();
    session.effect(Effect::Connect);
}
