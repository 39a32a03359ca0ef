//! Which blocks are prose, and why the others are not.
