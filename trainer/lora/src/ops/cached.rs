//! Attention of one more token to those before it, whose keys and values are kept: what sampling
//! needs. Forward only; a pass with gradients sees whole texts (`attention`).

use std::ops::Range;

use candle_core::{Result, Tensor};
use rayon::prelude::*;

use super::attention::Attention;
use super::slices::{dot, exp, max, sum};

/// Keys and values of a sequence in one block, a row for each token.
#[derive(Debug, Clone, Default)]
pub(crate) struct KvCache {
    keys: Vec<f32>,
    values: Vec<f32>,
}

impl KvCache {
    /// Takes over some rows of a pass.
    pub(crate) fn extend(
        &mut self,
        keys: &Tensor,
        values: &Tensor,
        rows: &Range<usize>,
    ) -> Result<()> {
        let numbers = |all: &Tensor| {
            let some = all.narrow(0, rows.start, rows.len())?;
            some.flatten_all()?.to_vec1::<f32>()
        };
        self.keys.extend(numbers(keys)?);
        self.values.extend(numbers(values)?);
        Ok(())
    }
}

/// What each of some tokens takes from its sequence, a row and a cache for each. Its own key and
/// value join the cache first, since it sees itself.
pub(crate) fn forward(
    attention: &Attention,
    [q, k, v]: [&Tensor; 3],
    caches: &mut [&mut KvCache],
) -> Result<Tensor> {
    for (row, cache) in caches.iter_mut().enumerate() {
        cache.extend(k, v, &(row..row + 1))?;
    }
    let queries = q.to_vec2::<f32>()?;
    let work = queries.par_iter().zip(caches.par_iter());
    let rows: Vec<f32> = work
        .flat_map_iter(|(query, cache)| gather(attention, query, cache))
        .collect();
    Tensor::from_vec(rows, q.shape(), q.device())
}

/// All heads of one token.
#[allow(clippy::cast_possible_truncation)] // Reason: scores are 32-bit floats.
fn gather(attention: &Attention, query: &[f32], cache: &KvCache) -> Vec<f32> {
    let width = attention.head_width;
    let row_width = attention.kv_heads * width;
    let tokens = cache.keys.len() / row_width.max(1);
    let from = attention
        .window
        .map_or(0, |window| tokens.saturating_sub(window));
    let sharing = attention.heads / attention.kv_heads;
    let scale = attention.scale as f32;
    let mut gathered = vec![0.0; query.len()];
    let heads = query
        .chunks_exact(width)
        .zip(gathered.chunks_exact_mut(width));
    for (head, (query, gathered)) in heads.enumerate() {
        let at = |token: usize| {
            let start = token * row_width + head / sharing * width;
            start..start + width
        };
        let scores = (from..tokens).map(|token| dot(query, &cache.keys[at(token)]));
        let mut weights: Vec<f32> = scores.collect();
        let largest = max(&weights);
        for weight in &mut weights {
            *weight = exp((*weight - largest) * scale);
        }
        let inverse = 1.0 / sum(&weights);
        for (token, weight) in (from..tokens).zip(weights) {
            let value = &cache.values[at(token)];
            for (gathered, value) in gathered.iter_mut().zip(value) {
                *gathered += weight * inverse * value;
            }
        }
    }
    gathered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::{assert_close, random};

    #[test]
    fn token_by_token_it_is_what_whole_texts_have() {
        for window in [None, Some(3)] {
            let attention = Attention {
                heads: 4,
                kv_heads: 2,
                head_width: 8,
                scale: 0.3,
                window,
                weights_at_once_max: 1 << 20,
            };
            let (q, k, v) = (
                random(&[9, 32], 1),
                random(&[9, 16], 2),
                random(&[9, 16], 3),
            );
            let texts = [0..4, 4..9];
            let whole = attention.forward([&q, &k, &v], &texts).unwrap();
            // The first two tokens of each at once, then one of each after the other.
            let mut caches = [KvCache::default(), KvCache::default()];
            for (cache, text) in caches.iter_mut().zip(&texts) {
                cache.extend(&k, &v, &(text.start..text.start + 2)).unwrap();
            }
            for next in 2..4 {
                let rows = texts
                    .iter()
                    .map(|text| u32::try_from(text.start + next).unwrap());
                let rows = Tensor::from_iter(rows, q.device()).unwrap();
                let of = |x: &Tensor| x.index_select(&rows, 0).unwrap();
                let mut both: Vec<&mut KvCache> = caches.iter_mut().collect();
                let heads = [&of(&q), &of(&k), &of(&v)];
                let found = forward(&attention, heads, &mut both).unwrap();
                assert_close(&found, &of(&whole), 1e-5);
            }
        }
    }
}
