//! The operations of a decoder that are not matrix products: each forward, and backward by hand.
//!
//! By hand and not by candle's autograd: that one keeps the result of every primitive until the
//! backward pass, adds each gradient to a tensor of zeros, and on the processor runs elementwise
//! work on one core. What a backward pass needs is recomputed here from the inputs, which costs
//! little beside the matrix products.
//!
//! Each operation is written twice: in candle's primitives, for any device, and as a loop over
//! slices on all cores for the processor. The tests hold the two equal, and both to finite
//! differences. In reading order: [`norm`], [`rotation`], [`attention`] over [`softmax`],
//! [`cached`] (attention to what is known already), [`gated`], [`likelihood`], [`add`]; `slices` (the numbers of a tensor), [`noise`] (numbers from a
//! seed).

pub(crate) mod add;
pub(crate) mod attention;
pub(crate) mod cached;
pub(crate) mod gated;
pub(crate) mod likelihood;
pub(crate) mod noise;
pub(crate) mod norm;
pub(crate) mod rotation;
mod slices;
pub(crate) mod softmax;

#[cfg(test)]
pub(crate) mod check;
