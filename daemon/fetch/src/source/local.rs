//! A file of this machine, copied: the original may lie on a disk that is taken away.

use std::fs::File;
use std::path::Path;

use inkstone_models::Sha256;

use crate::error::FetchError;
use crate::progress::{Phase, Progress};
use crate::sink::{Complete, PourError, Sink};
use crate::space;

/// The size of a file that can be read. Asked before opening: opening a pipe that nobody writes to
/// would wait for ever.
pub(crate) fn size_of(file: &Path) -> Result<u64, FetchError> {
    let metadata = std::fs::metadata(file).map_err(|source| unreadable(file, source))?;
    if !metadata.is_file() {
        let source = std::io::Error::other("it is not a regular file");
        return Err(unreadable(file, source));
    }
    Ok(metadata.len())
}

/// Copies `from` to `to`, checking its hash where one is known.
pub(crate) fn copy(
    from: &Path,
    to: &Path,
    expected: Option<Sha256>,
    progress: &mut dyn Progress,
) -> Result<Complete, FetchError> {
    let size_bytes = size_of(from)?;
    space::require(to.parent().unwrap_or(to), size_bytes)?;
    let original = File::open(from).map_err(|source| unreadable(from, source))?;
    let mut sink = Sink::create(to, Some(size_bytes))?;
    progress.phase(Phase::Copying);
    match sink.pour(original, progress) {
        Ok(()) => sink.finish(expected),
        Err(PourError::Read(error)) => Err(unreadable(from, error)),
        Err(PourError::Write(error)) => Err(error),
    }
}

pub(crate) fn unreadable(file: &Path, source: std::io::Error) -> FetchError {
    FetchError::Unreadable {
        path: file.to_owned(),
        source,
    }
}
