//! From the records of a version to documents, as a writer has them in the editor: the pieces of one
//! language, in order, with the little Markdown that headings and lists need.
//!
//! Not tokens: [`super::passages`] cuts them. Other languages' pieces of the same document are passed
//! over; their adapters learn them.

use std::collections::BTreeMap;
use std::path::Path;

use inkstone_corpus::dataset::{DocumentKey, Record};
use inkstone_corpus::split::Split;
use inkstone_corpus::{BlockKind, Genre};

/// A heading has so many marks at most.
const HEADING_LEVEL_MAX: usize = 6;

/// The documents of one language, by the side that they are on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prose {
    /// What is trained on.
    pub train: Vec<Document>,
    /// What is kept to measure by.
    pub held_out: Vec<Document>,
}

/// The text of a document that training sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Its title.
    pub title: Option<String>,
    /// All of it.
    pub body: String,
    /// Its pieces, in order.
    pub parts: Vec<Part>,
    /// Its key; documents that did not come from the dataset have none.
    pub key: Option<DocumentKey>,
}

/// A piece within the body.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Where it begins; it ends where the next one does.
    pub start: usize,
    /// The headings above it, outermost first.
    pub headings: Vec<String>,
    /// How much its words count.
    pub weight: f32,
}

impl Document {
    /// A text of nobody's dataset, which counts fully.
    pub fn plain(text: String) -> Self {
        Self {
            title: None,
            body: text,
            parts: vec![Part {
                start: 0,
                headings: Vec::new(),
                weight: 1.0,
            }],
            key: None,
        }
    }

    /// The piece at a place of the body.
    pub fn part_at(&self, place: usize) -> Option<&Part> {
        let after = self.parts.partition_point(|part| part.start <= place);
        self.parts.get(after.checked_sub(1)?)
    }
}

/// Collects records, which come document by document.
#[derive(Debug)]
pub struct Collector<'a> {
    language: &'a str,
    workspace: Option<&'a Path>,
    genre: Option<Genre>,
    prose: Prose,
    /// The document whose records come, and its side.
    current: Option<(Split, Document, Option<BlockKind>)>,
}

impl<'a> Collector<'a> {
    /// Of a language, and of one folder or one genre only where one is named.
    pub fn new(language: &'a str, workspace: Option<&'a Path>, genre: Option<Genre>) -> Self {
        Self {
            language,
            workspace,
            genre,
            prose: Prose::default(),
            current: None,
        }
    }

    /// Takes the next record.
    pub fn add(&mut self, record: &Record) {
        let is_elsewhere = |folder: &&Path| *folder != Path::new(&record.provenance.workspace);
        if self.workspace.as_ref().is_some_and(is_elsewhere) {
            return;
        }
        if record.language != self.language || self.genre.is_some_and(|genre| genre != record.genre)
        {
            return;
        }
        let key = record.provenance.document;
        if !matches!(&self.current, Some((_, document, _)) if document.key == Some(key)) {
            self.put_away();
            let document = Document {
                title: record.title.clone(),
                body: String::new(),
                parts: Vec::new(),
                key: Some(key),
            };
            self.current = Some((record.split, document, None));
        }
        if let Some((_, document, before)) = &mut self.current {
            push(document, *before, record);
            *before = Some(record.kind);
        }
    }

    /// What came together.
    pub fn finish(mut self) -> Prose {
        self.put_away();
        self.prose
    }

    fn put_away(&mut self) {
        if let Some((split, document, _)) = self.current.take() {
            match split {
                Split::Train => self.prose.train.push(document),
                Split::HeldOut => self.prose.held_out.push(document),
            }
        }
    }
}

fn push(document: &mut Document, before: Option<BlockKind>, record: &Record) {
    let follows_item = before == Some(BlockKind::ListItem) && record.kind == BlockKind::ListItem;
    if before.is_some() {
        document
            .body
            .push_str(if follows_item { "\n" } else { "\n\n" });
    }
    document.parts.push(Part {
        start: document.body.len(),
        headings: record.headings.clone(),
        weight: record.weight,
    });
    match record.kind {
        BlockKind::Heading(level) => {
            let marks = usize::from(level).clamp(1, HEADING_LEVEL_MAX);
            document.body.extend(std::iter::repeat_n('#', marks));
            document.body.push(' ');
        }
        BlockKind::ListItem => document.body.push_str("- "),
        _ => {}
    }
    let text = record.text.replace("\r\n", "\n").replace('\r', "\n");
    document.body.push_str(text.trim());
}

/// Characters by language, over records of which only these two things count.
pub fn characters_by_language<'r>(
    records: impl IntoIterator<Item = &'r Record>,
) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    for record in records {
        let characters = record.text.chars().count() as u64;
        *sums.entry(record.language.clone()).or_default() += characters;
    }
    sums
}

#[cfg(test)]
mod tests {
    use inkstone_corpus::AuthorState;
    use inkstone_corpus::dataset::{Digest, Provenance};

    use super::*;

    fn record(document: u8, language: &str, kind: BlockKind, text: &str) -> Record {
        Record {
            text: text.to_owned(),
            kind,
            title: Some("Notes".to_owned()),
            headings: vec!["夜航".to_owned()],
            language: language.to_owned(),
            genre: Genre::Blog,
            author: AuthorState::Own,
            weight: 1.0,
            split: if document == 9 {
                Split::HeldOut
            } else {
                Split::Train
            },
            provenance: Provenance {
                workspace: "/essays".to_owned(),
                path: format!("{document}.md"),
                lines: None,
                document: DocumentKey::new(b"essays", &[document], 0),
                content_hash: Digest::of(b"bytes"),
                rules: BTreeMap::new(),
                redacted: BTreeMap::new(),
                brought_back: None,
            },
        }
    }

    #[test]
    fn pieces_of_a_language_become_a_document_with_its_headings_and_lists() {
        let mut assisted = record(
            1,
            "en",
            BlockKind::Paragraph,
            "A café 👩‍👩‍👧.\r\nIt was closed.",
        );
        assisted.weight = 0.25;
        let records = [
            record(1, "en", BlockKind::Heading(2), "Harbour"),
            assisted,
            record(1, "zh", BlockKind::Paragraph, "船在夜里走。"),
            record(1, "en", BlockKind::ListItem, "rope"),
            record(1, "en", BlockKind::ListItem, "tar"),
            record(9, "en", BlockKind::Paragraph, "Held out."),
        ];
        let mut collector = Collector::new("en", None, None);
        for record in &records {
            collector.add(record);
        }
        let prose = collector.finish();
        assert_eq!(prose.train.len(), 1);
        let document = &prose.train[0];
        assert_eq!(
            document.body,
            "## Harbour\n\nA café 👩‍👩‍👧.\nIt was closed.\n\n- rope\n- tar"
        );
        let weights: Vec<f32> = document.parts.iter().map(|part| part.weight).collect();
        assert_eq!(weights, [1.0, 0.25, 1.0, 1.0]);
        let at = document.body.find("closed").unwrap();
        assert_eq!(document.part_at(at).unwrap().start, 12);
        assert_eq!(prose.held_out[0].body, "Held out.");
    }

    #[test]
    fn the_other_language_is_there_for_its_own_adapter_and_a_folder_may_be_chosen() {
        let records = [
            record(1, "zh", BlockKind::Paragraph, "船在夜里走。"),
            record(2, "zh", BlockKind::Paragraph, "无声。"),
        ];
        let of_genre = |language, workspace: Option<&str>, genre| {
            let mut collector = Collector::new(language, workspace.map(Path::new), genre);
            for record in &records {
                collector.add(record);
            }
            collector.finish().train.len()
        };
        let of = |language, workspace| of_genre(language, workspace, None);
        assert_eq!(of("zh", None), 2);
        assert_eq!(of("en", None), 0);
        assert_eq!(of("zh", Some("/essays")), 2);
        assert_eq!(of("zh", Some("/other")), 0);
        assert_eq!(of_genre("zh", None, Some(Genre::Blog)), 2);
        assert_eq!(of_genre("zh", None, Some(Genre::Fiction)), 0);
        let sums = characters_by_language(&records);
        assert_eq!(sums.get("zh"), Some(&9));
    }

    #[test]
    fn a_text_of_its_own_counts_fully() {
        let document = Document::plain("散文。".to_owned());
        assert_eq!(document.part_at(3).unwrap().weight, 1.0);
    }
}
