//! What the word at the caret is when it is no word: a key, a hash, an address of a person.
//!
//! By shape alone, so only shapes that words do not have: a wrong guess silences prose. Markup's own
//! zones (code, links, addresses with a scheme) are found by `inkstone-prose`.

use inkstone_text::{last_bytes, last_line};

use crate::silent::SilentReason;

/// The longest token looked at: enough for a signed web token to be told by its beginning.
const TOKEN_BYTES_MAX: usize = 512;

/// How much of the line before a token can name it (`API key: `).
const LABEL_BYTES_MAX: usize = 64;

/// Beginnings that services give their keys, so that leaked ones are found.
const KEY_BEGINNINGS: [&str; 18] = [
    "sk-",
    "pk-",
    "rk-",
    "sk_live_",
    "sk_test_",
    "pk_live_",
    "pk_test_",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "hf_",
    "AKIA",
    "AIza",
    "eyJ",
];

/// Characters after such a beginning that make it a key.
const AFTER_BEGINNING_CHARS_MIN: usize = 8;

/// Letters and digits in one run of a key: longer than product names.
const MIXED_CHARS_MIN: usize = 16;
/// Digits in such a run at least.
const MIXED_DIGITS_MIN: usize = 3;
/// Changes between letters and digits in such a run: `abc123` has one.
const MIXED_CHANGES_MIN: usize = 3;

/// Characters of a hash that is written short, as version control does.
const HASH_CHARS_MIN: usize = 7;
/// Changes between letters and digits in it: `2024dec` has one.
const HASH_CHANGES_MIN: usize = 2;

/// Digits in a row that are an account or a card rather than a quantity.
const NUMBER_DIGITS_MIN: usize = 12;

/// What a line says before a secret.
const LABELS: [&str; 16] = [
    "api key",
    "api-key",
    "api_key",
    "apikey",
    "password",
    "passwd",
    "passphrase",
    "access token",
    "secret key",
    "private key",
    "密码",
    "口令",
    "密钥",
    "令牌",
    "私钥",
    "验证码",
];

/// Why nothing is suggested at the end of `before`, the text up to the caret, if it ends in no word.
pub(crate) fn no_word(before: &str) -> Option<SilentReason> {
    let line = last_line(before);
    let token = last_token(line);
    if is_person_address(token) {
        return Some(SilentReason::InUrl);
    }
    let is_secret = is_key(token) || is_labelled(&line[..line.len() - token.len()]);
    is_secret.then_some(SilentReason::InSecret)
}

/// The characters without a space that end at the caret, ASCII only: Chinese follows a key directly.
fn last_token(line: &str) -> &str {
    let bytes = line
        .bytes()
        .rev()
        .take(TOKEN_BYTES_MAX)
        .take_while(u8::is_ascii_graphic)
        .count();
    &line[line.len() - bytes..]
}

/// `ann@example.org`, from the first character after the sign on.
fn is_person_address(token: &str) -> bool {
    let Some((name, host)) = token.split_once('@') else {
        return false;
    };
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    let name = name.trim_start_matches(|c: char| !is_part(c));
    !name.is_empty()
        && name.chars().all(is_part)
        && host.starts_with(|c: char| c.is_ascii_alphanumeric())
        && host.chars().all(is_part)
}

fn is_key(token: &str) -> bool {
    let token = token.trim_start_matches(['"', '\'', '(', '[', '`', '=', ':', '<']);
    let is_named = KEY_BEGINNINGS.iter().any(|beginning| {
        token.strip_prefix(beginning).is_some_and(|rest| {
            rest.len() >= AFTER_BEGINNING_CHARS_MIN && rest.bytes().any(|b| b.is_ascii_digit())
        })
    });
    // The caret stands in the last part; behind a hyphen it is still the token of the one before.
    let parts = || token.split(|c: char| !c.is_ascii_alphanumeric());
    let last_parts = parts().rev().filter(|part| !part.is_empty()).take(2);
    let ends_open = token
        .ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '/' | '='));
    is_named || is_identifier(token) || ends_open && last_parts.into_iter().any(is_random)
}

/// Whether a token begins as a universally unique identifier does (RFC 9562): eight hexadecimal
/// digits and a hyphen, unless all of it could be a date.
fn is_identifier(token: &str) -> bool {
    let is_of_one = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    let has_letter = token.bytes().any(|byte| byte.is_ascii_alphabetic());
    let has_digit = token.bytes().any(|byte| byte.is_ascii_digit());
    token.find('-') == Some(8) && token.bytes().all(is_of_one) && has_letter && has_digit
}

/// Whether a run of letters and digits has the shape of chance.
fn is_random(run: &str) -> bool {
    let digits = run.bytes().filter(u8::is_ascii_digit).count();
    if digits == run.len() {
        return digits >= NUMBER_DIGITS_MIN;
    }
    let changes = run
        .as_bytes()
        .windows(2)
        .filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit())
        .count();
    let is_hex = run.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_hash = is_hex && run.len() >= HASH_CHARS_MIN && changes >= HASH_CHANGES_MIN;
    let is_mixed =
        run.len() >= MIXED_CHARS_MIN && digits >= MIXED_DIGITS_MIN && changes >= MIXED_CHANGES_MIN;
    is_hash || is_mixed
}

/// Whether a line, up to the token at its end, says that a secret follows.
fn is_labelled(line: &str) -> bool {
    let label = line.trim_end();
    let Some(label) = label.strip_suffix([':', '：', '=']) else {
        return false;
    };
    let label = last_bytes(label, LABEL_BYTES_MAX)
        .trim_end_matches([' ', '*', '`', '"'])
        .to_lowercase();
    LABELS.iter().any(|known| label.ends_with(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: &[&str], expected: Option<SilentReason>) {
        for text in texts {
            assert_eq!(no_word(text), expected, "{text}");
        }
    }

    #[test]
    fn keys_and_hashes_are_told_by_their_shape() {
        check(
            &[
                "Set it to sk-proj-9fQ2kd83",
                "令牌是ghp_16C7e42F292c6912E7",
                "(AKIA3XYZ7Q1ABCDE",
                "fixed in 9ea282c",
                "550e8400-e29b-41d4-",
                "id 550e8400-e29b-41d4-a716-4466",
                "sum d41d8cd98f00b204e9800998ecf8427e",
                "dGhpcyBpcyBhIHNlY3JldA2b9x7q",
                "card 4111111111111111",
                "eyJhbGciOiJIUzI1NiJ9",
            ],
            Some(SilentReason::InSecret),
        );
    }

    #[test]
    fn a_line_can_say_that_a_secret_follows() {
        check(
            &[
                "Password: ",
                "**API key**: ",
                "api_key = hun",
                "\"passwd\": \"",
                "他的密码：",
                "验证码: 12",
            ],
            Some(SilentReason::InSecret),
        );
    }

    #[test]
    fn addresses_of_people_are_addresses() {
        check(
            &[
                "write to ann@ex",
                "写信给ann.lee+x@example.org",
                "<ann@example",
            ],
            Some(SilentReason::InUrl),
        );
    }

    #[test]
    fn words_names_and_numbers_are_none_of_it() {
        check(
            &[
                "The harbour",
                "in the 1920s",
                "on 2024-11-25",
                "version 0.13.16",
                "x86_64",
                "H2O and CO2",
                "smollm2-135m-instruct",
                "Model-Qwen3-0.6B-Instruct-2507",
                "iPhone15ProMax",
                "20241125-draft",
                "defaced-",
                "the facade",
                "decade 2024dec",
                "3.14159265358",
                "+44 20 7946 0958",
                "self-contained",
                "sk-learn",
                "@ann said",
                "10 @ 5",
                "the password was",
                "密码学",
                "她用 gemma-3-270m-Q4_K_M",
                "今天早上",
                "internationalisation",
                "9ea282c.",
                "commit 9ea282c fixed",
                "a👨‍👩‍👧",
                "",
            ],
            None,
        );
    }
}
