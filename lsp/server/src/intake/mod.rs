//! What stands between the editor's bytes and the library's handlers.
//!
//! The library gives up on the whole connection at the first frame that it cannot read, and drops
//! notifications of the wrong shape without a word, after which our text is no longer the
//! editor's. Here such input is repaired or reported, and the good messages go on untouched.
//! - [`frames`]: `Content-Length` frames out of bytes, bounded;
//! - [`surrogates`]: JSON from UTF-16 editors that split a character;
//! - [`pump`]: the task that moves good frames from the editor to the library;
//! - [`gate`]: the service around the library's that sees each message in order.

pub(crate) mod frames;
pub(crate) mod gate;
pub(crate) mod pump;
pub(crate) mod surrogates;
