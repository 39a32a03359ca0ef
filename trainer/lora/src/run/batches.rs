//! What a run learns from, and the texts that it is judged by.

use inkstone_vocab::TokenId;

use crate::error::LoraError;
use crate::model::decoder::Decoder;
use crate::pass::between::Between;
use crate::pass::forward::Adapter;
use crate::pass::packed::Packed;

/// What each step learns from.
pub trait Batches {
    /// The micro-batches of a step: the same whenever the same step is asked for with the same seed,
    /// or a run that was killed would not go on as it had begun. The seed is another after the run
    /// went back to a good state, so that it does not meet the same batches in the same order.
    fn micro_batches(&self, step: u64, seed: u64) -> Vec<Packed>;
}

impl<F: Fn(u64, u64) -> Vec<Packed>> Batches for F {
    fn micro_batches(&self, step: u64, seed: u64) -> Vec<Packed> {
        self(step, seed)
    }
}

/// Texts that are never learned from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HeldOut {
    /// The writer's own: what a run is stopped by.
    pub own: Vec<Packed>,
    /// Prose of others: what shows that a language is being forgotten. May be empty.
    pub generic: Vec<Packed>,
}

impl HeldOut {
    /// Checks that the writer's own has something to foretell.
    pub(crate) fn check(&self) -> Result<(), LoraError> {
        if self.own.iter().any(|packed| packed.weight() > 0.0) {
            return Ok(());
        }
        Err(LoraError::Tokens {
            what: "held-out texts",
            found: "none with a token that counts".to_owned(),
            remedy: "hold out texts of at least two tokens".to_owned(),
        })
    }

    /// How well an adapter foretells them.
    pub(crate) fn measure(
        &self,
        decoder: &Decoder,
        adapter: Adapter<'_>,
        between: &mut Between<'_>,
    ) -> Result<Measured, LoraError> {
        let own = decoder.mean_loss(&self.own, Some(adapter), between)?;
        let generic = if self.generic.is_empty() {
            None
        } else {
            Some(decoder.mean_loss(&self.generic, Some(adapter), between)?)
        };
        Ok(Measured { own, generic })
    }
}

/// Mean losses of a token, in nats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// On the writer's held-out texts.
    pub own: f64,
    /// On generic prose, where there is some.
    pub generic: Option<f64>,
}

/// Cuts a text into passes of at most `tokens_max`, for [`HeldOut`]: each begins where the last
/// ended, so that every token but the first of each is foretold once.
pub fn cut(text: &[TokenId], tokens_max: usize) -> Vec<Packed> {
    let parts = text.chunks(tokens_max.max(2)).filter(|part| part.len() > 1);
    let packed = parts.map(|part| {
        let mut packed = Packed::new();
        packed.push(part);
        packed
    });
    packed.collect()
}
