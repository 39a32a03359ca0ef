//! A fair sample: of each stratum as many texts as are asked for, by lot, each text once.
//!
//! Pure: which texts there are, and which of them were decided on already, is the caller's to know.
//! Called by the trainer for the review.

use std::collections::{BTreeMap, BTreeSet};

use crate::dedup::ExactHash;
use crate::left_out::Reason;

/// How many times as many lots are held as are drawn: a text may be taken by another stratum that it
/// belongs to as well.
const SPARE_LOTS: usize = 3;

/// What tells one text of the sample from another: its words, and what became of them. A paragraph
/// that stands in a thousand files is one, and is asked about once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextId {
    /// Of the words.
    pub exact: ExactHash,
    /// Why it stays out, if it does.
    pub left_out: Option<Reason>,
}

/// The lowest lots of each stratum. A text's lot hangs on the text, the stratum and the seed alone,
/// so that they are a sample without an order of drawing; and of a text that is in several strata
/// the lots are independent, since otherwise those of one would be those of all.
#[derive(Debug)]
pub struct Lots<S, P, T> {
    seed: u64,
    per_stratum_max: usize,
    strata: BTreeMap<S, Drawable<P, T>>,
}

/// The lots of one stratum, each with the place and the value of its text.
type Drawable<P, T> = BTreeMap<(u64, TextId), (P, T)>;

impl<S: Ord + Clone, P: Ord, T> Lots<S, P, T> {
    /// For a sample of at most so many texts of each stratum.
    pub fn of(seed: u64, per_stratum_max: usize) -> Self {
        Self {
            seed,
            per_stratum_max,
            strata: BTreeMap::new(),
        }
    }

    /// Puts a text in for a stratum that is called `name`. Of two places of one text the lower one
    /// stays, whatever the order in which they come. `make` is asked only where the lot is low.
    pub fn offer(
        &mut self,
        (stratum, name): (&S, &str),
        text: TextId,
        place: P,
        make: impl FnOnce() -> T,
    ) {
        let lots_max = self.per_stratum_max.saturating_mul(SPARE_LOTS);
        let lot = (number(self.seed, name, text), text);
        let lots = self.strata.entry(stratum.clone()).or_default();
        if let Some((known, value)) = lots.get_mut(&lot) {
            if place < *known {
                (*known, *value) = (place, make());
            }
            return;
        }
        let is_low = lots.last_key_value().is_none_or(|(last, _)| lot < *last);
        if lots.len() < lots_max || is_low {
            lots.insert(lot, (place, make()));
        }
        if lots.len() > lots_max {
            lots.pop_last();
        }
    }

    /// The sample. A text of several strata is drawn for one of them: those that have fewest choose
    /// first, so that a rare rule is not judged by nothing because a frequent one took its texts.
    pub fn draw(self) -> BTreeMap<S, Vec<T>> {
        let mut by_size: Vec<_> = self.strata.into_iter().collect();
        // Stable: strata of one size stay in their order.
        by_size.sort_by_key(|(_, lots)| lots.len());
        let mut taken = BTreeSet::new();
        let drawn = by_size.into_iter().map(|(stratum, lots)| {
            let free = lots
                .into_iter()
                .filter(|((_, text), _)| !taken.contains(text));
            let chosen: Vec<_> = free.take(self.per_stratum_max).collect();
            taken.extend(chosen.iter().map(|((_, text), _)| *text));
            let chosen = chosen.into_iter().map(|(_, (_, value))| value);
            (stratum, chosen.collect::<Vec<T>>())
        });
        let drawn: BTreeMap<S, Vec<T>> = drawn.collect();
        drawn
            .into_iter()
            .filter(|(_, texts)| !texts.is_empty())
            .collect()
    }
}

/// FNV-1a and the finaliser of SplitMix64: even enough for lots.
fn number(seed: u64, stratum: &str, text: TextId) -> u64 {
    let left_out = text.left_out.map_or(0, |reason| reason as u8 + 1);
    let bytes = [
        &seed.to_le_bytes()[..],
        stratum.as_bytes(),
        &[0, left_out],
        &text.exact.0,
    ];
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in bytes.concat() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dedup::exact_hash;

    fn id(text: &str) -> TextId {
        TextId {
            exact: exact_hash(text),
            left_out: None,
        }
    }

    fn drawn(
        texts: &[(&str, &[&'static str])],
        count: usize,
    ) -> BTreeMap<&'static str, Vec<String>> {
        let mut lots = Lots::of(7, count);
        for (place, (text, strata)) in texts.iter().enumerate() {
            for stratum in *strata {
                lots.offer((stratum, stratum), id(text), place, || {
                    format!("{text} {place}")
                });
            }
        }
        lots.draw()
    }

    #[test]
    fn a_paragraph_of_a_thousand_files_is_drawn_once_from_its_first_place() {
        let mut texts = vec![("海港 again", &["spaces"][..]); 1_000];
        texts.push(("another", &["spaces"]));
        let sample = drawn(&texts, 5);
        assert_eq!(sample["spaces"].len(), 2, "{sample:?}");
        assert!(sample["spaces"].contains(&"海港 again 0".to_owned()));
        texts.reverse();
        let reversed = drawn(&texts, 5);
        assert!(reversed["spaces"].contains(&"海港 again 1".to_owned()));
    }

    #[test]
    fn a_rule_whose_texts_another_one_changed_too_is_judged_by_as_many() {
        // Every text of `rare` is one of `often` too, which comes first by name.
        let names: Vec<String> = (0..400).map(|n| format!("text {n}")).collect();
        let texts: Vec<(&str, &[&'static str])> = names
            .iter()
            .enumerate()
            .map(|(n, name)| {
                let strata: &[&str] = if n % 40 == 0 {
                    &["often", "rare"]
                } else {
                    &["often"]
                };
                (name.as_str(), strata)
            })
            .collect();
        let sample = drawn(&texts, 10);
        assert_eq!((sample["often"].len(), sample["rare"].len()), (10, 10));
        // And where all are in both, both have their share.
        let both: Vec<(&str, &[&'static str])> = names
            .iter()
            .map(|name| (name.as_str(), &["one", "two"][..]))
            .collect();
        let sample = drawn(&both, 10);
        assert_eq!((sample["one"].len(), sample["two"].len()), (10, 10));
        assert!(sample["one"].iter().all(|one| !sample["two"].contains(one)));
    }

    #[test]
    fn every_text_has_the_same_chance() {
        const TEXTS: usize = 20;
        let mut counts = [0_u32; TEXTS];
        for seed in 0..2_000 {
            let mut lots = Lots::of(seed, 5);
            for n in 0..TEXTS {
                lots.offer((&"a", "a"), id(&format!("text {n}")), n, || n);
            }
            for n in &lots.draw()["a"] {
                counts[*n] += 1;
            }
        }
        // 500 each are expected; six deviations are 116.
        assert!(
            counts.iter().all(|count| (384..616).contains(count)),
            "{counts:?}"
        );
    }
}
