//! Packs the prompt of a plain continuation: the text before the caret, within a token budget.
//!
//! Not for models with infill tokens, and not the tokenizer: the caller brings a function that
//! counts. Called by the daemon for every request.

use inkstone_prose::unwrapped;
use inkstone_text::{Utf8Offset, cut_at_or_after};

/// A number of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TokenCount(usize);

impl TokenCount {
    /// So many tokens.
    pub const fn new(tokens: usize) -> Self {
        Self(tokens)
    }

    /// How many.
    pub const fn get(self) -> usize {
        self.0
    }
}

/// The distance between cuts, in bytes per token of the budget. At the usual four bytes a token
/// this keeps between half and all of the budget, and a cut serves for half a budget of typing;
/// a finer grid would keep more and make the cached tokens worthless more often.
const CUT_STEP_BYTES_PER_TOKEN: usize = 2;

/// Text this much longer than the budget is not even counted: English has four bytes to a token,
/// Chinese with a tokenizer made for it five.
const BYTES_PER_TOKEN_MAX: usize = 6;

/// The finest grid of cuts. Budgets too small for it are too small for any context.
const CUT_STEP_BYTES_MIN: usize = 16;

/// The longest block of title and headings put before the text.
const HEADER_BYTES_MAX: usize = 512;

/// The most headings looked at. The language server sends eight; a client that sends a hundred
/// thousand must not keep the daemon from its other requests.
const HEADINGS_MAX: usize = 16;

/// The marks of Markdown's deepest heading; what lies deeper gets the same.
const HEADING_MARKS: &str = "######";

/// A line with a heading's text may have so many bytes of markup around it.
const HEADING_MARKUP_BYTES_MAX: usize = 24;

/// What a prompt is packed from.
#[derive(Debug, Clone, Copy)]
pub struct PackRequest<'a> {
    /// The text before the caret, or its last part.
    pub prefix: &'a str,
    /// What the document is called.
    pub title: Option<&'a str>,
    /// The headings that enclose the caret, outermost first.
    pub headings: &'a [String],
    /// Whether lines that were broken to fit a page are shown to the model as one: it has learned that
    /// a line break ends something.
    pub unwraps: bool,
    /// How many tokens the prompt may have.
    pub budget: TokenCount,
}

/// A prompt for a model that continues text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// What the model continues: ends with a character that shows, or with a line break.
    pub prompt: String,
    /// The spaces and tabs before the caret, which are not in the prompt: most vocabularies join
    /// a space to the word after it, so a prompt that ends with one is continued badly. The
    /// suggestion is fitted to them by [`crate::trim`].
    pub held_back: String,
    /// Where in `prefix` the prompt's text starts.
    pub cut: Utf8Offset,
}

/// Packs the prompt. `count_tokens` says how many tokens a text has; the prompt never has more
/// than the budget by that count.
///
/// Append-stable: the text starts at a paragraph, line or word near a multiple of a fixed step,
/// so typing moves the start rarely, and the daemon's cached tokens keep their worth. Title and
/// headings go before it where it does not contain them any more.
pub fn pack(request: &PackRequest<'_>, count_tokens: &dyn Fn(&str) -> usize) -> Packed {
    let text = request.prefix.trim_end_matches([' ', '\t']);
    let packer = Packer {
        request,
        text,
        count_tokens,
    };
    let cut = packer.find_cut();
    Packed {
        prompt: packer.prompt(cut),
        held_back: request.prefix[text.len()..].to_owned(),
        cut: Utf8Offset::new(cut),
    }
}

struct Packer<'a> {
    request: &'a PackRequest<'a>,
    text: &'a str,
    count_tokens: &'a dyn Fn(&str) -> usize,
}

impl Packer<'_> {
    /// The earliest cut on the coarsest grid that has one which fits and keeps enough.
    fn find_cut(&self) -> usize {
        let budget = self.request.budget.get();
        let length = self.text.len();
        let first = length.saturating_sub(budget.saturating_mul(BYTES_PER_TOKEN_MAX));
        if first == 0 && self.fits(0) {
            return 0;
        }
        let mut step = budget.saturating_mul(CUT_STEP_BYTES_PER_TOKEN);
        while step >= CUT_STEP_BYTES_MIN {
            if let Some(cut) = self.cut_on_grid(first, step) {
                return cut;
            }
            step /= 2;
        }
        self.last_resort()
    }

    /// The earliest multiple of `step` (and the paragraph near it) that fits, if it leaves at
    /// least a quarter of a step. Fewer bytes left means that a finer grid serves better.
    fn cut_on_grid(&self, first: usize, step: usize) -> Option<usize> {
        let last = self.text.len().checked_sub(step / 2)? / step;
        let (mut low, mut high) = (first.div_ceil(step).max(1), last + 1);
        let mut found = None;
        // Less text has fewer tokens, so the cuts that fit follow the ones that do not. Counting
        // is what costs here, so each cut is tried once at most.
        while low < high {
            let number = low + (high - low) / 2;
            let cut = cut_at_or_after(self.text, Utf8Offset::new(number * step), step / 4).get();
            if self.fits(cut) {
                found = Some(cut);
                high = number;
            } else {
                low = number + 1;
            }
        }
        found
    }

    /// For budgets of a few tokens: halves the text until it fits.
    fn last_resort(&self) -> usize {
        let mut keep = self.text.len().min(self.request.budget.get());
        while keep > 0 {
            let from = Utf8Offset::new(self.text.len() - keep);
            let cut = cut_at_or_after(self.text, from, 0).get();
            if self.fits(cut) {
                return cut;
            }
            keep /= 2;
        }
        self.text.len()
    }

    fn fits(&self, cut: usize) -> bool {
        (self.count_tokens)(&self.prompt(cut)) <= self.request.budget.get()
    }

    fn prompt(&self, cut: usize) -> String {
        let kept = &self.text[cut..];
        if kept.is_empty() {
            // A heading alone would make the model begin the document again.
            return String::new();
        }
        let mut prompt = self.header(kept);
        // Models have seen line feeds; what the editor makes of one is its business.
        let text = kept.replace("\r\n", "\n").replace('\r', "\n");
        if self.request.unwraps {
            prompt.push_str(&unwrapped(&text));
        } else {
            prompt.push_str(&text);
        }
        prompt
    }

    fn header(&self, kept: &str) -> String {
        let PackRequest {
            title,
            headings,
            budget,
            ..
        } = *self.request;
        header(title, headings, kept, budget, self.count_tokens)
    }
}

/// Title and headings that the kept text does not contain, as Markdown, which models know best
/// whatever the document is written in; nothing where they would take more than a quarter of the
/// budget. What trains on documents puts the same before their passages.
pub fn header(
    title: Option<&str>,
    headings: &[String],
    kept: &str,
    budget: TokenCount,
    count_tokens: &dyn Fn(&str) -> usize,
) -> String {
    let mut header = String::new();
    let mut level = 0;
    let headings = headings.iter().take(HEADINGS_MAX).map(String::as_str);
    let mut previous = None;
    for heading in title.into_iter().chain(headings) {
        // The title is the first heading in most documents.
        if previous.replace(heading) == Some(heading) {
            continue;
        }
        level = HEADING_MARKS.len().min(level + 1);
        let marks = &HEADING_MARKS[..level];
        let line_bytes = marks.len() + " ".len() + heading.len() + "\n\n".len();
        let fits = header.len() + line_bytes <= HEADER_BYTES_MAX;
        if fits && is_one_line(heading) && !contains_heading(kept, heading) {
            for part in [marks, " ", heading, "\n\n"] {
                header.push_str(part);
            }
        }
    }
    if header.is_empty() || count_tokens(&header) <= budget.get() / 4 {
        header
    } else {
        String::new()
    }
}

fn is_one_line(heading: &str) -> bool {
    !heading.trim().is_empty() && !heading.contains(['\n', '\r'])
}

/// Whether a line of the text is the heading, in whatever markup.
fn contains_heading(text: &str, heading: &str) -> bool {
    let longest = heading.len() + HEADING_MARKUP_BYTES_MAX;
    text.split(['\n', '\r'])
        .any(|line| line.len() <= longest && line.contains(heading))
}
