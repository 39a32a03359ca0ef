//! The paragraphs and tables of a part of a Word document, as its XML goes by.

use super::styles::{Styles, heading_of_outline};
use crate::block::{Block, BlockKind};
use crate::read::assembly::Assembly;
use crate::read::style_name::Role;
use crate::read::xml::{Attributes, Sink};

/// Elements whose text is none of the document's: deleted, moved away, the code of a field, the
/// other edition of a drawing, readings above characters, properties as they were before.
const DROPPED: &[&str] = &[
    "w:del",
    "w:moveFrom",
    "w:delText",
    "w:instrText",
    "w:delInstrText",
    "mc:Fallback",
    "w:rt",
    "w:pPrChange",
    "w:rPrChange",
    "w:sdtPr",
];

/// Takes a part's elements and makes blocks of them.
pub(super) struct Body<'s> {
    styles: &'s Styles,
    /// What running text is here: that of a footnote, in the parts for notes.
    plain: BlockKind,
    assembly: Assembly,
    /// The properties of the open paragraphs, innermost last.
    paragraphs: Vec<Paragraph>,
    /// How many elements are open from the dropped one on.
    dropped_depth: usize,
    in_paragraph_properties: bool,
    in_text: bool,
    math_depth: usize,
    run_is_hidden: bool,
    /// A paragraph whose end is deleted goes on in the next one.
    carried: String,
    title: Option<String>,
}

#[derive(Default)]
struct Paragraph {
    role: Option<Role>,
    outline: Option<u8>,
    is_item: Option<bool>,
    end_is_deleted: bool,
    math_chars: usize,
    text_chars: usize,
}

impl<'s> Body<'s> {
    pub(super) fn new(styles: &'s Styles, of_notes: Option<BlockKind>, blocks_max: usize) -> Self {
        Self {
            styles,
            plain: of_notes.unwrap_or(BlockKind::Paragraph),
            assembly: Assembly::new(blocks_max),
            paragraphs: Vec::new(),
            dropped_depth: 0,
            in_paragraph_properties: false,
            in_text: false,
            math_depth: 0,
            run_is_hidden: false,
            carried: String::new(),
            title: None,
        }
    }

    /// The blocks, the title if a paragraph has its style, and what was too much.
    pub(super) fn finish(mut self) -> (Vec<Block>, Option<String>, Option<String>) {
        if !self.carried.trim().is_empty() {
            self.assembly.open_paragraph();
            let carried = std::mem::take(&mut self.carried);
            self.push(&carried);
            self.assembly.close_paragraph(self.plain);
        }
        let (blocks, problem) = self.assembly.finish();
        (blocks, self.title, problem)
    }

    fn push(&mut self, text: &str) {
        if self.run_is_hidden {
            return;
        }
        let Some(target) = self.assembly.paragraph() else {
            return;
        };
        target.push_str(text);
        if let Some(paragraph) = self.paragraphs.last_mut() {
            let chars = text.chars().filter(|c| !c.is_whitespace()).count();
            paragraph.text_chars += chars;
            if self.math_depth > 0 {
                paragraph.math_chars += chars;
            }
        }
    }

    fn open_paragraph(&mut self) {
        self.assembly.open_paragraph();
        self.paragraphs.push(Paragraph::default());
        self.run_is_hidden = false;
        if !self.carried.is_empty() {
            let carried = std::mem::take(&mut self.carried);
            self.push(&carried);
        }
    }

    fn close_paragraph(&mut self) {
        let Some(paragraph) = self.paragraphs.pop() else {
            return;
        };
        self.run_is_hidden = false;
        if paragraph.role == Some(Role::Placeholder) {
            self.assembly.withdraw_paragraph();
        } else if paragraph.end_is_deleted && self.paragraphs.is_empty() {
            self.carried = self.assembly.withdraw_paragraph().unwrap_or_default();
        } else {
            let kind = self.kind(&paragraph);
            if paragraph.role == Some(Role::Title)
                && self.title.is_none()
                && let Some(text) = self.assembly.paragraph()
            {
                let title = text.split_whitespace().collect::<Vec<_>>().join(" ");
                self.title = (!title.is_empty()).then_some(title);
            }
            self.assembly.close_paragraph(kind);
        }
    }

    fn kind(&self, paragraph: &Paragraph) -> BlockKind {
        if paragraph.math_chars > 0 && paragraph.math_chars == paragraph.text_chars {
            return BlockKind::Math;
        }
        match paragraph.role {
            Some(Role::Title) => return BlockKind::Heading(1),
            // A style for items whose paragraph is taken out of the list is plain text.
            Some(Role::Block(BlockKind::ListItem)) if paragraph.is_item == Some(false) => {}
            Some(Role::Block(kind)) => return kind,
            Some(Role::Placeholder) | None => {}
        }
        match (paragraph.outline, paragraph.is_item) {
            (Some(level), _) => BlockKind::Heading(level),
            (None, Some(true)) => BlockKind::ListItem,
            (None, _) => self.plain,
        }
    }

    fn paragraph_property(&mut self, name: &str, attributes: &Attributes<'_>) {
        let Some(paragraph) = self.paragraphs.last_mut() else {
            return;
        };
        match name {
            "w:pStyle" => {
                let id = attributes.get("val").unwrap_or_default();
                paragraph.role = self.styles.role(&id);
            }
            "w:outlineLvl" => {
                paragraph.outline = heading_of_outline(attributes.get("val").as_deref());
            }
            "w:numId" => paragraph.is_item = attributes.get("val").map(|id| id != "0"),
            "w:del" | "w:moveFrom" => paragraph.end_is_deleted = true,
            _ => {}
        }
    }
}

/// Whether a property that is on when it stands there is on.
fn is_on(attributes: &Attributes<'_>) -> bool {
    !matches!(
        attributes.get("val").as_deref(),
        Some("0" | "false" | "off")
    )
}

impl Sink for Body<'_> {
    fn open(&mut self, name: &str, attributes: &Attributes<'_>) {
        if self.dropped_depth > 0 {
            self.dropped_depth += 1;
            return;
        }
        if self.in_paragraph_properties {
            self.paragraph_property(name, attributes);
        }
        if DROPPED.contains(&name) {
            self.dropped_depth = 1;
            return;
        }
        match name {
            "w:p" => self.open_paragraph(),
            "w:pPr" => self.in_paragraph_properties = true,
            "w:r" => self.run_is_hidden = false,
            "w:vanish" | "w:webHidden" if !self.in_paragraph_properties => {
                self.run_is_hidden = is_on(attributes);
            }
            "w:rStyle" => {
                let id = attributes.get("val").unwrap_or_default();
                if self.styles.role(&id) == Some(Role::Placeholder) {
                    self.run_is_hidden = true;
                }
            }
            "w:t" | "m:t" => self.in_text = true,
            "w:tab" if !self.in_paragraph_properties => self.push("\t"),
            "w:br" | "w:cr" => self.push("\n"),
            "w:noBreakHyphen" => self.push("\u{2011}"),
            "m:oMath" => self.math_depth += 1,
            "w:tbl" => self.assembly.open_table(),
            "w:tr" => self.assembly.open_row(),
            "w:tc" => self.assembly.open_cell(),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if self.dropped_depth > 0 {
            self.dropped_depth -= 1;
            return;
        }
        match name {
            "w:p" => self.close_paragraph(),
            "w:pPr" => self.in_paragraph_properties = false,
            "w:t" | "m:t" => self.in_text = false,
            "m:oMath" => self.math_depth = self.math_depth.saturating_sub(1),
            "w:tbl" => self.assembly.close_table(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.in_text && self.dropped_depth == 0 {
            self.push(text);
        }
    }
}
