//! What feedback, rhythm and the editor's state do to suggestions.

use std::time::{Duration, Instant};

use crate::support::desk::Desk;
use crate::support::editor::DOCUMENT;
use crate::support::units;
use inkstone_protocol::{ClientMessage, StopRule};
use serde_json::json;

/// The threshold of the default preset.
const PRESET: f32 = 0.44;

/// A score that is shown, and that asks nothing ahead.
const LIKELY: f32 = 0.5;

/// Suggestions after which feedback has moved it: one more than are needed at least.
const SHOWS: usize = 28;

/// How an editor says that its user typed, and that its user asked.
const AUTOMATIC: u8 = 2;
const INVOKED: u8 = 1;

/// Rounds in which a busy machine may take every key for the first after a pause.
const ROUNDS_MAX: usize = 20;
/// How long it may take until what was learned before is read from its file.
const READ_WAIT: Duration = Duration::from_secs(30);

fn same(one: f32, other: f32) -> bool {
    (one - other).abs() < 1e-6
}

#[tokio::test]
async fn suggestions_that_are_typed_over_raise_the_threshold_of_their_language_for_good() {
    let home = tempfile::tempdir().expect("a home");
    let mut desk = Desk::open(&home, "The harbour was quiet and").await;
    assert!(same(desk.score_min().await, PRESET));
    for _ in 0..SHOWS {
        desk.is_shown(" nobody came", LIKELY).await;
        desk.type_text(" the").await;
    }
    let raised = desk.score_min().await;
    assert!(raised > PRESET + 0.02 && raised < PRESET + 0.16, "{raised}");
    let status = desk.editor.status().await;
    let explanation = status["document"]["threshold"]["explanation"].as_str();
    assert!(
        explanation.is_some_and(|why| why.contains("instead of 0.44 for English")),
        "{status}"
    );
    let text = status["text"].as_str().expect("a sentence");
    assert!(text.contains(explanation.expect("is there")), "{text}");
    desk.editor
        .request("shutdown", json!(null))
        .await
        .expect("succeeds");
    desk.editor.notify("exit", json!(null)).await;
    desk.editor.ended().await;
    drop(desk.daemon);

    let file = std::fs::read_to_string(home.path().join("state/learned.json")).expect("is kept");
    assert!(
        !file.contains("harbour") && !file.contains("nobody"),
        "{file}"
    );
    let mut desk = Desk::open(&home, "The harbour was quiet and").await;
    let mut kept = desk.score_min().await;
    let until = Instant::now() + READ_WAIT;
    while same(kept, PRESET) && Instant::now() < until {
        kept = desk.score_min().await;
    }
    assert!(same(kept, raised), "{kept}, not {raised}");
    desk.editor.set("learn_threshold", json!(false)).await;
    assert!(same(desk.score_min().await, PRESET));
    desk.editor.set("learn_threshold", json!(true)).await;
    desk.type_text("\n\n今天早上我去公园散步，").await;
    desk.end = units("今天早上我去公园散步，", "utf-16");
    let id = desk.editor.ask(2, desk.end).await;
    let asked = desk.daemon.next_completion().await;
    assert!(same(asked.params.score_min.expect("a threshold"), PRESET));
    desk.daemon.suggest(asked.id, "空气里");
    assert_eq!(desk.editor.ghost_texts(id).await, ["空气里"]);
}

#[tokio::test]
async fn an_editor_that_vanishes_loses_no_lesson() {
    let home = tempfile::tempdir().expect("a home");
    let mut desk = Desk::open(&home, "The harbour was quiet and").await;
    desk.is_shown(" nobody came.", LIKELY).await;
    desk.type_text(" then").await;
    desk.editor.hang_up().await;
    let file = std::fs::read_to_string(home.path().join("state/learned.json")).expect("is kept");
    let kept: serde_json::Value = serde_json::from_str(&file).expect("is JSON");
    assert!(
        kept["en"]["ignored"]
            .as_f64()
            .is_some_and(|times| times > 0.5),
        "{file}"
    );
}

#[tokio::test]
async fn suggestions_that_are_taken_in_parts_or_typed_along_lower_it() {
    let home = tempfile::tempdir().expect("a home");
    let mut desk = Desk::open(&home, "今天早上我去公园散步，").await;
    for _ in 0..SHOWS / 2 {
        desk.is_shown("空气里弥漫着花香，", LIKELY).await;
        // Taken by word: the editor reports nothing.
        desk.type_text("空气").await;
        desk.type_text("很好，").await;
        desk.is_shown("我们走了，", LIKELY).await;
        desk.type_text("我").await;
        desk.type_text("们").await;
        desk.type_text("来了，").await;
    }
    let lowered = desk.score_min().await;
    assert!(lowered < PRESET - 0.01 && lowered > 0.24, "{lowered}");
}

#[tokio::test]
async fn the_daemon_hears_whether_what_was_shown_was_right_and_what_was_worn() {
    let home = tempfile::tempdir().expect("a home");
    let mut desk = Desk::open(&home, "The harbour was quiet and").await;
    for (shown, typed, is_right) in [
        (" nobody came", " the", false),
        (" empty now", " empty ", true),
    ] {
        let id = desk.editor.ask(0, desk.end).await;
        let asked = desk.daemon.next_completion().await;
        desk.daemon.suggest_wearing(asked.id, shown, LIKELY, "en-3");
        assert_eq!(desk.editor.ghost_texts(id).await, [shown]);
        desk.type_text(typed).await;
        let judged = desk.daemon.next_judged().await;
        assert_eq!(
            (judged.model.as_str(), judged.language.as_str()),
            ("test-model", "en")
        );
        assert_eq!(
            (judged.adapter.as_deref(), judged.is_right),
            (Some("en-3"), is_right)
        );
    }
}

#[tokio::test]
async fn keys_along_a_suggestion_are_told_though_nothing_is_asked() {
    let home = tempfile::tempdir().expect("a home");
    let mut desk = Desk::open(&home, "The harbour was quiet and").await;
    let id = desk.editor.ask(0, desk.end).await;
    let asked = desk.daemon.next_completion().await;
    desk.daemon
        .suggest_wearing(asked.id, " nobody came", LIKELY, "en-3");
    assert_eq!(desk.editor.ghost_texts(id).await, [" nobody came"]);
    desk.type_text(" nob").await;
    desk.daemon.next_typed().await;
}

#[tokio::test]
async fn a_suggestion_refused_by_key_counts_though_nothing_is_typed() {
    let home = tempfile::tempdir().expect("a home");
    let mut desk = Desk::open(&home, "The harbour was quiet and").await;
    for _ in 0..SHOWS {
        let id = desk.editor.ask(0, desk.end).await;
        let asked = desk.daemon.next_completion().await;
        desk.daemon.suggest_scored(asked.id, " nobody came", 0.5);
        let answer = desk.editor.response(id).await.expect("succeeds");
        let argument = answer["items"][0]["command"]["arguments"][0].clone();
        let rejected = desk.editor.execute("inkstone.rejected", argument).await;
        rejected.expect("rejected");
    }
    assert!(desk.score_min().await > PRESET + 0.02);
}

#[tokio::test]
async fn keys_in_a_burst_reach_the_daemon_only_when_it_pauses() {
    let home = tempfile::tempdir().expect("a home");
    let mut desk = Desk::open(&home, "The harbour").await;
    desk.editor.set("debounce_ms", json!(2_000)).await;
    for _ in 0..ROUNDS_MAX {
        // One after the other without waiting, as a fast writer's editor does.
        let mut last = 0;
        for letter in ["a", "b", "c"] {
            desk.type_text(letter).await;
            last = desk.editor.ask(0, desk.end).await;
        }
        let mut reached = Vec::new();
        let newest = loop {
            match desk.daemon.next().await {
                ClientMessage::Request {
                    id,
                    call: inkstone_protocol::Call::Complete(params),
                    ..
                } => {
                    reached.push(params.prefix.clone());
                    if params.prefix.ends_with("abc") {
                        break id;
                    }
                }
                ClientMessage::Cancel(_) => {}
                other => panic!("unexpected {other:?}"),
            }
        };
        desk.daemon.suggest(newest, " was");
        assert_eq!(desk.editor.ghost_texts(last).await, [" was"]);
        if !reached.iter().any(|prefix| prefix.ends_with("ab")) {
            return;
        }
    }
    panic!("every key reached the daemon in {ROUNDS_MAX} rounds");
}

#[tokio::test]
async fn while_keys_come_fast_suggestions_are_shorter_and_by_key_they_are_not() {
    let home = tempfile::tempdir().expect("a home");
    let stop_of = async |desk: &mut Desk, trigger: u8| {
        let params = json!({
            "textDocument": {"uri": DOCUMENT},
            "position": {"line": 0, "character": desk.end},
            "context": {"triggerKind": trigger},
        });
        let method = "textDocument/inlineCompletion";
        let id = desk.editor.send_request(method, params).await;
        let asked = desk.daemon.next_completion().await;
        desk.daemon.suggest(asked.id, "x");
        desk.editor.ghost_texts(id).await;
        asked.params.stop
    };
    for (text, typed, bound) in [
        ("The harbour 港口", "很安静", StopRule::Phrase),
        ("今天 the harbour", "bour", StopRule::Word),
    ] {
        let mut desk = Desk::open(&home, text).await;
        let mut stops = Vec::new();
        for _ in 0..ROUNDS_MAX {
            // One after the other without waiting. A machine that stands still between two keys
            // makes a pause of it.
            for letter in typed.repeat(3).chars() {
                desk.type_text(&letter.to_string()).await;
            }
            stops.push(stop_of(&mut desk, AUTOMATIC).await);
            if stops.contains(&Some(bound)) {
                break;
            }
        }
        assert!(stops.contains(&Some(bound)), "{stops:?}");
        assert_eq!(stop_of(&mut desk, INVOKED).await, Some(StopRule::Sentence));
    }
}

#[tokio::test]
async fn what_the_editor_tells_of_itself_silences_even_a_person_who_asks() {
    let home = tempfile::tempdir().expect("a home");
    let mut desk = Desk::open(&home, "今天早上我去公园散步，空气里").await;
    for (fact, reason) in [
        ("composing", "composing"),
        ("selection", "selection_active"),
        ("readOnly", "read_only"),
    ] {
        // What is on its way then is of no use any more.
        let running = desk.editor.ask(0, desk.end).await;
        let asked = desk.daemon.next_completion().await;
        let state = json!({"uri": DOCUMENT, fact: true});
        desk.editor.notify("inkstone/editorState", state).await;
        assert_eq!(desk.daemon.next_cancel().await, asked.id);
        assert!(desk.editor.ghost_texts(running).await.is_empty());
        let id = desk.editor.ask(0, desk.end).await;
        assert!(desk.editor.ghost_texts(id).await.is_empty());
        let id = desk.editor.ask_by_key(0, desk.end).await;
        assert!(desk.editor.ghost_texts(id).await.is_empty());
        let status = desk.editor.status().await;
        assert_eq!(status["document"]["decision"]["reason"], reason, "{status}");
        let state = json!({"uri": DOCUMENT});
        desk.editor.notify("inkstone/editorState", state).await;
    }
    desk.is_shown("弥漫着花香", LIKELY).await;
}

#[tokio::test]
async fn pinyin_that_an_input_method_left_in_the_text_is_told_by_itself() {
    let home = tempfile::tempdir().expect("a home");
    let mut desk = Desk::open(&home, "今天早上我去公园散步，空气里").await;
    desk.type_text("mi'man").await;
    let id = desk.editor.ask(0, desk.end).await;
    assert!(desk.editor.ghost_texts(id).await.is_empty());
    let decision = &desk.editor.status().await["document"]["decision"];
    assert_eq!(decision["reason"], "composing");
    // A person who asks knows better, and English after a space is no pinyin.
    let id = desk.editor.ask_by_key(0, desk.end).await;
    let asked = desk.daemon.next_completion().await;
    desk.daemon.suggest(asked.id, "着");
    assert_eq!(desk.editor.ghost_texts(id).await, ["着"]);
    desk.type_text("。我们用 react").await;
    desk.is_shown(" 写", LIKELY).await;
}

#[tokio::test]
async fn nothing_is_written_into_a_key() {
    let home = tempfile::tempdir().expect("a home");
    let mut desk = Desk::open(&home, "Set it to sk-proj-9fQ2kd83").await;
    let id = desk.editor.ask_by_key(0, desk.end).await;
    assert!(desk.editor.ghost_texts(id).await.is_empty());
    let decision = &desk.editor.status().await["document"]["decision"];
    assert_eq!(decision["reason"], "in_secret");
}
