//! A smaller model that guesses ahead: the text stays the same, and what it guesses is used. The pair
//! is a model and itself under another name, which guesses right as far as rounding lets it.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that fails panics.

use std::sync::Arc;
use std::time::{Duration, Instant};

use inkstone_protocol::{
    CompleteParams, CompleteReply, DocumentId, DocumentVersion, DraftReport, StopRule,
};
use inkstone_settings::{Directories, DraftModelChoice, Settings};
use inkstone_test_support::{CHINESE_MODEL, ENGLISH_MODEL, Home};
use inkstoned::serving::{Serving, ServingEvent};
use tokio::sync::mpsc;

const DEADLINE: Duration = Duration::from_secs(60);
const LARGE: &str = "large";
const TEXT: &str = "The morning after the storm, the harbour was quiet. Broken masts lay across the pier, and the fishermen stood in small groups,";

/// A home in which the English model has a second name, and the catalogue a draft model for that.
fn home_with_draft(draft: &str) -> (Home, Directories) {
    let home = Home::new();
    let english = home.models().join(format!("{ENGLISH_MODEL}.gguf"));
    let english = english.canonicalize().unwrap();
    std::os::unix::fs::symlink(english, home.models().join(format!("{LARGE}.gguf"))).unwrap();
    let dirs = Directories::from_lookup(|name| home.variable(name)).unwrap();
    dirs.ensure_private().unwrap();
    let entry = format!(
        r#"
        [[model]]
        name = "{LARGE}"
        architecture = "llama"
        languages = ["en"]
        roles = ["completion"]
        licence = {{ spdx = "Apache-2.0" }}
        size_bytes = 98_362_432
        draft = "{draft}"
        sources = [{{ kind = "hub", repo = "o/n", file = "f.gguf", revision = "main" }}]
        "#
    );
    let catalogue = dirs.user_catalogue_file();
    std::fs::create_dir_all(catalogue.parent().unwrap()).unwrap();
    std::fs::write(catalogue, entry).unwrap();
    (home, dirs)
}

async fn complete(serving: &Serving, version: u64, text: &str) -> CompleteReply {
    let params = CompleteParams {
        model: Some(LARGE.to_owned()),
        stop: Some(StopRule::Paragraph),
        max_tokens: Some(48),
        ..CompleteParams::new(DocumentId("a".to_owned()), DocumentVersion(version), text)
    };
    let (events, mut received) = mpsc::channel(64);
    let _ticket = serving.complete(params, Some(Instant::now() + DEADLINE), events);
    loop {
        let event = tokio::time::timeout(DEADLINE, received.recv()).await;
        if let ServingEvent::Done(result) = event.expect("a reply in time").unwrap() {
            return *result.unwrap();
        }
    }
}

/// What a paragraph and its beginning are continued with, and what was guessed meanwhile.
async fn continued(dirs: &Directories, settings: Settings) -> (Vec<String>, DraftReport) {
    let serving = Serving::start(Arc::new(settings), dirs).unwrap();
    // The second is read in several batches; the third takes much of it back.
    let long = format!(
        "{}\n\n{TEXT}",
        "It had rained on the hills for a week. ".repeat(20)
    );
    let mut texts = Vec::new();
    for (version, text) in (1..).zip([TEXT, &long, &long[..300], TEXT]) {
        texts.push(complete(&serving, version, text).await.text);
    }
    let models = serving.report().models;
    let large = models.into_iter().find(|model| model.name == LARGE);
    serving.shutdown(DEADLINE).await;
    (texts, large.unwrap().drafts.unwrap())
}

#[tokio::test]
async fn what_a_draft_model_guesses_is_used_and_changes_no_text() {
    let (_home, dirs) = home_with_draft(ENGLISH_MODEL);
    let mut off = Settings::default();
    off.engine.draft_model = DraftModelChoice::Off;
    let (alone, without) = continued(&dirs, off).await;
    assert_eq!(without.model, None);
    let (texts, with) = continued(&dirs, Settings::default()).await;
    assert_eq!(texts, alone);
    assert!(
        texts.iter().all(|text| text.split(' ').count() > 4),
        "{texts:?}"
    );
    assert_eq!(with.model.as_deref(), Some(ENGLISH_MODEL));
    let (guessed, taken) = (with.tokens_guessed, with.tokens_taken);
    assert!(taken > without.tokens_taken + 20, "{with:?} {without:?}");
    assert!(taken * 10 >= guessed * 8, "{with:?}");
}

#[tokio::test]
async fn a_model_with_another_vocabulary_guesses_nothing_and_the_larger_one_serves() {
    let (_home, dirs) = home_with_draft(CHINESE_MODEL);
    let (texts, drafts) = continued(&dirs, Settings::default()).await;
    assert_eq!(drafts.model, None);
    assert!(texts.iter().all(|text| !text.is_empty()), "{texts:?}");
}

#[tokio::test]
async fn a_draft_model_that_would_take_much_of_the_memory_is_left_out() {
    let (_home, dirs) = home_with_draft(ENGLISH_MODEL);
    let mut settings = Settings::default();
    settings.engine.memory_mb_max = 300;
    let (_, drafts) = continued(&dirs, settings).await;
    assert_eq!(drafts.model, None);
}
