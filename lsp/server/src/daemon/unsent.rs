//! What the daemon is to remember and has not taken yet: bounded, in order, in batches.
//!
//! Plain state; sending is the link's.

use std::collections::VecDeque;

use inkstone_protocol::{INSERTED_SHINGLES_MAX, InsertedOrigin};

/// Shingles kept while the daemon is away: half a megabyte, a novel's worth. The oldest go first.
const UNSENT_SHINGLES_MAX: usize = 1 << 16;

/// Shingles of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) origin: InsertedOrigin,
    pub(crate) shingles: Vec<u64>,
}

/// Batches that wait, the oldest first; none is empty or longer than a message.
#[derive(Debug, Default)]
pub(crate) struct Unsent(VecDeque<Batch>);

impl Unsent {
    /// Adds the shingles of a text.
    pub(crate) fn push(&mut self, origin: InsertedOrigin, shingles: Vec<u64>) {
        let mut rest = shingles.as_slice();
        // What waits anyway goes out with the one before it.
        if let Some(last) = self.0.back_mut()
            && last.origin == origin
        {
            let room = INSERTED_SHINGLES_MAX - last.shingles.len();
            let (now, later) = rest.split_at(room.min(rest.len()));
            last.shingles.extend_from_slice(now);
            rest = later;
        }
        self.0.extend(rest.chunks(INSERTED_SHINGLES_MAX).map(|part| Batch {
            origin,
            shingles: part.to_vec(),
        }));
        self.forget_surplus();
    }

    /// The next batch, no longer kept here.
    pub(crate) fn take(&mut self) -> Option<Batch> {
        self.0.pop_front()
    }

    /// Takes back a batch that did not arrive.
    pub(crate) fn give_back(&mut self, batch: Batch) {
        self.0.push_front(batch);
        self.forget_surplus();
    }

    fn forget_surplus(&mut self) {
        let shingles = |batches: &VecDeque<Batch>| -> usize {
            batches.iter().map(|batch| batch.shingles.len()).sum()
        };
        while shingles(&self.0) > UNSENT_SHINGLES_MAX {
            self.0.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUGGESTED: InsertedOrigin = InsertedOrigin::Suggested;

    #[test]
    fn small_texts_share_a_message_and_long_ones_take_several() {
        let mut unsent = Unsent::default();
        unsent.push(SUGGESTED, vec![1, 2]);
        unsent.push(SUGGESTED, vec![3]);
        unsent.push(InsertedOrigin::Pasted, (0..5_000).collect());
        let first = unsent.take().expect("a batch");
        assert_eq!(first.shingles, [1, 2, 3]);
        let lengths: Vec<usize> =
            std::iter::from_fn(|| unsent.take().map(|batch| batch.shingles.len())).collect();
        assert_eq!(lengths, [INSERTED_SHINGLES_MAX, 5_000 - INSERTED_SHINGLES_MAX]);
    }

    #[test]
    fn what_did_not_arrive_comes_first_again_and_the_oldest_go_when_full() {
        let mut unsent = Unsent::default();
        unsent.push(SUGGESTED, vec![1]);
        let lost = unsent.take().expect("a batch");
        unsent.push(InsertedOrigin::Pasted, vec![2]);
        unsent.give_back(lost.clone());
        assert_eq!(unsent.take(), Some(lost.clone()));
        unsent.give_back(lost);
        unsent.push(SUGGESTED, vec![7; UNSENT_SHINGLES_MAX]);
        let left: usize = std::iter::from_fn(|| unsent.take())
            .map(|batch| batch.shingles.len())
            .sum();
        assert!(left <= UNSENT_SHINGLES_MAX && left > UNSENT_SHINGLES_MAX - 3);
    }
}
