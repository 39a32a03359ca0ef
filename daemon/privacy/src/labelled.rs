//! What a label's value may look like, for every field of `label`. Prose talks about passwords and
//! telephones all day: a value is one only where it could be nothing else.

use std::ops::Range;

use crate::date;
use crate::find::Finding;
use crate::kind::Kind;
use crate::label::{Field, Label, Link};
use crate::text::{Text, is_han, is_word};
use crate::{address_chinese, document, phone, place, secret, wallet};

/// The value of a label, if one follows.
pub(crate) fn value(text: Text<'_>, label: Label) -> Option<Finding> {
    let at = label.value;
    let found =
        |kind: Kind, range: Option<Range<usize>>| range.map(|range| Finding::new(kind, range));
    match label.field {
        Field::Password => found(Kind::Password, secret::password(text, label)),
        Field::Pin => found(
            Kind::Password,
            digits(text, at, 4, 8).filter(|_| label.link != Link::None),
        ),
        Field::Key => found(Kind::AssignedSecret, secret::key(text, label)),
        Field::BareKey => found(Kind::AssignedSecret, secret::bare_key(text, label)),
        Field::Bearer => found(Kind::AssignedSecret, secret::bearer(text, label)),
        Field::OneTimeCode => found(Kind::OneTimeCode, one_time_code(text, label)),
        Field::Phone => phone::labelled(text, at, label.link == Link::Sign),
        Field::ChineseId => found(Kind::ChineseId, document::labelled_chinese_id(text, at)),
        Field::Card => found(Kind::BankCard, grouped(text, at, 13, 19)),
        Field::Account => found(Kind::BankAccount, grouped(text, at, 6, 22)),
        Field::Passport => found(Kind::Passport, document::passport(text, at)),
        Field::Document => found(Kind::DocumentNumber, document::labelled(text, label)),
        Field::SocialSecurity => found(Kind::SocialSecurity, grouped(text, at, 9, 9)),
        Field::NationalInsurance => found(
            Kind::NationalInsurance,
            document::national_insurance(text, at),
        ),
        Field::PostalCode => found(Kind::PostalCode, place::labelled_postal_code(text, at)),
        Field::PostBox => found(
            Kind::StreetAddress,
            digits(text, at, 1, 6).map(|number| label.start..number.end),
        ),
        Field::Coordinates => found(Kind::Coordinates, place::labelled_coordinates(text, at)),
        Field::Qq => found(Kind::MessengerId, digits(text, at, 5, 11)),
        Field::WeChat => found(Kind::MessengerId, account_name(text, label)),
        Field::Handle => found(Kind::MessengerId, handle(text, label)),
        Field::BirthDate => found(
            Kind::BirthDate,
            date::full(text, at)
                .filter(|_| label.link != Link::None || text.char_before(at).is_some_and(is_han)),
        ),
        Field::ChineseAddress => found(Kind::ChineseAddress, address_chinese::labelled(text, at)),
        Field::Wallet => found(Kind::CryptoWallet, wallet::labelled(text, at)),
        // proof of absence: `label::find` has taken these before.
        Field::Url | Field::HiddenAt | Field::HouseUnit => None,
    }
}

/// One run of so many digits that nothing goes on from.
pub(crate) fn digits(text: Text<'_>, at: usize, min: usize, max: usize) -> Option<Range<usize>> {
    let end = text.run_end(at, max + 1, |byte| byte.is_ascii_digit());
    let is_of_length = (min..=max).contains(&(end - at));
    (is_of_length && ends(text, end)).then_some(at..end)
}

/// So many digits in groups that single spaces or hyphens part.
pub(crate) fn grouped(text: Text<'_>, at: usize, min: usize, max: usize) -> Option<Range<usize>> {
    let mut count = 0;
    let mut end = at;
    let mut next = at;
    while count <= max && text.byte(next).is_ascii_digit() {
        count += 1;
        end = next + 1;
        let is_parted =
            matches!(text.byte(end), b' ' | b'-') && text.byte(end + 1).is_ascii_digit();
        next = if is_parted { end + 1 } else { end };
    }
    ((min..=max).contains(&count) && ends(text, end)).then_some(at..end)
}

/// Whether a number ends here: no letter, no decimals, no further part.
pub(crate) fn ends(text: Text<'_>, end: usize) -> bool {
    let next = text.byte(end);
    let goes_on = matches!(next, b'.' | b'-') && text.byte(end + 1).is_ascii_alphanumeric();
    !is_word(next) && next != b'%' && !goes_on
}

fn one_time_code(text: Text<'_>, label: Label) -> Option<Range<usize>> {
    let code = digits(text, label.value, 3, 8)?;
    // `验证码 60 秒` is a time, and has two digits; a unit of four would be no time either.
    let is_counted = text
        .char_at(code.end)
        .is_some_and(|c| matches!(c, '位' | '个' | '秒' | '次' | '元'));
    (!is_counted && (code.len() >= 4 || label.link != Link::None)).then_some(code)
}

/// An account name: letters, digits, `_` and `-`, six to twenty; or a number. A plain word is one
/// only where the label asks for nothing else.
fn account_name(text: Text<'_>, label: Label) -> Option<Range<usize>> {
    let at = label.value;
    let end = text.run_end(at, 32, |byte| is_word(byte) || byte == b'-');
    let name = text.slice(at..end);
    let has = |is: fn(&u8) -> bool| name.bytes().any(|byte| is(&byte));
    let is_number = name.bytes().all(|byte| byte.is_ascii_digit()) && name.len() >= 5;
    let is_name = name.len() >= 6
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && has(u8::is_ascii_digit) | name.contains('_');
    let asks = text.before(at, 24).contains("号")
        || text.before(at, 24).to_ascii_lowercase().contains(" id");
    let is_word_asked_for = asks && label.link == Link::Sign && name.len() >= 6;
    ((is_number || is_name || is_word_asked_for) && name.len() <= 20 && ends(text, end))
        .then_some(at..end)
}

/// `@name` behind the name of a messenger.
fn handle(text: Text<'_>, label: Label) -> Option<Range<usize>> {
    let at = label.value;
    let is_at = text.byte(at) == b'@';
    let name = if is_at { at + 1 } else { at };
    let end = text.run_end(name, 33, |byte| {
        is_word(byte) || matches!(byte, b'.' | b'-')
    });
    let end = text
        .run_start(end, 2, |byte| matches!(byte, b'.' | b'-'))
        .max(name);
    let has_digit = text
        .slice(name..end)
        .bytes()
        .any(|byte| byte.is_ascii_digit() || byte == b'_');
    let is_one =
        (4..=32).contains(&(end - name)) && label.link == Link::Sign && (is_at || has_digit);
    is_one.then_some(at..end)
}
