//! What is too little to learn from, and what is short and stays for its neighbours' sake.

use inkstone_prose::characters::is_closer;

use super::Verdict;
use super::measure::Measure;
use crate::block::{Block, BlockKind};
use crate::left_out::Reason;

/// A heading of fewer words is a label.
pub(super) const HEADING_UNITS_MIN: usize = 3;

/// A sentence has as many words, or Han characters; "Yes." has one, and stays only where somebody
/// says it.
const SENTENCE_UNITS_MIN: usize = 2;

/// Without the end of a sentence, a paragraph of as many words is still a thought: verse, a line
/// that introduces code, notes.
const PARAGRAPH_UNITS_MIN: usize = 7;

/// Somebody says as many words, and another piece goes on.
const SPEECH_UNITS_MIN: usize = 4;

/// An item often ends without a mark.
const ITEM_UNITS_MIN: usize = 4;

/// "Then Anna said:" introduces what follows, and is written by somebody.
const INTRODUCTION_UNITS_MIN: usize = 3;

/// Of a list's items, so many percent are prose where the short ones stay with them.
const PROSE_LIST_PERCENT_MIN: usize = 60;

pub(super) fn reason(block: &Block, measure: &Measure) -> Option<Reason> {
    let text = block.text.trim();
    let units = measure.units();
    let is_said = text.starts_with(['"', '“', '‘', '\'', '「', '『', '—', '–']);
    let open_end = text.trim_end_matches(is_closer);
    let is_cut_off = open_end.ends_with(['—', '–', '…']) || open_end.ends_with("--");
    let is_broken_off = is_cut_off && units >= SENTENCE_UNITS_MIN + usize::from(!is_said);
    let is_speech = is_said && units >= SPEECH_UNITS_MIN && text.contains([',', '\u{FF0C}']);
    let has_end = measure.has_sentence_end || is_broken_off || is_speech;
    let is_sentence = has_end
        && (is_said && units > 0
            || units >= SENTENCE_UNITS_MIN
            || measure.han >= SENTENCE_UNITS_MIN);
    let is_introduction =
        open_end.ends_with([':', '：', ';', '；']) && units >= INTRODUCTION_UNITS_MIN;
    let units_min = match block.kind {
        BlockKind::ListItem => ITEM_UNITS_MIN,
        _ => PARAGRAPH_UNITS_MIN,
    };
    (!is_sentence && !is_introduction && units < units_min).then_some(Reason::TooShort)
}

/// Short items stay where most of their list is prose: a list with a hole is worse than a short
/// item.
pub(super) fn keep_items_of_prose_lists(blocks: &[Block], verdicts: &mut [Verdict]) {
    let mut start = 0;
    while start < blocks.len() {
        let of_list = |block: &&Block| block.kind == BlockKind::ListItem;
        let length = blocks[start..].iter().take_while(of_list).count();
        let list = start..start + length;
        let prose = list
            .clone()
            .filter(|index| verdicts[*index] == Verdict::Prose)
            .count();
        if prose * 100 >= length * PROSE_LIST_PERCENT_MIN {
            for index in list {
                let has_words = Measure::of(&blocks[index].text).units() > 0;
                if verdicts[index] == Verdict::Out(Reason::TooShort) && has_words {
                    verdicts[index] = Verdict::Prose;
                }
            }
        }
        start += length.max(1);
    }
}

/// A heading is a piece where prose stands in its section, subsections included.
pub(super) fn keep_headings_over_prose(blocks: &[Block], verdicts: &mut [Verdict]) {
    // The lowest level is 6, some formats know more.
    let mut has_prose_below = [false; 256];
    for index in (0..blocks.len()).rev() {
        match blocks[index].kind {
            BlockKind::Heading(level) => {
                let level = usize::from(level);
                let has_prose = has_prose_below[level..].iter().any(|has| *has);
                if !has_prose && verdicts[index] == Verdict::Prose {
                    verdicts[index] = Verdict::PathOnly;
                }
                // What stands below this heading stands below those above it, too.
                has_prose_below[level..].fill(false);
                if let Some(above) = level.checked_sub(1) {
                    has_prose_below[above] |= has_prose;
                }
            }
            // Directly under whichever heading comes next on the way up.
            _ if verdicts[index] == Verdict::Prose => has_prose_below[255] = true,
            _ => {}
        }
    }
}
