//! What holds for any text: no panic, ranges on characters and in order, redacting twice is once.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use inkstone_privacy::{Kind, find, redact};
use proptest::prelude::*;

/// Parts that findings are made of, so that chance puts them together.
const PARTS: &[&str] = &[
    "password",
    ": ",
    "密码",
    "：",
    "13812345678",
    "+86",
    "1",
    "0",
    "-",
    "@",
    ".",
    "ann@example.org",
    "a",
    "号",
    "路",
    "区",
    "室",
    "3",
    "栋",
    "单元",
    "-----BEGIN PRIVATE KEY-----",
    "-----END PRIVATE KEY-----",
    "sk-",
    "q7Zk2LmX9vR4tB8w",
    "eyJhbGciOiJIUzI1NiJ9",
    "://",
    "\n",
    "\r\n",
    " ",
    "é",
    "e\u{301}",
    "👩‍👩‍👧",
    "2001:db8::1",
    ":",
    "12 Elm Street",
    ", IL 62704",
    "京",
    "A12345",
    "°",
    "N",
    "40",
    "1.2.3.4",
    "192.168.17.2",
    "(at)",
    "[dot]",
    "GB82WEST12345698765432",
    "4111 1111 1111 1111",
    "[EMAIL]",
    "[SECRET]",
    "PuTTY-User-Key-File-",
    "Bearer ",
    "Flat 3, ",
    "QQ",
    "微信",
    "生日",
    "1985",
    "年",
    "5月",
    "_",
    "=",
    "\"",
    "\u{a0}",
    "（",
    "）",
    "转",
    "(0)",
];

fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        8 => prop::sample::select(PARTS).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => "[ -~]{1,12}",
        1 => "[0-9 .:-]{1,20}",
    ];
    prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn findings_are_ordered_apart_and_on_characters(text in text()) {
        let mut end = 0;
        for finding in find(&text) {
            prop_assert!(finding.range.start >= end && finding.range.end > finding.range.start);
            prop_assert!(text.get(finding.range.clone()).is_some());
            end = finding.range.end;
        }
    }

    #[test]
    fn redacting_twice_is_redacting_once(text in text()) {
        let once = redact(&text);
        let twice = redact(&once.text);
        prop_assert_eq!(&twice.text, &once.text);
        prop_assert!(twice.counts.is_empty());
        prop_assert_eq!(once.counts.is_empty(), find(&text).is_empty());
    }
}

#[test]
fn a_placeholder_is_nothing_to_find_wherever_it_stands() {
    for kind in Kind::ALL {
        let it = kind.placeholder();
        for text in [
            it.to_owned(),
            format!("password: {it}"),
            format!("密码：{it}，电话{it}"),
            format!("https://{it}@host.example/{it}"),
            format!("{it}@{it}.org {it}{it}"),
        ] {
            assert!(find(&text).is_empty(), "{text}: {:?}", find(&text));
        }
    }
}
