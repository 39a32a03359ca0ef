//! Whether a block is what somebody says in a dialogue: known by the speaker who is named before it.
//!
//! Not what stands in quotation marks (`quoted`), nor a known transcript, whose fillers nobody meant to
//! keep. Asked once for each block, before the rules.

/// Speakers of interviews and plays without a name, in small letters.
const SPEAKERS: &[&str] = &[
    "q",
    "a",
    "question",
    "answer",
    "interviewer",
    "interviewee",
    "host",
    "guest",
    "moderator",
    "narrator",
    "问",
    "問",
    "答",
    "甲",
    "乙",
    "丙",
    "记者",
    "記者",
    "主持人",
    "采访者",
    "受访者",
    "旁白",
];

/// Names in capitals are speakers of a play; a longer run of capitals is a heading.
const CAPITALS_MAX: usize = 24;
/// `OK:`, `PS:` and the like are no names.
const CAPITALS_MIN: usize = 3;
/// Words in capitals before a colon that are no speakers, either.
const NOTICES: &[&str] = &[
    "NOTE",
    "WARNING",
    "IMPORTANT",
    "TIP",
    "CAUTION",
    "UPDATE",
    "EDIT",
];

/// Whether a block is a line of dialogue: a speaker, a colon, and what is said.
pub(crate) fn names_its_speaker(text: &str) -> bool {
    let Some((label, said)) = text.split_once([':', '：']) else {
        return false;
    };
    let label = label.trim().trim_matches('*').trim();
    !said.trim().is_empty() && (is_speaker(label) || is_name_in_capitals(label))
}

fn is_speaker(label: &str) -> bool {
    // A label and a number, as in `Q1`.
    let label = label
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .to_lowercase();
    SPEAKERS.contains(&label.as_str())
}

fn is_name_in_capitals(label: &str) -> bool {
    let is_of_name = |c: char| c.is_uppercase() || matches!(c, ' ' | '.' | '\'' | '’' | '-');
    let capitals = label.chars().filter(|c| c.is_uppercase()).count();
    (CAPITALS_MIN..=CAPITALS_MAX).contains(&capitals)
        && label.chars().all(is_of_name)
        && !NOTICES.contains(&label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interviews_and_plays_name_their_speakers() {
        for said in [
            "Q: Um, where were you, you know, that night?",
            "**A:** I was, um, at home.",
            "Q2: And then?",
            "HAMLET: To be, or not to be.",
            "MRS. O'HARA: Well, um, come in.",
            "记者：嗯，那个，您当时在哪里？",
            "答：呃，我在家。",
            "主持人: 欢迎大家。",
        ] {
            assert!(names_its_speaker(said), "{said}");
        }
    }

    #[test]
    fn other_words_before_a_colon_are_no_speakers() {
        for text in [
            "",
            "Q:",
            "Note: this is new.",
            "NOTE: this is new.",
            "PS: I forgot the keys.",
            "We learned one thing: um, nothing lasts.",
            "注意：不要忘记。",
            "我想说的是：嗯，没什么。",
            "NASA AND THE LONG HISTORY OF ITS MANY PROGRAMMES: A REVIEW",
            "https://example.org: a site",
            "12:30 was the time.",
        ] {
            assert!(!names_its_speaker(text), "{text}");
        }
    }
}
