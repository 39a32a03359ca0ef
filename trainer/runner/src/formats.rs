//! Which format a file has by its name, and which of them its owner lets the trainer read.
//!
//! Not what a file is by its bytes: a file whose name says nothing is not opened.

use inkstone_corpus::format::Format;

/// Every format with the word that settings and reports use, and the endings of its names.
const FORMATS: &[(Format, &str, &[&str])] = &[
    (
        Format::Markdown,
        "markdown",
        &["md", "markdown", "mdown", "mkd", "mdx", "rmd", "qmd"],
    ),
    (Format::PlainText, "plain_text", &["txt", "text"]),
    (Format::Html, "html", &["html", "htm", "xhtml"]),
    (Format::Latex, "latex", &["tex", "ltx", "latex"]),
    (Format::Typst, "typst", &["typ"]),
    (Format::Asciidoc, "asciidoc", &["adoc", "asciidoc", "asc"]),
    (
        Format::RestructuredText,
        "restructured_text",
        &["rst", "rest"],
    ),
    (Format::Org, "org", &["org"]),
    (Format::Email, "email", &["eml"]),
    (Format::Docx, "docx", &["docx"]),
    (Format::Odt, "odt", &["odt"]),
    (Format::Epub, "epub", &["epub"]),
    (Format::Notebook, "notebook", &["ipynb"]),
    (Format::CommitMessage, "commit_message", &[]),
];

/// The format of a file with this name.
pub fn of_name(name: &str) -> Option<Format> {
    let (stem, ending) = name.rsplit_once('.')?;
    if stem.is_empty() {
        return None;
    }
    let ending = ending.to_ascii_lowercase();
    let has_ending = |endings: &[&str]| endings.contains(&ending.as_str());
    let row = FORMATS.iter().find(|(_, _, endings)| has_ending(endings))?;
    Some(row.0)
}

/// The word of a format in settings and reports.
pub fn word(format: Format) -> &'static str {
    let row = FORMATS.iter().find(|(of, _, _)| *of == format);
    row.map_or("unknown", |(_, word, _)| word)
}

/// The format of a word.
pub fn of_word(word: &str) -> Option<Format> {
    let row = FORMATS.iter().find(|(_, of, _)| *of == word)?;
    Some(row.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_the_settings() {
        let words: Vec<&str> = FORMATS.iter().map(|(_, word, _)| *word).collect();
        assert_eq!(words, inkstone_settings::CORPUS_FORMATS);
        for word in words {
            assert_eq!(of_word(word).map(super::word), Some(word));
        }
    }

    #[test]
    fn a_name_tells_the_format_whatever_its_letters_and_a_hidden_file_has_none() {
        assert_eq!(of_name("随笔.MD"), Some(Format::Markdown));
        assert_eq!(of_name("a.b.docx"), Some(Format::Docx));
        assert_eq!(of_name(".txt"), None);
        assert_eq!(of_name("main.rs"), None);
        assert_eq!(of_name("README"), None);
    }
}
