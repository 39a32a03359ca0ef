//! Whole documents, judged by everything at once.

use std::collections::HashMap;

use inkstone_prose::shingle::{Width, shingles};

use super::*;
use crate::block::BlockKind;

const HARBOUR: &str = "The harbour was quiet in the morning, and nobody had seen the boats go out.";
const TAKEN: &str =
    "It is important to note that there are many factors to consider when choosing a boat.";
const PARK: &str = "清晨的港口很安静，没有人看见那些船出海。";
const GLIB: &str = "总而言之，这不仅是一次旅行，更是一场关于自我的深刻探索。";

fn blocks(texts: &[&str]) -> Vec<Block> {
    let block = |(index, text): (usize, &&str)| Block {
        kind: BlockKind::Paragraph,
        text: (*text).to_owned(),
        lines: Some(LineRange {
            start: u32::try_from(index).unwrap(),
            end: u32::try_from(index + 1).unwrap(),
        }),
    };
    texts.iter().enumerate().map(block).collect()
}

struct Case<'a> {
    path: &'a str,
    authors: Option<&'a [LineAuthor]>,
    marks: HashMap<u64, Origin>,
    claim: Claim,
}

impl Default for Case<'_> {
    fn default() -> Self {
        Self {
            path: "notes/harbour.md",
            authors: None,
            marks: HashMap::new(),
            claim: Claim::Auto,
        }
    }
}

impl Case<'_> {
    fn judge(&self, texts: &[&str]) -> Vec<Verdict> {
        let blocks = blocks(texts);
        let blocks: Vec<&Block> = blocks.iter().collect();
        let origin_of = |hash| self.marks.get(&hash).copied();
        judge(
            &blocks,
            &Evidence {
                path: self.path,
                line_authors: self.authors,
                origin_of: &origin_of,
                claim: self.claim,
                main_language: Language::English,
            },
        )
    }
}

fn marks(texts: &[&str], origin: Origin) -> HashMap<u64, Origin> {
    let hashes = texts
        .iter()
        .flat_map(|text| shingles(text, Width::RECOGNISE));
    hashes.map(|hash| (hash, origin)).collect()
}

#[test]
fn what_was_suggested_stays_out_and_what_was_helped_is_assisted() {
    let case = Case {
        marks: marks(&[TAKEN, GLIB], Origin::Suggested),
        ..Case::default()
    };
    let mixed = format!("{HARBOUR} {TAKEN}");
    let mixed_chinese = format!("{PARK}{GLIB}");
    let edited = TAKEN.replace("many", "only a few");
    let verdicts = case.judge(&[
        HARBOUR,
        TAKEN,
        &mixed,
        PARK,
        GLIB,
        &mixed_chinese,
        &edited.to_uppercase(),
    ]);
    let suggested = Verdict::LeaveOut(Reason::Suggested);
    assert_eq!(verdicts[0], Verdict::Own);
    assert_eq!(verdicts[1], suggested);
    assert!(matches!(verdicts[2], Verdict::Assisted { share } if share > 0.4 && share < 0.7));
    assert_eq!(verdicts[3], Verdict::Own);
    assert_eq!(verdicts[4], suggested);
    assert!(matches!(verdicts[5], Verdict::Assisted { share } if share > 0.4 && share < 0.7));
    // One word of it changed makes it nobody else's.
    assert_eq!(verdicts[6], suggested);
}

#[test]
fn git_pastes_and_known_sources_name_their_reasons() {
    let case = Case {
        authors: Some(&[
            LineAuthor::Owner,
            LineAuthor::Other,
            LineAuthor::Uncommitted,
        ]),
        marks: marks(&[PARK], Origin::KnownSource),
        ..Case::default()
    };
    assert_eq!(
        case.judge(&[HARBOUR, TAKEN, PARK]),
        [
            Verdict::Own,
            Verdict::LeaveOut(Reason::OtherAuthor),
            Verdict::LeaveOut(Reason::KnownSource)
        ]
    );
    let pasted = Case {
        marks: marks(&[HARBOUR], Origin::Pasted),
        ..Case::default()
    };
    assert_eq!(
        pasted.judge(&[HARBOUR]),
        [Verdict::LeaveOut(Reason::Pasted)]
    );
}

#[test]
fn of_a_block_of_two_authors_the_owners_sentences_are_judged_by_their_marks() {
    let text = format!("{HARBOUR}\n{TAKEN}\nSomebody else wrote this line.");
    let block = Block {
        kind: BlockKind::Paragraph,
        text,
        lines: Some(LineRange { start: 0, end: 3 }),
    };
    let authors = [LineAuthor::Owner, LineAuthor::Owner, LineAuthor::Other];
    let marks = marks(&[TAKEN], Origin::Suggested);
    let origin_of = |hash| marks.get(&hash).copied();
    let evidence = Evidence {
        path: "a.md",
        line_authors: Some(&authors),
        origin_of: &origin_of,
        claim: Claim::Auto,
        main_language: Language::English,
    };
    let verdicts = judge(&[&block], &evidence);
    let Verdict::Lines(runs) = &verdicts[0] else {
        panic!("{verdicts:?}");
    };
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].text, format!("{HARBOUR}\n{TAKEN}"));
    assert_eq!(runs[0].lines, LineRange { start: 0, end: 2 });
    assert!(runs[0].assisted_share.is_some_and(|share| share > 0.4));
}

#[test]
fn what_a_person_says_counts_more_but_suggestions_stay_marked() {
    let quoted = "“希望是本无所谓有，无所谓无的。”——鲁迅《故乡》";
    let texts = [HARBOUR, TAKEN, quoted, "Dear {{first_name}},"];
    let mut marked = marks(&[HARBOUR], Origin::Pasted);
    marked.extend(marks(&[TAKEN], Origin::Suggested));
    let case = |claim| Case {
        authors: Some(&[LineAuthor::Other; 4]),
        marks: marked.clone(),
        claim,
        ..Case::default()
    };
    assert_eq!(
        case(Claim::Mine).judge(&texts),
        [
            Verdict::Own,
            Verdict::LeaveOut(Reason::Suggested),
            Verdict::Own,
            Verdict::Own
        ]
    );
    let excluded = Verdict::LeaveOut(Reason::Excluded);
    assert_eq!(case(Claim::NotMine).judge(&texts), vec![excluded; 4]);
    let reasons = case(Claim::Auto).judge(&texts);
    assert_eq!(reasons[2], Verdict::LeaveOut(Reason::Quotation));
    assert_eq!(reasons[3], Verdict::LeaveOut(Reason::Template));
    let template = Case {
        path: ".github/ISSUE_TEMPLATE/bug.md",
        ..Case::default()
    };
    assert_eq!(
        template.judge(&[HARBOUR]),
        [Verdict::LeaveOut(Reason::Template)]
    );
    assert_eq!(Case::default().judge(&[]), []);
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_runs_are_parts_of_their_block(
            text in "[a-zA-Z今天。！.,' \n👍\u{301}\"“”«{}<>\\[\\]【】_×X—:：（）]{0,120}",
            authors in prop::collection::vec(0_u8..3, 0..8),
            marked in any::<u8>(),
        ) {
            let authors: Vec<LineAuthor> = authors
                .into_iter()
                .map(|author| match author {
                    0 => LineAuthor::Owner,
                    1 => LineAuthor::Other,
                    _ => LineAuthor::Uncommitted,
                })
                .collect();
            let block = Block {
                kind: BlockKind::Paragraph,
                text: text.clone(),
                lines: Some(LineRange {
                    start: 0,
                    end: u32::try_from(text.split('\n').count()).unwrap(),
                }),
            };
            let origin_of = |hash: u64| (hash.to_le_bytes()[0] > marked).then_some(Origin::Pasted);
            let evidence = Evidence {
                path: &text,
                line_authors: Some(&authors),
                origin_of: &origin_of,
                claim: Claim::Auto,
                main_language: Language::Chinese,
            };
            for verdict in judge(&[&block, &block], &evidence) {
                if let Verdict::Lines(runs) = verdict {
                    prop_assert!(!runs.is_empty());
                    for run in runs {
                        prop_assert!(text.contains(&run.text));
                        prop_assert!(run.lines.start < run.lines.end);
                    }
                }
            }
        }
    }
}
