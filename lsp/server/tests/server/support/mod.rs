//! What the in-process tests share: an editor and a daemon, each at one end of a real connection.
//!
//! The editor speaks LSP over pipes to `serve`; the daemon speaks the daemon's protocol over a
//! local socket and answers only what a test tells it to. Nothing here waits without a deadline.

pub(crate) mod daemon;
pub(crate) mod desk;
pub(crate) mod editor;

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use inkstone_lsp::host::Host;
use inkstone_settings::Directories;

/// How long anything that must happen may take on a busy machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// The directories of a test's own home.
pub(crate) fn directories(home: &Path) -> Directories {
    let home = OsString::from(home);
    let lookup = |variable: &'static str| (variable == "INKSTONE_HOME").then(|| home.clone());
    let directories = Directories::from_lookup(lookup).expect("a short absolute home");
    directories
        .ensure_private()
        .expect("the home can be prepared");
    directories
}

/// A machine on which every process lives, and no daemon can be started: the test is the daemon.
pub(crate) fn host(home: &Path) -> Host {
    Host {
        is_alive: |_| true,
        ..Host::without_starting(directories(home))
    }
}

/// How long a line is, counted in units of an encoding.
pub(crate) fn units(text: &str, encoding: &str) -> u32 {
    let count = match encoding {
        "utf-8" => text.len(),
        "utf-16" => text.encode_utf16().count(),
        _ => text.chars().count(),
    };
    u32::try_from(count).expect("a short line")
}

/// Fails instead of hanging.
pub(crate) async fn in_time<T>(what: &str, future: impl Future<Output = T>) -> T {
    let finished = tokio::time::timeout(DEADLINE, future).await;
    finished.unwrap_or_else(|_elapsed| panic!("{what} did not happen within {DEADLINE:?}"))
}
