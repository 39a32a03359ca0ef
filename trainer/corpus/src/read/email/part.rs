//! The parts of a message that a reader is shown, decoded, in their order.

use encoding_rs::Encoding;

use super::header::{Headers, Parameters};
use super::{FORMAT, transfer};
use crate::encoding;
use crate::read::source::with_line_feeds;
use crate::read::{ReadLimits, Unreadable};

/// Parts within parts: mail programs make four levels at most.
const PARTS_DEPTH_MAX: usize = 16;

/// What answers and forwarded mails have before their subject, in small letters.
const SUBJECT_PREFIXES: &[&str] = &[
    "re:",
    "re：",
    "fw:",
    "fw：",
    "fwd:",
    "fwd：",
    "aw:",
    "wg:",
    "回复:",
    "回复：",
    "答复:",
    "答复：",
    "转发:",
    "转发：",
    "回覆:",
    "回覆：",
    "轉寄:",
    "轉寄：",
];

/// A message as far as it is read.
pub(super) struct Message {
    pub(super) subject: Option<String>,
    pub(super) texts: Vec<Text>,
    pub(super) problems: Vec<String>,
}

/// The text of a part.
pub(super) enum Text {
    Plain(String),
    Html(String),
    /// Another message that is passed on whole.
    Forwarded(String),
}

impl Text {
    fn is_empty(&self) -> bool {
        match self {
            Self::Plain(text) | Self::Html(text) | Self::Forwarded(text) => text.trim().is_empty(),
        }
    }
}

impl Message {
    pub(super) fn read(bytes: &[u8], limits: &ReadLimits) -> Result<Self, Unreadable> {
        let (headers, body) = Headers::split(bytes);
        if headers.is_empty() {
            return Err(Unreadable::Broken {
                format: FORMAT,
                what: "it has no header".to_owned(),
            });
        }
        let mut parts = Parts {
            left: limits.members_max,
            problems: Vec::new(),
        };
        let texts = parts.read(&headers, body, 0)?;
        let subject = headers
            .text("Subject")
            .map(|subject| without_prefixes(&subject).to_owned());
        Ok(Self {
            subject: subject.filter(|subject| !subject.is_empty()),
            texts,
            problems: parts.problems,
        })
    }
}

fn without_prefixes(subject: &str) -> &str {
    let mut subject = subject.trim();
    while let Some(prefix) = SUBJECT_PREFIXES.iter().find(|prefix| {
        let start = subject.get(..prefix.len());
        start.is_some_and(|start| start.to_lowercase() == **prefix)
    }) {
        subject = subject[prefix.len()..].trim_start();
    }
    subject
}

struct Parts {
    left: usize,
    problems: Vec<String>,
}

impl Parts {
    fn read(
        &mut self,
        headers: &Headers<'_>,
        body: &[u8],
        depth: usize,
    ) -> Result<Vec<Text>, Unreadable> {
        if depth > PARTS_DEPTH_MAX || self.left == 0 {
            let what = "parts nested too deep, or too many, were not read".to_owned();
            if !self.problems.contains(&what) {
                self.problems.push(what);
            }
            return Ok(Vec::new());
        }
        self.left -= 1;
        let kind = headers.parameters("Content-Type");
        let value = kind
            .as_ref()
            .map_or("text/plain", |kind| kind.value.as_str());
        let disposition = headers.parameters("Content-Disposition");
        if disposition.is_some_and(|disposition| disposition.value == "attachment") {
            return Ok(Vec::new());
        }
        if let Some(multipart) = value.strip_prefix("multipart/") {
            return self.read_multipart(multipart, kind.as_ref(), body, depth);
        }
        match value {
            "message/rfc822" => self.read_forwarded(&decoded_bytes(headers, body), depth),
            "application/pkcs7-mime" | "application/x-pkcs7-mime" => {
                Err(Unreadable::Encrypted(FORMAT))
            }
            "text/html" => Ok(vec![Text::Html(self.decoded(headers, kind.as_ref(), body))]),
            // Programs invent types of text; calendars and cards are none that a person wrote.
            "text/plain" | "text" | "text/markdown" | "text/enriched" | "" => {
                let text = self.decoded(headers, kind.as_ref(), body);
                let flowed = kind.as_ref().and_then(|kind| kind.get("format"));
                let is_flowed = flowed.is_some_and(|format| format.eq_ignore_ascii_case("flowed"));
                let deletes = kind.as_ref().and_then(|kind| kind.get("delsp"));
                let deletes = deletes.is_some_and(|delsp| delsp.eq_ignore_ascii_case("yes"));
                let text = if is_flowed {
                    unflowed(&text, deletes)
                } else {
                    text
                };
                Ok(vec![Text::Plain(text)])
            }
            _ => Ok(Vec::new()),
        }
    }

    fn read_multipart(
        &mut self,
        kind: &str,
        parameters: Option<&Parameters>,
        body: &[u8],
        depth: usize,
    ) -> Result<Vec<Text>, Unreadable> {
        if kind == "encrypted" {
            return Err(Unreadable::Encrypted(FORMAT));
        }
        let boundary = parameters.and_then(|parameters| parameters.get("boundary"));
        let Some(boundary) = boundary.filter(|boundary| !boundary.is_empty()) else {
            self.problems
                .push("a part of several has no boundary".to_owned());
            return Ok(Vec::new());
        };
        let mut texts: Vec<Text> = Vec::new();
        for part in split(body, boundary.as_bytes()).take(self.left) {
            let (headers, body) = Headers::split(part);
            let of_part = self.read(&headers, body, depth + 1)?;
            match kind {
                "alternative" => {
                    // The same text twice: as it was typed is better than as it looks.
                    let is_plain = |texts: &[Text]| {
                        let mut texts = texts.iter();
                        texts.any(|text| matches!(text, Text::Plain(_)) && !text.is_empty())
                    };
                    let says_something = of_part.iter().any(|text| !text.is_empty());
                    if says_something && !is_plain(&texts) {
                        texts = of_part;
                    }
                }
                // The second part is what the signature or the pictures are.
                "signed" | "related" if !texts.is_empty() => {}
                _ => texts.extend(of_part),
            }
        }
        Ok(texts)
    }

    fn read_forwarded(&mut self, body: &[u8], depth: usize) -> Result<Vec<Text>, Unreadable> {
        let (headers, body) = Headers::split(body);
        let texts = self.read(&headers, body, depth + 1)?;
        let texts = texts.into_iter().map(|text| match text {
            Text::Plain(text) | Text::Html(text) | Text::Forwarded(text) => Text::Forwarded(text),
        });
        Ok(texts.collect())
    }

    /// The text of a part: by its charset, or as its bytes look.
    fn decoded(&mut self, headers: &Headers<'_>, kind: Option<&Parameters>, body: &[u8]) -> String {
        let bytes = decoded_bytes(headers, body);
        let label = kind.and_then(|kind| kind.get("charset"));
        let declared = label.and_then(|label| Encoding::for_label(label.as_bytes()));
        let text = match declared {
            // ASCII, or nothing, is declared by programs that send something else.
            Some(encoding) if encoding != encoding_rs::WINDOWS_1252 => {
                declared_text(encoding, &bytes)
            }
            _ => match encoding::decode(&bytes) {
                Ok(decoded) => decoded.text,
                Err(error) => {
                    self.problems.push(error.to_string());
                    String::new()
                }
            },
        };
        with_line_feeds(&text)
    }
}

/// The text in the declared encoding, unless the bytes say that it is a mistake.
fn declared_text(encoding: &'static Encoding, bytes: &[u8]) -> String {
    let (text, _, had_errors) = encoding.decode(bytes);
    if had_errors
        && let Ok(looked_at) = encoding::decode(bytes)
        && looked_at.replaced < text.matches('\u{FFFD}').count()
    {
        return looked_at.text;
    }
    text.into_owned()
}

fn decoded_bytes(headers: &Headers<'_>, body: &[u8]) -> Vec<u8> {
    let encoding = headers.raw("Content-Transfer-Encoding").unwrap_or_default();
    if encoding.eq_ignore_ascii_case(b"base64") {
        transfer::base64(body)
    } else if encoding.eq_ignore_ascii_case(b"quoted-printable") {
        transfer::quoted_printable(body)
    } else {
        body.to_vec()
    }
}

/// The parts between lines of `--boundary`; what stands before the first and after the last is
/// for programs that know no parts.
fn split<'a>(body: &'a [u8], boundary: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut starts = Vec::new();
    let mut at = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        if let Some(rest) = line
            .strip_prefix(b"--")
            .and_then(|line| line.strip_prefix(boundary))
        {
            let rest = rest.trim_ascii_end();
            if rest.is_empty() || rest == b"--" {
                starts.push((at, at + line.len(), rest == b"--"));
            }
        }
        at += line.len();
    }
    let ends: Vec<usize> = starts
        .iter()
        .skip(1)
        .map(|(at, _, _)| *at)
        .chain([body.len()])
        .collect();
    let parts = starts.into_iter().zip(ends);
    parts
        .take_while(|((_, _, is_last), _)| !is_last)
        .map(|((_, start, _), end)| &body[start.min(end)..end])
}

/// Joins the lines of `format=flowed` (RFC 3676): one that ends in a space goes on in the next.
fn unflowed(text: &str, deletes_space: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open_depth: Option<usize> = None;
    for line in text.lines() {
        let depth = line.bytes().take_while(|byte| *byte == b'>').count();
        let content = &line[depth..];
        let content = content.strip_prefix(' ').unwrap_or(content);
        let is_signature = content == "-- ";
        if open_depth != Some(depth) || is_signature {
            if !out.is_empty() {
                out.push('\n');
            }
            if depth > 0 {
                out.push_str(&line[..depth]);
                out.push(' ');
            }
        }
        let is_open = content.ends_with(' ') && !is_signature;
        let content = if is_open && deletes_space {
            &content[..content.len() - 1]
        } else {
            content
        };
        out.push_str(content);
        open_depth = is_open.then_some(depth);
        if out.is_empty() {
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flowed_lines_are_one_line_and_quotes_and_signature_stay_apart() {
        let text = "A line that \ngoes on.\n\n> quoted \n> too\n-- \nAnna";
        let expected = "A line that goes on.\n\n> quoted too\n-- \nAnna";
        assert_eq!(unflowed(text, false), expected);
        assert_eq!(unflowed("今天 \n下雨。", true), "今天下雨。");
    }

    #[test]
    fn a_subject_loses_what_answers_put_before_it() {
        assert_eq!(without_prefixes("Re: Fwd: rain"), "rain");
        assert_eq!(without_prefixes("回复：转发: 明天的会议"), "明天的会议");
        assert_eq!(without_prefixes("Regarding rain"), "Regarding rain");
    }

    #[test]
    fn parts_lie_between_lines_of_the_boundary() {
        let body = b"for old programs\r\n--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\nafter";
        let parts: Vec<&[u8]> = split(body, b"b").collect();
        assert_eq!(parts, [b"\r\none\r\n".as_slice(), b"\r\ntwo\r\n"]);
        // Cut off on the way.
        assert_eq!(split(b"--b\n\nhalf", b"b").count(), 1);
        assert_eq!(split(b"nothing", b"b").count(), 0);
    }
}
