//! What the editor asks: one file per request, run on the event loop.

pub(crate) mod completion;
pub(crate) mod document_text;
pub(crate) mod execute_command;
pub(crate) mod initialize;
pub(crate) mod inline_completion;
pub(crate) mod shutdown;
