//! What the editor tells: one file per notification, run on the event loop.

pub(crate) mod did_change;
pub(crate) mod did_change_configuration;
pub(crate) mod did_close;
pub(crate) mod did_open;
pub(crate) mod did_save;
pub(crate) mod editor_state;
pub(crate) mod initialized;
pub(crate) mod lost_message;
