//! Word documents of both languages, as Word and as other programs write them.

use super::*;
use crate::read::archive::packing::packed_text;

const NAMESPACES: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
     xmlns:m=\"http://schemas.openxmlformats.org/officeDocument/2006/math\" \
     xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\"";

const STYLES: &str = r#"
  <w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/></w:style>
  <w:style w:type="paragraph" w:styleId="a3"><w:name w:val="Title"/></w:style>
  <w:style w:type="paragraph" w:styleId="My"><w:name w:val="My own"/><w:basedOn w:val="1"/></w:style>
  <w:style w:type="paragraph" w:styleId="Loop"><w:name w:val="x"/><w:basedOn w:val="Loop"/></w:style>
  <w:style w:type="paragraph" w:styleId="Zitat"><w:name w:val="引用"/></w:style>
  <w:style w:type="paragraph" w:styleId="Code"><w:name w:val="Source Code"/></w:style>
  <w:style w:type="paragraph" w:styleId="T1"><w:name w:val="toc 1"/></w:style>
  <w:style w:type="character" w:styleId="Ph"><w:name w:val="Placeholder Text"/></w:style>
  <w:style w:type="paragraph" w:styleId="Bul"><w:name w:val="Dots"/><w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr></w:style>
"#;

fn document(body: &str) -> Vec<u8> {
    let document = format!("<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>");
    let styles = format!("<w:styles {NAMESPACES}>{STYLES}</w:styles>");
    packed_text(&[
        ("word/document.xml", &document),
        ("word/styles.xml", &styles),
    ])
}

fn reading(body: &str) -> Reading {
    read(&document(body), &ReadLimits::default()).unwrap()
}

/// Kinds and texts.
fn blocks(reading: &Reading) -> Vec<(BlockKind, &str)> {
    reading
        .blocks
        .iter()
        .map(|block| (block.kind, block.text.as_str()))
        .collect()
}

fn p(text: &str) -> String {
    format!("<w:p><w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r></w:p>")
}

fn styled(style: &str, text: &str) -> String {
    format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>")
}

#[test]
fn styles_say_what_a_paragraph_is() {
    let body = [
        styled("a3", "雨天"),
        styled("1", "One"),
        styled("My", "Two"),
        styled("Loop", "Text in a circle."),
        styled("Zitat", "Somebody else."),
        styled("Code", "fn main() {"),
        styled("Code", "    rain();"),
        styled("T1", "One 3"),
        styled("Bul", "an item"),
        styled("Heading2", "No such style here"),
        p("今天下雨。"),
    ]
    .concat();
    let reading = reading(&body);
    assert_eq!(
        blocks(&reading),
        [
            (BlockKind::Heading(1), "雨天"),
            (BlockKind::Heading(1), "One"),
            (BlockKind::Heading(1), "Two"),
            (BlockKind::Paragraph, "Text in a circle."),
            (BlockKind::Quote, "Somebody else."),
            (BlockKind::Code, "fn main() {\n    rain();"),
            (BlockKind::Navigation, "One 3"),
            (BlockKind::ListItem, "an item"),
            (BlockKind::Heading(2), "No such style here"),
            (BlockKind::Paragraph, "今天下雨。"),
        ]
    );
    assert_eq!(reading.title.as_deref(), Some("雨天"));
    assert!(reading.problems.is_empty());
}

#[test]
fn outline_levels_and_numbering_of_a_paragraph_count() {
    let reading = reading(
        "<w:p><w:pPr><w:outlineLvl w:val=\"1\"/></w:pPr><w:r><w:t>Two</w:t></w:r></w:p>\
         <w:p><w:pPr><w:outlineLvl w:val=\"9\"/></w:pPr><w:r><w:t>Text.</w:t></w:r></w:p>\
         <w:p><w:pPr><w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"1\"/></w:numPr></w:pPr><w:r><w:t>Item.</w:t></w:r></w:p>\
         <w:p><w:pPr><w:pStyle w:val=\"Bul\"/><w:numPr><w:numId w:val=\"0\"/></w:numPr></w:pPr><w:r><w:t>No item.</w:t></w:r></w:p>",
    );
    assert_eq!(
        blocks(&reading),
        [
            (BlockKind::Heading(2), "Two"),
            (BlockKind::Paragraph, "Text."),
            (BlockKind::ListItem, "Item."),
            (BlockKind::Paragraph, "No item."),
        ]
    );
}

#[test]
fn deleted_text_is_gone_and_inserted_text_is_there() {
    let reading = reading(
        "<w:p><w:r><w:t xml:space='preserve'>It </w:t></w:r>\
         <w:del w:id='1'><w:r><w:delText>snowed</w:delText></w:r></w:del>\
         <w:ins w:id='2'><w:r><w:t>rained</w:t></w:r></w:ins>\
         <w:moveFrom><w:r><w:t> away</w:t></w:r></w:moveFrom>\
         <w:moveTo><w:r><w:t> here</w:t></w:r></w:moveTo><w:r><w:t>.</w:t></w:r></w:p>",
    );
    assert_eq!(
        blocks(&reading),
        [(BlockKind::Paragraph, "It rained here.")]
    );
}

#[test]
fn a_paragraph_whose_end_is_deleted_goes_on_in_the_next() {
    let reading = reading(
        "<w:p><w:pPr><w:rPr><w:del w:id='1'/></w:rPr></w:pPr><w:r><w:t>今天</w:t></w:r></w:p>\
         <w:p><w:r><w:t>下雨。</w:t></w:r></w:p>\
         <w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>The last.</w:t></w:r></w:p>",
    );
    assert_eq!(
        blocks(&reading),
        [
            (BlockKind::Paragraph, "今天下雨。"),
            (BlockKind::Paragraph, "The last.")
        ]
    );
}

#[test]
fn fields_links_tabs_and_breaks_are_text_and_their_codes_are_not() {
    let field = reading(
        "<w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText> REF x </w:instrText></w:r>\
         <w:r><w:t>Part 2</w:t></w:r><w:hyperlink><w:r><w:t xml:space='preserve'> or this</w:t></w:r></w:hyperlink></w:p>",
    );
    assert_eq!(blocks(&field), [(BlockKind::Paragraph, "Part 2 or this")]);
    let reading = reading(
        "<w:p><w:pPr><w:tabs><w:tab w:val='left'/></w:tabs></w:pPr><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t>\
         <w:noBreakHyphen/><w:t>d</w:t></w:r></w:p>",
    );
    assert_eq!(
        blocks(&reading),
        [(BlockKind::Paragraph, "a\tb\nc\u{2011}d")]
    );
}

#[test]
fn hidden_text_placeholders_and_readings_are_left_out() {
    let reading = reading(
        "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>\
         <w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>Shown.</w:t></w:r>\
         <w:r><w:rPr><w:rStyle w:val='Ph'/></w:rPr><w:t>Click here</w:t></w:r>\
         <w:r><w:ruby><w:rt><w:r><w:t>yǔ</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>雨</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>",
    );
    assert_eq!(blocks(&reading), [(BlockKind::Paragraph, "Shown.雨")]);
}

#[test]
fn a_text_box_is_read_once_and_after_its_paragraph() {
    let inner = p("In the box.");
    let reading = reading(&format!(
        "<w:p><w:r><w:t>Around </w:t><mc:AlternateContent><mc:Choice><w:drawing><posOffset>123</posOffset>\
         <w:txbxContent>{inner}</w:txbxContent></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent>{inner}\
         </w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent><w:t>it.</w:t></w:r></w:p>"
    ));
    assert_eq!(
        blocks(&reading),
        [
            (BlockKind::Paragraph, "Around it."),
            (BlockKind::Paragraph, "In the box.")
        ]
    );
}

#[test]
fn a_table_is_one_block_and_a_table_of_one_cell_is_a_frame() {
    let cell = |text: &str| format!("<w:tc>{}</w:tc>", p(text));
    let two = format!(
        "<w:tbl><w:tr>{}{}</w:tr><w:tr>{}{}</w:tr></w:tbl>",
        cell("名"),
        cell("数"),
        cell("雨"),
        cell("3")
    );
    let one = format!(
        "<w:tbl><w:tr><w:tc>{}{}</w:tc></w:tr></w:tbl>",
        p("A frame."),
        p("Two paragraphs.")
    );
    let nested = format!(
        "<w:tbl><w:tr><w:tc>{two}</w:tc>{}</w:tr></w:tbl>",
        cell("c")
    );
    let reading = reading(&[two, one, nested].concat());
    assert_eq!(
        blocks(&reading),
        [
            (BlockKind::Table, "名\t数\n雨\t3"),
            (BlockKind::Paragraph, "A frame."),
            (BlockKind::Paragraph, "Two paragraphs."),
            (BlockKind::Table, "名\t数\n雨\t3\tc"),
        ]
    );
}

#[test]
fn a_formula_alone_is_math_and_one_within_a_sentence_is_text() {
    let reading = reading(
        "<w:p><m:oMathPara><m:oMath><m:r><m:t>a+b</m:t></m:r></m:oMath></m:oMathPara></w:p>\
         <w:p><w:r><w:t xml:space='preserve'>Let </w:t></w:r><m:oMath><m:r><m:t>x</m:t></m:r></m:oMath><w:r><w:t> be.</w:t></w:r></w:p>",
    );
    assert_eq!(
        blocks(&reading),
        [
            (BlockKind::Math, "a+b"),
            (BlockKind::Paragraph, "Let x be.")
        ]
    );
}

#[test]
fn notes_come_after_the_text_and_the_title_from_the_metadata() {
    let document = format!(
        "<w:document {NAMESPACES}><w:body>{}</w:body></w:document>",
        p("Text.").replace("</w:t>", "</w:t><w:footnoteReference w:id='1'/>")
    );
    let notes = format!(
        "<w:footnotes {NAMESPACES}><w:footnote w:type='separator'><w:p/></w:footnote><w:footnote>{}</w:footnote></w:footnotes>",
        p("脚注。")
    );
    let core = "<c xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title>A title</dc:title></c>";
    let rels = "<Relationships><Relationship Type='x/officeDocument' Target='/w/main.xml'/></Relationships>";
    let bytes = packed_text(&[
        ("_rels/.rels", rels),
        ("w/main.xml", &document),
        ("w/footnotes.xml", &notes),
        ("docProps/core.xml", core),
    ]);
    let reading = read(&bytes, &ReadLimits::default()).unwrap();
    assert_eq!(
        blocks(&reading),
        [
            (BlockKind::Paragraph, "Text."),
            (BlockKind::Footnote, "脚注。")
        ]
    );
    assert_eq!(reading.title.as_deref(), Some("A title"));
}

#[test]
fn old_and_encrypted_documents_say_which_they_are() {
    let limits = ReadLimits::default();
    let mut bytes = COMPOUND_FILE.to_vec();
    let old = read(&bytes, &limits).unwrap_err();
    assert!(
        matches!(&old, Unreadable::Broken { what, .. } if what.contains(".docx")),
        "{old}"
    );
    bytes.extend(ENCRYPTED_PACKAGE.encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(
        read(&bytes, &limits).unwrap_err(),
        Unreadable::Encrypted(FORMAT)
    );
}

#[test]
fn hostile_documents_are_refused_or_read_as_far_as_they_go() {
    let limits = ReadLimits::default();
    assert!(matches!(read(b"", &limits), Err(Unreadable::Broken { .. })));
    assert!(matches!(
        read(&packed_text(&[("x", "y")]), &limits),
        Err(Unreadable::Broken { .. })
    ));
    let deep = document(&"<w:sdt>".repeat(100_000));
    assert!(matches!(
        read(&deep, &limits),
        Err(Unreadable::Broken { .. })
    ));
    let bomb = document(&" ".repeat(80 << 20));
    assert!(matches!(read(&bomb, &limits), Err(Unreadable::Bomb { .. })));
    let cut = reading(&format!("{}<w:p><w:r><w:t>half <", p("Whole.")));
    assert_eq!(blocks(&cut)[0], (BlockKind::Paragraph, "Whole."));
    assert!(!cut.problems.is_empty());
}

#[test]
fn blocks_beyond_the_limit_are_not_read_and_said() {
    let limits = ReadLimits {
        blocks_max: 2,
        ..ReadLimits::default()
    };
    let reading = read(&document(&p("One.").repeat(5)), &limits).unwrap();
    assert_eq!(reading.blocks.len(), 2);
    assert!(
        reading.problems[0].contains("3 blocks"),
        "{:?}",
        reading.problems
    );
}
