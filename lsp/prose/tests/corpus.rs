//! Real Markdown of two languages: a caret in a fence is in a code block, one outside is not.
//!
//! The judge is a reader of fences of its own, line by line. Needs the corpora (`INKSTONE_CORPORA`);
//! without them it fails in CI and says elsewhere why it skips.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

use std::path::{Path, PathBuf};

use inkstone_prose::characters::is_han;
use inkstone_prose::{DocumentKind, Language, Zone, language_around, zone_at};
use inkstone_text::Utf8Offset;

/// The folder of the corpora, if it is there.
fn corpora() -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = std::env::var_os("INKSTONE_CORPORA")
        .map_or_else(|| workspace.join("../shared/corpora"), PathBuf::from);
    if path.is_dir() {
        return Some(path);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "no corpora at {}; set INKSTONE_CORPORA to their folder",
        path.display()
    );
    println!(
        "skipped: no corpora at {}; set INKSTONE_CORPORA to their folder",
        path.display()
    );
    None
}

/// Every Markdown and text file under a folder, in order.
fn documents_under(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("readable folder") {
            let path = entry.expect("readable entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "md" || extension == "txt")
            {
                let text = std::fs::read_to_string(&path).expect("UTF-8 file");
                files.push((path, text));
            }
        }
    }
    files.sort();
    files
}

/// The text lines strictly inside of fences that start at the margin, and those in no fence.
fn fenced_lines(text: &str) -> Vec<(usize, bool)> {
    let mut fence: Option<(char, usize)> = None;
    let mut start = 0;
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        let mark = content.chars().next().filter(|c| matches!(c, '`' | '~'));
        let run = mark.map_or(0, |mark| content.chars().take_while(|c| *c == mark).count());
        match fence {
            None if run >= 3 && !content[run..].contains('`') => {
                fence = mark.map(|mark| (mark, run));
            }
            Some((open, length)) if mark == Some(open) && run >= length && content.len() == run => {
                fence = None;
            }
            state => {
                if !content.is_empty() {
                    found.push((start + content.len(), state.is_some()));
                }
            }
        }
        start += line.len();
    }
    found
}

#[test]
fn fences_of_real_documents_are_found_where_they_are() {
    let Some(corpora) = corpora() else { return };
    let mut carets = [0_usize; 2];
    let mut wrong = Vec::new();
    for folder in ["en/willison-til", "zh/react-docs"] {
        for (path, text) in documents_under(&corpora.join(folder)) {
            for (caret, fenced) in fenced_lines(&text).into_iter().step_by(23) {
                let zone = zone_at(&text, Utf8Offset::new(caret), DocumentKind::Markdown);
                carets[usize::from(fenced)] += 1;
                // Indented code, and fences in lists and quotes, are code too, but not for the judge.
                let line_start = text[..caret].rfind('\n').map_or(0, |at| at + 1);
                let indented = text[line_start..].starts_with([' ', '\t', '>']);
                if (zone == Zone::CodeFence) != fenced && !indented {
                    wrong.push(format!(
                        "{}:{caret} {zone:?}, fenced: {fenced}",
                        path.display()
                    ));
                }
            }
        }
    }
    println!(
        "{carets:?} carets outside and inside of fences, {} wrong",
        wrong.len()
    );
    assert!(carets.iter().all(|&count| count > 500), "{carets:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn line_of(text: &str, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
    let end = text[at..]
        .find('\n')
        .map_or(text.len(), |length| at + length);
    &text[start..end]
}

/// Whether the letters of a line are mostly of a language's script: the judge, by counting.
fn is_mostly(language: Language, line: &str) -> bool {
    let han = line.chars().filter(|c| is_han(*c)).count();
    let latin = line.chars().filter(char::is_ascii_alphabetic).count();
    match language {
        Language::Chinese => han > latin,
        _ => latin > han,
    }
}

#[test]
fn real_paragraphs_are_in_the_language_of_their_author() {
    let Some(corpora) = corpora() else { return };
    // The stories of 鲁迅 are kept within fences, as found: they are read as text without markup.
    for (folder, kind, expected) in [
        ("en/thoreau", DocumentKind::Markdown, Language::English),
        ("en/twain", DocumentKind::Markdown, Language::English),
        ("zh/luxun", DocumentKind::PlainText, Language::Chinese),
        ("zh/react-docs", DocumentKind::Markdown, Language::Chinese),
    ] {
        let (mut right, mut all) = (0_usize, 0_usize);
        for (_, text) in documents_under(&corpora.join(folder)) {
            for (at, c) in text.char_indices().step_by(701) {
                let zone = zone_at(&text, Utf8Offset::new(at), kind);
                // Half of the React pages are not translated: only lines mostly of Han count there.
                if zone == Zone::Prose
                    && c.is_alphanumeric()
                    && is_mostly(expected, line_of(&text, at))
                {
                    all += 1;
                    right += usize::from(language_around(&text[..at], &text[at..]) == expected);
                }
            }
        }
        println!("{folder}: {right} of {all} carets are {expected:?}");
        assert!(
            all > 100 && right * 100 >= all * 98,
            "{folder}: {right} of {all}"
        );
    }
}
