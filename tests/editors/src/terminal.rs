//! A terminal without a window: a program in tmux, with keys in and the screen's text out.

use std::path::Path;
use std::time::Duration;

use inkstone_test_support::eventually_or;

use crate::answer::{ANSWER_WAIT, Answer, answer};
use crate::scene::Scene;

/// How long the screen may take to show what is waited for: a model loads on a busy machine.
const SCREEN_WAIT_S: u64 = 90;

/// How much a terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalSize {
    /// Cells in a row.
    pub columns: usize,
    /// Rows.
    pub rows: usize,
}

/// Where a cell is, from the upper left, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellPosition {
    /// Cells from the left.
    pub column: usize,
    /// Rows from the top.
    pub row: usize,
}

/// A terminal of its own, which ends with the value.
#[derive(Debug)]
pub struct Terminal<'a> {
    scene: &'a Scene,
    socket: String,
}

impl<'a> Terminal<'a> {
    /// Runs a command line in a terminal of this size.
    ///
    /// # Panics
    /// When tmux is missing or does not start.
    pub fn run(scene: &'a Scene, size: TerminalSize, command: &str) -> Self {
        let socket = scene.home.scratch().join("tmux.sock");
        let terminal = Self {
            scene,
            socket: socket.display().to_string(),
        };
        let (columns, rows) = (size.columns.to_string(), size.rows.to_string());
        terminal.tmux(&[
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            &columns,
            "-y",
            &rows,
            command,
        ]);
        terminal
    }

    /// Presses keys, in tmux's notation.
    ///
    /// # Panics
    /// When the terminal has ended.
    pub fn keys(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat());
    }

    /// Types a text.
    ///
    /// # Panics
    /// When the terminal has ended.
    pub fn type_text(&self, text: &str) {
        self.tmux(&["send-keys", "-l", text]);
    }

    /// What the screen shows, a line for each row.
    ///
    /// # Panics
    /// When the terminal has ended.
    pub fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p"])
    }

    /// The same with the colours, as escape sequences.
    ///
    /// # Panics
    /// When the terminal has ended.
    pub fn coloured_screen(&self) -> String {
        self.tmux(&["capture-pane", "-e", "-p"])
    }

    /// Where the caret is.
    ///
    /// # Panics
    /// When the terminal has ended.
    pub fn caret(&self) -> CellPosition {
        let answer = self.tmux(&["display-message", "-p", "#{cursor_x} #{cursor_y}"]);
        let mut numbers = answer
            .split_whitespace()
            .map(|number| number.parse().unwrap_or_default());
        CellPosition {
            column: numbers.next().unwrap_or_default(),
            row: numbers.next().unwrap_or_default(),
        }
    }

    /// Waits until the screen shows a text; `nudge` is called now and then, as a person would
    /// press a key again.
    ///
    /// # Panics
    /// When it never does.
    pub fn await_screen(&self, wanted: &str, patience: Duration, nudge: impl Fn(&Self)) -> String {
        let rounds = Duration::from_secs(SCREEN_WAIT_S).as_millis() / patience.as_millis().max(1);
        for _ in 0..rounds {
            let look = || Some(self.screen()).filter(|screen| screen.contains(wanted));
            if let Some(screen) = eventually_or(patience, look) {
                return screen;
            }
            nudge(self);
        }
        panic!(
            "`{wanted}` never came; the screen shows:\n{}",
            self.screen()
        );
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let answer = self.try_tmux(arguments);
        let answer = answer.unwrap_or_else(|error| panic!("{error}; is tmux installed?"));
        let error = answer.err;
        assert!(answer.status.success(), "tmux {arguments:?}: {error}");
        answer.out
    }

    fn try_tmux(&self, arguments: &[&str]) -> Result<Answer, String> {
        let mut command = self.scene.command(Path::new("tmux"));
        command
            .env("TERM", "xterm-256color")
            .args(["-u", "-S", &self.socket])
            .args(arguments);
        answer(&mut command, ANSWER_WAIT, self.scene.home.scratch())
    }
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        // It is gone already when its program has ended.
        let _ended = self.try_tmux(&["kill-server"]);
    }
}
