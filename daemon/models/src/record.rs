//! What is kept beside an installed model: `NAME.toml` next to `NAME.gguf`. It says where the file
//! came from and who accepted which licence when, and spares a second reading of the header. A
//! model without one (put there by hand, or in `INKSTONE_MODELS`) works the same.

use serde::{Deserialize, Serialize};

use crate::digest::Sha256;
use crate::summary::Summary;

/// Largest sidecar that is read; ours have under 1 KiB.
pub(crate) const RECORD_BYTES_MAX: u64 = 64 * 1024;

/// The sidecar of one model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Content of the file.
    pub sha256: Sha256,
    /// Size of the file.
    pub size_bytes: u64,
    /// The source that delivered it, in words.
    pub source: String,
    /// When, in seconds since 1970 (UTC).
    pub imported_at_unix_s: u64,
    /// The licence by name; none for imported files, whose licence we do not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// The consent, where the licence needs one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<LicenceAcceptance>,
    /// What its header says.
    pub model: Summary,
}

/// A consent to terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenceAcceptance {
    /// Name of the terms.
    pub terms: String,
    /// Where they are published.
    pub url: String,
    /// Hash of the address and text that were shown.
    pub text_sha256: Sha256,
    /// When, in seconds since 1970 (UTC).
    pub accepted_at_unix_s: u64,
}
