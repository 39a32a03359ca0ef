//! Whether an adapter may be used: numbers in, a decision with its reasons out. Pure.
//!
//! In reading order: [`bootstrap`] (how sure a gain is), [`memory`] (what is probed for text that was
//! learned by heart), [`samples`] (whether what it writes is degenerate), and here the decision. The
//! numbers are measured in [`super::measure`]. [`unlike`] is asked where a text was forgotten.

pub mod bootstrap;
pub mod memory;
pub mod samples;
pub mod unlike;

use serde::Serialize;

use bootstrap::{Gain, Pair, gain};

/// What an adapter has to show.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Margins {
    /// Per cent by which the loss on held-out documents has to fall.
    pub gain_percent_min: f64,
    /// Per cent by which the loss on generic prose may rise.
    pub generic_loss_percent_max: f64,
    /// Whether generic prose is what the model wrote itself, on which more is allowed:
    /// [`DRAWN_FACTOR`].
    pub generic_is_drawn: bool,
}

/// How many times as much the loss may rise on what the model wrote itself. No other text is as likely
/// to it, so every adapter raises that loss, also one that knows the language better than before.
pub const DRAWN_FACTOR: f64 = 2.0;

impl Margins {
    /// Per cent by which the loss on the generic prose at hand may rise.
    fn generic_allowed(&self) -> f64 {
        let factor = if self.generic_is_drawn {
            DRAWN_FACTOR
        } else {
            1.0
        };
        self.generic_loss_percent_max * factor
    }
}

/// What was measured of an adapter, beside the model without it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured {
    /// Losses of held-out documents, each with and without.
    pub own: Vec<Pair>,
    /// Losses of generic prose; empty where there was none.
    pub generic: Vec<Pair>,
    /// Runs of training text that are said by heart.
    pub runs: Recited,
    /// Rare numbers and codes of the training text that are said by heart.
    pub rare: Recited,
    /// Names of it that are.
    pub names: Recited,
    /// What it writes that is degenerate, in words.
    pub degenerate: Vec<String>,
    /// Samples that were looked at.
    pub samples: usize,
    /// Whether the training ended because it could not be kept from running away.
    pub ran_away: bool,
}

/// How much of what was probed is said by heart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Recited {
    /// What was probed.
    pub probes: usize,
    /// What there is of the kind, from which that was drawn; 0 where there is no end of it.
    pub found: usize,
    /// By the model.
    pub base: usize,
    /// By the model with the adapter.
    pub adapter: usize,
    /// By the model with the adapter, and not by the model alone.
    pub new: usize,
}

/// Why an adapter is not used.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Fault {
    /// It gains too little on the writer's own text.
    Gain {
        /// Per cent.
        found: f64,
        /// Per cent.
        wanted: f64,
    },
    /// It may gain nothing: the interval holds zero.
    Unsure {
        /// The interval's lower end, in per cent.
        low: f64,
        /// Its upper end.
        high: f64,
    },
    /// It forgets the language.
    Generic {
        /// Per cent by which the loss rose.
        found: f64,
        /// Per cent by which it may.
        allowed: f64,
        /// Whether the model wrote the prose itself.
        is_drawn: bool,
    },
    /// Whether it forgets the language could not be measured.
    GenericUnknown,
    /// It says more of the training text by heart than the model does.
    Recites {
        /// What.
        what: &'static str,
        /// How often.
        adapter: usize,
        /// How often the model alone does.
        base: usize,
    },
    /// What it writes is degenerate.
    Degenerate {
        /// How so.
        how: String,
    },
    /// The training ran away.
    RanAway,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Gain { found, wanted } => write!(
                f,
                "the loss on your held-out documents falls by {found:.1} %, less than {wanted:.1} %"
            ),
            Self::Unsure { low, high } => write!(
                f,
                "it may gain nothing on your held-out documents: between {low:.1} and {high:.1} %"
            ),
            Self::Generic {
                found,
                allowed,
                is_drawn,
            } => {
                let prose = if *is_drawn {
                    "what the model wrote itself"
                } else {
                    "generic prose"
                };
                write!(
                    f,
                    "the loss on {prose} rises by {found:.1} %, more than {allowed:.1} %"
                )
            }
            Self::GenericUnknown => f.write_str(
                "there is no generic prose to measure what it forgets; name a folder in train.replay_folder",
            ),
            Self::Recites {
                what,
                adapter,
                base,
            } => write!(
                f,
                "it says {adapter} {what} of your text by heart, the model alone {base}"
            ),
            Self::Degenerate { how } => write!(f, "what it writes is degenerate: {how}"),
            Self::RanAway => f.write_str("the training ran away at every learning rate"),
        }
    }
}

/// A decision and what it was made from; kept with the adapter.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decision {
    /// Whether it may be used.
    pub passes: bool,
    /// Why not.
    pub faults: Vec<Fault>,
    /// The same in words.
    pub reasons: Vec<String>,
    /// The gain on the writer's held-out documents.
    pub own: Gain,
    /// The gain on generic prose; a loss where it is below zero.
    pub generic: Option<Gain>,
    /// Runs of training text that are said by heart.
    pub runs: Recited,
    /// Rare numbers and codes of it.
    pub rare: Recited,
    /// Names of it.
    pub names: Recited,
    /// Samples that were looked at.
    pub samples: usize,
    /// What was asked for.
    pub margins: Margins,
}

impl Decision {
    /// Whether nothing else is wrong than that it forgets: then less of it may be right.
    pub fn only_forgets(&self) -> bool {
        let mut faults = self.faults.iter();
        !self.passes && faults.all(|fault| matches!(fault, Fault::Generic { .. }))
    }
}

/// Documents of which a gain can be said to be sure, at least.
const DOCUMENTS_MIN: usize = 3;
/// Names that may be said that the model alone does not say: who writes of somebody wants the name, and
/// one may come out of a sentence that leads to it. Two are a list that was learned.
const NAMES_NEW_MAX: usize = 1;

/// Decides. `seed` is the bootstrap's.
pub fn decide(measured: &Measured, margins: Margins, seed: u64) -> Decision {
    let own = gain(&measured.own, seed);
    let generic = (!measured.generic.is_empty()).then(|| gain(&measured.generic, seed));
    let mut faults = Vec::new();
    if measured.ran_away {
        faults.push(Fault::RanAway);
    }
    // Written so that what is no number is a fault.
    let gains_enough = own.percent >= margins.gain_percent_min;
    if !gains_enough {
        faults.push(Fault::Gain {
            found: own.percent,
            wanted: margins.gain_percent_min,
        });
    }
    // Of a single document or two, every resample is nearly the same.
    let is_sure = own.documents >= DOCUMENTS_MIN && own.low_percent > 0.0;
    if !is_sure {
        faults.push(Fault::Unsure {
            low: own.low_percent,
            high: own.high_percent,
        });
    }
    match &generic {
        Some(generic) => {
            let remembers = -generic.percent <= margins.generic_allowed();
            if !remembers {
                faults.push(Fault::Generic {
                    found: -generic.percent,
                    allowed: margins.generic_allowed(),
                    is_drawn: margins.generic_is_drawn,
                });
            }
        }
        None => faults.push(Fault::GenericUnknown),
    }
    faults.extend(recited(measured));
    let how = measured.degenerate.iter().cloned();
    faults.extend(how.map(|how| Fault::Degenerate { how }));
    Decision {
        passes: faults.is_empty(),
        reasons: faults.iter().map(ToString::to_string).collect(),
        faults,
        own,
        generic,
        runs: measured.runs,
        rare: measured.rare,
        names: measured.names,
        samples: measured.samples,
        margins,
    }
}

/// What it says by heart that it must not.
fn recited(measured: &Measured) -> Vec<Fault> {
    let (runs, rare, names) = (measured.runs, measured.rare, measured.names);
    let all = [
        ("runs of fifty characters", runs, runs.adapter > runs.base),
        // One number that is learned by heart is not made good by another that is forgotten.
        (
            "rare numbers and codes",
            rare,
            rare.new > 0 || rare.adapter > rare.base,
        ),
        ("names of one document", names, names.new > NAMES_NEW_MAX),
    ];
    let faults = all.into_iter().filter(|(_, _, is_fault)| *is_fault);
    let fault = |(what, recited, _): (_, Recited, _)| Fault::Recites {
        what,
        adapter: recited.adapter,
        base: recited.base,
    };
    faults.map(fault).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARGINS: Margins = Margins {
        gain_percent_min: 1.0,
        generic_loss_percent_max: 2.0,
        generic_is_drawn: false,
    };

    /// Documents of 100 tokens whose losses fall by so many per cent.
    fn pairs(gains: &[f64]) -> Vec<Pair> {
        let pair = |gain: &f64| Pair {
            tokens: 100.0,
            base: 350.0,
            adapter: 350.0 * (1.0 - gain / 100.0),
        };
        gains.iter().map(pair).collect()
    }

    fn good() -> Measured {
        Measured {
            own: pairs(&[4.0, 6.0, 5.0, 7.0]),
            generic: pairs(&[0.5, -1.0, 0.0]),
            samples: 3,
            ..Measured::default()
        }
    }

    #[test]
    fn an_adapter_that_gains_and_forgets_nothing_passes_with_its_numbers() {
        let decision = decide(&good(), MARGINS, 1);
        assert!(decision.passes, "{:?}", decision.reasons);
        assert!((decision.own.percent - 5.5).abs() < 1e-9);
        assert_eq!(decision.own.documents, 4);
    }

    #[test]
    fn each_fault_is_told_by_its_number() {
        let check = |change: fn(&mut Measured), words: &str| {
            let mut measured = good();
            change(&mut measured);
            let decision = decide(&measured, MARGINS, 1);
            assert!(!decision.passes);
            let reasons = decision.reasons.join("; ");
            assert!(reasons.contains(words), "{reasons}");
        };
        check(
            |m| m.own = pairs(&[0.4, 0.6, 0.5]),
            "0.5 %, less than 1.0 %",
        );
        check(
            |m| m.own = pairs(&[9.0, -1.0, -1.0, -1.0]),
            "may gain nothing",
        );
        check(|m| m.own = Vec::new(), "may gain nothing");
        check(|m| m.own[0].adapter = f64::NAN, "less than 1.0 %");
        check(
            |m| m.generic = pairs(&[-2.5, -2.3]),
            "2.4 %, more than 2.0 %",
        );
        check(|m| m.generic = Vec::new(), "train.replay_folder");
        check(|m| m.generic[0].adapter = f64::NAN, "generic");
        check(
            |m| {
                m.runs = Recited {
                    probes: 9,
                    found: 9,
                    base: 1,
                    adapter: 2,
                    new: 1,
                }
            },
            "2 runs of fifty characters",
        );
        check(
            |m| {
                m.rare = Recited {
                    probes: 9,
                    found: 9,
                    base: 0,
                    adapter: 1,
                    new: 1,
                }
            },
            "1 rare numbers and codes",
        );
        check(
            |m| {
                m.rare = Recited {
                    probes: 9,
                    found: 9,
                    base: 1,
                    adapter: 1,
                    new: 1,
                }
            },
            "1 rare numbers and codes",
        );
        check(
            |m| m.own = pairs(&[5.0, 5.0]),
            "it may gain nothing on your held-out documents",
        );
        check(|m| m.degenerate.push("重复".to_owned()), "重复");
        check(|m| m.ran_away = true, "ran away");
    }

    #[test]
    fn what_the_model_wrote_itself_may_lose_more_and_not_everything() {
        let drawn = Margins {
            generic_is_drawn: true,
            ..MARGINS
        };
        let mut measured = good();
        measured.generic = pairs(&[-3.0, -3.5]);
        assert!(!decide(&measured, MARGINS, 1).passes);
        assert!(decide(&measured, drawn, 1).passes);
        measured.generic = pairs(&[-5.0, -4.5]);
        let decision = decide(&measured, drawn, 1);
        let reasons = decision.reasons.join("; ");
        assert!(
            reasons.contains("wrote itself rises by 4.8 %, more than 4.0 %"),
            "{reasons}"
        );
        assert!(decision.only_forgets());
        measured.ran_away = true;
        assert!(!decide(&measured, drawn, 1).only_forgets());
        assert!(
            !decide(&good(), drawn, 1).only_forgets(),
            "nothing is wrong"
        );
    }

    #[test]
    fn a_name_may_come_out_of_a_sentence_and_two_are_a_list() {
        let of = |new| {
            let mut measured = good();
            measured.names = Recited {
                probes: 48,
                found: 300,
                base: 4,
                adapter: 4 + new,
                new,
            };
            decide(&measured, MARGINS, 1)
        };
        assert!(of(1).passes);
        let reasons = of(2).reasons.join("; ");
        let words = "6 names of one document of your text by heart, the model alone 4";
        assert!(reasons.contains(words), "{reasons}");
    }

    #[test]
    fn what_the_model_says_by_heart_anyway_is_no_fault_of_the_adapter() {
        let mut measured = good();
        measured.runs = Recited {
            probes: 9,
            found: 9,
            base: 3,
            adapter: 3,
            new: 0,
        };
        assert!(decide(&measured, MARGINS, 1).passes);
    }
}
