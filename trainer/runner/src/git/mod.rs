//! What git knows: whose lines a file has, who committed, what they wrote in messages.
//!
//! The `git` program is asked, always bounded in time and bytes, never over a network, and with
//! whatever a hostile repository could make it run taken away ([`command`]). Decides nothing about
//! prose. In reading order: [`command`] (one question), [`repository`] (one repository, and whose it
//! is), [`mailmap`] (several addresses of one person), [`blame`] (whose a line is), [`messages`] (what
//! its owner committed), [`proposal`] (who the owner may be), [`authors`] (all of it, for one file).

pub mod authors;
pub mod blame;
pub mod command;
pub mod mailmap;
pub mod messages;
pub mod proposal;
pub mod repository;

pub use authors::{Authors, FileAuthors};
pub use blame::LineAuthor;
pub use command::{Git, GitError};
pub use repository::{Repository, Share};
