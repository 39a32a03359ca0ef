//! What a label's value may look like, for every field of `label`. Prose talks about passwords and
//! telephones all day: a value is one only where it could be nothing else.

use std::ops::Range;

use crate::date;
use crate::find::Finding;
use crate::kind::Kind;
use crate::label::{Field, Label, Link};
use crate::text::{Text, is_han, is_word};
use crate::{address_chinese, command, document, phone, phrase, place, plate, secret, wallet};

/// The value of a label, if one follows.
pub(crate) fn value(text: Text<'_>, label: Label) -> Option<Finding> {
    let at = label.value;
    let found =
        |kind: Kind, range: Option<Range<usize>>| range.map(|range| Finding::new(kind, range));
    match label.field {
        Field::Password => found(Kind::Password, secret::password(text, label)),
        Field::Mnemonic => found(Kind::AssignedSecret, phrase::mnemonic(text, at)),
        Field::Pin => found(Kind::Password, pin(text, label)),
        Field::MysqlCommand => found(Kind::Password, command::mysql(text, label)),
        Field::UserCommand => found(Kind::UrlCredentials, command::user(text, label)),
        Field::PasswordCommand => found(Kind::Password, command::password(text, label)),
        Field::Key => found(Kind::AssignedSecret, secret::key(text, label)),
        Field::BareKey => found(Kind::AssignedSecret, secret::bare_key(text, label)),
        Field::Bearer => found(Kind::AssignedSecret, secret::bearer(text, label)),
        Field::OneTimeCode => found(Kind::OneTimeCode, one_time_code(text, label)),
        Field::CodeIs => found(Kind::OneTimeCode, code_is(text, label)),
        Field::Call => phone::called(text, at),
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
        Field::BornOn => found(Kind::BirthDate, born_on(text, at)),
        Field::Plate => found(Kind::LicencePlate, plate::labelled(text, at)),
        Field::ChineseAddress => found(Kind::ChineseAddress, address_chinese::labelled(text, at)),
        Field::Wallet => found(Kind::CryptoWallet, wallet::labelled(text, at)),
        // proof of absence: `label::find` has taken these before.
        Field::Url
        | Field::HiddenAt
        | Field::SpelledAt
        | Field::HashAt
        | Field::CodeBefore
        | Field::HouseUnit => None,
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

/// A number of four digits and more; behind a Chinese label four letters and digits, as network
/// drives draw them.
fn pin(text: Text<'_>, label: Label) -> Option<Range<usize>> {
    const DRAWN_LEN: usize = 4;
    let at = label.value;
    let is_chinese = text.char_at(label.start).is_some_and(is_han);
    if let Some(number) = digits(text, at, 4, 8) {
        return (label.link != Link::None || is_chinese).then_some(number);
    }
    let end = text.run_end(at, DRAWN_LEN + 1, |byte| byte.is_ascii_alphanumeric());
    let is_drawn = is_chinese
        && label.link != Link::Space
        && end - at == DRAWN_LEN
        && ends(text, end)
        && !text
            .slice(at..end)
            .bytes()
            .all(|byte| byte.is_ascii_uppercase());
    is_drawn.then_some(at..end)
}

/// `Your … code is 482913`: whose code it is tells it from those of errors and countries.
fn code_is(text: Text<'_>, label: Label) -> Option<Range<usize>> {
    const DIGITS: usize = 6;
    let before = text.before(label.start, 32).to_ascii_lowercase();
    let code = digits(text, label.value, DIGITS, DIGITS)?;
    before.contains("your ").then_some(code)
}

/// `482913 is your verification code`, `G-482913 is …`.
pub(crate) fn code_before(text: Text<'_>, label_start: usize) -> Option<Finding> {
    let end = text.run_start(label_start, 1, |byte| byte == b' ');
    let start = text.run_start(end, 9, |byte| byte.is_ascii_digit());
    let is_one = (4..=8).contains(&(end - start)) && !is_word(text.byte_before(start));
    is_one.then(|| Finding::new(Kind::OneTimeCode, start..end))
}

/// A date that somebody says of themselves: `我是1985年5月12日出生的`.
fn born_on(text: Text<'_>, at: usize) -> Option<Range<usize>> {
    let date = date::full(text, at)?;
    let after = text.after(date.end, 12);
    (after.starts_with("出生") || after.starts_with("生的")).then_some(date)
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
    let is_linked = label.link == Link::Sign || is_at && label.link == Link::Space;
    let is_one = (4..=32).contains(&(end - name)) && is_linked && (is_at || has_digit);
    is_one.then_some(at..end)
}
