//! One ceiling for what models and documents take beside the weights. Pure: what is held and what is
//! wanted in, a decision out; `residency/room.rs` acts on it.
//!
//! Held are the program itself, the vocabulary of each model in memory, and the KV cache, buffers and
//! tokenized texts of each context, with its adapters: llama.cpp copies these, while weights and what
//! the writer wrote are mapped files. While what was read of a document is kept or put back there is one
//! copy of it besides; only one at a time, so the largest counts once. Bounds from above are added, never measurements: what was granted
//! together is below the ceiling, whatever is done with it.

use std::time::Instant;

use inkstone_engine::plan::{CONTEXT_STEP_TOKENS, CONTEXT_TOKENS_MIN, ContextCost};
use inkstone_models::ModelName;
use inkstone_protocol::Released;

use super::lane::SPARE_SEQUENCES;

/// The daemon without a model: 15 MiB of program and libraries, the dictionary of Chinese words of
/// 32 MiB, and what the allocator keeps for later.
pub(super) const PROCESS_BYTES: u64 = 64 << 20;
/// Beside another model a context is not made smaller than for so many documents: before each
/// keystroke of a fifth reads its document again, the other model gives way.
const SEQUENCES_USEFUL: u32 = 4;

/// The size of a context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) tokens: u32,
    /// Of documents, the spare ones not counted.
    pub(super) sequences: u32,
}

/// What a model wants that is to get a context.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) cost: ContextCost,
    /// Of its vocabulary.
    pub(super) vocabulary_bytes: u64,
    /// The size by the settings, the model and what the machine has free.
    pub(super) size: Size,
    /// From so many tokens on a document is read as far back as the settings allow.
    pub(super) useful_tokens: u32,
    /// Tokens of a document that is kept when the context goes, at most.
    pub(super) kept_tokens: u32,
    /// Of the adapters that it begins with.
    pub(super) adapters_bytes: u64,
}

impl Wanted {
    /// What it holds with a context of that size.
    pub(super) fn holding(&self, size: Size) -> Holding {
        let sequences = size.sequences + SPARE_SEQUENCES;
        Holding {
            vocabulary_bytes: self.vocabulary_bytes,
            context_bytes: self.cost.bytes(size.tokens, sequences),
            copy_bytes: self.cost.kv_bytes_per_token * u64::from(self.kept_tokens.min(size.tokens)),
            adapters_bytes: self.adapters_bytes,
        }
    }

    /// The best size that `fits`: a document as far back as is useful for as many documents as
    /// possible, then what the ceiling leaves of one.
    fn best(&self, fits: impl Fn(Size) -> bool) -> Option<Size> {
        let useful = self.useful_tokens.min(self.size.tokens);
        let sequences = || {
            std::iter::successors(Some(self.size.sequences), |n| Some(n / 2)).take_while(|&n| n > 0)
        };
        let useful = sequences().flat_map(|n| sizes(self.size.tokens, useful, n));
        let small = sizes(self.size.tokens, CONTEXT_TOKENS_MIN, 1);
        useful.chain(small).find(|&size| fits(size))
    }

    fn is_useful(&self, size: Size) -> bool {
        size.tokens >= self.useful_tokens.min(self.size.tokens)
            && size.sequences >= SEQUENCES_USEFUL.min(self.size.sequences)
    }
}

/// Sizes from `wished` tokens down to `least`, with so many sequences.
fn sizes(wished: u32, least: u32, sequences: u32) -> impl Iterator<Item = Size> {
    let smaller = |tokens: &u32| {
        let tokens = tokens.saturating_sub(1) / CONTEXT_STEP_TOKENS * CONTEXT_STEP_TOKENS;
        (tokens > 0).then_some(tokens)
    };
    std::iter::successors(Some(wished), smaller)
        .take_while(move |&tokens| tokens >= least.min(wished))
        .map(move |tokens| Size { tokens, sequences })
}

/// What a model holds, or may hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_field_names)] // Reason: each says its unit.
pub(super) struct Holding {
    /// As long as its weights are in memory.
    pub(super) vocabulary_bytes: u64,
    /// As long as it has a context.
    pub(super) context_bytes: u64,
    /// While a document of it is kept or put back.
    pub(super) copy_bytes: u64,
    /// As long as it has a context.
    pub(super) adapters_bytes: u64,
}

impl Holding {
    /// What is left when the context is given back.
    pub(super) fn without_context(self) -> Self {
        Self {
            context_bytes: 0,
            copy_bytes: 0,
            adapters_bytes: 0,
            ..self
        }
    }
}

/// A model in memory, or on its way there.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) name: ModelName,
    pub(super) holding: Holding,
    /// None while it is being loaded.
    pub(super) used_at: Option<Instant>,
    /// It has requests, or is being loaded: nothing can be taken from it.
    pub(super) is_busy: bool,
    /// It waits for room as well, and so gives none back by itself.
    pub(super) waits: bool,
}

/// What is to be done about a wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Room {
    /// There is room for a context of this size.
    For(Size),
    /// First this model must give something back; then ask again.
    After(ModelName, Released),
    /// Others hold it and are at work: ask again when they are not.
    Later,
    /// The ceiling is lower than what the smallest context takes.
    Never {
        /// What that takes.
        needed_bytes: u64,
    },
}

/// What the daemon holds at the most, with all of these.
pub(super) fn total(holdings: impl IntoIterator<Item = Holding>) -> u64 {
    let (mut bytes, mut copy_bytes) = (PROCESS_BYTES, 0);
    for holding in holdings {
        bytes = bytes
            .saturating_add(holding.vocabulary_bytes)
            .saturating_add(holding.context_bytes)
            .saturating_add(holding.adapters_bytes);
        copy_bytes = holding.copy_bytes.max(copy_bytes);
    }
    bytes.saturating_add(copy_bytes)
}

/// Decides on a wish.
///
/// Others are sent away only when what is left for this one is too small to be useful, and then the
/// one that was used least recently first: two languages in one text stay side by side as long as
/// both fit.
pub(super) fn room(wanted: &Wanted, others: &[Held], ceiling_bytes: u64) -> Room {
    let fitting = wanted.best(|size| {
        let held = others.iter().map(|other| other.holding);
        total(held.chain([wanted.holding(size)])) <= ceiling_bytes
    });
    if let Some(size) = fitting.filter(|&size| wanted.is_useful(size)) {
        return Room::For(size);
    }
    let least_recent = |has_context: bool| {
        let idle = others.iter().filter(|other| !other.is_busy);
        idle.filter(|other| (other.holding.context_bytes > 0) == has_context)
            .min_by_key(|other| other.used_at)
            .map(|other| other.name.clone())
    };
    if let Some(name) = least_recent(true) {
        return Room::After(name, Released::Context);
    }
    if let Some(name) = least_recent(false) {
        return Room::After(name, Released::Weights);
    }
    if others.iter().any(|other| !other.waits) {
        return Room::Later;
    }
    if let Some(size) = fitting {
        return Room::For(size);
    }
    let smallest = Size {
        tokens: CONTEXT_TOKENS_MIN.min(wanted.size.tokens),
        sequences: 1,
    };
    let waiting = others.iter().map(|other| other.holding);
    Room::Never {
        needed_bytes: total(waiting.chain([wanted.holding(smallest)])),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const MIB: u64 = 1 << 20;

    /// A MiB for every 64 tokens and for each of the 16 sequences and four more, and 18 MiB: 102 MiB
    /// for 4,096 tokens, 12 MiB less with four documents. With a vocabulary of 10 MiB.
    fn wanted() -> Wanted {
        Wanted {
            cost: ContextCost {
                kv_bytes_per_token: 16 * 1024,
                other_bytes_per_token: 0,
                bytes_per_sequence: MIB,
                fixed_bytes: 18 * MIB,
            },
            vocabulary_bytes: 10 * MIB,
            size: size(4_096, 16),
            useful_tokens: 2_048,
            kept_tokens: 0,
            adapters_bytes: 0,
        }
    }

    fn size(tokens: u32, sequences: u32) -> Size {
        Size { tokens, sequences }
    }

    fn other(name: &str, context_mib: u64, age_s: u64, is_busy: bool) -> Held {
        Held {
            name: name.parse().unwrap(),
            holding: Holding {
                vocabulary_bytes: 5 * MIB,
                context_bytes: context_mib * MIB,
                copy_bytes: 0,
                adapters_bytes: 0,
            },
            used_at: Instant::now().checked_sub(Duration::from_secs(age_s)),
            is_busy,
            waits: false,
        }
    }

    /// `ceiling_mib` is what is left beside the program.
    fn check(others: &[Held], ceiling_mib: u64, expected: &Room) {
        let decided = room(&wanted(), others, PROCESS_BYTES + ceiling_mib * MIB);
        assert_eq!(&decided, expected, "{others:?} under {ceiling_mib} MiB");
    }

    #[test]
    fn both_models_stay_when_they_fit() {
        let others = [other("en", 75, 5, false)];
        check(&others, 80 + 112, &Room::For(size(4_096, 16)));
    }

    #[test]
    fn beside_another_a_smaller_context_is_taken_as_long_as_it_is_useful() {
        let others = [other("en", 75, 5, true)];
        check(&others, 80 + 111, &Room::For(size(3_840, 16)));
        check(&others, 80 + 80, &Room::For(size(2_048, 16)));
        check(&others, 80 + 79, &Room::For(size(2_304, 8)));
        check(&others, 80 + 68, &Room::For(size(2_048, 4)));
        check(&others, 80 + 67, &Room::Later);
    }

    #[test]
    fn the_least_recently_used_gives_its_context_back_first_and_one_at_work_never() {
        let at_work = other("at-work", 35, 90, true);
        let contexts = [
            at_work.clone(),
            other("old", 35, 60, false),
            other("new", 35, 5, false),
            other("resting", 0, 99, false),
        ];
        let old = Room::After("old".parse().unwrap(), Released::Context);
        check(&contexts, 125 + 67, &old);
        let resting = [at_work.clone(), other("resting", 0, 99, false)];
        let weights = Room::After("resting".parse().unwrap(), Released::Weights);
        check(&resting, 45 + 67, &weights);
        check(&[at_work], 40 + 67, &Room::Later);
    }

    #[test]
    fn of_the_copies_only_the_largest_counts() {
        let keeping = Wanted {
            kept_tokens: 1_024,
            ..wanted()
        };
        let holding = keeping.holding(size(4_096, 16));
        assert_eq!(holding.copy_bytes, 16 * MIB);
        let smaller = Holding {
            copy_bytes: MIB,
            ..Holding::default()
        };
        let both = total([holding, smaller]);
        assert_eq!(both, PROCESS_BYTES + (112 + 16) * MIB);
    }

    #[test]
    fn adapters_take_room_from_the_context_and_go_with_it() {
        let wearing = Wanted {
            adapters_bytes: 12 * MIB,
            ..wanted()
        };
        let ceiling = PROCESS_BYTES + 112 * MIB;
        assert_eq!(room(&wanted(), &[], ceiling), Room::For(size(4_096, 16)));
        let smaller = room(&wearing, &[], ceiling);
        assert_eq!(smaller, Room::For(size(3_328, 16)));
        let holding = wearing.holding(size(4_096, 16));
        assert_eq!(total([holding]), PROCESS_BYTES + 124 * MIB);
        let resting = total([holding.without_context()]);
        assert_eq!(resting, PROCESS_BYTES + 10 * MIB);
    }

    #[test]
    fn two_that_wait_for_each_other_do_not_wait_for_ever() {
        let waiting = [Held {
            used_at: None,
            waits: true,
            ..other("zh", 0, 0, true)
        }];
        check(&waiting, 5 + 67, &Room::For(size(2_048, 2)));
        let needed_bytes = PROCESS_BYTES + 46 * MIB;
        check(&waiting, 45, &Room::Never { needed_bytes });
    }

    #[test]
    fn alone_it_takes_what_the_ceiling_leaves_and_says_when_that_is_nothing() {
        check(&[], 112, &Room::For(size(4_096, 16)));
        check(&[], 66, &Room::For(size(2_048, 2)));
        check(&[], 64, &Room::For(size(1_792, 1)));
        check(&[], 41, &Room::For(size(512, 1)));
        let needed_bytes = PROCESS_BYTES + 41 * MIB;
        check(&[], 40, &Room::Never { needed_bytes });
    }

    #[test]
    fn a_context_smaller_than_what_is_useful_by_its_settings_is_not_made_larger() {
        let small = Wanted {
            size: size(300, 1),
            ..wanted()
        };
        let ceiling = PROCESS_BYTES + 200 * MIB;
        assert_eq!(room(&small, &[], ceiling), Room::For(size(300, 1)));
    }
}
