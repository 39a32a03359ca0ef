//! What is neither English nor Chinese.
//!
//! Scripts are told by `inkstone_prose`; languages of Latin script by the words that each cannot do
//! without, because `inkstone_prose` takes them all for English, which a caret can and a dataset
//! cannot.

use inkstone_prose::{Language, language_around};

use super::measure::Measure;
use crate::block::Block;
use crate::left_out::Reason;

/// Fewer words tell no language of Latin script.
const WORDS_MIN: usize = 8;

/// Words of a text that are looked at: a paragraph speaks one language.
const WORDS_MAX: usize = 400;

/// The words of a language that others do not have, among its hundred commonest.
const FUNCTION_WORDS: &[(&str, &[&str])] = &[
    (
        "en",
        &[
            "the", "of", "and", "to", "is", "that", "it", "for", "was", "with", "you", "this",
            "are", "be", "have", "from", "not", "by", "his", "they", "which", "but", "or", "an",
            "she", "we", "there", "their", "been", "would", "when", "who", "will", "if", "my",
            "your", "can", "had", "were", "what",
        ],
    ),
    (
        "de",
        &[
            "der", "die", "das", "und", "ist", "nicht", "ein", "eine", "zu", "den", "mit", "von",
            "auf", "für", "ich", "sich", "dem", "auch", "es", "wird", "aus", "bei", "noch", "wie",
            "sie", "dass", "oder",
        ],
    ),
    (
        "fr",
        &[
            "le", "la", "les", "des", "et", "est", "une", "un", "du", "que", "qui", "dans", "pour",
            "pas", "sur", "au", "avec", "ce", "il", "elle", "plus", "sont", "nous", "vous", "par",
            "je", "ne",
        ],
    ),
    (
        "es",
        &[
            "el", "los", "las", "del", "que", "y", "una", "un", "por", "con", "para", "es", "como",
            "su", "más", "pero", "lo", "se", "la", "de", "al", "está", "esta", "muy",
        ],
    ),
    (
        "it",
        &[
            "il", "gli", "della", "di", "che", "è", "un", "una", "per", "con", "non", "sono",
            "del", "alla", "nel", "più", "anche", "questo", "lo", "la", "dei", "si",
        ],
    ),
    (
        "pt",
        &[
            "o", "os", "das", "dos", "não", "uma", "um", "em", "para", "com", "que", "mais",
            "como", "foi", "ao", "pela", "pelo", "são", "você", "de", "da", "do",
        ],
    ),
    (
        "nl",
        &[
            "het", "een", "van", "en", "niet", "dat", "zijn", "op", "aan", "voor", "met", "ook",
            "maar", "bij", "naar", "deze", "wordt", "ik", "je", "de",
        ],
    ),
];

/// The other language has so many times the function words of English.
const TIMES_ENGLISH_MIN: usize = 2;

/// And so many percent of all words.
const SHARE_PERCENT_MIN: usize = 15;

pub(super) fn reason(block: &Block, measure: &Measure) -> Option<Reason> {
    let letters = measure.latin + measure.han + measure.foreign;
    // Names of a few letters, and words quoted, are in any language.
    let is_foreign = measure.foreign > 0
        && measure.foreign * 3 > letters
        && (language_around("", &block.text) == Language::Other || measure.foreign * 2 > letters);
    (is_foreign || is_european(&block.text, measure)).then_some(Reason::OtherLanguage)
}

fn is_european(text: &str, measure: &Measure) -> bool {
    if measure.words < WORDS_MIN || measure.han > measure.words {
        return false;
    }
    let mut counts = [0_usize; FUNCTION_WORDS.len()];
    let mut all = 0;
    let words = text.split(|c: char| !c.is_alphabetic());
    for word in words.filter(|word| !word.is_empty()).take(WORDS_MAX) {
        let word = word.to_lowercase();
        all += 1;
        for (count, (_, function_words)) in counts.iter_mut().zip(FUNCTION_WORDS) {
            *count += usize::from(function_words.contains(&word.as_str()));
        }
    }
    let [english, others @ ..] = counts;
    let most = others.into_iter().max().unwrap_or_default();
    most > english * TIMES_ENGLISH_MIN && most * 100 >= all * SHARE_PERCENT_MIN
}
