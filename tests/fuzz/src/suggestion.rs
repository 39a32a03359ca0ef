//! Anything a model may write, through stopper and verdict: what is offered can be inserted.

use inkstone_pipeline::{Decision, Place, StopRule, Stopper, Surroundings, Verdict, judge};
use inkstone_prose::language_around;

/// Three parts divided by zero bytes: before the caret, after it, and what the model writes; the
/// first byte chooses the rule and the length of the pieces.
///
/// # Panics
/// When a promise is broken.
pub fn run(bytes: &[u8]) {
    let Some((&choice, payload)) = bytes.split_first() else { return };
    let mut parts = payload.splitn(3, |byte| *byte == 0).map(String::from_utf8_lossy);
    let (Some(prefix), Some(suffix), Some(written)) = (parts.next(), parts.next(), parts.next()) else { return };
    let rules = [StopRule::Word, StopRule::Phrase, StopRule::Line, StopRule::Sentence, StopRule::Paragraph];
    let rule = rules[usize::from(choice) % rules.len()];
    let places = [Place::Prose, Place::Heading, Place::ListItem, Place::Table];
    let place = places[usize::from(choice) / 64];
    let mut stopper = Stopper::new(rule, &prefix).within(place, &prefix);
    let characters: Vec<char> = written.chars().collect();
    for piece in characters.chunks(usize::from(choice / 5 % 7) + 1) {
        if stopper.push(&piece.iter().collect::<String>()) != Decision::Continue {
            break;
        }
    }
    assert!(written.starts_with(stopper.text()), "only what was written is kept");
    let held_back = &prefix[prefix.trim_end_matches([' ', '\t']).len()..];
    let around = Surroundings { prefix: &prefix, suffix: &suffix, held_back, place: Some(place) };
    let language = language_around(&prefix, &suffix);
    if let Verdict::Offer(text) = judge(stopper.written(), &around, language) {
        assert!(!text.trim().is_empty() && !text.contains('\u{FFFD}'));
    }
}
