//! What texts are scored in beside the model: an adapter, and what the writer wrote before.
//!
//! Both are read from files on a thread of its own, once for calls that follow each other. Not when
//! that is done, nor which adapter is live (`residency/scoring.rs`).

use std::path::PathBuf;
use std::sync::Arc;

use inkstone_engine::{Adapter, Context, EngineError, Model, surprise};
use inkstone_models::ModelName;
use inkstone_prose::Language;
use inkstone_vocab::TokenId;

use crate::serving::adapters::{AdapterReader, CheckedAdapter, SCALE};
use crate::serving::recollection::Recollection;

/// What a call asks for.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::serving) struct Guise {
    pub(in crate::serving) worn: Worn,
    /// Whether the writer's memory is mixed in.
    pub(in crate::serving) memory: bool,
}

/// Which adapter.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::serving) enum Worn {
    /// None: the model as it is.
    #[default]
    Nothing,
    /// By its name in the registry, or by its file.
    Named(String),
    /// The one that suggestions wear.
    Live(Box<CheckedAdapter>),
}

/// Where a guise is read from.
pub(in crate::serving) struct Wardrobe {
    pub(in crate::serving) adapters: AdapterReader,
    pub(in crate::serving) memory_dir: PathBuf,
    pub(in crate::serving) memory: inkstone_settings::Memory,
}

/// A guise that was read.
#[derive(Debug, Default)]
pub(in crate::serving) struct Dressed {
    pub(super) guise: Guise,
    adapter: Option<(CheckedAdapter, Arc<Adapter>)>,
    recollection: Option<Recollection>,
}

/// The letter that says what came of reading one.
#[derive(Debug)]
pub(in crate::serving) struct ScoringDressed {
    pub(in crate::serving) model: ModelName,
    pub(in crate::serving) of: Arc<Model>,
    pub(in crate::serving) guise: Guise,
    /// The problem in words where it cannot be had.
    pub(in crate::serving) result: Result<Dressed, String>,
}

impl Guise {
    /// Whether there is nothing to be read.
    pub(in crate::serving) fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

impl Wardrobe {
    /// Reads a guise for a model.
    pub(in crate::serving) fn read(
        &self,
        guise: &Guise,
        name: &ModelName,
        model: &Arc<Model>,
    ) -> Result<Dressed, String> {
        let checked = match &guise.worn {
            Worn::Nothing => None,
            Worn::Live(checked) => Some((**checked).clone()),
            Worn::Named(named) => Some(self.adapters.read_one(name, named)?),
        };
        let adapter = match checked {
            None => None,
            Some(checked) => {
                let (checked, loaded) = checked.load(model);
                Some((checked, loaded?))
            }
        };
        let recollection = if guise.memory {
            let opened = Recollection::open(&self.memory_dir, model.path(), &self.memory);
            Some(opened.map_err(|error| format!("`{}`: {error}", model.path().display()))?)
        } else {
            None
        };
        Ok(Dressed {
            guise: guise.clone(),
            adapter,
            recollection,
        })
    }
}

impl Dressed {
    /// Makes a context wear it.
    pub(super) fn put_on(&self, context: &mut Context) -> Result<(), EngineError> {
        let worn = self.adapter.iter();
        let worn = worn.map(|(_, adapter)| (Arc::clone(adapter), SCALE));
        context.set_adapters(worn.collect())
    }

    /// The name of what is worn.
    pub(super) fn adapter_name(&self) -> Option<String> {
        self.adapter.as_ref().map(|(worn, _)| worn.name.clone())
    }

    /// What its adapter takes in memory.
    pub(in crate::serving) fn adapter_bytes(&self) -> u64 {
        self.adapter.as_ref().map_or(0, |(worn, _)| worn.bytes)
    }

    /// Whether there is something to be mixed in.
    pub(super) fn remembers(&self) -> bool {
        let recollection = self.recollection.as_ref();
        recollection.is_some_and(Recollection::is_there)
    }

    /// Lets go of what is forgotten meanwhile.
    pub(super) fn follow(&mut self) {
        if let Some(recollection) = &mut self.recollection {
            recollection.follow();
        }
    }

    /// What a token costs after those before it, in nats.
    pub(super) fn cost(
        &mut self,
        language: Language,
        (before, token): (&[TokenId], TokenId),
        logits: &[f32],
    ) -> Option<f64> {
        let recollection = self.recollection.as_mut();
        let mixed = recollection.and_then(|known| known.mixed(before, language, logits));
        surprise(mixed.unwrap_or(logits), token)
    }
}
