//! Chinese whose every character stands alone, as text copied from a PDF does.

use inkstone_prose::characters::{is_cjk_punctuation, is_han};

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, zh, zh_same};
use super::words::{char_at, char_before};

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("spaced_out_han"),
    version: 1,
    title: "spaces between all Han characters",
    why: "Typesetters space characters with coordinates, and copying makes spaces of them. Five \
          single characters in a row are no accident; two or three (通 知) are a headline's style.",
    default_on: true,
    kind: Kind::Mend,
    examples: &[
        zh(
            "今 天 天 气 很 好 \u{ff0c} 我 们 出 去 。",
            "今天天气很好\u{ff0c}我们出去。",
        ),
        zh("他说 这 是 第 一 次 来 北京", "他说 这是第一次来 北京"),
        zh_same("通 知"),
        zh_same("我 们 都 爱 北京天安门"),
        zh_same("一 二三 四五 六七 八"),
    ],
    needs: Classes::SPACE_IN_HAN,
    mends_addresses: false,
    apply,
};

const SINGLE_CHARS_MIN: usize = 5;

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let text = subject.text;
    let mut spaces: Vec<usize> = Vec::new();
    let mut singles = 0;
    for (at, c) in text.char_indices() {
        if c == ' ' {
            continue;
        }
        let end = at + c.len_utf8();
        let is_single = (is_han(c) || is_cjk_punctuation(c))
            && char_before(text, at).is_none_or(|before| before == ' ')
            && char_at(text, end).is_none_or(|after| after == ' ' || is_cjk_punctuation(after))
            || is_cjk_punctuation(c) && singles > 0;
        if is_single {
            if singles > 0 && text[..at].ends_with(' ') {
                spaces.push(at - 1);
            }
            singles += 1;
        } else {
            flush(&mut spaces, &mut singles, found);
        }
    }
    flush(&mut spaces, &mut singles, found);
}

fn flush(spaces: &mut Vec<usize>, singles: &mut usize, found: &mut Findings<'_>) {
    if *singles >= SINGLE_CHARS_MIN {
        for space in spaces.iter() {
            found.remove(*space..*space + 1);
        }
    }
    spaces.clear();
    *singles = 0;
}
