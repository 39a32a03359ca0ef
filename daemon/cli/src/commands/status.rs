//! `inkstone status`: what the daemon is doing. Starts none.

use inkstone_protocol::{ClientError, StatusReply};
use serde::Serialize;

use super::{learned, status_table};
use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `status`.
#[derive(Debug, clap::Args)]
pub(crate) struct StatusArgs {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The JSON of `--json`.
#[derive(Debug, Serialize)]
struct Output {
    running: bool,
    /// Why not, and what to do, when none runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// What it says of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    daemon: Option<StatusReply>,
    /// Why the threshold is another than the preset's, for each language in which it is.
    thresholds: Vec<String>,
}

pub(crate) fn run(args: &StatusArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let launcher = env.launcher()?;
    let thresholds = learned::explanations(env)?;
    let asked = env.block_on(async { launcher.connect().await?.status().await })?;
    match asked {
        Ok(status) => {
            if args.json {
                env.print_json(&Output {
                    running: true,
                    problem: None,
                    daemon: Some(status),
                    thresholds,
                })?;
            } else {
                env.print(&status_table::of(&status))?;
                env.print(&status_table::of_thresholds(&thresholds))?;
            }
            Ok(ExitStatus::Done)
        }
        Err(error @ ClientError::NotRunning { .. }) => {
            // A stop by hand or a crash says more than that nobody listens.
            let refusal = launcher.refusal().ok().flatten();
            let problem = refusal.map_or_else(|| error.to_string(), |refusal| refusal.to_string());
            if args.json {
                env.print_json(&Output {
                    running: false,
                    problem: Some(problem),
                    daemon: None,
                    thresholds,
                })?;
            } else {
                env.print(&format!("{problem}\n"))?;
                env.print(&status_table::of_thresholds(&thresholds))?;
            }
            Ok(ExitStatus::Unavailable)
        }
        Err(error) => Err(error.into()),
    }
}
