//! What feedback has taught, shown and forgotten.

use inkstone_test_support::Home;

use super::inkstone;

/// Some thirty suggestions that were as likely right as wrong, and were all typed over.
const LEARNED: &str = r#"{
    "version": 1,
    "zh": {
        "accepted": 0.0, "typed_through": 0.0, "ignored": 29.4, "rejected": 0.0,
        "expected": 14.7, "information": 7.35
    }
}"#;

/// A home in which a writer has typed over some suggestions in Chinese.
fn taught() -> Home {
    let home = Home::with_models(&[]);
    let state = home.root().join("state");
    std::fs::create_dir_all(&state).unwrap();
    std::fs::write(state.join("learned.json"), LEARNED).unwrap();
    home
}

#[test]
fn what_was_learned_is_explained_where_one_looks_for_it() {
    let home = taught();
    let why = "threshold 0.59 instead of 0.44 for Chinese";
    inkstone(&home, &["status"]).check(4, &["gate        ", why]);
    inkstone(&home, &["status", "--json"]).check(4, &["\"thresholds\"", why]);
    inkstone(&home, &["logs", "--why"]).check(0, &[why]);
    let counts = "Chinese: of about the last 29 suggestions 0 were accepted";
    let moved = "threshold 0.59 instead of 0.44";
    inkstone(&home, &["feedback"]).check(0, &[counts, "29 ignored", moved]);
}

#[test]
fn it_is_forgotten_on_request_and_left_out_when_it_is_off() {
    let home = taught();
    home.write_config("[completion]\nlearn_threshold = false\n");
    let status = inkstone(&home, &["status"]);
    assert!(!status.stdout.contains("threshold"), "{status:?}");
    inkstone(&home, &["feedback"]).check(0, &["29 ignored", "learn_threshold is off"]);
    inkstone(&home, &["feedback", "--reset"]).check(0, &["forgotten"]);
    inkstone(&home, &["feedback"]).check(0, &["nothing was learned yet"]);
    inkstone(&home, &["feedback", "--reset"]).check(0, &["nothing was learned yet"]);
}
