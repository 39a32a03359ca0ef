//! Which pieces of all documents are the same.
