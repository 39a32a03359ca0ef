//! The review on a terminal: the real program, a real terminal of the system's, keys as they are typed.

use std::fs::File;
use std::io::Read as _;
use std::time::Duration;

use inkstone_test_support::{TestTerminal, eventually};
use rustix::fs::{Mode, OFlags};
use rustix::process::Signal;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use serde_json::Value;

use super::dataset::Writer;

/// Longer than anything here takes on a busy machine.
const WAIT: Duration = Duration::from_secs(90);
const WINDOW: (u16, u16) = (100, 30);

/// Wide characters, an emoji of several, one with a colour of skin, a combining mark, a tag, an entity.
const MIXED: &str = "清晨的海港很安静 👩\u{200d}👩\u{200d}👧 我们沿着石阶走到船边，谁也没有提起那场大雨，\
    cafe\u{301} 的灯还亮着 👍\u{1f3fd} 他说：“走吧 &amp; 别回头。”然后我们就走了，一直走到天亮。";
const LETTER: &str = "When the ferry came in that evening we stood at the rail &amp; watched the lamps being \
    lit along the quay, one after another, until the whole town lay before us like a string of beads.";
const INDENTED: &str = "# Letters\n\nWe came to the island on the last evening of the year.\n\n    \
    My dear, the harbour is quiet again and the boats are home. Write to me when you can,\n    \
    and tell me how the winter was on your side of the water, and whether the house stands.\n";

impl Writer {
    /// The review in a window, with the sample on it.
    fn review(&self, window: (u16, u16)) -> TestTerminal {
        let mut command = self.home.command("inkstone");
        command.args(["dataset", "review", "--per-stratum", "50"]);
        let terminal = TestTerminal::start(&command, window);
        terminal.until(WAIT, "1 of ");
        terminal
    }

    fn listed(&self) -> Vec<Value> {
        let listed = self.json(&["dataset", "review", "--list", "--per-stratum", "50"]);
        listed["items"].as_array().unwrap().clone()
    }

    fn item_of(&self, words: &str) -> Value {
        let items = self.listed();
        let mut found = items
            .iter()
            .filter(|item| item["original"].as_str().unwrap().contains(words));
        found
            .next()
            .unwrap_or_else(|| panic!("`{words}` is in none of {items:#?}"))
            .clone()
    }

    fn decided(&self, words: &str) -> Value {
        self.item_of(words)["decided"].clone()
    }

    fn text_of(&self, words: &str) -> String {
        self.item_of(words)["text"].as_str().unwrap().to_owned()
    }
}

/// Skips until a text is on the screen.
fn skip_to(terminal: &mut TestTerminal, words: &str) {
    let mut seen = terminal.text();
    while !seen.contains(words) {
        assert!(!seen.contains("That was all"), "`{words}` is in no text");
        let number = seen.lines().next().unwrap_or_default().to_owned();
        terminal.press("s");
        seen = eventually(WAIT, "the next text", || {
            let now = terminal.text();
            (now.lines().next() != Some(&number) && now.contains("skip")).then_some(now)
        });
    }
}

/// Ends it, and waits until the terminal is as it was.
fn quit(terminal: &mut TestTerminal) -> String {
    terminal.press("q");
    assert_eq!(terminal.ended(WAIT), Some(0), "{}", terminal.text());
    assert!(!terminal.is_taken(), "{}", terminal.text());
    terminal.text()
}

/// A folder of letters and one of the harbour, each with a mark of HTML in it.
fn two_folders() -> Writer {
    Writer::new(&[
        ("信/letter.txt", LETTER),
        ("港/mixed.txt", MIXED),
        (
            "港/island.txt",
            "We came to the island on the last evening of the year &amp; nobody said a word until \
             the morning.\n",
        ),
    ])
}

#[test]
fn texts_are_kept_dropped_taken_back_and_excluded_by_keys() {
    let writer = two_folders();
    writer.build();
    let mut terminal = writer.review(WINDOW);
    assert!(terminal.is_taken());
    skip_to(&mut terminal, "ferry came in");
    terminal.press("d");
    terminal.until(WAIT, "dropped, with what looks like it");
    assert_eq!(writer.decided("ferry"), false);
    terminal.press("u");
    terminal.until(WAIT, "taken back");
    terminal.until(WAIT, "ferry came in");
    assert_eq!(writer.decided("ferry"), Value::Null);
    terminal.press("K");
    // On a line of its own: the heading may have the word as well.
    terminal.until(WAIT, "\nkept");
    assert_eq!(writer.decided("ferry"), true);
    terminal.press("?");
    terminal.until(WAIT, "any key goes back");
    terminal.press(" uuuuuuuuuu");
    terminal.until(WAIT, "nothing to take back");
    assert_eq!(writer.decided("ferry"), Value::Null);
    skip_to(&mut terminal, "清晨的海港");
    terminal.press("x");
    terminal.until(WAIT, "the file is left out");
    quit(&mut terminal);
    let (built, _) = writer.build();
    assert_eq!(built["statistics"]["left_out"]["excluded"], 1, "{built:#}");

    // A text of a file that is left out takes the file in again.
    let mut terminal = writer.review(WINDOW);
    skip_to(&mut terminal, "清晨的海港");
    assert!(terminal.text().contains("left out: excluded"));
    terminal.press("k");
    terminal.until(WAIT, "brought back");
    quit(&mut terminal);
    let (built, _) = writer.build();
    assert_eq!(built["statistics"]["left_out"]["excluded"], Value::Null);
}

#[test]
fn a_rule_is_off_in_the_folder_of_the_text_until_it_is_on_again_and_nowhere_else() {
    let writer = two_folders();
    writer.build();
    let mut terminal = writer.review(WINDOW);
    skip_to(&mut terminal, "last evening");
    let island = terminal.text();
    assert!(island.contains("rules: html_entities ×1"), "{island}");
    assert!(island.contains("港/island.txt:1"), "{island}");
    terminal.press("r");
    let off = "html_entities is off in 文稿/港 from the next build on";
    terminal.until(WAIT, off);
    let said = quit(&mut terminal);
    assert!(said.contains("off in 文稿/港"), "{said}");
    assert!(said.contains("inkstone dataset build"), "{said}");
    let mut terminal = writer.review(WINDOW);
    skip_to(&mut terminal, "清晨的海港");
    let mixed = terminal.text();
    assert!(
        mixed.contains("off in this folder: html_entities"),
        "{mixed}"
    );
    quit(&mut terminal);

    let (built, looked) = writer.build();
    // Only the folder's files are read again.
    assert_eq!(looked["kept"]["files_read"], 2, "{looked:#}");
    assert_eq!(built["rules_off"][0]["place"], "文稿/港", "{built:#}");
    let stats = writer.inkstone(&["dataset", "stats"]);
    let way_back = "--rule-on html_entities --in '";
    stats.check(0, &["rules that are off", way_back]);
    assert!(writer.text_of("清晨").contains("&amp;"));
    assert!(!writer.text_of("ferry").contains("&amp;"));

    let folder = writer.texts.join("港");
    let folder = folder.to_str().unwrap();
    let on = [
        "dataset",
        "review",
        "--rule-on",
        "html_entities",
        "--in",
        folder,
    ];
    writer.inkstone(&on).check(0, &["is on in"]);
    writer.inkstone(&on).check(2, &["is not switched off in"]);
    let (built, looked) = writer.build();
    assert_eq!(looked["kept"]["files_read"], 2, "{looked:#}");
    assert_eq!(built["rules_off"].as_array().unwrap().len(), 0, "{built:#}");
    assert!(!writer.text_of("清晨").contains("&amp;"));
}

#[test]
fn a_place_that_is_none_for_a_rule_is_refused() {
    let writer = two_folders();
    let off = ["dataset", "review", "--rule-off", "spaces", "--in", "/"];
    let refused = writer.inkstone(&off);
    refused.check(2, &["is in none of your folders"]);
    let alone = writer.inkstone(&["dataset", "review", "--in", "/"]);
    alone.check(2, &["--rule-off NAME"]);
}

#[test]
fn what_was_left_out_wrongly_comes_back_with_its_look_alike_and_its_owners_word_where_it_takes_that()
 {
    // Another letter about it, in a file that is no version of the first.
    let alike = INDENTED.replace("house stands", "house stood").replace(
        "We came to the island on the last evening of the year.",
        "Years later a second copy was found in the shed behind the house, under the nets and the \
             green glass floats, and nobody could say who had written it out or why it was kept.",
    );
    let quoted = "Nobody answered him that evening, and so he said it once more to the wall.\n\n> The sea \
        gives back what it has taken, but never to the one who lost it, and never in the same year.\n";
    let writer = Writer::new(&[
        ("island.md", INDENTED),
        ("other/alike.md", &alike),
        ("quoted.md", quoted),
    ]);
    let (built, _) = writer.build();
    assert_eq!(built["statistics"]["left_out"]["code"], 2, "{built:#}");
    let mut terminal = writer.review(WINDOW);
    skip_to(&mut terminal, "what is left out: code");
    let before = terminal.text();
    assert!(before.contains("k brings it back"), "{before}");
    terminal.press("k");
    terminal.until(WAIT, "brought back");
    terminal.press("uuuuuuuuuu");
    terminal.until(WAIT, "nothing to take back");
    skip_to(&mut terminal, "what is left out: code");
    terminal.press("k");
    terminal.until(WAIT, "brought back");
    skip_to(&mut terminal, "The sea");
    terminal.press("k");
    terminal.until(WAIT, "Are they yours?");
    terminal.press("n");
    terminal.until(WAIT, "not brought back");
    terminal.press("ky");
    terminal.until(WAIT, "brought back");
    quit(&mut terminal);

    let (built, _) = writer.build();
    let statistics = &built["statistics"];
    // The look-alike came back too, and is a duplicate as any other.
    assert_eq!(statistics["brought_back"]["code"], 1, "{statistics:#}");
    assert_eq!(statistics["left_out"]["duplicate"], 1, "{statistics:#}");
    assert_eq!(statistics["brought_back"]["quotation"], 1, "{statistics:#}");
    assert_eq!(
        statistics["left_out"]["code"],
        Value::Null,
        "{statistics:#}"
    );
    writer
        .inkstone(&["dataset", "stats"])
        .check(0, &["brought back by you", "1  code"]);
    // It is one decision, and the same with every build.
    assert_eq!(writer.build().0["dataset"], built["dataset"]);
    let items = writer.listed();
    let back = items.iter().find(|item| item["brought_back"] == "code");
    assert!(back.unwrap()["text"].as_str().unwrap().contains("My dear"));
    let refused = writer.inkstone(&["dataset", "review", "--list"]);
    refused.check(0, &["brought back; it was left out as code"]);
}

#[test]
fn wide_characters_keep_the_columns_in_line_at_every_size_of_the_window() {
    let writer = Writer::new(&[("港/mixed.txt", MIXED)]);
    writer.build();
    let mut terminal = writer.review(WINDOW);
    skip_to(&mut terminal, "清晨的海港");
    for (columns, lines) in [
        (100, 30),
        (61, 20),
        (40, 12),
        (1, 1),
        (5, 3),
        (20, 6),
        (121, 40),
    ] {
        terminal.resize(columns, lines);
        if columns < 40 {
            // Nothing can be read there: that it lives is seen with the next size.
            continue;
        }
        let borders = eventually(WAIT, "both panes", || {
            let rows = terminal.columns_of("│");
            let bordered: Vec<Vec<u16>> = rows.into_iter().filter(|row| !row.is_empty()).collect();
            let is_drawn = bordered.len() > 3
                && terminal.text().contains("original")
                && bordered
                    .iter()
                    .all(|row| row.last() == Some(&(columns - 1)));
            is_drawn.then_some(bordered)
        });
        assert!(
            borders.iter().all(|row| *row == borders[0]),
            "{borders:?}\n{}",
            terminal.text()
        );
        assert_eq!(borders[0].len(), 4, "{}", terminal.text());
    }
    // What is pasted and what is pressed with Control decides nothing.
    terminal.press("\u{1b}[200~kdx\u{1b}[201~\u{4}\u{b}");
    terminal.press("z");
    terminal.until(WAIT, "no such key");
    terminal.press("\u{c}");
    quit(&mut terminal);
    assert_eq!(writer.decided("清晨"), Value::Null);
}

#[test]
fn however_it_is_ended_the_terminal_is_given_back_and_what_was_decided_is_kept() {
    for how in ["ctrl-c", "escape", "TERM", "HUP", "INT", "KILL"] {
        let writer = Writer::new(&[("letter.md", LETTER)]);
        writer.build();
        let mut terminal = writer.review((80, 24));
        skip_to(&mut terminal, "ferry");
        terminal.press("d");
        terminal.until(WAIT, "dropped");
        match how {
            "ctrl-c" => terminal.press("\u{3}"),
            "escape" => terminal.press("\u{1b}"),
            "TERM" => terminal.signal(Signal::TERM),
            "HUP" => terminal.signal(Signal::HUP),
            "INT" => terminal.signal(Signal::INT),
            _ => terminal.signal(Signal::KILL),
        }
        let code = terminal.ended(WAIT);
        let is_by_key = ["ctrl-c", "escape"].contains(&how);
        assert_eq!(code, is_by_key.then_some(0), "{how}: {}", terminal.text());
        if how != "KILL" {
            assert!(!terminal.is_taken(), "{how}: {}", terminal.text());
        }
        if ["TERM", "HUP", "INT"].contains(&how) {
            terminal.until(WAIT, "what you decided is kept");
        }
        drop(terminal);
        assert_eq!(writer.decided("ferry"), false, "{how}");
        let (built, _) = writer.build();
        assert_eq!(
            built["statistics"]["left_out"]["reviewed"], 1,
            "{how}: {built:#}"
        );
    }
}

/// No signal tells of it: the terminal does not control the program, as after `setsid`.
#[test]
fn a_window_that_is_closed_ends_the_review() {
    let writer = Writer::new(&[("letter.md", LETTER)]);
    writer.build();
    let window = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
    grantpt(&window).unwrap();
    unlockpt(&window).unwrap();
    let name = ptsname(&window, Vec::new()).unwrap();
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let terminal = File::from(rustix::fs::open(name, flags, Mode::empty()).unwrap());
    let size = Winsize {
        ws_row: 24,
        ws_col: 80,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&terminal, size).unwrap();
    let mut command = writer.home.command("inkstone");
    command.args(["dataset", "review"]);
    command.stdin(terminal.try_clone().unwrap());
    command.stdout(terminal.try_clone().unwrap());
    command.stderr(terminal);
    let mut review = command.spawn().unwrap();
    drop(command);
    let (mut window, mut drawn) = (File::from(window), Vec::new());
    while !String::from_utf8_lossy(&drawn).contains("ferry") {
        let mut bytes = [0; 4_096];
        let count = window.read(&mut bytes).unwrap();
        drawn.extend_from_slice(&bytes[..count]);
    }
    drop(window);
    let ended = eventually(WAIT, "the end of the review", || review.try_wait().unwrap());
    assert!(!ended.success(), "{ended}");
}

#[test]
fn the_next_review_goes_on_where_the_last_ended_and_shows_all_of_it_when_asked() {
    let writer = Writer::new(&[("letter.md", LETTER), ("港.md", MIXED)]);
    writer.build();
    let mut terminal = writer.review(WINDOW);
    while !terminal.text().contains("That was all") {
        let first = terminal
            .text()
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned();
        terminal.press("k");
        eventually(WAIT, "the next text", || {
            (terminal.text().lines().next() != Some(&first)).then_some(())
        });
    }
    quit(&mut terminal);
    let mut command = writer.home.command("inkstone");
    command.args(["dataset", "review"]);
    let mut again = TestTerminal::start(&command, WINDOW);
    again.until(WAIT, "you have judged all of it");
    assert_eq!(again.ended(WAIT), Some(0));
    command.arg("--again");
    let mut again = TestTerminal::start(&command, WINDOW);
    again.until(WAIT, "1 of ");
    quit(&mut again);
}

#[test]
fn a_terminal_that_cannot_be_drawn_on_is_told_from_one_that_can() {
    let writer = Writer::new(&[("letter.md", LETTER)]);
    writer.build();
    let mut command = writer.home.command("inkstone");
    command.args(["dataset", "review"]).env("TERM", "dumb");
    let mut terminal = TestTerminal::start(&command, WINDOW);
    terminal.until(WAIT, "use --list and --batch");
    assert_eq!(terminal.ended(WAIT), Some(2));
}
