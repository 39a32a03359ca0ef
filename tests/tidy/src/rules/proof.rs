//! Outside tests `unwrap` and `expect` stand only under a `// proof:` that says why they hold.

use crate::tokens;
use crate::{Finding, RustFile, Tree};

/// How far above a call its proof may begin: a statement of a few lines with a comment of a few.
const PROOF_LINES_ABOVE_MAX: usize = 8;

const PROOF: &str = "// proof:";

const REMEDY: &str =
    "return the error, or say above it in a `// proof:` comment why it cannot fail";

/// Calls of `unwrap` and `expect` without a proof.
pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust_files().iter().flat_map(check_file).collect()
}

fn check_file(file: &RustFile) -> Vec<Finding> {
    let lines: Vec<&str> = file.text.lines().collect();
    let tokens = tokens::flatten(&file.tokens);
    let calls = tokens.windows(3).filter(|window| {
        window[0].text == "."
            && ["unwrap", "expect"].contains(&&*window[1].text)
            && window[2].text == "("
    });
    calls
        .map(|window| (&window[1].text, window[1].line))
        .filter(|(_, line)| !file.is_test_line(*line) && !is_proved(&lines, *line))
        .map(|(name, line)| {
            Finding::at(
                &file.path,
                line,
                format!("`{name}` without a proof"),
                REMEDY,
            )
        })
        .collect()
}

/// Whether a proof stands on the line, or above it with no empty line between.
fn is_proved(lines: &[&str], line: usize) -> bool {
    let above = lines[..line.min(lines.len())].iter().rev();
    let mut near = above
        .take(PROOF_LINES_ABOVE_MAX)
        .take_while(|text| !text.trim().is_empty());
    near.any(|text| text.contains(PROOF))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::sample;

    fn count(path: &str, text: &str) -> usize {
        check(&sample(&[(path, text)])).len()
    }

    #[test]
    fn a_call_without_a_proof_is_found_also_in_a_macro() {
        assert_eq!(count("a/src/a.rs", "fn a() { b().unwrap(); }"), 1);
        assert_eq!(count("a/src/a.rs", "fn a() { b().expect(\"b\"); }"), 1);
        assert_eq!(count("a/src/a.rs", "fn a() { assert!(b().unwrap()); }"), 1);
        let elsewhere = "// proof: of something else\n\nfn a() { b().unwrap(); }";
        assert_eq!(count("a/src/a.rs", elsewhere), 1);
    }

    #[test]
    fn a_call_with_a_proof_or_in_a_test_is_not() {
        let proved =
            "fn a() {\n    // proof: b is constant\n    let c = b()\n        .unwrap();\n}";
        assert_eq!(count("a/src/a.rs", proved), 0);
        assert_eq!(count("a/tests/a.rs", "fn a() { b().unwrap(); }"), 0);
        assert_eq!(
            count("a/src/a.rs", "#[cfg(test)]\nfn a() { b().unwrap(); }"),
            0
        );
        assert_eq!(count("a/src/a.rs", "fn a() { b().unwrap_or(1); }"), 0);
    }
}
