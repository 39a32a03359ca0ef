//! The screen of the review: where the text stands, the original and the cleaned side by side, what
//! came of the last key, the keys. Draws what it is given and decides nothing.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};

use super::difference::Difference;
use super::state::{KEYS, Mode, State, View};
use super::wire::Item;
use super::wrap::{Part, columns, ending, lines_of, wrap};

/// Lines above the texts, and where the window is too low for them.
const HEAD_LINES: u16 = 3;
const LOW_HEAD_LINES: u16 = 1;
/// A window of fewer lines is low.
const LOW_LINES_MAX: u16 = 11;
/// Lines of keys at most; where there is less room, the last are those that the help has as well.
const KEY_LINES_MAX: usize = 2;
/// Columns and lines of a border.
const BORDER: u16 = 2;

pub(super) fn draw(frame: &mut Frame<'_>, state: &mut State) {
    let is_low = frame.area().height <= LOW_LINES_MAX;
    let keys = keys(frame.area().width, if is_low { 1 } else { KEY_LINES_MAX });
    let key_lines = u16::try_from(keys.len()).unwrap_or(1);
    let head_lines = if is_low { LOW_HEAD_LINES } else { HEAD_LINES };
    let areas = Layout::vertical([
        Constraint::Length(head_lines),
        Constraint::Min(BORDER + 1),
        Constraint::Length(1),
        Constraint::Length(key_lines),
    ]);
    let [head, texts, notice, foot] = areas.areas(frame.area());
    let (passed, all) = state.progress();
    let mut view = View::default();
    if let Some(item) = state.item() {
        let lines = heading(item, passed + 1, all, usize::from(head.width));
        frame.render_widget(Paragraph::new(lines), head);
        view = panes(frame, texts, item, state.scrolled);
    } else {
        let said = format!(
            "That was all. {} and {}: q applies them, u takes the last back.",
            counted(all, "text"),
            counted(state.decided(), "decision")
        );
        frame.render_widget(Paragraph::new(plain(&said, head.width)), head);
    }
    state.saw(view);
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let said = Line::styled(
        question(state).unwrap_or_else(|| state.notice.clone()),
        bold,
    );
    frame.render_widget(Paragraph::new(said), notice);
    frame.render_widget(Paragraph::new(keys), foot);
    match &state.mode {
        Mode::Help => help(frame, texts),
        Mode::WhichRule(rules) => choice(frame, texts, rules),
        Mode::Text | Mode::Whose => {}
    }
}

/// What the next key answers.
fn question(state: &State) -> Option<String> {
    let item = state.item()?;
    Some(match &state.mode {
        Mode::Text | Mode::Help => return None,
        Mode::Whose => {
            let reason = item.left_out.as_deref().unwrap_or_default();
            let reason = reason.replace('_', " ");
            format!("Taken for another's words ({reason}). Are they yours? y yes, any other key no")
        }
        Mode::WhichRule(_) => "Which rule? Its number, or any other key for none".to_owned(),
    })
}

fn counted(count: usize, what: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {what}{end}")
}

fn heading(item: &Item, number: usize, all: usize, width: usize) -> Vec<Line<'static>> {
    // What it was left out for need not be said twice.
    let outcome = if item.stratum.starts_with("left_out:") {
        String::new()
    } else {
        item.outcome()
    };
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let count = format!("{number} of {all}   ");
    // Of a long path the end tells more than the beginning.
    let place = ending(&item.place(), width.saturating_sub(columns(&count)));
    let before = match item.decided {
        Some(true) => "kept before",
        Some(false) => "dropped before",
        None => "",
    };
    let mut outcomes = vec![format!("shown for {}", item.stands_for())];
    outcomes.extend([outcome, before.to_owned()]);
    outcomes.retain(|words| !words.is_empty());
    vec![
        Line::from(vec![Span::styled(count, bold), Span::raw(place)]),
        Line::raw(outcomes.join("   ")),
        Line::raw(format!("rules: {}", item.rules_text())),
    ]
}

/// Both sides; how many lines they have, and how many are seen.
fn panes(frame: &mut Frame<'_>, area: Rect, item: &Item, scrolled: u16) -> View {
    let halves = Layout::horizontal([Constraint::Percentage(50), Constraint::Percentage(50)]);
    let [left, right] = halves.areas(area);
    let cleaned = item.text.as_deref();
    let difference = cleaned.map_or_else(Difference::default, |cleaned| {
        Difference::of(&item.original, cleaned)
    });
    let removed = Style::new().fg(Color::Red).add_modifier(Modifier::REVERSED);
    let added = Style::new()
        .fg(Color::Green)
        .add_modifier(Modifier::REVERSED);
    let width = |area: Rect| usize::from(area.width.saturating_sub(BORDER));
    let original = wrap(&item.original, &difference.original, width(left));
    let original = styled(original, removed);
    let lines = match cleaned {
        Some(cleaned) => styled(wrap(cleaned, &difference.cleaned, width(right)), added),
        None => plain(
            "(nothing is learned from it; k brings it back)",
            right.width.saturating_sub(BORDER),
        ),
    };
    let count = u16::try_from(original.len().max(lines.len())).unwrap_or(u16::MAX);
    let view = View {
        lines: count,
        height: area.height.saturating_sub(BORDER),
    };
    let scrolled = scrolled.min(count.saturating_sub(view.height));
    let below = count.saturating_sub(scrolled.saturating_add(view.height));
    let pane = |title: &'static str, lines: Vec<Line<'static>>| {
        let mut block = Block::bordered().title(title);
        if below > 0 {
            block = block.title_bottom(format!(" ↓ {} more ", counted(below.into(), "line")));
        }
        Paragraph::new(lines).block(block).scroll((scrolled, 0))
    };
    frame.render_widget(pane(" original ", original), left);
    frame.render_widget(pane(" cleaned ", lines), right);
    view
}

fn styled(lines: Vec<Vec<Part>>, marked: Style) -> Vec<Line<'static>> {
    let span = |part: Part| {
        let style = if part.is_marked { marked } else { Style::new() };
        Span::styled(part.text, style)
    };
    let line = |parts: Vec<Part>| Line::from(parts.into_iter().map(span).collect::<Vec<_>>());
    lines.into_iter().map(line).collect()
}

/// Our own words, wrapped.
fn plain(text: &str, width: u16) -> Vec<Line<'static>> {
    styled(wrap(text, &[], usize::from(width)), Style::new())
}

/// The keys in as few lines as they fit, each with its word; those that do not fit, the help has.
fn keys(width: u16, lines_max: usize) -> Vec<Line<'static>> {
    let named = KEYS.iter().filter(|(_, word, _)| !word.is_empty());
    let named: Vec<String> = named
        .map(|(key, word, _)| format!("{key} {word}"))
        .collect();
    let dim = Style::new().add_modifier(Modifier::DIM);
    let lines = lines_of(&named, "  ", usize::from(width), lines_max);
    let lines = lines.into_iter().map(|line| Line::styled(line, dim));
    lines.collect()
}

fn help(frame: &mut Frame<'_>, area: Rect) {
    let width = usize::from(area.width.saturating_sub(BORDER));
    let keys = KEYS
        .iter()
        .map(|(key, _, what)| format!(" {key:<4} {what}"));
    let lines: Vec<Line<'_>> = keys
        .flat_map(|line| styled(wrap(&line, &[], width), Style::new()))
        .collect();
    over(frame, area, " keys; any key goes back ", lines);
}

fn choice(frame: &mut Frame<'_>, area: Rect, rules: &[String]) {
    let lines = (1..).zip(rules);
    let lines = lines.map(|(number, rule): (u32, _)| Line::raw(format!(" {number}  {rule}")));
    over(
        frame,
        area,
        " which rule is off in this folder ",
        lines.collect(),
    );
}

fn over(frame: &mut Frame<'_>, area: Rect, title: &'static str, lines: Vec<Line<'_>>) {
    frame.render_widget(Clear, area);
    let block = Block::bordered().title(title);
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::review::state::Key;
    use crate::commands::review::wire::Lines;
    use crate::commands::review::wrap::columns;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    /// The screen's lines, and the marked text on it.
    fn drawn(state: &mut State, width: u16, height: u16) -> (String, String) {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(frame, state)).unwrap();
        let buffer = terminal.backend().buffer().clone();
        let (mut screen, mut marked) = (String::new(), String::new());
        for y in 0..height {
            let mut x = 0;
            while x < width {
                let cell = &buffer[(x, y)];
                screen.push_str(cell.symbol());
                if cell.modifier.contains(Modifier::REVERSED) {
                    marked.push_str(cell.symbol());
                }
                // The second column of a wide character holds nothing of its own.
                x += u16::try_from(columns(cell.symbol()).max(1)).unwrap();
            }
            screen.push('\n');
        }
        (screen, marked)
    }

    fn item(original: &str, text: Option<&str>) -> Item {
        Item {
            item: "ab".to_owned(),
            stratum: "rule:fillers_chinese".to_owned(),
            folder: "文稿".to_owned(),
            path: "章/一.md".to_owned(),
            lines: Some(Lines { start: 2, end: 4 }),
            original: original.to_owned(),
            text: text.map(str::to_owned),
            rules: [("fillers_chinese".to_owned(), 2)].into(),
            left_out: text.is_none().then(|| "link_list".to_owned()),
            ..Item::default()
        }
    }

    #[test]
    fn both_sides_stand_beside_each_other_with_the_change_marked() {
        let mut state = State::of(vec![item("嗯，海港很安静 🚢", Some("海港很安静 🚢"))]);
        let (screen, marked) = drawn(&mut state, 100, 12);
        for words in [
            "1 of 1   文稿/章/一.md:3-4",
            "shown for the rule fillers_chinese",
            "rules: fillers_chinese ×2",
            "│嗯，海港很安静 🚢",
            "│海港很安静 🚢",
            " original ",
            " cleaned ",
            "? explains the keys",
        ] {
            assert!(screen.contains(words), "`{words}` is missing in\n{screen}");
        }
        assert_eq!(marked, "嗯，", "\n{screen}");
    }

    #[test]
    fn an_english_text_is_wrapped_in_its_pane_and_scrolls() {
        let original = "one two three four five six seven eight nine ten eleven twelve thirteen \
            fourteen fifteen sixteen seventeen eighteen nineteen twenty";
        let mut state = State::of(vec![item(original, Some(original))]);
        let (screen, marked) = drawn(&mut state, 40, 12);
        assert!(screen.contains("│one two three four│"), "{screen}");
        assert_eq!(marked, "");
        assert!(screen.contains("↓ 4 lines more"), "{screen}");
        state.press(Key::Down);
        let (screen, _) = drawn(&mut state, 40, 12);
        assert!(!screen.contains("one two"), "{screen}");
        state.press(Key::End);
        let (screen, _) = drawn(&mut state, 40, 12);
        assert!(screen.contains("twenty"), "{screen}");
    }

    #[test]
    fn what_is_left_out_has_its_reason_and_no_size_of_screen_is_too_small() {
        let mut state = State::of(vec![item("[a](b)", None)]);
        let (screen, _) = drawn(&mut state, 100, 12);
        assert!(screen.contains("left out: link list"), "{screen}");
        let mut state = State::of(vec![Item {
            stratum: "left_out:link_list".to_owned(),
            decided: Some(false),
            ..item("[a](b)", None)
        }]);
        let (screen, _) = drawn(&mut state, 100, 12);
        let shown = "shown for what is left out: link list   dropped before";
        assert!(screen.contains(shown), "{screen}");
        assert!(
            screen.contains("(nothing is learned from it; k brings it back)"),
            "{screen}"
        );
        for (width, height) in [(1, 1), (3, 2), (8, 5), (20, 4)] {
            drawn(&mut state, width, height);
        }
        state.press(Key::Letter('?'));
        let (screen, _) = drawn(&mut state, 100, 16);
        assert!(screen.contains("exclude: learn nothing"), "{screen}");
        state.press(Key::Letter('x'));
        state.press(Key::Letter('s'));
        let (screen, _) = drawn(&mut state, 100, 16);
        assert!(
            screen.contains("That was all. 1 text and 0 decisions"),
            "{screen}"
        );
    }

    #[test]
    fn what_came_of_a_key_is_seen_in_a_window_of_eighty_columns_and_in_a_low_one() {
        let mut state = State::of(vec![item("[a](b)", None)]);
        for (width, height) in [(80, 24), (60, 12), (40, 8)] {
            state.press(Key::Letter('z'));
            let (screen, _) = drawn(&mut state, width, height);
            assert!(
                screen.contains("no such key; ?"),
                "{width}×{height}\n{screen}"
            );
            assert!(screen.contains("k keep"), "{width}×{height}\n{screen}");
        }
        let (screen, _) = drawn(&mut state, 80, 24);
        assert!(
            screen.contains("q quit") && screen.contains("? help"),
            "{screen}"
        );
    }

    #[test]
    fn whose_words_they_are_and_which_rule_is_meant_is_asked_on_the_screen() {
        let theirs = Item {
            needs_claim: true,
            left_out: Some("other_author".to_owned()),
            ..item("海港", None)
        };
        let several = Item {
            stratum: "kept:blog:zh".to_owned(),
            rules: [("html_entities".to_owned(), 1), ("spaces".to_owned(), 2)].into(),
            ..item("海港", Some("海港"))
        };
        let mut state = State::of(vec![theirs, several]);
        state.press(Key::Letter('k'));
        let (screen, _) = drawn(&mut state, 90, 16);
        assert!(
            screen.contains("Taken for another's words (other author). Are they yours? y yes"),
            "{screen}"
        );
        state.press(Key::Letter('n'));
        state.press(Key::Letter('s'));
        state.press(Key::Letter('r'));
        let (screen, _) = drawn(&mut state, 90, 16);
        for words in ["Which rule?", "1  html_entities", "2  spaces"] {
            assert!(screen.contains(words), "`{words}` is missing in\n{screen}");
        }
    }

    #[test]
    fn of_a_long_path_the_end_is_seen() {
        let mut long = item("a", Some("a"));
        long.path = format!("{}/最后一章.md", "很长的文件夹".repeat(20));
        let (screen, _) = drawn(&mut State::of(vec![long]), 80, 24);
        let first = screen.lines().next().unwrap();
        assert!(first.contains("1 of 1   …"), "{first}");
        assert!(first.trim_end().ends_with("最后一章.md:3-4"), "{first}");
    }
}
