//! A commit message while it is edited: subject, body, trailers, and the program's own lines.
//!
//! Not the comment character: it is `#` unless somebody changed it. Called by `markup.rs`.

use super::inline;
use crate::lines::lines_to_caret;
use crate::zone::Zone;

/// What `git commit --verbose` writes above the diff, after the comment character.
const SCISSORS: &str = "------------------------ >8 ------------------------";

/// Reads the zone at `caret`.
pub(super) fn read(text: &str, caret: usize) -> Zone {
    let (above, current) = lines_to_caret(text, caret);
    let cut = |line: &str| line.starts_with('#') && line.contains(SCISSORS);
    if current.text.starts_with('#') || above.iter().any(|line| cut(line.text)) {
        return Zone::Comment;
    }
    let before = current.before(caret);
    if inline::is_in_code_span(before, b'`') {
        return Zone::InlineCode;
    }
    let has_subject = above
        .iter()
        .any(|line| !line.is_blank() && !line.text.starts_with('#'));
    if !has_subject {
        return Zone::Heading;
    }
    if is_trailer(current.text) {
        return Zone::Command;
    }
    let content = current.text.trim_start();
    if content.starts_with("- ") || content.starts_with("* ") {
        return Zone::ListItem;
    }
    Zone::Prose
}

/// `Signed-off-by: …`: a name of two words or more joined by hyphens.
fn is_trailer(line: &str) -> bool {
    let Some((name, _)) = line.split_once(':') else {
        return false;
    };
    let word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    name.contains('-') && name.split('-').all(word)
}
