//! Words that are misspelled more often than meant.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, en_flag, en_same, zh_flag, zh_same};
use super::words::words;

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("typo_candidates"),
    version: 1,
    title: "misspelled words",
    why: "Pointed out and never changed: a writer's spelling is style, and a name may look like a \
          mistake.",
    default_on: true,
    kind: Kind::Flag,
    examples: &[
        en_flag("I recieved the parcel, but definately not on time."),
        zh_flag("我们要再接再励\u{ff0c}不能默守成规。"),
        en_same("I received it, definitely, in the theatre."),
        zh_same("我们要再接再厉\u{ff0c}不能墨守成规。"),
        en_same("The variable is `recieved`."),
    ],
    needs: Classes::ANY,
    mends_addresses: false,
    apply,
};

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let text = subject.text;
    if subject.is_english() {
        for word in words(text).filter(|word| (3..=16).contains(&word.text.len())) {
            let mut buffer = [0; 16];
            let lower = &mut buffer[..word.text.len()];
            lower.copy_from_slice(word.text.as_bytes());
            lower.make_ascii_lowercase();
            if ENGLISH
                .binary_search_by(|own| own.as_bytes().cmp(lower))
                .is_ok()
            {
                found.mark(word.start..word.end());
            }
        }
    } else if subject.is_chinese() {
        for wrong in AUTOMATON.find_iter(text) {
            found.mark(wrong.range());
        }
    }
}

static AUTOMATON: LazyLock<AhoCorasick> = LazyLock::new(|| {
    // proof: the words are constants, far below the automaton's limits.
    #[allow(clippy::expect_used, reason = "constant words")]
    AhoCorasick::new(CHINESE).expect("constant words")
});

/// Sorted.
const ENGLISH: &[&str] = &[
    "accomodate",
    "accross",
    "acheive",
    "acheived",
    "adress",
    "agressive",
    "apparant",
    "arguement",
    "assasin",
    "basicly",
    "becuase",
    "begining",
    "beleive",
    "belive",
    "buisness",
    "calender",
    "catagory",
    "cemetary",
    "collegue",
    "comming",
    "commited",
    "concious",
    "definately",
    "definatly",
    "dependant",
    "diffrent",
    "dilemna",
    "dissapear",
    "dissapoint",
    "dissapointed",
    "embarass",
    "embarassing",
    "enought",
    "enviroment",
    "existance",
    "expierence",
    "familar",
    "finaly",
    "foriegn",
    "freind",
    "freinds",
    "futher",
    "goverment",
    "grammer",
    "happend",
    "harrass",
    "immediatly",
    "independant",
    "intresting",
    "knowlege",
    "liason",
    "libary",
    "maintainance",
    "millenium",
    "mispell",
    "neccesary",
    "neccessary",
    "noticable",
    "occassion",
    "occured",
    "occurence",
    "occuring",
    "paralel",
    "peice",
    "persistant",
    "posession",
    "prefered",
    "priviledge",
    "probaly",
    "publically",
    "realy",
    "reccomend",
    "reciept",
    "recieve",
    "recieved",
    "refered",
    "relevent",
    "religous",
    "remeber",
    "resistence",
    "responsability",
    "rythm",
    "seige",
    "seperate",
    "seperated",
    "seperately",
    "sieze",
    "similiar",
    "strenght",
    "succesful",
    "successfull",
    "supercede",
    "suprise",
    "suprised",
    "teh",
    "thier",
    "threshhold",
    "tommorow",
    "tommorrow",
    "tounge",
    "truely",
    "untill",
    "wich",
    "wierd",
    "writting",
];

/// Each one a mistake wherever it stands.
const CHINESE: &[&str] = &[
    "必竟",
    "既使",
    "按装",
    "迫不急待",
    "一愁莫展",
    "再接再励",
    "走头无路",
    "谈笑风声",
    "默守成规",
    "甘败下风",
    "穿流不息",
    "渊远流长",
    "世外桃园",
    "针贬",
    "松驰",
    "寒喧",
    "脉博",
    "精萃",
    "幅射",
    "痉孪",
    "竞竞业业",
    "不径而走",
    "鬼鬼崇崇",
    "出奇不意",
    "声名雀起",
    "滥芋充数",
    "草管人命",
    "娇揉造作",
    "蛛丝蚂迹",
    "有持无恐",
    "黄梁一梦",
    "言简意骇",
    "食不裹腹",
    "明辩是非",
    "杀戳",
    "重迭",
    "粗旷",
    "因噎费食",
    "一如继往",
    "变本加利",
    "一股作气",
    "破斧沉舟",
    "提心掉胆",
    "川流不惜",
    "爱屋及鸟",
    "振聋发溃",
    "好高鹜远",
    "萎糜不振",
    "一诺千斤",
    "不落巢臼",
    "名门旺族",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_since_it_is_searched_by_halves() {
        assert!(ENGLISH.is_sorted());
    }
}
