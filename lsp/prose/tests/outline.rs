//! Title and headings above a caret, in every kind of document that has them.
//!
//! Not zones (`markdown.rs`, `formats.rs`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

use inkstone_prose::{CodeFamily, DocumentKind};

mod support;

fn check(kind: DocumentKind, fixture: &str, title: Option<&str>, path: &[&str]) {
    let outline = support::read(kind, fixture).outline;
    assert_eq!(outline.title.as_deref(), title, "{fixture}");
    assert_eq!(outline.heading_path, path, "{fixture}");
}

#[test]
fn markdown_headings_form_a_path() {
    let text =
        "# 港口\n\nIntro\n\n## The `storm`\n\n### Night\n\n## Morning *after*\n\nText‸\n\n## Later";
    check(
        DocumentKind::Markdown,
        text,
        Some("港口"),
        &["港口", "Morning after"],
    );
}

#[test]
fn front_matter_names_the_title() {
    let yaml = "---\nlayout: post\ntitle: \"The harbour\"\n---\n\n# Other\n\nText‸";
    check(
        DocumentKind::Markdown,
        yaml,
        Some("The harbour"),
        &["Other"],
    );
    let toml = "+++\ntitle = '砚'\n+++\r\n\r\nText‸";
    check(DocumentKind::Markdown, toml, Some("砚"), &[]);
}

#[test]
fn a_heading_in_code_is_none() {
    check(
        DocumentKind::Markdown,
        "```sh\n# comment\n```\n\nText‸",
        None,
        &[],
    );
}

#[test]
fn the_heading_that_holds_the_caret_is_not_above_it() {
    check(
        DocumentKind::Markdown,
        "# One\n\n## Two‸\n",
        Some("One"),
        &["One"],
    );
    check(DocumentKind::Markdown, "# One‸", None, &[]);
}

#[test]
fn every_kind_with_headings_has_an_outline() {
    check(
        DocumentKind::Latex,
        "\\title{The Harbour}\n\\begin{document}\n\\section{Storm}\n\\subsection{Night}\nText‸",
        Some("The Harbour"),
        &["Storm", "Night"],
    );
    check(
        DocumentKind::Typst,
        "= Harbour\n== Storm\nText‸",
        Some("Harbour"),
        &["Harbour", "Storm"],
    );
    check(
        DocumentKind::Org,
        "#+TITLE: 砚\n* Storm\n** Night\n* Morning\nText‸",
        Some("砚"),
        &["Morning"],
    );
    check(
        DocumentKind::Asciidoc,
        "= Harbour\n\n== Storm\n\nText‸",
        Some("Harbour"),
        &["Harbour", "Storm"],
    );
    check(
        DocumentKind::Restructuredtext,
        "Harbour\n=======\n\nStorm\n-----\n\nMorning\n-------\n\nText‸",
        Some("Harbour"),
        &["Harbour", "Morning"],
    );
    check(
        DocumentKind::Html,
        "<html><head><title>Harbour</title></head><body><h1>Storm</h1><h2>Ni<b>ght</b></h2><p>Text‸",
        Some("Harbour"),
        &["Storm", "Night"],
    );
    check(
        DocumentKind::Mail,
        "To: ann@example.org\nSubject: The harbour\n\nDear Ann‸",
        Some("The harbour"),
        &[],
    );
}

#[test]
fn kinds_without_headings_have_no_outline() {
    check(
        DocumentKind::PlainText,
        "# not a heading\n\nText‸",
        None,
        &[],
    );
    check(DocumentKind::GitCommit, "subject\n\nText‸", None, &[]);
    check(
        DocumentKind::Code(CodeFamily::Hash),
        "# comment‸",
        None,
        &[],
    );
}

#[test]
fn a_starred_section_is_a_heading() {
    check(
        DocumentKind::Latex,
        "\\begin{document}\n\\section*{Storm}\n\\subsection*{夜}\nText‸",
        None,
        &["Storm", "夜"],
    );
}

#[test]
fn html_headings_after_many_elements_without_an_end_are_kept() {
    let text = "<br><p>Text".repeat(100) + "<h1>Storm</h1><p>Text‸";
    check(DocumentKind::Html, &text, Some("Storm"), &["Storm"]);
}

#[test]
fn a_lone_emoji_in_org_hides_no_heading() {
    check(
        DocumentKind::Org,
        ":smile:\n* Storm\n:PROPERTIES:\n:ID: x\n:END:\nText‸",
        Some("Storm"),
        &["Storm"],
    );
}
