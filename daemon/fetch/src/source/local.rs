//! A file of this machine, copied: the original may lie on a disk that is taken away.

use std::fs::File;
use std::path::Path;

use inkstone_models::Sha256;

use crate::error::FetchError;
use crate::progress::{Phase, Progress};
use crate::sink::{Complete, PourError, Sink};
use crate::space;

/// Copies `from` to `to`, checking its hash where one is known.
pub(crate) fn copy(
    from: &Path,
    to: &Path,
    expected: Option<Sha256>,
    progress: &mut dyn Progress,
) -> Result<Complete, FetchError> {
    let failed = |source| FetchError::Unreadable {
        path: from.to_owned(),
        source,
    };
    // Asked before opening: opening a pipe that nobody writes to would wait for ever.
    let metadata = std::fs::metadata(from).map_err(failed)?;
    if !metadata.is_file() {
        return Err(failed(std::io::Error::other("it is not a regular file")));
    }
    space::require(to.parent().unwrap_or(to), metadata.len())?;
    let original = File::open(from).map_err(failed)?;
    let mut sink = Sink::create(to, Some(metadata.len()))?;
    progress.phase(Phase::Copying);
    match sink.pour(original, progress) {
        Ok(()) => sink.finish(expected),
        Err(PourError::Read(error)) => Err(failed(error)),
        Err(PourError::Write(error)) => Err(error),
    }
}
