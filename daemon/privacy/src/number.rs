//! Numbers written in groups: reading them, and what stands around a number that says it is
//! something harmless. Used by cards, telephones and documents.

use crate::text::{Text, is_word};

/// Groups read at most: a telephone number in French pairs with its country has seven.
pub(crate) const GROUPS_MAX: usize = 8;
/// Digits read at most.
pub(crate) const DIGITS_MAX: usize = 24;

/// What parts two groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    Space,
    Hyphen,
    Dot,
    Slash,
    /// A closing bracket, or an opening one before the next group.
    Bracket,
}

/// One group of digits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Group {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// What stands before it; meaningless for the first.
    pub(crate) sign: Sign,
}

impl Group {
    pub(crate) fn len(self) -> usize {
        self.end - self.start
    }
}

/// The groups from one place on.
pub(crate) struct Groups {
    groups: [Group; GROUPS_MAX],
    count: usize,
}

impl Groups {
    /// Reads the groups from the digit at `at` on, as many as signs join.
    pub(crate) fn read(text: Text<'_>, at: usize) -> Self {
        let empty = Group {
            start: at,
            end: at,
            sign: Sign::Space,
        };
        let mut read = Self {
            groups: [empty; GROUPS_MAX],
            count: 0,
        };
        let mut next = Some((Sign::Space, at));
        let mut digits = 0;
        while let Some((sign, start)) = next {
            let end = text.run_end(start, DIGITS_MAX + 1, |byte| byte.is_ascii_digit());
            digits += end - start;
            if end == start || digits > DIGITS_MAX || read.count == GROUPS_MAX {
                break;
            }
            read.groups[read.count] = Group { start, end, sign };
            read.count += 1;
            next = joint(text, end);
        }
        read
    }

    pub(crate) fn all(&self) -> &[Group] {
        &self.groups[..self.count]
    }

    /// The first groups, if they have these lengths and one of these signs throughout. Returns the
    /// end of the last.
    pub(crate) fn form(&self, lens: &[usize], signs: &[Sign]) -> Option<usize> {
        let head = self.all().get(..lens.len())?;
        let has_lens = head
            .iter()
            .zip(lens)
            .all(|(group, &len)| group.len() == len);
        let sign = head.get(1).map_or(Sign::Space, |group| group.sign);
        let is_of_one =
            head.iter().skip(1).all(|group| group.sign == sign) && signs.contains(&sign);
        (has_lens && (is_of_one || lens.len() == 1)).then(|| head.last().map(|group| group.end))?
    }
}

/// The sign behind a group and where the next group starts.
fn joint(text: Text<'_>, end: usize) -> Option<(Sign, usize)> {
    let is_digit = |at: usize| text.byte(at).is_ascii_digit();
    let (sign, mut next) = match text.byte(end) {
        b' ' => (Sign::Space, end + 1),
        b'-' => (Sign::Hyphen, end + 1),
        b'.' => (Sign::Dot, end + 1),
        b'/' => (Sign::Slash, end + 1),
        b')' => (Sign::Bracket, end + 1),
        0xC2 if text.byte(end + 1) == 0xA0 => (Sign::Space, end + 2),
        0xEF if text.starts_with(end, "）") => (Sign::Bracket, end + 3),
        0xE2 if text.starts_with(end, "‑") || text.starts_with(end, "–") => {
            (Sign::Hyphen, end + 3)
        }
        b'(' if is_digit(end + 1) => return Some((Sign::Bracket, end + 1)),
        0xEF if text.starts_with(end, "（") && is_digit(end + 3) => {
            return Some((Sign::Bracket, end + 3));
        }
        _ => return None,
    };
    if sign == Sign::Bracket && matches!(text.byte(next), b' ' | b'-') {
        next += 1;
    }
    if matches!(sign, Sign::Space | Sign::Hyphen) && text.byte(next) == b'(' && is_digit(next + 1) {
        return Some((Sign::Bracket, next + 1));
    }
    is_digit(next).then_some((sign, next))
}

/// Whether a number begins here rather than goes on: no word, decimals or longer number before it.
pub(crate) fn starts(text: Text<'_>, start: usize) -> bool {
    let before = text.byte_before(start);
    let beyond = if start >= 2 { text.byte(start - 2) } else { 0 };
    let goes_on = match before {
        b'.' | b'-' | b',' => beyond.is_ascii_alphanumeric(),
        b'/' => beyond.is_ascii_alphabetic(),
        b'$' => true,
        _ => is_word(before),
    };
    !goes_on
        && !matches!(
            text.char_before(start),
            Some('€' | '£' | '¥' | '￥' | '№' | '×')
        )
}

/// What a number before which it stands is, when it is nobody's.
const HARMLESS: [&str; 36] = [
    "order",
    "invoice",
    "isbn",
    "issn",
    "doi",
    "serial",
    "tracking",
    "ticket",
    "issue",
    "part no",
    "sku",
    "barcode",
    "rfc",
    "version",
    "build",
    "commit",
    "hash",
    "checksum",
    "arxiv",
    "timestamp",
    "pmid",
    "订单",
    "单号",
    "编号",
    "流水",
    "版本",
    "序列",
    "条码",
    "书号",
    "期号",
    "批号",
    "文号",
    "快递",
    "货号",
    "时间戳",
    "校验和",
];

/// How far before a number such a word stands.
const HARMLESS_BYTES_MAX: usize = 32;

/// Whether the words before say that the number is an order, a book, a version.
pub(crate) fn is_disowned(text: Text<'_>, start: usize) -> bool {
    let before = text.before(start, HARMLESS_BYTES_MAX);
    let clause = before
        .rfind(['。', '，', '；', ';'])
        .map_or(before, |at| &before[at..]);
    let clause = clause.to_ascii_lowercase();
    HARMLESS.iter().any(|word| clause.contains(word))
}
