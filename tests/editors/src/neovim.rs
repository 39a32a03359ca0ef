//! A Neovim without a screen, driven as a person would: keys in, buffer and ghost text out.
//!
//! It listens on a socket; a second Neovim, started for each question, is the client that Neovim
//! itself ships for that.

use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

use inkstone_test_support::{eventually, eventually_or};
use serde_json::Value;

use crate::answer::{ANSWER_WAIT, answer};
use crate::place::{EditorProgram, extension};
use crate::scene::Scene;
use crate::terminal::{Terminal, TerminalSize};

/// How long an editor may take to start or to do what a key asks, on a busy machine.
const EDITOR_WAIT_S: u64 = 30;
/// How long a suggestion may take: a model that loads on a busy machine, several times over.
const SUGGESTION_WAIT_S: u64 = 90;
/// How long a person waits for a suggestion before they touch a key again.
const PATIENCE_S: u64 = 3;

/// The text of the suggestion that is drawn, whoever drew it; nil when there is none.
const SHOWN: &str = "(function() \
    for _, name in ipairs({ 'nvim.lsp.inline_completion', 'inkstone.ghost' }) do \
      local namespace = vim.api.nvim_get_namespaces()[name] \
      local marks = namespace and vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true }) or {} \
      for _, mark in ipairs(marks) do \
        local lines = { mark[4].virt_text or {} } \
        vim.list_extend(lines, mark[4].virt_lines or {}) \
        return table.concat(vim.tbl_map(function(chunks) \
          return table.concat(vim.tbl_map(function(chunk) \
            return chunk[2] ~= 'InkstoneCount' and chunk[1] or '' \
          end, chunks)) \
        end, lines), '\\n') \
      end \
    end \
  end)()";

/// Which of how many suggestions is drawn, such as `2/3`; nil when it does not say.
const COUNT: &str = "(function() \
    local namespace = vim.api.nvim_get_namespaces()['inkstone.ghost'] \
    local marks = namespace and vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true }) or {} \
    for _, mark in ipairs(marks) do \
      for _, chunks in ipairs(vim.list_extend({ mark[4].virt_text or {} }, mark[4].virt_lines or {})) do \
        for _, chunk in ipairs(chunks) do \
          if chunk[2] == 'InkstoneCount' then return vim.trim(chunk[1]) end \
        end \
      end \
    end \
  end)()";

/// A running Neovim with the plugin and the scene's document.
#[derive(Debug)]
pub struct Neovim<'a> {
    scene: &'a Scene,
    program: PathBuf,
    socket: PathBuf,
    child: Child,
}

impl<'a> Neovim<'a> {
    /// Starts it on the scene's document and waits until the language server is attached.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(scene: &'a Scene, program: EditorProgram) -> Self {
        Self::start_with(scene, program, "")
    }

    /// The same with more Lua at the end of its configuration.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_with(scene: &'a Scene, program: EditorProgram, lua: &str) -> Self {
        let program = program.path();
        let socket = scene.home.scratch().join("nvim.sock");
        let plugin = extension("neovim").display().to_string();
        let init = format!(
            "vim.opt.runtimepath:append({plugin:?})\nrequire('inkstone').setup {{}}\n{lua}\n"
        );
        let mut command = scene.command(&program);
        command
            .args(["--headless", "-n", "-u"])
            .arg(scene.write_config("init.lua", &init))
            .arg("--listen")
            .arg(&socket)
            .arg(scene.document())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let child = command.spawn();
        let child = child.unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let neovim = Self {
            scene,
            program,
            socket,
            child,
        };
        neovim.await_server();
        neovim
    }

    /// Opens a terminal in which it draws its screen. A second Neovim is its screen: the unpacked
    /// one, run through its own loader, cannot start itself anew as Neovim does for a terminal.
    ///
    /// # Panics
    /// When the terminal does not start.
    pub fn draw_in_terminal(&self, size: TerminalSize) -> Terminal<'a> {
        let (program, socket) = (self.program.display(), self.socket.display());
        let command = format!("'{program}' --server '{socket}' --remote-ui");
        Terminal::run(self.scene, size, &command)
    }

    fn await_server(&self) {
        let attached = "#vim.lsp.get_clients({ name = 'inkstone', bufnr = 0 }) == 1 \
                        and vim.lsp.get_clients({ name = 'inkstone' })[1].initialized == true";
        eventually(
            Duration::from_secs(EDITOR_WAIT_S),
            "a Neovim with the server attached",
            || {
                let is_attached = self.try_lua(attached).ok()?;
                (is_attached == Value::Bool(true)).then_some(())
            },
        );
    }

    /// The value of a Lua expression of one line.
    ///
    /// # Panics
    /// When it fails.
    pub fn lua(&self, expression: &str) -> Value {
        self.try_lua(expression)
            .unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    fn try_lua(&self, expression: &str) -> Result<Value, String> {
        let lua = format!("vim.json.encode(({expression}) or vim.NIL)").replace('\'', "''");
        let text = self.remote("--remote-expr", &format!("luaeval('{lua}')"))?;
        serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))
    }

    /// Presses keys, in Neovim's notation.
    ///
    /// # Panics
    /// When Neovim has ended, or answers nothing because it waits for another key.
    pub fn keys(&self, keys: &str) {
        self.remote("--remote-send", keys)
            .unwrap_or_else(|error| panic!("{keys}: {error}"));
    }

    fn remote(&self, flag: &str, argument: &str) -> Result<String, String> {
        let mut command = self.scene.command(&self.program);
        command
            .args(["--headless", "--server"])
            .arg(&self.socket)
            .args([flag, argument]);
        let answer = answer(&mut command, ANSWER_WAIT, self.scene.home.scratch())?;
        // Neovim prints the value of an expression to either stream, by version.
        let (out, err) = (answer.out.trim(), answer.err.trim());
        if answer.status.success() {
            Ok(if out.is_empty() { err } else { out }.to_owned())
        } else {
            Err(format!("{out}{err}"))
        }
    }

    /// The buffer's text, without the last line break.
    ///
    /// # Panics
    /// When Neovim has ended.
    pub fn text(&self) -> String {
        let text = self.lua("table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\\n')");
        text.as_str().unwrap_or_default().to_owned()
    }

    /// The suggestion that is drawn now.
    ///
    /// # Panics
    /// When Neovim has ended.
    pub fn shown(&self) -> Option<String> {
        let text = self.lua(SHOWN);
        text.as_str()
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    }

    /// Which of how many suggestions is drawn, such as `2/3`.
    ///
    /// # Panics
    /// When Neovim has ended.
    pub fn count(&self) -> Option<String> {
        self.lua(COUNT).as_str().map(str::to_owned)
    }

    /// Waits until that many are there to choose from, and gives what is drawn then.
    ///
    /// # Panics
    /// When they do not come.
    pub fn await_count(&self, count: &str) -> String {
        let deadline = Duration::from_secs(SUGGESTION_WAIT_S);
        eventually(deadline, "the count", || {
            (self.count()? == count).then_some(())
        });
        self.shown().unwrap_or_default()
    }

    /// Waits until a suggestion is drawn. As a person does who waited in vain while the model
    /// loaded, it types a character and takes it back now and then.
    ///
    /// # Panics
    /// When none comes.
    pub fn await_shown(&self) -> String {
        self.await_shown_pressing("x<BS>")
    }

    /// The same, pressing these keys now and then.
    ///
    /// # Panics
    /// When none comes.
    pub fn await_shown_pressing(&self, keys: &str) -> String {
        let patience = Duration::from_secs(PATIENCE_S);
        for _ in 0..SUGGESTION_WAIT_S / PATIENCE_S {
            if let Some(text) = eventually_or(patience, || self.shown()) {
                return text;
            }
            self.keys(keys);
        }
        panic!(
            "no suggestion in {SUGGESTION_WAIT_S} s; the server says: {}",
            self.status()
        );
    }

    /// Waits until the buffer holds a text.
    ///
    /// # Panics
    /// When it does not come to.
    pub fn await_text(&self, wanted: &str) {
        let deadline = Duration::from_secs(EDITOR_WAIT_S);
        let found = eventually_or(deadline, || (self.text() == wanted).then_some(()));
        assert!(
            found.is_some(),
            "wanted {wanted:?}, the buffer holds {:?}",
            self.text()
        );
    }

    /// Waits until nothing is drawn.
    ///
    /// # Panics
    /// When something stays.
    pub fn await_nothing_shown(&self) {
        let deadline = Duration::from_secs(EDITOR_WAIT_S);
        eventually(deadline, "the end of the suggestion", || {
            self.shown().is_none().then_some(())
        });
    }

    /// What the server says of itself (`inkstone.status`).
    ///
    /// # Panics
    /// When it does not answer.
    pub fn status(&self) -> Value {
        let reply = self.lua(
            "vim.lsp.get_clients({ name = 'inkstone' })[1]:request_sync('workspace/executeCommand', \
             { command = 'inkstone.status', arguments = { { quiet = true } } }, 5000)",
        );
        assert!(
            reply["result"].is_object(),
            "the server does not answer: {reply}"
        );
        reply["result"].clone()
    }
}

impl Drop for Neovim<'_> {
    fn drop(&mut self) {
        // In order first, so that the language server hears of it; it may have ended already.
        let asked = self.remote("--remote-send", "<C-\\><C-n>:qa!<CR>");
        let deadline = Duration::from_secs(EDITOR_WAIT_S);
        let ended = asked.is_ok()
            && eventually_or(deadline, || self.child.try_wait().ok().flatten()).is_some();
        if !ended {
            let _killed = self.child.kill();
            let _reaped = self.child.wait();
        }
    }
}
