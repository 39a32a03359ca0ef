//! What a sink is told, and that hostile XML ends early and cheaply.

use super::*;

/// Writes down all that it is told.
#[derive(Default)]
struct Script(String);

impl Sink for Script {
    fn open(&mut self, name: &str, attributes: &Attributes<'_>) {
        let value = attributes.get("val").map(|value| format!(" {value}"));
        let tag = format!("<{name}{}>", value.unwrap_or_default());
        self.0.push_str(&tag);
    }
    fn close(&mut self, name: &str) {
        self.0.push_str(&["</", name, ">"].concat());
    }
    fn text(&mut self, text: &str) {
        self.0 += text;
    }
}

fn script(text: &str) -> (String, Option<String>) {
    let mut script = Script::default();
    let problem = walk(text, "test", 256, &mut script).unwrap();
    (script.0, problem)
}

#[test]
fn prefixes_are_those_of_the_readers_whatever_a_document_calls_them() {
    let uri = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    let (text, problem) = script(&format!(
        "<n:p xmlns:n=\"{uri}\"><n:t n:val='&lt;1'/></n:p>"
    ));
    assert_eq!(text, "<w:p><w:t <1></w:t></w:p>");
    assert_eq!(problem, None);
    let (text, _) = script(&format!("<p xmlns=\"{uri}\"><x:y xmlns:x='urn:else'/></p>"));
    assert_eq!(text, "<w:p><x:y></x:y></w:p>");
    // A declaration ends with its element.
    let (text, _) = script(&format!("<a><b xmlns=\"{uri}\"/><c/></a>"));
    assert_eq!(text, "<a><w:b></w:b><c></c></a>");
}

#[test]
fn references_are_resolved_and_unknown_ones_are_nothing() {
    let (text, _) = script("<a>1 &lt; 2 &amp; &#38632; &#x96E8; &nosuch; &#0; <![CDATA[<b>]]></a>");
    assert_eq!(text, "<a>1 < 2 & 雨 雨   <b></a>");
}

#[test]
fn entities_of_the_document_are_never_expanded() {
    let mut bomb = String::from("<!DOCTYPE a [<!ENTITY x0 \"ha\">");
    for index in 1..50 {
        let before = index - 1;
        let entity = format!("<!ENTITY x{index} \"&x{before};&x{before};\">");
        bomb.push_str(&entity);
    }
    bomb += "]><a>before &x49; after</a>";
    let (text, problem) = script(&bomb);
    assert_eq!(text, "<a>before  after</a>");
    assert_eq!(problem, None);
}

#[test]
fn deep_nesting_is_refused() {
    let deep = "<a>".repeat(100_000);
    let error = walk(&deep, "test", 256, &mut Script::default()).unwrap_err();
    assert!(
        matches!(&error, Unreadable::Broken { what, .. } if what.contains("256")),
        "{error}"
    );
}

#[test]
fn thousands_of_declared_prefixes_are_refused() {
    let declarations: Vec<String> = (0..200)
        .map(|index| format!(" xmlns:p{index}='u'"))
        .collect();
    let nested = format!("<a{}>", declarations.concat()).repeat(200);
    let error = walk(&nested, "test", 256, &mut Script::default()).unwrap_err();
    assert!(
        matches!(&error, Unreadable::Broken { what, .. } if what.contains("prefixes")),
        "{error}"
    );
}

#[test]
fn what_stands_before_a_broken_place_is_told_and_closed() {
    for broken in [
        "<a><b>雨</b><c",
        "<a><b>雨</b></c></a>",
        "<a><b>雨</b><!-- ",
    ] {
        let (text, problem) = script(broken);
        assert_eq!(text, "<a><b>雨</b></a>", "{broken}");
        assert!(problem.is_some(), "{broken}");
    }
    // The end of the text is an end.
    assert_eq!(script("plain & text").0, "plain & text");
}

#[test]
fn the_first_text_of_an_element_is_found_in_spite_of_what_follows() {
    let text = "<x xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title> </dc:title><dc:title>雨 &amp;\n rain</dc:title><dc:title>b</dc:title><";
    assert_eq!(
        first_text(text, "dc:title", 256).as_deref(),
        Some("雨 & rain")
    );
    assert_eq!(first_text("<a/>", "dc:title", 256), None);
}
