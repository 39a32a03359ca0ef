//! EPUB 2 and 3: the documents of the book in reading order, each by the reader of HTML.
//!
//! Not for books that are protected: those are skipped as encrypted. Called by [`super::read`].

mod package;
mod xhtml;

use std::collections::HashSet;

use super::archive::Archive;
use super::xml::{self, Attributes, Sink};
use super::{ReadLimits, Unreadable, html};
use crate::block::{BlockKind, Reading};
use package::Package;

const FORMAT: &str = "EPUB";

/// Ways to scramble a font so that it is of no use elsewhere; the text is readable.
const FONT_ALGORITHMS: &[&str] = &[
    "http://www.idpf.org/2008/embedding",
    "http://ns.adobe.com/pdf/enc#RC",
];

/// Members that only protected books have: rights for a device or an account.
const RIGHTS: &[&str] = &["META-INF/rights.xml", "META-INF/sinf.xml"];

/// Reads the documents of the spine, each once.
pub(crate) fn read(bytes: &[u8], limits: &ReadLimits) -> Result<Reading, Unreadable> {
    let mut archive = Archive::open(bytes, FORMAT, limits)?;
    refuse_protected(&mut archive, limits)?;
    let package = Package::read(&mut archive, limits)?;
    let mut reading = Reading {
        title: package.title.clone(),
        ..Reading::default()
    };
    let mut seen = HashSet::new();
    for document in &package.spine {
        if !seen.insert(&document.member) {
            continue;
        }
        let Some(text) = archive.text(&document.member)? else {
            let what = format!("{} is in the reading order and not there", document.member);
            reading.problems.push(what);
            continue;
        };
        let part = html::read(&xhtml::as_html(&text), limits);
        let name = &document.member;
        let problems = part.problems.into_iter();
        reading
            .problems
            .extend(problems.map(|what| format!("{name}: {what}")));
        let left = limits.blocks_max.saturating_sub(reading.blocks.len());
        if part.blocks.len() > left {
            let what = format!(
                "{name}: blocks after the first {} were not read",
                limits.blocks_max
            );
            reading.problems.push(what);
        }
        reading
            .blocks
            .extend(part.blocks.into_iter().take(left).map(|mut block| {
                if document.is_navigation {
                    block.kind = BlockKind::Navigation;
                }
                block.lines = None;
                block
            }));
    }
    Ok(reading)
}

fn refuse_protected(archive: &mut Archive<'_>, limits: &ReadLimits) -> Result<(), Unreadable> {
    struct Algorithms(bool);
    impl Sink for Algorithms {
        fn open(&mut self, name: &str, attributes: &Attributes<'_>) {
            if name == "enc:EncryptionMethod" {
                let algorithm = attributes.get("Algorithm").unwrap_or_default();
                self.0 |= !FONT_ALGORITHMS.contains(&algorithm.as_str());
            }
        }
        fn close(&mut self, _: &str) {}
        fn text(&mut self, _: &str) {}
    }
    let mut found = Algorithms(RIGHTS.iter().any(|name| archive.has(name)));
    if let Some(text) = archive.text("META-INF/encryption.xml")? {
        xml::walk(&text, FORMAT, limits.depth_max, &mut found)?;
    }
    if found.0 {
        return Err(Unreadable::Encrypted(FORMAT));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
