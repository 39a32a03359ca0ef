//! OpenDocument texts (ISO 26300): the text as it stands, with what its styles say of it.
//!
//! Not a renderer: page headers, annotations and pictures are left out, and so are deletions that
//! are tracked, which the format keeps apart from the text. Called by [`super::read`].

use std::collections::HashMap;

use super::archive::Archive;
use super::assembly::Assembly;
use super::style_name::{self, Role};
use super::xml::{self, Attributes, Sink};
use super::{ReadLimits, Unreadable};
use crate::block::{BlockKind, Reading};

const FORMAT: &str = "OpenDocument";

/// A style is derived from another, which is derived from another; longer chains are circles.
const PARENTS_MAX: usize = 16;

/// Spaces that one element may stand for.
const SPACES_MAX: usize = 100;

/// Elements whose text is none of the document's.
const DROPPED: &[&str] = &[
    "text:tracked-changes",
    "office:annotation",
    "office:forms",
    "office:binary-data",
    "text:note-citation",
    "text:ruby-text",
    "text:hidden-text",
    "text:placeholder",
    "text:script",
    "svg:title",
    "svg:desc",
];

/// Reads the text; a note comes after the paragraph that refers to it.
pub(crate) fn read(bytes: &[u8], limits: &ReadLimits) -> Result<Reading, Unreadable> {
    let mut archive = Archive::open(bytes, FORMAT, limits)?;
    if let Some(manifest) = archive.text("META-INF/manifest.xml")? {
        let mut found = Encryption(false);
        xml::walk(&manifest, FORMAT, limits.depth_max, &mut found)?;
        if found.0 {
            return Err(Unreadable::Encrypted(FORMAT));
        }
    }
    let mut text = OdtText::new(limits.blocks_max);
    let mut reading = Reading::default();
    for name in ["styles.xml", "content.xml"] {
        let member = if name == "content.xml" {
            archive.required_text(name)?
        } else {
            archive.text(name)?.unwrap_or_default()
        };
        text.reads_content = name == "content.xml";
        let problem = xml::walk(&member, FORMAT, limits.depth_max, &mut text)?;
        let problem = problem.map(|what| format!("{name}: {what}"));
        reading.problems.extend(problem);
    }
    let metadata = archive.text("meta.xml")?;
    let stated = metadata.and_then(|text| xml::first_text(&text, "dc:title", limits.depth_max));
    reading.title = text.title.or(stated);
    let (blocks, too_many) = text.assembly.finish();
    reading.blocks = blocks;
    reading.problems.extend(too_many);
    Ok(reading)
}

/// Whether a manifest names an encrypted member.
struct Encryption(bool);

impl Sink for Encryption {
    fn open(&mut self, name: &str, _: &Attributes<'_>) {
        self.0 |= name == "manifest:encryption-data";
    }
    fn close(&mut self, _: &str) {}
    fn text(&mut self, _: &str) {}
}

#[derive(Default)]
struct Style {
    /// As a person sees it.
    name: String,
    parent: Option<String>,
}

/// Takes the elements of styles and content and makes blocks of them.
struct OdtText {
    styles: HashMap<String, Style>,
    reads_content: bool,
    assembly: Assembly,
    /// What each open paragraph is, innermost last.
    paragraphs: Vec<Option<Role>>,
    dropped_depth: usize,
    list_depth: usize,
    note_depth: usize,
    index_depth: usize,
    bibliography_depth: usize,
    title: Option<String>,
}

impl OdtText {
    fn new(blocks_max: usize) -> Self {
        Self {
            styles: HashMap::new(),
            reads_content: false,
            assembly: Assembly::new(blocks_max),
            paragraphs: Vec::new(),
            dropped_depth: 0,
            list_depth: 0,
            note_depth: 0,
            index_depth: 0,
            bibliography_depth: 0,
            title: None,
        }
    }

    fn declare_style(&mut self, attributes: &Attributes<'_>) {
        let Some(name) = attributes.get("name") else {
            return;
        };
        let style = Style {
            name: attributes
                .get("display-name")
                .unwrap_or_else(|| name.clone()),
            parent: attributes.get("parent-style-name"),
        };
        self.styles.insert(name, style);
    }

    fn role(&self, style_name: &str) -> Option<Role> {
        let mut name = style_name;
        for _ in 0..PARENTS_MAX {
            let Some(style) = self.styles.get(name) else {
                return style_name::role(name);
            };
            if let Some(role) = style_name::role(&style.name) {
                return Some(role);
            }
            name = style.parent.as_deref()?;
        }
        None
    }

    fn open_paragraph(&mut self, name: &str, attributes: &Attributes<'_>) {
        let style = attributes.get("style-name").unwrap_or_default();
        let role = match self.role(&style) {
            Some(Role::Title) => Some(Role::Title),
            _ if name == "text:h" => {
                let level = attributes.get("outline-level");
                let level: u8 = level.and_then(|level| level.parse().ok()).unwrap_or(1);
                Some(Role::Block(BlockKind::Heading(level.clamp(1, 6))))
            }
            // A heading's look without its element: people do that.
            role => role,
        };
        self.assembly.open_paragraph();
        self.paragraphs.push(role);
    }

    fn close_paragraph(&mut self) {
        let Some(role) = self.paragraphs.pop() else {
            return;
        };
        if role == Some(Role::Title)
            && self.title.is_none()
            && let Some(text) = self.assembly.paragraph()
        {
            let title = text.split_whitespace().collect::<Vec<_>>().join(" ");
            self.title = (!title.is_empty()).then_some(title);
        }
        let kind = if self.bibliography_depth > 0 {
            BlockKind::Bibliography
        } else if self.index_depth > 0 {
            BlockKind::Navigation
        } else if self.note_depth > 0 {
            BlockKind::Footnote
        } else {
            match role {
                Some(Role::Title) => BlockKind::Heading(1),
                Some(Role::Block(kind)) => kind,
                _ if self.list_depth > 0 => BlockKind::ListItem,
                _ => BlockKind::Paragraph,
            }
        };
        self.assembly.close_paragraph(kind);
    }

    fn push(&mut self, text: &str) {
        if let Some(paragraph) = self.assembly.paragraph() {
            paragraph.push_str(text);
        }
    }

    /// The counter of a kind of surroundings.
    fn depth(&mut self, name: &str) -> Option<&mut usize> {
        match name {
            "text:list" => Some(&mut self.list_depth),
            "text:note-body" => Some(&mut self.note_depth),
            "text:bibliography" => Some(&mut self.bibliography_depth),
            "text:table-of-content"
            | "text:illustration-index"
            | "text:table-index"
            | "text:object-index"
            | "text:user-index"
            | "text:alphabetical-index" => Some(&mut self.index_depth),
            _ => None,
        }
    }
}

/// Whether an element holds no text of the document: those above, and how an index is made.
fn is_dropped(name: &str) -> bool {
    DROPPED.contains(&name) || (name.starts_with("text:") && name.ends_with("-source"))
}

impl Sink for OdtText {
    fn open(&mut self, name: &str, attributes: &Attributes<'_>) {
        if name == "style:style" {
            self.declare_style(attributes);
        }
        if !self.reads_content {
            return;
        }
        if self.dropped_depth > 0 || is_dropped(name) {
            self.dropped_depth += 1;
            return;
        }
        if let Some(depth) = self.depth(name) {
            *depth += 1;
        }
        match name {
            "text:p" | "text:h" => self.open_paragraph(name, attributes),
            "text:s" => {
                let count = attributes.get("c").and_then(|count| count.parse().ok());
                self.push(&" ".repeat(count.unwrap_or(1).min(SPACES_MAX)));
            }
            "text:tab" => self.push("\t"),
            "text:line-break" => self.push("\n"),
            "table:table" => self.assembly.open_table(),
            "table:table-row" => self.assembly.open_row(),
            "table:table-cell" => self.assembly.open_cell(),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if !self.reads_content {
            return;
        }
        if self.dropped_depth > 0 {
            self.dropped_depth -= 1;
            return;
        }
        if let Some(depth) = self.depth(name) {
            *depth = depth.saturating_sub(1);
        }
        match name {
            "text:p" | "text:h" => self.close_paragraph(),
            "table:table" => self.assembly.close_table(),
            _ => {}
        }
    }

    /// White space of the XML counts as one space, as in HTML (6.1.2 of the specification).
    fn text(&mut self, text: &str) {
        if self.dropped_depth > 0 {
            return;
        }
        let Some(paragraph) = self.assembly.paragraph() else {
            return;
        };
        for c in text.chars() {
            if matches!(c, ' ' | '\t' | '\n' | '\r') {
                if !paragraph.is_empty() && !paragraph.ends_with([' ', '\n', '\t']) {
                    paragraph.push(' ');
                }
            } else {
                paragraph.push(c);
            }
        }
    }
}

#[cfg(test)]
mod tests;
