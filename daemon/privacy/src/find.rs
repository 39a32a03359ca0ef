//! All matchers over one text, and how their findings become one list. Called by `redact`, by the
//! dataset's cleaning, by the gate of suggestions and by whoever logs.

use std::ops::Range;

use crate::folded::Folded;
use crate::kind::Kind;
use crate::text::Text;
use crate::{label, private_key, vendor, words};

/// One secret or piece of personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// The bytes it covers; both ends are character boundaries.
    pub range: Range<usize>,
}

impl Finding {
    pub(crate) fn new(kind: Kind, range: Range<usize>) -> Self {
        Self { kind, range }
    }
}

/// Everything found, in order and without overlaps.
pub fn find(text: &str) -> Vec<Finding> {
    let Some(folded) = Folded::of(text) else {
        return find_plain(text);
    };
    let mut found = find_plain(folded.text());
    for finding in &mut found {
        finding.range = folded.written(&finding.range);
    }
    found
}

fn find_plain(text: &str) -> Vec<Finding> {
    let text = Text::new(text);
    let mut found = Vec::new();
    private_key::find(text, &mut found);
    vendor::find(text, &mut found);
    label::find(text, &mut found);
    words::find(text, &mut found);
    united(found)
}

/// Overlapping findings as one that covers them all and has the strongest kind.
///
/// Choosing one of them instead would leave the rest of the other in the text.
fn united(mut found: Vec<Finding>) -> Vec<Finding> {
    found.sort_unstable_by_key(|finding| (finding.range.start, finding.range.end));
    let mut united: Vec<Finding> = Vec::with_capacity(found.len());
    for finding in found {
        match united.last_mut() {
            Some(last) if finding.range.start < last.range.end => {
                last.range.end = last.range.end.max(finding.range.end);
                last.kind = last.kind.min(finding.kind);
            }
            _ => united.push(finding),
        }
    }
    united
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_findings_become_one_of_the_strongest_kind() {
        let found = vec![
            Finding::new(Kind::Email, 5..20),
            Finding::new(Kind::UrlCredentials, 0..8),
            Finding::new(Kind::Phone, 20..30),
        ];
        assert_eq!(
            united(found),
            [
                Finding::new(Kind::UrlCredentials, 0..20),
                Finding::new(Kind::Phone, 20..30)
            ]
        );
    }
}
