//! Repairs JSON in which an editor left half of a surrogate pair.
//!
//! An editor that holds UTF-16 may send a character's halves in two edits, each a lone `\ud83d`
//! escape. No UTF-8 string can hold that, and a parser refuses the message, hence the edit. Half a
//! character becomes U+FFFD, which is also one UTF-16 unit, so that every later position still
//! means the same place. Called by `pump`.

const ESCAPE_BYTES: usize = 6;
const REPLACEMENT_ESCAPE: &[u8; ESCAPE_BYTES] = b"\\ufffd";

/// Replaces each unpaired surrogate escape by `\ufffd`, in place: both take six bytes. Says how
/// many there were.
pub(crate) fn repair_lone_surrogates(json: &mut [u8]) -> usize {
    let mut repaired = 0;
    let mut at = 0;
    while at < json.len() {
        if json[at] != b'\\' {
            at += 1;
            continue;
        }
        let Some(unit) = escaped_unit(&json[at..]) else {
            // A two-byte escape such as `\\` or `\n`: its second byte opens nothing.
            at += 2;
            continue;
        };
        let paired = is_high(unit)
            && json
                .get(at + ESCAPE_BYTES..)
                .and_then(escaped_unit)
                .is_some_and(is_low);
        if paired {
            at += 2 * ESCAPE_BYTES;
            continue;
        }
        if is_high(unit) || is_low(unit) {
            json[at..at + ESCAPE_BYTES].copy_from_slice(REPLACEMENT_ESCAPE);
            repaired += 1;
        }
        at += ESCAPE_BYTES;
    }
    repaired
}

/// The unit that a `\uXXXX` at the start of `bytes` stands for.
fn escaped_unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.get(..ESCAPE_BYTES)?.strip_prefix(b"\\u")?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let digits = std::str::from_utf8(digits).ok()?;
    u16::from_str_radix(digits, 16).ok()
}

fn is_high(unit: u16) -> bool {
    (0xD800..0xDC00).contains(&unit)
}

fn is_low(unit: u16) -> bool {
    (0xDC00..0xE000).contains(&unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(json: &str, expected: &str, count: usize) {
        let mut bytes = json.as_bytes().to_vec();
        assert_eq!(repair_lone_surrogates(&mut bytes), count, "{json}");
        let text: String = serde_json::from_slice(&bytes).expect("repaired JSON parses");
        assert_eq!(text, expected, "{json}");
    }

    #[test]
    fn a_lone_half_becomes_one_replacement_character() {
        check(r#""a\ud83db""#, "a\u{fffd}b", 1);
        check(r#""\ude00""#, "\u{fffd}", 1);
        check(r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀", 1);
        check(r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}", 2);
    }

    #[test]
    fn a_whole_pair_stays() {
        check(r#""砚\ud83d\ude00\u00e9""#, "砚😀é", 0);
    }

    #[test]
    fn an_escaped_backslash_opens_no_escape() {
        check(r#""\\ud83d""#, "\\ud83d", 0);
        check(r#""\\\ud83d""#, "\\\u{fffd}", 1);
    }

    proptest! {
        #[test]
        fn well_formed_json_is_left_alone(text in any::<String>()) {
            let json = serde_json::to_vec(&text).expect("a string serializes");
            let mut repaired = json.clone();
            prop_assert_eq!(repair_lone_surrogates(&mut repaired), 0);
            prop_assert_eq!(repaired, json);
        }

        #[test]
        fn utf16_length_is_kept(units in proptest::collection::vec(any::<u16>(), 0..50)) {
            let mut json = vec![b'"'];
            for unit in &units {
                json.extend(format!("\\u{unit:04x}").into_bytes());
            }
            json.push(b'"');
            repair_lone_surrogates(&mut json);
            let text: String = serde_json::from_slice(&json).expect("repaired JSON parses");
            prop_assert_eq!(text.encode_utf16().count(), units.len());
        }
    }
}
