//! Entities of HTML that stand in text as they are spelled.

use inkstone_text::first_bytes;

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, en, en_same, zh, zh_same};
use super::words::char_at;
use crate::piece::Genre;

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("html_entities"),
    version: 1,
    title: "entities of HTML",
    why: "Text that was escaped twice, or never unescaped. Text about HTML keeps them, and `&lt;` \
          stays where a tag would come of it.",
    default_on: true,
    kind: Kind::Mend,
    examples: &[
        en(
            "Salt&nbsp;&amp; pepper &mdash; that&#39;s all.",
            "Salt\u{a0}& pepper — that's all.",
        ),
        en("&ldquo;Yes,&rdquo; she said&hellip;", "“Yes,” she said…"),
        en("if 3 &lt; 5", "if 3 < 5"),
        zh("你好&nbsp;&nbsp;世界&#12290;", "你好\u{a0}\u{a0}世界。"),
        zh("&quot;快走&quot;\u{ff0c}他说", "\"快走\"\u{ff0c}他说"),
        en("Tom &#x26; Jerry", "Tom & Jerry"),
        en_same("AT&T and R&D; Q&A"),
        en_same("Write &amp; to escape an ampersand in HTML."),
        zh_same("在 HTML 里用 &nbsp; 表示不换行空格。"),
        en_same("See &lt;div&gt; in the page."),
        en_same("See `&amp;` here.").genre(Genre::Documentation),
    ],
    needs: Classes::AMPERSAND,
    mends_addresses: false,
    apply,
};

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let text = subject.text;
    if subject.context.is_documentation() || speaks_of_markup(text) {
        return;
    }
    for (start, _) in text.match_indices('&') {
        let rest = &text[start + 1..];
        let Some(len) = first_bytes(rest, ENTITY_BYTES_MAX).find(';') else {
            continue;
        };
        let end = start + len + 2;
        if let Some(c) = decoded(&rest[..len]).filter(|c| !makes_markup(c, text, start, end)) {
            found.replace(start..end, c);
        }
    }
}

/// Longer than the names and numbers below.
const ENTITY_BYTES_MAX: usize = 12;

/// Whether a text is about the markup that it shows.
pub(super) fn speaks_of_markup(text: &str) -> bool {
    const ABOUT: &[&str] = &[
        "HTML", "html", "XML", "escap", "entit", "实体", "转义", "标签", "JSX", "markup",
        "Markdown", "DOM", " tag", "element", "元素",
    ];
    ABOUT.iter().any(|word| text.contains(word))
}

fn decoded(name: &str) -> Option<String> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        let c = char::from_u32(code.ok()?)?;
        return (!c.is_control() && c != '\u{FFFD}').then(|| c.to_string());
    }
    let (_, c) = NAMED.iter().find(|(known, _)| *known == name)?;
    Some((*c).to_owned())
}

/// Whether a tag, or another entity, would come of it that the next pass takes for a remnant.
fn makes_markup(decoded: &str, text: &str, start: usize, end: usize) -> bool {
    let next = char_at(text, end);
    match decoded {
        "<" => next.is_none_or(|c| !c.is_whitespace() && !c.is_ascii_digit() && c != '='),
        ">" => !text[..start].ends_with(|c: char| c.is_whitespace() || c.is_ascii_digit()),
        // `&amp;lt;` is spelled out on purpose.
        "&" => next.is_some_and(|c| c == '#' || c == 'l' || c == 'g'),
        _ => false,
    }
}

const NAMED: &[(&str, &str)] = &[
    ("nbsp", "\u{A0}"),
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("ndash", "–"),
    ("mdash", "—"),
    ("hellip", "…"),
    ("ldquo", "“"),
    ("rdquo", "”"),
    ("lsquo", "‘"),
    ("rsquo", "’"),
    ("laquo", "«"),
    ("raquo", "»"),
    ("copy", "©"),
    ("reg", "®"),
    ("trade", "™"),
    ("times", "×"),
    ("divide", "÷"),
    ("middot", "·"),
    ("bull", "•"),
    ("deg", "°"),
    ("plusmn", "±"),
    ("euro", "€"),
    ("pound", "£"),
    ("yen", "¥"),
    ("cent", "¢"),
    ("sect", "§"),
    ("frac12", "½"),
    ("ensp", " "),
    ("emsp", " "),
    ("thinsp", " "),
    ("shy", ""),
    ("eacute", "é"),
    ("egrave", "è"),
    ("agrave", "à"),
    ("ccedil", "ç"),
    ("auml", "ä"),
    ("ouml", "ö"),
    ("uuml", "ü"),
    ("szlig", "ß"),
    ("ntilde", "ñ"),
];
