//! Verdicts and split over whole sets: whatever the history, they are those of the set; and no two
//! near-duplicates lie on both sides of the split.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

use std::collections::{BTreeMap, BTreeSet};

use inkstone_corpus::dedup::collection::Document;
use inkstone_corpus::dedup::verdict::{BOILERPLATE_DOCUMENTS_MIN, DUPLICATE_SIMILARITY_MIN};
use inkstone_corpus::dedup::{
    Collection, Fingerprint, Seniority, Verdict, bands, document_bands, is_boilerplate,
    is_duplicate, is_older_version, similarity,
};
use inkstone_corpus::split::Split;
use proptest::prelude::*;

/// A generator of numbers: the tests draw one seed and no more.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

const SYLLABLES: &[&str] = &[
    "ka", "lo", "mi", "ren", "tu", "sa", "vel", "do", "pin", "gor",
];
const HAN: &str = "天地人山水风云花草木日月星辰江河湖海东西南北春夏秋冬来去行走说看听想";

fn paragraph(random: &mut Random) -> String {
    if random.below(3) == 0 {
        let han: Vec<char> = HAN.chars().collect();
        let mut text = String::new();
        for at in 1..=30 + random.below(40) {
            text.push(han[usize::try_from(random.below(han.len() as u64)).unwrap()]);
            text.push_str(if at % 11 == 0 { "，" } else { "" });
        }
        return text + "。";
    }
    let words = (0..14 + random.below(40)).map(|_| {
        let syllables =
            (0..=random.below(3)).map(|_| SYLLABLES[usize::try_from(random.below(10)).unwrap()]);
        syllables.collect::<String>()
    });
    words.collect::<Vec<_>>().join(" ") + "."
}

/// The same with one place changed.
fn edited(text: &str, random: &mut Random) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let at = usize::try_from(random.below(characters.len() as u64)).unwrap();
    characters[at] = if text.is_ascii() { 'x' } else { '新' };
    characters.into_iter().collect()
}

/// A pool of paragraphs, so that documents share some, and near ones.
fn texts(random: &mut Random, pool: &mut Vec<String>) -> Vec<String> {
    (0..=random.below(7))
        .map(|_| {
            let text = match random.below(6) {
                0 => ["“Yes.”", "Sent from my old phone", "参考资料"]
                    [usize::try_from(random.below(3)).unwrap()]
                .to_owned(),
                1 | 2 if !pool.is_empty() => {
                    let at = usize::try_from(random.below(pool.len() as u64)).unwrap();
                    pool[at].clone()
                }
                3 if !pool.is_empty() => {
                    let at = usize::try_from(random.below(pool.len() as u64)).unwrap();
                    edited(&pool[at].clone(), random)
                }
                _ => paragraph(random),
            };
            pool.push(text.clone());
            text
        })
        .collect()
}

/// All verdicts, pair by pair, without an index that could forget something.
fn from_scratch(documents: &BTreeMap<String, Document>) -> BTreeMap<String, Vec<Verdict>> {
    let rank = |key: &String, piece: usize| Seniority {
        modified_ms: documents[key].modified_ms,
        document: key.clone(),
        piece: u32::try_from(piece).unwrap(),
    };
    let share = |one: &[u64], other: &[u64]| one.iter().any(|key| other.contains(key));
    let document_keys: BTreeMap<&String, Vec<u64>> = documents
        .iter()
        .map(|(key, document)| (key, document_bands(&document.fingerprint.signature)))
        .collect();
    let current: BTreeSet<&String> = documents
        .iter()
        .filter(|(key, document)| {
            let near = documents
                .iter()
                .filter(|(other, _)| share(&document_keys[key], &document_keys[other]));
            let near: Vec<_> = near
                .map(|(other, d)| (rank(other, 0), &d.fingerprint))
                .collect();
            let near = near.iter().map(|(rank, fingerprint)| (rank, *fingerprint));
            !is_older_version(&rank(key, 0), &document.fingerprint, near)
        })
        .map(|(key, _)| key)
        .collect();
    let mut pieces: Vec<(Seniority, &Fingerprint, Vec<u64>)> = Vec::new();
    for key in &current {
        for (at, piece) in documents[*key].pieces.iter().enumerate() {
            let keys = piece.signature.as_ref().map(bands).unwrap_or_default();
            pieces.push((rank(key, at), piece, keys));
        }
    }
    let verdict = |own: &Seniority, piece: &Fingerprint, keys: &[u64]| {
        let holders = pieces
            .iter()
            .filter(|(_, other, _)| other.exact == piece.exact);
        let holders: BTreeSet<&String> = holders.map(|(rank, ..)| &rank.document).collect();
        let near = pieces
            .iter()
            .filter(|(_, other, theirs)| other.exact == piece.exact || share(keys, theirs));
        let near = near.map(|(rank, other, _)| (rank, *other));
        if is_boilerplate(piece, holders.len(), BOILERPLATE_DOCUMENTS_MIN) {
            Verdict::Boilerplate
        } else if is_duplicate(own, piece, near) {
            Verdict::Duplicate
        } else {
            Verdict::Keep
        }
    };
    let mut verdicts: BTreeMap<String, Vec<Verdict>> = documents
        .iter()
        .map(|(key, document)| {
            (
                key.clone(),
                vec![Verdict::OlderVersion; document.pieces.len()],
            )
        })
        .collect();
    for (rank, piece, keys) in &pieces {
        let all = verdicts.get_mut(&rank.document).unwrap();
        all[rank.piece as usize] = verdict(rank, piece, keys);
    }
    verdicts
}

fn of(collection: &Collection) -> BTreeMap<String, Vec<Verdict>> {
    collection
        .iter()
        .map(|(key, verdicts)| (key.to_owned(), verdicts.to_vec()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Documents come, change, get drafts and go, in any order.
    #[test]
    fn verdicts_after_any_history_are_those_of_the_set(seed in any::<u64>()) {
        let mut random = Random(seed);
        let mut collection = Collection::default();
        let mut documents: BTreeMap<String, Document> = BTreeMap::new();
        let mut written: Vec<Vec<String>> = Vec::new();
        let mut pool = Vec::new();
        for _ in 0..40 {
            let key = format!("document {}", random.below(14));
            let before = of(&collection);
            let changed = if random.below(4) == 0 {
                documents.remove(&key);
                collection.remove(&key)
            } else {
                let texts = if !written.is_empty() && random.below(3) == 0 {
                    let at = usize::try_from(random.below(written.len() as u64)).unwrap();
                    let mut draft = written[at].clone();
                    let at = usize::try_from(random.below(draft.len() as u64)).unwrap();
                    draft[at] = edited(&draft[at].clone(), &mut random);
                    draft
                } else {
                    texts(&mut random, &mut pool)
                };
                let modified_ms = i64::try_from(random.below(6)).unwrap();
                let document = Document::of(modified_ms, texts.iter().map(String::as_str));
                written.push(texts);
                documents.insert(key.clone(), document.clone());
                collection.insert(&key, document)
            };
            let after = of(&collection);
            prop_assert_eq!(&after, &from_scratch(&documents));
            // Whoever is not named as changed has the verdicts that it had.
            for (other, verdicts) in &after {
                prop_assert!(changed.contains(other) || before.get(other) == Some(verdicts));
            }
        }
        // The same set in another order.
        let mut again = Collection::default();
        for (key, document) in documents.iter().rev() {
            again.insert(key, document.clone());
        }
        prop_assert_eq!(of(&again), of(&collection));
    }
}

#[test]
fn histories_hold_every_verdict() {
    let mut random = Random(7);
    let mut pool = Vec::new();
    let mut collection = Collection::default();
    for n in 0..200 {
        let texts = texts(&mut random, &mut pool);
        let draft = edited(&texts.join("\n"), &mut random);
        collection.insert(
            &format!("{n}"),
            Document::of(n, texts.iter().map(String::as_str)),
        );
        collection.insert(&format!("{n} draft"), Document::of(n - 1, draft.lines()));
    }
    let found: BTreeSet<String> = collection
        .iter()
        .flat_map(|(_, verdicts)| verdicts.iter().map(|verdict| format!("{verdict:?}")))
        .collect();
    assert_eq!(found.len(), 4, "{found:?}");
}

#[test]
fn the_newest_version_stays_with_the_paragraphs_that_all_have() {
    let mut random = Random(3);
    let texts: Vec<String> = (0..6).map(|_| paragraph(&mut random)).collect();
    let mut collection = Collection::default();
    for version in 0..5 {
        let mut texts = texts.clone();
        texts[version] = edited(&texts[version], &mut random);
        let document = Document::of(
            i64::try_from(version).unwrap(),
            texts.iter().map(String::as_str),
        );
        collection.insert(&format!("draft {version}.md"), document);
    }
    assert_eq!(
        collection.verdicts("draft 4.md").unwrap(),
        [Verdict::Keep; 6]
    );
    for version in 0..4 {
        let verdicts = collection.verdicts(&format!("draft {version}.md")).unwrap();
        assert_eq!(verdicts, [Verdict::OlderVersion; 6]);
    }
    collection.remove("draft 4.md");
    assert_eq!(
        collection.verdicts("draft 3.md").unwrap(),
        [Verdict::Keep; 6]
    );
}

#[test]
fn no_near_duplicate_lies_across_the_split() {
    let mut random = Random(11);
    let mut collection = Collection::default();
    let mut documents = BTreeMap::new();
    // 150 texts in three versions each, whose paragraphs wander into other documents as well.
    let mut pool = Vec::new();
    for n in 0..150_i64 {
        let first = texts(&mut random, &mut pool);
        for version in 0..3 {
            let texts: Vec<String> = first
                .iter()
                .map(|text| match random.below(3) {
                    0 => edited(text, &mut random),
                    _ => text.clone(),
                })
                .collect();
            let key = format!("{n}/{version}.md");
            let document = Document::of(n + version, texts.iter().map(String::as_str));
            collection.insert(&key, document.clone());
            documents.insert(key, document);
        }
    }
    let mut kept: [Vec<&Fingerprint>; 2] = [Vec::new(), Vec::new()];
    for (key, verdicts) in collection.iter() {
        let side = usize::from(Split::of(key, 30) == Split::HeldOut);
        let pieces = documents[key].pieces.iter().zip(verdicts);
        kept[side].extend(
            pieces
                .filter(|(_, verdict)| **verdict == Verdict::Keep)
                .map(|(piece, _)| piece),
        );
    }
    let [train, held_out] = kept;
    assert!(
        train.len() > 100 && held_out.len() > 40,
        "{} {}",
        train.len(),
        held_out.len()
    );
    let mut near = 0;
    for one in &held_out {
        for other in &train {
            let (Some(a), Some(b)) = (&one.signature, &other.signature) else {
                continue;
            };
            assert_ne!(one.exact, other.exact);
            near += usize::from(similarity(a, b) >= DUPLICATE_SIMILARITY_MIN);
        }
    }
    // Bands miss at most 1.5 % of the pairs at the threshold, none of those that are closer.
    assert_eq!(near, 0);
}
