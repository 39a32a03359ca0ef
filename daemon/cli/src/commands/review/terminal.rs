//! Keys in, screens out. The terminal is as it was afterwards, whatever happens.

use std::io;

use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};

use super::draw::draw;
use super::state::{Action, Key, State};
use super::talk::Talk;
use super::wire::Item;
use crate::{CommandError, ExitStatus};

/// Reviews until the person quits.
pub(super) fn run(items: Vec<Item>, talk: &mut Talk) -> Result<(), CommandError> {
    let mut state = State::of(items);
    let mut terminal = ratatui::try_init().map_err(|error| failed(&error))?;
    let ended = review(&mut state, talk, &mut terminal);
    ratatui::restore();
    ended
}

fn review(
    state: &mut State,
    talk: &mut Talk,
    terminal: &mut ratatui::DefaultTerminal,
) -> Result<(), CommandError> {
    loop {
        terminal
            .draw(|frame| draw(frame, state))
            .map_err(|error| failed(&error))?;
        let Some(key) = pressed(&event::read().map_err(|error| failed(&error))?) else {
            continue;
        };
        match state.press(key) {
            Action::Nothing => {}
            Action::Quit => return Ok(()),
            Action::Ask(request) => {
                let answer = talk.try_ask(&request)?;
                state.answered(&request, &answer);
            }
        }
    }
}

fn pressed(event: &Event) -> Option<Key> {
    let Event::Key(key) = event else { return None };
    if key.kind == KeyEventKind::Release {
        return None;
    }
    match key.code {
        // The terminal is raw, so no signal comes of it.
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => Some(Key::Escape),
        KeyCode::Char(letter) => Some(Key::Letter(letter)),
        KeyCode::Up | KeyCode::PageUp => Some(Key::Up),
        KeyCode::Down | KeyCode::PageDown => Some(Key::Down),
        KeyCode::Esc => Some(Key::Escape),
        _ => None,
    }
}

fn failed(error: &io::Error) -> CommandError {
    let message = format!("the terminal cannot be used: {error}; use --list and --batch");
    CommandError::new(ExitStatus::Internal, message)
}
