//! What feedback has taught, from the file that the language servers keep, for the commands that tell
//! of it. What it means is in `inkstone-policy`.

use std::fs::File;
use std::io::Read as _;

use inkstone_policy::{Learned, Trigger, score_min};

use crate::{CommandError, Environment};

/// Ours has under 1 KiB.
const FILE_BYTES_MAX: u64 = 16 * 1024;

/// What was learned; nothing when there is no file, or none that is ours to read.
pub(super) fn read(env: &Environment) -> Result<Learned, CommandError> {
    let Ok(file) = File::open(env.directories()?.learned_file()) else {
        return Ok(Learned::default());
    };
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(Learned::from_json(&String::from_utf8_lossy(&bytes)))
}

/// The threshold of the user's preset, before feedback moves it; none where there is none.
pub(super) fn preset_threshold(env: &Environment) -> Result<Option<f32>, CommandError> {
    let preset = env.settings()?.settings.completion.preset;
    Ok(score_min(Trigger::Automatic, preset))
}

/// Why the user's threshold is not the preset's, for each language in which it is not.
pub(super) fn explanations(env: &Environment) -> Result<Vec<String>, CommandError> {
    let is_on = env.settings()?.settings.completion.learn_threshold;
    let preset = preset_threshold(env)?.filter(|_| is_on);
    let learned = read(env)?;
    Ok(preset.map_or_else(Vec::new, |preset| learned.explanations(preset)))
}
