//! XML, element by element, within limits.
//!
//! Not a tree and not a validator: a sink is told what opens, what stands there and what closes.
//! No entity but the five of XML is expanded, so a document cannot grow by being read. Called by
//! the readers of `.docx`, `.odt` and `.epub`.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::{resolve_predefined_entity, unescape};
use quick_xml::events::{BytesStart, Event};

use super::Unreadable;

/// The names under which the readers know the vocabularies. Documents may choose other prefixes,
/// and what some libraries write does.
const VOCABULARIES: &[(&str, &str)] = &[
    (
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "w",
    ),
    ("http://purl.oclc.org/ooxml/wordprocessingml/main", "w"),
    (
        "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "m",
    ),
    ("http://purl.oclc.org/ooxml/officeDocument/math", "m"),
    (
        "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "mc",
    ),
    (
        "http://schemas.openxmlformats.org/package/2006/relationships",
        "rel",
    ),
    ("http://purl.org/dc/elements/1.1/", "dc"),
    ("urn:oasis:names:tc:opendocument:xmlns:office:1.0", "office"),
    ("urn:oasis:names:tc:opendocument:xmlns:text:1.0", "text"),
    ("urn:oasis:names:tc:opendocument:xmlns:table:1.0", "table"),
    ("urn:oasis:names:tc:opendocument:xmlns:style:1.0", "style"),
    (
        "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0",
        "manifest",
    ),
    (
        "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
        "svg",
    ),
    (
        "urn:oasis:names:tc:opendocument:xmlns:container",
        "container",
    ),
    ("http://www.idpf.org/2007/opf", "opf"),
    ("http://www.w3.org/2001/04/xmlenc#", "enc"),
];

/// Prefixes that may be declared at one place: a document has a few dozen.
const DECLARATIONS_MAX: usize = 1024;

/// Attributes of one element that are looked at.
const ATTRIBUTES_MAX: usize = 256;

/// What is told of a document's elements, in document order.
pub(crate) trait Sink {
    /// An element begins; `name` has the prefix of the readers' own table.
    fn open(&mut self, name: &str, attributes: &Attributes<'_>);
    /// It ends.
    fn close(&mut self, name: &str);
    /// Text inside it, references resolved; a run of text may come in pieces.
    fn text(&mut self, text: &str);
}

/// The attributes of one element.
pub(crate) struct Attributes<'a>(&'a BytesStart<'a>);

impl Attributes<'_> {
    /// The value of the first attribute with this name, whatever its prefix.
    pub(crate) fn get(&self, local_name: &str) -> Option<String> {
        let mut attributes = self.0.attributes();
        let attributes = attributes.with_checks(false).take(ATTRIBUTES_MAX);
        let found = attributes
            .flatten()
            .find(|attribute| attribute.key.local_name().as_ref() == local_name)?;
        let value = unescape(&found.value).map(Cow::into_owned);
        Some(value.unwrap_or_else(|_| found.value.into_owned()))
    }
}

/// Tells `sink` what `text` holds. Where it is not well-formed, reading ends there with a problem.
pub(crate) fn walk(
    text: &str,
    format: &'static str,
    depth_max: usize,
    sink: &mut dyn Sink,
) -> Result<Option<String>, Unreadable> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    let mut names = Names::default();
    // The names of the open elements, as the sink knows them.
    let mut open: Vec<String> = Vec::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(element)) => {
                if open.len() >= depth_max {
                    let what = format!("its elements nest deeper than {depth_max}");
                    return Err(Unreadable::Broken { format, what });
                }
                names.declare(&element, open.len() + 1, format)?;
                let name = names.known(element.name().as_ref()).into_owned();
                sink.open(&name, &Attributes(&element));
                open.push(name);
            }
            Ok(Event::Empty(element)) => {
                names.declare(&element, open.len() + 1, format)?;
                let name = names.known(element.name().as_ref()).into_owned();
                names.forget(open.len());
                sink.open(&name, &Attributes(&element));
                sink.close(&name);
            }
            Ok(Event::End(_)) => {
                if let Some(name) = open.pop() {
                    sink.close(&name);
                }
                names.forget(open.len());
            }
            Ok(Event::Text(text)) => sink.text(&text.xml10_content()),
            Ok(Event::CData(text)) => sink.text(&text.xml10_content()),
            Ok(Event::GeneralRef(reference)) => {
                let mut buffer = [0; 4];
                if let Ok(Some(character)) = reference.resolve_char_ref() {
                    sink.text(character.encode_utf8(&mut buffer));
                } else if let Some(text) = resolve_predefined_entity(&reference) {
                    sink.text(text);
                }
            }
            Ok(Event::Eof) => return Ok(None),
            Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_)) => {}
            Err(error) => {
                let at = reader.error_position();
                // What is open is closed, so that the text read so far arrives.
                while let Some(name) = open.pop() {
                    sink.close(&name);
                }
                return Ok(Some(format!("the XML is broken at byte {at}: {error}")));
            }
        }
    }
}

/// Which prefix stands for which vocabulary here.
#[derive(Default)]
struct Names {
    /// The depth of the declaring element, the declared prefix, the readers' prefix.
    declared: Vec<(usize, String, Option<&'static str>)>,
}

impl Names {
    fn declare(
        &mut self,
        element: &BytesStart<'_>,
        depth: usize,
        format: &'static str,
    ) -> Result<(), Unreadable> {
        if !element.attributes_raw().contains("xmlns") {
            return Ok(());
        }
        let mut attributes = element.attributes();
        let attributes = attributes.with_checks(false).take(ATTRIBUTES_MAX);
        for attribute in attributes.flatten() {
            let prefix = match attribute.key.as_ref().strip_prefix("xmlns") {
                Some("") => "",
                Some(rest) if rest.starts_with(':') => &rest[1..],
                _ => continue,
            };
            if self.declared.len() >= DECLARATIONS_MAX {
                let what = format!("it declares more than {DECLARATIONS_MAX} prefixes");
                return Err(Unreadable::Broken { format, what });
            }
            let vocabulary = VOCABULARIES
                .iter()
                .find(|(uri, _)| *uri == attribute.value.as_ref());
            let known = vocabulary.map(|(_, known)| *known);
            self.declared.push((depth, prefix.to_owned(), known));
        }
        Ok(())
    }

    /// Declarations of elements deeper than `depth` are over.
    fn forget(&mut self, depth: usize) {
        while self.declared.last().is_some_and(|(at, _, _)| *at > depth) {
            self.declared.pop();
        }
    }

    /// The name with the readers' prefix; as it stands, where its vocabulary is none of theirs.
    fn known<'n>(&self, name: &'n str) -> Cow<'n, str> {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let declared = self.declared.iter().rev().find(|(_, p, _)| p == prefix);
        match declared {
            Some((_, _, Some(known))) if *known == prefix => Cow::Borrowed(name),
            Some((_, _, Some(known))) => Cow::Owned(format!("{known}:{local}")),
            _ => Cow::Borrowed(name),
        }
    }
}

/// The text of the first element with this name that has any, spaces around it trimmed.
pub(crate) fn first_text(text: &str, name: &str, depth_max: usize) -> Option<String> {
    struct First<'n> {
        name: &'n str,
        inside: bool,
        found: String,
    }
    impl Sink for First<'_> {
        fn open(&mut self, name: &str, _: &Attributes<'_>) {
            self.inside = name == self.name && self.found.trim().is_empty();
        }
        fn close(&mut self, _: &str) {
            self.inside = false;
        }
        fn text(&mut self, text: &str) {
            if self.inside {
                self.found.push_str(text);
            }
        }
    }
    let mut first = First {
        name,
        inside: false,
        found: String::new(),
    };
    // A broken end of the metadata takes nothing from what was found before it.
    let _ = walk(text, "", depth_max, &mut first);
    let found = first.found.split_whitespace().collect::<Vec<_>>().join(" ");
    (!found.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests;
