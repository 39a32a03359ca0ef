//! How many suggestions were shown and how many of them right, and when that is less than before. Pure.

use serde::{Deserialize, Serialize};

/// Suggestions that count, about: each newer one takes this part from the weight of the others.
const SHOWS_REMEMBERED: f64 = 300.0;
/// Fewer say more about one text than about what was worn.
const SHOWS_MIN: f64 = 100.0;
/// It is looked at after every suggestion, so a difference that chance alone makes in one of a few
/// hundred looks would come about sooner or later.
const DEVIATIONS_MIN: f64 = 3.5;
/// A writer does not notice less.
const DROP_MIN: f64 = 0.05;

/// What was shown with one adapter, or none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Tally {
    shown: f64,
    right: f64,
}

impl Tally {
    /// Takes one more into account.
    pub(super) fn note(&mut self, is_right: bool) {
        let kept = (SHOWS_REMEMBERED - 1.0) / SHOWS_REMEMBERED;
        if self.shown >= SHOWS_REMEMBERED {
            self.shown *= kept;
            self.right *= kept;
        }
        self.shown += 1.0;
        self.right += f64::from(u8::from(is_right));
    }

    /// Whether it can have come about by counting.
    pub(super) fn is_sound(&self) -> bool {
        self.right >= 0.0 && self.right <= self.shown && self.shown <= SHOWS_REMEMBERED + 1.0
    }

    pub(super) fn shown(&self) -> f64 {
        self.shown
    }

    /// Shown and right, about.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Reason: small and positive.
    pub(super) fn rounded(&self) -> (u32, u32) {
        (self.shown.round() as u32, self.right.round() as u32)
    }

    /// Whether it is enough to be compared.
    pub(super) fn is_enough(&self) -> bool {
        self.shown >= SHOWS_MIN
    }

    /// In how many cases less was right than before, if that is beyond chance and worth an act.
    pub(super) fn falls_short_of(&self, before: &Self) -> Option<String> {
        if !self.is_enough() || !before.is_enough() {
            return None;
        }
        let (now_rate, before_rate) = (self.right / self.shown, before.right / before.shown);
        let rate = (self.right + before.right) / (self.shown + before.shown);
        let variance = rate * (1.0 - rate) * (1.0 / self.shown + 1.0 / before.shown);
        let drop = before_rate - now_rate;
        let is_beyond_chance = drop > DEVIATIONS_MIN * variance.sqrt();
        (drop >= DROP_MIN && is_beyond_chance).then(|| {
            let (shown, _) = self.rounded();
            let [now, was] = [now_rate, before_rate].map(|rate| (rate * 100.0).round());
            format!("{now} % of the time ({shown} shown), {was} %")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(shown: f64, right: f64) -> Tally {
        Tally { shown, right }
    }

    #[test]
    fn a_clear_drop_counts_and_a_small_a_chance_or_a_young_one_does_not() {
        let before = tally(300.0, 180.0);
        let why = tally(200.0, 80.0).falls_short_of(&before);
        assert_eq!(why.as_deref(), Some("40 % of the time (200 shown), 60 %"));
        assert_eq!(
            tally(120.0, 66.0).falls_short_of(&before),
            None,
            "by chance"
        );
        assert_eq!(tally(99.0, 0.0).falls_short_of(&before), None, "young");
        assert_eq!(
            tally(300.0, 0.0).falls_short_of(&tally(50.0, 50.0)),
            None,
            "nothing before"
        );
        assert_eq!(tally(300.0, 200.0).falls_short_of(&before), None, "better");
        let none = tally(300.0, 0.0);
        assert_eq!(none.falls_short_of(&none), None);
    }

    #[test]
    fn a_hundred_comparisons_of_equals_take_nothing_back() {
        let mut seed = 7_u64;
        let mut draw = || {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % 100 < 55
        };
        let mut taken_back = 0;
        for _ in 0..100 {
            let (mut now, mut before) = (Tally::default(), Tally::default());
            for _ in 0..200 {
                now.note(draw());
                before.note(draw());
            }
            taken_back += u32::from(now.falls_short_of(&before).is_some());
        }
        assert!(taken_back <= 2, "{taken_back}");
    }

    #[test]
    fn what_was_long_ago_weighs_less() {
        let mut tally = Tally::default();
        for _ in 0..1_000 {
            tally.note(true);
        }
        for _ in 0..600 {
            tally.note(false);
        }
        assert!(tally.is_sound());
        assert!(tally.right / tally.shown < 0.2, "{tally:?}");
    }
}
