//! Lines of one paragraph that were broken to fit a page become one line.
//!
//! Which are is found in `inkstone_prose::wrap`.

use inkstone_prose::wraps;

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, en, en_same, zh, zh_same};
use crate::block::BlockKind;

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("line_wraps"),
    version: 2,
    title: "broken lines",
    why: "A model that learns line breaks in the middle of sentences writes them. Lines join with \
          a space, between Han characters without one, and words parted by a hyphen come \
          together. Verse, addresses, lists and dialogue line by line stay.",
    default_on: true,
    kind: Kind::Mend,
    examples: &[
        en(
            "The morning after the storm the harbour was full of broken\nboats, and nobody said \
             a word about whose they might have\nbeen.",
            "The morning after the storm the harbour was full of broken boats, and nobody said a \
             word about whose they might have been.",
        ),
        en(
            "We had hoped to reach the village before the rain came down, but the pas-\nsage took \
             us longer than anyone expected.",
            "We had hoped to reach the village before the rain came down, but the passage took us \
             longer than anyone expected.",
        ),
        en(
            "It is one of the books that everybody in the town considers to be well-\nknown \
             today, although few have read it.",
            "It is one of the books that everybody in the town considers to be well-known today, \
             although few have read it.",
        ),
        zh(
            "今天早上我去公园散步\u{ff0c}看到很多老人在湖边打太极拳\u{ff0c}旁边还有\n几个孩子在放风筝\u{ff0c}风很大。",
            "今天早上我去公园散步\u{ff0c}看到很多老人在湖边打太极拳\u{ff0c}旁边还有几个孩子在放风筝\u{ff0c}风很大。",
        ),
        zh(
            "这个项目使用 Rust 编写\u{ff0c}构建的时候需要先安装最新的\nCargo 工具\u{ff0c}然后运行测试。",
            "这个项目使用 Rust 编写\u{ff0c}构建的时候需要先安装最新的 Cargo 工具\u{ff0c}然后运行测试。",
        ),
        en_same(
            "Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:\nRough winds do shake the darling buds of May,\nAnd summer's lease hath all too short a date.",
        ),
        en_same(
            "I celebrate myself, and sing myself, and what I assume you shall assume, for every atom\nBelonging to me as good belongs to you, and to the ones who come after us in the long grass\nAnd the ferry, and the crowd of men and women attired in the usual costumes, and the hills.",
        ),
        en_same("12 Mill Lane\nOld Town\nDevon EX4 3PQ"),
        en_same("We need these things for the journey to the coast and back:\n- a map\n- a lamp"),
        zh_same("床前明月光\u{ff0c}\n疑是地上霜。\n举头望明月\u{ff0c}\n低头思故乡。"),
        zh_same("一、准备材料\n二、加水搅拌\n三、静置一小时"),
        en_same("A heading of two long lines that somebody has broken by hand\nstays as it is")
            .kind(BlockKind::Heading(1)),
    ],
    needs: Classes::LINE,
    mends_addresses: false,
    apply,
};

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let is_running_text = matches!(
        subject.context.kind,
        BlockKind::Paragraph
            | BlockKind::ListItem
            | BlockKind::Quote
            | BlockKind::Footnote
            | BlockKind::Caption
    );
    if !is_running_text {
        return;
    }
    for wrap in wraps(subject.text) {
        found.replace(wrap.range, wrap.joint);
    }
}
