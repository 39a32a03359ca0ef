//! Identifiers on the wire; each is a newtype so that one cannot be passed for another.

use serde::{Deserialize, Serialize};

/// Numbers a request within one connection; chosen by the client, never reused by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub u64);

/// Names a document for KV reuse and superseding. Opaque to the daemon: the language server sends
/// a hash of the URI, so that no request for suggestions and no log holds a path of the user's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DocumentId(pub String);

/// Grows with every change of a document; a request of a higher version supersedes lower ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DocumentVersion(pub u64);
