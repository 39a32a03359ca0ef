//! The syllables of pinyin, the Latin letters in which most people type Chinese.
//!
//! Without tones, `v` for `ü` as keyboards have it. A table and its use, no input method: which
//! characters are meant is not known here.

/// Every syllable of standard Chinese (ISO 7098).
const SYLLABLES: &str = "a ai an ang ao ba bai ban bang bao bei ben beng bi bian biao bie bin bing bo bu ca cai can \
     cang cao ce cen ceng cha chai chan chang chao che chen cheng chi chong chou chu chua chuai \
     chuan chuang chui chun chuo ci cong cou cu cuan cui cun cuo da dai dan dang dao de dei den \
     deng di dia dian diao die ding diu dong dou du duan dui dun duo e ei en eng er fa fan fang \
     fei fen feng fiao fo fou fu ga gai gan gang gao ge gei gen geng gong gou gu gua guai guan \
     guang gui gun guo ha hai han hang hao he hei hen heng hong hou hu hua huai huan huang hui \
     hun huo ji jia jian jiang jiao jie jin jing jiong jiu ju juan jue jun ka kai kan kang kao ke \
     kei ken keng kong kou ku kua kuai kuan kuang kui kun kuo la lai lan lang lao le lei leng li \
     lia lian liang liao lie lin ling liu lo long lou lu luan lue lun luo lv lve ma mai man mang \
     mao me mei men meng mi mian miao mie min ming miu mo mou mu na nai nan nang nao ne nei nen \
     neng ni nian niang niao nie nin ning niu nong nou nu nuan nue nun nuo nv nve o ou pa pai pan \
     pang pao pei pen peng pi pian piao pie pin ping po pou pu qi qia qian qiang qiao qie qin \
     qing qiong qiu qu quan que qun ran rang rao re ren reng ri rong rou ru rua ruan rui run ruo \
     sa sai san sang sao se sen seng sha shai shan shang shao she shei shen sheng shi shou shu \
     shua shuai shuan shuang shui shun shuo si song sou su suan sui sun suo ta tai tan tang tao \
     te tei teng ti tian tiao tie ting tong tou tu tuan tui tun tuo wa wai wan wang wei wen weng \
     wo wu xi xia xian xiang xiao xie xin xing xiong xiu xu xuan xue xun ya yan yang yao ye yi \
     yin ying yo yong you yu yuan yue yun za zai zan zang zao ze zei zen zeng zha zhai zhan zhang \
     zhao zhe zhei zhen zheng zhi zhong zhou zhu zhua zhuai zhuan zhuang zhui zhun zhuo zi zong \
     zou zu zuan zui zun zuo";

/// Letters of the longest syllable.
const SYLLABLE_LETTERS_MAX: usize = 6;

/// Whether `letters` can be typed on the way to Chinese: syllables, the last of which may be
/// unfinished, with or without apostrophes between them.
pub(crate) fn is_pinyin(letters: &str) -> bool {
    let parts = letters.split('\'');
    let mut is_first = true;
    for part in parts {
        // An apostrophe begins nothing, and may be the last key so far.
        if part.is_empty() && is_first {
            return false;
        }
        is_first = false;
        if !is_syllables(part) {
            return false;
        }
    }
    true
}

/// Whether a run of letters can be cut into syllables. Every cut is tried: `xian` is one syllable or
/// two, and which matters for what follows.
fn is_syllables(letters: &str) -> bool {
    if !letters.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return false;
    }
    // Whether the letters before each place can be cut.
    let mut reached = vec![false; letters.len() + 1];
    reached[0] = true;
    for end in 1..=letters.len() {
        let starts = end.saturating_sub(SYLLABLE_LETTERS_MAX)..end;
        reached[end] = starts
            .filter(|start| reached[*start])
            .any(|start| is_syllable(&letters[start..end]));
    }
    let unfinished = letters.len().saturating_sub(SYLLABLE_LETTERS_MAX)..letters.len();
    reached[letters.len()]
        || unfinished
            .filter(|start| reached[*start])
            .any(|start| begins_syllable(&letters[start..]))
}

fn is_syllable(letters: &str) -> bool {
    SYLLABLES.split(' ').any(|syllable| syllable == letters)
}

fn begins_syllable(letters: &str) -> bool {
    SYLLABLES
        .split(' ')
        .any(|syllable| syllable.starts_with(letters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_has_the_syllables_of_the_standard() {
        let syllables: Vec<&str> = SYLLABLES.split(' ').collect();
        assert!(syllables.is_sorted());
        assert_eq!(syllables.len(), 415);
        assert!(syllables.iter().all(|s| s.len() <= SYLLABLE_LETTERS_MAX));
        assert!(
            ["zhuang", "er", "lv", "nve", "wo", "ying"]
                .iter()
                .all(|s| is_syllable(s))
        );
        assert!(["gi", "vo", "fi", "ba'"].iter().all(|s| !is_syllable(s)));
    }

    #[test]
    fn what_is_typed_on_the_way_to_chinese_is_pinyin() {
        for letters in [
            "n",
            "ni",
            "nih",
            "niha",
            "nihao",
            "jintiantianqi",
            "zh",
            "xi'an",
            "xian",
            "xi'",
            "lvse",
            "women",
            "danao",
            "zhongguo",
        ] {
            assert!(is_pinyin(letters), "{letters}");
        }
    }

    #[test]
    fn other_words_stop_being_pinyin_before_they_end() {
        for word in [
            "React", "react", "git", "python", "docker", "app", "vim", "API", "test", "'ni",
            "update", "github", "commit", "deploy", "ni2",
        ] {
            assert!(!is_pinyin(word), "{word}");
        }
    }
}
