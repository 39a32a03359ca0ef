//! The package document of an EPUB: its title, and which members are read in which order.

use std::collections::HashMap;

use super::FORMAT;
use crate::read::archive::Archive;
use crate::read::xml::{self, Attributes, Sink};
use crate::read::{ReadLimits, Unreadable};

/// Entries of the manifest, the spine and the guide, each: as many as an archive may have members.
const ENTRIES_MAX: usize = 4096;

/// Types of the guide (EPUB 2) that are no text of the book.
const GUIDE_NAVIGATION: &[&str] = &["toc", "loi", "lot", "index", "cover"];

/// What a book is.
pub(super) struct Package {
    pub(super) title: Option<String>,
    pub(super) spine: Vec<Document>,
}

/// One document of the reading order.
pub(super) struct Document {
    pub(super) member: String,
    pub(super) is_navigation: bool,
}

impl Package {
    pub(super) fn read(archive: &mut Archive<'_>, limits: &ReadLimits) -> Result<Self, Unreadable> {
        let container = archive.required_text("META-INF/container.xml")?;
        let mut root = RootFile(None);
        xml::walk(&container, FORMAT, limits.depth_max, &mut root)?;
        let path = root.0.ok_or_else(|| Unreadable::Broken {
            format: FORMAT,
            what: "META-INF/container.xml names no package".to_owned(),
        })?;
        let text = archive.required_text(&path)?;
        let mut entries = Entries::default();
        xml::walk(&text, FORMAT, limits.depth_max, &mut entries)?;
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut spine = Vec::new();
        for id in &entries.spine {
            let Some(item) = entries.manifest.get(id) else {
                continue;
            };
            let member = resolved(folder, &item.href);
            let in_guide = || {
                let mut guide = entries.guide.iter();
                guide.any(|href| resolved(folder, href) == member)
            };
            let is_navigation = item.is_navigation || in_guide();
            if item.is_text {
                spine.push(Document {
                    member,
                    is_navigation,
                });
            }
        }
        Ok(Self {
            title: xml::first_text(&text, "dc:title", limits.depth_max),
            spine,
        })
    }
}

struct RootFile(Option<String>);

impl Sink for RootFile {
    fn open(&mut self, name: &str, attributes: &Attributes<'_>) {
        if name.ends_with("rootfile") && self.0.is_none() {
            self.0 = attributes.get("full-path");
        }
    }
    fn close(&mut self, _: &str) {}
    fn text(&mut self, _: &str) {}
}

struct Item {
    href: String,
    is_text: bool,
    is_navigation: bool,
}

/// Manifest, spine and guide as they stand.
#[derive(Default)]
struct Entries {
    manifest: HashMap<String, Item>,
    spine: Vec<String>,
    guide: Vec<String>,
}

impl Sink for Entries {
    fn open(&mut self, name: &str, attributes: &Attributes<'_>) {
        match name.rsplit(':').next() {
            Some("item") if self.manifest.len() < ENTRIES_MAX => {
                let media_type = attributes.get("media-type").unwrap_or_default();
                let properties = attributes.get("properties").unwrap_or_default();
                let item = Item {
                    href: attributes.get("href").unwrap_or_default(),
                    is_text: media_type.contains("html"),
                    is_navigation: properties.split_whitespace().any(|word| word == "nav"),
                };
                let id = attributes.get("id").unwrap_or_default();
                self.manifest.entry(id).or_insert(item);
            }
            Some("itemref") if self.spine.len() < ENTRIES_MAX => {
                self.spine.extend(attributes.get("idref"));
            }
            Some("reference") if self.guide.len() < ENTRIES_MAX => {
                let kind = attributes.get("type").unwrap_or_default();
                // "toc.xhtml#start" may be the chapter that the contents stand at the top of.
                let href = attributes.get("href").filter(|href| !href.contains('#'));
                if GUIDE_NAVIGATION.contains(&kind.as_str()) {
                    self.guide.extend(href);
                }
            }
            _ => {}
        }
    }
    fn close(&mut self, _: &str) {}
    fn text(&mut self, _: &str) {}
}

/// The member that a reference from a document in `folder` means.
fn resolved(folder: &str, href: &str) -> String {
    let href = percent_decoded(href.split(['#', '?']).next().unwrap_or_default());
    let from_root = href.starts_with('/');
    let mut parts: Vec<&str> = if from_root {
        Vec::new()
    } else {
        folder.split('/').filter(|part| !part.is_empty()).collect()
    };
    for part in href.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        match byte {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_within_the_archive() {
        assert_eq!(
            resolved("OEBPS", "text/a%20b.xhtml#p3"),
            "OEBPS/text/a b.xhtml"
        );
        assert_eq!(
            resolved("OEBPS/package", "../text/一.xhtml"),
            "OEBPS/text/一.xhtml"
        );
        assert_eq!(resolved("", "../../etc/passwd"), "etc/passwd");
        assert_eq!(resolved("OEBPS", "%E4%B8%80.xhtml"), "OEBPS/一.xhtml");
        assert_eq!(resolved("OEBPS", "100%"), "OEBPS/100%");
    }
}
