//! Every Rust file opens with `//!`: what it is, what it is not, who calls it.

use crate::{Finding, Tree};

/// Shorter than this it says nothing that the file's name does not.
const HEADER_CHARS_MIN: usize = 20;

const REMEDY: &str = "open it with `//!` sentences: what it is, what it is not, who calls it";

/// Files without a header, or with an empty one.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let (files, mut findings) = tree.parse();
    for file in &files {
        let lines = file.text.lines().map_while(|line| line.strip_prefix("//!"));
        let header: Vec<&str> = lines.map(str::trim).collect();
        let length_chars = header.join(" ").chars().count();
        if header.is_empty() {
            findings.push(Finding::at(&file.path, 1, "the file has no header", REMEDY));
        } else if length_chars < HEADER_CHARS_MIN {
            findings.push(Finding::at(
                &file.path,
                1,
                "the header says nothing",
                REMEDY,
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::sample;

    #[test]
    fn a_file_without_header_or_with_an_empty_one_is_found() {
        let tree = sample(&[
            ("a/src/none.rs", "fn a() {}\n"),
            (
                "a/src/late.rs",
                "use b::c;\n//! A header that comes too late.\n",
            ),
            ("a/src/empty.rs", "//! Types.\n"),
            (
                "a/src/good.rs",
                "//! The reader of frames; the socket calls it.\n",
            ),
        ]);
        let places: Vec<String> = check(&tree)
            .into_iter()
            .map(|finding| finding.place)
            .collect();
        assert_eq!(places.len(), 3, "{places:?}");
        assert!(
            places.iter().all(|place| !place.contains("good")),
            "{places:?}"
        );
    }
}
