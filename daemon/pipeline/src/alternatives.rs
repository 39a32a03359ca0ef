//! Several suggestions to choose from: which beginnings to try, and which results differ.
//!
//! Not how they are computed. Called by the daemon after the first choice of a request that wants
//! more than one suggestion, and before its reply.

use inkstone_prose::characters::{
    UNSPACED_WORD_CHARS, is_trailing_punctuation, is_unspaced, is_word_joiner,
};

/// Which of `pieces`, the likeliest first, begin words that differ from `first` and from each other:
/// at most `count` of their indices. What begins no word is passed over.
pub fn distinct_starts(first: &str, pieces: &[String], count: usize) -> Vec<usize> {
    let mut taken = vec![start_of(first)];
    let mut chosen = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        if chosen.len() == count {
            break;
        }
        let start = start_of(piece);
        if !start.is_empty() && !taken.contains(&start) {
            taken.push(start);
            chosen.push(index);
        }
    }
    chosen
}

/// Which of the texts say something else than those before them, and begin with another word.
pub fn distinct(texts: &[&str]) -> Vec<usize> {
    let mut seen: Vec<(String, String)> = Vec::new();
    let mut kept = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let said = (first_word_of(text), said_by(text));
        let is_new = seen.iter().all(|(word, whole)| {
            let same_word = !word.is_empty() && *word == said.0;
            !same_word && *whole != said.1
        });
        if is_new {
            seen.push(said);
            kept.push(index);
        }
    }
    kept
}

/// What tells the beginning of one word from another's: a token is often only a part of its word.
fn start_of(piece: &str) -> String {
    let piece = piece.trim_start();
    match piece.chars().next() {
        Some(c) if is_unspaced(c) => c.to_string(),
        Some(c) if c.is_alphanumeric() => first_word_of(piece),
        _ => String::new(),
    }
}

/// The first word without what stands before it; empty when there is none.
fn first_word_of(text: &str) -> String {
    let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let Some(begins) = text.chars().next() else {
        return String::new();
    };
    if is_unspaced(begins) {
        return text.chars().take(UNSPACED_WORD_CHARS).collect();
    }
    let is_of_word = |c: &char| (c.is_alphanumeric() || is_word_joiner(*c)) && !is_unspaced(*c);
    let word: String = text.chars().take_while(is_of_word).collect();
    word.to_lowercase()
}

/// A text without case, the space around it and the punctuation at its end.
fn said_by(text: &str) -> String {
    let is_end = |c: char| c.is_whitespace() || is_trailing_punctuation(c);
    text.trim_start().trim_end_matches(is_end).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(first: &str, pieces: &[&str], count: usize) -> Vec<usize> {
        let pieces: Vec<String> = pieces.iter().map(|piece| (*piece).to_owned()).collect();
        distinct_starts(first, &pieces, count)
    }

    fn kept<'a>(texts: &[&'a str]) -> Vec<&'a str> {
        let kept = distinct(texts).into_iter();
        kept.map(|index| texts[index]).collect()
    }

    #[test]
    fn beginnings_differ_as_words_and_not_only_as_tokens() {
        assert_eq!(starts(" the", &["the", " The", " a", " his"], 2), [2, 3]);
        assert_eq!(starts(" the", &[",", "\n", " ", "", " a"], 2), [4]);
        assert_eq!(starts("今天", &["今", "明天", "我", "我们"], 3), [1, 2]);
        assert_eq!(starts("用", &[" React", " react"], 2), [0]);
    }

    #[test]
    fn what_says_the_same_is_said_once() {
        let english = [
            " the boats came in.",
            " the boats left",
            " a boat",
            " A boat!",
        ];
        assert_eq!(kept(&english), [" the boats came in.", " a boat"]);
        let chinese = ["今天很好。", "今天很冷。", "今晚很好", "明天见。", "明天见"];
        assert_eq!(kept(&chinese), ["今天很好。", "今晚很好", "明天见。"]);
        let mixed = [" React 和", " react，", "用 React", " Vue"];
        assert_eq!(kept(&mixed), [" React 和", "用 React", " Vue"]);
        assert_eq!(kept(&["。", "，"]), ["。"]);
        assert_eq!(kept(&[" “The end", " the end of"]), [" “The end"]);
    }
}
