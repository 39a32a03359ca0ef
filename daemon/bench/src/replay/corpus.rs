//! The documents that are played: read from a folder, in the order of their names.
//!
//! Not cleaned: a writer's documents are as they are. Only files of kinds that Inkstone serves.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use inkstone_prose::{DocumentKind, Language, language_around};
use inkstone_text::floor_char_boundary;

use crate::error::BenchError;

/// Files of a folder that are looked at.
const FILES_MAX: usize = 10_000;
/// Folders within folders.
const DEPTH_MAX: usize = 8;
/// A larger file is cut there, at a character: its beginning is enough to measure on.
const DOCUMENT_BYTES_MAX: usize = 256 * 1024;

/// A document.
#[derive(Debug, Clone)]
pub(super) struct Document {
    /// Its place below the folder, with forward slashes; the file's name when there is no folder.
    pub(super) name: String,
    /// As the editor names its language.
    pub(super) language_id: &'static str,
    pub(super) kind: DocumentKind,
    /// What it is mostly written in.
    pub(super) language: Language,
    /// With line feeds alone.
    pub(super) text: String,
}

/// Reads a folder, or one file.
pub(super) fn read(place: &Path) -> Result<Vec<Document>, BenchError> {
    read_only(place, None)
}

/// Reads the files of a folder that are among `only`, by their canonical paths; all without it.
pub(super) fn read_only(
    place: &Path,
    only: Option<&BTreeSet<PathBuf>>,
) -> Result<Vec<Document>, BenchError> {
    let mut files = Vec::new();
    collect(place, 0, &mut files)?;
    files.sort();
    if let Some(only) = only {
        files.retain(|file| file.canonicalize().is_ok_and(|path| only.contains(&path)));
        if files.is_empty() {
            return Err(BenchError::NothingHeldOut {
                path: place.to_owned(),
            });
        }
    }
    let mut documents = Vec::new();
    for file in files {
        let Some(language_id) = language_id(&file) else {
            continue;
        };
        let bytes = fs::read(&file).map_err(|source| unreadable(&file, source))?;
        // What is not text of this encoding says nothing about suggestions.
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        documents.push(document(name(place, &file), language_id, &text));
    }
    if documents.is_empty() {
        return Err(BenchError::NoDocuments {
            path: place.to_owned(),
        });
    }
    Ok(documents)
}

/// The files of a folder that are of kinds that Inkstone serves, with their names below it, in order.
pub(crate) fn prose_files(place: &Path) -> Result<Vec<(String, PathBuf)>, BenchError> {
    let mut files = Vec::new();
    collect(place, 0, &mut files)?;
    files.retain(|file| language_id(file).is_some());
    files.sort();
    let named = files.into_iter().map(|file| (name(place, &file), file));
    Ok(named.collect())
}

fn name(place: &Path, file: &Path) -> String {
    let below = file.strip_prefix(place).unwrap_or(file);
    let below = if below.as_os_str().is_empty() {
        Path::new(file.file_name().unwrap_or_default())
    } else {
        below
    };
    below.to_string_lossy().replace('\\', "/")
}

fn document(name: String, language_id: &'static str, text: &str) -> Document {
    let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.truncate(floor_char_boundary(&text, DOCUMENT_BYTES_MAX));
    let (language_id, text) = match in_one_fence(&text) {
        Some(inner) => ("plaintext", inner.to_owned()),
        None => (language_id, text),
    };
    Document {
        name,
        language_id,
        kind: DocumentKind::from_language_id(language_id),
        language: language_around(&text, ""),
        text,
    }
}

/// The text of a document that is nothing but one fenced block, as prose copied from elsewhere
/// often is.
fn in_one_fence(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("```\n")?.strip_suffix("\n```")?;
    (!inner.contains("```")).then_some(inner)
}

fn language_id(file: &Path) -> Option<&'static str> {
    match file.extension()?.to_str()? {
        "md" | "markdown" => Some("markdown"),
        "txt" => Some("plaintext"),
        _ => None,
    }
}

fn collect(place: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), BenchError> {
    if place.is_file() {
        files.push(place.to_owned());
        return Ok(());
    }
    let entries = fs::read_dir(place).map_err(|source| unreadable(place, source))?;
    for entry in entries {
        let path = entry.map_err(|source| unreadable(place, source))?.path();
        if files.len() >= FILES_MAX {
            return Ok(());
        }
        // A link may lead in a circle; a corpus has no need of any.
        let is_link = path.is_symlink();
        if path.is_dir() && depth < DEPTH_MAX && !is_link {
            collect(&path, depth + 1, files)?;
        } else if path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

fn unreadable(path: &Path, source: std::io::Error) -> BenchError {
    BenchError::Corpus {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(language_id: &'static str, text: &str) -> Document {
        document("a".to_owned(), language_id, text)
    }

    #[test]
    fn documents_come_in_the_order_of_their_names_with_their_language() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("b.md", "今天早上我去公园散步。\r\n看到很多老人。");
        write("a.txt", "The harbour was quiet.\rAnd cold.");
        write("c.png", "not a document");
        write("d.md", "");
        let documents = read(folder.path()).unwrap();
        let languages: Vec<Language> = documents.iter().map(|each| each.language).collect();
        assert_eq!(languages[..2], [Language::English, Language::Chinese]);
        assert_eq!(documents.len(), 3);
        assert_eq!(documents[1].name, "b.md");
        let one = read(&folder.path().join("a.txt")).unwrap();
        assert_eq!(one[0].name, "a.txt");
        assert_eq!(documents[0].text, "The harbour was quiet.\nAnd cold.");
        assert_eq!(documents[1].text, "今天早上我去公园散步。\n看到很多老人。");
    }

    #[test]
    fn of_a_folder_only_what_is_held_out_is_read() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.md", "船.md"] {
            fs::write(folder.path().join(name), "The harbour was quiet.").unwrap();
        }
        let only = |name: &str| {
            let path = folder.path().canonicalize().unwrap().join(name);
            let read = read_only(folder.path(), Some(&[path].into()));
            read.map(|documents| documents.into_iter().map(|one| one.name).collect())
        };
        assert_eq!(only("船.md").unwrap(), ["船.md".to_owned()] as [String; 1]);
        let problem: Result<Vec<String>, _> = only("other.md");
        let problem = problem.unwrap_err().to_string();
        assert!(problem.contains("held out"), "{problem}");
    }

    #[test]
    fn a_folder_without_documents_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let problem = read(folder.path()).unwrap_err().to_string();
        assert!(
            problem.contains(&folder.path().display().to_string()),
            "{problem}"
        );
        assert!(read(&folder.path().join("missing")).is_err());
    }

    #[test]
    fn a_document_in_one_fence_is_the_text_inside() {
        let fenced = of("markdown", "```\n一翻《呐喊》，才又记得。\n```\n");
        assert_eq!(
            (fenced.language_id, fenced.text.as_str()),
            ("plaintext", "一翻《呐喊》，才又记得。")
        );
        let code = "Text\n\n```\nls\n```\n";
        assert_eq!(of("markdown", code).text, code);
    }

    #[test]
    fn a_long_document_is_cut_between_characters() {
        let text = of("plaintext", &"砚".repeat(DOCUMENT_BYTES_MAX)).text;
        assert!(text.len() <= DOCUMENT_BYTES_MAX && text.len() > DOCUMENT_BYTES_MAX - 3);
    }
}
