//! Telephone numbers: international (E.164 behind `+`), and national where the form tells.
//!
//! Seven or eight digits alone are a number like any other, and are one only behind a label.

use std::ops::Range;

use crate::find::Finding;
use crate::kind::Kind;
use crate::labelled::ends;
use crate::number::{Group, Groups, Sign, is_disowned, starts};
use crate::text::Text;

/// E.164: digits of the whole number.
const DIGITS_MAX: usize = 15;
/// The shortest behind a label: an extension or an emergency number is nobody's.
const LABELLED_DIGITS_MIN: usize = 7;

/// Countries whose numbers have known lengths (without the code), and the code.
#[rustfmt::skip] // As a table.
const COUNTRIES: &[(&str, usize, usize)] = &[
    ("1", 10, 10), ("7", 10, 10), ("20", 9, 10), ("27", 9, 9), ("30", 10, 10), ("31", 9, 9), ("32", 8, 9), ("33", 9, 9),
    ("34", 9, 9), ("36", 8, 9), ("39", 8, 11), ("40", 9, 9), ("41", 9, 9), ("43", 7, 12), ("44", 9, 10), ("45", 8, 8),
    ("46", 7, 10), ("47", 8, 8), ("48", 9, 9), ("49", 7, 12), ("51", 8, 9), ("52", 10, 10), ("54", 10, 11), ("55", 10, 11),
    ("56", 9, 9), ("57", 8, 10), ("60", 8, 10), ("61", 9, 9), ("62", 8, 12), ("63", 8, 10), ("64", 8, 10), ("65", 8, 8),
    ("66", 8, 9), ("81", 9, 10), ("82", 8, 10), ("84", 9, 10), ("86", 10, 11), ("90", 10, 10), ("91", 10, 10), ("92", 10, 10),
    ("94", 9, 9), ("98", 10, 10), ("212", 9, 9), ("234", 8, 10), ("254", 9, 9), ("351", 9, 9), ("352", 6, 9), ("353", 7, 9),
    ("354", 7, 7), ("358", 6, 11), ("359", 8, 9), ("370", 8, 8), ("371", 8, 8), ("372", 7, 8), ("380", 9, 9), ("385", 8, 9),
    ("386", 8, 8), ("420", 9, 9), ("421", 9, 9), ("852", 8, 8), ("853", 8, 8), ("855", 8, 9), ("880", 10, 10), ("886", 8, 9),
    ("960", 7, 7), ("961", 7, 8), ("962", 8, 9), ("965", 8, 8), ("966", 9, 9), ("971", 8, 9), ("972", 8, 9), ("974", 8, 8),
    ("975", 7, 8), ("976", 8, 8), ("977", 8, 10), ("995", 9, 9), ("998", 9, 9),
];

/// The number behind a `+`.
pub(crate) fn international(text: Text<'_>, plus: usize) -> Option<Finding> {
    let first = if text.byte(plus + 1) == b'(' {
        plus + 2
    } else {
        plus + 1
    };
    if !text.byte(first).is_ascii_digit() || text.byte_before(plus).is_ascii_alphanumeric() {
        return None;
    }
    with_country(text, plus, first)
}

/// The number whose country code begins at `first`.
fn with_country(text: Text<'_>, start: usize, first: usize) -> Option<Finding> {
    let groups = Groups::read(text, first);
    let head = text.slice(first..groups.all().first()?.end);
    let &(code, min, max) = COUNTRIES
        .iter()
        .rfind(|(code, ..)| head.starts_with(code))?;
    let end = longest(groups.all(), code.len(), min, max)?;
    let kind = if code == "86" {
        Kind::ChinesePhone
    } else {
        Kind::Phone
    };
    let opens = text.byte_before(start) == b'(' && text.slice(first..end).contains(')');
    ends(text, end).then(|| Finding::new(kind, if opens { start - 1 } else { start }..end))
}

/// The end of the most groups whose digits, without the code's, are as many as allowed. A trunk
/// zero in brackets does not count.
fn longest(groups: &[Group], code_len: usize, min: usize, max: usize) -> Option<usize> {
    let mut digits = 0;
    let mut end = None;
    for (index, group) in groups.iter().enumerate() {
        let is_trunk_zero = index > 0 && group.len() == 1 && group.sign == Sign::Bracket;
        digits += if is_trunk_zero { 0 } else { group.len() };
        let national = digits.saturating_sub(code_len);
        if digits > DIGITS_MAX || national > max {
            break;
        }
        if national >= min {
            end = Some(group.end);
        }
    }
    end
}

/// The number that begins with this word of digits.
pub(crate) fn national(text: Text<'_>, word: Range<usize>) -> Option<Finding> {
    // Nothing below has a first group of another length.
    if !matches!(word.len(), 1..=5 | 10..=15) || !starts(text, word.start) {
        return None;
    }
    let digits = text.slice(word.clone());
    if digits.starts_with("00") && word.len() >= 3 && text.byte(word.start + 2) != b'0' {
        return prefixed(text, word).filter(|finding| !is_disowned(text, finding.range.start));
    }
    // `-0700` is a time zone.
    if matches!(text.byte_before(word.start), b'-' | b'+') {
        return None;
    }
    let groups = Groups::read(text, word.start);
    let (kind, end) = chinese(text, &groups)
        .map(|end| (Kind::ChinesePhone, end))
        .or_else(|| {
            american(text, &groups)
                .or_else(|| with_zero(text, &groups))
                .map(|end| (Kind::Phone, end))
        })?;
    let is_free = ends(text, end) && !is_disowned(text, word.start) && !is_counted(text, end);
    is_free.then(|| Finding::new(kind, opened(text, word.start, end)..end))
}

/// The bracket before an area code goes with it.
fn opened(text: Text<'_>, start: usize, end: usize) -> usize {
    match text.char_before(start) {
        Some(bracket @ ('(' | '（')) if text.slice(start..end).contains([')', '）']) => {
            start - bracket.len_utf8()
        }
        _ => start,
    }
}

/// `0044 20 7946 0958`: the other way to dial abroad, told by its groups or by its length.
fn prefixed(text: Text<'_>, word: Range<usize>) -> Option<Finding> {
    let first = word.start + 2;
    let finding = with_country(text, word.start, first)?;
    (finding.range.len() >= 12).then_some(finding)
}

/// Mainland China: mobile, landline, 400 and 800.
fn chinese(text: Text<'_>, groups: &Groups) -> Option<usize> {
    const SIGNS: &[Sign] = &[Sign::Space, Sign::Hyphen];
    let first = groups.all().first()?;
    let head = text.slice(first.start..first.end);
    let is_mobile = |digits: &str| {
        digits.starts_with('1') && digits[1..].starts_with(|c: char| ('3'..='9').contains(&c))
    };
    let is_round = |end: usize| text.slice(first.start..end).ends_with("000000");
    if let Some(end) = groups
        .form(&[11], SIGNS)
        .or_else(|| groups.form(&[3, 4, 4], &[Sign::Space, Sign::Hyphen, Sign::Dot]))
        .or_else(|| groups.form(&[3, 8], &[Sign::Hyphen]))
        && is_mobile(head)
        && !is_round(end)
    {
        return Some(end);
    }
    if let Some(mobile) = head.strip_prefix("86") {
        let end = groups.form(&[13], SIGNS).filter(|_| is_mobile(mobile));
        let parted = || {
            groups
                .form(&[2, 11], SIGNS)
                .or_else(|| groups.form(&[2, 3, 4, 4], SIGNS))
        };
        return end.or_else(|| parted().filter(|&end| is_mobile(text.slice(first.end + 1..end))));
    }
    if matches!(head, "400" | "800") {
        let forms: [&[usize]; 4] = [&[3, 3, 4], &[3, 4, 3], &[3, 7], &[3, 2, 5]];
        return forms
            .iter()
            .find_map(|form| groups.form(form, &[Sign::Hyphen]));
    }
    let is_area = match head.len() {
        3 => head == "010" || head.starts_with("02"),
        4 => head.starts_with('0') && head[1..].starts_with(|c: char| ('3'..='9').contains(&c)),
        _ => false,
    };
    let forms: [&[usize]; 4] = [
        &[head.len(), 8],
        &[head.len(), 7],
        &[head.len(), 4, 4],
        &[head.len(), 3, 4],
    ];
    let landline = || forms.iter().find_map(|form| landline_form(groups, form));
    let end = is_area.then(landline)??;
    Some(extension(text, end))
}

/// As [`Groups::form`], where a bracket or hyphen may follow the area code and another sign the rest.
fn landline_form(groups: &Groups, lens: &[usize]) -> Option<usize> {
    let head = groups.all().get(..lens.len())?;
    let has_lens = head
        .iter()
        .zip(lens)
        .all(|(group, &len)| group.len() == len);
    let has_signs = head
        .iter()
        .skip(1)
        .all(|group| !matches!(group.sign, Sign::Dot | Sign::Slash));
    (has_lens && has_signs).then(|| head.last().map(|group| group.end))?
}

/// `转 8023`, `-8023` behind a landline.
fn extension(text: Text<'_>, end: usize) -> usize {
    let after = text.after(end, 16);
    let sign = ["转", " 转", "-", " ext. ", " ext ", " x"]
        .into_iter()
        .find(|sign| after.starts_with(sign));
    let Some(sign) = sign else { return end };
    let start = end + sign.len() + usize::from(after[sign.len()..].starts_with(' '));
    let number = text.run_end(start, 6, |byte| byte.is_ascii_digit());
    if (1..=5).contains(&(number - start)) {
        number
    } else {
        end
    }
}

/// North America: area and exchange begin with two to nine.
fn american(text: Text<'_>, groups: &Groups) -> Option<usize> {
    let all = groups.all();
    let skip = usize::from(all.first()?.len() == 1 && text.byte(all[0].start) == b'1');
    let [area, exchange, line] = all.get(skip..skip + 3)? else {
        return None;
    };
    let has_lens = area.len() == 3 && exchange.len() == 3 && line.len() == 4;
    let is_code = |group: &Group| (b'2'..=b'9').contains(&text.byte(group.start));
    let in_brackets = text.byte_before(area.start) == b'(' && exchange.sign == Sign::Bracket;
    let has_signs = match exchange.sign {
        Sign::Bracket => in_brackets && matches!(line.sign, Sign::Hyphen | Sign::Space | Sign::Dot),
        Sign::Hyphen | Sign::Dot => {
            line.sign == exchange.sign && (skip == 0 || area.sign == line.sign)
        }
        Sign::Space | Sign::Slash => false,
    };
    (has_lens && has_signs && is_code(area) && is_code(exchange)).then(|| extension(text, line.end))
}

/// What somebody is asked to call: a whole number of North America, however it is parted.
pub(crate) fn called(text: Text<'_>, at: usize) -> Option<Finding> {
    let groups = Groups::read(text, at);
    let signs = &[Sign::Space, Sign::Dot, Sign::Hyphen];
    let forms: [&[usize]; 4] = [&[3, 3, 4], &[10], &[1, 3, 3, 4], &[11]];
    let end = forms.iter().find_map(|form| groups.form(form, signs))?;
    let digits: Vec<u8> = text
        .slice(at..end)
        .bytes()
        .filter(u8::is_ascii_digit)
        .collect();
    let [area, _, _, exchange, ..] = digits.get(digits.len() - 10..)? else {
        return None;
    };
    let is_country = digits.len() == 10 || digits.first() == Some(&b'1');
    let is_code = |first: &u8| (b'2'..=b'9').contains(first);
    (is_country && is_code(area) && is_code(exchange) && ends(text, end))
        .then(|| Finding::new(Kind::Phone, at..end))
}

/// Countries where a zero leads: Britain, France, Germany, Japan, Australia and others.
fn with_zero(text: Text<'_>, groups: &Groups) -> Option<usize> {
    const PAIRS: &[Sign] = &[Sign::Space, Sign::Dot, Sign::Hyphen];
    let all = groups.all();
    let first = all.first()?;
    if text.byte(first.start) != b'0' || text.byte(first.start + 1) == b'0' {
        return None;
    }
    match first.len() {
        // A mobile number of Britain in one.
        11 => (text.byte(first.start + 1) == b'7' && text.byte(first.start + 2) != b'0')
            .then_some(first.end),
        2 => groups
            .form(&[2, 2, 2, 2, 2], PAIRS)
            .or_else(|| groups.form(&[2, 4, 4], PAIRS))
            .or_else(|| {
                landline_form(groups, &[2, 4, 4]).filter(|_| text.byte_before(first.start) == b'(')
            })
            .filter(|&end| !is_in_dump(text, first.start, end)),
        3..=5 => {
            let is_plain = |group: &&Group| group.len() >= 2 && group.sign != Sign::Dot;
            let joined: Vec<Group> = std::iter::once(*first)
                .chain(all[1..].iter().take_while(is_plain).copied())
                .collect();
            // A code and one more group is a range or a quotient where the sign is a slash.
            longest(&joined, 0, 10, 12).filter(|&end| end > first.end)
        }
        _ => None,
    }
}

/// Whether pairs of hexadecimal digits go on to either side, as in the dump of a file.
fn is_in_dump(text: Text<'_>, start: usize, end: usize) -> bool {
    let is_pair =
        |pair: &str| pair.len() == 3 && pair.bytes().filter(u8::is_ascii_hexdigit).count() == 2;
    is_pair(text.before(start, 3)) || is_pair(text.after(end, 3))
}

/// Whether a unit follows: then it was a quantity.
fn is_counted(text: Text<'_>, end: usize) -> bool {
    const UNITS: [&str; 22] = [
        "元",
        "万",
        "亿",
        "美元",
        "人民币",
        "人次",
        "个",
        "吨",
        "公里",
        "次",
        "年",
        "字节",
        "bytes",
        "dollars",
        "euros",
        "yuan",
        "people",
        "years",
        "steps",
        "tokens",
        "rows",
        "users",
    ];
    let after = text.after(end, 16).trim_start_matches(' ');
    UNITS.iter().any(|unit| after.starts_with(unit))
}

/// A number of seven digits or more behind its label, in any form.
pub(crate) fn labelled(text: Text<'_>, at: usize, is_sure: bool) -> Option<Finding> {
    let plus = text.byte(at) == b'+';
    if plus && let Some(found) = international(text, at) {
        return Some(found);
    }
    let first = at + usize::from(plus);
    let first = first + usize::from(text.byte(first) == b'(');
    let groups = Groups::read(text, first);
    let min = if is_sure {
        LABELLED_DIGITS_MIN
    } else {
        LABELLED_DIGITS_MIN + 1
    };
    let end = longest(groups.all(), 0, min, DIGITS_MAX)?;
    let mobile = chinese(text, &groups);
    let written = text.slice(first..mobile.unwrap_or(end));
    let is_date = groups.form(&[4, 2, 2], &[Sign::Hyphen, Sign::Dot, Sign::Slash]) == Some(end)
        && matches!(&written[..2], "19" | "20");
    let is_chinese = mobile.is_some() || text.before(at, 24).chars().any(crate::text::is_han);
    let kind = if is_chinese {
        Kind::ChinesePhone
    } else {
        Kind::Phone
    };
    let end = mobile.unwrap_or(end);
    (ends(text, end) && !is_date && !is_counted(text, end))
        .then(|| Finding::new(kind, opened(text, first, end)..end))
}
