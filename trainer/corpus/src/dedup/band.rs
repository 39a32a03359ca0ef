//! The keys under which near-duplicates find each other (locality-sensitive hashing).
//!
//! A signature is cut into bands of some rows; two texts are compared if a band is the same in both.
//! With `b` bands of `r` rows, texts of similarity `s` meet with probability `1 - (1 - s^r)^b`
//! (Leskovec, Rajaraman, Ullman, *Mining of Massive Datasets*, 3.4), the S-curve:
//!
//! | similarity | pieces: 18 bands of 7 rows | documents: 42 bands of 3 rows |
//! |---|---|---|
//! | 0.10 | 0.0000 | 0.0412 |
//! | 0.20 | 0.0002 | 0.2863 |
//! | 0.30 | 0.0039 | 0.6832 |
//! | 0.40 | 0.0291 | 0.9378 |
//! | 0.50 | 0.1317 | 0.9963 |
//! | 0.60 | 0.4001 | 1.0000 |
//! | 0.70 | 0.7871 | 1.0000 |
//! | 0.80 | 0.9855 | 1.0000 |
//! | 0.85 | 0.9990 | 1.0000 |
//! | 0.90 | 1.0000 | 1.0000 |
//!
//! Pieces are duplicates from 0.8 on. Fewer, longer bands would need fewer rows in the index but
//! miss 5 in 100 there (16 of 8); more, shorter ones would compare a quarter of all pieces that
//! share half of their words (21 of 6). Documents meet from a third on, since a draft that is a
//! third of what it became is to be found. Texts that meet by chance are only compared.

use super::signature::Signature;

/// Keys of a piece.
pub const BANDS: usize = 18;
/// Rows of each.
const ROWS: usize = 7;

/// Keys of a document.
pub const DOCUMENT_BANDS: usize = 42;
/// Rows of each.
const DOCUMENT_ROWS: usize = 3;

/// The keys of a piece's signature, each different from those of other bands by its number.
pub fn bands(signature: &Signature) -> Vec<u64> {
    keys(signature, BANDS, ROWS)
}

/// The keys of a document's signature. They are not to be mixed with those of pieces.
pub fn document_bands(signature: &Signature) -> Vec<u64> {
    keys(signature, DOCUMENT_BANDS, DOCUMENT_ROWS)
}

fn keys(signature: &Signature, bands: usize, rows: usize) -> Vec<u64> {
    let rows = signature.minima.chunks_exact(rows).take(bands);
    rows.zip(0..)
        .map(|(band, number)| key(number, band))
        .collect()
}

/// FNV-1a over 32-bit words, and the finaliser of SplitMix64: fixed for good, as the keys are kept.
fn key(number: u64, band: &[u32]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ number;
    for row in band {
        hash = (hash.rotate_left(23) ^ u64::from(*row)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(similarity: f64, bands: usize, rows: usize) -> f64 {
        let (bands, rows) = (bands as f64, rows as f64);
        1.0 - (1.0 - similarity.powf(rows)).powf(bands)
    }

    #[test]
    fn the_table_above_is_the_curve() {
        let table = include_str!("band.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("//! | 0."))
            .map(|line| {
                let cells = format!("0.{line}");
                let cells: Vec<f64> = cells
                    .split('|')
                    .filter_map(|cell| cell.trim().parse().ok())
                    .collect();
                [cells[0], cells[1], cells[2]]
            });
        let rows: Vec<_> = table.collect();
        assert_eq!(rows.len(), 10);
        for [similarity, pieces, documents] in rows {
            let expected = curve(similarity, BANDS, ROWS);
            assert!(
                (pieces - expected).abs() < 0.00006,
                "{similarity}: {expected}"
            );
            let expected = curve(similarity, DOCUMENT_BANDS, DOCUMENT_ROWS);
            assert!(
                (documents - expected).abs() < 0.00006,
                "{similarity}: {expected}"
            );
        }
    }

    #[test]
    fn texts_meet_as_often_as_the_curve_says() {
        for (shared, low, high) in [(20_u64, 0.05, 0.25), (32, 0.95, 1.0)] {
            // Two texts of 40 shingles in all, of which `shared` are in both.
            let own = (40 - shared) / 2;
            let meetings = (0..300).filter(|round| {
                let hash = |n: u64| key(*round, &[u32::try_from(n).unwrap()]);
                let one: Vec<u64> = (0..shared + own).map(hash).collect();
                let other: Vec<u64> = (0..shared).chain(100..100 + own).map(hash).collect();
                let one = bands(&Signature::of_shingles(&one));
                let other = bands(&Signature::of_shingles(&other));
                one.iter().any(|key| other.contains(key))
            });
            let share = meetings.count() as f64 / 300.0;
            assert!((low..=high).contains(&share), "{shared} of 40: {share}");
        }
    }

    #[test]
    fn keys_of_different_bands_differ() {
        let mut keys = bands(&Signature::of_shingles(&[]));
        assert_eq!(keys.len(), BANDS);
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), BANDS);
        assert_eq!(
            document_bands(&Signature::of_shingles(&[])).len(),
            DOCUMENT_BANDS
        );
    }
}
