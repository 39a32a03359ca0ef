//! The marker of one item: what it is, and which one comes after it.
//!
//! Not the list around it (`list.rs`).

/// Numbers of items have so many digits at most; longer ones are years and amounts.
const DIGITS_MAX: usize = 3;

/// The most stars of a nested bullet (`***`), as AsciiDoc writes them.
const NESTED_STARS_MAX: usize = 5;

/// The most dots: three are an ellipsis.
const NESTED_DOTS_MAX: usize = 2;

/// Han digits by value, from one on.
const HAN_DIGITS: [char; 9] = ['一', '二', '三', '四', '五', '六', '七', '八', '九'];

/// The number after the last that is written in circles.
const CIRCLED_END: u32 = 21;

/// Boxes to be ticked, with the space after them.
pub(super) const TICK_BOXES: [&str; 3] = ["[ ] ", "[x] ", "[X] "];

/// A marker at the start of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marker<'a> {
    line: &'a str,
    indent: usize,
    end: usize,
    kind: Kind<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind<'a> {
    /// The bullet with its space, and whether a box follows it.
    Bullet {
        bullet: &'a str,
        has_box: bool,
    },
    /// A box without a bullet, which the writer has typed.
    Box,
    Number(Number<'a>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Number<'a> {
    value: u32,
    numerals: Numerals,
    open: &'a str,
    /// What follows the numeral, with its space.
    close: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Numerals {
    Digits,
    Han,
    /// One small letter.
    Letter,
    Circled,
}

impl<'a> Marker<'a> {
    /// The marker that `line` starts with.
    pub(super) fn of(line: &'a str) -> Option<Self> {
        let content = line.trim_start_matches([' ', '\t']);
        let indent = line.len() - content.len();
        let (bytes, kind) = bullet(content).or_else(|| number(content))?;
        Some(Self {
            line,
            indent,
            end: indent + bytes,
            kind,
        })
    }

    /// How many bytes of white space stand before it.
    pub(super) const fn indent(&self) -> usize {
        self.indent
    }

    /// The byte of the line at which the item's text starts.
    pub(super) const fn end(&self) -> usize {
        self.end
    }

    /// Whether its item can be ticked off.
    pub(super) const fn has_box(&self) -> bool {
        matches!(self.kind, Kind::Box | Kind::Bullet { has_box: true, .. })
    }

    /// Whether it is a box that lacks its bullet.
    pub(super) const fn is_bare_box(&self) -> bool {
        matches!(self.kind, Kind::Box)
    }

    /// Whether both have a number, and the same.
    pub(super) fn same_number(&self, other: &Self) -> bool {
        match (self.kind, other.kind) {
            (Kind::Number(one), Kind::Number(two)) => one.value == two.value,
            _ => false,
        }
    }

    /// The marker itself, for another item.
    pub(super) fn again(&self) -> String {
        self.line[self.indent..self.end].to_owned()
    }

    /// The marker of the next item. After the last numeral there is, the same again.
    pub(super) fn next(&self) -> String {
        match self.kind {
            Kind::Bullet { bullet, has_box } => {
                let tick = if has_box { "[ ] " } else { "" };
                format!("{bullet}{tick}")
            }
            Kind::Box => "[ ] ".to_owned(),
            Kind::Number(number) => match numeral(number.value + 1, number.numerals) {
                Some(numeral) => format!("{}{numeral}{}", number.open, number.close),
                None => self.again(),
            },
        }
    }
}

/// The value of a Han digit.
pub(super) fn han_digit(c: char) -> Option<u32> {
    let index = HAN_DIGITS.iter().position(|&digit| digit == c)?;
    u32::try_from(index + 1).ok()
}

fn bullet(content: &str) -> Option<(usize, Kind<'_>)> {
    if let Some(bytes) = tick_box(content) {
        return Some((bytes, Kind::Box));
    }
    let marks = if content.starts_with("\\item") {
        "\\item".len()
    } else {
        let first = content.chars().next()?;
        let run = content.chars().take_while(|&c| c == first).count();
        match first {
            '-' | '+' | '•' if run == 1 => first.len_utf8(),
            '*' if run <= NESTED_STARS_MAX => run,
            '.' if run <= NESTED_DOTS_MAX => run,
            _ => return None,
        }
    };
    let rest = &content[marks..];
    let spaces = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    if spaces == 0 {
        return None;
    }
    let end = marks + spaces;
    let box_bytes = tick_box(&content[end..]).unwrap_or(0);
    let kind = Kind::Bullet {
        bullet: &content[..end],
        has_box: box_bytes > 0,
    };
    Some((end + box_bytes, kind))
}

/// The bytes of a box with the space after it.
fn tick_box(content: &str) -> Option<usize> {
    let mark = TICK_BOXES.iter().find(|mark| content.starts_with(**mark))?;
    Some(mark.len())
}

fn number(content: &str) -> Option<(usize, Kind<'_>)> {
    let open = ["(", "（"]
        .into_iter()
        .find(|open| content.starts_with(open));
    let numeral_start = open.map_or(0, str::len);
    let (numeral_bytes, value, numerals) = read_numeral(&content[numeral_start..])?;
    let numeral_end = numeral_start + numeral_bytes;
    let rest = &content[numeral_end..];
    let mark = match (open, numerals) {
        (None, Numerals::Circled) => "",
        (Some(_), _) => starts_with_one(rest, &[")", "）"])?,
        // An initial has a period: J. Smith.
        (None, Numerals::Letter) => starts_with_one(rest, &[")"])?,
        (None, _) => starts_with_one(rest, &[".", ")", "、", "．", "）"])?,
    };
    let after = &rest[mark.len()..];
    let spaces = after.len() - after.trim_start_matches([' ', '\t']).len();
    // 3.14 and a)b are none.
    if mark.is_ascii() && !mark.is_empty() && spaces == 0 {
        return None;
    }
    let close = &rest[..mark.len() + spaces];
    let number = Number {
        value,
        numerals,
        open: open.unwrap_or_default(),
        close,
    };
    Some((numeral_end + close.len(), Kind::Number(number)))
}

fn starts_with_one<'m>(text: &str, marks: &[&'m str]) -> Option<&'m str> {
    marks.iter().copied().find(|mark| text.starts_with(mark))
}

fn read_numeral(text: &str) -> Option<(usize, u32, Numerals)> {
    let first = text.chars().next()?;
    if first.is_ascii_digit() {
        let bytes = text.bytes().take_while(u8::is_ascii_digit).count();
        let value = text[..bytes].parse().ok()?;
        return (bytes <= DIGITS_MAX).then_some((bytes, value, Numerals::Digits));
    }
    if first.is_ascii_lowercase() {
        return Some((1, u32::from(first) - u32::from('a') + 1, Numerals::Letter));
    }
    if let value @ 1..CIRCLED_END = u32::from(first)
        .wrapping_sub(u32::from('①'))
        .wrapping_add(1)
    {
        return Some((first.len_utf8(), value, Numerals::Circled));
    }
    let (bytes, value) = read_han(text)?;
    Some((bytes, value, Numerals::Han))
}

/// 一 to 九十九.
fn read_han(text: &str) -> Option<(usize, u32)> {
    let mut characters = text.chars().peekable();
    let tens = characters.peek().copied().and_then(han_digit);
    if tens.is_some() {
        characters.next();
    }
    if characters.peek() != Some(&'十') {
        return tens.map(|ones| (HAN_DIGITS[0].len_utf8(), ones));
    }
    characters.next();
    let ones = characters.peek().copied().and_then(han_digit);
    let count = usize::from(tens.is_some()) + 1 + usize::from(ones.is_some());
    Some((
        count * HAN_DIGITS[0].len_utf8(),
        tens.unwrap_or(1) * 10 + ones.unwrap_or(0),
    ))
}

/// A number written in numerals of a kind, if it can be.
fn numeral(value: u32, numerals: Numerals) -> Option<String> {
    match numerals {
        Numerals::Digits => Some(value.to_string()),
        Numerals::Letter => (1..=26)
            .contains(&value)
            .then(|| char::from_u32(u32::from('a') + value - 1))
            .flatten()
            .map(String::from),
        Numerals::Circled => (1..CIRCLED_END)
            .contains(&value)
            .then(|| char::from_u32(u32::from('①') + value - 1))
            .flatten()
            .map(String::from),
        Numerals::Han => {
            let digit = |value: u32| {
                value
                    .checked_sub(1)
                    .and_then(|at| HAN_DIGITS.get(at as usize))
            };
            let (tens, ones) = (value / 10, value % 10);
            if tens > 9 {
                return None;
            }
            let before = digit(tens).filter(|_| tens > 1).map(|&c| String::from(c));
            let ten = if tens > 0 { "十" } else { "" };
            let after = digit(ones).map(|&c| String::from(c)).unwrap_or_default();
            Some(format!("{}{ten}{after}", before.unwrap_or_default()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn han_numbers_are_read_and_written() {
        for value in 1..=99 {
            let written = numeral(value, Numerals::Han).unwrap();
            assert_eq!(
                read_han(&written),
                Some((written.len(), value)),
                "{written}"
            );
        }
        assert_eq!(numeral(100, Numerals::Han), None);
        assert_eq!(numeral(21, Numerals::Han).as_deref(), Some("二十一"));
    }

    #[test]
    fn after_the_last_numeral_the_marker_stays() {
        let next = |line| Marker::of(line).map(|marker| marker.next());
        assert_eq!(next("z) bread").as_deref(), Some("z) "));
        assert_eq!(next("⑳ 砚").as_deref(), Some("⑳ "));
        assert_eq!(next("九十九、砚").as_deref(), Some("九十九、"));
        assert_eq!(next("999. bread").as_deref(), Some("1000. "));
    }
}
