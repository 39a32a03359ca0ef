//! The text of a file's bytes, whatever their encoding.
