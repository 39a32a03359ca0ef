//! `inkstone bench train` on a small part of a writer's notes, as its user runs it.

use std::fs;

use inkstone_e2e::home;
use inkstone_e2e::prose::sentences;
use inkstone_e2e::shell::inkstone;
use inkstone_e2e::turn::together;
use inkstone_test_support::corpora;
use serde_json::Value;

/// Two short steps, and a third of the documents held out, since there are few.
const SHORT: [&str; 12] = [
    "--tokens",
    "6000",
    "--steps",
    "2",
    "--step-tokens",
    "128",
    "--sequence-tokens",
    "128",
    "--held-out-percent",
    "33",
    "--evaluate-every",
    "1",
];

#[test]
fn a_training_is_measured_from_the_files_to_the_judged_adapter() {
    let Some(corpora) = corpora() else { return };
    let _turn = together();
    let home = home::english();
    let generic = home.scratch().join("generic");
    fs::create_dir(&generic).unwrap();
    for (number, text) in sentences(160).trim().split("\n\n").enumerate() {
        fs::write(generic.join(format!("{number}.md")), text).unwrap();
    }
    let corpus = corpora.join("en/willison-til");
    let [numbers, adapter] = ["numbers.json", "adapter.gguf"].map(|name| home.scratch().join(name));
    let mut arguments = vec!["bench", "train"];
    for (flag, path) in [
        ("--corpus", &corpus),
        ("--generic", &generic),
        ("--json", &numbers),
        ("--save-adapter", &adapter),
    ] {
        arguments.extend([flag, path.to_str().unwrap()]);
    }
    arguments.extend(SHORT);
    let table = inkstone(&home, &arguments).ok().stdout;
    assert!(table.contains("tokens/s"), "{table}");
    let report: Value = serde_json::from_slice(&fs::read(&numbers).unwrap()).unwrap();
    for key in [
        "tokens_per_s",
        "peak_rss_mb",
        "loss_start",
        "loss_end",
        "own_nll_base",
        "own_nll_adapter",
        "generic_nll_base",
        "generic_nll_adapter",
    ] {
        assert!(
            report[key].as_f64().is_some_and(|number| number > 0.0),
            "{key}: {report}"
        );
    }
    let tokens = report["own_tokens"].as_u64().unwrap();
    assert!((4_000..=6_000).contains(&tokens), "{report}");
    assert_eq!(report["chosen"]["steps"], 2, "{report}");
    assert!(fs::read(&adapter).unwrap().starts_with(b"GGUF"));
    let lonely = home.scratch().join("lonely");
    fs::create_dir(&lonely).unwrap();
    fs::write(lonely.join("a.md"), "The harbour was quiet.\n").unwrap();
    let few = ["bench", "train", "--corpus", lonely.to_str().unwrap()];
    let few = inkstone(&home, &few);
    assert_ne!(few.code, 0, "{few:?}");
    assert!(few.stderr.contains("too_small"), "{few:?}");
}
