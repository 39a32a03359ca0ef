//! What a line is, by the marks at its start that kinds of document share.
//!
//! Not a parser: a mark that only one kind has counts in all. Called by `blocks.rs`.

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    /// Nothing.
    Blank,
    /// Text that may go on from the line above.
    Text,
    /// A heading or a row of a table: a block by itself.
    Alone,
    /// The first line of an item or of an HTML element.
    Item,
    /// A rule, an underline, a fence, an attribute, a directive: no text.
    Mark,
}

/// A line of a text, without its break.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    /// The byte at which it ends.
    pub(super) end: usize,
    /// The byte after its quote marks.
    unquoted: usize,
    /// The byte after all marks at its start.
    pub(super) content: usize,
    /// What it is.
    pub(super) kind: LineKind,
    /// How many quote marks it starts with.
    pub(super) quote_depth: usize,
    /// How many bytes of white space stand before its mark or text.
    pub(super) indent: usize,
}

/// LaTeX commands that are a heading.
const LATEX_HEADINGS: [&str; 9] = [
    "\\part",
    "\\chapter",
    "\\section",
    "\\subsection",
    "\\subsubsection",
    "\\paragraph",
    "\\subparagraph",
    "\\title",
    "\\frametitle",
];

/// How lines start that say something to a program.
const DIRECTIVES: [&str; 16] = [
    "```",
    "~~~",
    "$$",
    "#+",
    "#set ",
    "#let ",
    "#show ",
    "#import ",
    "#include ",
    ".. ",
    "\\begin{",
    "\\end{",
    "\\label{",
    "\\usepackage",
    "\\documentclass",
    "<!",
];

/// HTML elements that are blocks.
const HTML_BLOCKS: [&str; 30] = [
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "dd",
    "div",
    "dl",
    "dt",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "script",
    "section",
    "style",
    "table",
    "td",
    "th",
    "title",
    "tr",
    "ul",
];

impl Line {
    /// The line of `text` from `start` to `end`, where its break or the text's end is.
    pub(super) fn read(text: &str, start: usize, end: usize) -> Self {
        let end = start + text[start..end].trim_end_matches('\r').len();
        let mut at = start;
        let mut quote_depth = 0;
        let mut indent;
        loop {
            let line = &text[at..end];
            indent = line.len() - line.trim_start().len();
            at += indent;
            if !text[at..end].starts_with('>') {
                break;
            }
            quote_depth += 1;
            at += 1;
        }
        let (kind, mark_bytes) = classify(&text[at..end]);
        Self {
            end,
            unquoted: at,
            content: at + mark_bytes,
            kind,
            quote_depth,
            indent,
        }
    }

    /// Its text after the quote marks.
    pub(super) fn unquoted<'a>(&self, text: &'a str) -> &'a str {
        text[self.unquoted..self.end].trim_end()
    }

    /// Whether it starts with `start`, which is lower case, in any case and after quote marks.
    pub(super) fn starts_with(&self, text: &str, start: &str) -> bool {
        let line = text.as_bytes().get(self.unquoted..self.end);
        line.and_then(|line| line.get(..start.len()))
            .is_some_and(|found| found.eq_ignore_ascii_case(start.as_bytes()))
    }

    /// Whether it is a row of a table.
    pub(super) fn is_row(&self, text: &str) -> bool {
        self.starts_with(text, "|")
    }
}

/// What a line without its quote marks is, and how long the mark before its text is.
fn classify(line: &str) -> (LineKind, usize) {
    let trimmed = line.trim_end();
    let Some(first) = trimmed.chars().next() else {
        return (LineKind::Blank, line.len());
    };
    let alike = trimmed.chars().take_while(|&c| c == first).count();
    if is_mark(trimmed, first, alike) {
        return (LineKind::Mark, line.len());
    }
    if first == '|' || first_matching(&LATEX_HEADINGS, trimmed).is_some() {
        return (LineKind::Alone, 0);
    }
    if let Some(mark) = item_mark(line, first, alike) {
        return (LineKind::Item, mark);
    }
    // A mark of one kind of characters, then a space.
    if matches!(first, '#' | '=') && line[alike..].starts_with(' ') {
        return (LineKind::Alone, alike);
    }
    if first == '<' && before_block_tag(line) == Some(0) {
        return (LineKind::Item, 0);
    }
    (LineKind::Text, 0)
}

/// Whether a line holds no text: alike characters are the first ones, how many `alike`.
fn is_mark(line: &str, first: char, alike: usize) -> bool {
    let is_rule = first.is_ascii_punctuation() && alike > 1 && alike == line.len();
    let is_attribute = first == ':'
        && line[1..]
            .split_once(':')
            .is_some_and(|(name, _)| !name.is_empty() && !name.contains(char::is_whitespace));
    let is_bracketed = first == '[' && line.ends_with(']') && !line.contains("](");
    let closes_element = ["</pre", "</script", "</style"];
    is_rule
        || is_attribute
        || is_bracketed
        || first_matching(&DIRECTIVES, line).is_some()
        || first_matching(&closes_element, line).is_some()
}

/// The length of the mark of an item, a task's box included.
fn item_mark(line: &str, first: char, alike: usize) -> Option<usize> {
    let ends_mark = |at: usize| line[at..].is_empty() || line[at..].starts_with([' ', '\t']);
    let mark = match first {
        '*' | '.' | '-' | '+' if ends_mark(alike) => alike,
        '•' | '·' | '–' if ends_mark(first.len_utf8()) => first.len_utf8(),
        '0'..='9' => {
            let digits = line.bytes().take_while(u8::is_ascii_digit).count();
            let after = &line[digits..];
            match after.chars().next()? {
                '.' | ')' if ends_mark(digits + 1) => digits + 1,
                '、' => digits + '、'.len_utf8(),
                _ => return None,
            }
        }
        '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十' => {
            let numeral = "一二三四五六七八九十";
            let digits = line.len() - line.trim_start_matches(|c| numeral.contains(c)).len();
            line[digits..].starts_with('、').then_some(digits + 3)?
        }
        '\\' if line.starts_with("\\item") => "\\item".len(),
        _ => return None,
    };
    let content = line[mark..].trim_start();
    let boxed = ["[ ]", "[x]", "[X]"];
    let task = if first_matching(&boxed, content).is_some() {
        line.len() - content.len() + 3
    } else {
        mark
    };
    Some(task)
}

fn first_matching<'a>(starts: &[&'a str], line: &str) -> Option<&'a str> {
    starts
        .iter()
        .find(|start| {
            let found = line.as_bytes().get(..start.len());
            found.is_some_and(|found| found.eq_ignore_ascii_case(start.as_bytes()))
        })
        .copied()
}

/// The byte after the last tag in `line` that begins or ends a block of HTML.
pub(super) fn after_block_tag(line: &str) -> Option<usize> {
    block_tags(line).last().map(|(_, end)| end)
}

/// The byte before the first such tag.
pub(super) fn before_block_tag(line: &str) -> Option<usize> {
    block_tags(line).next().map(|(start, _)| start)
}

/// Where the tags in a line that begin or end a block of HTML start and end.
fn block_tags(line: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let start = from + line.get(from..)?.find('<')?;
            from = start + 1;
            let name = line[from..].strip_prefix('/').unwrap_or(&line[from..]);
            let length = name.find(|c: char| !c.is_ascii_alphanumeric());
            let name = &name[..length.unwrap_or(name.len())];
            if !HTML_BLOCKS
                .iter()
                .any(|block| block.eq_ignore_ascii_case(name))
            {
                continue;
            }
            // A comparison ends with the next tag at the latest.
            let end = line[from..].find(['>', '<']).map(|length| from + length);
            if let Some(end) = end
                && line[end..].starts_with('>')
            {
                from = end + 1;
                return Some((start, from));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_known_by_their_marks() {
        let read = |line: &str| {
            let read = Line::read(line, 0, line.len());
            (read.kind, line[read.content..].trim().to_owned())
        };
        for (line, kind, content) in [
            ("", LineKind::Blank, ""),
            (" > ", LineKind::Blank, ""),
            ("今天 we", LineKind::Text, "今天 we"),
            ("**bold** text", LineKind::Text, "**bold** text"),
            ("-5 degrees", LineKind::Text, "-5 degrees"),
            ("3.14 is", LineKind::Text, "3.14 is"),
            ("[a](b)", LineKind::Text, "[a](b)"),
            ("a <b>bold</b> word", LineKind::Text, "a <b>bold</b> word"),
            ("#tag", LineKind::Text, "#tag"),
            ("一起去", LineKind::Text, "一起去"),
            ("## 标题", LineKind::Alone, "标题"),
            ("== Title", LineKind::Alone, "Title"),
            ("| a | b", LineKind::Alone, "| a | b"),
            ("\\section{A}", LineKind::Alone, "\\section{A}"),
            ("> - [x] done", LineKind::Item, "done"),
            ("  12) 十二", LineKind::Item, "十二"),
            ("1、买菜", LineKind::Item, "买菜"),
            ("十二、总结", LineKind::Item, "总结"),
            ("\\item one", LineKind::Item, "one"),
            ("<p>one", LineKind::Item, "<p>one"),
            ("---", LineKind::Mark, ""),
            ("```rust", LineKind::Mark, ""),
            (":author: Ann", LineKind::Mark, ""),
            ("[source,sh]", LineKind::Mark, ""),
            (".. image:: a", LineKind::Mark, ""),
            ("#+BEGIN_SRC", LineKind::Mark, ""),
            ("</pre>", LineKind::Mark, ""),
        ] {
            assert_eq!(read(line), (kind, content.to_owned()), "{line}");
        }
    }
}
