//! The crate's one door to the file system.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use crate::error::GgufError;
use crate::gguf::Gguf;
use crate::model_info::ModelInfo;

/// Bytes buffered while reading: a vocabulary is half a million small strings.
const BUFFER_BYTES: usize = 1 << 18;

impl Gguf {
    /// Reads the header of the file at `path`.
    pub fn from_path(path: &Path) -> Result<Self, GgufError> {
        let file = File::open(path)?;
        let file_len = file.metadata()?.len();
        Self::read(&mut BufReader::with_capacity(BUFFER_BYTES, file), file_len)
    }
}

impl ModelInfo {
    /// What the model file at `path` says about itself.
    pub fn from_path(path: &Path) -> Result<Self, GgufError> {
        Self::from_gguf(&Gguf::from_path(path)?)
    }
}
