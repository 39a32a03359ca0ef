//! Vocabularies for tests, small enough to see through.

use inkstone_gguf::Gguf;
use inkstone_gguf::build::GgufBuilder;

use crate::byte_alphabet;
use crate::vocab::Vocab;

/// The vocabulary that a file describes.
pub(crate) fn vocab(builder: &GgufBuilder) -> Vocab {
    let bytes = builder.finish();
    Vocab::from_gguf(&Gguf::read(&mut &bytes[..], bytes.len() as u64).unwrap()).unwrap()
}

/// All bytes, what the merges make, and added tokens, which are user-defined.
pub(crate) fn tiny_bpe(pre: &str, merges: &[&str], added: &[&str]) -> Vocab {
    let alphabet = (0_u32..0x144).filter_map(char::from_u32).map(String::from);
    let mut tokens: Vec<String> = alphabet
        .filter(|text| byte_alphabet::decode(text.as_bytes()).is_some())
        .collect();
    tokens.extend(merges.iter().map(|merge| merge.replacen(' ', "", 1)));
    vocab(
        &with_tokens(
            GgufBuilder::new()
                .str("tokenizer.ggml.model", "gpt2")
                .bool("tokenizer.ggml.add_bos_token", true),
            tokens,
            added,
        )
        .str("tokenizer.ggml.pre", pre)
        .strings("tokenizer.ggml.merges", merges),
    )
}

/// All bytes as byte tokens, pieces with falling scores, and added tokens.
pub(crate) fn tiny_spm(pieces: &[&str], add_space_prefix: bool, added: &[&str]) -> Vocab {
    let mut tokens: Vec<String> = (0..=u8::MAX)
        .map(|byte| format!("<0x{byte:02X}>"))
        .collect();
    let scores = (0_i16..)
        .map(f32::from)
        .map(|rank| -rank)
        .take(tokens.len() + pieces.len() + added.len())
        .collect();
    tokens.extend(pieces.iter().map(ToString::to_string));
    vocab(
        &with_tokens(
            GgufBuilder::new().str("tokenizer.ggml.model", "llama"),
            tokens,
            added,
        )
        .bool("tokenizer.ggml.add_space_prefix", add_space_prefix)
        .f32s("tokenizer.ggml.scores", scores),
    )
}

fn with_tokens(builder: GgufBuilder, mut tokens: Vec<String>, added: &[&str]) -> GgufBuilder {
    let byte_type = |text: &String| {
        if text.len() == 6 && text.starts_with("<0x") {
            6
        } else {
            1
        }
    };
    let mut types: Vec<i32> = tokens.iter().map(byte_type).collect();
    types.extend(vec![4; added.len()]);
    tokens.extend(added.iter().map(ToString::to_string));
    builder
        .strings("tokenizer.ggml.tokens", tokens)
        .i32s("tokenizer.ggml.token_type", types)
}
