//! Reads Markdown: CommonMark with GitHub's extensions, footnotes, front matter and definition
//! lists, and what is written into Markdown files for other tools: MDX, `:::` directives,
//! shortcodes, callouts, wiki links.
//!
//! `pulldown-cmark` parses; here its events become blocks. The lines of a block come from the
//! offsets of its events. Called for files and for the cells of notebooks.

mod directives;
mod events;
mod extras;
mod front_matter;
mod inline;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd};

use crate::block::{BlockKind, LineRange, Reading};

use self::events::{alt_text, code_text, skip_to};
use super::page::{Page, Run};
use super::source::{Source, lines};
use super::{ReadLimits, html, plain_text, prose_shape};

/// Components of MDX within components whose lines are read as Markdown.
const COMPONENT_DEPTH_MAX: usize = 4;

/// The blocks of a Markdown text.
pub(crate) fn read(text: &str, limits: &ReadLimits) -> Reading {
    read_within(text, limits, 0)
}

/// The blocks of a text that stands in so many components.
fn read_within(text: &str, limits: &ReadLimits, depth: usize) -> Reading {
    if extras::nests_too_deep(text, limits.depth_max) {
        // Each line would be compared with each container around it.
        let mut reading = plain_text::read_body(text, limits);
        reading.problems.push(format!(
            "it nests deeper than {} and was read as plain text",
            limits.depth_max
        ));
        return reading;
    }
    let source = Source::new(text);
    let mut page = Page::new(limits);
    let body = if depth == 0 {
        front_matter::read(&source, &mut page)
    } else {
        0
    };
    let mut reader = Reader {
        source: &source,
        base: body,
        limits,
        page,
        run: Run::default(),
        breaks: Vec::new(),
        captions: Vec::new(),
        containers: Vec::new(),
        block: None,
        quoted_by_html: 0,
        link_start: None,
        comments: extras::comments(text),
        silent: None,
        depth,
    };
    let mut events = Parser::new_ext(&text[body..], options(&text[body..])).into_offset_iter();
    while let Some((event, span)) = events.next() {
        let span = (span.start + body, span.end + body);
        match event {
            Event::Start(Tag::Table(_)) => {
                reader.flush();
                skip_to(&mut events, |end| matches!(end, TagEnd::Table));
                reader.push_source(BlockKind::Table, span);
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                reader.flush();
                let code = code_text(&mut events);
                reader.code(&kind, &code, span);
            }
            Event::Start(Tag::HtmlBlock) => {
                reader.flush();
                skip_to(&mut events, |end| matches!(end, TagEnd::HtmlBlock));
                reader.html(span);
            }
            Event::Start(Tag::Image { link_type, .. }) => {
                let alt = alt_text(&mut events);
                let names_file = matches!(link_type, LinkType::WikiLink { has_pothole: false });
                reader.caption(if names_file { String::new() } else { alt }, span);
            }
            event => reader.event(event, span),
        }
        if reader.page.is_full() {
            break;
        }
    }
    reader.flush();
    reader.page.finish()
}

fn options(text: &str) -> Options {
    let mut options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_MATH;
    // `:::` under a paragraph would be a definition of `::`.
    if memchr::memmem::find(text.as_bytes(), b"\n:::").is_none() {
        options |= Options::ENABLE_DEFINITION_LIST;
    }
    // `[[1]](url)` is a link with brackets in its text wherever wiki links are not in use.
    if memchr::memmem::find(text.as_bytes(), b"]](").is_none() {
        options |= Options::ENABLE_WIKILINKS;
    }
    options
}

/// What blocks stand in.
enum Container {
    /// A block quotation.
    Quote,
    /// A callout or an alert: a quotation by its markup only.
    Callout { titled: bool },
    /// An item, or a definition.
    Item,
    /// A footnote's text.
    Footnote,
}

struct Reader<'a> {
    source: &'a Source<'a>,
    /// Where the body starts.
    base: usize,
    limits: &'a ReadLimits,
    page: Page,
    run: Run,
    /// Where lines of the run start: in the run's text and in the source.
    breaks: Vec<(usize, usize)>,
    captions: Vec<(String, LineRange)>,
    containers: Vec<Container>,
    /// The leaf block that is open: a heading or a paragraph; items have text without one.
    block: Option<BlockKind>,
    /// How many `<blockquote>` of HTML are open around the Markdown.
    quoted_by_html: usize,
    link_start: Option<usize>,
    /// The bytes of comments that span blocks.
    comments: Vec<(usize, usize)>,
    /// The element of HTML in this paragraph whose text is not shown.
    silent: Option<&'static str>,
    /// Components of MDX around this text.
    depth: usize,
}

/// Elements of HTML in a line whose text is none of the line's: readings above characters and the
/// brackets around them, code of a page.
const SILENT_ELEMENTS: &[&str] = &["rt", "rp", "rtc", "script", "style"];

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, span: (usize, usize)) {
        match event {
            Event::Start(tag) => self.start(&tag, span),
            Event::End(tag) => self.end(tag),
            _ if self.silent.is_some() && !ends_silence(&event) => {}
            Event::Text(text) => self.run.push(&text, span.0, span.1),
            Event::Code(code) => {
                self.run.push("`", span.0, span.1);
                self.run.text.push_str(&code);
                self.run.text.push('`');
            }
            Event::InlineMath(formula) => {
                self.run.push("$", span.0, span.1);
                self.run.text.push_str(&formula);
                self.run.text.push('$');
            }
            Event::DisplayMath(_) => self.display_math(span),
            Event::SoftBreak | Event::HardBreak => {
                self.run.push("\n", span.0, span.1);
                self.breaks.push((self.run.text.len(), span.1));
            }
            Event::InlineHtml(tag) => self.inline_html(&tag, span),
            Event::Rule => self.flush(),
            Event::FootnoteReference(_) | Event::TaskListMarker(_) | Event::Html(_) => {
                self.run.cover(span.0, span.1);
            }
        }
    }

    fn start(&mut self, tag: &Tag<'_>, span: (usize, usize)) {
        match tag {
            Tag::Paragraph | Tag::DefinitionListTitle => {
                self.flush();
                self.block = Some(BlockKind::Paragraph);
            }
            Tag::Heading { level, .. } => {
                self.flush();
                self.block = Some(BlockKind::Heading(*level as u8));
                self.run.cover(span.0, span.1);
            }
            Tag::BlockQuote(_) => {
                self.flush();
                let is_callout = extras::opens_callout(&self.source.text[span.0..span.1]);
                self.containers.push(if is_callout {
                    Container::Callout { titled: false }
                } else {
                    Container::Quote
                });
            }
            Tag::Item | Tag::DefinitionListDefinition => {
                self.flush();
                self.containers.push(Container::Item);
                let line_end = self.source.text[span.0..]
                    .find('\n')
                    .map_or(span.1, |at| span.0 + at);
                self.run.cover(span.0, line_end.min(span.1));
            }
            Tag::FootnoteDefinition(_) => {
                self.flush();
                self.containers.push(Container::Footnote);
            }
            Tag::List(_) | Tag::DefinitionList | Tag::MetadataBlock(_) => self.flush(),
            Tag::Link { .. } => self.link_start = Some(self.run.text.len()),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::DefinitionListTitle => {
                self.flush();
                self.block = None;
            }
            TagEnd::BlockQuote(_)
            | TagEnd::Item
            | TagEnd::DefinitionListDefinition
            | TagEnd::FootnoteDefinition => {
                self.flush();
                self.containers.pop();
            }
            TagEnd::List(_) | TagEnd::DefinitionList => self.flush(),
            TagEnd::Link => {
                if let Some(start) = self.link_start.take() {
                    self.run.link_bytes += self.run.text.len().saturating_sub(start);
                }
            }
            _ => {}
        }
    }

    /// What a run is, by what it stands in.
    fn kind(&self) -> BlockKind {
        let is_quoted = self.quoted_by_html > 0
            || self
                .containers
                .iter()
                .any(|c| matches!(c, Container::Quote));
        let in_footnote = self
            .containers
            .iter()
            .any(|c| matches!(c, Container::Footnote));
        let in_item = matches!(self.containers.last(), Some(Container::Item));
        match self.block {
            _ if is_quoted => BlockKind::Quote,
            _ if in_footnote => BlockKind::Footnote,
            Some(BlockKind::Heading(level)) => BlockKind::Heading(level),
            _ if in_item => BlockKind::ListItem,
            _ => BlockKind::Paragraph,
        }
    }

    /// Ends the run of text before this point.
    fn flush(&mut self) {
        self.silent = None;
        let run = self.run.take();
        let breaks = std::mem::take(&mut self.breaks);
        self.link_start = self.link_start.map(|_| 0);
        if let Some((start, end)) = run.span
            && !run.text.trim().is_empty()
        {
            self.push_run(&run, &breaks, start, end);
        }
        for (text, lines) in std::mem::take(&mut self.captions) {
            self.page.push(BlockKind::Caption, &text, Some(lines));
        }
    }

    fn push_run(&mut self, run: &Run, breaks: &[(usize, usize)], start: usize, end: usize) {
        let kind = self.kind();
        if self.is_comment(start) {
            let lines = Some(self.source.range(start, end));
            return self.page.push(BlockKind::Markup, &run.text, lines);
        }
        if let BlockKind::Heading(level) = kind {
            if level == 1 {
                self.page.title(&inline::shown(&run.text).0);
            }
            return self.put(kind, &run.text, (start, end), 0);
        }
        let in_callout = matches!(
            self.containers.last(),
            Some(Container::Callout { titled: false })
        );
        if in_callout {
            if let Some(Container::Callout { titled }) = self.containers.last_mut() {
                *titled = true;
            }
            let text = extras::without_callout_marker(&run.text);
            self.push_callout(
                kind,
                text,
                run.text.len() - text.len(),
                breaks,
                (start, end),
            );
            return;
        }
        if run.text.contains(":::") {
            self.push_directives(kind, run, breaks, start, end);
            return;
        }
        self.put(kind, &run.text, (start, end), run.link_bytes);
    }

    /// Puts a text onto the page as its reader sees it, and after it the notes that stood in it.
    fn put(&mut self, kind: BlockKind, text: &str, span: (usize, usize), link_bytes: usize) {
        let lines = Some(self.source.range(span.0, span.1.max(span.0)));
        let (shown, notes) = inline::shown(text);
        let is_markup = shown.trim().is_empty() || extras::is_markup_only(&shown);
        if is_markup && !matches!(kind, BlockKind::Heading(_)) {
            self.page.push(BlockKind::Markup, text, lines);
        } else {
            self.page.push_linked(kind, &shown, lines, link_bytes);
        }
        for note in notes {
            self.page.push(BlockKind::Footnote, &note, lines);
        }
    }

    /// Whether a byte stands in a comment of several paragraphs.
    fn is_comment(&self, at: usize) -> bool {
        let after = self.comments.partition_point(|&(start, _)| start <= at);
        after > 0 && at < self.comments[after - 1].1
    }

    fn push_source(&mut self, kind: BlockKind, span: (usize, usize)) {
        self.page.push(
            kind,
            &self.source.text[span.0..span.1],
            Some(self.source.range(span.0, span.1)),
        );
    }

    /// A formula of its own parts a paragraph.
    fn display_math(&mut self, span: (usize, usize)) {
        self.flush();
        self.push_source(BlockKind::Math, span);
    }

    fn caption(&mut self, alt: String, span: (usize, usize)) {
        // The picture's line is the caption's; the paragraph's own lines are those of its text.
        let lines = self.source.range(span.0, span.1);
        self.captions.push((alt, lines));
    }

    fn inline_html(&mut self, tag: &CowStr<'_>, span: (usize, usize)) {
        if html::is_tag(tag, "br") {
            self.run.push("\n", span.0, span.1);
            self.breaks.push((self.run.text.len(), span.1));
        }
        // A reading that is not closed ends where the next character or the whole begins.
        if self.silent.is_some() && (tag.starts_with("</") || html::is_tag(tag, "rb")) {
            self.silent = None;
        }
        if let Some(name) = SILENT_ELEMENTS.iter().find(|name| html::is_tag(tag, name)) {
            self.silent = Some(name);
        }
        if tag.eq_ignore_ascii_case("<q>") {
            self.run.push("“", span.0, span.1);
        } else if tag.eq_ignore_ascii_case("</q>") {
            self.run.push("”", span.0, span.1);
        }
    }

    fn html(&mut self, span: (usize, usize)) {
        let text = &self.source.text[span.0..span.1];
        let lines = self.source.range(span.0, span.1);
        if self.depth < COMPONENT_DEPTH_MAX && self.component(lines) {
            return;
        }
        let reading = html::read(text, self.limits);
        if reading.blocks.is_empty() {
            self.page.push(BlockKind::Markup, text, Some(lines));
        }
        self.page.append(reading, lines.start);
        let (opened, closed) = html::count_tags(text, "blockquote");
        self.quoted_by_html = (self.quoted_by_html + opened).saturating_sub(closed);
    }

    /// Reads what MDX has as Markdown and CommonMark as HTML: the lines of a component, where no
    /// blank line parts them from its tags.
    fn component(&mut self, range: LineRange) -> bool {
        let (first, last) = (range.start as usize, range.end as usize);
        let Some(close) = extras::component_end(self.source, first, last) else {
            return false;
        };
        let content = self.source.lines(first + 1, close);
        let reading = read_within(content, self.limits, self.depth + 1);
        let tags = |from, to| (self.source.lines(from, to), lines(from, to));
        for (text, lines) in [tags(first, first + 1), tags(close, last)] {
            self.page.push(BlockKind::Markup, text, Some(lines));
        }
        self.page.append(reading, range.start.saturating_add(1));
        true
    }

    fn code(&mut self, kind: &CodeBlockKind<'_>, code: &str, span: (usize, usize)) {
        let language = match kind {
            CodeBlockKind::Fenced(info) => info.split([' ', ',', '{']).next().unwrap_or(""),
            CodeBlockKind::Indented => "",
        };
        let is_plain = matches!(language, "" | "text" | "txt" | "plain" | "plaintext");
        let lines = self.source.range(span.0, span.1);
        if language == "math" {
            self.page.push(BlockKind::Math, code, Some(lines));
        } else if is_plain && self.containers.is_empty() && prose_shape::is_chinese_prose(code) {
            let is_fenced = matches!(kind, CodeBlockKind::Fenced(_));
            self.prose_in_fence(span, is_fenced);
        } else {
            self.page.push(BlockKind::Code, code, Some(lines));
        }
    }

    /// Reads the source between the fences, so that lines stay those of the file.
    fn prose_in_fence(&mut self, span: (usize, usize), is_fenced: bool) {
        let range = self.source.range(span.0, span.1);
        let (mut first, mut last) = (range.start as usize, range.end as usize);
        if is_fenced {
            first += 1;
            let closing = self.source.line(last.saturating_sub(1)).trim_start();
            if last > first && (closing.starts_with("```") || closing.starts_with("~~~")) {
                last -= 1;
            }
        }
        let text = self.source.lines(first, last);
        let reading = plain_text::read_body(text, self.limits);
        if self.base == 0
            && range.start == 0
            && let Some(title) = reading.blocks.first()
            && matches!(title.kind, BlockKind::Heading(_))
        {
            self.page.title(&title.text);
        }
        let first = u32::try_from(first).unwrap_or(u32::MAX);
        self.page.append(reading, first);
    }
}

/// Whether an event may end a text that is not shown, or the paragraph that it stands in.
fn ends_silence(event: &Event<'_>) -> bool {
    matches!(
        event,
        Event::InlineHtml(_) | Event::Start(_) | Event::End(_) | Event::Rule
    )
}
