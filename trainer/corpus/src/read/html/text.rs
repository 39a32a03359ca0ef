//! Text of a page while it grows: blanks in a row are one, as browsers show them.
//!
//! A line end in the source stays a line feed, so that cleaning can join Chinese lines without a
//! blank, which a browser does not.

/// Text that grows.
#[derive(Default)]
pub(super) struct Collapsed {
    pub(super) text: String,
    /// The bytes of the source that it comes from.
    pub(super) span: Option<(usize, usize)>,
    /// How many bytes of it are links.
    pub(super) link_bytes: usize,
    /// Whether it ends with a `<br>`, blanks aside.
    broken: bool,
}

impl Collapsed {
    /// Adds text in which blanks mean little; it stands at `span` in `source`.
    pub(super) fn push(&mut self, value: &str, span: (usize, usize), source: &str, linked: bool) {
        let before = self.text.len();
        let mut words = value.split(is_blank).filter(|word| !word.is_empty());
        let Some(first) = words.next() else {
            if !value.is_empty() {
                self.blank(value);
            }
            return;
        };
        let leading = &value[..value.len() - value.trim_start_matches(is_blank).len()];
        let trailing = &value[value.trim_end_matches(is_blank).len()..];
        self.blank(leading);
        self.text.push_str(first);
        let mut at = leading.len() + first.len();
        for word in words {
            // `words` splits at single blanks, so the next word is found from here on.
            let gap = value[at..]
                .find(|character| !is_blank(character))
                .unwrap_or(0);
            self.blank(&value[at..at + gap]);
            self.text.push_str(word);
            at += gap + word.len();
        }
        self.broken = false;
        self.cover(span, leading.len(), trailing.len(), source);
        if linked {
            self.link_bytes += self.text.len() - before;
        }
        self.blank(trailing);
    }

    /// Adds preformatted text.
    pub(super) fn push_preformatted(&mut self, value: &str, span: (usize, usize)) {
        self.text.push_str(value);
        let (start, end) = self.span.unwrap_or(span);
        self.span = Some((start.min(span.0), end.max(span.1)));
    }

    /// Adds a sign that stands for a tag.
    pub(super) fn push_raw(&mut self, sign: &str, span: (usize, usize)) {
        self.text.push_str(sign);
        self.broken = false;
        if self.span.is_none() {
            self.span = Some((span.0, span.0));
        }
    }

    pub(super) fn push_break(&mut self, span: (usize, usize)) {
        self.text
            .truncate(self.text.trim_end_matches(is_blank).len());
        if !self.text.is_empty() {
            self.text.push('\n');
            let (start, end) = self.span.unwrap_or(span);
            self.span = Some((start, end));
            self.broken = true;
        }
    }

    pub(super) fn ends_with_break(&self) -> bool {
        self.broken
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text
            .trim_matches(|character: char| character.is_whitespace() || character == '`')
            .is_empty()
    }

    pub(super) fn take(&mut self) -> Self {
        std::mem::take(self)
    }

    /// One blank for those in `gap`, or a line feed where they hold one.
    fn blank(&mut self, gap: &str) {
        if gap.is_empty() || self.text.is_empty() || self.text.ends_with('\n') {
            return;
        }
        let has_line_end = gap.contains('\n');
        if self.text.ends_with(' ') {
            if has_line_end {
                self.text.pop();
                self.text.push('\n');
            }
            return;
        }
        self.text.push(if has_line_end { '\n' } else { ' ' });
    }

    /// Counts the source of a text without the blanks around it.
    fn cover(&mut self, span: (usize, usize), leading: usize, trailing: usize, source: &str) {
        let start = (span.0 + leading).min(span.1);
        let mut end = span.1.saturating_sub(trailing).max(start).min(source.len());
        // With entities or line ends of two bytes the blanks at the end are longer in the source.
        while end > start && source.as_bytes()[end - 1].is_ascii_whitespace() {
            end -= 1;
        }
        let (first, last) = self.span.unwrap_or((start, end));
        self.span = Some((first.min(start), last.max(end)));
    }
}

/// What HTML collapses; a no-break blank is none of these.
fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{C}')
}
