//! What the session knows of the daemon, and what it told the editor of it.
//!
//! Not the connection (`daemon/link.rs`). One outage is told once, and so is its end.

use tower_lsp_server::ls_types::MessageType;

use crate::daemon::problem::DaemonProblem;
use crate::outbox::Outgoing;

/// Whether the daemon can be talked to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum DaemonState {
    /// Not looked for yet, or being looked for.
    #[default]
    Unknown,
    /// It can.
    Up,
    /// It cannot.
    Away(DaemonProblem),
}

/// State and what was told.
#[derive(Debug, Default)]
pub(crate) struct DaemonView {
    state: DaemonState,
    told_away: bool,
}

impl DaemonView {
    pub(crate) fn state(&self) -> &DaemonState {
        &self.state
    }

    /// The daemon is there; gives what to tell.
    pub(crate) fn up(&mut self) -> Option<Outgoing> {
        self.state = DaemonState::Up;
        let told = std::mem::take(&mut self.told_away);
        tracing::info!(was_away = told, "the daemon is there");
        told.then(|| {
            let message = "Inkstone: the daemon is back, suggestions continue.";
            Outgoing::Show(MessageType::INFO, message.into())
        })
    }

    /// The daemon is not there; gives what to tell.
    pub(crate) fn away(&mut self, problem: DaemonProblem) -> Option<Outgoing> {
        let first = !std::mem::replace(&mut self.told_away, true);
        if first {
            tracing::warn!(%problem, "the daemon is away");
        } else {
            tracing::debug!(%problem, "the daemon is still away");
        }
        let message = format!("Inkstone: {problem}");
        self.state = DaemonState::Away(problem);
        first.then_some(Outgoing::Show(MessageType::WARNING, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem() -> DaemonProblem {
        DaemonProblem::Lost
    }

    #[test]
    fn an_outage_is_told_once_and_its_end_once() {
        let mut view = DaemonView::default();
        assert_eq!(view.up(), None);
        assert!(view.away(problem()).is_some());
        assert_eq!(view.away(problem()), None);
        assert!(matches!(
            view.up(),
            Some(Outgoing::Show(MessageType::INFO, _))
        ));
        assert_eq!(view.up(), None);
        assert!(view.away(problem()).is_some());
    }
}
