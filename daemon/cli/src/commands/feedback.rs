//! `inkstone feedback`: what the user's accepting and ignoring has taught; `--reset` forgets it.

use std::io::ErrorKind;
use std::time::Duration;

use inkstone_platform::private;

use super::learned;
use crate::{CommandError, Environment, ExitStatus};

/// How long a language server may hold the file; it needs a millisecond.
const LOCK_WAIT: Duration = Duration::from_secs(2);

/// Arguments of `feedback`.
#[derive(Debug, clap::Args)]
pub(crate) struct FeedbackArgs {
    /// Forget it, so that the presets hold as they are
    #[arg(long)]
    reset: bool,
}

pub(crate) fn run(args: &FeedbackArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    if args.reset {
        return reset(env);
    }
    let completion = env.settings()?.settings.completion;
    let lines = learned::read(env)?.report(learned::movable_threshold(&completion));
    for line in &lines {
        env.print(&format!("{line}\n"))?;
    }
    if lines.is_empty() {
        env.note("nothing was learned yet");
    }
    if !completion.learn_threshold {
        env.note(
            "the setting completion.learn_threshold is off: thresholds are those of the preset",
        );
    }
    Ok(ExitStatus::Done)
}

/// A language server that runs forgets with its next lesson: it adds that to what lies there.
fn reset(env: &Environment) -> Result<ExitStatus, CommandError> {
    let path = env.directories()?.learned_file();
    let forgotten = private::lock(&path, LOCK_WAIT).and_then(|_lock| std::fs::remove_file(&path));
    match forgotten {
        Ok(()) => env.print("forgotten; the presets hold as they are\n")?,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            env.print("nothing was learned yet\n")?;
        }
        Err(error) => {
            let message = format!("cannot remove {}: {error}", path.display());
            return Err(CommandError::new(ExitStatus::Internal, message));
        }
    }
    Ok(ExitStatus::Done)
}
