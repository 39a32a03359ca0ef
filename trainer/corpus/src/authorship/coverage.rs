//! How much of a text is covered by marked shingles, and from where.

use inkstone_prose::shingle::{Width, spans};

use super::Origin;

/// What of a text is marked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Coverage {
    /// Of its letters and digits, 0 to 1.
    pub(super) share: f32,
    /// Where most of that came from.
    pub(super) origin: Origin,
}

/// None where nothing is marked, as in a text shorter than one shingle.
pub(super) fn of(text: &str, origin_of: impl Fn(u64) -> Option<Origin>) -> Option<Coverage> {
    let mut covered_until = 0;
    let mut covered_letters = [0_usize; Origin::ALL.len()];
    for span in spans(text, Width::RECOGNISE) {
        let Some(origin) = origin_of(span.hash) else {
            continue;
        };
        // Spans overlap; a letter counts for the first that holds it.
        let new = span.bytes.start.max(covered_until)..span.bytes.end;
        covered_until = span.bytes.end;
        if let Some(letters) = covered_letters.get_mut(origin as usize) {
            *letters += letters_in(&text[new]);
        }
    }
    let covered: usize = covered_letters.iter().sum();
    if covered == 0 {
        return None;
    }
    let counted = Origin::ALL.into_iter().zip(covered_letters);
    // Of equals, the first: a suggestion is the surest.
    let most = counted.rev().max_by_key(|(_, letters)| *letters);
    let (origin, _) = most?;
    Some(Coverage {
        share: covered as f32 / letters_in(text).max(1) as f32,
        origin,
    })
}

fn letters_in(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use inkstone_prose::shingle::shingles;

    fn marked(text: &str, marked: &str, origin: Origin) -> Option<Coverage> {
        let marks = shingles(marked, Width::RECOGNISE);
        of(text, |hash| marks.contains(&hash).then_some(origin))
    }

    #[test]
    fn the_share_is_of_letters_in_both_languages() {
        let own = "We left before dawn because the tide would not wait for us.";
        let taken = "The harbour was quiet, and nobody had seen the boats go out.";
        let coverage = marked(&format!("{own} {taken}"), taken, Origin::Suggested).unwrap();
        assert!((coverage.share - 0.5).abs() < 0.05, "{coverage:?}");
        assert_eq!(coverage.origin, Origin::Suggested);
        let (own, taken) = (
            "我们天不亮就出发了，因为潮水不等人。",
            "港口很安静，没有人看见船只离开码头。",
        );
        let coverage = marked(&format!("{own}{taken}"), taken, Origin::Pasted).unwrap();
        assert!((coverage.share - 0.5).abs() < 0.05, "{coverage:?}");
        assert_eq!(marked(own, taken, Origin::Pasted), None);
        assert_eq!(marked("👍🏽…", "👍🏽…", Origin::Pasted), None);
    }

    #[test]
    fn what_covers_most_names_the_reason() {
        let long = "Large language models are trained on text from many different sources.";
        let short = "It was a bright cold day in April.";
        let (of_long, of_short) = (
            shingles(long, Width::RECOGNISE),
            shingles(short, Width::RECOGNISE),
        );
        let origin_of = |hash| {
            let of_long = of_long.contains(&hash).then_some(Origin::Pasted);
            of_long.or_else(|| of_short.contains(&hash).then_some(Origin::KnownSource))
        };
        let coverage = of(&format!("{short} {long}"), origin_of).unwrap();
        assert_eq!(coverage.origin, Origin::Pasted);
        assert!(coverage.share > 0.99, "{coverage:?}");
    }
}
