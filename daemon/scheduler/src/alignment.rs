//! Where the tokens of a prompt lie in what a sequence holds: its beginning in place, and further
//! on a run that only has to be moved.
//!
//! A window over a long document slides in steps: the new prompt lacks the beginning of the old
//! text, and often has a heading more or less before it. Everything after that was computed
//! already, at other positions. Called when a request starts in its document's own sequence.

/// Positions that are computed where they are and never filled from further on. Attention collects
/// at the first tokens of a text, whatever they are (Xiao et al. 2024, "attention sinks"): without
/// tokens that were computed there, the continuation falls apart.
const SINK_TOKENS: usize = 4;

/// Fewer moved tokens are not worth it: a move costs a pass over the whole cache.
pub(crate) const MOVED_TOKENS_MIN: usize = 64;

/// A run is looked for behind so many tokens at most: the block of title and headings, which is the
/// only thing before the text. A change further on is an edit, and what follows an edit was
/// computed from words that are no longer there.
const HEADER_TOKENS_MAX: usize = 256;

/// Comparisons at most: a text of one repeated word must not cost more than a keystroke may.
const COMPARISONS_MAX: usize = 1_000_000;

/// How a prompt is made of what a sequence holds: `head` tokens in place, `inserted` new ones, a run
/// of `run` tokens that the sequence holds from `run_from` on, and the rest, which is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Alignment {
    pub(crate) head: usize,
    pub(crate) inserted: usize,
    pub(crate) run_from: usize,
    pub(crate) run: usize,
}

impl Alignment {
    /// Tokens of the prompt that need not be computed.
    pub(crate) fn saved_tokens(&self) -> usize {
        self.head + self.run
    }

    /// Where the run is to lie.
    pub(crate) fn run_to(&self) -> usize {
        self.head + self.inserted
    }
}

/// What of `cached` serves `prompt` when it stays where it is. At least one token of the prompt is
/// left to compute: its logits are needed.
pub(crate) fn in_place<T: Eq>(cached: &[T], prompt: &[T]) -> Alignment {
    let head = shared(cached, prompt).min(prompt.len().saturating_sub(1));
    Alignment {
        head,
        inserted: 0,
        run_from: head,
        run: 0,
    }
}

/// What of `cached` serves `prompt` when a run of it may be moved, with at most `inserted_max` new
/// tokens before the run. No run is found where it would be too short to be worth a move.
pub(crate) fn with_run<T: Eq>(cached: &[T], prompt: &[T], inserted_max: usize) -> Alignment {
    let mut best = in_place(cached, prompt);
    let head = best.head;
    let end = prompt.len().saturating_sub(1);
    let first = head.max(SINK_TOKENS);
    let last = (head + inserted_max).min(HEADER_TOKENS_MAX);
    let mut comparisons = 0;
    for start in first..=last {
        // Neither a longer run than before nor one that is worth it can begin here or later.
        let wanted = MOVED_TOKENS_MIN.max(best.run + 1);
        if start + wanted > end {
            break;
        }
        for from in head..(cached.len() + 1).saturating_sub(wanted) {
            let run = shared(&cached[from..], &prompt[start..end]);
            comparisons += run + 1;
            if run >= MOVED_TOKENS_MIN && run > best.run {
                best = Alignment {
                    head,
                    inserted: start - head,
                    run_from: from,
                    run,
                };
            }
            if comparisons > COMPARISONS_MAX || start + best.run == end {
                return best;
            }
        }
    }
    best
}

fn shared<T: Eq>(held: &[T], wanted: &[T]) -> usize {
    let pairs = held.iter().zip(wanted);
    pairs.take_while(|(held, wanted)| held == wanted).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words of a document, so that no two places look alike.
    fn words(from: u32, count: u32) -> Vec<u32> {
        (from..from + count).collect()
    }

    fn joined(parts: &[&[u32]]) -> Vec<u32> {
        parts.concat()
    }

    #[test]
    fn a_window_that_slid_keeps_its_beginning_and_moves_the_rest() {
        let header = [1, 2, 3, 4, 5];
        let cached = joined(&[&header, &words(100, 300), &[7, 8]]);
        let prompt = joined(&[&header, &words(200, 205)]);
        let expected = Alignment {
            head: 5,
            inserted: 0,
            run_from: 105,
            run: 200,
        };
        assert_eq!(with_run(&cached, &prompt, 10), expected);
    }

    #[test]
    fn a_new_heading_is_inserted_before_the_run() {
        let cached = joined(&[&[1], &words(100, 300)]);
        let prompt = joined(&[&[1, 50, 51, 52, 53], &words(200, 201)]);
        let expected = Alignment {
            head: 1,
            inserted: 4,
            run_from: 101,
            run: 200,
        };
        assert_eq!(with_run(&cached, &prompt, 10), expected);
        assert_eq!(with_run(&cached, &prompt, 3), in_place(&cached, &prompt));
    }

    #[test]
    fn the_first_tokens_are_computed_where_they_stand() {
        let cached = words(100, 300);
        let prompt = words(200, 201);
        let alignment = with_run(&cached, &prompt, 10);
        assert_eq!((alignment.head, alignment.inserted), (0, SINK_TOKENS));
        assert_eq!(alignment.run_from, 100 + SINK_TOKENS);
        assert_eq!(alignment.run, 200 - SINK_TOKENS, "the last is computed");
    }

    #[test]
    fn typing_on_moves_nothing_nor_does_a_short_run_or_an_edit_in_the_text() {
        let cached = words(0, 600);
        for prompt in [words(0, 620), words(0, 600), words(0, 50)] {
            assert_eq!(with_run(&cached, &prompt, 48), in_place(&cached, &prompt));
        }
        let short = joined(&[&words(0, 5), &words(550, 50), &[9]]);
        assert_eq!(with_run(&cached, &short, 48).run, 0);
        let edited = joined(&[&words(0, 400), &[9_999], &words(401, 150)]);
        assert_eq!(with_run(&cached, &edited, 48).run, 0);
    }

    #[test]
    fn a_text_of_one_word_is_given_up_on_in_time() {
        let cached = vec![7; 8_000];
        let mut prompt = vec![7; 6_000];
        prompt[4] = 1;
        let alignment = with_run(&cached, &prompt, 48);
        assert!(alignment.saved_tokens() >= 4);
    }
}
