//! A model of the KV cache, to which every change and entry is applied, always holds what the
//! scheduler believes: under random use, and where a window slides over a long document.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use inkstone_scheduler::{
    Adapter, Change, Document, Limits, Request, RequestKey, Scheduler, Sequence, Step,
};
use proptest::prelude::*;

const LIMITS: Limits = Limits {
    sequences: 3,
    spare_sequences: 2,
    can_shift: true,
    context_tokens: 700,
    batch_tokens_max: 16,
    outputs_max: 4,
    waiting_max: 2,
};
const DECODE_TOKENS_MAX: u32 = 12;
/// What tells a branch's key from its request's.
const BRANCH: u64 = 1 << 32;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cell {
    /// Cells may belong to several sequences; each counts once.
    id: usize,
    token: u16,
    /// What was worn when it was computed.
    adapter: Adapter,
}

/// What llama.cpp does, on a map from positions to cells for each sequence.
#[derive(Debug, Default)]
struct Cache {
    sequences: HashMap<Sequence, BTreeMap<u32, Cell>>,
    cells: usize,
}

impl Cache {
    fn apply(&mut self, change: Change) {
        match change {
            Change::Rewind { sequence, keep } => {
                self.of(sequence).split_off(&keep);
            }
            Change::Move {
                sequence,
                from,
                until,
                to,
            } => {
                let held = self.of(sequence);
                let moved = held.split_off(&until);
                held.split_off(&from);
                held.extend(moved.into_iter().map(|(at, cell)| (at - until + to, cell)));
            }
            Change::Copy {
                from,
                to,
                start,
                end,
            } => {
                let copied: Vec<(u32, Cell)> = self
                    .of(from)
                    .range(start..end)
                    .map(|(&at, &cell)| (at, cell))
                    .collect();
                let count = u32::try_from(copied.len()).unwrap();
                assert_eq!(count, end - start, "all of it is there");
                let target = self.of(to);
                for (at, cell) in copied {
                    assert_eq!(target.insert(at, cell), None, "{change:?} overwrites");
                }
            }
        }
    }

    fn of(&mut self, sequence: Sequence) -> &mut BTreeMap<u32, Cell> {
        self.sequences.entry(sequence).or_default()
    }

    fn compute(&mut self, sequence: Sequence, position: u32, token: u16, adapter: Adapter) {
        let id = self.cells;
        self.cells += 1;
        let held = self.of(sequence);
        let next = held.last_key_value().map_or(0, |(&last, _)| last + 1);
        assert_eq!(position, next, "a sequence is extended at its end");
        let cell = Cell { id, token, adapter };
        held.insert(position, cell);
    }

    /// The sequence's tokens; it has no hole, and all were computed with the adapter.
    fn tokens(&mut self, sequence: Sequence, adapter: Adapter) -> Vec<u16> {
        let held = self.of(sequence);
        let end = u32::try_from(held.len()).unwrap();
        assert!(held.keys().copied().eq(0..end), "a hole");
        let is_worn = |cell: &Cell| cell.adapter == adapter;
        assert!(held.values().all(is_worn), "{sequence:?} of {adapter:?}");
        held.values().map(|cell| cell.token).collect()
    }

    fn cells_used(&self) -> usize {
        let ids: BTreeSet<usize> = self
            .sequences
            .values()
            .flat_map(|held| held.values().map(|cell| cell.id))
            .collect();
        ids.len()
    }
}

/// A scheduler, the cache it steers, and what each request ought to see.
struct Stage {
    scheduler: Scheduler<u16>,
    cache: Cache,
    expected: HashMap<RequestKey, Vec<u16>>,
    adapters: HashMap<RequestKey, Adapter>,
    keys: u64,
    computed: usize,
}

impl Stage {
    fn new(limits: Limits) -> Self {
        Self {
            scheduler: Scheduler::new(limits),
            cache: Cache::default(),
            // What is read ahead is of no request.
            expected: HashMap::from([(RequestKey(0), Vec::new())]),
            adapters: HashMap::new(),
            keys: 0,
            computed: 0,
        }
    }

    fn submit(&mut self, document: u64, version: u64, prompt: &[u16]) -> RequestKey {
        self.submit_with(Adapter::NONE, document, version, prompt)
    }

    fn submit_with(
        &mut self,
        adapter: Adapter,
        document: u64,
        version: u64,
        prompt: &[u16],
    ) -> RequestKey {
        self.keys += 1;
        let key = RequestKey(self.keys);
        self.expected.insert(key, prompt.to_vec());
        self.adapters.insert(key, adapter);
        self.scheduler.submit(Request {
            key,
            document: Document(document),
            adapter,
            version,
            prompt: prompt.to_vec(),
            decode_tokens_max: DECODE_TOKENS_MAX,
            draft_tokens_max: 4,
            branches_max: 1,
        });
        key
    }

    /// One step; with `broken` its first change that is more than emptying fails.
    fn step(&mut self, broken: bool, limits: Limits) -> Step<u16> {
        let mut step = self.scheduler.step();
        assert!(step.entries.len() <= limits.batch_tokens_max);
        let mut may_fail = broken;
        let mut emptied = None;
        for change in step.changes.clone() {
            let failing = match change {
                Change::Rewind { sequence, keep } if keep > 0 => Some(sequence),
                Change::Move { sequence, .. } => Some(sequence),
                _ => None,
            };
            match failing {
                Some(sequence) if may_fail => {
                    may_fail = false;
                    self.cache.of(sequence).clear();
                    self.scheduler.change_failed(sequence, &mut step.entries);
                    emptied = Some(sequence);
                }
                // There is nothing left to be copied.
                _ if matches!(change, Change::Copy { from, .. } if Some(from) == emptied) => {}
                _ => self.cache.apply(change),
            }
        }
        for entry in &step.entries {
            self.cache
                .compute(entry.sequence, entry.position, entry.token, step.adapter);
        }
        // A guess counts when it turns out right, since it would have been computed anyway.
        let is_guess = |key, at| at >= self.expected[&key].len();
        let asked = step.entries.iter();
        self.computed += asked
            .filter(|entry| !is_guess(entry.key, entry.position as usize))
            .count();
        assert!(self.cache.cells_used() <= limits.context_tokens as usize);
        step
    }

    fn choose_or_end(&mut self, step: &Step<u16>) {
        let mut chosen_for = BTreeSet::new();
        for entry in step.entries.iter().filter(|entry| entry.wants_logits) {
            // A branch ends with its request, which may just have ended; and a guess that follows a
            // wrong one was for nothing.
            if !self.scheduler.awaits_choice(entry.key, entry.position) {
                continue;
            }
            self.computed += usize::from(!chosen_for.insert(entry.key));
            let progress = self.scheduler.progress(entry.key).unwrap();
            let request = RequestKey(entry.key.0 % BRANCH);
            let seen = self.cache.tokens(entry.sequence, self.adapters[&request]);
            let seen = &seen[..=entry.position as usize];
            assert_eq!(seen, self.expected[&entry.key], "the model sees the text");
            self.branch_sometimes(entry.key, progress.decoded_tokens);
            if progress.decoded_tokens == DECODE_TOKENS_MAX {
                self.scheduler.end(entry.key);
            } else {
                // A few texts over and over, so that guesses are right and wrong.
                let decoded = u64::from(progress.decoded_tokens);
                let token = if decoded < entry.key.0 % 7 { 999 } else { 998 };
                self.scheduler.choose(entry.key, token);
                self.expected.get_mut(&entry.key).unwrap().push(token);
            }
        }
    }

    /// Lets every third request be continued in two ways.
    fn branch_sometimes(&mut self, key: RequestKey, decoded_tokens: u32) {
        let branch = RequestKey(key.0 + BRANCH);
        if !key.0.is_multiple_of(3) || key.0 > BRANCH || decoded_tokens > 0 {
            return;
        }
        if self.scheduler.branch(key, branch) {
            self.scheduler.choose(branch, 777);
            let tokens = [self.expected[&key].as_slice(), &[777]].concat();
            self.expected.insert(branch, tokens);
        }
        assert!(!self.scheduler.branch(key, branch), "one at most");
    }

    /// Runs until all is done; counts the computed tokens.
    fn finish(&mut self, limits: Limits) -> usize {
        let before = self.computed;
        while self.scheduler.is_active() {
            let step = self.step(false, limits);
            assert!(!step.entries.is_empty(), "it gets on");
            self.choose_or_end(&step);
        }
        self.computed - before
    }
}

/// A window over a document: a block of headings, then its text from `cut` on.
fn window(document: u64, heading: u16, cut: usize, length: usize) -> Vec<u16> {
    let header = (0..heading).map(|token| 500 + 10 * heading + token);
    let text = (cut..cut + length).map(|at| {
        let mixed = (at as u64 + 1_000 * document).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        u16::try_from((mixed >> 32) % 53).unwrap()
    });
    std::iter::once(1).chain(header).chain(text).collect()
}

#[derive(Debug, Clone)]
enum Use {
    Submit {
        document: u64,
        newer: bool,
        prompt: Vec<u16>,
        adapter: u64,
    },
    Prefill {
        document: u64,
        prompt: Vec<u16>,
        adapter: u64,
    },
    PutOff {
        document: u64,
        adapter: u64,
    },
    End(usize),
    Close(u64),
    Step {
        broken: bool,
    },
}

fn uses() -> impl Strategy<Value = Vec<Use>> {
    let prompt = (
        0..4_u64,
        prop_oneof![Just(0_u16), Just(3), Just(11), Just(14)],
        0..120_usize,
        1..300_usize,
    );
    let adapter = prop_oneof![2 => Just(0_u64), 1 => 1..3_u64];
    let one = prop_oneof![
        3 => (prompt.clone(), prop_oneof![5 => Just(true), 1 => Just(false)], adapter.clone())
            .prop_map(|((document, heading, cut, length), newer, adapter)| Use::Submit {
                document,
                newer,
                prompt: window(document, heading, cut, length),
                adapter,
            }),
        2 => (prompt, adapter.clone())
            .prop_map(|((document, heading, cut, length), adapter)| Use::Prefill {
                document,
                prompt: window(document, heading, cut, length),
                adapter,
            }),
        1 => (0..4_u64, adapter).prop_map(|(document, adapter)| Use::PutOff { document, adapter }),
        1 => (0..6_usize).prop_map(Use::End),
        1 => (0..4_u64).prop_map(Use::Close),
        20 => prop_oneof![6 => Just(false), 1 => Just(true)].prop_map(|broken| Use::Step { broken }),
    ];
    proptest::collection::vec(one, 1..250)
}

proptest! {
    #[test]
    fn the_cache_always_holds_what_the_scheduler_believes(uses in uses(), can_shift in any::<bool>()) {
        let limits = Limits { can_shift, ..LIMITS };
        let mut stage = Stage::new(limits);
        for (time, what) in uses.into_iter().enumerate() {
            match what {
                Use::Submit { document, newer, prompt, adapter } => {
                    let version = if newer { time as u64 } else { 0 };
                    stage.submit_with(Adapter(adapter), document, version, &prompt);
                }
                Use::Prefill { document, prompt, adapter } => {
                    stage.scheduler.prefill(Document(document), Adapter(adapter), prompt);
                }
                Use::PutOff { document, adapter } => {
                    stage.scheduler.put_off(Document(document), Adapter(adapter));
                }
                Use::End(index) => {
                    if let Some(key) = stage.scheduler.keys().get(index) {
                        prop_assert!(stage.scheduler.end(*key));
                    }
                }
                Use::Close(document) => stage.scheduler.close(Document(document)),
                Use::Step { broken } => {
                    let step = stage.step(broken, limits);
                    stage.choose_or_end(&step);
                }
            }
        }
        stage.finish(limits);
    }

    #[test]
    fn a_window_that_slides_computes_only_what_is_new(
        heading in prop_oneof![Just(0_u16), Just(5), Just(11)],
        slides in proptest::collection::vec((0..60_usize, 0..20_usize), 1..8),
    ) {
        let mut stage = Stage::new(LIMITS);
        let (mut cut, mut end) = (0, 300);
        stage.submit(1, 1, &window(1, heading, cut, end - cut));
        stage.finish(LIMITS);
        for (version, (slid, typed)) in (2..).zip(slides) {
            // The window keeps a token of what it had.
            cut = (cut + slid).min(end - 1);
            end += typed;
            let before = end - typed;
            stage.submit(1, version, &window(1, heading, cut, end - cut));
            let computed = stage.finish(LIMITS);
            // The tokens of the sink, the typed ones, the last one again, and what is decoded, in
            // two ways.
            let allowed = 4 + typed + 1 + 2 * DECODE_TOKENS_MAX as usize;
            if before - cut > 64 + 4 {
                prop_assert!(computed <= allowed, "{computed} of {}", end - cut);
            }
        }
    }
}

#[test]
fn a_heading_that_comes_before_the_text_is_computed_without_the_text() {
    let mut stage = Stage::new(LIMITS);
    stage.submit(1, 1, &window(1, 0, 0, 300));
    stage.finish(LIMITS);
    let key = stage.submit(1, 2, &window(1, 11, 100, 201));
    let step = stage.step(false, LIMITS);
    assert_eq!(step.entries.len(), 11, "{step:?}");
    let progress = stage.scheduler.progress(key).unwrap();
    assert_eq!(
        (progress.reused_tokens, progress.prefilled_tokens),
        (201, 11)
    );
    stage.choose_or_end(&step);
    assert_eq!(stage.finish(LIMITS), 1 + DECODE_TOKENS_MAX as usize);
}

#[test]
fn a_newer_key_does_not_undo_a_move() {
    let mut stage = Stage::new(LIMITS);
    stage.submit(1, 1, &window(1, 0, 0, 300));
    stage.finish(LIMITS);
    stage.submit(1, 2, &window(1, 11, 100, 201));
    stage.submit(1, 3, &window(1, 11, 100, 202));
    stage.step(false, LIMITS);
    stage.submit(1, 4, &window(1, 11, 100, 203));
    let computed = stage.finish(LIMITS);
    assert_eq!(computed, 3 + DECODE_TOKENS_MAX as usize);
}

#[test]
fn memory_that_cannot_shift_is_filled_anew() {
    let limits = Limits {
        can_shift: false,
        ..LIMITS
    };
    let mut stage = Stage::new(limits);
    stage.submit(1, 1, &window(1, 0, 0, 300));
    stage.finish(limits);
    stage.submit(1, 2, &window(1, 0, 100, 200));
    assert_eq!(stage.finish(limits), 200 + DECODE_TOKENS_MAX as usize);
}

#[test]
fn branches_leave_a_sequence_for_a_window_that_slides() {
    let branches_begun = |limits: Limits| {
        let mut stage = Stage::new(limits);
        for document in 1..=2 {
            stage.submit(document, 1, &window(document, 0, 0, 10));
        }
        stage.step(false, limits);
        let keys = stage.scheduler.keys();
        let begin = |key: &&RequestKey| stage.scheduler.branch(**key, RequestKey(key.0 + BRANCH));
        keys.iter().filter(begin).count()
    };
    let rigid = Limits {
        can_shift: false,
        ..LIMITS
    };
    let roomy = Limits {
        batch_tokens_max: 64,
        ..LIMITS
    };
    assert_eq!(branches_begun(roomy), 1);
    assert_eq!(
        branches_begun(Limits {
            batch_tokens_max: 64,
            ..rigid
        }),
        2
    );
}

#[test]
fn a_branch_computes_only_its_own_tokens_and_ends_with_its_request() {
    let mut stage = Stage::new(LIMITS);
    let prompt = window(1, 0, 0, 10);
    let (key, branch) = (RequestKey(1), RequestKey(BRANCH));
    stage.submit(1, 1, &prompt);
    assert!(!stage.scheduler.branch(key, branch), "nothing is chosen");
    stage.step(false, LIMITS);
    assert!(stage.scheduler.branch(key, branch));
    stage.scheduler.choose(branch, 5);
    assert_eq!(stage.scheduler.keys(), [key], "it is no request");
    stage.scheduler.choose(key, 6);
    stage.expected.insert(key, [&prompt[..], &[6]].concat());
    stage.expected.insert(branch, [&prompt[..], &[5]].concat());
    let step = stage.step(false, LIMITS);
    let tokens: Vec<u16> = step.entries.iter().map(|entry| entry.token).collect();
    assert_eq!(tokens, [6, 5]);
    stage.submit(1, 2, &prompt);
    assert_eq!(stage.scheduler.progress(branch), None);
    let step = stage.step(false, LIMITS);
    assert_eq!(
        step.entries.len(),
        1,
        "the last token again, in one sequence"
    );
}
