//! Shows what the cleaning rules do to files, and how fast. For people who work on the rules:
//! `cargo run --release -p inkstone-corpus --example clean_files -- zh 100 FILE…` prints about 100
//! of the paragraphs that change, spread evenly, then counts and speed.

#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a tool for developers"
)]

use std::collections::BTreeMap;
use std::time::Instant;

use inkstone_corpus::clean::{Context, RuleSet, clean};
use inkstone_prose::Language;

fn main() {
    let mut args = std::env::args().skip(1);
    let language = match args.next().as_deref() {
        Some("en") => Language::English,
        Some("zh") => Language::Chinese,
        _ => Language::Other,
    };
    let shown_max: usize = args
        .next()
        .and_then(|n| n.parse().ok())
        .expect("usage: clean_files en|zh COUNT FILE…");
    let context = Context::paragraph(language);
    let rules = RuleSet::default();
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    let mut changes = Vec::new();
    let mut bytes = 0;
    let mut seconds = 0.0;
    for path in args {
        let text = std::fs::read_to_string(&path).expect("readable text");
        for paragraph in text.split("\n\n").filter(|part| !part.trim().is_empty()) {
            let start = Instant::now();
            let cleaned = clean(paragraph, &context, &rules);
            seconds += start.elapsed().as_secs_f64();
            bytes += paragraph.len();
            for (id, count) in &cleaned.hits {
                *counts.entry(id.to_string()).or_default() += count;
            }
            if !cleaned.hits.is_empty() {
                changes.push((paragraph.to_owned(), cleaned));
            }
        }
    }
    let step = (changes.len() / shown_max.max(1)).max(1);
    for (before, cleaned) in changes.iter().step_by(step).take(shown_max) {
        let names: Vec<&str> = cleaned.hits.iter().map(|(id, _)| id.as_str()).collect();
        println!(
            "{names:?} {:?}\n- {before:?}\n+ {:?}",
            cleaned.left_out, cleaned.text
        );
        for flag in &cleaned.flags {
            println!("! {} {:?}", flag.rule, &cleaned.text[flag.range.clone()]);
        }
    }
    println!("{counts:#?}");
    println!(
        "{:.1} MB/s over {bytes} bytes",
        bytes as f64 / seconds / 1e6
    );
}
