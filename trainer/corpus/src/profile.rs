//! The habits of a writer, counted.
