//! Whether a paragraph is one quotation and says of whom.
//!
//! Block quotations were left out by their markup. A quotation without a source is mostly a
//! character's or a friend's words, which the writer chose, so it stays; so does every speech with
//! "he said". Rather a quotation that stays than dialogue that goes.

/// A longer attribution is a sentence of the writer's.
const SOURCE_CHARS_MAX: usize = 60;

/// Words in which writers announce whose words follow, with a verb that speech does not have.
const ENGLISH_LEADS: &[&str] = &["in the words of ", "to quote "];

/// Verbs of written sources; of speech are 说, 道, 问.
const CHINESE_LEAD_ENDS: &[&str] = &[
    "中写道",
    "中写到",
    "里写道",
    "一书中说",
    "一文中说",
    "有云",
    "云",
    "曰",
    "载",
    "有言",
    "有诗云",
];

/// How a speech goes on after its closing mark.
const SPEECH_BEGINNINGS: &[char] = &['他', '她', '它', '我', '你', '您', '咱', '这', '那'];
const SPEECH_ENDS: &[char] = &['说', '道', '问', '答', '喊', '叫', '笑', '着', '了'];

/// Whether the whole paragraph is a quotation with its source before or after it.
pub(super) fn is_quotation(text: &str) -> bool {
    let text = text.trim();
    if let Some((_, after)) = leading_quote(text) {
        return is_source_after(after);
    }
    let Some((lead, quote)) = text.split_once([':', '：']) else {
        return false;
    };
    leading_quote(quote.trim()).is_some_and(|(_, after)| {
        after
            .trim_matches(|c: char| "。.!?！？ ".contains(c))
            .is_empty()
            && is_source_before(lead)
    })
}

/// The quotation that a text begins with, without its marks, and what follows it.
fn leading_quote(text: &str) -> Option<(&str, &str)> {
    let open = text.chars().next()?;
    let close = match open {
        '"' => '"',
        '“' => '”',
        '«' => '»',
        '「' => '」',
        '『' => '』',
        _ => return None,
    };
    let inside = &text[open.len_utf8()..];
    let mut depth = 1_usize;
    for (at, c) in inside.char_indices() {
        if c == close {
            depth -= 1;
            if depth == 0 {
                return Some((&inside[..at], &inside[at + c.len_utf8()..]));
            }
        } else if c == open {
            depth += 1;
        }
    }
    None
}

/// `— George Orwell`, `——鲁迅`, `(Orwell, 1984)`, `（鲁迅《故乡》）`.
fn is_source_after(after: &str) -> bool {
    let after = after.trim().trim_end_matches(['.', '。']);
    if after.chars().count() > SOURCE_CHARS_MAX {
        return false;
    }
    let dashed = after.trim_start_matches(['—', '–', '―', '-', '~', '～']);
    if dashed.len() < after.len() {
        return is_name(dashed.trim());
    }
    let brackets = [("(", ")"), ("（", "）"), ("[", "]")];
    let bracketed = brackets
        .iter()
        .find_map(|(open, close)| after.strip_prefix(open)?.strip_suffix(close).map(str::trim));
    bracketed.is_some_and(|source| is_name(source) && is_work_or_year(source))
}

/// A name in capitals, or a Chinese one that is no beginning of "he said".
fn is_name(source: &str) -> bool {
    let (Some(first), Some(last)) = (source.chars().next(), source.chars().last()) else {
        return false;
    };
    let has_sentence = source.contains(['。', '！', '？', '!', '?', '，', '；']);
    if first.is_ascii_alphabetic() || first.is_lowercase() || first.is_uppercase() {
        let words: Vec<&str> = source.split_whitespace().collect();
        let is_of_name = |word: &&&str| word.chars().next().is_some_and(|c| !c.is_lowercase());
        let of_name = words.iter().filter(is_of_name).count();
        // "and", "of", "de" stand in names; a sentence has more small words.
        return first.is_uppercase() && of_name * 2 > words.len() && !has_sentence;
    }
    let is_of_name = first.is_alphanumeric() || "《〈「『".contains(first);
    is_of_name
        && !SPEECH_BEGINNINGS.contains(&first)
        && !SPEECH_ENDS.contains(&last)
        && !has_sentence
}

fn is_work_or_year(source: &str) -> bool {
    let digits = source.split(|c: char| !c.is_ascii_digit());
    let mut years = digits.filter(|digits| digits.len() == 4);
    source.contains('《') || years.next().is_some()
}

/// What announces the words of a written source.
fn is_source_before(lead: &str) -> bool {
    let lead = lead.trim();
    if lead.chars().count() > SOURCE_CHARS_MAX {
        return false;
    }
    // A title alone announces its words; any other sentence with one may be the writer's.
    let is_title =
        lead.starts_with('《') && lead.ends_with('》') && lead.matches('《').count() == 1;
    let has_title_and_verb = lead.contains('《')
        && CHINESE_LEAD_ENDS
            .iter()
            .any(|end| lead.trim_end_matches(['，', ',']).ends_with(end));
    let small = lead.to_lowercase();
    let is_announced = ENGLISH_LEADS.iter().any(|lead| small.starts_with(lead));
    is_title || has_title_and_verb || is_announced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotation_with_its_source_is_one() {
        for text in [
            "“If liberty means anything at all, it means the right to tell people what they do not want to hear.” — George Orwell",
            "\"The sea, once it casts its spell, holds one in its net of wonder forever.\"\n-- Jacques-Yves Cousteau",
            "“All happy families are alike.” (Tolstoy, 1878)",
            "In the words of Samuel Johnson: “When a man is tired of London, he is tired of life.”",
            "“希望是本无所谓有，无所谓无的。”——鲁迅《故乡》",
            "「学而时习之，不亦说乎？」（《论语·学而》）",
            "《论语》有云：“学而时习之，不亦说乎？”",
            "鲁迅在《故乡》中写道：“其实地上本没有路，走的人多了，也便成了路。”",
            "“我手写我口，古岂能拘牵。” —— 黄遵宪",
        ] {
            assert!(is_quotation(text), "{text}");
        }
    }

    #[test]
    fn dialogue_and_own_words_about_a_quotation_stay() {
        for text in [
            "“I don't know,” said Tom, and looked at the boats.",
            "“Come in.” He closed the door behind us.",
            "“Come in.”",
            "He said: “Come in.”",
            "My grandmother used to say: “The sea gives and the sea takes.”",
            "“The sea gives,” — she paused for a long while — “and the sea takes.”",
            "“The boats are gone.” — and with that she left the harbour for good.",
            "\"Quiet\" is the word that most people use for this harbour.",
            "Orwell wrote “1984” in 1948: “nineteen” was a guess.",
            "“走吧。”他说。",
            "“走吧。”——他转过身去说",
            "王先生说：“我们明天再来。”",
            "我喜欢《故乡》里的那句话：“希望是本无所谓有”，因为它像海。",
            "这一段写的是《论语》：“学而”篇讲的是学习。",
            "他低声说道：“其实地上本没有路。”",
            "",
            "“",
            "\u{201c}\u{301}",
        ] {
            assert!(!is_quotation(text), "{text}");
        }
    }
}
