//! Rules that mend or refuse a block.
//!
//! Each rule has a name, a place in one order, a switch and a count, and is declared as data with
//! the examples that are its tests. Not what a block is (the filter decides that) nor what is
//! private in it (`inkstone-privacy`, whose placeholders no rule may touch). Called by the
//! trainer for every block of prose, and by the review, which switches rules off.
//!
//! In reading order:
//! - [`rule`]: what a rule is, and where a block stands;
//! - [`rules`]: all of them, in order;
//! - [`rule_set`]: which of them are on;
//! - `classes`: the one look at a text that tells which rules have anything to do;
//! - `protected`: what no rule may touch;
//! - `findings`: what a rule found;
//! - `quoted`, `words`: what several rules ask of a text;
//! - one file per rule.

mod classes;
mod findings;
mod protected;
mod quoted;
pub mod rule;
pub mod rule_set;
pub mod rules;
mod speaker;
mod words;

mod adverts;
mod control_characters;
mod emoji_floods;
mod fillers_chinese;
mod fillers_english;
mod footnote_marks;
mod full_width;
mod garbage_han;
mod garbage_latin;
mod html_entities;
mod html_tags;
mod kaomoji;
mod line_wraps;
mod low_information;
mod mojibake;
mod mojibake_mended;
mod ocr_candidates;
mod page_furniture;
mod perplexity;
mod phrases;
mod repeated_punctuation;
mod repeated_sentences;
mod replacement_characters;
mod seo;
mod spaced_out_han;
mod spaces;
mod spam;
mod stutter_chinese;
mod stutter_english;
mod tracking_parameters;
mod typo_candidates;
mod unicode_form;
mod zero_width;

use std::ops::Range;

pub use rule::{Context, Example, Kind, Outcome, Perplexity, Rule, RuleId};
pub use rule_set::{RuleSet, UnknownRule};
pub use rules::RULES;
pub(crate) use speaker::names_its_speaker;

use crate::block::BlockKind;
use crate::left_out::Reason;
use classes::Classes;
use findings::Findings;
use protected::Protected;
use rule::Subject;

/// What the rules made of a block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// The mended text; of a block that is left out, as far as it was mended by then.
    pub text: String,
    /// Which rules fired and how often, in the order of the rules.
    pub hits: Vec<(RuleId, u32)>,
    /// What looks odd in `text` and is left as it is.
    pub flags: Vec<Flag>,
    /// The rule that refused the block, and why.
    pub left_out: Option<(RuleId, Reason)>,
}

/// A place that looks odd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// The rule that says so.
    pub rule: RuleId,
    /// Bytes of [`Cleaned::text`], on character boundaries.
    pub range: Range<usize>,
}

/// One mend may uncover another (an entity that hides a space); text that is not at rest after as
/// many rounds stays as it is then. Seen in the corpora: at most 3.
const PASSES_MAX: usize = 8;

/// Mends a block, or says why it should not be learned from.
///
/// The rules run in their order, again and again until none changes anything, so that cleaning
/// what is clean changes nothing. A rule that refuses ends the work.
pub fn clean(text: &str, context: &Context, rules: &RuleSet) -> Cleaned {
    let mut work = Work {
        text: text.to_owned(),
        counts: vec![0; RULES.len()],
        flags: Vec::new(),
        left_out: None,
    };
    if is_prose(context.kind) {
        for _ in 0..PASSES_MAX {
            let has_changed = work.pass(context, rules);
            if !has_changed || work.left_out.is_some() {
                break;
            }
        }
    }
    work.finish()
}

/// Of code, tables and the like, the rules know nothing: their odd characters are their content.
const fn is_prose(kind: BlockKind) -> bool {
    !matches!(
        kind,
        BlockKind::Code
            | BlockKind::Table
            | BlockKind::Math
            | BlockKind::FrontMatter
            | BlockKind::Markup
    )
}

/// A block on its way through the rules.
struct Work {
    text: String,
    /// One for each rule.
    counts: Vec<u32>,
    flags: Vec<Flag>,
    left_out: Option<(RuleId, Reason)>,
}

impl Work {
    /// All rules once. Whether the text has changed.
    fn pass(&mut self, context: &Context, rules: &RuleSet) -> bool {
        let mut has_changed = false;
        let mut classes = Classes::of(&self.text);
        let mut protected = Protected::of(&self.text, classes);
        // Flags point into the text, which the last pass leaves as it is.
        self.flags.clear();
        for (index, rule) in RULES.iter().enumerate() {
            if !rules.is_on_at(index) || !classes.meet(rule.needs) {
                continue;
            }
            let mut findings = Findings::of(&protected, rule.mends_addresses);
            let subject = Subject {
                text: &self.text,
                context,
                classes,
                protected: &protected,
            };
            (rule.apply)(&subject, &mut findings);
            if findings.is_empty() {
                continue;
            }
            match rule.kind {
                Kind::Mend => {
                    let (text, count) = findings.apply_to(&self.text);
                    if count == 0 {
                        continue;
                    }
                    self.text = text;
                    self.counts[index] = self.counts[index].saturating_add(count);
                    has_changed = true;
                    classes = Classes::of(&self.text);
                    protected = Protected::of(&self.text, classes);
                }
                Kind::Flag => self.flag(index, rule.id, findings),
                Kind::LeaveOut(reason) => {
                    self.counts[index] = 1;
                    self.left_out = Some((rule.id, reason));
                    return has_changed;
                }
            }
        }
        has_changed
    }

    fn flag(&mut self, index: usize, rule: RuleId, findings: Findings<'_>) {
        let ranges = findings.into_ranges();
        self.counts[index] = u32::try_from(ranges.len()).unwrap_or(u32::MAX);
        let flags = ranges.into_iter().map(|range| Flag { rule, range });
        self.flags.extend(flags);
    }

    fn finish(self) -> Cleaned {
        let counted = RULES.iter().zip(self.counts);
        Cleaned {
            text: self.text,
            hits: counted
                .filter(|(_, count)| *count > 0)
                .map(|(rule, count)| (rule.id, count))
                .collect(),
            flags: self.flags,
            left_out: self.left_out,
        }
    }
}

#[cfg(test)]
mod tests;
