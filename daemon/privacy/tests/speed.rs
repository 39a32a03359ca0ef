//! Hostile lines are searched in a time that is in proportion to their length.

use inkstone_privacy::{find, redact};

/// Anything that grows with the square of so much takes minutes, and the run's own limit names it.
const HOSTILE_BYTES: usize = 1 << 20;

/// What a line is made of, over and over: each begins something that is looked for.
const PARTS: &[&str] = &[
    "a",
    "1",
    "1 ",
    "1-",
    "+1",
    "@",
    "a@",
    "a@a.",
    ":",
    "::",
    "a:",
    "12:",
    "ab:",
    "ab-",
    "eyJ",
    "eyJ.",
    "sk-",
    " sk-aaaa",
    "-----BEGIN ",
    "-----BEGIN A PRIVATE KEY-----",
    "://",
    "://a:b",
    "password:",
    "password: a",
    "密码：",
    "号",
    "1号",
    "路1号",
    "栋1栋",
    "1.1.",
    "°",
    "1°",
    "(at)",
    "token=",
    "1A2b3C4d",
    "GB82",
    "GB82 ",
    "1 Aa ",
    "1 St ",
    "A ",
    "[",
    "key: \"",
    "10.20.30.40.",
    "京A",
    "0",
    "00",
    "01 ",
    "4111 ",
    "PuTTY-User-Key-File-",
    "Q~",
    "１",
    "1\u{200b}",
    "mysql -p",
    "curl -u ",
    "seed phrase: ",
    "word ",
    "密码是",
    "password for the ",
    " at ",
    "a at b dot ",
    "巷1",
    "路1巷1号",
    "1.23456, 12.34567 ",
    "[[1.23456, 12.34567],",
    "is your login code",
    ":AA",
    "1:AA",
    "wx",
    "0x",
    "bc1",
    "AC1",
    "邮编1",
    "地址：区",
    "地址：路1",
    "Bearer a1B2",
];

#[test]
fn hostile_lines_cost_in_proportion_to_their_length() {
    for part in PARTS {
        let text = part.repeat(HOSTILE_BYTES / part.len());
        let redacted = redact(&text);
        assert!(find(&redacted.text).is_empty(), "{part:?}");
    }
}
