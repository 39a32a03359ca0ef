//! What is asked between two layers: the place where a training waits for a writer to stop typing,
//! or gives up.

use std::ops::ControlFlow;

use crate::error::LoraError;

/// Asked between two layers and between two blocks of the vocabulary. It may take its time: while it
/// does, nothing is computed.
pub struct Between<'a> {
    ask: Option<&'a mut dyn FnMut() -> ControlFlow<()>>,
}

impl<'a> Between<'a> {
    /// Asks `ask`; a `Break` ends the pass with [`LoraError::Stopped`].
    pub fn new(ask: &'a mut dyn FnMut() -> ControlFlow<()>) -> Self {
        Self { ask: Some(ask) }
    }

    /// Asks nobody.
    pub fn never() -> Self {
        Self { ask: None }
    }

    pub(crate) fn look(&mut self) -> Result<(), LoraError> {
        match self.ask.as_mut().map(|ask| ask()) {
            Some(ControlFlow::Break(())) => Err(LoraError::Stopped),
            Some(ControlFlow::Continue(())) | None => Ok(()),
        }
    }
}
