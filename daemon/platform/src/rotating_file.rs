//! A log file that begins anew at a size and keeps a few predecessors: `NAME.log`, `NAME.1.log`, …
//!
//! Not the format of the lines. Several processes may append to one file: whoever sees it grown too
//! large renames it, the others follow at their next line. Time-based rotation would not do: one
//! loud hour can fill a disk.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::private;

/// A bounded file to append to.
#[derive(Debug)]
pub struct RotatingFile {
    directory: PathBuf,
    name: &'static str,
    bytes_max: u64,
    files_max: u32,
    file: File,
}

impl RotatingFile {
    /// Opens or creates `directory/NAME.log`, for its owner alone. At `bytes_max` a new one begins;
    /// at most `files_max` are kept, the current one included.
    pub fn open(
        directory: &Path,
        name: &'static str,
        bytes_max: u64,
        files_max: u32,
    ) -> io::Result<Self> {
        let file = append_to(&path_of(directory, name, 0))?;
        Ok(Self {
            directory: directory.to_owned(),
            name,
            bytes_max,
            files_max,
            file,
        })
    }

    /// The files of a log that exist, the newest first.
    pub fn files(directory: &Path, name: &str) -> Vec<PathBuf> {
        (0..=u32::MAX)
            .map(|age| path_of(directory, name, age))
            .take_while(|path| path.exists())
            .collect()
    }

    /// Begins a new file, unless another process has done so already.
    fn begin_anew(&mut self) -> io::Result<()> {
        let path = |age| path_of(&self.directory, self.name, age);
        let current = path(0);
        let is_full = fs::metadata(&current).is_ok_and(|file| file.len() >= self.bytes_max);
        if is_full {
            for age in (1..self.files_max).rev() {
                // A predecessor that does not exist yet cannot be renamed.
                let _ = fs::rename(path(age - 1), path(age));
            }
            if self.files_max <= 1 {
                fs::remove_file(&current)?;
            }
            self.remove_surplus();
        }
        self.file = append_to(&current)?;
        Ok(())
    }

    /// Files beyond the limit, left from when it was higher.
    fn remove_surplus(&self) {
        for age in self.files_max.max(1).. {
            if fs::remove_file(path_of(&self.directory, self.name, age)).is_err() {
                return;
            }
        }
    }
}

impl Write for RotatingFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.file.metadata()?.len() >= self.bytes_max {
            self.begin_anew()?;
        }
        self.file.write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn path_of(directory: &Path, name: &str, age: u32) -> PathBuf {
    match age {
        0 => directory.join(format!("{name}.log")),
        age => directory.join(format!("{name}.{age}.log")),
    }
}

/// Appending, so that lines of several processes do not overwrite each other.
fn append_to(path: &Path) -> io::Result<File> {
    private::file_options().append(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(directory: &Path, age: u32) -> Option<String> {
        fs::read_to_string(path_of(directory, "test", age)).ok()
    }

    fn write(log: &mut RotatingFile, lines: &[&str]) {
        for line in lines {
            log.write_all(line.as_bytes()).unwrap();
        }
    }

    #[test]
    fn a_full_file_steps_aside_and_the_oldest_goes() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = RotatingFile::open(folder.path(), "test", 4, 3).unwrap();
        write(&mut log, &["one\n", "two\n", "three\n", "four\n"]);
        let kept: Vec<_> = (0..4).map(|age| lines(folder.path(), age)).collect();
        let expected = [Some("four\n"), Some("three\n"), Some("two\n"), None];
        assert_eq!(kept, expected.map(|text| text.map(str::to_owned)));
        assert_eq!(RotatingFile::files(folder.path(), "test").len(), 3);
    }

    #[test]
    fn a_second_writer_follows_to_the_new_file_and_renames_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = RotatingFile::open(folder.path(), "test", 4, 3).unwrap();
        let mut second = RotatingFile::open(folder.path(), "test", 4, 3).unwrap();
        write(&mut first, &["one\n", "a\n"]);
        write(&mut second, &["b\n"]);
        assert_eq!(lines(folder.path(), 0).as_deref(), Some("a\nb\n"));
        assert_eq!(lines(folder.path(), 1).as_deref(), Some("one\n"));
        assert_eq!(lines(folder.path(), 2), None);
    }

    #[test]
    fn a_lower_limit_removes_what_a_higher_one_left() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = RotatingFile::open(folder.path(), "test", 4, 5).unwrap();
        write(
            &mut log,
            &["1111\n", "2222\n", "3333\n", "4444\n", "5555\n"],
        );
        assert_eq!(RotatingFile::files(folder.path(), "test").len(), 5);
        let mut log = RotatingFile::open(folder.path(), "test", 4, 2).unwrap();
        write(&mut log, &["6666\n"]);
        assert_eq!(RotatingFile::files(folder.path(), "test").len(), 2);
        assert_eq!(lines(folder.path(), 0).as_deref(), Some("6666\n"));
    }

    #[test]
    fn one_file_at_most_means_that_the_full_one_goes() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = RotatingFile::open(folder.path(), "test", 4, 1).unwrap();
        write(&mut log, &["日志\n", "新\n"]);
        assert_eq!(RotatingFile::files(folder.path(), "test").len(), 1);
        assert_eq!(lines(folder.path(), 0).as_deref(), Some("新\n"));
    }
}
