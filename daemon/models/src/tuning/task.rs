//! What `inkstone setup` asks `inkstoned measure`, and what it answers: one line of JSON each way.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Computation, KvType, Measured};

/// What is to be measured. The first of each list is what is used untold; a list of one leaves
/// nothing to choose, an empty one is a mistake.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// The model's file.
    pub model_path: PathBuf,
    /// The word of `engine.device`.
    pub device: String,
    /// As `engine.gpu_layers`.
    pub gpu_layers: i32,
    /// Threads that compute.
    pub threads: Vec<u32>,
    /// Whether attention is computed in one pass.
    pub flash_attention: Vec<bool>,
    /// The KV cache's numbers.
    pub kv_types: Vec<KvType>,
    /// Tokens of one batch at most.
    pub batch_tokens: Vec<u32>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The device that computed, by llama.cpp's name.
    pub device: String,
    /// What is used untold.
    pub untuned: Measured,
    /// The best, perhaps the same.
    pub best: Measured,
    /// Ways that were tried.
    pub tried: usize,
}

impl Task {
    /// What is used untold; none when a list is empty.
    pub fn untuned(&self) -> Option<Computation> {
        Some(Computation {
            threads: *self.threads.first()?,
            flash_attention: *self.flash_attention.first()?,
            kv_type: *self.kv_types.first()?,
            batch_tokens: *self.batch_tokens.first()?,
        })
    }

    /// What to try after `best`, one change at a time, in an order in which later changes build on
    /// earlier ones: `step` counts from 0; none when all has been tried.
    pub fn candidate(&self, step: usize, best: Computation) -> Option<Computation> {
        let threads = self
            .threads
            .iter()
            .skip(1)
            .map(|&threads| Computation { threads, ..best });
        let flash = self.flash_attention.iter().skip(1);
        let flash = flash.map(|&flash_attention| Computation {
            flash_attention,
            ..best
        });
        let kv = self.kv_types.iter().skip(1);
        let kv = kv.map(|&kv_type| Computation { kv_type, ..best });
        let batch = self.batch_tokens.iter().skip(1);
        let batch = batch.map(|&batch_tokens| Computation {
            batch_tokens,
            ..best
        });
        threads.chain(flash).chain(kv).chain(batch).nth(step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_at_a_time_is_changed_of_the_best_so_far() {
        let task = Task {
            model_path: "m.gguf".into(),
            device: "auto".to_owned(),
            gpu_layers: -1,
            threads: vec![4, 8],
            flash_attention: vec![true],
            kv_types: vec![KvType::F16, KvType::Q8],
            batch_tokens: vec![64, 32],
        };
        let untuned = task.untuned().unwrap();
        assert_eq!((untuned.threads, untuned.batch_tokens), (4, 64));
        let first = task.candidate(0, untuned).unwrap();
        assert_eq!(
            first,
            Computation {
                threads: 8,
                ..untuned
            }
        );
        let second = task.candidate(1, first).unwrap();
        assert_eq!((second.threads, second.kv_type), (8, KvType::Q8));
        assert_eq!(task.candidate(2, untuned).unwrap().batch_tokens, 32);
        assert_eq!(task.candidate(3, untuned), None);
        let text = serde_json::to_string(&task).unwrap();
        assert!(text.contains("q8_0"), "{text}");
        assert_eq!(serde_json::from_str::<Task>(&text).unwrap(), task);
    }
}
