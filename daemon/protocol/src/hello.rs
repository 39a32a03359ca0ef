//! The handshake: the first line each side sends.

use serde::{Deserialize, Serialize};

/// Version of this protocol. A daemon of another version answers `protocol_mismatch`.
pub const PROTOCOL_VERSION: u32 = 1;

/// First line of a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`PROTOCOL_VERSION`] of the client.
    pub protocol: u32,
    /// What the client is: `inkstone-lsp`, `inkstone`, …; for logs and `status`.
    pub client: String,
    /// Semantic version of the client's build; a newer client may ask an older daemon to hand over.
    pub version: String,
}

/// First line of the daemon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// [`PROTOCOL_VERSION`] of the daemon.
    pub protocol: u32,
    /// Semantic version of the daemon's build.
    pub version: String,
    /// Process id of the daemon.
    pub pid: u32,
}
