//! A note about work to be done names the issue that will do it.

use crate::tree::has_ending;
use crate::{Finding, Tree};

/// The marks; put together here so that this file does not find itself.
const MARKS: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("HA", "CK"),
];

/// Files with comments in which it is looked for; prose may speak of the marks.
const ENDINGS: &[&str] = &["rs", "lua", "sh", "toml", "ts", "py", "yml", "yaml"];

const REMEDY: &str = "do it now, or open an issue and write its number behind the mark: (#12)";

/// Marks without an issue number.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.texts() {
        let is_code = ENDINGS.iter().any(|ending| has_ending(path, ending)) || path == "Makefile";
        if !is_code {
            continue;
        }
        for (index, line) in text.lines().enumerate() {
            if let Some(mark) = MARKS.iter().find(|mark| has_open_mark(line, mark)) {
                let problem = format!("{mark} without an issue");
                findings.push(Finding::at(path, index + 1, problem, REMEDY));
            }
        }
    }
    findings
}

/// Whether the mark stands in the line as a word that no `(#12)` follows.
fn has_open_mark(line: &str, mark: &str) -> bool {
    line.match_indices(mark).any(|(start, _)| {
        let is_part = |character: char| character.is_alphanumeric() || character == '_';
        let after = &line[start + mark.len()..];
        let is_word = !line[..start].ends_with(is_part) && !after.starts_with(is_part);
        let issue = after
            .strip_prefix("(#")
            .and_then(|rest| rest.split(')').next());
        let names_issue = issue.is_some_and(|number| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        });
        is_word && !names_issue
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::sample;

    #[test]
    fn a_mark_without_an_issue_is_found_in_code_and_allowed_in_prose() {
        let mark = MARKS[0];
        let bare = format!("// {mark}: later\n");
        assert_eq!(check(&sample(&[("a/src/a.rs", &bare)])).len(), 1);
        assert_eq!(
            check(&sample(&[("a/a.lua", &format!("-- {mark}(later)\n"))])).len(),
            1
        );
        assert_eq!(
            check(&sample(&[(
                "a/src/a.rs",
                &format!("// {mark}(#12): later\n")
            )])),
            []
        );
        assert_eq!(
            check(&sample(&[(
                "a/src/a.rs",
                &format!("const {mark}S: u8 = 1;\n")
            )])),
            []
        );
        assert_eq!(check(&sample(&[("CONTRIBUTING.md", &bare)])), []);
    }
}
