//! Tells a running daemon that settings, models or adapters have changed. No subcommand: `setup`,
//! `model`, `workspace` and `adapter` end with it.

use std::time::Duration;

use inkstone_protocol::Call;

use crate::Environment;

/// How long the daemon may take to read its settings and list its models.
const RELOAD_WAIT: Duration = Duration::from_secs(10);
/// How long it may take to read the adapters' files, and once a model's.
const ADAPTERS_WAIT: Duration = Duration::from_secs(60);

/// Lets a running daemon read settings and models again; starts none. One that cannot be told keeps
/// what it knows until its next start, which is no failure of the command before.
pub(crate) fn if_running(env: &Environment) {
    tell(env, Call::Reload, RELOAD_WAIT);
}

/// Lets a running daemon read the registry of adapters again, as above.
pub(crate) fn adapters_if_running(env: &Environment) {
    tell(env, Call::AdaptersChanged, ADAPTERS_WAIT);
}

fn tell(env: &Environment, call: Call, wait: Duration) {
    let Ok(launcher) = env.launcher() else { return };
    let told = env.block_on(async {
        match launcher.connect().await {
            Ok(client) => client.call(call, wait).await.map(|_| ()),
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
