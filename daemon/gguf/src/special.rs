//! Special tokens of a model: by the ids in its metadata, else by their text.
//!
//! Many conversions leave the ids of infill and end-of-turn tokens out, so llama.cpp also knows
//! them by their text (`llama_vocab::impl::load` in `llama-vocab.cpp`); this follows it. Where a
//! vocabulary has several of one list, llama.cpp takes whichever its hash map yields first; here
//! the first of the list wins, so that every run gives the same.

use crate::gguf::Gguf;
use crate::strings::StringTable;

/// Ids of the tokens for infill: the model continues between a prefix and a suffix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FimTokenIds {
    /// Stands before the text in front of the caret.
    pub prefix: u32,
    /// Stands before the text behind the caret.
    pub suffix: u32,
    /// Stands before what the model is to write.
    pub middle: u32,
}

/// Ids of special tokens and whether they are put around a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpecialTokenIds {
    /// Begins a text.
    pub bos: Option<u32>,
    /// Ends a text.
    pub eos: Option<u32>,
    /// Ends a turn of a conversation.
    pub eot: Option<u32>,
    /// Ends a message, for tool calls.
    pub eom: Option<u32>,
    /// Stands for what the vocabulary cannot write.
    pub unknown: Option<u32>,
    /// Fills up infill prompts.
    pub fim_padding: Option<u32>,
    /// Stands before a repository's name in infill prompts.
    pub fim_repository: Option<u32>,
    /// Stands between files in infill prompts.
    pub fim_separator: Option<u32>,
    /// The infill tokens, when the vocabulary has all three.
    pub fim: Option<FimTokenIds>,
    /// Whether prompts begin with `bos`.
    pub adds_bos: bool,
    /// Whether tokenized texts end with `eos`.
    pub adds_eos: bool,
    /// Tokens that only their text gave away; llama.cpp makes them control tokens.
    pub found_by_text: Vec<u32>,
}

const EOT_TEXTS: &[&str] = &[
    "<|eot_id|>",
    "<|im_end|>",
    "<|end|>",
    "<end_of_turn>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<EOT>",
    "_<EOT>",
    "[EOT]",
    "<｜end▁of▁sentence｜>",
    "<end_of_utterance>",
];
const EOM_TEXTS: &[&str] = &["<|eom_id|>"];
const FIM_PREFIX_TEXTS: &[&str] = &[
    "<|fim_prefix|>",
    "<fim-prefix>",
    "<fim_prefix>",
    "<｜fim▁begin｜>",
    "<PRE>",
    "▁<PRE>",
    "<|code_prefix|>",
    "<|prefix|>",
];
const FIM_SUFFIX_TEXTS: &[&str] = &[
    "<|fim_suffix|>",
    "<fim-suffix>",
    "<fim_suffix>",
    "<｜fim▁hole｜>",
    "<SUF>",
    "▁<SUF>",
    "<|code_suffix|>",
    "<|suffix|>",
];
const FIM_MIDDLE_TEXTS: &[&str] = &[
    "<|fim_middle|>",
    "<fim-middle>",
    "<fim_middle>",
    "<｜fim▁end｜>",
    "<MID>",
    "▁<MID>",
    "<|code_middle|>",
    "<|middle|>",
];
const FIM_PADDING_TEXTS: &[&str] = &["<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"];
const FIM_REPOSITORY_TEXTS: &[&str] = &[
    "<|fim_repo|>",
    "<|repo_name|>",
    "<fim-repo>",
    "<REPO>",
    "<reponame>",
];
const FIM_SEPARATOR_TEXTS: &[&str] = &["<|file_sep|>"];

/// Bytes of the longest text above, with room: longer tokens are not looked at.
const SPECIAL_TEXT_BYTES_MAX: usize = 32;

impl SpecialTokenIds {
    /// The special tokens of the model's vocabulary.
    pub fn from_gguf(gguf: &Gguf) -> Self {
        let empty = StringTable::default();
        let tokens = gguf.strings("tokenizer.ggml.tokens").unwrap_or(&empty);
        let model = gguf.str("tokenizer.ggml.model").unwrap_or_default();
        let (bos, eos, unknown) = match model {
            "llama" => (Some(1), Some(2), Some(0)),
            "gpt2" => (Some(11), Some(11), None),
            _ => (None, None, None),
        };
        let mut finder = Finder {
            gguf,
            tokens,
            found_by_text: Vec::new(),
        };
        let bos = finder.by_key(&["bos"], bos);
        let eos = finder.by_key(&["eos"], eos);
        let unknown = finder.by_key(&["unknown"], unknown);
        let eot = finder.by_key_or_text(&["eot"], EOT_TEXTS);
        let eom = finder.by_key_or_text(&["eom"], EOM_TEXTS);
        let prefix = finder.by_key_or_text(&["fim_pre", "prefix"], FIM_PREFIX_TEXTS);
        let suffix = finder.by_key_or_text(&["fim_suf", "suffix"], FIM_SUFFIX_TEXTS);
        let middle = finder.by_key_or_text(&["fim_mid", "middle"], FIM_MIDDLE_TEXTS);
        let fim_padding = finder.by_key_or_text(&["fim_pad"], FIM_PADDING_TEXTS);
        let fim_repository = finder.by_key_or_text(&["fim_rep"], FIM_REPOSITORY_TEXTS);
        let fim_separator = finder.by_key_or_text(&["fim_sep"], FIM_SEPARATOR_TEXTS);
        let fim = match (prefix, suffix, middle) {
            (Some(prefix), Some(suffix), Some(middle)) => Some(FimTokenIds {
                prefix,
                suffix,
                middle,
            }),
            _ => None,
        };
        Self {
            bos,
            eos,
            eot,
            eom,
            unknown,
            fim_padding,
            fim_repository,
            fim_separator,
            fim,
            adds_bos: gguf
                .bool("tokenizer.ggml.add_bos_token")
                .unwrap_or_else(|| adds_bos_by_default(gguf, model)),
            adds_eos: gguf
                .bool("tokenizer.ggml.add_eos_token")
                .unwrap_or(model == "t5"),
            found_by_text: finder.found_by_text,
        }
    }
}

/// The ids of tokens with one of the `wanted` texts, in the order of `wanted`; `None` for texts that
/// the vocabulary does not have.
pub fn find_by_text(tokens: &StringTable, wanted: &[&str]) -> Vec<Option<u32>> {
    let mut found = vec![None; wanted.len()];
    for (id, token) in tokens.iter().enumerate() {
        // Nearly every token is left at its length or first byte.
        if token.len() > SPECIAL_TEXT_BYTES_MAX {
            continue;
        }
        for (slot, text) in found.iter_mut().zip(wanted) {
            if token == text.as_bytes() {
                *slot = u32::try_from(id).ok();
            }
        }
    }
    found
}

struct Finder<'a> {
    gguf: &'a Gguf,
    tokens: &'a StringTable,
    found_by_text: Vec<u32>,
}

impl Finder<'_> {
    /// The id in the metadata, else `default`; ids outside the vocabulary are ignored.
    fn by_key(&self, keys: &[&str], default: Option<u32>) -> Option<u32> {
        let in_range = |id: &u32| (*id as usize) < self.tokens.len();
        keys.iter()
            .filter_map(|key| self.gguf.u64(&format!("tokenizer.ggml.{key}_token_id")))
            .filter_map(|id| u32::try_from(id).ok())
            .rfind(in_range)
            .or(default.filter(in_range))
    }

    fn by_key_or_text(&mut self, keys: &[&str], texts: &[&str]) -> Option<u32> {
        self.by_key(keys, None).or_else(|| {
            let id = find_by_text(self.tokens, texts)
                .into_iter()
                .flatten()
                .next()?;
            self.found_by_text.push(id);
            Some(id)
        })
    }
}

fn adds_bos_by_default(gguf: &Gguf, model: &str) -> bool {
    /// Pre-tokenizers whose models want a BOS token although they are byte-level.
    const BOS_PRE_TOKENIZERS: &[&str] = &[
        "llama3",
        "llama-v3",
        "llama-bpe",
        "falcon3",
        "falcon-h1",
        "pixtral",
        "midm-2.0",
        "lfm2",
        "jina-v5-nano",
        "tekken",
        "chameleon",
    ];
    let pre = gguf.str("tokenizer.ggml.pre").unwrap_or_default();
    matches!(model, "llama" | "bert" | "gemma4")
        || (model == "gpt2" && BOS_PRE_TOKENIZERS.contains(&pre))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::GgufBuilder;

    fn special(builder: &GgufBuilder) -> SpecialTokenIds {
        let bytes = builder.finish();
        SpecialTokenIds::from_gguf(&Gguf::read(&mut &bytes[..], bytes.len() as u64).unwrap())
    }

    #[test]
    fn infill_tokens_are_found_by_their_text_when_the_metadata_is_silent() {
        let tokens = [
            "a",
            "<|fim_middle|>",
            "<|fim_suffix|>",
            "<|fim_prefix|>",
            "<|im_end|>",
        ];
        let found = special(
            &GgufBuilder::new()
                .str("tokenizer.ggml.model", "gpt2")
                .strings("tokenizer.ggml.tokens", tokens),
        );
        assert_eq!(
            found.fim,
            Some(FimTokenIds {
                prefix: 3,
                suffix: 2,
                middle: 1
            })
        );
        assert_eq!(found.eot, Some(4));
        assert_eq!(found.found_by_text, [4, 3, 2, 1]);
        assert_eq!(
            found.bos, None,
            "the default id 11 is outside this vocabulary"
        );
        assert!(!found.adds_bos);
    }

    #[test]
    fn ids_in_the_metadata_win_and_ids_outside_the_vocabulary_are_ignored() {
        let builder = GgufBuilder::new()
            .str("tokenizer.ggml.model", "llama")
            .strings(
                "tokenizer.ggml.tokens",
                ["<unk>", "<s>", "</s>", "<PRE>", "x", "y", "<EOT>"],
            )
            .u32("tokenizer.ggml.bos_token_id", 2)
            .u32("tokenizer.ggml.eos_token_id", 99)
            .u32("tokenizer.ggml.fim_pre_token_id", 4)
            .u32("tokenizer.ggml.prefix_token_id", 5);
        let found = special(&builder);
        assert_eq!(
            (found.bos, found.eos, found.unknown, found.eot),
            (Some(2), Some(2), Some(0), Some(6))
        );
        assert_eq!(found.fim, None, "two of three are missing");
        assert!(found.adds_bos);
        assert!(!special(&builder.bool("tokenizer.ggml.add_bos_token", false)).adds_bos);
    }
}
