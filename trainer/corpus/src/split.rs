//! Which documents are held out of training.
