//! A whole file as bytes, without reading it: the system brings the pages that are looked at.
//!
//! For files that are written once and replaced, never changed. Called for the writer's n-grams.

use std::io;
use std::path::Path;

use memmap2::Mmap;

use crate::regular_file;

/// A file of ours in memory, for reading. It stays what it was when another takes its name, and goes
/// from the disk when the last that holds it lets it go.
#[derive(Debug)]
pub struct MappedFile {
    /// None: an empty file, which no system maps.
    pages: Option<Mmap>,
}

impl MappedFile {
    /// Maps a regular file of at most so many bytes; a longer one is refused with `InvalidData`.
    ///
    /// Only for files that nobody writes to in place: our own programs make such a file under another
    /// name and then give it its own ([`crate::private::replace`]).
    #[allow(unsafe_code)] // Reason: no system maps a file so that nobody could change it meanwhile.
    pub fn open(path: &Path, bytes_max: u64) -> io::Result<Self> {
        let (file, metadata) = regular_file::open(path)?;
        if metadata.len() > bytes_max {
            let problem = format!("{} bytes, more than {bytes_max}", metadata.len());
            return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
        }
        if metadata.len() == 0 {
            return Ok(Self { pages: None });
        }
        // SAFETY: the bytes behind a shared slice must not change, nor the file become shorter, while
        // it is mapped. Kept by whoever writes such files: every program of ours gives a finished file
        // its name by a rename and never opens one for writing again; the file and its folder are the
        // owner's alone (0600, 0700), so that another user cannot. A program of the owner that cuts the
        // file short all the same ends this process, which it could do anyway.
        let pages = unsafe { Mmap::map(&file)? };
        Ok(Self { pages: Some(pages) })
    }
}

impl AsRef<[u8]> for MappedFile {
    fn as_ref(&self) -> &[u8] {
        self.pages.as_deref().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::private::replace;

    #[test]
    fn a_mapped_file_stays_what_it_was_when_another_takes_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("笔记.ngrams");
        replace(&path, "一".as_bytes()).unwrap();
        let mapped = MappedFile::open(&path, 100).unwrap();
        replace(&path, b"another").unwrap();
        assert_eq!(mapped.as_ref(), "一".as_bytes());
        std::fs::remove_file(&path).unwrap();
        assert_eq!(mapped.as_ref(), "一".as_bytes());
        assert_eq!(
            MappedFile::open(&path, 100).unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
    }

    #[test]
    fn an_empty_file_is_no_bytes_and_one_too_long_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        replace(&path, b"").unwrap();
        assert!(MappedFile::open(&path, 0).unwrap().as_ref().is_empty());
        replace(&path, b"12345").unwrap();
        assert_eq!(MappedFile::open(&path, 5).unwrap().as_ref(), b"12345");
        let refused = MappedFile::open(&path, 4).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::InvalidData);
        assert!(MappedFile::open(folder.path(), 5).is_err());
    }
}
