//! Several suggestions to choose from (`completion.alternatives`).

use crate::support::daemon::{Completion, ScriptedDaemon, silent_reply};
use crate::support::desk::Desk;
use crate::support::editor::{DOCUMENT, Editor};
use crate::support::{host, units};
use inkstone_protocol::{Alternative, CompleteReply};
use serde_json::{Value, json};

/// The threshold of the default preset.
const PRESET: f32 = 0.44;

/// Suggestions after which feedback has moved it.
const SHOWS: usize = 28;

impl Desk {
    /// Asks by key and is given these; returns the items and the question.
    async fn choose_from(&mut self, texts: &[&str]) -> (Vec<Value>, Completion) {
        let id = self.editor.ask_by_key(0, self.end).await;
        let asked = self.daemon.next_completion().await;
        self.daemon.reply(asked.id, several(texts));
        let answer = self.editor.response(id).await.expect("succeeds");
        (answer["items"].as_array().expect("items").clone(), asked)
    }

    /// What is shown at the caret by itself, without the daemon: it would not answer.
    async fn reused(&mut self) -> Vec<String> {
        let id = self.editor.ask(0, self.end).await;
        self.editor.ghost_texts(id).await
    }
}

fn several(texts: &[&str]) -> CompleteReply {
    let other = |text: &&str| Alternative {
        text: (*text).to_owned(),
        word_ends: vec![u32::try_from(text.len()).expect("short")],
        confidence: None,
    };
    CompleteReply {
        text: texts[0].to_owned(),
        alternatives: texts[1..].iter().map(other).collect(),
        ..silent_reply()
    }
}

fn name_of(item: &Value) -> Value {
    item["command"]["arguments"][0].clone()
}

#[tokio::test]
async fn only_who_asks_by_key_has_several_computed_and_as_many_as_the_setting_allows() {
    let home = tempfile::tempdir().expect("a home");
    let mut desk = Desk::open(&home, "The harbour was").await;
    let id = desk.editor.ask(0, desk.end).await;
    let by_itself = desk.daemon.next_completion().await;
    assert_eq!(by_itself.params.alternatives_max, 1);
    desk.daemon.suggest(by_itself.id, " quiet.");
    assert_eq!(desk.editor.ghost_texts(id).await, [" quiet."]);
    let (_, by_key) = desk.choose_from(&[" quiet."]).await;
    assert_eq!(by_key.params.alternatives_max, 3);
    desk.editor.set("alternatives", json!(1)).await;
    let (_, one) = desk.choose_from(&[" quiet."]).await;
    assert_eq!(one.params.alternatives_max, 1);
}

#[tokio::test]
async fn each_has_its_name_and_parts_and_those_that_fit_what_is_typed_stay() {
    for (line, texts, typed, left) in [
        (
            "The harbour",
            [" was quiet.", " had been empty.", " has."],
            " ha",
            ["d been empty.", "s."],
        ),
        (
            "今天早上",
            ["我去公园。", "天气很好。", "天空很蓝。"],
            "天",
            ["气很好。", "空很蓝。"],
        ),
        (
            "我们用",
            ["它写。", " React 写。", " Rust 写。"],
            " R",
            ["eact 写。", "ust 写。"],
        ),
    ] {
        let home = tempfile::tempdir().expect("a home");
        let mut desk = Desk::open(&home, line).await;
        let (items, _) = desk.choose_from(&texts).await;
        let given: Vec<&str> = items
            .iter()
            .filter_map(|item| item["insertText"].as_str())
            .collect();
        assert_eq!(given, texts);
        let names: std::collections::BTreeSet<String> =
            items.iter().map(|item| name_of(item).to_string()).collect();
        assert_eq!(names.len(), 3, "{names:?}");
        for (item, text) in items.iter().zip(texts) {
            let lines = &item["command"]["arguments"][1]["ends"]["lines"];
            assert_eq!(lines, &json!([units(text, "utf-16")]));
        }
        assert_eq!(desk.reused().await, texts);
        desk.type_text(typed).await;
        assert_eq!(desk.reused().await, left);
        // The last is taken: nothing of the others comes back.
        let last = name_of(&items[2]);
        let taken = desk.editor.execute("inkstone.accepted", last).await;
        taken.expect("accepted");
        let counts = &desk.editor.status().await["suggestions"];
        assert_eq!(counts, &json!({"offered": 1, "accepted": 1, "rejected": 0}));
        let id = desk.editor.ask(0, desk.end).await;
        let asked = desk.daemon.next_completion().await;
        desk.daemon.suggest(asked.id, "");
        assert!(desk.editor.ghost_texts(id).await.is_empty());
    }
}

#[tokio::test]
async fn whoever_takes_another_has_passed_over_the_first() {
    let home = tempfile::tempdir().expect("a home");
    let mut desk = Desk::open(&home, "The harbour was quiet and").await;
    for _ in 0..SHOWS {
        let id = desk.editor.ask(0, desk.end).await;
        let asked = desk.daemon.next_completion().await;
        desk.daemon.suggest_scored(asked.id, " nobody came", 0.5);
        assert_eq!(desk.editor.ghost_texts(id).await, [" nobody came"]);
        // By key the same comes first, under another name, and two more.
        let (items, _) = desk
            .choose_from(&[" nobody came", " the boats", " we left"])
            .await;
        let taken = name_of(&items[1]);
        let taken = desk.editor.execute("inkstone.accepted", taken).await;
        taken.expect("accepted");
    }
    assert!(desk.score_min().await > PRESET + 0.02);
}

#[tokio::test]
async fn the_first_may_be_taken_under_the_name_that_it_has_among_the_others() {
    let home = tempfile::tempdir().expect("a home");
    let mut desk = Desk::open(&home, "今天早上我去公园散步，").await;
    for _ in 0..SHOWS {
        let id = desk.editor.ask(0, desk.end).await;
        let asked = desk.daemon.next_completion().await;
        desk.daemon
            .suggest_scored(asked.id, "空气里弥漫着花香", 0.5);
        assert_eq!(desk.editor.ghost_texts(id).await, ["空气里弥漫着花香"]);
        let (items, _) = desk.choose_from(&["空气里弥漫着花香", "湖边"]).await;
        let taken = name_of(&items[0]);
        let taken = desk.editor.execute("inkstone.accepted", taken).await;
        taken.expect("accepted");
    }
    assert!(desk.score_min().await < PRESET - 0.01);
}

#[tokio::test]
async fn a_list_has_an_item_for_each() {
    let home = tempfile::tempdir().expect("a home");
    let host = host(home.path());
    let mut daemon = ScriptedDaemon::listen(&host.directories);
    let mut editor = Editor::start(host);
    editor.initialize(json!({}), json!(null)).await;
    editor.open("The 港口 har").await;
    let params =
        json!({"textDocument": {"uri": DOCUMENT}, "position": {"line": 0, "character": 10}});
    let id = editor.send_request("textDocument/completion", params).await;
    let asked = daemon.next_completion().await;
    assert_eq!(asked.params.alternatives_max, 3);
    assert!(asked.params.score_min.is_some());
    daemon.reply(asked.id, several(&["bour was quiet.", "vest began."]));
    let answer = editor.response(id).await.expect("succeeds");
    let filters: Vec<&str> = answer["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter_map(|item| item["filterText"].as_str())
        .collect();
    assert_eq!(filters, ["harbour was quiet.", "harvest began."]);
}
