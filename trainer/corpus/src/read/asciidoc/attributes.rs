//! AsciiDoc's attributes: `{product}` in a text is what `:product: …` above it says.
//!
//! Those of the document and the characters that are always there; what has no value stays as it
//! is written, as Asciidoctor leaves it.

use std::collections::HashMap;

/// Attributes of one document, and bytes of the value of one: a name or a version.
const ENTRIES_MAX: usize = 1000;
const VALUE_BYTES_MAX: usize = 200;

/// Bytes that all values together may add to a document.
const ADDED_BYTES_MAX: usize = 1 << 20;

/// Characters by their names.
const CHARACTERS: &[(&str, &str)] = &[
    ("nbsp", "\u{A0}"),
    ("zwsp", ""),
    ("wj", ""),
    ("empty", ""),
    ("blank", ""),
    ("sp", " "),
    ("apos", "'"),
    ("quot", "\""),
    ("lsquo", "‘"),
    ("rsquo", "’"),
    ("ldquo", "“"),
    ("rdquo", "”"),
    ("deg", "°"),
    ("plus", "+"),
    ("brvbar", "¦"),
    ("vbar", "|"),
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("startsb", "["),
    ("endsb", "]"),
    ("caret", "^"),
    ("asterisk", "*"),
    ("tilde", "~"),
    ("cpp", "C++"),
];

/// The attributes that are set so far.
#[derive(Default)]
pub(super) struct Attributes {
    values: HashMap<String, String>,
    added_bytes: usize,
}

impl Attributes {
    /// Takes in a line `:name: value`, or `:name!:`.
    pub(super) fn set(&mut self, line: &str) {
        let Some((name, value)) = line.strip_prefix(':').and_then(|rest| rest.split_once(':'))
        else {
            return;
        };
        let name = name.to_ascii_lowercase();
        let value = value.trim();
        if name.contains('!') {
            self.values.remove(name.trim_matches('!'));
        } else if value.len() <= VALUE_BYTES_MAX && self.values.len() < ENTRIES_MAX {
            self.values.insert(name, value.to_owned());
        }
    }

    /// `text` with the values of the attributes in it.
    pub(super) fn resolved(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(open) = memchr::memchr(b'{', rest.as_bytes()) {
            out.push_str(&rest[..open]);
            rest = &rest[open..];
            let length = rest[1..]
                .bytes()
                .take_while(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte))
                .count();
            let is_reference = rest[1 + length..].starts_with('}') && !out.ends_with('\\');
            let value = Some(&rest[1..=length])
                .filter(|_| is_reference)
                .and_then(|name| self.value(name));
            if let Some(value) = value {
                self.added_bytes += value.len();
                out.push_str(&value);
                rest = &rest[length + 2..];
            } else {
                out.push('{');
                rest = &rest[1..];
            }
        }
        out.push_str(rest);
        out
    }

    fn value(&self, name: &str) -> Option<String> {
        if self.added_bytes > ADDED_BYTES_MAX {
            return None;
        }
        let own = self.values.get(&name.to_ascii_lowercase()).cloned();
        let character = || CHARACTERS.iter().find(|(known, _)| *known == name);
        own.or_else(|| character().map(|(_, value)| (*value).to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_their_names_did_and_unknown_names_stay() {
        let mut attributes = Attributes::default();
        attributes.set(":product: 砚台");
        attributes.set(":gone: x");
        attributes.set(":gone!:");
        assert_eq!(
            attributes.resolved("用{product}写 10{nbsp}km {gone} {no one} \\{product} {"),
            "用砚台写 10\u{A0}km {gone} {no one} \\{product} {"
        );
    }

    #[test]
    fn a_text_of_references_only_grows_to_a_limit() {
        let mut attributes = Attributes::default();
        attributes.set(&format!(":a: {}", "x".repeat(VALUE_BYTES_MAX)));
        let grown = attributes.resolved(&"{a}".repeat(100_000));
        assert!(grown.len() < 100_000 * 3 + ADDED_BYTES_MAX + VALUE_BYTES_MAX);
    }
}
