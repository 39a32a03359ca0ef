//! Vocabularies in which merges, added tokens and ends of words meet all the time.

use std::sync::{Arc, LazyLock};

use inkstone_gguf::Gguf;
use inkstone_gguf::build::GgufBuilder;
use inkstone_vocab::Vocab;

/// Both kinds, with and without added tokens; the same in every run.
pub(crate) fn small_vocabularies() -> &'static [Arc<Vocab>] {
    static VOCABULARIES: LazyLock<Vec<Arc<Vocab>>> = LazyLock::new(|| {
        let added = ["<b>", "\n\n", "a<", "b a", "b.", ".\n"];
        [
            byte_level("gpt-2", &added),
            byte_level("smollm", &[]),
            byte_level("llama-bpe", &["<b>"]),
            byte_level("qwen35", &[]),
            byte_level("default", &added),
            sentence_pieces(false, &added),
            sentence_pieces(true, &added),
            sentence_pieces(true, &[]),
        ]
        .iter()
        .map(|file| Arc::new(vocab(file)))
        .collect()
    });
    &VOCABULARIES
}

fn vocab(file: &GgufBuilder) -> Vocab {
    let bytes = file.finish();
    let gguf = Gguf::read(&mut &bytes[..], bytes.len() as u64);
    // proof: the files are the constants above; the replay test builds each of them.
    #[allow(clippy::expect_used)] // Reason: as above.
    Vocab::from_gguf(&gguf.expect("a written file is read"))
        .expect("a small vocabulary is complete")
}

fn byte_level(pre: &str, added: &[&str]) -> GgufBuilder {
    let merges = ["a b", "Ġ a", "Ġa b", "' s", ". .", "Ċ Ċ", "b a"];
    // Bytes that are printable in Latin-1, and the characters that stand for the others.
    let printable = ('!'..='~')
        .chain('¡'..='¬')
        .chain('®'..='ÿ')
        .chain('\u{100}'..='\u{143}');
    let tokens = printable
        .map(String::from)
        .chain(merges.map(|merge| merge.replacen(' ', "", 1)));
    with_tokens(tokens.collect(), added)
        .str("tokenizer.ggml.model", "gpt2")
        .str("tokenizer.ggml.pre", pre)
        .strings("tokenizer.ggml.merges", merges)
}

fn sentence_pieces(add_space_prefix: bool, added: &[&str]) -> GgufBuilder {
    let pieces = [
        "▁", "a", "b", "ab", "▁a", "a.", "..", "'s", "▁▁", "b▁", "砚",
    ];
    let bytes = (0..=u8::MAX).map(|byte| format!("<0x{byte:02X}>"));
    let tokens: Vec<String> = bytes.chain(pieces.map(String::from)).collect();
    let scores = (0_i16..)
        .map(|rank| -f32::from(rank))
        .take(tokens.len() + added.len())
        .collect();
    with_tokens(tokens, added)
        .str("tokenizer.ggml.model", "llama")
        .bool("tokenizer.ggml.add_space_prefix", add_space_prefix)
        .f32s("tokenizer.ggml.scores", scores)
}

fn with_tokens(mut tokens: Vec<String>, added: &[&str]) -> GgufBuilder {
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
    GgufBuilder::new()
        .strings("tokenizer.ggml.tokens", tokens)
        .i32s("tokenizer.ggml.token_type", types)
}
