//! The served model as a decoder whose weights stay frozen and quantized.
//!
//! In reading order: [`hyperparameters`] (what the metadata says), `weight_file` (tensors, checked
//! as they are read), `frozen` (matrices that are never trained), `linear` (one of them with its
//! adapter), `directed` (with magnitudes of its rows), `block` (attention and feed-forward, forward and backward), [`decoder`] (all of it).

pub(crate) mod block;
pub mod decoder;
mod directed;
pub(crate) mod frozen;
pub mod hyperparameters;
pub(crate) mod linear;
pub(crate) mod weight_file;
