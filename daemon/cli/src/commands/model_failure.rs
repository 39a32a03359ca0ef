//! Failures of models and fetching as exit codes: 2 for what the person can type otherwise, 3 for
//! what a check refused, 4 for what is not to be had now, 70 for what should not happen.

use inkstone_fetch::FetchError;
use inkstone_models::ModelError;

use super::setup_plan::PlanError;
use crate::{CommandError, ExitStatus};

impl From<ModelError> for CommandError {
    fn from(error: ModelError) -> Self {
        Self::new(status_of_model(&error), error.to_string())
    }
}

impl From<FetchError> for CommandError {
    fn from(error: FetchError) -> Self {
        Self::new(status_of_fetch(&error), error.to_string())
    }
}

impl From<PlanError> for CommandError {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::NoModel { .. } => Self::new(ExitStatus::Usage, error.to_string()),
            PlanError::Model(error) => error.into(),
        }
    }
}

fn status_of_model(error: &ModelError) -> ExitStatus {
    match error {
        ModelError::Unknown { .. } | ModelError::Digest { .. } | ModelError::Settings(_) => {
            ExitStatus::Usage
        }
        ModelError::InUse { .. } | ModelError::ReadOnly { .. } => ExitStatus::Refused,
        ModelError::NotInstalled { .. }
        | ModelError::NothingToRemove { .. }
        | ModelError::Unusable { .. } => ExitStatus::Unavailable,
        ModelError::Io { .. } | ModelError::Describe { .. } => ExitStatus::Internal,
    }
}

fn status_of_fetch(error: &FetchError) -> ExitStatus {
    match error {
        FetchError::Unreadable { .. }
        | FetchError::NoName { .. }
        | FetchError::NameTaken { .. } => ExitStatus::Usage,
        FetchError::LicenceNotAccepted { .. }
        | FetchError::WrongHash { .. }
        | FetchError::WrongSize { .. }
        | FetchError::NoHash { .. }
        | FetchError::Unusable(_)
        | FetchError::NotAModel { .. }
        | FetchError::ArchitectureMismatch { .. } => ExitStatus::Refused,
        FetchError::AllSourcesFailed { failures, .. } => {
            // A file that came but was refused says more than a server that did not answer.
            let statuses = failures
                .iter()
                .map(|failure| status_of_fetch(&failure.error));
            let is_refused = |status: &ExitStatus| *status == ExitStatus::Refused;
            statuses
                .into_iter()
                .find(is_refused)
                .unwrap_or(ExitStatus::Unavailable)
        }
        FetchError::Unreachable { .. }
        | FetchError::Status { .. }
        | FetchError::NoPip { .. }
        | FetchError::PipFailed { .. }
        | FetchError::PipStalled { .. }
        | FetchError::Wheel { .. }
        // A login page of the network, most often: try again elsewhere.
        | FetchError::NotTheFile { .. }
        | FetchError::NoSpace { .. }
        | FetchError::DiskFull { .. }
        | FetchError::Cancelled => ExitStatus::Unavailable,
        FetchError::Io { .. } | FetchError::Client { .. } => ExitStatus::Internal,
        FetchError::Model(error) => status_of_model(error),
    }
}
