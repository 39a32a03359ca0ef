//! A graphics card computes, or fails, and no request is lost: the processor takes it over and the
//! user is told.
//!
//! A binary of its own, since it needs a card or a driver that stands in for one: `make test` runs
//! it again in a step of its own where there is one; without, every test skips.

#![cfg(unix)] // Sockets, as the other end-to-end tests.
#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that fails panics.

#[path = "sensible.rs"]
mod sensible;

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::time::Duration;

use inkstone_e2e::editor::{Editor, at_end};
use inkstone_e2e::home;
use inkstone_e2e::shell::inkstone;
use inkstone_e2e::turn::alone;
use inkstone_e2e::wire::{Wire, question, start_daemon, start_daemon_with};
use inkstone_protocol::{
    Call, CompleteParams, CompleteReply, DaemonMessage, ModelReport, ModelState, StopRule,
};
use inkstone_test_support::gpu::{FailingDriver, Failure, is_wanted_or_skipped};
use inkstone_test_support::{CHINESE_MODEL, ENGLISH_MODEL, Home, eventually, test_models};
use serde_json::{Value, json};

use sensible::{HARBOUR, PARK, Script, assert_sensible};

/// Of every text asked for here: short, since a driver in software computes for a person's patience.
const TOKENS_MAX: u32 = 8;

/// Longer than a daemon takes that ends in order.
const STOP_WAIT: Duration = Duration::from_secs(20);

fn model(wire: &mut Wire, name: &str) -> ModelReport {
    let status = wire.status();
    let mut models = status.models.into_iter();
    models.find(|model| model.name == name).expect("a report")
}

/// One that ends with the sentence.
fn short_question(document: &str, version: u64, text: &str) -> CompleteParams {
    CompleteParams {
        stop: Some(StopRule::Sentence),
        ..question(document, version, text, TOKENS_MAX)
    }
}

fn answer(wire: &mut Wire, document: &str, text: &str) -> CompleteReply {
    let ended = wire.complete(short_question(document, 1, text));
    *ended.outcome.expect("an answer and no error")
}

/// What the user is told, in a reply and in the state.
fn assert_told(reply: &CompleteReply, model: &ModelReport, what: &str) {
    let notice = reply.notice.as_deref().expect("a notice");
    assert!(notice.contains(what), "{notice}");
    assert_eq!(model.problem.as_deref(), Some(notice));
    assert_eq!(
        (model.state, model.device.as_deref(), model.layers_offloaded),
        (ModelState::Loaded, Some("CPU"), 0)
    );
}

fn assert_on_card(model: &ModelReport) {
    assert_eq!((model.state, &model.problem), (ModelState::Loaded, &None));
    assert_ne!(model.device.as_deref(), Some("CPU"));
    assert_eq!(model.layers_offloaded, model.layers);
}

/// Where a setup would measure the model.
fn measured_on(home: &Home) -> Option<String> {
    let model = test_models().join(format!("{ENGLISH_MODEL}.gguf"));
    // One way to compute: what a driver in software finds fastest is of no use.
    let task = json!({
        "model_path": model, "device": "auto", "gpu_layers": -1,
        "threads": [2], "flash_attention": [true], "kv_types": ["f16"], "batch_tokens": [64],
    });
    let mut command = home.command("inkstoned");
    command.arg("measure").stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{task}").unwrap();
    let output = child.wait_with_output().unwrap();
    let outcome: Value = serde_json::from_slice(&output.stdout).unwrap();
    outcome["device"].as_str().map(str::to_owned)
}

fn only_daemon(home: &Home) -> u32 {
    let daemons = home.daemons();
    let [daemon] = daemons.as_slice() else {
        panic!("one daemon expected: {daemons:?}")
    };
    daemon.pid
}

#[test]
fn the_card_computes_every_layer_and_the_user_is_told_nothing() {
    if !is_wanted_or_skipped() {
        return;
    }
    let _turn = alone();
    let home = home::english();
    let mut wire = start_daemon(&home);
    let reply = answer(&mut wire, "a", HARBOUR);
    assert_sensible(&reply.text, Script::Latin);
    assert_eq!(reply.notice, None);
    let report = model(&mut wire, ENGLISH_MODEL);
    assert_on_card(&report);
    assert_eq!(measured_on(&home), report.device);
}

#[test]
fn a_card_without_memory_for_the_model_leaves_it_to_the_processor_with_a_notice() {
    if !is_wanted_or_skipped() {
        return;
    }
    let _turn = alone();
    let home = home::english();
    let driver = FailingDriver::new(home.scratch());
    driver.fail(Failure::OutOfMemory);
    let mut wire = start_daemon_with(&home, &driver.environment());
    let reply = answer(&mut wire, "a", HARBOUR);
    assert_sensible(&reply.text, Script::Latin);
    let report = model(&mut wire, ENGLISH_MODEL);
    assert_told(&reply, &report, "does not load on the graphics card");
    assert_eq!(report.loads, 1);
    let status = inkstone(&home, &["status"]).ok().stdout;
    assert!(status.contains("lower engine.gpu_layers"), "{status}");
    assert!(home.logs().contains("does not load on the graphics card"));
}

#[test]
fn a_card_lost_while_a_model_loads_leaves_it_to_the_processor() {
    if !is_wanted_or_skipped() {
        return;
    }
    let _turn = alone();
    let home = home::english();
    let driver = FailingDriver::new(home.scratch());
    driver.fail(Failure::Lost);
    let mut wire = start_daemon_with(&home, &driver.environment());
    let daemon = only_daemon(&home);
    let reply = answer(&mut wire, "a", HARBOUR);
    assert_sensible(&reply.text, Script::Latin);
    let report = model(&mut wire, ENGLISH_MODEL);
    assert_told(&reply, &report, "the processor computes");
    assert_eq!(only_daemon(&home), daemon);
}

#[test]
fn a_driver_that_ends_the_daemon_does_not_end_the_next_one() {
    if !is_wanted_or_skipped() {
        return;
    }
    let _turn = alone();
    let home = home::english();
    let driver = FailingDriver::new(home.scratch());
    driver.fail(Failure::Abort);
    let mut wire = start_daemon_with(&home, &driver.environment());
    wire.begin(Call::Complete(Box::new(short_question("a", 1, HARBOUR))));
    while wire.next_message().is_some() {}
    // A process that is being torn down is found no longer, and its socket still takes connections.
    eventually(STOP_WAIT, "the daemon's end", || {
        let is_over = UnixStream::connect(home.socket()).is_err();
        (is_over && home.daemons().is_empty()).then_some(())
    });

    let mut wire = start_daemon_with(&home, &driver.environment());
    let reply = answer(&mut wire, "a", HARBOUR);
    assert_sensible(&reply.text, Script::Latin);
    let report = model(&mut wire, ENGLISH_MODEL);
    assert_told(
        &reply,
        &report,
        "the daemon ended when it tried the graphics card",
    );
}

#[test]
fn a_card_lost_while_it_writes_repeats_nothing_of_what_was_streamed() {
    if !is_wanted_or_skipped() {
        return;
    }
    let _turn = alone();
    let home = home::english();
    let driver = FailingDriver::new(home.scratch());
    let mut wire = start_daemon_with(&home, &driver.environment());
    let asked = question("a", 1, HARBOUR, 3 * TOKENS_MAX);
    let id = wire.begin(Call::Complete(Box::new(asked)));
    let first = loop {
        match wire.next_message().expect("the daemon") {
            DaemonMessage::Text { piece, .. } => break piece,
            DaemonMessage::Loading { .. } => {}
            other => panic!("no piece of text: {other:?}"),
        }
    };
    driver.fail(Failure::Lost);
    let ended = wire.end_of(id);
    let reply = *ended.outcome.expect("an answer and no error");
    let pieces = ended.pieces.iter().map(|(_, piece)| piece.as_str());
    let streamed: String = std::iter::once(first.as_str()).chain(pieces).collect();
    // Where the processor rounds to another word there is nothing to add to what was told.
    assert!(
        reply.text.starts_with(&streamed) || streamed == first,
        "{streamed:?} of {:?}",
        reply.text
    );
    assert_told(&reply, &model(&mut wire, ENGLISH_MODEL), "failed");
}

#[test]
fn a_card_lost_at_work_loses_no_request_and_the_processor_takes_them_over() {
    if !is_wanted_or_skipped() {
        return;
    }
    let _turn = alone();
    let home = home::english_and_chinese();
    let driver = FailingDriver::new(home.scratch());
    let mut wire = start_daemon_with(&home, &driver.environment());
    let daemon = only_daemon(&home);
    assert_eq!(answer(&mut wire, "a", HARBOUR).notice, None);
    assert_on_card(&model(&mut wire, ENGLISH_MODEL));

    driver.fail(Failure::Lost);
    // Each on its own connection: whose answer comes first is not known.
    let mut asked: Vec<_> = ["a", "b", "c"]
        .into_iter()
        .map(|document| {
            let mut editor = Wire::greeted(&home.socket());
            let text = format!("{HARBOUR} and {document}");
            let question = Box::new(short_question(document, 2, &text));
            let id = editor.begin(Call::Complete(question));
            (editor, id)
        })
        .collect();
    for (editor, id) in &mut asked {
        let reply = *editor.end_of(*id).outcome.expect("an answer and no error");
        assert_sensible(&reply.text, Script::Latin);
        let report = model(&mut wire, ENGLISH_MODEL);
        assert_told(&reply, &report, "failed");
        assert_eq!(report.loads, 2);
    }
    // A model that is loaded later does not try the card again.
    let chinese = answer(&mut wire, "d", PARK);
    assert_sensible(&chinese.text, Script::Han);
    assert_told(&chinese, &model(&mut wire, CHINESE_MODEL), "failed");
    assert_eq!(only_daemon(&home), daemon);
    assert!(home.logs().contains("ErrorDeviceLost"), "{}", home.logs());
    // Nor does ending wait for it.
    inkstone(&home, &["stop"]).ok();
    eventually(STOP_WAIT, "the daemon's end", || {
        home.daemons().is_empty().then_some(())
    });
}

#[test]
fn a_card_out_of_memory_at_work_leaves_the_request_to_the_processor() {
    if !is_wanted_or_skipped() {
        return;
    }
    let _turn = alone();
    let home = home::english();
    let driver = FailingDriver::new(home.scratch());
    let mut wire = start_daemon_with(&home, &driver.environment());
    assert_eq!(answer(&mut wire, "a", HARBOUR).notice, None);
    driver.fail(Failure::OutOfMemory);
    // Longer than what came before, so that the buffers of a batch have to grow.
    let longer = format!("{PARK}\n\n{HARBOUR} and in the end {HARBOUR}");
    let reply = answer(&mut wire, "b", &longer);
    assert_sensible(&reply.text, Script::Latin);
    let report = model(&mut wire, ENGLISH_MODEL);
    assert_told(&reply, &report, "ErrorOutOfDeviceMemory");
    assert_eq!(report.loads, 2);
}

#[test]
fn an_editor_is_told_once_that_the_card_is_lost_and_suggestions_go_on() {
    if !is_wanted_or_skipped() {
        return;
    }
    let _turn = alone();
    let home = home::english();
    let driver = FailingDriver::new(home.scratch());
    let mut wire = start_daemon_with(&home, &driver.environment());
    assert_eq!(answer(&mut wire, "a", HARBOUR).notice, None);
    driver.fail(Failure::Lost);
    let mut editor = Editor::open(&home, &at_end(HARBOUR));
    for word in [" and", " they", " waited for"] {
        editor.type_text(word);
        let suggestion = editor.suggestion().expect("a suggestion");
        assert_sensible(&suggestion, Script::Latin);
    }
    let told: Vec<String> = editor
        .client
        .messages()
        .iter()
        .filter(|message| message.method == "window/showMessage")
        .map(|message| message.params["message"].to_string())
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains("failed") && told[0].contains("the processor computes"),
        "{told:?}"
    );
    let status = editor.status();
    assert_eq!(status["notices"].as_array().map(Vec::len), Some(1));
    assert!(status["text"].to_string().contains("failed"), "{status}");
}
