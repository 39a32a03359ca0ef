//! The top level stays a table of contents: a new name there is a decision, taken here.

use std::collections::BTreeSet;

use crate::{Finding, Tree};

/// What may lie at the top.
const ALLOWED: &[&str] = &[
    ".cargo",
    ".ci",
    ".editorconfig",
    ".gitattributes",
    ".gitignore",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "Makefile",
    "README.md",
    "clippy.toml",
    "daemon",
    "deny.toml",
    "extensions",
    "lsp",
    "rustfmt.toml",
    "tests",
    "trainer",
    "typos.toml",
];

const REMEDY: &str =
    "move it into the folder of what it belongs to, or add it to the list of this rule";

/// Names at the top that are not on the list.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let names: BTreeSet<&str> = tree
        .files()
        .iter()
        .filter_map(|file| file.path.split('/').next())
        .collect();
    let strangers = names.into_iter().filter(|name| !ALLOWED.contains(name));
    strangers
        .map(|name| Finding::new(name, "is new at the top level", REMEDY))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::sample;

    #[test]
    fn a_stranger_at_the_top_is_found_once() {
        let tree = sample(&[
            ("notes/a.md", ""),
            ("notes/b.md", ""),
            ("daemon/a.rs", ""),
            ("README.md", ""),
        ]);
        let found = check(&tree);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].place, "notes");
    }
}
