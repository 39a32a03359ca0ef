//! The way to the daemon.
//! - [`connection`]: one connection, in terms of questions and answers;
//! - [`link`]: keeps a connection, finds the daemon again when it is away, says so;
//! - [`backoff`]: how long it waits in between;
//! - [`unsent`]: what it is still to be told;
//! - [`asker`]: one question with its cancellation;
//! - [`problem`]: why there was no answer.

pub(crate) mod asker;
pub(crate) mod backoff;
pub(crate) mod connection;
pub(crate) mod link;
pub(crate) mod problem;
pub(crate) mod unsent;
