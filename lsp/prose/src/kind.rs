//! The kinds of document we know, from the identifier that a language client sends.
//!
//! Not the reading of their markup (`markup/`). Built by the language server when a document is
//! opened.

/// A kind of document: decides how its markup is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// CommonMark with the usual extensions.
    Markdown,
    /// Text without markup.
    PlainText,
    /// LaTeX.
    Latex,
    /// Typst.
    Typst,
    /// AsciiDoc.
    Asciidoc,
    /// reStructuredText.
    Restructuredtext,
    /// Org mode.
    Org,
    /// HTML.
    Html,
    /// A commit message while it is edited.
    GitCommit,
    /// A mail while it is written, with or without its headers.
    Mail,
    /// Source code: only its comments hold prose.
    Code(CodeFamily),
}

/// How a programming language writes its comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CodeFamily {
    /// `// …` and `/* … */`.
    Slashes,
    /// `# …`.
    Hash,
    /// `-- …`.
    Dashes,
    /// `; …`.
    Semicolon,
    /// A language whose comments we cannot tell from its code.
    Unknown,
}

/// Language identifiers (LSP 3.17, "TextDocumentItem", and what Neovim and Helix send in their
/// place) and their kinds.
const KINDS: &[(&[&str], DocumentKind)] = &[
    (
        &[
            "markdown",
            "mdx",
            "rmd",
            "quarto",
            "vimwiki",
            "markdown.mdx",
        ],
        DocumentKind::Markdown,
    ),
    (&["plaintext", "text", "txt"], DocumentKind::PlainText),
    (
        &["latex", "tex", "plaintex", "context"],
        DocumentKind::Latex,
    ),
    (&["typst"], DocumentKind::Typst),
    (&["asciidoc", "asciidoctor", "adoc"], DocumentKind::Asciidoc),
    (&["restructuredtext", "rst"], DocumentKind::Restructuredtext),
    (&["org"], DocumentKind::Org),
    (&["html", "xhtml", "htmldjango"], DocumentKind::Html),
    (
        &["git-commit", "gitcommit", "jjdescription", "hgcommit"],
        DocumentKind::GitCommit,
    ),
    (&["mail", "email", "eml"], DocumentKind::Mail),
    (
        &[
            "c",
            "cpp",
            "csharp",
            "css",
            "dart",
            "go",
            "groovy",
            "java",
            "javascript",
            "javascriptreact",
            "jsonc",
            "kotlin",
            "less",
            "objective-c",
            "objective-cpp",
            "php",
            "rust",
            "scala",
            "scss",
            "swift",
            "typescript",
            "typescriptreact",
            "zig",
        ],
        DocumentKind::Code(CodeFamily::Slashes),
    ),
    (
        &[
            "bash",
            "coffeescript",
            "dockerfile",
            "elixir",
            "fish",
            "julia",
            "make",
            "makefile",
            "nix",
            "perl",
            "powershell",
            "python",
            "r",
            "ruby",
            "sh",
            "shellscript",
            "toml",
            "yaml",
            "zsh",
        ],
        DocumentKind::Code(CodeFamily::Hash),
    ),
    (
        &["ada", "elm", "haskell", "lua", "purescript", "sql"],
        DocumentKind::Code(CodeFamily::Dashes),
    ),
    (
        &["clojure", "emacs-lisp", "lisp", "racket", "scheme"],
        DocumentKind::Code(CodeFamily::Semicolon),
    ),
];

impl DocumentKind {
    /// The kind that a client means by `language_id`; case does not matter. What nobody told us
    /// about is code whose comments we cannot find, so it stays untouched.
    pub fn from_language_id(language_id: &str) -> Self {
        let language_id = language_id.to_ascii_lowercase();
        KINDS
            .iter()
            .find(|(names, _)| names.contains(&language_id.as_str()))
            .map_or(Self::Code(CodeFamily::Unknown), |&(_, kind)| kind)
    }

    /// Whether the document as a whole is prose, rather than code with comments.
    pub const fn is_prose(self) -> bool {
        !matches!(self, Self::Code(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_of_the_contract_is_prose() {
        let names =
            "markdown plaintext latex typst asciidoc restructuredtext org html git-commit mail";
        for name in names.split(' ') {
            assert!(DocumentKind::from_language_id(name).is_prose(), "{name}");
        }
    }

    #[test]
    fn names_of_several_editors_mean_the_same_kind() {
        let check = |names: &[&str], kind| {
            for name in names {
                assert_eq!(DocumentKind::from_language_id(name), kind, "{name}");
            }
        };
        check(
            &["git-commit", "gitcommit", "GitCommit"],
            DocumentKind::GitCommit,
        );
        check(&["restructuredtext", "rst"], DocumentKind::Restructuredtext);
        check(&["python", "bash"], DocumentKind::Code(CodeFamily::Hash));
        check(
            &["json", "", "未知"],
            DocumentKind::Code(CodeFamily::Unknown),
        );
    }

    #[test]
    fn no_identifier_is_listed_twice() {
        let mut names: Vec<&str> = KINDS
            .iter()
            .flat_map(|(names, _)| names.iter().copied())
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
