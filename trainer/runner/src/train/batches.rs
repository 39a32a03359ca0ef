//! What each step of a training sees: a pure function of the step and the seed, so that one that was
//! killed goes on as if it had not been.
//!
//! Each time through, all passages come in another order, mixed with generic prose up to its share,
//! and are put together to as many tokens as a step has. The writer's are learned; of the generic ones
//! the model's own distribution is kept, since learning the few there are by heart is forgetting too.

use inkstone_lora::Packed;

use super::chance::Chance;
use super::passages::{Passage, tokens_of};

/// What the numbers of an order are for.
const ORDER: u64 = 1;
/// Of what is drawn of the generic prose.
const DRAW: u64 = 2;
/// Of how both are mixed.
const MIX: u64 = 3;

/// All passages, and how they are put together.
#[derive(Debug)]
pub struct Mixture {
    own: Vec<Passage>,
    generic: Vec<Passage>,
    measures: BatchMeasures,
}

/// A passage in a step.
#[derive(Debug, Clone, Copy)]
struct Drawn<'a> {
    passage: &'a Passage,
    /// It is not to be learned, but to be found as likely as before.
    is_generic: bool,
}

/// How large steps are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchMeasures {
    /// Tokens of a step at most, unless one passage has more.
    pub step_tokens_max: usize,
    /// Tokens that go through the model at once at most, unless one passage has more.
    pub pass_tokens_max: usize,
    /// Per cent of the tokens that are generic prose, below 100.
    pub replay_percent: u32,
}

impl Mixture {
    /// Of passages of the writer's and of generic ones; there must be some of the former.
    pub fn new(own: Vec<Passage>, generic: Vec<Passage>, measures: BatchMeasures) -> Self {
        Self {
            own,
            generic,
            measures,
        }
    }

    /// Steps that one time through takes, by the first.
    pub fn steps_of_epoch(&self, seed: u64) -> u64 {
        self.epoch(seed, 0).len() as u64
    }

    /// What goes through the model in a step, one pass after the other.
    pub fn of_step(&self, step: u64, seed: u64) -> Vec<Packed> {
        let mut passes = vec![Packed::new()];
        for Drawn {
            passage,
            is_generic,
        } in self.passages(step, seed)
        {
            let last = passes.len() - 1;
            let held = passes[last].tokens().len();
            let room = self.measures.pass_tokens_max.saturating_sub(held);
            if held > 0 && passage.tokens.len() > room {
                passes.push(Packed::new());
            }
            let last = passes.len() - 1;
            if is_generic {
                passes[last].push_distilled(&passage.tokens, &passage.weights);
            } else {
                passes[last].push_weighted(&passage.tokens, &passage.weights);
            }
        }
        passes
    }

    fn passages(&self, step: u64, seed: u64) -> Vec<Drawn<'_>> {
        if self.own.is_empty() {
            return Vec::new();
        }
        let mut left = step;
        // Each epoch has a step at least, so this ends.
        for epoch in 0..=step {
            let mut steps = self.epoch(seed, epoch);
            match usize::try_from(left) {
                Ok(index) if index < steps.len() => return steps.swap_remove(index),
                _ => left -= steps.len() as u64,
            }
        }
        Vec::new()
    }

    /// The steps of one time through.
    fn epoch(&self, seed: u64, epoch: u64) -> Vec<Vec<Drawn<'_>>> {
        let stream = |purpose: u64| Chance::of(seed, purpose.wrapping_add(epoch << 8));
        let mut own: Vec<&Passage> = self.own.iter().collect();
        stream(ORDER).shuffle(&mut own);
        let generic = self.drawn(&mut stream(DRAW));
        let of = |is_generic| {
            move |passage| Drawn {
                passage,
                is_generic,
            }
        };
        let own = own.into_iter().map(of(false));
        let mut all: Vec<Drawn<'_>> = own.chain(generic.into_iter().map(of(true))).collect();
        stream(MIX).shuffle(&mut all);
        let mut steps: Vec<Vec<Drawn<'_>>> = Vec::new();
        let mut held = usize::MAX;
        for drawn in all {
            let tokens = drawn.passage.tokens.len();
            let with = held.saturating_add(tokens);
            if with > self.measures.step_tokens_max {
                steps.push(Vec::new());
                held = 0;
            }
            if let Some(last) = steps.last_mut() {
                last.push(drawn);
            }
            held += tokens;
        }
        steps
    }

    /// Generic passages until they have their share beside all of the writer's.
    fn drawn(&self, chance: &mut Chance) -> Vec<&Passage> {
        let share = u64::from(self.measures.replay_percent.min(99));
        let wanted = tokens_of(&self.own) * share / (100 - share);
        let mut drawn = Vec::new();
        let mut tokens = 0;
        while tokens < wanted && !self.generic.is_empty() {
            let mut order: Vec<&Passage> = self.generic.iter().collect();
            chance.shuffle(&mut order);
            for passage in order {
                if tokens >= wanted {
                    break;
                }
                // One that is empty would be drawn for ever.
                tokens += (passage.tokens.len() as u64).max(1);
                drawn.push(passage);
            }
        }
        drawn
    }
}

#[cfg(test)]
mod tests {
    use inkstone_vocab::TokenId;

    use super::*;

    const MEASURES: BatchMeasures = BatchMeasures {
        step_tokens_max: 64,
        pass_tokens_max: 32,
        replay_percent: 20,
    };

    /// Passages of different lengths, each of a token of its own.
    fn passages(first: u32, count: u32) -> Vec<Passage> {
        let passage = |number: u32| {
            let len = 5 + (number as usize * 7) % 23;
            Passage {
                tokens: vec![TokenId(first + number); len],
                weights: vec![1.0; len],
                document: 0,
            }
        };
        (0..count).map(passage).collect()
    }

    fn firsts(passes: &[Packed]) -> Vec<u32> {
        let texts = passes.iter().flat_map(|packed| {
            let starts = packed.texts().iter().map(|text| text.start);
            starts.map(|start| packed.tokens()[start])
        });
        texts.collect()
    }

    #[test]
    fn generic_passages_are_distilled_and_the_writers_are_learned() {
        let mixture = Mixture::new(passages(0, 40), passages(1_000, 30), MEASURES);
        let steps = mixture.steps_of_epoch(5);
        let passes: Vec<Packed> = (0..steps)
            .flat_map(|step| mixture.of_step(step, 5))
            .collect();
        let are_distilled = passes
            .iter()
            .flat_map(|packed| packed.are_distilled().to_vec());
        let shown: Vec<(u32, bool)> = firsts(&passes).into_iter().zip(are_distilled).collect();
        assert!(
            shown.iter().all(|&(token, is)| is == (token >= 1_000)),
            "{shown:?}"
        );
        assert!(shown.iter().any(|&(_, is)| is) && shown.iter().any(|&(_, is)| !is));
    }

    #[test]
    fn one_time_through_shows_every_passage_once_and_the_next_in_another_order() {
        let mixture = Mixture::new(passages(0, 40), passages(1_000, 30), MEASURES);
        let steps = mixture.steps_of_epoch(5);
        let shown: Vec<u32> = (0..steps)
            .flat_map(|step| firsts(&mixture.of_step(step, 5)))
            .collect();
        let mut own: Vec<u32> = shown
            .iter()
            .copied()
            .filter(|&first| first < 1_000)
            .collect();
        let order = own.clone();
        own.sort_unstable();
        assert_eq!(own, (0..40).collect::<Vec<u32>>());
        let next: Vec<u32> = (steps..2 * steps)
            .flat_map(|step| firsts(&mixture.of_step(step, 5)))
            .collect();
        let next: Vec<u32> = next.into_iter().filter(|&first| first < 1_000).collect();
        assert_ne!(next, order);
        assert_ne!(mixture.of_step(0, 6), mixture.of_step(0, 5));
        assert_eq!(mixture.of_step(3, 5), mixture.of_step(3, 5));
    }

    #[test]
    fn generic_prose_has_its_share_and_steps_keep_to_their_size() {
        let mixture = Mixture::new(passages(0, 200), passages(1_000, 7), MEASURES);
        let steps = mixture.steps_of_epoch(1);
        let (mut all, mut generic) = (0, 0);
        for step in 0..steps {
            let passes = mixture.of_step(step, 1);
            let tokens: Vec<u32> = passes
                .iter()
                .flat_map(|one| one.tokens().to_vec())
                .collect();
            assert!(tokens.len() <= 64 && passes.iter().all(|one| one.tokens().len() <= 32));
            all += tokens.len();
            generic += tokens.iter().filter(|&&token| token >= 1_000).count();
        }
        let percent = generic * 100 / all;
        assert!((18..=22).contains(&percent), "{percent}");
    }

    #[test]
    fn a_passage_longer_than_a_step_is_a_step_and_without_generic_prose_there_is_none() {
        let long = Passage {
            tokens: vec![TokenId(1); 100],
            weights: vec![1.0; 100],
            document: 0,
        };
        let mixture = Mixture::new(vec![long.clone(), long], Vec::new(), MEASURES);
        assert_eq!(mixture.steps_of_epoch(0), 2);
        assert_eq!(mixture.of_step(1_000, 0).len(), 1);
        let nothing = Mixture::new(Vec::new(), Vec::new(), MEASURES);
        assert!(nothing.of_step(3, 0)[0].tokens().is_empty());
    }
}
