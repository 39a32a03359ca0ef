//! Word documents (ECMA-376): the text as it stands, with what its styles say of it.
//!
//! Not a renderer: page headers, comments and pictures are left out. Deleted text that waits for
//! approval is no text, inserted text is. Called by [`super::read`].

mod body;
mod styles;

use super::archive::Archive;
use super::xml::{self, Attributes, Sink};
use super::{ReadLimits, Unreadable};
use crate::block::{BlockKind, Reading};
use body::Body;
use styles::Styles;

const FORMAT: &str = "Word";

/// How a compound file begins: that of an old `.doc`, or of a `.docx` with a password.
const COMPOUND_FILE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// What an encrypted document's compound file holds, by its name in UTF-16 (MS-OFFCRYPTO 2.3.4.4).
const ENCRYPTED_PACKAGE: &str = "EncryptedPackage";

/// Where the text is, unless the archive says otherwise.
const DOCUMENT: &str = "word/document.xml";

/// Reads the text, then footnotes and endnotes.
pub(crate) fn read(bytes: &[u8], limits: &ReadLimits) -> Result<Reading, Unreadable> {
    if bytes.starts_with(COMPOUND_FILE) {
        return Err(compound_file(bytes));
    }
    let mut archive = Archive::open(bytes, FORMAT, limits)?;
    let document = main_part(&mut archive, limits)?;
    let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
    let part = |name: &str| {
        format!("{folder}/{name}")
            .trim_start_matches('/')
            .to_owned()
    };
    let mut reading = Reading::default();

    let styles = match archive.text(&part("styles.xml"))? {
        Some(text) => Styles::read(&text, limits)?,
        None => Styles::default(),
    };
    let mut styled_title = None;
    let text = archive.required_text(&document)?;
    let mut notes = Vec::new();
    for name in ["footnotes.xml", "endnotes.xml"] {
        if let Some(text) = archive.text(&part(name))? {
            notes.push((text, name));
        }
    }
    let parts = [(text, "document.xml")].into_iter().chain(notes);
    for (text, name) in parts {
        let of_notes = (name != "document.xml").then_some(BlockKind::Footnote);
        let left = limits.blocks_max.saturating_sub(reading.blocks.len());
        let mut body = Body::new(&styles, of_notes, left);
        let problem = xml::walk(&text, FORMAT, limits.depth_max, &mut body)?;
        let (blocks, title, too_many) = body.finish();
        reading.blocks.extend(blocks);
        styled_title = styled_title.or(title);
        let problems = problem.into_iter().chain(too_many);
        reading
            .problems
            .extend(problems.map(|what| format!("{name}: {what}")));
    }
    let metadata = archive.text("docProps/core.xml")?;
    let stated = metadata.and_then(|text| xml::first_text(&text, "dc:title", limits.depth_max));
    reading.title = styled_title.or(stated);
    Ok(reading)
}

fn compound_file(bytes: &[u8]) -> Unreadable {
    let name: Vec<u8> = ENCRYPTED_PACKAGE
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    if bytes.windows(name.len()).any(|window| window == name) {
        return Unreadable::Encrypted(FORMAT);
    }
    Unreadable::Broken {
        format: FORMAT,
        what: "it is in the format before Word 2007; save it as .docx".to_owned(),
    }
}

/// The name of the part with the text, by the archive's relationships.
fn main_part(archive: &mut Archive<'_>, limits: &ReadLimits) -> Result<String, Unreadable> {
    struct Relationships(Option<String>);
    impl Sink for Relationships {
        fn open(&mut self, name: &str, attributes: &Attributes<'_>) {
            let kind = attributes.get("Type").unwrap_or_default();
            if name.ends_with("Relationship") && kind.ends_with("/officeDocument") {
                self.0 = self.0.take().or_else(|| attributes.get("Target"));
            }
        }
        fn close(&mut self, _: &str) {}
        fn text(&mut self, _: &str) {}
    }
    let mut found = Relationships(None);
    if let Some(text) = archive.text("_rels/.rels")? {
        xml::walk(&text, FORMAT, limits.depth_max, &mut found)?;
    }
    let target = found.0.unwrap_or_else(|| DOCUMENT.to_owned());
    Ok(target.trim_start_matches('/').to_owned())
}

#[cfg(test)]
mod tests;
