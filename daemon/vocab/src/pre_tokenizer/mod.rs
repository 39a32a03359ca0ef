//! Where words end: byte-level vocabularies merge inside words only.
//!
//! llama.cpp names the rules by `tokenizer.ggml.pre` and reads most of them by hand-written
//! scanners (`unicode.cpp`), which differ from their regular expressions in corners; these scanners
//! follow those. Pre-tokenizers that llama.cpp leaves to `std::regex` are not supported, except for
//! the `default` one.

mod class_ranges;
mod classes;
mod default;
mod gpt2;
mod llama3;
mod scan;

pub(crate) use classes::{CharClass, class_of};

use scan::{Chars, isolate_numbers};

/// The rules of a vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PreTokenizer {
    /// GPT-2's words.
    Gpt2,
    /// Every digit alone, then GPT-2's words.
    DigitsThenGpt2,
    /// Llama 3's words.
    Llama3(llama3::Variant),
    /// What models without a name for it get.
    Default,
}

impl PreTokenizer {
    /// By `tokenizer.ggml.pre`; none for those that are not supported.
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "" | "default" => Self::Default,
            "gpt-2" | "phi-2" | "gigachat" | "a.x-4.0" | "mellum" | "mpt" | "olmo" | "jais"
            | "trillion" | "granite-docling" | "exaone4" => Self::Gpt2,
            "smollm" | "starcoder" | "refact" | "command-r" | "codeshell" | "exaone"
            | "minerva-7b" | "mellum2" => Self::DigitsThenGpt2,
            "llama3" | "llama-v3" | "llama-bpe" | "falcon3" | "falcon-h1" | "pixtral"
            | "midm-2.0" | "lfm2" | "dbrx" | "smaug-bpe" | "chatglm-bpe" | "glm4" | "glm5" => {
                Self::Llama3(llama3::Variant::LLAMA3)
            }
            "qwen2" | "deepseek-r1-qwen" | "kormo" | "f2llmv2" | "megrez" | "stablelm2"
            | "hunyuan" | "solar-open" | "grok-2" => Self::Llama3(llama3::Variant::QWEN2),
            "qwen35" => Self::Llama3(llama3::Variant::QWEN35),
            _ => return None,
        })
    }

    /// Whether a word that is a token as a whole is taken without merging.
    pub(crate) fn ignores_merges(name: &str) -> bool {
        matches!(
            name,
            "llama3"
                | "llama-v3"
                | "llama-bpe"
                | "falcon3"
                | "falcon-h1"
                | "pixtral"
                | "midm-2.0"
                | "lfm2"
                | "glm4"
                | "glm5"
        )
    }

    /// Where each word of `text` ends, in bytes.
    pub(crate) fn word_ends(self, text: &str) -> Vec<usize> {
        let chars = Chars::new(text);
        let whole = [chars.len()];
        let ends = match self {
            Self::Gpt2 => chars.split(&whole, gpt2::word_end),
            Self::DigitsThenGpt2 => {
                chars.split(&chars.split(&whole, isolate_numbers), gpt2::word_end)
            }
            Self::Llama3(variant) => {
                chars.split(&whole, |chars, start| variant.word_end(chars, start))
            }
            Self::Default => default::word_ends(&chars),
        };
        ends.into_iter().map(|end| chars.byte_offset(end)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(name: &str, text: &str) -> Vec<String> {
        let mut start = 0;
        let ends = PreTokenizer::by_name(name).unwrap().word_ends(text);
        ends.into_iter()
            .map(|end| {
                let word = text[start..end].to_owned();
                start = end;
                word
            })
            .collect()
    }

    #[test]
    fn words_take_the_space_in_front_of_them() {
        assert_eq!(
            words("gpt-2", "It's  the 12th,今天 ok"),
            ["It", "'s", " ", " the", " 12", "th", ",", "今天", " ok"]
        );
        assert_eq!(words("smollm", "a 12th"), ["a", " ", "1", "2", "th"]);
        assert_eq!(
            words("llama-bpe", "A 12345'RE ok!\r\n\r\n b"),
            ["A", " ", "123", "45", "'RE", " ok", "!\r\n\r\n", " b"]
        );
        assert_eq!(words("qwen2", "x 12"), ["x", " ", "1", "2"]);
        assert_eq!(
            words("default", "a$1234b, 5"),
            ["a", "$", "123", "4", "b", ",", " ", "5"]
        );
    }

    #[test]
    fn combining_marks_and_joiners_stand_where_llama_cpp_puts_them() {
        assert_eq!(words("gpt-2", "e\u{301}a"), ["e", "\u{301}", "a"]);
        assert_eq!(words("qwen2", "e\u{301}a"), ["e", "\u{301}a"]);
        assert_eq!(words("qwen35", "e\u{301}a"), ["e\u{301}a"]);
        assert_eq!(words("gpt-2", "👩‍👩‍👧 b"), ["👩‍👩‍👧", " b"]);
    }

    #[test]
    fn spaces_at_the_end_stay_together_and_elsewhere_leave_one_to_the_word() {
        assert_eq!(words("gpt-2", "a  \r\n"), ["a", "  \r\n"]);
        assert_eq!(words("gpt-2", "a \n b"), ["a", " \n", " b"]);
        assert_eq!(words("llama-bpe", "a \n  b"), ["a", " \n", " ", " b"]);
        assert_eq!(words("llama-bpe", "a "), ["a", " "]);
    }

    #[test]
    fn words_put_together_are_the_text() {
        let text = " It's\r\n\t1,234½ naïve e\u{301}👩‍👩‍👧…今天、\u{3000}A'S 'll '\u{A0}\n\n";
        for name in ["gpt-2", "smollm", "llama-bpe", "qwen2", "qwen35", "default"] {
            assert_eq!(words(name, text).concat(), text, "{name}");
        }
        assert!(PreTokenizer::Gpt2.word_ends("").is_empty());
    }

    #[test]
    fn unknown_rules_are_not_guessed() {
        for name in ["gpt-4o", "tekken", "deepseek-v3", "kimi-k2", "Llama3"] {
            assert_eq!(PreTokenizer::by_name(name), None, "{name}");
        }
    }
}
