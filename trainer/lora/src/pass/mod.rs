//! Passes over a decoder: what the next tokens' probabilities are, how wrong they were, and in which
//! direction an adapter would have to change.
//!
//! In reading order: [`packed`] (texts side by side), [`forward`] (probabilities, losses),
//! [`gradient`] (losses and gradients), [`sample`] (text that the decoder writes), [`between`] (who
//! is asked between two layers), `loss` (the vocabulary, a few positions at a time), `distillation`
//! (the same for texts of which the model's own distribution is to be kept).

pub mod between;
mod distillation;
pub mod forward;
pub mod gradient;
pub(crate) mod loss;
pub mod packed;
pub mod sample;
