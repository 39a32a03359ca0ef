//! The protocol's methods: one file each.
//!
//! [`mailbox`] is what the library calls; it only pushes an event and waits. The rest runs on the
//! event loop, one after another, with the session in hand: parameters in, reply and effects out.

pub(crate) mod mailbox;
pub(crate) mod notifications;
pub(crate) mod requests;
