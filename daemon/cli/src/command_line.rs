//! What can be typed: the subcommands, each with its arguments in its own file.

use clap::{Parser, Subcommand};

use crate::commands::{
    adapter, bench, complete, dataset, doctor, feedback, forget, logs, model, score, setup, start,
    status, stop, train, workspace,
};

/// Inkstone continues your writing with a language model of your own machine.
#[derive(Debug, Parser)]
#[command(name = "inkstone", version, arg_required_else_help = true)]
pub(crate) struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check the machine, fetch models, write the settings, print what editors need
    Setup(setup::SetupArgs),
    /// List, fetch, import, choose and remove models
    Model(model::ModelArgs),
    /// Continue a text
    Complete(complete::CompleteArgs),
    /// Show how surprising a text is to a model
    Score(score::ScoreArgs),
    /// Show what the daemon is doing
    Status(status::StatusArgs),
    /// Check everything and name the remedy for each fault
    Doctor(doctor::DoctorArgs),
    /// Show what your accepting and ignoring has taught, or forget it
    Feedback(feedback::FeedbackArgs),
    /// Show what was logged
    Logs(logs::LogsArgs),
    /// Start the daemon, also after a stop
    Start(start::StartArgs),
    /// Stop the daemon until `start` or the next login
    Stop(stop::StopArgs),
    /// Add, list and remove the folders that may be learnt from
    Workspace(workspace::WorkspaceArgs),
    /// Build, inspect and export the dataset of your prose
    Dataset(dataset::DatasetArgs),
    /// Train an adapter of your dataset, and use it if it passes the gate
    Train(train::TrainArgs),
    /// Take a file or folder out of everything that saw it, and look whether it is gone
    Forget(forget::ForgetArgs),
    /// List, inspect, use and take back what was trained of your prose
    Adapter(adapter::AdapterArgs),
    /// Measure
    Bench(bench::BenchArgs),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    fn parses(arguments: &str) -> bool {
        CommandLine::try_parse_from(arguments.split_whitespace()).is_ok()
    }

    #[test]
    fn the_definitions_hold_together() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn the_commands_of_the_contract_are_understood() {
        for arguments in [
            "inkstone setup --lang en,zh --accept-license --yes",
            "inkstone model list",
            "inkstone complete",
            "inkstone complete notes.md --line 3 --col 7 --json",
            "inkstone complete --model m --max-tokens 12 --stop line",
            "inkstone complete --adapter en-3",
            "inkstone adapter list --json",
            "inkstone adapter show en-3 --json",
            "inkstone adapter show en-3 --plot",
            "inkstone adapter show en-3 --plot voice.svg",
            "inkstone adapter use en-3 --force",
            "inkstone adapter off",
            "inkstone adapter off en-3",
            "inkstone adapter rollback",
            "inkstone adapter import a.gguf --model m --lang en",
            "inkstone adapter export en-3 --format gguf --out there",
            "inkstone adapter rm en-3 --force",
            "inkstone bench replay --corpus c --adapter none",
            "inkstone score",
            "inkstone score notes.md --lang zh --json",
            "inkstone score --model m",
            "inkstone dataset build --score",
            "inkstone status --json",
            "inkstone doctor",
            "inkstone logs --why --follow -n 5",
            "inkstone feedback --reset",
            "inkstone start",
            "inkstone stop",
            "inkstone bench latency --json out.json",
            "inkstone workspace add",
            "inkstone workspace add notes --identity a@x.example --identity b@x.example --yes",
            "inkstone workspace list --json",
            "inkstone workspace rm notes --yes",
            "inkstone workspace mark notes/a.md not-mine --json",
            "inkstone train",
            "inkstone train --now --language zh --json",
            "inkstone train --dry-run --workspace notes",
            "inkstone train --find-lr",
            "inkstone forget notes/a.md --yes",
            "inkstone forget notes --dry-run --json",
            "inkstone forget notes --retrain --yes",
            "inkstone forget notes --no-retrain",
            "inkstone forget --undo notes",
            "inkstone forget --verify notes --json",
            "inkstone dataset build",
            "inkstone dataset build --workspace a --workspace b --json",
            "inkstone dataset review",
            "inkstone dataset review --list --json --seed 7 --per-stratum 3",
            "inkstone dataset review --batch --seed 7",
            "inkstone dataset review --rates",
            "inkstone dataset review --rule-on spaces",
            "inkstone dataset stats --dataset 0123 --json",
            "inkstone dataset export out.parquet --format parquet --split held-out --dataset 0123",
        ] {
            assert!(parses(arguments), "{arguments}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for arguments in [
            "inkstone",
            "inkstone sing",
            "inkstone complete --col 3",
            "inkstone complete --line 0",
            "inkstone complete --line 1 --col 0",
            "inkstone complete --line -1",
            "inkstone complete --stop never",
            "inkstone complete --model Bad",
            "inkstone complete --max-tokens 0",
            "inkstone score --lang xx",
            "inkstone score --lang en --model m",
            "inkstone logs -n many",
            "inkstone bench",
            "inkstone workspace",
            "inkstone workspace rm",
            "inkstone workspace mark notes",
            "inkstone workspace mark notes yours",
            "inkstone adapter",
            "inkstone adapter use",
            "inkstone adapter import a.gguf",
            "inkstone adapter export en-3 --format onnx --out there",
            "inkstone forget",
            "inkstone forget notes --retrain --no-retrain",
            "inkstone forget notes --undo --retrain",
            "inkstone dataset",
            "inkstone dataset export",
            "inkstone dataset export x --split all",
            "inkstone dataset review --list --batch",
            "inkstone dataset review --per-stratum 0",
        ] {
            assert!(!parses(arguments), "{arguments}");
        }
    }
}
