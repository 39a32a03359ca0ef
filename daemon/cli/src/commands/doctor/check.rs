//! A finding of the doctor, and how it is shown.

/// What was looked at, and what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Check {
    what: String,
    finding: Finding,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Finding {
    /// As it should be.
    Well(String),
    /// Not as it could be; suggestions come all the same.
    Note {
        detail: String,
        remedy: Option<String>,
    },
    /// In the way of suggestions.
    Fault { problem: String, remedy: String },
}

impl Check {
    pub(super) fn well(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            finding: Finding::Well(detail.into()),
        }
    }

    pub(super) fn note(
        what: impl Into<String>,
        detail: impl Into<String>,
        remedy: Option<String>,
    ) -> Self {
        Self {
            what: what.into(),
            finding: Finding::Note {
                detail: detail.into(),
                remedy,
            },
        }
    }

    pub(super) fn fault(
        what: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            what: what.into(),
            finding: Finding::Fault {
                problem: problem.into(),
                remedy: remedy.into(),
            },
        }
    }

    pub(super) fn is_fault(&self) -> bool {
        matches!(self.finding, Finding::Fault { .. })
    }

    /// The finding in a line, its remedy in the next.
    pub(super) fn shown(&self, has_colour: bool) -> String {
        let (mark, colour, detail, remedy) = match &self.finding {
            Finding::Well(detail) => ("ok   ", 32, detail, None),
            Finding::Note { detail, remedy } => ("note ", 33, detail, remedy.as_ref()),
            Finding::Fault { problem, remedy } => ("FAULT", 31, problem, Some(remedy)),
        };
        let mark = if has_colour {
            format!("\x1b[{colour}m{mark}\x1b[0m")
        } else {
            mark.to_owned()
        };
        let remedy = remedy
            .map(|remedy| format!("       → {remedy}\n"))
            .unwrap_or_default();
        format!("{mark}  {}: {detail}\n{remedy}", self.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_finding_is_a_line_and_its_remedy_the_next() {
        assert_eq!(
            Check::well("disk", "9 GB free").shown(false),
            "ok     disk: 9 GB free\n"
        );
        let fault = Check::fault("model m", "not installed", "run: inkstone model pull m");
        assert!(fault.is_fault());
        assert_eq!(
            fault.shown(false),
            "FAULT  model m: not installed\n       → run: inkstone model pull m\n"
        );
        let note = Check::note("editors", "no configuration", None);
        assert!(!note.is_fault());
        assert_eq!(
            note.shown(true),
            "\x1b[33mnote \x1b[0m  editors: no configuration\n"
        );
    }
}
