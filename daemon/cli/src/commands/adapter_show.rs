//! `inkstone adapter show`: lineage, configuration and every number that the gate saw; with `--plot` how
//! its training went, as a picture.

use std::path::{Path, PathBuf};

use inkstone_platform::private;

use super::adapter;
use super::adapter_list::listing;
use super::adapter_plot::{Curve, Picture};
use super::adapter_table::Shown;
use crate::{CommandError, Environment, ExitStatus};

/// Arguments of `adapter show`.
#[derive(Debug, clap::Args)]
pub(crate) struct AdapterShowArgs {
    /// An adapter's name
    name: String,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
    /// Draw how its training went into this file (NAME.svg where none is named)
    #[arg(long, value_name = "FILE.svg", num_args = 0..=1, conflicts_with = "json")]
    #[allow(clippy::option_option, reason = "the flag may stand without a file")]
    plot: Option<Option<PathBuf>>,
}

pub(crate) fn run(args: &AdapterShowArgs, env: &Environment) -> Result<ExitStatus, CommandError> {
    let listing = listing(env)?;
    let Some(shown) = listing.find(&args.name) else {
        return adapter::named(&adapter::store(env)?, &args.name).map(|_| ExitStatus::Done);
    };
    match &args.plot {
        Some(file) => {
            let file = file.clone();
            let file = file.unwrap_or_else(|| PathBuf::from(format!("{}.svg", shown.name)));
            plot(shown, &file, env)?;
        }
        None if args.json => env.print_json(shown)?,
        None => env.print(&shown.text())?,
    }
    Ok(ExitStatus::Done)
}

fn plot(shown: &Shown, file: &Path, env: &Environment) -> Result<(), CommandError> {
    let curve = shown.curve().cloned().map(serde_json::from_value::<Curve>);
    let Some(Ok(curve)) = curve else {
        let message = format!(
            "how {} was trained is not known step by step: it was made elsewhere, or by an older build; train again, then plot that one",
            shown.name
        );
        return Err(CommandError::new(ExitStatus::Found, message));
    };
    let picture = Picture {
        title: &shown.name,
        curve: &curve,
        best_step: shown.fact("best_step"),
    };
    let cannot = |error: std::io::Error| {
        CommandError::usage(format!("cannot write `{}`: {error}", file.display()))
    };
    private::replace(file, picture.svg().as_bytes()).map_err(cannot)?;
    env.print(&format!("{}\n", file.display()))
}
