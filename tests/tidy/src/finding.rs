//! What a rule found: where, what, and what to do about it. Made by the rules, printed by the tests.

use std::fmt;

/// One violation of a house rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// File, with a line where there is one: `daemon/vocab/src/lib.rs:12`.
    pub place: String,
    /// What is wrong there.
    pub problem: String,
    /// What to do about it.
    pub remedy: &'static str,
}

impl Finding {
    /// A finding about a whole file, crate or name.
    pub fn new(place: &str, problem: impl Into<String>, remedy: &'static str) -> Self {
        Self {
            place: place.to_owned(),
            problem: problem.into(),
            remedy,
        }
    }

    /// A finding about one line of a file.
    pub fn at(path: &str, line: usize, problem: impl Into<String>, remedy: &'static str) -> Self {
        Self::new(&format!("{path}:{line}"), problem, remedy)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}; {}", self.place, self.problem, self.remedy)
    }
}

/// Fails with every finding, one a line.
///
/// # Panics
/// When there is a finding.
pub fn assert_none(findings: &[Finding]) {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(
        findings.is_empty(),
        "{} violations:\n{}",
        findings.len(),
        lines.join("\n")
    );
}
