//! What stands in a line of Markdown for other tools than CommonMark's, and is no text: comments and
//! block ids of Obsidian, shortcodes of Hugo and Jekyll, attributes of kramdown and Pandoc,
//! highlights, notes in the line, and emphasis that CommonMark does not see beside Chinese.
//!
//! Works on a paragraph that is parsed already, in which code stands between backticks and is left
//! alone. Called for each run of text that becomes a block.

use std::borrow::Cow;

use inkstone_prose::characters::{is_cjk_punctuation, is_han};

/// A comment, a shortcode or a note is no longer: what is closed later was not opened.
const BYTES_MAX: usize = 2048;

/// Signs without which a text is all text.
const SIGNS: &[u8] = b"%{^*=";

/// A text as a reader of the page sees it, and the notes that stood in it.
pub(super) fn shown(text: &str) -> (Cow<'_, str>, Vec<String>) {
    if !text.bytes().any(|byte| SIGNS.contains(&byte)) {
        return (Cow::Borrowed(text), Vec::new());
    }
    let mut writer = Writer {
        out: String::with_capacity(text.len()),
        notes: Vec::new(),
        highlight_end: None,
        drops_stars: has_unseen_emphasis(text),
    };
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let taken = match rest.as_bytes()[0] {
            b'`' => writer.code(rest),
            byte if SIGNS.contains(&byte) => writer.sign(text, at),
            _ => 0,
        };
        if taken > 0 {
            at += taken;
            continue;
        }
        let first = rest.chars().next().map_or(1, char::len_utf8);
        let plain = rest.as_bytes()[first..]
            .iter()
            .position(|byte| *byte == b'`' || SIGNS.contains(byte))
            .map_or(rest.len(), |length| first + length);
        writer.out.push_str(&rest[..plain]);
        at += plain;
    }
    let kept = without_block_id(&writer.out).len();
    writer.out.truncate(kept);
    (Cow::Owned(writer.out), writer.notes)
}

struct Writer {
    out: String,
    notes: Vec<String>,
    /// Where the open highlight is closed.
    highlight_end: Option<usize>,
    drops_stars: bool,
}

impl Writer {
    /// Code as it stands; returns its length.
    fn code(&mut self, rest: &str) -> usize {
        let ticks = rest.bytes().take_while(|&byte| byte == b'`').count();
        let window = first_bytes(&rest[ticks..]);
        let length = match window.find('`') {
            Some(end) => ticks + end + 1,
            None => ticks,
        };
        self.out.push_str(&rest[..length]);
        length
    }

    /// How many bytes a sign and what it opens take; 0 where it is text.
    fn sign(&mut self, text: &str, at: usize) -> usize {
        let rest = &text[at..];
        let before = text[..at].chars().next_back();
        let in_word = before.is_some_and(|c| c.is_ascii_alphanumeric());
        match rest.as_bytes()[0] {
            b'%' if rest.starts_with("%%") && !in_word => {
                self.dropped(rest, enclosed(rest, "%%", "%%"))
            }
            b'{' => self.braces(rest),
            b'^' if rest.starts_with("^[") => self.note(rest),
            b'=' if self.highlight_end == Some(at) => {
                self.highlight_end = None;
                2
            }
            b'=' if !in_word && self.highlight_end.is_none() => self.highlight(rest, at),
            b'*' if self.drops_stars && rest.starts_with("**") => {
                let beside = [before, rest[2..].chars().next()];
                2 * usize::from(beside.into_iter().flatten().any(is_wide))
            }
            _ => 0,
        }
    }

    fn braces(&mut self, rest: &str) -> usize {
        let code = ["{% highlight", "{{< highlight", "{{% highlight"];
        if code.iter().any(|start| rest.starts_with(start))
            && let Some(length) = code_block(rest)
        {
            return self.dropped(rest, Some(length));
        }
        for (opening, closing) in [("{/*", "*/}"), ("{{<", ">}}"), ("{{%", "%}}"), ("{%", "%}")] {
            if rest.starts_with(opening) {
                return self.dropped(rest, enclosed(rest, opening, closing));
            }
        }
        // A shortcode that looks like a tag of HTML has left its braces.
        if rest.starts_with("{{}}") {
            return self.dropped(rest, Some(4));
        }
        self.attributes(rest)
    }

    /// `{: .note}` anywhere; `{.small}` and `{#id}` after brackets, whose text stays.
    fn attributes(&mut self, rest: &str) -> usize {
        let is_span = self.out.ends_with(']') && rest[1..].starts_with(['.', '#', ':']);
        if !is_span && !rest.starts_with("{:") {
            return 0;
        }
        let window = first_bytes(rest);
        let line = window.split('\n').next().unwrap_or(window);
        let Some(end) = line.find('}') else {
            return 0;
        };
        let tail = inkstone_text::last_bytes(&self.out, BYTES_MAX);
        if is_span && let Some(open) = tail.rfind('[') {
            let open = self.out.len() - tail.len() + open;
            self.out.pop();
            self.out.remove(open);
            return end + 1;
        }
        self.dropped(rest, Some(end + 1))
    }

    /// `^[a note]`, in which brackets may stand again.
    fn note(&mut self, rest: &str) -> usize {
        let mut depth = 0_usize;
        for (at, byte) in first_bytes(rest).bytes().enumerate() {
            match byte {
                b'[' => depth += 1,
                b']' => depth -= 1,
                _ => continue,
            }
            if depth == 0 {
                self.notes.push(rest[2..at].to_owned());
                return at + 1;
            }
        }
        0
    }

    /// `==words==`; signs with blanks beside them are text.
    fn highlight(&mut self, rest: &str, at: usize) -> usize {
        let Some(inner) = rest.strip_prefix("==") else {
            return 0;
        };
        if inner.starts_with(|c: char| c.is_whitespace() || c == '=') {
            return 0;
        }
        let window = first_bytes(inner);
        let Some(end) = window.find("==") else {
            return 0;
        };
        let after = &inner[end + 2..];
        let is_text = window[..end].ends_with(char::is_whitespace)
            || window[..end].contains(['`', '\n'])
            || after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '=');
        if is_text {
            return 0;
        }
        self.highlight_end = Some(at + 2 + end);
        2
    }

    /// Leaves out so many bytes of `rest`, and the blank before them unless words would be one then.
    fn dropped(&mut self, rest: &str, length: Option<usize>) -> usize {
        let Some(length) = length else {
            return 0;
        };
        let kept = self.out.trim_end_matches([' ', '\t']).len();
        if kept < self.out.len() {
            self.out.truncate(kept);
            let goes_on = |c: char| !c.is_whitespace() && !",.;:!?)]".contains(c);
            if rest[length..].starts_with(goes_on) && kept > 0 && !self.out.ends_with('\n') {
                self.out.push(' ');
            }
        }
        length
    }
}

/// The length of what `opening` and `closing` enclose, with both.
fn enclosed(rest: &str, opening: &str, closing: &str) -> Option<usize> {
    let window = first_bytes(rest);
    let inner = window.get(opening.len()..)?;
    Some(opening.len() + inner.find(closing)? + closing.len())
}

/// From a shortcode that opens code to the end of the one that closes it.
fn code_block(rest: &str) -> Option<usize> {
    let window = first_bytes(rest);
    let close = ["endhighlight", "/highlight", "/ highlight"]
        .iter()
        .filter_map(|name| window.find(name))
        .min()?;
    Some(close + window[close..].find('}')? + 1 + usize::from(rest.starts_with("{{")))
        .filter(|&length| length <= rest.len() && rest.is_char_boundary(length))
}

/// The text before ` ^block-id` at its end.
fn without_block_id(text: &str) -> &str {
    let end = text.trim_end();
    let Some((before, id)) = end.rsplit_once('^') else {
        return text;
    };
    let is_id = !id.is_empty()
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_id && before.ends_with([' ', '\n']) {
        before.trim_end()
    } else {
        text
    }
}

/// `**注意：**这是` is no emphasis to CommonMark (6.2): a mark that follows punctuation must be
/// followed by more of it or by a blank, which Chinese does not write.
fn has_unseen_emphasis(text: &str) -> bool {
    let pairs = text.matches("**").count();
    pairs >= 2 && pairs.is_multiple_of(2) && !text.contains("***")
}

fn is_wide(character: char) -> bool {
    is_han(character) || is_cjk_punctuation(character) || matches!(character, '“' | '”' | '‘' | '’')
}

fn first_bytes(text: &str) -> &str {
    inkstone_text::first_bytes(text, BYTES_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_other_tools_read_is_not_shown() {
        for (text, expected) in [
            ("正文 %%这是注释%% 继续。", "正文 继续。"),
            (
                "It fell by 50%% or 60%% then.",
                "It fell by 50%% or 60%% then.",
            ),
            ("See {{< ref \"a.md\" >}} for more.", "See for more."),
            (
                "{{% notice tip %}}\nBe careful.\n{{% /notice %}}",
                "Be careful.",
            ),
            ("Text {% raw %}a{% endraw %} b.", "Text a b."),
            (
                "Before.\n{% highlight js %}\nlet a = 1;\n{% endhighlight %}\nAfter.",
                "Before.\n\nAfter.",
            ),
            ("A paragraph.\n{: .note}", "A paragraph."),
            ("A [small]{.smallcaps} span.", "A small span."),
            ("Text ends here. ^block-1", "Text ends here."),
            ("2 ^ 3 and x^2", "2 ^ 3 and x^2"),
            (
                "This is ==very important== text.",
                "This is very important text.",
            ),
            ("这是==重点==。", "这是重点。"),
            (
                "a == b and c == d, x==y or z==w",
                "a == b and c == d, x==y or z==w",
            ),
            (
                "**注意：这是重点。他说“你好”**就走了。",
                "注意：这是重点。他说“你好”就走了。",
            ),
            ("真他**的，没有", "真他**的，没有"),
            (
                "f(**a, **b) takes `==x==` and `%%y%%`",
                "f(**a, **b) takes `==x==` and `%%y%%`",
            ),
            ("open {{< and %% and == stay", "open {{< and %% and == stay"),
            ("👍🏽 ==é\u{301}== %%雨", "👍🏽 é\u{301} %%雨"),
        ] {
            assert_eq!(shown(text).0.trim(), expected, "{text}");
        }
    }

    #[test]
    fn a_note_in_the_line_is_taken_out_of_it() {
        let (text, notes) = shown("Words^[a note, [linked]] go on.");
        assert_eq!(
            (&*text, notes),
            ("Words go on.", vec!["a note, [linked]".to_owned()])
        );
    }
}
