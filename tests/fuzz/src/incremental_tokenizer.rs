//! After any edits the tokens are those of the whole text.

use inkstone_vocab::{IncrementalTokenizer, TokenizeOptions};

use crate::small_vocabularies::small_vocabularies;

/// What edits insert: whatever merges, is an added token, or ends a word in the small vocabularies.
const PARTS: &[&str] = &[
    "a", "b", " ", ".", "'", "s", "\n", "\r\n", "▁", "砚", "台", ",", "1", "e\u{301}", "é", "<b>", "<", ">", "👩‍👩‍👧", "\u{3000}",
    "  ", "ab ab", "</s>",
];

/// Characters that a document may grow to: the check after each edit takes as long as the document.
const DOCUMENT_CHARS_MAX: usize = 400;

/// Three bytes for each edit: where, how many characters go, and which part comes.
///
/// # Panics
/// When a promise is broken.
pub fn run(bytes: &[u8]) {
    let Some((&choice, edits)) = bytes.split_first() else { return };
    let vocabularies = small_vocabularies();
    let vocab = &vocabularies[usize::from(choice) % vocabularies.len()];
    let options = TokenizeOptions { add_bos: choice & 0x80 != 0, parse_special: choice & 0x40 != 0 };
    let mut tokenizer = IncrementalTokenizer::new(vocab.clone(), options);
    let mut chars: Vec<char> = Vec::new();
    let (edits, _rest) = edits.as_chunks::<3>();
    for &[at, removed, part] in edits {
        let at = usize::from(at) * 2 % (chars.len() + 1);
        let end = (at + usize::from(removed % 16)).min(chars.len());
        let part = PARTS[usize::from(part) % PARTS.len()];
        chars.splice(at..end, part.chars());
        chars.truncate(DOCUMENT_CHARS_MAX);
        let text: String = chars.iter().collect();
        tokenizer.update(&text);
        assert_eq!(tokenizer.tokens(), vocab.tokenize(&text, options), "{text:?}");
    }
}
