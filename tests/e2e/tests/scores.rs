//! How surprising texts are: asked by a person, by a build, and beside somebody who types; with the
//! real daemon and models.

#[path = "../../../trainer/corpus/tests/cleaning/sample.rs"]
#[allow(dead_code)] // Reason: only the reading of the sample is used here.
mod sample;

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use inkstone_corpus::clean::{RuleSet, clean};
use inkstone_corpus::dataset::Digest;
use inkstone_corpus::surprise::{Surprise, is_scored};
use inkstone_e2e::home;
use inkstone_e2e::prose::sentences;
use inkstone_e2e::shell::{inkstone, inkstone_with_input};
use inkstone_e2e::turn::together;
use inkstone_e2e::wire::{Wire, question, start_daemon};
use inkstone_protocol::{
    Call, DaemonMessage, ErrorCode, Reply, SCORE_BYTES_MAX, SCORE_TEXTS_MAX, ScoreParams,
    ScoreReply, WireError,
};
use inkstone_test_support::{CHINESE_MODEL, ENGLISH_MODEL, Home, eventually};
use serde_json::Value;

use crate::sensible::{HARBOUR, PARK};

const WAIT: Duration = Duration::from_secs(120);
/// The committed scores were made on another machine; its sums may differ by so many nats a token.
const NATS_PER_TOKEN_OFF_MAX: f64 = 0.05;

fn ask(wire: &mut Wire, params: ScoreParams) -> Result<ScoreReply, WireError> {
    let wanted = wire.begin(Call::Score(params));
    match wire.next_message() {
        Some(DaemonMessage::Result {
            id,
            reply: Reply::Score(reply),
        }) if id == wanted => Ok(*reply),
        Some(DaemonMessage::Error {
            id: Some(id),
            error,
        }) if id == wanted => Err(error),
        other => panic!("{other:?}"),
    }
}

fn texts(texts: &[&str]) -> ScoreParams {
    ScoreParams {
        texts: texts.iter().map(ToString::to_string).collect(),
        ..ScoreParams::default()
    }
}

#[test]
fn a_person_sees_how_surprising_each_paragraph_is_to_the_model_of_its_language() {
    let _turn = together();
    let home = home::english_and_chinese();
    let text = format!("{HARBOUR}\r\n\r\nqwv zxjk plmb 👩‍👩‍👧 rtvx e\u{301}qzh wjxk vbnq zzkx pqqv.\n");
    let scored = inkstone_with_input(&home, &["score", "--json"], text.as_bytes());
    let scored = scored.ok().json();
    assert_eq!(scored["model"], ENGLISH_MODEL);
    assert_eq!(scored["model_hash"].as_str().map(str::len), Some(64));
    let level = |row: &Value| row["nats_per_character"].as_f64().unwrap();
    let rows = scored["paragraphs"].as_array().unwrap();
    assert_eq!(
        (rows[0]["line"].as_u64(), rows[1]["line"].as_u64()),
        (Some(1), Some(3))
    );
    assert!(
        level(&rows[0]) > 0.0 && 2.0 * level(&rows[0]) < level(&rows[1]),
        "{scored}"
    );
    let chinese = home.scratch().join("公园.md");
    fs::write(&chinese, PARK).unwrap();
    let words = inkstone(&home, &["score", chinese.to_str().unwrap()])
        .ok()
        .stdout;
    assert!(words.contains(&format!("by {CHINESE_MODEL}\n")), "{words}");
    for (arguments, input) in [
        (vec!["score"], b" \n\n".as_slice()),
        (vec!["score", "/nowhere/at-all.md"], b""),
        (vec!["score"], b"\xff"),
    ] {
        let refused = inkstone_with_input(&home, &arguments, input);
        assert_eq!(
            (refused.code, refused.stdout.as_str()),
            (2, ""),
            "{refused:?}"
        );
    }
}

#[test]
fn a_suggestion_asked_for_while_a_long_text_is_scored_comes_first() {
    let _turn = together();
    let home = home::english();
    let mut wire = start_daemon(&home);
    // What is not in memory is not loaded for it.
    let refused = ask(&mut wire, texts(&[HARBOUR])).unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotNow, "{refused:?}");
    let mut editor = Wire::greeted(&home.socket());
    let typed = question("a", 1, HARBOUR, 8);
    let id = editor.begin(Call::Complete(Box::new(typed)));
    editor.end_of(id).outcome.unwrap();
    let long: String = sentences(2_000).chars().take(SCORE_BYTES_MAX).collect();
    let mut scorer = Wire::greeted(&home.socket());
    scorer.begin(Call::Score(texts(&[&long])));
    for version in 2..5 {
        let typed = question("a", version, &format!("{HARBOUR} and"), 8);
        let id = editor.begin(Call::Complete(Box::new(typed)));
        editor.end_of(id).outcome.unwrap();
    }
    // Thousands of tokens are not read in the time of three suggestions; its client goes.
    assert!(wire.status().requests_active > 0, "it is still being read");
    drop(scorer);
    eventually(WAIT, "the text is read no further", || {
        (wire.status().requests_active == 0).then_some(())
    });
    let again = ask(&mut wire, texts(&[HARBOUR])).unwrap();
    assert_eq!(again.scores.len(), 1);
}

/// A writer with texts in both languages and a paragraph of garbage, added as a folder.
fn writer(settings: &str) -> (Home, PathBuf) {
    let home = home::english_and_chinese();
    let own = format!(
        "{}\n[corpus]\nperplexity_texts_min = 10\n{settings}",
        inkstone_test_support::PATIENT_SETTINGS
    );
    home.write_config(&own);
    let folder = home.scratch().canonicalize().unwrap().join("文稿");
    fs::create_dir_all(&folder).unwrap();
    let mut english = format!("# Harbour\n\n{}", sentences(80));
    english.push_str("\nGlorp wexily tharn quibdoz, frennish molvap the zint of yarrowkep ostrindle, and vaxim plonder brusk ekkimaw thidgel.\n");
    fs::write(folder.join("harbour.md"), english).unwrap();
    fs::write(
        folder.join("公园.md"),
        format!("# 公园\n\n{PARK}有花的香味。\n"),
    )
    .unwrap();
    let added = inkstone(
        &home,
        &["workspace", "add", folder.to_str().unwrap(), "--yes"],
    );
    added.ok();
    (home, folder)
}

fn build(home: &Home, more: &[&str]) -> Value {
    let arguments = [&["dataset", "build", "--json"], more].concat();
    inkstone(home, &arguments).ok().json()
}

fn sum(built: &Value, key: &str) -> u64 {
    let groups = built["scores"].as_array().unwrap().iter();
    groups.map(|group| group[key].as_u64().unwrap()).sum()
}

#[test]
fn a_build_keeps_what_the_daemon_says_and_asks_for_nothing_twice() {
    let _turn = together();
    let (home, folder) = writer("");
    // Nobody is there to be asked: that is said once, and the build is whole.
    let alone = build(&home, &[]);
    let missing = alone["scoring"]["unscored"].as_u64().unwrap();
    assert!(missing > 10 && alone["scoring"]["scored"] == 0, "{alone}");
    let why = alone["scoring"]["why"].as_str().unwrap();
    assert_eq!(why.matches("no daemon listens").count(), 1, "{why}");
    assert_eq!(alone["scored_by"], serde_json::json!([]));
    let scored = build(&home, &["--score"]);
    assert_eq!(scored["scoring"]["scored"], missing, "{scored}");
    assert_eq!(scored["scoring"]["unscored"], 0);
    let by = scored["scored_by"].as_array().unwrap();
    let models: Vec<&str> = by.iter().map(|by| by["model"].as_str().unwrap()).collect();
    assert_eq!(models, [ENGLISH_MODEL, CHINESE_MODEL]);
    // The garbage is found and stays, as long as the rule is off: the dataset is the same.
    assert_eq!(
        (sum(&scored, "surprising"), sum(&scored, "left_out")),
        (1, 0),
        "{scored}"
    );
    assert_eq!(scored["statistics"]["rules"]["perplexity"], 1, "{scored}");
    assert_eq!(scored["dataset"], alone["dataset"]);
    let words = inkstone(&home, &["dataset", "stats"]).ok().stdout;
    assert!(words.contains("surprise in nats for each token"), "{words}");
    inkstone(&home, &["stop"]).ok();
    // A daemon that is away changes nothing that was scored, and new text is scored later.
    fs::write(
        folder.join("new.md"),
        format!("{HARBOUR} and waited for the tide.\n"),
    )
    .unwrap();
    let later = build(&home, &[]);
    assert_eq!(later["scoring"]["unscored"], 1, "{later}");
    assert_eq!(sum(&later, "surprising"), 1, "{later}");
    let quiet = inkstone(&home, &["dataset", "build"]).ok().stdout;
    assert_eq!(quiet.matches("texts not scored").count(), 1, "{quiet}");
}

#[test]
fn with_the_rule_on_an_outlier_is_left_out_however_the_build_was_interrupted() {
    let _turn = together();
    let (home, _folder) = writer("rules_on = [\"perplexity\"]\n");
    let before = build(&home, &[]);
    assert_eq!(before["statistics"]["left_out"]["perplexity"], Value::Null);
    let scored = build(&home, &["--score"]);
    assert_eq!(
        scored["statistics"]["left_out"]["perplexity"], 1,
        "{scored}"
    );
    assert_ne!(scored["dataset"], before["dataset"]);
    inkstone(&home, &["stop"]).ok();
    let away = build(&home, &[]);
    assert_eq!(
        away["dataset"], scored["dataset"],
        "an absent daemon flips nothing"
    );
    // The same folder, killed at some moments while it is scored.
    let (other, _folder) = writer("rules_on = [\"perplexity\"]\n");
    start_daemon(&other);
    for _ in 0..4 {
        let mut child = other
            .command("inkstone-trainer")
            .args(["build", "--score"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        // It tells how far it is: as soon as it scores, it is killed.
        let notes = std::io::BufReader::new(child.stderr.take().unwrap());
        let mut lines = std::io::BufRead::lines(notes).map_while(Result::ok);
        let _scoring = lines.find(|line| line.contains("\"scoring\""));
        let _ended_already = child.kill();
        child.wait().unwrap();
    }
    let finished = build(&other, &["--score"]);
    assert_eq!(finished["dataset"], scored["dataset"], "{finished}");
}

/// Every text of the labelled sample that `perplexity` is measured by, with its language.
fn texts_of_sample() -> Vec<(&'static str, String)> {
    let root = inkstone_test_support::workspace_root();
    let mut all = Vec::new();
    for row in sample::read(&root.join("tests/eval/cleaning")) {
        let language = row.context.language.tag();
        if language == "und" {
            continue;
        }
        let cleaned = clean(&row.before, &row.context, &RuleSet::default());
        if cleaned.left_out.is_none() && cleaned.text != row.before {
            all.push((language, cleaned.text));
        }
        all.push((language, row.before));
    }
    all.retain(|(_, text)| is_scored(text));
    all.sort();
    all.dedup();
    all
}

/// Scores by the hash of the text, as they are committed.
fn scored(wire: &mut Wire, all: &[(&'static str, String)]) -> Vec<(String, Surprise)> {
    let mut lines = Vec::new();
    for language in ["en", "zh"] {
        let own = all.iter().filter(|(of, _)| *of == language);
        let own: Vec<&String> = own.map(|(_, text)| text).collect();
        for some in own.chunks(SCORE_TEXTS_MAX / 8) {
            let params = ScoreParams {
                texts: some.iter().map(ToString::to_string).collect(),
                language: Some(language.to_owned()),
                load: true,
                ..ScoreParams::default()
            };
            let reply = ask(wire, params).unwrap();
            for (text, score) in some.iter().zip(&reply.scores) {
                let hash = Digest::of(text.as_bytes()).to_string();
                let kept = Surprise::new(score.nats, score.tokens, score.characters);
                lines.push((hash, kept));
            }
        }
    }
    lines.sort_by(|one, other| one.0.cmp(&other.0));
    lines
}

#[test]
fn the_committed_scores_of_the_sample_are_those_of_the_models() {
    let _turn = together();
    let home = home::english_and_chinese();
    let mut wire = start_daemon(&home);
    let fresh = scored(&mut wire, &texts_of_sample());
    let path = inkstone_test_support::workspace_root().join("tests/eval/perplexity/scores.tsv");
    if std::env::var_os("INKSTONE_WRITE_RESULTS").is_some() {
        let mut text = String::new();
        for (hash, score) in &fresh {
            let Surprise {
                millinats,
                tokens,
                characters,
            } = score;
            writeln!(text, "{hash}\t{millinats}\t{tokens}\t{characters}").unwrap();
        }
        fs::write(&path, text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap();
    let committed: Vec<Vec<&str>> = committed
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    assert_eq!(
        committed.len(),
        fresh.len(),
        "write them anew with INKSTONE_WRITE_RESULTS=1"
    );
    for (line, (hash, score)) in committed.iter().zip(&fresh) {
        assert_eq!(
            (line[0], line[2]),
            (hash.as_str(), score.tokens.to_string().as_str())
        );
        let off = line[1].parse::<f64>().unwrap() - score.millinats as f64;
        let off = off.abs() / 1_000.0 / f64::from(score.tokens.max(1));
        assert!(
            off < NATS_PER_TOKEN_OFF_MAX,
            "{hash}: {off} nats a token apart"
        );
    }
}
