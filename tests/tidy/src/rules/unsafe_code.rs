//! `unsafe` lives where the code talks to C or to the operating system, each block with a SAFETY
//! paragraph that names the invariant and its keeper.

use crate::tokens;
use crate::{Finding, RustFile, Tree};

/// Where it may stand: folders, and the one file that frees an adapter when it is dropped.
const ALLOWED: &[&str] = &[
    "daemon/engine/src/ffi/",
    "daemon/platform/",
    "daemon/engine/src/adapter.rs",
];

/// How far above a block its SAFETY comment may begin.
const SAFETY_LINES_ABOVE_MAX: usize = 12;

const PLACE_REMEDY: &str =
    "move it to daemon/engine/src/ffi or daemon/platform behind a safe function";
const SAFETY_REMEDY: &str =
    "say above it in a `// SAFETY:` comment which invariant holds and who keeps it";

/// `unsafe` elsewhere, and `unsafe` blocks without a SAFETY paragraph.
pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust_files().iter().flat_map(check_file).collect()
}

fn check_file(file: &RustFile) -> Vec<Finding> {
    let is_allowed = ALLOWED.iter().any(|place| file.path.starts_with(place));
    let lines: Vec<&str> = file.text.lines().collect();
    let tokens = tokens::flatten(&file.tokens);
    let mut findings = Vec::new();
    for window in tokens
        .windows(2)
        .filter(|window| window[0].text == "unsafe")
    {
        let line = window[0].line;
        if !is_allowed {
            findings.push(Finding::at(
                &file.path,
                line,
                "`unsafe` outside its places",
                PLACE_REMEDY,
            ));
        } else if ["{", "impl"].contains(&&*window[1].text) && !is_explained(&lines, line) {
            findings.push(Finding::at(
                &file.path,
                line,
                "`unsafe` without a reason",
                SAFETY_REMEDY,
            ));
        }
    }
    findings
}

/// Whether a SAFETY comment stands on the line, or above it with no empty line between.
fn is_explained(lines: &[&str], line: usize) -> bool {
    let above = lines[..line.min(lines.len())].iter().rev();
    let mut near = above
        .take(SAFETY_LINES_ABOVE_MAX)
        .take_while(|text| !text.trim().is_empty());
    near.any(|text| text.contains("SAFETY:"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::sample;

    fn problems(path: &str, text: &str) -> Vec<String> {
        let findings = check(&sample(&[(path, text)]));
        findings
            .into_iter()
            .map(|finding| finding.problem)
            .collect()
    }

    #[test]
    fn unsafe_outside_its_places_is_found_even_with_a_reason() {
        let text = "fn a() {\n    // SAFETY: it is fine.\n    unsafe { b() }\n}";
        assert_eq!(
            problems("daemon/server/src/a.rs", text),
            ["`unsafe` outside its places"]
        );
        assert_eq!(
            problems("daemon/engine/src/ffi/a.rs", text),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_block_without_a_reason_is_found_in_its_places_too() {
        for text in ["fn a() { unsafe { b() } }", "unsafe impl Send for A {}"] {
            assert_eq!(
                problems("daemon/platform/src/a.rs", text),
                ["`unsafe` without a reason"]
            );
        }
        assert_eq!(
            problems("daemon/platform/src/a.rs", "unsafe fn a() {}"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn the_word_in_an_attribute_or_a_comment_is_not_the_keyword() {
        let text = "#![deny(unsafe_code)]\n// unsafe\nfn a() {}";
        assert_eq!(
            problems("daemon/server/src/a.rs", text),
            Vec::<String>::new()
        );
    }
}
