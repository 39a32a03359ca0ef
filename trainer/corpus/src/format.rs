//! What a file is, by its name and its first bytes.
//!
//! Not how it is read: that is [`crate::read`], one file per format. Called by the trainer's walk,
//! which opens no file that has no format, and by the readers of archives for what lies in them.

use serde::{Deserialize, Serialize};

/// A format that has a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// CommonMark with GitHub's extensions, front matter and footnotes; MDX as far as it is Markdown.
    Markdown,
    /// Text without markup.
    PlainText,
    /// HTML and XHTML.
    Html,
    /// LaTeX.
    Latex,
    /// Typst.
    Typst,
    /// AsciiDoc.
    Asciidoc,
    /// reStructuredText.
    RestructuredText,
    /// Org mode.
    Org,
    /// One e-mail with its headers (RFC 5322).
    Email,
    /// Word (ECMA-376, Office Open XML).
    Docx,
    /// OpenDocument text (ISO 26300).
    Odt,
    /// EPUB 2 and 3.
    Epub,
    /// A Jupyter notebook: its Markdown cells.
    Notebook,
    /// The message of a commit.
    CommitMessage,
}

/// How many of a file's first bytes [`Format::of`] looks at.
pub const FIRST_BYTES_MAX: usize = 4096;

/// Names without an extension that are no documents, in small letters.
const TOOL_FILES: &[&str] = &[
    "makefile",
    "gnumakefile",
    "dockerfile",
    "containerfile",
    "gemfile",
    "rakefile",
    "procfile",
    "vagrantfile",
    "jenkinsfile",
    "justfile",
    "brewfile",
    "podfile",
    "cname",
    "codeowners",
    "build",
    "workspace",
    "kconfig",
    "owners",
    "fetch_head",
    "head",
    "orig_head",
    "index",
    "config",
    "packed-refs",
];

/// Text files by name that a program reads and nobody wrote as prose, in small letters.
const TEXT_FOR_PROGRAMS: &[&str] = &[
    "requirements.txt",
    "requirements-dev.txt",
    "constraints.txt",
    "cmakelists.txt",
    "robots.txt",
    "ads.txt",
    "security.txt",
    "humans.txt",
    "top_level.txt",
    "entry_points.txt",
    "sources.txt",
    "meson_options.txt",
    "dependency_links.txt",
    "cmakecache.txt",
];

/// What names without an extension say of documents, in small letters.
const DOCUMENT_NAMES: &[&str] = &[
    "readme",
    "changelog",
    "changes",
    "news",
    "todo",
    "notes",
    "authors",
    "contributing",
    "contributors",
    "license",
    "licence",
    "copying",
    "notice",
    "history",
    "install",
    "hacking",
    "thanks",
    "maintainers",
    "credits",
];

/// Files into which Git asks for a message, in small letters.
const MESSAGE_FILES: &[&str] = &[
    "commit_editmsg",
    "merge_msg",
    "squash_msg",
    "tag_editmsg",
    "notes_editmsg",
];

/// The share of letters, ideographs and blanks, in percent, from which bytes without a name are prose.
const PROSE_PERCENT_MIN: usize = 85;

impl Format {
    /// Every format, in the order of their declaration.
    pub const ALL: &[Self] = &[
        Self::Markdown,
        Self::PlainText,
        Self::Html,
        Self::Latex,
        Self::Typst,
        Self::Asciidoc,
        Self::RestructuredText,
        Self::Org,
        Self::Email,
        Self::Docx,
        Self::Odt,
        Self::Epub,
        Self::Notebook,
        Self::CommitMessage,
    ];

    /// The format of the file `name` (its last path component is enough), whose content starts with
    /// `first_bytes` ([`FIRST_BYTES_MAX`] of them suffice; none, if they are not known yet).
    ///
    /// The extension decides where there is one; bytes are asked where the name has none, and where
    /// an extension is used for two things. Program code, data, pictures and whatever else is no
    /// document has no format.
    pub fn of(name: &str, first_bytes: &[u8]) -> Option<Self> {
        let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let lower = name.to_lowercase();
        // `~$draft.docx` is Word's lock, `.#draft.md` and `draft.md~` are Emacs's, `._draft.md` macOS's.
        if lower.starts_with("~$")
            || lower.starts_with(".#")
            || lower.starts_with("._")
            || lower.ends_with('~')
        {
            return None;
        }
        if MESSAGE_FILES.contains(&lower.as_str()) {
            return Some(Self::CommitMessage);
        }
        if TEXT_FOR_PROGRAMS.contains(&lower.as_str()) {
            return None;
        }
        match lower.rsplit_once('.') {
            Some(("", _)) => None,
            Some((_, extension)) if is_extension(extension) => {
                Self::of_extension(extension, first_bytes)
            }
            _ => Self::of_bare_name(&lower, first_bytes),
        }
    }

    /// Its name in settings, records and messages: stable.
    pub fn name(self) -> &'static str {
        match self {
            Self::Markdown => "markdown",
            Self::PlainText => "plain_text",
            Self::Html => "html",
            Self::Latex => "latex",
            Self::Typst => "typst",
            Self::Asciidoc => "asciidoc",
            Self::RestructuredText => "restructured_text",
            Self::Org => "org",
            Self::Email => "email",
            Self::Docx => "docx",
            Self::Odt => "odt",
            Self::Epub => "epub",
            Self::Notebook => "notebook",
            Self::CommitMessage => "commit_message",
        }
    }

    /// Whether its text lies packed in an archive, so that it has no lines for blame.
    pub fn is_archive(self) -> bool {
        matches!(self, Self::Docx | Self::Odt | Self::Epub)
    }

    fn of_extension(extension: &str, first_bytes: &[u8]) -> Option<Self> {
        let format = match extension {
            "md" | "markdown" | "mdown" | "mkd" | "mkdn" | "mdwn" | "mdx" | "qmd" | "rmd" => {
                Self::Markdown
            }
            "txt" | "text" => of_text_file(first_bytes),
            "html" | "htm" | "xhtml" | "xht" => Self::Html,
            "tex" | "ltx" | "latex" => Self::Latex,
            "typ" => Self::Typst,
            "adoc" | "asciidoc" => Self::Asciidoc,
            // Also the extension of PGP's signatures and keys.
            "asc" if !trimmed(first_bytes).starts_with(b"-----BEGIN PGP") => Self::Asciidoc,
            "rst" => Self::RestructuredText,
            "org" => Self::Org,
            "eml" => Self::Email,
            "docx" | "docm" | "dotx" => Self::Docx,
            "odt" | "ott" => Self::Odt,
            "epub" => Self::Epub,
            "ipynb" => Self::Notebook,
            _ => return None,
        };
        Some(format)
    }

    fn of_bare_name(lower: &str, first_bytes: &[u8]) -> Option<Self> {
        if TOOL_FILES.contains(&lower) {
            return None;
        }
        let by_bytes = of_first_bytes(first_bytes);
        let named = DOCUMENT_NAMES.contains(&lower);
        let is_prose = named && !is_binary(first_bytes) || looks_like_prose(first_bytes);
        by_bytes.or_else(|| is_prose.then_some(Self::PlainText))
    }
}

/// `Vol. 2` and `第一章.草稿` have no extension; `tar.gz2` has.
fn is_extension(text: &str) -> bool {
    const EXTENSION_BYTES_MAX: usize = 12;
    text.len() <= EXTENSION_BYTES_MAX
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_+".contains(&byte))
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Pages are saved as text now and then; nothing else is told apart, for a text about LaTeX is text.
fn of_text_file(first_bytes: &[u8]) -> Format {
    if is_html(trimmed(first_bytes)) {
        Format::Html
    } else {
        Format::PlainText
    }
}

fn of_first_bytes(bytes: &[u8]) -> Option<Format> {
    if bytes.starts_with(b"PK\x03\x04") {
        return of_zip(bytes);
    }
    let text = trimmed(bytes);
    if is_html(text) {
        return Some(Format::Html);
    }
    if text.starts_with(b"\\documentclass") || text.starts_with(b"\\documentstyle") {
        return Some(Format::Latex);
    }
    if text.starts_with(b"#+") {
        return Some(Format::Org);
    }
    if text.starts_with(b"{") && memchr::memmem::find(text, b"\"cells\"").is_some() {
        return Some(Format::Notebook);
    }
    let is_mail = [
        &b"Return-Path:"[..],
        b"Received:",
        b"Delivered-To:",
        b"Message-ID:",
        b"MIME-Version:",
    ]
    .iter()
    .any(|header| starts_with_any_case(text, header));
    is_mail.then_some(Format::Email)
}

fn of_zip(bytes: &[u8]) -> Option<Format> {
    let has = |needle: &str| memchr::memmem::find(bytes, needle.as_bytes()).is_some();
    if has("mimetypeapplication/epub+zip") {
        Some(Format::Epub)
    } else if has("mimetypeapplication/vnd.oasis.opendocument.text") {
        Some(Format::Odt)
    } else if has("word/") {
        Some(Format::Docx)
    } else {
        None
    }
}

fn is_html(text: &[u8]) -> bool {
    let head = &text[..text.len().min(512)];
    starts_with_any_case(head, b"<!doctype html")
        || starts_with_any_case(head, b"<html")
        || starts_with_any_case(head, b"<?xml") && memchr::memmem::find(head, b"<html").is_some()
}

fn starts_with_any_case(text: &[u8], prefix: &[u8]) -> bool {
    text.get(..prefix.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

/// Without a byte order mark and blanks before the text.
fn trimmed(bytes: &[u8]) -> &[u8] {
    bytes
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(bytes)
        .trim_ascii_start()
}

fn is_binary(bytes: &[u8]) -> bool {
    memchr::memchr(0, bytes).is_some()
}

/// Whether bytes without a name are a text that somebody wrote: a draft called `chapter one`.
fn looks_like_prose(bytes: &[u8]) -> bool {
    if is_binary(bytes) || bytes.starts_with(b"#!") {
        return false;
    }
    let bytes = &bytes[..bytes.len().min(FIRST_BYTES_MAX)];
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        // The cut at the end may fall into a character.
        Err(error) if bytes.len() - error.valid_up_to() < 4 => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    let (mut all, mut prose) = (0_usize, 0_usize);
    for character in text.chars() {
        all += 1;
        prose += usize::from(
            character.is_alphabetic()
                || character.is_whitespace()
                || matches!(character, ',' | '.' | '\'' | '"' | '\u{2013}'..='\u{2026}')
                // Chinese marks, of either width: a dialogue is full of them.
                || matches!(character, '\u{3001}'..='\u{301F}' | '\u{FF01}' | '\u{FF0C}' | '\u{FF1A}'..='\u{FF1F}'),
        );
    }
    let has_words =
        text.split_whitespace().nth(3).is_some() || text.contains(['，', '。', '！', '？']);
    all > 0 && has_words && prose * 100 >= all * PROSE_PERCENT_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_an_extension_tell_the_format() {
        for (name, format) in [
            ("notes.md", Some(Format::Markdown)),
            ("docs/Guide.MDX", Some(Format::Markdown)),
            ("随笔.txt", Some(Format::PlainText)),
            ("index.xhtml", Some(Format::Html)),
            ("thesis.tex", Some(Format::Latex)),
            ("paper.typ", Some(Format::Typst)),
            ("manual.adoc", Some(Format::Asciidoc)),
            ("index.rst", Some(Format::RestructuredText)),
            ("inbox.org", Some(Format::Org)),
            ("re: hello.eml", Some(Format::Email)),
            ("letter.docx", Some(Format::Docx)),
            ("letter.odt", Some(Format::Odt)),
            ("book.epub", Some(Format::Epub)),
            ("analysis.ipynb", Some(Format::Notebook)),
            (".git/COMMIT_EDITMSG", Some(Format::CommitMessage)),
            ("main.rs", None),
            ("data.json", None),
            ("photo.jpeg", None),
            ("~$letter.docx", None),
            ("notes.md~", None),
            (".gitignore", None),
            ("requirements.txt", None),
            ("letter.doc", None),
        ] {
            assert_eq!(Format::of(name, b""), format, "{name}");
        }
    }

    #[test]
    fn bytes_tell_the_format_of_a_file_without_an_extension() {
        let docx = b"PK\x03\x04..[Content_Types].xml....word/document.xml";
        let epub = b"PK\x03\x04\x14\0\0\0mimetypeapplication/epub+zipPK";
        for (name, bytes, format) in [
            (
                "README",
                &b"Inkstone\n========\n"[..],
                Some(Format::PlainText),
            ),
            ("Makefile", b"all: the things that we want to build\n", None),
            ("run", b"#!/bin/sh\necho hello to all of you\n", None),
            (
                "page",
                b"\xEF\xBB\xBF<!DOCTYPE HTML><p>x",
                Some(Format::Html),
            ),
            ("thesis", b"\\documentclass{article}", Some(Format::Latex)),
            ("notes", b"#+TITLE: Notes\n", Some(Format::Org)),
            ("mail", b"Received: from a by b\n", Some(Format::Email)),
            ("book", epub, Some(Format::Epub)),
            ("letter", docx, Some(Format::Docx)),
            ("photo", b"\x89PNG\r\n\x1a\n\0\0\0", None),
            (
                "chapter one",
                b"It was a dark and stormy night.\n",
                Some(Format::PlainText),
            ),
            (
                "第一章",
                "那天夜里下着雨，他没有回来。".as_bytes(),
                Some(Format::PlainText),
            ),
            ("numbers", b"1 2 3 4 5 6 7 8 9 10 11 12\n", None),
            (
                "对话",
                "　　“走？”“走！”“好……”「他說：『去！』」".as_bytes(),
                Some(Format::PlainText),
            ),
            (
                "chapter 1. draft",
                b"It was a dark and stormy night.\n",
                Some(Format::PlainText),
            ),
        ] {
            assert_eq!(Format::of(name, bytes), format, "{name}");
        }
        assert_eq!(
            Format::of("key.asc", b"-----BEGIN PGP SIGNATURE-----"),
            None
        );
        assert_eq!(Format::of("saved.txt", b"<html><body>"), Some(Format::Html));
    }

    #[test]
    fn names_of_formats_are_those_that_are_stored() {
        for format in Format::ALL {
            let variant = format!("{format:?}");
            let mut snake = String::new();
            for character in variant.chars() {
                if character.is_uppercase() && !snake.is_empty() {
                    snake.push('_');
                }
                snake.extend(character.to_lowercase());
            }
            assert_eq!(format.name(), snake);
        }
    }
}
