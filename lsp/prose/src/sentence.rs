//! Where a sentence ends, in English and Chinese.
//!
//! Not where a line or paragraph does. Called by language detection, and by the daemon's stopper,
//! which sees the text piece by piece and must know whether the next piece may change the answer.

use crate::characters::{is_closer, is_unspaced};

/// Abbreviations that a name or number follows, so that they never end a sentence.
const ABBREVIATIONS_BEFORE_A_NAME: &[&str] = &[
    "adm", "approx", "capt", "cf", "col", "dr", "ed", "eq", "e.g", "fig", "gen", "gov", "hon",
    "i.e", "lt", "maj", "messrs", "mr", "mrs", "ms", "mt", "nos", "op", "pp", "prof", "rep", "rev",
    "sen", "sgt", "st", "viz", "vol", "vs",
];

/// Abbreviations that may end a sentence: they do so before a capital letter.
const ABBREVIATIONS_ANYWHERE: &[&str] = &[
    "a.d", "a.m", "al", "apr", "assn", "aug", "ave", "b.c", "bros", "co", "corp", "dec", "dept",
    "est", "etc", "feb", "ft", "hr", "hrs", "inc", "jan", "jr", "jul", "jun", "llc", "ltd", "mar",
    "min", "nov", "oct", "p.m", "ph.d", "sec", "sep", "sept", "sr", "u.k", "u.n", "u.s",
];

/// No abbreviation and no number of a list is longer; a longer word is not looked at to its start,
/// so that a text of nothing but periods is read once.
const ABBREVIATION_CHARS_MAX: usize = 12;

/// What is known about the end of a sentence in a text that may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentenceEnd {
    /// The sentence ends before this byte, whatever follows.
    At(usize),
    /// The sentence ends before this byte if the text does; what follows may change that.
    IfTextEnds(usize),
    /// No sentence ends in the text.
    Nowhere,
}

impl SentenceEnd {
    /// The end, if nothing that follows can move it.
    pub const fn certain(self) -> Option<usize> {
        match self {
            Self::At(end) => Some(end),
            Self::IfTextEnds(_) | Self::Nowhere => None,
        }
    }
}

/// The byte after the first sentence of `text`, its closing quotes and brackets included, if one
/// ends in it. The text is taken as complete.
pub fn first_sentence_end(text: &str) -> Option<usize> {
    match next_sentence_end(text, 0) {
        SentenceEnd::At(end) | SentenceEnd::IfTextEnds(end) => Some(end),
        SentenceEnd::Nowhere => None,
    }
}

/// The end of the first sentence that ends in `text` after byte `from`, for a text that may go on.
/// What lies before `from` still tells abbreviations apart. `from` must be a character's start.
pub fn next_sentence_end(text: &str, from: usize) -> SentenceEnd {
    let mut characters = text[from..].char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let Some(terminator) = Terminator::of(c) else {
            continue;
        };
        let start = from + at;
        // "?!", "……", "..." and "。。。" are one mark.
        while characters
            .peek()
            .is_some_and(|(_, next)| Terminator::of(*next).is_some())
        {
            characters.next();
        }
        let marks_end = characters.peek().map_or(text.len(), |(at, _)| from + at);
        while characters.peek().is_some_and(|(_, next)| is_closer(*next)) {
            characters.next();
        }
        let end = characters.peek().map_or(text.len(), |(at, _)| from + at);
        let mark = Mark {
            terminator: terminator.of_run(&text[start..marks_end]),
            before: &text[..start],
            closed: end > marks_end,
            after: &text[end..],
        };
        match mark.ends_sentence() {
            Verdict::Ends => return SentenceEnd::At(end),
            Verdict::Unclear => return SentenceEnd::IfTextEnds(end),
            Verdict::GoesOn => {}
        }
    }
    SentenceEnd::Nowhere
}

/// Byte offsets in `text`, which continues `before`, at which its sentences end, ascending; the end
/// of the text is the last, whether or not a sentence ends there.
pub fn sentence_ends(before: &str, text: &str) -> Vec<usize> {
    let before = last_chars(before, ABBREVIATION_CHARS_MAX);
    let whole = format!("{before}{text}");
    let mut ends = Vec::new();
    let mut from = before.len();
    while let SentenceEnd::At(end) = next_sentence_end(&whole, from) {
        ends.push(end - before.len());
        from = end;
    }
    if ends.last() != Some(&text.len()) && !text.is_empty() {
        ends.push(text.len());
    }
    ends
}

fn last_chars(text: &str, chars_max: usize) -> &str {
    let starts = text.char_indices().rev().take(chars_max);
    starts.last().map_or("", |(at, _)| &text[at..])
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Terminator {
    /// `.`, which also abbreviates and divides numbers.
    Period,
    /// `!` and `?`, after which a sentence may go on: "Really?" he said.
    Exclamation,
    /// `…` and `...`: a pause as often as an end.
    Ellipsis,
    /// `。`, `!` and `?` of full width, which are nothing else.
    FullWidth,
}

impl Terminator {
    fn of(c: char) -> Option<Self> {
        match c {
            '.' => Some(Self::Period),
            '!' | '?' | '‼' | '⁇' | '⁈' | '⁉' => Some(Self::Exclamation),
            '…' => Some(Self::Ellipsis),
            '。' | '\u{FF01}' | '\u{FF1F}' | '\u{FF0E}' | '\u{FF61}' => Some(Self::FullWidth),
            _ => None,
        }
    }

    /// The meaning of several marks in a row, the first of which is `self`.
    fn of_run(self, marks: &str) -> Self {
        let kinds = marks.chars().filter_map(Self::of);
        let strongest = kinds.fold(self, |strongest, kind| match (strongest, kind) {
            (Self::FullWidth, _) | (_, Self::FullWidth) => Self::FullWidth,
            (Self::Exclamation, _) | (_, Self::Exclamation) => Self::Exclamation,
            (Self::Ellipsis, _) | (_, Self::Ellipsis) => Self::Ellipsis,
            (Self::Period, Self::Period) => Self::Period,
        });
        if strongest == Self::Period && marks.len() > 1 {
            Self::Ellipsis
        } else {
            strongest
        }
    }
}

/// What a mark does to the sentence before it.
enum Verdict {
    Ends,
    /// It ends the sentence if the text ends here.
    Unclear,
    GoesOn,
}

/// A mark that may end a sentence, and what surrounds it.
struct Mark<'a> {
    terminator: Terminator,
    before: &'a str,
    /// Whether a quote or bracket closes right after it.
    closed: bool,
    after: &'a str,
}

impl Mark<'_> {
    fn ends_sentence(&self) -> Verdict {
        let Some(next) = self.after.chars().next() else {
            return self.at_text_end();
        };
        match self.terminator {
            // A comma or dash after the quote goes on: “好！”，他说。
            Terminator::FullWidth if matches!(next, ',' | '、' | '—' | '\u{FF0C}' | '\u{FF1B}') => {
                Verdict::GoesOn
            }
            Terminator::FullWidth => Verdict::Ends,
            Terminator::Ellipsis if self.closed && is_unspaced(next) => Verdict::Ends,
            Terminator::Ellipsis if is_unspaced(next) => Verdict::GoesOn,
            Terminator::Period if self.is_abbreviation(false) => Verdict::GoesOn,
            _ if is_unspaced(next) => Verdict::Ends,
            _ if next.is_whitespace() => self.before_space(),
            _ => Verdict::GoesOn,
        }
    }

    /// More may follow: a digit, a quote, a name.
    fn at_text_end(&self) -> Verdict {
        match self.terminator {
            Terminator::Period if self.is_abbreviation(false) => Verdict::GoesOn,
            _ => Verdict::Unclear,
        }
    }

    /// After a space a lower-case letter goes on with the sentence, anything else begins a new one.
    fn before_space(&self) -> Verdict {
        let gap = self.after.len() - self.after.trim_start().len();
        let next = self.after[gap..].chars().next();
        match next {
            None => Verdict::Unclear,
            Some(next) if next.is_lowercase() => Verdict::GoesOn,
            // What follows the end of a line is another line, whatever it starts with.
            Some(_) if self.after[..gap].contains(['\n', '\r']) => Verdict::Ends,
            Some(next) if self.terminator == Terminator::Period && self.is_abbreviation(true) => {
                if next.is_uppercase() || is_unspaced(next) {
                    Verdict::Ends
                } else {
                    Verdict::GoesOn
                }
            }
            Some(_) => Verdict::Ends,
        }
    }

    /// Whether the word before a period is abbreviated by it, and so no end: always, or
    /// (`may_end`) one that ends a sentence at times.
    fn is_abbreviation(&self, may_end: bool) -> bool {
        if self.closed {
            return false;
        }
        let start = self
            .before
            .char_indices()
            .rev()
            .take(ABBREVIATION_CHARS_MAX + 1)
            .take_while(|(_, c)| c.is_alphanumeric() || *c == '.')
            .last()
            .map_or(self.before.len(), |(at, _)| at);
        let word = &self.before[start..];
        let lower = word.to_lowercase();
        if may_end {
            return ABBREVIATIONS_ANYWHERE.contains(&lower.as_str());
        }
        ABBREVIATIONS_BEFORE_A_NAME.contains(&lower.as_str())
            || is_initial(word)
            || self.is_list_number(word, start)
            || (lower == "no"
                && self
                    .after
                    .trim_start()
                    .starts_with(|c: char| c.is_ascii_digit()))
    }

    /// `1.` at the start of a line numbers it.
    fn is_list_number(&self, word: &str, start: usize) -> bool {
        let is_number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        let is_break = |c: char| matches!(c, '\n' | '\r');
        let indent = |c: char| c.is_whitespace() && !is_break(c);
        is_number && {
            let before = self.before[..start].trim_end_matches(indent);
            before.is_empty() || before.ends_with(is_break)
        }
    }
}

/// `J.` of J. S. Bach, but not the pronoun that ends "so do I."
fn is_initial(word: &str) -> bool {
    let mut characters = word.chars();
    let first = characters.next();
    first.is_some_and(|c| c.is_uppercase() && c != 'I') && characters.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `‸` marks the end of the first sentence; without it there is none.
    fn check(fixture: &str) {
        let text = fixture.replace('‸', "");
        let end = first_sentence_end(&text);
        assert_eq!(end, fixture.find('‸'), "{fixture}");
    }

    #[test]
    fn english_sentences_end_at_their_marks() {
        check("It was quiet.‸ Nobody spoke.");
        check("Was it?‸ It was.");
        check("Stop!‸");
        check("No mark at all");
        check("So do I.‸ And you?");
    }

    #[test]
    fn chinese_sentences_end_at_their_marks() {
        check("今天很好。‸明天也好。");
        check("真的吗？‸是的。");
        check("快走！‸");
        check("真的吗？！‸是的。");
        check("今天很好");
    }

    #[test]
    fn closing_quotes_and_brackets_belong_to_the_sentence() {
        check("He said: \"It was quiet.\"‸ Nobody spoke.");
        check("(It was quiet.)‸ Nobody spoke.");
        check("他说：“今天很好。”‸明天也好。");
        check("「好。」‸他说。");
        check("*Quiet.*‸ Nobody spoke.");
    }

    #[test]
    fn abbreviations_do_not_end_a_sentence() {
        check("Mr. Smith met Dr. Who.‸ They spoke.");
        check("Fruit, e.g. apples, is good.‸ Eat it.");
        check("See Fig. 3 and pp. 4–5.‸ Then go on.");
        check("J. K. Rowling wrote it.‸ Yes.");
        check("Apples, pears, etc. are fruit.‸ Yes.");
        check("It is No. 5 of ten.‸ Yes.");
    }

    #[test]
    fn an_abbreviation_before_a_capital_may_end_a_sentence() {
        check("We sell apples, pears, etc.‸ Come in.");
        check("It began at 5 p.m.‸ Nobody came.");
        check("It began at 5 p.m. sharp.‸ Nobody came.");
    }

    #[test]
    fn decimals_domains_and_list_numbers_do_not_end_a_sentence() {
        check("Pi is 3.14 or so.‸ Yes.");
        check("Version 1.2.3 of example.org is out.‸ Yes.");
        check("1. Open the door.‸ 2. Close it.");
        check("It happened in 1999.‸ Then nothing.");
        check("圆周率是3.14左右。‸对。");
    }

    #[test]
    fn a_quoted_question_goes_on_in_lower_case() {
        check("\"Really?\" he asked.‸ \"Yes.\"");
        check("“真的！”，他说。‸“是。”");
    }

    #[test]
    fn an_ellipsis_ends_a_sentence_only_before_a_new_one() {
        check("Well... that is it.‸ Yes.");
        check("Well...‸ That is it.");
        check("他想了想……然后走了。‸好。");
        check("“我不知道……”‸他说。");
    }

    #[test]
    fn a_line_break_after_the_mark_ends_the_sentence() {
        check("It was quiet.‸\r\nNobody spoke.");
        check("It was quiet.‸\n\n- item");
    }

    #[test]
    fn emoji_and_combining_marks_pass_through() {
        check("Good 👨‍👩‍👧 day, cafe\u{301}.‸ Yes.");
        check("好👍。‸对");
    }

    #[test]
    fn what_follows_may_change_an_end_at_the_end_of_the_text() {
        assert_eq!(
            next_sentence_end("It was 3.", 0),
            SentenceEnd::IfTextEnds(9)
        );
        assert_eq!(next_sentence_end("It was 3.1", 0), SentenceEnd::Nowhere);
        assert_eq!(next_sentence_end("Quiet. ", 0), SentenceEnd::IfTextEnds(6));
        assert_eq!(next_sentence_end("Quiet. a", 0), SentenceEnd::Nowhere);
        assert_eq!(next_sentence_end("Quiet. A", 0), SentenceEnd::At(6));
        assert_eq!(next_sentence_end("好。", 0), SentenceEnd::IfTextEnds(6));
        assert_eq!(next_sentence_end("好。”", 0), SentenceEnd::IfTextEnds(9));
        assert_eq!(next_sentence_end("好。他", 0), SentenceEnd::At(6));
        assert_eq!(next_sentence_end("Mr.", 0), SentenceEnd::Nowhere);
    }

    #[test]
    fn all_sentences_of_a_text_end_and_the_last_with_the_text() {
        let ends = |before, text: &str| -> Vec<String> {
            let mut from = 0;
            let parts = sentence_ends(before, text).into_iter().map(|end| {
                let part = text[from..end].to_owned();
                from = end;
                part
            });
            parts.collect()
        };
        assert_eq!(ends("", "One. Two! and"), ["One.", " Two! and"]);
        assert_eq!(ends("He met Dr", ". Who. They"), [". Who.", " They"]);
        assert_eq!(
            ends("他说：“好", "。”我走了。再见"),
            ["。”", "我走了。", "再见"]
        );
        assert_eq!(ends("用 Go 写", "完了。Done."), ["完了。", "Done."]);
        assert!(ends("Quiet.", "").is_empty());
    }

    #[test]
    fn the_text_before_the_start_still_tells_an_abbreviation() {
        let text = "Quiet. Mr. Smith came. ";
        assert_eq!(next_sentence_end(text, 6), SentenceEnd::IfTextEnds(22));
    }
}
