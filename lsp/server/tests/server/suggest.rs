//! Suggestions, from the caret to the daemon and back into the editor.

use crate::support::daemon::{ScriptedDaemon, silent_reply};
use crate::support::desk::Desk;
use crate::support::editor::{DOCUMENT, Editor};
use crate::support::{host, units};
use inkstone_protocol::{CompleteReply, Place, Silence, StopRule, Trigger};
use serde_json::{Value, json};

const HARBOUR: &str = "The morning after the storm, the harbour was quiet. ";

#[tokio::test]
async fn a_suggestion_comes_back_at_the_caret_in_every_encoding() {
    for line in [
        HARBOUR,
        "今天早上我去公园散步,空气里",
        "She wrote 👨‍👩‍👧 and cafe\u{301} in one ",
    ] {
        for encoding in ["utf-8", "utf-16", "utf-32"] {
            let text = format!("# 砚\r\n\r\n{line}");
            let mut desk = Desk::alone(encoding, &text).await;
            let character = units(line, encoding);
            let id = desk.editor.ask(2, character).await;
            let asked = desk.daemon.next_completion().await;
            assert_eq!(asked.params.prefix, text, "{encoding}");
            assert_eq!(asked.params.suffix, "");
            desk.daemon.suggest(asked.id, "Broken masts lay there.");
            let answer = desk.editor.response(id).await.expect("succeeds");
            let item = &answer["items"][0];
            assert_eq!(item["insertText"], "Broken masts lay there.");
            assert_eq!(
                item["range"]["start"],
                json!({"line": 2, "character": character})
            );
            assert_eq!(item["range"]["end"], item["range"]["start"]);
            assert_eq!(item["command"]["command"], "inkstone.accepted");
        }
    }
}

#[tokio::test]
async fn the_daemon_gets_title_and_headings_and_the_path_nowhere_but_in_its_place() {
    let text = "# 砚 Inkstone\n\n## Harbour\n\nThe morning ";
    let mut desk = Desk::alone("utf-16", text).await;
    desk.editor.ask(4, 12).await;
    let mut asked = desk.daemon.next_completion().await;
    // Folders are watched here, which may have an adapter of their own.
    assert_eq!(
        asked.params.path.take().as_deref(),
        Some("/notes/harbour.md")
    );
    let sent = serde_json::to_string(&asked.params).expect("serializes");
    assert!(!sent.contains("notes") && !sent.contains("file:"), "{sent}");
    assert_eq!(asked.params.title.as_deref(), Some("砚 Inkstone"));
    assert_eq!(asked.params.headings, ["砚 Inkstone", "Harbour"]);
}

#[tokio::test]
async fn the_editors_own_request_does_not_take_the_answer_from_the_person_who_asked_by_key() {
    // Text follows on the line, so that only a person who asks gets a suggestion there.
    let mut desk = Desk::alone("utf-16", "The harbour was quiet. And then").await;
    let by_key = json!({
        "textDocument": {"uri": DOCUMENT},
        "position": {"line": 0, "character": 11},
        "context": {"triggerKind": 1},
    });
    let method = "textDocument/inlineCompletion";
    let wanted = desk.editor.send_request(method, by_key).await;
    let asked = desk.daemon.next_completion().await;
    assert_eq!(asked.params.trigger, Trigger::Invoked);
    // The request that the last key has made, which the editor holds back for a moment.
    let late = desk.editor.ask(0, 11).await;
    assert!(desk.editor.ghost_texts(late).await.is_empty());
    desk.daemon.suggest(asked.id, " in the north");
    assert_eq!(desk.editor.ghost_texts(wanted).await, [" in the north"]);
}

/// What the daemon is told about where to end, at the end of `line` and by key.
async fn stops(line: &str) -> (Option<StopRule>, Option<StopRule>) {
    let text = format!("# 砚 Inkstone\n\nText.\n\n{line}");
    let mut desk = Desk::alone("utf-16", &text).await;
    let end = units(line, "utf-16");
    let mut stop_of = async |trigger| {
        let params = json!({
            "textDocument": {"uri": DOCUMENT},
            "position": {"line": 4, "character": end},
            "context": {"triggerKind": trigger},
        });
        let method = "textDocument/inlineCompletion";
        let id = desk.editor.send_request(method, params).await;
        let asked = desk.daemon.next_completion().await;
        desk.daemon.suggest(asked.id, "x");
        desk.editor.ghost_texts(id).await;
        asked.params.stop
    };
    (stop_of(2).await, stop_of(1).await)
}

#[tokio::test]
async fn the_daemon_is_told_what_kind_of_place_the_caret_is_in() {
    for (line, place) in [
        ("The morning ", Place::Prose),
        ("## 港口", Place::Heading),
        ("- [ ] buy ", Place::ListItem),
        ("| a | b |\n|---|---|\n| 一 ", Place::Table),
    ] {
        let mut desk = Desk::alone("utf-16", line).await;
        let last = line.lines().last().unwrap_or_default();
        let number = u32::try_from(line.lines().count() - 1).expect("few lines");
        desk.editor.ask(number, units(last, "utf-16")).await;
        let asked = desk.daemon.next_completion().await;
        assert_eq!(asked.params.place, Some(place), "{line:?}");
    }
}

#[tokio::test]
async fn the_daemon_is_told_how_far_a_suggestion_may_go_at_its_place() {
    use StopRule::{Line, Paragraph, Phrase, Sentence};
    for (line, automatic, by_key) in [
        ("The morning ", Sentence, Sentence),
        ("The morn", Phrase, Sentence),
        ("今天早上", Sentence, Sentence),
        ("## The ", Line, Line),
        ("- buy ", Line, Line),
        ("", Sentence, Paragraph),
    ] {
        assert_eq!(
            stops(line).await,
            (Some(automatic), Some(by_key)),
            "{line:?}"
        );
    }
}

#[tokio::test]
async fn a_newer_request_cancels_the_older_one_of_the_same_document() {
    let mut desk = Desk::alone("utf-16", HARBOUR).await;
    let end = units(HARBOUR, "utf-16");
    let older = desk.editor.ask(0, end).await;
    let asked = desk.daemon.next_completion().await;
    desk.editor.edit(0, end, end, "B").await;
    let newer = desk.editor.ask(0, end + 1).await;
    // The cancellation and the next question may come in either order.
    let (mut cancelled, mut next) = (None, None);
    while cancelled.is_none() || next.is_none() {
        match desk.daemon.next().await {
            inkstone_protocol::ClientMessage::Cancel(id) => cancelled = Some(id),
            inkstone_protocol::ClientMessage::Request { id, .. } => next = Some(id),
            hello @ inkstone_protocol::ClientMessage::Hello(_) => panic!("unexpected {hello:?}"),
        }
    }
    assert_eq!(cancelled, Some(asked.id));
    assert_eq!(desk.editor.ghost_texts(older).await, Vec::<String>::new());
    desk.daemon.suggest(next.expect("asked"), "roken masts.");
    assert_eq!(desk.editor.ghost_texts(newer).await, ["roken masts."]);
}

#[tokio::test]
async fn a_request_that_the_editor_cancels_is_cancelled_in_the_daemon() {
    let mut desk = Desk::alone("utf-16", HARBOUR).await;
    let id = desk.editor.ask(0, units(HARBOUR, "utf-16")).await;
    let asked = desk.daemon.next_completion().await;
    desk.editor.cancel(id).await;
    let error = desk.editor.response(id).await.expect_err("it is cancelled");
    assert_eq!(error["code"], -32800);
    assert_eq!(desk.daemon.next_cancel().await, asked.id);
}

#[tokio::test]
async fn typing_along_a_suggestion_asks_nobody() {
    let mut desk = Desk::alone("utf-16", HARBOUR).await;
    let end = units(HARBOUR, "utf-16");
    let id = desk.editor.ask(0, end).await;
    let asked = desk.daemon.next_completion().await;
    desk.daemon.suggest(asked.id, "Broken masts lay there.");
    assert_eq!(desk.editor.ghost_texts(id).await.len(), 1);
    desk.editor.edit(0, end, end, "Bro").await;
    let id = desk.editor.ask(0, end + 3).await;
    // The daemon is asked nothing: it would not answer, and this would not come.
    assert_eq!(desk.editor.ghost_texts(id).await, ["ken masts lay there."]);
    assert_eq!(
        desk.editor.status().await["document"]["decision"]["outcome"],
        "reused"
    );
}

#[tokio::test]
async fn code_is_left_alone_and_the_status_says_why() {
    let text = "Prose.\n\n```rust\nfn main() {}\n```\n";
    let mut desk = Desk::alone("utf-16", text).await;
    let id = desk.editor.ask(3, 12).await;
    assert_eq!(desk.editor.ghost_texts(id).await, Vec::<String>::new());
    let decision = &desk.editor.status().await["document"]["decision"];
    assert_eq!(decision["outcome"], "silent");
    assert!(!decision["message"].as_str().expect("a message").is_empty());
}

#[tokio::test]
async fn a_silence_of_the_daemon_reaches_the_status_with_its_remedy() {
    let mut desk = Desk::alone("utf-16", "今天早上我去公园散步,空气里").await;
    let id = desk.editor.ask(0, 14).await;
    let asked = desk.daemon.next_completion().await;
    let silence = Silence {
        reason: "no_model_for_language".into(),
        message: "no model for Chinese is installed".into(),
        remedy: Some("inkstone setup --lang zh".into()),
    };
    desk.daemon.reply(
        asked.id,
        CompleteReply {
            silence: Some(silence),
            ..silent_reply()
        },
    );
    assert_eq!(desk.editor.ghost_texts(id).await, Vec::<String>::new());
    let decision = &desk.editor.status().await["document"]["decision"];
    assert_eq!(decision["reason"], "no_model_for_language");
    let message = decision["message"].as_str().expect("a message");
    assert!(message.contains("inkstone setup --lang zh"), "{message}");
}

#[tokio::test]
async fn the_switch_and_the_settings_silence_suggestions() {
    let mut desk = Desk::alone("utf-16", HARBOUR).await;
    let end = units(HARBOUR, "utf-16");
    let off = desk
        .editor
        .execute("inkstone.toggle", json!(null))
        .await
        .expect("toggles");
    assert_eq!(off["enabled"], false);
    let id = desk.editor.ask(0, end).await;
    assert_eq!(desk.editor.ghost_texts(id).await, Vec::<String>::new());
    desk.editor
        .execute("inkstone.toggle", json!(null))
        .await
        .expect("toggles");
    let settings = json!({"settings": {"inkstone": {"completion": {"max_tokens": 3}}}});
    desk.editor
        .notify("workspace/didChangeConfiguration", settings)
        .await;
    desk.editor.ask(0, end).await;
    let asked = desk.daemon.next_completion().await;
    assert_eq!(asked.params.max_tokens, Some(3));
    assert_eq!(asked.params.trigger, Trigger::Automatic);
}

#[tokio::test]
async fn accepting_and_rejecting_are_counted() {
    let mut desk = Desk::alone("utf-16", HARBOUR).await;
    let id = desk.editor.ask(0, units(HARBOUR, "utf-16")).await;
    let asked = desk.daemon.next_completion().await;
    desk.daemon.suggest(asked.id, "Broken masts.");
    let answer = desk.editor.response(id).await.expect("succeeds");
    let argument = answer["items"][0]["command"]["arguments"][0].clone();
    desk.editor
        .execute("inkstone.accepted", argument.clone())
        .await
        .expect("accepted");
    desk.editor
        .execute("inkstone.rejected", argument)
        .await
        .expect("rejected");
    assert!(
        desk.editor
            .execute("inkstone.accepted", json!("seven"))
            .await
            .is_err()
    );
    let counts = &desk.editor.status().await["suggestions"];
    assert_eq!(counts, &json!({"offered": 1, "accepted": 1, "rejected": 1}));
}

/// The ends of parts in an answer's item.
fn ends(item: &Value, parts: &str) -> Value {
    item["command"]["arguments"][1]["ends"][parts].clone()
}

#[tokio::test]
async fn a_suggestion_says_where_it_may_be_cut_and_so_does_its_rest_in_every_encoding() {
    // `园` ends a word that the writer began; the emoji goes with the word after it.
    let parts = [
        "园",
        "散步",
        "。",
        "👨‍👩‍👧 cafe\u{301}",
        " 好",
        "吗",
        "。",
        "\n走",
    ];
    let text = parts.concat();
    for encoding in ["utf-8", "utf-16", "utf-32"] {
        let up_to = |from: usize, count: usize| units(&parts[from..count].concat(), encoding);
        let line = "今天早上我去公";
        let mut desk = Desk::alone(encoding, line).await;
        let id = desk.editor.ask(0, units(line, encoding)).await;
        let asked = desk.daemon.next_completion().await;
        // Where sentences and lines end the daemon does not say.
        let word_ends = [1, 2, 4, 5, 6, 8].map(|count| parts[..count].concat().len());
        let reply = CompleteReply {
            text: text.clone(),
            word_ends: word_ends
                .map(|end| u32::try_from(end).expect("short"))
                .to_vec(),
            ..silent_reply()
        };
        desk.daemon.reply(asked.id, reply);
        let answer = desk.editor.response(id).await.expect("succeeds");
        let item = &answer["items"][0];
        assert_eq!(
            ends(item, "words"),
            json!((1..=8).map(|count| up_to(0, count)).collect::<Vec<_>>())
        );
        assert_eq!(
            ends(item, "sentences"),
            json!([3, 7, 8].map(|count| up_to(0, count)))
        );
        assert_eq!(
            ends(item, "lines"),
            json!([7, 8].map(|count| up_to(0, count)))
        );
        // The word is taken: the rest comes with its own ends, and the daemon is not asked.
        let caret = units(line, encoding);
        desk.editor.edit(0, caret, caret, "园散").await;
        let id = desk.editor.ask(0, caret + units("园散", encoding)).await;
        let answer = desk.editor.response(id).await.expect("succeeds");
        let item = &answer["items"][0];
        assert_eq!(item["insertText"], text["园散".len()..]);
        let rest = |count: usize| up_to(0, count) - units("园散", encoding);
        assert_eq!(
            ends(item, "words"),
            json!((2..=8).map(rest).collect::<Vec<_>>())
        );
        assert_eq!(ends(item, "lines"), json!([7, 8].map(rest)));
    }
}

#[tokio::test]
async fn a_suggestion_taken_in_parts_goes_on_and_counts_once() {
    let mut desk = Desk::alone("utf-16", HARBOUR).await;
    let caret = units(HARBOUR, "utf-16");
    let id = desk.editor.ask(0, caret).await;
    let asked = desk.daemon.next_completion().await;
    desk.daemon.suggest(asked.id, "Broken masts. And");
    let answer = desk.editor.response(id).await.expect("succeeds");
    let named = &answer["items"][0]["command"]["arguments"][0];
    let part = |part: &str| json!({ "id": named["id"], "part": part });
    desk.editor.edit(0, caret, caret, "Broken").await;
    let taken = desk.editor.execute("inkstone.accepted", part("word")).await;
    taken.expect("accepted");
    // The daemon is asked nothing: it would not answer, and this would not come.
    let id = desk.editor.ask(0, caret + 6).await;
    assert_eq!(desk.editor.ghost_texts(id).await, [" masts. And"]);
    for of in ["sentence", "line", "all"] {
        let taken = desk.editor.execute("inkstone.accepted", part(of)).await;
        taken.expect("accepted");
    }
    let counts = &desk.editor.status().await["suggestions"];
    assert_eq!(counts, &json!({"offered": 1, "accepted": 1, "rejected": 0}));
    let unknown = desk.editor.execute("inkstone.accepted", part("half")).await;
    let problem = unknown.expect_err("there is no such part").to_string();
    assert!(problem.contains("sentence"), "{problem}");
}

#[tokio::test]
async fn a_client_without_ghost_text_gets_one_list_item() {
    let home = tempfile::tempdir().expect("a home");
    let host = host(home.path());
    let mut daemon = ScriptedDaemon::listen(&host.directories);
    let mut editor = Editor::start(host);
    let helix = json!({"general": {"positionEncodings": ["utf-8", "utf-32", "utf-16"]}});
    editor.initialize(helix, json!(null)).await;
    editor.open("The 港口 har").await;
    let params =
        json!({"textDocument": {"uri": DOCUMENT}, "position": {"line": 0, "character": 14}});
    let id = editor.send_request("textDocument/completion", params).await;
    let asked = daemon.next_completion().await;
    assert_eq!(asked.params.prefix, "The 港口 har");
    daemon.suggest(asked.id, "bour was quiet.");
    let answer = editor.response(id).await.expect("succeeds");
    assert_eq!(answer["isIncomplete"], true);
    let item = &answer["items"][0];
    assert_eq!(item["filterText"], "harbour was quiet.");
    assert_eq!(item["textEdit"]["newText"], "bour was quiet.");
    assert_eq!(
        item["textEdit"]["range"]["start"],
        json!({"line": 0, "character": 14})
    );
}

#[tokio::test]
async fn what_comes_after_a_likely_suggestion_is_there_when_it_is_taken() {
    for (text, likely, next, typed) in [
        (HARBOUR, "Nobody spoke.", " Masts lay there.", " Later"),
        (
            "今天早上我去公园散步，",
            "空气里弥漫着花香。",
            "我们走了很久。",
            "他说",
        ),
        (
            "她说 👨‍👩‍👧 cafe\u{301}，",
            "然后 React 更新了。",
            "真好。",
            "他说",
        ),
    ] {
        let mut desk = Desk::alone("utf-16", text).await;
        let asked = desk.is_shown(likely, 0.8).await;
        // The writer reads.
        let ahead = desk.daemon.next_completion().await;
        assert_eq!(ahead.params.prefix, format!("{text}{likely}"));
        assert_eq!(ahead.params.suffix, asked.params.suffix);
        desk.daemon.suggest_scored(ahead.id, next, 0.5);
        // What follows is sent in order: once this is answered, so is the question.
        desk.editor.status().await;
        desk.type_text(likely).await;
        let id = desk.editor.ask(0, desk.end).await;
        assert_eq!(desk.editor.ghost_texts(id).await, [next]);
        // Anything else is asked anew, and what was asked ahead is forgotten.
        desk.type_text(typed).await;
        let id = desk.editor.ask(0, desk.end).await;
        let anew = desk.daemon.next_completion().await;
        assert_eq!(anew.params.prefix, format!("{text}{likely}{typed}"));
        desk.daemon.suggest(anew.id, "");
        assert!(desk.editor.ghost_texts(id).await.is_empty());
    }
}

#[tokio::test]
async fn a_key_ends_what_is_asked_ahead() {
    let mut desk = Desk::alone("utf-16", HARBOUR).await;
    desk.is_shown(" was quiet.", 0.8).await;
    let ahead = desk.daemon.next_completion().await;
    desk.type_text(",").await;
    let _ = desk.editor.ask(0, desk.end).await;
    assert_eq!(desk.daemon.next_cancel().await, ahead.id);
}

#[tokio::test]
async fn nothing_is_asked_ahead_of_what_is_unlikely_or_begins_a_line_or_when_switched_off() {
    let mut desk = Desk::alone("utf-16", HARBOUR).await;
    for (ahead, typed, suggestion, score) in [
        (true, "Later", " we left.", 0.45),
        (true, " the", " harbour\nwas quiet", 0.9),
        (false, " wind", " rose.", 0.9),
    ] {
        desk.editor.set("ahead", json!(ahead)).await;
        desk.type_text(typed).await;
        desk.is_shown(suggestion, score).await;
        desk.editor.set("ahead", json!(true)).await;
        // Asked ahead later than the other could have been, and yet the next to come.
        let uri = format!("file:///notes/{}.md", desk.end);
        let other = json!({"uri": uri, "languageId": "markdown", "version": 1, "text": HARBOUR});
        let other = json!({"textDocument": other});
        desk.editor.notify("textDocument/didOpen", other).await;
        let caret = json!({
            "textDocument": {"uri": uri},
            "position": {"line": 0, "character": units(HARBOUR, "utf-16")},
            "context": {"triggerKind": 2},
        });
        let method = "textDocument/inlineCompletion";
        let id = desk.editor.send_request(method, caret).await;
        let asked = desk.daemon.next_completion().await;
        desk.daemon
            .suggest_scored(asked.id, "Masts lay there.", 0.9);
        assert_eq!(desk.editor.ghost_texts(id).await, ["Masts lay there."]);
        let next = desk.daemon.next_completion().await;
        assert_eq!(next.params.prefix, format!("{HARBOUR}Masts lay there."));
        desk.daemon.suggest(next.id, "");
    }
}

#[tokio::test]
async fn coming_back_to_a_document_warms_its_model_once() {
    let mut desk = Desk::alone("utf-16", HARBOUR).await;
    assert_eq!(desk.daemon.warmed_with().await, HARBOUR);
    let told = |focused: bool| json!({"uri": DOCUMENT, "focused": focused});
    // Told twice, and lost, it warms nothing.
    for focused in [true, true, false] {
        desk.editor
            .notify("inkstone/editorState", told(focused))
            .await;
    }
    desk.editor.edit(0, 0, 0, "Note. ").await;
    desk.editor.notify("inkstone/editorState", told(true)).await;
    assert_eq!(desk.daemon.warmed_with().await, HARBOUR);
    assert_eq!(
        desk.daemon.warmed_with().await,
        format!("Note. {HARBOUR}"),
        "nothing between the two"
    );
}

#[tokio::test]
async fn opening_warms_the_model_and_closing_frees_the_document() {
    let mut desk = Desk::alone("utf-16", HARBOUR).await;
    assert_eq!(desk.daemon.warmed_with().await, HARBOUR);
    let id = desk.editor.ask(0, 3).await;
    let _ = id;
    let close = json!({"textDocument": {"uri": DOCUMENT}});
    desk.editor.notify("textDocument/didClose", close).await;
    loop {
        if let inkstone_protocol::ClientMessage::Request {
            call: inkstone_protocol::Call::Close { document },
            ..
        } = desk.daemon.next().await
        {
            assert!(!document.0.is_empty());
            break;
        }
    }
}

#[tokio::test]
async fn loading_a_model_shows_progress_that_ends() {
    let mut desk = Desk::alone("utf-16", HARBOUR).await;
    let id = desk.editor.ask(0, units(HARBOUR, "utf-16")).await;
    let asked = desk.daemon.next_completion().await;
    desk.daemon.loading(asked.id, 10);
    let begin = desk.editor.progress().await;
    assert_eq!(
        (begin["kind"].as_str(), begin["percentage"].as_i64()),
        (Some("begin"), Some(10))
    );
    desk.daemon.loading(asked.id, 60);
    let report = desk.editor.progress().await;
    assert_eq!(
        (report["kind"].as_str(), report["percentage"].as_i64()),
        (Some("report"), Some(60))
    );
    desk.daemon.suggest(asked.id, "Broken masts.");
    assert_eq!(desk.editor.progress().await["kind"], "end");
    assert_eq!(desk.editor.ghost_texts(id).await, ["Broken masts."]);
}

#[tokio::test]
async fn what_the_daemon_wants_known_is_shown_once_and_stands_in_the_status() {
    for notice in [
        "the graphics card Vulkan0 failed; the processor computes",
        "显卡 Vulkan0 failed;由处理器计算",
    ] {
        let mut desk = Desk::alone("utf-16", HARBOUR).await;
        let mut end = units(HARBOUR, "utf-16");
        for word in ["Then ", "she "] {
            desk.editor.edit(0, end, end, word).await;
            end += units(word, "utf-16");
            let id = desk.editor.ask(0, end).await;
            let asked = desk.daemon.next_completion().await;
            let reply = CompleteReply {
                text: "it rained for days.".into(),
                notice: Some(notice.into()),
                ..silent_reply()
            };
            desk.daemon.reply(asked.id, reply);
            assert_eq!(desk.editor.ghost_texts(id).await.len(), 1);
        }
        let status = desk.editor.status().await;
        assert_eq!(status["notices"], json!([notice]));
        let (_, shown) = desk.editor.shown_message().await;
        assert_eq!(shown, format!("Inkstone: {notice}"));
        let is_shown = |message: &serde_json::Value| message["method"] == "window/showMessage";
        assert!(!desk.editor.has_unseen(is_shown));
    }
}
