//! How a model is computed best on this machine: what `inkstone setup` measured, kept in a file.
//!
//! One entry for each model and device. A file of another size, another device or another number of
//! cores makes an entry void, so that nothing measured elsewhere is used. Not here: the measuring
//! (`inkstoned measure`) and what the user has set, which wins (the daemon). The file holds numbers
//! of the machine and no text of the user's. [`task`] is what both programs say to each other.

pub mod task;

use std::path::Path;

use serde::{Deserialize, Serialize};

/// A candidate replaces what is used now only when a key is so much cheaper with it, in percent:
/// what two runs of the same differ by on a machine that does other things, too.
const MARGIN_PCT: f64 = 8.0;
/// What a key costs, for comparing: tokens read of the prompt and tokens decoded.
const KEY_TOKENS_READ: f64 = 24.0;
const KEY_TOKENS_DECODED: f64 = 16.0;
/// A larger file is none of ours: an entry has some 250 bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// How the numbers of the KV cache are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KvType {
    /// 16 bits each.
    F16,
    /// 8 bits each and a scale for 32 of them: half the memory, a little less exact.
    #[serde(rename = "q8_0")]
    Q8,
}

impl KvType {
    /// As files and people write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::F16 => "f16",
            Self::Q8 => "q8_0",
        }
    }
}

/// One way to compute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Computation {
    /// Threads that compute.
    pub threads: u32,
    /// Whether attention is computed in one pass.
    pub flash_attention: bool,
    /// The KV cache's numbers.
    pub kv_type: KvType,
    /// Tokens of one batch at most.
    pub batch_tokens: u32,
}

impl Computation {
    /// Whether llama.cpp can do it: it keeps the values in 8 bits only where attention is computed
    /// in one pass.
    pub fn is_possible(&self) -> bool {
        self.flash_attention || self.kv_type != KvType::Q8
    }
}

/// A way to compute and how fast it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The way.
    #[serde(flatten)]
    pub computation: Computation,
    /// Prompt tokens read in a second.
    pub prefill_tokens_per_s: f64,
    /// Tokens decoded in a second.
    pub decode_tokens_per_s: f64,
}

impl Measured {
    /// Milliseconds of a key.
    pub fn key_ms(&self) -> f64 {
        1_000.0
            * (KEY_TOKENS_READ / self.prefill_tokens_per_s
                + KEY_TOKENS_DECODED / self.decode_tokens_per_s)
    }

    /// Whether it is faster than `other` by more than noise.
    pub fn is_clearly_faster_than(&self, other: &Self) -> bool {
        // Not a number, when nothing could be measured, is not faster.
        self.key_ms() < other.key_ms() * (1.0 - MARGIN_PCT / 100.0)
    }
}

/// What was measured of a model on a device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tuned {
    /// The model's name.
    pub model: String,
    /// Size of its file.
    pub file_bytes: u64,
    /// The device, by llama.cpp's name.
    pub device: String,
    /// Physical cores of the machine.
    pub cores: u32,
    /// The best.
    pub best: Measured,
    /// What is used without a measurement.
    pub untuned: Measured,
}

/// Where an entry holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The model's name.
    pub model: &'a str,
    /// Size of its file.
    pub file_bytes: u64,
    /// Physical cores of the machine.
    pub cores: u32,
}

/// All entries.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tunings {
    #[serde(default)]
    tuned: Vec<Tuned>,
}

impl Tunings {
    /// Reads the file. One that is missing or damaged holds nothing: everything works without, and
    /// the next setup writes it anew.
    pub fn read(file: &Path) -> Self {
        let is_ours = std::fs::metadata(file).is_ok_and(|meta| meta.len() <= FILE_BYTES_MAX);
        let text = is_ours
            .then(|| std::fs::read_to_string(file).ok())
            .flatten();
        text.and_then(|text| toml::from_str(&text).ok())
            .unwrap_or_default()
    }

    /// The file's content.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        let body = toml::to_string(self)?;
        Ok(format!(
            "# Measured by `inkstone setup`; what inkstone.toml sets wins. Safe to delete.\n\n{body}"
        ))
    }

    /// Whether anything was measured there, on any device.
    pub fn has(&self, place: Place<'_>) -> bool {
        self.tuned.iter().any(|tuned| tuned.is_at(place))
    }

    /// What was measured there on this device.
    pub fn find(&self, place: Place<'_>, device: &str) -> Option<&Tuned> {
        let mut here = self.tuned.iter().filter(|tuned| tuned.is_at(place));
        here.find(|tuned| tuned.device == device)
    }

    /// Adds an entry in place of what was measured of the model on the device before.
    pub fn put(&mut self, new: Tuned) {
        self.tuned
            .retain(|old| (&old.model, &old.device) != (&new.model, &new.device));
        self.tuned.push(new);
    }
}

impl Tuned {
    fn is_at(&self, place: Place<'_>) -> bool {
        self.model == place.model
            && self.file_bytes == place.file_bytes
            && self.cores == place.cores
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(threads: u32, prefill: f64, decode: f64) -> Measured {
        Measured {
            computation: Computation {
                threads,
                flash_attention: true,
                kv_type: KvType::Q8,
                batch_tokens: 64,
            },
            prefill_tokens_per_s: prefill,
            decode_tokens_per_s: decode,
        }
    }

    fn tuned(device: &str, file_bytes: u64) -> Tuned {
        Tuned {
            model: "m".to_owned(),
            file_bytes,
            device: device.to_owned(),
            cores: 4,
            best: measured(3, 600.0, 150.0),
            untuned: measured(4, 500.0, 100.0),
        }
    }

    const PLACE: Place<'static> = Place {
        model: "m",
        file_bytes: 98,
        cores: 4,
    };

    #[test]
    fn noise_changes_nothing_and_a_clear_gain_does() {
        let base = measured(2, 500.0, 100.0);
        assert!(!measured(4, 510.0, 104.0).is_clearly_faster_than(&base));
        assert!(measured(4, 500.0, 120.0).is_clearly_faster_than(&base));
        assert!(!measured(4, f64::NAN, 1.0).is_clearly_faster_than(&base));
    }

    #[test]
    fn an_entry_is_found_again_and_void_for_another_file_device_or_machine() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tuning.toml");
        let mut tunings = Tunings::read(&file);
        assert_eq!(tunings, Tunings::default(), "a missing file holds nothing");
        tunings.put(tuned("CPU", 97));
        tunings.put(tuned("CPU", 98));
        tunings.put(tuned("Vulkan0", 98));
        std::fs::write(&file, tunings.to_toml().unwrap()).unwrap();
        let read = Tunings::read(&file);
        assert_eq!(read.find(PLACE, "CPU"), Some(&tuned("CPU", 98)));
        assert_eq!(read.find(PLACE, "CUDA0"), None);
        assert!(
            !read.has(Place {
                file_bytes: 97,
                ..PLACE
            }),
            "replaced"
        );
        assert!(!read.has(Place { cores: 8, ..PLACE }));
        std::fs::write(&file, "tuned = 3").unwrap();
        assert_eq!(Tunings::read(&file), Tunings::default(), "damaged");
    }
}
