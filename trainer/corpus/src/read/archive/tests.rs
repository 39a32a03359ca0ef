//! Members come out as they are, and no archive makes more of itself than it may.

use super::packing::packed;
use super::*;

fn open<'a>(bytes: &'a [u8], limits: &ReadLimits) -> Result<Archive<'a>, Unreadable> {
    Archive::open(bytes, "test", limits)
}

#[test]
fn members_are_found_by_their_names_and_missing_ones_are_none() {
    let bytes = packed(&[("a.xml", "雨".as_bytes()), ("../b", b"up")]);
    let mut archive = open(&bytes, &ReadLimits::default()).unwrap();
    assert_eq!(archive.text("a.xml").unwrap().as_deref(), Some("雨"));
    assert_eq!(
        archive.member("../b").unwrap().as_deref(),
        Some(b"up".as_slice())
    );
    assert_eq!(archive.member("c").unwrap(), None);
    assert!(matches!(
        archive.required_text("c"),
        Err(Unreadable::Broken { .. })
    ));
}

#[test]
fn xml_is_read_in_the_encoding_that_it_declares() {
    let utf16: Vec<u8> = "\u{FEFF}<a>雨</a>"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(text_of_xml(&utf16), "<a>雨</a>");
    let (gbk, _, _) = encoding_rs::GBK.encode("<?xml version=\"1.0\" encoding='gb2312'?><a>雨</a>");
    assert!(text_of_xml(&gbk).ends_with("<a>雨</a>"));
    assert_eq!(text_of_xml(b"<a>\xFF</a>"), "<a>\u{FFFD}</a>");
    let lie = b"<?xml version=\"1.0\" encoding=\"utf-16\"?><a>x</a>";
    assert!(text_of_xml(lie).ends_with("<a>x</a>"));
}

#[test]
fn a_member_that_unpacks_to_too_much_is_a_bomb_and_is_not_unpacked_whole() {
    let zeros = vec![0; 32 << 20];
    let bytes = packed(&[("a", &zeros)]);
    assert!(bytes.len() < 64 << 10, "{} bytes", bytes.len());
    let mut archive = open(&bytes, &ReadLimits::default()).unwrap();
    let error = archive.member("a").unwrap_err();
    assert!(
        matches!(&error, Unreadable::Bomb { what, .. } if what.contains("200 times")),
        "{error}"
    );
}

#[test]
fn members_together_unpack_to_no_more_than_the_limit_even_read_twice() {
    let limits = ReadLimits {
        unpacked_bytes_max: 1000,
        ..ReadLimits::default()
    };
    let bytes = packed(&[("a", &[b'x'; 600])]);
    let mut archive = open(&bytes, &limits).unwrap();
    assert_eq!(
        archive.member("a").unwrap().map(|bytes| bytes.len()),
        Some(600)
    );
    let error = archive.member("a").unwrap_err();
    assert!(
        matches!(&error, Unreadable::Bomb { what, .. } if what.contains("1000 bytes")),
        "{error}"
    );
}

#[test]
fn a_hundred_thousand_members_are_refused_before_they_are_listed() {
    let names: Vec<String> = (0..100_000).map(|index| format!("{index}")).collect();
    let members: Vec<(&str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), b"".as_slice()))
        .collect();
    let bytes = packed(&members);
    let error = open(&bytes, &ReadLimits::default()).err().unwrap();
    assert!(
        matches!(&error, Unreadable::Bomb { what, .. } if what.contains("4096 members")),
        "{error}"
    );
}

#[test]
fn an_archive_cut_anywhere_is_broken() {
    let bytes = packed(&[("a.xml", b"<a>some text that is packed</a>")]);
    for length in 0..bytes.len() {
        let result = open(&bytes[..length], &ReadLimits::default());
        assert!(
            matches!(result, Err(Unreadable::Broken { .. })),
            "cut at {length}"
        );
    }
}

#[test]
fn a_byte_wrong_in_a_member_is_told_by_its_checksum() {
    let mut bytes = packed(&[("a.xml", b"<a>some text that is packed</a>")]);
    // After the local header of 30 bytes and the name.
    bytes[45] ^= 0x55;
    let mut archive = open(&bytes, &ReadLimits::default()).unwrap();
    assert!(matches!(
        archive.member("a.xml"),
        Err(Unreadable::Broken { .. })
    ));
}
