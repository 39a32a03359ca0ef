//! Notes that an edition's editors put under somebody's text: known by what they say, and left to
//! the filter as theirs.
//!
//! A note of the writer's own stays a footnote: Markdown's, HTML's and LaTeX's have markup of their
//! own and no number in their text, and a list of `[1] …` that says nothing of an edition is taken
//! for its writer's. Called once for the blocks of each page by [`super::page`]; the reader of plain
//! text asks here what starts with the number of a note.

use crate::block::{Block, BlockKind};

/// Paragraphs in a row that may belong to the note above them: an editor quotes whole documents.
/// Where more follow, the text has gone on, and the notes ended with the last number.
const CONTINUATION_BLOCKS_MAX: usize = 24;

/// What stands above the notes of an edition.
const HEADINGS: &[&str] = &[
    "注释",
    "註釋",
    "注釋",
    "校注",
    "注解",
    "註解",
    "编者注",
    "編者註",
];

/// What only an editor says of a text, anywhere in the notes.
const OF_THE_TEXT: &[&str] = &[
    "本篇最初",
    "本篇在",
    "本篇作于",
    "最初发表于",
    "最初發表於",
    "未另发表",
    "未另發表",
    "本卷第",
];

/// What an editor says more often than a writer: two of these, or one and a person's years.
const OF_THE_WRITER: &[&str] = &["作者", "本书", "本書", "本集"];

/// Notes of who typed a book in, in small letters.
const TRANSCRIBERS: &[&str] = &[
    "[transcriber's note",
    "[transcriber\u{2019}s note",
    "transcriber's note:",
    "transcriber\u{2019}s note:",
    "[editor's note",
    "[editor\u{2019}s note",
];

/// How a note is numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `〔1〕`, `［1］`, `【1】`.
    Bracket(char),
    /// `[1]`, which citations have, too.
    Square,
    /// `⑴` as one character.
    Parenthesis,
    /// `①`, which points of a list have, too.
    Circle,
}

/// The number that a text starts with, where it is written as those of notes are.
pub(super) fn number(text: &str) -> Option<(Form, u32)> {
    let first = text.chars().next()?;
    let (form, closing) = match first {
        '〔' => (Form::Bracket(first), '〕'),
        '［' => (Form::Bracket(first), '］'),
        '【' => (Form::Bracket(first), '】'),
        '[' => (Form::Square, ']'),
        '\u{2474}'..='\u{2487}' => {
            return Some((Form::Parenthesis, u32::from(first) - 0x2473));
        }
        '\u{2460}'..='\u{2473}' => return Some((Form::Circle, u32::from(first) - 0x245F)),
        _ => return None,
    };
    let mut value = 0_u32;
    for (index, character) in text.chars().skip(1).enumerate() {
        if character == closing {
            return (index > 0).then_some((form, value));
        }
        if index >= 4 {
            return None;
        }
        value = with_digit(value, character)?;
    }
    None
}

/// A number that one more digit follows; `十` is ten times what stands before it.
fn with_digit(value: u32, digit: char) -> Option<u32> {
    if digit == '十' {
        return Some(value.max(1) * 10);
    }
    let chinese = "零一二三四五六七八九".chars().position(|c| c == digit);
    let digit = match digit {
        '0'..='9' => u32::from(digit) - u32::from('0'),
        '０'..='９' => u32::from(digit) - u32::from('０'),
        _ => {
            let digit = u32::try_from(chinese?).ok()?;
            // 十二 is ten and two, 二〇 is not written so.
            return Some(value + digit);
        }
    };
    Some(value * 10 + digit)
}

/// Whether a line or a block is nothing but the heading above an edition's notes.
pub(super) fn is_heading(text: &str) -> bool {
    let bare =
        text.trim_matches(|c: char| c.is_whitespace() || "【】〔〕[]（）()：:＊*".contains(c));
    HEADINGS.contains(&bare)
}

/// Says of the notes of an edition among `blocks` that they are.
pub(super) fn mark(blocks: &mut [Block]) {
    let mut at = 0;
    // The block after the last run that was an edition's: what is numbered anew there is one, too.
    let mut ended_at = None;
    while at < blocks.len() {
        if is_transcribers(&blocks[at]) {
            blocks[at].kind = BlockKind::EditorsNote;
        }
        let starts = note(&blocks[at]).filter(|(_, number)| *number == 1);
        let Some((form, _)) = starts else {
            at += 1;
            continue;
        };
        let end = run_end(blocks, at, form);
        let is_theirs = ended_at == Some(at)
            || at > 0 && is_heading(&blocks[at - 1].text)
            || speaks_of_an_edition(&blocks[at..end]);
        if !is_theirs {
            at += 1;
            continue;
        }
        for block in &mut blocks[at..end] {
            if may_belong(block) {
                block.kind = BlockKind::EditorsNote;
            }
        }
        ended_at = Some(end);
        at = end;
    }
}

/// The number of a block that may be a note.
fn note(block: &Block) -> Option<(Form, u32)> {
    may_belong(block).then(|| number(&block.text)).flatten()
}

fn may_belong(block: &Block) -> bool {
    matches!(
        block.kind,
        BlockKind::Paragraph | BlockKind::Footnote | BlockKind::ListItem
    )
}

/// The block after the notes that start at `start`: a heading, a number that starts anew, or a text
/// that goes on.
fn run_end(blocks: &[Block], start: usize, form: Form) -> usize {
    let (mut last_note, mut last_number) = (start, 1);
    for (index, block) in blocks.iter().enumerate().skip(start + 1) {
        match note(block) {
            Some((_, 1)) => return index,
            Some((other, number)) if other == form => (last_note, last_number) = (index, number),
            _ => {}
        }
        let is_heading = matches!(block.kind, BlockKind::Heading(_));
        // A short line of a note that looks like a heading is followed by the next note.
        let goes_on = || {
            let next = blocks.get(index + 1).and_then(note);
            next == Some((form, last_number + 1))
        };
        if is_heading && !goes_on() {
            return index;
        }
        if index - last_note > CONTINUATION_BLOCKS_MAX {
            return last_note + 1;
        }
    }
    blocks.len()
}

/// Whether what notes say is an editor's: where a text came out first, who its writer was.
fn speaks_of_an_edition(notes: &[Block]) -> bool {
    let has = |word: &str| notes.iter().any(|block| block.text.contains(word));
    if OF_THE_TEXT.iter().any(|word| has(word)) {
        return true;
    }
    let signs = OF_THE_WRITER.iter().filter(|word| has(word)).count();
    signs >= 2 || signs == 1 && notes.iter().any(|block| has_years_of_life(&block.text))
}

/// `（1881—1936）`, in digits of either width.
fn has_years_of_life(text: &str) -> bool {
    let is_digit = |c: char| c.is_ascii_digit() || ('０'..='９').contains(&c);
    let is_dash = |c: char| matches!(c, '—' | '－' | '–' | '-' | '─' | '～');
    text.split(['（', '(']).skip(1).any(|inside| {
        let years = inside.trim_start_matches(['约', '約']);
        let after = years.trim_start_matches(is_digit);
        let second = after.trim_start_matches(is_dash);
        let end = second.trim_start_matches(is_digit);
        after.len() < years.len()
            && second.len() < after.len()
            && end.len() < second.len()
            && end.starts_with(['）', ')'])
    })
}

fn is_transcribers(block: &Block) -> bool {
    /// The longest of the starts, in bytes, with room for quotes.
    const START_BYTES_MAX: usize = 32;
    let start = inkstone_text::first_bytes(&block.text, START_BYTES_MAX).to_lowercase();
    may_belong(block) && TRANSCRIBERS.iter().any(|known| start.starts_with(known))
}

#[cfg(test)]
mod tests {
    use BlockKind::{EditorsNote, Footnote, Heading, Paragraph};

    use super::*;

    fn kinds(texts: &[(BlockKind, &str)]) -> Vec<BlockKind> {
        let mut blocks: Vec<Block> = texts
            .iter()
            .map(|&(kind, text)| Block {
                kind,
                text: text.to_owned(),
                lines: None,
            })
            .collect();
        mark(&mut blocks);
        blocks.iter().map(|block| block.kind).collect()
    }

    #[test]
    fn notes_are_numbered_in_digits_of_any_kind() {
        for (text, expected) in [
            ("〔1〕本篇", Some((Form::Bracket('〔'), 1))),
            ("〔１２〕", Some((Form::Bracket('〔'), 12))),
            ("［二十三］", Some((Form::Bracket('［'), 23))),
            ("[10] Smith", Some((Form::Square, 10))),
            ("⑵树名", Some((Form::Parenthesis, 2))),
            ("③会馆", Some((Form::Circle, 3))),
            ("〔扌晋〕绅", None),
            ("[link](x)", None),
            ("[]", None),
            ("〔1", None),
            ("word", None),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }

    #[test]
    fn notes_that_say_where_a_text_came_out_are_an_editors_with_what_goes_on_below_them() {
        let texts = [
            (Heading(1), "秋夜"),
            (Paragraph, "在我的后园，可以看见墙外有两株树〔2〕。"),
            (
                Footnote,
                "〔1〕本篇最初发表于一九二四年十二月一日《语丝》。",
            ),
            (Footnote, "〔2〕枣树：树名。"),
            (Paragraph, "意思是冷落的职位。"),
            (Heading(1), "影的告别"),
            (Paragraph, "人睡到不知道时候的时候。"),
        ];
        let expected = [
            Heading(1),
            Paragraph,
            EditorsNote,
            EditorsNote,
            EditorsNote,
            Heading(1),
            Paragraph,
        ];
        assert_eq!(kinds(&texts), expected);
    }

    #[test]
    fn notes_under_their_heading_and_those_numbered_anew_below_are_an_editors() {
        let texts = [
            (Paragraph, "正文。"),
            (Paragraph, "注释："),
            (Paragraph, "[1] 鲁迅，作家。"),
            (Footnote, "〔1〕某地。"),
        ];
        assert_eq!(
            kinds(&texts),
            [Paragraph, Paragraph, EditorsNote, EditorsNote]
        );
    }

    #[test]
    fn a_writers_own_notes_and_points_stay() {
        for texts in [
            [
                (Paragraph, "[1] My own remark on the second chapter."),
                (Paragraph, "[2] And another one."),
            ],
            [
                (Paragraph, "①先把水烧开。"),
                (Paragraph, "②再放茶叶，作者按自己的口味。"),
            ],
            [
                (Footnote, "本篇最初发表于我的博客。"),
                (Paragraph, "正文。"),
            ],
            [
                (Footnote, "〔1〕见拙著第三章。"),
                (Paragraph, "〔2〕同上。"),
            ],
        ] {
            assert_eq!(kinds(&texts), texts.map(|(kind, _)| kind), "{texts:?}");
        }
    }

    #[test]
    fn a_text_that_goes_on_after_the_notes_is_not_swallowed() {
        let mut texts = vec![(Footnote, "〔1〕本篇最初发表于《语丝》。")];
        texts.extend([(Paragraph, "正文还在继续。"); 40]);
        let kinds = kinds(&texts);
        assert_eq!(kinds[0], EditorsNote);
        assert!(kinds[1..].iter().all(|kind| *kind == Paragraph));
    }

    #[test]
    fn who_typed_a_book_in_is_not_its_writer() {
        assert_eq!(
            kinds(&[
                (Paragraph, "[Transcriber's Note: spelling is kept.]"),
                (Paragraph, "The transcriber's note was lost."),
            ]),
            [EditorsNote, Paragraph]
        );
    }

    #[test]
    fn years_of_a_life_are_told_in_either_width() {
        assert!(has_years_of_life("杨荫榆（１８８４—１９３８），江苏人"));
        assert!(has_years_of_life("陶渊明（约372—427）"));
        assert!(!has_years_of_life("（见第3—5页的说明）"));
        assert!(!has_years_of_life("(1)"));
    }
}
