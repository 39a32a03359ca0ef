//! The screen of the review: where the text stands, the original and the cleaned side by side, the keys.
//! Draws what it is given and decides nothing.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};

use super::difference::Difference;
use super::state::{KEYS, State};
use super::wire::Item;
use super::wrap::{Part, wrap};

/// Lines above the texts.
const HEAD_LINES: u16 = 3;
/// Columns and lines of a border.
const BORDER: u16 = 2;

pub(super) fn draw(frame: &mut Frame<'_>, state: &State) {
    let areas = Layout::vertical([
        Constraint::Length(HEAD_LINES),
        Constraint::Min(BORDER + 1),
        Constraint::Length(1),
    ]);
    let [head, texts, foot] = areas.areas(frame.area());
    let (passed, all) = state.progress();
    if let Some(item) = state.item() {
        frame.render_widget(Paragraph::new(heading(item, passed + 1, all)), head);
        panes(frame, texts, item, state.scrolled);
    } else {
        let words = format!(
            "That was all: {all} texts, {} decisions. q ends and applies them, u takes the last back.",
            state.decided()
        );
        frame.render_widget(Paragraph::new(words), head);
    }
    let keys = "k keep  d drop  x exclude file  r rule off  s skip  u undo  q quit  ? help";
    let foot_line = Line::from(vec![
        Span::styled(keys, Style::new().add_modifier(Modifier::DIM)),
        Span::raw(format!("   {}", state.notice)),
    ]);
    frame.render_widget(Paragraph::new(foot_line), foot);
    if state.shows_help {
        help(frame, texts);
    }
}

fn heading(item: &Item, number: usize, all: usize) -> Vec<Line<'static>> {
    let out = item.left_out.as_ref().map_or_else(String::new, |reason| {
        format!("   left out: {}", reason.replace('_', " "))
    });
    let bold = Style::new().add_modifier(Modifier::BOLD);
    vec![
        Line::from(vec![
            Span::styled(format!("{number} of {all}"), bold),
            Span::raw(format!("   {}", item.place())),
        ]),
        Line::raw(format!("sample: {}{out}", item.stratum)),
        Line::raw(format!("rules: {}", item.rules_text())),
    ]
}

fn panes(frame: &mut Frame<'_>, area: Rect, item: &Item, scrolled: u16) {
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
    let pane = |title: &'static str, lines: Vec<Line<'static>>| {
        let block = Block::bordered().title(title);
        Paragraph::new(lines).block(block).scroll((scrolled, 0))
    };
    frame.render_widget(pane(" original ", styled(original, removed)), left);
    let lines = match cleaned {
        Some(cleaned) => styled(wrap(cleaned, &difference.cleaned, width(right)), added),
        None => vec![Line::raw("(nothing is learned from it)")],
    };
    frame.render_widget(pane(" cleaned ", lines), right);
}

fn styled(lines: Vec<Vec<Part>>, marked: Style) -> Vec<Line<'static>> {
    let span = |part: Part| {
        let style = if part.is_marked { marked } else { Style::new() };
        Span::styled(part.text, style)
    };
    let line = |parts: Vec<Part>| Line::from(parts.into_iter().map(span).collect::<Vec<_>>());
    lines.into_iter().map(line).collect()
}

fn help(frame: &mut Frame<'_>, area: Rect) {
    let lines = KEYS
        .iter()
        .map(|(key, what)| Line::raw(format!(" {key:<4} {what}")));
    let lines: Vec<Line<'_>> = lines.collect();
    frame.render_widget(Clear, area);
    let block = Block::bordered().title(" keys; any key goes back ");
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
    fn drawn(state: &State, width: u16, height: u16) -> (String, String) {
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
        let state = State::of(vec![item("嗯，海港很安静 👩‍👩‍👧", Some("海港很安静 👩‍👩‍👧"))]);
        let (screen, marked) = drawn(&state, 100, 12);
        for words in [
            "1 of 1   文稿/章/一.md:3-4",
            "rules: fillers_chinese ×2",
            "│嗯，海港很安静 👩‍👩‍👧",
            "│海港很安静 👩‍👩‍👧",
            " original ",
            " cleaned ",
            "? shows the keys",
        ] {
            assert!(screen.contains(words), "`{words}` is missing in\n{screen}");
        }
        assert_eq!(marked, "嗯，", "\n{screen}");
    }

    #[test]
    fn an_english_text_is_wrapped_in_its_pane_and_scrolls() {
        let original = "one two three four five six seven eight nine ten eleven twelve";
        let mut state = State::of(vec![item(original, Some(original))]);
        let (screen, marked) = drawn(&state, 40, 12);
        assert!(screen.contains("│one two three four│"), "{screen}");
        assert_eq!(marked, "");
        state.press(Key::Down);
        let (screen, _) = drawn(&state, 40, 12);
        assert!(!screen.contains("one two"), "{screen}");
    }

    #[test]
    fn what_is_left_out_has_its_reason_and_no_size_of_screen_is_too_small() {
        let mut state = State::of(vec![item("[a](b)", None)]);
        let (screen, _) = drawn(&state, 100, 12);
        assert!(screen.contains("left out: link list"), "{screen}");
        assert!(screen.contains("(nothing is learned from it)"), "{screen}");
        for (width, height) in [(1, 1), (3, 2), (8, 5), (20, 4)] {
            drawn(&state, width, height);
        }
        state.press(Key::Letter('?'));
        let (screen, _) = drawn(&state, 100, 16);
        assert!(screen.contains("exclude: learn nothing"), "{screen}");
        state.press(Key::Letter('x'));
        state.press(Key::Letter('s'));
        let (screen, _) = drawn(&state, 100, 16);
        assert!(
            screen.contains("That was all: 1 texts, 0 decisions"),
            "{screen}"
        );
    }
}
