//! A suggestion that was taken, and a paste, are known as such in a later session: as hashes in the
//! database, by which the trainer leaves them out.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use inkstone_corpus::authorship::{Claim, Evidence, Origin, Verdict, judge};
use inkstone_corpus::{Block, BlockKind, Reason};
use inkstone_e2e::editor::{Editor, at_end};
use inkstone_e2e::home;
use inkstone_e2e::shell::inkstone;
use inkstone_e2e::turn::together;
use inkstone_prose::Language;
use inkstone_prose::shingle::{Width, shingles};
use inkstone_store::{InsertedMark, Store};
use inkstone_test_support::{Home, eventually};
use serde_json::{Value, json};

use crate::sensible::{HARBOUR, PARK};

const PASTE: &str = "Large language models are trained on text from many sources, and their output \
                     is often fluent, general, and free of any particular voice that a reader could \
                     name; so it should not teach another model how its writer sounds.";

/// Enough taken for several shingles.
const TAKEN_BYTES_MIN: usize = 60;

/// A text of fewer says little.
const SHINGLES_MIN: usize = 2;

/// Suggestions are asked for at most so often; some are empty.
const ASKED_MAX: usize = 20;

/// How long a mark may take to the disk on a busy machine.
const MARKED_WAIT: Duration = Duration::from_secs(30);

fn database(home: &Home) -> PathBuf {
    home.root().join("data").join("inkstone.db")
}

fn save(editor: &Editor) {
    let params = json!({"textDocument": {"uri": editor.uri}});
    let saved = editor.client.notify("textDocument/didSave", &params);
    saved.unwrap_or_else(|error| panic!("{error}"));
}

/// Takes suggestions, one after another, until there are enough; gives them as one text.
fn take_suggestions(editor: &mut Editor) -> String {
    let before = editor.text().len();
    for _ in 0..ASKED_MAX {
        let suggestion = editor.suggestion().unwrap_or_default();
        if suggestion.trim().is_empty() {
            break;
        }
        editor.type_text(&suggestion);
        let taken = &editor.text()[before..];
        // A Han character says as much as a few letters, and takes three bytes.
        if taken.len() >= TAKEN_BYTES_MIN {
            break;
        }
    }
    editor.text()[before..].to_owned()
}

fn marks(home: &Home, text: &str) -> HashMap<u64, InsertedMark> {
    let store = Store::open(&database(home)).expect("the database opens");
    let hashes = shingles(text, Width::RECOGNISE);
    store.inserted(&hashes).expect("it can be read")
}

/// Waits until every shingle of a text is marked.
fn wait_until_marked(home: &Home, text: &str) {
    assert!(
        !shingles(text, Width::RECOGNISE).is_empty(),
        "too short: {text:?}"
    );
    eventually(MARKED_WAIT, "the marks of what was inserted", || {
        let is_there = database(home).exists();
        let hashes = shingles(text, Width::RECOGNISE);
        let marks = if is_there {
            marks(home, text)
        } else {
            HashMap::new()
        };
        hashes
            .iter()
            .all(|hash| marks.contains_key(hash))
            .then_some(())
    });
}

/// What the trainer makes of paragraphs, by the marks that are in the home.
fn judged(home: &Home, paragraphs: &[&str]) -> Vec<Verdict> {
    let marks = marks(home, &paragraphs.join("\n\n"));
    let origin_of = |hash: u64| {
        Some(match marks.get(&hash)?.origin {
            inkstone_store::Origin::Suggested => Origin::Suggested,
            inkstone_store::Origin::Pasted => Origin::Pasted,
            inkstone_store::Origin::KnownSource => Origin::KnownSource,
        })
    };
    let blocks: Vec<Block> = paragraphs
        .iter()
        .map(|text| Block {
            kind: BlockKind::Paragraph,
            text: (*text).to_owned(),
            lines: None,
        })
        .collect();
    let evidence = Evidence {
        path: "elsewhere/moved.md",
        line_authors: None,
        origin_of: &origin_of,
        claim: Claim::Auto,
        main_language: Language::English,
    };
    judge(&blocks.iter().collect::<Vec<_>>(), &evidence)
}

fn restart(home: &Home, editor: Editor) {
    let ended = editor.client.request("shutdown", &Value::Null);
    ended.unwrap_or_else(|error| panic!("{error}"));
    drop(editor);
    inkstone(home, &["stop"]).ok();
    eventually(Duration::from_secs(10), "the daemon's end", || {
        home.daemons().is_empty().then_some(())
    });
    inkstone(home, &["start"]).ok();
}

/// Takes suggestions after the first beginning for which the model has enough of them.
fn take_enough<'a>(home: &Home, beginnings: &[&'a str]) -> (Editor, &'a str, String) {
    for own in beginnings {
        let mut editor = Editor::open(home, &at_end(own));
        let taken = take_suggestions(&mut editor);
        if shingles(&taken, Width::RECOGNISE).len() >= SHINGLES_MIN {
            return (editor, own, taken);
        }
    }
    panic!("the model has little to say after any of {beginnings:?}");
}

fn check(home: &Home, beginnings: &[&str]) {
    let (editor, own, taken) = take_enough(home, beginnings);
    save(&editor);
    wait_until_marked(home, &taken);
    restart(home, editor);

    let mut editor = Editor::open(home, &at_end("Notes. "));
    editor.type_text(PASTE);
    save(&editor);
    wait_until_marked(home, PASTE);
    let mixed = format!("{own}{taken}");
    let verdicts = judged(home, &[own, &taken, &mixed, PASTE]);
    assert_eq!(verdicts[0], Verdict::Own, "{own:?}");
    assert_eq!(
        verdicts[1],
        Verdict::LeaveOut(Reason::Suggested),
        "{taken:?}"
    );
    assert!(
        matches!(verdicts[2], Verdict::Assisted { .. }),
        "{verdicts:?} of {mixed:?}"
    );
    assert_eq!(verdicts[3], Verdict::LeaveOut(Reason::Pasted));
}

#[test]
fn an_english_suggestion_is_known_after_a_restart_of_everything() {
    let _turn = together();
    check(&home::english(), &[HARBOUR]);
}

#[test]
fn a_chinese_suggestion_is_known_after_a_restart_of_everything() {
    let _turn = together();
    let beginnings = [
        PARK,
        "昨天下午我和朋友一起去了海边,我们在沙滩上",
        "这本书讲述了一个年轻人离开家乡去城市工作的故事,他",
        "老人坐在院子里的石凳上,慢慢地说起了",
    ];
    check(&home::english_and_chinese(), &beginnings);
}

#[test]
fn neither_the_database_nor_the_log_holds_a_word_of_it() {
    let _turn = together();
    let home = home::english();
    let mut editor = Editor::open(&home, &at_end("Notes. "));
    // A daemon that has been asked is there to be told.
    drop(editor.suggestion());
    editor.type_text(PASTE);
    save(&editor);
    wait_until_marked(&home, PASTE);
    let mut kept = home.logs();
    for file in ["inkstone.db", "inkstone.db-wal"] {
        let bytes = std::fs::read(home.root().join("data").join(file)).unwrap_or_default();
        kept.push_str(&String::from_utf8_lossy(&bytes));
    }
    for word in ["fluent", "particular voice", "trained on text"] {
        assert!(!kept.contains(word), "{word:?} was kept");
    }
}
