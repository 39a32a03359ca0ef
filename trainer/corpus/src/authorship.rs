//! Which blocks of a document its owner wrote.
