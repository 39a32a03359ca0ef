//! Requests that wear different adapters: each batch has one, nobody starves, and a text that is read
//! ahead costs nobody anything.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use inkstone_scheduler::{Adapter, Document, Limits, Request, RequestKey, Scheduler, Step};

const LIMITS: Limits = Limits {
    sequences: 3,
    spare_sequences: 1,
    can_shift: true,
    context_tokens: 400,
    batch_tokens_max: 64,
    outputs_max: 4,
    waiting_max: 8,
};
const OLD: Adapter = Adapter(1);
const NEW: Adapter = Adapter(2);

fn request(key: u64, document: u64, adapter: Adapter, prompt: &str) -> Request<char> {
    Request {
        key: RequestKey(key),
        document: Document(document),
        adapter,
        version: key,
        prompt: prompt.chars().collect(),
        decode_tokens_max: 8,
        draft_tokens_max: 0,
        branches_max: 0,
    }
}

fn tokens(text: &str) -> Vec<char> {
    text.chars().collect()
}

fn text(step: &Step<char>) -> String {
    step.entries.iter().map(|entry| entry.token).collect()
}

/// Answers what a step asks for; the requests that have come to their end.
fn answer(scheduler: &mut Scheduler<char>, step: &Step<char>) -> Vec<u64> {
    let mut ended = Vec::new();
    for entry in step.entries.iter().filter(|entry| entry.wants_logits) {
        if scheduler.progress(entry.key).unwrap().decoded_tokens < 8 {
            scheduler.choose(entry.key, '·');
        } else {
            scheduler.end(entry.key);
            ended.push(entry.key.0);
        }
    }
    ended
}

#[test]
fn requests_of_different_adapters_never_share_a_batch_and_all_are_answered() {
    let mut scheduler = Scheduler::new(LIMITS);
    for (key, adapter) in [(1, OLD), (2, NEW), (3, Adapter::NONE)] {
        scheduler.submit(request(key, key, adapter, &"x".repeat(90)));
    }
    let (mut ended, mut switches, mut last) = (Vec::new(), 0, None);
    while scheduler.is_active() {
        let step = scheduler.step();
        assert!(!step.entries.is_empty(), "it gets on");
        let worn = [Adapter::NONE, OLD, NEW, Adapter::NONE];
        let is_worn = |key: RequestKey| worn[usize::try_from(key.0).unwrap()] == step.adapter;
        assert!(step.entries.iter().all(|entry| is_worn(entry.key)));
        switches += u32::from(last.replace(step.adapter) != Some(step.adapter));
        ended.extend(answer(&mut scheduler, &step));
    }
    ended.sort_unstable();
    assert_eq!(ended, [1, 2, 3]);
    assert!(
        switches <= 9,
        "{switches} switches for 30 tokens in three turns"
    );
}

#[test]
fn whoever_types_without_pause_does_not_keep_another_adapter_from_its_turn() {
    let mut scheduler = Scheduler::new(LIMITS);
    scheduler.submit(request(1, 1, OLD, "hello"));
    scheduler.submit(request(2, 2, NEW, "早上好"));
    let mut key = 2;
    let mut batches = 0;
    loop {
        let step = scheduler.step();
        if answer(&mut scheduler, &step).contains(&2) {
            break;
        }
        batches += 1;
        assert!(batches < 60, "it starves");
        // A key of the first writer with each batch.
        key += 1;
        scheduler.submit(request(key, 1, OLD, &format!("hello{key}")));
    }
}

#[test]
fn what_was_computed_with_one_adapter_serves_no_other_and_both_are_kept() {
    let mut scheduler = Scheduler::new(LIMITS);
    let computed = |scheduler: &mut Scheduler<char>, key, adapter, prompt: &str| {
        scheduler.submit(request(key, 1, adapter, prompt));
        let step = scheduler.step();
        scheduler.end(RequestKey(key));
        assert_eq!(step.adapter, adapter);
        text(&step)
    };
    let mut of = |key, adapter, prompt| computed(&mut scheduler, key, adapter, prompt);
    assert_eq!(of(1, OLD, "the harbour"), "the harbour");
    assert_eq!(of(2, NEW, "the harbour w"), "the harbour w");
    // A text in two languages goes to and fro.
    assert_eq!(of(3, OLD, "the harbour wa"), " wa");
    assert_eq!(of(4, NEW, "the harbour was"), "as");
}

#[test]
fn what_is_read_ahead_is_there_when_its_document_asks() {
    let mut scheduler = Scheduler::new(LIMITS);
    scheduler.submit(request(1, 1, OLD, "the harbour was still"));
    scheduler.step();
    scheduler.end(RequestKey(1));
    assert!(scheduler.prefill(Document(1), NEW, tokens("the harbour was still")));
    assert!(scheduler.is_worn(NEW) && scheduler.is_prefilling(Document(1), NEW));
    assert!(
        !scheduler.prefill(Document(1), NEW, tokens("again")),
        "twice"
    );
    let mut read = String::new();
    while scheduler.is_active() {
        let step = scheduler.step();
        assert_eq!(step.adapter, NEW);
        assert!(step.entries.len() <= 16 && !step.entries.iter().any(|entry| entry.wants_logits));
        read.push_str(&text(&step));
    }
    assert_eq!(read, "the harbour was still");
    scheduler.put_off(Document(1), OLD);
    scheduler.submit(request(2, 1, NEW, "the harbour was still d"));
    assert_eq!(text(&scheduler.step()), " d");
}

#[test]
fn a_request_goes_before_what_is_read_ahead_and_goes_on_from_it() {
    let mut scheduler = Scheduler::new(LIMITS);
    let long: String = ('a'..='z').cycle().take(60).collect();
    assert!(scheduler.prefill(Document(1), NEW, tokens(&long)));
    assert_eq!(scheduler.step().entries.len(), 16);
    // Another document's key is not kept waiting.
    scheduler.submit(request(1, 2, OLD, "早"));
    let step = scheduler.step();
    assert_eq!((step.adapter, text(&step)), (OLD, "早".to_owned()));
    scheduler.end(RequestKey(1));
    scheduler.submit(request(2, 1, NEW, &long));
    assert!(!scheduler.is_prefilling(Document(1), NEW));
    assert_eq!(scheduler.step().entries.len(), 44, "16 were there");
}

#[test]
fn what_is_read_ahead_takes_nothing_from_anybody_and_gives_way() {
    let mut scheduler = Scheduler::new(LIMITS);
    for (key, text) in [(1, "a"), (2, "b"), (3, "c")] {
        scheduler.submit(request(key, key, OLD, &text.repeat(100)));
        // Two batches of a hundred tokens.
        scheduler.step();
        scheduler.step();
        scheduler.end(RequestKey(key));
    }
    assert!(!scheduler.prefill(Document(1), NEW, tokens("no sequence is free")));
    scheduler.close(Document(3));
    assert!(
        !scheduler.prefill(Document(1), NEW, tokens(&"x".repeat(201))),
        "no room"
    );
    assert!(scheduler.prefill(Document(1), NEW, tokens(&"x".repeat(150))));
    scheduler.step();
    // All sequences are taken: the newcomer gets the one that is only read ahead, or an older one, but
    // is served at once.
    for key in 4..=6 {
        scheduler.submit(request(key, 10 + key, OLD, &"y".repeat(110)));
    }
    scheduler.step();
    assert!(!scheduler.is_prefilling(Document(1), NEW));
    assert_eq!(scheduler.keys().len(), 3);
    assert!(
        scheduler
            .keys()
            .iter()
            .all(|key| scheduler.progress(*key).is_some()),
        "all run"
    );
}

#[test]
fn a_batch_of_what_is_read_ahead_that_fails_ends_only_that() {
    let mut scheduler = Scheduler::new(LIMITS);
    scheduler.prefill(Document(1), NEW, tokens("the harbour"));
    let step = scheduler.step();
    assert_eq!(scheduler.step_failed(&step.entries), []);
    assert!(!scheduler.is_active());
    scheduler.submit(request(1, 1, NEW, "the harbour"));
    assert_eq!(text(&scheduler.step()), "the harbour");
}
