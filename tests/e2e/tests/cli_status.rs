//! `inkstone status`: what runs, in words and as JSON.

use inkstone_e2e::home;
use inkstone_e2e::shell::{inkstone, inkstone_with_input};
use inkstone_e2e::turn::together;
use inkstone_test_support::ENGLISH_MODEL;

use crate::sensible::HARBOUR;

#[test]
fn the_status_names_the_daemon_its_model_and_what_computes() {
    let _turn = together();
    let home = home::english();
    inkstone(&home, &["start"]).ok();
    inkstone_with_input(&home, &["complete"], HARBOUR.as_bytes()).ok();
    let status = inkstone(&home, &["status", "--json"]).ok().json();
    let daemon = status.get("daemon").unwrap_or(&status);
    assert_eq!(daemon["pid"], home.daemons()[0].pid);
    let models = daemon["models"].as_array().unwrap();
    let model = models
        .iter()
        .find(|model| model["name"] == ENGLISH_MODEL)
        .unwrap();
    assert_eq!(model["state"], "loaded");
    assert_eq!(model["loads"], 1);
    assert!(
        model["device"].is_string() && model["instruction_set"].is_string(),
        "{model}"
    );
    assert!(model["layers"].as_u64().unwrap() > 0, "{model}");
    let words = inkstone(&home, &["status"]).ok();
    assert!(words.stdout.contains(ENGLISH_MODEL), "{words:?}");
}

#[test]
fn the_status_of_a_stopped_daemon_starts_none() {
    let _turn = together();
    let home = home::english();
    inkstone(&home, &["start"]).ok();
    inkstone(&home, &["stop"]).ok();
    let status = inkstone(&home, &["status"]);
    assert_ne!(status.code, 70, "{status:?}");
    let said = format!("{}{}", status.stdout, status.stderr);
    assert!(said.contains("inkstone start"), "{status:?}");
    assert_eq!(home.daemons(), []);
}
