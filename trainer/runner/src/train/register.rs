//! From a trained adapter to a file and a row of the registry, and a word to the daemon.

use std::time::Duration;

use anyhow::Context as _;
use inkstone_corpus::dataset::Digest;
use inkstone_lora::adapter::export::gguf;
use inkstone_lora::{Adapter, Hyperparameters};
use inkstone_platform::private;
use inkstone_protocol::{Call, Launcher};
use inkstone_settings::Directories;
use inkstone_store::adapters::file_name;
use inkstone_store::{AdapterRow, NewAdapter, Store};

/// How long the daemon may take to read the registry again.
const DAEMON_WAIT: Duration = Duration::from_secs(5);

/// A file that lies in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// Its hash.
    pub sha256: [u8; 32],
    /// Its length.
    pub bytes: u64,
}

/// Writes the adapter under the name of its hash; nobody sees a part of it.
pub fn publish(
    directories: &Directories,
    adapter: Adapter<'_>,
    model: &Hyperparameters,
) -> anyhow::Result<Published> {
    let file = gguf::file(adapter.config, adapter.weights, model)?;
    let sha256 = Digest::of(&file).0;
    let path = directories.adapters_dir().join(file_name(&sha256));
    private::replace(&path, &file).with_context(|| format!("{}: not written", path.display()))?;
    Ok(Published {
        sha256,
        bytes: file.len() as u64,
    })
}

/// Takes a file away that no adapter names.
pub fn withdraw(directories: &Directories, store: &Store, sha256: &[u8; 32]) -> anyhow::Result<()> {
    if store.adapters()?.iter().any(|row| row.sha256 == *sha256) {
        return Ok(());
    }
    unpublish(directories, sha256).map(drop)
}

/// Takes a file away; whether there was one.
pub fn unpublish(directories: &Directories, sha256: &[u8; 32]) -> anyhow::Result<bool> {
    let path = directories.adapters_dir().join(file_name(sha256));
    match std::fs::remove_file(&path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

/// Registers it, and has the daemon look if it runs.
pub fn register(
    directories: &Directories,
    store: &mut Store,
    new: &NewAdapter<'_>,
) -> anyhow::Result<AdapterRow> {
    let row = store.add_adapter(new)?;
    if let Err(error) = tell_daemon(directories, Call::AdaptersChanged, DAEMON_WAIT) {
        eprintln!(
            "inkstone-trainer: the daemon was not told of {}: {error:#}",
            row.name
        );
    }
    Ok(row)
}

/// Tells the daemon something; whether one runs. One that does not reads all of it when it starts.
pub(crate) fn tell_daemon(
    directories: &Directories,
    call: Call,
    wait: Duration,
) -> anyhow::Result<bool> {
    let launcher = Launcher::new(
        directories.clone(),
        "inkstone-trainer",
        env!("CARGO_PKG_VERSION"),
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let Ok(client) = launcher.connect().await else {
            return Ok(false);
        };
        client.call(call, wait).await?;
        Ok(true)
    })
}
