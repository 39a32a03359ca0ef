//! Training: from a version of the dataset to an adapter of the registry.
//!
//! In reading order:
//! - [`order`]: what is asked for, and what can come of it;
//! - [`prose`]: documents of one language, [`sections`]: of long ones, [`passages`]: what is trained on
//!   of them;
//! - [`replay`]: generic prose, so that the language is not forgotten, and [`sampling`]: the model's own;
//! - [`chosen`]: the numbers of a training, [`batches`]: what each of its steps sees;
//! - [`prepare`]: all of that, read from the store and the model, and [`opening`]: from an order to it;
//! - [`quiet`]: when it may compute, [`watchers`]: who knows, and [`own_process`]: with what;
//! - [`folder`]: where it lies between two processes, [`course`]: the training itself;
//! - [`measure`] and [`gate`]: whether the adapter may be used, [`judge`]: both, and [`register`];
//! - [`automatic`]: trainings that begin by themselves;
//! - [`teller`]: how it says how far it is, [`curve`]: how it went, [`chance`]: numbers that follow from
//!   a seed.
//!
//! How an adapter learns is in `inkstone-lora`.

pub mod automatic;
pub mod batches;
pub mod chance;
pub mod chosen;
pub mod course;
pub mod curve;
pub mod folder;
pub mod gate;
pub mod judge;
pub mod measure;
pub mod opening;
pub mod order;
pub mod own_process;
pub mod passages;
pub mod prepare;
pub mod prose;
pub mod quiet;
pub mod register;
pub mod replay;
pub mod sampling;
pub mod sections;
pub mod teller;
pub mod watchers;
