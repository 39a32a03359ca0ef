//! A terminal's rows as an SVG picture: crisp at every size, small, and readable as a diff.
//!
//! Every run gets the width of its cells, so that a viewer with another fixed-width font still
//! keeps the columns.

use std::fmt::Write as _;

use crate::ansi::{Rgb, Run, Style};
use crate::terminal::CellPosition;

const CELL_WIDTH_PX: usize = 9;
const ROW_HEIGHT_PX: usize = 20;
const FONT_SIZE_PX: usize = 15;
/// From the row's top to the letters' base line.
const BASELINE_PX: usize = 15;
const MARGIN_PX: usize = 14;
const CARET_WIDTH_PX: usize = 2;

/// The terminal's own colours, which are Neovim's dark ones.
const FOREGROUND: Rgb = Rgb(0xe0, 0xe2, 0xea);
const BACKGROUND: Rgb = Rgb(0x14, 0x16, 0x1b);

/// Draws rows, with the caret as a bar.
pub fn draw(rows: &[Vec<Run>], caret: CellPosition, title: &str) -> String {
    let columns = rows
        .iter()
        .map(|row| row.iter().map(|run| cells(&run.text)).sum())
        .max();
    let columns: usize = columns.unwrap_or(0);
    let width = columns * CELL_WIDTH_PX + 2 * MARGIN_PX;
    let height = rows.len() * ROW_HEIGHT_PX + 2 * MARGIN_PX;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{}</title>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{}\"/>\n\
         <g font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, 'Noto Sans Mono CJK SC', monospace\" \
         font-size=\"{FONT_SIZE_PX}\" xml:space=\"preserve\">\n",
        escape(title),
        hex(BACKGROUND)
    );
    for (index, row) in rows.iter().enumerate() {
        draw_row(&mut svg, row, MARGIN_PX + index * ROW_HEIGHT_PX);
    }
    let (x, y) = (
        MARGIN_PX + caret.column * CELL_WIDTH_PX,
        MARGIN_PX + caret.row * ROW_HEIGHT_PX,
    );
    push(
        &mut svg,
        format_args!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{CARET_WIDTH_PX}\" height=\"{ROW_HEIGHT_PX}\" fill=\"{}\"/>\n",
            hex(FOREGROUND)
        ),
    );
    svg.push_str("</g>\n</svg>\n");
    svg
}

fn draw_row(svg: &mut String, row: &[Run], top: usize) {
    let mut column = 0;
    for run in row {
        let (x, width) = (
            MARGIN_PX + column * CELL_WIDTH_PX,
            cells(&run.text) * CELL_WIDTH_PX,
        );
        column += cells(&run.text);
        let (foreground, background) = colours(run.style);
        if let Some(background) = background {
            push(
                svg,
                format_args!(
                    "<rect x=\"{x}\" y=\"{top}\" width=\"{width}\" height=\"{ROW_HEIGHT_PX}\" fill=\"{}\"/>\n",
                    hex(background)
                ),
            );
        }
        // Some viewers swallow spaces at the start of a text; the place says the same.
        let indent_px = (run.text.len() - run.text.trim_start_matches(' ').len()) * CELL_WIDTH_PX;
        let (text, x, width) = (
            run.text.trim_matches(' '),
            x + indent_px,
            cells(run.text.trim_matches(' ')) * CELL_WIDTH_PX,
        );
        if text.is_empty() {
            continue;
        }
        push(
            svg,
            format_args!(
                "<text x=\"{x}\" y=\"{}\" textLength=\"{width}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{}\"{}>{}</text>\n",
                top + BASELINE_PX,
                hex(foreground),
                attributes(run.style),
                escape(text)
            ),
        );
    }
}

/// Letters and ground; the ground only where it differs from the terminal's.
fn colours(style: Style) -> (Rgb, Option<Rgb>) {
    let foreground = style.foreground.unwrap_or(FOREGROUND);
    if style.reverse {
        return (style.background.unwrap_or(BACKGROUND), Some(foreground));
    }
    (
        foreground,
        style.background.filter(|ground| *ground != BACKGROUND),
    )
}

fn attributes(style: Style) -> String {
    let mut text = String::new();
    for (is_set, attribute) in [
        (style.bold, " font-weight=\"bold\""),
        (style.italic, " font-style=\"italic\""),
        (style.underline, " text-decoration=\"underline\""),
    ] {
        if is_set {
            text.push_str(attribute);
        }
    }
    text
}

/// How many cells a text takes: two for each wide character (East Asian Width), none for marks that
/// combine. Enough for a picture of our own samples.
fn cells(text: &str) -> usize {
    text.chars()
        .map(|character| match u32::from(character) {
            0x0300..=0x036f | 0x200b..=0x200f | 0xfe00..=0xfe0f => 0,
            0x1100..=0x115f
            | 0x2e80..=0xa4cf
            | 0xac00..=0xd7a3
            | 0xf900..=0xfaff
            | 0xfe30..=0xfe4f
            | 0xff00..=0xff60
            | 0xffe0..=0xffe6
            | 0x1f300..=0x1f64f
            | 0x1f900..=0x1f9ff
            | 0x20000..=0x3fffd => 2,
            _ => 1,
        })
        .sum()
}

fn hex(Rgb(red, green, blue): Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn push(svg: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _infallible = svg.write_fmt(arguments);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ansi;

    const CARET: CellPosition = CellPosition { column: 3, row: 0 };

    #[test]
    fn each_run_has_its_colour_and_the_width_of_its_cells() {
        let svg = draw(&ansi::rows("ab\u{1b}[38;2;79;82;88m今天"), CARET, "t");
        assert!(
            svg.contains(">ab</text>") && svg.contains(&hex(FOREGROUND)),
            "{svg}"
        );
        let ghost = svg.lines().find(|line| line.contains("今天")).unwrap();
        assert!(ghost.contains("fill=\"#4f5258\""), "{ghost}");
        assert!(
            ghost.contains("x=\"32\"") && ghost.contains("textLength=\"36\""),
            "{ghost}"
        );
    }

    #[test]
    fn markup_in_the_text_is_escaped() {
        let svg = draw(&ansi::rows("<b> & \"c\""), CARET, "a < b");
        assert!(svg.contains("&lt;b&gt; &amp; &quot;c&quot;"), "{svg}");
        assert!(svg.contains("<title>a &lt; b</title>"), "{svg}");
    }

    #[test]
    fn reversed_cells_exchange_their_colours() {
        let svg = draw(&ansi::rows("\u{1b}[7mx"), CARET, "t");
        assert!(
            svg.contains(&format!("fill=\"{}\">x<", hex(BACKGROUND))),
            "{svg}"
        );
    }

    #[test]
    fn combining_marks_take_no_cell() {
        assert_eq!(cells("cafe\u{301}"), 4);
        assert_eq!(cells("今天 ok"), 7);
    }
}
