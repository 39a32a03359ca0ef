//! Room on the disk, asked before a transfer starts, so that a full disk is known in a second and
//! not after an hour.

use std::io;
use std::path::Path;

use crate::error::FetchError;

/// Room that stays free beside what is written: the disk is also somebody else's.
const RESERVE_BYTES: u64 = 32 * 1024 * 1024;

/// Checks that a directory's disk takes more bytes.
pub(crate) fn require(directory: &Path, bytes: u64) -> Result<(), FetchError> {
    let free_bytes = match inkstone_platform::free_bytes(directory) {
        Ok(free_bytes) => free_bytes,
        // Where the system does not tell, a full disk is told when it is met.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => return Ok(()),
        Err(source) => {
            let path = directory.to_owned();
            return Err(FetchError::Io {
                action: "ask for the free space of",
                path,
                source,
            });
        }
    };
    let needed_bytes = bytes.saturating_add(RESERVE_BYTES);
    if free_bytes >= needed_bytes {
        return Ok(());
    }
    Err(FetchError::NoSpace {
        path: directory.to_owned(),
        needed_bytes,
        free_bytes,
    })
}
