//! The texts of a source, and by what they are recognised wherever they may be left: hashes, shingles,
//! bytes. Held by the process that forgets, and written nowhere.
//!
//! What stands in another document too is that document's, and is not looked for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use inkstone_corpus::CleanDocument;
use inkstone_corpus::authorship::{Claim, Evidence as Authorship};
use inkstone_corpus::dataset::{self, Digest, Record};
use inkstone_corpus::dedup::exact_hash;
use inkstone_corpus::document::{Source as FileSource, clean_document};
use inkstone_corpus::split::Split;
use inkstone_prose::Language;
use inkstone_prose::characters::is_han;
use inkstone_prose::shingle::{Width, shingles};
use inkstone_settings::{Corpus, Settings};
use inkstone_store::corpus::document::DocumentRow;

use super::source::Source;
use crate::assemble::purge::Found;
use crate::content::{self, Content};
use crate::keep::{Manner, rules_of};
use crate::options::ReadingOptions;
use crate::walk::{Found as Walked, walk_at};

/// Text of a source that is held: more of one is taken away all the same, and not all of it looked for.
const TEXT_BYTES_MAX: usize = 128 << 20;
/// Texts that are looked for byte by byte: each file is searched for all of them at once.
const NEEDLES_MAX: usize = 512;
/// Bytes of such a text: long enough to stand nowhere by chance.
const NEEDLE_BYTES: usize = 48;
/// Names of other sources that are told.
const OTHERS_TOLD_MAX: usize = 20;

/// What a source says.
#[derive(Default)]
pub struct Evidence {
    texts: BTreeSet<String>,
    shingles: BTreeSet<u64>,
    /// Of texts, as the store has them, and of files.
    hashes: BTreeSet<Vec<u8>>,
    /// What an adapter may have learned, by the document.
    records: BTreeMap<Vec<u8>, Vec<Record>>,
    bytes: usize,
    /// Whether there was more than is held.
    is_cut: bool,
    also_in: BTreeSet<PathBuf>,
}

impl Evidence {
    /// Takes what the store has.
    pub fn take(&mut self, found: &Found<'_>) {
        match found {
            Found::Reading(document, content_hash) => {
                self.hashes.insert(content_hash.to_vec());
                self.take_document(document);
                self.take_pieces(document, content_hash);
            }
            Found::Record(record) => {
                let from = &record.provenance;
                self.hashes.insert(from.content_hash.0.to_vec());
                self.take_text(&record.text);
                // All pieces of a document that is still there are held already.
                let known = self
                    .records
                    .entry(from.content_hash.0.to_vec())
                    .or_default();
                if !self.is_cut && known.iter().all(|one| one.text != record.text) {
                    known.push((*record).clone());
                }
            }
        }
    }

    /// Takes the files that lie there, as far as the store has not read what they say.
    pub fn take_files(&mut self, source: &Source, settings: &Settings) -> anyhow::Result<()> {
        let root = &source.workspace.path;
        if !source.path.exists() || !root.is_dir() {
            return Ok(());
        }
        let reading = ReadingOptions::of(&settings.corpus);
        let manner = Manner::of(
            &settings.corpus,
            Vec::new(),
            inkstone_corpus::review::wanted::Wanted::default(),
        )?;
        for found in walk_at(root, source.place().path, &reading)? {
            let Walked::File(file) = found else { continue };
            // What cannot be read now was not read before, or is known from the store.
            let Ok(content) = content::read(&file.absolute, reading.file_bytes_max) else {
                continue;
            };
            let hash = content.hash.as_bytes().to_vec();
            if self.records.contains_key(&hash) {
                continue;
            }
            if let Some(document) =
                cleaned(&file.path, file.format, &content, &manner, &settings.corpus)
            {
                self.take_document(&document);
                self.take_pieces(&document, &hash);
            }
            self.hashes.insert(hash);
        }
        Ok(())
    }

    fn take_document(&mut self, document: &CleanDocument) {
        for piece in &document.pieces {
            self.take_text(&piece.text);
            if piece.original != piece.text {
                self.take_text(&piece.original);
            }
        }
        for block in &document.left_out {
            self.take_text(&block.excerpt);
        }
    }

    fn take_text(&mut self, text: &str) {
        if self.bytes + text.len() > TEXT_BYTES_MAX {
            self.is_cut = true;
            return;
        }
        if self.texts.insert(text.to_owned()) {
            self.bytes += text.len();
            self.shingles.extend(shingles(text, Width::RECOGNISE));
            self.hashes.insert(exact_hash(text).0.to_vec());
            self.hashes.insert(Digest::of(text.as_bytes()).0.to_vec());
        }
    }

    /// The pieces as an adapter learns them.
    fn take_pieces(&mut self, document: &CleanDocument, content_hash: &[u8]) {
        if self.is_cut {
            return;
        }
        let hash: [u8; 32] = content_hash.try_into().unwrap_or_default();
        let origin = dataset::Origin {
            workspace: String::new(),
            path: String::new(),
            document: dataset::DocumentKey::new(b"", content_hash, 0),
            content_hash: Digest(hash),
        };
        let records = document.pieces.iter();
        let records = records.map(|piece| dataset::record(document, piece, Split::Train, &origin));
        self.records
            .insert(content_hash.to_vec(), records.collect());
    }

    /// Leaves to another document what stands in it too.
    pub fn leave_to(&mut self, row: &DocumentRow, document: &CleanDocument) {
        self.hashes.remove(&row.content_hash);
        let pieces = document.pieces.iter();
        let texts = pieces.flat_map(|piece| [&piece.text, &piece.original]);
        for text in texts.chain(document.left_out.iter().map(|block| &block.excerpt)) {
            let mut is_shared = self.texts.remove(text);
            is_shared |= self.hashes.remove(&exact_hash(text).0[..]);
            is_shared |= self.hashes.remove(&Digest::of(text.as_bytes()).0[..]);
            for shingle in shingles(text, Width::RECOGNISE) {
                is_shared |= self.shingles.remove(&shingle);
            }
            if is_shared && self.also_in.len() < OTHERS_TOLD_MAX {
                let path = PathBuf::from(String::from_utf8_lossy(&row.path).into_owned());
                self.also_in.insert(Path::new(&row.folder).join(path));
            }
        }
    }

    /// Texts that stand in it alone.
    pub fn texts(&self) -> &BTreeSet<String> {
        &self.texts
    }

    /// Shingles that stand in it alone.
    pub fn shingles(&self) -> Vec<u64> {
        self.shingles.iter().copied().collect()
    }

    /// Whether a text has one of them.
    pub fn is_in(&self, text: &str) -> bool {
        let mut found = shingles(text, Width::RECOGNISE).into_iter();
        found.any(|shingle| self.shingles.contains(&shingle)) || self.texts.contains(text)
    }

    /// Hashes of what stands in it alone.
    pub fn hashes(&self) -> &BTreeSet<Vec<u8>> {
        &self.hashes
    }

    /// Other documents in which some of it stands, and stays.
    pub fn also_in(&self) -> Vec<PathBuf> {
        self.also_in.iter().cloned().collect()
    }

    /// Whether it was too long to be looked for as a whole.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// What an adapter may have learned of it, document by document.
    pub fn records(&self) -> impl Iterator<Item = &Record> {
        self.records.values().flatten()
    }

    /// Stretches of its texts, evenly from all of them, none of which stands in another document.
    pub fn needles(&self) -> Vec<&str> {
        let own = self.texts.iter().filter_map(|text| self.needle_of(text));
        let own: Vec<&str> = own.collect();
        let step = own.len().div_ceil(NEEDLES_MAX).max(1);
        own.into_iter().step_by(step).collect()
    }

    /// The middle of a text as it would stand in a file, whether as it is or within JSON.
    fn needle_of<'t>(&self, text: &'t str) -> Option<&'t str> {
        let mut lines = text.split(|c: char| c.is_control() || matches!(c, '"' | '\\'));
        lines.find_map(|line| {
            if line.len() < NEEDLE_BYTES {
                return None;
            }
            // Half a word has no shingle of this text's.
            let parts_words = |at: usize| {
                let is_letter = |c: char| c.is_alphanumeric() && !is_han(c);
                line[..at].ends_with(is_letter) && line[at..].starts_with(is_letter)
            };
            let boundary = |from: usize| {
                (from..line.len()).find(|&at| line.is_char_boundary(at) && !parts_words(at))
            };
            let start = boundary((line.len() - NEEDLE_BYTES) / 2)?;
            let end = boundary(start + NEEDLE_BYTES).unwrap_or(line.len());
            let needle = &line[start..end];
            let mut parts = shingles(needle, Width::RECOGNISE).into_iter().peekable();
            let is_long_enough = parts.peek().is_some();
            (is_long_enough && parts.all(|part| self.shingles.contains(&part))).then_some(needle)
        })
    }
}

/// The document of a file, whoever wrote it.
fn cleaned(
    path: &str,
    format: inkstone_corpus::format::Format,
    content: &Content,
    manner: &Manner,
    corpus: &Corpus,
) -> Option<CleanDocument> {
    let rules = rules_of(corpus).ok()?;
    clean_document(&FileSource {
        format,
        bytes: &content.bytes,
        limits: manner.limits(),
        evidence: Authorship {
            path,
            line_authors: None,
            origin_of: &|_| None,
            claim: Claim::Mine,
            main_language: Language::English,
        },
        rules: &rules,
        wanted: manner.wanted(),
    })
    .ok()
}

#[cfg(test)]
mod tests {
    use inkstone_corpus::BlockKind;
    use inkstone_corpus::piece::{AuthorState, Genre, Piece};

    use super::*;

    fn document(texts: &[&str]) -> CleanDocument {
        let piece = |text: &&str| Piece {
            kind: BlockKind::Paragraph,
            headings: Vec::new(),
            original: (*text).to_owned(),
            text: (*text).to_owned(),
            rules: BTreeMap::new(),
            redacted: BTreeMap::new(),
            language: "en".to_owned(),
            author: AuthorState::Own,
            lines: None,
            brought_back: None,
        };
        CleanDocument {
            title: None,
            genre: Genre::Blog,
            pieces: texts.iter().map(piece).collect(),
            left_out: Vec::new(),
            problems: Vec::new(),
        }
    }

    const SECRET: &str =
        "Only this file says that the lighthouse keeper kept a tame heron named Ptolemy.";
    const SHARED: &str =
        "The harbour lay quiet in the morning, and nobody had come to mend the nets yet.";
    const CHINESE: &str =
        "只有这个文件说过，守灯塔的老人在阁楼上养了一只名叫托勒密的苍鹭，每天傍晚都和它说话。";

    #[test]
    fn what_another_document_says_too_is_left_to_it_and_the_rest_is_looked_for() {
        let mut evidence = Evidence::default();
        let ours = document(&[SECRET, SHARED, CHINESE]);
        evidence.take(&Found::Reading(&ours, &[7; 32]));
        let row = DocumentRow {
            id: 1,
            workspace: 1,
            path: b"other.md".to_vec(),
            key: Vec::new(),
            content_hash: vec![8; 32],
            modified: 0,
            made_by: Vec::new(),
            folder: "essays".to_owned(),
            likeness: Vec::new(),
            live: true,
            excluded: false,
            witness: None,
            counted: true,
        };
        evidence.leave_to(&row, &document(&[SHARED]));
        assert!(evidence.is_in(SECRET) && evidence.is_in(CHINESE) && !evidence.is_in(SHARED));
        assert_eq!(evidence.also_in(), [PathBuf::from("essays/other.md")]);
        assert!(evidence.hashes().contains(&vec![7; 32]));
        assert!(!evidence.hashes().contains(&exact_hash(SHARED).0.to_vec()));
        let needles = evidence.needles();
        assert_eq!(needles.len(), 2);
        for needle in needles {
            assert!(
                SECRET.contains(needle) || CHINESE.contains(needle),
                "{needle}"
            );
        }
    }

    #[test]
    fn a_version_of_a_file_that_is_gone_is_evidence_as_well() {
        let mut evidence = Evidence::default();
        let mut now = Evidence::default();
        now.take(&Found::Reading(&document(&[SECRET]), &[7; 32]));
        let record = now.records().next().unwrap().clone();
        evidence.take(&Found::Record(&record));
        evidence.take(&Found::Record(&record));
        assert_eq!(evidence.records().count(), 1);
        assert!(evidence.is_in(SECRET));
    }
}
