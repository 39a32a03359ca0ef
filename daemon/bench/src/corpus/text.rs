//! Markdown by an author who never says the same twice: headings, paragraphs and lists, in English
//! and Chinese.

use crate::seeded::Seeded;

/// Of ten documents, so many are Chinese.
const CHINESE_IN_TEN: u64 = 3;
/// Sentences of a paragraph.
const SENTENCES: usize = 5;
/// Paragraphs under one heading.
const PARAGRAPHS: usize = 4;

const WHO: &[&str] = &[
    "the ferryman",
    "my neighbour",
    "a careful reader",
    "the old editor",
    "her brother",
    "the council",
    "our teacher",
    "the baker",
    "a young engineer",
    "the night porter",
    "the gardener",
    "a traveller",
];
const DID: &[&str] = &[
    "walked past",
    "had forgotten",
    "kept asking about",
    "repaired",
    "wrote down",
    "could not explain",
    "sold",
    "remembered",
    "painted",
    "counted",
    "carried",
    "argued over",
];
const WHAT: &[&str] = &[
    "the broken lamp",
    "a letter from the coast",
    "three unpaid bills",
    "the harbour wall",
    "an unfinished chapter",
    "the price of tea",
    "the second train",
    "a wooden boat",
    "the church clock",
    "the map of the valley",
    "an empty glass",
    "the long winter",
];
const WHEN: &[&str] = &[
    "before the rain came",
    "on a grey morning",
    "while the others slept",
    "in the last week of autumn",
    "without saying a word",
    "as if nothing had happened",
    "after supper",
    "when the shop was closed",
    "for the third time",
    "at the end of the street",
    "long after midnight",
    "with some hesitation",
];
const ZH_WHO: &[&str] = &[
    "船夫",
    "邻居老张",
    "那位编辑",
    "她的哥哥",
    "年轻的工程师",
    "守夜的人",
    "花匠",
    "远来的旅人",
    "面包师",
    "我的老师",
];
const ZH_DID: &[&str] = &[
    "慢慢地修好了",
    "又一次提起",
    "始终没有忘记",
    "悄悄地卖掉了",
    "认真地记下了",
    "怎么也说不清",
    "终于找到了",
    "小心地收起了",
];
const ZH_WHAT: &[&str] = &[
    "那盏坏了的灯",
    "海边寄来的信",
    "没有写完的章节",
    "码头的矮墙",
    "一只旧木船",
    "教堂的大钟",
    "山谷的地图",
    "第二班火车",
];
const ZH_WHEN: &[&str] = &[
    "在下雨之前",
    "一个灰蒙蒙的早晨",
    "别人都睡着的时候",
    "秋天的最后一个星期",
    "晚饭以后",
    "店铺关门的时候",
    "过了半夜很久",
];

/// Writes one document.
pub(super) struct Author {
    seeded: Seeded,
    is_chinese: bool,
    number: usize,
}

impl Author {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            seeded: Seeded::new(seed),
            is_chinese: seed % 10 < CHINESE_IN_TEN,
            number: 0,
        }
    }

    /// A document of about so many bytes.
    pub(super) fn document(&mut self, bytes: usize) -> String {
        let mut text = String::with_capacity(bytes + 1024);
        while text.len() < bytes {
            text.push_str(if text.is_empty() { "# " } else { "\n## " });
            text.push_str(&self.sentence());
            text.push('\n');
            for _ in 0..PARAGRAPHS {
                text.push('\n');
                for _ in 0..SENTENCES {
                    text.push_str(&self.sentence());
                    if !self.is_chinese {
                        text.push(' ');
                    }
                }
                text.push('\n');
            }
        }
        text
    }

    fn sentence(&mut self) -> String {
        self.number += 1;
        if self.is_chinese {
            let (when, who) = (self.any(ZH_WHEN), self.any(ZH_WHO));
            let (did, what) = (self.any(ZH_DID), self.any(ZH_WHAT));
            let (other, more) = (self.any(ZH_WHO), self.any(ZH_DID));
            return format!(
                "{when}，{who}{did}{what}，{other}却{more}{}。",
                self.any(ZH_WHAT)
            );
        }
        let (who, did, what) = (self.any(WHO), self.any(DID), self.any(WHAT));
        let (when, other, more) = (self.any(WHEN), self.any(WHO), self.any(DID));
        let mut first = who.chars();
        let who = first
            .next()
            .map(|c| c.to_uppercase().chain(first).collect::<String>());
        let who = who.unwrap_or_default();
        format!(
            "{who} {did} {what} {when}, and {other} {more} {}.",
            self.any(WHAT)
        )
    }

    fn any(&mut self, of: &'static [&'static str]) -> &'static str {
        of[self.seeded.below(of.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_have_the_size_asked_for_and_differ() {
        let one = Author::new(1).document(10_000);
        let other = Author::new(2).document(10_000);
        assert!((10_000..12_000).contains(&one.len()), "{}", one.len());
        assert_ne!(one, other);
        assert_eq!(one, Author::new(1).document(10_000));
        assert!(one.contains('。') && Author::new(9).document(2_000).contains(", and "));
    }
}
