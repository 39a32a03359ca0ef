//! What a rule found: places, and what should stand there.

use std::ops::Range;

use super::protected::Protected;

/// The places that one rule found in one text, in any order.
pub(crate) struct Findings<'a> {
    protected: &'a Protected,
    may_touch_addresses: bool,
    edits: Vec<Edit>,
}

struct Edit {
    range: Range<usize>,
    with: String,
}

impl<'a> Findings<'a> {
    pub(crate) fn of(protected: &'a Protected, may_touch_addresses: bool) -> Self {
        Self {
            protected,
            may_touch_addresses,
            edits: Vec::new(),
        }
    }

    /// Something else should stand there. Dropped where it would touch what is protected.
    pub(crate) fn replace(&mut self, range: Range<usize>, with: impl Into<String>) {
        if !self.protected.touches(&range, self.may_touch_addresses) {
            self.edits.push(Edit {
                range,
                with: with.into(),
            });
        }
    }

    /// Nothing should stand there.
    pub(crate) fn remove(&mut self, range: Range<usize>) {
        self.replace(range, String::new());
    }

    /// The place is odd.
    pub(crate) fn mark(&mut self, range: Range<usize>) {
        self.replace(range, String::new());
    }

    /// The block stays out, whatever in it is protected.
    pub(crate) fn refuse(&mut self) {
        self.edits.push(Edit {
            range: 0..0,
            with: String::new(),
        });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// The text with the edits made, and how many there were. Of two that overlap, the first
    /// counts; the next pass finds the other again if it still stands.
    pub(crate) fn apply_to(mut self, text: &str) -> (String, u32) {
        self.sort();
        let mut mended = String::with_capacity(text.len());
        let mut end = 0;
        let mut count = 0;
        for Edit { range, with } in &self.edits {
            let changes = text.get(range.clone()).is_some_and(|old| old != with);
            if range.start < end || !changes {
                continue;
            }
            mended.push_str(&text[end..range.start]);
            mended.push_str(with);
            end = range.end;
            count += 1;
        }
        mended.push_str(&text[end..]);
        (mended, count)
    }

    /// The places, sorted, without overlaps.
    pub(crate) fn into_ranges(mut self) -> Vec<Range<usize>> {
        self.sort();
        let mut ranges: Vec<Range<usize>> = Vec::with_capacity(self.edits.len());
        for Edit { range, .. } in self.edits {
            if ranges.last().is_none_or(|last| last.end <= range.start) {
                ranges.push(range);
            }
        }
        ranges
    }

    fn sort(&mut self) {
        self.edits
            .sort_by_key(|edit| (edit.range.start, edit.range.end));
    }
}
