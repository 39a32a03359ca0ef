//! Tells a running daemon that settings or models have changed. No subcommand: `setup`, `model` and
//! `workspace` end with it.

use std::time::Duration;

use inkstone_protocol::Call;

use crate::Environment;

/// How long the daemon may take to read its settings and list its models.
const RELOAD_WAIT: Duration = Duration::from_secs(10);

/// Lets a running daemon read settings and models again; starts none. One that cannot be told keeps
/// what it knows until its next start, which is no failure of the command before.
pub(crate) fn if_running(env: &Environment) {
    let Ok(launcher) = env.launcher() else { return };
    let told = env.block_on(async {
        match launcher.connect().await {
            Ok(client) => client.call(Call::Reload, RELOAD_WAIT).await.map(|_| ()),
            // None runs: the next one reads everything anyway.
            Err(_) => Ok(()),
        }
    });
    if let Ok(Err(error)) = told {
        env.note(&format!(
            "the running daemon does not know of the change yet: {error}"
        ));
    }
}
