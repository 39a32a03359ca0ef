//! Whether a vocabulary is one that llama.cpp can load: on some faults it ends the whole process
//! instead of refusing the file.
//!
//! Not a tokenizer: `inkstone-vocab` builds one and checks more on the way. This is what a file is
//! asked before it is taken as a model.

use std::collections::HashMap;

use crate::error::GgufError;
use crate::gguf::Gguf;
use crate::special::SpecialTokenIds;
use crate::strings::StringTable;
use crate::value::{Array, Value};

const TOKENS_KEY: &str = "tokenizer.ggml.tokens";
const TYPES_KEY: &str = "tokenizer.ggml.token_type";
const SCORES_KEY: &str = "tokenizer.ggml.scores";
const MERGES_KEY: &str = "tokenizer.ggml.merges";
const MODEL_KEY: &str = "tokenizer.ggml.model";

/// Refuses a vocabulary that is missing, contradicts itself, or would end llama.cpp.
pub fn check(gguf: &Gguf) -> Result<(), GgufError> {
    let missing = |key: &str| GgufError::MissingKey {
        key: key.to_owned(),
    };
    let tokens = gguf
        .strings(TOKENS_KEY)
        .filter(|tokens| !tokens.is_empty())
        .ok_or_else(|| missing(TOKENS_KEY))?;
    let model = gguf.str(MODEL_KEY).ok_or_else(|| missing(MODEL_KEY))?;
    let ids = ids_by_text(tokens)?;
    check_types(gguf, tokens.len())?;
    check_scores(gguf, tokens.len())?;
    match model {
        "llama" => check_bytes(&ids)?,
        "gpt2" => check_merges(gguf)?,
        _ => {}
    }
    check_added(&SpecialTokenIds::from_gguf(gguf))
}

/// llama.cpp asserts that no text is there twice. The map's hash is seeded, so that a hostile
/// vocabulary cannot be built to collide.
fn ids_by_text(tokens: &StringTable) -> Result<HashMap<&[u8], usize>, GgufError> {
    let same = |first: usize, id: usize| {
        GgufError::invalid(
            format!("`{TOKENS_KEY}`"),
            format!("tokens {first} and {id} are the same"),
        )
    };
    let mut ids = HashMap::with_capacity(tokens.len());
    let is_empty = |(_, text): &(usize, &[u8])| text.is_empty();
    for (id, text) in tokens.iter().enumerate().filter(|token| !is_empty(token)) {
        if let Some(first) = ids.insert(text, id) {
            return Err(same(first, id));
        }
    }
    for (id, _) in tokens.iter().enumerate().filter(is_empty) {
        // llama.cpp's name for it.
        if let Some(first) = ids.get(format!("[EMPTY_{id}]").as_bytes()) {
            return Err(same(*first, id));
        }
    }
    Ok(ids)
}

fn check_types(gguf: &Gguf, tokens: usize) -> Result<(), GgufError> {
    match gguf.get(TYPES_KEY) {
        None => Ok(()),
        Some(Value::Array(Array::I32(types))) => one_for_each(TYPES_KEY, types.len(), tokens),
        Some(Value::Array(Array::U32(types))) => one_for_each(TYPES_KEY, types.len(), tokens),
        Some(_) => Err(not_numbers(TYPES_KEY)),
    }
}

fn check_scores(gguf: &Gguf, tokens: usize) -> Result<(), GgufError> {
    match gguf.get(SCORES_KEY) {
        None => Ok(()),
        Some(Value::Array(Array::F32(scores))) => {
            if scores.iter().any(|score| score.is_nan()) {
                return Err(not_numbers(SCORES_KEY));
            }
            one_for_each(SCORES_KEY, scores.len(), tokens)
        }
        // llama.cpp reads whole-number scores too.
        Some(Value::Array(Array::I32(scores))) => one_for_each(SCORES_KEY, scores.len(), tokens),
        Some(_) => Err(not_numbers(SCORES_KEY)),
    }
}

/// What a vocabulary of pieces cannot write it falls back to bytes for, and llama.cpp looks each up
/// without asking whether it is there.
fn check_bytes(ids: &HashMap<&[u8], usize>) -> Result<(), GgufError> {
    for byte in 0..=u8::MAX {
        let written = format!("<0x{byte:02X}>");
        if !ids.contains_key(written.as_bytes()) && !ids.contains_key(&[byte][..]) {
            return Err(GgufError::invalid(
                format!("`{TOKENS_KEY}`"),
                format!("no token for the byte {written}"),
            ));
        }
    }
    Ok(())
}

fn check_merges(gguf: &Gguf) -> Result<(), GgufError> {
    if gguf.strings(MERGES_KEY).is_none() {
        return Err(GgufError::MissingKey {
            key: MERGES_KEY.to_owned(),
        });
    }
    Ok(())
}

/// It asserts that a token which it is to put around a text exists.
fn check_added(special: &SpecialTokenIds) -> Result<(), GgufError> {
    let is_missing = |adds: bool, id: Option<u32>| adds && id.is_none();
    if is_missing(special.adds_bos, special.bos) || is_missing(special.adds_eos, special.eos) {
        return Err(GgufError::invalid(
            "`tokenizer.ggml.add_bos_token`",
            "it asks for a token that does not exist",
        ));
    }
    Ok(())
}

fn one_for_each(key: &str, found: usize, tokens: usize) -> Result<(), GgufError> {
    if found >= tokens {
        return Ok(());
    }
    Err(GgufError::invalid(
        format!("`{key}`"),
        format!("{found} entries for {tokens} tokens"),
    ))
}

fn not_numbers(key: &str) -> GgufError {
    GgufError::invalid(format!("`{key}`"), "not a list of numbers")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::{GgufBuilder, tiny_model};

    fn checked(builder: &GgufBuilder) -> Result<(), GgufError> {
        let bytes = builder.finish();
        check(&Gguf::read(&mut &bytes[..], bytes.len() as u64).unwrap())
    }

    /// A byte-level vocabulary.
    fn words(tokens: &[&str]) -> GgufBuilder {
        GgufBuilder::new()
            .str(MODEL_KEY, "gpt2")
            .strings(TOKENS_KEY, tokens)
            .strings(MERGES_KEY, ["a b"])
    }

    #[test]
    fn whole_vocabularies_pass() {
        checked(&tiny_model("llama")).unwrap();
        // Several empty texts are what converters fill gaps with.
        checked(&words(&["a", "b", "ab", "", ""])).unwrap();
    }

    #[test]
    fn what_would_end_llama_cpp_is_refused_with_the_key() {
        let pieces = |tokens: &[&str]| {
            GgufBuilder::new()
                .str(MODEL_KEY, "llama")
                .strings(TOKENS_KEY, tokens)
        };
        let no_merges = GgufBuilder::new()
            .str(MODEL_KEY, "gpt2")
            .strings(TOKENS_KEY, ["a"]);
        for (builder, expected) in [
            (words(&["a", "砚", "a"]), "tokens 0 and 2 are the same"),
            (words(&["[EMPTY_1]", ""]), "tokens 0 and 1 are the same"),
            (
                words(&["a"]).i32s(TYPES_KEY, vec![]),
                "0 entries for 1 tokens",
            ),
            (words(&["a"]).f32s(SCORES_KEY, vec![f32::NAN]), SCORES_KEY),
            (words(&["a"]).str(SCORES_KEY, "high"), SCORES_KEY),
            (
                words(&["a"]).bool("tokenizer.ggml.add_bos_token", true),
                "add_bos_token",
            ),
            (
                pieces(&["<unk>", "<s>", "</s>"]),
                "no token for the byte <0x00>",
            ),
            (no_merges, MERGES_KEY),
            (GgufBuilder::new().strings(TOKENS_KEY, ["a"]), MODEL_KEY),
            (words(&[]), TOKENS_KEY),
            (GgufBuilder::new(), TOKENS_KEY),
        ] {
            let error = checked(&builder).unwrap_err().to_string();
            assert!(error.contains(expected), "{expected}: {error}");
        }
    }
}
