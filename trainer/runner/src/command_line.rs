//! What the daemon and the command line can ask of the trainer. Nobody types these.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::commands::{
    adapter_peft, build, export, follow, forget, profile, review, stats, survey, train, watch,
};

/// The part of Inkstone that reads what its owner wrote; started by the daemon and by `inkstone`.
#[derive(Debug, Parser)]
#[command(name = "inkstone-trainer", version, arg_required_else_help = true)]
pub struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print as JSON what would be read of a folder
    Survey {
        /// The folder
        folder: PathBuf,
        /// An address or name of its owner's
        #[arg(long = "identity")]
        identities: Vec<String>,
    },
    /// Print changes as they happen, one JSON object a line, and keep nothing
    Follow {
        /// The folders
        #[arg(required = true)]
        folders: Vec<PathBuf>,
        /// End with the standard input, on which each line is the path of a file that was saved
        #[arg(long)]
        attached: bool,
    },
    /// Read what changed in the workspaces, and publish a version of the dataset
    Build {
        /// Look only at this workspace anew
        #[arg(long = "workspace")]
        workspaces: Vec<PathBuf>,
        /// Have every text scored, loading models for it
        #[arg(long)]
        score: bool,
    },
    /// Take away what was read of workspaces that were removed
    Sweep,
    /// Print as JSON what a version of the dataset holds
    Stats {
        /// The version, by its hash or the beginning of it
        #[arg(long)]
        dataset: Option<String>,
    },
    /// Print as JSON the habits of the writer of a version
    Profile {
        /// The version, by its hash or the beginning of it
        #[arg(long)]
        dataset: Option<String>,
    },
    /// Write a version of the dataset into a file
    Export(export::ExportArgs),
    /// Show a sample to be judged, and take what is decided: JSON lines in, JSON lines out
    Review,
    /// Train adapters, and register those that came of it
    Train(train::TrainArgs),
    /// Take a source out of everything that saw it
    Forget(forget::ForgetArgs),
    /// Write an adapter as Hugging Face PEFT loads it
    AdapterPeft(adapter_peft::PeftArgs),
    /// Read what changes in the workspaces until the standard input ends
    Watch,
}

/// Does what was asked.
pub fn run(command_line: &CommandLine) -> anyhow::Result<()> {
    match &command_line.command {
        Command::Survey { folder, identities } => survey::run(folder, identities),
        Command::Follow { folders, attached } => follow::run(folders, *attached),
        Command::Build { workspaces, score } => build::run(workspaces, *score),
        Command::Sweep => build::sweep(),
        Command::Stats { dataset } => stats::run(dataset.as_deref()),
        Command::Profile { dataset } => profile::run(dataset.as_deref()),
        Command::Export(args) => export::run(args),
        Command::Review => review::run(),
        Command::Train(args) => train::run(args),
        Command::Forget(args) => forget::run(args),
        Command::AdapterPeft(args) => adapter_peft::run(args),
        Command::Watch => watch::run(),
    }
}
