//! What a GGUF file says about its language model, as typed facts within bounds.
//!
//! Shown by `model list` and `model import`, and what the engine plans memory with. Not a check
//! that the weights are the right ones: llama.cpp does that when it loads them.

use crate::architectures;
use crate::error::{GgufError, at_most};
use crate::gguf::Gguf;
use crate::limits::{BLOCKS_MAX, HEADS_MAX, LENGTH_MAX};
use crate::quantization;
use crate::shown::shown;
use crate::special::SpecialTokenIds;
use crate::tensor_type::GgmlType;

/// Languages that are kept of those that the publisher names; the rest fits in no list.
const LANGUAGES_MAX: usize = 64;

/// Facts about a model. Texts are short and fit to be shown ([`shown`]), but for the chat template,
/// which is for a program. Numbers that a model of an unknown architecture does not have are 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelInfo {
    /// Architecture, as llama.cpp names it: `llama`, `gemma3`, …
    pub architecture: String,
    /// Name for people.
    pub name: Option<String>,
    /// Size for people: `135M`.
    pub size_label: Option<String>,
    /// Licence, as its publisher names it.
    pub licence: Option<String>,
    /// Languages, as ISO codes, where the publisher names them.
    pub languages: Vec<String>,
    /// Number of weights.
    pub parameter_count: u64,
    /// Bytes of all weights.
    pub weights_bytes: u64,
    /// Quantization under its published name: `Q4_K_M`; `none` without weights.
    pub quantization: String,
    /// Number format that holds most bytes of the weights.
    pub main_weight_type: Option<GgmlType>,
    /// Context it was trained with, in tokens.
    pub context_length: u32,
    /// Width of the model.
    pub embedding_length: u32,
    /// Number of layers.
    pub block_count: u32,
    /// Attention heads of a layer; the largest where layers differ.
    pub head_count: u32,
    /// Heads with keys and values of their own; the largest where layers differ.
    pub head_count_kv: u32,
    /// Width of a key.
    pub key_length: u32,
    /// Width of a value.
    pub value_length: u32,
    /// Number of tokens in the vocabulary.
    pub vocabulary_size: u32,
    /// Chat template, in Jinja.
    pub chat_template: Option<String>,
    /// Kind of tokenizer: `gpt2`, `llama`, …
    pub tokenizer_model: Option<String>,
    /// Pre-tokenizer of a `gpt2` tokenizer: `smollm`, `qwen2`, …
    pub tokenizer_pre: Option<String>,
    /// Special tokens.
    pub special: SpecialTokenIds,
}

impl ModelInfo {
    /// Collects the facts; an error when the file is no language model or its numbers are absurd.
    pub fn from_gguf(gguf: &Gguf) -> Result<Self, GgufError> {
        const ARCHITECTURE_KEY: &str = "general.architecture";
        let architecture = gguf
            .str(ARCHITECTURE_KEY)
            .ok_or_else(|| GgufError::MissingKey {
                key: ARCHITECTURE_KEY.to_owned(),
            })?;
        // Known ones are short and plain: only an unknown one changes by this, and its numbers are
        // not needed.
        let architecture = &*shown(architecture);
        let numbers = Numbers { gguf, architecture };
        let embedding_length = numbers.required("embedding_length", LENGTH_MAX)?;
        let head_count = numbers
            .optional("attention.head_count", HEADS_MAX)?
            .unwrap_or(0);
        let head_width = embedding_length
            .checked_div(head_count)
            .unwrap_or(0)
            .min(HEADS_MAX);
        let text = |key: &str| gguf.str(key).map(shown);
        Ok(Self {
            architecture: architecture.to_owned(),
            name: text("general.name"),
            size_label: text("general.size_label"),
            licence: text("general.license"),
            languages: languages(gguf),
            parameter_count: sum(gguf.tensors().iter().map(|tensor| tensor.elements)),
            weights_bytes: sum(gguf.tensors().iter().map(|tensor| tensor.bytes)),
            quantization: quantization::name(gguf),
            main_weight_type: quantization::main_weight_type(gguf),
            context_length: numbers.required("context_length", LENGTH_MAX)?,
            embedding_length,
            block_count: numbers.required("block_count", BLOCKS_MAX)?,
            head_count,
            head_count_kv: numbers
                .optional("attention.head_count_kv", HEADS_MAX)?
                .unwrap_or(head_count),
            key_length: numbers
                .optional("attention.key_length", HEADS_MAX)?
                .unwrap_or(head_width),
            value_length: numbers
                .optional("attention.value_length", HEADS_MAX)?
                .unwrap_or(head_width),
            vocabulary_size: vocabulary_size(&numbers)?,
            chat_template: gguf.str("tokenizer.chat_template").map(ToOwned::to_owned),
            tokenizer_model: text("tokenizer.ggml.model"),
            tokenizer_pre: text("tokenizer.ggml.pre"),
            special: SpecialTokenIds::from_gguf(gguf),
        })
    }

    /// Whether the bundled llama.cpp loads this architecture.
    pub fn architecture_is_known(&self) -> bool {
        architectures::is_known(&self.architecture)
    }

    /// Whether the model can write between a prefix and a suffix.
    pub fn has_fim_tokens(&self) -> bool {
        self.special.fim.is_some()
    }
}

/// Numbers under the prefix of the architecture.
struct Numbers<'a> {
    gguf: &'a Gguf,
    architecture: &'a str,
}

impl Numbers<'_> {
    fn optional(&self, name: &str, limit: u32) -> Result<Option<u32>, GgufError> {
        let key = self.key(name);
        let Some(value) = self.gguf.get(&key) else {
            return Ok(None);
        };
        let number = value
            .max_u64()
            .ok_or_else(|| GgufError::invalid(format!("`{key}`"), "not a whole number"))?;
        at_most(format!("`{key}`"), number, limit.into())?;
        Ok(u32::try_from(number).ok())
    }

    /// llama.cpp loads no model without it. An unknown architecture may name it otherwise, and is
    /// refused for being unknown, which says more.
    fn required(&self, name: &str, limit: u32) -> Result<u32, GgufError> {
        match self.optional(name, limit)? {
            Some(number) => Ok(number),
            None if architectures::is_known(self.architecture) => Err(GgufError::MissingKey {
                key: self.key(name),
            }),
            None => Ok(0),
        }
    }

    fn key(&self, name: &str) -> String {
        format!("{}.{name}", self.architecture)
    }
}

fn vocabulary_size(numbers: &Numbers<'_>) -> Result<u32, GgufError> {
    match numbers.gguf.strings("tokenizer.ggml.tokens") {
        Some(tokens) => Ok(u32::try_from(tokens.len()).unwrap_or(u32::MAX)),
        None => Ok(numbers.optional("vocab_size", LENGTH_MAX)?.unwrap_or(0)),
    }
}

fn languages(gguf: &Gguf) -> Vec<String> {
    let languages = gguf.strings("general.languages");
    languages.map_or_else(Vec::new, |codes| {
        codes
            .iter()
            .take(LANGUAGES_MAX)
            .map(|code| shown(&String::from_utf8_lossy(code)))
            .collect()
    })
}

fn sum(numbers: impl Iterator<Item = u64>) -> u64 {
    numbers.fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::{GgufBuilder, tiny_model};
    use crate::value::{Array, Value};

    fn info(builder: &GgufBuilder) -> Result<ModelInfo, GgufError> {
        let bytes = builder.finish();
        ModelInfo::from_gguf(&Gguf::read(&mut &bytes[..], bytes.len() as u64).unwrap())
    }

    #[test]
    fn a_tiny_model_tells_its_facts() {
        let builder = tiny_model("gemma3")
            .str("tokenizer.chat_template", "{{ messages }}")
            .tensor("a", &[32, 4], GgmlType::from_id(2).unwrap(), vec![0; 72])
            .tensor("b", &[4], GgmlType::F32, vec![0; 16]);
        let info = info(&builder).unwrap();
        assert!(info.architecture_is_known() && !info.has_fim_tokens());
        assert_eq!(info.languages, ["en", "zh"]);
        assert_eq!((info.parameter_count, info.weights_bytes), (132, 88));
        assert_eq!(
            (info.context_length, info.embedding_length, info.block_count),
            (128, 8, 1)
        );
        assert_eq!(
            (
                info.head_count,
                info.head_count_kv,
                info.key_length,
                info.value_length
            ),
            (2, 2, 4, 4)
        );
        assert_eq!(info.vocabulary_size, 264);
        assert_eq!(
            info.quantization, "F32",
            "what the file says of itself wins"
        );
        assert_eq!(info.main_weight_type.unwrap().name(), "Q4_0");
        assert_eq!(info.chat_template.as_deref(), Some("{{ messages }}"));
        assert!(info.special.adds_bos);
    }

    #[test]
    fn head_counts_per_layer_count_with_their_largest() {
        let heads = Value::Array(Array::I32(vec![4, 16, 8]));
        let info =
            info(&tiny_model("llama").value("llama.attention.head_count_kv", heads)).unwrap();
        assert_eq!(info.head_count_kv, 16);
    }

    #[test]
    fn an_unknown_architecture_is_described_and_called_unknown() {
        let info = info(&GgufBuilder::new().str("general.architecture", "inkwell")).unwrap();
        assert!(!info.architecture_is_known());
        assert_eq!((info.block_count, info.quantization.as_str()), (0, "none"));
    }

    #[test]
    fn texts_of_a_hostile_header_are_short_and_plain() {
        let escape = "\x1b]0;ink\x07".repeat(125_000);
        let builder = GgufBuilder::new()
            .str("general.architecture", &escape)
            .str("general.name", &escape)
            .str("general.license", &escape)
            .strings("general.languages", vec![&escape[..1_000]; 1_000]);
        let info = info(&builder).unwrap();
        assert!(!info.architecture_is_known());
        let texts = [Some(info.architecture), info.name, info.licence];
        assert_eq!(info.languages.len(), LANGUAGES_MAX);
        for text in texts.into_iter().flatten().chain(info.languages) {
            assert!(text.chars().count() <= crate::SHOWN_CHARS_MAX + 1, "{text}");
            assert!(!text.chars().any(char::is_control), "{text:?}");
        }
    }

    #[test]
    fn a_known_architecture_without_its_numbers_names_the_missing_key() {
        let error = info(&GgufBuilder::new().str("general.architecture", "llama")).unwrap_err();
        assert!(matches!(error, GgufError::MissingKey { key } if key == "llama.embedding_length"));
        assert!(matches!(
            info(&GgufBuilder::new()),
            Err(GgufError::MissingKey { .. })
        ));
    }

    #[test]
    fn absurd_numbers_are_refused_so_that_callers_may_multiply() {
        for key in [
            "block_count",
            "attention.head_count_kv",
            "attention.key_length",
            "context_length",
        ] {
            let builder = GgufBuilder::new()
                .str("general.architecture", "inkwell")
                .value(&format!("inkwell.{key}"), Value::U32(u32::MAX));
            assert!(
                matches!(info(&builder), Err(GgufError::TooLarge { .. })),
                "{key}"
            );
        }
    }
}
