//! How sure a suggestion must be before it is shown to somebody who did not ask for it.
//!
//! Not how sure it is: the daemon scores it. A score is the probability that the first word is what
//! the writer would write, so a threshold says how many of the shown are wrong at the worst.

use inkstone_settings::Preset;

use crate::input::Trigger;

/// The lowest score that is shown; none: whatever makes sense at all. Who asks by key sees
/// everything.
pub fn score_min(trigger: Trigger, preset: Preset) -> Option<f32> {
    if trigger == Trigger::Invoked {
        return None;
    }
    match preset {
        Preset::Quiet => Some(0.55),
        Preset::Balanced => Some(0.44),
        Preset::Eager => Some(0.2),
        Preset::All => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quieter_preset_wants_more_and_a_key_wants_nothing() {
        let of = |preset| score_min(Trigger::Automatic, preset).unwrap_or(0.0);
        let presets = [Preset::All, Preset::Eager, Preset::Balanced, Preset::Quiet];
        assert!(presets.map(of).is_sorted());
        assert_eq!(score_min(Trigger::Invoked, Preset::Quiet), None);
    }
}
