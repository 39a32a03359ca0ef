//! Whether what an adapter writes is degenerate: it says the same again and again, or in another
//! script than the one it was asked in.

/// Words or characters below which a sample says nothing.
const CHARACTERS_MIN: usize = 40;
/// Characters of the pieces by which repetition is counted.
const PIECE_CHARACTERS: usize = 12;
/// Share of a sample's pieces that may be ones that were said before. Prose has a few per cent.
const REPEATED_SHARE_MAX: f64 = 0.5;
/// Share of the letters that may be of another script than the writer's.
const OTHER_SCRIPT_SHARE_MAX: f64 = 0.5;

/// What is wrong with a sample in a language; none where nothing is.
pub fn fault(sample: &str, language: &str) -> Option<String> {
    let characters: Vec<char> = sample.chars().collect();
    if characters.len() < CHARACTERS_MIN {
        return None;
    }
    let repeated = repeated_share(&characters);
    if repeated > REPEATED_SHARE_MAX {
        let percent = repeated * 100.0;
        return Some(format!("{percent:.0} % of a sample repeats what it said"));
    }
    let other = other_script_share(&characters, language)?;
    (other > OTHER_SCRIPT_SHARE_MAX).then(|| {
        let percent = other * 100.0;
        format!("{percent:.0} % of a sample's letters are of another script")
    })
}

/// The share of pieces that came before.
fn repeated_share(characters: &[char]) -> f64 {
    let mut seen = std::collections::HashSet::new();
    let pieces = characters.windows(PIECE_CHARACTERS);
    let count = pieces.len();
    let repeated = pieces.filter(|&piece| !seen.insert(piece)).count();
    repeated as f64 / count.max(1) as f64
}

/// The share of letters in another script; none where there are no letters or the script of the
/// language is not known.
fn other_script_share(characters: &[char], language: &str) -> Option<f64> {
    let is_han =
        |c: &char| matches!(u32::from(*c), 0x3400..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff);
    let letters: Vec<char> = characters
        .iter()
        .copied()
        .filter(|c| c.is_alphabetic())
        .collect();
    let han = letters.iter().filter(|&c| is_han(c)).count();
    let latin = letters.iter().filter(|&&c| u32::from(c) < 0x250).count();
    let own = match language {
        "zh" => han,
        "en" => latin,
        _ => return None,
    };
    // A Chinese text may name what it likes in Latin letters, each of which is less than a character.
    (letters.len() >= CHARACTERS_MIN / 2).then(|| 1.0 - own as f64 / letters.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_sound_in_its_own_language() {
        let english = "The café by the quay was closed 👩‍👩‍👧 that night, and we walked on in silence.";
        let chinese = "夜里很静，船在走，没有风，也没有人说话。我们用 Kubernetes 部署了一个服务，第二天早上才发现它没有起来，只好重新来过。";
        assert_eq!(fault(english, "en"), None);
        assert_eq!(fault(chinese, "zh"), None);
        assert_eq!(fault("the the the", "en"), None);
    }

    #[test]
    fn a_stuck_record_and_another_script_are_told() {
        let stuck = "and then he said that he would go. ".repeat(8);
        assert!(fault(&stuck, "en").unwrap().contains("repeats"));
        assert!(
            fault(&"哈哈哈哈".repeat(30), "zh")
                .unwrap()
                .contains("repeats")
        );
        let english = "The quay was closed that night and we walked on in silence by the water.";
        assert!(fault(english, "zh").unwrap().contains("another script"));
        let chinese = "夜里很静，船在走，没有风，也没有人说话。第二天早上才发现它没有起来，只好重新来过，谁也没有说什么。";
        assert!(fault(chinese, "en").unwrap().contains("another script"));
        assert_eq!(fault(chinese, "fr"), None);
    }
}
