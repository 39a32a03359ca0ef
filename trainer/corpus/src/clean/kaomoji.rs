//! Faces of brackets and signs.

use std::sync::LazyLock;

use regex::Regex;

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, en_flag, en_same, zh_flag, zh_same};

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("kaomoji"),
    version: 1,
    title: "faces of signs",
    why: "(╯°□°)╯ is style in a comment and noise in an article: only pointed out.",
    default_on: true,
    kind: Kind::Flag,
    examples: &[
        zh_flag("好开心(*^▽^*)"),
        zh_flag("气死了\u{ff08}╯°□°\u{ff09}╯︵ ┻━┻"),
        en_flag("Done (^_^) at last"),
        zh_flag("太可爱了(≧▽≦)"),
        en_same("f(x^2) and (a^b)"),
        zh_same("温度\u{ff08}25°C\u{ff09}和\u{ff08}注\u{ff09}"),
        en_same("A box (□) and (*) and (^)"),
    ],
    needs: Classes::FACE,
    mends_addresses: false,
    apply,
};

static BRACKETS: LazyLock<Regex> = LazyLock::new(|| {
    // proof: the pattern is a constant, and compiled by the examples.
    #[allow(clippy::expect_used, reason = "a constant pattern")]
    Regex::new(r"[(\u{FF08}][^()\u{FF08}\u{FF09}\n]{2,12}[)\u{FF09}]").expect("a constant pattern")
});

const EYES_MIN: usize = 2;

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    for face in BRACKETS.find_iter(subject.text) {
        let inner = face.as_str();
        let eyes = inner.chars().filter(|c| is_eye(*c)).count();
        let words = inner
            .chars()
            .filter(|c| {
                c.is_alphanumeric() && !is_eye(*c) && !"oOTvVmwｏдДωツ益皿口ノ".contains(*c)
            })
            .count();
        if eyes >= EYES_MIN && words == 0 {
            found.mark(face.range());
        }
    }
}

fn is_eye(c: char) -> bool {
    "^°≧≦▽∀ωДд﹏￣╯╰◕ಠ◡˘´｀｡•◉ﾟ∇●○★☆>＜＞ˇ".contains(c)
}
