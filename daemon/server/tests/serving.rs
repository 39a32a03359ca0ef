//! The engine thread on the real models: language picks the model, keystrokes reuse the cache,
//! newer requests end older ones, models come and go.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that fails panics.

use std::sync::Arc;
use std::time::{Duration, Instant};

use inkstone_protocol::{
    CompleteParams, CompleteReply, Confidence, DocumentId, DocumentVersion, ErrorCode, ModelReport,
    ModelState, Release, ReleaseReason, Released, StopRule, Technique, WireError,
};
use inkstone_settings::{Directories, KvTypeChoice, Settings};
use inkstone_test_support::{CHINESE_MODEL, ENGLISH_MODEL, Home, eventually};
use inkstoned::serving::{Serving, ServingEvent, Ticket};
use tokio::sync::mpsc;

const ENGLISH: &str = "The morning after the storm, the harbour was quiet. Broken masts lay across the pier, and the fishermen stood in small groups,";
const CHINESE: &str = "今天早上我去公园散步,看到很多老人在打太极拳。湖边的柳树已经发芽了,空气里";
const DEADLINE: Duration = Duration::from_secs(60);

fn params(document: &str, version: u64, prefix: &str) -> CompleteParams {
    CompleteParams::new(
        DocumentId(document.to_owned()),
        DocumentVersion(version),
        prefix,
    )
}

fn serving(home: &Home, settings: Settings) -> Serving {
    let dirs = Directories::from_lookup(|name| home.variable(name)).unwrap();
    dirs.ensure_private().unwrap();
    Serving::start(Arc::new(settings), &dirs).unwrap()
}

fn submit(serving: &Serving, params: CompleteParams) -> (Ticket, mpsc::Receiver<ServingEvent>) {
    let (events, received) = mpsc::channel(64);
    (
        serving.complete(params, Some(Instant::now() + DEADLINE), events),
        received,
    )
}

/// Waits for the end; returns the pieces that came before it, too.
async fn end_of(
    mut received: mpsc::Receiver<ServingEvent>,
) -> (String, Result<CompleteReply, WireError>) {
    let mut streamed = String::new();
    loop {
        match tokio::time::timeout(DEADLINE, received.recv())
            .await
            .expect("a reply within the deadline")
        {
            Some(ServingEvent::Text(piece)) => streamed.push_str(&piece),
            Some(ServingEvent::Loading { .. }) => {}
            Some(ServingEvent::Done(result)) => return (streamed, result.map(|reply| *reply)),
            None => panic!("the events ended without an answer"),
        }
    }
}

async fn complete(serving: &Serving, params: CompleteParams) -> Result<CompleteReply, WireError> {
    let (_ticket, received) = submit(serving, params);
    end_of(received).await.1
}

#[tokio::test]
async fn a_word_half_typed_is_finished_and_a_whole_one_goes_on() {
    let home = Home::new();
    let serving = serving(&home, Settings::default());
    let beginning = "The delegates spoke about peace, trade and other internati";
    for (prefix, begins) in [
        (beginning, "onal "),
        ("He looked for the key but he didn", "'t "),
        ("She lived in the United States of Ameri", "ca"),
        ("我在北京的一家公司工作，每天早上都会去公园散", "步"),
        ("我们都是中华人民共和", "国"),
        ("我用 React 写网页，他也用 Reac", "t"),
    ] {
        let reply = complete(&serving, params("a", 1, prefix)).await.unwrap();
        assert!(reply.text.starts_with(begins), "{prefix}: {reply:?}");
    }
    // The space belongs to the next token: no word goes on behind it.
    let spaced = complete(&serving, params("a", 1, "The harb ")).await;
    let spaced = spaced.unwrap();
    assert!(spaced.silence.is_none(), "{spaced:?}");
}

#[tokio::test]
async fn the_language_around_the_caret_picks_the_model() {
    let home = Home::new();
    let serving = serving(&home, Settings::default());
    let english = complete(&serving, params("a", 1, ENGLISH)).await.unwrap();
    assert_eq!(english.model.as_deref(), Some(ENGLISH_MODEL));
    assert!(english.text.split_whitespace().count() >= 3, "{english:?}");
    assert!(english.mean_logprob.unwrap() < 0.0);
    let chinese = complete(&serving, params("b", 1, CHINESE)).await.unwrap();
    assert_eq!(chinese.model.as_deref(), Some(CHINESE_MODEL));
    assert!(
        chinese
            .text
            .chars()
            .filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c))
            .count()
            >= 3,
        "{chinese:?}"
    );
    serving.shutdown(DEADLINE).await;
}

#[tokio::test]
async fn typing_on_computes_only_what_is_new() {
    let home = Home::new();
    let serving = serving(&home, Settings::default());
    let first = complete(&serving, params("a", 1, ENGLISH)).await.unwrap();
    assert_eq!(
        (first.tokens.reused, first.tokens.prefilled),
        (0, first.tokens.prompt)
    );
    let typed = format!("{ENGLISH} their");
    let second = complete(&serving, params("a", 2, &typed)).await.unwrap();
    assert!(second.tokens.prefilled <= 2, "{:?}", second.tokens);
    assert_eq!(
        second.tokens.reused + second.tokens.prefilled,
        second.tokens.prompt
    );
    serving.shutdown(DEADLINE).await;
}

/// Types a document sentence by sentence under a title, through a window of few tokens. Returns the
/// prompt's length and what was computed of it, for each sentence.
async fn typed_through_a_window(sentences: &[&str]) -> Vec<(u32, u32)> {
    let home = Home::new();
    let serving = serving(&home, Settings::default());
    let mut text = String::from("# Harbour 港口\n\n");
    let mut seen = Vec::new();
    for version in 0..60 {
        // Numbered, so that no two places of the text look alike.
        let sentence = sentences[version % sentences.len()];
        text = format!("{text}{version}{sentence}");
        let params = CompleteParams {
            title: Some("Harbour 港口".to_owned()),
            prompt_tokens: Some(400),
            max_tokens: Some(1),
            ..params("a", version as u64 + 1, &text)
        };
        let tokens = complete(&serving, params).await.unwrap().tokens;
        seen.push((tokens.prompt, tokens.prefilled));
    }
    serving.shutdown(DEADLINE).await;
    seen
}

fn assert_nothing_is_read_again(seen: &[(u32, u32)]) {
    let slides = seen.windows(2).filter(|pair| pair[1].0 < pair[0].0).count();
    assert!(slides >= 2, "the window slid: {seen:?}");
    // A sentence, a heading and the tokens that are always computed where they stand.
    let most = seen.iter().map(|(_, prefilled)| *prefilled).max();
    assert!(most <= Some(64), "{seen:?}");
}

#[tokio::test]
async fn a_long_english_document_is_not_read_again_when_its_window_slides() {
    let seen = typed_through_a_window(&[
        " boats lay in the harbour, and the fishermen went down to look at them. ",
        " years ago nobody would have thought that the pier could break.\n\n",
        " people stood there in small groups and said little. ",
    ])
    .await;
    assert_nothing_is_read_again(&seen);
}

#[tokio::test]
async fn a_long_chinese_document_is_not_read_again_when_its_window_slides() {
    let seen = typed_through_a_window(&[
        "条船停在港口里，渔民们走下去看了看。",
        "年以前，没有人会想到码头会断。\n\n",
        "个人站在那里，三三两两，很少说话。",
    ])
    .await;
    assert_nothing_is_read_again(&seen);
}

#[tokio::test]
async fn a_newer_request_of_the_document_ends_the_older_one() {
    let home = Home::new();
    let serving = serving(&home, Settings::default());
    complete(&serving, params("a", 1, ENGLISH)).await.unwrap();
    let long = CompleteParams {
        max_tokens: Some(200),
        ..params("a", 2, ENGLISH)
    };
    let (_older, older_events) = submit(&serving, long);
    let newer = complete(&serving, params("a", 3, &format!("{ENGLISH} and")))
        .await
        .unwrap();
    assert!(newer.silence.is_none(), "{newer:?}");
    assert_eq!(
        end_of(older_events).await.1.unwrap_err().code,
        ErrorCode::Superseded
    );
    serving.shutdown(DEADLINE).await;
}

/// Tokens of another suggestion, however early the first ends.
const ALTERNATIVE_TOKENS_MIN: u32 = 8;

fn three(params: CompleteParams) -> CompleteParams {
    CompleteParams {
        alternatives_max: 3,
        ..params
    }
}

fn texts_of(reply: CompleteReply) -> Vec<String> {
    let beside = reply.alternatives.into_iter().map(|other| other.text);
    std::iter::once(reply.text).chain(beside).collect()
}

/// The suggestions for a text when three are wanted, and the one when one is. None is longer than
/// the first, or than a few words, and one alone costs what it would if there were no others.
async fn alternatives(prefix: &str) -> (Vec<String>, String) {
    let home = Home::new();
    let serving = serving(&home, Settings::default());
    let one = complete(&serving, params("a", 1, prefix)).await.unwrap();
    let several = complete(&serving, three(params("a", 2, prefix)))
        .await
        .unwrap();
    assert!(several.tokens.prefilled <= 1, "{:?}", several.tokens);
    assert_eq!(several.tokens.prompt, one.tokens.prompt);
    let each_max = one.tokens.decoded.max(ALTERNATIVE_TOKENS_MIN);
    assert!(
        several.tokens.decoded <= one.tokens.decoded + 2 * each_max,
        "{:?} {:?}",
        several.tokens,
        one.tokens
    );
    let without = CompleteParams {
        without: vec![Technique::Alternatives],
        ..three(params("a", 3, prefix))
    };
    let without = complete(&serving, without).await.unwrap();
    assert_eq!(without.text, one.text);
    assert_eq!(without.tokens.decoded, one.tokens.decoded);
    assert!(without.alternatives.is_empty());
    serving.shutdown(DEADLINE).await;
    assert!(one.alternatives.is_empty());
    (texts_of(several), one.text)
}

#[tokio::test]
async fn english_alternatives_begin_with_different_words_and_the_first_is_the_likeliest() {
    let (texts, likeliest) = alternatives(ENGLISH).await;
    assert_eq!(texts[0], likeliest);
    assert_eq!(texts.len(), 3, "{texts:?}");
    let words = texts
        .iter()
        .map(|text| text.split_whitespace().next().unwrap().to_lowercase());
    let distinct: std::collections::BTreeSet<String> = words.collect();
    assert_eq!(distinct.len(), 3, "{texts:?}");
}

#[tokio::test]
async fn chinese_alternatives_begin_with_different_characters() {
    let (texts, likeliest) = alternatives(CHINESE).await;
    assert_eq!(texts[0], likeliest);
    assert!(texts.len() >= 2, "{texts:?}");
    let first: std::collections::BTreeSet<char> = texts
        .iter()
        .filter_map(|text| text.chars().next())
        .collect();
    assert_eq!(first.len(), texts.len(), "{texts:?}");
}

#[tokio::test]
async fn alternatives_in_mixed_text_begin_with_different_words() {
    let prefix = "我们的前端用 React 写，后端用 Rust 写。数据库放在云上，今年打算把";
    let (texts, likeliest) = alternatives(prefix).await;
    // Where two ways are about as likely, the size of the batch may decide: only how it begins is sure.
    assert_eq!(texts[0].chars().next(), likeliest.chars().next());
    assert!(texts.len() >= 2, "{texts:?}");
    let first: std::collections::BTreeSet<char> = texts
        .iter()
        .filter_map(|text| text.trim_start().chars().next())
        .collect();
    assert_eq!(first.len(), texts.len(), "{texts:?}");
}

#[tokio::test]
async fn alternatives_that_the_gate_finds_too_unlikely_are_not_offered() {
    let home = Home::new();
    let serving = serving(&home, Settings::default());
    let all = complete(&serving, three(params("a", 1, ENGLISH)))
        .await
        .unwrap();
    let score = |confidence: Option<Confidence>| confidence.unwrap().score;
    let others: Vec<f32> = all
        .alternatives
        .iter()
        .map(|other| score(other.confidence))
        .collect();
    let highest = others.iter().copied().fold(0.0, f32::max);
    assert!(score(all.confidence) > highest, "{all:?}");
    let gated = CompleteParams {
        score_min: Some(f32::midpoint(score(all.confidence), highest)),
        ..three(params("a", 2, ENGLISH))
    };
    let gated = complete(&serving, gated).await.unwrap();
    assert_eq!(gated.text, all.text);
    assert!(gated.alternatives.is_empty(), "{gated:?}");
    assert!(gated.tokens.decoded < all.tokens.decoded, "{gated:?}");
    let silent = CompleteParams {
        score_min: Some(1.0),
        ..three(params("a", 3, ENGLISH))
    };
    let silent = complete(&serving, silent).await.unwrap();
    assert_eq!(silent.silence.unwrap().reason, "unlikely");
    assert!(silent.alternatives.is_empty());
    serving.shutdown(DEADLINE).await;
}

#[tokio::test]
async fn a_cancel_while_alternatives_are_written_leaves_room_for_the_next() {
    let home = Home::new();
    let serving = serving(&home, Settings::default());
    let long = |version| CompleteParams {
        stream: true,
        stop: Some(StopRule::Paragraph),
        max_tokens: Some(200),
        ..three(params("a", version, ENGLISH))
    };
    for version in 1..=6 {
        let (ticket, mut received) = submit(&serving, long(version));
        loop {
            let event = tokio::time::timeout(DEADLINE, received.recv()).await;
            match event.expect("a word within the deadline") {
                Some(ServingEvent::Text(_)) => break,
                Some(ServingEvent::Loading { .. }) => {}
                other => panic!("it ended early: {other:?}"),
            }
        }
        // Every other one is not dropped but overtaken.
        if version % 2 == 0 {
            drop(ticket);
        } else {
            let newer = complete(&serving, params("a", version, ENGLISH)).await;
            assert!(newer.is_ok(), "{newer:?}");
        }
    }
    let reply = complete(&serving, three(params("a", 7, ENGLISH)))
        .await
        .unwrap();
    assert_eq!(texts_of(reply).len(), 3);
    serving.shutdown(DEADLINE).await;
}

#[tokio::test]
async fn alternatives_of_a_half_typed_word_finish_it_in_different_ways() {
    let prefix = "The morning after the storm, the harbour was quiet. Broken masts lay across the pier, and the fish";
    let (texts, likeliest) = alternatives(prefix).await;
    assert_eq!(texts[0], likeliest);
    assert!(texts.len() >= 2, "{texts:?}");
    assert!(
        texts.iter().all(|text| !text.starts_with("fish")),
        "{texts:?}"
    );
}

#[tokio::test]
async fn dropping_the_ticket_cancels() {
    let home = Home::new();
    let serving = serving(&home, Settings::default());
    let (ticket, events) = submit(&serving, params("a", 1, ENGLISH));
    drop(ticket);
    assert_eq!(
        end_of(events).await.1.unwrap_err().code,
        ErrorCode::Cancelled
    );
    eventually(DEADLINE, "no request active", || {
        (serving.report().requests_active == 0).then_some(())
    });
    assert_eq!(serving.report().cancelled, 1);
    serving.shutdown(DEADLINE).await;
}

#[tokio::test]
async fn a_stream_is_the_beginning_of_the_reply() {
    let home = Home::new();
    let serving = serving(&home, Settings::default());
    let spaced = format!("{ENGLISH} ");
    let next_line = format!("{CHINESE}很清新。\n");
    let mut streams = 0;
    for (prefix, suffix) in [
        (ENGLISH, ""),
        (&spaced, ""),
        (ENGLISH, " waiting for the tide."),
        (CHINESE, ""),
        (CHINESE, "弥漫着花香。"),
        (&next_line, ""),
    ] {
        let params = CompleteParams {
            stream: true,
            suffix: suffix.to_owned(),
            ..params("a", 1, prefix)
        };
        let (_ticket, events) = submit(&serving, params);
        let (streamed, reply) = end_of(events).await;
        let reply = reply.unwrap();
        // That the whole will be dropped cannot be known before its end.
        let begins = reply.text.starts_with(&streamed) || reply.silence.is_some();
        assert!(begins, "{streamed:?} of {reply:?}");
        streams += usize::from(!streamed.is_empty());
    }
    assert!(streams >= 3, "{streams} of 6 had anything to show early");
    serving.shutdown(DEADLINE).await;
}

#[tokio::test]
async fn a_suggestion_keeps_to_its_place_and_to_its_bound() {
    let home = Home::new();
    let serving = serving(&home, Settings::default());
    let heading = format!("# The harbour\n\n{ENGLISH} waiting.\n\n## The");
    let item = format!("{ENGLISH} waiting for:\n\n1. the tide\n2. the");
    let cell = "| Month | Catch |\n|---|---|\n| May | many herrings |\n| June | ".to_owned();
    let chinese = format!("# 公园\n\n{CHINESE}很清新。\n\n## 公园里");
    for (number, prefix) in [heading, item, cell, chinese].into_iter().enumerate() {
        let long = CompleteParams {
            stop: Some(StopRule::Paragraph),
            ..params(&number.to_string(), 1, &prefix)
        };
        let reply = complete(&serving, long).await.unwrap();
        assert!(!reply.text.contains(['\n', '|']), "{prefix:?}: {reply:?}");
        let is_title = prefix.contains("## ");
        assert!(!is_title || !reply.text.ends_with(['.', '。']), "{reply:?}");
    }
    for (number, prefix) in [ENGLISH, CHINESE].into_iter().enumerate() {
        let text_until = async |version, stop| {
            let bounded = CompleteParams {
                stop: Some(stop),
                ..params(&format!("bound {number}"), version, prefix)
            };
            complete(&serving, bounded).await.unwrap().text
        };
        let word = text_until(1, StopRule::Word).await;
        let phrase = text_until(2, StopRule::Phrase).await;
        let sentence = text_until(3, StopRule::Sentence).await;
        assert!(
            !word.is_empty() && phrase.starts_with(&word),
            "{word:?} {phrase:?}"
        );
        assert!(
            sentence.starts_with(phrase.trim_end_matches(',')),
            "{phrase:?} {sentence:?}"
        );
        assert!(word.split_whitespace().count() == 1, "{word:?}");
        assert!(phrase.split_whitespace().count() <= 8, "{phrase:?}");
    }
    serving.shutdown(DEADLINE).await;
}

#[tokio::test]
async fn a_deadline_that_passes_while_the_model_computes_ends_the_request() {
    let home = Home::new();
    let serving = serving(&home, Settings::default());
    complete(&serving, params("a", 1, ENGLISH)).await.unwrap();
    // A thousand tokens to read and many to say: far more than the deadline has time for.
    let long = CompleteParams {
        stop: Some(StopRule::Paragraph),
        max_tokens: Some(1_000),
        ..params("b", 1, &ENGLISH.repeat(35))
    };
    let (events, received) = mpsc::channel(64);
    let deadline = Instant::now() + Duration::from_millis(60);
    let _ticket = serving.complete(long, Some(deadline), events);
    let error = end_of(received).await.1.unwrap_err();
    assert_eq!(error.code, ErrorCode::DeadlineExceeded);
    assert_eq!(serving.report().cancelled, 1);
    complete(&serving, params("b", 2, ENGLISH)).await.unwrap();
    serving.shutdown(DEADLINE).await;
}

#[tokio::test]
async fn a_document_keeps_its_tokens_when_another_one_begins_alike() {
    let home = Home::new();
    let serving = serving(&home, Settings::default());
    let harbour = format!("# Notes\n\n{ENGLISH}");
    complete(&serving, params("a", 1, &harbour)).await.unwrap();
    let other = "# Notes\n\nNobody had told the miller that the river would be moved";
    complete(&serving, params("b", 1, other)).await.unwrap();
    let typed = format!("{harbour} and");
    let again = complete(&serving, params("a", 2, &typed)).await.unwrap();
    assert!(again.tokens.prefilled <= 2, "{:?}", again.tokens);
    serving.shutdown(DEADLINE).await;
}

#[tokio::test]
async fn without_a_model_for_the_language_the_answer_is_silence_and_the_command() {
    let home = Home::with_models(&[ENGLISH_MODEL]);
    let serving = serving(&home, Settings::default());
    let silence = complete(&serving, params("a", 1, CHINESE))
        .await
        .unwrap()
        .silence
        .unwrap();
    assert_eq!(silence.reason, "no_model_for_language");
    assert!(
        silence.remedy.unwrap().contains(CHINESE_MODEL),
        "the command names the model"
    );
    let report = serving.report();
    let chinese = report
        .models
        .iter()
        .find(|model| model.name == CHINESE_MODEL)
        .unwrap();
    assert_eq!(chinese.state, ModelState::Missing);
    serving.shutdown(DEADLINE).await;
}

#[tokio::test]
async fn an_idle_model_leaves_memory_and_comes_back() {
    let home = Home::new();
    let mut settings = Settings::default();
    settings.engine.idle_unload_s = 1;
    let serving = serving(&home, settings);
    let first = complete(&serving, params("a", 1, ENGLISH)).await.unwrap();
    let state = || {
        let models = serving.report().models;
        models
            .iter()
            .find(|model| model.name == ENGLISH_MODEL)
            .map(|model| (model.state, model.loads))
    };
    eventually(DEADLINE, "the model unloaded", || {
        (state() == Some((ModelState::Unloaded, 1))).then_some(())
    });
    let second = complete(&serving, params("a", 2, ENGLISH)).await.unwrap();
    assert_eq!(second.text, first.text);
    assert_eq!(state().map(|(_, loads)| loads), Some(2));
    serving.shutdown(DEADLINE).await;
}

/// Room for the context of one model that reads a whole document, and the vocabularies of both.
const TURNS_MB: u32 = 320;
/// Room for one model.
const SWAPS_MB: u32 = 260;

/// Settings under a ceiling of so many MiB.
fn under(memory_mb_max: u32) -> Settings {
    let mut settings = Settings::default();
    settings.engine.memory_mb_max = memory_mb_max;
    settings
}

fn model_of(serving: &Serving, name: &str) -> ModelReport {
    let models = serving.report().models;
    let mut found = models.into_iter().filter(|model| model.name == name);
    found.next().unwrap()
}

/// English and Chinese in turns; what is set aside never passes the ceiling.
async fn write_in_turns(serving: &Serving, rounds: u64) {
    for version in 1..=rounds {
        for (document, text) in [("en", ENGLISH), ("zh", CHINESE)] {
            let reply = complete(serving, params(document, version, text)).await;
            assert!(reply.unwrap().tokens.decoded > 0);
            let memory = serving.report().memory;
            assert!(memory.held_mb <= f64::from(memory.ceiling_mb), "{memory:?}");
        }
    }
}

#[tokio::test]
async fn both_languages_stay_in_memory_where_they_fit() {
    let home = Home::new();
    let serving = serving(&home, Settings::default());
    write_in_turns(&serving, 2).await;
    for name in [ENGLISH_MODEL, CHINESE_MODEL] {
        let model = model_of(&serving, name);
        assert_eq!((model.state, model.loads), (ModelState::Loaded, 1));
        assert_eq!((model.context_tokens, model.sequences), (4_096, 16));
        assert!(!model.is_made_smaller, "{model:?}");
    }
    serving.shutdown(DEADLINE).await;
}

#[tokio::test]
async fn under_a_ceiling_for_one_context_the_languages_take_turns_and_their_weights_stay() {
    let home = Home::new();
    let serving = serving(&home, under(TURNS_MB));
    write_in_turns(&serving, 2).await;
    let away = model_of(&serving, ENGLISH_MODEL);
    let room = Release {
        what: Released::Context,
        why: ReleaseReason::Room,
    };
    assert_eq!(
        (away.state, away.released),
        (ModelState::Resting, Some(room))
    );
    assert_eq!(away.loads, 1, "the weights stay");
    let here = model_of(&serving, CHINESE_MODEL);
    assert_eq!((here.state, here.loads), (ModelState::Loaded, 1));
    assert!(
        here.is_made_smaller && here.context_tokens < 4_096,
        "{here:?}"
    );
    serving.shutdown(DEADLINE).await;
}

#[tokio::test]
async fn under_a_ceiling_for_one_model_they_are_swapped() {
    let home = Home::new();
    let serving = serving(&home, under(SWAPS_MB));
    write_in_turns(&serving, 2).await;
    let away = model_of(&serving, ENGLISH_MODEL);
    assert_eq!((away.state, away.loads), (ModelState::Unloaded, 2));
    assert_eq!(model_of(&serving, CHINESE_MODEL).state, ModelState::Loaded);
    serving.shutdown(DEADLINE).await;
}

#[tokio::test]
async fn two_languages_at_once_under_a_ceiling_for_one_are_both_answered() {
    for memory_mb_max in [TURNS_MB, SWAPS_MB] {
        let home = Home::new();
        let serving = serving(&home, under(memory_mb_max));
        let asked: Vec<_> = (0..6)
            .map(|n| {
                let text = if n % 2 == 0 { ENGLISH } else { CHINESE };
                submit(&serving, params(&n.to_string(), 1, text))
            })
            .collect();
        for (_ticket, events) in asked {
            let reply = end_of(events).await.1.unwrap();
            assert!(reply.tokens.decoded > 0, "{reply:?}");
        }
        serving.shutdown(DEADLINE).await;
    }
}

#[tokio::test]
async fn a_ceiling_below_the_smallest_context_is_an_error_that_names_the_setting() {
    let home = Home::with_models(&[ENGLISH_MODEL]);
    let serving = serving(&home, under(100));
    let error = complete(&serving, params("a", 1, ENGLISH))
        .await
        .unwrap_err();
    assert_eq!(error.code, ErrorCode::ModelUnavailable);
    assert!(error.message.contains("engine.memory_mb_max"), "{error}");
    serving.shutdown(DEADLINE).await;
}

/// Long texts, and what is typed after each.
fn long_texts() -> [(&'static str, String, &'static str); 3] {
    let mixed = "我们用 Rust 写了这个编辑器 because it is fast, 而且很安全。";
    [
        ("en", ENGLISH.repeat(12), " their"),
        ("zh", CHINESE.repeat(12), "有"),
        ("mixed", mixed.repeat(20), "我"),
    ]
}

/// Waits until every model that was loaded is so.
fn until_all_are(serving: &Serving, state: ModelState) {
    eventually(DEADLINE, &format!("every model {state:?}"), || {
        let models = serving.report().models;
        let mut loaded = models.iter().filter(|model| model.loads > 0);
        loaded.all(|model| model.state == state).then_some(())
    });
}

/// Long documents before and after their models rested until `state`: read once, and gone on with in
/// the same words.
async fn documents_survive(settings: Settings, state: ModelState) {
    let home = Home::new();
    let serving = serving(&home, settings);
    for (document, text, typed) in long_texts() {
        let first = complete(&serving, params(document, 1, &text)).await;
        let first = first.unwrap().tokens;
        assert!(first.prefilled > 150, "{first:?}");
        // The last token is computed alone from here on, before the rest as after it.
        let before = complete(&serving, params(document, 2, &text)).await;
        let before = before.unwrap();
        until_all_are(&serving, state);
        assert!(serving.report().memory.saved_documents > 0);
        let after = complete(&serving, params(document, 3, &text)).await;
        let after = after.unwrap();
        assert!(after.tokens.prefilled <= 2, "{:?}", after.tokens);
        assert_eq!((after.text, after.silence), (before.text, before.silence));
        let typed = format!("{text}{typed}");
        let next = complete(&serving, params(document, 4, &typed)).await;
        let next = next.unwrap().tokens;
        assert!(next.prefilled <= 6, "{next:?}");
    }
    serving.shutdown(DEADLINE).await;
}

#[tokio::test]
async fn a_long_document_is_not_read_again_when_the_context_was_given_back() {
    let mut settings = Settings::default();
    settings.engine.idle_kv_release_s = 1;
    settings.engine.idle_unload_s = 0;
    documents_survive(settings, ModelState::Resting).await;
}

#[tokio::test]
async fn a_long_document_is_not_read_again_when_the_model_left_memory() {
    for kv_type in [KvTypeChoice::F16, KvTypeChoice::Q8] {
        let mut settings = Settings::default();
        settings.engine.idle_unload_s = 1;
        settings.engine.kv_type = kv_type;
        documents_survive(settings, ModelState::Unloaded).await;
    }
}

#[tokio::test]
async fn a_closed_document_is_not_kept_and_zero_keeps_none() {
    let home = Home::with_models(&[ENGLISH_MODEL]);
    let mut settings = Settings::default();
    settings.engine.idle_kv_release_s = 1;
    let serving = serving(&home, settings.clone());
    let long = ENGLISH.repeat(12);
    complete(&serving, params("open", 1, &long)).await.unwrap();
    let other = format!("# Two\n\n{long}");
    complete(&serving, params("closed", 1, &other))
        .await
        .unwrap();
    serving.close(DocumentId("closed".to_owned()));
    until_all_are(&serving, ModelState::Resting);
    assert_eq!(serving.report().memory.saved_documents, 1);
    // Closed at rest: what was kept goes at once.
    serving.close(DocumentId("open".to_owned()));
    eventually(DEADLINE, "nothing kept", || {
        (serving.report().memory.saved_documents == 0).then_some(())
    });
    settings.engine.saved_context_mb_max = 0;
    serving.reload(Arc::new(settings));
    complete(&serving, params("open", 2, &long)).await.unwrap();
    until_all_are(&serving, ModelState::Resting);
    assert_eq!(serving.report().memory.saved_documents, 0);
    let read = complete(&serving, params("open", 3, &long)).await.unwrap();
    assert_eq!(read.tokens.reused, 0);
    serving.shutdown(DEADLINE).await;
}

#[tokio::test]
async fn what_was_read_with_another_file_of_the_model_is_not_put_back() {
    let home = Home::with_models(&[ENGLISH_MODEL]);
    let mut settings = Settings::default();
    settings.engine.idle_unload_s = 1;
    let serving = serving(&home, settings);
    let long = ENGLISH.repeat(12);
    complete(&serving, params("a", 1, &long)).await.unwrap();
    until_all_are(&serving, ModelState::Unloaded);
    assert_eq!(serving.report().memory.saved_documents, 1);
    // Another file under the same name: the same model here, but who knows.
    let file = home.models().join(format!("{ENGLISH_MODEL}.gguf"));
    let original = file.canonicalize().unwrap();
    std::fs::remove_file(&file).unwrap();
    std::fs::copy(original, &file).unwrap();
    let read = complete(&serving, params("a", 2, &long)).await.unwrap();
    assert_eq!(read.tokens.reused, 0, "{:?}", read.tokens);
    serving.shutdown(DEADLINE).await;
}

#[tokio::test]
async fn languages_that_take_turns_read_their_documents_once() {
    for memory_mb_max in [TURNS_MB, SWAPS_MB] {
        let home = Home::new();
        let serving = serving(&home, under(memory_mb_max));
        let [english, chinese] = [ENGLISH, CHINESE].map(|text| text.repeat(12));
        let mut read = Vec::new();
        for version in 1..=3 {
            for (document, text) in [("en", &english), ("zh", &chinese)] {
                let reply = complete(&serving, params(document, version, text)).await;
                read.push(reply.unwrap().tokens.prefilled);
                let memory = serving.report().memory;
                assert!(memory.held_mb <= f64::from(memory_mb_max), "{memory:?}");
            }
        }
        assert!(read[..2].iter().all(|tokens| *tokens > 150), "{read:?}");
        assert!(read[2..].iter().all(|tokens| *tokens <= 2), "{read:?}");
        serving.shutdown(DEADLINE).await;
    }
}

#[tokio::test]
async fn a_cache_of_eight_bits_is_reported_as_what_it_takes() {
    let home = Home::with_models(&[ENGLISH_MODEL]);
    let mut settings = Settings::default();
    settings.engine.kv_type = KvTypeChoice::Q8;
    let serving = serving(&home, settings);
    complete(&serving, params("a", 1, ENGLISH)).await.unwrap();
    // 90 MiB in 16 bits; 34 bytes for 32 numbers here.
    let kv_mb = model_of(&serving, ENGLISH_MODEL).kv_mb;
    assert!((kv_mb - 90.0 * 34.0 / 64.0).abs() < 0.1, "{kv_mb}");
    serving.shutdown(DEADLINE).await;
}

#[tokio::test]
async fn shutdown_answers_what_is_in_hand() {
    let home = Home::new();
    let serving = serving(&home, Settings::default());
    let (_ticket, events) = submit(&serving, params("a", 1, ENGLISH));
    let asked_at = Instant::now();
    serving.clone().shutdown(DEADLINE).await;
    assert!(asked_at.elapsed() < DEADLINE, "nothing is waited for");
    assert!(end_of(events).await.1.is_ok(), "there was time to finish");
    let late = complete(&serving, params("a", 2, ENGLISH))
        .await
        .unwrap_err();
    assert_eq!(late.code, ErrorCode::ShuttingDown);
}

#[tokio::test]
async fn a_long_document_is_cut_to_the_context_and_still_completed() {
    let home = Home::new();
    let mut settings = Settings::default();
    settings.engine.context_tokens = 512;
    let serving = serving(&home, settings);
    let long = format!("{ENGLISH} they waited.\n\n").repeat(40) + ENGLISH;
    let reply = complete(&serving, params("a", 1, &long)).await.unwrap();
    assert!(reply.tokens.prompt <= 512, "{:?}", reply.tokens);
    assert!(reply.tokens.decoded > 0);
    serving.shutdown(DEADLINE).await;
}

#[tokio::test]
async fn changed_settings_take_effect_with_the_next_load_and_drop_no_request() {
    let home = Home::new();
    let serving = serving(&home, Settings::default());
    let (_ticket, events) = submit(&serving, params("a", 1, ENGLISH));
    let mut settings = Settings::default();
    settings.engine.context_tokens = 1024;
    let reloading = serving.clone();
    tokio::task::spawn_blocking(move || reloading.reload(Arc::new(settings)))
        .await
        .unwrap();
    assert!(
        end_of(events).await.1.is_ok(),
        "the request in hand is finished"
    );
    complete(&serving, params("b", 1, ENGLISH)).await.unwrap();
    let context_tokens = || {
        let models = serving.report().models;
        models
            .iter()
            .find(|model| model.name == ENGLISH_MODEL)
            .map(|model| model.context_tokens)
    };
    eventually(DEADLINE, "the new context size", || {
        (context_tokens() == Some(1024)).then_some(())
    });
    serving.shutdown(DEADLINE).await;
}
