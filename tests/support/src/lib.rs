//! What the tests of every crate share: private homes, built binaries, corpora, marked texts, waits.
//!
//! For tests only: everything here panics with the remedy where a library would return an error.
//! Not a stand-in for the daemon or the model: tests of behaviour run the real binaries, which
//! [`Home`] starts in a directory of their own and ends when it is dropped.
//!
//! In reading order: [`home`] (a private `INKSTONE_HOME`), [`process`] (what runs in it),
//! [`place`] (where binaries, models and corpora are), [`fixture`] (texts with a caret in them),
//! [`wait`] (the one place that polls), [`effort`] (whether work grows with what there is to do, no
//! faster), `terminal` (programs that fill a screen), [`gpu`] (tests on a graphics card),
//! [`tiny_decoder`] (models of a few thousand random weights), [`adapter`] (adapters that can be seen to
//! act).

pub mod adapter;
pub mod effort;
pub mod fixture;
pub mod gpu;
pub mod home;
pub mod place;
pub mod process;
#[cfg(unix)]
pub mod terminal;
pub mod tiny_decoder;
pub mod wait;

pub use adapter::ConstantAdapter;
pub use fixture::{ByteOffset, Fixture, FixtureFile};
pub use home::{CHINESE_MODEL, ENGLISH_MODEL, Home, PATIENT_SETTINGS};
pub use place::{bin, corpora, test_model_if_there, test_models, workspace_root};
pub use process::{Activity, HomeProcess};
#[cfg(unix)]
pub use terminal::TestTerminal;
pub use tiny_decoder::TinyDecoder;
pub use wait::{eventually, eventually_or};
