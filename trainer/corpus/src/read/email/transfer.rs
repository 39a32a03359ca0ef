//! How a body was made fit for transfer: quoted-printable and base64 (RFC 2045, 6), undone.
//!
//! Broken encodings are read as far as they make sense, since mail is cut and wrapped on its way.

/// Undoes quoted-printable.
pub(super) fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let content = line.trim_ascii_end();
        let has_end = line.ends_with(b"\n");
        let mut rest = content;
        let mut is_soft = false;
        while let Some((&byte, tail)) = rest.split_first() {
            if byte != b'=' {
                out.push(byte);
                rest = tail;
            } else if tail.is_empty() {
                is_soft = true;
                rest = tail;
            } else if let (Some(high), Some(low)) = (hex(tail.first()), hex(tail.get(1))) {
                out.push(high << 4 | low);
                rest = &tail[2..];
            } else {
                out.push(byte);
                rest = tail;
            }
        }
        if has_end && !is_soft {
            out.push(b'\n');
        } else if !has_end && !is_soft {
            // Spaces at the end of the text are its own when no line end follows.
            out.extend_from_slice(&line[content.len()..]);
        }
    }
    out
}

fn hex(byte: Option<&u8>) -> Option<u8> {
    let digit = char::from(*byte?).to_digit(16)?;
    u8::try_from(digit).ok()
}

/// Undoes base64; what is none of its characters is passed over, as RFC 2045 asks.
pub(super) fn base64(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0_u32, 0_u32);
    for byte in bytes {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => continue,
        };
        bits = (bits << 6 | u32::from(value)) & 0x00FF_FFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            let [.., byte] = (bits >> count).to_be_bytes();
            out.push(byte);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_printable_joins_soft_breaks_and_keeps_what_is_broken() {
        for (encoded, expected) in [
            ("caf=C3=A9", "café"),
            ("one =\r\nline\r\ntwo", "one line\ntwo"),
            ("trailing   \r\nx", "trailing\nx"),
            ("2 =3 =ZZ =", "2 =3 =ZZ "),
            ("=E9=9B=A8=\n=E5=A4=A9", "雨天"),
        ] {
            let decoded = quoted_printable(encoded.as_bytes());
            assert_eq!(String::from_utf8(decoded).unwrap(), expected, "{encoded}");
        }
    }

    #[test]
    fn base64_passes_over_line_ends_and_a_missing_pad() {
        assert_eq!(base64(b"5piO\r\n5aSp"), "明天".as_bytes());
        assert_eq!(base64(b"cmFpbg=="), b"rain");
        assert_eq!(base64(b"cmFpbg"), b"rain");
        assert_eq!(base64(b"!"), b"");
    }
}
