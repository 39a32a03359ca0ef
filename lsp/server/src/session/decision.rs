//! What a request for a suggestion came to, and why.
//!
//! Kept per document, for `inkstone.status`; the same words go to the log.

use std::fmt;

use inkstone_policy::SilentReason;
use inkstone_protocol::Silence;

use crate::daemon::problem::DaemonProblem;
use crate::session::documents::OutOfSync;
use crate::session::suggestion::SuggestionId;

/// What the last request came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// The daemon was asked and has not answered yet.
    Asked,
    /// The daemon's suggestion was sent.
    Offered(SuggestionId),
    /// What is left of an earlier suggestion was sent; nobody was asked.
    Reused(SuggestionId),
    /// Nothing was sent.
    Silent(Reason),
}

/// Why nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The policy decided so.
    Policy(SilentReason),
    /// The settings leave documents of this language alone.
    NotServed {
        /// What the editor calls the language.
        language: String,
    },
    /// Suggestions come only when a person asks.
    OnlyByKey,
    /// The document's text is not known.
    OutOfSync(OutOfSync),
    /// The editor shows its own list, and ghost text would not fit it.
    ListOpen,
    /// The daemon found nothing worth offering.
    Daemon(Silence),
    /// The daemon gave no answer.
    Problem(DaemonProblem),
    /// A suggestion is ready, and the settings let a key show it.
    HeldForKey,
    /// The text changed before the answer came.
    TextMoved,
    /// The editor is saying goodbye.
    Ending,
}

impl Decision {
    /// A stable word for programs.
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Offered(_) => "offered",
            Self::Reused(_) => "reused",
            Self::Silent(_) => "silent",
        }
    }

    /// A stable word for why nothing was sent.
    pub(crate) fn reason_code(&self) -> Option<&str> {
        let Self::Silent(reason) = self else {
            return None;
        };
        Some(match reason {
            Reason::Policy(reason) => reason.code(),
            Reason::NotServed { .. } => "not_served",
            Reason::OnlyByKey => "only_by_key",
            Reason::OutOfSync(_) => "out_of_sync",
            Reason::ListOpen => "list_open",
            Reason::Daemon(silence) => &silence.reason,
            Reason::Problem(problem) => problem.code(),
            Reason::HeldForKey => "held_for_key",
            Reason::TextMoved => "text_moved",
            Reason::Ending => "ending",
        })
    }
}

impl Reason {
    /// Whether it arose here. The daemon has logged its own already, and what a newer keystroke
    /// overtook is no news.
    pub(crate) fn is_ours(&self) -> bool {
        !matches!(
            self,
            Self::Daemon(_)
                | Self::TextMoved
                | Self::Ending
                | Self::Problem(
                    DaemonProblem::Refused(_)
                        | DaemonProblem::Superseded
                        | DaemonProblem::EditorCancelled
                )
        )
    }

    /// The sentence without what a parser quotes of a message: that may be the writer's text, and
    /// the log must hold none.
    pub(crate) fn sentence_for_log(&self) -> String {
        match self {
            Self::OutOfSync(_) => {
                "the text of the document is not known; close and reopen it".to_owned()
            }
            Self::Problem(DaemonProblem::Failed { .. }) => {
                "the question could not be asked, or the answer not be understood".to_owned()
            }
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked => f.write_str("the daemon is writing a suggestion"),
            Self::Offered(_) => f.write_str("a suggestion was offered"),
            Self::Reused(_) => f.write_str("the rest of the last suggestion was offered again"),
            Self::Silent(reason) => write!(f, "no suggestion: {reason}"),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policy(reason) => f.write_str(reason.sentence()),
            Self::NotServed { language } => write!(
                f,
                "Inkstone leaves documents of the language `{language}` alone; add it to the setting inkstone.lsp.languages"
            ),
            Self::OnlyByKey => f.write_str(
                "suggestions come by key only; set inkstone.completion.automatic to get them while typing",
            ),
            Self::OutOfSync(why) => why.fmt(f),
            Self::ListOpen => f.write_str("the editor shows a list of its own; close it first"),
            Self::Daemon(silence) => {
                f.write_str(&silence.message)?;
                match &silence.remedy {
                    Some(remedy) => write!(f, "; run: {remedy}"),
                    None => Ok(()),
                }
            }
            Self::Problem(problem) => problem.fmt(f),
            Self::HeldForKey => f.write_str(
                "a suggestion is ready; ask by key to see it, or set inkstone.completion.reveal",
            ),
            Self::TextMoved => f.write_str("the text changed before the answer came"),
            Self::Ending => f.write_str("the editor is ending the language server"),
        }
    }
}
