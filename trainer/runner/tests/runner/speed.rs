//! A hundred thousand files: how long a look takes when nothing changed. Run with `--ignored`.

use std::time::Instant;

use inkstone_settings::Corpus;
use inkstone_store::{Identities, Store};
use inkstone_trainer::build::{Looked, look, manner};

use crate::desk::Desk;

/// Files of the largest workspace that is promised to work.
const FILES: usize = 100_000;
/// What is promised of a warm look.
const WARM_S_MAX: f64 = 10.0;

#[test]
#[ignore = "writes 100,000 files; run by itself for the number"]
fn a_warm_look_at_a_hundred_thousand_files_takes_less_than_ten_seconds() {
    let desk = Desk::new();
    let paragraph = "The harbour was quiet. 港口很安静。".repeat(16);
    for number in 0..FILES {
        let path = format!("{:03}/{:02}/{number}.md", number / 400, number % 4);
        desk.write(&path, &format!("{number} {paragraph}"));
    }
    let database = tempfile::tempdir().unwrap();
    let mut store = Store::open(&database.path().join("inkstone.db")).unwrap();
    store
        .add_workspace(&desk.root, &Identities::default(), 0)
        .unwrap();
    let workspace = store.workspaces().unwrap().remove(0);
    let corpus = Corpus::default();
    let manner = manner(&mut store, &corpus).unwrap();
    let before = inkstone_platform::own_rss_bytes();
    let mut look = || -> (Looked, f64) {
        let begun = Instant::now();
        let scopes = [String::new()];
        let looked = look(
            &mut store,
            &workspace,
            &scopes,
            &corpus,
            &manner,
            &mut |_| (),
        )
        .unwrap();
        (looked, begun.elapsed().as_secs_f64())
    };
    let (cold, cold_s) = look();
    assert_eq!(cold.files.added, FILES as u64);
    // The last files are younger than the clock ticks; once they are not, nothing is opened.
    let deadline = Instant::now() + std::time::Duration::from_secs(60);
    let warm_s = loop {
        let (warm, took_s) = look();
        assert!(Instant::now() < deadline, "never settled: {warm:?}");
        if warm.files.opened == 0 {
            break took_s;
        }
    };
    let grown = inkstone_platform::own_rss_bytes()
        .zip(before)
        .map(|(after, before)| after.saturating_sub(before) >> 20);
    eprintln!("cold {cold_s:.2} s, warm {warm_s:.2} s, memory grew by {grown:?} MiB");
    assert!(warm_s < WARM_S_MAX, "{warm_s} s");
}
