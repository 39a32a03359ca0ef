//! Reads reStructuredText: sections, paragraphs, lists, directives, and Sphinx's ones.
//!
//! Indentation is the structure: a stack of indents says what the text at each is, and a paragraph
//! that is indented further than its surroundings is a quotation.

mod directives;
mod inline;
mod shapes;

use crate::block::{BlockKind, Reading};

use self::directives::Directive;
use self::inline::MARKUP;
use self::shapes::{
    adornment, indent, indent_bytes, is_field, is_grid, is_rule, is_simple_table, item_marker,
};
use super::ReadLimits;
use super::emphasis::shown;
use super::page::Page;
use super::searches::Searches;
use super::source::{Source, lines};

/// The blocks of a reStructuredText.
pub(super) fn read(text: &str, limits: &ReadLimits) -> Reading {
    let source = Source::new(text);
    let mut reader = Reader {
        source: &source,
        searches: Searches::new(text),
        page: Page::new(limits),
        levels: Vec::new(),
        around: vec![(0, BlockKind::Paragraph)],
        limits,
    };
    let mut at = 0;
    while at < source.len() && !reader.page.is_full() {
        at = reader.block(at).max(at + 1);
    }
    reader.page.finish()
}

struct Reader<'a> {
    source: &'a Source<'a>,
    searches: Searches,
    page: Page,
    /// The underlines of sections, outermost first, and whether they have an overline.
    levels: Vec<(u8, bool)>,
    /// The indents that are open, and what text at each of them is.
    around: Vec<(usize, BlockKind)>,
    limits: &'a ReadLimits,
}

impl Reader<'_> {
    /// Reads the block at a line; returns the line after it.
    fn block(&mut self, at: usize) -> usize {
        let line = self.source.line(at);
        let text = line.trim();
        if text.is_empty() {
            return at + 1;
        }
        let indent = indent(line);
        while self.around.len() > 1 && self.around.last().is_some_and(|&(open, _)| open > indent) {
            self.around.pop();
        }
        if let Some(end) = self.section(at) {
            return end;
        }
        if text == ".." || text.starts_with(".. ") || text.starts_with("__ ") {
            return self.explicit(at, indent);
        }
        if text.starts_with(">>> ") {
            let end = self.blank_line(at);
            return self.source_block(BlockKind::Code, at, end);
        }
        if is_grid(text) {
            let end = (at..self.source.len())
                .find(|&i| !self.source.line(i).trim_start().starts_with(['+', '|']))
                .unwrap_or(self.source.len());
            return self.source_block(BlockKind::Table, at, end);
        }
        if is_simple_table(text) {
            return self.simple_table(at);
        }
        if is_rule(text) {
            return at + 1;
        }
        if is_field(text) {
            let end = self.indented_end(at + 1, indent);
            let kind = if self.levels.is_empty() {
                BlockKind::FrontMatter
            } else {
                BlockKind::Markup
            };
            return self.source_block(kind, at, end);
        }
        self.paragraph(at, indent)
    }

    fn source_block(&mut self, kind: BlockKind, from: usize, to: usize) -> usize {
        self.page
            .push(kind, self.source.lines(from, to), Some(lines(from, to)));
        to
    }

    fn blank_line(&self, from: usize) -> usize {
        (from..self.source.len())
            .find(|&index| self.source.line(index).trim().is_empty())
            .unwrap_or(self.source.len())
    }

    /// The line after those that are indented deeper than `outer`, blank ones at the end not counted.
    fn indented_end(&self, from: usize, outer: usize) -> usize {
        let mut end = from;
        for index in from..self.source.len() {
            let line = self.source.line(index);
            if line.trim().is_empty() {
                continue;
            }
            if indent(line) <= outer {
                break;
            }
            end = index + 1;
        }
        end
    }

    /// A title with its underline, and an overline where there is one.
    fn section(&mut self, at: usize) -> Option<usize> {
        let line = self.source.line(at);
        let sign = adornment(line);
        let (title, underline, overlined) = match sign {
            Some(sign) if adornment(self.source.line(at + 2)) == Some(sign) => {
                (at + 1, at + 2, true)
            }
            Some(_) => return None,
            None => (at, at + 1, false),
        };
        let text = self.source.line(title).trim();
        let sign = adornment(self.source.line(underline))?;
        let is_indented = !overlined && line.starts_with([' ', '\t']);
        // Sphinx warns of a short underline and takes it; under a long paragraph it is something else.
        let width = self.source.line(underline).trim().len();
        let is_long_enough = width >= text.chars().count().min(4);
        if text.is_empty()
            || adornment(text).is_some()
            || is_indented
            || !is_long_enough
            || text.ends_with("::")
        {
            return None;
        }
        let known = self
            .levels
            .iter()
            .position(|&level| level == (sign, overlined));
        let level = known.unwrap_or_else(|| {
            self.levels.push((sign, overlined));
            self.levels.len() - 1
        });
        let level = u8::try_from(level + 1).unwrap_or(6).min(6);
        let text = shown(text, &MARKUP, &mut self.searches).text;
        if level == 1 {
            self.page.title(&text);
        }
        self.page.push(
            BlockKind::Heading(level),
            &text,
            Some(lines(at, underline + 1)),
        );
        Some(underline + 1)
    }

    /// What starts with two dots: a directive, a footnote, a target, a comment.
    fn explicit(&mut self, at: usize, indent: usize) -> usize {
        let text = self.source.line(at).trim();
        let rest = text.trim_start_matches('.').trim_start();
        let end = self.indented_end(at + 1, indent);
        if let Some((name, argument)) = directives::name(rest) {
            return self.directive(at, end, name, argument);
        }
        if let Some((label, _)) = rest
            .strip_prefix('[')
            .and_then(|rest| rest.split_once("] "))
        {
            let is_number = label.starts_with('#')
                || label == "*"
                || label.bytes().all(|byte| byte.is_ascii_digit());
            let kind = if is_number {
                BlockKind::Footnote
            } else {
                BlockKind::Bibliography
            };
            let skipped = self.source.line(at).find(']').map_or(0, |close| close + 1);
            let text = self.joined(at, end, skipped);
            let shown = shown(&text, &MARKUP, &mut self.searches);
            self.page.push(kind, &shown.text, Some(lines(at, end)));
            return end;
        }
        self.source_block(BlockKind::Markup, at, end)
    }

    fn directive(&mut self, at: usize, end: usize, name: &str, argument: &str) -> usize {
        let body = self.after_options(at + 1, end);
        match directives::directive(name) {
            Directive::Source(kind) => {
                let from = if kind == BlockKind::Code {
                    body.min(end)
                } else {
                    at
                };
                self.page
                    .push(kind, self.source.lines(from, end), Some(lines(at, end)));
                if from >= end {
                    self.page.push(
                        BlockKind::Markup,
                        self.source.lines(at, end),
                        Some(lines(at, end)),
                    );
                }
                end
            }
            Directive::Picture { has_caption } => {
                let alt = (at + 1..body)
                    .find_map(|index| self.source.line(index).trim().strip_prefix(":alt:"));
                match alt {
                    Some(alt) => self
                        .page
                        .push(BlockKind::Caption, alt, Some(lines(at, body))),
                    None => self.page.push(
                        BlockKind::Markup,
                        self.source.lines(at, body),
                        Some(lines(at, body)),
                    ),
                }
                if has_caption {
                    self.open(body, end, BlockKind::Caption);
                    return body;
                }
                end
            }
            Directive::Text {
                kind,
                argument_is_text,
            } => {
                let argument = Some(argument).filter(|text| argument_is_text && !text.is_empty());
                let goes_on = body == at + 1 && !directives::has_title(name);
                let body = match argument {
                    Some(_) if goes_on => self.blank_line(at + 1).min(end).max(body),
                    _ => body,
                };
                let text = argument.map(|first| {
                    let more = if goes_on { at + 1..body } else { 0..0 };
                    let more = more.map(|index| self.source.line(index).trim());
                    std::iter::once(first)
                        .chain(more)
                        .collect::<Vec<_>>()
                        .join("\n")
                });
                self.argument(text.as_deref(), at, body, kind);
                self.open(body, end, kind);
                body
            }
        }
    }

    /// What a directive says before its body starts: text, or names and options.
    fn argument(&mut self, argument: Option<&str>, at: usize, body: usize, kind: BlockKind) {
        let range = Some(lines(at, body));
        let Some(argument) = argument else {
            return self
                .page
                .push(BlockKind::Markup, self.source.lines(at, body), range);
        };
        let shown = shown(argument, &MARKUP, &mut self.searches);
        self.page.push(kind, &shown.text, range);
    }

    /// Text at the indent of a directive's body is of `kind`.
    fn open(&mut self, body: usize, end: usize, kind: BlockKind) {
        let first = (body..end).find(|&index| !self.source.line(index).trim().is_empty());
        if let Some(first) = first
            && self.around.len() < self.limits.depth_max
        {
            let outer = self
                .around
                .last()
                .map_or(BlockKind::Paragraph, |&(_, kind)| kind);
            let kind = if outer == BlockKind::Quote {
                outer
            } else {
                kind
            };
            self.around.push((indent(self.source.line(first)), kind));
        }
    }

    /// The line after a directive's options.
    fn after_options(&self, from: usize, end: usize) -> usize {
        (from..end)
            .find(|&index| {
                let line = self.source.line(index).trim();
                !(is_field(line) || line.starts_with(':') && line.len() > 1)
            })
            .unwrap_or(end.max(from))
    }

    fn simple_table(&mut self, at: usize) -> usize {
        let mut borders = 1;
        for index in at + 1..self.source.len() {
            let line = self.source.line(index).trim();
            if is_simple_table(line) {
                borders += 1;
                // The border after the head is not the last, which a blank line follows.
                if borders >= 2 && self.source.line(index + 1).trim().is_empty() {
                    return self.source_block(BlockKind::Table, at, index + 1);
                }
            } else if line.is_empty() && borders >= 3 {
                return self.source_block(BlockKind::Table, at, index);
            }
            self.searches.spend(line.len());
            if self.searches.bytes_left() == 0 {
                break;
            }
        }
        let end = self.blank_line(at);
        self.source_block(BlockKind::Table, at, end)
    }

    /// A paragraph or an item, and the literal block that it may announce.
    fn paragraph(&mut self, at: usize, indent: usize) -> usize {
        let line = self.source.line(at);
        let marker = item_marker(line.trim_start());
        let line_block = line.trim_start().starts_with("| ");
        let end = self.paragraph_end(at, indent, marker.is_some());
        let kind = self.kind_at(indent, marker);
        let skipped = indent_bytes(line) + marker.unwrap_or(0);
        let text = self.joined(at, end, skipped);
        let text = if line_block {
            text.replace("\n| ", "\n")
                .trim_start_matches("| ")
                .to_owned()
        } else {
            text
        };
        let announces = text.ends_with("::");
        let text = if text == "::" {
            ""
        } else {
            text.strip_suffix("::").map_or(&*text, |rest| {
                &text[..rest.len() + usize::from(!rest.ends_with(' '))]
            })
        };
        let shown = shown(text, &MARKUP, &mut self.searches);
        self.page.push_linked(
            kind,
            shown.text.trim_end(),
            Some(lines(at, end)),
            shown.link_bytes,
        );
        if announces {
            self.literal(end, indent)
        } else {
            end
        }
    }

    fn paragraph_end(&self, at: usize, indent_here: usize, in_item: bool) -> usize {
        let mut end = at + 1;
        while end < self.source.len() {
            let line = self.source.line(end);
            if line.trim().is_empty() {
                break;
            }
            let deeper = indent(line) > indent_here;
            // A term's definition is indented, and stands right below it.
            if !in_item && deeper && end == at + 1 {
                break;
            }
            let is_next_item = item_marker(line.trim_start()).is_some();
            let ends = if in_item {
                !deeper || is_next_item
            } else {
                indent(line) < indent_here
            };
            if ends {
                break;
            }
            end += 1;
        }
        end
    }

    fn kind_at(&mut self, indent: usize, marker: Option<usize>) -> BlockKind {
        let (open, kind) = self
            .around
            .last()
            .copied()
            .unwrap_or((0, BlockKind::Paragraph));
        let is_quoted = kind == BlockKind::Quote;
        if let Some(marker) = marker {
            let kind = if is_quoted {
                BlockKind::Quote
            } else {
                BlockKind::ListItem
            };
            if self.around.len() < self.limits.depth_max {
                self.around.push((indent + marker, kind));
            }
            return kind;
        }
        if indent <= open {
            return kind;
        }
        let kind = if self.is_below_term(indent) {
            BlockKind::ListItem
        } else {
            BlockKind::Quote
        };
        if self.around.len() < self.limits.depth_max {
            self.around.push((indent, kind));
        }
        kind
    }

    /// Whether the block before this one ended on the line right above, less indented: a term.
    fn is_below_term(&self, indent_here: usize) -> bool {
        let Some(last) = self.page.last_line() else {
            return false;
        };
        let next = last as usize;
        indent(self.source.line(next)) == indent_here
            && !self.source.line(next).trim().is_empty()
            && next > 0
            && !self.source.line(next - 1).trim().is_empty()
            && indent(self.source.line(next - 1)) < indent_here
    }

    fn literal(&mut self, from: usize, outer: usize) -> usize {
        let first =
            (from..self.source.len()).find(|&index| !self.source.line(index).trim().is_empty());
        let Some(first) = first else { return from };
        let end = if indent(self.source.line(first)) > outer {
            self.indented_end(first, outer)
        } else {
            // Quoted literal blocks start each line with the same sign.
            let sign = self
                .source
                .line(first)
                .trim()
                .chars()
                .next()
                .filter(char::is_ascii_punctuation);
            let is_quoted = |index: &usize| {
                sign.is_some() && self.source.line(*index).starts_with(|c| Some(c) == sign)
            };
            (first..self.source.len())
                .find(|index| !is_quoted(index))
                .unwrap_or(self.source.len())
        };
        if end > first {
            self.source_block(BlockKind::Code, first, end);
        }
        end
    }

    /// Lines joined by line feeds, without their indents; of the first, `skipped` bytes are left out.
    fn joined(&self, from: usize, to: usize, skipped: usize) -> String {
        let mut text = String::new();
        for index in from..to {
            let line = self.source.line(index);
            if index > from {
                text.push('\n');
            }
            let line = if index == from {
                line.get(skipped..).unwrap_or("")
            } else {
                line
            };
            text.push_str(line.trim());
        }
        text.trim().to_owned()
    }
}
