//! Which blocks are prose, and why the others are not.
//!
//! A pure function of what a reader found: whose the prose is, and whether it is clean, is decided
//! later. In doubt a block with a sentence stays, since a lost paragraph is not missed by anybody
//! and a kept one is still judged by the rules of [`crate::clean`] and by a person. Called for
//! every document after [`crate::read`].
//!
//! One file per kind of decision, in the order in which they are asked:
//! - [`licence`]: licences, copyright notices, the frame of Project Gutenberg;
//! - [`navigation`]: contents, breadcrumbs, ways to the next page;
//! - [`language`]: what is neither English nor Chinese;
//! - [`numbers`]: tables and dates that stand in a paragraph;
//! - [`reference`]: entries of a bibliography;
//! - [`code`]: code that stands in a paragraph;
//! - [`links`]: addresses and file names without a sentence;
//! - [`length`]: too little to learn from.

mod code;
mod language;
mod length;
mod licence;
mod links;
mod measure;
mod navigation;
mod numbers;
mod reference;

use crate::block::{Block, BlockKind, Reading};
use crate::left_out::{LeftOut, Reason};
use measure::Measure;

/// A block that is prose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prose {
    /// The block.
    pub block: Block,
    /// The headings above it, outermost first.
    pub headings: Vec<String>,
    /// Why it would be left out if a person did not want it.
    pub brought_back: Option<Reason>,
}

/// Parts a document's blocks into those that are prose and those that are not, both in document
/// order. The excerpts of the latter are whole and as they were written: [`crate::document`] replaces
/// secrets before it cuts them, since a secret that is cut in two is not found.
///
/// A heading is kept in the path of the pieces below it. It is a piece of its own where it has
/// words enough and prose stands below it, and is left out only where it is no text at all.
pub fn filter(reading: Reading) -> (Vec<Prose>, Vec<LeftOut>) {
    filter_wanting(reading, &|_, _| false)
}

/// The same, where `is_wanted` says of what would be left out whether a person wants it.
pub fn filter_wanting(
    reading: Reading,
    is_wanted: &dyn Fn(Reason, &str) -> bool,
) -> (Vec<Prose>, Vec<LeftOut>) {
    let verdicts = verdicts(&reading.blocks);
    let mut prose = Vec::new();
    let mut left_out = Vec::new();
    let mut path: Vec<(u8, String)> = Vec::new();
    for (block, verdict) in reading.blocks.into_iter().zip(verdicts) {
        let heading = heading(&block);
        if let Some((level, _)) = &heading {
            path.retain(|(above, _)| above < level);
        }
        match verdict {
            Verdict::Prose => prose.push(Prose {
                headings: headings(&path),
                block,
                brought_back: None,
            }),
            Verdict::Out(reason) if is_wanted(reason, &block.text) => prose.push(Prose {
                headings: headings(&path),
                block: Block {
                    kind: kind_of_wanted(block.kind),
                    ..block
                },
                brought_back: Some(reason),
            }),
            Verdict::Out(reason) => left_out.push(LeftOut {
                rule: None,
                reason,
                excerpt: block.text,
                lines: block.lines,
            }),
            Verdict::PathOnly => {}
        }
        path.extend(heading);
    }
    (prose, left_out)
}

fn headings(path: &[(u8, String)]) -> Vec<String> {
    path.iter().map(|(_, heading)| heading.clone()).collect()
}

/// What a block is that a person wants although its kind is left out: prose, as they say.
const fn kind_of_wanted(kind: BlockKind) -> BlockKind {
    match (kind, reason_of_kind(kind)) {
        (BlockKind::Quote, _) | (_, None) => kind,
        _ => BlockKind::Paragraph,
    }
}

/// The level and the text of a heading.
fn heading(block: &Block) -> Option<(u8, String)> {
    let BlockKind::Heading(level) = block.kind else {
        return None;
    };
    let words: Vec<&str> = block.text.split_whitespace().collect();
    Some((level, words.join(" ")))
}

/// What becomes of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Prose,
    Out(Reason),
    /// A heading that is only where others stand under.
    PathOnly,
}

fn verdicts(blocks: &[Block]) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = blocks.iter().map(verdict).collect();
    navigation::mark_contents(blocks, &mut verdicts);
    links::mark_dated_lists(blocks, &mut verdicts);
    length::keep_items_of_prose_lists(blocks, &mut verdicts);
    licence::mark_documents(blocks, &mut verdicts);
    length::keep_headings_over_prose(blocks, &mut verdicts);
    verdicts
}

/// What a block says of itself.
fn verdict(block: &Block) -> Verdict {
    if let Some(reason) = reason_of_kind(block.kind) {
        return Verdict::Out(reason);
    }
    let measure = Measure::of(&block.text);
    if matches!(block.kind, BlockKind::Heading(_)) {
        return heading_verdict(block, &measure);
    }
    let asked: [fn(&Block, &Measure) -> Option<Reason>; 9] = [
        licence::reason,
        navigation::reason,
        language::reason,
        numbers::date,
        reference::reason,
        code::reason,
        numbers::table,
        links::reason,
        length::reason,
    ];
    let mut reasons = asked.iter().filter_map(|ask| ask(block, &measure));
    reasons.next().map_or(Verdict::Prose, Verdict::Out)
}

/// A heading of code or in another language is a heading all the same, and is no piece.
fn heading_verdict(block: &Block, measure: &Measure) -> Verdict {
    let is_text = navigation::reason(block, measure).is_none()
        && licence::reason(block, measure).is_none()
        && language::reason(block, measure).is_none()
        && code::reason(block, measure).is_none()
        && numbers::date(block, measure).is_none()
        && numbers::table(block, measure).is_none()
        && measure.units() >= length::HEADING_UNITS_MIN;
    if is_text {
        Verdict::Prose
    } else {
        Verdict::PathOnly
    }
}

/// The reason that a block's kind is, where no text of that kind is prose.
const fn reason_of_kind(kind: BlockKind) -> Option<Reason> {
    Some(match kind {
        BlockKind::Paragraph
        | BlockKind::Heading(_)
        | BlockKind::ListItem
        | BlockKind::Footnote
        | BlockKind::Caption => return None,
        BlockKind::Quote => Reason::Quotation,
        BlockKind::Table => Reason::Table,
        BlockKind::Code => Reason::Code,
        BlockKind::Math => Reason::Math,
        BlockKind::FrontMatter => Reason::FrontMatter,
        BlockKind::LinkList => Reason::LinkList,
        BlockKind::Navigation => Reason::Navigation,
        BlockKind::QuotedMail => Reason::QuotedMail,
        BlockKind::Signature => Reason::Signature,
        BlockKind::EditorsNote => Reason::EditorsNote,
        BlockKind::Bibliography => Reason::Bibliography,
        BlockKind::Markup => Reason::Markup,
    })
}

#[cfg(test)]
mod tests;
