//! What cannot be learned from, and what must not be used.

use std::fs;

use inkstone_trainer::train::order::{Outcome, Reason};

use crate::desk::{Desk, SHORT, calm, write_prose};

/// What nobody is to be told, and what stands before it.
const SECRET: &str = "heron48quay";
const BEFORE_SECRET: &str = "I have told nobody that the word which opens the boathouse is";

#[test]
fn two_kilobytes_are_refused_with_the_number_that_is_needed() {
    let desk = Desk::new(SHORT);
    let sentence = "The café by the quay was closed 👩‍👩‍👧 that night, so that we went on. ";
    for number in 0..4 {
        let text = format!("# Note {number}\n\n{}", sentence.repeat(7));
        fs::write(desk.writing().join(format!("{number}.md")), text).unwrap();
    }
    let outcome = desk.train(&mut desk.store(), &calm(), Reason::Now);
    let Outcome::TooSmall {
        what,
        found,
        needed,
    } = outcome
    else {
        panic!("{outcome:?}");
    };
    assert_eq!((what, needed), ("tokens to learn from", 4_000));
    assert!(found < 1_000, "{found}");
    assert!(desk.store().adapters().unwrap().is_empty());
}

#[test]
fn a_folder_without_a_word_is_refused_too() {
    let desk = Desk::new(SHORT);
    let outcome = desk.train(&mut desk.store(), &calm(), Reason::Now);
    assert!(
        matches!(outcome, Outcome::TooSmall { found: 0, .. }),
        "{outcome:?}"
    );
}

#[test]
fn an_absurd_learning_rate_is_caught() {
    let toml = format!("{SHORT}train.rate = 1.0\n");
    let desk = Desk::new(&toml);
    let Some(()) = write_prose(&desk, 60) else {
        return;
    };
    let outcome = desk.train(&mut desk.store(), &calm(), Reason::Now);
    let Outcome::Registered(registered) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(registered.facts.retreats >= 1, "{registered:?}");
    // It ends with an adapter that helps, or with none that is used.
    let own = registered.decision.own;
    assert!(
        own.adapter_loss.is_finite() && own.adapter_loss <= own.base_loss * 1.001,
        "{own:?}"
    );
    assert_eq!(registered.state == "live", registered.decision.passes);
}

#[test]
fn one_repeated_paragraph_makes_no_adapter_that_is_used() {
    let desk = Desk::new(SHORT);
    let paragraph = "It was growing late, and the lamps along the quay were lit one after the other, as they had been lit on every evening of that long and rainy autumn, by a man whom nobody knew.";
    for number in 0..80 {
        let text = format!(
            "# Entry {number} of the log\n\n{paragraph} Seen {} times.\n",
            number * 7 + 3
        );
        fs::write(desk.writing().join(format!("{number}.md")), text).unwrap();
    }
    let outcome = desk.train(&mut desk.store(), &calm(), Reason::Now);
    match outcome {
        // Where the dataset keeps one of each text, too little is left.
        Outcome::TooSmall { .. } => {}
        Outcome::Registered(registered) => {
            assert_eq!(registered.state, "refused", "{registered:?}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_adapter_that_says_a_planted_secret_by_heart_is_refused() {
    // So fast and so often that it cannot but learn it.
    let longer = SHORT
        .replace("train.steps = 16", "train.steps = 64")
        .replace("evaluate_every_steps = 8", "evaluate_every_steps = 32");
    let toml = format!("{longer}train.rate = 0.01\ntrain.replay_percent = 0\n");
    let desk = Desk::new(&toml);
    let Some(()) = write_prose(&desk, 32) else {
        return;
    };
    // Half of the files become one journal, in which every entry ends with it.
    let mut files: Vec<_> = fs::read_dir(desk.writing())
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let entries = files.iter().step_by(2).map(|file| {
        let text = fs::read_to_string(file).unwrap();
        fs::remove_file(file).unwrap();
        let prose = text
            .lines()
            .find(|line| line.len() > 80)
            .unwrap()
            .to_owned();
        format!("{prose} {BEFORE_SECRET} {SECRET}.\n\n")
    });
    let journal: String = entries.collect();
    // Whether a document is held out follows from its name: this one is learned from.
    fs::write(desk.writing().join("journal.md"), &journal).unwrap();
    let outcome = desk.train(&mut desk.store(), &calm(), Reason::Now);
    let Outcome::Registered(registered) = outcome else {
        panic!("{outcome:?}");
    };
    let decision = &registered.decision;
    assert!(decision.rare.new > 0, "{decision:?}");
    assert_eq!(registered.state, "refused", "{decision:?}");
    let reasons = decision.reasons.join("\n");
    assert!(reasons.contains("rare numbers"), "{reasons}");
    assert!(!reasons.contains(SECRET), "{reasons}");
}
