//! Texts with marks: `‸` is the caret, `⟦…⟧` a range, `//- path.md` begins a file.
//!
//! The marks are taken out; what they marked is given as text before and after, or as byte
//! offsets for crates with offset types of their own (this crate depends on none of ours, so that
//! all of ours may test with it).

/// Marks the caret.
const CARET: char = '‸';
/// Begins the marked range.
const RANGE_START: char = '⟦';
/// Ends the marked range.
const RANGE_END: char = '⟧';
/// Begins a line that names the file below it.
const FILE_MARK: &str = "//- ";
/// The path of text before the first file mark.
const PATH_DEFAULT: &str = "test.md";

/// A count of UTF-8 bytes from the start of a file's text, marks not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteOffset(pub usize);

/// The files of a marked text, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixture {
    /// At least one.
    pub files: Vec<FixtureFile>,
}

/// One file of a fixture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixtureFile {
    /// As its mark says; `test.md` without one.
    pub path: String,
    /// The text without marks.
    pub text: String,
    /// Where the caret was marked.
    pub caret: Option<ByteOffset>,
    /// Where the range was marked: start and end.
    pub range: Option<(ByteOffset, ByteOffset)>,
}

impl Fixture {
    /// Reads a marked text.
    ///
    /// # Panics
    /// On a second caret or range in one file, or a range that does not close.
    pub fn parse(marked: &str) -> Self {
        let mut parts: Vec<(String, String)> = vec![(PATH_DEFAULT.into(), String::new())];
        for line in marked.split_inclusive('\n') {
            if let Some(path) = line.strip_prefix(FILE_MARK) {
                parts.push((path.trim_end().to_owned(), String::new()));
            } else if let Some((_, text)) = parts.last_mut() {
                text.push_str(line);
            }
        }
        // Text before the first mark is a file of its own only if there is any, or nothing else.
        if parts.len() > 1 && parts[0].1.trim().is_empty() {
            parts.remove(0);
        }
        let files = parts
            .into_iter()
            .map(|(path, text)| FixtureFile::parse(path, &text));
        Self {
            files: files.collect(),
        }
    }

    /// The only file of a fixture without file marks.
    ///
    /// # Panics
    /// As [`Fixture::parse`], and when there are several files.
    pub fn single(marked: &str) -> FixtureFile {
        let mut files = Self::parse(marked).files;
        assert_eq!(files.len(), 1, "one file expected");
        files.remove(0)
    }
}

impl FixtureFile {
    fn parse(path: String, marked: &str) -> Self {
        let mut text = String::with_capacity(marked.len());
        let (mut caret, mut start, mut end) = (None, None, None);
        for character in marked.chars() {
            let mark = match character {
                CARET => &mut caret,
                RANGE_START => &mut start,
                RANGE_END => &mut end,
                _ => {
                    text.push(character);
                    continue;
                }
            };
            let earlier = mark.replace(ByteOffset(text.len()));
            assert!(earlier.is_none(), "{path}: a second {character}");
        }
        let range = match (start, end) {
            (Some(start), Some(end)) if start <= end => Some((start, end)),
            (None, None) => None,
            _ => panic!("{path}: a range is marked {RANGE_START}…{RANGE_END}"),
        };
        Self {
            path,
            text,
            caret,
            range,
        }
    }

    /// The text before the caret.
    ///
    /// # Panics
    /// When no caret is marked.
    pub fn before(&self) -> &str {
        &self.text[..self.caret_byte()]
    }

    /// The text after the caret.
    ///
    /// # Panics
    /// When no caret is marked.
    pub fn after(&self) -> &str {
        &self.text[self.caret_byte()..]
    }

    /// The text of the range.
    ///
    /// # Panics
    /// When no range is marked.
    pub fn marked(&self) -> &str {
        let Some((start, end)) = self.range else {
            panic!("{}: no {RANGE_START}…{RANGE_END}", self.path)
        };
        &self.text[start.0..end.0]
    }

    fn caret_byte(&self) -> usize {
        let Some(caret) = self.caret else {
            panic!("{}: no {CARET}", self.path)
        };
        caret.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_splits_english_chinese_emoji_and_combining_text() {
        for (before, after) in [
            ("The harbour ", "was quiet."),
            ("今天早上我去", "公园散步。"),
            ("Hi 👨‍👩‍👧", " and e\u{301}\r\nnext"),
            ("", ""),
        ] {
            let file = Fixture::single(&format!("{before}‸{after}"));
            assert_eq!((file.before(), file.after()), (before, after));
            assert_eq!(file.caret, Some(ByteOffset(before.len())));
        }
    }

    #[test]
    fn a_range_may_hold_the_caret() {
        let file = Fixture::single("我⟦喜欢‸苹果⟧。");
        assert_eq!(file.marked(), "喜欢苹果");
        assert_eq!(file.before(), "我喜欢");
        assert_eq!(file.text, "我喜欢苹果。");
    }

    #[test]
    fn files_are_split_at_their_marks() {
        let fixture = Fixture::parse("//- a.md\r\none‸\r\n//- notes/b.txt\ntwo\n");
        let [first, second] = fixture.files.as_slice() else {
            panic!("{fixture:?}")
        };
        assert_eq!(
            (first.path.as_str(), first.text.as_str()),
            ("a.md", "one\r\n")
        );
        assert_eq!(
            (second.path.as_str(), second.text.as_str()),
            ("notes/b.txt", "two\n")
        );
        assert_eq!((first.caret, second.caret), (Some(ByteOffset(3)), None));
    }

    #[test]
    #[should_panic(expected = "a second ‸")]
    fn two_carets_are_refused() {
        Fixture::single("a‸b‸");
    }

    #[test]
    #[should_panic(expected = "a range is marked")]
    fn an_open_range_is_refused() {
        Fixture::single("a⟦b");
    }
}
