//! How the trainer ends when it could not do what it was asked: a number that `inkstone` and the
//! daemon go by. What went wrong is told in words on standard error.

use std::io;
use std::path::PathBuf;

use inkstone_corpus::clean::UnknownRule;
use inkstone_lora::LoraError;
use inkstone_models::{AdapterFileError, ModelError};
use inkstone_store::StoreError;

use crate::assemble::AssembleError;
use crate::build::BuildError;
use crate::single::NotAlone;
use crate::train::order::TrainError;

/// Something else is to be asked: another folder, version or file.
pub const WRONG_USE: u8 = 2;
/// It cannot be done now.
pub const UNAVAILABLE: u8 = 4;
/// A fault of ours or of the machine, as all our programs end with it.
pub const INTERNAL: u8 = 70;

/// What was asked cannot be meant.
#[derive(Debug, thiserror::Error)]
pub enum WrongUse {
    /// A folder is not there, or not to be read.
    #[error("{}: {source}; name a folder that is there", path.display())]
    Folder {
        /// As it was named.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A path lies in no workspace.
    #[error("{} is in no workspace; see: inkstone workspace list", path.display())]
    NoWorkspace {
        /// As it was named.
        path: PathBuf,
    },
    /// Nothing was built.
    #[error("there is no dataset yet; run: inkstone dataset build")]
    NoDataset,
    /// No version begins so.
    #[error("there is no version {name}; see: inkstone dataset stats")]
    NoVersion {
        /// What was given.
        name: String,
    },
    /// Several versions begin so.
    #[error("{name} begins the names of several versions; give more of it")]
    Ambiguous {
        /// What was given.
        name: String,
    },
    /// An adapter's file is not what was registered.
    #[error(transparent)]
    AdapterFile(AdapterFileError),
    /// An adapter of somebody else's that has no form in which PEFT would load it.
    #[error("{}: {source}; export it with --format gguf", path.display())]
    NotForPeft {
        /// Its file.
        path: PathBuf,
        /// What is in the way.
        source: LoraError,
    },
    /// A rule that is none.
    #[error(transparent)]
    Rule(#[from] UnknownRule),
    /// A file cannot be written there.
    #[error("{}: {source}; name a file in a folder that is there and yours", path.display())]
    Output {
        /// As it was named.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// The number to end with.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    let known = error.chain().find_map(|cause| {
        if cause.is::<WrongUse>() {
            return Some(WRONG_USE);
        }
        if let Some(NotAlone::Another) = cause.downcast_ref() {
            return Some(UNAVAILABLE);
        }
        match cause.downcast_ref() {
            Some(TrainError::Another | TrainError::Replaced { .. }) => return Some(UNAVAILABLE),
            Some(
                TrainError::NoModel { .. }
                | TrainError::NoGeneric { .. }
                | TrainError::TakenBack
                | TrainError::Lora(LoraError::Setting { .. }),
            ) => return Some(WRONG_USE),
            Some(TrainError::Lora(_)) | None => {}
        }
        match cause.downcast_ref() {
            Some(LoraError::Setting { .. }) => return Some(WRONG_USE),
            Some(LoraError::Model { .. }) => return Some(UNAVAILABLE),
            _ => {}
        }
        if let Some(StoreError::NoAdapter { .. } | StoreError::TooMany { .. }) =
            cause.downcast_ref()
        {
            return Some(WRONG_USE);
        }
        if cause.is::<ModelError>() {
            return Some(UNAVAILABLE);
        }
        let build = cause.downcast_ref::<BuildError>().map(|error| match error {
            BuildError::NotAdded { .. }
            | BuildError::Nothing
            | BuildError::Removed { .. }
            | BuildError::Rule(_) => WRONG_USE,
            BuildError::Look { .. } | BuildError::Assemble(_) => INTERNAL,
        });
        build.or_else(|| match cause.downcast_ref::<AssembleError>()? {
            AssembleError::NoVersion { .. } => Some(WRONG_USE),
            _ => None,
        })
    });
    known.unwrap_or(INTERNAL)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;

    #[test]
    fn what_a_person_can_ask_otherwise_is_told_from_what_they_cannot_help() {
        let code = |error: anyhow::Error| exit_code(&error);
        let path = PathBuf::from("/文稿");
        let not_added = BuildError::NotAdded { path: path.clone() };
        assert_eq!(code(not_added.into()), WRONG_USE);
        assert_eq!(code(BuildError::Nothing.into()), WRONG_USE);
        assert_eq!(code(WrongUse::NoDataset.into()), WRONG_USE);
        let around = Err::<(), _>(WrongUse::NoDataset).context("around it");
        assert_eq!(code(around.unwrap_err()), WRONG_USE);
        assert_eq!(code(NotAlone::Another.into()), UNAVAILABLE);
        assert_eq!(code(TrainError::Another.into()), UNAVAILABLE);
        let language = "fr".to_owned();
        assert_eq!(code(TrainError::NoModel { language }.into()), WRONG_USE);
        let computed: LoraError = LoraError::Stopped;
        assert_eq!(code(TrainError::Lora(computed).into()), INTERNAL);
        assert_eq!(code(io::Error::other("disk").into()), INTERNAL);
        let lock = NotAlone::Lock {
            path,
            source: io::Error::other("disk"),
        };
        assert_eq!(code(lock.into()), INTERNAL);
    }
}
