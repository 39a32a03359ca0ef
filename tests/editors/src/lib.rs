//! Real editors under test: Neovim without a screen, Helix in a terminal, and pictures of both.
//!
//! The tests are in `tests/`: each starts an editor with our extension in a private home, types,
//! and looks at what the editor then holds. The editors come from `fetch.sh`.
//!
//! In reading order: [`place`] (where the editors are), [`scene`] (a home, a document, an
//! environment), `answer` (a program's output, with a deadline), [`neovim`], [`terminal`] (tmux, for
//! Helix and for pictures), [`ansi`] and [`svg`] (a terminal's content as a picture).

pub mod ansi;
mod answer;
pub mod neovim;
pub mod place;
pub mod scene;
pub mod svg;
pub mod terminal;
