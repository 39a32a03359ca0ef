//! Groups of phrases, looked for in one pass; shared by the rules against spam and adverts.

use aho_corasick::{AhoCorasick, MatchKind};
use inkstone_prose::characters::is_han;

use super::quoted::Quoted;

/// Phrases that say the same kind of thing.
pub(super) struct Group {
    /// What one of them weighs.
    pub(super) weight: u32,
    pub(super) phrases: &'static [&'static str],
}

/// All groups of one rule, ready to be looked for.
pub(super) struct Phrases {
    automaton: AhoCorasick,
    /// Group and weight of each phrase.
    groups: Vec<(usize, u32)>,
}

/// What a text has of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Score {
    /// Each phrase once.
    pub(super) weight: u32,
    /// Different groups.
    pub(super) groups: u32,
}

impl Phrases {
    pub(super) fn of(groups: &[Group]) -> Self {
        let all = || {
            groups.iter().enumerate().flat_map(|(index, group)| {
                group
                    .phrases
                    .iter()
                    .map(move |phrase| (index, group.weight, *phrase))
            })
        };
        // proof: the phrases are constants, far below the automaton's limits.
        #[allow(clippy::expect_used, reason = "constant phrases")]
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .build(all().map(|(_, _, phrase)| phrase))
            .expect("constant phrases");
        Self {
            automaton,
            groups: all().map(|(index, weight, _)| (index, weight)).collect(),
        }
    }

    /// What stands in a text outside of quotations, as whole words.
    pub(super) fn score(&self, text: &str) -> Score {
        let mut quoted: Option<Quoted> = None;
        let mut seen = vec![false; self.groups.len()];
        for hit in self.automaton.find_iter(text) {
            let index = hit.pattern().as_usize();
            if seen[index] || !is_whole(text, hit.start(), hit.end()) {
                continue;
            }
            let quoted = quoted.get_or_insert_with(|| Quoted::of(text));
            // All of it in quotation marks is a habit of adverts, not a quotation.
            let is_quoted = quoted.contains(hit.start()) && 10 * quoted.bytes() < 9 * text.len();
            seen[index] = !is_quoted;
        }
        let mut score = Score::default();
        let mut groups = 0_u32;
        for (index, (group, weight)) in self.groups.iter().enumerate() {
            if seen[index] {
                score.weight += weight;
                groups |= 1 << (group % 32);
            }
        }
        score.groups = groups.count_ones();
        score
    }
}

/// A Latin phrase may not begin or end inside a word.
fn is_whole(text: &str, start: usize, end: usize) -> bool {
    let inside = |side: Option<char>, edge: Option<char>| {
        side.is_some_and(|c| c.is_ascii_alphanumeric())
            && edge.is_some_and(|c| c.is_ascii_alphanumeric())
    };
    let phrase = &text[start..end];
    !inside(text[..start].chars().next_back(), phrase.chars().next())
        && !inside(text[end..].chars().next(), phrase.chars().next_back())
}

/// The length of a text in words, two Han characters to a word.
pub(super) fn length_in_words(text: &str) -> usize {
    let han = text.chars().filter(|c| is_han(*c)).count();
    let latin = text
        .split(|c: char| c.is_whitespace() || is_han(c))
        .filter(|word| !word.is_empty())
        .count();
    han.div_ceil(2) + latin
}
