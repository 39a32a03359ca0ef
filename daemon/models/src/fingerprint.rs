//! Names the content of a model's file, so that what one file said of a text is not taken for what
//! another says.
//!
//! Of the length and of pieces from all over the file: the whole would be read for a second, and two
//! models that differ at all differ in nearly every byte of their weights. It tells models apart; that
//! a file is the one that was published is checked when it is fetched.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use crate::digest::{Hasher, Sha256};

/// Pieces that are read, the first at the beginning and the last at the end.
const PIECES: u64 = 32;
/// Bytes of each.
const PIECE_BYTES: u64 = 32 * 1024;

/// The hash of a file's length and of pieces of it.
pub fn of_file(path: &Path) -> io::Result<Sha256> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut hasher = Hasher::default();
    hasher.update(&length.to_le_bytes());
    let last = length.saturating_sub(PIECE_BYTES);
    let mut piece = Vec::new();
    for number in 0..PIECES {
        file.seek(SeekFrom::Start(last / (PIECES - 1) * number))?;
        piece.clear();
        (&mut file).take(PIECE_BYTES).read_to_end(&mut piece)?;
        hasher.update(&piece);
    }
    // The rest that the division left over.
    file.seek(SeekFrom::Start(last))?;
    piece.clear();
    file.take(PIECE_BYTES).read_to_end(&mut piece)?;
    hasher.update(&piece);
    Ok(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_differ_in_length_beginning_middle_or_end_have_other_names() {
        let folder = tempfile::tempdir().unwrap();
        let name = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = vec![7_u8; 3_000_001];
            change(&mut bytes);
            let path = folder.path().join("m.gguf");
            std::fs::write(&path, bytes).unwrap();
            of_file(&path).unwrap()
        };
        let same = name(&|_| ());
        assert_eq!(same, name(&|_| ()));
        let others = [
            name(&|bytes| bytes[0] = 8),
            name(&|bytes| bytes[3_000_000] = 8),
            name(&|bytes| bytes[1_400_000..1_600_000].fill(8)),
            name(&|bytes| bytes.push(7)),
            name(&|bytes| bytes.truncate(1)),
            name(&|bytes| bytes.clear()),
        ];
        assert!(others.iter().all(|other| *other != same));
    }
}
