//! A file, and what followed a context in it.
//!
//! Nothing is parsed: a context is found by bisection in the bytes as they lie. Every place that is
//! read in them is checked, so that a file whose content lies answers nonsense, but soon.

use inkstone_vocab::TokenId;

use crate::build::{WEIGHT_OF_OWN, checksum};
use crate::error::MemoryError;
use crate::format::{
    CHECKSUM_AT, CHECKSUM_END, CONTEXT_TOKENS_MAX, DocumentName, HEADER_BYTES, Header, KEY_BYTES,
    NUMBER_BYTES, ROW_BYTES, SEPARATOR, array,
};

/// Different tokens that are told of one context at most. A context with more says hardly anything
/// that a model does not know: it is a comma, or "the".
pub const FOLLOWERS_MAX: usize = 512;

/// A memory in bytes that hold it, mapped ones for instance.
#[derive(Debug)]
pub struct Memory<B> {
    bytes: B,
    header: Header,
}

/// What followed a context.
#[derive(Debug, Clone, PartialEq)]
pub struct Followers {
    /// Tokens of the context.
    pub context_tokens: usize,
    /// How often it stood somewhere and something followed; less where assisted words did.
    pub count: f32,
    /// Every token that followed, in the order of their numbers.
    pub tokens: Vec<Follower>,
}

/// A token that followed a context.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Follower {
    /// Which.
    pub token: TokenId,
    /// How often; less where assisted words did.
    pub count: f32,
}

impl Followers {
    /// How often a token is among them.
    pub fn count_of(&self, token: TokenId) -> f32 {
        let found = self.tokens.binary_search_by_key(&token, |one| one.token);
        found.map_or(0.0, |at| self.tokens[at].count)
    }
}

impl<B: AsRef<[u8]>> Memory<B> {
    /// Takes a file whose header fits it. Its content is not read: [`Memory::verify`] does.
    pub fn open(bytes: B) -> Result<Self, MemoryError> {
        let header = Header::of(bytes.as_ref())?;
        Ok(Self { bytes, header })
    }

    /// Whether its bytes are those that were written: reads all of them.
    pub fn verify(&self) -> Result<(), MemoryError> {
        let file = self.bytes.as_ref();
        if file.get(CHECKSUM_AT..CHECKSUM_END) == Some(&checksum(file)[..]) {
            Ok(())
        } else {
            Err(MemoryError::Checksum)
        }
    }

    /// Length of the file.
    pub fn file_bytes(&self) -> u64 {
        self.bytes.as_ref().len() as u64
    }

    /// What it says of itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Whether it was built from this document with this content, whatever it remembers of it.
    pub fn was_built_from(&self, name: &DocumentName) -> bool {
        let key = |row: u32| self.row(row).map(|row| array(row, 0));
        let is_below = |row: u32| key(row).is_some_and(|key: [u8; KEY_BYTES]| key < name.key);
        let found = self.row(bisect(0, self.header.rows, &is_below));
        found.is_some_and(|row| array(row, 0) == name.key && array(row, KEY_BYTES) == name.content)
    }

    fn row(&self, at: u32) -> Option<&[u8]> {
        let start = self.header.table_at() + u64::from(at) * ROW_BYTES as u64;
        let start = usize::try_from(start).ok()?;
        self.bytes.as_ref().get(start..start + ROW_BYTES)
    }

    /// What followed the last tokens of `context`: the longest context that stood somewhere first,
    /// then each shorter one, down to a single token. One with too many followers is left out.
    pub fn followers(&self, context: &[TokenId]) -> Vec<Followers> {
        let longest = context.len().min(CONTEXT_TOKENS_MAX);
        let lengths = (1..=longest).rev();
        let all = lengths.filter_map(|length| self.after(&context[context.len() - length..]));
        all.collect()
    }

    /// What followed exactly these tokens; none when nothing did, or too much.
    pub(crate) fn after(&self, context: &[TokenId]) -> Option<Followers> {
        let depth = context.len();
        let (mut at, mut end) = (0, self.header.tokens);
        for (offset, token) in context.iter().enumerate() {
            if token.0 == SEPARATOR {
                return None;
            }
            at = self.first_not_below(at, end, offset, token.0);
            end = self.first_not_below(at, end, offset, token.0 + 1);
        }
        // Separators come last.
        end = self.first_not_below(at, end, depth, SEPARATOR);
        let begin = at;
        let mut tokens = Vec::new();
        while at < end {
            let token = self.token_from(at, depth)?;
            // A file that is not in order must not hold us up.
            let next = self
                .first_not_below(at, end, depth, token.saturating_add(1))
                .max(at + 1);
            if tokens.len() == FOLLOWERS_MAX {
                return None;
            }
            tokens.push(Follower {
                token: TokenId(token),
                count: self.count(at, next)?,
            });
            at = next;
        }
        let count = self.count(begin, end)?;
        (count > 0.0).then_some(Followers {
            context_tokens: depth,
            count,
            tokens,
        })
    }

    /// The first place in `from..until` whose token at `offset` is not below `token`; the tokens before
    /// are the same in all of these places. Looks close to `from` first, where it mostly is.
    fn first_not_below(&self, from: u32, until: u32, offset: usize, token: u32) -> u32 {
        let is_below = |at: u32| self.token_from(at, offset).is_some_and(|one| one < token);
        let (mut low, mut step) = (from, 1);
        while low < until && is_below(low) {
            let next = low.saturating_add(step).min(until);
            if next == until || !is_below(next) {
                return bisect(low + 1, next, &is_below);
            }
            low = next;
            step *= 2;
        }
        low
    }

    /// The token so many after a place of the order; a separator where there is none.
    fn token_from(&self, at: u32, offset: usize) -> Option<u32> {
        let entries = self.header.entries as usize;
        let place = self.number(entries + at as usize)? as usize;
        let Some(index) = place.checked_add(offset).filter(|index| *index < entries) else {
            return Some(SEPARATOR);
        };
        self.number(index)
    }

    /// How often what stands in these places of the order was written.
    fn count(&self, from: u32, until: u32) -> Option<f32> {
        let sums = self.header.entries as usize + self.header.tokens as usize;
        let sum = |at: u32| self.number(sums + at as usize);
        let units = sum(until)?.saturating_sub(sum(from)?);
        Some(units as f32 / WEIGHT_OF_OWN as f32)
    }

    /// All bytes of the file.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    /// A number after the header.
    fn number(&self, index: usize) -> Option<u32> {
        let start = HEADER_BYTES + index * NUMBER_BYTES;
        let bytes = self.bytes.as_ref().get(start..start + NUMBER_BYTES)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    }
}

/// The first number from `low` to `high` that is not below what is looked for.
fn bisect(mut low: u32, mut high: u32, is_below: &dyn Fn(u32) -> bool) -> u32 {
    while low < high {
        let middle = low + (high - low) / 2;
        if is_below(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
