//! Generic prose, which keeps an adapter from forgetting the language and shows whether it does: a
//! folder that the owner names, or samples of the base model itself, drawn once and cached.
//!
//! A model's samples stand in for what it was trained on (Scialom, Chakrabarty, Muresan 2022; Huang et
//! al. 2024), which nobody has at hand.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use inkstone_corpus::dataset::Digest;
use inkstone_platform::private;
use serde::{Deserialize, Serialize};

/// Files of a folder that are read, the first by name; text of each, and of all.
const FILES_MAX: usize = 2_000;
const FILE_BYTES_MAX: u64 = 1 << 20;
const TEXT_BYTES_MAX: usize = 16 << 20;
/// Folders below the one that is named.
const DEPTH_MAX: usize = 6;
/// Endings of files that are read.
const ENDINGS: [&str; 2] = ["md", "txt"];

/// Texts of nobody's dataset.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Generic {
    /// Each on its own.
    pub texts: Vec<String>,
}

impl Generic {
    /// The name of all of them.
    pub fn sha256(&self) -> String {
        let all: Vec<String> = self
            .texts
            .iter()
            .map(|text| Digest::of(text.as_bytes()).to_string())
            .collect();
        Digest::of(all.join("\n").as_bytes()).to_string()
    }
}

/// The texts of a folder, in the order of their paths, without those that were forgotten.
pub fn of_folder(folder: &Path, forgotten: &[PathBuf]) -> anyhow::Result<Generic> {
    let mut files = Vec::new();
    collect(folder, 0, &mut files)
        .with_context(|| format!("{}; correct train.replay_folder", folder.display()))?;
    files.retain(|file| {
        let canonical = file.canonicalize().unwrap_or_else(|_| file.clone());
        !forgotten.iter().any(|gone| canonical.starts_with(gone))
    });
    files.sort();
    files.truncate(FILES_MAX);
    let mut generic = Generic::default();
    let mut room = TEXT_BYTES_MAX;
    for file in files {
        let mut bytes = Vec::new();
        let opened = fs::File::open(&file).with_context(|| file.display().to_string())?;
        opened.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
        let Some(left) = room.checked_sub(text.len()) else {
            break;
        };
        room = left;
        if !text.trim().is_empty() {
            generic.texts.push(text.trim().to_owned());
        }
    }
    Ok(generic)
}

fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        if kind.is_dir() && depth < DEPTH_MAX && !is_hidden {
            collect(&path, depth + 1, files)?;
        }
        let ending = path.extension().and_then(|ending| ending.to_str());
        if kind.is_file() && !is_hidden && ending.is_some_and(|ending| ENDINGS.contains(&ending)) {
            files.push(path);
        }
    }
    Ok(())
}

/// What a cache of samples means; one of another version is drawn anew.
const SAMPLES_VERSION: u32 = 1;
/// Tokens of one sample, and how many there are: as many tokens as a dataset that is just large
/// enough to be trained on, and few enough to be drawn in minutes.
pub const SAMPLE_TOKENS: usize = 192;
/// See [`SAMPLE_TOKENS`].
pub const SAMPLES: usize = 32;
/// As the model is, neither bolder nor tamer.
pub const TEMPERATURE: f64 = 1.0;

/// How samples begin: what a model says after nothing at all is seldom prose.
pub fn opening(language: &str, number: usize) -> &'static str {
    const ENGLISH: [&str; 16] = [
        "The", "In", "When I", "It was", "There is", "As the", "A few", "My", "For many", "One of",
        "She", "If you", "This", "We", "After", "People",
    ];
    const CHINESE: [&str; 16] = [
        "在", "我们", "一个", "他", "这是", "很多", "从", "那天", "今天", "如果", "她说", "关于",
        "当", "有人", "虽然", "最近",
    ];
    let openings = if language == "zh" { CHINESE } else { ENGLISH };
    openings[number % openings.len()]
}

/// Samples that were drawn of a model, so far.
#[derive(Debug, Serialize, Deserialize)]
struct Cached {
    version: u32,
    samples: Vec<String>,
}

/// Reads what was drawn.
pub fn cached(file: &Path) -> Generic {
    let read = || {
        let cached: Cached = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
        (cached.version == SAMPLES_VERSION).then_some(cached.samples)
    };
    let mut texts = read().unwrap_or_default();
    texts.truncate(SAMPLES);
    Generic { texts }
}

/// Keeps what was drawn.
pub fn cache(file: &Path, generic: &Generic) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let cached = Cached {
        version: SAMPLES_VERSION,
        samples: generic.texts.clone(),
    };
    private::replace(file, &serde_json::to_vec(&cached)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_texts_in_the_order_of_their_paths() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("b.txt", "two\r\nlines\n");
        write("a/散文.md", "夜里很静 👩‍👩‍👧\n");
        write("empty.md", " \n");
        write("page.html", "<p>no</p>");
        write(".hidden/c.md", "no");
        let read = |forgotten: &[PathBuf]| of_folder(folder.path(), forgotten).unwrap();
        let generic = read(&[]);
        assert_eq!(generic.texts, ["夜里很静 👩‍👩‍👧", "two\nlines"]);
        assert_eq!(generic.sha256(), read(&[]).sha256());
        let gone = folder.path().canonicalize().unwrap().join("a");
        assert_eq!(read(&[gone]).texts, ["two\nlines"]);
        let missing = of_folder(Path::new("/没有"), &[]).unwrap_err();
        assert!(format!("{missing:#}").contains("train.replay_folder"));
    }

    #[test]
    fn samples_are_cached_as_they_were_drawn() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("replay/m.json");
        assert_eq!(cached(&file), Generic::default());
        let some = Generic {
            texts: vec!["The sea.".to_owned(), "在夜里。".to_owned()],
        };
        cache(&file, &some).unwrap();
        assert_eq!(cached(&file), some);
        fs::write(&file, b"{\"version\":0,\"samples\":[]}").unwrap();
        assert_eq!(cached(&file), Generic::default());
    }

    #[test]
    fn samples_begin_in_their_language_and_not_all_alike() {
        assert_eq!(opening("en", 0), "The");
        assert_ne!(opening("zh", 1), opening("zh", 2));
        assert_eq!(opening("en", 3), opening("en", 19));
    }
}
