//! The order in which a walk comes upon files, and the only form of path that it uses.
//!
//! A folder's entries come sorted by the bytes of their names, and what a folder holds comes where
//! the folder stands. That is the order of the paths with `/` before every other character, not the
//! order of the paths as text: `a/z` stands before `a-b`. The database lists what it knows in the
//! same order (`ORDER BY replace(path, '/', char(1))`), so that a rescan holds neither list.

use std::cmp::Ordering;
use std::path::{Component, Path};

/// A path in a workspace as text, with `/`; none when it is not text or has control characters,
/// which would break the order and every report. Empty for the workspace itself.
pub fn relative(root: &Path, path: &Path) -> Option<String> {
    let relative = path.strip_prefix(root).ok()?;
    let mut text = String::with_capacity(relative.as_os_str().len());
    for component in relative.components() {
        let Component::Normal(name) = component else {
            return None;
        };
        let name = name.to_str()?;
        if name.chars().any(char::is_control) {
            return None;
        }
        if !text.is_empty() {
            text.push('/');
        }
        text.push_str(name);
    }
    Some(text)
}

/// Which of two paths a walk comes upon first.
pub fn compare(a: &str, b: &str) -> Ordering {
    let folded = |byte: u8| if byte == b'/' { 1 } else { byte };
    a.bytes().map(folded).cmp(b.bytes().map(folded))
}

/// Whether a path is this one or lies below it. Everything lies below the empty path.
pub fn is_within(path: &str, folder: &str) -> bool {
    folder.is_empty()
        || path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_folder_holds_comes_where_the_folder_stands() {
        let in_order = ["a", "a/b", "a/z/章", "a-b", "a.md", "ab", "章/一", "章.md"];
        for pair in in_order.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
    }

    #[test]
    fn only_what_lies_below_is_within() {
        assert!(is_within("a/b", "a"));
        assert!(is_within("a", "a"));
        assert!(is_within("a", ""));
        assert!(!is_within("ab", "a"));
        assert!(!is_within("a", "a/b"));
    }

    #[test]
    fn a_path_with_control_characters_or_outside_is_none() {
        let root = Path::new("/w");
        assert_eq!(
            relative(root, Path::new("/w/a/二.md")).as_deref(),
            Some("a/二.md")
        );
        assert_eq!(relative(root, root).as_deref(), Some(""));
        assert_eq!(relative(root, Path::new("/w/a\nb")), None);
        assert_eq!(relative(root, Path::new("/x")), None);
    }
}
