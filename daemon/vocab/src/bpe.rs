//! Byte-level vocabularies: neighbours merge by a ranked list of pairs, inside words
//! (`llm_tokenizer_bpe_session` in `llama-vocab.cpp`).

use hashbrown::HashMap;
use inkstone_gguf::{Gguf, StringTable};

use crate::byte_alphabet;
use crate::error::VocabError;
use crate::merge::{Merge, Symbol, merge_all};
use crate::pre_tokenizer::PreTokenizer;
use crate::spm::{KnownPieces, duplicate};
use crate::token::TokenId;
use crate::token_table::TokenTable;
use crate::vocab::Encoded;

const MERGES_KEY: &str = "tokenizer.ggml.merges";

/// A vocabulary with merges.
#[derive(Debug)]
pub(crate) struct Bpe {
    /// By the bytes that a token stands for.
    table: TokenTable,
    merges: HashMap<(TokenId, TokenId), Merge>,
    /// Some vocabularies lack rare bytes; llama.cpp leaves those out of the text.
    byte_tokens: Box<[Option<TokenId>; 256]>,
    pre_tokenizer: PreTokenizer,
    ignores_merges: bool,
    known: KnownPieces,
}

impl Bpe {
    pub(crate) fn from_gguf(gguf: &Gguf, texts: &StringTable) -> Result<Self, VocabError> {
        let pre = gguf.str("tokenizer.ggml.pre").unwrap_or_default();
        let pre_tokenizer = PreTokenizer::by_name(pre).ok_or_else(|| VocabError::Unsupported {
            what: "the pre-tokenizer",
            name: pre.to_owned(),
        })?;
        let decoded: Vec<Option<Vec<u8>>> = texts.iter().map(byte_alphabet::decode).collect();
        let keys = decoded
            .iter()
            .map(|bytes| bytes.as_deref().unwrap_or_default())
            .collect();
        // Texts outside of the alphabet are added tokens: no word is ever equal to one.
        let table = TokenTable::new(keys, |index| decoded[index].is_some()).map_err(duplicate)?;
        let mut byte_tokens = Box::new([None; 256]);
        for (token, byte) in byte_tokens.iter_mut().zip(0_u8..=u8::MAX) {
            *token = table.find(&[byte]);
        }
        Ok(Self {
            merges: merges(gguf, &table)?,
            byte_tokens,
            pre_tokenizer,
            ignores_merges: PreTokenizer::ignores_merges(pre),
            known: KnownPieces::new(texts.len()),
            table,
        })
    }

    /// Tokens of a stretch without special tokens, which begins at `offset` in the document.
    pub(crate) fn encode(&self, text: &str, offset: usize, encoded: &mut Encoded) {
        let mut symbols = Vec::new();
        let mut start = 0;
        for end in self.pre_tokenizer.word_ends(text) {
            self.encode_word(
                &text.as_bytes()[start..end],
                offset + start,
                &mut symbols,
                encoded,
            );
            start = end;
        }
    }

    fn encode_word(
        &self,
        word: &[u8],
        offset: usize,
        symbols: &mut Vec<Symbol>,
        encoded: &mut Encoded,
    ) {
        let whole = self.table.find(word);
        if let Some(token) = whole
            && (self.ignores_merges || self.known.is_whole(token) == Some(true))
        {
            encoded.push(token, offset);
            return;
        }
        symbols.clear();
        symbols.extend(word.iter().enumerate().map(|(start, &byte)| Symbol {
            start,
            len: 1,
            token: self.byte_tokens[usize::from(byte)],
        }));
        merge_all(symbols, |left, right| {
            self.merges.get(&(left.token?, right.token?)).copied()
        });
        if let Some(token) = whole {
            self.known.remember(token, symbols.len() == 1);
        }
        for symbol in symbols.iter() {
            if let Some(token) = symbol.token {
                encoded.push(token, offset + symbol.start);
            }
        }
    }
}

fn merges(
    gguf: &Gguf,
    table: &TokenTable,
) -> Result<HashMap<(TokenId, TokenId), Merge>, VocabError> {
    let list = gguf
        .strings(MERGES_KEY)
        .ok_or(VocabError::MissingKey { key: MERGES_KEY })?;
    let mut merges = HashMap::with_capacity(list.len());
    for (rank, text) in (0_u32..).zip(list.iter()) {
        let merge = parse_merge(text, table).ok_or_else(|| {
            let text = String::from_utf8_lossy(text);
            VocabError::invalid(
                MERGES_KEY,
                format!("merge {rank} `{text}` names or makes no token"),
            )
        })?;
        let (left, right, token) = merge;
        // llama.cpp keeps the first of two merges of one pair.
        merges.entry((left, right)).or_insert(Merge {
            priority: rank,
            token,
        });
    }
    Ok(merges)
}

/// `left right`: the space that parts them is not the first byte.
fn parse_merge(text: &[u8], table: &TokenTable) -> Option<(TokenId, TokenId, TokenId)> {
    let space = 1 + text.get(1..)?.iter().position(|&byte| byte == b' ')?;
    let left = byte_alphabet::decode(&text[..space])?;
    let right = byte_alphabet::decode(&text[space + 1..])?;
    let token = table.find(&[left.as_slice(), &right].concat())?;
    Some((table.find(&left)?, table.find(&right)?, token))
}
