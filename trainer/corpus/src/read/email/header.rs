//! The header of a message or of one of its parts, and words of other encodings in it.

use encoding_rs::Encoding;

use super::transfer;
use crate::encoding;

/// Fields of one header: more than any server adds.
const FIELDS_MAX: usize = 1000;

/// Bytes of one field, its folds included.
const FIELD_BYTES_MAX: usize = 64 << 10;

/// Bytes of one encoded word: 75 by RFC 2047, more by programs that do not count.
const ENCODED_WORD_BYTES_MAX: usize = 2000;

/// The fields of a header.
pub(super) struct Headers<'a>(Vec<(&'a [u8], Vec<u8>)>);

impl<'a> Headers<'a> {
    /// The fields, and what follows the blank line after them.
    pub(super) fn split(bytes: &'a [u8]) -> (Self, &'a [u8]) {
        let mut fields: Vec<(&[u8], Vec<u8>)> = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let end = rest.iter().position(|byte| *byte == b'\n');
            let (line, after) = match end {
                Some(end) => (&rest[..end], &rest[end + 1..]),
                None => (rest, &rest[rest.len()..]),
            };
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                rest = after;
                break;
            }
            let is_folded = line.starts_with(b" ") || line.starts_with(b"\t");
            if is_folded && let Some((_, value)) = fields.last_mut() {
                if value.len() + line.len() < FIELD_BYTES_MAX {
                    value.push(b' ');
                    value.extend_from_slice(line.trim_ascii());
                }
            } else if let Some(colon) = line.iter().position(|byte| *byte == b':') {
                let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
                // "From somebody Mon Jun 1 12:00:00" is how a mailbox file begins a message.
                let is_name = !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
                if is_name && fields.len() < FIELDS_MAX {
                    let value = &value[..value.len().min(FIELD_BYTES_MAX)];
                    fields.push((name, value.to_vec()));
                }
            } else if fields.is_empty() && !line.starts_with(b"From ") {
                // No header at all: all of it is the body.
                break;
            }
            rest = after;
        }
        (Self(fields), rest)
    }

    /// The first field of a name, as it stands.
    pub(super) fn raw(&self, name: &str) -> Option<&[u8]> {
        let found = self
            .0
            .iter()
            .find(|(field, _)| field.eq_ignore_ascii_case(name.as_bytes()));
        found.map(|(_, value)| value.as_slice())
    }

    /// A field as a person reads it.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.raw(name).map(decoded)
    }

    /// A field with parameters, such as `Content-Type`.
    pub(super) fn parameters(&self, name: &str) -> Option<Parameters> {
        self.raw(name).map(Parameters::of)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// `text/plain; charset=gb2312; format=flowed`.
pub(super) struct Parameters {
    /// In small letters.
    pub(super) value: String,
    pairs: Vec<(String, String)>,
}

impl Parameters {
    fn of(field: &[u8]) -> Self {
        let field = String::from_utf8_lossy(field);
        let mut pieces = split_unquoted(&field).into_iter();
        let value = pieces
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        let pairs = pieces.filter_map(|piece| {
            let (name, value) = piece.split_once('=')?;
            // "charset*=" is how RFC 2231 says that the value has a language; no charset has.
            let name = name.trim().trim_end_matches('*').to_ascii_lowercase();
            let value = value.trim();
            let unquoted = value
                .strip_prefix('"')
                .map(|value| value.strip_suffix('"').unwrap_or(value));
            Some((name, unquoted.unwrap_or(value).to_owned()))
        });
        Self {
            value,
            pairs: pairs.collect(),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(pair, _)| pair == name);
        found.map(|(_, value)| value.as_str())
    }
}

fn split_unquoted(field: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut is_quoted) = (0, false);
    for (at, c) in field.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            ';' if !is_quoted => {
                pieces.push(&field[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(&field[start..]);
    pieces
}

/// A field with its encoded words (RFC 2047) decoded.
///
/// Neighbours of one encoding are decoded together: some programs cut a line in the middle of a
/// character. Bytes outside such words are in the encoding that they look like.
fn decoded(field: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = field;
    // Of the encoded words that stand right before `rest`.
    let mut pending: Option<(&'static Encoding, Vec<u8>)> = None;
    while !rest.is_empty() {
        let at = find(rest, b"=?").unwrap_or(rest.len());
        let (plain, word) = rest.split_at(at);
        let encoded = EncodedWord::at_start(word);
        // White space between two encoded words is how a line is folded.
        if !(plain.iter().all(u8::is_ascii_whitespace) && encoded.is_some()) || pending.is_none() {
            flush(&mut text, &mut pending);
            text.push_str(&undeclared(plain));
        }
        match encoded {
            Some(word_read) => {
                match &mut pending {
                    Some((encoding, bytes)) if *encoding == word_read.encoding => {
                        bytes.extend_from_slice(&word_read.bytes);
                    }
                    _ => {
                        flush(&mut text, &mut pending);
                        pending = Some((word_read.encoding, word_read.bytes));
                    }
                }
                rest = &word[word_read.length..];
            }
            None if word.is_empty() => break,
            None => {
                flush(&mut text, &mut pending);
                text.push_str("=?");
                rest = &word[2..];
            }
        }
    }
    flush(&mut text, &mut pending);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn flush(text: &mut String, pending: &mut Option<(&'static Encoding, Vec<u8>)>) {
    if let Some((encoding, bytes)) = pending.take() {
        text.push_str(&encoding.decode(&bytes).0);
    }
}

fn undeclared(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding::decode(bytes).map_or_else(
            |_| String::from_utf8_lossy(bytes).into_owned(),
            |decoded| decoded.text,
        ),
    }
}

struct EncodedWord {
    encoding: &'static Encoding,
    bytes: Vec<u8>,
    /// Of the word in the field.
    length: usize,
}

impl EncodedWord {
    /// `=?gb18030?B?…?=` at the start of `field`.
    fn at_start(field: &[u8]) -> Option<Self> {
        let field = &field[..field.len().min(ENCODED_WORD_BYTES_MAX)];
        let inside = field.strip_prefix(b"=?")?;
        let charset_end = find(inside, b"?")?;
        let charset = &inside[..charset_end];
        // A language may follow the charset (RFC 2231, 5).
        let label = charset.split(|byte| *byte == b'*').next()?;
        let after = &inside[charset_end + 1..];
        let (&method, after) = after.split_first()?;
        let content = after.strip_prefix(b"?")?;
        let end = find(content, b"?=")?;
        let content = &content[..end];
        let bytes = match method {
            b'B' | b'b' => transfer::base64(content),
            b'Q' | b'q' => {
                let spaced: Vec<u8> = content
                    .iter()
                    .map(|byte| if *byte == b'_' { b' ' } else { *byte })
                    .collect();
                transfer::quoted_printable(&spaced)
            }
            _ => return None,
        };
        Some(Self {
            encoding: Encoding::for_label(label)?,
            bytes,
            length: 2 + charset_end + 3 + end + 2,
        })
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_words_are_joined_across_a_character_that_they_cut() {
        for (field, expected) in [
            ("Re: rain", "Re: rain"),
            ("=?UTF-8?B?5piO5aSp55qE5Lya6K6u?=", "明天的会议"),
            ("=?gb2312?B?w/fM7LXEu+HS6Q==?=", "明天的会议"),
            ("=?UTF-8?Q?Caf=C3=A9_at_noon?=", "Café at noon"),
            // Cut after the first byte of 天.
            ("=?utf-8?B?5piO5Q==?=\r\n =?utf-8?B?pKk=?=", "明天"),
            (
                "=?iso-8859-1?q?caf=E9?= =?utf-8?q?_=E9=9B=A8?= end",
                "café 雨 end",
            ),
            ("=?no-such?B?AAAA?=", "=?no-such?B?AAAA?="),
            ("=?utf-8?B?", "=?utf-8?B?"),
            ("a =? b", "a =? b"),
        ] {
            assert_eq!(decoded(field.as_bytes()), expected, "{field}");
        }
    }

    #[test]
    fn parameters_may_be_quoted_and_hold_semicolons() {
        let field = Parameters::of(b"Multipart/Mixed; boundary=\"a;b\"; charset=GB2312");
        assert_eq!(field.value, "multipart/mixed");
        assert_eq!(field.get("boundary"), Some("a;b"));
        assert_eq!(field.get("charset"), Some("GB2312"));
        assert_eq!(field.get("format"), None);
    }
}
