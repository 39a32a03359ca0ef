//! One ceiling for all that models and documents take beside the weights, as the operating system
//! counts it.

use std::time::Duration;

use inkstone_e2e::home;
use inkstone_e2e::prose::sentences;
use inkstone_e2e::shell::inkstone;
use inkstone_e2e::turn::together;
use inkstone_e2e::wire::{Wire, question, start_daemon};
use inkstone_protocol::{Call, ModelState};
use inkstone_test_support::{Home, PATIENT_SETTINGS, eventually};

const WAIT: Duration = Duration::from_secs(60);
/// Room for the context of one model that reads a whole document, not for two.
const TIGHT_MB: u32 = 320;
const CHINESE: &str =
    "今天早上我去公园散步，看到很多老人在打太极拳。湖边的柳树已经发芽了，空气里有花的香味。";

/// What the daemon holds beside the weights of its models, which are mapped from their files as its
/// libraries are: memory that no file stands behind. What is resident of the files is no measure,
/// since a model that is being loaded is not counted among the weights yet.
fn beside_weights_mb(wire: &mut Wire) -> f64 {
    let status = wire.status();
    let memory = status.memory;
    assert!(memory.held_mb <= f64::from(memory.ceiling_mb), "{memory:?}");
    let file = format!("/proc/{}/status", status.pid);
    let process = std::fs::read_to_string(file).unwrap();
    let mut lines = process.lines();
    let anonymous =
        lines.find_map(|line| line.strip_prefix("RssAnon:")?.trim().strip_suffix(" kB"));
    anonymous.unwrap().parse::<f64>().unwrap() / 1_024.0
}

/// Long documents in both languages, each in an editor of its own, asked about at once; the most that
/// was held beside the weights after an answer.
fn most_held_mb(home: &Home, wire: &mut Wire) -> f64 {
    let texts = [
        ("en", sentences(16)),
        ("zh", CHINESE.repeat(10)),
        ("en 2", format!("# Two\n\n{}", sentences(12))),
        (
            "mixed",
            format!("{}{CHINESE}", "我们用 Rust 写 editor。".repeat(10)),
        ),
    ];
    let mut editors = texts.map(|(document, text)| {
        let editor = Wire::greeted(&home.socket());
        (editor, document, text)
    });
    let mut most: f64 = 0.0;
    for version in 1..4 {
        let asked = editors.each_mut().map(|(editor, document, text)| {
            let question = question(document, version, text, 4);
            let id = editor.begin(Call::Complete(Box::new(question)));
            (editor, id)
        });
        for (editor, id) in asked {
            editor.end_of(id).outcome.unwrap();
            most = most.max(beside_weights_mb(wire));
        }
    }
    most
}

#[cfg(target_os = "linux")]
#[test]
fn the_ceiling_is_never_passed_however_two_languages_are_written_in_turn() {
    let _turn = together();
    let home = home::english_and_chinese();
    home.write_config(&format!("{PATIENT_SETTINGS}memory_mb_max = {TIGHT_MB}\n"));
    let mut wire = start_daemon(&home);
    let most = most_held_mb(&home, &mut wire);
    assert!(most <= f64::from(TIGHT_MB), "{most} MiB beside the weights");
    let words = inkstone(&home, &["status"]).ok().stdout;
    assert!(
        words.contains(&format!("of {TIGHT_MB} MiB set aside beside the weights")),
        "{words}"
    );
    assert!(words.contains("another model needed the room"), "{words}");
    assert!(words.contains("smaller than wished"), "{words}");
}

#[cfg(target_os = "linux")]
#[test]
fn both_models_are_resident_below_the_ceiling_that_is_set_without_a_word() {
    let _turn = together();
    let home = home::english_and_chinese();
    home.write_config(PATIENT_SETTINGS);
    let mut wire = start_daemon(&home);
    let most = most_held_mb(&home, &mut wire);
    assert!(most <= 1_024.0, "{most} MiB beside the weights");
    eventually(WAIT, "both models loaded", || {
        let models = wire.status().models;
        let loaded = models
            .iter()
            .filter(|model| model.state == ModelState::Loaded && !model.is_made_smaller);
        (loaded.count() == 2).then_some(())
    });
}
