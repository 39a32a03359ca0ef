//! What a loader hands over: a model that can serve, with the adapters that its requests may wear from
//! the first on.

use std::sync::Arc;

use inkstone_engine::EngineError;

use super::adapters::CheckedAdapter;
use super::lane::Lane;

/// A model that can serve.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) lane: Box<Lane>,
    /// Whether its file was read, and not its context alone made.
    pub(super) read_weights: bool,
    /// Adapters that it does not have, each with the reason.
    pub(super) unfit: Vec<(String, String)>,
}

impl Loaded {
    pub(super) fn new(lane: Lane, read_weights: bool) -> Self {
        Self {
            lane: Box::new(lane),
            read_weights,
            unfit: Vec::new(),
        }
    }

    /// Loads what requests may wear.
    fn put_in(&mut self, adapters: &[CheckedAdapter]) {
        let model = Arc::clone(self.lane.model());
        for (checked, loaded) in adapters.iter().map(|adapter| adapter.load(&model)) {
            match loaded {
                Ok(adapter) => {
                    self.lane.put_in(&checked, adapter);
                }
                Err(problem) => self.unfit.push((checked.name, problem)),
            }
        }
    }
}

/// Loads a model with room for so many bytes of adapters, and these; where the ceiling leaves too little,
/// with ever fewer of them: the model alone is better than none. Those left out may still be asked for.
pub(super) fn with_adapters(
    adapters: &[CheckedAdapter],
    mut load: impl FnMut(u64) -> Result<Loaded, EngineError>,
) -> Result<Loaded, EngineError> {
    let mut wanted = adapters;
    let mut unfit = Vec::new();
    loop {
        let bytes = wanted.iter().map(|adapter| adapter.bytes).sum();
        match load(bytes) {
            Ok(mut loaded) => {
                loaded.put_in(wanted);
                loaded.unfit.extend(unfit);
                return Ok(loaded);
            }
            Err(EngineError::Ceiling {
                needed_mb,
                ceiling_mb,
            }) if bytes > 0 => {
                if let [only] = wanted {
                    let why = format!(
                        "its model with it takes {needed_mb} MiB, more than engine.memory_mb_max, {ceiling_mb} MiB, allows; raise it"
                    );
                    unfit.push((only.name.clone(), why));
                }
                wanted = &wanted[..wanted.len() / 2];
            }
            Err(error) => return Err(error),
        }
    }
}
