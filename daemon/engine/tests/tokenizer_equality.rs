//! The tokenizer made from metadata gives llama.cpp's ids: on the corpora, on nasty strings, on every
//! code point, for both catalogue models and for every pre-tokenizer that it supports.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use inkstone_engine::Model;
use inkstone_gguf::build::GgufBuilder;
use inkstone_gguf::{Gguf, Value};
use inkstone_test_support::{corpora, test_models};
use inkstone_vocab::{TokenId, TokenizeOptions, Vocab};

const MODELS: [&str; 2] = ["smollm2-135m-instruct.gguf", "gemma-3-270m.gguf"];

/// Every pre-tokenizer that `inkstone-vocab` has rules for.
const PRE_TOKENIZERS: &[&str] = &[
    "a.x-4.0",
    "chatglm-bpe",
    "codeshell",
    "command-r",
    "dbrx",
    "deepseek-r1-qwen",
    "default",
    "exaone",
    "exaone4",
    "f2llmv2",
    "falcon-h1",
    "falcon3",
    "gigachat",
    "glm4",
    "glm5",
    "gpt-2",
    "granite-docling",
    "grok-2",
    "hunyuan",
    "jais",
    "kormo",
    "lfm2",
    "llama-bpe",
    "llama-v3",
    "llama3",
    "megrez",
    "mellum",
    "mellum2",
    "midm-2.0",
    "minerva-7b",
    "mpt",
    "olmo",
    "phi-2",
    "pixtral",
    "qwen2",
    "qwen35",
    "refact",
    "smaug-bpe",
    "smollm",
    "solar-open",
    "stablelm2",
    "starcoder",
    "trillion",
];

/// What tokenizers stumble over: empty, spaces of every kind, line ends, contractions, digits, byte
/// fallback, escapes, control tokens as text, joiners, marks, right-to-left, lone joiners, long runs.
const NASTY: &[&str] = &[
    "",
    " ",
    "  ",
    "\n",
    "\r\n",
    "\t",
    " \n ",
    "a",
    " a",
    "a ",
    "\u{FEFF}a",
    "\0",
    "a\0b",
    "▁",
    " ▁ ▁▁",
    "▁the ▁ quick▁fox",
    "\u{A0}a\u{A0}\u{A0}b\u{3000}c\u{2028}d\u{85}e",
    "It's we'RE I'LL I've I'd I'm don't they're 'tis ' 's 'VE 'v '",
    "don''t ''s 'S 'ſ 'K",
    "0 1 12 123 1234 1,234.56 ½ Ⅷ ٣٤٥ 一二三 ①②③④",
    "x1y22z333 4444x",
    "a\r\n\r\nb\r\rc\n\n\n\nd \r\n e",
    "tab\tseparated\t\tvalues\t\t\t\t\t\t\t\t\t\t\t",
    "trailing   ",
    "   leading",
    "a    b     c                                                   d",
    "<bos><eos><pad><unk><mask>[multimodal]<start_of_image><unused7>",
    "<|im_start|>user\nHi<|im_end|><|endoftext|><repo_name><filename>",
    "<s></s><start_of_turn>user<end_of_turn> <b>bold</b><table><tr><td>",
    "<0x0A><0xFF><0x41>",
    "今天早上我去公园散步,看到很多老人在打太极拳。湖边的柳树已经发芽了,空气里",
    "鲁迅《呐喊》——“中文”,English mixed 混排,1918年4月2日。",
    "𠮷野家 𪚥 㐀 〇 々 ゛ カタカナ ひらがな 한국어 ไทย हिन्दी العربية עברית",
    "👩‍👩‍👧‍👦 👍🏽 🇨🇳 ❤️ \u{200D} \u{FE0F} 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ☃",
    "e\u{301} n\u{303} \u{301} ạ̈ Z̤̼̤͕a̡͍̤l͕g̟o̦",
    "naïve café Ångström ﬁ ſ ẞ İ ı DŽ",
    "-----=====_____*****#####.....,,,,,!!!!!??????",
    "(a)[b]{c}<d>`e`~f~$g$^h^|i|\\j\\",
    ">▁</ > </ ></",
    "https://example.org/a?b=c&d=e#f%20g user@example.org C:\\a\\b",
    "```rust\nfn main() {\n    println!(\"砚\");\n}\n```\n",
    "\u{FFFD}\u{FFFE}\u{E000}\u{10FFFF}\u{1F}\u{7F}",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];

struct Pair {
    name: String,
    model: Arc<Model>,
    vocab: Vocab,
}

impl Pair {
    fn open(path: &Path) -> Self {
        Self {
            name: path.file_name().unwrap().to_string_lossy().into_owned(),
            model: Model::load_vocab_only(path).unwrap(),
            vocab: Vocab::from_gguf(&Gguf::from_path(path).unwrap()).unwrap(),
        }
    }

    fn check(&self, what: &str, text: &str, add_bos: bool, parse_special: bool) {
        let expected = self.model.tokenize(text, add_bos, parse_special).unwrap();
        let found = self.vocab.tokenize(
            text,
            TokenizeOptions {
                add_bos,
                parse_special,
            },
        );
        if found != expected {
            let at = found
                .iter()
                .zip(&expected)
                .take_while(|(a, b)| a == b)
                .count();
            let show = |tokens: &[TokenId]| {
                let around =
                    &tokens[at.saturating_sub(3).min(tokens.len())..(at + 5).min(tokens.len())];
                let piece = |&id: &TokenId| {
                    (
                        id.0,
                        String::from_utf8_lossy(self.vocab.token_bytes(id)).into_owned(),
                    )
                };
                around.iter().map(piece).collect::<Vec<_>>()
            };
            panic!(
                "{}, {what}, add_bos {add_bos}, parse_special {parse_special}: token {at} differs\nllama.cpp {:?}\nours      {:?}",
                self.name,
                show(&expected),
                show(&found)
            );
        }
    }

    fn check_all_ways(&self, what: &str, text: &str) {
        for (add_bos, parse_special) in [(false, false), (true, false), (false, true), (true, true)]
        {
            self.check(what, text, add_bos, parse_special);
        }
    }
}

fn catalogue() -> impl Iterator<Item = Pair> {
    MODELS
        .iter()
        .map(|name| Pair::open(&test_models().join(name)))
}

/// All files below `root`; bytes that are not UTF-8 are replaced.
fn texts_below(root: &Path) -> Vec<(PathBuf, String)> {
    let mut texts = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
                texts.push((path, text));
            }
        }
    }
    texts.sort();
    texts
}

#[test]
fn ids_are_equal_on_every_file_of_the_corpora() {
    let Some(root) = corpora() else { return };
    let texts = texts_below(&root);
    assert!(
        texts.len() > 100,
        "only {} files in {}",
        texts.len(),
        root.display()
    );
    for pair in catalogue() {
        for (path, text) in &texts {
            pair.check(&path.display().to_string(), text, false, false);
        }
    }
}

#[test]
fn ids_are_equal_on_nasty_strings_with_and_without_special_tokens() {
    for pair in catalogue() {
        for text in NASTY {
            pair.check_all_ways(&format!("{text:?}"), text);
        }
        pair.check_all_ways("all of them", &NASTY.concat());
        pair.check_all_ways("a long run", &"=".repeat(5_000));
        pair.check_all_ways("a long run of letters", &"nananab".repeat(700));
        pair.check_all_ways("a long run of line ends", &"\n".repeat(3_000));
    }
}

#[test]
fn ids_are_equal_around_every_code_point() {
    const CHUNK_CODE_POINTS: usize = 8_192;
    let all: Vec<char> = ('\0'..=char::MAX).collect();
    // Planes 4 to 13 are unassigned and alike; one of them is enough.
    let planes = all
        .iter()
        .filter(|&&c| u32::from(c) < 0x5_0000 || u32::from(c) >= 0xE_0000)
        .copied();
    let tested: Vec<char> = planes.filter(|&c| u32::from(c) < 0xE_1000).collect();
    for pair in catalogue() {
        for chunk in tested.chunks(CHUNK_CODE_POINTS) {
            let mut text = String::new();
            for c in chunk {
                write!(text, "a{c}b {c}{c}1{c} ").unwrap();
            }
            pair.check(
                &format!("U+{:04X} and what follows", u32::from(chunk[0])),
                &text,
                false,
                false,
            );
        }
    }
}

#[test]
fn tokens_have_the_same_bytes_and_end_a_generation_alike() {
    for pair in catalogue() {
        assert_eq!(pair.vocab.len().0, pair.model.vocabulary_len());
        assert_eq!(pair.vocab.adds_bos(), pair.model.adds_bos());
        for id in (0..u32::try_from(pair.vocab.len().0).unwrap()).map(TokenId) {
            assert_eq!(
                pair.vocab.token_bytes(id),
                pair.model.token_bytes(id),
                "{} {id}",
                pair.name
            );
            assert_eq!(
                pair.vocab.is_end_of_generation(id),
                pair.model.is_end_of_generation(id),
                "{} {id}",
                pair.name
            );
        }
    }
}

#[test]
fn every_supported_pre_tokenizer_finds_llama_cpps_words() {
    let source = Gguf::from_path(&test_models().join(MODELS[0])).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let sample = corpora().map_or_else(String::new, |root| {
        let texts = texts_below(&root);
        texts
            .into_iter()
            .step_by(40)
            .map(|(_, text)| text)
            .collect()
    });
    for &pre in PRE_TOKENIZERS {
        // The same vocabulary under other rules, without weights.
        let mut file = GgufBuilder::new();
        for (key, value) in source.metadata() {
            let pre = (key == "tokenizer.ggml.pre").then(|| Value::String(pre.to_owned()));
            file = file.value(key, pre.unwrap_or_else(|| value.clone()));
        }
        let path = scratch.path().join(format!("{pre}.gguf"));
        std::fs::write(&path, file.finish()).unwrap();
        let pair = Pair::open(&path);
        for text in NASTY {
            pair.check(&format!("{text:?}"), text, false, false);
        }
        pair.check("all nasty strings together", &NASTY.concat(), false, false);
        pair.check("a sample of the corpora", &sample, false, false);
    }
}
