//! What Chinese has for itself: aspect, persons, function words, and names without capitals.
//!
//! Words come from the caller's dictionary, and what is counted of grammar is words of it. Names are guessed where something near them says that
//! they are: a verb of speaking or a form of address after a surname and one or two characters, a
//! nickname's 阿, 老 or 小 before them, or title marks. That misses many and is wrong seldom, and
//! a writer's list of names is one to be read. Used by [`super::tally`].

use inkstone_prose::characters::{is_han, is_spaced};

use super::Segment;
use super::tally::{Habit, Tally};
use crate::word;

/// Function words whose rates are kept.
pub const FUNCTION_WORDS: &[&str] = &[
    "的", "了", "是", "在", "和", "与", "就", "都", "也", "而", "但", "却", "又", "便", "才", "只",
    "还", "很", "把", "被", "让", "给", "从", "对", "向", "于", "以", "为", "之", "其", "所",
    "因为", "所以", "如果", "虽然", "但是", "然而", "于是", "而且", "不过", "其实", "可是", "已经",
    "非常", "吧", "呢", "吗", "啊", "罢", "得", "地", "着", "过",
];

const HABITS: &[(Habit, &str)] = &[
    (Habit::FirstPlural, "我们"),
    (Habit::FirstPlural, "咱们"),
    (Habit::FirstPlural, "咱"),
    (Habit::Third, "他们"),
    (Habit::Third, "她们"),
    (Habit::Second, "你们"),
    (Habit::FirstSingular, "我"),
    (Habit::Second, "你"),
    (Habit::Second, "您"),
    (Habit::Third, "他"),
    (Habit::Third, "她"),
    (Habit::Future, "将要"),
    (Habit::Future, "就要"),
    (Habit::Future, "快要"),
    (Habit::Future, "将会"),
];

/// Particles of aspect, which a dictionary cuts off (走了) or leaves at their verb (看着).
const ASPECTS: &[(Habit, &str)] = &[
    (Habit::AspectLe, "了"),
    (Habit::AspectGuo, "过"),
    (Habit::AspectZhe, "着"),
];

/// Words that end like a verb with its particle and have none.
const NO_ASPECT: &[&str] = &[
    "为了",
    "除了",
    "罢了",
    "极了",
    "得了",
    "算了",
    "好了",
    "对了",
    "不了",
    "完了",
    "末了",
    "未了",
    "通过",
    "经过",
    "不过",
    "超过",
    "难过",
    "越过",
    "穿过",
    "路过",
    "胜过",
    "放过",
    "度过",
    "罪过",
    "改过",
    "功过",
    "沿着",
    "随着",
    "接着",
    "跟着",
    "顺着",
    "向着",
    "朝着",
    "本着",
    "意味着",
    "对着",
    "执着",
    "沉着",
];

/// The hundred surnames that five of six people have.
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于\
    蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛\
    郝龚邵万钱严覃武戴莫孔向汤鲁";

/// After a name: who speaks, or how they are addressed.
const AFTER_NAMES: &[&str] = &[
    "说", "道", "问", "答", "笑", "喊", "叫", "骂", "想", "便", "先生", "太太", "小姐", "女士",
    "老师", "教授", "医生", "经理", "师傅", "同学", "老爷", "奶奶",
];

/// Before a name, where no mark is.
const BEFORE_NAMES: &[char] = &[
    '叫', '是', '和', '对', '给', '向', '与', '见', '被', '问', '找',
];

/// No given name has one of these.
const NOT_GIVEN: &str =
    "的了着过是不在有这那么都也就和与个他她它我你们又还便却说道问答笑想之其什怎没来去上下人";

/// What looks like a name and is none.
const NO_NAMES: &[&str] = &[
    "何况", "何必", "方才", "白天", "高兴", "马上", "许多", "万一", "金属", "石头", "高声", "白白",
    "江南", "于今", "任意", "余外", "向前", "严肃", "方便", "常常", "高高", "毛病", "钱财", "小姐",
    "老爷", "阿拉", "阿富", "阿根", "阿尔", "阿里",
];

/// The longest title between 《 and 》.
const TITLE_CHARS_MAX: usize = 20;

/// Counts a sentence, and returns how many characters it has that are no marks or spaces.
pub(super) fn count(sentence: &str, tally: &mut Tally, segment: Segment<'_>) -> usize {
    let mut lower = String::new();
    let mut length = 0;
    let mut at = 0;
    while let Some(c) = sentence[at..].chars().next() {
        let rest = &sentence[at..];
        let taken = if is_han(c) {
            let run = &rest[..rest.find(|c| !is_han(c)).unwrap_or(rest.len())];
            length += run.chars().count();
            of_run(run, &rest[run.len()..], tally, segment);
            run.len()
        } else if is_spaced(c) {
            let word = &rest[..word::length(rest)];
            length += 1;
            word::lower_into(word, &mut lower);
            if word.chars().next().is_some_and(char::is_uppercase) && word.chars().count() > 1 {
                tally.add_name(word);
            } else {
                tally.add_word(&lower);
            }
            word.len()
        } else {
            if c == '《' {
                of_title(rest, tally);
            }
            c.len_utf8()
        };
        at += taken;
    }
    length
}

fn of_title(text: &str, tally: &mut Tally) {
    let end = text
        .char_indices()
        .take(TITLE_CHARS_MAX + 2)
        .find(|(_, c)| *c == '》');
    if let Some((end, close)) = end.filter(|(end, _)| *end > '《'.len_utf8()) {
        // The words between the marks are counted as words.
        tally.note_name(&text[..end + close.len_utf8()]);
    }
}

/// A run of Han characters between marks.
fn of_run(run: &str, after: &str, tally: &mut Tally, segment: Segment<'_>) {
    for word in segment(run) {
        tally.add_word(word);
        of_word(word, tally);
    }
    let mut before = None;
    for (at, c) in run.char_indices() {
        let rest = &run[at..];
        let name = if before.is_none_or(|before| BEFORE_NAMES.contains(&before)) {
            name_at(rest, c, after)
        } else if c == '阿' {
            nickname(rest, after)
        } else {
            None
        };
        if let Some(name) = name {
            tally.note_name(&name);
        }
        before = Some(c);
    }
}

/// What a word says of its writer. Whole words, not their characters: 目的 has no 的, 但是 no 是, and
/// 其他 nobody.
fn of_word(word: &str, tally: &mut Tally) {
    if FUNCTION_WORDS.contains(&word) {
        tally.add_function_word(word);
    }
    if let Some((habit, _)) = HABITS.iter().find(|(_, own)| *own == word) {
        tally.add_habit(*habit, 1);
    }
    let aspect = ASPECTS.iter().find(|(_, own)| word.ends_with(own));
    if let Some((habit, particle)) = aspect
        && (word == *particle || !NO_ASPECT.contains(&word))
    {
        tally.add_habit(*habit, 1);
        if word != *particle {
            tally.add_function_word(particle);
        }
    }
}

/// The name that begins here, if one does.
fn name_at(rest: &str, first: char, after: &str) -> Option<String> {
    if matches!(first, '阿' | '老' | '小') {
        return nickname(rest, after);
    }
    if !SURNAMES.contains(first) {
        return None;
    }
    // "王先生" first, then given names of one and of two characters.
    let mut ends = rest.char_indices().map(|(at, _)| at).skip(1).take(3);
    let surname_end = ends.next()?;
    let titles = AFTER_NAMES.iter().filter(|word| word.chars().count() == 2);
    for title in titles {
        if rest[surname_end..].starts_with(title) {
            return Some(format!("{first}{title}"));
        }
    }
    ends.find(|end| {
        let given = &rest[surname_end..*end];
        AFTER_NAMES
            .iter()
            .any(|word| rest[*end..].starts_with(word))
            && !given.contains(|c| NOT_GIVEN.contains(c))
            && !NO_NAMES.contains(&&rest[..*end])
    })
    .map(|end| rest[..end].to_owned())
}

/// "阿Q", "老王", "小李".
fn nickname(rest: &str, after: &str) -> Option<String> {
    let mut characters = rest.chars();
    let first = characters.next()?;
    let Some(second) = characters.next() else {
        // 阿 at the end of the run, and a Latin letter after it.
        let letter = after
            .chars()
            .next()
            .filter(|c| c.is_alphabetic() && is_spaced(*c))?;
        return (first == '阿').then(|| format!("{first}{letter}"));
    };
    let name: String = [first, second].into_iter().collect();
    let tail = characters.as_str();
    let is_addressed = tail.is_empty() || AFTER_NAMES.iter().any(|word| tail.starts_with(word));
    let is_known = first == '阿' || SURNAMES.contains(second);
    (is_known && is_addressed && !NOT_GIVEN.contains(second) && !NO_NAMES.contains(&name.as_str()))
        .then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words of two characters, and what is left: no dictionary, but a rule.
    fn pairs(run: &str) -> Vec<&str> {
        let starts: Vec<usize> = run.char_indices().map(|(at, _)| at).step_by(2).collect();
        let ends = starts.iter().skip(1).copied().chain([run.len()]);
        starts
            .iter()
            .zip(ends)
            .map(|(start, end)| &run[*start..end])
            .collect()
    }

    fn of(text: &str) -> Tally {
        let mut tally = Tally::default();
        tally.add(text, "zh", &pairs);
        tally
    }

    /// What whole words say, given with a bar between each two.
    fn of_words(words: &str) -> Tally {
        let mut tally = Tally::default();
        for word in words.split('|') {
            of_word(word, &mut tally);
        }
        tally
    }

    #[test]
    fn names_are_known_by_what_stands_near_them() {
        let tally = of(
            "王小明说今天不来。我对李华道：“张先生来了。”老王笑了，阿Q便走。读了《朝花夕拾》，用 React 写。",
        );
        let names: Vec<&str> = tally.names.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "React",
                "《朝花夕拾》",
                "张先生",
                "李华",
                "王小明",
                "老王",
                "阿Q"
            ]
        );
    }

    #[test]
    fn common_words_that_begin_like_names_are_none() {
        let tally = of(
            "何况他说。高兴便好。于是问我。白天笑。任何人说。许多人想。马上叫人。老人说。小声说。",
        );
        assert!(tally.names.is_empty(), "{:?}", tally.names);
    }

    #[test]
    fn persons_and_aspect_are_counted_once_each() {
        for tally in [
            of_words("我们|去|过|我|看着|你们|他|走|了"),
            of_words("我们|去过|我|看|着|你们|他|走了"),
        ] {
            for habit in [
                Habit::FirstPlural,
                Habit::FirstSingular,
                Habit::Second,
                Habit::Third,
                Habit::AspectGuo,
                Habit::AspectZhe,
                Habit::AspectLe,
            ] {
                assert_eq!(tally.habits.get(&habit), Some(&1), "{habit:?}");
            }
        }
    }

    #[test]
    fn a_character_within_a_word_is_no_word_of_grammar() {
        let tally = of_words("但是|目的|在于|了解|其他|自我|和平|着急|不过|为了|通过|经过|因为");
        let counted: Vec<&str> = tally.function_words.keys().map(String::as_str).collect();
        assert_eq!(counted, ["不过", "但是", "因为"]);
        assert!(tally.habits.is_empty(), "{:?}", tally.habits);
    }

    #[test]
    fn a_name_is_counted_as_the_words_that_it_is_made_of() {
        // Pairs of characters, by run: 王小 明说 今天 不来, 读了 and 朝花 夕拾.
        let tally = of("王小明说今天不来。读了《朝花夕拾》。");
        assert_eq!(tally.words, 4 + 1 + 2);
        assert_eq!(tally.names.len(), 2);
    }

    #[test]
    fn odd_texts_are_counted_without_harm() {
        for text in [
            "",
            "王",
            "阿",
            "阿𠮷",
            "《",
            "《》",
            "《一",
            "王👍🏽说",
            "老",
            "𠮷王李说",
        ] {
            let _ = of(text);
        }
    }
}
