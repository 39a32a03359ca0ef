//! What follows from a person's judgements: how often a rule, or a reason for leaving out, was right,
//! and when it is sure enough that a rule is not good enough.
//!
//! - [`lots`]: a fair sample of what is judged;
//! - [`wanted`]: which of what is left out is wanted back.
//!
//! Not the decisions themselves: the trainer keeps them.

pub mod lots;
pub mod wanted;

use serde::{Deserialize, Serialize};

use crate::clean::{Kind, RULES};
use crate::left_out::Reason;

/// Fewer judgements say nothing: a single wrong case would switch a rule off that is right in 79 of
/// 100, as the interval of 0 of 1 ends there.
pub const JUDGED_MIN: u32 = 5;

/// Standard deviations around the middle of a normal distribution that hold 95 % of it.
const DEVIATIONS: f64 = 1.959_963_984_540_054;

/// How the names of reasons begin among those of rules.
const REASON_PREFIX: &str = "reason:";

/// How often something was right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// Cases that were right.
    pub accepted: u32,
    /// Cases that were judged.
    pub judged: u32,
}

impl Rate {
    /// One more case.
    pub fn add(&mut self, is_accepted: bool) {
        self.accepted = self.accepted.saturating_add(u32::from(is_accepted));
        self.judged = self.judged.saturating_add(1);
    }

    /// The share of right cases in general, with 95 % confidence: Wilson's score interval, which holds
    /// for few cases and for shares near 0 and 1, where the usual one does not (E. B. Wilson,
    /// "Probable inference, the law of succession, and statistical inference", 1927). Everything is
    /// possible where nothing was judged.
    pub fn interval(self) -> (f64, f64) {
        if self.judged == 0 {
            return (0.0, 1.0);
        }
        let cases = f64::from(self.judged);
        let share = f64::from(self.accepted) / cases;
        let square = DEVIATIONS * DEVIATIONS;
        let scale = 1.0 + square / cases;
        let middle = (share + square / (2.0 * cases)) / scale;
        let spread = share * (1.0 - share) / cases + square / (4.0 * cases * cases);
        let half = DEVIATIONS * spread.sqrt() / scale;
        ((middle - half).max(0.0), (middle + half).min(1.0))
    }

    /// Whether it is sure enough to be right in fewer than so many of a hundred cases.
    pub fn is_surely_below(self, percent: u32) -> bool {
        self.judged >= JUDGED_MIN && self.interval().1 * 100.0 < f64::from(percent)
    }
}

/// How a reason is named among rules.
pub fn reason_name(reason: Reason) -> String {
    format!("{REASON_PREFIX}{}", reason.word())
}

/// Whether a rule, or a reason, was right about a text that a person wants to keep or not. None for a
/// name that is neither's, as that of a rule of an older version.
pub fn is_accepted(name: &str, keep: bool) -> Option<bool> {
    if name.starts_with(REASON_PREFIX) {
        return Some(!keep);
    }
    let rule = RULES.iter().find(|rule| rule.id.as_str() == name)?;
    Some(match rule.kind {
        Kind::Mend | Kind::Flag => keep,
        Kind::LeaveOut(_) => !keep,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(accepted: u32, judged: u32) -> Rate {
        Rate { accepted, judged }
    }

    #[test]
    fn the_interval_is_wilsons() {
        // 81 of 263 is the example of R. G. Newcombe (1998), the others are worked out by hand.
        for (accepted, judged, low, high) in [
            (0, 1, 0.0, 0.793_4),
            (1, 1, 0.206_5, 1.0),
            (5, 10, 0.236_6, 0.763_4),
            (81, 263, 0.255_3, 0.366_2),
            (0, 5, 0.0, 0.434_5),
        ] {
            let (is_low, is_high) = rate(accepted, judged).interval();
            assert!((is_low - low).abs() < 1e-4, "{accepted}/{judged}: {is_low}");
            assert!(
                (is_high - high).abs() < 1e-4,
                "{accepted}/{judged}: {is_high}"
            );
        }
        assert_eq!(rate(0, 0).interval(), (0.0, 1.0));
    }

    #[test]
    fn a_rule_falls_only_when_it_is_sure_and_never_by_a_few_cases() {
        assert!(!rate(0, 4).is_surely_below(80));
        assert!(rate(0, 5).is_surely_below(80));
        assert!(rate(2, 5).is_surely_below(80));
        assert!(!rate(3, 5).is_surely_below(80));
        assert!(!rate(79, 100).is_surely_below(80));
        assert!(rate(70, 100).is_surely_below(80));
        assert!(!rate(0, 100).is_surely_below(0));
    }

    #[test]
    fn keeping_is_right_for_what_mends_and_wrong_for_what_refuses() {
        assert_eq!(is_accepted("spaces", true), Some(true));
        assert_eq!(is_accepted("spaces", false), Some(false));
        assert_eq!(is_accepted("spam", true), Some(false));
        assert_eq!(
            is_accepted(&reason_name(Reason::LinkList), false),
            Some(true)
        );
        assert_eq!(reason_name(Reason::LinkList), "reason:link_list");
        assert_eq!(is_accepted("no_such_rule", true), None);
    }
}
