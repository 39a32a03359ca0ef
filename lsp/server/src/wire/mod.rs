//! Where the protocol's types become ours and ours the protocol's; nowhere else.
//! - [`from_wire`]: what the editor says;
//! - [`to_wire`]: what we say;
//! - [`daemon`]: what the daemon's protocol calls things;
//! - [`document_text`]: our own request, for clients that compare texts.

pub(crate) mod daemon;
pub mod document_text;
pub mod editor_state;
pub(crate) mod from_wire;
pub(crate) mod to_wire;
