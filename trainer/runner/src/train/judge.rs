//! Whether there is a reason to train, and what came of it: measures the adapter, decides, registers.

use std::time::Duration;

use inkstone_corpus::dataset::{DatasetId, names};
use inkstone_lora::{Adapter, Decoder, LoraConfig, LoraError, Run};
use inkstone_protocol::TrainingPhase;
use inkstone_settings::Settings;
use inkstone_store::adapters::hex;
use inkstone_store::{AdapterRow, AdapterScope, AdapterState, NewAdapter, Retraining, Store};
use serde_json::{Value, json};

use super::course::{Prepared, attended};
use super::curve::Curve;
use super::gate::{Decision, Margins, Measured, Recited, decide, memory};
use super::measure::Measuring;
use super::opening::{self, Workshop};
use super::order::{Facts, Order, Outcome, Reason, Registered, TrainError};
use super::passages::tokens_of;
use super::prepare::{Base, Texts};
use super::teller::Teller;
use super::{register, sampling};
use crate::assemble;
use crate::clock::now_ms;

/// How strong an adapter is tried that forgets too much. What it adds moves the model's predictions
/// about in proportion, and what it costs elsewhere by the square: half of that for a tenth of the
/// gain, which is flat where training ended.
const WEAKENED: f32 = 0.7;

/// The scope of what is ordered.
fn scope(order: &Order, base: &Base) -> AdapterScope {
    AdapterScope {
        base_sha256: base.sha256,
        language: Some(order.language.clone()),
        genre: order.genre.map(|genre| names::genre(genre).to_owned()),
        workspace: order.workspace.as_ref().map(|workspace| workspace.id),
    }
}

/// Why nothing need be trained, if so: against the newest adapter of the scope, used or refused.
pub(super) fn no_reason(
    store: &Store,
    order: &Order,
    settings: &Settings,
    base: &Base,
    dataset: DatasetId,
    texts: &Texts,
) -> anyhow::Result<Option<Outcome>> {
    let scope = scope(order, base);
    // What was retired has to be trained anew, however little is new.
    if let Some(wish) = wish(order)
        && store.retrainings()?.contains(&wish)
    {
        return Ok(None);
    }
    let mut rows = store.adapters()?.into_iter();
    let last = rows.find(|row| row.scope == scope && row.state != AdapterState::Retired);
    let Some(last) = last.filter(|_| order.reason != Reason::Now) else {
        return Ok(None);
    };
    let new_tokens = texts.own_tokens().saturating_sub(own_tokens(&last));
    let nothing = |why: String| {
        Ok(Some(Outcome::NothingNew {
            adapter: last.name.clone(),
            new_tokens,
            why,
        }))
    };
    if last.dataset == Some(dataset.0) {
        return nothing("the dataset is the one that it was trained on".to_owned());
    }
    if order.reason == Reason::Changed {
        return Ok(None);
    }
    let needed = u64::from(settings.train.new_tokens_min);
    if new_tokens < needed {
        return nothing(format!(
            "{new_tokens} tokens are new, of {needed} that train.new_tokens_min asks for"
        ));
    }
    let hours = u64::from(settings.train.hours_between);
    let ago_s = (now_ms() / 1_000).saturating_sub(last.made_at_s);
    if u64::try_from(ago_s).is_ok_and(|ago_s| ago_s < hours * 3_600) {
        return nothing(format!("it is not {hours} hours old (train.hours_between)"));
    }
    Ok(None)
}

/// What is trained anew by it, where that is to be done.
fn wish(order: &Order) -> Option<Retraining> {
    order.genre.is_none().then(|| Retraining {
        language: order.language.clone(),
        workspace: order.workspace.as_ref().map(|workspace| workspace.id),
    })
}

/// What an adapter learned from, by its own words.
fn own_tokens(row: &AdapterRow) -> u64 {
    let metrics: Value = serde_json::from_str(&row.metrics).unwrap_or_default();
    metrics["facts"]["own_tokens"].as_u64().unwrap_or(0)
}

/// A training that has ended.
pub(super) struct Judging<'a> {
    pub(super) workshop: &'a Workshop<'a>,
    pub(super) order: &'a Order,
    pub(super) prepared: &'a Prepared,
    pub(super) decoder: &'a Decoder,
    pub(super) ran_away: bool,
    pub(super) end: String,
    pub(super) curve: &'a Curve,
}

impl Judging<'_> {
    pub(super) fn judge(
        self,
        store: &mut Store,
        run: &Run<'_>,
        teller: &mut Teller,
    ) -> anyhow::Result<Outcome> {
        let (adapter, best_step) = match run.best() {
            Some(best) => (best.adapter, best.step),
            None => (run.adapter(), run.steps()),
        };
        let tokens_per_s = teller.tokens_per_s();
        let seconds = teller.computed();
        teller.phase(TrainingPhase::Judging, 0, 0);
        let weaker = LoraConfig {
            alpha: adapter.config.alpha * WEAKENED,
            ..adapter.config.clone()
        };
        let weaker = Adapter {
            config: &weaker,
            ..adapter
        };
        let (adapter, decision, strength) = match self.decided(adapter, weaker, teller) {
            Err(LoraError::Stopped) => {
                let (step, steps) = (run.steps(), self.prepared.about.chosen.steps);
                return Ok(Outcome::Stopped { step, steps });
            }
            decided => decided?,
        };
        let facts = Facts {
            strength,
            ..self.facts(best_step, run.retreats(), tokens_per_s, seconds, teller)
        };
        let directories = self.workshop.directories;
        let model = &self.prepared.base.model;
        self.refuse_replaced()?;
        self.refuse_taken_back(store)?;
        let published = register::publish(directories, adapter, model)?;
        let state = if decision.passes {
            AdapterState::Live
        } else {
            AdapterState::Refused
        };
        let new = NewAdapter {
            sha256: published.sha256,
            bytes: published.bytes,
            base_model: &self.prepared.base.name,
            scope: scope(self.order, &self.prepared.base),
            dataset: Some(self.prepared.dataset.0),
            parent: None,
            made_at_s: now_ms() / 1_000,
            config: &serde_json::to_string(&self.prepared.about.chosen)?,
            metrics: &json!({ "decision": &decision, "facts": &facts, "curve": self.curve })
                .to_string(),
            reasons: &serde_json::to_string(&decision.reasons)?,
            state,
        };
        let row = self.registered(store, &new)?;
        if let Some(wish) = wish(self.order) {
            store.retrained(&wish)?;
        }
        Ok(Outcome::Registered(Box::new(Registered {
            adapter: row.name,
            state: state.word(),
            bytes: published.bytes,
            sha256: hex(&published.sha256),
            decision,
            facts,
        })))
    }

    /// Registers it, unless somebody has taken a text back since it was looked: then nobody may wear it.
    fn registered(&self, store: &mut Store, new: &NewAdapter<'_>) -> anyhow::Result<AdapterRow> {
        let directories = self.workshop.directories;
        let row = match register::register(directories, store, new) {
            Ok(row) => row,
            Err(error) => {
                register::withdraw(directories, store, &new.sha256)?;
                return Err(error);
            }
        };
        let Err(taken_back) = self.refuse_taken_back(store) else {
            return Ok(row);
        };
        store.remove_adapter(row.id)?;
        register::withdraw(directories, store, &new.sha256)?;
        Err(taken_back)
    }

    /// Whoever takes a folder back lets go of the version that this training holds.
    fn refuse_taken_back(&self, store: &mut Store) -> anyhow::Result<()> {
        let dataset = self.prepared.dataset;
        let holder = opening::holder(self.order);
        if assemble::is_held(store, dataset, &holder)? {
            return Ok(());
        }
        Err(TrainError::TakenBack.into())
    }

    /// The adapter, or a weaker one where it only forgets too much and the weaker one does not; how
    /// strong that is.
    fn decided<'r>(
        &self,
        adapter: Adapter<'r>,
        weaker: Adapter<'r>,
        teller: &mut Teller,
    ) -> Result<(Adapter<'r>, Decision, f32), LoraError> {
        let train = &self.workshop.settings.train;
        let margins = Margins {
            gain_percent_min: train.gain_percent_min,
            generic_loss_percent_max: train.generic_loss_percent_max,
            generic_is_drawn: train.replay_folder.is_none(),
        };
        let seed = self.prepared.about.chosen.seed;
        let decision = decide(&self.measured(adapter, teller)?, margins, seed);
        if !decision.only_forgets() {
            return Ok((adapter, decision, 1.0));
        }
        teller.notice(&format!(
            "{}; it is tried at {WEAKENED} of its strength",
            decision.reasons.join("; ")
        ));
        let second = decide(&self.measured(weaker, teller)?, margins, seed);
        if second.passes {
            return Ok((weaker, second, WEAKENED));
        }
        Ok((adapter, decision, 1.0))
    }

    /// An adapter of weights that are no longer there would be registered for a model that nobody has.
    fn refuse_replaced(&self) -> anyhow::Result<()> {
        let base = &self.prepared.base;
        let now = base.hash_now()?;
        if now == base.sha256 {
            return Ok(());
        }
        Err(TrainError::Replaced {
            name: base.name.clone(),
            was: hex(&base.sha256),
            is: hex(&now),
        }
        .into())
    }

    fn measured(&self, adapter: Adapter<'_>, teller: &mut Teller) -> Result<Measured, LoraError> {
        let prepared = self.prepared;
        let chosen = &prepared.about.chosen;
        let measuring = Measuring {
            decoder: self.decoder,
            vocab: &prepared.base.vocab,
            pass_tokens: chosen.pass_tokens,
        };
        let quiet = self.workshop.quiet;
        let own = attended(quiet, teller, |between| {
            measuring.pairs(&prepared.texts.judged, adapter, between)
        })?;
        let generic = attended(quiet, teller, |between| {
            measuring.pairs(&prepared.generic.judged, adapter, between)
        })?;
        let mut rest = || match quiet.wait(&mut |wait| teller.waits(wait)) {
            std::ops::ControlFlow::Break(()) => Err(LoraError::Stopped),
            std::ops::ControlFlow::Continue(()) => Ok(()),
        };
        let runs = memory::runs(&prepared.texts.documents, chosen.seed);
        let runs = measuring.recited(&runs, adapter, &mut rest)?;
        let mut of_rare = |rare: memory::Rare| {
            let recited = measuring.recited(&rare.probes, adapter, &mut rest)?;
            Ok::<_, LoraError>(Recited {
                found: rare.found,
                ..recited
            })
        };
        let rare = of_rare(memory::numbers(&prepared.texts.documents, chosen.seed))?;
        let names = of_rare(memory::names(&prepared.texts.documents, chosen.seed))?;
        let (degenerate, samples) = attended(quiet, teller, |between| {
            let (vocab, language) = (&prepared.base.vocab, &self.order.language);
            sampling::degenerate(self.decoder, vocab, language, adapter, chosen.seed, between)
        })?;
        Ok(Measured {
            own,
            generic,
            runs,
            rare,
            names,
            degenerate,
            samples,
            ran_away: self.ran_away,
        })
    }

    fn facts(
        &self,
        best_step: u64,
        retreats: u64,
        tokens_per_s: f64,
        computed: Duration,
        teller: &Teller,
    ) -> Facts {
        Facts {
            end: self.end.clone(),
            best_step,
            retreats,
            strength: 1.0,
            own_tokens: self.prepared.texts.own_tokens(),
            documents: self.prepared.texts.documents.len(),
            generic_tokens: tokens_of(&self.prepared.generic.mixed),
            seconds: computed.as_secs_f64(),
            tokens_per_s,
            peak_rss_mb: teller.peak_rss_mb(),
        }
    }
}
