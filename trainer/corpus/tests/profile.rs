//! Profiles of real authors differ as their readers know they do, and do not depend on the order in
//! which their pieces came.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails"
)]

mod corpora;

use std::collections::BTreeMap;

use inkstone_corpus::profile::chinese::FUNCTION_WORDS;
use inkstone_corpus::profile::{Habit, Mark, Profile, Style, Tally};
use inkstone_corpus::{AuthorState, BlockKind, Genre, Piece};
use proptest::prelude::*;

fn piece(text: &str, language: &str) -> Piece {
    Piece {
        kind: BlockKind::Paragraph,
        headings: Vec::new(),
        original: text.into(),
        text: text.into(),
        rules: BTreeMap::new(),
        redacted: BTreeMap::new(),
        language: language.into(),
        author: AuthorState::Own,
        lines: None,
        brought_back: None,
    }
}

/// The words of grammar that are counted, the longest first, and each other character alone: no
/// dictionary is needed for what is compared here.
fn words(run: &str) -> Vec<&str> {
    const PERSONS: [&str; 4] = ["我们", "你们", "他们", "她们"];
    let mut words = Vec::new();
    let mut rest = run;
    while let Some(first) = rest.chars().next() {
        let known = FUNCTION_WORDS.iter().chain(&PERSONS);
        let longest = known
            .filter(|word| rest.starts_with(**word))
            .map(|word| word.len())
            .max();
        let (word, after) = rest.split_at(longest.unwrap_or(first.len_utf8()));
        words.push(word);
        rest = after;
    }
    words
}

fn of_folder(folder: &str, language: &str) -> Option<Style> {
    let mut profile = Profile::default();
    for (_, text) in corpora::documents(folder)? {
        for block in corpora::blocks(&text) {
            if matches!(block.kind, BlockKind::Paragraph | BlockKind::ListItem) {
                profile.add(&piece(&block.text, language), Genre::Blog, &words);
            }
        }
    }
    let style = Style::of(&profile.of_language(language));
    println!(
        "{folder}: {} words, sentences {:?}, marks {:?}, habits {:?}, contracted {:?}, british {:?}, \
         serial {:?}, spaced {:?}, names {:?}",
        style.words,
        style.sentence_length,
        style.marks,
        style.habits,
        style.contracted,
        style.british,
        style.serial_comma,
        style.han_latin_spaced,
        &style.names[..style.names.len().min(25)],
    );
    Some(style)
}

#[test]
fn twain_thoreau_and_willison_differ_as_their_readers_know() {
    let folders = ["en/twain", "en/thoreau", "en/willison-til"];
    let styles: Vec<Style> = folders
        .iter()
        .filter_map(|folder| of_folder(folder, "en"))
        .collect();
    let [twain, thoreau, willison] = &styles[..] else {
        return;
    };
    let habit = |style: &Style, habit| style.habits.get(&habit).copied().unwrap_or(0.0);
    // A story of travels is told in the past, and by more than one; notes of today are not.
    assert!(habit(twain, Habit::Past) > 1.3 * habit(thoreau, Habit::Past));
    assert!(habit(thoreau, Habit::Present) > habit(twain, Habit::Present));
    assert!(habit(twain, Habit::FirstPlural) > habit(thoreau, Habit::FirstPlural));
    assert!(habit(twain, Habit::Past) > 2.0 * habit(willison, Habit::Past));
    // Both wrote long sentences; a technical note has short ones.
    assert!(thoreau.sentence_length.mean > 1.3 * willison.sentence_length.mean);
    assert!(twain.sentence_length.mean > 1.2 * willison.sentence_length.mean);
    // Semicolons went out of fashion, contractions into it.
    assert!(
        thoreau.marks[&Mark::Semicolon]
            > 5.0 * willison.marks.get(&Mark::Semicolon).unwrap_or(&0.0)
    );
    assert!(willison.contracted.unwrap() > 2.0 * thoreau.contracted.unwrap());
    // Three Americans.
    assert!(thoreau.british.unwrap() < 0.4, "{:?}", thoreau.british);
    let names = |style: &Style| -> Vec<String> {
        style.names.iter().map(|(name, _)| name.clone()).collect()
    };
    assert!(names(thoreau).iter().any(|name| name == "Concord"));
    assert!(
        names(twain)
            .iter()
            .any(|name| name == "Virginia" || name == "Nevada")
    );
}

#[test]
fn lu_xun_and_the_documentation_of_react_differ_as_their_readers_know() {
    let folders = ["zh/luxun/呐喊", "zh/luxun/坟", "zh/react-docs/reference"];
    let styles: Vec<Style> = folders
        .iter()
        .filter_map(|folder| of_folder(folder, "zh"))
        .collect();
    let [stories, essays, react] = &styles[..] else {
        return;
    };
    let mark = |style: &Style, mark| style.marks.get(&mark).copied().unwrap_or(0.0);
    let habit = |style: &Style, habit| style.habits.get(&habit).copied().unwrap_or(0.0);
    assert!(mark(stories, Mark::Semicolon) > 3.0 * mark(react, Mark::Semicolon));
    assert!(mark(stories, Mark::Exclamation) > mark(react, Mark::Exclamation));
    assert!(mark(essays, Mark::TitleMark) > mark(stories, Mark::TitleMark));
    assert!(habit(stories, Habit::Third) > 2.0 * habit(react, Habit::Third));
    assert!(habit(stories, Habit::AspectLe) > 2.0 * habit(react, Habit::AspectLe));
    assert!(habit(react, Habit::Second) > habit(stories, Habit::Second));
    // The documentation sets a space between Chinese and English.
    assert!(react.han_latin_spaced.unwrap() > 0.8);
    let named = stories.names.iter().map(|(name, _)| name.as_str());
    let people = ["阿Ｑ", "阿Q", "赵太爷", "小Ｄ", "赵七爷", "七斤"];
    assert!(
        named.clone().any(|name| people.contains(&name)),
        "{:?}",
        named.collect::<Vec<_>>()
    );
}

#[test]
fn what_is_not_the_owners_running_text_is_not_counted() {
    let mut profile = Profile::default();
    let mut heading = piece("The Harbour After the Storm", "en");
    heading.kind = BlockKind::Heading(1);
    let mut assisted = piece("The harbour was quiet.", "en");
    assisted.author = AuthorState::Assisted;
    profile.add(&heading, Genre::Blog, &words);
    profile.add(&assisted, Genre::Blog, &words);
    assert_eq!(profile, Profile::default());
    profile.add(&piece("The harbour was quiet.", "en"), Genre::Blog, &words);
    assert_eq!(profile.of_language("en").words, 4);
    assert_eq!(profile.of_language("zh"), Tally::default());
}

#[test]
fn a_profile_on_disk_is_the_same_again() {
    let mut profile = Profile::default();
    profile.add(
        &piece("We met Anna in York; it rained.", "en"),
        Genre::Correspondence,
        &words,
    );
    profile.add(
        &piece("我们用 React 写了，很好——真的。", "zh"),
        Genre::CommentReply,
        &words,
    );
    let json = serde_json::to_string(&profile).unwrap();
    assert_eq!(serde_json::from_str::<Profile>(&json).unwrap(), profile);
    assert!(
        json.contains("\"comment_reply\"") && json.contains("\"en\""),
        "{json}"
    );
    let style = Style::of(&profile.of_language("en"));
    let json = serde_json::to_string(&style).unwrap();
    assert_eq!(serde_json::from_str::<Style>(&json).unwrap(), style);
}

const PIECES: &[(&str, &str)] = &[
    ("We met Anna in York, and it rained; she didn't mind.", "en"),
    (
        "The colour of the harbour — grey, green and blue — changed.",
        "en",
    ),
    ("我们去过杭州，王小明说：“真好……”", "zh"),
    ("用 React 写，却不用 Vue。读《药》！", "zh"),
    ("👨‍👩‍👧 cafe\u{301}\r\n\"quoted\" -- yes.", "en"),
];

proptest! {
    #[test]
    fn counts_do_not_depend_on_the_order_of_the_pieces(
        picks in prop::collection::vec((0..PIECES.len(), 0..2_usize), 0..12),
    ) {
        let count = |picks: &mut dyn Iterator<Item = &(usize, usize)>| {
            let mut profile = Profile::default();
            for (at, genre) in picks {
                let (text, language) = PIECES[*at];
                let genre = [Genre::Blog, Genre::Fiction][*genre];
                profile.add(&piece(text, language), genre, &words);
            }
            serde_json::to_string(&profile).unwrap()
        };
        prop_assert_eq!(count(&mut picks.iter()), count(&mut picks.iter().rev()));
    }

    #[test]
    fn any_text_is_counted_without_harm(text in "\\PC{0,60}", zh in any::<bool>()) {
        let mut profile = Profile::default();
        profile.add(&piece(&text, if zh { "zh" } else { "en" }), Genre::Notes, &words);
        let _ = Style::of(&profile.of_language("en"));
    }
}
