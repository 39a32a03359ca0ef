//! The review as a program holds it: a list, decisions in lines of JSON, and what follows from them.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use super::Finished;
use super::dataset::Writer;

/// Long enough that a text with another word at its end is the same one.
const LETTER: &str = "When the ferry came in that evening we stood at the rail and watched the \
    lamps being lit along the quay, one after another, until the whole town lay before us like a \
    string of beads that somebody had dropped between the hills and the dark water of the bay.";

impl Writer {
    fn items(&self) -> Vec<Value> {
        let listed = self.json(&["dataset", "review", "--list", "--per-stratum", "50"]);
        listed["items"].as_array().unwrap().clone()
    }

    fn decide(&self, requests: &[Value]) -> Finished {
        let mut child = self
            .home
            .command("inkstone")
            .args([
                "dataset",
                "review",
                "--batch",
                "--json",
                "--per-stratum",
                "50",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        for request in requests {
            writeln!(input, "{request}").unwrap();
        }
        drop(input);
        let output = child.wait_with_output().unwrap();
        Finished {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    fn exported(&self) -> String {
        let file = self.home.scratch().join("out.jsonl");
        self.inkstone(&["dataset", "export", file.to_str().unwrap()])
            .check(0, &[]);
        std::fs::read_to_string(file).unwrap()
    }
}

fn named<'a>(items: &'a [Value], words: &str) -> &'a Value {
    let found = items
        .iter()
        .find(|item| item["original"].as_str().unwrap().contains(words));
    found.unwrap_or_else(|| panic!("`{words}` is in no item: {items:#?}"))
}

#[test]
fn a_dropped_text_stays_out_with_what_looks_like_it_until_it_is_kept_again() {
    let writer = Writer::new(&[
        ("letter.md", LETTER),
        (
            "港.md",
            "清晨的海港很安静，我们沿着石阶走到船边，谁也没有提起那场大雨。\n",
        ),
    ]);
    writer.build();
    assert!(writer.exported().contains("lamps being lit"));
    let items = writer.items();
    let letter = named(&items, "lamps being lit");
    assert_eq!(letter["path"], "letter.md");
    let drop = json!({ "do": "drop", "item": letter["item"] });
    writer.decide(&[drop]).check(0, &["finished"]);
    writer.build();
    let exported = writer.exported();
    assert!(!exported.contains("lamps being lit") && exported.contains("海港"));

    // The same in other words, somewhere else; the first is gone.
    std::fs::remove_file(writer.texts.join("letter.md")).unwrap();
    let alike = LETTER.replace("of the bay.", "of the pearl bay.");
    writer.write("另/copy.md", &alike);
    let (built, _) = writer.build();
    assert_eq!(built["statistics"]["left_out"]["reviewed"], 1, "{built:#}");
    assert!(!writer.exported().contains("lamps being lit"));

    let items = writer.items();
    let copy = named(&items, "pearl");
    assert_eq!(copy["left_out"], "reviewed");
    let keep = json!({ "do": "keep", "item": copy["item"] });
    writer
        .decide(std::slice::from_ref(&keep))
        .check(0, &["finished"]);
    writer.build();
    assert!(writer.exported().contains("pearl"));
    // What is taken back before the end has never been decided.
    let drop = json!({ "do": "drop", "item": copy["item"] });
    let undo = json!({ "do": "undo" });
    writer.decide(&[drop, undo]).check(0, &["finished"]);
    writer.build();
    assert!(writer.exported().contains("pearl"));
}

#[test]
fn an_excluded_file_is_left_out_and_a_decision_on_nothing_is_refused_with_its_line() {
    let writer = Writer::new(&[("letter.md", LETTER)]);
    writer.build();
    let items = writer.items();
    let exclude = json!({ "do": "exclude", "item": named(&items, "lamps")["item"] });
    let unknown = json!({ "do": "drop", "item": "0000" });
    let refused = writer.decide(&[exclude, unknown]);
    refused.check(2, &["line 2: no item 0000"]);
    let (built, _) = writer.build();
    assert_eq!(built["statistics"]["left_out"]["excluded"], 1, "{built:#}");
    writer
        .decide(&[json!({ "do": "sing" })])
        .check(2, &["line 1: not a request"]);
    writer
        .inkstone(&["dataset", "review"])
        .check(2, &["--list and --batch"]);
    writer
        .inkstone(&["dataset", "review", "--rule-off", "sing"])
        .check(2, &["`sing`", "html_entities"]);
}

#[test]
fn a_rule_that_its_owner_finds_wrong_is_switched_off_and_the_files_are_read_again() {
    const FILES: usize = 9;
    const RULE: &str = "html_entities";
    let writer = Writer::new(&[]);
    for file in 0..FILES {
        let words = [
            "boat", "pier", "lamp", "rope", "sail", "wind", "gull", "salt", "tide",
        ];
        let (one, other) = (words[file], words[(file + 4) % FILES]);
        writer.write(
            &format!("{file}.txt"),
            &format!("The {one} &amp; the {other} were older than the house, and every {one} in the village had a {other} of its own that nobody would sell.\n"),
        );
    }
    writer.build();
    let items = writer.items();
    let judged: Vec<&Value> = items.iter().filter(|item| item["judges"] == RULE).collect();
    assert_eq!(judged.len(), FILES, "{items:#?}");
    assert_ne!(judged[0]["original"], judged[0]["text"]);
    // One stays, to show how it is read then.
    let kept = judged.len() - 1;
    let drops = judged[..kept]
        .iter()
        .map(|item| json!({ "do": "drop", "item": item["item"] }));
    let finished = writer.decide(&drops.collect::<Vec<Value>>());
    finished.check(
        0,
        &["switched_off", "0 of 8 cases", "--rule-on html_entities"],
    );
    writer
        .inkstone(&["dataset", "review", "--rates"])
        .check(0, &["0 of 8", "html_entities  off"]);
    let (built, looked) = writer.build();
    assert_eq!(looked["kept"]["files_read"], FILES as u64, "{built:#}");
    assert_eq!(built["rules_off"][0]["rule"], RULE, "{built:#}");
    assert_eq!(built["rules_off"][0]["place"], Value::Null, "{built:#}");
    let exported = writer.exported();
    assert!(exported.contains("&amp;"), "{exported}");
    writer
        .inkstone(&["dataset", "build"])
        .check(0, &["the rule `html_entities` is off"]);

    writer
        .inkstone(&["dataset", "review", "--rule-on", RULE])
        .check(0, &["is on"]);
    let (built, looked) = writer.build();
    assert_eq!(looked["kept"]["files_read"], FILES as u64, "{built:#}");
    assert!(!writer.exported().contains("&amp;"));
    // The same judgements do not switch it off once more.
    writer.decide(&[]).check(0, &["\"switched_off\": []"]);
}
