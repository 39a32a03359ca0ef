//! One look at a text that tells which rules have anything to do: most paragraphs are clean, and
//! most rules ask for a character that is not there.

use inkstone_prose::characters::{is_cjk_punctuation, is_han};

/// A set of what a text holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Classes(u32);

impl Classes {
    /// Met by every text.
    pub(crate) const ANY: Self = Self(0);
    pub(crate) const LATIN: Self = Self(1);
    pub(crate) const HAN: Self = Self(1 << 1);
    /// `<`.
    pub(crate) const TAG: Self = Self(1 << 2);
    /// `&`.
    pub(crate) const AMPERSAND: Self = Self(1 << 3);
    /// C0, DEL, C1, line and paragraph separator.
    pub(crate) const CONTROL: Self = Self(1 << 4);
    /// Characters without width.
    pub(crate) const ZERO_WIDTH: Self = Self(1 << 5);
    pub(crate) const REPLACEMENT: Self = Self(1 << 6);
    /// U+0080 to U+00FF and what code page 1252 has there.
    pub(crate) const HIGH_LATIN: Self = Self(1 << 7);
    /// Han characters that UTF-8 read as GBK is full of, and text hardly.
    pub(crate) const ODD_HAN: Self = Self(1 << 8);
    /// What a normal form may change.
    pub(crate) const COMPOSABLE: Self = Self(1 << 9);
    pub(crate) const FULL_WIDTH: Self = Self(1 << 10);
    pub(crate) const LINE: Self = Self(1 << 11);
    /// Spaces that are not one space between two words.
    pub(crate) const ODD_SPACE: Self = Self(1 << 12);
    /// The same mark twice, or `?!`.
    pub(crate) const REPEATED_MARK: Self = Self(1 << 13);
    /// `[` and `〔`.
    pub(crate) const BRACKET: Self = Self(1 << 14);
    pub(crate) const BACKTICK: Self = Self(1 << 15);
    /// `:/` or `w.`.
    pub(crate) const ADDRESS: Self = Self(1 << 16);
    pub(crate) const EMOJI: Self = Self(1 << 17);
    /// ⑴ and superscript digits.
    pub(crate) const SMALL_DIGIT: Self = Self(1 << 18);
    pub(crate) const DIGIT: Self = Self(1 << 19);
    /// Letters of neither script.
    pub(crate) const OTHER_LETTER: Self = Self(1 << 20);
    /// Brackets and symbols that faces are made of.
    pub(crate) const FACE: Self = Self(1 << 21);
    /// A Han character twice.
    pub(crate) const REPEATED_HAN: Self = Self(1 << 22);
    /// A Han character, a space, a Han character.
    pub(crate) const SPACE_IN_HAN: Self = Self(1 << 23);

    /// Two or three Han characters twice in a row.
    pub(crate) const REPEATED_WORD: Self = Self(1 << 24);

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a text of these classes has one of those needed.
    pub(crate) const fn meet(self, needs: Self) -> bool {
        needs.0 == 0 || self.0 & needs.0 != 0
    }

    pub(crate) fn of(text: &str) -> Self {
        let mut found = 0;
        let mut last = ['\n'; 5];
        for c in text.chars() {
            found |= if c.is_ascii() {
                ASCII[c as usize]
            } else {
                wide(c)
            };
            found |= pair(last[3], last[4], c);
            if c >= '\u{4E00}' && repeats_word(last, c) {
                found |= Self::REPEATED_WORD.0;
            }
            last = [last[1], last[2], last[3], last[4], c];
        }
        if last[4] == ' ' || text.starts_with(' ') {
            found |= Self::ODD_SPACE.0;
        }
        Self(found)
    }
}

/// What each ASCII character alone says.
const ASCII: [u32; 128] = {
    let mut table = [0; 128];
    let mut byte: u8 = 0;
    while byte < 128 {
        table[byte as usize] = match byte {
            b'a'..=b'z' | b'A'..=b'Z' => Classes::LATIN.0,
            b'0'..=b'9' => Classes::DIGIT.0,
            b'<' => Classes::TAG.0,
            b'&' => Classes::AMPERSAND.0,
            b'\n' => Classes::LINE.0,
            b'\t' => Classes::ODD_SPACE.0,
            b'[' => Classes::BRACKET.0,
            b'`' => Classes::BACKTICK.0,
            b'^' => Classes::FACE.0,
            0..=8 | 11..=31 | 127 => Classes::CONTROL.0,
            _ => 0,
        };
        byte += 1;
    }
    table
};

fn wide(c: char) -> u32 {
    let set = match c {
        '\u{4E00}'..='\u{9FFF}' => {
            if ODD_HAN.contains(&c) {
                Classes::HAN.and(Classes::ODD_HAN)
            } else {
                Classes::HAN
            }
        }
        '\u{AD}' => Classes::ZERO_WIDTH.and(Classes::HIGH_LATIN),
        '\u{80}'..='\u{9F}' => Classes::CONTROL.and(Classes::HIGH_LATIN),
        '\u{A0}' => Classes::ODD_SPACE.and(Classes::HIGH_LATIN),
        '\u{B2}' | '\u{B3}' | '\u{B9}' => Classes::SMALL_DIGIT.and(Classes::HIGH_LATIN),
        '\u{A1}'..='\u{FF}' => Classes::LATIN.and(Classes::HIGH_LATIN),
        '\u{100}'..='\u{2FF}' => Classes::LATIN,
        '\u{300}'..='\u{36F}' | '\u{2126}' | '\u{212A}' | '\u{212B}' | '\u{FB00}'..='\u{FB06}' => {
            Classes::COMPOSABLE
        }
        '\u{370}'..='\u{1FFF}' => Classes::OTHER_LETTER.and(Classes::COMPOSABLE),
        '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}' => Classes::ZERO_WIDTH,
        '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => Classes::ODD_SPACE,
        '\u{2028}' | '\u{2029}' => Classes::CONTROL,
        '\u{2070}'..='\u{2079}' | '\u{2474}'..='\u{2487}' => Classes::SMALL_DIGIT,
        '\u{2500}'..='\u{25FF}' => Classes::FACE,
        '\u{2600}'..='\u{27BF}' => Classes::EMOJI.and(Classes::FACE),
        '〔' => Classes::BRACKET,
        '\u{2E80}'..='\u{2FDF}' | '\u{F900}'..='\u{FAFF}' => Classes::HAN.and(Classes::COMPOSABLE),
        '\u{3040}'..='\u{30FF}' | '\u{AC00}'..='\u{D7FF}' => Classes::OTHER_LETTER
            .and(Classes::COMPOSABLE)
            .and(Classes::ODD_HAN),
        '\u{E000}'..='\u{F8FF}' => Classes::ODD_HAN,
        '\u{FF10}'..='\u{FF19}' | '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' => {
            Classes::FULL_WIDTH
        }
        '\u{FFFD}' => Classes::REPLACEMENT,
        '\u{1F000}'..='\u{1FAFF}' => Classes::EMOJI,
        _ if is_han(c) => Classes::HAN,
        _ => Classes::ANY,
    };
    set.0
}

fn pair(before_that: char, before: char, c: char) -> u32 {
    let mut found = 0;
    if before == c {
        if c == ' ' {
            found |= Classes::ODD_SPACE.0;
        } else if is_mark(c) {
            found |= Classes::REPEATED_MARK.0;
        } else if is_han(c) {
            found |= Classes::REPEATED_HAN.0;
        }
    } else if is_mark(before) && is_mark(c) {
        found |= Classes::REPEATED_MARK.0;
    }
    if before == ' ' {
        if is_mark(c) || c == '\n' || is_cjk_punctuation(c) {
            found |= Classes::ODD_SPACE.0;
        }
        if is_han(c) && is_han(before_that) {
            found |= Classes::SPACE_IN_HAN.0;
        }
    }
    if c == ' ' && (before == '\n' || is_cjk_punctuation(before)) {
        found |= Classes::ODD_SPACE.0;
    }
    if c == '/' && before == ':' || c == '.' && matches!(before, 'w' | 'W') {
        found |= Classes::ADDRESS.0;
    }
    found
}

/// 我们我们, 我觉得我觉得.
fn repeats_word(last: [char; 5], c: char) -> bool {
    c == last[3] && last[4] == last[2] || c == last[2] && last[4] == last[1] && last[3] == last[0]
}

/// Marks of punctuation that are repeated for emphasis, or that spaces stand wrongly before.
const fn is_mark(c: char) -> bool {
    is_repeated_mark(c) || matches!(c, ';' | '\u{FF1A}')
}

/// Those of which a row says no more than one.
pub(super) const fn is_repeated_mark(c: char) -> bool {
    matches!(
        c,
        '!' | '?'
            | '.'
            | ','
            | '~'
            | '。'
            | '、'
            | '…'
            | '—'
            | '\u{FF01}'
            | '\u{FF1F}'
            | '\u{FF0C}'
            | '\u{FF1B}'
            | '\u{FF5E}'
    )
}

/// From the lead bytes of the commonest Chinese characters and marks.
const ODD_HAN: &[char] = &[
    '锛', '銆', '鈥', '鐨', '涓', '鏄', '浜', '鍦', '鎴', '鏈', '浣', '杩', '鍒', '瀛', '绗', '璇',
    '锟', '涔', '鍙', '瑕', '閲', '鐢', '鎷', '屯', '烫', '浠', '鑰', '鍥', '鏂', '缁', '绋', '濂',
    '闂', '鎵', '寰', '澶', '灏', '鍚', '鐪', '娌', '鈽', '鉂', '馃',
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_prose_has_no_class_that_a_rule_waits_for() {
        let rare = Classes::ODD_SPACE
            .and(Classes::REPEATED_MARK)
            .and(Classes::CONTROL)
            .and(Classes::COMPOSABLE)
            .and(Classes::ZERO_WIDTH);
        for text in [
            "It was a plain morning, and nobody said \u{201c}no\u{201d} to that; we left.",
            "这是一个平常的早晨\u{FF0C}谁也没有说\u{201c}不\u{201d}。我们用 Git 管理文件。",
        ] {
            assert!(!Classes::of(text).meet(rare), "{text}");
        }
    }
}
