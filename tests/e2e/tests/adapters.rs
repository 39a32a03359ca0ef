//! An adapter from the command line to the text: used, it is worn by the running daemon; off, the model
//! is as it was; damaged, it is refused and the daemon serves on.

use std::fs;

use inkstone_e2e::home;
use inkstone_e2e::shell::{inkstone, inkstone_with_input};
use inkstone_e2e::turn::together;
use inkstone_test_support::{ConstantAdapter, ENGLISH_MODEL, Home};
use serde_json::Value;

use crate::sensible::HARBOUR;

/// Two tokens: what else is in a batch moves the last digits, and further on that may move a word.
fn complete(home: &Home, more: &[&str]) -> Value {
    let arguments = [&["complete", "--json", "--max-tokens", "2"], more].concat();
    inkstone_with_input(home, &arguments, HARBOUR.as_bytes()).json()
}

/// What was written, or why it is not offered.
fn said(reply: &Value) -> [Value; 2] {
    ["text", "silence"].map(|key| reply[key].clone())
}

fn live(home: &Home) -> Vec<Value> {
    let status = inkstone(home, &["status", "--json"]).ok().json();
    let daemon = status.get("daemon").unwrap_or(&status);
    daemon["adapters"]["live"].as_array().unwrap().clone()
}

#[test]
fn a_running_daemon_wears_what_is_used_and_nothing_when_it_is_off() {
    let _turn = together();
    let home = home::english();
    let base = complete(&home, &[]);
    assert_eq!(base["adapter"], Value::Null);
    let model = home.models().join(format!("{ENGLISH_MODEL}.gguf"));
    let file = home.scratch().join("visible.gguf");
    fs::write(&file, ConstantAdapter::of(5.0).bytes(&model)).unwrap();
    let import = [
        "adapter",
        "import",
        file.to_str().unwrap(),
        "--model",
        ENGLISH_MODEL,
    ];
    inkstone(&home, &import).ok();
    assert_eq!(
        said(&complete(&home, &[])),
        said(&base),
        "taken in is not used"
    );
    let asked = complete(&home, &["--adapter", "mixed-1"]);
    assert_eq!(asked["adapter"], "mixed-1");
    inkstone(&home, &["adapter", "use", "mixed-1"]).ok();
    let worn = complete(&home, &[]);
    assert_eq!(
        (said(&worn), &worn["adapter"]),
        (said(&asked), &"mixed-1".into())
    );
    assert_ne!(said(&worn), said(&base));
    assert_eq!(said(&complete(&home, &["--adapter", "none"])), said(&base));
    assert_eq!(live(&home)[0]["state"], "worn");
    let words = inkstone(&home, &["status"]).ok().stdout;
    assert!(words.contains("adapter     mixed-1: worn by"), "{words}");
    // Its file becomes another: the daemon that starts next refuses it and serves.
    let folder = home.root().join("data/adapters");
    let kept = fs::read_dir(folder)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    fs::write(&kept, b"GGUF, but not for long").unwrap();
    inkstone(&home, &["stop"]).ok();
    inkstone(&home, &["start"]).ok();
    assert_eq!(said(&complete(&home, &[])), said(&base));
    let refused = &live(&home)[0];
    assert_eq!(refused["state"], "refused", "{refused}");
    assert!(
        refused["why"]
            .as_str()
            .unwrap()
            .contains(kept.to_str().unwrap()),
        "{refused}"
    );
    inkstone(&home, &["adapter", "off"]).ok();
    assert_eq!(live(&home), [] as [Value; 0]);
}
