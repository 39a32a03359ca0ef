//! What the session knows of the daemon, and what it told the editor of it.
//!
//! Not the connection (`daemon/link.rs`). One outage is told once, and so is its end; and each thing
//! that the daemon wants known, such as that the graphics card has failed.

use tower_lsp_server::ls_types::MessageType;

use crate::daemon::problem::DaemonProblem;
use crate::outbox::Outgoing;

/// How many notices of one daemon are told: one that has more to say is not worth listening to.
const NOTICES_MAX: usize = 8;

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
    /// What the daemon wanted known since it is there.
    notices: Vec<String>,
}

impl DaemonView {
    pub(crate) fn state(&self) -> &DaemonState {
        &self.state
    }

    /// What the daemon has wanted known, the latest last.
    pub(crate) fn notices(&self) -> &[String] {
        &self.notices
    }

    /// The daemon wants something known; gives what to tell, the first time.
    pub(crate) fn notice(&mut self, notice: &str) -> Option<Outgoing> {
        let is_known = self.notices.iter().any(|known| known == notice);
        if is_known || self.notices.len() >= NOTICES_MAX {
            return None;
        }
        tracing::warn!(notice, "the daemon wants the user to know");
        self.notices.push(notice.to_owned());
        let message = format!("Inkstone: {notice}");
        Some(Outgoing::Show(MessageType::WARNING, message))
    }

    /// The daemon is there; gives what to tell.
    pub(crate) fn up(&mut self) -> Option<Outgoing> {
        self.state = DaemonState::Up;
        // It may be another one.
        self.notices.clear();
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

    #[test]
    fn a_notice_is_told_once_for_each_daemon_and_not_without_end() {
        let mut view = DaemonView::default();
        assert!(view.notice("the graphics card failed").is_some());
        assert_eq!(view.notice("the graphics card failed"), None);
        assert!(view.notice("显卡出了问题").is_some());
        assert_eq!(view.notice("the graphics card failed"), None);
        let told = (0..100).filter_map(|number| view.notice(&format!("{number}")));
        assert_eq!(told.count(), NOTICES_MAX - 2);
        view.up();
        assert!(view.notices().is_empty());
        assert!(view.notice("the graphics card failed").is_some());
    }
}
