//! What every suggestion must be, whatever the model wrote.

/// The writing that a suggestion continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    Latin,
    Han,
}

/// English prose in the middle of a sentence.
pub(crate) const HARBOUR: &str = "The morning after the storm, the harbour was quiet. Broken masts \
     lay across the pier, and the fishermen stood in small groups,";

/// Chinese prose in the middle of a sentence.
pub(crate) const PARK: &str =
    "今天早上我去公园散步,看到很多老人在打太极拳。湖边的柳树已经发芽了,空气里";

/// Some text, of the right script, whole characters, at most one sentence on one line.
pub(crate) fn assert_sensible(text: &str, script: Script) {
    assert!(!text.trim().is_empty(), "nothing but space: {text:?}");
    assert!(!text.contains('\u{fffd}'), "half a character: {text:?}");
    assert!(!text.contains(['\n', '\r']), "more than a line: {text:?}");
    let letters: Vec<char> = text
        .chars()
        .filter(|character| character.is_alphabetic())
        .collect();
    assert!(!letters.is_empty(), "no letter: {text:?}");
    let of_script = letters.iter().filter(|letter| script.has(**letter)).count();
    assert!(
        of_script * 10 >= letters.len() * 9,
        "another script: {text:?}"
    );
    let body = text
        .trim()
        .trim_end_matches(['.', '!', '?', '。', '!', '?', '”', '’', '"', '」']);
    let is_one_sentence = match script {
        Script::Latin => !body.contains(". ") && !body.contains("! ") && !body.contains("? "),
        Script::Han => !body.contains(['。', '!', '?']),
    };
    assert!(is_one_sentence, "more than a sentence: {text:?}");
}

impl Script {
    fn has(self, letter: char) -> bool {
        match self {
            Self::Latin => letter.is_ascii_alphabetic() || ('À'..='ɏ').contains(&letter),
            Self::Han => ('\u{3400}'..='\u{9fff}').contains(&letter),
        }
    }
}
