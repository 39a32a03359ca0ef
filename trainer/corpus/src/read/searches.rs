//! Searches for what closes something, within a budget.
//!
//! Text that opens a thousand things and closes none would be searched to its end a thousand times;
//! here all searches of one reading together look at no more than a fixed multiple of the text, and
//! what is not found by then counts as unclosed, which broken markup is anyway.

/// How often, on average, each byte may be looked at.
const LOOKS_PER_BYTE_MAX: usize = 24;

/// What is left of a reading's searches.
pub(super) struct Searches {
    bytes_left: usize,
}

impl Searches {
    pub(super) fn new(text: &str) -> Self {
        Self {
            bytes_left: text
                .len()
                .saturating_mul(LOOKS_PER_BYTE_MAX)
                .saturating_add(1 << 16),
        }
    }

    /// Where `needle` starts in `text` at or after `from`.
    pub(super) fn find(&mut self, text: &str, needle: &str, from: usize) -> Option<usize> {
        let rest = text.get(from..)?;
        let rest = &rest.as_bytes()[..rest.len().min(self.bytes_left)];
        let found = memchr::memmem::find(rest, needle.as_bytes());
        self.spend(found.map_or(rest.len(), |at| at + needle.len()));
        found.map(|at| from + at)
    }

    /// Where the bracket that opens at `open` (one byte) is closed, brackets of its kind within it
    /// counted and `escape` taking the next character's meaning away.
    pub(super) fn closing(&mut self, text: &str, open: usize, escape: Option<u8>) -> Option<usize> {
        let bytes = text.as_bytes();
        let opening = *bytes.get(open)?;
        let closing = match opening {
            b'(' => b')',
            b'[' => b']',
            b'{' => b'}',
            b'<' => b'>',
            _ => return None,
        };
        let end = bytes.len().min(open.saturating_add(self.bytes_left));
        let (mut depth, mut at) = (0_usize, open);
        while at < end {
            let byte = bytes[at];
            if Some(byte) == escape {
                at += 1;
            } else if byte == opening {
                depth += 1;
            } else if byte == closing {
                depth -= 1;
                if depth == 0 {
                    self.spend(at - open);
                    return Some(at);
                }
            }
            at += 1;
        }
        self.spend(end.saturating_sub(open));
        None
    }

    /// How many bytes may still be looked at.
    pub(super) fn bytes_left(&self) -> usize {
        self.bytes_left
    }

    /// Counts bytes that were looked at.
    pub(super) fn spend(&mut self, bytes: usize) {
        self.bytes_left = self.bytes_left.saturating_sub(bytes.max(1));
    }
}
