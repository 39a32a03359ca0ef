//! Tags of HTML that a reader left in text.

use std::sync::LazyLock;

use regex::Regex;

use super::classes::Classes;
use super::findings::Findings;
use super::html_entities::speaks_of_markup;
use super::rule::{Kind, Rule, RuleId, Subject, en, en_same, zh, zh_same};
use super::words::{char_at, char_before};
use crate::piece::Genre;
use inkstone_prose::characters::is_spaced;

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("html_tags"),
    version: 1,
    title: "tags of HTML",
    why: "Text pasted from web pages keeps `<br>` and `<span style=…>`. Only tags that format \
          text are known here, and text that speaks about markup, documentation and code keep \
          theirs.",
    default_on: true,
    kind: Kind::Mend,
    examples: &[
        en("First line.<br/>Second line.", "First line.\nSecond line."),
        en("It was <b>very</b> good.", "It was very good."),
        en("<p class=\"intro\">We left early.</p>", "We left early."),
        zh("<font color=red>质量</font>很好<br>推荐", "质量很好\n推荐"),
        en("Price</td><td>20 dollars", "Price 20 dollars"),
        en("Read it <!-- old link --> again.", "Read it  again."),
        en_same("Use <b> to make text bold in HTML."),
        zh_same("可以使用 <br> 标签换行。"),
        en_same("if a < b and c > d then stop"),
        en_same("Call Vec<String> or <Suspense> there."),
        en_same("The <p> we wrote <b>here</b>.").genre(Genre::Documentation),
        en_same("I <3 this, <grin> and all."),
    ],
    needs: Classes::TAG,
    mends_addresses: true,
    apply,
};

static TAG: LazyLock<Regex> = LazyLock::new(|| {
    // proof: the pattern is a constant, and compiled by the examples.
    #[allow(clippy::expect_used, reason = "a constant pattern")]
    Regex::new(
        r#"(?i)<!--[^<>]*-->|<(/?)(br|p|div|span|b|i|em|strong|a|font|td|tr|th|table|tbody|ul|ol|li|center|img|hr|small|big|u|s|sup|sub|h[1-6]|blockquote|strike|label|section|article)((?:\s+[a-z-]+(?:\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>]+))?)*)\s*/?>"#,
    )
    .expect("a constant pattern")
});

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let text = subject.text;
    if subject.context.is_documentation() || speaks_of_markup(text) || looks_like_code(text) {
        return;
    }
    let tags: Vec<_> = TAG.captures_iter(text).collect();
    for captures in &tags {
        let Some(whole) = captures.get(0) else {
            continue;
        };
        let name = captures.get(2).map_or("", |name| name.as_str());
        let name = name.to_ascii_lowercase();
        let has_attributes = captures.get(3).is_some_and(|all| !all.is_empty());
        let is_evident = name.is_empty()
            || has_attributes
            || tags.len() > 1
            || matches!(name.as_str(), "br" | "p" | "div" | "hr");
        if is_evident {
            let with = stands_for(&name, text, whole.start(), whole.end());
            found.replace(whole.range(), with);
        }
    }
}

/// What a tag does on a page: break the line, part two cells, or nothing.
fn stands_for(name: &str, text: &str, start: usize, end: usize) -> &'static str {
    let before = char_before(text, start);
    let after = char_at(text, end);
    let is_inside = before.is_some() && after.is_some();
    match name {
        "br" | "p" | "div" | "hr" | "li" | "tr" | "blockquote" if is_inside => {
            if before == Some('\n') || after == Some('\n') {
                ""
            } else {
                "\n"
            }
        }
        "td" | "th" if before.is_some_and(is_spaced) && after.is_some() => " ",
        _ => "",
    }
}

fn looks_like_code(text: &str) -> bool {
    ["=>", "();", "{", "</>", "::", " -> "]
        .iter()
        .any(|sign| text.contains(sign))
}
