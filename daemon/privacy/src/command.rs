//! Passwords in commands as people write them down: `mysql -uroot -p…`, `curl -u ann:…`.

use std::ops::Range;

use crate::label::Label;
use crate::secret;
use crate::text::Text;

/// How far behind the command's name its password may stand.
const COMMAND_BYTES_MAX: usize = 96;
const PASSWORD_BYTES_MIN: usize = 4;
const PASSWORD_BYTES_MAX: usize = 64;

/// `-pPASSWORD`: the client of MySQL wants no space there.
pub(crate) fn mysql(text: Text<'_>, label: Label) -> Option<Range<usize>> {
    let command = text.after(label.start, COMMAND_BYTES_MAX);
    let flag = command.find(" -p")?;
    value(text, label.start + flag + " -p".len())
}

/// The user and the password behind the flag.
pub(crate) fn user(text: Text<'_>, label: Label) -> Option<Range<usize>> {
    let found = value(text, label.value)?;
    let (user, password) = text.slice(found.clone()).split_once(':')?;
    let is_one =
        !user.is_empty() && password.len() >= PASSWORD_BYTES_MIN && !secret::stands_in(password);
    is_one.then_some(found)
}

/// The password behind the flag.
pub(crate) fn password(text: Text<'_>, label: Label) -> Option<Range<usize>> {
    value(text, label.value)
}

fn value(text: Text<'_>, at: usize) -> Option<Range<usize>> {
    let at = at + usize::from(matches!(text.byte(at), b'\'' | b'"'));
    let found = secret::token(text, at, PASSWORD_BYTES_MAX)?;
    let value = text.slice(found.clone());
    let is_one = (PASSWORD_BYTES_MIN..=PASSWORD_BYTES_MAX).contains(&value.len())
        && !value.starts_with('-')
        && !secret::stands_in(value);
    is_one.then_some(found)
}
