//! Bytes on their way into a file: counted, hashed, bounded. All sources write through it, so a full
//! disk, a file that is too long and a wrong hash are told the same way everywhere.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use inkstone_models::{Hasher, Sha256};

use crate::error::FetchError;
use crate::progress::{Meter, Phase, Progress};

/// Bytes moved at once: large enough for the disk, small enough for progress and interruption.
const CHUNK_BYTES: usize = 128 * 1024;
/// Longest file when nothing says how long it is.
const UNKNOWN_BYTES_MAX: u64 = 1 << 40;

/// What arrived, when it did not arrive whole.
#[derive(Debug)]
pub(crate) enum PourError {
    /// The reader failed; more may be had from the same place later.
    Read(std::io::Error),
    /// The writer failed, or there was too much to write.
    Write(FetchError),
}

/// A writer that counts, hashes and stops at the expected size.
#[derive(Debug)]
pub(crate) struct Sink<W> {
    writer: W,
    path: PathBuf,
    hasher: Hasher,
    written_bytes: u64,
    expected_bytes: Option<u64>,
    meter: Meter,
}

impl<W: Write> Sink<W> {
    /// A sink at its beginning. `path` names the file in messages.
    pub(crate) fn new(writer: W, path: &Path, expected_bytes: Option<u64>) -> Self {
        Self {
            writer,
            path: path.to_owned(),
            hasher: Hasher::default(),
            written_bytes: 0,
            expected_bytes,
            meter: Meter::new(0, expected_bytes, Instant::now()),
        }
    }

    /// Bytes in the file.
    pub(crate) fn written_bytes(&self) -> u64 {
        self.written_bytes
    }

    /// Moves everything that a reader gives, in chunks.
    pub(crate) fn pour(
        &mut self,
        mut reader: impl Read,
        progress: &mut dyn Progress,
    ) -> Result<(), PourError> {
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            let read_bytes = match reader.read(&mut chunk) {
                Ok(0) => return Ok(()),
                Ok(read_bytes) => read_bytes,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(PourError::Read(error)),
            };
            self.write(&chunk[..read_bytes]).map_err(PourError::Write)?;
            if progress.is_cancelled() {
                return Err(PourError::Write(FetchError::Cancelled));
            }
            if let Some(pace) = self.meter.advance(self.written_bytes, Instant::now()) {
                progress.pace(pace);
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), FetchError> {
        let after_bytes = self.written_bytes + bytes.len() as u64;
        let limit_bytes = self.expected_bytes.unwrap_or(UNKNOWN_BYTES_MAX);
        if after_bytes > limit_bytes {
            let found_bytes = after_bytes;
            return Err(FetchError::WrongSize {
                expected_bytes: limit_bytes,
                found_bytes,
            });
        }
        self.writer
            .write_all(bytes)
            .map_err(|source| FetchError::of_write(&self.path, source))?;
        self.hasher.update(bytes);
        self.written_bytes = after_bytes;
        Ok(())
    }

    /// The hash of all bytes.
    pub(crate) fn sha256(self) -> Sha256 {
        self.hasher.finish()
    }
}

impl Sink<File> {
    /// A new file for the bytes, which must not exist yet as anything but a file.
    pub(crate) fn create(path: &Path, expected_bytes: Option<u64>) -> Result<Self, FetchError> {
        Self::open(path, expected_bytes).and_then(|mut sink| {
            sink.start_over()?;
            Ok(sink)
        })
    }

    /// A file to go on with: what it holds is read and hashed, and counts as written.
    pub(crate) fn resume(
        path: &Path,
        expected_bytes: Option<u64>,
        progress: &mut dyn Progress,
    ) -> Result<Self, FetchError> {
        let mut sink = Self::open(path, expected_bytes)?;
        let failed = |source| FetchError::Io {
            action: "read",
            path: path.to_owned(),
            source,
        };
        let present_bytes = sink.writer.metadata().map_err(failed)?.len();
        if present_bytes == 0 {
            return Ok(sink);
        }
        if expected_bytes.is_some_and(|expected| present_bytes > expected) {
            sink.start_over()?;
            return Ok(sink);
        }
        progress.phase(Phase::Checking);
        let mut chunk = vec![0; CHUNK_BYTES];
        let mut meter = Meter::new(0, Some(present_bytes), Instant::now());
        while sink.written_bytes < present_bytes {
            let read_bytes = sink.writer.read(&mut chunk).map_err(failed)?;
            if read_bytes == 0 {
                break;
            }
            sink.hasher.update(&chunk[..read_bytes]);
            sink.written_bytes += read_bytes as u64;
            if let Some(pace) = meter.advance(sink.written_bytes, Instant::now()) {
                progress.pace(pace);
            }
            if progress.is_cancelled() {
                return Err(FetchError::Cancelled);
            }
        }
        sink.meter = Meter::new(sink.written_bytes, expected_bytes, Instant::now());
        Ok(sink)
    }

    /// Empties the file and begins again.
    pub(crate) fn start_over(&mut self) -> Result<(), FetchError> {
        self.writer
            .set_len(0)
            .and_then(|()| self.writer.seek(SeekFrom::Start(0)))
            .map_err(|source| FetchError::of_write(&self.path, source))?;
        self.hasher = Hasher::default();
        self.written_bytes = 0;
        self.meter = Meter::new(0, self.expected_bytes, Instant::now());
        Ok(())
    }

    /// Syncs the file and compares it with what was expected.
    pub(crate) fn finish(self, expected: Option<Sha256>) -> Result<Complete, FetchError> {
        let Self {
            writer: file,
            path,
            hasher,
            written_bytes: size_bytes,
            expected_bytes,
            ..
        } = self;
        let sha256 = hasher.finish();
        if let Some(expected_bytes) = expected_bytes.filter(|expected| *expected != size_bytes) {
            return Err(FetchError::WrongSize {
                expected_bytes,
                found_bytes: size_bytes,
            });
        }
        if let Some(expected) = expected.filter(|expected| *expected != sha256) {
            return Err(FetchError::WrongHash {
                expected,
                found: sha256,
            });
        }
        file.sync_all()
            .map_err(|source| FetchError::of_write(&path, source))?;
        Ok(Complete {
            path,
            size_bytes,
            sha256,
        })
    }

    fn open(path: &Path, expected_bytes: Option<u64>) -> Result<Self, FetchError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        // A link put there by somebody else would have us write into another file.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::custom_flags(
            &mut options,
            rustix::fs::OFlags::NOFOLLOW.bits().cast_signed(),
        );
        let file = options
            .open(path)
            .map_err(|source| FetchError::of_write(path, source))?;
        Ok(Self::new(file, path, expected_bytes))
    }
}

/// A file that is whole and synced but has no name yet.
#[derive(Debug)]
pub(crate) struct Complete {
    /// Where it lies.
    pub(crate) path: PathBuf,
    /// Its size.
    pub(crate) size_bytes: u64,
    /// Its content.
    pub(crate) sha256: Sha256,
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a panic is how a test fails")]
mod tests {
    use std::io::{self, Write};
    use std::path::Path;

    use inkstone_models::{Source, Terms};

    use super::{PourError, Sha256, Sink};
    use crate::error::FetchError;
    use crate::progress::{Pace, Phase, Progress};

    /// Hears nothing.
    struct Silent;

    impl Progress for Silent {
        fn phase(&mut self, _phase: Phase<'_>) {}
        fn pace(&mut self, _pace: Pace) {}
        fn accepted(&mut self, _terms: &Terms) {}
        fn source_failed(&mut self, _source: &Source, _error: &FetchError) {}
    }

    /// A disk with room for some bytes.
    struct SmallDisk {
        room_bytes: usize,
    }

    impl Write for SmallDisk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.room_bytes == 0 {
                return Err(io::Error::from(io::ErrorKind::StorageFull));
            }
            let written = bytes.len().min(self.room_bytes);
            self.room_bytes -= written;
            Ok(written)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_disk_that_fills_up_while_writing_is_told_as_such() {
        let mut sink = Sink::new(
            SmallDisk { room_bytes: 1_000 },
            Path::new("/m/a.part"),
            None,
        );
        let poured = sink.pour([7_u8; 5_000].as_slice(), &mut Silent);
        let Err(PourError::Write(error)) = poured else {
            panic!("{poured:?}")
        };
        assert!(matches!(error, FetchError::DiskFull { .. }), "{error}");
        assert!(error.to_string().contains("free some space"), "{error}");
    }

    #[test]
    fn more_bytes_than_expected_are_refused_before_they_are_written() {
        let mut written = Vec::new();
        let mut sink = Sink::new(&mut written, Path::new("/m/a.part"), Some(10));
        let poured = sink.pour([7_u8; 11].as_slice(), &mut Silent);
        assert!(matches!(
            poured,
            Err(PourError::Write(FetchError::WrongSize {
                expected_bytes: 10,
                ..
            }))
        ));
        assert!(written.is_empty());
    }

    #[test]
    fn a_resumed_file_has_the_hash_of_all_its_bytes() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("a.part");
        let bytes: Vec<u8> = (0..300_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let (first, rest) = bytes.split_at(200_001);
        std::fs::write(&path, first).expect("first part");
        let mut sink = Sink::resume(&path, Some(300_000), &mut Silent).expect("resumed");
        assert_eq!(sink.written_bytes(), 200_001);
        sink.pour(rest, &mut Silent).expect("the rest");
        let complete = sink.finish(Some(Sha256::of(&bytes))).expect("whole");
        assert_eq!(std::fs::read(complete.path).expect("file"), bytes);
    }

    #[test]
    fn a_link_in_place_of_the_file_is_not_followed() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let (target, link) = (folder.path().join("precious"), folder.path().join("a.part"));
        std::fs::write(&target, "precious").expect("target");
        std::os::unix::fs::symlink(&target, &link).expect("link");
        assert!(Sink::create(&link, None).is_err());
        assert_eq!(std::fs::read(&target).expect("target"), b"precious");
    }
}
