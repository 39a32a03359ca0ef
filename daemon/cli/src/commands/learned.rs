//! What feedback has taught, from the file that the language servers keep, for the commands that tell
//! of it. What it means is in `inkstone-policy`.

use std::fs::File;
use std::io::Read as _;

use inkstone_policy::{Learned, Trigger, score_min};
use inkstone_settings::Completion;

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

/// The threshold that feedback moves: that of the user's preset; none where there is none, and where
/// it is not to be moved.
pub(super) fn movable_threshold(completion: &Completion) -> Option<f32> {
    score_min(Trigger::Automatic, completion.preset).filter(|_| completion.learn_threshold)
}

/// Why the user's threshold is not the preset's, for each language in which it is not.
pub(super) fn explanations(env: &Environment) -> Result<Vec<String>, CommandError> {
    let preset = movable_threshold(&env.settings()?.settings.completion);
    let learned = read(env)?;
    Ok(preset.map_or_else(Vec::new, |preset| learned.explanations(preset)))
}
