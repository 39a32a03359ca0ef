//! What addresses carry to follow a reader, not to find a page.

use std::ops::Range;

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, en, en_same, zh, zh_same};

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("tracking_parameters"),
    version: 1,
    title: "tracking parameters in addresses",
    why: "`utm_source=…` and its like identify campaigns and readers; the page is the same \
          without. All other parameters stay.",
    default_on: true,
    kind: Kind::Mend,
    examples: &[
        en(
            "See https://example.com/a?utm_source=news&id=7&fbclid=Ab9 for more.",
            "See https://example.com/a?id=7 for more.",
        ),
        en(
            "https://example.com/?utm_medium=mail#top",
            "https://example.com/#top",
        ),
        zh(
            "链接https://example.com/item?id=5&spm=a21bo.50862很好",
            "链接https://example.com/item?id=5很好",
        ),
        en_same("https://example.com/search?q=utm_source&page=2"),
        zh_same("https://example.com/?id=3 这个 spm 参数"),
    ],
    needs: Classes::ADDRESS,
    mends_addresses: true,
    apply,
};

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let text = subject.text;
    for (colon, _) in text.match_indices("://") {
        let rest = &text[colon..];
        let len = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_graphic() && !b"<>\"`".contains(byte))
            .count();
        let address = rest[..len].trim_end_matches(['.', ',', ';', ')', '!', '\'']);
        if let Some((range, query)) = without_tracking(address) {
            found.replace(colon + range.start..colon + range.end, query);
        }
    }
}

/// The query of an address, its question mark included, and what should stand there.
fn without_tracking(address: &str) -> Option<(Range<usize>, String)> {
    let start = address.find('?')?;
    let end = address.find('#').unwrap_or(address.len());
    let query = address.get(start + 1..end)?;
    let kept: Vec<&str> = query.split('&').filter(|part| !is_tracking(part)).collect();
    if kept.len() == query.split('&').count() {
        return None;
    }
    let mended = if kept.is_empty() {
        String::new()
    } else {
        format!("?{}", kept.join("&"))
    };
    Some((start..end, mended))
}

fn is_tracking(parameter: &str) -> bool {
    const NAMES: &[&str] = &[
        "fbclid",
        "gclid",
        "dclid",
        "msclkid",
        "yclid",
        "igshid",
        "igsh",
        "mc_cid",
        "mc_eid",
        "_hsenc",
        "_hsmi",
        "spm",
        "scm",
        "share_token",
        "share_source",
        "vd_source",
        "spm_id_from",
        "from_spmid",
        "wt_mc",
        "ref_src",
        "xmtoken",
        "bxsign",
    ];
    let Some((name, _)) = parameter.split_once('=') else {
        return false;
    };
    name.starts_with("utm_") || NAMES.contains(&name)
}
