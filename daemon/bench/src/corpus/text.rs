//! Markdown by an author who never says the same twice: headings, paragraphs and lists, in English
//! and Chinese.

use crate::seeded::Seeded;

/// Of ten documents, so many are Chinese.
const CHINESE_IN_TEN: u64 = 3;
/// Sentences of a paragraph.
const SENTENCES: usize = 5;
/// Paragraphs under one heading.
const PARAGRAPHS: usize = 4;

/// So many that runs of three words seldom repeat: else every document would be another's older version.
const NOUNS: &str = "lamp letter harbour chapter train boat clock map glass winter bridge garden kitchen \
    window teacher editor reader ferry council baker engineer porter traveller neighbour doctor painter \
    market station river valley forest mountain meadow island village cottage tower stairway attic cellar \
    ladder basket blanket candle mirror drawer pencil notebook newspaper magazine poster ticket passport \
    suitcase umbrella jacket button needle thread hammer engine wheel anchor rope sail compass telescope \
    violin piano trumpet song story poem argument question answer promise secret rumour memory accident \
    holiday wedding funeral harvest breakfast supper orchard apple cherry potato onion butter honey coffee \
    tea sugar pepper salt bread cheese oven kettle spoon table chair bench carpet curtain ceiling chimney";
const ADJECTIVES: &str = "old young quiet broken narrow heavy bright grey wooden empty careful stubborn patient \
    careless generous honest clumsy gentle fierce lonely cheerful gloomy ancient modern rusty dusty muddy frozen \
    warm damp hollow crooked polished faded torn borrowed forgotten famous ordinary strange familiar expensive \
    cheap useless practical private public distant nearby hidden open curious nervous calm restless";
const VERBS: &str = "watched carried repaired painted counted sold remembered described measured followed ignored \
    opened closed lifted dropped cleaned covered moved collected returned borrowed offered refused praised blamed \
    visited avoided copied translated sketched buried planted wrapped weighed tested polished hid noticed missed";
const ADVERBS: &str = "slowly quickly carefully reluctantly suddenly quietly proudly secretly finally almost nearly \
    barely often rarely twice again yesterday somehow gladly calmly";
const ZH_WORDS: &str = "船夫 邻居 编辑 工程师 花匠 旅人 老师 医生 画家 读者 码头 车站 河流 山谷 森林 草地 小岛 村庄 \
    木屋 高塔 楼梯 阁楼 地窖 梯子 篮子 毯子 蜡烛 镜子 抽屉 铅笔 笔记 报纸 杂志 海报 车票 护照 箱子 雨伞 外套 纽扣 \
    引擎 车轮 绳子 船帆 罗盘 提琴 钢琴 歌曲 故事 诗歌 问题 答案 诺言 秘密 传闻 记忆 假期 婚礼 丰收 早餐 晚饭 果园 \
    苹果 樱桃 土豆 洋葱 黄油 蜂蜜 咖啡 红茶 面包 奶酪 炉子 水壶 勺子 桌子 椅子 地毯 窗帘 烟囱";
const ZH_VERBS: &str = "修好了 提起了 忘记了 卖掉了 记下了 说不清 找到了 收起了 画下了 数过了 打开了 关上了 放下了 送还了 \
    拒绝了 称赞了 错过了 搬走了 翻译了 藏好了";
const ZH_WHEN: &str =
    "下雨之前 清晨 半夜 秋天 晚饭以后 关门的时候 第二天 很久以后 那一年 雪停之后 天亮时 节日里";

/// Writes one document.
pub(super) struct Author {
    seeded: Seeded,
    is_chinese: bool,
    words: Words,
}

/// The lists, cut into words once: an author takes ten for a sentence.
struct Words {
    nouns: Vec<&'static str>,
    adjectives: Vec<&'static str>,
    verbs: Vec<&'static str>,
    adverbs: Vec<&'static str>,
    zh_nouns: Vec<&'static str>,
    zh_verbs: Vec<&'static str>,
    zh_when: Vec<&'static str>,
}

impl Words {
    fn new() -> Self {
        let cut = |list: &'static str| list.split_whitespace().collect();
        Self {
            nouns: cut(NOUNS),
            adjectives: cut(ADJECTIVES),
            verbs: cut(VERBS),
            adverbs: cut(ADVERBS),
            zh_nouns: cut(ZH_WORDS),
            zh_verbs: cut(ZH_VERBS),
            zh_when: cut(ZH_WHEN),
        }
    }
}

impl Author {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            seeded: Seeded::new(seed),
            is_chinese: seed % 10 < CHINESE_IN_TEN,
            words: Words::new(),
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
        let Self { seeded, words, .. } = self;
        let mut any = |of: &[&'static str]| of[seeded.below(of.len())];
        if self.is_chinese {
            let (when, who, did) = (
                any(&words.zh_when),
                any(&words.zh_nouns),
                any(&words.zh_verbs),
            );
            let (what, other, more) = (
                any(&words.zh_nouns),
                any(&words.zh_nouns),
                any(&words.zh_verbs),
            );
            let (last, beside) = (any(&words.zh_nouns), any(&words.zh_nouns));
            return format!(
                "{when}，{who}和{beside}的主人{did}{what}，{other}旁边的人却{more}{last}。"
            );
        }
        let (first, who, how) = (
            any(&words.adjectives),
            any(&words.nouns),
            any(&words.adverbs),
        );
        let (did, second, what) = (any(&words.verbs), any(&words.adjectives), any(&words.nouns));
        let (third, beside, more) = (any(&words.adjectives), any(&words.nouns), any(&words.verbs));
        let (other, last) = (any(&words.nouns), any(&words.nouns));
        format!(
            "The {first} {who} {how} {did} the {second} {what} beside the {third} {beside}, and the {other} {more} the {last}."
        )
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
