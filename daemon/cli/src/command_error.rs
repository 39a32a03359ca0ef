//! Why a command could not do what it was asked: one message with its remedy, and the exit code.

use std::io::{self, Write as _};

use inkstone_protocol::{ClientError, ErrorCode, StartError};
use inkstone_settings::SettingsError;

use crate::ExitStatus;

/// A command's failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommandError {
    status: ExitStatus,
    /// None: whoever read our output has gone, and wants to hear nothing.
    message: Option<String>,
}

impl CommandError {
    /// A failure with this message; it names the remedy.
    pub(crate) fn new(status: ExitStatus, message: impl Into<String>) -> Self {
        Self {
            status,
            message: Some(message.into()),
        }
    }

    /// Wrong usage or input.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(ExitStatus::Usage, message)
    }

    /// The same with words before its own.
    #[must_use]
    pub(crate) fn preceded_by(mut self, words: &str) -> Self {
        self.message = self.message.map(|message| format!("{words}{message}"));
        self
    }

    /// Prints the message and gives the exit code.
    pub(crate) fn report(self) -> ExitStatus {
        if let Some(message) = self.message {
            // A closed standard error leaves nobody to tell.
            let _ = writeln!(io::stderr(), "inkstone: {message}");
        }
        self.status
    }
}

impl From<io::Error> for CommandError {
    /// Of writing to standard output: files of ours have errors of their own.
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self {
                status: ExitStatus::Done,
                message: None,
            };
        }
        Self::new(
            ExitStatus::Internal,
            format!("cannot write the output: {error}"),
        )
    }
}

impl From<SettingsError> for CommandError {
    fn from(error: SettingsError) -> Self {
        let status = match error {
            SettingsError::NoHome
            | SettingsError::NotAbsolute { .. }
            | SettingsError::SocketPathTooLong { .. }
            | SettingsError::NotToml { .. }
            | SettingsError::KeyBlocked { .. }
            | SettingsError::Rejected(_)
            | SettingsError::ModelName { .. }
            | SettingsError::LanguageTag { .. } => ExitStatus::Usage,
            SettingsError::ForeignDirectory { .. } | SettingsError::NotADirectory { .. } => {
                ExitStatus::Refused
            }
            SettingsError::Directory { .. } | SettingsError::Write { .. } => ExitStatus::Internal,
        };
        Self::new(status, error.to_string())
    }
}

impl From<ClientError> for CommandError {
    fn from(error: ClientError) -> Self {
        let status = match (&error, error.code()) {
            (ClientError::TooLong { .. } | ClientError::NotJson { .. }, _) => ExitStatus::Usage,
            (ClientError::WrongReply, _)
            | (_, Some(ErrorCode::Internal | ErrorCode::InvalidMessage)) => ExitStatus::Internal,
            _ => ExitStatus::Unavailable,
        };
        Self::new(status, error.to_string())
    }
}

impl From<StartError> for CommandError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Client(error) => error.into(),
            StartError::Directories(error) => error.into(),
            error => Self::new(ExitStatus::Unavailable, error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use inkstone_protocol::WireError;

    #[test]
    fn a_daemon_that_cannot_serve_is_unavailable_and_a_bug_is_internal() {
        let status = |code| {
            let error =
                ClientError::Refused(WireError::new(code, "words").with_remedy("inkstone doctor"));
            CommandError::from(error)
        };
        let unavailable = status(ErrorCode::ModelUnavailable);
        assert_eq!(unavailable.status, ExitStatus::Unavailable);
        assert_eq!(
            unavailable.message.as_deref(),
            Some("words; run: inkstone doctor")
        );
        assert_eq!(
            status(ErrorCode::Overloaded).status,
            ExitStatus::Unavailable
        );
        assert_eq!(status(ErrorCode::Internal).status, ExitStatus::Internal);
        let late = ClientError::TooLate { deadline_ms: 5 };
        assert_eq!(CommandError::from(late).status, ExitStatus::Unavailable);
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        let error = CommandError::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(
            error,
            CommandError {
                status: ExitStatus::Done,
                message: None
            }
        );
    }
}
