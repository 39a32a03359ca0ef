//! English street addresses: a number, a name, a word for a street; then a flat, a town with its
//! state and code where they follow.
//!
//! Case and order decide. A year before a street's name (`In 1984 Wall Street …`) is no number.

use std::ops::Range;

use crate::find::Finding;
use crate::kind::Kind;
use crate::number::starts;
use crate::text::{Text, is_han, is_word};

/// Words between the number and the word for a street.
const NAME_WORDS_MAX: usize = 4;
/// How far the whole goes.
const ADDRESS_BYTES_MAX: usize = 160;

const STREETS: [&str; 45] = [
    "Street",
    "St",
    "Avenue",
    "Ave",
    "Av",
    "Road",
    "Rd",
    "Boulevard",
    "Blvd",
    "Lane",
    "Ln",
    "Drive",
    "Dr",
    "Court",
    "Ct",
    "Place",
    "Pl",
    "Terrace",
    "Ter",
    "Way",
    "Square",
    "Sq",
    "Crescent",
    "Cres",
    "Close",
    "Parkway",
    "Pkwy",
    "Highway",
    "Hwy",
    "Circle",
    "Cir",
    "Row",
    "Mews",
    "Gardens",
    "Gdns",
    "Grove",
    "Quay",
    "Walk",
    "Trail",
    "Broadway",
    "Loop",
    "Plaza",
    "Wharf",
    "Pike",
    "Alley",
];

/// Words before a number that say it is a year.
const BEFORE_YEARS: [&str; 16] = [
    "in", "since", "by", "of", "until", "till", "after", "before", "from", "during", "the", "and",
    "to", "for", "around", "about",
];

const STATES: &str = "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC";

/// The address whose number is this word.
pub(crate) fn find(text: Text<'_>, word: Range<usize>) -> Option<Finding> {
    let next = text.byte(word.end + 1);
    if text.byte(word.end) != b' '
        || !(next.is_ascii_uppercase() || next.is_ascii_digit())
        || !starts(text, word.start)
    {
        return None;
    }
    let number = text.slice(word.clone());
    let digits = number.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let is_number = (1..=5).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && number.len() <= digits.len() + 1;
    if !is_number || is_year(text, &word) {
        return None;
    }
    let street = street(text.after(word.end, ADDRESS_BYTES_MAX))?;
    let end = word.end + street;
    let end = flat(text, end);
    let end = town(text, end);
    Some(Finding::new(
        Kind::StreetAddress,
        flat_before(text, word.start)..end,
    ))
}

/// Whether the number is a year, or the last word of a date or a range.
fn is_year(text: Text<'_>, word: &Range<usize>) -> bool {
    let digits = text.slice(word.clone());
    if digits.len() != 4
        || !matches!(
            digits.as_bytes(),
            [b'1', b'5'..=b'9', ..] | [b'2', b'0', ..]
        )
    {
        return false;
    }
    let before = text.before(word.start, 16).trim_end();
    let last = before
        .rsplit(|c: char| !c.is_alphabetic())
        .next()
        .unwrap_or("");
    before.ends_with(',') && before.len() < 16
        || BEFORE_YEARS.contains(&last.to_ascii_lowercase().as_str())
}

/// The bytes of ` Name Street` and its direction.
fn street(after: &str) -> Option<usize> {
    let mut at = 0;
    let mut len = None;
    for (index, word) in after
        .split(' ')
        .skip(1)
        .take(NAME_WORDS_MAX + 1)
        .enumerate()
    {
        at += 1 + word.len();
        let bare = word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '"', '\'']);
        let bare = bare.find(ends_word).map_or(bare, |end| &bare[..end]);
        let is_street = index > 0 && STREETS.contains(&bare) || index == 0 && bare == "Broadway";
        if is_street {
            let dot = bare.len() <= 5
                && bare != "Row"
                && word[bare.len()..].starts_with('.')
                && !word[bare.len()..].starts_with("..");
            len = Some(
                at - word.len()
                    + bare.len()
                    + usize::from(dot && after[at..].starts_with([' ', ','])),
            );
            break;
        }
        if bare.len() != word.len() && !(bare.len() == 1 || bare.len() == 2) || !is_name(bare) {
            return None;
        }
    }
    let len = len?;
    let tail = &after[len..];
    let direction = [" NW", " NE", " SW", " SE", " N", " S", " E", " W"]
        .into_iter()
        .find(|direction| {
            tail.strip_prefix(direction)
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
        });
    Some(len + direction.map_or(0, str::len))
}

/// Dashes and Chinese, which follow a street's name without a space.
fn ends_word(c: char) -> bool {
    is_han(c) || matches!(c, '\u{2014}' | '”' | '\u{3000}'..='\u{303F}' | '\u{FF00}'..='\u{FFEF}')
}

/// `Elm`, `O’Connell`, `5th`, `N`.
fn is_name(word: &str) -> bool {
    let is_ordinal = word.starts_with(|c: char| c.is_ascii_digit())
        && ["st", "nd", "rd", "th"]
            .iter()
            .any(|ending| word.ends_with(ending));
    let is_capital = word.starts_with(|c: char| c.is_uppercase())
        && word
            .chars()
            .all(|c| c.is_alphabetic() || matches!(c, '\'' | '’' | '-'));
    is_ordinal || is_capital
}

/// `, Apt 4B`, ` Suite 200`, ` #12` behind the street.
fn flat(text: Text<'_>, end: usize) -> usize {
    const FLATS: [&str; 13] = [
        "Apartment ",
        "Apt. ",
        "Apt ",
        "Suite ",
        "Ste. ",
        "Ste ",
        "Unit ",
        "Flat ",
        "Floor ",
        "Room ",
        "Rm ",
        "Apt. #",
        "#",
    ];
    let after = text.after(end, 32);
    let rest = after
        .strip_prefix(',')
        .unwrap_or(after)
        .trim_start_matches(' ');
    let Some(name) = FLATS.iter().find_map(|flat| rest.strip_prefix(flat)) else {
        return end;
    };
    let number = name
        .bytes()
        .take(6)
        .take_while(|&byte| byte.is_ascii_alphanumeric() || byte == b'-')
        .count();
    if number == 0 || !name.bytes().take(number).any(|byte| byte.is_ascii_digit()) && number > 1 {
        return end;
    }
    end + after.len() - name.len() + number
}

/// `Flat 3, ` before the number.
fn flat_before(text: Text<'_>, start: usize) -> usize {
    let before = text.before(start, 24);
    let Some(at) = ["Flat ", "Apartment ", "Apt ", "Unit ", "Suite "]
        .iter()
        .filter_map(|flat| before.rfind(flat))
        .max()
    else {
        return start;
    };
    let number = before[at..].split(' ').nth(1).unwrap_or("");
    let is_flat =
        before[at..].split(' ').count() == 3 && number.ends_with(',') && number.len() <= 6;
    if is_flat {
        start - (before.len() - at)
    } else {
        start
    }
}

/// `, Springfield, IL 62704`, `, London SW1A 1AA`, if a code ends it.
fn town(text: Text<'_>, end: usize) -> usize {
    const TOWN_BYTES_MAX: usize = 64;
    let after = text.after(end, TOWN_BYTES_MAX);
    if !after.starts_with(',') {
        return end;
    }
    let mut at = 0;
    for word in after.split_inclusive([' ', ',']) {
        let bare = word.trim_end_matches([' ', ',', '.']);
        let place = end + at;
        at += word.len();
        let is_state = bare.len() == 2 && STATES.split(' ').any(|state| state == bare);
        if is_state && let Some(code) = zip(text, end + at) {
            return code;
        }
        if bare.bytes().any(|byte| byte.is_ascii_digit()) {
            let word_end = place + bare.len();
            let british = crate::place::postal_code(text, place..word_end);
            return british.map_or(end, |finding| finding.range.end);
        }
        if !bare.is_empty() && !bare.starts_with(|c: char| c.is_uppercase()) {
            return end;
        }
    }
    end
}

fn zip(text: Text<'_>, at: usize) -> Option<usize> {
    let end = text.run_end(at, 6, |byte| byte.is_ascii_digit());
    let long = text.run_end(end + 1, 5, |byte| byte.is_ascii_digit());
    let whole = if text.byte(end) == b'-' && long == end + 5 {
        long
    } else {
        end
    };
    (end == at + 5 && !is_word(text.byte(whole))).then_some(whole)
}
