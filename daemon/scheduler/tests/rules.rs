//! The scheduler's rules, each as a fact.

use std::fmt::Write as _;

use inkstone_scheduler::{
    Adapter, Admission, Change, Document, Limits, Progress, Rejection, Request, RequestKey,
    Scheduler, Sequence, Step,
};

const LIMITS: Limits = Limits {
    sequences: 2,
    spare_sequences: 1,
    can_shift: true,
    context_tokens: 100,
    batch_tokens_max: 8,
    outputs_max: 4,
    waiting_max: 2,
};

fn request(key: u64, document: u64, version: u64, prompt: &str) -> Request<char> {
    Request {
        key: RequestKey(key),
        document: Document(document),
        adapter: Adapter::NONE,
        version,
        prompt: prompt.chars().collect(),
        decode_tokens_max: 4,
        draft_tokens_max: 4,
        branches_max: 0,
    }
}

fn admitted(superseded: &[u64]) -> Admission {
    Admission::Admitted {
        superseded: superseded.iter().copied().map(RequestKey).collect(),
    }
}

/// `1:abc` for request 1 and its tokens of one step, in order; a `!` after those that want logits.
fn drawn(step: &Step<char>) -> String {
    let mut out = String::new();
    let mut last = None;
    for entry in &step.entries {
        if last != Some(entry.key) {
            if last.is_some() {
                out.push(' ');
            }
            let _ = write!(out, "{}:", entry.key.0);
            last = Some(entry.key);
        }
        out.push(entry.token);
        if entry.wants_logits {
            out.push('!');
        }
    }
    out
}

fn run_to_first_choice(scheduler: &mut Scheduler<char>) -> String {
    let mut all = String::new();
    loop {
        let step = scheduler.step();
        all.push_str(&drawn(&step));
        if step.entries.iter().any(|entry| entry.wants_logits) || step.entries.is_empty() {
            return all;
        }
        all.push('|');
    }
}

#[test]
fn a_prompt_is_computed_in_chunks_and_only_its_end_wants_logits() {
    let mut scheduler = Scheduler::new(LIMITS);
    assert_eq!(
        scheduler.submit(request(1, 1, 1, "abcdefghij")),
        admitted(&[])
    );
    assert_eq!(run_to_first_choice(&mut scheduler), "1:abcdefgh|1:ij!");
    assert!(scheduler.step().entries.is_empty(), "a choice is owed");
    scheduler.choose(RequestKey(1), 'X');
    assert_eq!(drawn(&scheduler.step()), "1:X!");
}

#[test]
fn typing_on_computes_only_the_new_tokens() {
    let mut scheduler = Scheduler::new(LIMITS);
    scheduler.submit(request(1, 1, 1, "the harbour"));
    run_to_first_choice(&mut scheduler);
    scheduler.end(RequestKey(1));
    scheduler.submit(request(2, 1, 2, "the harbour w"));
    assert_eq!(run_to_first_choice(&mut scheduler), "2: w!");
    let progress = scheduler.progress(RequestKey(2)).unwrap();
    assert_eq!(
        progress,
        Progress {
            prompt_tokens: 13,
            reused_tokens: 11,
            prefilled_tokens: 2,
            decoded_tokens: 0
        }
    );
}

#[test]
fn going_back_rewinds_and_recomputes_the_last_token_for_its_logits() {
    let mut scheduler = Scheduler::new(LIMITS);
    scheduler.submit(request(1, 1, 1, "harbour"));
    run_to_first_choice(&mut scheduler);
    scheduler.choose(RequestKey(1), 's');
    scheduler.step();
    scheduler.end(RequestKey(1));
    scheduler.submit(request(2, 1, 2, "harb"));
    let step = scheduler.step();
    assert_eq!(
        step.changes,
        [Change::Rewind {
            sequence: step.entries[0].sequence,
            keep: 3
        }]
    );
    assert_eq!(drawn(&step), "2:b!");
}

#[test]
fn newer_request_supersedes_older_of_its_document_only() {
    let mut scheduler = Scheduler::new(LIMITS);
    scheduler.submit(request(1, 1, 1, "one"));
    scheduler.submit(request(2, 2, 1, "two"));
    scheduler.step();
    assert_eq!(
        scheduler.submit(request(3, 1, 2, "one more")),
        admitted(&[1])
    );
    assert_eq!(scheduler.keys(), [RequestKey(2), RequestKey(3)]);
    assert_eq!(
        scheduler.submit(request(4, 1, 1, "late")),
        Admission::Rejected(Rejection::Outdated),
        "an older version that arrives late is not run"
    );
}

#[test]
fn decoding_goes_before_another_documents_prompt() {
    let mut scheduler = Scheduler::new(LIMITS);
    scheduler.submit(request(1, 1, 1, "abc"));
    run_to_first_choice(&mut scheduler);
    scheduler.submit(request(2, 2, 1, "0123456789"));
    scheduler.choose(RequestKey(1), 'd');
    assert_eq!(drawn(&scheduler.step()), "1:d! 2:0123456");
}

#[test]
fn a_third_document_waits_and_then_takes_the_sequence_unused_for_longest() {
    let mut scheduler = Scheduler::new(LIMITS);
    scheduler.submit(request(1, 1, 1, "aa"));
    scheduler.submit(request(2, 2, 1, "bb"));
    assert_eq!(drawn(&scheduler.step()), "1:aa! 2:bb!");
    scheduler.submit(request(3, 3, 1, "cc"));
    assert!(
        scheduler.step().entries.is_empty(),
        "both sequences are busy"
    );
    scheduler.end(RequestKey(2));
    scheduler.end(RequestKey(1));
    let step = scheduler.step();
    assert_eq!(
        step.changes,
        [Change::Rewind {
            sequence: Sequence(0),
            keep: 0
        }],
        "document 1 came first"
    );
    assert_eq!(drawn(&step), "3:cc!");
}

/// A document whose sequence holds `prompt` and a suggestion of two tokens, and that waits for the
/// next keystroke.
fn held(scheduler: &mut Scheduler<char>, key: u64, document: u64, prompt: &str) {
    scheduler.submit(request(key, document, 1, prompt));
    run_to_first_choice(scheduler);
    for token in ['X', 'Y'] {
        scheduler.choose(RequestKey(key), token);
        scheduler.step();
    }
    scheduler.end(RequestKey(key));
}

fn reused(scheduler: &mut Scheduler<char>, key: u64, document: u64, prompt: &str) -> u32 {
    scheduler.submit(request(key, document, 2, prompt));
    run_to_first_choice(scheduler);
    let progress = scheduler.progress(RequestKey(key));
    scheduler.end(RequestKey(key));
    progress.unwrap_or_default().reused_tokens
}

#[test]
fn a_common_first_token_does_not_take_another_documents_sequence() {
    let mut scheduler = Scheduler::new(LIMITS);
    held(&mut scheduler, 1, 1, "# The harbour was quiet.");
    assert_eq!(reused(&mut scheduler, 2, 2, "# Broken masts"), 0);
    let again = reused(&mut scheduler, 3, 1, "# The harbour was quiet. It");
    assert_eq!(again, 24, "document 1 kept what it had");
}

#[test]
fn a_common_first_token_takes_the_sequence_unused_for_longest_when_none_is_empty() {
    let mut scheduler = Scheduler::new(LIMITS);
    held(&mut scheduler, 1, 1, "Broken masts lay");
    held(&mut scheduler, 2, 2, "# The harbour was quiet.");
    assert_eq!(reused(&mut scheduler, 3, 3, "# 今天早上"), 0);
    let again = reused(&mut scheduler, 4, 2, "# The harbour was quiet. It");
    assert_eq!(again, 24, "document 2 kept what it had");
}

#[test]
fn a_document_goes_back_to_its_own_sequence_before_an_empty_one() {
    let mut scheduler = Scheduler::new(LIMITS);
    held(&mut scheduler, 1, 1, "The harbour was quiet.");
    scheduler.submit(request(2, 1, 2, "Quite another text"));
    assert_eq!(scheduler.step().entries[0].sequence, Sequence(0));
}

#[test]
fn the_same_text_in_another_document_is_not_computed_again() {
    let mut scheduler = Scheduler::new(LIMITS);
    held(&mut scheduler, 1, 1, "The harbour was quiet.");
    // Only what was suggested is lost with it, and the writer has not taken that.
    assert_eq!(
        reused(&mut scheduler, 2, 2, "The harbour was quiet. It"),
        22
    );
}

#[test]
fn a_beginning_in_common_is_not_worth_the_rest_of_another_documents_text() {
    let mut scheduler = Scheduler::new(LIMITS);
    let long = format!("The harbour was quiet. {}", "Masts lay there. ".repeat(2));
    held(&mut scheduler, 1, 1, &long);
    assert_eq!(reused(&mut scheduler, 2, 2, "The harbour was quiet. It"), 0);
    assert_eq!(reused(&mut scheduler, 3, 1, &long), 56, "all but the last");
}

#[test]
fn what_a_closed_document_left_serves_whoever_shares_it() {
    let mut scheduler = Scheduler::new(LIMITS);
    let long = format!("The harbour was quiet. {}", "Masts lay there. ".repeat(2));
    held(&mut scheduler, 1, 1, &long);
    scheduler.close(Document(1));
    assert_eq!(
        reused(&mut scheduler, 2, 2, "The harbour was quiet. It"),
        23
    );
}

#[test]
fn a_sequence_that_cannot_be_rewound_is_computed_from_its_start_and_the_others_go_on() {
    let mut scheduler = Scheduler::new(LIMITS);
    held(&mut scheduler, 1, 1, "harbour");
    scheduler.submit(request(2, 1, 2, "harb"));
    scheduler.submit(request(3, 2, 1, "今天"));
    let mut step = scheduler.step();
    let sequence = Sequence(0);
    let keep = 3;
    assert_eq!(step.changes, [Change::Rewind { sequence, keep }]);
    assert_eq!(drawn(&step), "2:b! 3:今天!");
    scheduler.change_failed(sequence, &mut step.entries);
    assert_eq!(drawn(&step), "3:今天!");
    assert_eq!(run_to_first_choice(&mut scheduler), "2:harb!");
    let progress = scheduler.progress(RequestKey(2)).unwrap();
    assert_eq!((progress.reused_tokens, progress.prefilled_tokens), (0, 4));
}

#[test]
fn a_full_queue_turns_away_without_ending_the_elder() {
    let mut scheduler = Scheduler::new(LIMITS);
    for key in 1..=4 {
        assert_eq!(scheduler.submit(request(key, key, 1, "x")), admitted(&[]));
        if key <= 2 {
            scheduler.step();
        }
    }
    assert_eq!(
        scheduler.submit(request(5, 1, 2, "xy")),
        Admission::Rejected(Rejection::QueueFull { waiting_max: 2 })
    );
    assert!(scheduler.keys().contains(&RequestKey(1)));
}

#[test]
fn impossible_requests_are_refused_with_the_numbers() {
    let mut scheduler = Scheduler::new(LIMITS);
    assert_eq!(
        scheduler.submit(request(1, 1, 1, &"x".repeat(97))),
        Admission::Rejected(Rejection::TooLong {
            needed_tokens: 101,
            context_tokens: 100
        })
    );
    assert_eq!(
        scheduler.submit(request(1, 1, 1, "")),
        Admission::Rejected(Rejection::EmptyPrompt)
    );
}

#[test]
fn a_long_document_takes_the_cells_of_idle_ones() {
    let mut scheduler = Scheduler::new(LIMITS);
    scheduler.submit(request(1, 1, 1, &"a".repeat(60)));
    while !scheduler
        .step()
        .entries
        .iter()
        .any(|entry| entry.wants_logits)
    {}
    scheduler.end(RequestKey(1));
    scheduler.submit(request(2, 2, 1, &"b".repeat(80)));
    let step = scheduler.step();
    assert_eq!(
        step.changes,
        [Change::Rewind {
            sequence: Sequence(0),
            keep: 0
        }]
    );
    assert_eq!(step.entries[0].sequence, Sequence(1));
}

#[test]
fn a_failed_step_ends_its_requests_and_trusts_nothing_of_their_sequences() {
    let mut scheduler = Scheduler::new(LIMITS);
    scheduler.submit(request(1, 1, 1, "abc"));
    let step = scheduler.step();
    assert_eq!(scheduler.step_failed(&step.entries), [RequestKey(1)]);
    scheduler.submit(request(2, 1, 2, "abc"));
    assert_eq!(run_to_first_choice(&mut scheduler), "2:abc!");
}

/// One step of request 1, which then gets the choices that it waits for, out of `chosen`.
fn step_and_choose(
    scheduler: &mut Scheduler<char>,
    chosen: &mut impl Iterator<Item = char>,
) -> String {
    let step = scheduler.step();
    for entry in &step.entries {
        if entry.wants_logits && scheduler.awaits_choice(entry.key, entry.position) {
            let next = chosen.next().unwrap_or_else(|| panic!("a choice too many"));
            scheduler.choose(entry.key, next);
        }
    }
    drawn(&step)
}

#[test]
fn what_followed_before_is_guessed_and_a_right_guess_saves_a_step() {
    let limits = Limits {
        batch_tokens_max: 32,
        ..LIMITS
    };
    let mut scheduler = Scheduler::new(limits);
    let known = Request {
        decode_tokens_max: 9,
        ..request(1, 1, 1, "at sea. at")
    };
    scheduler.submit(known);
    let mut chosen = " sea, l".chars();
    let mut steps = (0..4).map(|_| step_and_choose(&mut scheduler, &mut chosen));
    assert_eq!(steps.next().unwrap(), "1:at sea. at!");
    // The three guesses that the rows of logits leave are right, and so is none after them.
    assert_eq!(steps.next().unwrap(), "1: !s!e!a!");
    // The full stop was wrong: the comma is computed in its place.
    assert_eq!(steps.next().unwrap(), "1:,!");
    assert_eq!(steps.next().unwrap(), "1: !");
    let progress = scheduler.progress(RequestKey(1)).unwrap();
    assert_eq!(progress.decoded_tokens, 7);
}

#[test]
fn a_wrong_guess_is_taken_back_and_what_comes_after_it_is_not_asked_about() {
    let limits = Limits {
        batch_tokens_max: 32,
        ..LIMITS
    };
    let mut scheduler = Scheduler::new(limits);
    scheduler.submit(request(1, 1, 1, "砚台上有墨。砚台"));
    let mut chosen = "上的纸".chars();
    step_and_choose(&mut scheduler, &mut chosen);
    assert_eq!(step_and_choose(&mut scheduler, &mut chosen), "1:上!有!墨!");
    let step = scheduler.step();
    let taken_back = Change::Rewind {
        sequence: Sequence(0),
        keep: 9,
    };
    assert_eq!(
        (step.changes.as_slice(), drawn(&step)),
        ([taken_back].as_slice(), "1:的!".to_owned())
    );
}

#[test]
fn nothing_is_guessed_beyond_what_may_be_decoded_nor_beside_another_way_to_go_on() {
    let limits = Limits {
        batch_tokens_max: 32,
        ..LIMITS
    };
    let mut scheduler = Scheduler::new(limits);
    let brief = Request {
        decode_tokens_max: 3,
        ..request(1, 1, 1, "abcdef abc")
    };
    scheduler.submit(brief);
    let mut chosen = "def".chars();
    step_and_choose(&mut scheduler, &mut chosen);
    assert_eq!(step_and_choose(&mut scheduler, &mut chosen), "1:d!e!");

    let mut scheduler = Scheduler::new(Limits {
        spare_sequences: 2,
        ..limits
    });
    let two_ways = Request {
        draft_tokens_max: 4,
        branches_max: 1,
        ..request(1, 1, 1, "abcdef abc")
    };
    scheduler.submit(two_ways);
    scheduler.step();
    assert!(scheduler.branch(RequestKey(1), RequestKey(9)));
    scheduler.choose(RequestKey(1), 'd');
    scheduler.choose(RequestKey(9), 'x');
    assert_eq!(drawn(&scheduler.step()), "1:d! 9:x!");
}

/// One step with somebody who guesses `guess` whatever comes; how often was that asked?
fn step_with(scheduler: &mut Scheduler<char>, guess: &str) -> (String, usize) {
    let mut asked = 0;
    let step = scheduler.step_with(&mut |tokens, tokens_max| {
        assert!(!tokens.is_empty() && tokens_max > 0);
        asked += 1;
        guess.chars().collect()
    });
    (drawn(&step), asked)
}

#[test]
fn who_guesses_is_asked_where_the_texts_know_nothing_and_one_request_decodes() {
    let limits = Limits {
        batch_tokens_max: 32,
        ..LIMITS
    };
    let mut scheduler = Scheduler::new(limits);
    let long = Request {
        decode_tokens_max: 16,
        ..request(1, 1, 1, "砚台上有墨")
    };
    scheduler.submit(long);
    assert_eq!(
        step_with(&mut scheduler, "。"),
        ("1:砚台上有墨!".to_owned(), 0)
    );
    scheduler.choose(RequestKey(1), '，');
    // More than the rows of logits leave is cut.
    assert_eq!(
        step_with(&mut scheduler, "笔纸笺墨砚"),
        ("1:，!笔!纸!笺!".to_owned(), 1)
    );
    for token in "笔架".chars() {
        scheduler.choose(RequestKey(1), token);
    }
    assert_eq!(
        (scheduler.drafts().guessed, scheduler.drafts().taken),
        (3, 1)
    );
    // Of what the text itself knows, nobody is asked.
    for token in "砚台上".chars() {
        step_with(&mut scheduler, "");
        scheduler.choose(RequestKey(1), token);
    }
    assert_eq!(
        step_with(&mut scheduler, "无"),
        ("1:上!有!墨!，!".to_owned(), 0)
    );
}

#[test]
fn who_guesses_is_not_asked_when_several_requests_share_a_batch() {
    let limits = Limits {
        batch_tokens_max: 32,
        ..LIMITS
    };
    let mut scheduler = Scheduler::new(limits);
    scheduler.submit(request(1, 1, 1, "abc"));
    scheduler.submit(request(2, 2, 1, "xyz"));
    scheduler.step();
    scheduler.choose(RequestKey(1), 'd');
    scheduler.choose(RequestKey(2), 'w');
    assert_eq!(step_with(&mut scheduler, "e"), ("1:d! 2:w!".to_owned(), 0));
}
