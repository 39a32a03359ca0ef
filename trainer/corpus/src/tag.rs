//! Language and genre of a document.
