//! Places by number: coordinates and postal codes.
//!
//! Two numbers with decimals are coordinates only with a label, a degree sign, or so many decimals
//! that they find a house and no third number behind: lists of measurements look much the same. The
//! corners of an area on a map are a list of such pairs, and nobody's house.

use std::ops::Range;

use crate::find::Finding;
use crate::kind::Kind;
use crate::labelled::ends;
use crate::number::starts;
use crate::text::{Text, is_word};

/// Decimals that find a house: a hundred thousandth of a degree is a metre.
const DECIMALS_MIN: usize = 5;
/// Behind a label three are enough: a street.
const LABELLED_DECIMALS_MIN: usize = 3;

/// A decimal number: its value, its decimals and its end.
fn decimal(text: Text<'_>, at: usize) -> Option<(f64, usize, usize)> {
    let digits_at = at + usize::from(matches!(text.byte(at), b'-' | b'+'));
    let point = text.run_end(digits_at, 4, |byte| byte.is_ascii_digit());
    if !(1..=3).contains(&(point - digits_at)) || text.byte(point) != b'.' {
        return None;
    }
    let end = text.run_end(point + 1, 20, |byte| byte.is_ascii_digit());
    let value = text.slice(at..end).parse().ok()?;
    (end > point + 1).then_some((value, end - point - 1, end))
}

/// Two numbers in the ranges of latitude and longitude, in either order, and their end.
fn pair(text: Text<'_>, at: usize, decimals_min: usize) -> Option<usize> {
    let (first, first_decimals, end) = decimal(text, at)?;
    let between = text.after(end, 12);
    let rest = between.trim_start_matches(['°', 'N', 'S', 'E', 'W', ' ']);
    let rest = rest.trim_start_matches([',', '，', '/', ' ']);
    if rest.len() == between.len() {
        return None;
    }
    let (second, second_decimals, end) = decimal(text, end + between.len() - rest.len())?;
    let is_place = first.abs() <= 90.0 && second.abs() <= 180.0
        || first.abs() <= 180.0 && second.abs() <= 90.0;
    let is_precise = first_decimals.min(second_decimals) >= decimals_min;
    let is_exact = first.fract() != 0.0 && second.fract() != 0.0;
    (is_place && is_precise && is_exact && first.abs().max(second.abs()) >= 10.0).then_some(end)
}

/// A pair without a label that begins with this word.
pub(crate) fn coordinate_pair(text: Text<'_>, word_start: usize) -> Option<Range<usize>> {
    let sign = usize::from(matches!(text.byte_before(word_start), b'-' | b'+'));
    let start = word_start - sign;
    if text.byte(word_start + 1) == 0 || !starts(text, start) {
        return None;
    }
    let end = pair(text, start, DECIMALS_MIN)?;
    let before = text.before(start, 4).trim_end();
    let is_in_list =
        before.ends_with([',', '，', ';']) && before.bytes().any(|byte| byte.is_ascii_digit());
    let goes_on = text
        .after(end, 3)
        .trim_start_matches([',', ' ', '，'])
        .starts_with(|c: char| c.is_ascii_digit() || c == '-');
    let is_direction =
        matches!(text.byte(end), b'N' | b'S' | b'E' | b'W') && !is_word(text.byte(end + 1));
    let end = end + usize::from(is_direction);
    let is_one = !is_in_list
        && !goes_on
        && !is_word(text.byte(end))
        && !is_vertex(text, start, end)
        && !is_measured(text, start);
    is_one.then_some(start..end)
}

/// How far on its line a pair's neighbours are looked at.
const LINE_BYTES_MAX: usize = 80;

/// Whether a pair is one of many, the corner of an area: in nested brackets (`[[…],[…]`), or alone on
/// its line, in a bracket or before a comma.
fn is_vertex(text: Text<'_>, start: usize, end: usize) -> bool {
    let before = text.before(start, LINE_BYTES_MAX).trim_end();
    let outer = before.strip_suffix('[').map(str::trim_end);
    let is_nested = outer.is_some_and(|outer| {
        let of_next = outer.strip_suffix(',').map(str::trim_end);
        outer.ends_with('[') || of_next.is_some_and(|before| before.ends_with(']'))
    });
    let after = text.after(end, LINE_BYTES_MAX).trim();
    let is_data = |c: char| c.is_ascii_digit() || " \t.,-+[](){}".contains(c);
    let is_alone = before.chars().all(is_data) && after.chars().all(is_data);
    is_nested || is_alone && (outer.is_some() || after.ends_with(','))
}

/// Whether the word before says that the numbers measure something else.
fn is_measured(text: Text<'_>, start: usize) -> bool {
    const WORDS: [&str; 9] = [
        "mean", "loss", "score", "value", "ratio", "weight", "均值", "损失", "得分",
    ];
    let before = text.before(start, 24).to_ascii_lowercase();
    WORDS.iter().any(|word| before.contains(word))
}

/// `@37.78697,-122.39970,17z` in the address of a map.
pub(crate) fn map_link(text: Text<'_>, at: usize) -> Option<Finding> {
    let end = pair(text, at + 1, LABELLED_DECIMALS_MIN)?;
    Some(Finding::new(Kind::Coordinates, at + 1..end))
}

/// A pair behind its label, or one number behind `latitude`.
pub(crate) fn labelled_coordinates(text: Text<'_>, at: usize) -> Option<Range<usize>> {
    if let Some(end) = pair(text, at, LABELLED_DECIMALS_MIN) {
        return Some(at..end);
    }
    let (value, decimals, end) = decimal(text, at)?;
    (decimals > LABELLED_DECIMALS_MIN && value.abs() <= 180.0).then_some(at..end)
}

/// `40°26′46″N 79°58′56″W`, `39.9042° N, 116.4074° E`, from the first degree sign on.
pub(crate) fn degrees(text: Text<'_>, at: usize) -> Option<Finding> {
    if !text.starts_with(at, "°") {
        return None;
    }
    let start = text.run_start(at, 12, |byte| byte.is_ascii_digit() || byte == b'.');
    let (direction, end, is_precise) = angle(text, start)?;
    let is_latitude = matches!(direction, b'N' | b'S');
    let between = text.after(end, 8);
    let rest = between.trim_start_matches([' ', ',', '，', ';', '/']);
    let (second, end, is_second_precise) = angle(text, end + between.len() - rest.len())?;
    let is_other = if is_latitude {
        matches!(second, b'E' | b'W')
    } else {
        matches!(second, b'N' | b'S')
    };
    (start < at && is_other && is_precise && is_second_precise)
        .then(|| Finding::new(Kind::Coordinates, start..end))
}

/// One angle with its direction: the letter, the end, and whether it has minutes or decimals.
fn angle(text: Text<'_>, at: usize) -> Option<(u8, usize, bool)> {
    let after = text.after(at, 40);
    let len = after.find(['N', 'S', 'E', 'W'])?;
    let written = &after[..len];
    let is_of_it = |c: char| {
        c.is_ascii_digit() || matches!(c, '°' | '′' | '″' | '\'' | '"' | '.' | ' ' | '’' | '”')
    };
    let is_one = written.contains('°')
        && written.starts_with(|c: char| c.is_ascii_digit())
        && written.chars().all(is_of_it);
    let is_precise = written.contains(['′', '\'', '’'])
        || written
            .split_once('.')
            .is_some_and(|(_, decimals)| decimals.len() > 4);
    (is_one && !is_word(text.byte(at + len + 1)))
        .then(|| (text.byte(at + len), at + len + 1, is_precise))
}

/// A British or Canadian postcode that begins with this word: `SW1A 1AA`, `K1A 0B1`.
pub(crate) fn postal_code(text: Text<'_>, word: Range<usize>) -> Option<Finding> {
    let end = word.end + 4;
    if text.byte(word.end) != b' '
        || is_word(text.byte(end))
        || is_word(text.byte_before(word.start))
        || text.byte_before(word.start) == b'-'
    {
        return None;
    }
    let (head, tail) = (
        form(text.slice(word.clone())),
        form(text.slice(word.end + 1..end)),
    );
    let is_british = matches!(
        head.as_str(),
        "A9" | "A99" | "A9A" | "AA9" | "AA99" | "AA9A"
    ) && tail == "9AA";
    let is_canadian = head == "A9A" && tail == "9A9";
    (is_british || is_canadian).then(|| Finding::new(Kind::PostalCode, word.start..end))
}

/// Letters as `A`, digits as `9`: the form of a code.
fn form(code: &str) -> String {
    let of = |c: char| match c {
        'A'..='Z' => 'A',
        '0'..='9' => '9',
        other => other,
    };
    code.chars().take(5).map(of).collect()
}

/// A postal code of any country behind its label.
pub(crate) fn labelled_postal_code(text: Text<'_>, at: usize) -> Option<Range<usize>> {
    let end = text.run_end(at, 7, |byte| byte.is_ascii_digit());
    if (5..=6).contains(&(end - at)) {
        let long = text.run_end(end + 1, 5, |byte| byte.is_ascii_digit());
        let end = if text.byte(end) == b'-' && long == end + 5 {
            long
        } else {
            end
        };
        return ends(text, end).then_some(at..end);
    }
    let word = text.run_end(at, 5, |byte| byte.is_ascii_alphanumeric());
    postal_code(text, at..word).map(|finding| finding.range)
}
