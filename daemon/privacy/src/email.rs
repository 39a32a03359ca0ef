//! E-mail addresses, plain or hidden behind `(at)`.
//!
//! Addresses at example.org and the like are replaced too: nobody owns them, but a model that has
//! seen them would write them. `git@host:path` is how a repository is named and no one's mailbox.

use std::ops::Range;

use crate::find::Finding;
use crate::kind::Kind;
use crate::text::Text;

/// RFC 5321: the part before the sign, and the one behind it.
const LOCAL_BYTES_MAX: usize = 64;
const DOMAIN_BYTES_MAX: usize = 255;

/// Last parts of file names, which `icon@2x.png` has in the place of a domain's.
const FILE_ENDINGS: [&str; 14] = [
    "png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "ts", "mjs", "json", "html", "md",
    "rs",
];

fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-')
}

fn is_domain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')
}

/// The address around an `@`.
pub(crate) fn find(text: Text<'_>, at: usize) -> Option<Finding> {
    around(text, at..at + 1)
}

fn around(text: Text<'_>, sign: Range<usize>) -> Option<Finding> {
    let start = text.run_start(sign.start, LOCAL_BYTES_MAX, is_local);
    let local = text.slice(start..sign.start);
    let start = start + (local.len() - local.trim_start_matches(['.', '-', '%']).len());
    let start = before_apostrophe(text, start);
    let end = text.run_end(sign.end, DOMAIN_BYTES_MAX, is_domain);
    let domain = text.slice(sign.end..end).trim_end_matches(['.', '-']);
    let end = sign.end + domain.len();
    let is_repository =
        text.slice(start..sign.start) == "git" && matches!(text.byte(end), b':' | b'/');
    (start < sign.start && is_host(domain) && !is_repository && !is_user_of_url(text, start))
        .then(|| Finding::new(Kind::Email, start..end))
}

/// `o'neil@…`: the letters before an apostrophe belong to the name.
fn before_apostrophe(text: Text<'_>, start: usize) -> usize {
    let Some(mark) = start.checked_sub(1).filter(|at| text.byte(*at) == b'\'') else {
        return start;
    };
    let head = text.run_start(mark, LOCAL_BYTES_MAX, |byte| byte.is_ascii_alphabetic());
    let is_name = mark - head == 1 && !text.byte_before(head).is_ascii_alphanumeric();
    if is_name { head } else { start }
}

/// Whether what ends in `@` is the user or password of an address, which `url` judges: `ssh://ann@host`.
fn is_user_of_url(text: Text<'_>, start: usize) -> bool {
    let is_of_it = |byte: u8| byte.is_ascii_graphic() && byte != b'/';
    let host = text.run_start(start, LOCAL_BYTES_MAX, is_of_it);
    text.slice(host.saturating_sub(3)..host) == "://"
}

/// Labels between dots, the last of letters.
fn is_host(domain: &str) -> bool {
    let Some((_, last)) = domain.rsplit_once('.') else {
        return false;
    };
    let has_labels = domain
        .split('.')
        .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
    let is_ending = last.len() >= 2 && last.bytes().all(|byte| byte.is_ascii_alphabetic());
    has_labels && is_ending && !FILE_ENDINGS.contains(&last.to_ascii_lowercase().as_str())
}

/// `ann (at) example.org`, `ann [at] example [dot] org`, `ann＠example.org`.
pub(crate) fn hidden(text: Text<'_>, sign: Range<usize>) -> Option<Finding> {
    let before = text.before(sign.start, LOCAL_BYTES_MAX + 1);
    let local_end = sign.start - (before.len() - before.trim_end_matches(' ').len());
    let after = text.after(sign.end, DOMAIN_BYTES_MAX);
    let domain_start = sign.end + (after.len() - after.trim_start_matches(' ').len());
    if let Some(found) = around(text, local_end..domain_start) {
        return Some(found);
    }
    spelled_around(text, local_end..domain_start)
}

/// `ann.lee at example dot com`, where the name could be nothing else or mail is spoken of.
pub(crate) fn spelled(text: Text<'_>, sign: Range<usize>) -> Option<Finding> {
    const MAIL: [&str; 6] = ["mail", "write", "reach", "contact", "邮", "信箱"];
    let found = spelled_around(text, sign.clone())?;
    let local = text.slice(found.range.start..sign.start);
    let before = text.before(found.range.start, 32).to_ascii_lowercase();
    let is_one = local.bytes().any(|byte| !byte.is_ascii_alphabetic())
        || MAIL.iter().any(|word| before.contains(word));
    is_one.then_some(found)
}

/// `12345#qq.com`: the sign is another, to mislead who collects addresses.
pub(crate) fn hashed(text: Text<'_>, host: Range<usize>) -> Option<Finding> {
    let found = around(text, host.start..host.start + 1)?;
    (found.range.end == host.end).then_some(found)
}

/// An address whose dot is spelled out, around the sign.
fn spelled_around(text: Text<'_>, sign: Range<usize>) -> Option<Finding> {
    const DOTS: [&str; 5] = [" [dot] ", "[dot]", " (dot) ", "(dot)", " dot "];
    let Range {
        start: local_end,
        end: domain_start,
    } = sign;
    let name_end = text.run_end(domain_start, DOMAIN_BYTES_MAX, |byte| {
        byte.is_ascii_alphanumeric() || byte == b'-'
    });
    let rest = text.after(name_end, 24);
    let dot = DOTS
        .into_iter()
        .find(|dot| rest.to_ascii_lowercase().starts_with(dot))?;
    let last = name_end + dot.len();
    let end = text.run_end(last, 24, |byte| byte.is_ascii_alphabetic());
    let start = text.run_start(local_end, LOCAL_BYTES_MAX, is_local);
    let is_one = start < local_end && name_end > domain_start && end - last >= 2;
    is_one.then(|| Finding::new(Kind::Email, start..end))
}
