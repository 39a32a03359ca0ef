//! The file of a LoRA adapter, read once and checked whole against the model that it is for.
//!
//! Not what the registry of adapters says of it (`inkstone-store`), nor what the numbers mean
//! (`inkstone_gguf::adapter`). The daemon opens one before it wears it, and `adapter import` before it
//! takes it in.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use inkstone_gguf::adapter::ADAPTER_BYTES_MAX;
use inkstone_gguf::{AdapterFault, AdapterInfo, Gguf};

use crate::digest::Sha256;
use crate::error::ModelError;
use crate::registry::InstalledModel;

/// An adapter whose bytes fit a model.
#[derive(Debug, Clone)]
pub struct AdapterFile {
    /// All of the file.
    pub bytes: Vec<u8>,
    /// Their hash.
    pub sha256: Sha256,
    /// What they say.
    pub info: AdapterInfo,
}

/// Why an adapter's file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AdapterFileError {
    /// It cannot be read.
    #[error("cannot read the adapter `{}`: {source}; train again, or import it again with: inkstone adapter import FILE.gguf --model NAME", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Its content is not what an adapter of the model has.
    #[error("the adapter `{}` cannot be used: {fault}", path.display())]
    Fault {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: AdapterFault,
    },
    /// It is not the file that was registered.
    #[error("the adapter `{}` has changed since it was registered: its SHA-256 is {found}, not {expected}; remove it with: inkstone adapter rm NAME, and train again", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// What was registered.
        expected: Sha256,
        /// What it is.
        found: Sha256,
    },
}

impl AdapterFile {
    /// Reads a file and checks it against the header of its model, and against the hash under which
    /// it was registered, if it was.
    pub fn open(
        path: &Path,
        base: &Gguf,
        registered: Option<Sha256>,
    ) -> Result<Self, AdapterFileError> {
        let bytes = read(path).map_err(|source| AdapterFileError::Io {
            path: path.to_owned(),
            source,
        })?;
        let sha256 = Sha256::of(&bytes);
        // What is wrong with its content says more than that it is another.
        let info = AdapterInfo::check(&bytes, base).map_err(|fault| AdapterFileError::Fault {
            path: path.to_owned(),
            fault,
        })?;
        match registered {
            Some(expected) if expected != sha256 => Err(AdapterFileError::Changed {
                path: path.to_owned(),
                expected,
                found: sha256,
            }),
            _ => Ok(Self {
                bytes,
                sha256,
                info,
            }),
        }
    }
}

/// All of a file, or one byte more than is taken.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file"));
    }
    let mut bytes = Vec::new();
    file.take(ADAPTER_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl InstalledModel {
    /// The hash of its file: from its description, or else of all its bytes, which takes a moment.
    pub fn sha256(&self) -> Result<Sha256, ModelError> {
        let described = self.record.as_ref();
        if let Some(record) = described.filter(|record| record.size_bytes == self.size_bytes) {
            return Ok(record.sha256);
        }
        let hashed = File::open(&self.path).and_then(Sha256::of_reader);
        hashed.map_err(|source| ModelError::Io {
            action: "read",
            path: self.path.clone(),
            source,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use inkstone_gguf::GgmlType;
    use inkstone_gguf::build::GgufBuilder;

    use super::*;

    fn base() -> Gguf {
        let bytes = GgufBuilder::new()
            .str("general.architecture", "llama")
            .tensor("blk.0.attn_q.weight", &[4, 4], GgmlType::F32, vec![0; 64])
            .finish();
        Gguf::read(&mut &*bytes, bytes.len() as u64).unwrap()
    }

    fn adapter() -> Vec<u8> {
        GgufBuilder::new()
            .str("general.type", "adapter")
            .str("general.architecture", "llama")
            .str("adapter.type", "lora")
            .value("adapter.lora.alpha", inkstone_gguf::Value::F32(1.0))
            .tensor(
                "blk.0.attn_q.weight.lora_a",
                &[4, 1],
                GgmlType::F32,
                vec![0; 16],
            )
            .tensor(
                "blk.0.attn_q.weight.lora_b",
                &[1, 4],
                GgmlType::F32,
                vec![0; 16],
            )
            .finish()
    }

    #[test]
    fn a_file_that_fits_is_read_and_hashed_and_one_that_changed_is_named_with_both_hashes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("写作.gguf");
        std::fs::write(&path, adapter()).unwrap();
        let hash = Sha256::of(&adapter());
        let file = AdapterFile::open(&path, &base(), Some(hash)).unwrap();
        assert_eq!((file.sha256, file.info.rank), (hash, 1));
        let other = Sha256::of(b"other");
        let error = AdapterFile::open(&path, &base(), Some(other)).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains(&hash.to_string()) && text.contains(&other.to_string()),
            "{text}"
        );
        assert!(text.contains("inkstone adapter rm"), "{text}");
    }

    #[test]
    fn what_cannot_be_read_and_what_is_no_adapter_is_named_with_a_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let open = |path: &Path| {
            AdapterFile::open(path, &base(), None)
                .unwrap_err()
                .to_string()
        };
        assert!(open(&folder.path().join("gone.gguf")).contains("gone.gguf"));
        assert!(open(folder.path()).contains("it is no file"));
        let cut = folder.path().join("cut.gguf");
        std::fs::write(&cut, &adapter()[..200]).unwrap();
        let text = open(&cut);
        assert!(
            text.contains("cut.gguf") && text.contains("truncated"),
            "{text}"
        );
    }
}
