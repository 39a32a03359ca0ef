//! A training goes on while the daemon that it asks about keystrokes is stopped and started, and what
//! comes of it is known to the one that runs then.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use inkstone_e2e::home;
use inkstone_e2e::shell::inkstone;
use inkstone_e2e::turn::together;
use inkstone_protocol::TrainingReport;
use inkstone_test_support::{Home, corpora, eventually};
use serde_json::Value;

const WAIT: Duration = Duration::from_secs(300);
const SHORT: &str = "\
[corpus]
held_out_percent = 30
watch = false
score = false
[train]
automatic = 'off'
steps = 24
sequence_tokens = 128
tokens_per_step = 192
evaluate_every_steps = 8
checkpoint_every_steps = 4
quiet_s = 0
gain_percent_min = 0.0
generic_loss_percent_max = 100.0
";

/// Documents of an author, and generic prose; none without the corpora.
fn writer() -> Option<(Home, String)> {
    let Some(corpora) = corpora() else {
        eprintln!("skipped: INKSTONE_CORPORA is not there");
        return None;
    };
    let home = home::english();
    let scratch = home.scratch().canonicalize().unwrap();
    let (writing, generic) = (scratch.join("文稿"), scratch.join("generic"));
    for (from, to, characters) in [
        ("en/twain", &writing, 700),
        ("en/harper-texts", &generic, 1_500),
    ] {
        fs::create_dir_all(to).unwrap();
        let mut files: Vec<_> = fs::read_dir(corpora.join(from))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|ending| ending == "md" || ending == "txt")
            })
            .collect();
        files.sort();
        let text: String = files
            .iter()
            .take(12)
            .map(|file| fs::read_to_string(file).unwrap())
            .collect();
        let mut pieces = vec![String::new()];
        for paragraph in text.split("\n\n").filter(|one| one.len() > 80) {
            let last = pieces.len() - 1;
            pieces[last].push_str(paragraph.trim());
            pieces[last].push_str("\n\n");
            if pieces[last].len() > characters {
                pieces.push(String::new());
            }
        }
        for (number, piece) in pieces.iter().take(60).enumerate() {
            fs::write(to.join(format!("{number:03}.md")), piece).unwrap();
        }
    }
    home.write_config(&format!("{SHORT}replay_folder = '{}'\n", generic.display()));
    Some((home, writing.display().to_string()))
}

fn report(home: &Home) -> Option<TrainingReport> {
    let file = fs::read(home.root().join("state/training/now.json")).ok()?;
    serde_json::from_slice(&file).ok()
}

#[test]
fn a_daemon_that_is_killed_and_started_again_meanwhile_learns_of_the_adapter() {
    let _turn = together();
    let Some((home, writing)) = writer() else {
        return;
    };
    inkstone(&home, &["start"]).ok();
    inkstone(&home, &["workspace", "add", &writing, "--yes"]).ok();
    let training = home
        .command("inkstone")
        .args(["train", "--now", "--language", "en", "--json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let reaches = |step: u64| {
        eventually(WAIT, "a step", || {
            report(&home).filter(|report| report.steps > 0 && report.step >= step)
        })
    };
    reaches(2);
    let [killed] = &home.daemons()[..] else {
        panic!("{:?}", home.daemons());
    };
    killed.kill();
    let on_alone = reaches(6);
    assert!(on_alone.waits.is_none(), "{on_alone:?}");
    inkstone(&home, &["start"]).ok();
    let [started] = &home.daemons()[..] else {
        panic!("{:?}", home.daemons());
    };
    assert_ne!(started.pid, killed.pid);
    let ended = training.wait_with_output().unwrap().stdout;
    let trained: Value = serde_json::from_slice(&ended).unwrap();
    let trained = &trained["trainings"][0];
    assert_eq!(trained["outcome"], "registered", "{trained}");
    let name = trained["adapter"].as_str().unwrap();
    let status = inkstone(&home, &["status", "--json"]).ok().json();
    let live = status["daemon"]["adapters"]["live"].as_array().unwrap();
    let is_live = live.iter().any(|adapter| adapter["name"] == name);
    assert_eq!(is_live, trained["state"] == "live", "{trained} {live:?}");
}
