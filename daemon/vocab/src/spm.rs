//! SentencePiece vocabularies: any two neighbours merge whose text together is a token, the one
//! with the best score first (`llm_tokenizer_spm_session` in `llama-vocab.cpp`).
//!
//! Those vocabularies write a space as `▁`. Here their texts are kept with spaces instead, so that
//! a text is looked up as it stands, without an escaped copy; a `▁` written in the text is the same
//! to llama.cpp and becomes a space in the rare copy that it takes.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU8, Ordering};

use inkstone_gguf::{Array, Gguf, StringTable};

use crate::boundary::PairSet;
use crate::error::VocabError;
use crate::merge::{Merge, Symbol, merge_all};
use crate::token::TokenId;
use crate::token_table::TokenTable;
use crate::vocab::Encoded;

/// How these vocabularies write a space.
pub(crate) const ESCAPED_SPACE: char = '▁';

/// A vocabulary with scores.
#[derive(Debug)]
pub(crate) struct Spm {
    table: TokenTable,
    /// By token: smaller merges first.
    priorities: Vec<u32>,
    byte_tokens: Box<[TokenId; 256]>,
    /// Pairs of characters inside tokens; nothing merges across any other pair.
    pairs: PairSet,
    known: KnownPieces,
    adds_space_prefix: bool,
}

impl Spm {
    pub(crate) fn from_gguf(gguf: &Gguf, texts: &StringTable) -> Result<Self, VocabError> {
        let keys: StringTable = texts.iter().map(unescape).collect();
        // A text with real spaces never equals an escaped one: such tokens are only ever matched as
        // added tokens, and here their key could be another token's.
        let is_findable = |index: usize| texts.get(index).is_some_and(|text| !text.contains(&b' '));
        let table = TokenTable::new(keys, is_findable).map_err(duplicate)?;
        let mut pairs = PairSet::default();
        for (index, key) in table.keys().iter().enumerate() {
            if is_findable(index) {
                pairs.insert_text(key);
            }
        }
        Ok(Self {
            priorities: priorities(gguf, texts.len())?,
            byte_tokens: byte_tokens(&table)?,
            pairs,
            known: KnownPieces::new(texts.len()),
            adds_space_prefix: gguf.bool("tokenizer.ggml.add_space_prefix").unwrap_or(true),
            table,
        })
    }

    pub(crate) fn pairs(&self) -> &PairSet {
        &self.pairs
    }

    pub(crate) fn adds_space_prefix(&self) -> bool {
        self.adds_space_prefix
    }

    /// Tokens of a stretch without special tokens, which begins at `offset` in the document.
    pub(crate) fn encode(
        &self,
        text: &str,
        offset: usize,
        add_prefix: bool,
        encoded: &mut Encoded,
    ) {
        let add_prefix = add_prefix && self.adds_space_prefix;
        if !add_prefix && !text.contains(ESCAPED_SPACE) {
            self.encode_spaced(text, &mut |token, start| {
                encoded.push(token, offset + start);
            });
            return;
        }
        let prefix = if add_prefix { " " } else { "" };
        let spaced = format!("{prefix}{}", text.replace(ESCAPED_SPACE, " "));
        let starts = starts_in_source(&spaced, text, prefix.len());
        self.encode_spaced(&spaced, &mut |token, start| {
            encoded.push(token, offset + starts[start]);
        });
    }

    /// Cuts where nothing merges across, then merges each piece for itself.
    fn encode_spaced(&self, text: &str, push: &mut impl FnMut(TokenId, usize)) {
        let mut piece_start = 0;
        let mut previous = None;
        let mut symbols = Vec::new();
        for (at, character) in text.char_indices() {
            if previous.is_some_and(|before| !self.pairs.contains(before, character)) {
                self.encode_piece(text, piece_start..at, &mut symbols, push);
                piece_start = at;
            }
            previous = Some(character);
        }
        self.encode_piece(text, piece_start..text.len(), &mut symbols, push);
    }

    fn encode_piece(
        &self,
        text: &str,
        range: std::ops::Range<usize>,
        symbols: &mut Vec<Symbol>,
        push: &mut impl FnMut(TokenId, usize),
    ) {
        let piece = &text[range.clone()];
        let whole = self.table.find(piece.as_bytes());
        if let Some(token) = whole
            && self.known.is_whole(token) == Some(true)
        {
            push(token, range.start);
            return;
        }
        symbols.clear();
        symbols.extend(piece.char_indices().map(|(at, character)| Symbol {
            start: range.start + at,
            len: character.len_utf8(),
            token: None,
        }));
        merge_all(symbols, |left, right| {
            let token = self
                .table
                .find(&text.as_bytes()[left.start..left.start + left.len + right.len])?;
            Some(Merge {
                priority: self.priorities[token.0 as usize],
                token,
            })
        });
        if let Some(token) = whole {
            self.known.remember(token, symbols.len() == 1);
        }
        for &symbol in symbols.iter() {
            self.push_symbol(text, symbol, push);
        }
    }

    fn push_symbol(&self, text: &str, symbol: Symbol, push: &mut impl FnMut(TokenId, usize)) {
        let bytes = &text.as_bytes()[symbol.start..symbol.start + symbol.len];
        if let Some(token) = symbol.token.or_else(|| self.table.find(bytes)) {
            push(token, symbol.start);
            return;
        }
        // A character that the vocabulary does not have: its bytes, the escaped ones of a space.
        let mut escaped = [0; 4];
        let bytes = if bytes == b" " {
            ESCAPED_SPACE.encode_utf8(&mut escaped).as_bytes()
        } else {
            bytes
        };
        for &byte in bytes {
            push(self.byte_tokens[usize::from(byte)], symbol.start);
        }
    }
}

/// For tokens that are the text of a whole piece: whether merging really arrives at them. Filled as
/// texts come; most words of a text are such pieces, and one look replaces all their merges.
#[derive(Debug)]
pub(crate) struct KnownPieces(Vec<AtomicU8>);

impl KnownPieces {
    const WHOLE: u8 = 1;
    const IN_PARTS: u8 = 2;

    pub(crate) fn new(tokens: usize) -> Self {
        Self(
            std::iter::repeat_with(AtomicU8::default)
                .take(tokens)
                .collect(),
        )
    }

    pub(crate) fn is_whole(&self, token: TokenId) -> Option<bool> {
        match self.0.get(token.0 as usize)?.load(Ordering::Relaxed) {
            Self::WHOLE => Some(true),
            Self::IN_PARTS => Some(false),
            _ => None,
        }
    }

    pub(crate) fn remember(&self, token: TokenId, is_whole: bool) {
        if let Some(slot) = self.0.get(token.0 as usize) {
            slot.store(
                if is_whole {
                    Self::WHOLE
                } else {
                    Self::IN_PARTS
                },
                Ordering::Relaxed,
            );
        }
    }
}

/// A token's text with its `▁` as spaces.
pub(crate) fn unescape(text: &[u8]) -> Cow<'_, [u8]> {
    match std::str::from_utf8(text) {
        Ok(text) if text.contains(ESCAPED_SPACE) => {
            Cow::Owned(text.replace(ESCAPED_SPACE, " ").into_bytes())
        }
        _ => Cow::Borrowed(text),
    }
}

pub(crate) fn duplicate(index: usize) -> VocabError {
    VocabError::invalid(
        "tokenizer.ggml.tokens",
        format!("token {index} has the text of another one"),
    )
}

/// For every byte of `spaced`: where it comes from in `source`. The prefix comes from its beginning.
fn starts_in_source(spaced: &str, source: &str, prefix_len: usize) -> Vec<usize> {
    let mut starts = vec![0; prefix_len];
    for (at, character) in source.char_indices() {
        let copied = if character == ESCAPED_SPACE {
            1
        } else {
            character.len_utf8()
        };
        starts.extend(std::iter::repeat_n(at, copied));
    }
    debug_assert_eq!(starts.len(), spaced.len());
    starts
}

/// Scores turned around and into whole numbers: the best score has the smallest.
fn priorities(gguf: &Gguf, len: usize) -> Result<Vec<u32>, VocabError> {
    const KEY: &str = "tokenizer.ggml.scores";
    let scores: Vec<f32> = match gguf.get(KEY).map(|value| value.as_array()) {
        None => vec![0.0; len],
        Some(Some(Array::F32(scores))) => scores.clone(),
        // llama.cpp reads whole-number scores as floats too.
        #[allow(clippy::cast_precision_loss)]
        Some(Some(Array::I32(scores))) => scores.iter().map(|&score| score as f32).collect(),
        Some(_) => return Err(VocabError::MissingKey { key: KEY }),
    };
    if scores.len() < len {
        return Err(VocabError::invalid(
            KEY,
            format!("{} scores for {len} tokens", scores.len()),
        ));
    }
    if let Some(index) = scores.iter().position(|score| score.is_nan()) {
        return Err(VocabError::invalid(
            KEY,
            format!("the score of token {index} is not a number"),
        ));
    }
    Ok(scores[..len].iter().map(|&score| priority(score)).collect())
}

/// Descending in the score, equal for equal scores.
fn priority(score: f32) -> u32 {
    // Adding zero makes -0.0 equal to 0.0. Then floats sort like their bits, negative ones reversed.
    let bits = (score + 0.0).to_bits();
    let ascending = if bits >> 31 == 0 {
        bits | 1 << 31
    } else {
        !bits
    };
    !ascending
}

fn byte_tokens(table: &TokenTable) -> Result<Box<[TokenId; 256]>, VocabError> {
    let mut tokens = Box::new([TokenId::default(); 256]);
    for (token, byte) in tokens.iter_mut().zip(0_u8..=u8::MAX) {
        let written = format!("<0x{byte:02X}>");
        *token = table
            .find(written.as_bytes())
            .or_else(|| table.find(&[byte]))
            .ok_or_else(|| {
                VocabError::invalid(
                    "tokenizer.ggml.tokens",
                    format!("no token for the byte {written}"),
                )
            })?;
    }
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priorities_descend_with_the_score_and_equal_scores_are_equal() {
        let scores = [
            f32::INFINITY,
            2.5,
            1.0,
            0.0,
            -0.5,
            -1000.0,
            f32::NEG_INFINITY,
        ];
        assert!(scores.map(priority).is_sorted_by(|a, b| a < b));
        assert_eq!(priority(0.0), priority(-0.0));
    }

    #[test]
    fn every_byte_knows_where_it_comes_from() {
        assert_eq!(
            starts_in_source(" a 砚b", "a▁砚b", 1),
            [0, 0, 1, 4, 4, 4, 7]
        );
    }
}
