//! OpenDocument texts of both languages.

use super::*;
use crate::read::archive::packing::packed_text;

const NAMESPACES: &str = "xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0' \
     xmlns:text='urn:oasis:names:tc:opendocument:xmlns:text:1.0' \
     xmlns:table='urn:oasis:names:tc:opendocument:xmlns:table:1.0' \
     xmlns:style='urn:oasis:names:tc:opendocument:xmlns:style:1.0' \
     xmlns:svg='urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0'";

fn document(body: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content {NAMESPACES}><office:automatic-styles>\
         <style:style style:name='P1' style:parent-style-name='Quotations'/></office:automatic-styles>\
         <office:body><office:text>{body}</office:text></office:body></office:document-content>"
    );
    let styles = format!(
        "<office:document-styles {NAMESPACES}><style:style style:name='Quotations'/>\
         <style:style style:name='Preformatted_20_Text' style:display-name='Preformatted Text'/>\
         <text:p>A page header.</text:p></office:document-styles>"
    );
    let meta = "<m xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title>雨天</dc:title></m>";
    packed_text(&[
        ("content.xml", &content),
        ("styles.xml", &styles),
        ("meta.xml", meta),
    ])
}

fn reading(body: &str) -> Reading {
    read(&document(body), &ReadLimits::default()).unwrap()
}

fn blocks(reading: &Reading) -> Vec<(BlockKind, &str)> {
    reading
        .blocks
        .iter()
        .map(|block| (block.kind, block.text.as_str()))
        .collect()
}

#[test]
fn elements_and_styles_say_what_a_paragraph_is() {
    let reading = reading(
        "<text:h text:outline-level='2'>标题</text:h><text:p>Plain  text\n with <text:span>a span</text:span>.</text:p>\
         <text:p text:style-name='P1'>Somebody else.</text:p>\
         <text:p text:style-name='Preformatted_20_Text'>let x;</text:p>\
         <text:list><text:list-item><text:p>One.</text:p><text:list><text:list-item><text:p>Deeper.</text:p></text:list-item></text:list></text:list-item></text:list>\
         <text:p>a<text:s text:c='2'/>b<text:tab/>c<text:line-break/>d</text:p>\
         <text:p text:style-name='Title'>The title</text:p>",
    );
    assert_eq!(
        blocks(&reading),
        [
            (BlockKind::Heading(2), "标题"),
            (BlockKind::Paragraph, "Plain text with a span."),
            (BlockKind::Quote, "Somebody else."),
            (BlockKind::Code, "let x;"),
            (BlockKind::ListItem, "One."),
            (BlockKind::ListItem, "Deeper."),
            (BlockKind::Paragraph, "a  b\tc\nd"),
            (BlockKind::Heading(1), "The title"),
        ]
    );
    assert_eq!(reading.title.as_deref(), Some("The title"));
}

#[test]
fn tracked_deletions_annotations_and_descriptions_are_left_out() {
    let reading = reading(
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>Deleted.</text:p></text:deletion></text:changed-region></text:tracked-changes>\
         <text:p>It <text:change text:change-id='1'/><text:change-start/>rained<text:change-end/>\
         <office:annotation><text:p>A remark.</text:p></office:annotation>.<svg:title>picture</svg:title></text:p>",
    );
    assert_eq!(blocks(&reading), [(BlockKind::Paragraph, "It rained.")]);
    assert_eq!(reading.title.as_deref(), Some("雨天"));
}

#[test]
fn notes_indexes_bibliographies_and_tables_are_told_apart() {
    let reading = reading(
        "<text:table-of-content><text:table-of-content-source><text:index-entry-span>x</text:index-entry-span></text:table-of-content-source>\
         <text:index-body><text:p>One<text:tab/>3</text:p></text:index-body></text:table-of-content>\
         <text:p>Text<text:note text:note-class='footnote'><text:note-citation>1</text:note-citation><text:note-body><text:p>A note.</text:p></text:note-body></text:note>.</text:p>\
         <table:table><table:table-row><table:table-cell><text:p>雨</text:p></table:table-cell><table:table-cell><text:p>3</text:p></table:table-cell></table:table-row></table:table>\
         <text:bibliography><text:index-body><text:p>Miller 2001</text:p></text:index-body></text:bibliography>",
    );
    assert_eq!(
        blocks(&reading),
        [
            (BlockKind::Navigation, "One\t3"),
            (BlockKind::Paragraph, "Text."),
            (BlockKind::Footnote, "A note."),
            (BlockKind::Table, "雨\t3"),
            (BlockKind::Bibliography, "Miller 2001"),
        ]
    );
}

#[test]
fn an_encrypted_document_is_told_by_its_manifest() {
    let manifest = "<manifest:manifest xmlns:manifest='urn:oasis:names:tc:opendocument:xmlns:manifest:1.0'>\
         <manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>";
    let bytes = packed_text(&[
        ("META-INF/manifest.xml", manifest),
        ("content.xml", "\u{1}"),
    ]);
    let error = read(&bytes, &ReadLimits::default()).unwrap_err();
    assert_eq!(error, Unreadable::Encrypted(FORMAT));
}

#[test]
fn hostile_documents_are_refused() {
    let limits = ReadLimits::default();
    assert!(matches!(
        read(b"PK", &limits),
        Err(Unreadable::Broken { .. })
    ));
    let deep = document(&"<text:section>".repeat(100_000));
    assert!(matches!(
        read(&deep, &limits),
        Err(Unreadable::Broken { .. })
    ));
    let many_spaces =
        reading("<text:p>a<text:s text:c='4000000000'/><text:s text:c='400'/>b</text:p>");
    assert_eq!(many_spaces.blocks[0].text.len(), 2 + 2 * SPACES_MAX);
}
