//! Keys in, screens out. The terminal is as it was afterwards, whatever happens: after the last key, an
//! error, a signal, a panic.

use std::io::{self, Stdout, stdout};
use std::sync::Once;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{
    self, DisableBracketedPaste, EnableBracketedPaste, Event, KeyCode, KeyEventKind, KeyModifiers,
};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};

use super::draw::draw;
use super::signals::{Signals, end_with_the_terminal};
use super::state::{Action, Key, State};
use super::talk::Talk;
use super::wire::Item;
use crate::{CommandError, ExitStatus};

/// How soon a signal is seen while no key comes.
const SIGNAL_WAIT: Duration = Duration::from_millis(200);

/// Why it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The person wants to go.
    Quit,
    /// Somebody sent this signal.
    Signal(i32),
}

/// Reviews until the person quits, or is made to.
pub(super) fn run(items: Vec<Item>, talk: &mut Talk) -> Result<Ended, CommandError> {
    let mut state = State::of(items);
    let signals = Signals::catch().map_err(|error| failed(&error))?;
    end_with_the_terminal().map_err(|error| failed(&error))?;
    let mut screen = Screen::open().map_err(|error| failed(&error))?;
    loop {
        let drawn = screen.terminal.draw(|frame| draw(frame, &mut state));
        drawn.map_err(|error| failed(&error))?;
        let event = loop {
            if let Some(signal) = signals.got() {
                return Ok(Ended::Signal(signal));
            }
            if event::poll(SIGNAL_WAIT).map_err(|error| failed(&error))? {
                break event::read().map_err(|error| failed(&error))?;
            }
        };
        let action = match key_of(&event) {
            Some(key) => state.press(key),
            None => Action::Nothing,
        };
        match action {
            Action::Nothing => {}
            Action::Redraw => screen.forget_drawn().map_err(|error| failed(&error))?,
            Action::Quit => return Ok(Ended::Quit),
            Action::Ask(request) => {
                let answer = talk.try_ask(&request)?;
                state.answered(&request, &answer);
            }
        }
    }
}

/// The terminal while it is ours.
struct Screen {
    // Dropped in this order: the terminal puts its cursor back, then the rest is as it was.
    terminal: Terminal<CrosstermBackend<Stdout>>,
    _ours: Ours,
}

/// Gives the terminal back when it is dropped.
struct Ours;

impl Screen {
    fn open() -> io::Result<Self> {
        give_back_before_a_panic_is_told();
        enable_raw_mode()?;
        let ours = Ours;
        // What is pasted is no row of keys: each would be a decision.
        execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste)?;
        Ok(Self {
            terminal: Terminal::new(CrosstermBackend::new(stdout()))?,
            _ours: ours,
        })
    }

    /// Has all of it drawn anew. `Terminal::clear` asks the terminal where its cursor is, and fails
    /// on one that does not answer.
    fn forget_drawn(&mut self) -> io::Result<()> {
        execute!(stdout(), Clear(ClearType::All))?;
        self.terminal = Terminal::new(CrosstermBackend::new(stdout()))?;
        Ok(())
    }
}

impl Drop for Ours {
    fn drop(&mut self) {
        give_back();
    }
}

fn give_back() {
    // Each is tried, and a terminal that is gone needs none.
    let _gone = execute!(stdout(), DisableBracketedPaste, LeaveAlternateScreen, Show);
    let _gone = disable_raw_mode();
}

/// The message would be drawn over and lost with the other screen.
fn give_back_before_a_panic_is_told() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let tell = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            give_back();
            tell(panic);
        }));
    });
}

fn key_of(event: &Event) -> Option<Key> {
    let Event::Key(key) = event else { return None };
    if key.kind == KeyEventKind::Release {
        return None;
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return match key.code {
            // The terminal is raw, so no signal comes of it.
            KeyCode::Char('c') => Some(Key::Escape),
            KeyCode::Char('l') => Some(Key::Redraw),
            // Ctrl-D is no wish to drop anything.
            _ => None,
        };
    }
    if key.modifiers.contains(KeyModifiers::ALT) {
        return None;
    }
    match key.code {
        KeyCode::Char(letter) => Some(Key::Letter(letter.to_ascii_lowercase())),
        KeyCode::Up => Some(Key::Up),
        KeyCode::Down => Some(Key::Down),
        KeyCode::PageUp => Some(Key::PageUp),
        KeyCode::PageDown => Some(Key::PageDown),
        KeyCode::Home => Some(Key::Home),
        KeyCode::End => Some(Key::End),
        KeyCode::Esc => Some(Key::Escape),
        _ => None,
    }
}

fn failed(error: &io::Error) -> CommandError {
    let message = format!("the terminal cannot be used: {error}; use --list and --batch");
    CommandError::new(ExitStatus::Internal, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::crossterm::event::KeyEvent;

    #[test]
    fn keys_with_control_or_alt_decide_nothing_and_capitals_are_letters() {
        let key = |code, modifiers| key_of(&Event::Key(KeyEvent::new(code, modifiers)));
        for letter in ['d', 'k', 'x', 'r'] {
            assert_eq!(key(KeyCode::Char(letter), KeyModifiers::CONTROL), None);
            assert_eq!(key(KeyCode::Char(letter), KeyModifiers::ALT), None);
        }
        assert_eq!(
            key(KeyCode::Char('c'), KeyModifiers::CONTROL),
            Some(Key::Escape)
        );
        assert_eq!(
            key(KeyCode::Char('K'), KeyModifiers::SHIFT),
            Some(Key::Letter('k'))
        );
        assert_eq!(key_of(&Event::Paste("kkk".to_owned())), None);
    }

    #[cfg(unix)]
    mod on_a_terminal {
        use std::process::Command;
        use std::time::Duration;

        use inkstone_test_support::TestTerminal;

        use super::super::*;

        /// Set where this very test is to be the program that panics.
        const PANICS: &str = "INKSTONE_TEST_PANICS_IN_REVIEW";
        const WAIT: Duration = Duration::from_secs(60);

        #[test]
        fn a_panic_gives_the_terminal_back_and_is_told_on_it() {
            if std::env::var_os(PANICS).is_some() {
                let mut screen = Screen::open().unwrap();
                let mut state = State::of(vec![Item::default()]);
                screen
                    .terminal
                    .draw(|frame| draw(frame, &mut state))
                    .unwrap();
                // The other side says when it has seen the screen.
                event::read().unwrap();
                panic!("the review fell over 海港");
            }
            let mut command = Command::new(std::env::current_exe().unwrap());
            let name = std::thread::current().name().unwrap().to_owned();
            command.args(["--exact", &name, "--nocapture"]);
            command.env(PANICS, "1");
            // A backtrace is longer than the screen, and what was told stands before it.
            command.env("RUST_BACKTRACE", "0");
            let mut terminal = TestTerminal::start(&command, (80, 24));
            terminal.until(WAIT, "1 of 1");
            assert!(terminal.is_taken(), "{}", terminal.text());
            terminal.press("s");
            assert_ne!(terminal.ended(WAIT), Some(0));
            assert!(!terminal.is_taken(), "{}", terminal.text());
            terminal.until(WAIT, "the review fell over 海港");
        }
    }
}
