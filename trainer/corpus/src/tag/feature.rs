//! What is counted in a document to tell its genre.
//!
//! Not what follows from it: that is [`super::genre`]. Called by it with the blocks as they were
//! read, before anything is cleaned or left out.

use inkstone_prose::characters::{UNSPACED_WORD_CHARS, is_han, is_spaced};
use inkstone_text::first_bytes;

use super::cue::{
    CHINESE_CUES, CHINESE_SALUTATIONS, CHINESE_SIGN_OFFS, ENGLISH_CUES, SALUTATIONS, SIGN_OFFS,
};
use crate::block::{Block, BlockKind};
use crate::word;

/// How much text is looked at: ten pages tell, and a novel costs no more than a chapter.
pub const TEXT_BYTES_MAX: usize = 32 << 10;

/// A sentence of fewer words on average is a jotting.
const SHORT_SENTENCE_WORDS: f32 = 7.0;

/// No comment has more words.
const COMMENT_WORDS_MAX: f32 = 250.0;

/// A story has a larger share of speech.
const DIALOGUE_MIN: f32 = 0.02;

/// A block that begins with so few words and a colon has a label: "Idea: …".
const LABEL_BYTES_MAX: usize = 18;

/// The longest line that opens or closes a letter.
const LETTER_LINE_BYTES_MAX: usize = 90;

/// How many blocks from the end a letter may be signed.
const SIGN_OFF_BLOCKS_MAX: usize = 4;

/// A feature of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Feature {
    /// I, my; 我. Per hundred words, as all that name words.
    First,
    /// We, our; 我们.
    Plural,
    /// You; 你, 您.
    Second,
    /// He, she, they; 他, 她.
    Third,
    /// Past tense; 了, 过, 着.
    Past,
    /// Verbs that report speech.
    Said,
    /// Words of reports.
    Attribution,
    /// Words that sell.
    Sell,
    /// Words of scenes.
    Scene,
    /// Words of who looks back.
    Reflect,
    /// Words that answer somebody.
    Addressed,
    /// Words of jottings.
    Memo,
    /// Words of manuals.
    Instruct,
    /// Sentences that begin with the verb of an instruction, of all sentences.
    Imperative,
    /// Exclamation marks per hundred words.
    Exclamation,
    /// Prices per hundred words.
    Price,
    /// Code-like words per hundred.
    CodeWord,
    /// The share of code blocks in the text.
    CodeBlock,
    /// The share of characters between quotation marks.
    Dialogue,
    /// Whether there are headings.
    Heading,
    /// The share of items among the blocks.
    Item,
    /// The share of blocks that do not end as a sentence does.
    Fragment,
    /// Whether sentences are short on average.
    ShortSentence,
    /// Whether a block begins with a label.
    Label,
    /// Whether items have a box to tick.
    Checkbox,
    /// Whether it begins with a place and a date.
    Dateline,
    /// Whether it opens as a letter does.
    Salutation,
    /// Whether it is signed as a letter is.
    SignOff,
    /// Whether it begins with an @ and a name.
    Mention,
    /// Whether it begins with a quotation, or quotes mail.
    Quoting,
    /// Whether it is longer than any comment.
    Long,
    /// Whether it is that long and hardly anybody speaks in it.
    Silent,
}

/// How many features there are.
pub const FEATURES: usize = Feature::Silent as usize + 1;

/// The features of one document.
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    values: [f32; FEATURES],
}

impl Features {
    /// Counts the first [`TEXT_BYTES_MAX`] of the blocks' text.
    pub fn of(blocks: &[Block]) -> Self {
        let mut scan = Scan::default();
        let mut bytes_left = TEXT_BYTES_MAX;
        for block in blocks {
            let text = first_bytes(&block.text, bytes_left);
            bytes_left -= text.len();
            scan.block(block.kind, text);
            if bytes_left < 4 {
                break;
            }
        }
        let mut features = scan.features();
        features.letter(blocks);
        features.opening(blocks);
        features
    }

    /// The value of one.
    pub fn get(&self, feature: Feature) -> f32 {
        self.values[feature as usize]
    }

    fn set(&mut self, feature: Feature, value: f32) {
        self.values[feature as usize] = value;
    }

    fn mark(&mut self, feature: Feature, holds: bool) {
        self.set(feature, f32::from(u8::from(holds)));
    }

    /// What opens and closes letters.
    fn letter(&mut self, blocks: &[Block]) {
        let is_text =
            |block: &&Block| matches!(block.kind, BlockKind::Paragraph | BlockKind::Signature);
        let mut first = blocks.iter().filter(is_text);
        let opening = first.next().and_then(|block| block.text.lines().next());
        self.mark(Feature::Salutation, opening.is_some_and(is_salutation));
        let last = blocks
            .iter()
            .rev()
            .filter(is_text)
            .take(SIGN_OFF_BLOCKS_MAX);
        let mut lines = last.flat_map(|block| block.text.lines().rev().take(SIGN_OFF_BLOCKS_MAX));
        let is_signed = lines.any(is_sign_off) && blocks.len() > 1;
        self.mark(Feature::SignOff, is_signed);
    }

    /// What reports and comments begin with.
    fn opening(&mut self, blocks: &[Block]) {
        let first = blocks
            .iter()
            .find(|block| block.kind != BlockKind::FrontMatter);
        let text = first.map_or("", |block| block.text.trim_start());
        self.mark(Feature::Dateline, has_dateline(text));
        self.mark(
            Feature::Mention,
            text.starts_with('@') || text.starts_with("回复"),
        );
        let quotes = |block: &Block| matches!(block.kind, BlockKind::Quote | BlockKind::QuotedMail);
        let answers = blocks
            .iter()
            .any(|block| block.kind == BlockKind::Paragraph);
        self.mark(Feature::Quoting, answers && first.is_some_and(quotes));
    }
}

/// A document while it is read.
#[derive(Default)]
struct Scan {
    counts: [u32; FEATURES],
    words: u32,
    han: u32,
    sentences: u32,
    characters: u32,
    quoted: u32,
    text_blocks: u32,
    code_bytes: usize,
    bytes: usize,
    /// The word at hand in lower case, the one before it in its sentence, and both.
    word: String,
    previous: String,
    pair: String,
    /// Whether a cue of two words begins with the one before.
    begins_pair: bool,
}

impl Scan {
    fn block(&mut self, kind: BlockKind, text: &str) {
        self.bytes += text.len();
        match kind {
            BlockKind::Code => self.code_bytes += text.len(),
            BlockKind::Heading(_) => {
                self.count(Feature::Heading);
                self.text(text);
            }
            BlockKind::Paragraph | BlockKind::ListItem | BlockKind::Footnote => {
                self.shape(kind, text);
                self.text(text);
            }
            _ => {}
        }
    }

    fn count(&mut self, feature: Feature) {
        self.counts[feature as usize] += 1;
    }

    /// What a block looks like.
    fn shape(&mut self, kind: BlockKind, text: &str) {
        self.text_blocks += 1;
        let text = text.trim();
        if kind == BlockKind::ListItem {
            self.count(Feature::Item);
            if ["[ ]", "[x]", "[X]"]
                .iter()
                .any(|tick| text.starts_with(tick))
            {
                self.count(Feature::Checkbox);
            }
        }
        let ends = [
            '.', '!', '?', '。', '！', '？', '…', '”', '"', '」', ':', '：', ')', '）',
        ];
        if !text.ends_with(ends) {
            self.count(Feature::Fragment);
        }
        let start = first_bytes(text, LABEL_BYTES_MAX);
        let label = start.find([':', '：']);
        let after = label.and_then(|at| text[at..].chars().nth(1));
        if after.is_some_and(|c| c != '/' && c != '\n' && c != '“' && !c.is_ascii_digit()) {
            self.count(Feature::Label);
        }
    }

    fn text(&mut self, text: &str) {
        let mut at = 0;
        let mut starts_sentence = true;
        let mut is_quoted = false;
        self.previous.clear();
        while let Some(c) = text[at..].chars().next() {
            self.characters += 1;
            self.quoted += u32::from(is_quoted);
            if is_spaced(c) {
                let length = word::length(&text[at..]);
                self.spaced_word(&text[at..at + length], starts_sentence);
                self.code_word(&text[at..], length);
                starts_sentence = false;
                let rest = text[at..at + length].chars().count() - 1;
                let rest = u32::try_from(rest).unwrap_or(0);
                self.characters += rest;
                self.quoted += if is_quoted { rest } else { 0 };
                at += length;
                continue;
            }
            if is_han(c) || CHINESE_CUES.contains_key(&c) {
                self.han += u32::from(is_han(c));
                self.chinese_cue(&text[at..], c);
                starts_sentence &= !is_han(c);
            }
            match c {
                '“' | '「' => is_quoted = true,
                '”' | '」' => is_quoted = false,
                '"' => is_quoted = !is_quoted,
                '!' | '！' => self.count(Feature::Exclamation),
                '$' | '£' | '€' | '¥' | '￥' => self.count(Feature::Price),
                _ => {}
            }
            if matches!(c, '.' | '!' | '?' | '。' | '！' | '？' | '\n' | '；' | ';') {
                self.sentences += u32::from(!starts_sentence);
                starts_sentence = true;
                self.previous.clear();
            }
            at += c.len_utf8();
        }
        self.sentences += u32::from(!starts_sentence);
    }

    fn spaced_word(&mut self, word: &str, starts_sentence: bool) {
        self.words += 1;
        self.word.clear();
        let lower = word.chars().flat_map(char::to_lowercase);
        self.word
            .extend(lower.map(|c| if c == '’' { '\'' } else { c }));
        let is_past = self.english_cue(starts_sentence);
        if !is_past && self.word.len() > 4 && self.word.ends_with("ed") {
            self.count(Feature::Past);
        }
        std::mem::swap(&mut self.previous, &mut self.word);
    }

    /// Counts the word and, with the one before it, the pair; whether one of them is a past tense.
    fn english_cue(&mut self, starts_sentence: bool) -> bool {
        let mut is_past = false;
        let own = ENGLISH_CUES.get(self.word.as_str());
        let pair = (self.begins_pair && !self.previous.is_empty()).then(|| {
            self.pair.clear();
            self.pair.push_str(&self.previous);
            self.pair.push(' ');
            self.pair.push_str(&self.word);
            ENGLISH_CUES.get(self.pair.as_str())
        });
        for cue in own.into_iter().chain(pair.flatten()) {
            for feature in &cue.features {
                if *feature != Feature::Imperative || starts_sentence {
                    is_past |= *feature == Feature::Past;
                    self.counts[*feature as usize] += 1;
                }
            }
        }
        self.begins_pair = own.is_some_and(|cue| cue.begins_pair);
        is_past
    }

    /// `snake_case`, `camelCase`, `--flag`, `call()`, `a.b` and what stands between backticks.
    fn code_word(&mut self, text: &str, length: usize) {
        let word = &text.as_bytes()[..length];
        let after = text.as_bytes().get(length);
        let camel = word
            .windows(2)
            .any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
        let dotted = after == Some(&b'.')
            && text
                .as_bytes()
                .get(length + 1)
                .is_some_and(u8::is_ascii_lowercase);
        if camel || dotted || matches!(after, Some(b'(' | b'_' | b'`' | b'=')) {
            self.count(Feature::CodeWord);
        }
    }

    fn chinese_cue(&mut self, text: &str, first: char) {
        // The longest cue of each feature.
        let mut found = [false; FEATURES];
        for (cue, feature) in CHINESE_CUES.get(&first).into_iter().flatten() {
            if !found[*feature as usize] && text.starts_with(cue) {
                found[*feature as usize] = true;
                self.count(*feature);
            }
        }
        if text.starts_with("元") {
            self.count(Feature::Price);
        }
    }

    fn features(&self) -> Features {
        let words = self.words as f32 + self.han as f32 / UNSPACED_WORD_CHARS as f32;
        let words = words.max(1.0);
        let blocks = self.text_blocks.max(1) as f32;
        let sentences = self.sentences.max(1) as f32;
        let mut features = Features {
            values: [0.0; FEATURES],
        };
        for (value, count) in features.values.iter_mut().zip(self.counts) {
            // Per hundred words, but a text of ten words with one cue is no tenth of cues.
            *value = count as f32 * 100.0 / words.max(30.0);
        }
        let share = |feature: Feature| self.counts[feature as usize] as f32 / blocks;
        features.set(Feature::Item, share(Feature::Item));
        features.set(Feature::Fragment, share(Feature::Fragment));
        features.set(
            Feature::Imperative,
            self.counts[Feature::Imperative as usize] as f32 / sentences,
        );
        features.set(
            Feature::CodeBlock,
            self.code_bytes as f32 / self.bytes.max(1) as f32,
        );
        features.set(
            Feature::Dialogue,
            self.quoted as f32 / self.characters.max(1) as f32,
        );
        for feature in [Feature::Heading, Feature::Label, Feature::Checkbox] {
            features.mark(feature, self.counts[feature as usize] > 0);
        }
        features.mark(
            Feature::ShortSentence,
            self.sentences > 0 && words / sentences < SHORT_SENTENCE_WORDS,
        );
        let is_long = words > COMMENT_WORDS_MAX;
        features.mark(Feature::Long, is_long);
        let dialogue = features.get(Feature::Dialogue);
        features.mark(Feature::Silent, is_long && dialogue < DIALOGUE_MIN);
        features
    }
}

fn is_salutation(line: &str) -> bool {
    let line = line.trim();
    if line.len() > LETTER_LINE_BYTES_MAX {
        return false;
    }
    let lower = line.to_lowercase();
    let is_english = SALUTATIONS.iter().any(|opening| lower.starts_with(opening))
        && line.ends_with([',', ':', '!', '\u{FF0C}']);
    let calls = line.ends_with(['：', ':', '！', '，', '。']) && line.chars().any(is_han);
    let is_short = line.chars().count() <= 12 && line.ends_with(['：', ':']);
    is_english
        || (calls
            && CHINESE_SALUTATIONS
                .iter()
                .any(|opening| line.contains(opening)))
        || (is_short && line.chars().any(is_han))
}

fn is_sign_off(line: &str) -> bool {
    let line = line.trim();
    if line.is_empty() || line.len() > LETTER_LINE_BYTES_MAX / 2 {
        return false;
    }
    let lower = line.to_lowercase();
    let ends = line.ends_with([',', '\u{FF0C}']) || line.split_whitespace().count() <= 3;
    (ends && SIGN_OFFS.iter().any(|closing| lower.starts_with(closing)))
        || CHINESE_SIGN_OFFS.iter().any(|closing| {
            line.starts_with(closing) && line.chars().count() < 12 || line.ends_with(closing)
        })
}

/// "GENEVA, March 4 —", "本报讯", "新华社北京3月4日电".
fn has_dateline(text: &str) -> bool {
    let start = first_bytes(text, LETTER_LINE_BYTES_MAX);
    if ["新华社", "本报", "中新网", "中新社"]
        .iter()
        .any(|agency| start.starts_with(agency))
    {
        return true;
    }
    let place = start
        .split([',', '(', '—', '-'])
        .next()
        .unwrap_or_default()
        .trim();
    let is_place = place.len() >= 4
        && place
            .chars()
            .all(|c| c.is_uppercase() || c == ' ' || c == '.');
    is_place && (start.contains('—') || start.contains(" -") || start.contains("–"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[(BlockKind, &str)]) -> Features {
        let block = |(kind, text): &(BlockKind, &str)| Block {
            kind: *kind,
            text: (*text).to_owned(),
            lines: None,
        };
        Features::of(&texts.iter().map(block).collect::<Vec<_>>())
    }

    fn paragraph(text: &str) -> Features {
        of(&[(BlockKind::Paragraph, text)])
    }

    #[test]
    fn dialogue_is_the_share_between_marks_of_both_languages() {
        for text in [
            "“One two,” he said.",
            "「一二三四」他说。",
            "\"One two,\" he said.",
        ] {
            let share = paragraph(text).get(Feature::Dialogue);
            assert!((0.3..0.7).contains(&share), "{text}: {share}");
        }
        assert!(paragraph("It’s five o'clock.").get(Feature::Dialogue) < 0.01);
    }

    #[test]
    fn letters_open_and_close() {
        let letter = of(&[
            (BlockKind::Paragraph, "Dear Mr Patel,"),
            (BlockKind::Paragraph, "Thank you for the parcel."),
            (BlockKind::Paragraph, "Yours sincerely,\nMargaret"),
        ]);
        assert!(letter.get(Feature::Salutation) > 0.5);
        assert!(letter.get(Feature::SignOff) > 0.5);
        let letter = of(&[
            (BlockKind::Paragraph, "尊敬的王经理："),
            (BlockKind::Paragraph, "来信收悉。"),
            (BlockKind::Paragraph, "此致\n敬礼"),
        ]);
        assert!(letter.get(Feature::Salutation) > 0.5);
        assert!(letter.get(Feature::SignOff) > 0.5);
        let essay = of(&[
            (
                BlockKind::Paragraph,
                "Dear God, I thought, when the bill came for the third time.",
            ),
            (BlockKind::Paragraph, "The best of it was the view."),
        ]);
        assert!(essay.get(Feature::Salutation) < 0.5);
        assert!(essay.get(Feature::SignOff) < 0.5);
    }

    #[test]
    fn datelines_are_told_from_capitals() {
        assert!(has_dateline("GENEVA, March 4 — Delegates agreed"));
        assert!(has_dateline("本报讯 昨日凌晨"));
        assert!(!has_dateline("NASA has found water"));
        assert!(!has_dateline("I — for one — do not"));
    }

    #[test]
    fn instructions_begin_with_their_verb() {
        let manual = paragraph("Open the lid. Press both buttons. Wait for a minute.");
        let story = paragraph("They open the lid. We press on. I wait for a minute.");
        assert!(manual.get(Feature::Imperative) > 0.9);
        assert!(story.get(Feature::Imperative) < 0.1);
    }

    #[test]
    fn odd_texts_are_counted_without_harm() {
        for text in [
            "",
            "’",
            "'",
            "-",
            "a-",
            "👨‍👩‍👧",
            "e\u{301}\u{301}",
            "\u{301}",
            "“",
            "：",
            "元",
        ] {
            let features = paragraph(text);
            assert!(
                features.values.iter().all(|value| value.is_finite()),
                "{text}"
            );
        }
        let long = "早".repeat(TEXT_BYTES_MAX);
        assert!(paragraph(&long).get(Feature::Long) > 0.5);
    }
}
