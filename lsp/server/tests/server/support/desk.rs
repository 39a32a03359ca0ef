//! An editor and a daemon that does as it is told, around one document.

use tempfile::TempDir;

use super::daemon::{Completion, ScriptedDaemon};
use super::editor::Editor;
use super::{host, units};

pub(crate) struct Desk {
    pub(crate) editor: Editor,
    pub(crate) daemon: ScriptedDaemon,
    /// Where the caret is in a document of one line.
    pub(crate) end: u32,
    encoding: &'static str,
    /// Ends with the desk, unless a test keeps it.
    _home: Option<TempDir>,
}

impl Desk {
    /// In a home that outlasts it.
    pub(crate) async fn open(home: &TempDir, text: &str) -> Self {
        Self::set_up(home, "utf-16", text).await
    }

    /// In a home of its own.
    pub(crate) async fn alone(encoding: &'static str, text: &str) -> Self {
        let home = tempfile::tempdir().expect("a home");
        let desk = Self::set_up(&home, encoding, text).await;
        Self {
            _home: Some(home),
            ..desk
        }
    }

    async fn set_up(home: &TempDir, encoding: &'static str, text: &str) -> Self {
        let host = host(home.path());
        let daemon = ScriptedDaemon::listen(&host.directories);
        let mut editor = Editor::ready(host, &[encoding]).await;
        editor.open(text).await;
        Self {
            editor,
            daemon,
            end: units(text, encoding),
            encoding,
            _home: None,
        }
    }

    pub(crate) async fn type_text(&mut self, text: &str) {
        self.editor.edit(0, self.end, self.end, text).await;
        self.end += units(text, self.encoding);
    }

    /// Asks at the caret and is shown this; gives the question.
    pub(crate) async fn is_shown(&mut self, suggestion: &str, score: f32) -> Completion {
        let id = self.editor.ask(0, self.end).await;
        let asked = self.daemon.next_completion().await;
        self.daemon.suggest_scored(asked.id, suggestion, score);
        assert_eq!(self.editor.ghost_texts(id).await, [suggestion]);
        asked
    }

    /// The threshold of a question at the caret.
    pub(crate) async fn score_min(&mut self) -> f32 {
        let id = self.editor.ask(0, self.end).await;
        let asked = self.daemon.next_completion().await;
        self.daemon.suggest(asked.id, "");
        assert!(self.editor.ghost_texts(id).await.is_empty());
        asked.params.score_min.expect("a threshold")
    }
}
