//! Text for search engines: lists of keywords, and one phrase in every sentence.

use inkstone_prose::characters::is_han;

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, en_out, en_same, zh_out, zh_same};
use super::words::{hash, is_stop_word, words};
use crate::left_out::Reason;
use crate::piece::Genre;

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("seo"),
    version: 1,
    title: "text for search engines",
    why: "Keyword lists and paragraphs that repeat one phrase to be found by it. Documentation, \
          which must name a thing by its name each time, stays.",
    default_on: true,
    kind: Kind::LeaveOut(Reason::Advertising),
    examples: &[
        en_out("Best running shoes 2024: our best running shoes guide helps you find the best running shoes. Cheap running shoes? These running shoes are the best running shoes to buy."),
        en_out("Tags: cheap flights, cheap hotels, best travel deals, travel insurance, holiday packages"),
        zh_out("关键词\u{ff1a}减肥方法、快速减肥、减肥食谱、瘦身操、减肥药排行榜"),
        zh_out("今天小编就带大家了解一下\u{ff0c}空调不制冷是怎么回事呢\u{ff1f}下面就跟着小编一起来看看吧。"),
        en_same("The server component renders first, and the server component then streams to the client."),
        zh_same("他当过三年小编。"),
        en_same("Keywords matter less than people think."),
        en_same("A server component is a component. Server components run on the server; a server component has no state. Use a server component for data, and a server component for layout.").genre(Genre::Documentation),
    ],
    needs: Classes::ANY,
    mends_addresses: false,
    apply,
};

const PHRASE_TIMES_MIN: usize = 5;
/// Words of the phrase among all words.
const PHRASE_SHARE_MIN: f64 = 0.25;
const KEYWORDS_MIN: usize = 4;
/// A longer paragraph that names its subject often is an essay on it.
const WORDS_MAX: usize = 400;

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let text = &*subject.without_code();
    if subject.context.is_documentation() || subject.context.genre == Some(Genre::Fiction) {
        return;
    }
    let is_for_engines = is_keyword_list(text)
        || subject.is_chinese() && is_chatter(text)
        || subject.is_english() && repeats_a_phrase(text);
    if is_for_engines {
        found.refuse();
    }
}

fn is_keyword_list(text: &str) -> bool {
    const LABELS: &[&str] = &[
        "tags:",
        "keywords:",
        "related searches:",
        "popular searches:",
        "关键词：",
        "关键词:",
        "关键字：",
        "标签：",
        "标签:",
        "热门搜索：",
        "相关搜索：",
        "热搜词：",
        "热门标签：",
        "大家都在搜：",
    ];
    let has_label = LABELS.iter().any(|label| {
        text.get(..label.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(label))
    });
    has_label && text.split([',', '、', '\u{FF0C}', '|', '/', ';']).count() >= KEYWORDS_MIN
}

/// The chatter around articles that were written to be found.
fn is_chatter(text: &str) -> bool {
    const CHATTER: &[&str] = &[
        "小编就带",
        "小编带大家",
        "小编为大家",
        "小编给大家",
        "跟着小编",
        "跟随小编",
        "和小编一起",
        "随小编",
        "小编整理",
        "小编今天",
        "小编也",
        "小编觉得",
        "是怎么回事呢",
        "一起来了解一下吧",
        "一起来看看吧",
        "大家可能会很惊讶",
        "希望对大家有所帮助",
        "希望对您有所帮助",
        "欢迎在评论区",
        "以上就是关于",
    ];
    CHATTER
        .iter()
        .filter(|phrase| text.contains(**phrase))
        .count()
        >= 2
        && text.chars().filter(|c| is_han(*c)).count() <= 2 * WORDS_MAX
}

fn repeats_a_phrase(text: &str) -> bool {
    if text.len() > 16 * WORDS_MAX {
        return false;
    }
    let mut pairs: Vec<u64> = Vec::new();
    let mut n = 0_usize;
    let mut before: Option<u64> = None;
    for word in words(text) {
        n += 1;
        let own = (word.text.len() > 2 && !is_stop_word(word.text)).then(|| hash(word.text));
        if let (Some(first), Some(second)) = (before, own)
            && first != second
        {
            pairs.push(first.rotate_left(17) ^ second);
        }
        before = own;
    }
    if n > WORDS_MAX || pairs.len() < PHRASE_TIMES_MIN {
        return false;
    }
    pairs.sort_unstable();
    let most = pairs
        .chunk_by(|first, second| first == second)
        .map(<[u64]>::len)
        .max()
        .unwrap_or(0);
    most >= PHRASE_TIMES_MIN && 2.0 * most as f64 >= PHRASE_SHARE_MIN * n as f64
}
