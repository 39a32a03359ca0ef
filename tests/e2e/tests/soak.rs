//! The short form of the soak: random use of several editors, in English, Chinese and both.

use std::path::PathBuf;

use inkstone_bench::replay::LanguageModel;
use inkstone_bench::soak::{self, Length, SEED, SoakOptions};
use inkstone_e2e::turn::together;
use inkstone_test_support::{CHINESE_MODEL, ENGLISH_MODEL, test_models};

/// Enough for everything to happen several times, disconnects included.
const ACTIONS: u64 = 80;

#[test]
fn random_use_loses_no_answer_and_leaves_nothing_busy() {
    let _turn = together();
    let model = |language: &str, name: &str| LanguageModel {
        language: language.to_owned(),
        model: name.to_owned(),
        file: test_models().join(format!("{name}.gguf")),
    };
    let options = SoakOptions {
        binaries: binaries(),
        models: vec![model("en", ENGLISH_MODEL), model("zh", CHINESE_MODEL)],
        threads: 2,
        length: Length::Actions(ACTIONS),
        seed: SEED,
    };
    let report = soak::run(&options, &mut |_| {}).unwrap();
    // Memory is judged by the long form: so few actions are all warm-up.
    assert_eq!(
        (report.lost_replies, report.busy_at_end),
        (0, 0),
        "{report:?}"
    );
    assert!(report.serves_after_end, "{report:?}");
    assert_eq!(
        report.answered + report.abandoned,
        report.asked,
        "{report:?}"
    );
    assert!(report.accepted > 0 && report.cancelled > 0 && report.disconnects > 0);
}

/// The folder with the real programs.
fn binaries() -> PathBuf {
    inkstone_test_support::bin("inkstoned")
        .parent()
        .expect("a binary lies in a folder")
        .to_owned()
}
