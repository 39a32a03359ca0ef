//! `inkstone-trainer survey`: what would be read of a folder, before it is added.

use std::path::Path;

use inkstone_store::Identities;

use super::{Desk, answer, canonical};
use crate::options::{ReadingOptions, git_deadline};
use crate::survey::survey;

/// Prints what would be read.
pub fn run(folder: &Path, identities: &[String]) -> anyhow::Result<()> {
    let desk = Desk::of_user()?;
    let forgotten = desk.store()?.forgotten()?;
    let corpus = desk.settings.corpus;
    let reading = ReadingOptions::of(&corpus).without(forgotten);
    let deadline = git_deadline(&corpus);
    let identities = Identities::of(identities);
    answer(&survey(
        &canonical(folder)?,
        &identities,
        &reading,
        deadline,
    )?)
}
