//! The memory against counting by hand: any documents, any context, any bytes.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use std::collections::BTreeMap;

use inkstone_memory::{Builder, CONTEXT_TOKENS_MAX, DocumentName, Memory, MemoryError, Strength};
use inkstone_vocab::TokenId;
use proptest::prelude::*;

const MODEL: [u8; 32] = [7; 32];
const DATASET: [u8; 32] = [9; 32];

fn built(documents: &[Vec<(u32, f32)>]) -> Vec<u8> {
    let mut builder = Builder::new(MODEL, DATASET);
    for (number, document) in (0_u128..).zip(documents) {
        let name = DocumentName {
            key: number.to_be_bytes(),
            content: [0; 32],
        };
        let tokens = document.iter();
        builder.add(
            &name,
            tokens.map(|&(token, weight)| (TokenId(token), weight)),
        );
    }
    builder.finish(1_700_000_000_000)
}

/// The characters of texts as tokens.
fn of_texts(texts: &[&str]) -> Memory<Vec<u8>> {
    let document = |text: &&str| text.chars().map(|c| (c as u32, 1.0)).collect();
    let documents: Vec<Vec<(u32, f32)>> = texts.iter().map(document).collect();
    Memory::open(built(&documents)).unwrap()
}

fn tokens(text: &str) -> Vec<TokenId> {
    text.chars().map(|c| TokenId(c as u32)).collect()
}

/// `context: followers` for each length of context, as in `在台: 上2下1`.
fn told(memory: &Memory<Vec<u8>>, context: &str) -> Vec<String> {
    let all = memory.followers(&tokens(context));
    let told = all.iter().map(|followers| {
        let each = followers.tokens.iter();
        let each = each.map(|one| format!("{}{}", char::from_u32(one.token.0).unwrap(), one.count));
        format!("{} {}", followers.context_tokens, each.collect::<String>())
    });
    told.collect()
}

/// What follows `context` in the documents, counted one place after the other.
fn counted(documents: &[Vec<(u32, f32)>], context: &[u32]) -> BTreeMap<u32, f32> {
    let mut counts = BTreeMap::new();
    for document in documents {
        for window in document.windows(context.len() + 1) {
            let (before, next) = window.split_at(context.len());
            if before.iter().map(|one| one.0).eq(context.iter().copied()) {
                *counts.entry(next[0].0).or_default() += before[0].1;
            }
        }
    }
    counts
}

#[test]
fn what_followed_is_told_for_each_length_of_context_the_longest_first() {
    let memory = of_texts(&["the cat, the cow", "the café 👩‍👩‍👧", "一方砚台，一方石"]);
    assert_eq!(
        told(&memory, "see the c"),
        ["5 a2o1", "4 a2o1", "3 a2o1", "2 a2o1", "1 a2o1"]
    );
    assert_eq!(told(&memory, "一方"), ["2 石1砚1", "1 石1砚1"]);
    assert_eq!(told(&memory, "另一方")[0], "2 石1砚1");
    assert_eq!(told(&memory, "cafe\u{301}"), Vec::<String>::new());
    assert_eq!(told(&memory, "w"), Vec::<String>::new(), "a document ends");
    assert_eq!(told(&memory, ""), Vec::<String>::new());
    let header = memory.header();
    assert_eq!((header.documents, header.tokens), (3, 38));
    assert_eq!((header.model, header.dataset), (MODEL, DATASET));
}

#[test]
fn assisted_words_count_less_and_weightless_ones_part_what_stands_around_them() {
    let document = |parts: &[(char, f32)]| -> Vec<(u32, f32)> {
        parts
            .iter()
            .map(|&(c, weight)| (c as u32, weight))
            .collect()
    };
    let memory = Memory::open(built(&[
        document(&[('a', 1.0), ('b', 1.0)]),
        document(&[('a', 0.25), ('c', 0.25)]),
        document(&[('a', 1.0), ('x', 0.0), ('d', 1.0)]),
    ]));
    let memory = memory.unwrap();
    assert_eq!(told(&memory, "a"), ["1 b1c0.25"]);
    assert_eq!(told(&memory, "x"), Vec::<String>::new());
}

#[test]
fn a_memory_of_nothing_knows_nothing() {
    let builder = Builder::new(MODEL, DATASET);
    let memory = Memory::open(builder.finish(0)).unwrap();
    memory.verify().unwrap();
    assert!(memory.followers(&tokens("墨")).is_empty());
    assert!(memory.guess(&tokens("abc"), 4).is_empty());
}

#[test]
fn a_guess_is_made_where_the_writer_has_always_gone_on_so() {
    let memory = of_texts(&[
        "in the harbour at night",
        "by the harbour at noon",
        "砚台上有墨。砚台上有尘",
    ]);
    let guess = |text: &str, tokens_max| -> String {
        let guessed = memory.guess(&tokens(text), tokens_max).into_iter();
        guessed
            .map(|token| char::from_u32(token.0).unwrap())
            .collect()
    };
    assert_eq!(guess("the har", 4), "bour");
    assert_eq!(guess("our at n", 9), "", "two ways, and each was gone once");
    assert_eq!(guess("砚台上", 9), "有");
    assert_eq!(guess("ar", 4), "", "a short context says little");
}

#[test]
fn what_is_no_whole_memory_is_refused_by_name() {
    let file = built(&[vec![(1, 1.0), (2, 1.0)]]);
    let of = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut file = file.clone();
        change(&mut file);
        Memory::open(file).and_then(|memory| memory.verify())
    };
    assert_eq!(of(&|_| ()), Ok(()));
    assert_eq!(of(&|file| file[0] = b'X'), Err(MemoryError::Magic));
    assert_eq!(of(&Vec::clear), Err(MemoryError::Magic));
    let version = MemoryError::Version { found: 1, known: 2 };
    assert_eq!(of(&|file| file[8] = 1), Err(version));
    assert!(matches!(
        of(&|file| file.truncate(60)),
        Err(MemoryError::Length { .. })
    ));
    assert!(matches!(
        of(&|file| file.push(0)),
        Err(MemoryError::Length { .. })
    ));
    assert!(matches!(
        of(&|file| file[91] = 255),
        Err(MemoryError::TooLarge { .. })
    ));
    assert!(matches!(
        of(&|file| file[130] = 255),
        Err(MemoryError::TooManyDocuments { .. })
    ));
    assert!(matches!(
        of(&|file| file[128] = 2),
        Err(MemoryError::Length { .. })
    ));
    assert_eq!(
        of(&|file| *file.last_mut().unwrap() ^= 1),
        Err(MemoryError::Checksum)
    );
    assert_eq!(of(&|file| file[100] ^= 1), Err(MemoryError::Checksum));
    assert_eq!(
        of(&|file| file[20] ^= 1),
        Err(MemoryError::Checksum),
        "the model's hash"
    );
}

#[test]
fn three_hundred_thousand_tokens_are_built_and_known() {
    // By a generator, with the repetitions that words have.
    let mut state = 1_u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let one = (state >> 33) % 1_000;
        u32::try_from(one * one / 1_000).unwrap()
    };
    let document: Vec<(u32, f32)> = (0..300_000).map(|_| (next(), 1.0)).collect();
    let documents = [document];
    let memory = Memory::open(built(&documents)).unwrap();
    memory.verify().unwrap();
    for at in [5, 1_000, 299_990] {
        let context: Vec<u32> = documents[0][at - 5..at].iter().map(|one| one.0).collect();
        let ids: Vec<TokenId> = context.iter().copied().map(TokenId).collect();
        let all = memory.followers(&ids);
        assert_eq!(all[0].context_tokens, 5);
        let three = all.iter().find(|one| one.context_tokens == 3).unwrap();
        let expected = counted(&documents, &context[2..]);
        let found = three.tokens.iter().map(|one| (one.token.0, one.count));
        assert_eq!(found.collect::<BTreeMap<u32, f32>>(), expected);
    }
}

fn documents() -> impl Strategy<Value = Vec<Vec<(u32, f32)>>> {
    let weight = prop_oneof![Just(1.0_f32), Just(0.25)];
    // A record has one weight, and a document mostly one record.
    let document = (prop::collection::vec(0..4_u32, 0..40), weight);
    let document = document
        .prop_map(|(tokens, weight)| tokens.into_iter().map(|token| (token, weight)).collect());
    prop::collection::vec(document, 0..6)
}

proptest! {
    #[test]
    fn every_count_is_that_of_the_documents(
        documents in documents(),
        context in prop::collection::vec(0..4_u32, 0..8),
    ) {
        let memory = Memory::open(built(&documents)).unwrap();
        prop_assert!(memory.verify().is_ok());
        let ids: Vec<TokenId> = context.iter().copied().map(TokenId).collect();
        let all = memory.followers(&ids);
        for length in 1..=context.len().min(CONTEXT_TOKENS_MAX) {
            let expected = counted(&documents, &context[context.len() - length..]);
            let found = all.iter().find(|one| one.context_tokens == length);
            let found: BTreeMap<u32, f32> = found
                .map(|one| one.tokens.iter().map(|f| (f.token.0, f.count)).collect())
                .unwrap_or_default();
            prop_assert_eq!(found, expected);
        }
        if let Some(mixture) = memory.mixture(&ids, &Strength::of_percent(100, true)) {
            let memory: f32 = mixture.tokens.iter().map(|(_, part)| part).sum();
            prop_assert!((memory + mixture.model - 1.0).abs() < 1e-4);
        }
    }

    #[test]
    fn a_file_whose_content_lies_is_answered_soon_and_without_a_panic(
        documents in documents(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..30),
        context in prop::collection::vec(0..4_u32, 0..6),
    ) {
        let mut file = built(&documents);
        for (at, byte) in changes {
            // The header stays, so that the numbers are read.
            let at = at.index(file.len() - 136);
            file[136 + at] = byte;
        }
        let memory = Memory::open(file).unwrap();
        let ids: Vec<TokenId> = context.iter().copied().map(TokenId).collect();
        for followers in memory.followers(&ids) {
            prop_assert!(followers.tokens.len() <= inkstone_memory::memory::FOLLOWERS_MAX);
            prop_assert!(followers.count.is_finite());
        }
        prop_assert!(memory.guess(&ids, 4).len() <= 4);
    }
}
