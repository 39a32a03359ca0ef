//! The kinds of sources, one file each. Every kind ends in a [`Complete`](crate::sink::Complete)
//! file in the models directory that has no name yet; [`crate::fetcher`] checks and publishes it.

pub(crate) mod http;
pub(crate) mod hub;
mod joined;
pub(crate) mod local;
pub(crate) mod pip;
pub(crate) mod wheel;
