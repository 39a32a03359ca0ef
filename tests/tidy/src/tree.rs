//! The files of the repository as git would see them: ignored ones and `.git` left out.
//!
//! Read once, held as text. Files that are not UTF-8 have no text and no rule looks into them.

use std::path::Path;

use ignore::WalkBuilder;

use crate::finding::Finding;
use crate::rust_file::{self, RustFile};

/// One file.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// From the root, with `/`.
    pub path: String,
    /// Its text, if it is text.
    pub text: Option<String>,
}

/// Every file of a repository, by path.
#[derive(Debug)]
pub struct Tree {
    files: Vec<SourceFile>,
}

impl Tree {
    /// Reads the repository below a root.
    ///
    /// # Panics
    /// When a file cannot be read.
    pub fn read(root: &Path) -> Self {
        let mut walk = WalkBuilder::new(root);
        // Only the repository's own `.gitignore` counts, so that every machine sees the same files.
        walk.hidden(false)
            .parents(false)
            .git_global(false)
            .git_exclude(false)
            .require_git(false)
            .filter_entry(|entry| entry.file_name() != ".git");
        let mut files = Vec::new();
        for entry in walk.build() {
            let entry = entry.unwrap_or_else(|error| panic!("{}: {error}", root.display()));
            let path = entry.path();
            if !path.is_file() {
                continue;
            }
            let bytes =
                std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let relative = path.strip_prefix(root).unwrap_or(path);
            files.push(SourceFile {
                path: relative.to_string_lossy().replace('\\', "/"),
                text: String::from_utf8(bytes).ok(),
            });
        }
        Self::of(files)
    }

    /// A tree of these files; the rules' own tests make theirs so.
    pub fn of(mut files: Vec<SourceFile>) -> Self {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Self { files }
    }

    /// Every file.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// The text of a file.
    pub fn text(&self, path: &str) -> Option<&str> {
        let file = self.files.iter().find(|file| file.path == path)?;
        file.text.as_deref()
    }

    /// Every file with a text: path and text.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .filter_map(|file| Some((file.path.as_str(), file.text.as_deref()?)))
    }

    /// Every Rust file, parsed, and a finding for each that does not parse. Parsed anew at each call:
    /// syntax trees cannot be shared between the threads of a test run.
    pub fn parse(&self) -> (Vec<RustFile>, Vec<Finding>) {
        let rust = self.texts().filter(|(path, _)| has_ending(path, "rs"));
        rust_file::parse_all(rust)
    }

    /// Every Rust file that parses.
    pub fn rust_files(&self) -> Vec<RustFile> {
        self.parse().0
    }
}

/// Whether a path ends in `.ending`.
pub fn has_ending(path: &str, ending: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|found| found == ending)
}
