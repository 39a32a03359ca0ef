//! How surprising a text is to a language model, beside others of its writer.
//!
//! Pure: numbers in, a verdict out. The daemon's model gives the numbers, the trainer keeps them by the
//! hash of the text and hands them in; this says what is usual for a writer in a language and a genre,
//! and what is so far from it that it is probably not their prose: gibberish, damaged text, tables of
//! words; and, at the other end, what every model knows by heart. Called when a dataset is put together,
//! and by the rule `perplexity`, which has the name, the switch and the examples.

/// Predicted tokens below which a mean says too little to be judged: one rare name in a heading makes
/// an outlier of it.
pub const JUDGED_TOKENS_MIN: u32 = 12;

/// Characters below which a text is not scored at all: it has not enough tokens.
pub const SCORED_CHARACTERS_MIN: usize = 16;

/// Of a normal distribution, the standard deviation is so many times the median of the distances from
/// the median.
const DEVIATION_OF_MAD: f64 = 1.482_602_218_505_602;

/// What a model said of a text, as it is kept: in whole thousandths of a nat, so that two runs which add
/// up in another order agree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Surprise {
    /// The sum of the negative log-likelihoods of the tokens, in thousandths of a nat.
    pub millinats: u64,
    /// Tokens that were predicted.
    pub tokens: u32,
    /// Characters that these spell.
    pub characters: u32,
}

impl Surprise {
    /// From the sum in nats.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Reason: clamped.
    pub fn new(nats: f64, tokens: u32, characters: u32) -> Self {
        // As many as 32 bits hold are more than any text costs; NaN becomes 0.
        let millinats = (nats * 1_000.0).round().clamp(0.0, f64::from(u32::MAX)) as u64;
        Self {
            millinats,
            tokens,
            characters,
        }
    }

    /// Nats for each token. In the labelled sample dirt stands out more by these than by nats for each
    /// character, where sound text with emoji or rare characters is as far away. None where the text is
    /// too short to be judged.
    pub fn level(&self) -> Option<f64> {
        let is_enough = self.tokens >= JUDGED_TOKENS_MIN;
        is_enough.then(|| self.millinats as f64 / 1_000.0 / f64::from(self.tokens))
    }
}

/// What is usual for a writer in one language and genre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Usual {
    /// The median of the levels.
    pub median: f64,
    /// How far from it texts usually are: the median of the distances, as a standard deviation. Neither
    /// moves however wild a few outliers are (Hampel, "The influence curve and its role in robust
    /// estimation", 1974).
    pub deviation: f64,
    /// Texts that it was taken from.
    pub texts: usize,
}

impl Usual {
    /// Of the levels of a writer's distinct texts, in any order. None where there are too few, or where
    /// all are the same.
    pub fn of(mut levels: Vec<f64>, texts_min: usize) -> Option<Self> {
        levels.retain(|level| level.is_finite());
        let texts = levels.len();
        if texts == 0 || texts < texts_min {
            return None;
        }
        let median = median(&mut levels);
        let mut distances: Vec<f64> = levels.iter().map(|level| (level - median).abs()).collect();
        let deviation = self::median(&mut distances) * DEVIATION_OF_MAD;
        (deviation > 0.0).then_some(Self {
            median,
            deviation,
            texts,
        })
    }

    /// How many deviations a level is above what is usual; negative below.
    pub fn deviations(&self, level: f64) -> f64 {
        (level - self.median) / self.deviation
    }
}

/// From where on a text is an outlier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Deviations above what is usual.
    pub above: f64,
    /// Deviations below.
    pub below: f64,
    /// Texts of a language and genre from which on there is something usual.
    pub texts_min: usize,
}

impl Limits {
    /// What the settings say unless they are changed.
    pub const DEFAULT: Self = Self {
        above: 4.0,
        below: 4.0,
        texts_min: 50,
    };
}

/// A text that is far from what is usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlier {
    /// Far more surprising: gibberish, damage, a table of words.
    Surprising,
    /// Far more predictable: known by heart, or repetitive.
    Predictable,
}

/// What a level is beside what is usual; none for an ordinary one.
pub fn outlier(level: f64, usual: &Usual, limits: &Limits) -> Option<Outlier> {
    let deviations = usual.deviations(level);
    if deviations >= limits.above {
        Some(Outlier::Surprising)
    } else if deviations <= -limits.below {
        Some(Outlier::Predictable)
    } else {
        None
    }
}

/// Whether a model is asked about a text.
pub fn is_scored(text: &str) -> bool {
    text.chars().nth(SCORED_CHARACTERS_MIN - 1).is_some()
}

/// The value in the middle; of an even number of them, the mean of the two.
fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_is_the_median_and_does_not_move_with_outliers() {
        let mut levels: Vec<f64> = (0..99).map(|n| 2.0 + f64::from(n) / 100.0).collect();
        let usual = Usual::of(levels.clone(), 50).unwrap();
        assert!((usual.median - 2.49).abs() < 1e-9, "{usual:?}");
        // Half of the distances are below 0.25 (0.245 rounded up to what there is).
        assert!(
            (usual.deviation - 0.25 * DEVIATION_OF_MAD).abs() < 1e-9,
            "{usual:?}"
        );
        levels.extend([90.0, f64::INFINITY, f64::NAN, 1e9]);
        let with = Usual::of(levels, 50).unwrap();
        assert!((with.median - usual.median).abs() < 0.02);
        assert!((with.deviation - usual.deviation).abs() < 0.03);
    }

    #[test]
    fn few_texts_or_texts_that_are_all_the_same_have_no_usual() {
        assert_eq!(Usual::of(vec![1.0, 2.0, 3.0], 4), None);
        assert_eq!(Usual::of(vec![2.0; 60], 50), None);
        assert_eq!(Usual::of(Vec::new(), 0), None);
        assert!(Usual::of(vec![1.0, 2.0, 3.0, 4.0], 4).is_some());
    }

    #[test]
    fn an_outlier_is_as_many_deviations_away_as_the_limits_say() {
        let usual = Usual {
            median: 1.0,
            deviation: 0.2,
            texts: 60,
        };
        let judge = |level| outlier(level, &usual, &Limits::DEFAULT);
        assert_eq!(judge(1.0), None);
        assert_eq!(judge(1.75), None);
        assert_eq!(judge(2.3), Some(Outlier::Surprising));
        assert_eq!(judge(0.3), None);
        assert_eq!(judge(0.15), Some(Outlier::Predictable));
        assert_eq!(judge(f64::NAN), None);
    }

    #[test]
    fn short_texts_are_not_judged_and_sums_are_kept_in_whole_numbers() {
        let short = Surprise::new(90.0, JUDGED_TOKENS_MIN - 1, 60);
        assert_eq!(short.level(), None);
        let long = Surprise::new(90.000_4, JUDGED_TOKENS_MIN, 60);
        assert_eq!((long.millinats, long.level()), (90_000, Some(7.5)));
        assert_eq!(Surprise::new(f64::NAN, 20, 20).millinats, 0);
        assert_eq!(Surprise::new(-0.1, 20, 20).millinats, 0);
        assert!(is_scored("这座海港的早晨总是安静得让人说不出话") && !is_scored("海港的早晨👩‍👩‍👧"));
    }
}
