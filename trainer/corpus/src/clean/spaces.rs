//! One space where spaces part words, and none where nothing is to be parted.

use inkstone_prose::characters::{is_cjk_punctuation, is_han};

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, en, en_same, zh, zh_same};
use super::words::{char_at, char_before};

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("spaces"),
    version: 1,
    title: "spaces",
    why: "Double spaces, no-break spaces and tabs, spaces before punctuation and at the ends of \
          lines, ideographic spaces as indents: they carry no meaning and split the same phrase \
          into several token sequences. Lines that begin with spaces in a block of several lines \
          are layout and stay.",
    default_on: true,
    kind: Kind::Mend,
    examples: &[
        en(
            "It ended.  Then  it began\u{a0}again. ",
            "It ended. Then it began again.",
        ),
        en("Hello , world !", "Hello, world!"),
        en("a\tb", "a b"),
        zh("\u{3000}\u{3000}今天天气很好。", "今天天气很好。"),
        zh(
            "今天天气很好 \u{ff0c} 我们去公园。",
            "今天天气很好\u{ff0c}我们去公园。",
        ),
        zh("姓名\u{3000}\u{3000}张三", "姓名 张三"),
        en_same("It runs on .NET and reads .gitignore ... or not :)"),
        en_same("The roses\n    bloom again"),
        zh_same("我们用 Git 管理代码\u{ff0c}很 方便。"),
        en_same("Write to [EMAIL] now"),
        en_same("Is it 5 ?? or 6 ... who knows"),
    ],
    needs: Classes::ODD_SPACE,
    mends_addresses: false,
    apply,
};

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let text = subject.text;
    let mut at = 0;
    while let Some(offset) = text[at..].find(is_space) {
        let start = at + offset;
        let rest = &text[start..];
        let len = rest.find(|c| !is_space(c)).unwrap_or(rest.len());
        let end = start + len;
        at = end;
        let run = &text[start..end];
        if let Some(mended) = mended(text, run, start, end).filter(|mended| *mended != run) {
            found.replace(start..end, mended);
        }
    }
}

/// What should stand there; none where the run is layout.
fn mended(text: &str, run: &str, start: usize, end: usize) -> Option<&'static str> {
    let before = char_before(text, start).filter(|c| *c != '\n');
    let after = char_at(text, end).filter(|c| *c != '\n');
    let (Some(before), Some(after)) = (before, after) else {
        let is_layout = before_is_line_start(text, start)
            && after.is_some()
            && start > 0
            && run.chars().all(|c| c == ' ');
        return (!is_layout).then_some("");
    };
    if before == '*' && after == '*' {
        // A rule of Markdown, as somebody likes it.
        return None;
    }
    let is_tight = belongs_to_word_before(before, after, text, end)
        || is_cjk_punctuation(after) && !is_opener(after) && before != '|'
        || is_cjk_punctuation(before) && (is_han(after) || is_cjk_punctuation(after));
    Some(if is_tight { "" } else { " " })
}

fn before_is_line_start(text: &str, start: usize) -> bool {
    text[..start].ends_with('\n')
}

/// A mark after a word, alone, with nothing that it could begin.
fn belongs_to_word_before(before: char, mark: char, text: &str, at: usize) -> bool {
    matches!(mark, ',' | '.' | ';' | '!' | '?')
        && (before.is_alphanumeric() || matches!(before, '"' | '”' | ')' | '\'' | '’'))
        && char_at(text, at + mark.len_utf8()).is_none_or(char::is_whitespace)
}

fn is_space(c: char) -> bool {
    c != '\n' && c.is_whitespace() && !c.is_control() || c == '\t'
}

const fn is_opener(c: char) -> bool {
    matches!(
        c,
        '《' | '〈'
            | '「'
            | '『'
            | '【'
            | '〔'
            | '〖'
            | '\u{FF08}'
            | '\u{FF3B}'
            | '\u{FF5B}'
            | '\u{FF03}'
            | '\u{FF04}'
            | '\u{FF06}'
            | '\u{FF0B}'
            | '\u{FF1C}'..='\u{FF1E}' | '\u{FF20}'
    )
}
