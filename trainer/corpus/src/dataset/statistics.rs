//! What a dataset holds, in numbers that can be added up: one document's are counted once and kept,
//! a dataset's are their sum.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::dataset::Record;
use crate::left_out::Reason;
use crate::piece::{AuthorState, Genre};
use crate::split::Split;

/// Counts the tokens of a text, for the model that is to learn from it.
pub type CountTokens<'a> = &'a dyn Fn(&str) -> u32;

/// What a dataset, or a document of it, holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    /// Everything.
    pub total: Counts,
    /// By `en` and `zh`.
    pub by_language: BTreeMap<String, Counts>,
    /// By kind of writing.
    pub by_genre: BTreeMap<Genre, Counts>,
    /// By whose words they are.
    pub by_author: BTreeMap<AuthorState, Counts>,
    /// By what they are for.
    pub by_split: BTreeMap<Split, Counts>,
    /// Pieces and blocks that stay out, by reason.
    pub left_out: BTreeMap<Reason, u64>,
    /// Pieces that are in because their owner brought them back, by why they were left out.
    #[serde(default)]
    pub brought_back: BTreeMap<Reason, u64>,
    /// How often each rule changed or flagged a piece that is in.
    pub rules: BTreeMap<String, u64>,
    /// How often each kind of secret or personal data was replaced in pieces that are in.
    pub redacted: BTreeMap<String, u64>,
}

/// How much there is of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Documents with at least one such piece.
    pub documents: u64,
    /// Pieces.
    pub pieces: u64,
    /// Unicode scalar values.
    pub characters: u64,
    /// Words by Unicode's boundaries, of which each Han character is one.
    pub words: u64,
    /// Tokens of the model; none where no model was there to count them.
    pub tokens: Option<u64>,
}

impl Default for Counts {
    /// Nothing, which has no tokens for sure.
    fn default() -> Self {
        Self {
            documents: 0,
            pieces: 0,
            characters: 0,
            words: 0,
            tokens: Some(0),
        }
    }
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.documents += other.documents;
        self.pieces += other.pieces;
        self.characters += other.characters;
        self.words += other.words;
        // A sum of which a part is unknown is unknown.
        self.tokens = match (self.tokens, other.tokens) {
            (Some(one), Some(more)) => Some(one + more),
            _ => None,
        };
    }

    fn of_piece(text: &str, count_tokens: Option<CountTokens<'_>>) -> Self {
        Self {
            documents: 0,
            pieces: 1,
            characters: text.chars().count() as u64,
            words: text.unicode_words().count() as u64,
            tokens: count_tokens.map(|count| u64::from(count(text))),
        }
    }
}

impl Statistics {
    /// Of one document: its records, and why the rest of it stays out.
    pub fn of_document(
        records: &[Record],
        left_out: impl IntoIterator<Item = Reason>,
        count_tokens: Option<CountTokens<'_>>,
    ) -> Self {
        let mut statistics = Self::default();
        for record in records {
            let piece = Counts::of_piece(&record.text, count_tokens);
            for counts in statistics.counts_of(record) {
                counts.add(&piece);
                // Of one document, so however often it is met.
                counts.documents = 1;
            }
            if let Some(reason) = record.provenance.brought_back {
                *statistics.brought_back.entry(reason).or_default() += 1;
            }
            for (rule, times) in &record.provenance.rules {
                *statistics.rules.entry(rule.clone()).or_default() += u64::from(*times);
            }
            for (kind, times) in &record.provenance.redacted {
                *statistics.redacted.entry(kind.clone()).or_default() += u64::from(*times);
            }
        }
        for reason in left_out {
            *statistics.left_out.entry(reason).or_default() += 1;
        }
        statistics
    }

    /// Adds those of other documents.
    pub fn merge(&mut self, other: &Self) {
        self.total.add(&other.total);
        merge_counts(&mut self.by_language, &other.by_language);
        merge_counts(&mut self.by_genre, &other.by_genre);
        merge_counts(&mut self.by_author, &other.by_author);
        merge_counts(&mut self.by_split, &other.by_split);
        merge_numbers(&mut self.left_out, &other.left_out);
        merge_numbers(&mut self.brought_back, &other.brought_back);
        merge_numbers(&mut self.rules, &other.rules);
        merge_numbers(&mut self.redacted, &other.redacted);
    }

    /// The same where no model is there whose tokens could have been counted.
    #[must_use]
    pub fn without_tokens(mut self) -> Self {
        let languages = self.by_language.values_mut();
        let groups = languages
            .chain(self.by_genre.values_mut())
            .chain(self.by_author.values_mut())
            .chain(self.by_split.values_mut())
            .chain([&mut self.total]);
        for counts in groups {
            if counts.pieces > 0 {
                counts.tokens = None;
            }
        }
        self
    }

    fn counts_of(&mut self, record: &Record) -> [&mut Counts; 5] {
        [
            &mut self.total,
            self.by_language.entry(record.language.clone()).or_default(),
            self.by_genre.entry(record.genre).or_default(),
            self.by_author.entry(record.author).or_default(),
            self.by_split.entry(record.split).or_default(),
        ]
    }
}

fn merge_counts<K: Ord + Clone>(into: &mut BTreeMap<K, Counts>, from: &BTreeMap<K, Counts>) {
    for (key, counts) in from {
        into.entry(key.clone()).or_default().add(counts);
    }
}

fn merge_numbers<K: Ord + Clone>(into: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
    for (key, number) in from {
        *into.entry(key.clone()).or_default() += number;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::examples::records;

    fn length(text: &str) -> u32 {
        u32::try_from(text.len()).unwrap()
    }

    #[test]
    fn a_document_counts_once_in_each_group_that_it_is_in() {
        let statistics = Statistics::of_document(
            &records(),
            [Reason::Code, Reason::Duplicate, Reason::Code],
            Some(&length),
        );
        assert_eq!(statistics.total.documents, 1);
        assert_eq!(statistics.total.pieces, 3);
        assert_eq!(statistics.by_language["zh"].pieces, 2);
        assert_eq!(statistics.by_language["zh"].documents, 1);
        assert_eq!(statistics.by_genre[&Genre::Blog].documents, 1);
        assert_eq!(statistics.by_author[&AuthorState::Assisted].pieces, 1);
        assert_eq!(statistics.by_split[&Split::Train], statistics.total);
        assert_eq!(statistics.left_out[&Reason::Code], 2);
        assert_eq!(statistics.rules["spacing.double"], 6);
        assert_eq!(statistics.redacted["email"], 3);
        let bytes: usize = records().iter().map(|record| record.text.len()).sum();
        assert_eq!(statistics.total.tokens, Some(bytes as u64));
    }

    #[test]
    fn words_are_counted_in_both_languages() {
        let statistics = Statistics::of_document(&records(), [], None);
        // The café was closed we walked on Nobody spoke
        assert_eq!(statistics.by_language["en"].words, 9);
        // 夜 航 我 们 用 Kubernetes 部 署 了 一 个 小 小 的 服 务
        assert_eq!(statistics.by_language["zh"].words, 16);
    }

    #[test]
    fn sums_do_not_depend_on_how_documents_are_grouped() {
        let one = Statistics::of_document(&records(), [Reason::Spam], Some(&length));
        let other = Statistics::of_document(&records()[1..], [Reason::Code], Some(&length));
        let sum = |parts: &[&Statistics]| {
            let mut sum = Statistics::default();
            for part in parts {
                sum.merge(part);
            }
            sum
        };
        let there = sum(&[&one, &other, &one]);
        assert_eq!(there, sum(&[&sum(&[&one, &one]), &other]));
        assert_eq!(there.total.documents, 3);
        assert_eq!(there.by_language["en"].documents, 2);
    }

    #[test]
    fn tokens_are_unknown_where_a_part_was_not_counted() {
        let counted = Statistics::of_document(&records(), [], Some(&length));
        let uncounted = Statistics::of_document(&records(), [], None);
        let mut sum = Statistics::default();
        sum.merge(&counted);
        assert!(sum.total.tokens.is_some());
        sum.merge(&uncounted);
        assert_eq!(sum.total.tokens, None);
        assert_eq!(sum.by_language["zh"].tokens, None);
        assert_eq!(counted.without_tokens(), uncounted);
        assert_eq!(Statistics::default().total.tokens, Some(0));
    }

    #[test]
    fn statistics_are_read_back_from_json() {
        let statistics = Statistics::of_document(&records(), [Reason::OlderVersion], None);
        let json = serde_json::to_vec(&statistics).unwrap();
        assert_eq!(
            serde_json::from_slice::<Statistics>(&json).unwrap(),
            statistics
        );
    }
}
