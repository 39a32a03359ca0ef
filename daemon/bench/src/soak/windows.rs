//! The editors of a soak and the documents that are open in them.

use std::sync::Arc;

use super::tally::Tally;
use crate::error::BenchError;
use crate::latency::text::document_from;
use crate::lsp_client::{InlineItem, LspClient, PendingReply};
use crate::stage::Stage;
use crate::typist::Typist;

/// Editor windows: the first lasts, the others come and go.
pub(super) const WINDOWS: usize = 3;
/// Documents in each: more than a model keeps by default, so that they push each other out.
pub(super) const DOCUMENTS: usize = 3;
/// Tokens of a document when it is opened, roughly.
const DOCUMENT_TOKENS: usize = 200;
/// A document that has grown beyond this is opened anew.
pub(super) const DOCUMENT_BYTES_MAX: usize = 8 * 1_024;

const CHINESE: &str = "渡船每天早上在同一时刻过河，村里没有人记得它是从什么时候开始的。\
     船是木头做的，两边各有一条绳子，撑船的人熟悉水流，看一眼河水的颜色就知道山里下了多少雨。\
     农民们天不亮就把车赶到码头，一边等船一边谈论粮价和天气。\n\n";

/// Text that each document goes on with, by the language of its turn.
const ENGLISH_TYPED: &str = "The village held a meeting about it in the school, and most people \
     were against giving it away. Nobody had asked the ferryman. ";
const CHINESE_TYPED: &str = "村里的人在学校里开会，大多数人都不愿意把它送走。没有人问过撑船的人。";

/// A document and what its writer sees.
pub(super) struct Desk {
    pub(super) typist: Typist,
    /// What is shown at its end.
    pub(super) shown: Option<InlineItem>,
    /// Asked and not waited for.
    pub(super) pending: Vec<PendingReply>,
    /// What the writer means to write, round and round.
    pub(super) own: Vec<char>,
    pub(super) typed: usize,
}

pub(super) struct Window {
    pub(super) client: Arc<LspClient>,
    pub(super) desks: Vec<Desk>,
}

pub(super) struct Windows {
    pub(super) open: Vec<Window>,
    languages: Vec<String>,
    opened: usize,
}

impl Windows {
    pub(super) fn open(stage: &Stage, languages: &[&str]) -> Result<Self, BenchError> {
        let mut windows = Self {
            open: Vec::new(),
            languages: languages.iter().map(ToString::to_string).collect(),
            opened: 0,
        };
        for _ in 0..WINDOWS {
            let window = windows.open_window(stage)?;
            windows.open.push(window);
        }
        Ok(windows)
    }

    /// The language server that is never ended.
    pub(super) fn lasting_pid(&self) -> u32 {
        self.open.first().map_or(0, |window| window.client.pid())
    }

    /// An editor goes away with whatever it has asked, and another comes.
    pub(super) fn replace_window(
        &mut self,
        stage: &Stage,
        index: usize,
        tally: &mut Tally,
    ) -> Result<(), BenchError> {
        let new = self.open_window(stage)?;
        let old = std::mem::replace(&mut self.open[index], new);
        let pending = old.desks.iter().map(|desk| desk.pending.len() as u64);
        tally.abandoned += pending.sum::<u64>();
        tally.disconnects += 1;
        Ok(())
    }

    /// A document is closed, its questions with it, and another opened in its place.
    pub(super) fn replace_desk(
        &mut self,
        stage: &Stage,
        window: usize,
        desk: usize,
        tally: &mut Tally,
    ) -> Result<(), BenchError> {
        let client = Arc::clone(&self.open[window].client);
        let new = self.open_desk(stage, &client)?;
        let old = std::mem::replace(&mut self.open[window].desks[desk], new);
        old.typist.close()?;
        for pending in old.pending {
            tally.take(pending);
        }
        Ok(())
    }

    /// Waits for everything that was asked.
    pub(super) fn drain(&mut self, tally: &mut Tally) {
        for desk in self.open.iter_mut().flat_map(|window| &mut window.desks) {
            for pending in desk.pending.drain(..) {
                tally.take(pending);
            }
        }
    }

    /// Asks once in a fresh document of every desk; why the daemon decoded nothing, for each for
    /// which it did not.
    pub(super) fn ask_once_each(
        &mut self,
        stage: &Stage,
        tally: &mut Tally,
    ) -> Result<Vec<String>, BenchError> {
        let mut unserved = Vec::new();
        for window in 0..self.open.len() {
            for desk in 0..self.open[window].desks.len() {
                self.replace_desk(stage, window, desk, tally)?;
                let typist = &self.open[window].desks[desk].typist;
                tally.asked += 1;
                tally.take(typist.begin()?);
                let outcome = typist.outcome()?;
                if outcome.cost.is_none() {
                    unserved.push(outcome.reason.unwrap_or_default());
                }
            }
        }
        Ok(unserved)
    }

    fn open_window(&mut self, stage: &Stage) -> Result<Window, BenchError> {
        let client = Arc::new(stage.editor()?);
        let mut desks = Vec::new();
        for _ in 0..DOCUMENTS {
            desks.push(self.open_desk(stage, &client)?);
        }
        Ok(Window { client, desks })
    }

    /// Documents take turns in language; every third holds both.
    fn open_desk(&mut self, stage: &Stage, client: &Arc<LspClient>) -> Result<Desk, BenchError> {
        let number = self.opened;
        self.opened += 1;
        let writes = |language: &str| self.languages.iter().any(|known| known == language);
        let english = document_from(DOCUMENT_TOKENS, number) + " ";
        let (text, own) = match number % 3 {
            1 if writes("zh") => (CHINESE.repeat(2), CHINESE_TYPED.to_owned()),
            2 if writes("zh") => {
                let both = format!("{CHINESE}{english}");
                (both, format!("{ENGLISH_TYPED}{CHINESE_TYPED}"))
            }
            _ => (english, ENGLISH_TYPED.to_owned()),
        };
        let uri = stage.uri(&format!("soak-{number}.md"));
        Ok(Desk {
            typist: Typist::open(client, &uri, "markdown", &text)?,
            shown: None,
            pending: Vec::new(),
            own: own.chars().collect(),
            typed: 0,
        })
    }
}
