//! Paragraphs of Markdown that are cut by their lines: the first of a callout, whose title stands
//! above its text, and those with `:::` in them.

use super::{Reader, extras};
use crate::block::BlockKind;
use crate::read::page::Run;

impl Reader<'_> {
    /// The first paragraph of a callout: its title stands on the first line, its text below.
    pub(super) fn push_callout(
        &mut self,
        kind: BlockKind,
        text: &str,
        cut: usize,
        breaks: &[(usize, usize)],
        span: (usize, usize),
    ) {
        let first_break = breaks
            .iter()
            .find(|(at, _)| *at > cut || text.starts_with('\n'));
        let Some(&(at, source_at)) = first_break else {
            return self.put(kind, text, span, 0);
        };
        let at = at.saturating_sub(cut).min(text.len());
        let (title, rest) = text.split_at_checked(at).unwrap_or((text, ""));
        self.put(kind, title, (span.0, source_at.saturating_sub(1)), 0);
        self.put(kind, rest, (source_at, span.1), 0);
    }

    /// A paragraph among whose lines `:::` opens or closes something.
    pub(super) fn push_directives(
        &mut self,
        kind: BlockKind,
        run: &Run,
        breaks: &[(usize, usize)],
        start: usize,
        end: usize,
    ) {
        let mut cuts = vec![(0, start)];
        cuts.extend_from_slice(breaks);
        cuts.push((run.text.len(), end));
        let mut first = 0;
        for index in 0..cuts.len() - 1 {
            let line = &run.text[cuts[index].0..cuts[index + 1].0];
            if !line.trim_start().starts_with(":::") {
                continue;
            }
            self.push_lines(kind, run, &cuts, first, index);
            let lines = Some(self.source.range(cuts[index].1, cuts[index].1 + 1));
            match extras::directive_title(line) {
                Some(title) => self.page.push(BlockKind::Paragraph, title, lines),
                None => self.page.push(BlockKind::Markup, line, lines),
            }
            first = index + 1;
        }
        self.push_lines(kind, run, &cuts, first, cuts.len() - 1);
    }

    fn push_lines(
        &mut self,
        kind: BlockKind,
        run: &Run,
        cuts: &[(usize, usize)],
        first: usize,
        last: usize,
    ) {
        if first < last {
            let text = &run.text[cuts[first].0..cuts[last].0];
            self.put(
                kind,
                text,
                (cuts[first].1, cuts[last].1.saturating_sub(1)),
                0,
            );
        }
    }
}
