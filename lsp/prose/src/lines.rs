//! The lines of a text with where they start.
//!
//! Not `str::lines`, which knows neither offsets nor a lone `\r`. Used by the readers in `markup/`.

/// A line without its break.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    /// The byte at which it starts.
    pub(crate) start: usize,
    /// Its text.
    pub(crate) text: &'a str,
}

impl<'a> Line<'a> {
    /// The byte after its text, where its break is.
    pub(crate) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// The text before `caret`, which lies on or before this line's end.
    pub(crate) fn before(&self, caret: usize) -> &'a str {
        &self.text[..caret.saturating_sub(self.start).min(self.text.len())]
    }

    /// How many bytes of white space it starts with.
    pub(crate) fn indent(&self) -> usize {
        self.text.len() - self.text.trim_start().len()
    }

    /// Whether it shows nothing.
    pub(crate) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// The lines of `text`; the last one may be empty, and there is always one.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut next_start = Some(0);
    std::iter::from_fn(move || {
        let start = next_start?;
        let rest = &text[start..];
        let length = rest.find(['\n', '\r']);
        next_start = length.map(|length| {
            let break_bytes = if rest[length..].starts_with("\r\n") {
                2
            } else {
                1
            };
            start + length + break_bytes
        });
        let text = &rest[..length.unwrap_or(rest.len())];
        Some(Line { start, text })
    })
}

/// The lines before the one that holds `caret`, in order, and that one.
pub(crate) fn lines_to_caret(text: &str, caret: usize) -> (Vec<Line<'_>>, Line<'_>) {
    let mut above: Vec<Line<'_>> = lines(text).take_while(|line| line.start <= caret).collect();
    let current = above.pop().unwrap_or(Line { start: 0, text: "" });
    (above, current)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_break_ends_a_line() {
        let found: Vec<(usize, &str)> = lines("a\r\n二\rc\n")
            .map(|line| (line.start, line.text))
            .collect();
        assert_eq!(found, [(0, "a"), (3, "二"), (7, "c"), (9, "")]);
    }

    #[test]
    fn a_caret_at_a_break_is_on_the_line_before_it() {
        let (above, current) = lines_to_caret("one\ntwo\nthree", 7);
        assert_eq!((above.len(), current.text), (1, "two"));
        assert_eq!(current.before(7), "two");
        let (_, current) = lines_to_caret("one\n", 4);
        assert_eq!(current.text, "");
    }
}
