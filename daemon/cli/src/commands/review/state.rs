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
    pub(super) shows_help: bool,
    /// What came of the last key.
    pub(super) notice: String,
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
    /// A letter.
    Letter(char),
    /// Towards the beginning of the text.
    Up,
    /// Towards its end.
    Down,
    /// Out.
    Escape,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Action {
    /// Draw.
    Nothing,
    /// Ask the trainer, and give its answer to [`State::answered`].
    Ask(Value),
    /// End.
    Quit,
}

/// The keys and what they do, as the help shows them.
pub(super) const KEYS: &[(&str, &str)] = &[
    ("k", "keep: learn from this text"),
    (
        "d",
        "drop: do not learn from this text, nor from what looks like it",
    ),
    ("x", "exclude: learn nothing from this file"),
    (
        "r",
        "rule off: the rule that this text stands for, everywhere",
    ),
    ("s", "skip: say nothing"),
    ("u", "undo the last"),
    ("↑ ↓", "scroll"),
    ("q", "quit: what was decided is kept and applied"),
    ("?", "this help"),
];

impl State {
    /// Begins with the first text that was not decided on before.
    pub(super) fn of(items: Vec<Item>) -> Self {
        let items: Vec<Item> = items
            .into_iter()
            .filter(|one| one.decided.is_none())
            .collect();
        Self {
            items,
            at: 0,
            steps: Vec::new(),
            scrolled: 0,
            shows_help: false,
            notice: "? shows the keys".to_owned(),
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

    pub(super) fn press(&mut self, key: Key) -> Action {
        if self.shows_help {
            self.shows_help = false;
            return Action::Nothing;
        }
        let item = self.item().map(|item| item.item.clone());
        match (key, item) {
            (Key::Escape | Key::Letter('q'), _) => Action::Quit,
            (Key::Letter('?'), _) => {
                self.shows_help = true;
                Action::Nothing
            }
            (Key::Up, _) => {
                self.scrolled = self.scrolled.saturating_sub(1);
                Action::Nothing
            }
            (Key::Down, _) => {
                self.scrolled = self.scrolled.saturating_add(1);
                Action::Nothing
            }
            (Key::Letter('u'), _) => self.undo(),
            (Key::Letter('s'), Some(_)) => {
                self.go_on(false, "skipped");
                Action::Nothing
            }
            (Key::Letter('k'), Some(item)) => Action::Ask(json!({ "do": "keep", "item": item })),
            (Key::Letter('d'), Some(item)) => Action::Ask(json!({ "do": "drop", "item": item })),
            (Key::Letter('x'), Some(item)) => Action::Ask(json!({ "do": "exclude", "item": item })),
            (Key::Letter('r'), Some(_)) => self.rule_off(),
            (Key::Letter(_), _) => {
                "no such key; ? shows the keys".clone_into(&mut self.notice);
                Action::Nothing
            }
        }
    }

    /// Takes the answer to what was asked for.
    pub(super) fn answered(&mut self, asked: &Value, answer: &Answer) {
        match (asked["do"].as_str().unwrap_or_default(), answer) {
            (_, Answer::Error(why)) => self.notice.clone_from(why),
            ("undo", _) => {
                if let Some(step) = self.steps.pop() {
                    self.show(step.at);
                    "taken back".clone_into(&mut self.notice);
                }
            }
            ("keep", _) => self.go_on(true, "kept"),
            ("drop", _) => self.go_on(true, "dropped, with what looks like it"),
            ("exclude", _) => self.go_on(true, "the file is left out"),
            _ => self.go_on(true, "the rule is off from the next build on"),
        }
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
                Action::Nothing
            }
        }
    }

    fn rule_off(&mut self) -> Action {
        let rule = self.item().and_then(|item| {
            let stands_for = item.stratum.strip_prefix("rule:");
            // Where it stands for none, the only one that fired is meant.
            let only = (item.rules.len() == 1).then(|| item.rules.keys().next());
            stands_for.or(only.flatten().map(String::as_str))
        });
        if let Some(rule) = rule {
            return Action::Ask(json!({ "do": "rule_off", "rule": rule }));
        }
        "this text stands for no one rule".clone_into(&mut self.notice);
        Action::Nothing
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
                r#"{"do":"rule_off","rule":"spaces"}"#,
            ]
        );
        assert_eq!((state.progress(), state.decided()), ((4, 4), 4));
        assert_eq!(state.item(), None);
        // Behind the last there is nothing to decide on.
        assert_eq!(press(&mut state, "kdxrs"), [""; 0]);
        assert_eq!(state.press(Key::Letter('q')), Action::Quit);
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
    fn what_was_decided_before_is_not_asked_again_and_a_refusal_moves_nothing() {
        let known = Item {
            decided: Some(true),
            ..item("known", "kept:blog:en")
        };
        let mut state = State::of(vec![known, item("new", "kept:blog:en")]);
        assert_eq!(state.item().unwrap().item, "new");
        assert_eq!(press(&mut state, "r"), [""; 0]);
        let Action::Ask(request) = state.press(Key::Letter('k')) else {
            panic!("keep asks");
        };
        state.answered(&request, &Answer::Error("busy".to_owned()));
        assert_eq!((state.progress(), state.notice.as_str()), ((0, 1), "busy"));
    }
}
