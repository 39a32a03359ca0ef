//! What is on the screen of the review, and what a key does. Pure: what the trainer has to be asked is
//! returned.

use serde_json::{Value, json};

use super::wire::{Answer, Item};

/// Where the review is.
#[derive(Debug)]
pub(super) struct State {
    items: Vec<Item>,
    /// The item that is shown; behind the last, it is over.
    at: usize,
    /// What was done to reach it, the last at the end.
    steps: Vec<Step>,
    /// Lines that are scrolled away.
    pub(super) scrolled: u16,
    /// What was drawn last, which bounds the scrolling.
    pub(super) view: View,
    pub(super) mode: Mode,
    /// What came of the last key.
    pub(super) notice: String,
}

/// How much of a text is seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct View {
    /// Lines of the longer side.
    pub(super) lines: u16,
    /// Lines that there is room for.
    pub(super) height: u16,
}

/// What the next key is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mode {
    /// The text.
    Text,
    /// The help: any key goes back.
    Help,
    /// Whose words these are.
    Whose,
    /// Which of these rules is meant.
    WhichRule(Vec<String>),
}

/// A step that can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    /// The item that it was made on.
    at: usize,
    /// The trainer keeps it.
    is_kept: bool,
}

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// A letter, a small one.
    Letter(char),
    /// A line towards the beginning of the text.
    Up,
    /// A line towards its end.
    Down,
    /// As much as is seen, towards the beginning.
    PageUp,
    /// As much as is seen, towards the end.
    PageDown,
    /// To the beginning.
    Home,
    /// To the end.
    End,
    /// All of the screen anew.
    Redraw,
    /// Out.
    Escape,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Action {
    /// Draw.
    Nothing,
    /// Draw all of it anew.
    Redraw,
    /// Ask the trainer, and give its answer to [`State::answered`].
    Ask(Value),
    /// End.
    Quit,
}

/// The keys, what they do in a word, for the last line, and in a sentence, for the help.
pub(super) const KEYS: &[(&str, &str, &str)] = &[
    (
        "k",
        "keep",
        "keep: learn from this text; one that was left out comes back",
    ),
    (
        "d",
        "drop",
        "drop: do not learn from this text, nor from what looks like it",
    ),
    (
        "x",
        "exclude file",
        "exclude: learn nothing from this file; k on one of its texts takes it in again",
    ),
    (
        "r",
        "rule off here",
        "rule off in this folder and below it; everywhere: dataset review --rule-off NAME",
    ),
    ("s", "skip", "skip: say nothing"),
    ("u", "undo", "undo the last"),
    ("q", "quit", "quit: what was decided is kept and applied"),
    ("?", "help", "this help"),
    ("↑ ↓", "", "scroll; so do Page Up, Page Down, Home and End"),
    ("^L", "", "draw the screen anew"),
];

/// Rules that can be chosen among: a digit each.
const RULES_MAX: usize = 9;

impl State {
    /// Begins with the first text.
    pub(super) fn of(items: Vec<Item>) -> Self {
        Self {
            items,
            at: 0,
            steps: Vec::new(),
            scrolled: 0,
            view: View::default(),
            mode: Mode::Text,
            notice: "? explains the keys".to_owned(),
        }
    }

    pub(super) fn item(&self) -> Option<&Item> {
        self.items.get(self.at)
    }

    /// Texts that were passed, and all.
    pub(super) fn progress(&self) -> (usize, usize) {
        (self.at, self.items.len())
    }

    /// Decisions that were made.
    pub(super) fn decided(&self) -> usize {
        self.steps.iter().filter(|step| step.is_kept).count()
    }

    /// Says how much was drawn; what is scrolled too far, as after a resize, goes back.
    pub(super) fn saw(&mut self, view: View) {
        self.view = view;
        self.scrolled = self.scrolled.min(self.scrolled_max());
    }

    pub(super) fn press(&mut self, key: Key) -> Action {
        if key == Key::Redraw {
            return Action::Redraw;
        }
        match std::mem::replace(&mut self.mode, Mode::Text) {
            Mode::Help => Action::Nothing,
            Mode::Whose => self.claim(key),
            Mode::WhichRule(rules) => self.choose(key, &rules),
            Mode::Text => self.decide(key),
        }
    }

    /// Takes the answer to what was asked for.
    pub(super) fn answered(&mut self, asked: &Value, answer: &Answer) {
        match (asked["do"].as_str().unwrap_or_default(), answer) {
            (_, Answer::Error(why)) => self.notice.clone_from(why),
            (_, Answer::StaysOut(why)) => {
                self.go_on(true, &format!("noted as wrong, but it stays out: {why}"));
            }
            ("undo", _) => {
                if let Some(step) = self.steps.pop() {
                    self.show(step.at);
                    "taken back".clone_into(&mut self.notice);
                }
            }
            ("keep", _) => {
                let was_out = self.item().is_some_and(|item| item.left_out.is_some());
                self.go_on(true, if was_out { "brought back" } else { "kept" });
            }
            ("drop", _) => {
                let was_out = self.item().is_some_and(|item| item.left_out.is_some());
                let dropped = "dropped, with what looks like it";
                self.go_on(true, if was_out { "stays out" } else { dropped });
            }
            ("exclude", _) => self.go_on(true, "the file is left out"),
            (_, Answer::Off(place)) => {
                let rule = asked["rule"].as_str().unwrap_or_default();
                self.go_on(
                    true,
                    &format!("{rule} is off in {place} from the next build on"),
                );
            }
            _ => self.go_on(true, "done"),
        }
    }

    fn decide(&mut self, key: Key) -> Action {
        let page = self.view.height.saturating_sub(1).max(1);
        let item = self.item();
        let name = item.map(|item| item.item.clone());
        let needs_claim = item.is_some_and(|item| item.needs_claim);
        match (key, name) {
            (Key::Escape | Key::Letter('q'), _) => return Action::Quit,
            (Key::Letter('?'), _) => self.mode = Mode::Help,
            (Key::Up, _) => self.scroll_to(self.scrolled.saturating_sub(1)),
            (Key::Down, _) => self.scroll_to(self.scrolled.saturating_add(1)),
            (Key::PageUp, _) => self.scroll_to(self.scrolled.saturating_sub(page)),
            (Key::PageDown, _) => self.scroll_to(self.scrolled.saturating_add(page)),
            (Key::Home, _) => self.scroll_to(0),
            (Key::End, _) => self.scroll_to(u16::MAX),
            (Key::Letter('u'), _) => return self.undo(),
            (Key::Letter('s'), Some(_)) => self.go_on(false, "skipped"),
            (Key::Letter('k'), Some(_)) if needs_claim => self.mode = Mode::Whose,
            (Key::Letter('k'), Some(item)) => {
                return Action::Ask(json!({ "do": "keep", "item": item }));
            }
            (Key::Letter('d'), Some(item)) => {
                return Action::Ask(json!({ "do": "drop", "item": item }));
            }
            (Key::Letter('x'), Some(item)) => {
                return Action::Ask(json!({ "do": "exclude", "item": item }));
            }
            (Key::Letter('r'), Some(_)) => return self.rule_off(),
            (Key::Letter(_), None) => {
                "there is nothing left to decide on".clone_into(&mut self.notice);
            }
            (Key::Letter(_), Some(_)) => {
                "no such key; ? explains the keys".clone_into(&mut self.notice);
            }
            (Key::Redraw, _) => return Action::Redraw,
        }
        Action::Nothing
    }

    /// Whether the owner says that the words are theirs.
    fn claim(&mut self, key: Key) -> Action {
        if let (Key::Letter('y'), Some(item)) = (key, self.item()) {
            return Action::Ask(json!({ "do": "keep", "item": item.item, "mine": true }));
        }
        "not brought back".clone_into(&mut self.notice);
        Action::Nothing
    }

    fn choose(&mut self, key: Key, rules: &[String]) -> Action {
        let digit = match key {
            Key::Letter(letter) => letter.to_digit(10),
            _ => None,
        };
        let chosen = digit.and_then(|digit| rules.get((digit as usize).checked_sub(1)?));
        if let (Some(rule), Some(item)) = (chosen, self.item()) {
            return switch_off(rule, item);
        }
        "no rule was switched".clone_into(&mut self.notice);
        Action::Nothing
    }

    fn undo(&mut self) -> Action {
        match self.steps.last().copied() {
            None => {
                "there is nothing to take back".clone_into(&mut self.notice);
                Action::Nothing
            }
            Some(step) if step.is_kept => Action::Ask(json!({ "do": "undo" })),
            Some(step) => {
                self.steps.pop();
                self.show(step.at);
                "back to what was skipped".clone_into(&mut self.notice);
                Action::Nothing
            }
        }
    }

    /// The rule that the text stands for, or the only one that fired; of several, the person chooses.
    fn rule_off(&mut self) -> Action {
        let Some(item) = self.item() else {
            return Action::Nothing;
        };
        let stands_for = item.stratum.strip_prefix("rule:").map(str::to_owned);
        let fired: Vec<String> = item.rules.keys().take(RULES_MAX).cloned().collect();
        match (stands_for, &fired[..]) {
            (Some(rule), _) => switch_off(&rule, item),
            (None, [rule]) => switch_off(rule, item),
            (None, []) => {
                "no rule changed this text".clone_into(&mut self.notice);
                Action::Nothing
            }
            (None, _) => {
                self.mode = Mode::WhichRule(fired);
                Action::Nothing
            }
        }
    }

    fn scroll_to(&mut self, line: u16) {
        self.scrolled = line.min(self.scrolled_max());
    }

    fn scrolled_max(&self) -> u16 {
        self.view.lines.saturating_sub(self.view.height)
    }

    fn go_on(&mut self, is_kept: bool, notice: &str) {
        let at = self.at;
        self.steps.push(Step { at, is_kept });
        self.show(at + 1);
        notice.clone_into(&mut self.notice);
    }

    fn show(&mut self, at: usize) {
        self.at = at;
        self.scrolled = 0;
    }
}

fn switch_off(rule: &str, item: &Item) -> Action {
    Action::Ask(json!({ "do": "rule_off", "rule": rule, "item": item.item }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(name: &str, stratum: &str) -> Item {
        Item {
            item: name.to_owned(),
            stratum: stratum.to_owned(),
            ..Item::default()
        }
    }

    /// Presses keys; what the trainer was asked, which it always does.
    fn press(state: &mut State, keys: &str) -> Vec<String> {
        let mut asked = Vec::new();
        for key in keys.chars() {
            if let Action::Ask(request) = state.press(Key::Letter(key)) {
                state.answered(&request, &Answer::Done);
                asked.push(request.to_string());
            }
        }
        asked
    }

    #[test]
    fn each_key_asks_for_what_the_help_says_and_the_next_text_comes() {
        let names = ["一", "b", "c", "d"];
        let items = names.map(|name| item(name, "rule:spaces")).to_vec();
        let mut state = State::of(items);
        assert_eq!(
            press(&mut state, "kdxr"),
            [
                r#"{"do":"keep","item":"一"}"#,
                r#"{"do":"drop","item":"b"}"#,
                r#"{"do":"exclude","item":"c"}"#,
                r#"{"do":"rule_off","item":"d","rule":"spaces"}"#,
            ]
        );
        assert_eq!((state.progress(), state.decided()), ((4, 4), 4));
        assert_eq!(state.item(), None);
        // Behind the last there is nothing to decide on.
        assert_eq!(press(&mut state, "kdxrs"), [""; 0]);
        assert!(state.notice.contains("nothing left"), "{}", state.notice);
        assert_eq!(state.press(Key::Letter('q')), Action::Quit);
    }

    #[test]
    fn the_readme_has_every_key() {
        let readme = include_str!("../../../../../README.md");
        let (_, review) = readme
            .split_once("`inkstone dataset review` fills the terminal")
            .unwrap();
        let (review, _) = review.split_once("\n## ").unwrap();
        for (key, word, _) in KEYS.iter().filter(|(_, word, _)| !word.is_empty()) {
            assert!(review.contains(&format!("`{key}`")), "{key} {word}");
        }
    }

    #[test]
    fn undo_goes_back_over_skips_and_asks_the_trainer_for_the_rest() {
        let mut state = State::of(vec![item("a", "kept:blog:en"), item("b", "kept:blog:en")]);
        press(&mut state, "ks");
        assert_eq!(press(&mut state, "u"), [""; 0]);
        assert_eq!(state.progress(), (1, 2));
        assert_eq!(press(&mut state, "u"), [r#"{"do":"undo"}"#]);
        assert_eq!((state.progress(), state.decided()), ((0, 2), 0));
        assert_eq!(press(&mut state, "u"), [""; 0]);
        assert!(state.notice.contains("nothing to take back"));
    }

    #[test]
    fn a_refusal_moves_nothing_and_says_why() {
        let mut state = State::of(vec![item("new", "kept:blog:en")]);
        assert_eq!(press(&mut state, "r"), [""; 0]);
        assert_eq!(state.notice, "no rule changed this text");
        let Action::Ask(request) = state.press(Key::Letter('k')) else {
            panic!("keep asks");
        };
        state.answered(&request, &Answer::Error("busy".to_owned()));
        assert_eq!((state.progress(), state.notice.as_str()), ((0, 1), "busy"));
    }

    #[test]
    fn words_that_were_taken_for_anothers_come_back_only_after_a_yes() {
        let theirs = Item {
            left_out: Some("other_author".to_owned()),
            needs_claim: true,
            ..item("a", "left_out:other_author")
        };
        let mut state = State::of(vec![theirs]);
        assert_eq!(press(&mut state, "k"), [""; 0]);
        assert_eq!(state.mode, Mode::Whose);
        // Any other key is a no, and decides nothing besides.
        assert_eq!(press(&mut state, "d"), [""; 0]);
        assert_eq!((state.progress(), &state.mode), ((0, 1), &Mode::Text));
        assert_eq!(
            press(&mut state, "ky"),
            [r#"{"do":"keep","item":"a","mine":true}"#]
        );
        assert_eq!(state.notice, "brought back");
    }

    #[test]
    fn of_several_rules_the_one_is_chosen_that_is_meant() {
        let several = Item {
            rules: [("html_entities".to_owned(), 1), ("spaces".to_owned(), 2)].into(),
            ..item("a", "kept:blog:zh")
        };
        let mut state = State::of(vec![several]);
        assert_eq!(press(&mut state, "r9"), [""; 0]);
        assert_eq!(state.notice, "no rule was switched");
        assert_eq!(press(&mut state, "r0"), [""; 0]);
        assert_eq!(
            press(&mut state, "r2"),
            [r#"{"do":"rule_off","item":"a","rule":"spaces"}"#]
        );
    }

    #[test]
    fn scrolling_ends_with_the_text_and_pages_are_as_high_as_the_screen() {
        let mut state = State::of(vec![item("a", "kept:blog:zh")]);
        state.saw(View {
            lines: 30,
            height: 10,
        });
        for _ in 0..100 {
            state.press(Key::Down);
        }
        assert_eq!(state.scrolled, 20);
        state.press(Key::Up);
        assert_eq!(state.scrolled, 19);
        state.press(Key::Home);
        state.press(Key::PageDown);
        assert_eq!(state.scrolled, 9);
        state.press(Key::End);
        // A larger window shows more, and is not scrolled beyond the end.
        state.saw(View {
            lines: 30,
            height: 25,
        });
        assert_eq!(state.scrolled, 5);
    }
}
