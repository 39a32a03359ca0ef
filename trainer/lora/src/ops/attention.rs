//! Causal attention over packed texts: each text by itself, so that none sees another and no work
//! is spent on what a mask would throw away.
//!
//! The weights are computed again in the backward pass: kept, they would take more memory than all
//! else of a layer, and they cost a tenth of its matrix products.

use std::ops::Range;

use candle_core::{Result, Tensor};

use super::add::add;
use super::softmax::{self, Sight};

/// Numbers that a tensor of attention weights has at most: 64 MiB, as many heads as fit, or as many
/// queries of one. A backward pass holds a few such tensors at once.
pub(crate) const WEIGHTS_AT_ONCE_MAX: usize = 1 << 24;

/// The heads of a layer and how they look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Attention {
    /// Query heads.
    pub(crate) heads: usize,
    /// Heads with keys and values of their own; a divisor of the others.
    pub(crate) kv_heads: usize,
    /// Width of a head.
    pub(crate) head_width: usize,
    /// What scores are multiplied with.
    pub(crate) scale: f64,
    /// Tokens that each sees; none for all before it.
    pub(crate) window: Option<usize>,
    /// Numbers of attention weights that are held at once, but a row at least.
    pub(crate) weights_at_once_max: usize,
}

impl Attention {
    /// What each token takes from those it sees. Queries, keys, values and the result have a row for
    /// each token, heads side by side; `texts` are the rows of each text.
    pub(crate) fn forward(
        &self,
        [q, k, v]: [&Tensor; 3],
        texts: &[Range<usize>],
    ) -> Result<Tensor> {
        let of_text = |text: &Range<usize>| {
            let [q, k, v] = [
                self.grouped(q, text)?,
                heads(k, text, self.kv_heads)?,
                heads(v, text, self.kv_heads)?,
            ];
            let parts = self.shares(text).map(|share| {
                let [q, k, v] = [share.of(&q)?, share.of(&k)?, share.of(&v)?];
                let (keys, mut of_rows) = (k.t()?, Vec::new());
                for rows in share.parts() {
                    let scores = q.narrow(1, rows.start, rows.len())?.matmul(&keys)?;
                    let weights = softmax::forward(&scores, self.sight(text, &rows))?;
                    of_rows.push(weights.matmul(&v)?);
                }
                Tensor::cat(&of_rows, 1)
            });
            let parts = parts.collect::<Result<Vec<_>>>()?;
            side_by_side(&Tensor::cat(&parts, 0)?, text, self.heads)
        };
        let texts = texts.iter().map(of_text).collect::<Result<Vec<_>>>()?;
        Tensor::cat(&texts, 0)
    }

    /// The gradients toward queries, keys and values.
    pub(crate) fn backward(
        &self,
        [q, k, v]: [&Tensor; 3],
        texts: &[Range<usize>],
        dy: &Tensor,
    ) -> Result<[Tensor; 3]> {
        let mut gradients: [Vec<Tensor>; 3] = Default::default();
        for text in texts {
            let [q, dy] = [self.grouped(q, text)?, self.grouped(dy, text)?];
            let [k, v] = [
                heads(k, text, self.kv_heads)?,
                heads(v, text, self.kv_heads)?,
            ];
            let mut parts: [Vec<Tensor>; 3] = Default::default();
            for share in self.shares(text) {
                let [q, k, v, dy] = [share.of(&q)?, share.of(&k)?, share.of(&v)?, share.of(&dy)?];
                let [dq, dk, dv] = self.backward_of([&q, &k, &v, &dy], text, share)?;
                parts[0].push(dq);
                parts[1].push(dk);
                parts[2].push(dv);
            }
            let counts = [self.heads, self.kv_heads, self.kv_heads];
            for ((gradient, parts), count) in gradients.iter_mut().zip(parts).zip(counts) {
                gradient.push(side_by_side(&Tensor::cat(&parts, 0)?, text, count)?);
            }
        }
        let [dq, dk, dv] = gradients;
        Ok([
            Tensor::cat(&dq, 0)?,
            Tensor::cat(&dk, 0)?,
            Tensor::cat(&dv, 0)?,
        ])
    }

    /// The gradients of some heads. Queries have their own each; those toward keys and values add up
    /// over all queries.
    fn backward_of(
        &self,
        [q, k, v, dy]: [&Tensor; 4],
        text: &Range<usize>,
        share: Share,
    ) -> Result<[Tensor; 3]> {
        let (keys, values) = (k.t()?, v.t()?);
        let mut dq = Vec::new();
        let mut sums: Option<[Tensor; 2]> = None;
        for rows in share.parts() {
            let sight = self.sight(text, &rows);
            let q = q.narrow(1, rows.start, rows.len())?;
            let dy = dy.narrow(1, rows.start, rows.len())?;
            let weights = softmax::forward(&q.matmul(&keys)?, sight)?;
            let d_scores = softmax::backward(&weights, &dy.matmul(&values)?, sight)?;
            dq.push(d_scores.matmul(k)?);
            let [dk, dv] = [d_scores.t()?.matmul(&q)?, weights.t()?.matmul(&dy)?];
            sums = Some(match sums {
                Some([keys, values]) => [add(&keys, &dk)?, add(&values, &dv)?],
                None => [dk, dv],
            });
        }
        let [dk, dv] = match sums {
            Some(sums) => sums,
            None => [k.zeros_like()?, v.zeros_like()?],
        };
        Ok([Tensor::cat(&dq, 1)?, dk, dv])
    }

    fn sight(&self, text: &Range<usize>, rows: &Range<usize>) -> Sight {
        Sight {
            tokens: text.len(),
            first_row: rows.start,
            rows: rows.len(),
            window: self.window,
            scale: self.scale,
        }
    }

    /// The query heads of one text, those that share keys below each other.
    fn grouped(&self, q: &Tensor, text: &Range<usize>) -> Result<Tensor> {
        let rows = self.heads / self.kv_heads * text.len();
        heads(q, text, self.heads)?.reshape((self.kv_heads, rows, self.head_width))
    }

    /// Heads that are computed together: as many as fit, or one in parts.
    fn shares(&self, text: &Range<usize>) -> impl Iterator<Item = Share> {
        let rows = self.heads / self.kv_heads * text.len();
        let per_head = (rows * text.len()).max(1);
        let at_once = (self.weights_at_once_max / per_head).clamp(1, self.kv_heads);
        let rows_at_once = self.weights_at_once_max / text.len().max(1);
        let kv_heads = self.kv_heads;
        (0..kv_heads).step_by(at_once).map(move |first| Share {
            first,
            count: at_once.min(kv_heads - first),
            rows,
            rows_at_once: rows_at_once.clamp(1, rows.max(1)),
        })
    }
}

/// Some of the heads.
#[derive(Debug, Clone, Copy)]
struct Share {
    first: usize,
    count: usize,
    /// Queries of each that share its keys.
    rows: usize,
    /// How many of them are computed together; all where several heads are.
    rows_at_once: usize,
}

impl Share {
    fn of(&self, heads: &Tensor) -> Result<Tensor> {
        heads.narrow(0, self.first, self.count)
    }

    /// The queries that are computed together.
    fn parts(self) -> impl Iterator<Item = Range<usize>> {
        let starts = (0..self.rows).step_by(self.rows_at_once);
        starts.map(move |start| start..(start + self.rows_at_once).min(self.rows))
    }
}

/// From a row for each token to a matrix for each head, of one text.
fn heads(x: &Tensor, text: &Range<usize>, count: usize) -> Result<Tensor> {
    let rows = x.narrow(0, text.start, text.len())?;
    let width = x.dim(1)? / count;
    rows.reshape((text.len(), count, width))?
        .transpose(0, 1)?
        .contiguous()
}

/// And back.
fn side_by_side(x: &Tensor, text: &Range<usize>, count: usize) -> Result<Tensor> {
    let rows = x.reshape((count, text.len(), ()))?.transpose(0, 1)?;
    rows.contiguous()?.reshape((text.len(), ()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::{assert_close, assert_gradient, random};

    const HEADS: Attention = Attention {
        heads: 4,
        kv_heads: 2,
        head_width: 3,
        scale: 0.5,
        window: None,
        weights_at_once_max: WEIGHTS_AT_ONCE_MAX,
    };

    fn inputs(tokens: usize) -> [Tensor; 4] {
        [
            random(&[tokens, 12], 1),
            random(&[tokens, 6], 2),
            random(&[tokens, 6], 3),
            random(&[tokens, 12], 4),
        ]
    }

    #[test]
    fn a_text_alone_takes_from_its_first_token_what_that_has() {
        let [q, k, v, _] = inputs(1);
        let alone = 0..1;
        let y = HEADS.forward([&q, &k, &v], std::slice::from_ref(&alone));
        let head = |index: usize| v.narrow(1, index * 3, 3).unwrap();
        let expected = [head(0), head(0), head(1), head(1)];
        assert_close(&y.unwrap(), &Tensor::cat(&expected, 1).unwrap(), 1e-6);
    }

    #[test]
    fn packed_texts_do_not_see_each_other() {
        let [q, k, v, dy] = inputs(7);
        let texts = [0..3, 3..7];
        let packed = HEADS.forward([&q, &k, &v], &texts).unwrap();
        let gradients = HEADS.backward([&q, &k, &v], &texts, &dy).unwrap();
        for text in texts {
            let part = |x: &Tensor| x.narrow(0, text.start, text.len()).unwrap();
            let alone = [&part(&q), &part(&k), &part(&v)];
            let own = 0..text.len();
            let y = HEADS.forward(alone, std::slice::from_ref(&own)).unwrap();
            assert_close(&part(&packed), &y, 0.0);
            let found = HEADS.backward(alone, &[own], &part(&dy)).unwrap();
            for (gradient, alone) in gradients.iter().zip(&found) {
                assert_close(&part(gradient), alone, 0.0);
            }
        }
    }

    #[test]
    fn in_parts_it_is_what_it_is_at_once() {
        let [q, k, v, dy] = inputs(9);
        let texts = [0..6, 6..9];
        for window in [None, Some(2)] {
            let whole = Attention { window, ..HEADS };
            let expected = whole.forward([&q, &k, &v], &texts).unwrap();
            let gradients = whole.backward([&q, &k, &v], &texts, &dy).unwrap();
            // From a row at a time over several within a head to both heads of the short text.
            for weights_at_once_max in [0, 1, 13, 30, 71, 72, 100] {
                let parted = Attention {
                    weights_at_once_max,
                    ..whole
                };
                let found = parted.forward([&q, &k, &v], &texts).unwrap();
                assert_close(&found, &expected, 1e-6);
                let found = parted.backward([&q, &k, &v], &texts, &dy).unwrap();
                for (found, expected) in found.iter().zip(&gradients) {
                    assert_close(found, expected, 1e-5);
                }
            }
        }
    }

    #[test]
    fn no_text_however_long_has_more_weights_at_once_than_the_bound() {
        for tokens in [1, 100, 1_000, 8_192, 1 << 16] {
            let attention = Attention {
                heads: 9,
                kv_heads: 3,
                ..HEADS
            };
            let text = 0..tokens;
            let mut computed = 0;
            for share in attention.shares(&text) {
                let mut next = 0;
                for rows in share.parts() {
                    assert_eq!(rows.start, next);
                    next = rows.end;
                    let numbers = share.count * rows.len() * tokens;
                    assert!(numbers <= WEIGHTS_AT_ONCE_MAX, "{tokens}: {numbers}");
                }
                computed += share.count * next;
            }
            assert_eq!(computed, 9 * tokens);
        }
    }

    #[test]
    fn its_gradients_are_those_of_finite_differences() {
        let [q, k, v, dy] = inputs(5);
        let texts = [0..2, 2..5];
        for window in [None, Some(2)] {
            let attention = Attention { window, ..HEADS };
            let [dq, dk, dv] = attention.backward([&q, &k, &v], &texts, &dy).unwrap();
            let run = |inputs: [&Tensor; 3]| attention.forward(inputs, &texts).unwrap();
            assert_gradient(&q, &dq, &dy, |q| run([q, &k, &v]));
            assert_gradient(&k, &dk, &dy, |k| run([&q, k, &v]));
            assert_gradient(&v, &dv, &dy, |v| run([&q, &k, v]));
        }
    }
}
