//! Many writers at once on few sequences: who waits how long, by a clock that counts computed
//! tokens.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use std::collections::BTreeMap;

use inkstone_scheduler::{Adapter, Document, Limits, Request, RequestKey, Scheduler};

const DOCUMENTS: u64 = 16;
const LIMITS: Limits = Limits {
    sequences: 16,
    spare_sequences: 1,
    can_shift: true,
    context_tokens: 4_096,
    batch_tokens_max: 64,
    outputs_max: 4,
    waiting_max: 64,
};
const DECODE_TOKENS: u32 = 10;
/// What two cores take: for a batch, and for each of its tokens.
const BATCH_MS: u64 = 6;
const TOKEN_MS: u64 = 2;
const TYPED_MS: u64 = 60_000;
/// Until every document was read for the first time.
const OPENING_MS: u64 = 10_000;
/// Keys to a token, about.
const KEYS_PER_TOKEN: u64 = 4;

/// Numbers by chance from a seed, so that every run is the same (Knuth's MMIX generator).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Somebody who types words and rests between them, and asks with each key.
struct Writer {
    document: u64,
    /// Of the prompt when it is opened.
    tokens: u64,
    keys: u64,
    next_key_ms: u64,
    keys_to_rest: u64,
    asked: Option<(RequestKey, u64)>,
}

impl Writer {
    fn prompt(&self) -> Vec<u64> {
        let first = self.document * 1_000_000;
        let tokens = self.tokens + self.keys / KEYS_PER_TOKEN;
        (first..first + tokens).collect()
    }

    /// The time until the next key: fast in a word, slower after it, now and then a thought.
    fn rhythm(&mut self, chance: &mut Chance) -> u64 {
        if self.keys_to_rest > 0 {
            self.keys_to_rest -= 1;
            return 100 + chance.below(80);
        }
        self.keys_to_rest = 3 + chance.below(6);
        1_500 + chance.below(3_000)
    }
}

/// For each document the waits of its answered requests, in milliseconds.
fn simulate(limits: Limits) -> BTreeMap<u64, Vec<u64>> {
    let mut chance = Chance(7);
    let mut scheduler = Scheduler::new(limits);
    let mut waits: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    let mut writers: Vec<Writer> = (0..DOCUMENTS)
        .map(|document| Writer {
            document,
            tokens: 100 + 10 * document,
            keys: 0,
            next_key_ms: chance.below(1_000),
            keys_to_rest: chance.below(8),
            asked: None,
        })
        .collect();
    let (mut now_ms, mut keys) = (0, 0);
    while now_ms < TYPED_MS {
        for writer in writers.iter_mut().filter(|w| w.next_key_ms <= now_ms) {
            keys += 1;
            writer.keys += 1;
            writer.asked = Some((RequestKey(keys), writer.next_key_ms));
            writer.next_key_ms += writer.rhythm(&mut chance);
            scheduler.submit(Request {
                key: RequestKey(keys),
                document: Document(writer.document),
                adapter: Adapter::NONE,
                version: keys,
                prompt: writer.prompt(),
                decode_tokens_max: DECODE_TOKENS,
                draft_tokens_max: 4,
                branches_max: 0,
            });
        }
        let step = scheduler.step();
        if step.entries.is_empty() {
            now_ms += 1;
            continue;
        }
        now_ms += BATCH_MS + TOKEN_MS * step.entries.len() as u64;
        for entry in step.entries.iter().filter(|entry| entry.wants_logits) {
            if scheduler.progress(entry.key).unwrap().decoded_tokens < DECODE_TOKENS {
                scheduler.choose(entry.key, 0);
                continue;
            }
            scheduler.end(entry.key);
            let asked_by =
                |writer: &&mut Writer| writer.asked.map(|(key, _)| key) == Some(entry.key);
            let writer = writers.iter_mut().find(asked_by).unwrap();
            let (_, asked_ms) = writer.asked.take().unwrap();
            let waits = waits.entry(writer.document).or_default();
            if asked_ms > OPENING_MS {
                waits.push(now_ms - asked_ms);
            }
        }
    }
    waits
}

fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values[values.len() / 2]
}

/// Returns how many answers each document got.
fn nobody_starves(limits: Limits) -> Vec<u64> {
    let waits: Vec<Vec<u64>> = simulate(limits).into_values().collect();
    assert_eq!(waits.len() as u64, DOCUMENTS, "everybody is answered");
    let all = waits.concat();
    let (median_ms, max_ms) = (median(all.clone()), *all.iter().max().unwrap());
    let answers: Vec<u64> = waits.iter().map(|waits| waits.len() as u64).collect();
    println!("median {median_ms} ms, max {max_ms} ms, answers {answers:?}");
    assert!(
        max_ms <= 3 * median_ms,
        "{median_ms} ms, at most {max_ms} ms"
    );
    answers
}

#[test]
fn sixteen_documents_with_a_sequence_each_starve_nobody() {
    let answers = nobody_starves(LIMITS);
    let fewest = *answers.iter().min().unwrap();
    assert!(fewest * 2 >= median(answers.clone()), "{answers:?}");
}

/// With fewer sequences than documents each turn reads a text again; there is less for everybody.
#[test]
fn sixteen_documents_on_four_sequences_starve_nobody() {
    nobody_starves(Limits {
        sequences: 4,
        ..LIMITS
    });
}

#[test]
fn typing_on_while_waiting_keeps_the_place_in_the_queue() {
    let limits = Limits {
        sequences: 1,
        ..LIMITS
    };
    let mut scheduler = Scheduler::new(limits);
    let ask = |scheduler: &mut Scheduler<u64>, key: u64, document: u64| {
        scheduler.submit(Request {
            key: RequestKey(key),
            document: Document(document),
            adapter: Adapter::NONE,
            version: key,
            prompt: vec![document, key],
            decode_tokens_max: 4,
            draft_tokens_max: 4,
            branches_max: 0,
        })
    };
    for document in 1..=3 {
        ask(&mut scheduler, document, document);
        scheduler.step();
    }
    ask(&mut scheduler, 4, 2);
    scheduler.end(RequestKey(1));
    assert_eq!(scheduler.step().entries[0].key, RequestKey(4));
}
