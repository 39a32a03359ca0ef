//! Books of both languages, as programs make them.

use super::*;
use crate::read::archive::packing::packed_text;

const CONTAINER: &str = "<container xmlns='urn:oasis:names:tc:opendocument:xmlns:container'><rootfiles>\
     <rootfile full-path='OEBPS/book.opf' media-type='application/oebps-package+xml'/></rootfiles></container>";

const PACKAGE: &str = "<package xmlns='http://www.idpf.org/2007/opf' xmlns:dc='http://purl.org/dc/elements/1.1/'>\
     <metadata><dc:title>雨天</dc:title></metadata><manifest>\
     <item id='n' href='nav.xhtml' media-type='application/xhtml+xml' properties='nav'/>\
     <item id='b' href='text/two.xhtml' media-type='application/xhtml+xml'/>\
     <item id='a' href='text/%E4%B8%80.xhtml' media-type='application/xhtml+xml'/>\
     <item id='i' href='cover.jpg' media-type='image/jpeg'/>\
     <item id='t' href='toc.html' media-type='application/xhtml+xml'/></manifest>\
     <spine><itemref idref='n'/><itemref idref='t'/><itemref idref='a'/><itemref idref='b'/><itemref idref='a'/><itemref idref='i'/><itemref idref='gone'/></spine>\
     <guide><reference type='toc' href='toc.html'/></guide></package>";

fn xhtml(body: &str) -> String {
    format!(
        "<?xml version='1.0' encoding='utf-8'?><html xmlns='http://www.w3.org/1999/xhtml'><head><title/></head><body>{body}</body></html>"
    )
}

fn book(more: &[(&str, &str)]) -> Vec<u8> {
    let (nav, toc) = (
        xhtml("<p>Chapter one, which is a link</p>"),
        xhtml("<p>Contents of it</p>"),
    );
    let (one, two) = (
        xhtml("<h1>一</h1><p><a id='p1'/>今天下雨。</p>"),
        xhtml("<p>It rained&nbsp;again.</p>"),
    );
    let mut members = vec![
        ("mimetype", "application/epub+zip"),
        ("META-INF/container.xml", CONTAINER),
        ("OEBPS/book.opf", PACKAGE),
        ("OEBPS/nav.xhtml", nav.as_str()),
        ("OEBPS/toc.html", toc.as_str()),
        ("OEBPS/text/一.xhtml", one.as_str()),
        ("OEBPS/text/two.xhtml", two.as_str()),
    ];
    members.extend(more);
    packed_text(&members)
}

#[test]
fn chapters_come_in_reading_order_once_and_contents_are_navigation() {
    let reading = read(&book(&[]), &ReadLimits::default()).unwrap();
    let blocks: Vec<(BlockKind, &str)> = reading
        .blocks
        .iter()
        .map(|block| (block.kind, block.text.as_str()))
        .collect();
    assert_eq!(
        blocks,
        [
            (BlockKind::Navigation, "Chapter one, which is a link"),
            (BlockKind::Navigation, "Contents of it"),
            (BlockKind::Heading(1), "一"),
            (BlockKind::Paragraph, "今天下雨。"),
            (BlockKind::Paragraph, "It rained\u{a0}again."),
        ]
    );
    assert_eq!(reading.title.as_deref(), Some("雨天"));
    assert!(reading.blocks.iter().all(|block| block.lines.is_none()));
}

#[test]
fn a_protected_book_is_encrypted_and_one_with_scrambled_fonts_is_not() {
    let method = |algorithm: &str| {
        format!(
            "<encryption xmlns='urn:oasis:names:tc:opendocument:xmlns:container' xmlns:enc='http://www.w3.org/2001/04/xmlenc#'>\
             <enc:EncryptedData><enc:EncryptionMethod Algorithm='{algorithm}'/></enc:EncryptedData></encryption>"
        )
    };
    let fonts = method("http://www.idpf.org/2008/embedding");
    let drm = method("http://www.w3.org/2001/04/xmlenc#aes128-cbc");
    let limits = ReadLimits::default();
    assert!(read(&book(&[("META-INF/encryption.xml", &fonts)]), &limits).is_ok());
    for more in [
        ("META-INF/encryption.xml", drm.as_str()),
        ("META-INF/rights.xml", "<rights/>"),
    ] {
        assert_eq!(
            read(&book(&[more]), &limits).unwrap_err(),
            Unreadable::Encrypted(FORMAT)
        );
    }
}

#[test]
fn a_missing_chapter_is_a_problem_and_a_missing_package_is_an_end() {
    let package = PACKAGE.replace("text/two.xhtml", "text/three.xhtml");
    let one = xhtml("<p>今天下雨。</p>");
    let limits = ReadLimits::default();
    let bytes = packed_text(&[
        ("META-INF/container.xml", CONTAINER),
        ("OEBPS/book.opf", &package),
        ("OEBPS/text/一.xhtml", &one),
    ]);
    let reading = read(&bytes, &limits).unwrap();
    assert_eq!(reading.blocks.len(), 1);
    assert!(
        reading
            .problems
            .iter()
            .any(|what| what.contains("three.xhtml")),
        "{:?}",
        reading.problems
    );
    let bytes = packed_text(&[("META-INF/container.xml", CONTAINER)]);
    assert!(matches!(
        read(&bytes, &limits),
        Err(Unreadable::Broken { .. })
    ));
    assert!(matches!(
        read(&packed_text(&[]), &limits),
        Err(Unreadable::Broken { .. })
    ));
}

#[test]
fn a_chapter_that_is_a_bomb_ends_the_book() {
    let zeros = " ".repeat(20 << 20);
    let package = PACKAGE.replace("text/two.xhtml", "text/bomb.xhtml");
    let bytes = packed_text(&[
        ("META-INF/container.xml", CONTAINER),
        ("OEBPS/book.opf", &package),
        ("OEBPS/text/bomb.xhtml", &zeros),
    ]);
    assert!(matches!(
        read(&bytes, &ReadLimits::default()),
        Err(Unreadable::Bomb { .. })
    ));
}
