//! SHA-256 as a value: parsed from the catalogue, computed while bytes stream past, compared before
//! a file gets its name.

use std::fmt;
use std::fmt::Write as _;
use std::str::FromStr;

use sha2::Digest as _;

use crate::error::ModelError;

/// Bytes of a SHA-256.
const DIGEST_BYTES: usize = 32;

/// A SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sha256([u8; DIGEST_BYTES]);

impl Sha256 {
    /// The hash of bytes that are already here.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = Hasher::default();
        hasher.update(bytes);
        hasher.finish()
    }

    /// Its bytes.
    pub fn bytes(&self) -> [u8; DIGEST_BYTES] {
        self.0
    }

    /// The first digits, enough to tell files of one model apart in a name.
    pub fn short(&self) -> String {
        /// Six bytes: two files of one model that share them do not occur by chance.
        const SHORT_BYTES: usize = 6;
        hex(&self.0[..SHORT_BYTES])
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl FromStr for Sha256 {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, ModelError> {
        let invalid = || ModelError::Digest {
            text: text.chars().take(DIGEST_BYTES * 2 + 2).collect(),
        };
        if text.len() != DIGEST_BYTES * 2 || !text.is_ascii() {
            return Err(invalid());
        }
        let mut digest = [0; DIGEST_BYTES];
        for (at, byte) in digest.iter_mut().enumerate() {
            let digits = &text[at * 2..at * 2 + 2];
            if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return Err(invalid());
            }
            *byte = u8::from_str_radix(digits, 16).map_err(|_| invalid())?;
        }
        Ok(Self(digest))
    }
}

impl serde::Serialize for Sha256 {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Sha256 {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Computes a SHA-256 while bytes pass.
#[derive(Debug, Clone, Default)]
pub struct Hasher(sha2::Sha256);

impl Hasher {
    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all bytes taken.
    pub fn finish(self) -> Sha256 {
        Sha256(self.0.finalize().into())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // proof: writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
