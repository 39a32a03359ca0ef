//! A sample, and how rules fare, as text. Pure.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::wire::{Answer, Fares, Item};

/// What the person has to do for it.
const NEEDS_BUILD: &str =
    "what you brought back, and rules that you switched, show after: inkstone dataset build\n";

pub(super) fn text(answer: &Answer) -> String {
    match answer {
        Answer::Items(items) => items.iter().map(item).collect(),
        Answer::Rates(rates) => rates_text(rates),
        Answer::Finished {
            switched_off,
            needs_build,
            rates,
        } => {
            let mut text = rates_text(rates);
            if *needs_build {
                text.push_str(NEEDS_BUILD);
            }
            for notice in switched_off {
                // proof: writing into a string cannot fail.
                let _ = writeln!(text, "{notice}");
            }
            text
        }
        Answer::Done | Answer::Undone(_) => String::new(),
        Answer::StaysOut(why) => format!("it stays out: {why}\n"),
        Answer::Off(place) => format!("it is off in {place}\n"),
        Answer::Error(why) => format!("{why}\n"),
    }
}

fn item(item: &Item) -> String {
    let decided = match item.decided {
        Some(true) => "  (kept before)",
        Some(false) => "  (dropped before)",
        None => "",
    };
    let mut text = format!(
        "{}  {}  {}{decided}\n  rules: {}\n",
        item.item,
        item.stratum,
        item.place(),
        item.rules_text()
    );
    let outcome = item.outcome();
    if !outcome.is_empty() {
        // proof: writing into a string cannot fail.
        let _ = writeln!(text, "  {outcome}");
    }
    let cleaned = item.text.as_ref().filter(|text| **text != item.original);
    for (sign, side) in [("-", Some(&item.original)), ("+", cleaned)] {
        let sign = if cleaned.is_some() { sign } else { " " };
        for line in side.into_iter().flat_map(|side| side.lines()) {
            // proof: writing into a string cannot fail.
            let _ = writeln!(text, "  {sign} {line}");
        }
    }
    text.push('\n');
    text
}

fn rates_text(rates: &BTreeMap<String, Fares>) -> String {
    if rates.is_empty() {
        return "nothing was judged yet\n".to_owned();
    }
    let mut text = String::from("right of judged, and between which shares that lies (95 %)\n");
    for (name, fares) in rates {
        let off = match (&fares.off, &fares.off_in[..]) {
            (Some(_), _) => "  off".to_owned(),
            (None, []) => String::new(),
            (None, places) => format!("  off in {}", places.join(", ")),
        };
        let (low, high) = (fares.low * 100.0, fares.high * 100.0);
        let (accepted, judged) = (fares.accepted, fares.judged);
        // proof: writing into a string cannot fail.
        let _ = writeln!(
            text,
            "  {accepted:>5} of {judged:<5} {low:>3.0} to {high:>3.0} %  {name}{off}"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_listed_with_what_became_of_it() {
        let item = Item {
            item: "ab12".to_owned(),
            stratum: "rule:spaces".to_owned(),
            folder: "文稿".to_owned(),
            path: "a.md".to_owned(),
            original: "two  spaces\nand more".to_owned(),
            text: Some("two spaces\nand more".to_owned()),
            rules: [("spaces".to_owned(), 1)].into(),
            decided: Some(false),
            ..Item::default()
        };
        let listed = text(&Answer::Items(vec![item]));
        for words in [
            "ab12  rule:spaces  文稿/a.md  (dropped before)",
            "rules: spaces ×1",
            "- two  spaces\n  - and more",
            "+ two spaces",
        ] {
            assert!(listed.contains(words), "`{words}` is missing in\n{listed}");
        }
    }

    #[test]
    fn rates_are_told_with_their_bounds_and_what_is_off_with_its_reason() {
        let fares = Fares {
            accepted: 1,
            judged: 6,
            low: 0.03,
            high: 0.563,
            off: Some("why".to_owned()),
            off_in: Vec::new(),
        };
        let elsewhere = Fares {
            off: None,
            off_in: vec!["文稿/章".to_owned()],
            ..fares.clone()
        };
        let finished = Answer::Finished {
            switched_off: vec!["the rule is off".to_owned()],
            needs_build: true,
            rates: [("spaces".to_owned(), fares), ("spam".to_owned(), elsewhere)].into(),
        };
        let told = text(&finished);
        assert!(
            told.contains("    1 of 6       3 to  56 %  spaces  off\n"),
            "{told}"
        );
        assert!(told.contains("%  spam  off in 文稿/章\n"), "{told}");
        assert!(told.contains("inkstone dataset build\n"), "{told}");
        assert!(told.ends_with("the rule is off\n"), "{told}");
        assert!(text(&Answer::Rates(BTreeMap::new())).contains("nothing"));
    }
}
