//! Private keys in armour, over all their lines: PEM (RFC 7468), OpenSSH, OpenPGP, PuTTY.
//!
//! The only matcher that crosses lines. A block that lost its end is taken as far as its lines look
//! like one. Public keys and certificates are made to be shown, and stay.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::find::Finding;
use crate::kind::Kind;
use crate::text::Text;

/// How far a block goes at most: the largest keys in use have 16 KiB.
const BLOCK_BYTES_MAX: usize = 64 << 10;
/// The longest name in the first line: `ENCRYPTED PRIVATE KEY` and the like.
const NAME_BYTES_MAX: usize = 48;
/// The longest line in a block without an end. Armour has 64 to 76;
/// without breaks it may be all of the key.
const LINE_BYTES_MAX: usize = 4 << 10;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const PUTTY: &str = "PuTTY-User-Key-File-";
const PUTTY_END: &str = "Private-MAC:";

static ARMOUR: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::new([BEGIN, PUTTY]).ok());

/// Finds every block.
pub(crate) fn find(text: Text<'_>, found: &mut Vec<Finding>) {
    let Some(armour) = ARMOUR.as_ref() else {
        return;
    };
    let mut covered = 0;
    // Up to where no check sum of PuTTY's was found: many beginnings must not look many times.
    let mut looked_to = 0;
    for hit in armour.find_iter(text.bytes()) {
        if hit.start() < covered {
            continue;
        }
        let end = if hit.pattern().as_usize() == 0 {
            pem_end(text, hit.end())
        } else if hit.end() < looked_to {
            Some(hit.end())
        } else {
            let end = putty_end(text, hit.end());
            if end.is_none() {
                looked_to = hit.end().saturating_add(BLOCK_BYTES_MAX - PUTTY_END.len());
            }
            Some(end.unwrap_or(hit.end()))
        };
        if let Some(end) = end {
            found.push(Finding::new(Kind::PrivateKey, hit.start()..end));
            covered = end;
        }
    }
}

fn pem_end(text: Text<'_>, name_start: usize) -> Option<usize> {
    let name_end = text.run_end(name_start, NAME_BYTES_MAX, |byte| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' '
    });
    let name = text.slice(name_start..name_end);
    if !name.contains("PRIVATE KEY") || !text.starts_with(name_end, "-----") {
        return None;
    }
    let body = name_end + 5;
    // Look only as far as lines look like a block's: a missing end must not swallow the document.
    let looks_to = armoured_end(text, body);
    let window = &text.bytes()[body..looks_to];
    let end = window
        .windows(END.len())
        .position(|part| part == END.as_bytes());
    let Some(end) = end.map(|end| body + end) else {
        return Some(looks_to);
    };
    let after_name = text.run_end(end + END.len(), NAME_BYTES_MAX, |byte| {
        byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' '
    });
    Some(text.run_end(after_name, 5, |byte| byte == b'-'))
}

/// Where lines stop looking like armour, from the end of the first line on. Escaped line breaks
/// (`\n`, as JSON and environment files have them) and quote marks belong to it.
fn armoured_end(text: Text<'_>, body: usize) -> usize {
    let limit = body.saturating_add(BLOCK_BYTES_MAX).min(text.bytes().len());
    let mut end = body;
    let mut at = body;
    while at < limit {
        let is_of_it = |byte: u8| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\t');
        let line_end = text.run_end(at, LINE_BYTES_MAX.min(limit - at), is_of_it);
        let line = text.slice(at..line_end).trim_matches(|c: char| {
            matches!(c, ' ' | '\t' | '>' | '|' | '*' | '#' | '/' | '"' | '\'')
        });
        let is_armour =
            line.is_empty() || is_header(line) || line.starts_with("-----END ") || is_base64(line);
        if !is_armour {
            // The first line goes on behind the dashes where the breaks were lost.
            return if at == body {
                end.max(at + base64_len(text.slice(at..line_end)))
            } else {
                end
            };
        }
        if !line.is_empty() {
            end = line_end;
        }
        if line.contains(END) {
            return line_end;
        }
        at = match text.byte(line_end) {
            b'\r' if text.byte(line_end + 1) == b'\n' => line_end + 2,
            b'\r' | b'\n' => line_end + 1,
            _ => return end,
        };
    }
    end
}

/// `Proc-Type: 4,ENCRYPTED`, `Comment: …`.
fn is_header(line: &str) -> bool {
    ["Proc-Type:", "DEK-Info:", "Comment:", "Version:", "Hash:"]
        .iter()
        .any(|name| line.starts_with(name))
}

/// A line of Base64 (or of the end behind it), without spaces unless all breaks became spaces.
fn is_base64(line: &str) -> bool {
    let body = line.find("-----END ").map_or(line, |end| &line[..end]);
    let has_words = body
        .split(' ')
        .filter(|part| !part.is_empty())
        .any(|part| part.len() < 24 && !part.ends_with('='));
    let is_whole = !body.contains(' ') || !has_words || line.len() > body.len();
    is_whole && body.bytes().all(is_base64_byte)
}

fn is_base64_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'\\' | b' ')
}

/// The bytes of Base64 that a line begins with, if they are too many for a word.
fn base64_len(line: &str) -> usize {
    let len = line
        .bytes()
        .take_while(|&byte| is_base64_byte(byte) && byte != b' ')
        .count();
    if len >= 24 { len } else { 0 }
}

/// The end of a PuTTY key's check sum, if one follows.
fn putty_end(text: Text<'_>, at: usize) -> Option<usize> {
    let limit = at.saturating_add(BLOCK_BYTES_MAX).min(text.bytes().len());
    let window = &text.bytes()[at..limit];
    let mac = window
        .windows(PUTTY_END.len())
        .position(|part| part == PUTTY_END.as_bytes())?;
    let value = text.run_end(at + mac + PUTTY_END.len(), 4, |byte| byte == b' ');
    Some(text.run_end(value, 128, |byte| {
        byte.is_ascii_hexdigit() || byte == b'-' || byte == b':'
    }))
}

#[cfg(test)]
mod tests {
    use crate::redact::redact;

    const BODY: &str = "MIIEowIBAAKCAQEAu1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gun\nVTLw7onLRnrq0/IzW7yWR7QkrmBL7jTKEn5u+qKhbwKfBstIs+bMY2Zkp18gnTxK\n";

    #[test]
    fn a_block_goes_with_all_its_lines_and_the_prose_around_stays() {
        for name in [
            "RSA PRIVATE KEY",
            "OPENSSH PRIVATE KEY",
            "ENCRYPTED PRIVATE KEY",
            "PGP PRIVATE KEY BLOCK",
        ] {
            let text = format!(
                "Mine:\n-----BEGIN {name}-----\n{BODY}-----END {name}-----\nand words. 之后的话。"
            );
            assert_eq!(
                redact(&text).text,
                "Mine:\n[SECRET]\nand words. 之后的话。",
                "{name}"
            );
            let crlf = text.replace('\n', "\r\n");
            assert_eq!(
                redact(&crlf).text,
                "Mine:\r\n[SECRET]\r\nand words. 之后的话。",
                "{name}"
            );
        }
    }

    #[test]
    fn a_block_without_its_end_goes_as_far_as_it_looks_like_one() {
        let text =
            format!("-----BEGIN PRIVATE KEY-----\n{BODY}\nThis is a sentence of prose again.");
        assert_eq!(
            redact(&text).text,
            "[SECRET]\n\nThis is a sentence of prose again."
        );
        assert_eq!(
            redact("-----BEGIN PRIVATE KEY----- is how it begins.").text,
            "[SECRET] is how it begins."
        );
    }

    #[test]
    fn a_block_on_one_line_goes_too() {
        let escaped = BODY.replace('\n', "\\n");
        let text = format!(
            "key = \"-----BEGIN PRIVATE KEY-----\\n{escaped}-----END PRIVATE KEY-----\\n\" # end"
        );
        assert!(
            !redact(&text).text.contains("MIIE"),
            "{}",
            redact(&text).text
        );
        let spaced = BODY.replace('\n', " ");
        let text =
            format!("-----BEGIN PRIVATE KEY----- {spaced}-----END PRIVATE KEY----- and more");
        assert_eq!(redact(&text).text, "[SECRET] and more");
    }

    #[test]
    fn public_keys_and_certificates_stay() {
        for name in ["PUBLIC KEY", "CERTIFICATE", "PGP PUBLIC KEY BLOCK"] {
            let text = format!("-----BEGIN {name}-----\n{BODY}-----END {name}-----\n");
            assert_eq!(redact(&text).text, text);
        }
    }

    #[test]
    fn a_putty_key_goes_up_to_its_check_sum() {
        let text = format!(
            "PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nPrivate-Lines: 2\n{BODY}Private-MAC: 0a1b2c3d4e\nend"
        );
        assert_eq!(redact(&text).text, "[SECRET]\nend");
    }
}
