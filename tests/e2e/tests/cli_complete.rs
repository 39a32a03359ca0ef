//! `inkstone complete`: a person's text in, its continuation out.

use std::fs;

use inkstone_e2e::home;
use inkstone_e2e::shell::{inkstone, inkstone_with_input};
use inkstone_e2e::turn::together;
use inkstone_test_support::{CHINESE_MODEL, ENGLISH_MODEL, Home};
use serde_json::Value;

use crate::sensible::{HARBOUR, PARK, Script, assert_sensible};

/// Completes standard input twice, as JSON and as text: all three must be the same suggestion.
fn check(home: &Home, text: &str, script: Script, model: &str) -> Value {
    let first = inkstone_with_input(home, &["complete", "--json"], text.as_bytes())
        .ok()
        .json();
    let suggestion = first["text"].as_str().unwrap();
    assert_sensible(suggestion, script);
    assert_eq!(first["model"], model);
    let total_ms = first["timing"]["total_ms"].as_f64().unwrap();
    let ttft_ms = first["timing"]["ttft_ms"].as_f64().unwrap();
    assert!(0.0 < ttft_ms && ttft_ms <= total_ms, "{first}");
    let second = inkstone_with_input(home, &["complete", "--json"], text.as_bytes())
        .ok()
        .json();
    assert_eq!(
        second["text"], suggestion,
        "greedy decoding gives the same each time"
    );
    let plain = inkstone_with_input(home, &["complete"], text.as_bytes()).ok();
    assert_eq!(
        plain.stdout.trim_end_matches('\n'),
        suggestion.trim_end_matches('\n')
    );
    first
}

#[test]
fn english_on_standard_input_is_continued_the_same_each_time() {
    let _turn = together();
    check(&home::english(), HARBOUR, Script::Latin, ENGLISH_MODEL);
}

#[test]
fn chinese_on_standard_input_is_continued_the_same_each_time() {
    let _turn = together();
    check(
        &home::english_and_chinese(),
        PARK,
        Script::Han,
        CHINESE_MODEL,
    );
}

#[test]
fn chinese_without_its_model_is_refused_with_the_command_that_installs_it() {
    let _turn = together();
    let home = home::english();
    let refused = inkstone_with_input(&home, &["complete"], PARK.as_bytes());
    assert_ne!(refused.code, 0, "{refused:?}");
    assert_eq!(refused.stdout, "");
    let command = format!("inkstone model pull {CHINESE_MODEL}");
    assert!(refused.stderr.contains(&command), "{refused:?}");
}

#[test]
fn a_line_and_column_count_characters_whatever_their_width() {
    let _turn = together();
    let home = home::english_and_chinese();
    let file = home.scratch().join("mixed.md");
    let first = "# 砚台 👩‍👩‍👧‍👦 e\u{301}\r\n";
    // What stands before the caret ends in the middle of the line; what follows is another matter.
    fs::write(
        &file,
        format!("{first}\r\n{PARK}\r\n\r\n{HARBOUR} THE REST.\r\n"),
    )
    .unwrap();
    let path = file.to_str().unwrap();
    let at = |line: usize, column: usize| {
        let (line, column) = (line.to_string(), column.to_string());
        let arguments = [
            "complete", path, "--line", &line, "--col", &column, "--json",
        ];
        inkstone(&home, &arguments)
    };
    let chinese = at(3, PARK.chars().count() + 1).ok().json();
    assert_sensible(chinese["text"].as_str().unwrap(), Script::Han);
    assert_eq!(chinese["model"], CHINESE_MODEL);
    let english = at(5, HARBOUR.chars().count() + 1).ok().json();
    assert_sensible(english["text"].as_str().unwrap(), Script::Latin);
    assert_eq!(english["model"], ENGLISH_MODEL);
    for (line, column) in [(0, 1), (1, 0), (99, 1), (3, 999)] {
        let refused = at(line, column);
        assert_eq!(refused.code, 2, "{line}:{column}: {refused:?}");
        assert!(!refused.stderr.is_empty());
    }
}

#[test]
fn a_bound_that_was_asked_for_is_kept_in_both_languages() {
    let _turn = together();
    let home = home::english_and_chinese();
    for text in [HARBOUR, PARK] {
        let until = |stop: &str| {
            let arguments = ["complete", "--json", "--stop", stop];
            let answer = inkstone_with_input(&home, &arguments, text.as_bytes());
            answer.ok().json()
        };
        let word = until("word");
        let written = word["text"].as_str().unwrap();
        assert!(
            !written.trim().contains(char::is_whitespace),
            "one word: {word}"
        );
        assert!(
            text != PARK || written.chars().count() <= 4,
            "one word: {word}"
        );
        let phrase = until("phrase");
        let sentence = until("sentence");
        let longer = phrase["text"].as_str().unwrap();
        assert!(longer.starts_with(written), "{word} {phrase}");
        let longest = sentence["text"].as_str().unwrap();
        assert!(longest.len() >= longer.len(), "{phrase} {sentence}");
    }
}

#[test]
fn a_list_goes_on_item_by_item_and_a_heading_is_one_line() {
    let _turn = together();
    let home = home::english_and_chinese();
    let complete = |text: &str| {
        // Nothing else would keep to one line.
        let arguments = ["complete", "--json", "--stop", "paragraph"];
        let answer = inkstone_with_input(&home, &arguments, text.as_bytes());
        let answer = answer.ok().json();
        answer["text"].as_str().unwrap().to_owned()
    };
    // A file ends with a line break, which belongs to no line.
    let item =
        complete("What we need for the bread:\n\n1. two cups of flour\n2. one cup of water\n\n");
    assert!(item.starts_with("3. ") && !item.contains('\n'), "{item:?}");
    let item = complete("做面包要准备：\n\n一、两杯面粉\n二、");
    assert!(!item.contains('\n') && !item.starts_with('二'), "{item:?}");
    let text = format!("# The harbour\n\n{HARBOUR} waiting.\n\n## The old");
    let title = complete(&text);
    assert!(!title.contains('\n') && !title.ends_with('.'), "{title:?}");
}

#[test]
fn input_that_cannot_be_completed_is_refused_in_one_sentence() {
    let _turn = together();
    let home = home::english();
    for (name, arguments, input) in [
        (
            "a missing file",
            vec!["complete", "/nowhere/at-all.md"],
            b"".as_slice(),
        ),
        ("a flag that is none", vec!["complete", "--colour"], b""),
        (
            "bytes that are not UTF-8",
            vec!["complete"],
            b"The harbour \xff\xfe",
        ),
    ] {
        let refused = inkstone_with_input(&home, &arguments, input);
        assert_eq!(refused.code, 2, "{name}: {refused:?}");
        assert_eq!(refused.stdout, "", "{name}");
        assert!(!refused.stderr.contains("panicked"), "{name}: {refused:?}");
    }
}
