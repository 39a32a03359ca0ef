//! LaTeX's signs: what is no word and no command with a name. Line ends, comments, formulas, quotes,
//! dashes, accents.

use super::{Reader, accents};
use crate::block::BlockKind;

/// A formula in a line is no longer; a dollar that is closed later is text.
const FORMULA_BYTES_MAX: usize = 4000;

impl Reader<'_> {
    /// Dashes and quotes that are written with several signs.
    pub(super) fn ligature(&mut self) {
        const LIGATURES: &[(&str, &str)] = &[
            ("---", "—"),
            ("--", "–"),
            ("``", "“"),
            ("''", "”"),
            ("`", "‘"),
            ("'", "’"),
        ];
        let rest = self.rest();
        match LIGATURES
            .iter()
            .find(|(source, _)| rest.starts_with(source))
        {
            Some((source, shown)) => self.push_instead(shown, source.len()),
            None => self.push_source(1),
        }
    }

    /// A line end; a blank line after it ends the paragraph.
    pub(super) fn line_end(&mut self) {
        self.at += 1;
        let rest = self.rest();
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
        self.at += blanks;
        if self.rest().starts_with('\n') || self.at >= self.end {
            self.flush();
        } else if !self.run.text.is_empty() && !self.run.text.ends_with('\n') {
            self.run
                .text
                .truncate(self.run.text.trim_end_matches(' ').len());
            self.run.text.push('\n');
        }
    }

    /// A comment takes the line end with it, and the indent of the next line.
    pub(super) fn comment(&mut self) {
        let start = self.at;
        let rest = self.rest();
        let length = rest.find('\n').unwrap_or(rest.len());
        if self.run.is_empty() && self.depth == 0 {
            self.page.push(
                BlockKind::Markup,
                &rest[..length],
                Some(self.source.range(start, start + length)),
            );
        }
        self.at += length;
        let line_start = self.text()[..start].rfind('\n').map_or(0, |at| at + 1);
        let is_whole_line = self.text()[line_start..start].trim().is_empty();
        if is_whole_line || self.rest().is_empty() {
            self.at += usize::from(
                !self.rest().is_empty()
                    && !self.rest()[1..]
                        .trim_start_matches([' ', '\t', '\r'])
                        .starts_with('\n'),
            );
        }
    }

    pub(super) fn dollar(&mut self) {
        let rest = self.rest();
        if rest.starts_with("$$") {
            return self.display_math("$$", "$$");
        }
        // A formula in a line has no blank line in it.
        let window = &rest.as_bytes()[..rest.len().min(FORMULA_BYTES_MAX)];
        let paragraph = memchr::memmem::find(window, b"\n\n").unwrap_or(window.len());
        let mut escaped = false;
        let closing = window[1..paragraph.max(1)].iter().position(|&byte| {
            let found = byte == b'$' && !escaped;
            escaped = byte == b'\\' && !escaped;
            found
        });
        self.searches.spend(paragraph);
        let length = closing.map_or(1, |at| at + 2);
        self.push_source(length);
    }

    pub(super) fn display_math(&mut self, opening: &str, closing: &str) {
        let start = self.at;
        let Some(end) = self
            .searches
            .find(self.text(), closing, start + opening.len())
            .filter(|&end| end <= self.end)
        else {
            self.at += opening.len();
            return;
        };
        let end = (end + closing.len()).min(self.end);
        self.block(BlockKind::Math, start, end);
        self.at = end;
    }

    pub(super) fn control_symbol(&mut self, symbol: Option<char>) {
        let Some(symbol) = symbol else {
            self.at += 1;
            return;
        };
        let length = 1 + symbol.len_utf8();
        match symbol {
            '[' => self.display_math("\\[", "\\]"),
            '(' | ')' => self.push_instead("$", length),
            '\\' => {
                self.push_instead("\n", length);
                self.option();
            }
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => {
                let shown = &self.text()[self.at + 1..self.at + length];
                self.push_instead(shown, length);
            }
            ' ' | '\n' | ',' | ';' | ':' | '~' if symbol != '~' => self.push_instead(" ", length),
            '\'' | '`' | '^' | '"' | '~' | '=' | '.' => {
                self.at += length;
                self.accent(symbol);
            }
            _ => self.at += length,
        }
    }

    /// The letter after an accent, in braces or not.
    pub(super) fn accent(&mut self, mark: char) {
        let start = self.at;
        let rest = self.rest().trim_start_matches([' ', '{']);
        let skipped = self.rest().len() - rest.len();
        let (letter, length) = match rest.strip_prefix('\\') {
            Some(dotless) if dotless.starts_with(['i', 'j']) => (dotless.chars().next(), 2),
            _ => (
                rest.chars().next(),
                rest.chars().next().map_or(0, char::len_utf8),
            ),
        };
        let Some(letter) = letter.filter(|letter| letter.is_alphabetic()) else {
            return;
        };
        let mut end = start + skipped + length;
        if skipped > 0 && self.text()[end..].starts_with('}') {
            end += 1;
        }
        let shown = accents::compose(letter, mark);
        self.run.push(&shown, start, end);
        self.at = end.min(self.end);
    }

    pub(super) fn verbatim(&mut self, start: usize) {
        self.option();
        let rest = self.rest();
        let Some(sign) = rest
            .chars()
            .next()
            .filter(|sign| !sign.is_alphanumeric() && !sign.is_whitespace())
        else {
            return;
        };
        let closing = if sign == '{' { '}' } else { sign };
        let line = rest.find('\n').unwrap_or(rest.len());
        let Some(length) = rest[sign.len_utf8()..line.max(sign.len_utf8())].find(closing) else {
            return;
        };
        let inner = &rest[sign.len_utf8()..sign.len_utf8() + length];
        let code = format!("`{inner}`");
        let end = self.at + sign.len_utf8() + length + closing.len_utf8();
        self.run.push(&code, start, end);
        self.at = end;
    }
}

/// Without the doubled blanks and empty brackets that dropped commands leave.
pub(super) fn tidied(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    for character in text.chars() {
        let is_blank = matches!(character, ' ' | '\t');
        if is_blank && tidy.ends_with([' ', '\n']) || character == '\n' && tidy.ends_with('\n') {
            continue;
        }
        if character == '\n' {
            tidy.truncate(tidy.trim_end_matches(' ').len());
        }
        if matches!(character, ')' | ']' | '）') && tidy.ends_with(['(', '[', '（']) {
            tidy.pop();
            tidy.truncate(tidy.trim_end_matches(' ').len());
            continue;
        }
        tidy.push(if is_blank { ' ' } else { character });
    }
    tidy.trim().to_owned()
}
