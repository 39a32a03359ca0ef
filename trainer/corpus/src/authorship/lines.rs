//! Which sentences of a block its owner wrote, by the authors of its lines.
//!
//! Git knows lines, writers write sentences: a sentence of which another author touched a line is not
//! the owner's alone. Where the lines of a block's text are not those of its source (markup may break
//! them elsewhere), a block of several authors cannot be cut.

use inkstone_prose::sentence_ends;

use super::LineAuthor;
use crate::block::{Block, LineRange};

/// What of a block is its owner's.
#[derive(Debug, PartialEq)]
pub(super) enum Owned {
    /// Everything, as far as anybody knows.
    All,
    /// Nothing that can be told apart.
    Nothing,
    /// Whole sentences, or whole lines where there are no sentences.
    Parts(Vec<(String, LineRange)>),
}

pub(super) fn owned(block: &Block, authors: Option<&[LineAuthor]>) -> Owned {
    let (Some(range), Some(authors)) = (block.lines, authors) else {
        return Owned::All;
    };
    let from = (range.start as usize).min(authors.len());
    let to = (range.end as usize).clamp(from, authors.len());
    let authors = &authors[from..to];
    let others = authors.iter().filter(|author| is_other(**author)).count();
    if others == 0 {
        return Owned::All;
    }
    let lines: Vec<&str> = block.text.split('\n').collect();
    if others == authors.len() || lines.len() != authors.len() {
        return Owned::Nothing;
    }
    let parts = parts(&block.text, &lines, authors, range.start);
    if parts.is_empty() {
        Owned::Nothing
    } else {
        Owned::Parts(parts)
    }
}

const fn is_other(author: LineAuthor) -> bool {
    matches!(author, LineAuthor::Other)
}

/// Runs of sentences whose every line is the owner's.
fn parts(
    text: &str,
    lines: &[&str],
    authors: &[LineAuthor],
    first_line: u32,
) -> Vec<(String, LineRange)> {
    let line_starts: Vec<usize> = lines
        .iter()
        .scan(0, |at, line| {
            let start = *at;
            *at += line.len() + 1;
            Some(start)
        })
        .collect();
    let line_of = |byte: usize| line_starts.partition_point(|start| *start <= byte) - 1;
    let mut parts = Vec::new();
    let mut run: Option<(usize, usize)> = None;
    let mut start = 0;
    for end in unit_ends(text, lines) {
        let unit = &text[start..end];
        // White space belongs to no sentence: the line break before one is not its line.
        let first = start + (unit.len() - unit.trim_start().len());
        let last = start + unit.trim_end().len();
        if first < last {
            let touched = &authors[line_of(first)..=line_of(last - 1)];
            run = match (run, touched.iter().copied().any(is_other)) {
                (Some((from, _)), false) => Some((from, last)),
                (None, false) => Some((first, last)),
                (done, true) => {
                    parts.extend(done);
                    None
                }
            };
        }
        start = end;
    }
    parts.extend(run);
    let part = |(from, to): (usize, usize)| {
        let line = |byte| first_line + u32::try_from(line_of(byte)).unwrap_or(u32::MAX);
        let lines = LineRange {
            start: line(from),
            end: line(to - 1) + 1,
        };
        (text[from..to].to_owned(), lines)
    };
    parts
        .into_iter()
        .filter(|(from, to)| text[*from..*to].contains(char::is_alphanumeric))
        .map(part)
        .collect()
}

/// Where sentences end; where there are none, as in verse, where lines do.
fn unit_ends(text: &str, lines: &[&str]) -> Vec<usize> {
    let ends = sentence_ends("", text);
    if ends.len() > 1 {
        return ends;
    }
    let ends = lines.iter().scan(0, |at, line| {
        *at += line.len() + 1;
        Some((*at).min(text.len()))
    });
    ends.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::BlockKind;

    /// A block at line 10 of which each line begins with `+` for its owner's or `-` for another's;
    /// its owner's parts, with their lines.
    fn check(fixture: &str) -> Vec<(String, u32, u32)> {
        let mut authors = vec![LineAuthor::Other; 10];
        let mut lines = Vec::new();
        for line in fixture.lines() {
            let (mark, line) = line.split_at(1);
            authors.push(match mark {
                "+" => LineAuthor::Owner,
                "~" => LineAuthor::Uncommitted,
                _ => LineAuthor::Other,
            });
            lines.push(line);
        }
        let block = Block {
            kind: BlockKind::Paragraph,
            text: lines.join("\n"),
            lines: Some(LineRange {
                start: 10,
                end: 10 + u32::try_from(lines.len()).unwrap(),
            }),
        };
        match owned(&block, Some(&authors)) {
            Owned::All => vec![("all".to_owned(), 10, 10)],
            Owned::Nothing => Vec::new(),
            Owned::Parts(parts) => parts
                .into_iter()
                .map(|(text, lines)| (text, lines.start, lines.end))
                .collect(),
        }
    }

    fn part(text: &str, start: u32, end: u32) -> (String, u32, u32) {
        (text.to_owned(), start, end)
    }

    #[test]
    fn own_and_uncommitted_lines_are_whole_and_foreign_ones_nothing() {
        let all = [part("all", 10, 10)];
        assert_eq!(check("+The harbour\n~was quiet."), all);
        assert_eq!(check("-The harbour\n-was quiet."), []);
        assert_eq!(check("-港口很安静。"), []);
    }

    #[test]
    fn of_a_mixed_block_whole_sentences_stay() {
        assert_eq!(
            check(
                "+The harbour was quiet. Nobody\n+had seen the boats. The fog\n-came in. It stayed."
            ),
            [part(
                "The harbour was quiet. Nobody\nhad seen the boats.",
                10,
                12
            )]
        );
        assert_eq!(
            check("-港口很安静。没有人\n+看见船只。雾来了。\n+后来散了。"),
            [part("雾来了。\n后来散了。", 11, 13)]
        );
        assert_eq!(
            check("+One. 第一句。\n-Two.\n+Three 👍🏽."),
            [part("One. 第一句。", 10, 11), part("Three 👍🏽.", 12, 13)]
        );
        assert_eq!(check("+The harbour was\n-quiet. The fog\n+came in."), []);
    }

    #[test]
    fn verse_is_cut_at_its_lines() {
        assert_eq!(
            check("+轻轻的我走了\n-正如我轻轻的来\n+我轻轻的招手"),
            [part("轻轻的我走了", 10, 11), part("我轻轻的招手", 12, 13)]
        );
    }

    #[test]
    fn what_cannot_be_told_apart_stays_out_and_what_nobody_knows_stays() {
        let mut block = Block {
            kind: BlockKind::Paragraph,
            text: "The harbour was quiet. The fog came in.".to_owned(),
            lines: Some(LineRange { start: 0, end: 2 }),
        };
        let authors = [LineAuthor::Owner, LineAuthor::Other];
        assert_eq!(owned(&block, Some(&authors)), Owned::Nothing);
        assert_eq!(owned(&block, None), Owned::All);
        assert_eq!(owned(&block, Some(&[])), Owned::All);
        block.lines = Some(LineRange { start: 7, end: 3 });
        assert_eq!(owned(&block, Some(&authors)), Owned::All);
        block.lines = None;
        assert_eq!(owned(&block, Some(&authors)), Owned::All);
    }
}
