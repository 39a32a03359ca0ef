//! A file that takes over from an older one against a file that is made whole: the same bytes.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use std::collections::BTreeMap;

use inkstone_memory::{
    Builder, DOCUMENT_TOKENS_MAX, DocumentName, Former, Memory, MemoryError, TOKENS_MAX,
};
use inkstone_vocab::TokenId;
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

const MODEL: [u8; 32] = [7; 32];
/// The header, and where the checksum lies in it.
const HEADER_BYTES: usize = 136;
const CHECKSUM: std::ops::Range<usize> = 96..128;

/// A document: its text, whose characters are the tokens, and what all of it weighs.
type Text = (String, f32);
/// Documents by their keys.
type Library = BTreeMap<u8, Text>;

fn name(key: u8, (text, weight): &Text) -> DocumentName {
    let mut hasher = Sha256::new();
    hasher.update(weight.to_le_bytes());
    hasher.update(text);
    DocumentName {
        key: [key; 16],
        content: hasher.finalize().into(),
    }
}

fn tokens((text, weight): &Text) -> impl Iterator<Item = (TokenId, f32)> {
    // What the writer left between two parts weighs nothing.
    let weigh = |c: char| if c == '|' { 0.0 } else { *weight };
    text.chars().map(move |c| (TokenId(c as u32), weigh(c)))
}

/// The file, and how many documents had to be tokenised for it.
fn built(library: &Library, dataset: u8, older: Option<&[u8]>) -> (Vec<u8>, usize) {
    let older = older.map(|bytes| Memory::open(bytes).unwrap());
    let mut builder = Builder::new(MODEL, [dataset; 32]);
    if let Some(older) = &older {
        builder = builder.following(Former::of(older).unwrap());
    }
    let mut tokenised = 0;
    for (key, text) in library {
        let name = name(*key, text);
        if !builder.keep(&name) {
            builder.add(&name, tokens(text));
            tokenised += 1;
        }
    }
    (builder.finish(1_700_000_000_000), tokenised)
}

fn library(texts: &[(u8, &str, f32)]) -> Library {
    let texts = texts.iter();
    texts
        .map(|&(key, text, weight)| (key, (text.to_owned(), weight)))
        .collect()
}

#[test]
fn only_what_changed_is_tokenised_and_what_went_is_in_the_file_no_more() {
    let before = library(&[
        (1, "the cat sat on the mat", 1.0),
        (3, "一方砚台，一方石", 1.0),
        (5, "the cafe\u{301} 👩‍👩‍👧 is open", 0.25),
        (7, "秘密 the secret", 1.0),
    ]);
    let mut after = before.clone();
    after.remove(&7);
    after.insert(3, ("一方砚台，两方石".to_owned(), 1.0));
    after.insert(4, ("the cat sat on the chair".to_owned(), 1.0));
    let (old, tokenised) = built(&before, 1, None);
    assert_eq!(tokenised, 4);
    let (new, tokenised) = built(&after, 2, Some(&old));
    assert_eq!(tokenised, 2);
    assert_eq!(new, built(&after, 2, None).0);
    let [old_memory, new_memory] = [&old, &new].map(|file| Memory::open(file).unwrap());
    for key in 0..9 {
        for library in [&before, &after] {
            let name = library.get(&key).map(|text| name(key, text));
            let was_built_from = |memory: &Memory<&Vec<u8>>| {
                name.as_ref()
                    .is_some_and(|name| memory.was_built_from(name))
            };
            let is_in = |other: &Library| name.is_some() && other.get(&key) == library.get(&key);
            assert_eq!(was_built_from(&old_memory), is_in(&before), "{key}");
            assert_eq!(was_built_from(&new_memory), is_in(&after), "{key}");
        }
    }
    for gone in ['秘', '密'] {
        let number = (gone as u32).to_le_bytes();
        let stands_in = |file: &[u8]| file.windows(4).any(|window| window == number);
        assert!(stands_in(&old) && !stands_in(&new), "{gone}");
    }
}

#[test]
fn nothing_is_taken_over_from_the_file_of_another_model() {
    let texts = library(&[(1, "the harbour", 1.0)]);
    let (old, _) = built(&texts, 1, None);
    let memory = Memory::open(&old).unwrap();
    let mut other = Builder::new([8; 32], [1; 32]).following(Former::of(&memory).unwrap());
    assert!(!other.keep(&name(1, &texts[&1])));
    let mut same = Builder::new(MODEL, [1; 32]).following(Former::of(&memory).unwrap());
    assert!(!same.keep(&name(2, &texts[&1])), "another document");
    assert!(!same.keep(&name(1, &("the harbours".to_owned(), 1.0))));
    assert!(same.keep(&name(1, &texts[&1])));
}

#[test]
fn a_full_memory_takes_nothing_more_and_is_never_larger_than_it_may_be() {
    let mut builder = Builder::new(MODEL, [1; 32]);
    let numbers = |of: u8| (0_u32..).map(move |n| (TokenId(n % 7_919 + u32::from(of)), 1.0));
    let mut taken = 0;
    while !builder.is_full() {
        // The last one is longer than a document may be.
        let length = if taken == 7 {
            DOCUMENT_TOKENS_MAX + 9
        } else {
            499_999
        };
        let name = DocumentName {
            key: [taken; 16],
            content: [0; 32],
        };
        builder.add(&name, numbers(taken).take(length));
        taken += 1;
    }
    assert_eq!(taken, 8, "{TOKENS_MAX} tokens have room for them");
    let more = DocumentName {
        key: [99; 16],
        content: [0; 32],
    };
    assert!(!builder.keep(&more));
    builder.add(&more, numbers(0).take(3));
    builder.leave_out(2);
    let file = builder.finish(0);
    let memory = Memory::open(&file).unwrap();
    let header = memory.header();
    assert_eq!((header.documents, header.left_out), (8, 3));
    assert_eq!(header.tokens, 7 * 499_999 + 500_000);
    assert!(Former::of(&memory).is_ok());
}

#[test]
fn a_file_that_contradicts_itself_is_taken_over_by_nobody() {
    let texts = library(&[(1, "ab", 1.0), (2, "ba", 0.5), (3, "", 1.0)]);
    let (file, _) = built(&texts, 1, None);
    let (entries, places) = (6, 4);
    let number = |index: usize| HEADER_BYTES + 4 * index;
    let table = number(entries + 2 * places + 1);
    let sealed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut file = file.clone();
        change(&mut file);
        let mut hasher = Sha256::new();
        hasher.update(&file[..CHECKSUM.start]);
        hasher.update(&file[CHECKSUM.end..]);
        file[CHECKSUM].copy_from_slice(&hasher.finalize());
        Former::of(&Memory::open(&file).unwrap()).map(drop)
    };
    let wrong = |what| Err(MemoryError::Content { what });
    assert_eq!(sealed(&|_| ()), Ok(()));
    let put = |file: &mut Vec<u8>, at: usize, n: u32| {
        file[at..at + 4].copy_from_slice(&n.to_le_bytes());
    };
    let cases: [(&str, usize, u32); 9] = [
        ("places", number(entries), 5),           // of a separator
        ("places", number(entries), 99),          // beyond the stream
        ("places", number(entries), 1),           // twice
        ("places", number(0), u32::MAX),          // a token less
        ("weights", number(entries + places), 9), // not from zero on
        ("weights", number(entries + places + 2), u32::MAX),
        ("table", table + 48, 1), // the first does not begin at the beginning
        ("table", table + 52 + 48, 2), // ends before its separator
        ("table", table + 2 * 52 + 48, 99), // begins beyond the stream
    ];
    for (what, at, n) in cases {
        assert_eq!(sealed(&|file| put(file, at, n)), wrong(what), "{at} {n}");
    }
    assert_eq!(
        sealed(&|file| file[table] = 9),
        wrong("table"),
        "keys in no order"
    );
    let mut unsealed = file.clone();
    unsealed[table] = 9;
    let memory = Memory::open(&unsealed).unwrap();
    assert_eq!(Former::of(&memory).map(drop), Err(MemoryError::Checksum));
}

/// Prose of few characters, so that contexts repeat within and between documents.
fn text() -> impl Strategy<Value = Text> {
    let part = prop::sample::select(vec![
        "the ",
        "cat ",
        "墨",
        "砚台",
        "，",
        "👩‍👩‍👧",
        "e\u{301}",
        "|",
        "the the ",
    ]);
    let weight = prop_oneof![Just(1.0_f32), Just(0.25), Just(0.0)];
    (prop::collection::vec(part, 0..12), weight)
        .prop_map(|(parts, weight)| (parts.concat(), weight))
}

proptest! {
    #[test]
    fn after_any_edits_the_file_is_that_of_one_made_whole(
        first in prop::collection::btree_map(0..12_u8, text(), 0..8),
        rounds in prop::collection::vec(
            prop::collection::vec((0..12_u8, prop::option::of(text())), 0..4),
            1..6,
        ),
    ) {
        let mut library = first;
        let (mut file, _) = built(&library, 0, None);
        for (round, edits) in (1..).zip(rounds) {
            let before = library.clone();
            for (key, edit) in edits {
                match edit {
                    Some(text) => library.insert(key, text),
                    None => library.remove(&key),
                };
            }
            let (next, tokenised) = built(&library, round, Some(&file));
            let changed = library.iter().filter(|(key, text)| before.get(key) != Some(text));
            prop_assert_eq!(tokenised, changed.count());
            prop_assert_eq!(&next, &built(&library, round, None).0);
            file = next;
        }
    }
}
