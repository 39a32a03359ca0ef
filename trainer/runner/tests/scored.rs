//! Scores of pieces on a real database: who is asked about what, what is kept, and what comes of it. The
//! model is a script; the real ones are asked in `tests/e2e`.

#![allow(clippy::unwrap_used)] // A test that fails panics.
#![allow(clippy::redundant_closure_for_method_calls)] // See the library.

use std::collections::BTreeMap;
use std::time::Duration;

use inkstone_corpus::clean::RuleSet;
use inkstone_corpus::dataset::{DatasetId, Digest, Record};
use inkstone_corpus::surprise::Limits;
use inkstone_corpus::{AuthorState, BlockKind, CleanDocument, Genre, Piece, Reason};
use inkstone_protocol::{ScoreParams, ScoreReply, TextScore};
use inkstone_store::Store;
use inkstone_store::corpus::document::At;
use inkstone_trainer::assemble::{
    self, AssembleError, GroupScores, Measures, Outliers, Source, judge_scores, settle,
};
use inkstone_trainer::review::{Answer, Request, Review};
use inkstone_trainer::scores::{Asked, Effort, Scorer, Unanswered, ask};
use tempfile::TempDir;

const GARBAGE: &str = "xqv zzkj wprt plmk vvbn qqzx jjkw trpl mnbv cxzq wwkj pplm";
const KNOWN: &str =
    "Permission is hereby granted, free of charge, to any person obtaining a copy of it.";
const MONTH_MS: i64 = 31 * 24 * 3600 * 1000;

const OUT: Outliers = Outliers {
    limits: Limits {
        texts_min: 12,
        ..Limits::DEFAULT
    },
    leave_out: true,
};
const FLAGGED: Outliers = Outliers {
    leave_out: false,
    ..OUT
};
const ALL: Effort = Effort {
    time_max: None,
    load: false,
};

/// A model that finds garbage surprising and licences known, and everything else about as usual.
struct Script {
    hash: &'static str,
    /// How many calls it still answers.
    patience: usize,
    /// Texts that keep it for too long.
    slow: Vec<String>,
    /// How often it was asked about each text.
    asked: BTreeMap<String, usize>,
    calls: usize,
}

impl Script {
    fn new() -> Self {
        Self {
            hash: "one",
            patience: usize::MAX,
            slow: Vec::new(),
            asked: BTreeMap::new(),
            calls: 0,
        }
    }
}

impl Scorer for Script {
    fn score(&mut self, params: ScoreParams) -> Result<ScoreReply, Unanswered> {
        if self.patience == 0 {
            return Err(Unanswered::Away("it has gone home".to_owned()));
        }
        if params.texts.iter().any(|text| self.slow.contains(text)) {
            return Err(Unanswered::Late("it did not answer in time".to_owned()));
        }
        self.patience -= 1;
        self.calls += 1;
        let score = |text: &String| {
            let characters = u32::try_from(text.chars().count()).unwrap();
            let per_character = match text.as_str() {
                GARBAGE => 4.0,
                KNOWN => 0.01,
                text => 0.8 + f64::from(Digest::of(text.as_bytes()).0[0]) / 1_000.0,
            };
            TextScore {
                nats: per_character * f64::from(characters),
                tokens: characters,
                characters,
            }
        };
        let scores = params.texts.iter().map(score).collect();
        for text in params.texts {
            *self.asked.entry(text).or_default() += 1;
        }
        Ok(ScoreReply {
            model: format!("model {}", self.hash),
            model_hash: self.hash.to_owned(),
            adapter: None,
            memory: false,
            scores,
        })
    }
}

/// Sentences that have hardly two words in common.
fn sentence(number: usize) -> String {
    let words = (0..14_usize).map(|at| {
        let hash = Digest::of(format!("{number} {at}").as_bytes());
        let letter = |byte: &u8| char::from(b'a' + byte % 26);
        hash.0[..6].iter().map(letter).collect::<String>()
    });
    words.collect::<Vec<_>>().join(" ")
}

fn document(texts: &[String]) -> CleanDocument {
    let piece = |text: &String| Piece {
        kind: BlockKind::Paragraph,
        headings: Vec::new(),
        original: text.clone(),
        text: text.clone(),
        rules: BTreeMap::new(),
        redacted: BTreeMap::new(),
        language: "en".to_owned(),
        author: AuthorState::Own,
        brought_back: None,
        lines: None,
    };
    CleanDocument {
        title: None,
        genre: Genre::Blog,
        pieces: texts.iter().map(piece).collect(),
        left_out: Vec::new(),
        problems: Vec::new(),
    }
}

struct Desk {
    _folder: TempDir,
    store: Store,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("inkstone.db")).unwrap();
        Self {
            _folder: folder,
            store,
        }
    }

    fn put(&mut self, path: &str, texts: &[String]) {
        let source = Source {
            at: at(path),
            folder: "essays",
            content_hash: Digest::of(texts.concat().as_bytes()),
            modified_ms: 1,
            made_by: b"rules",
        };
        assemble::put(&mut self.store, &source, &document(texts)).unwrap();
        settle(&mut self.store, Measures::default()).unwrap();
    }

    fn ask(&mut self, script: &mut Script) -> Asked {
        ask(&mut self.store, script, ALL, &mut |_| ()).unwrap()
    }

    fn publish(&mut self, outliers: &Outliers, now_ms: i64) -> DatasetId {
        settle(&mut self.store, Measures::default()).unwrap();
        judge_scores(&mut self.store, outliers, now_ms).unwrap();
        assemble::publish(&mut self.store, Measures::default(), 3, now_ms).unwrap()
    }

    fn records(&mut self, id: DatasetId) -> Vec<Record> {
        let mut records = Vec::new();
        assemble::read_version(&mut self.store, id, |record| {
            records.push(record);
            Ok::<_, AssembleError>(())
        })
        .unwrap();
        records
    }

    fn group(&mut self) -> GroupScores {
        let groups = assemble::scores(&mut self.store, &OUT.limits).unwrap();
        assert_eq!(groups.len(), 1, "{groups:?}");
        groups.into_iter().next().unwrap()
    }

    fn scores_kept(&mut self) -> i64 {
        let count = self.store.read_corpus(|corpus| corpus.score_count());
        count.unwrap()
    }
}

fn at(path: &str) -> At<'_> {
    At {
        workspace: 1,
        path: path.as_bytes(),
    }
}

/// Files of sound sentences, and one of both kinds of outliers beside a sound one.
fn files() -> Vec<(String, Vec<String>)> {
    let mut files: Vec<(String, Vec<String>)> = (0..6)
        .map(|file| {
            let sentences = (0..5).map(|at| sentence(file * 5 + at));
            (format!("{file}.md"), sentences.collect())
        })
        .collect();
    let odd = vec![GARBAGE.to_owned(), sentence(99), KNOWN.to_owned()];
    files.push(("odd.md".to_owned(), odd));
    files
}

#[test]
fn outliers_are_flagged_or_left_out_and_everything_else_is_untouched() {
    let mut desk = Desk::new();
    for (path, texts) in files() {
        desk.put(&path, &texts);
    }
    let unscored = desk.publish(&OUT, 1);
    assert_eq!(desk.records(unscored).len(), 33);
    let asked = desk.ask(&mut Script::new());
    assert_eq!((asked.scored, asked.unscored, asked.why), (33, 0, None));
    // Flagged, all of it is still there, and training sees the same.
    let flagged = desk.publish(&FLAGGED, 2);
    assert_eq!(flagged, unscored);
    let records = desk.records(flagged);
    let marked = records
        .iter()
        .filter(|record| record.provenance.rules.contains_key("perplexity"));
    let marked: Vec<&str> = marked.map(|record| record.text.as_str()).collect();
    assert_eq!(marked, [GARBAGE, KNOWN]);
    let group = desk.group();
    assert_eq!((group.pieces, group.scored), (33, 33));
    assert_eq!(
        (group.surprising, group.predictable, group.left_out),
        (1, 1, 0)
    );
    let without = desk.publish(&OUT, 3);
    assert_ne!(without, unscored);
    let records = desk.records(without);
    assert_eq!(records.len(), 31);
    assert!(
        records
            .iter()
            .all(|record| ![GARBAGE, KNOWN].contains(&record.text.as_str()))
    );
    let statistics = assemble::statistics(&mut desk.store, without, None).unwrap();
    assert_eq!(statistics.left_out[&Reason::Perplexity], 2);
    let by = assemble::scored_by(&mut desk.store, without).unwrap();
    assert_eq!(
        (by[0].language.as_str(), by[0].model.as_str()),
        ("en", "model one")
    );
    // Switched off again, all is as it was.
    assert_eq!(desk.publish(&FLAGGED, 4), unscored);
}

#[test]
fn an_outlier_that_its_writer_wants_is_in_with_the_next_build() {
    let mut desk = Desk::new();
    for (path, texts) in files() {
        desk.put(&path, &texts);
    }
    desk.ask(&mut Script::new());
    let without = desk.publish(&OUT, 1);
    let mut review = Review::of(&mut desk.store, RuleSet::default());
    let sample = Request::Sample {
        seed: 1,
        per_stratum: 99,
        undecided: false,
    };
    let Ok(Answer::Items(items)) = review.answer(&sample, 3) else {
        panic!("no sample");
    };
    let garbage = items.iter().find(|item| item.original == GARBAGE).unwrap();
    let keep = Request::Keep {
        item: garbage.item.clone(),
        mine: false,
    };
    let kept = review.answer(&keep, 4).unwrap();
    assert!(matches!(kept, Answer::Done), "{kept:?}");
    let with = desk.publish(&OUT, 5);
    assert_ne!(with, without);
    let records = desk.records(with);
    let texts: Vec<&str> = records.iter().map(|record| record.text.as_str()).collect();
    assert!(
        texts.contains(&GARBAGE) && !texts.contains(&KNOWN),
        "{texts:?}"
    );
}

#[test]
fn the_dataset_does_not_depend_on_when_texts_were_scored() {
    let mut at_once = Desk::new();
    for (path, texts) in files() {
        at_once.put(&path, &texts);
    }
    at_once.ask(&mut Script::new());
    let expected = at_once.publish(&OUT, 1);
    let mut bit_by_bit = Desk::new();
    for (path, texts) in files().into_iter().rev() {
        bit_by_bit.put(&path, &texts);
        // It answers who it is, and sometimes one call.
        let mut script = Script::new();
        script.patience = texts.len() % 3 + 1;
        let asked = bit_by_bit.ask(&mut script);
        assert_eq!(asked.unscored > 0, asked.why.is_some(), "{asked:?}");
        bit_by_bit.publish(&OUT, 1);
    }
    bit_by_bit.ask(&mut Script::new());
    assert_eq!(bit_by_bit.publish(&OUT, 1), expected);
    assert_eq!(bit_by_bit.group(), at_once.group());
}

#[test]
fn a_text_is_asked_about_once_wherever_it_stands_and_whatever_happens_to_its_file() {
    let mut desk = Desk::new();
    let mut script = Script::new();
    for (path, texts) in files() {
        desk.put(&path, &texts);
    }
    desk.put("copy.txt", &[sentence(1), sentence(200)]);
    desk.ask(&mut script);
    let id = desk.publish(&OUT, 1);
    let calls = script.calls;
    assert_eq!(desk.ask(&mut script), Asked::default());
    assert_eq!(script.calls, calls, "nothing to ask, nobody asked");
    // A branch is switched and switched back.
    let (path, texts) = files().remove(6);
    assemble::remove(&mut desk.store, at(&path)).unwrap();
    assert_ne!(desk.publish(&OUT, 2), id);
    desk.put(&path, &texts);
    let mut away = Script::new();
    away.patience = 0;
    assert_eq!(desk.ask(&mut away), Asked::default());
    assert_eq!(desk.publish(&OUT, 3), id);
    assert!(
        script.asked.values().all(|times| *times == 1),
        "{:?}",
        script.asked
    );
    // For good, its scores go after a month.
    let kept = desk.scores_kept();
    assemble::remove(&mut desk.store, at(&path)).unwrap();
    desk.publish(&OUT, 4);
    assert_eq!(desk.scores_kept(), kept);
    desk.publish(&OUT, 4 + MONTH_MS);
    assert_eq!(desk.scores_kept(), kept - 3);
    assemble::remove_workspace(&mut desk.store, 1).unwrap();
    assert_eq!(desk.scores_kept(), 0);
}

#[test]
fn whoever_is_away_is_named_once_and_what_was_scored_holds() {
    let mut desk = Desk::new();
    for (path, texts) in files() {
        desk.put(&path, &texts);
    }
    let mut script = Script::new();
    desk.ask(&mut script);
    let id = desk.publish(&OUT, 1);
    desk.put("new.md", &[sentence(300), GARBAGE.to_owned()]);
    let mut away = Script::new();
    away.patience = 0;
    let asked = desk.ask(&mut away);
    assert_eq!((asked.scored, asked.unscored), (0, 1));
    assert_eq!(asked.why.as_deref(), Some("it has gone home"));
    let with_new = desk.publish(&OUT, 2);
    assert_ne!(with_new, id);
    let texts: Vec<String> = desk
        .records(with_new)
        .into_iter()
        .map(|record| record.text)
        .collect();
    assert!(texts.contains(&sentence(300)) && !texts.contains(&GARBAGE.to_owned()));
}

#[test]
fn a_text_that_comes_too_late_keeps_no_other_from_its_score() {
    let mut desk = Desk::new();
    for (path, texts) in files() {
        desk.put(&path, &texts);
    }
    let mut script = Script::new();
    script.slow = vec![GARBAGE.to_owned()];
    let asked = desk.ask(&mut script);
    assert_eq!((asked.scored, asked.unscored), (32, 1));
    assert_eq!(asked.why, None);
    script.slow.clear();
    assert_eq!(desk.ask(&mut script).scored, 1);
    // One that is late with everything is not waited for again and again.
    let mut desk = Desk::new();
    let texts: Vec<String> = (0..20).map(sentence).collect();
    desk.put("a.md", &texts);
    let mut late = Script::new();
    late.slow.clone_from(&texts);
    let asked = desk.ask(&mut late);
    assert_eq!((asked.scored, asked.unscored), (0, 20));
    assert_eq!(asked.why.as_deref(), Some("it did not answer in time"));
}

#[test]
fn the_time_for_asking_is_bounded_and_the_next_build_goes_on() {
    let mut desk = Desk::new();
    for (path, texts) in files() {
        desk.put(&path, &texts);
    }
    let none = Effort {
        time_max: Some(Duration::ZERO),
        load: false,
    };
    let mut script = Script::new();
    let asked = ask(&mut desk.store, &mut script, none, &mut |_| ()).unwrap();
    assert_eq!((asked.scored, asked.unscored), (0, 33));
    assert!(asked.why.unwrap().contains("corpus.score_s_max"));
    let mut told = 0;
    let asked = ask(&mut desk.store, &mut script, ALL, &mut |texts| told = texts).unwrap();
    assert_eq!(asked.scored, 33);
    assert!(told < 33);
}

#[test]
fn another_model_scores_everything_anew_and_the_old_scores_go() {
    let mut desk = Desk::new();
    for (path, texts) in files() {
        desk.put(&path, &texts);
    }
    desk.ask(&mut Script::new());
    desk.publish(&OUT, 1);
    let mut other = Script::new();
    other.hash = "two";
    // It is met with the next text that is new.
    assert_eq!(desk.ask(&mut other), Asked::default());
    desk.put("new.md", &[sentence(300)]);
    // It says who it is, and goes: the other's scores count.
    other.patience = 1;
    let asked = desk.ask(&mut other);
    assert_eq!((asked.scored, asked.unscored), (0, 1));
    let id = desk.publish(&OUT, 2);
    let by = assemble::scored_by(&mut desk.store, id).unwrap();
    assert_eq!((by[0].hash.as_str(), desk.scores_kept()), ("one", 33));
    other.patience = usize::MAX;
    let asked = desk.ask(&mut other);
    assert_eq!((asked.scored, asked.unscored), (34, 0));
    let id = desk.publish(&OUT, 2);
    assert_eq!(desk.scores_kept(), 34);
    let by = assemble::scored_by(&mut desk.store, id).unwrap();
    assert_eq!((by.len(), by[0].hash.as_str()), (1, "two"));
}

#[test]
fn of_few_texts_nothing_is_usual_and_short_ones_are_not_asked_about() {
    let mut desk = Desk::new();
    let texts = [GARBAGE, "Harbour", "港口"].map(str::to_owned);
    desk.put("a.md", &texts);
    let mut script = Script::new();
    assert_eq!(desk.ask(&mut script).scored, 1);
    let id = desk.publish(&OUT, 1);
    assert_eq!(desk.records(id).len(), 3);
    let group = desk.group();
    assert_eq!((group.usual, group.surprising), (None, 0));
}

#[test]
fn a_rule_that_the_settings_have_off_is_not_said_to_be_on() {
    let mut desk = Desk::new();
    let rules = RuleSet::default();
    let asks = |rule: &str| Request::RuleOn {
        rule: rule.to_owned(),
        path: None,
    };
    let mut review = Review::of(&mut desk.store, rules);
    assert!(matches!(
        review.answer(&asks("spaces"), 1),
        Ok(Answer::Done)
    ));
    let refused = review.answer(&asks("perplexity"), 1).unwrap_err();
    assert!(refused.to_string().contains("corpus.rules_on"), "{refused}");
}
