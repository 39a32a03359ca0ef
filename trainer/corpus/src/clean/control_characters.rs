//! Control characters go; line ends become line feeds.

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, en, en_same, zh};

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("control_characters"),
    version: 1,
    title: "control characters",
    why: "Nobody types them: they are left by terminals, printers and copying. Line ends of any \
          kind become line feeds; tabs are the business of `spaces`.",
    default_on: true,
    kind: Kind::Mend,
    examples: &[
        en("The file\u{1b} was\u{7} saved.", "The file was saved."),
        en("First line.\r\nSecond line.", "First line.\nSecond line."),
        en("One\rtwo\u{2028}three", "One\ntwo\nthree"),
        zh("第一章\u{c}春天来了。", "第一章\n春天来了。"),
        zh("他说\u{0}好。", "他说好。"),
        en_same("A tab\tand a line\nfeed stay."),
    ],
    needs: Classes::CONTROL,
    mends_addresses: false,
    apply,
};

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let text = subject.text;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        match c {
            '\n' | '\t' => {}
            '\r' if text[end..].starts_with('\n') => found.remove(at..end),
            '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                found.replace(at..end, "\n");
            }
            _ if c.is_control() => found.remove(at..end),
            _ => {}
        }
    }
}
