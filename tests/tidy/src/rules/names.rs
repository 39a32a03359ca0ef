//! No file or folder is called after nothing in particular: whatever has no place of its own would
//! end up in it.

use crate::{Finding, Tree};

const VAGUE: &[&str] = &[
    "util", "utils", "common", "helper", "helpers", "manager", "misc", "stuff",
];

const REMEDY: &str = "name it after what it does, or move its parts to where they are used";

/// Files and folders with a vague name.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files() {
        let vague = file.path.split('/').find(|part| {
            let stem = part.split('.').next().unwrap_or(part);
            stem.split(['_', '-']).any(|word| VAGUE.contains(&word))
        });
        if let Some(part) = vague {
            findings.push(Finding::new(
                &file.path,
                format!("`{part}` says nothing"),
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
    fn a_vague_file_or_folder_is_found() {
        for path in [
            "a/src/utils.rs",
            "a/src/common/mod.rs",
            "a/src/string_helpers.rs",
            "a/lua/manager.lua",
        ] {
            assert_eq!(check(&sample(&[(path, "")])).len(), 1, "{path}");
        }
        assert_eq!(
            check(&sample(&[
                ("a/src/commonmark.rs", ""),
                ("a/src/utilization.rs", "")
            ])),
            []
        );
    }
}
