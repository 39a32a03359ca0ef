//! What can be left out when a suggestion is made, so that a measurement can tell what it is worth.
//!
//! Only `inkstone bench replay --without` asks for that. Who adds a technique names it here and
//! looks for it with [`CompleteParams::uses`](crate::CompleteParams::uses) where it is applied.

use serde::{Deserialize, Serialize};

/// A way to better suggestions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Technique {
    /// The gate's score; without it the model's own probability of the first word stands for it.
    Score,
    /// Giving back the tokens of a word half typed.
    Healing,
    /// The title and the headings above the caret, before the text.
    Context,
    /// Several suggestions to choose from; without it there is one, whoever asks.
    Alternatives,
    /// Ending a suggestion by its place in the text, and fitting it to that place.
    Stops,
    /// Guesses of the next tokens by what followed the same words before: only a matter of speed.
    Drafts,
    /// What the writer's own dataset says: what followed the same words before.
    Memory,
    /// Shorter suggestions in fast typing. No measurement can leave it out or in: in a replay time
    /// is virtual, so that the keys have no pace.
    Pace,
}

impl Technique {
    /// Every technique whose worth can be measured.
    pub const ALL: [Self; 7] = [
        Self::Score,
        Self::Healing,
        Self::Context,
        Self::Alternatives,
        Self::Stops,
        Self::Drafts,
        Self::Memory,
    ];

    /// Its name on the wire and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Score => "score",
            Self::Healing => "healing",
            Self::Context => "context",
            Self::Alternatives => "alternatives",
            Self::Stops => "stops",
            Self::Drafts => "drafts",
            Self::Memory => "memory",
            Self::Pace => "pace",
        }
    }

    /// The technique of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_technique_has_one_name_in_both_directions_and_on_the_wire() {
        for technique in Technique::ALL {
            let name = technique.name();
            assert_eq!(Technique::from_name(name), Some(technique));
            assert_eq!(serde_json::to_value(technique).unwrap(), name);
        }
        assert_eq!(Technique::from_name("luck"), None);
    }
}
