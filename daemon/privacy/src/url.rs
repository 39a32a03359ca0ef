//! Credentials in addresses: `postgres://user:password@host`, `https://token@host`.

use std::ops::Range;

use crate::find::Finding;
use crate::kind::Kind;
use crate::text::Text;

/// User and password together.
const CREDENTIALS_BYTES_MAX: usize = 256;
/// A name without a password is one when it is as long as a token.
const TOKEN_BYTES_MIN: usize = 20;

/// The credentials from behind `://` up to the `@`.
pub(crate) fn credentials(text: Text<'_>, start: usize) -> Option<Finding> {
    let is_of_it = |byte: u8| {
        byte.is_ascii_graphic()
            && !matches!(
                byte,
                b'/' | b'"' | b'\'' | b'<' | b'>' | b'`' | b'\\' | b'[' | b']' | b'?' | b'#'
            )
    };
    let end = text.run_end(start, CREDENTIALS_BYTES_MAX, is_of_it);
    // A password may hold an `@`; the last one parts it from the host.
    let at = start + text.slice(start..end).rfind('@')?;
    let range: Range<usize> = start..at;
    let inside = text.slice(range.clone());
    let is_one = match inside.split_once(':') {
        Some((_, password)) => !password.is_empty() && !is_variable(password),
        None => inside.len() >= TOKEN_BYTES_MIN && inside.bytes().any(|byte| byte.is_ascii_digit()),
    };
    is_one.then(|| Finding::new(Kind::UrlCredentials, range))
}

/// `${PASSWORD}`, `{password}`, `%s`, `****`, `YOUR_PASSWORD`: what stands for a password.
fn is_variable(password: &str) -> bool {
    password.starts_with(['$', '{', '%'])
        || password
            .bytes()
            .all(|byte| matches!(byte, b'*' | b'x' | b'X' | b'.'))
        || matches!(password, "password" | "pass" | "PASSWORD" | "pwd")
        || password.contains('_')
            && password
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}
