//! Which adapter computes the next batch: adapters hold for a whole one, so requests that wear others
//! wait for their turn.
//!
//! Going to and fro at every token would be fair, and each change makes llama.cpp plan its work anew;
//! so a turn lasts for about a suggestion, or one piece of a long prompt.

use crate::request::Adapter;
use crate::scheduler::Scheduler;

/// A turn ends after so many computed tokens, where somebody waits: one full batch, or the tokens of
/// a suggestion with what each batch costs besides.
const TURN_TOKENS_MAX: usize = 64;
/// What a batch costs besides its tokens, in tokens.
const BATCH_COST_TOKENS: usize = 3;

/// Whose turn it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turn {
    adapter: Adapter,
    /// What this turn has cost so far, in tokens.
    cost: usize,
    /// Those that had a turn while others waited, the latest last.
    served: Vec<Adapter>,
}

impl Turn {
    /// Whose turn it is.
    pub(crate) fn adapter(&self) -> Adapter {
        self.adapter
    }

    /// A batch of so many tokens was composed.
    pub(crate) fn took(&mut self, tokens: usize) {
        self.cost += tokens + BATCH_COST_TOKENS;
    }

    /// Whose turn it is next: `wanted` are the adapters of requests that have something to compute, in
    /// order of arrival. The one whose turn it is keeps it until it is used up; then comes the one that
    /// has waited for longest.
    fn next(&mut self, wanted: &[Adapter]) -> Adapter {
        let goes_on = wanted.contains(&self.adapter);
        let others_wait = wanted.iter().any(|adapter| *adapter != self.adapter);
        if !others_wait || (goes_on && self.cost < TURN_TOKENS_MAX) {
            if !others_wait {
                self.cost = 0;
            }
            return self.adapter;
        }
        self.served.retain(|adapter| wanted.contains(adapter));
        let last_turn = |adapter: &Adapter| self.served.iter().position(|served| served == adapter);
        let waiting = wanted.iter().filter(|adapter| **adapter != self.adapter);
        // Of those that never had one the first to come: `min_by_key` keeps the first of equals.
        let next = waiting.min_by_key(|adapter| last_turn(adapter));
        let next = next.copied().unwrap_or(self.adapter);
        self.served.retain(|adapter| *adapter != next);
        if goes_on && !self.served.contains(&self.adapter) {
            self.served.push(self.adapter);
        }
        self.served.push(next);
        self.adapter = next;
        self.cost = 0;
        next
    }
}

impl<T: Copy + Eq> Scheduler<T> {
    /// The adapter of the next batch.
    pub(crate) fn next_adapter(&mut self) -> Adapter {
        let mut wanted: Vec<_> = (0..self.running.len())
            .filter(|&index| self.pending(index) > 0)
            .map(|index| {
                (
                    self.running[index].request.key,
                    self.running[index].request.adapter,
                )
            })
            .collect();
        wanted.sort_unstable();
        let wanted: Vec<Adapter> = wanted.into_iter().map(|(_, adapter)| adapter).collect();
        self.turn.next(&wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Adapter = Adapter(1);
    const B: Adapter = Adapter(2);
    const C: Adapter = Adapter(3);

    /// Whose turns they are while all of `wanted` always have as many tokens to compute.
    fn turns(wanted: &[Adapter], tokens: usize, batches: usize) -> Vec<Adapter> {
        let mut turn = Turn::default();
        let turns = (0..batches).map(|_| {
            let next = turn.next(wanted);
            turn.took(tokens);
            next
        });
        turns.collect()
    }

    #[test]
    fn one_adapter_alone_keeps_its_turn() {
        assert_eq!(turns(&[A, A], 64, 5), [A; 5]);
        assert_eq!(turns(&[], 0, 2), [Adapter::NONE; 2]);
    }

    #[test]
    fn long_prompts_of_several_adapters_go_in_turns() {
        assert_eq!(turns(&[A, B, C], 64, 7), [A, B, C, A, B, C, A]);
    }

    #[test]
    fn a_suggestion_is_written_in_one_turn() {
        let turns = turns(&[B, A], 1, 64);
        let first = turns.iter().take_while(|turn| **turn == B).count();
        assert_eq!((first, turns[first]), (16, A));
        assert_eq!(turns.iter().filter(|turn| **turn == A).count(), 32);
    }

    #[test]
    fn who_has_had_a_full_batch_gives_way_to_who_comes_and_not_for_long() {
        let mut turn = Turn::default();
        for _ in 0..100 {
            assert_eq!(turn.next(&[A]), A);
            turn.took(64);
        }
        assert_eq!(turn.next(&[A, B]), B);
        turn.took(64);
        assert_eq!(turn.next(&[A, B]), A);
    }

    #[test]
    fn who_has_nothing_to_compute_gives_way_at_once() {
        let mut turn = Turn::default();
        assert_eq!(turn.next(&[A, B]), A);
        turn.took(1);
        assert_eq!(turn.next(&[B]), B);
    }
}
