//! Tests in real editors, a file for each editor and for what they share.

mod helix;
mod languages;
mod neovim;
mod other_servers;
