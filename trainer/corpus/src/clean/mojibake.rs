//! Text whose characters are lost for good.

use super::classes::Classes;
use super::findings::Findings;
use super::rule::{Kind, Rule, RuleId, Subject, en_out, en_same, zh_out, zh_same};
use crate::left_out::Reason;
use inkstone_prose::characters::is_han;

pub(super) const RULE: Rule = Rule {
    id: RuleId::new("mojibake"),
    version: 3,
    title: "destroyed characters",
    why: "What stood there cannot be known, and a model would learn the ruins. Text that speaks \
          about broken encodings stays.",
    default_on: true,
    kind: Kind::LeaveOut(Reason::Mojibake),
    examples: &[
        en_out("The na\u{fffd}ve view of the caf\u{fffd}."),
        zh_out("他昨天锟斤拷锟斤拷去了北京"),
        zh_out("变量里是烫烫烫烫烫烫"),
        zh_out("浠婂ぉ澶╂皵寰堝ソ锛屾垜浠幓"),
        en_out("The report Ã¢â‚¬ was â‚¬Å read Ã by all."),
        zh_same("所谓“锟斤拷”\u{ff0c}是编码转换造成的乱码。"),
        en_same("When the encoding is wrong you see Ã¢â‚¬ or \u{fffd}."),
        // 锟 alone is in names.
        zh_same("朱熹，王守仁，曹锟；他们也知不清曹锟为人怎样。"),
        zh_same("水很烫\u{ff0c}烫得他缩回了手。"),
        zh_same("火锅刚端上来\u{ff0c}烫烫烫\u{ff01}他一边喊一边笑。"),
        en_same("São Tomé, Ærø and the Â in Romanian."),
    ],
    needs: Classes::REPLACEMENT
        .and(Classes::HIGH_LATIN)
        .and(Classes::ODD_HAN),
    mends_addresses: false,
    apply,
};

/// Signs of UTF-8 in GBK, beside all Han characters: text has none of them.
const ODD_SHARE_MIN: f64 = 0.15;
const ODD_CHARS_MIN: usize = 3;
/// Leftovers of UTF-8 in Latin-1.
const LATIN_RUINS_MIN: usize = 2;

fn apply(subject: &Subject<'_>, found: &mut Findings<'_>) {
    let text = subject.text;
    let is_destroyed = text.contains('\u{FFFD}')
        || LOST.iter().any(|lost| text.contains(lost))
        || latin_ruins(text) >= LATIN_RUINS_MIN
        || has_odd_han(text);
    if is_destroyed && !speaks_of_encodings(text) {
        found.refuse();
    }
}

/// Whether a text is about the damage that it shows.
pub(super) fn speaks_of_encodings(text: &str) -> bool {
    SPEAKS_OF_IT.iter().any(|word| text.contains(word))
}

/// U+FFFD and fresh memory of Microsoft's debugger, read as GBK.
const LOST: &[&str] = &["锟斤拷", "烫烫烫烫", "屯屯屯屯", "锘锘"];

const SPEAKS_OF_IT: &[&str] = &[
    "乱码",
    "编码",
    "字符集",
    "解码",
    "encod",
    "Encod",
    "mojibake",
    "Mojibake",
    "U+FFFD",
    "replacement character",
    "charset",
    "decod",
    "UTF-8",
    "unicode",
    "Unicode",
];

fn latin_ruins(text: &str) -> usize {
    let mut count = 0;
    let mut before = ' ';
    for c in text.chars() {
        let is_ruin = match before {
            'Ã' => matches!(c, '\u{80}'..='\u{BF}' | 'ƒ' | '‚' | ' ' | '…' | '†'),
            'Â' => matches!(c, '\u{A1}'..='\u{BF}'),
            'â' => matches!(c, '€' | '‚' | '„'),
            'å' | 'æ' | 'ç' | 'è' | 'é' | 'ä' | 'ï' => {
                matches!(
                    c,
                    '\u{80}'
                        ..='\u{BF}'
                            | '‹'
                            | '›'
                            | '™'
                            | 'œ'
                            | '€'
                            | '‰'
                            | '†'
                            | '“'
                            | '”'
                            | '•'
                )
            }
            _ => false,
        };
        count += usize::from(is_ruin);
        before = c;
    }
    count
}

fn has_odd_han(text: &str) -> bool {
    let mut han = 0_usize;
    let mut odd = 0_usize;
    for c in text
        .chars()
        .filter(|c| is_han(*c) || matches!(c, '\u{E000}'..='\u{F8FF}'))
    {
        han += 1;
        odd += usize::from(RARE.contains(c) || matches!(c, '\u{E000}'..='\u{F8FF}'));
    }
    // These no text has.
    let is_certain = odd > 1 && text.contains(['锛', '銆', '鐨', '鈥']);
    is_certain || odd >= ODD_CHARS_MIN && odd as f64 >= ODD_SHARE_MIN * han as f64
}

/// The commonest first halves of Chinese in UTF-8, read as GBK.
const RARE: &str = "锛銆鈥鐨涓鏄浜鍦鎴鏈浣杩鍒瀛绗璇锟涔鍙瑕鐢鎷浠鑰鍥鏂缁绋濂鎵寰灏鍚鐪娌鈽鉂馃婂冩皵堝澶╂垜骞鏃鏉鍏鍑鍔鍗鍜鍠鍨澹忓敮屾瓑殑湪锘閲瑕缂枃柊岃爜";
