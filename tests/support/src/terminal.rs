//! A terminal for a program under test: a real one of the system's, whose screen is read as a person
//! sees it.
//!
//! What the program draws is waited for, never slept for. Dropping the terminal hangs it up.

use std::io::{Read as _, Write};
use std::num::NonZeroU16;
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use vt100::Parser;

use crate::wait::{eventually, eventually_or};

/// What is read of the program at once.
const READ_BYTES: usize = 4_096;

/// A terminal in which a program runs.
pub struct TestTerminal {
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    screen: Arc<Mutex<Parser>>,
    /// Reads what the program writes until nobody writes any more.
    reader: JoinHandle<()>,
    /// How it was set before the program ran.
    untouched: String,
}

impl TestTerminal {
    /// Starts a program in a terminal of so many columns and lines.
    ///
    /// # Panics
    /// When the system has no terminal to give, or the program cannot be started.
    pub fn start(command: &Command, (columns, lines): (u16, u16)) -> Self {
        let pair = native_pty_system().openpty(size(columns, lines));
        let pair = pair.unwrap_or_else(|error| panic!("no terminal: {error}"));
        let untouched = settings(&*pair.master);
        let child = pair.slave.spawn_command(builder(command));
        let child = child.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let reader = pair.master.try_clone_reader();
        let mut reader = reader.unwrap_or_else(|error| panic!("no reader: {error}"));
        let keys = pair.master.take_writer();
        let keys = keys.unwrap_or_else(|error| panic!("no writer: {error}"));
        let [rows, cols] = [lines, columns].map(at_least_one);
        let screen = Arc::new(Mutex::new(Parser::new(rows, cols, 0)));
        let drawn = Arc::clone(&screen);
        // Ends when the last program that writes to the terminal has closed it.
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; READ_BYTES];
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                lock(&drawn).process(&bytes[..count]);
            }
        });
        Self {
            master: pair.master,
            keys,
            child,
            screen,
            reader,
            untouched,
        }
    }

    /// What is on the screen, line by line.
    pub fn text(&self) -> String {
        lock(&self.screen).screen().contents()
    }

    /// Waits until this is on the screen; what is on it then.
    ///
    /// # Panics
    /// When it does not come.
    pub fn until(&self, deadline: Duration, words: &str) -> String {
        let look = || Some(self.text()).filter(|text| text.contains(words));
        eventually_or(deadline, look)
            .unwrap_or_else(|| panic!("`{words}` did not come on\n{}", self.text()))
    }

    /// Types.
    ///
    /// # Panics
    /// When the terminal takes nothing.
    pub fn press(&mut self, keys: &str) {
        let written = self.keys.write_all(keys.as_bytes());
        written
            .and_then(|()| self.keys.flush())
            .unwrap_or_else(|error| panic!("cannot type `{keys}`: {error}"));
    }

    /// Gives the window another size.
    ///
    /// # Panics
    /// When the system refuses.
    pub fn resize(&self, columns: u16, lines: u16) {
        let [rows, cols] = [lines, columns].map(at_least_one);
        // Held, so that nothing that is drawn for the new size falls on the old screen.
        let mut screen = lock(&self.screen);
        screen.screen_mut().set_size(rows, cols);
        let resized = self.master.resize(size(columns, lines));
        resized.unwrap_or_else(|error| panic!("cannot resize: {error}"));
    }

    /// The columns in which a sign stands, for each line of the screen.
    pub fn columns_of(&self, sign: &str) -> Vec<Vec<u16>> {
        let screen = lock(&self.screen);
        let screen = screen.screen();
        let (rows, columns) = screen.size();
        let is_sign = |row, column| {
            let cell = screen.cell(row, column);
            cell.is_some_and(|cell| cell.contents() == sign)
        };
        (0..rows.get())
            .map(|row| (0..columns.get()).filter(|at| is_sign(row, *at)).collect())
            .collect()
    }

    /// Whether a program holds the terminal: the other screen, a hidden cursor, marked pastes, or keys
    /// that come one by one.
    pub fn is_taken(&self) -> bool {
        let parser = lock(&self.screen);
        let screen = parser.screen();
        screen.alternate_screen()
            || screen.hide_cursor()
            || screen.bracketed_paste()
            || settings(&*self.master) != self.untouched
    }

    /// Sends the program a signal.
    ///
    /// # Panics
    /// When it runs no more.
    pub fn signal(&self, signal: Signal) {
        let id = self
            .child
            .process_id()
            .and_then(|id| i32::try_from(id).ok());
        let id = id.and_then(Pid::from_raw);
        let sent = id.map(|id| kill_process(id, signal));
        assert!(matches!(sent, Some(Ok(()))), "the program runs no more");
    }

    /// Waits for the program's end; the number that it ended with, none if a signal ended it.
    ///
    /// # Panics
    /// When it goes on.
    pub fn ended(&mut self, deadline: Duration) -> Option<u32> {
        let child = &mut self.child;
        let status = eventually(deadline, "the end of the program", || {
            child.try_wait().ok().flatten()
        });
        // The last that it wrote is to be seen as well.
        let reader = &self.reader;
        eventually(deadline, "the last of what it wrote", || {
            reader.is_finished().then_some(())
        });
        status.signal().is_none().then(|| status.exit_code())
    }
}

impl Drop for TestTerminal {
    fn drop(&mut self) {
        // One that has ended already is no failure.
        let _ended = self.child.kill();
    }
}

fn builder(command: &Command) -> CommandBuilder {
    let mut builder = CommandBuilder::new(command.get_program());
    builder.args(command.get_args());
    builder.env("TERM", "xterm-256color");
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => builder.env(name, value),
            None => builder.env_remove(name),
        }
    }
    if let Some(folder) = command.get_current_dir() {
        builder.cwd(folder);
    }
    builder
}

fn settings(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios())
}

fn size(columns: u16, lines: u16) -> PtySize {
    PtySize {
        rows: lines,
        cols: columns,
        pixel_width: 0,
        pixel_height: 0,
    }
}

fn at_least_one(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).unwrap_or(NonZeroU16::MIN)
}

fn lock(screen: &Mutex<Parser>) -> MutexGuard<'_, Parser> {
    screen.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_secs(30);

    #[test]
    fn a_program_is_seen_typed_to_and_ended() {
        let mut command = Command::new("sh");
        command.args(["-c", "printf '海港 '; read line; echo \"<$line>\"; exit 3"]);
        let mut terminal = TestTerminal::start(&command, (40, 5));
        terminal.until(WAIT, "海港");
        assert!(!terminal.is_taken());
        terminal.press("one\n");
        terminal.until(WAIT, "<one>");
        assert_eq!(terminal.ended(WAIT), Some(3));
    }

    #[test]
    fn raw_keys_and_a_hidden_cursor_are_noticed_and_so_is_a_signal() {
        for command in [
            "stty -icanon -echo; printf ready; sleep 60",
            "printf '\\033[?25lready'; sleep 60",
        ] {
            let mut shell = Command::new("sh");
            shell.args(["-c", &format!("exec 2>&1; {command}")]);
            let mut terminal = TestTerminal::start(&shell, (40, 5));
            terminal.until(WAIT, "ready");
            assert!(terminal.is_taken(), "{command}");
            terminal.signal(Signal::TERM);
            assert_eq!(terminal.ended(WAIT), None, "{command}");
        }
    }
}
