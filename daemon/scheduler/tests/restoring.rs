//! Sequences that were saved and come back.

use inkstone_scheduler::{
    Adapter, Change, Document, Limits, Request, RequestKey, Scheduler, Sequence, Step,
};

const LIMITS: Limits = Limits {
    sequences: 2,
    spare_sequences: 1,
    can_shift: true,
    context_tokens: 30,
    batch_tokens_max: 64,
    outputs_max: 4,
    waiting_max: 2,
};

fn tokens(text: &str) -> Vec<char> {
    text.chars().collect()
}

fn submit(scheduler: &mut Scheduler<char>, key: u64, document: u64, prompt: &str) -> Step<char> {
    let request = Request {
        key: RequestKey(key),
        document: Document(document),
        adapter: Adapter::NONE,
        version: key,
        prompt: tokens(prompt),
        decode_tokens_max: 4,
        draft_tokens_max: 0,
        branches_max: 0,
    };
    scheduler.submit(request);
    scheduler.step()
}

fn entries(step: &Step<char>) -> String {
    step.entries.iter().map(|entry| entry.token).collect()
}

/// Documents with what is saved of them.
fn saved(scheduler: &Scheduler<char>) -> Vec<(u64, String)> {
    let documents = scheduler.kept().into_iter();
    documents
        .map(|kept| (kept.document.0, kept.tokens.iter().collect()))
        .collect()
}

#[test]
fn a_document_that_comes_back_computes_only_what_is_new() {
    let mut before = Scheduler::new(LIMITS);
    submit(&mut before, 1, 7, "the harbour");
    assert!(saved(&before).is_empty(), "at work");
    before.end(RequestKey(1));
    submit(&mut before, 2, 8, "早上好");
    before.end(RequestKey(2));
    let all = saved(&before);
    assert_eq!(
        all,
        [(7, "the harbour".to_owned()), (8, "早上好".to_owned())]
    );
    let mut after = Scheduler::new(LIMITS);
    for (document, text) in &all {
        assert!(
            after
                .adopt(Document(*document), Adapter::NONE, &tokens(text))
                .is_some()
        );
    }
    assert_eq!(saved(&after), all);
    assert_eq!(entries(&submit(&mut after, 3, 8, "早上好，今天")), "，今天");
    assert_eq!(
        entries(&submit(&mut after, 4, 7, "the harbour was")),
        " was"
    );
}

#[test]
fn a_closed_document_is_not_saved() {
    let mut scheduler = Scheduler::new(LIMITS);
    submit(&mut scheduler, 1, 7, "the harbour");
    scheduler.end(RequestKey(1));
    scheduler.close(Document(7));
    assert!(saved(&scheduler).is_empty());
}

#[test]
fn a_document_that_is_closed_while_it_is_at_work_is_not_saved_afterwards() {
    let mut scheduler = Scheduler::new(LIMITS);
    submit(&mut scheduler, 1, 7, "the harbour");
    scheduler.close(Document(7));
    scheduler.end(RequestKey(1));
    assert!(saved(&scheduler).is_empty());
}

#[test]
fn a_document_with_a_sequence_of_its_own_keeps_that() {
    let mut scheduler = Scheduler::new(LIMITS);
    submit(&mut scheduler, 1, 7, "the harbour was");
    scheduler.end(RequestKey(1));
    assert_eq!(
        scheduler.adopt(Document(7), Adapter::NONE, &tokens("the harbour")),
        None
    );
}

#[test]
fn what_comes_back_takes_the_place_that_was_unused_for_longest_and_never_one_at_work() {
    let mut scheduler = Scheduler::new(LIMITS);
    submit(&mut scheduler, 1, 1, "at work");
    submit(&mut scheduler, 2, 2, "idle");
    scheduler.end(RequestKey(2));
    let adoption = scheduler
        .adopt(Document(3), Adapter::NONE, &tokens("back again"))
        .unwrap();
    assert_eq!(adoption, Sequence(1));
    let emptied = Change::Rewind {
        sequence: Sequence(1),
        keep: 0,
    };
    let step = scheduler.settle();
    assert_eq!((step.changes, step.entries), (vec![emptied], Vec::new()));
    submit(&mut scheduler, 3, 3, "back again,");
    assert_eq!(
        scheduler.adopt(Document(4), Adapter::NONE, &tokens("too")),
        None,
        "both at work"
    );
}

#[test]
fn what_does_not_fit_beside_the_work_in_hand_stays_away() {
    let mut scheduler = Scheduler::new(LIMITS);
    submit(&mut scheduler, 1, 1, "twenty tokens, no less");
    assert_eq!(
        scheduler.adopt(Document(2), Adapter::NONE, &tokens("five.")),
        None
    );
    assert_eq!(
        scheduler.adopt(Document(2), Adapter::NONE, &tokens(&"x".repeat(31))),
        None
    );
}

#[test]
fn a_failed_return_leaves_an_empty_sequence() {
    let mut scheduler = Scheduler::new(LIMITS);
    let sequence = scheduler
        .adopt(Document(1), Adapter::NONE, &tokens("the harbour"))
        .unwrap();
    scheduler.adoption_failed(sequence);
    assert_eq!(scheduler.sequences_used(), 0);
    assert_eq!(
        entries(&submit(&mut scheduler, 1, 1, "the harbour")),
        "the harbour"
    );
}
