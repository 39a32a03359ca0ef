//! What the writer wrote before, where a token is chosen and where tokens are guessed.

use inkstone_engine::Choice;
use inkstone_protocol::{RecollectionReport, Technique};
use inkstone_scheduler::{RequestKey, Step};
use inkstone_settings::Settings;
use inkstone_vocab::TokenId;

use super::Lane;
use crate::serving::choosing::{choose, request_of};
use crate::serving::recollection::Recollection;

impl Lane {
    /// Remembers what the writer wrote from now on.
    pub(in crate::serving) fn set_recollection(&mut self, recollection: Recollection) {
        self.recollection = Some(recollection);
    }

    /// Takes what the settings say of it.
    pub(in crate::serving) fn remember_by(&mut self, settings: &Settings) {
        if let Some(recollection) = &mut self.recollection {
            recollection.set(&settings.memory);
        }
    }

    /// What it remembers, if anything.
    pub(in crate::serving) fn recollection(&self) -> Option<RecollectionReport> {
        self.recollection.as_ref()?.report()
    }

    /// Bytes of the file in which that lies.
    pub(in crate::serving) fn recollection_bytes(&self) -> u64 {
        let recollection = self.recollection.as_ref();
        recollection.map_or(0, Recollection::bytes)
    }

    /// The choices after a row of the last batch, with what is remembered in them; empty when the
    /// model gave no number for any token.
    pub(super) fn choices(
        &mut self,
        row: usize,
        key: RequestKey,
        typed: &[u8],
        others: usize,
    ) -> Vec<Choice> {
        let Some(logits) = self.context.logits(row) else {
            return Vec::new();
        };
        let model = self.context.model();
        let remembers = self.remembers(request_of(key));
        let recollection = self.recollection.as_mut().filter(|_| remembers);
        let mixed = recollection.and_then(|recollection| {
            let text = self.scheduler.tokens(key)?;
            let language = self.generations.get(&request_of(key))?.language;
            recollection.mixed(text, language, logits)
        });
        // The score goes by the mixed numbers, too: by the model's own, which it was fitted on, it would
        // be low just where the memory knows better. At 140 carets of 鲁迅 both ways showed equally many
        // right words at every rate of showing, so the one without further code stays.
        choose(model, mixed.unwrap_or(logits), typed, others)
    }

    /// The next batch, with guesses where it has room: by what the writer wrote, else by a smaller
    /// model, if there is one.
    pub(super) fn next_step(&mut self) -> Step<TokenId> {
        let mut requests = self.generations.keys();
        let remembers = requests.any(|key| self.remembers(*key));
        let recollection = self.recollection.as_ref().filter(|_| remembers);
        let drafter = &mut self.drafter;
        // A file may say anything.
        let is_token = {
            let vocabulary = self
                .context
                .model()
                .vocab()
                .map_or(0, |vocab| vocab.len().0);
            move |token: &TokenId| (token.0 as usize) < vocabulary
        };
        if recollection.is_none() && drafter.is_none() {
            return self.scheduler.step();
        }
        self.scheduler.step_with(&mut |tokens, tokens_max| {
            let remembered = recollection.map(|known| {
                let mut guess = known.guess(tokens, tokens_max);
                let sound = guess.iter().take_while(|token| is_token(token)).count();
                guess.truncate(sound);
                guess
            });
            match (remembered, &mut *drafter) {
                (Some(remembered), _) if !remembered.is_empty() => remembered,
                (_, Some(drafter)) => drafter.guess(tokens, tokens_max),
                (_, None) => Vec::new(),
            }
        })
    }

    /// Whether there is something to remember, and a request is to be served with it.
    fn remembers(&self, request: RequestKey) -> bool {
        let is_there = self
            .recollection
            .as_ref()
            .is_some_and(Recollection::is_there);
        let generation = self.generations.get(&request);
        is_there && generation.is_some_and(|one| one.submission.params.uses(Technique::Memory))
    }
}
