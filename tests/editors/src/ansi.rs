//! The content of a terminal as tmux captures it (`capture-pane -e`): rows of text runs, each with
//! the colours that its escape sequences set.
//!
//! Only what such a capture holds: "Select Graphic Rendition" (ECMA-48, 8.3.117). Other sequences
//! are skipped.

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// How a run is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
// Independent switches of the standard.
#[expect(clippy::struct_excessive_bools)]
pub struct Style {
    /// Of the letters; none is the terminal's own.
    pub foreground: Option<Rgb>,
    /// Behind them; none is the terminal's own.
    pub background: Option<Rgb>,
    /// Bold letters.
    pub bold: bool,
    /// Slanted letters.
    pub italic: bool,
    /// A line below.
    pub underline: bool,
    /// The two colours exchanged.
    pub reverse: bool,
}

/// A piece of a row in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its text, not empty.
    pub text: String,
    /// Its style.
    pub style: Style,
}

/// The sixteen named colours, in the order of their codes.
const NAMED: [Rgb; 16] = [
    Rgb(0x07, 0x08, 0x0d),
    Rgb(0xb3, 0x44, 0x4c),
    Rgb(0x3f, 0x8f, 0x4f),
    Rgb(0xa0, 0x7c, 0x2c),
    Rgb(0x3f, 0x6f, 0xb5),
    Rgb(0x8c, 0x4f, 0xa8),
    Rgb(0x2f, 0x8c, 0x8c),
    Rgb(0xc4, 0xc6, 0xcd),
    Rgb(0x5c, 0x60, 0x6b),
    Rgb(0xff, 0xc0, 0xb9),
    Rgb(0xb3, 0xf6, 0xc0),
    Rgb(0xfc, 0xe0, 0x94),
    Rgb(0xa6, 0xdb, 0xff),
    Rgb(0xff, 0xca, 0xff),
    Rgb(0x8c, 0xf8, 0xf7),
    Rgb(0xee, 0xf1, 0xf8),
];

/// Reads a capture. A style reaches over line ends, as in a terminal.
pub fn rows(capture: &str) -> Vec<Vec<Run>> {
    let mut style = Style::default();
    capture.lines().map(|line| row(line, &mut style)).collect()
}

fn row(line: &str, style: &mut Style) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut pieces = line.split('\u{1b}');
    push(&mut runs, pieces.next().unwrap_or_default(), *style);
    for piece in pieces {
        let Some(sequence) = piece.strip_prefix('[') else {
            push(&mut runs, piece.get(1..).unwrap_or_default(), *style);
            continue;
        };
        let end = sequence
            .find(|last: char| last.is_ascii_alphabetic())
            .unwrap_or(sequence.len());
        let (codes, rest) = sequence.split_at(end);
        if let Some(text) = rest.strip_prefix('m') {
            apply(codes, style);
            push(&mut runs, text, *style);
        } else {
            push(&mut runs, rest.get(1..).unwrap_or_default(), *style);
        }
    }
    runs
}

fn push(runs: &mut Vec<Run>, text: &str, style: Style) {
    // Shift-in and shift-out choose a character set that a UTF-8 terminal does not have.
    let text: String = text
        .chars()
        .filter(|character| !character.is_control())
        .collect();
    match runs.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.style == style => last.text.push_str(&text),
        _ => runs.push(Run { text, style }),
    }
}

fn apply(codes: &str, style: &mut Style) {
    let mut codes = codes
        .split([';', ':'])
        .map(|code| code.parse::<u8>().unwrap_or(0));
    while let Some(code) = codes.next() {
        match code {
            0 => *style = Style::default(),
            1 => style.bold = true,
            3 => style.italic = true,
            4 => style.underline = true,
            7 => style.reverse = true,
            22 => style.bold = false,
            23 => style.italic = false,
            24 => style.underline = false,
            27 => style.reverse = false,
            30..=37 => style.foreground = Some(NAMED[usize::from(code - 30)]),
            38 => style.foreground = extended(&mut codes),
            39 => style.foreground = None,
            40..=47 => style.background = Some(NAMED[usize::from(code - 40)]),
            48 => style.background = extended(&mut codes),
            49 => style.background = None,
            90..=97 => style.foreground = Some(NAMED[usize::from(code - 90) + 8]),
            100..=107 => style.background = Some(NAMED[usize::from(code - 100) + 8]),
            _ => {}
        }
    }
}

/// The colour after 38 or 48: `2;r;g;b` or `5;n`.
fn extended(codes: &mut impl Iterator<Item = u8>) -> Option<Rgb> {
    match codes.next()? {
        2 => Some(Rgb(codes.next()?, codes.next()?, codes.next()?)),
        5 => Some(indexed(codes.next()?)),
        _ => None,
    }
}

/// The 256 colours of xterm: 16 named, a cube of 6 × 6 × 6, 24 greys.
fn indexed(index: u8) -> Rgb {
    let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    match index {
        0..=15 => NAMED[usize::from(index)],
        16..=231 => {
            let cube = index - 16;
            Rgb(level(cube / 36), level(cube / 6 % 6), level(cube % 6))
        }
        232..=255 => {
            let grey = 8 + 10 * (index - 232);
            Rgb(grey, grey, grey)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(row: &[Run]) -> Vec<&str> {
        row.iter().map(|run| run.text.as_str()).collect()
    }

    #[test]
    fn runs_end_where_the_style_changes() {
        let rows = rows("plain \u{1b}[38;2;79;82;88mghost 今天\u{1b}[0m after");
        assert_eq!(texts(&rows[0]), ["plain ", "ghost 今天", " after"]);
        assert_eq!(rows[0][1].style.foreground, Some(Rgb(79, 82, 88)));
        assert_eq!(rows[0][2].style, Style::default());
    }

    #[test]
    fn a_style_reaches_over_the_line_end() {
        let rows = rows("\u{1b}[1;4mone\ntwo\u{1b}[22mthree");
        assert!(rows[1][0].style.bold && rows[1][0].style.underline);
        assert!(!rows[1][1].style.bold && rows[1][1].style.underline);
    }

    #[test]
    fn named_bright_and_indexed_colours_are_known() {
        let rows = rows("\u{1b}[31ma\u{1b}[92mb\u{1b}[38;5;196mc\u{1b}[48;5;244md");
        let colours: Vec<Option<Rgb>> = rows[0].iter().map(|run| run.style.foreground).collect();
        assert_eq!(
            colours[..3],
            [Some(NAMED[1]), Some(NAMED[10]), Some(Rgb(255, 0, 0))]
        );
        assert_eq!(rows[0][3].style.background, Some(Rgb(128, 128, 128)));
    }

    #[test]
    fn other_sequences_and_cut_ones_are_skipped() {
        let rows = rows("a\u{1b}[2Kb\u{1b}[38;2");
        assert_eq!(texts(&rows[0]), ["ab"]);
    }
}
