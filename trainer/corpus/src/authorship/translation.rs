//! Which side of a text that stands in two languages is the translation.
//!
//! Nothing tells which was first: translators keep numbers, names and order. So the side in the
//! language in which the writer mostly writes stays, and the other does not train: at worst a
//! writer's own translation is lost, of which the other side says the same. [`within`] finds
//! documents that alternate between two languages, [`of_files`] pairs of files.

use std::collections::BTreeMap;

use inkstone_prose::Language;
use inkstone_prose::characters::{is_han, is_kana, is_latin};

use crate::block::{Block, BlockKind, Reading};

/// Fewer pairs are chance.
const PAIRS_MIN: usize = 3;

/// Per cent of a document's blocks that must stand in pairs.
const PAIRED_PERCENT_MIN: usize = 60;

/// Han characters for each English word: translators stay within, and most near 1.6.
const HAN_PER_WORD: std::ops::RangeInclusive<f32> = 0.8..=3.2;

/// Per cent of two files' blocks that stand in the same order.
const SAME_SHAPE_PERCENT_MIN: usize = 70;

/// Blocks of a file that are compared.
const SHAPE_BLOCKS_MAX: usize = 400;

/// What a file's name calls its language, the longest first.
const TAGS: &[&str] = &[
    "zh-hans-cn",
    "english",
    "chinese",
    "zh-hans",
    "zh-hant",
    "zh_hans",
    "zh_hant",
    "zh-cn",
    "zh_cn",
    "zh-tw",
    "zh_tw",
    "zh-hk",
    "en-us",
    "en_us",
    "en-gb",
    "en_gb",
    "eng",
    "chs",
    "cht",
    "en",
    "zh",
    "cn",
    "中文",
    "英文",
];

/// A file as far as translations are told by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch<'a> {
    /// Where it lies, with `/`.
    pub path: &'a str,
    /// The language of most of it.
    pub language: Language,
    /// The kinds of its blocks, in order.
    pub shape: Vec<BlockKind>,
}

impl<'a> Sketch<'a> {
    /// Of a file that was read. What is neither Chinese nor of Latin script counts as none of both.
    pub fn of(path: &'a str, reading: &Reading) -> Self {
        let measures = reading.blocks.iter().map(Measure::of);
        let (mut han, mut words) = (0, 0);
        for measure in measures {
            han += measure.han;
            words += measure.words;
        }
        Self {
            path,
            language: match (han, words) {
                (0, 0) => Language::Other,
                (han, words) if han > words => Language::Chinese,
                _ => Language::English,
            },
            shape: reading.blocks.iter().map(|block| block.kind).collect(),
        }
    }
}

/// For each block of a document whether it is a translation of its neighbour.
pub fn within(blocks: &[&Block], main: Language) -> Vec<bool> {
    let measures: Vec<Measure> = blocks.iter().map(|block| Measure::of(block)).collect();
    let mut pairs = Vec::new();
    let mut at = 0;
    while at + 1 < measures.len() {
        let is_pair = measures[at].is_translated_by(&measures[at + 1]);
        if is_pair {
            pairs.push(at);
        }
        at += if is_pair { 2 } else { 1 };
    }
    let mut translations = vec![false; blocks.len()];
    let leads = |at: &&usize| measures[**at].language == Some(Language::Chinese);
    let chinese_first = pairs.iter().filter(leads).count();
    // Whoever translates keeps one order.
    let in_order = chinese_first.max(pairs.len() - chinese_first);
    let is_bilingual = pairs.len() >= PAIRS_MIN
        && in_order * 5 >= pairs.len() * 4
        && pairs.len() * 2 * 100 >= blocks.len() * PAIRED_PERCENT_MIN;
    if is_bilingual {
        for at in pairs {
            let stays_first =
                measures[at].language == Some(main) || measures[at + 1].language != Some(main);
            translations[at + usize::from(stays_first)] = true;
        }
    }
    translations
}

/// For each file whether it is the translation of another: the same name but for the language, the
/// same order of headings and paragraphs, another language than `main`.
pub fn of_files(files: &[Sketch<'_>], main: Language) -> Vec<bool> {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, file) in files.iter().enumerate() {
        groups.entry(untagged(file.path)).or_default().push(index);
    }
    let mut translations = vec![false; files.len()];
    for group in groups.values().filter(|group| group.len() > 1) {
        // Ties: the file without a tag is the one that everybody opens, and has the shorter path.
        let rank = |index: &&usize| {
            let file = &files[**index];
            (file.language != main, file.path.len(), file.path)
        };
        let Some(&stays) = group.iter().min_by_key(rank) else {
            continue;
        };
        for &index in group {
            translations[index] = files[index].language != files[stays].language
                && has_same_shape(&files[index].shape, &files[stays].shape);
        }
    }
    translations
}

struct Measure {
    kind: BlockKind,
    language: Option<Language>,
    han: usize,
    words: usize,
    numbers: Vec<String>,
}

impl Measure {
    fn of(block: &Block) -> Self {
        let text = &block.text;
        let han = text.chars().filter(|c| is_han(*c)).count();
        let words = text
            .split(|c: char| !is_latin(c) && c != '\'' && c != '’')
            .filter(|word| word.contains(is_latin))
            .count();
        let language = if text.contains(is_kana) {
            None
        } else if han >= 4 && han >= 2 * words {
            Some(Language::Chinese)
        } else if words >= 3 && words >= 2 * han {
            Some(Language::English)
        } else {
            None
        };
        // Small numbers are words in one language and digits in the other.
        let mut numbers: Vec<String> = text
            .split(|c: char| !c.is_ascii_digit())
            .filter(|digits| digits.len() > 1)
            .map(str::to_owned)
            .collect();
        numbers.sort_unstable();
        Self {
            kind: block.kind,
            language,
            han,
            words,
            numbers,
        }
    }

    fn is_translated_by(&self, next: &Self) -> bool {
        let (han, words) = match (self.language, next.language) {
            (Some(Language::Chinese), Some(Language::English)) => (self.han, next.words),
            (Some(Language::English), Some(Language::Chinese)) => (next.han, self.words),
            _ => return false,
        };
        self.kind == next.kind
            && HAN_PER_WORD.contains(&(han as f32 / words as f32))
            && self.numbers == next.numbers
    }
}

/// The path without what it says of the language: the same of files that may be one text.
pub fn untagged(path: &str) -> String {
    let small = path.to_lowercase();
    let (folders, file) = small.rsplit_once('/').unwrap_or(("", &small));
    let folders = folders
        .split('/')
        .filter(|folder| !folder.is_empty() && !TAGS.contains(folder));
    let (stem, extension) = file.rsplit_once('.').unwrap_or((file, ""));
    let stem = TAGS
        .iter()
        .find_map(|tag| stem.strip_suffix(tag)?.strip_suffix(['.', '_', '-']))
        .unwrap_or(stem);
    let mut key: String = folders.flat_map(|folder| [folder, "/"]).collect();
    key.push_str(stem);
    key.push('.');
    key.push_str(extension);
    key
}

/// Whether most blocks of one file stand in the other in the same order (longest common
/// subsequence).
fn has_same_shape(one: &[BlockKind], other: &[BlockKind]) -> bool {
    let one = &one[..one.len().min(SHAPE_BLOCKS_MAX)];
    let other = &other[..other.len().min(SHAPE_BLOCKS_MAX)];
    let mut row = vec![0_usize; other.len() + 1];
    for kind in one {
        let mut diagonal = 0;
        for (at, other_kind) in other.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if kind == other_kind {
                diagonal + 1
            } else {
                above.max(row[at])
            };
            diagonal = above;
        }
    }
    let shared = row.last().copied().unwrap_or_default();
    shared > 0 && shared * 2 * 100 >= (one.len() + other.len()) * SAME_SHAPE_PERCENT_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(text: &str) -> Block {
        Block {
            kind: BlockKind::Paragraph,
            text: text.to_owned(),
            lines: None,
        }
    }

    fn translations(texts: &[&str], main: Language) -> Vec<bool> {
        let blocks: Vec<Block> = texts.iter().map(|text| block(text)).collect();
        within(&blocks.iter().collect::<Vec<_>>(), main)
    }

    const BILINGUAL: [&str; 6] = [
        "The harbour was quiet in the morning, and nobody had seen the 27 boats go out.",
        "清晨的港口很安静，没有人看见那27条船出海。",
        "We had coffee with Müller at the small table by the window and waited for the fog.",
        "我们和 Müller 坐在窗边的小桌旁喝咖啡，等着雾散去。",
        "When it lifted at last, the sea was empty and grey from one end to the other.",
        "雾终于散了，海面从这头到那头空空荡荡，一片灰色。",
    ];

    #[test]
    fn of_alternating_blocks_those_in_the_main_language_stay() {
        let second = [false, true, false, true, false, true];
        assert_eq!(translations(&BILINGUAL, Language::English), second);
        assert_eq!(translations(&BILINGUAL, Language::Other), second);
        let first = [true, false, true, false, true, false];
        assert_eq!(translations(&BILINGUAL, Language::Chinese), first);
    }

    #[test]
    fn who_writes_in_two_languages_translates_not_by_that() {
        assert_eq!(translations(&BILINGUAL[..4], Language::English), [false; 4]);
        let own = [
            "The harbour was quiet in the morning, and nobody had seen the 27 boats go out.",
            "今天读完了一本很厚的书，讲的是1930年的上海。",
            "We had coffee at the small table by the window and waited for the fog to lift.",
            "晚上写信。",
            "A short note.",
            "明天要早起，去城里办三件事：买纸、修表、看望一位多年不见的老朋友，然后坐晚上的火车回来，也许要到半夜。",
        ];
        assert_eq!(translations(&own, Language::English), [false; 6]);
        assert_eq!(translations(&[], Language::English), [false; 0]);
    }

    #[test]
    fn of_two_files_the_one_in_the_main_language_stays() {
        use BlockKind::{Heading, ListItem, Paragraph};
        let shape = vec![
            Heading(1),
            Paragraph,
            Paragraph,
            Heading(2),
            ListItem,
            ListItem,
        ];
        let sketch = |path, language| Sketch {
            path,
            language,
            shape: shape.clone(),
        };
        let files = [
            sketch("README.md", Language::English),
            sketch("README_zh-CN.md", Language::Chinese),
            sketch("docs/en/guide.md", Language::English),
            sketch("docs/zh/guide.md", Language::Chinese),
            sketch("posts/fog.zh.md", Language::Chinese),
            sketch("posts/harbour.en.md", Language::English),
            Sketch {
                shape: vec![Paragraph, Paragraph],
                ..sketch("posts/harbour.zh.md", Language::Chinese)
            },
            sketch("kitchen.md", Language::English),
        ];
        let english = of_files(&files, Language::English);
        assert_eq!(
            english,
            [false, true, false, true, false, false, false, false]
        );
        let chinese = of_files(&files, Language::Chinese);
        assert_eq!(
            chinese,
            [true, false, true, false, false, false, false, false]
        );
    }

    #[test]
    fn a_name_loses_only_what_says_the_language() {
        for (path, key) in [
            ("Notes/Fog.ZH-cn.md", "notes/fog.md"),
            ("docs/zh/x.md", "docs/x.md"),
            ("港口_英文.txt", "港口.txt"),
            ("kitchen.md", "kitchen.md"),
            ("en.md", "en.md"),
            ("", "."),
        ] {
            assert_eq!(untagged(path), key, "{path}");
        }
    }
}
