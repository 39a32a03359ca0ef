//! From a writer's folder to a registered adapter, on the real small model.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that fails panics.
#![allow(clippy::redundant_closure_for_method_calls)] // See the library.

mod desk;
mod end_to_end;
mod faults;
mod genres;
mod interrupted;
mod refused;
