//! The tokenizers of both catalogue models on real prose: edits and speed.
//!
//! Equality with llama.cpp is tested in `inkstone-engine`, the crate that links it.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use std::sync::Arc;
use std::time::{Duration, Instant};

use inkstone_gguf::Gguf;
use inkstone_test_support::{corpora, test_models};
use inkstone_vocab::{IncrementalTokenizer, TokenizeOptions, Vocab};
use proptest::prelude::*;

const MODELS: [&str; 2] = ["smollm2-135m-instruct.gguf", "gemma-3-270m.gguf"];
const ENGLISH: &str = "en/twain/chapter-24.md";
const CHINESE: &str = "zh/luxun/呐喊/故乡.md";
const OPTIONS: TokenizeOptions = TokenizeOptions {
    add_bos: true,
    parse_special: false,
};

/// Bytes of the document that a keystroke must not wait for, and how long it may take.
const DOCUMENT_BYTES: usize = 18_000;
const DOCUMENT_TIME_MAX: Duration = Duration::from_millis(3);
const KEYSTROKE_TIME_MAX: Duration = Duration::from_micros(500);

fn vocab(model: &str) -> Arc<Vocab> {
    let gguf = Gguf::from_path(&test_models().join(model)).unwrap();
    Arc::new(Vocab::from_gguf(&gguf).unwrap())
}

/// English, Chinese, both mixed, and with the line ends of Windows; none where the corpora are missing.
fn documents(bytes: usize) -> Option<Vec<String>> {
    let root = corpora()?;
    let [english, chinese] = [ENGLISH, CHINESE].map(|path| {
        let text = std::fs::read_to_string(root.join(path)).unwrap();
        let text = text.repeat(bytes / text.len() + 1);
        text[..boundary(&text, bytes)].to_owned()
    });
    let mixed: Vec<String> = english
        .lines()
        .zip(chinese.lines())
        .map(|(en, zh)| format!("{en} {zh}\n\n"))
        .collect();
    let windows = english.replace('\n', "\r\n");
    Some(vec![english, chinese, mixed.concat(), windows])
}

/// The last beginning of a character at or before `at`.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at)
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap()
}

fn fastest(mut run: impl FnMut()) -> Duration {
    let timed = (0..40).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed()
    });
    timed.min().unwrap()
}

#[test]
fn a_document_is_tokenized_in_milliseconds_and_a_keystroke_in_microseconds() {
    let Some(documents) = documents(DOCUMENT_BYTES) else {
        return;
    };
    for model in MODELS {
        let vocab = vocab(model);
        for document in &documents {
            let whole = fastest(|| drop(vocab.tokenize(document, OPTIONS)));
            let mut incremental = IncrementalTokenizer::new(Arc::clone(&vocab), OPTIONS);
            incremental.update(document);
            let mut text = document.clone();
            let key = fastest(|| {
                text.insert(boundary(&text, text.len() / 2), 'e');
                incremental.update(&text);
            });
            let start: String = document.chars().take(12).collect();
            println!(
                "{model} {start:?}: {} bytes, whole {whole:?}, keystroke {key:?}",
                document.len()
            );
            assert!(whole <= DOCUMENT_TIME_MAX, "{model} {start:?}: {whole:?}");
            assert!(key <= KEYSTROKE_TIME_MAX, "{model} {start:?}: {key:?}");
        }
    }
}

#[derive(Debug, Clone)]
struct Edit {
    at: prop::sample::Index,
    removed_chars: usize,
    inserted: String,
}

/// Keystrokes, words, pastes and deletions, with what tokenizers stumble over.
fn edit() -> impl Strategy<Value = Edit> {
    let inserted = prop_oneof![
        4 => "[a-z ,.'\n]{0,3}",
        2 => "[的了我是在,。\u{3000}]{0,3}",
        1 => prop::sample::select(vec![
            "\r\n", "\n\n\n", "   ", "\t\t", " ▁", "e\u{301}", "👩‍👩‍👧", "'re", "1234", "<b>", "</table>", ">▁</", "<bos>",
            "<|im_end|>", "----", "é", "\u{A0}", "\0", "https://example.org/a?b=c", "The quick brown fox, 敏捷的狐狸。\n",
        ]).prop_map(ToOwned::to_owned),
    ];
    (
        any::<prop::sample::Index>(),
        prop_oneof![5 => 0_usize..3, 1 => 0_usize..200],
        inserted,
    )
        .prop_map(|(at, removed_chars, inserted)| Edit {
            at,
            removed_chars,
            inserted,
        })
}

#[test]
fn random_edits_of_prose_give_the_tokens_of_the_whole_text() {
    const EDITED_BYTES: usize = 3_000;
    let Some(documents) = documents(EDITED_BYTES) else {
        return;
    };
    // The runner knows no source file to keep failures beside; it prints them.
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    for vocab in MODELS.map(vocab) {
        let edits = prop::collection::vec(edit(), 1..12);
        let strategy = (
            prop::sample::select(documents.clone()),
            edits,
            any::<bool>(),
        );
        let result = runner.run(&strategy, |(document, edits, parse_special)| {
            let options = TokenizeOptions {
                add_bos: true,
                parse_special,
            };
            let mut tokenizer = IncrementalTokenizer::new(Arc::clone(&vocab), options);
            tokenizer.update(&document);
            let mut chars: Vec<char> = document.chars().collect();
            for edit in edits {
                let at = edit.at.index(chars.len() + 1);
                let end = (at + edit.removed_chars).min(chars.len());
                chars.splice(at..end, edit.inserted.chars());
                let text: String = chars.iter().collect();
                tokenizer.update(&text);
                prop_assert!(
                    tokenizer.tokens() == vocab.tokenize(&text, options),
                    "after {edit:?}"
                );
            }
            Ok(())
        });
        result.unwrap();
    }
}
