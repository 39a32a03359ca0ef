//! One e-mail (RFC 5322, MIME): its own text, what it quotes and its signature, each as such.
//!
//! Not a mail client: attachments and addresses are not read. Called by [`super::read`].

mod header;
mod part;
mod reply;
mod transfer;

use super::{ReadLimits, Unreadable, html, plain_text};
use crate::block::{Block, BlockKind, Reading};
use part::{Message, Text};
use reply::Section;

const FORMAT: &str = "e-mail";

/// Reads the subject as the title and the parts that a reader is shown.
pub(crate) fn read(bytes: &[u8], limits: &ReadLimits) -> Result<Reading, Unreadable> {
    let message = Message::read(bytes, limits)?;
    let mut reading = Reading {
        title: message.subject,
        problems: message.problems,
        ..Reading::default()
    };
    for text in message.texts {
        let part = match text {
            Text::Plain(text) => plain(&text, limits),
            Text::Html(text) => reply::mark(html::read(&text, limits)),
            Text::Forwarded(text) => Reading {
                blocks: vec![quoted(BlockKind::QuotedMail, &text)],
                ..Reading::default()
            },
        };
        reading.problems.extend(part.problems);
        let left = limits.blocks_max.saturating_sub(reading.blocks.len());
        reading
            .blocks
            .extend(part.blocks.into_iter().take(left).map(|mut block| {
                // Of the decoded text, which no line of the file is.
                block.lines = None;
                block
            }));
    }
    reading.blocks.retain(|block| !block.text.trim().is_empty());
    Ok(reading)
}

/// The blocks of a text/plain part.
fn plain(text: &str, limits: &ReadLimits) -> Reading {
    let mut reading = Reading::default();
    for section in reply::sections(text) {
        match section {
            Section::Own(text) => {
                let part = plain_text::read_body(&text, limits);
                reading.blocks.extend(part.blocks);
                reading.problems.extend(part.problems);
            }
            Section::Quoted(text) => reading.blocks.push(quoted(BlockKind::QuotedMail, &text)),
            Section::Signature(text) => reading.blocks.push(quoted(BlockKind::Signature, &text)),
        }
    }
    reading
}

fn quoted(kind: BlockKind, text: &str) -> Block {
    Block {
        kind,
        text: text.trim().to_owned(),
        lines: None,
    }
}

#[cfg(test)]
mod tests;
