//! Typst's functions as far as they show text: figures, notes, quotations, links, and whatever has
//! content in brackets.

use super::{Reader, code};
use crate::block::BlockKind;

impl<'a> Reader<'a> {
    pub(super) fn function(&mut self) {
        let start = self.at;
        let call = code::call(self.text(), start, self.end, &mut self.searches);
        match call.name {
            "" if !call.contents.is_empty() => self.contents(&call, start),
            "let" | "set" | "show" | "import" | "include" | "if" | "for" | "while" | "return"
            | "context" | "bibliography" | "pagebreak" | "outline" | "v" | "h" | "counter"
            | "metadata" | "state" | "" => self.statement(&call, start),
            "table" | "grid" if self.depth == 0 => {
                self.source_block(BlockKind::Table, start, call.end);
            }
            "image" | "line" | "rect" | "circle" | "box" | "raw" | "lorem" | "cite" | "ref"
            | "label"
                if call.contents.is_empty() =>
            {
                self.at = call.end;
            }
            "figure" => self.figure(&call, start),
            "footnote" => self.aside(BlockKind::Footnote, &call, start),
            "quote" if self.depth == 0 => self.quote(&call, start),
            "heading" | "title" if self.depth == 0 => self.heading(&call, start),
            "linebreak" | "parbreak" => {
                self.run.text.push('\n');
                self.at = call.end;
            }
            _ => self.contents(&call, start),
        }
        self.at = self.at.max(start + 1).min(self.end);
    }

    /// Code that shows nothing, or nothing that can be told.
    fn statement(&mut self, call: &code::Call<'a>, start: usize) {
        if call.name.is_empty() && call.end <= start + 1 {
            self.push_source(1);
            return;
        }
        let text = &self.text()[start..call.end];
        if call.name == "set"
            && text.contains("document")
            && let Some(title) = code::named_string(text, "title")
        {
            self.page.title(title);
        }
        if self.depth == 0 && self.run.is_empty() {
            self.source_block(BlockKind::Markup, start, call.end);
        }
        self.at = call.end;
    }

    fn source_block(&mut self, kind: BlockKind, start: usize, end: usize) {
        self.flush();
        self.page.push(
            kind,
            &self.text()[start..end],
            Some(self.source.range(start, end)),
        );
        self.at = end;
    }

    fn figure(&mut self, call: &code::Call<'a>, start: usize) {
        let arguments = call
            .arguments
            .map_or("", |(from, to)| &self.text()[from..to]);
        if let Some(at) = code::named(arguments, "caption") {
            let from = call.arguments.map_or(start, |(from, _)| from) + at;
            let caption = if self.text()[from..].starts_with('[') {
                let close = self.searches.closing(self.text(), from, Some(b'\\'));
                close
                    .map(|close| self.inline(from + 1, close))
                    .unwrap_or_default()
            } else {
                code::string_at(&self.text()[from..])
                    .unwrap_or_default()
                    .to_owned()
            };
            self.later.push((
                BlockKind::Caption,
                caption,
                self.source.range(start, call.end),
            ));
        }
        self.at = call.end;
        if self.depth == 0 {
            self.flush();
        }
    }

    fn aside(&mut self, kind: BlockKind, call: &code::Call<'a>, start: usize) {
        let text = self.contents_text(call);
        self.run
            .text
            .truncate(self.run.text.trim_end_matches(' ').len());
        self.later
            .push((kind, text, self.source.range(start, call.end)));
        self.run.cover(start, call.end);
        self.at = call.end;
    }

    fn quote(&mut self, call: &code::Call<'a>, start: usize) {
        let is_block = call.arguments.is_some_and(|(from, to)| {
            self.text()[from..to]
                .replace(' ', "")
                .contains("block:true")
        });
        if !is_block {
            self.run.push("“", start, start + 1);
            self.contents(call, start);
            self.run.text.push('”');
            return;
        }
        self.flush();
        let text = self.contents_text(call);
        self.page.push(
            BlockKind::Quote,
            &text,
            Some(self.source.range(start, call.end)),
        );
        self.at = call.end;
        self.push_later();
    }

    fn heading(&mut self, call: &code::Call<'a>, start: usize) {
        self.flush();
        let text = self.contents_text(call);
        if call.name == "title" {
            self.page.title(&text);
        }
        self.page.push(
            BlockKind::Heading(1),
            &text,
            Some(self.source.range(start, call.end)),
        );
        self.at = call.end;
    }

    /// A function whose content shows: in the line, or as blocks where it has lines of its own.
    fn contents(&mut self, call: &code::Call<'a>, start: usize) {
        let has_lines = |&(from, to): &(usize, usize)| self.text()[from..to].contains('\n');
        if self.depth == 0
            && self.scopes < super::CONTENT_DEPTH_MAX
            && self.run.is_empty()
            && call.contents.iter().any(has_lines)
        {
            return self.content_blocks(call);
        }
        let mut text = self.contents_text(call);
        // `#link("https://…")` shows its address.
        if call.contents.is_empty()
            && matches!(
                call.name,
                "link" | "strong" | "emph" | "text" | "upper" | "smallcaps"
            )
        {
            let arguments = call
                .arguments
                .map_or("", |(from, to)| &self.text()[from..to]);
            text = code::string_at(arguments).unwrap_or_default().to_owned();
        }
        self.run.push(&text, start, call.end);
        if call.name == "link" {
            self.run.link_bytes += text.len();
        }
        self.at = call.end;
    }

    fn content_blocks(&mut self, call: &code::Call<'a>) {
        self.flush();
        let end = self.end;
        self.scopes += 1;
        for &(from, to) in &call.contents {
            (self.at, self.end) = (from, to);
            self.read_lines();
            self.flush();
        }
        self.scopes -= 1;
        (self.at, self.end) = (call.end, end);
    }

    fn contents_text(&mut self, call: &code::Call<'a>) -> String {
        let mut text = String::new();
        for &(from, to) in &call.contents {
            let part = self.inline(from, to);
            text.push_str(&part);
        }
        text
    }
}
