//! Any metadata makes a tokenizer or an error; a tokenizer takes any text, gives its own tokens, and
//! gives the same when the text comes in two parts.

use std::sync::Arc;

use inkstone_gguf::Gguf;
use inkstone_vocab::{IncrementalTokenizer, TokenizeOptions, Vocab};

/// Tokenized with every vocabulary; what stands behind the header is tokenized too.
const TEXT: &str = " It's\r\n\t1,234½ naïve e\u{301}👩‍👩‍👧…今天、\u{3000}▁ <s></s>\n\n\n    aab\0";

/// Reads the bytes as a file whose header is followed by a text.
///
/// # Panics
/// When a promise is broken.
pub fn run(bytes: &[u8]) {
    let Ok(gguf) = Gguf::read(&mut &bytes[..], bytes.len() as u64) else { return };
    let Ok(vocab) = Vocab::from_gguf(&gguf) else { return };
    let vocab = Arc::new(vocab);
    let behind = usize::try_from(gguf.required_bytes()).map_or(&[][..], |start| &bytes[start..]);
    for text in [TEXT, &String::from_utf8_lossy(behind)] {
        for (add_bos, parse_special) in [(false, false), (true, true)] {
            check(&vocab, text, TokenizeOptions { add_bos, parse_special });
        }
    }
}

fn check(vocab: &Arc<Vocab>, text: &str, options: TokenizeOptions) {
    let tokens = vocab.tokenize(text, options);
    for &token in &tokens {
        assert!((token.0 as usize) < vocab.len().0);
        let _ = vocab.token_bytes(token);
    }
    let mut incremental = IncrementalTokenizer::new(Arc::clone(vocab), options);
    let half: String = text.chars().take(text.chars().count() / 2).collect();
    incremental.update(&half);
    incremental.update(text);
    assert_eq!(incremental.tokens(), tokens);
}
