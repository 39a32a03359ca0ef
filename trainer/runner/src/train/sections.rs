//! Sections of long documents, held out where too few documents are: a novel in one file has nothing
//! else to be measured by. Pure.
//!
//! Not the split of the dataset (`inkstone_corpus::split`), which keeps documents whole and stays as
//! it is: what is held out here is held out of this training alone. A section is a run of whole pieces,
//! and what stands before it and what follows it become documents of their own, so that no passage
//! goes over the gap.

use inkstone_corpus::dataset::Digest;

use super::prose::{Document, Part, Prose};

/// Bytes of a section at least: some 1,500 tokens of English, 2,000 of Chinese.
const SECTION_BYTES: usize = 6_000;
/// Of so many sections one is held out.
const ONE_IN: usize = 10;
/// Of so many sections one is held out where there are few.
const ONE_IN_MIN: usize = 4;

/// Holds out as many sections as make up for the held-out documents that are missing, and a tenth at
/// least, unless there are too few to spare any. Which ones follows from their text.
pub fn hold_out(prose: &mut Prose, documents_min: usize) {
    let missing = documents_min.saturating_sub(prose.held_out.len());
    if missing == 0 {
        return;
    }
    let mut sections: Vec<(Digest, usize, usize)> = Vec::new();
    let cut: Vec<Vec<usize>> = prose.train.iter().map(beginnings).collect();
    for (document, starts) in cut.iter().enumerate() {
        // A document of one section is a whole one, which the split wants trained on.
        for section in (0..starts.len()).filter(|_| starts.len() > 1) {
            let text = section_text(&prose.train[document], starts, section);
            sections.push((Digest::of(text.as_bytes()), document, section));
        }
    }
    if sections.len() < missing * ONE_IN_MIN {
        return;
    }
    sections.sort_unstable();
    sections.truncate(missing.max(sections.len() / ONE_IN));
    let mut chosen: Vec<Vec<usize>> = vec![Vec::new(); prose.train.len()];
    for (_, document, section) in sections {
        chosen[document].push(section);
    }
    let mut train = Vec::new();
    for ((document, starts), chosen) in prose.train.drain(..).zip(&cut).zip(&mut chosen) {
        if chosen.is_empty() {
            train.push(document);
            continue;
        }
        chosen.sort_unstable();
        let mut from = 0;
        for &section in &*chosen {
            train.extend(stretch(&document, starts, from, section));
            let held = stretch(&document, starts, section, section + 1);
            prose.held_out.extend(held);
            from = section + 1;
        }
        train.extend(stretch(&document, starts, from, starts.len()));
    }
    prose.train = train;
}

/// The pieces that sections begin with.
fn beginnings(document: &Document) -> Vec<usize> {
    let mut beginnings = vec![0];
    let mut begun = 0;
    for (index, part) in document.parts.iter().enumerate().skip(1) {
        let is_long_enough = part.start - begun >= SECTION_BYTES;
        let leaves_enough = document.body.len() - part.start >= SECTION_BYTES;
        if is_long_enough && leaves_enough {
            beginnings.push(index);
            begun = part.start;
        }
    }
    beginnings
}

fn section_text<'d>(document: &'d Document, starts: &[usize], section: usize) -> &'d str {
    let at = |section: usize| place(document, starts, section);
    &document.body[at(section)..at(section + 1)]
}

/// Where a section begins in the body; the end of it for the one after the last.
fn place(document: &Document, starts: &[usize], section: usize) -> usize {
    let part = starts
        .get(section)
        .and_then(|&part| document.parts.get(part));
    part.map_or(document.body.len(), |part| part.start)
}

/// The sections from one to before another as a document; none where there is no such section.
fn stretch(document: &Document, starts: &[usize], from: usize, to: usize) -> Option<Document> {
    if from >= to {
        return None;
    }
    let (start, end) = (place(document, starts, from), place(document, starts, to));
    let is_within = |part: &&Part| (start..end).contains(&part.start);
    let parts = document.parts.iter().filter(is_within).map(|part| Part {
        start: part.start - start,
        ..part.clone()
    });
    Some(Document {
        title: document.title.clone(),
        body: document.body[start..end].trim_end().to_owned(),
        parts: parts.collect(),
        key: document.key,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A document of so many paragraphs of about 1,500 bytes.
    fn document(name: &str, paragraphs: usize) -> Document {
        let mut document = Document {
            title: Some(name.to_owned()),
            body: String::new(),
            parts: Vec::new(),
            key: None,
        };
        for number in 0..paragraphs {
            if number > 0 {
                document.body.push_str("\n\n");
            }
            document.parts.push(Part {
                start: document.body.len(),
                headings: vec![format!("第{}章", number / 5)],
                weight: 1.0,
            });
            let words = format!("{name} {number}: 夜里很静，船在走。The sea was calm 👩‍👩‍👧. ");
            document.body.push_str(words.repeat(20).trim_end());
        }
        document
    }

    fn paragraphs(documents: &[Document]) -> Vec<String> {
        let all = documents.iter().flat_map(|one| one.body.split("\n\n"));
        let mut all: Vec<String> = all.map(str::to_owned).collect();
        all.sort();
        all
    }

    #[test]
    fn a_novel_in_one_file_has_sections_to_be_measured_by_and_nothing_is_lost_or_on_both_sides() {
        let whole = document("A novel", 200);
        let mut prose = Prose {
            train: vec![whole.clone()],
            held_out: Vec::new(),
        };
        hold_out(&mut prose, 3);
        assert!(prose.held_out.len() >= 3, "{}", prose.held_out.len());
        let held_bytes: usize = prose.held_out.iter().map(|one| one.body.len()).sum();
        let share = held_bytes as f64 / whole.body.len() as f64;
        assert!((0.05..0.2).contains(&share), "{share}");
        let mut both = prose.train.clone();
        both.extend(prose.held_out.clone());
        assert_eq!(paragraphs(&both), paragraphs(&[whole]));
        for one in &both {
            for part in &one.parts {
                assert!(one.body[part.start..].starts_with("A novel"));
            }
            assert_eq!(one.parts.len(), one.body.split("\n\n").count());
        }
    }

    #[test]
    fn sections_are_the_same_each_time_and_stay_when_a_chapter_is_added() {
        let held = |paragraphs| {
            let mut prose = Prose {
                train: vec![document("散文", paragraphs)],
                held_out: Vec::new(),
            };
            hold_out(&mut prose, 3);
            prose.held_out
        };
        assert_eq!(held(200), held(200));
        let (before, after) = (held(200), held(205));
        let stay = before.iter().filter(|one| after.contains(one)).count();
        assert!(stay + 2 >= before.len(), "{stay} of {}", before.len());
    }

    #[test]
    fn whole_documents_are_enough_where_there_are_enough_and_short_ones_are_not_cut() {
        let mut enough = Prose {
            train: vec![document("long", 200)],
            held_out: vec![document("a", 1), document("b", 1), document("c", 1)],
        };
        let before = enough.clone();
        hold_out(&mut enough, 3);
        assert_eq!(enough, before);
        let mut short = Prose {
            train: (0..30).map(|n| document(&n.to_string(), 3)).collect(),
            held_out: Vec::new(),
        };
        let before = short.clone();
        hold_out(&mut short, 3);
        assert_eq!(short, before);
        let mut empty = Prose::default();
        hold_out(&mut empty, 3);
        assert_eq!(empty, Prose::default());
    }
}
