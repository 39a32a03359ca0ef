//! What the settings let the trainer read, in the types that reading takes.

use std::path::PathBuf;
use std::time::Duration;

use inkstone_corpus::format::Format;
use inkstone_settings::Corpus;

/// What is read of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingOptions {
    /// Formats that are read.
    pub formats: Vec<Format>,
    /// Patterns as in `.gitignore` of what is not.
    pub exclude: Vec<String>,
    /// Files of one folder.
    pub files_max: u32,
    /// Bytes of a file.
    pub file_bytes_max: u64,
    /// Whether file systems mounted within the folder are read.
    pub other_file_systems: bool,
    /// Files and folders that their owner had forgotten: absolute.
    pub forgotten: Vec<PathBuf>,
}

/// How changes are noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatchOptions {
    /// Without a further change, before a changed file is read.
    pub quiet: Duration,
    /// Folders that are watched, all together.
    pub watches_max: usize,
    /// Between two looks at a folder that cannot be watched.
    pub poll: Duration,
}

/// How long git may take for one question.
pub fn git_deadline(corpus: &Corpus) -> Duration {
    Duration::from_secs(u64::from(corpus.git_s_max))
}

impl ReadingOptions {
    /// As the settings say.
    pub fn of(corpus: &Corpus) -> Self {
        let words = corpus.formats.iter();
        Self {
            formats: words.filter_map(|word| named(word)).collect(),
            exclude: corpus.exclude.clone(),
            files_max: corpus.files_max,
            file_bytes_max: u64::from(corpus.file_mb_max) << 20,
            other_file_systems: corpus.other_file_systems,
            forgotten: Vec::new(),
        }
    }

    /// Without these files and folders.
    #[must_use]
    pub fn without(self, forgotten: Vec<PathBuf>) -> Self {
        Self { forgotten, ..self }
    }
}

impl Default for ReadingOptions {
    fn default() -> Self {
        Self::of(&Corpus::default())
    }
}

impl WatchOptions {
    /// As the settings say.
    pub fn of(corpus: &Corpus) -> Self {
        Self {
            quiet: Duration::from_millis(u64::from(corpus.debounce_ms)),
            watches_max: usize::try_from(corpus.watches_max).unwrap_or(usize::MAX),
            poll: Duration::from_secs(u64::from(corpus.poll_s)),
        }
    }
}

fn named(word: &str) -> Option<Format> {
    Format::ALL
        .iter()
        .copied()
        .find(|format| format.name() == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_those_of_the_settings() {
        let words: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
        assert_eq!(words, inkstone_settings::CORPUS_FORMATS);
        assert_eq!(ReadingOptions::default().formats, Format::ALL);
    }
}
