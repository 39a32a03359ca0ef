//! Text that was decoded as the wrong encoding, where that can be undone.

use encoding_rs::GBK;

use inkstone_prose::characters::{is_cjk_punctuation, is_han};

use super::classes::Classes;
use super::findings::Findings;
use super::mojibake::speaks_of_encodings;
use super::rule::{Kind, Rule, RuleId, Subject, en, en_same, zh, zh_same};

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("mojibake_mended"),
    version: 1,
    title: "text read in the wrong encoding",
    why: "UTF-8 read as Latin-1, Windows-1252 or GBK, and GBK read as Latin-1, are turned back \
          where every byte is still there and what comes out is text. Accents of real words \
          never form UTF-8.",
    default_on: true,
    kind: Kind::Mend,
    examples: &[
        en("It doesnâ€™t matter.", "It doesn’t matter."),
        en(
            "The cafÃ© isnâ€™t â€œopenâ€\u{9d}.",
            "The café isn’t “open”.",
        ),
        en("20Â°C for Â£5", "20°C for £5"),
        zh("ä½\u{a0}å¥½ï¼Œä¸–ç•Œ", "你好\u{ff0c}世界"),
        zh("ÄúºÃ£¬ÊÀ½ç", "您好\u{ff0c}世界"),
        zh("涓栫晫浣犲ソ", "世界你好"),
        en_same("A naïve café owner in Zürich, Ærø and São Paulo."),
        zh_same("浣熊和浣溪沙都是词。"),
    ],
    needs: Classes::HIGH_LATIN.and(Classes::ODD_HAN),
    mends_addresses: false,
    apply,
};

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    if speaks_of_encodings(subject.text) {
        return;
    }
    if subject.classes.meet(Classes::HIGH_LATIN) {
        utf8_read_as_latin(subject.text, found);
        gbk_read_as_latin(subject.text, found);
    }
    if subject.classes.meet(Classes::ODD_HAN) {
        utf8_read_as_gbk(subject.text, found);
    }
}

/// Sequences of UTF-8 spelled in Latin-1 or Windows-1252, each on its own: one lost byte spoils one
/// character only.
fn utf8_read_as_latin(text: &str, found: &mut Findings<'_>) {
    let mut run: Option<(usize, String)> = None;
    let mut skip_to = 0;
    for (at, c) in text.char_indices() {
        if at < skip_to {
            continue;
        }
        let decoded = is_high(c).then(|| utf8_at(&text[at..])).flatten();
        if let Some((original, len)) = decoded {
            skip_to = at + len;
            run.get_or_insert_with(|| (at, String::new()))
                .1
                .push(original);
        } else if let Some((start, mended)) = run.take() {
            found.replace(start..at, mended);
        }
    }
    if let Some((start, mended)) = run {
        found.replace(start..text.len(), mended);
    }
}

/// The character whose UTF-8 bytes begin here, one byte a character, and how long it is here.
fn utf8_at(text: &str) -> Option<(char, usize)> {
    if let Some(rest) = text.strip_prefix("â€") {
        // Windows-1252 has nothing at 0x9D, so that the last byte of ” is what goes missing.
        if rest.chars().next().is_none_or(|c| c.is_ascii()) {
            return Some(('\u{201D}', text.len() - rest.len()));
        }
    }
    let mut chars = text.char_indices();
    let lead = latin_byte(chars.next()?.1)?;
    let n = match lead {
        0xC2..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF4 => 4,
        _ => return None,
    };
    let mut bytes = [lead, 0, 0, 0];
    let mut len = 0;
    let mut has_plain_space = false;
    for byte in &mut bytes[1..n] {
        let (at, c) = chars.next()?;
        len = at + c.len_utf8();
        // A no-break space that somebody has made a plain one.
        has_plain_space |= c == ' ';
        *byte = if c == ' ' { 0xA0 } else { latin_byte(c)? };
    }
    let decoded = std::str::from_utf8(&bytes[..n]).ok()?.chars().next()?;
    let is_text = !decoded.is_control() && !matches!(decoded, '\u{E000}'..='\u{F8FF}');
    let is_plausible = if has_plain_space {
        is_han(decoded)
    } else {
        is_text
    };
    is_plausible.then_some((decoded, len))
}

/// Runs of pairs of Latin-1 letters that are common Chinese characters in GBK.
fn gbk_read_as_latin(text: &str, found: &mut Findings<'_>) {
    for (start, run) in runs(text, is_high) {
        if run.chars().count() < GBK_RUN_CHARS_MIN || utf8_at(run).is_some() {
            continue;
        }
        let Some(bytes) = run.chars().map(latin_byte).collect::<Option<Vec<u8>>>() else {
            continue;
        };
        let (decoded, _, is_broken) = GBK.decode(&bytes);
        if !is_broken && bytes.chunks(2).all(is_common_pair) && decoded.chars().any(is_han) {
            found.replace(start..start + run.len(), decoded.into_owned());
        }
    }
}

/// Shorter runs of accented letters occur in names.
const GBK_RUN_CHARS_MIN: usize = 4;

/// Symbols and the common characters of GB 2312.
const fn is_common_pair(pair: &[u8]) -> bool {
    matches!(pair, [0xA1..=0xA3 | 0xB0..=0xD7, 0xA1..=0xFE])
}

/// Runs of Han characters and kana whose bytes in GBK are UTF-8 of common Chinese.
fn utf8_read_as_gbk(text: &str, found: &mut Findings<'_>) {
    let is_part = |c: char| !c.is_ascii() && !c.is_whitespace() && c != '\u{FFFD}';
    for (start, run) in runs(text, is_part) {
        let (bytes, _, is_broken) = GBK.encode(run);
        if is_broken || bytes.len() < GBK_BYTES_MIN {
            continue;
        }
        let Ok(decoded) = std::str::from_utf8(&bytes) else {
            continue;
        };
        let is_text = decoded.chars().all(|c| {
            is_common_han(c) || is_cjk_punctuation(c) || matches!(c, '\u{2010}'..='\u{2026}')
        });
        if is_text {
            found.replace(start..start + run.len(), decoded);
        }
    }
}

/// Two characters of UTF-8: fewer bytes are UTF-8 by chance (the famous case is 联通).
const GBK_BYTES_MIN: usize = 6;

fn is_common_han(c: char) -> bool {
    let mut buffer = [0; 4];
    let (bytes, _, is_broken) = GBK.encode(c.encode_utf8(&mut buffer));
    !is_broken && is_han(c) && matches!(*bytes, [0xB0..=0xF7, 0xA1..=0xFE])
}

/// Maximal runs of characters, and where they begin.
fn runs(text: &str, is_part: impl Fn(char) -> bool) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].find(&is_part)?;
        let rest = &text[start..];
        let len = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        at = start + len;
        Some((start, &rest[..len]))
    })
}

fn is_high(c: char) -> bool {
    latin_byte(c).is_some_and(|byte| byte >= 0x80)
}

/// The byte that Latin-1 or Windows-1252 has for a character.
fn latin_byte(c: char) -> Option<u8> {
    if let '\u{80}'..='\u{FF}' = c {
        return u8::try_from(u32::from(c)).ok();
    }
    let at = WINDOWS_1252.iter().position(|own| *own == c)?;
    u8::try_from(0x80 + at).ok()
}

/// What Windows-1252 has at 0x80 to 0x9F; where it has nothing, the control character.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
];
