//! From an order to a training: whether one was begun that can be gone on with, whether there is
//! enough to learn from and reason to, and all that a training needs.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use inkstone_corpus::dataset::{DatasetId, names};
use inkstone_lora::{Decoder, LoraError};
use inkstone_protocol::TrainingPhase;
use inkstone_settings::{AutomaticTraining, Directories, Settings, Train};
use inkstone_store::Store;
use inkstone_store::adapters::hex;
use inkstone_store::corpus::version::TRAINING_HOLDER;

use super::chosen::{Chosen, Given};
use super::course::{Prepared, attended};
use super::folder::{ABOUT_VERSION, About, TrainingFolder};
use super::judge;
use super::order::{Order, Outcome, Plan, TrainError};
use super::passages::tokens_of;
use super::prepare::{Base, GenericTexts, Texts};
use super::quiet::Quiet;
use super::replay::{self, Generic};
use super::sampling;
use super::teller::Teller;
use super::watchers::Hold;
use crate::assemble::{self, AssembleError};

/// What a training works with.
pub struct Workshop<'a> {
    /// Where everything lies.
    pub directories: &'a Directories,
    /// The user's settings.
    pub settings: &'a Settings,
    /// When it may compute.
    pub quiet: &'a Quiet,
}

/// Does what is ordered. `newest` brings the dataset up to date and says its version; it is called
/// only where no training is gone on with.
pub fn train(
    workshop: &Workshop<'_>,
    store: &mut Store,
    order: &Order,
    newest: &mut dyn FnMut(&mut Store) -> anyhow::Result<DatasetId>,
    is_silent: bool,
) -> anyhow::Result<Outcome> {
    let base = Base::of_language(workshop.directories, workshop.settings, &order.language)?;
    let file = workshop.directories.training_report();
    let mut teller = Teller::new(file, &order.language, &base.name);
    if is_silent {
        teller = teller.silent();
    }
    teller.phase(TrainingPhase::Preparing, 0, 0);
    let folder = TrainingFolder::new(&workshop.directories.training_dir(), &folder_name(order));
    let begun = begun((workshop, order), store, &folder, &base, &teller)?;
    let dataset = match &begun {
        Some((_, dataset)) => *dataset,
        None => newest(store)?,
    };
    let train = &workshop.settings.train;
    let sequence_tokens = match &begun {
        Some((about, _)) => about.chosen.sequence_tokens,
        None => (train.sequence_tokens as usize).min(base.model.context_tokens),
    };
    let holder = holder(order);
    hold_only(store, dataset, &holder)?;
    let preparing = Preparing {
        workshop,
        order,
        teller: RefCell::new(teller),
        sequence_tokens,
    };
    let begun = begun.map(|(about, _)| about);
    let database = workshop.directories.database();
    let hold = Hold {
        database: &database,
        dataset,
        holder: &holder,
    };
    let mut outcome = hold.watched(workshop.quiet, || {
        preparing.go_on(store, base, dataset, begun.as_ref(), folder.clone())
    });
    if matches!(outcome, Ok(Outcome::Stopped { .. }))
        && !assemble::is_held(store, dataset, &holder)?
    {
        outcome = Err(TrainError::TakenBack.into());
    }
    if outcome.as_ref().is_err_and(is_of_no_use) {
        folder.clear()?;
        // It may be gone with its versions.
        let _gone = assemble::unpin(store, dataset, &holder);
        return outcome;
    }
    // What rests here is gone on with.
    if order.is_trial() || folder.about().is_none() {
        assemble::unpin(store, dataset, &holder)?;
    }
    outcome
}

/// Holds a version, which a build that comes in between must not delete, and no other: a training that
/// was killed may have left one.
fn hold_only(store: &mut Store, dataset: DatasetId, holder: &str) -> Result<(), AssembleError> {
    for version in assemble::versions(store)? {
        if version.id != dataset && version.pins.iter().any(|pin| pin == holder) {
            assemble::unpin(store, version.id, holder)?;
        }
    }
    assemble::pin(store, dataset, holder)
}

/// Whether what a training has done so far can be thrown away.
fn is_of_no_use(error: &anyhow::Error) -> bool {
    let why = error.downcast_ref();
    matches!(
        why,
        Some(TrainError::TakenBack | TrainError::Replaced { .. })
    )
}

/// Who holds on to the version that is trained on.
pub(super) fn holder(order: &Order) -> String {
    let trial = if order.is_trial() { " (trial)" } else { "" };
    format!("{TRAINING_HOLDER}{}{trial}", folder_name(order))
}

/// The name of the folder of a language, genre and workspace.
fn folder_name(order: &Order) -> String {
    let mut name = order.language.clone();
    if let Some(genre) = order.genre {
        name = format!("{name}-{}", names::genre(genre));
    }
    if let Some(workspace) = &order.workspace {
        name = format!("{name}-{}", workspace.id.as_i64());
    }
    name
}

/// The training that was begun and can be gone on with; why not is told.
fn begun(
    (workshop, order): (&Workshop<'_>, &Order),
    store: &mut Store,
    folder: &TrainingFolder,
    base: &Base,
    teller: &Teller,
) -> anyhow::Result<Option<(About, DatasetId)>> {
    let Some(about) = folder.about() else {
        return Ok(None);
    };
    let versions = assemble::versions(store)?;
    let dataset = versions
        .iter()
        .find(|one| one.id.to_string() == about.dataset);
    let why = if about.model_sha256 != hex(&base.sha256) {
        format!("the model {} was replaced", about.model)
    } else if about.settings != described(&workshop.settings.train) {
        "the settings of training were changed".to_owned()
    } else if let Some(dataset) = dataset {
        // A text that was forgotten let go of it, though the version may be whole without that text.
        let resting = format!("{TRAINING_HOLDER}{}", folder_name(order));
        if dataset.pins.contains(&resting) && assemble::is_whole(store, dataset.id)? {
            return Ok(Some((about, dataset.id)));
        }
        "a text that it learns from was taken back".to_owned()
    } else {
        "its version of the dataset is gone".to_owned()
    };
    if order.is_trial() {
        return Ok(None);
    }
    teller.notice(&format!("a training that was begun is begun anew: {why}"));
    let holder = holder(order);
    if let Some(dataset) = dataset.filter(|dataset| dataset.pins.contains(&holder)) {
        assemble::unpin(store, dataset.id, &holder)?;
    }
    folder.clear()?;
    Ok(None)
}

/// The settings that decide what is learned; others may change while a training rests.
fn described(train: &Train) -> String {
    let decisive = Train {
        automatic: AutomaticTraining::Off,
        new_tokens_min: 0,
        hours_between: 0,
        idle_s: 0,
        quiet_s: 0,
        on_battery: false,
        celsius_max: 0,
        memory_mb_max: 0,
        threads: 0,
        gain_percent_min: 0.0,
        generic_loss_percent_max: 0.0,
        ..train.clone()
    };
    format!("{decisive:?}")
}

struct Preparing<'a, 'w> {
    workshop: &'a Workshop<'w>,
    order: &'a Order,
    teller: RefCell<Teller>,
    sequence_tokens: usize,
}

impl Preparing<'_, '_> {
    fn go_on(
        &self,
        store: &mut Store,
        base: Base,
        dataset: DatasetId,
        begun: Option<&About>,
        folder: TrainingFolder,
    ) -> anyhow::Result<Outcome> {
        let (order, settings) = (self.order, self.workshop.settings);
        let read = |store: &mut Store, sequence_tokens| {
            Texts::read(store, dataset, order, &base.vocab, sequence_tokens)
        };
        let mut texts = read(store, self.sequence_tokens)?;
        if let Some(small) = texts.too_small() {
            return Ok(small);
        }
        if begun.is_none()
            && !order.find_rate
            && let Some(nothing) = judge::no_reason(store, order, settings, &base, dataset, &texts)?
        {
            return Ok(nothing);
        }
        let chosen = match begun {
            Some(about) => about.chosen.clone(),
            None => self.chosen(&base, &texts)?,
        };
        if chosen.sequence_tokens != self.sequence_tokens {
            // The memory is too little for passages of that length.
            texts = read(store, chosen.sequence_tokens)?;
        }
        let about = About {
            version: ABOUT_VERSION,
            model: base.name.clone(),
            model_sha256: hex(&base.sha256),
            dataset: dataset.to_string(),
            replay_sha256: String::new(),
            settings: described(&settings.train),
            chosen,
        };
        let prepared = Prepared {
            base,
            dataset,
            texts,
            generic: GenericTexts::default(),
            about,
            folder,
        };
        self.carry_out(store, prepared, begun)
    }

    /// With everything but the generic prose, which may have to be drawn of the model.
    fn carry_out(
        &self,
        store: &mut Store,
        mut prepared: Prepared,
        begun: Option<&About>,
    ) -> anyhow::Result<Outcome> {
        let sequence_tokens = prepared.about.chosen.sequence_tokens;
        let cut = |generic: &Generic, base: &Base| {
            GenericTexts::cut(&generic.texts, &base.vocab, sequence_tokens)
        };
        let samples = self.samples_file(&prepared.base);
        let known = self.generic(&samples, &store.forgotten()?)?;
        if self.order.dry_run {
            prepared.generic = cut(&known, &prepared.base);
            return Ok(planned(prepared, begun.is_some()));
        }
        let decoder = prepared.base.decoder(prepared.about.chosen.plain_bytes)?;
        let Some(known) = self.drawn(known, &samples, &prepared.base, &decoder)? else {
            let steps = prepared.about.chosen.steps;
            return Ok(Outcome::Stopped { step: 0, steps });
        };
        prepared.generic = cut(&known, &prepared.base);
        if let Some(folder) = &self.workshop.settings.train.replay_folder
            && prepared.generic.judged.is_empty()
        {
            let folder = folder.clone();
            return Err(TrainError::NoGeneric { folder }.into());
        }
        prepared.about.replay_sha256 = known.sha256();
        let mut teller = self.teller.borrow_mut();
        if self.order.find_rate {
            return prepared.find_rate(self.workshop, &decoder, &mut teller);
        }
        prepared.run(
            self.workshop,
            store,
            self.order,
            &decoder,
            begun,
            &mut teller,
        )
    }

    fn chosen(&self, base: &Base, texts: &Texts) -> Result<Chosen, LoraError> {
        let given = Given {
            own_tokens: texts.own_tokens(),
            model: &base.model,
            free_bytes: inkstone_platform::memory_available_bytes(),
            model_bytes: base.bytes,
        };
        Chosen::of(&self.workshop.settings.train, given)
    }

    fn samples_file(&self, base: &Base) -> PathBuf {
        let folder = self.workshop.directories.training_dir().join("samples");
        folder.join(format!(
            "{}-{}.json",
            &hex(&base.sha256)[..16],
            self.order.language
        ))
    }

    /// Generic prose; samples are drawn where there are none yet. None: it was stopped meanwhile.
    fn drawn(
        &self,
        known: Generic,
        samples: &Path,
        base: &Base,
        decoder: &Decoder,
    ) -> anyhow::Result<Option<Generic>> {
        let train = &self.workshop.settings.train;
        if train.replay_folder.is_some() || !known.texts.is_empty() {
            return Ok(Some(known));
        }
        let mut teller = self.teller.borrow_mut();
        teller.phase(TrainingPhase::Sampling, 0, 0);
        let language = &self.order.language;
        let drawn = attended(self.workshop.quiet, &mut teller, |between| {
            sampling::generic(decoder, &base.vocab, language, between)
        });
        let texts = match drawn {
            Err(LoraError::Stopped) => return Ok(None),
            drawn => drawn?,
        };
        let generic = Generic { texts };
        let named = || format!("{}: cannot be written", samples.display());
        replay::cache(samples, &generic).with_context(named)?;
        Ok(Some(generic))
    }

    /// Generic prose as far as it is there.
    fn generic(&self, samples: &Path, forgotten: &[PathBuf]) -> anyhow::Result<Generic> {
        match &self.workshop.settings.train.replay_folder {
            Some(folder) => replay::of_folder(folder, forgotten),
            None => Ok(replay::cached(samples)),
        }
    }
}

fn planned(prepared: Prepared, resumes: bool) -> Outcome {
    let (texts, about) = (prepared.texts, prepared.about);
    Outcome::Planned(Box::new(Plan {
        dataset: about.dataset,
        own_tokens: texts.own_tokens(),
        documents: texts.documents.len(),
        held_out_tokens: texts.held_out_tokens,
        held_out_documents: texts.held_out_documents,
        generic_tokens: Some(tokens_of(&prepared.generic.mixed)).filter(|&tokens| tokens > 0),
        chosen: about.chosen,
        resumes,
    }))
}
