//! What each style of a Word document makes of a paragraph.

use std::collections::HashMap;

use super::FORMAT;
use crate::block::BlockKind;
use crate::read::style_name::{self, Role};
use crate::read::xml::{self, Attributes, Sink};
use crate::read::{ReadLimits, Unreadable};

/// A style is based on another, which is based on another; longer chains are circles.
const BASED_ON_MAX: usize = 16;

/// Styles of one document: a template has a few hundred.
const STYLES_MAX: usize = 10_000;

/// The styles of a document by their identifier.
#[derive(Default)]
pub(super) struct Styles(HashMap<String, Style>);

#[derive(Default)]
struct Style {
    name: String,
    based_on: Option<String>,
    outline: Option<u8>,
    is_item: bool,
}

impl Styles {
    pub(super) fn read(text: &str, limits: &ReadLimits) -> Result<Self, Unreadable> {
        let mut reader = StyleReader::default();
        // Styles after a broken place are missed; the text is read all the same.
        xml::walk(text, FORMAT, limits.depth_max, &mut reader)?;
        Ok(Self(reader.styles))
    }

    /// What a paragraph or run of this style is, by the style's name or those it is based on.
    pub(super) fn role(&self, id: &str) -> Option<Role> {
        let mut id = id;
        for _ in 0..BASED_ON_MAX {
            let Some(style) = self.0.get(id) else {
                // Some writers refer to Word's own styles without having them.
                return style_name::role(id);
            };
            if let Some(role) = style_name::role(&style.name) {
                return Some(role);
            }
            if let Some(level) = style.outline {
                return Some(Role::Block(BlockKind::Heading(level)));
            }
            if style.is_item {
                return Some(Role::Block(BlockKind::ListItem));
            }
            id = style.based_on.as_deref()?;
        }
        None
    }
}

/// The heading of an outline level as Word writes it, from 0; its 9 is plain text.
pub(super) fn heading_of_outline(value: Option<&str>) -> Option<u8> {
    let level: u8 = value?.parse().ok()?;
    (level < 9).then(|| (level + 1).min(6))
}

#[derive(Default)]
struct StyleReader {
    styles: HashMap<String, Style>,
    open: Option<(String, Style)>,
}

impl Sink for StyleReader {
    fn open(&mut self, name: &str, attributes: &Attributes<'_>) {
        if name == "w:style" {
            let id = attributes.get("styleId").unwrap_or_default();
            self.open = Some((id, Style::default()));
        }
        let Some((_, style)) = &mut self.open else {
            return;
        };
        match name {
            "w:name" => style.name = attributes.get("val").unwrap_or_default(),
            "w:basedOn" => style.based_on = attributes.get("val"),
            "w:outlineLvl" => style.outline = heading_of_outline(attributes.get("val").as_deref()),
            "w:numId" => style.is_item = attributes.get("val").is_some_and(|id| id != "0"),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if name == "w:style"
            && let Some((id, style)) = self.open.take()
            && self.styles.len() < STYLES_MAX
        {
            self.styles.insert(id, style);
        }
    }

    fn text(&mut self, _: &str) {}
}
