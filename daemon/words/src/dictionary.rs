//! The dictionary of Chinese words: jieba's, without its model of unknown words.
//!
//! Reading it takes about 110 ms and 32 MB, which a writer of English never pays. ICU's dictionary
//! (2 MB) was measured against it on 629,000 characters of Chinese documentation and prose: a quarter
//! of its words were others, and `次要` or `页面` fell into characters.

use std::sync::OnceLock;

use inkstone_prose::characters::is_unspaced;
use jieba_rs::Jieba;

static DICTIONARY: OnceLock<Jieba> = OnceLock::new();

/// Whether words of `text` can only be told with the dictionary.
pub fn needs_dictionary(text: &str) -> bool {
    text.contains(is_unspaced)
}

/// Whether the dictionary is in memory, so that nothing waits for it.
pub fn is_loaded() -> bool {
    DICTIONARY.get().is_some()
}

/// Brings the dictionary into memory and keeps it there; takes about 110 ms the first time.
pub fn load() {
    dictionary();
}

fn dictionary() -> &'static Jieba {
    DICTIONARY.get_or_init(Jieba::new)
}

/// The words of a text without spaces, one after the other, all of the text.
pub(crate) fn cut(run: &str) -> impl Iterator<Item = &str> {
    let words = dictionary().cut(run, false);
    words.into_iter().map(|token| token.word)
}
