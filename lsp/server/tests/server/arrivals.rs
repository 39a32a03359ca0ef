//! Text that was not typed is told to the daemon, as hashes; the writer's own is not.

use inkstone_prose::shingle::{Width, shingles};
use inkstone_protocol::{Call, InsertedOrigin};
use serde_json::{Value, json};

use crate::support::daemon::ScriptedDaemon;
use crate::support::desk::Desk;
use crate::support::editor::{DOCUMENT, Editor};
use crate::support::{host, units};

const BEFORE: &str = "The harbour was quiet in the morning,";
const TAKEN: &str = " and nobody had seen the boats go out.";
const PASTE: &str = "Large language models are trained on text from many sources, and their output \
                     is often fluent, general, and free of any particular voice that a reader could \
                     name; so it should not teach another model how its writer sounds.";

fn distinct(text: &str) -> Vec<u64> {
    let mut hashes = shingles(text, Width::RECOGNISE);
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

fn saved() -> Value {
    json!({"textDocument": {"uri": DOCUMENT}})
}

/// The next text that is to be remembered; nothing else came before it.
async fn remembered(daemon: &mut ScriptedDaemon) -> (InsertedOrigin, Vec<u64>) {
    match daemon.next_for_trainer().await {
        Call::Inserted { origin, shingles } => (origin, shingles),
        other => panic!("expected inserted text, got {other:?}"),
    }
}

/// Nothing is remembered before the document is saved.
async fn nothing_is_remembered(desk: &mut Desk) {
    desk.editor.notify("textDocument/didSave", saved()).await;
    match desk.daemon.next_for_trainer().await {
        Call::Saved { path } => assert_eq!(path, "/notes/harbour.md"),
        other => panic!("expected the saved document, got {other:?}"),
    }
}

#[tokio::test]
async fn a_suggestion_taken_whole_or_by_words_is_remembered_with_half_a_shingle_before() {
    let words = [
        " and", " nobody", " had", " seen", " the", " boats", " go", " out.",
    ];
    let expected = distinct(&format!(" in the morning,{TAKEN}"));
    for parts in [&[TAKEN][..], &words] {
        let mut desk = Desk::alone("utf-16", BEFORE).await;
        desk.is_shown(TAKEN, 0.9).await;
        for part in parts {
            desk.type_text(part).await;
            let argument = json!({"id": 1, "part": if parts.len() > 1 { "word" } else { "all" }});
            desk.editor
                .execute("inkstone.accepted", argument)
                .await
                .expect("is known");
        }
        desk.type_text(" ").await;
        assert_eq!(
            remembered(&mut desk.daemon).await,
            (InsertedOrigin::Suggested, expected.clone())
        );
        nothing_is_remembered(&mut desk).await;
    }
}

#[tokio::test]
async fn a_chinese_part_counts_once_the_editor_says_that_it_was_taken() {
    let (before, taken) = (
        "清晨的港口很安静,",
        "没有人看见那些船出海，海上只有雾和远处的钟声。",
    );
    let expected = distinct(&format!("的港口很安静,{taken}"));
    let (first, second) = taken.split_at("没有人看见那些船出海，".len());
    let mut desk = Desk::alone("utf-8", before).await;
    desk.is_shown(taken, 0.9).await;
    desk.type_text(first).await;
    // The second part's command comes before its edit, as some editors have it.
    for part in [None, Some(second)] {
        let argument = json!({"id": 1, "part": "sentence"});
        desk.editor
            .execute("inkstone.accepted", argument)
            .await
            .expect("is known");
        if let Some(part) = part {
            desk.type_text(part).await;
        }
    }
    desk.editor.notify("textDocument/didSave", saved()).await;
    let (origin, shingles) = remembered(&mut desk.daemon).await;
    assert_eq!(origin, InsertedOrigin::Suggested);
    assert_eq!(shingles, expected);

    // An input method confirms the same characters, and nobody says that they were taken.
    let mut desk = Desk::alone("utf-8", before).await;
    desk.is_shown(taken, 0.9).await;
    desk.type_text(first).await;
    desk.type_text("海").await;
    nothing_is_remembered(&mut desk).await;
}

#[tokio::test]
async fn typing_along_a_suggestion_is_typing() {
    let mut desk = Desk::alone("utf-32", BEFORE).await;
    desk.is_shown(TAKEN, 0.9).await;
    // Some editors tell of two keys at once.
    let keys: Vec<char> = TAKEN.chars().collect();
    for keys in keys.chunks(2) {
        desk.type_text(&keys.iter().collect::<String>()).await;
    }
    nothing_is_remembered(&mut desk).await;
}

#[tokio::test]
async fn a_long_insertion_is_a_paste_and_its_undoing_and_moving_are_not() {
    let mut desk = Desk::alone("utf-16", "Notes. ").await;
    desk.type_text(PASTE).await;
    let pasted = remembered(&mut desk.daemon).await;
    assert_eq!(pasted, (InsertedOrigin::Pasted, distinct(PASTE)));
    let (start, end) = (units("Notes. ", "utf-16"), desk.end);
    // Undone and done again; deleted letter by letter and restored at once; cut and put elsewhere.
    desk.editor.edit(0, start, end, "").await;
    desk.editor.edit(0, start, start, PASTE).await;
    for at in (start..end).rev() {
        desk.editor.edit(0, at, at + 1, "").await;
    }
    desk.editor.edit(0, start, start, "x").await;
    desk.editor.edit(0, start, start + 1, PASTE).await;
    desk.editor.edit(0, start, end, "").await;
    desk.editor.edit(0, 0, 0, &format!("\n{PASTE}\n")).await;
    // Copied.
    desk.editor.edit(0, 0, 0, &format!("{PASTE}\n")).await;
    nothing_is_remembered(&mut desk).await;
}

#[tokio::test]
async fn formatting_whole_texts_and_short_insertions_are_no_paste() {
    let mut desk = Desk::alone("utf-16", &format!("{PASTE} {BEFORE}")).await;
    let wrapped = PASTE.replace(", ", ",\n");
    desk.editor.edit(0, 0, desk.end, &wrapped).await;
    let other = PASTE.to_uppercase().replace("LARGE", "SMALL");
    desk.editor
        .change(json!([{"text": format!("Other. {other} {BEFORE}")}]))
        .await;
    desk.editor
        .edit(
            0,
            0,
            0,
            "Input methods and dictation bring a sentence at once. ",
        )
        .await;
    nothing_is_remembered(&mut desk).await;
}

#[tokio::test]
async fn chinese_pastes_are_shorter_and_their_writer_can_switch_them_off() {
    let paste = "大语言模型的文字往往流畅而空泛，没有谁的声音，读起来像许多人一起说的话，因此不应该拿来\
                 教另一个模型如何像它的作者那样写作，那样只会越写越像它自己，而离写字的人越来越远。";
    let mut desk = Desk::alone("utf-16", "笔记：").await;
    desk.type_text(paste).await;
    let pasted = remembered(&mut desk.daemon).await;
    assert_eq!(pasted, (InsertedOrigin::Pasted, distinct(paste)));

    let home = tempfile::tempdir().expect("a home");
    let file = host(home.path()).directories.config_file();
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    std::fs::write(&file, "[corpus]\nremember_insertions = false\n").expect("settings");
    let mut desk = Desk::open(&home, "笔记：").await;
    desk.type_text(paste).await;
    nothing_is_remembered(&mut desk).await;
}

#[tokio::test]
async fn what_the_daemon_misses_while_it_is_away_it_is_told_when_it_is_back() {
    let home = tempfile::tempdir().expect("a home");
    let host = host(home.path());
    let directories = host.directories.clone();
    let mut editor = Editor::ready(host, &["utf-16"]).await;
    editor.open("Notes. ").await;
    editor.shown_message().await;
    editor.edit(0, 7, 7, PASTE).await;
    editor.server_text().await;
    let mut daemon = ScriptedDaemon::listen(&directories);
    let pasted = remembered(&mut daemon).await;
    assert_eq!(pasted, (InsertedOrigin::Pasted, distinct(PASTE)));
}

#[tokio::test]
async fn what_was_taken_last_is_told_when_the_editor_says_goodbye() {
    let mut desk = Desk::alone("utf-16", BEFORE).await;
    desk.is_shown(TAKEN, 0.9).await;
    desk.type_text(TAKEN).await;
    desk.editor.server_text().await;
    let Desk {
        editor, mut daemon, ..
    } = desk;
    editor.hang_up().await;
    let (origin, _) = remembered(&mut daemon).await;
    assert_eq!(origin, InsertedOrigin::Suggested);
}
