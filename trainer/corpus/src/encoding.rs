//! The text of a file's bytes, whatever their encoding.
//!
//! Not the detection of languages, and not the mending of text that was decoded wrongly before it
//! was saved (mojibake): that is a cleaning rule. Called by [`crate::read`] and by the readers of
//! archives for what lies in them.
//!
//! Bytes that are UTF-8 are taken as such whatever they declare: no text in another encoding with
//! more than a few special characters happens to be valid UTF-8. UTF-16 is told by its zero bytes.
//! Between GB18030, Big5 and the Western encodings how common the decoded characters are decides,
//! which two dozen bytes suffice for; only what is none of these is left to `chardetng`, whose
//! guess of short Chinese text between GBK, Big5, Shift_JIS and EUC-KR is often wrong.

mod frequent;
mod utf16;

use std::borrow::Cow;

use encoding_rs::{BIG5, GB18030, WINDOWS_1252};

use crate::read::Unreadable;

/// A text, and how it was had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// With `\n` after each line: `\r\n` is made one, which leaves the count of lines as Git's.
    /// A lone `\r` becomes a space beside other line ends, and a line end in a text that has no
    /// others (Git sees one line there).
    pub text: String,
    /// What the bytes were in.
    pub encoding: Encoding,
    /// Byte sequences that were no characters, each now U+FFFD.
    pub replaced: usize,
}

/// How characters were written as bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// With or without its mark.
    Utf8,
    /// Little end first.
    Utf16Le,
    /// Big end first.
    Utf16Be,
    /// With GB2312 and GBK, which are parts of it.
    Gb18030,
    /// With the extensions of Hong Kong.
    Big5,
    /// ISO 8859-1: no byte from 0x80 to 0x9F.
    Latin1,
    /// Latin-1 with typographic quotes and dashes there.
    Windows1252,
    /// Another one, by its name in the Encoding Standard.
    Other(&'static str),
}

impl Encoding {
    /// As the Encoding Standard writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::Gb18030 => "gb18030",
            Self::Big5 => "Big5",
            Self::Latin1 => "ISO-8859-1",
            Self::Windows1252 => "windows-1252",
            Self::Other(name) => name,
        }
    }
}

/// One control character in so many: above it, the bytes are a program's.
const CONTROLS_ONE_IN_MIN: usize = 100;

/// Control characters that are never too many: a form feed's neighbours in a short file.
const CONTROLS_ALLOWED: usize = 2;

/// How many bytes the choice between encodings looks at.
const SAMPLE_BYTES_MAX: usize = 64 << 10;

/// For each broken sequence, so many whole ones of several bytes make the text broken UTF-8.
const WHOLE_FOR_BROKEN_MIN: usize = 8;

/// The text of `bytes`.
pub fn decode(bytes: &[u8]) -> Result<Decoded, Unreadable> {
    decode_declared(bytes, None)
}

/// The text of `bytes`, which are said to be in `label` (`gbk`, `iso-8859-1`, …): by a page's
/// header or a mail's. It decides only where the bytes leave a choice.
pub fn decode_declared(bytes: &[u8], label: Option<&str>) -> Result<Decoded, Unreadable> {
    if let Some(decoded) = decode_marked(bytes) {
        return decoded;
    }
    if memchr::memchr(0, bytes).is_some() {
        let little = utf16::guess(bytes).ok_or_else(|| {
            Unreadable::NotText("they hold zero bytes, as programs and pictures do".to_owned())
        })?;
        return decode_utf16(bytes, little);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => finish(Cow::Borrowed(text), Encoding::Utf8, 0),
        Err(_) => decode_legacy(bytes, label),
    }
}

/// Where a byte order mark says what it is.
fn decode_marked(bytes: &[u8]) -> Option<Result<Decoded, Unreadable>> {
    if let Some(rest) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        if memchr::memchr(0, rest).is_some() {
            return Some(Err(Unreadable::NotText("they hold zero bytes".to_owned())));
        }
        return Some(decode_utf8_lossy(rest));
    }
    if bytes.starts_with(b"\xFF\xFE\0\0") || bytes.starts_with(b"\0\0\xFE\xFF") {
        return Some(Err(Unreadable::NotText(
            "they are UTF-32, which is not read; save the file as UTF-8".to_owned(),
        )));
    }
    if let Some(rest) = bytes.strip_prefix(b"\xFF\xFE") {
        return Some(decode_utf16(rest, true));
    }
    bytes
        .strip_prefix(b"\xFE\xFF")
        .map(|rest| decode_utf16(rest, false))
}

fn decode_utf16(bytes: &[u8], little: bool) -> Result<Decoded, Unreadable> {
    let (encoding, table) = if little {
        (Encoding::Utf16Le, encoding_rs::UTF_16LE)
    } else {
        (Encoding::Utf16Be, encoding_rs::UTF_16BE)
    };
    let (text, _) = table.decode_without_bom_handling(bytes);
    let replaced = count_replacements(&text);
    finish(text, encoding, replaced)
}

fn decode_utf8_lossy(bytes: &[u8]) -> Result<Decoded, Unreadable> {
    let replaced = bytes
        .utf8_chunks()
        .filter(|chunk| !chunk.invalid().is_empty())
        .count();
    finish(String::from_utf8_lossy(bytes), Encoding::Utf8, replaced)
}

/// Bytes that are not valid UTF-8 and hold no zero.
fn decode_legacy(bytes: &[u8], label: Option<&str>) -> Result<Decoded, Unreadable> {
    if is_broken_utf8(bytes) {
        return decode_utf8_lossy(bytes);
    }
    if let Some(little) = utf16::guess(bytes) {
        return decode_utf16(bytes, little);
    }
    let declared =
        label.and_then(|label| encoding_rs::Encoding::for_label(label.trim().as_bytes()));
    let table = legacy_table(bytes, declared);
    let (text, _) = table.decode_without_bom_handling(bytes);
    let replaced = count_replacements(&text);
    finish(text, encoding_of(table, bytes), replaced)
}

/// A whole character of several bytes is hardly ever chance; a file cut in the middle or with a
/// stray byte stays UTF-8.
fn is_broken_utf8(bytes: &[u8]) -> bool {
    let (mut whole, mut broken) = (0_usize, 0_usize);
    for chunk in bytes[..bytes.len().min(SAMPLE_BYTES_MAX)].utf8_chunks() {
        whole += chunk
            .valid()
            .chars()
            .filter(|character| !character.is_ascii())
            .count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    whole >= broken * WHOLE_FOR_BROKEN_MIN && whole > 0
}

fn legacy_table(
    bytes: &[u8],
    declared: Option<&'static encoding_rs::Encoding>,
) -> &'static encoding_rs::Encoding {
    let sample = sample(bytes);
    let chinese =
        frequent::chinese_score(sample, GB18030).max(frequent::chinese_score(sample, BIG5));
    if chinese >= frequent::CHINESE_SCORE_MIN {
        let is_big5 =
            frequent::chinese_score(sample, BIG5) > frequent::chinese_score(sample, GB18030);
        return if is_big5 { BIG5 } else { GB18030 };
    }
    if let Some(declared) =
        declared.filter(|table| table.is_ascii_compatible() && *table != encoding_rs::UTF_8)
    {
        return if declared == encoding_rs::GBK {
            GB18030
        } else {
            declared
        };
    }
    if frequent::is_western(sample) {
        return WINDOWS_1252;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    let guess = detector.guess(None, chardetng::Utf8Detection::Deny);
    if guess == encoding_rs::GBK {
        GB18030
    } else {
        guess
    }
}

/// The part of the text that says most: from its first byte that is not ASCII.
fn sample(bytes: &[u8]) -> &[u8] {
    const ASCII_BEFORE_MAX: usize = 1024;
    let first = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or(0);
    let mut start = first.saturating_sub(ASCII_BEFORE_MAX);
    if start > 0 {
        // All before `first` is ASCII, so any start is a character's.
        start = start.min(first);
    }
    &bytes[start..bytes.len().min(start + SAMPLE_BYTES_MAX)]
}

fn encoding_of(table: &'static encoding_rs::Encoding, bytes: &[u8]) -> Encoding {
    if table == GB18030 {
        Encoding::Gb18030
    } else if table == BIG5 {
        Encoding::Big5
    } else if table == WINDOWS_1252 {
        let has_quotes = bytes.iter().any(|byte| (0x80..0xA0).contains(byte));
        if has_quotes {
            Encoding::Windows1252
        } else {
            Encoding::Latin1
        }
    } else {
        Encoding::Other(table.name())
    }
}

fn count_replacements(text: &str) -> usize {
    memchr::memmem::find_iter(text.as_bytes(), "\u{FFFD}").count()
}

/// Refuses what is no text, and makes the line ends one kind.
fn finish(text: Cow<'_, str>, encoding: Encoding, replaced: usize) -> Result<Decoded, Unreadable> {
    let controls = text.bytes().filter(|&byte| is_control(byte)).count();
    if controls > CONTROLS_ALLOWED && controls.saturating_mul(CONTROLS_ONE_IN_MIN) > text.len() {
        return Err(Unreadable::NotText(format!(
            "{controls} of {} bytes are control characters",
            text.len()
        )));
    }
    if replaced > CONTROLS_ALLOWED && replaced.saturating_mul(CONTROLS_ONE_IN_MIN / 10) > text.len()
    {
        return Err(Unreadable::NotText(format!(
            "{replaced} sequences are characters in no encoding that is known"
        )));
    }
    Ok(Decoded {
        text: with_line_feeds(text),
        encoding,
        replaced,
    })
}

/// A tab, line ends and a form feed belong into texts; the colours of a terminal's log do not.
fn is_control(byte: u8) -> bool {
    byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C) || byte == 0x7F
}

fn with_line_feeds(text: Cow<'_, str>) -> String {
    if memchr::memchr(b'\r', text.as_bytes()).is_none() {
        return text.into_owned();
    }
    let lone = if memchr::memchr(b'\n', text.as_bytes()).is_some() {
        ' '
    } else {
        '\n'
    };
    let mut joined = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(at) = memchr::memchr(b'\r', rest.as_bytes()) {
        joined.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if !rest.starts_with('\n') {
            joined.push(lone);
        }
    }
    joined.push_str(rest);
    joined
}

#[cfg(test)]
#[path = "encoding/tests.rs"]
mod tests;
