//! Marks that come in pairs, and which of a text's characters open or close one.
//!
//! Not what to do about them (`pairs.rs`). One pass over a text, with what is open on a stack.
//! Single straight quotes are apostrophes more often than not and are left alone; so are guillemets,
//! which languages use the one way and the other, and marks of emphasis, which are text as often.

use crate::written::ends_sentence;

/// How deep marks are followed; what opens deeper is text.
const OPEN_MAX: usize = 32;

/// What two marks have in common that stand for each other in careless text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Round,
    Square,
    Curly,
    Lens,
    Tortoise,
    Double,
    InnerDouble,
    Single,
    Book,
}

const PAIRS: [(char, char, Family); 14] = [
    ('(', ')', Family::Round),
    ('（', '）', Family::Round),
    ('[', ']', Family::Square),
    ('［', '］', Family::Square),
    ('{', '}', Family::Curly),
    ('｛', '｝', Family::Curly),
    ('【', '】', Family::Lens),
    ('〔', '〕', Family::Tortoise),
    ('“', '”', Family::Double),
    ('「', '」', Family::Double),
    ('『', '』', Family::InnerDouble),
    ('‘', '’', Family::Single),
    ('《', '》', Family::Book),
    ('〈', '〉', Family::Book),
];

/// An opening mark that nothing has closed yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Open {
    /// The byte at which it stands.
    pub(super) at: usize,
    family: Family,
    closer: char,
}

/// What a mark does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// The text from `at` to `end` closes what is open.
    Closed { at: usize, end: usize, open: Open },
    /// A closing mark that nothing opened.
    Stray { at: usize },
    /// What opened at `at` was left open when the mark outside of it was to be closed.
    Crossed { at: usize, outer: Open },
}

impl Open {
    /// The mark that closes it.
    pub(super) const fn closing(&self) -> char {
        self.closer
    }

    /// Whether it encloses a part of a sentence.
    pub(super) const fn is_bracket(&self) -> bool {
        !matches!(
            self.family,
            Family::Double | Family::InnerDouble | Family::Single
        )
    }

    /// Whether its content can end where `text` ends: with a sentence. A title has none.
    pub(super) fn ends_with(&self, text: &str) -> bool {
        self.family != Family::Book && ends_sentence(text)
    }
}

/// Whether `c` may open or close anything.
pub(super) fn is_mark(c: char) -> bool {
    c == '"'
        || PAIRS
            .iter()
            .any(|&(open, close, _)| c == open || c == close)
}

/// One pass over a text.
pub(super) struct Scan<'a> {
    text: &'a str,
    at: usize,
    previous: Option<char>,
    open: Vec<Open>,
    /// What is to be told before the scan goes on, the last first.
    told: Vec<Event>,
}

impl<'a> Scan<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            previous: None,
            open: Vec::new(),
            told: Vec::new(),
        }
    }

    /// What is open where the scan has come to, the first first.
    pub(super) fn into_open(self) -> Vec<Open> {
        self.open
    }

    /// The next mark that closes something or should.
    pub(super) fn next_event(&mut self) -> Option<Event> {
        while self.told.is_empty() {
            let c = self.text[self.at..].chars().next()?;
            let end = self.at + c.len_utf8();
            let next = self.text[end..].chars().next();
            if self.previous != Some('\\') {
                self.read(c, end, next);
            }
            self.previous = Some(c);
            self.at = end;
        }
        self.told.pop()
    }

    fn read(&mut self, c: char, end: usize, next: Option<char>) {
        match c {
            '"' => self.read_straight(end, next),
            '’' => {
                let apostrophe =
                    next.is_some_and(char::is_alphanumeric) || !self.has(Family::Single);
                if !apostrophe {
                    self.close(Family::Single, end);
                }
            }
            _ => self.read_pair(c, end, next),
        }
    }

    fn read_pair(&mut self, c: char, end: usize, next: Option<char>) {
        if let Some(&(_, closer, family)) = PAIRS.iter().find(|&&(open, ..)| open == c) {
            if !self.is_smile(next) {
                self.push(family, closer);
            }
        } else if let Some(&(.., family)) = PAIRS.iter().find(|&&(_, close, _)| close == c) {
            let opens_elsewhere =
                c == '”' && self.follows_space() && next.is_some_and(char::is_alphanumeric);
            let is_text = opens_elsewhere || (c == ')' && (self.is_smile(next) || self.numbers()));
            if self.has(family) || !is_text {
                self.close(family, end);
            }
        }
    }

    fn read_straight(&mut self, end: usize, next: Option<char>) {
        if self.has(Family::Double) {
            self.close(Family::Double, end);
        } else if self.previous.is_some_and(|c| c.is_ascii_digit()) {
            // Inches.
        } else if !self.follows_space()
            && next.is_none_or(|c| c.is_whitespace() || matches!(c, '.' | ',' | ';' | '。' | '，'))
            && !self.previous.is_some_and(is_opener)
        {
            self.told.push(Event::Stray { at: self.at });
        } else {
            self.push(Family::Double, '"');
        }
    }

    /// Whether a bracket is a mouth: `:)`.
    fn is_smile(&self, next: Option<char>) -> bool {
        self.previous.is_some_and(|c| matches!(c, ':' | ';' | '='))
            && next.is_none_or(|c| !c.is_alphanumeric())
    }

    /// Whether a closing bracket ends the number of an item: `a)`, `2)`.
    fn numbers(&self) -> bool {
        let before = &self.text[..self.at];
        let start = before
            .char_indices()
            .rev()
            .take(4)
            .take_while(|(_, c)| c.is_alphanumeric())
            .last();
        start.is_some_and(|(at, _)| {
            let item = &before[at..];
            let is_number = item.len() == 1 || item.bytes().all(|byte| byte.is_ascii_digit());
            is_number
                && before[..at]
                    .chars()
                    .next_back()
                    .is_none_or(char::is_whitespace)
        })
    }

    fn follows_space(&self) -> bool {
        self.previous.is_none_or(char::is_whitespace)
    }

    fn has(&self, family: Family) -> bool {
        self.open.iter().any(|open| open.family == family)
    }

    fn push(&mut self, family: Family, closer: char) {
        if self.open.len() < OPEN_MAX {
            self.open.push(Open {
                at: self.at,
                family,
                closer,
            });
        }
    }

    fn close(&mut self, family: Family, end: usize) {
        let found = self.open.iter().rposition(|open| open.family == family);
        let at = self.at;
        let Some(index) = found else {
            if self.open.len() < OPEN_MAX {
                self.told.push(Event::Stray { at });
            }
            return;
        };
        let crossed = self.open.get(index + 1).map(|inner| inner.at);
        let open = self.open[index];
        self.open.truncate(index);
        self.told.push(Event::Closed { at, end, open });
        // Told first: the last comes off the stack first.
        self.told
            .extend(crossed.map(|at| Event::Crossed { at, outer: open }));
    }
}

fn is_opener(c: char) -> bool {
    PAIRS.iter().any(|&(open, ..)| open == c)
}
