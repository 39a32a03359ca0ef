//! Letters of other scripts inside English words and between them, without sense.

use inkstone_prose::characters::{is_han, is_kana};

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, en_out, en_same};
use crate::left_out::Reason;

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("garbage_han"),
    version: 1,
    title: "senseless letters of other scripts in English",
    why: "Han characters or Cyrillic letters in the middle of a word, or single letters of several \
          scripts strewn about, are damage or disguise. Whole words of another language stay, in \
          brackets or not.",
    default_on: true,
    kind: Kind::LeaveOut(Reason::Garbage),
    examples: &[
        en_out("The wea鑾ther is ni鐨ce today."),
        en_out("Your P\u{430}yp\u{430}l account was limited."),
        en_out("It is ж a 鎷 good ใ day."),
        en_same("The word 中文 means Chinese, and 爱 (love) has ten strokes."),
        en_same("Привет means hello; α and β are constants, 5 µm and Δt too."),
        en_same("中文, Русский, العربية and עברית are on the list."),
        en_same("We met at the 7-Eleven in 新宿."),
    ],
    needs: Classes::HAN.and(Classes::OTHER_LETTER),
    mends_addresses: false,
    apply,
};

/// Single letters of other scripts, and of how many.
const STREWN_MIN: usize = 3;
const STREWN_SCRIPTS_MIN: usize = 2;

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    if subject.is_english() && (is_inside_word(subject.text) || is_strewn(subject.text)) {
        found.refuse();
    }
}

/// Other letters between two small Latin ones: twice for Han (te的st may be a slip of an input
/// method), once for Cyrillic, which looks like Latin and is put there to deceive.
fn is_inside_word(text: &str) -> bool {
    let mut han = 0;
    let mut before = ' ';
    let mut inner: Option<Script> = None;
    for c in text.chars() {
        let script = Script::of(c);
        match (script, inner) {
            (Some(Script::Latin), Some(Script::Cyrillic)) => return true,
            (Some(Script::Latin), Some(Script::Han)) => {
                han += 1;
                inner = None;
            }
            (Some(own @ (Script::Cyrillic | Script::Han)), None)
                if before.is_ascii_lowercase()
                    || before.is_ascii_uppercase() && own == Script::Cyrillic =>
            {
                inner = Some(own);
            }
            (Some(own), Some(inside)) if own == inside => {}
            _ => inner = None,
        }
        before = c;
    }
    han > 1
}

fn is_strewn(text: &str) -> bool {
    let mut singles: Vec<Script> = text
        .split_whitespace()
        .filter_map(|word| {
            let mut chars = word.chars();
            let first = chars.next()?;
            let is_single = chars.next().is_none();
            Script::of(first)
                .filter(|script| is_single && !matches!(script, Script::Latin | Script::Greek))
        })
        .collect();
    let n = singles.len();
    singles.sort_unstable();
    singles.dedup();
    n >= STREWN_MIN && singles.len() >= STREWN_SCRIPTS_MIN
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Hebrew,
    Arabic,
    Indic,
    Thai,
    Hangul,
    Kana,
    Han,
}

impl Script {
    fn of(c: char) -> Option<Self> {
        Some(match c {
            'a'..='z' | 'A'..='Z' => Self::Latin,
            '\u{370}'..='\u{3FF}' => Self::Greek,
            '\u{400}'..='\u{52F}' => Self::Cyrillic,
            '\u{590}'..='\u{5FF}' => Self::Hebrew,
            '\u{600}'..='\u{6FF}' => Self::Arabic,
            '\u{900}'..='\u{DFF}' => Self::Indic,
            '\u{E00}'..='\u{E7F}' => Self::Thai,
            '\u{1100}'..='\u{11FF}' | '\u{AC00}'..='\u{D7AF}' => Self::Hangul,
            _ if is_kana(c) => Self::Kana,
            _ if is_han(c) => Self::Han,
            _ => return None,
        })
    }
}
