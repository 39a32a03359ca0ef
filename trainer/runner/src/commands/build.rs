//! `inkstone-trainer build`: reads what changed and publishes a version of the dataset.

use std::path::PathBuf;

use serde::Serialize;

use super::{ALONE_WAIT, Desk, answer, canonical, now_ms, stats};
use crate::build::{Built, build};
use crate::single::OneTrainer;

/// What the command line gets.
#[derive(Debug, Serialize)]
struct Answer {
    #[serde(flatten)]
    built: Built,
    #[serde(flatten)]
    version: stats::Answer,
}

/// Builds; with folders, only these are looked at anew.
pub fn run(only: &[PathBuf]) -> anyhow::Result<()> {
    let desk = Desk::of_user()?;
    let mut store = desk.store()?;
    let _alone = OneTrainer::become_it_within(&desk.directories, ALONE_WAIT)?;
    let only = only.iter().map(|folder| canonical(folder));
    let only = only.collect::<anyhow::Result<Vec<PathBuf>>>()?;
    let built = build(&mut store, &desk.settings.corpus, &only, now_ms())?;
    let version = stats::of(&desk, &mut store, None)?;
    answer(&Answer { built, version })
}

/// Takes away what was read of folders that were removed.
pub fn sweep() -> anyhow::Result<()> {
    let desk = Desk::of_user()?;
    let mut store = desk.store()?;
    let _alone = OneTrainer::become_it_within(&desk.directories, ALONE_WAIT)?;
    Ok(crate::build::sweep(&mut store)?)
}
