//! Rows of one emoji, of which one says as much.

use unicode_segmentation::UnicodeSegmentation;

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, en, en_same, zh, zh_same};

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("emoji_floods"),
    version: 1,
    title: "rows of emoji",
    why: "Three of a kind say what one says. A row of four and more keeps one of each kind, three \
          at most. Stars that rate, coloured squares and flags stay.",
    default_on: true,
    kind: Kind::Mend,
    examples: &[
        en("Love it 😍😍😍😍!", "Love it 😍!"),
        en("Party 🎉🎊🎈🎂🍰 tonight", "Party 🎉🎊🎈 tonight"),
        zh("很好吃😋😋😋下次还来👍🏻👍🏻👍🏻", "很好吃😋下次还来👍🏻"),
        zh("赞 👍 👍 👍 👍", "赞 👍"),
        en_same("Nice 👍👍 and 👨\u{200d}👩\u{200d}👧 ok ❤\u{fe0f}"),
        en_same("Rating ⭐⭐⭐⭐⭐ and ★★★★☆, 🟩🟩🟩⬛"),
        zh_same("🇨🇳🇺🇸🇬🇧🇫🇷四国"),
        en_same("✓ done ✓ done ✓ done ✗"),
    ],
    needs: Classes::EMOJI,
    mends_addresses: false,
    apply,
};

const SAME_IN_A_ROW_MAX: usize = 2;
const ROW_MAX: usize = 3;

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let text = subject.text;
    let mut row = Row::default();
    for (at, cluster) in text.grapheme_indices(true) {
        if is_emoji(cluster) {
            row.add(at, cluster);
        } else if cluster != " " {
            row.finish(found);
            row = Row::default();
        }
    }
    row.finish(found);
}

#[derive(Default)]
struct Row<'a> {
    start: usize,
    end: usize,
    all: Vec<&'a str>,
}

impl<'a> Row<'a> {
    fn add(&mut self, at: usize, cluster: &'a str) {
        if self.all.is_empty() {
            self.start = at;
        }
        self.end = at + cluster.len();
        self.all.push(cluster);
    }

    fn finish(&self, found: &mut Findings<'_>) {
        let is_same = |triple: &[&str]| triple.iter().all(|own| own == &triple[0]);
        let has_same = self.all.windows(SAME_IN_A_ROW_MAX + 1).any(is_same);
        if self.all.len() <= ROW_MAX && !has_same {
            return;
        }
        let mut kept: Vec<&str> = Vec::new();
        for cluster in &self.all {
            if kept.len() < ROW_MAX && !kept.contains(cluster) {
                kept.push(cluster);
            }
        }
        found.replace(self.start..self.end, kept.concat());
    }
}

/// Pictures; not stars, squares, hearts of card games, ticks and flags.
fn is_emoji(cluster: &str) -> bool {
    let mut chars = cluster.chars();
    let first = chars.next().unwrap_or(' ');
    match first {
        '\u{1F1E6}'..='\u{1F1FF}' | '\u{1F7E0}'..='\u{1F7EB}' | '\u{1F31F}' => false,
        '\u{1F300}'..='\u{1FAFF}' | '\u{2728}' | '\u{2764}' | '\u{2757}' | '\u{2753}' => true,
        '\u{2600}'..='\u{27BF}' => chars.next() == Some('\u{FE0F}'),
        _ => false,
    }
}
