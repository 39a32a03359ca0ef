//! Tests of the encodings: real bytes of long and of short texts.

use encoding_rs::{BIG5, EUC_KR, GB18030, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252};

use super::*;

const SIMPLIFIED: &str = "那天夜里下着雨，他没有回来。我们等到天亮，谁也不说话。";
const TRADITIONAL: &str = "那天夜裡下著雨，他沒有回來。我們等到天亮，誰也不說話。";

fn encoded(text: &str, table: &'static encoding_rs::Encoding) -> Vec<u8> {
    let (bytes, _, unmappable) = table.encode(text);
    assert!(!unmappable, "{text} is not in {}", table.name());
    bytes.into_owned()
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

#[track_caller]
fn check(bytes: &[u8], text: &str, encoding: Encoding) {
    let decoded = decode(bytes).unwrap();
    assert_eq!(
        (decoded.text.as_str(), decoded.encoding, decoded.replaced),
        (text, encoding, 0)
    );
}

#[test]
fn utf_8_is_read_with_and_without_its_mark() {
    check(b"plain", "plain", Encoding::Utf8);
    check(SIMPLIFIED.as_bytes(), SIMPLIFIED, Encoding::Utf8);
    check(
        &[b"\xEF\xBB\xBF", "雨👩‍👧".as_bytes()].concat(),
        "雨👩‍👧",
        Encoding::Utf8,
    );
    check(b"", "", Encoding::Utf8);
}

#[test]
fn utf_16_is_read_in_both_orders_with_and_without_its_mark() {
    for text in [
        "Dear Ann,\r\nthank you.\r\n",
        SIMPLIFIED,
        "他说：Hello，world。",
        "Ünïcödé, wörds.",
        "hi there",
    ] {
        let shown = text.replace("\r\n", "\n");
        let little = utf16(text, u16::to_le_bytes);
        let big = utf16(text, u16::to_be_bytes);
        check(&little, &shown, Encoding::Utf16Le);
        check(&big, &shown, Encoding::Utf16Be);
        check(
            &[b"\xFF\xFE", &little[..]].concat(),
            &shown,
            Encoding::Utf16Le,
        );
        check(&[b"\xFE\xFF", &big[..]].concat(), &shown, Encoding::Utf16Be);
    }
}

#[test]
fn simplified_chinese_is_read_from_gb18030() {
    for text in [
        SIMPLIFIED,
        &SIMPLIFIED.repeat(2000),
        "我们的小说",
        "第一章",
        "标题：新的一天",
        "# 关于\n\n你好，世界。\n",
        "在家里用GitHub写文章",
    ] {
        check(&encoded(text, GB18030), text, Encoding::Gb18030);
    }
}

#[test]
fn traditional_chinese_is_read_from_big5() {
    for text in [
        TRADITIONAL,
        &TRADITIONAL.repeat(2000),
        "我們的小說",
        "第一章",
        "標題：新的一天",
        "# 關於\n\n你好，世界。\n",
        "在家裡用GitHub寫文章",
    ] {
        check(&encoded(text, BIG5), text, Encoding::Big5);
    }
}

#[test]
fn western_texts_are_told_apart_by_their_quotes() {
    for text in [
        "Das Mädchen aß süße Äpfel.",
        "café",
        "L'été dernier, nous étions à la mer, où il faisait très chaud.",
    ] {
        check(&encoded(text, WINDOWS_1252), text, Encoding::Latin1);
    }
    let quoted = "“He said it’s fine” — and went…";
    check(
        &encoded(quoted, WINDOWS_1252),
        quoted,
        Encoding::Windows1252,
    );
}

#[test]
fn other_encodings_are_guessed_of_longer_texts() {
    for (text, table) in [
        (
            "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему.",
            WINDOWS_1251,
        ),
        (
            "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。",
            SHIFT_JIS,
        ),
        (
            "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.",
            EUC_KR,
        ),
    ] {
        check(&encoded(text, table), text, Encoding::Other(table.name()));
    }
}

#[test]
fn a_file_with_a_broken_byte_stays_utf_8() {
    let mut bytes = SIMPLIFIED.repeat(3).into_bytes();
    bytes.pop();
    bytes[10] = 0xFF;
    let decoded = decode(&bytes).unwrap();
    assert_eq!(decoded.encoding, Encoding::Utf8);
    assert!((2..=4).contains(&decoded.replaced), "{}", decoded.replaced);
    assert!(decoded.text.contains("我们等到天亮"));
}

#[test]
fn line_ends_become_line_feeds_and_lines_stay_those_of_git() {
    for (bytes, text) in [
        ("a\r\nb\r\n", "a\nb\n"),
        ("a\rb\n", "a b\n"),
        ("a\r\r\nb\n", "a \nb\n"),
        ("a\rb\r", "a\nb\n"),
        ("a\n\r\nb", "a\n\nb"),
    ] {
        let decoded = decode(bytes.as_bytes()).unwrap().text;
        assert_eq!(decoded, text);
        if bytes.contains('\n') {
            assert_eq!(decoded.matches('\n').count(), bytes.matches('\n').count());
        }
    }
}

#[test]
fn bytes_of_programs_are_refused() {
    let elf = [b"\x7fELF\x02\x01\x01\0\0\0\0\0".as_slice(), &[7; 40]].concat();
    for bytes in [
        &elf[..],
        b"text with a \0 byte",
        &[1, 2, 3, 4, 5, 6, 7, 8],
        b"\xFF\xFE\0\0a\0\0\0",
        &"\x1b[0mred\x1b[0m ".repeat(9).into_bytes(),
    ] {
        assert!(
            matches!(decode(bytes), Err(Unreadable::NotText(_))),
            "{}",
            bytes.escape_ascii()
        );
    }
}

#[test]
fn a_declared_encoding_decides_where_bytes_do_not() {
    let russian = encoded("Привет", WINDOWS_1251);
    assert_eq!(
        decode_declared(&russian, Some("windows-1251"))
            .unwrap()
            .text,
        "Привет"
    );
    let chinese = encoded(SIMPLIFIED, GB18030);
    assert_eq!(
        decode_declared(&chinese, Some("iso-8859-1")).unwrap().text,
        SIMPLIFIED
    );
    let rare = encoded("魑魅魍魉", GB18030);
    assert_eq!(
        decode_declared(&rare, Some("gb2312")).unwrap().text,
        "魑魅魍魉"
    );
    assert_eq!(
        decode_declared(SIMPLIFIED.as_bytes(), Some("gbk"))
            .unwrap()
            .text,
        SIMPLIFIED
    );
    assert!(decode_declared(&russian, Some("no-such-encoding")).is_ok());
}

#[test]
fn any_bytes_are_read_or_refused() {
    proptest::proptest!(|(bytes: Vec<u8>)| {
        if let Ok(decoded) = decode(&bytes) {
            proptest::prop_assert!(!decoded.text.contains('\r'));
        }
    });
}
