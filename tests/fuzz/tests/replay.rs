//! Every seed and a fixed number of its mutations through every target, without `cargo fuzz`.
//!
//! The mutations come from a counter, so that a failure is the same in every run; its message names
//! the seed and the mutation.

#![allow(clippy::unwrap_used)] // A test that fails panics.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use inkstone_fuzz::TARGETS;

/// Mutations of each seed: a second in all.
const MUTATIONS_PER_SEED: u64 = 1_000;

/// Seeds larger than this belong into a test of their own.
const SEED_BYTES_MAX: usize = 16 << 10;

/// Numbers that counts, lengths and offsets break on.
const NUMBERS: &[u64] = &[
    0,
    1,
    8,
    0x7F,
    0xFF,
    0x7FFF,
    0xFFFF,
    0x7FFF_FFFF,
    0xFFFF_FFFF,
    1 << 62,
    u64::MAX,
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The committed seeds of a target, by file name.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = root().join("seeds").join(target);
    let entries =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut seeds: Vec<(String, Vec<u8>)> = entries
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                fs::read(&path).unwrap(),
            )
        })
        .collect();
    seeds.sort();
    seeds
}

/// A generator of numbers without state elsewhere (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap()
    }
}

/// One to four changes of the seed; `other` is another seed to take a stretch from.
fn mutated(seed: &[u8], other: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len() + 1);
        let end = (at + numbers.below(32)).min(bytes.len());
        match numbers.below(7) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => drop(
                bytes.splice(
                    at..at,
                    seed[at.min(seed.len())..end.min(seed.len())]
                        .iter()
                        .copied(),
                ),
            ),
            3 => {
                let from = numbers.below(other.len());
                let to = (from + numbers.below(64)).min(other.len());
                drop(bytes.splice(at..end, other[from..to].iter().copied()));
            }
            4 => {
                let number = NUMBERS[numbers.below(NUMBERS.len())].to_le_bytes();
                let width = [1, 2, 4, 8][numbers.below(4)].min(bytes.len() - at);
                bytes[at..at + width].copy_from_slice(&number[..width]);
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << numbers.below(8);
                }
            }
        }
    }
    bytes
}

#[test]
fn seeds_and_their_mutations_break_no_promise() {
    for &(target, run) in TARGETS {
        let seeds = seeds(target);
        assert!(
            !seeds.is_empty(),
            "seeds/{target} is empty; add a small input"
        );
        for (index, (name, seed)) in seeds.iter().enumerate() {
            assert!(
                seed.len() <= SEED_BYTES_MAX,
                "seeds/{target}/{name} has {} bytes; make it smaller",
                seed.len()
            );
            let other = &seeds[(index + 1) % seeds.len()].1;
            for mutation in 0..=MUTATIONS_PER_SEED {
                // The first is the seed itself.
                let input = if mutation == 0 {
                    seed.clone()
                } else {
                    mutated(seed, other, &mut Numbers(mutation << 16))
                };
                let result = catch_unwind(AssertUnwindSafe(|| run(&input)));
                assert!(
                    result.is_ok(),
                    "target {target} fails on mutation {mutation} of seeds/{target}/{name} (its panic is above): {:?}",
                    input.escape_ascii().to_string()
                );
            }
        }
    }
}

#[test]
fn every_target_has_its_binary_and_its_seeds_and_nothing_is_left_over() {
    let listed: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let names = |folder: &str| -> BTreeSet<String> {
        let stem = |path: PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
        fs::read_dir(root().join(folder))
            .unwrap()
            .map(|entry| stem(entry.unwrap().path()))
            .collect()
    };
    assert_eq!(
        names("fuzz_targets"),
        listed,
        "fuzz_targets/ and the list in src/lib.rs differ"
    );
    assert_eq!(
        names("seeds"),
        listed,
        "seeds/ and the list in src/lib.rs differ"
    );
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    for name in &listed {
        let path = format!("path = \"fuzz_targets/{name}.rs\"");
        assert!(
            manifest.contains(&path),
            "Cargo.toml has no [[bin]] with {path}; copy a neighbour's"
        );
    }
    assert_eq!(
        manifest.matches("[[bin]]").count(),
        listed.len(),
        "a [[bin]] in Cargo.toml has no target"
    );
}
