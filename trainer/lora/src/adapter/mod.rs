//! A LoRA adapter: which linear maps have one, what it is made of, and where it goes when trained.
//!
//! `W x` becomes `W x + scale · B (A x)` with A and B of a small rank (Hu et al. 2021). In reading
//! order: [`place`] (which map of which block), [`config`] (rank, scale, dropout), [`weights`] (A
//! and B, or gradients toward them), [`export`] (the files that llama.cpp and PEFT load), [`read`] (an
//! exported one again).

pub mod config;
pub mod export;
pub mod place;
pub mod read;
pub mod weights;
