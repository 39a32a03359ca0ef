//! Reads what a caret is in, and the headings above it, out of a document of any kind.
//!
//! One file per kind of document in `markup/`; this one only chooses. Not a parser for rendering:
//! a construct that is still being typed counts as what it will become, so that nothing is
//! suggested into a half-written link. One linear pass per call; nothing is kept between calls.

mod asciidoc;
mod code;
mod git_commit;
mod html;
mod inline;
mod latex;
mod mail;
mod markdown;
mod org;
mod restructuredtext;
mod tag;
mod typst;

use inkstone_text::{Utf8Offset, floor_char_boundary};

use crate::kind::DocumentKind;
use crate::outline::{Outline, OutlineBuilder};
use crate::zone::Zone;

/// What is at a caret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaretMarkup {
    /// What the caret is in.
    pub zone: Zone,
    /// What the document and its part around the caret are called.
    pub outline: Outline,
}

/// What is at `caret` in `text`, a document of `kind`. A caret past the end means the end, one
/// inside a character its start.
pub fn markup_at(text: &str, caret: Utf8Offset, kind: DocumentKind) -> CaretMarkup {
    let caret = floor_char_boundary(text, caret.get());
    let mut outline = OutlineBuilder::default();
    let zone = match kind {
        DocumentKind::Markdown => markdown::read(text, caret, &mut outline),
        DocumentKind::PlainText => Zone::Prose,
        DocumentKind::Latex => latex::read(text, caret, &mut outline),
        DocumentKind::Typst => typst::read(text, caret, &mut outline),
        DocumentKind::Asciidoc => asciidoc::read(text, caret, &mut outline),
        DocumentKind::Restructuredtext => restructuredtext::read(text, caret, &mut outline),
        DocumentKind::Org => org::read(text, caret, &mut outline),
        DocumentKind::Html => html::read(text, caret, &mut outline),
        DocumentKind::GitCommit => git_commit::read(text, caret),
        DocumentKind::Mail => mail::read(text, caret, &mut outline),
        DocumentKind::Code(family) => code::read(text, caret, family),
    };
    let in_url = zone.is_prose() && inline::is_in_url(&text[..caret]);
    CaretMarkup {
        zone: if in_url { Zone::Url } else { zone },
        outline: outline.build(),
    }
}

/// What `caret` is in: [`markup_at`] without the outline.
pub fn zone_at(text: &str, caret: Utf8Offset, kind: DocumentKind) -> Zone {
    markup_at(text, caret, kind).zone
}
