//! An editor and a daemon that does as it is told, around a document of one line.

use tempfile::TempDir;

use super::daemon::ScriptedDaemon;
use super::editor::Editor;
use super::{host, units};

pub(crate) struct Desk {
    pub(crate) editor: Editor,
    pub(crate) daemon: ScriptedDaemon,
    /// Where the caret is on the document's one line.
    pub(crate) end: u32,
}

impl Desk {
    pub(crate) async fn open(home: &TempDir, text: &str) -> Self {
        let host = host(home.path());
        let daemon = ScriptedDaemon::listen(&host.directories);
        let mut editor = Editor::ready(host, &["utf-16"]).await;
        editor.open(text).await;
        let end = units(text, "utf-16");
        Self {
            editor,
            daemon,
            end,
        }
    }

    pub(crate) async fn type_text(&mut self, text: &str) {
        self.editor.edit(0, self.end, self.end, text).await;
        self.end += units(text, "utf-16");
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
