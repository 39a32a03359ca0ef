//! A mail while it is written: headers, quoted text, body.
//!
//! Not MIME parts. Called by `markup.rs`.

use crate::lines::lines_to_caret;
use crate::outline::OutlineBuilder;
use crate::zone::Zone;

/// Reads the zone at `caret` and the subject above it.
pub(super) fn read(text: &str, caret: usize, outline: &mut OutlineBuilder) -> Zone {
    let (above, current) = lines_to_caret(text, caret);
    // Without a first header there are none: the text is a body alone.
    let first = above.first().unwrap_or(&current);
    let mut in_headers = header(first.text).is_some();
    for line in &above {
        if line.is_blank() {
            in_headers = false;
        }
        if !in_headers {
            break;
        }
        if let Some(("subject", value)) = header(line.text).as_ref().map(|(n, v)| (n.as_str(), *v))
        {
            outline.title(value);
        }
    }
    if in_headers && !current.is_blank() {
        let name = header(current.text).map(|(name, _)| name);
        return if name.as_deref() == Some("subject") {
            Zone::Heading
        } else {
            Zone::FrontMatter
        };
    }
    if current.text.starts_with('>') {
        return Zone::Quote;
    }
    let content = current.text.trim_start();
    if content.starts_with("- ") || content.starts_with("* ") {
        return Zone::ListItem;
    }
    Zone::Prose
}

/// `Name: value`, the name in lower case.
fn header(line: &str) -> Option<(String, &str)> {
    let (name, value) = line.split_once(':')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let named = name.starts_with(|c: char| c.is_ascii_uppercase()) && name.bytes().all(plain);
    (named && (value.is_empty() || value.starts_with(' ')))
        .then(|| (name.to_ascii_lowercase(), value))
}
