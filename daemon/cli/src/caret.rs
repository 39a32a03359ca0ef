//! A caret in a text: from a line and column to what stands before and after it. Pure.

/// Text before the caret that is sent, as much as the language server sends: more than any context
/// of ours holds.
const PREFIX_BYTES_MAX: usize = 48 * 1024;
/// Text after the caret that is sent: it only serves trimming.
const SUFFIX_BYTES_MAX: usize = 4 * 1024;

/// Where the caret stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caret {
    /// Behind the last character; a line break that ends the text is left behind the caret, since
    /// files end with one that no person typed.
    End,
    /// In a line, both counted from 1; the column in characters, none: the end of the line.
    At {
        /// The line.
        line: usize,
        /// The column.
        column: Option<usize>,
    },
}

/// What stands around a caret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Around<'a> {
    /// Before it.
    pub(crate) prefix: &'a str,
    /// Byte of the text at which `prefix` starts.
    pub(crate) prefix_start: usize,
    /// After it.
    pub(crate) suffix: &'a str,
}

/// A caret that the text does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoSuchCaret {
    /// The text is shorter.
    #[error("there is no line {line}: the text has {lines}; give --line 1 to {lines}")]
    Line {
        /// What was asked for.
        line: usize,
        /// What there is.
        lines: usize,
    },
    /// The line is shorter.
    #[error("there is no column {column} in line {line}; give --col 1 to {columns}")]
    Column {
        /// What was asked for.
        column: usize,
        /// In which line.
        line: usize,
        /// The last one, behind its last character.
        columns: usize,
    },
}

impl Caret {
    /// Cuts the text around the caret, within the limits.
    pub(crate) fn cut(self, text: &str) -> Result<Around<'_>, NoSuchCaret> {
        let byte = self.byte_in(text)?;
        let mut prefix_start = byte.saturating_sub(PREFIX_BYTES_MAX);
        while !text.is_char_boundary(prefix_start) {
            prefix_start += 1; // ends at `byte` at the latest
        }
        let mut suffix_end = byte.saturating_add(SUFFIX_BYTES_MAX).min(text.len());
        while !text.is_char_boundary(suffix_end) {
            suffix_end -= 1; // ends at `byte` at the latest
        }
        Ok(Around {
            prefix: &text[prefix_start..byte],
            prefix_start,
            suffix: &text[byte..suffix_end],
        })
    }

    fn byte_in(self, text: &str) -> Result<usize, NoSuchCaret> {
        let (line, column) = match self {
            Self::End => {
                let end = text
                    .strip_suffix("\r\n")
                    .or_else(|| text.strip_suffix(['\n', '\r']));
                return Ok(end.unwrap_or(text).len());
            }
            Self::At { line, column } => (line, column),
        };
        let lines: Vec<(usize, &str)> = lines_of(text).collect();
        let at = line.checked_sub(1).and_then(|index| lines.get(index));
        let Some((start, content)) = at else {
            return Err(NoSuchCaret::Line {
                line,
                lines: lines.len(),
            });
        };
        let Some(column) = column else {
            return Ok(start + content.len());
        };
        let ends = content
            .char_indices()
            .map(|(byte, _)| byte)
            .chain([content.len()]);
        let byte = column
            .checked_sub(1)
            .and_then(|index| ends.clone().nth(index));
        byte.map(|byte| start + byte).ok_or(NoSuchCaret::Column {
            column,
            line,
            columns: ends.count(),
        })
    }
}

/// The lines with the byte at which each starts, without their breaks (`\n`, `\r\n` or `\r`, as
/// editors count). A break at the end of the text begins one more, empty line.
fn lines_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let start = next?;
        let rest = &text[start..];
        let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let after = &rest[length..];
        next = match after {
            "" => None,
            _ if after.starts_with("\r\n") => Some(start + length + 2),
            _ => Some(start + length + 1),
        };
        Some((start, &rest[..length]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(caret: Caret, text: &str, before: &str) {
        let around = caret.cut(text).unwrap();
        assert_eq!(around.prefix, before);
        assert_eq!(format!("{}{}", around.prefix, around.suffix), text);
        assert_eq!(around.prefix_start, 0);
    }

    fn at(line: usize, column: usize) -> Caret {
        Caret::At {
            line,
            column: Some(column),
        }
    }

    #[test]
    fn the_end_is_before_a_line_break_that_ends_the_file() {
        for (text, before) in [
            ("one", "one"),
            ("one\n", "one"),
            ("一。\r\n", "一。"),
            ("a\n\n", "a\n"),
            ("", ""),
            ("\n", ""),
        ] {
            check(Caret::End, text, before);
        }
    }

    #[test]
    fn columns_count_characters_whatever_their_width() {
        let text = "The harbour\r\n今天👍e\u{301}x\n\nlast";
        check(at(1, 1), text, "");
        check(at(1, 12), text, "The harbour");
        check(at(2, 3), text, "The harbour\r\n今天");
        check(at(2, 4), text, "The harbour\r\n今天👍");
        check(at(2, 6), text, "The harbour\r\n今天👍e\u{301}");
        check(at(3, 1), text, "The harbour\r\n今天👍e\u{301}x\n");
        check(at(4, 5), text, text);
        check(
            Caret::At {
                line: 2,
                column: None,
            },
            text,
            "The harbour\r\n今天👍e\u{301}x",
        );
    }

    #[test]
    fn a_caret_outside_of_the_text_is_refused_with_what_there_is() {
        let text = "家\r\n";
        assert_eq!(
            at(3, 1).cut(text),
            Err(NoSuchCaret::Line { line: 3, lines: 2 })
        );
        assert_eq!(
            at(0, 1).cut(text),
            Err(NoSuchCaret::Line { line: 0, lines: 2 })
        );
        assert_eq!(
            at(1, 3).cut(text),
            Err(NoSuchCaret::Column {
                column: 3,
                line: 1,
                columns: 2
            })
        );
        assert_eq!(
            at(1, 0).cut(text),
            Err(NoSuchCaret::Column {
                column: 0,
                line: 1,
                columns: 2
            })
        );
        check(at(2, 1), text, text);
    }

    #[test]
    fn a_long_text_is_cut_at_whole_characters() {
        let text = "字".repeat(40_000);
        let around = at(1, 20_001).cut(&text).unwrap();
        assert_eq!(around.prefix.len(), PREFIX_BYTES_MAX);
        assert_eq!(around.prefix_start, 60_000 - PREFIX_BYTES_MAX);
        assert!(SUFFIX_BYTES_MAX - around.suffix.len() < 3);
    }
}
