//! The sample that a person judges, and what follows from the judgement.
