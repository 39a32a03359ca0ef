//! What each token is: by its type in the metadata, corrected the way llama.cpp corrects it.
//!
//! Conversions mislabel tokens, so llama.cpp overrides types by well-known texts and collects the
//! tokens that end a generation (`llama_vocab::impl::load` in `llama-vocab.cpp`). Its order of
//! overrides is kept, because later ones undo earlier ones.

use inkstone_gguf::special::find_by_text;
use inkstone_gguf::{Array, Gguf, SpecialTokenIds, StringTable};

use crate::error::VocabError;
use crate::token::TokenId;

/// The flags of one token; none of them for unused and undefined tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Attributes(u8);

impl Attributes {
    pub(crate) const NORMAL: Self = Self(1);
    pub(crate) const UNKNOWN: Self = Self(1 << 1);
    pub(crate) const CONTROL: Self = Self(1 << 2);
    pub(crate) const USER_DEFINED: Self = Self(1 << 3);
    pub(crate) const BYTE: Self = Self(1 << 4);

    pub(crate) fn has(self, flag: Self) -> bool {
        self.0 & flag.0 != 0
    }

    /// Control tokens and the unknown token: matched only when special tokens are asked for, and
    /// without text of their own.
    pub(crate) fn is_hidden(self) -> bool {
        self.has(Self::CONTROL) || self.has(Self::UNKNOWN)
    }

    fn add(&mut self, flag: Self) {
        self.0 |= flag.0;
    }

    /// By `tokenizer.ggml.token_type`.
    fn of_type(token_type: i32) -> Self {
        match token_type {
            1 => Self::NORMAL,
            2 => Self::UNKNOWN,
            3 => Self::CONTROL,
            4 => Self::USER_DEFINED,
            6 => Self::BYTE,
            _ => Self::default(),
        }
    }
}

/// Texts of tokens after which a model has nothing more to say.
const END_OF_GENERATION_TEXTS: &[&str] = &[
    "<|eot_id|>",
    "<|im_end|>",
    "<|end|>",
    "<|return|>",
    "<|call|>",
    "<|flush|>",
    "<|calls|>",
    "<end_of_turn>",
    "<|endoftext|>",
    "</s>",
    "<|eom_id|>",
    "<EOT>",
    "_<EOT>",
    "[EOT]",
    "[EOS]",
    "<|end_of_text|>",
    "<end_of_utterance>",
    "<eos>",
    "<turn|>",
    "<|tool_response>",
    "<｜end▁of▁sentence｜>",
    "[e~[",
];

/// Texts of tokens that are always shown: the channels of gpt-oss.
const ALWAYS_SHOWN_TEXTS: &[&str] = &["<|channel|>", "<|message|>", "<|start|>", "<|constrain|>"];

/// All tokens' flags and the sorted ids of those that end a generation.
#[derive(Debug)]
pub(crate) struct TokenAttributes {
    flags: Vec<Attributes>,
    end_of_generation: Vec<TokenId>,
}

impl TokenAttributes {
    pub(crate) fn from_gguf(
        gguf: &Gguf,
        texts: &StringTable,
        special: &SpecialTokenIds,
    ) -> Result<Self, VocabError> {
        let mut all = Self {
            flags: flags_by_type(gguf, texts.len())?,
            end_of_generation: Vec::new(),
        };
        for &id in &special.found_by_text {
            all.add(id, Attributes::CONTROL);
        }
        let mut ends: Vec<u32> = [
            special.fim_padding,
            special.fim_repository,
            special.fim_separator,
        ]
        .into_iter()
        .flatten()
        .collect();
        for id in find_by_text(texts, END_OF_GENERATION_TEXTS)
            .into_iter()
            .flatten()
        {
            ends.push(id);
            all.add(id, Attributes::CONTROL);
        }
        for id in find_by_text(texts, ALWAYS_SHOWN_TEXTS)
            .into_iter()
            .flatten()
        {
            all.set(id, Attributes::USER_DEFINED);
        }
        ends.extend(
            [special.eos, special.eot, special.eom]
                .into_iter()
                .flatten(),
        );
        all.keep_ordinary_ends(texts, &mut ends);
        ends.sort_unstable();
        ends.dedup();
        all.end_of_generation = ends.into_iter().map(TokenId).collect();
        Ok(all)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (TokenId, Attributes)> {
        (0_u32..).map(TokenId).zip(self.flags.iter().copied())
    }

    pub(crate) fn is_end_of_generation(&self, token: TokenId) -> bool {
        self.end_of_generation.binary_search(&token).is_ok()
    }

    /// In some vocabularies a text of the list above is an ordinary token after all.
    fn keep_ordinary_ends(&mut self, texts: &StringTable, ends: &mut Vec<u32>) {
        let id_of = |ends: &[u32], text: &str| {
            ends.iter()
                .copied()
                .find(|&id| texts.get(id as usize) == Some(text.as_bytes()))
        };
        let has = |ends: &[u32], text: &str| id_of(ends, text).is_some();
        let calls = has(ends, "<|call|>") || has(ends, "<|calls|>");
        // gpt-oss and Solar Open end with `<|return|>` or `<|flush|>`; `<|end|>` only ends a channel.
        if calls && (has(ends, "<|return|>") || has(ends, "<|flush|>")) {
            self.make_ordinary(id_of(ends, "<|end|>"), Attributes::USER_DEFINED, ends);
        }
        // Gemma 4 and PLaMo write `</s>` as HTML.
        if has(ends, "<|tool_response>") || has(ends, "<|plamo:eos|>") {
            self.make_ordinary(id_of(ends, "</s>"), Attributes::NORMAL, ends);
        }
    }

    fn make_ordinary(&mut self, id: Option<u32>, flags: Attributes, ends: &mut Vec<u32>) {
        if let Some(id) = id {
            ends.retain(|&other| other != id);
            self.set(id, flags);
        }
    }

    fn add(&mut self, id: u32, flag: Attributes) {
        if let Some(flags) = self.flags.get_mut(id as usize) {
            flags.add(flag);
        }
    }

    fn set(&mut self, id: u32, flags: Attributes) {
        if let Some(slot) = self.flags.get_mut(id as usize) {
            *slot = flags;
        }
    }
}

fn flags_by_type(gguf: &Gguf, len: usize) -> Result<Vec<Attributes>, VocabError> {
    const KEY: &str = "tokenizer.ggml.token_type";
    match gguf.get(KEY).map(|value| value.as_array()) {
        None => Ok(vec![Attributes::NORMAL; len]),
        Some(Some(Array::I32(types))) if types.len() >= len => Ok(types[..len]
            .iter()
            .map(|&token_type| Attributes::of_type(token_type))
            .collect()),
        Some(Some(Array::I32(types))) => Err(VocabError::invalid(
            KEY,
            format!("{} types for {len} tokens", types.len()),
        )),
        Some(_) => Err(VocabError::MissingKey { key: KEY }),
    }
}

#[cfg(test)]
mod tests {
    use inkstone_gguf::build::GgufBuilder;

    use super::*;

    impl TokenAttributes {
        fn of(&self, token: TokenId) -> Attributes {
            self.flags[token.0 as usize]
        }
    }

    fn attributes(tokens: &[&str], types: &[i32]) -> TokenAttributes {
        let bytes = GgufBuilder::new()
            .str("tokenizer.ggml.model", "gpt2")
            .strings("tokenizer.ggml.tokens", tokens)
            .i32s("tokenizer.ggml.token_type", types.to_vec())
            .finish();
        let gguf = Gguf::read(&mut &bytes[..], bytes.len() as u64).unwrap();
        let texts = tokens.iter().collect();
        TokenAttributes::from_gguf(&gguf, &texts, &SpecialTokenIds::from_gguf(&gguf)).unwrap()
    }

    #[test]
    fn an_end_token_that_was_labelled_normal_becomes_a_control_token() {
        let all = attributes(&["a", "<|im_end|>", "<end_of_turn>"], &[1, 1, 4]);
        assert!(!all.of(TokenId(0)).is_hidden());
        for token in [TokenId(1), TokenId(2)] {
            assert!(
                all.of(token).is_hidden() && all.is_end_of_generation(token),
                "{token}"
            );
        }
        assert!(!all.is_end_of_generation(TokenId(0)));
    }

    #[test]
    fn gpt_oss_goes_on_after_the_end_of_a_channel() {
        let all = attributes(
            &["<|end|>", "<|return|>", "<|call|>", "<|channel|>"],
            &[3, 3, 3, 3],
        );
        assert!(!all.is_end_of_generation(TokenId(0)));
        assert!(all.of(TokenId(0)).has(Attributes::USER_DEFINED));
        assert_eq!(all.of(TokenId(3)), Attributes::USER_DEFINED);
        assert!(all.is_end_of_generation(TokenId(1)));
        assert!(attributes(&["<|end|>"], &[3]).is_end_of_generation(TokenId(0)));
    }

    #[test]
    fn html_is_ordinary_where_another_token_ends_the_text() {
        let all = attributes(&["</s>", "<|tool_response>"], &[1, 3]);
        assert_eq!(all.of(TokenId(0)), Attributes::NORMAL);
        assert!(!all.is_end_of_generation(TokenId(0)));
    }
}
