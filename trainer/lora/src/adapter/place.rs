//! Which linear map of which block, by the names that GGUF and PEFT give them.

/// The linear maps of a block that can have an adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// From the model's width to queries.
    Query,
    /// To keys.
    Key,
    /// To values.
    Value,
    /// From what attention gathered back to the model's width.
    Output,
    /// To the half of the feed-forward layer that is bent.
    Gate,
    /// To its other half.
    Up,
    /// And back to the model's width.
    Down,
}

impl Target {
    /// All of them, in the order of their use.
    pub const ALL: [Self; 7] = [
        Self::Query,
        Self::Key,
        Self::Value,
        Self::Output,
        Self::Gate,
        Self::Up,
        Self::Down,
    ];

    /// Its name in a GGUF, after `blk.N.`.
    pub fn gguf_name(self) -> &'static str {
        match self {
            Self::Query => "attn_q",
            Self::Key => "attn_k",
            Self::Value => "attn_v",
            Self::Output => "attn_output",
            Self::Gate => "ffn_gate",
            Self::Up => "ffn_up",
            Self::Down => "ffn_down",
        }
    }

    /// Its module in Transformers, as PEFT's `target_modules` has it.
    pub fn peft_name(self) -> &'static str {
        match self {
            Self::Query => "q_proj",
            Self::Key => "k_proj",
            Self::Value => "v_proj",
            Self::Output => "o_proj",
            Self::Gate => "gate_proj",
            Self::Up => "up_proj",
            Self::Down => "down_proj",
        }
    }

    /// The module that it belongs to there.
    pub(crate) fn peft_parent(self) -> &'static str {
        match self {
            Self::Query | Self::Key | Self::Value | Self::Output => "self_attn",
            Self::Gate | Self::Up | Self::Down => "mlp",
        }
    }
}

/// One linear map of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The block, from 0.
    pub block: usize,
    /// The map in it.
    pub target: Target,
}

impl Place {
    /// The name of its weights in a GGUF.
    pub fn tensor_name(self) -> String {
        format!("blk.{}.{}.weight", self.block, self.target.gguf_name())
    }

    /// A number of its own, for seeds.
    pub(crate) fn number(self) -> u64 {
        self.block as u64 * Target::ALL.len() as u64 + self.target as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_each_ones_own() {
        let places = (0..3).flat_map(|block| Target::ALL.map(|target| Place { block, target }));
        let mut numbers: Vec<u64> = places.map(Place::number).collect();
        assert!(numbers.is_sorted());
        numbers.dedup();
        assert_eq!(numbers.len(), 21);
        let place = Place {
            block: 12,
            target: Target::Output,
        };
        assert_eq!(place.tensor_name(), "blk.12.attn_output.weight");
    }
}
