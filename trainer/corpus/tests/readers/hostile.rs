//! Documents that are made to bring a reader down: each is read or refused in time.

use inkstone_corpus::format::Format;
use inkstone_corpus::read::{ReadLimits, Unreadable, read};

const TEXT_FORMATS: &[Format] = &[
    Format::Markdown,
    Format::PlainText,
    Format::Html,
    Format::Latex,
    Format::Typst,
    Format::Asciidoc,
    Format::RestructuredText,
    Format::Org,
    Format::CommitMessage,
];

/// How often each is opened: what grows with the square of that takes minutes, and the run's own
/// limit names it.
const TIMES: usize = 100_000;
const OPENINGS: &[&str] = &[
    "<div>",
    ">",
    "> ",
    "- ",
    "* a ",
    "{",
    "[",
    "(",
    "\\begin{a}",
    "\\footnote{",
    "#a[",
    "`",
    "``` ",
    "$",
    "$$",
    "*a ",
    "_",
    "[[",
    "\\[",
    "<!--",
    "#+BEGIN_SRC\n",
    "|===\n",
    ".. a::\n ",
    ":a:`",
    "<table><tr><td>",
    "```\n",
    "----\n",
    "<a b=",
    "#f(",
    "\"",
    "&",
    "[^1]: ",
    "![",
    "](",
    "<<",
    "((",
    "{{{",
    "**a",
    "\n>",
    "</p>",
    "/*",
    "    ",
    "\\verb|",
    "::",
    "====\n",
    "  ===  ===\n",
    ":::\n",
    "===\nA\n",
    "[fn:",
    "footnote:[",
    "第",
    "　　\n",
    "\u{301}",
    "{/*",
    "a'",
    "-",
    "$a ",
    "%%",
    "%%\n",
    "{{<",
    "]{.}",
    "[a]{.",
    "^[",
    "==a",
    "{a}",
    "@@",
    ":a: b\n",
    "〔1〕a\n\n",
    "〔2〕a\n\n# b\n\n",
    "[1]\n",
    "\\def\\",
    "\\item<1",
    "\\ruby{",
    "<ruby><rt>",
    "<q>",
    "- a :: ",
    "#[\n",
    "<Note>\n",
    "* COMMENT\n",
];

#[test]
fn things_that_are_opened_a_hundred_thousand_times_are_read_in_time() {
    let limits = ReadLimits::default();
    for &format in TEXT_FORMATS {
        for opening in OPENINGS {
            let text = opening.repeat(TIMES);
            let result = read(format, text.as_bytes(), &limits);
            if let Ok(reading) = result {
                assert!(reading.blocks.len() <= limits.blocks_max);
            }
        }
    }
}

#[test]
fn a_line_of_two_hundred_megabytes_is_refused_at_once() {
    let bytes = vec![b'a'; 200 << 20];
    let limits = ReadLimits {
        file_bytes_max: usize::MAX,
        ..ReadLimits::default()
    };
    for &format in TEXT_FORMATS {
        let refused = read(format, &bytes, &limits);
        assert!(
            matches!(refused, Err(Unreadable::LineTooLong { line: 1, .. })),
            "{format:?}"
        );
        let refused = read(format, &bytes, &ReadLimits::default());
        assert!(
            matches!(refused, Err(Unreadable::TooLarge { .. })),
            "{format:?}"
        );
    }
}

#[test]
fn a_line_at_the_limit_is_read() {
    let limits = ReadLimits::default();
    let line = "word ".repeat(limits.line_bytes_max / 5);
    for &format in TEXT_FORMATS {
        assert!(read(format, line.as_bytes(), &limits).is_ok(), "{format:?}");
    }
    let over = "a".repeat(limits.line_bytes_max + 1);
    assert!(read(Format::Markdown, over.as_bytes(), &limits).is_err());
}

#[test]
fn blocks_over_the_limit_are_left_out_with_a_word() {
    let limits = ReadLimits {
        blocks_max: 10,
        ..ReadLimits::default()
    };
    let text = "word\n\n".repeat(100);
    for &format in TEXT_FORMATS {
        let text = if format == Format::Html {
            text.replace("word", "<p>word</p>")
        } else {
            text.clone()
        };
        let reading = read(format, text.as_bytes(), &limits).unwrap();
        assert_eq!(reading.blocks.len(), 10, "{format:?}");
        assert!(
            reading
                .problems
                .iter()
                .any(|problem| problem.contains("10 blocks")),
            "{format:?} {:?}",
            reading.problems
        );
    }
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let limits = ReadLimits::default();
    let picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0";
    let noise: Vec<u8> = (0..4096_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0].max(1))
        .collect();
    for bytes in [&picture[..], &noise] {
        assert!(matches!(
            read(Format::PlainText, bytes, &limits),
            Err(Unreadable::NotText(_))
        ));
    }
}
