//! Generated files in the tree equal what their generator gives today.
//!
//! The generators run in memory: a check that rewrote the file would pass the second time.

use crate::{Finding, Tree};

const REMEDY: &str = "run the command above and commit what it wrote";

/// A generated file and its generator.
#[derive(Debug, Clone)]
pub struct Generated {
    /// From the root, with `/`.
    pub path: &'static str,
    /// What it should hold.
    pub text: String,
    /// The command that writes it.
    pub command: &'static str,
}

/// Generated files that are missing or stale.
pub fn check(tree: &Tree, generated: &[Generated]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in generated {
        let problem = match tree.text(file.path) {
            None => format!("is missing; `{}` writes it", file.command),
            Some(text) if text != file.text => {
                format!("is stale; `{}` writes it anew", file.command)
            }
            Some(_) => continue,
        };
        findings.push(Finding::new(file.path, problem, REMEDY));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::sample;

    #[test]
    fn a_stale_and_a_missing_file_are_found_with_their_command() {
        let generated = |path| Generated {
            path,
            text: "new\n".to_owned(),
            command: "cargo run",
        };
        let tree = sample(&[("a.md", "old\n"), ("b.md", "new\n")]);
        let found = check(
            &tree,
            &[generated("a.md"), generated("b.md"), generated("c.md")],
        );
        assert_eq!(found.len(), 2);
        assert!(
            found
                .iter()
                .all(|finding| finding.problem.contains("cargo run")),
            "{found:?}"
        );
    }
}
