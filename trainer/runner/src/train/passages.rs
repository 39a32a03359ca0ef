//! From documents to the passages that are trained on: tokens of at most a given number, with what
//! the completion pipeline puts before a text that was cut (`inkstone_pipeline::header`).
//!
//! Cut at paragraphs where one ends late enough, else at words. The header is shown and not foretold.

use std::sync::Arc;

use inkstone_pipeline::{TokenCount, header};
use inkstone_vocab::{IncrementalTokenizer, TokenId, TokenizeOptions, Vocab};

use super::prose::Document;

/// Bytes looked at for each token that a passage may have: no vocabulary has longer tokens on average.
const BYTES_PER_TOKEN_MAX: usize = 12;
/// A passage with fewer tokens to foretell teaches nothing: an end of a document, a lone heading.
const FORETOLD_TOKENS_MIN: usize = 8;

/// The tokens of a stretch of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Passage {
    /// With the header's.
    pub tokens: Vec<TokenId>,
    /// How much each counts; 0 for the header's.
    pub weights: Vec<f32>,
    /// The number of its document among those that were cut.
    pub document: usize,
}

/// How a text becomes tokens that a model goes on with.
pub(super) const OF_TEXT: TokenizeOptions = TokenizeOptions {
    add_bos: true,
    parse_special: false,
};

/// Without the token that some vocabularies want after a text: nothing follows it.
pub(super) fn without_end<'t>(vocab: &Vocab, tokens: &'t [TokenId]) -> &'t [TokenId] {
    match tokens {
        [rest @ .., last] if !rest.is_empty() && vocab.is_end_of_generation(*last) => rest,
        tokens => tokens,
    }
}

/// All tokens of several passages.
pub fn tokens_of(passages: &[Passage]) -> u64 {
    passages
        .iter()
        .map(|passage| passage.tokens.len() as u64)
        .sum()
}

/// Cuts documents with a model's vocabulary.
pub struct Cutter {
    vocab: Arc<Vocab>,
    tokenizer: IncrementalTokenizer,
    tokens_max: usize,
}

impl Cutter {
    /// Into passages of at most so many tokens.
    pub fn new(vocab: &Arc<Vocab>, tokens_max: usize) -> Self {
        Self {
            vocab: Arc::clone(vocab),
            tokenizer: IncrementalTokenizer::new(Arc::clone(vocab), OF_TEXT),
            tokens_max,
        }
    }

    /// The passages of all documents, in order.
    pub fn cut_all(&mut self, documents: &[Document]) -> Vec<Passage> {
        let mut passages = Vec::new();
        for (number, document) in documents.iter().enumerate() {
            self.cut(document, number, &mut passages);
        }
        passages
    }

    fn cut(&mut self, document: &Document, number: usize, passages: &mut Vec<Passage>) {
        let body = document.body.as_str();
        let mut from = 0;
        while from < body.len() {
            let (passage, next) = self.passage(document, number, from);
            let foretold = passage
                .weights
                .iter()
                .skip(1)
                .filter(|&&weight| weight > 0.0);
            if foretold.count() >= FORETOLD_TOKENS_MIN {
                passages.push(passage);
            }
            // A header that takes everything must not keep it here for ever.
            from = if next > from {
                next
            } else {
                ceil_boundary(body, from + 1)
            };
        }
    }

    /// The passage that begins at `from`, and where the next one does.
    fn passage(&mut self, document: &Document, number: usize, from: usize) -> (Passage, usize) {
        let body = document.body.as_str();
        let far = from.saturating_add(self.tokens_max.saturating_mul(BYTES_PER_TOKEN_MAX));
        let end = floor_boundary(body, far);
        let mut text = &body[from..end];
        let mut before = self.header(document, from, text);
        self.tokenize(&before, text);
        let mut next = end;
        if self.tokens().len() > self.tokens_max || end < body.len() {
            let starts = self.tokenizer.starts();
            let last = starts.get(self.tokens_max).copied();
            let room = last.map_or(text.len(), |start| start.saturating_sub(before.len()));
            let three_quarters = starts.get(self.tokens_max / 4 * 3).copied().unwrap_or(0);
            let earliest = three_quarters.saturating_sub(before.len());
            let cut = place_to_cut(text, earliest, room);
            next = from + cut;
            text = &text[..cut];
            // What the cut text no longer has may be wanted before it.
            before = self.header(document, from, text);
            self.tokenize(&before, text);
        }
        let passage = self.weighted(document, number, from, before.len());
        let rest = &body[next..];
        (passage, next + (rest.len() - rest.trim_start().len()))
    }

    fn header(&self, document: &Document, from: usize, text: &str) -> String {
        let headings = document
            .part_at(from)
            .map_or(&[][..], |part| &part.headings);
        let budget = TokenCount::new(self.tokens_max);
        let count = |text: &str| {
            let tokens = self.vocab.tokenize(text, TokenizeOptions::default());
            tokens.len()
        };
        header(document.title.as_deref(), headings, text, budget, &count)
    }

    fn tokenize(&mut self, before: &str, text: &str) {
        self.tokenizer
            .update(&format!("{before}{}", text.trim_end()));
    }

    fn tokens(&self) -> &[TokenId] {
        without_end(&self.vocab, self.tokenizer.tokens())
    }

    fn weighted(&self, document: &Document, number: usize, from: usize, before: usize) -> Passage {
        let tokens = self.tokens();
        let kept = tokens.len().min(self.tokens_max);
        let weight_at = |start: &usize| match start.checked_sub(before) {
            Some(place) => document
                .part_at(from + place)
                .map_or(0.0, |part| part.weight),
            None => 0.0,
        };
        let weights = self.tokenizer.starts().iter().take(kept).map(weight_at);
        Passage {
            weights: weights.collect(),
            tokens: tokens[..kept].to_vec(),
            document: number,
        }
    }
}

/// The last place at `at` or before that lies between two characters.
fn floor_boundary(text: &str, at: usize) -> usize {
    let mut places = (0..=at.min(text.len())).rev();
    places
        .find(|&place| text.is_char_boundary(place))
        .unwrap_or(0)
}

/// The first place at `at` or after it that does.
pub(super) fn ceil_boundary(text: &str, at: usize) -> usize {
    let mut places = at..text.len();
    places
        .find(|&place| text.is_char_boundary(place))
        .unwrap_or(text.len())
}

/// Where to cut a text, `room` at the latest: after the last paragraph that ends from `earliest` on,
/// else after the last word, else anywhere.
fn place_to_cut(text: &str, earliest: usize, room: usize) -> usize {
    let room = floor_boundary(text, room);
    let fits = &text[..room];
    let late = |at: &usize| *at >= earliest && *at > 0;
    let paragraph = fits.rfind("\n\n").filter(late);
    let word = || fits.rfind(char::is_whitespace).filter(late);
    paragraph.or_else(word).unwrap_or(room)
}

#[cfg(test)]
mod tests {

    use inkstone_gguf::Gguf;
    use inkstone_test_support::TinyDecoder;

    use super::*;
    use crate::train::prose::Part;

    /// A vocabulary in which each byte is a token.
    fn bytes() -> Arc<Vocab> {
        let bytes = TinyDecoder::new("llama").bytes();
        let gguf = Gguf::read(&mut &bytes[..], bytes.len() as u64).unwrap();
        Arc::new(Vocab::from_gguf(&gguf).unwrap())
    }

    fn text(vocab: &Vocab, passage: &Passage) -> String {
        let bytes = passage
            .tokens
            .iter()
            .flat_map(|&token| vocab.token_bytes(token));
        String::from_utf8(bytes.copied().collect()).unwrap()
    }

    fn document(body: &str, title: &str, headings: &[&str]) -> Document {
        Document {
            title: Some(title.to_owned()),
            body: body.to_owned(),
            parts: vec![Part {
                start: 0,
                headings: headings.iter().map(ToString::to_string).collect(),
                weight: 1.0,
            }],
            key: None,
        }
    }

    #[test]
    fn every_passage_begins_with_where_it_stands_and_all_of_the_text_comes_once() {
        let vocab = bytes();
        let body = "The sea was calm that night.\n\n夜里很静，没有风。\n\nA café 👩‍👩‍👧 was closed; we went on along the quay.";
        let passages =
            Cutter::new(&vocab, 120).cut_all(&[document(body, "Sea", &["Sea", "夜航日记"])]);
        let texts: Vec<String> = passages
            .iter()
            .map(|passage| text(&vocab, passage))
            .collect();
        assert!(passages.len() > 1 && passages.iter().all(|one| one.tokens.len() <= 120));
        let counted = passages
            .iter()
            .flat_map(|one| one.tokens.iter().zip(&one.weights));
        let counted = counted.filter(|&(_, &weight)| weight > 0.0);
        let joined: Vec<u8> = counted
            .flat_map(|(&token, _)| vocab.token_bytes(token).iter().copied())
            .collect();
        let joined = String::from_utf8(joined).unwrap();
        let solid = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(solid(&joined), solid(body));
        assert!(
            texts[0].contains("# Sea\n\n## 夜航日记\n\nThe sea"),
            "{texts:?}"
        );
    }

    #[test]
    fn assisted_words_weigh_less_and_headers_nothing() {
        let vocab = bytes();
        let mut of_two = document("mine, all mine\n\nits words, taken", "T", &[]);
        of_two.parts.push(Part {
            start: 16,
            headings: Vec::new(),
            weight: 0.25,
        });
        let passages = Cutter::new(&vocab, 128).cut_all(&[of_two]);
        let Passage {
            tokens, weights, ..
        } = &passages[0];
        let of = |wanted: f32| {
            let tokens = tokens.iter().zip(weights);
            let tokens = tokens.filter(|&(_, &weight)| weight == wanted);
            let bytes = tokens.flat_map(|(&token, _)| vocab.token_bytes(token).to_vec());
            String::from_utf8(bytes.collect()).unwrap()
        };
        assert_eq!(of(0.25), "its words, taken");
        assert_eq!(of(1.0), "mine, all mine\n\n");
        assert!(of(0.0).ends_with("# T\n\n"));
    }

    #[test]
    fn scraps_are_left_out_and_a_text_without_a_space_is_cut_all_the_same() {
        let vocab = bytes();
        let mut cutter = Cutter::new(&vocab, 40);
        assert!(
            cutter
                .cut_all(&[Document::plain("end".to_owned())])
                .is_empty()
        );
        let passages = cutter.cut_all(&[Document::plain("静".repeat(50))]);
        assert!(passages.len() >= 4, "{}", passages.len());
        assert!(
            passages
                .iter()
                .all(|passage| !text(&vocab, passage).contains('\u{fffd}'))
        );
        assert!(cutter.cut_all(&[Document::plain(String::new())]).is_empty());
    }

    #[test]
    fn places_to_cut_are_paragraphs_then_words_then_characters() {
        assert_eq!(place_to_cut("one two\n\nthree four", 4, 14), 7);
        assert_eq!(place_to_cut("one two\n\nthree four", 9, 17), 14);
        assert_eq!(place_to_cut("静静静静", 0, 4), 3);
    }
}
