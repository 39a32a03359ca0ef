//! What a line of reStructuredText is by its shape alone.

/// The sign of a line that is nothing but one punctuation sign, three times or more.
pub(super) fn adornment(line: &str) -> Option<u8> {
    let text = line.trim_end();
    let first = *text.as_bytes().first()?;
    (text.len() >= 3 && first.is_ascii_punctuation() && text.bytes().all(|byte| byte == first))
        .then_some(first)
}

pub(super) fn is_rule(text: &str) -> bool {
    text.len() >= 4 && adornment(text).is_some()
}

pub(super) fn is_grid(text: &str) -> bool {
    text.starts_with("+-") && text.ends_with('+') && text.bytes().all(|byte| b"+-=".contains(&byte))
}

/// `====  ====`.
pub(super) fn is_simple_table(text: &str) -> bool {
    text.starts_with("==")
        && text.contains("= ")
        && text.bytes().all(|byte| byte == b'=' || byte == b' ')
}

/// `:Author: text`.
pub(super) fn is_field(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(':') else {
        return false;
    };
    let Some(close) = rest.find(':') else {
        return false;
    };
    let is_role = rest[close + 1..].starts_with('`');
    close > 0
        && !rest[..close].contains(['`', '\n'])
        && !is_role
        && (rest.len() == close + 1 || rest[close + 1..].starts_with(' '))
}

/// The bytes of an item's marker and the blank after it.
pub(super) fn item_marker(text: &str) -> Option<usize> {
    for bullet in ["- ", "* ", "+ ", "• ", "#. "] {
        if text.starts_with(bullet) {
            return Some(bullet.len());
        }
    }
    let opening = usize::from(text.starts_with('('));
    let number = text[opening..]
        .bytes()
        .take_while(u8::is_ascii_alphanumeric)
        .count();
    let rest = &text[opening + number..];
    let is_number = text[opening..opening + number]
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        && number <= 3
        || number == 1;
    let closes = rest.starts_with(") ") || opening == 0 && rest.starts_with(". ");
    (number > 0 && is_number && closes).then_some(opening + number + 2)
}

pub(super) fn indent_bytes(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

/// In columns, with tabs of eight as docutils has them.
pub(super) fn indent(line: &str) -> usize {
    let mut columns = 0;
    for byte in line.bytes() {
        match byte {
            b' ' => columns += 1,
            b'\t' => columns += 8 - columns % 8,
            _ => break,
        }
    }
    columns
}
