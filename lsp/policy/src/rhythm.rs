//! How somebody types: how long a request waits while keys come faster than a suggestion can be
//! useful, and whether they come too fast to read a long one.
//!
//! A state machine without a clock: what happened and when in, how long to wait out. What is typed
//! along a shown suggestion, and what a person asks for by key, does not come here. Kept by the
//! language server for one editor; a writer's hands are the same in every document.

use std::time::Duration;

/// Longest wait by itself: a pause in typing shall not be noticed twice.
pub const WAIT_MAX: Duration = Duration::from_millis(150);

/// A gap that ends a burst: whoever paused so long is not typing any more, and reads.
const PAUSE_MIN: Duration = Duration::from_millis(600);

/// Sixty-five words a minute. Faster hands look at what they write, not at what they could write.
const FAST_GAP_MAX: Duration = Duration::from_millis(180);

/// Gaps, and replies, that are remembered: about one word, and a few sentences.
const SAMPLES_MAX: usize = 9;

/// Samples before their median means something.
const SAMPLES_MIN: usize = 3;

/// A key that is late by a quarter of the usual gap is still to come.
const LATE_KEY_QUARTERS: u32 = 5;

/// How long requests wait, as the settings say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Debounce {
    /// As rhythm and speed advise.
    Auto,
    /// So long, but not for the first key after a pause.
    Fixed(Duration),
}

impl Debounce {
    /// The setting in milliseconds; below zero it is [`Self::Auto`].
    pub fn of_setting(ms: i32) -> Self {
        u64::try_from(ms).map_or(Self::Auto, |ms| Self::Fixed(Duration::from_millis(ms)))
    }
}

/// What is known of a writer's hands and of the daemon's speed.
#[derive(Debug, Clone, Default)]
pub struct Rhythm {
    last_key: Option<Duration>,
    gaps: Samples,
    replies: Samples,
}

/// The last few durations.
#[derive(Debug, Clone, Default)]
struct Samples {
    latest: Vec<Duration>,
    next: usize,
}

impl Rhythm {
    /// `chars` characters were typed by one edit at `now`, counted from any fixed moment. An editor
    /// may send several keys as one edit, and an input method several characters.
    pub fn typed(&mut self, now: Duration, chars: usize) {
        let gap = self.last_key.map(|last| now.saturating_sub(last));
        self.last_key = Some(now);
        match gap {
            Some(gap) if gap < PAUSE_MIN => {
                let chars = u32::try_from(chars.max(1)).unwrap_or(u32::MAX);
                self.gaps.push(gap / chars);
            }
            _ => self.gaps.clear(),
        }
    }

    /// The daemon took so long for an answer.
    pub fn answered(&mut self, took: Duration) {
        self.replies.push(took);
    }

    /// An answer had not come after so long when a newer key made it useless. That tells something
    /// only if answers usually come sooner.
    pub fn overtaken(&mut self, after: Duration) {
        let usual = self.replies.median().unwrap_or_default();
        if after > usual {
            self.replies.push(after);
        }
    }

    /// Whether keys come too fast at `now` to read more than a few words between them. The first key
    /// after a pause is not fast.
    pub fn is_fast(&self, now: Duration) -> bool {
        let gap = self.gaps.median();
        self.is_in_burst(now) && gap.is_some_and(|gap| gap <= FAST_GAP_MAX)
    }

    /// How long a request shall wait at `now` before the daemon is asked.
    pub fn wait(&self, now: Duration, setting: Debounce) -> Duration {
        match setting {
            Debounce::Fixed(wait) if self.is_in_burst(now) => wait,
            Debounce::Fixed(_) => Duration::ZERO,
            Debounce::Auto => self.adapted(now),
        }
    }

    /// The first key after a pause goes at once. So does every key while answers come before the next:
    /// waiting would only make them late.
    fn adapted(&self, now: Duration) -> Duration {
        let (Some(gap), Some(reply)) = (self.gaps.median(), self.replies.median()) else {
            return Duration::ZERO;
        };
        if !self.is_in_burst(now) {
            return Duration::ZERO;
        }
        // Longer than a late key the wait gains nothing; longer than what is missing neither.
        let late_key = gap * LATE_KEY_QUARTERS / 4;
        let missing = reply.saturating_sub(gap);
        late_key.min(missing).min(WAIT_MAX)
    }

    /// Whether the last key belongs to a run of keys without a pause.
    fn is_in_burst(&self, now: Duration) -> bool {
        let since = self.last_key.map(|last| now.saturating_sub(last));
        !self.gaps.latest.is_empty() && since.is_some_and(|since| since < PAUSE_MIN)
    }
}

impl Samples {
    fn push(&mut self, sample: Duration) {
        if self.latest.len() < SAMPLES_MAX {
            self.latest.push(sample);
        } else {
            self.latest[self.next] = sample;
        }
        self.next = (self.next + 1) % SAMPLES_MAX;
    }

    fn clear(&mut self) {
        *self = Self::default();
    }

    /// None before there are enough.
    fn median(&self) -> Option<Duration> {
        if self.latest.len() < SAMPLES_MIN {
            return None;
        }
        let mut sorted = self.latest.clone();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    /// A writer with so many milliseconds between keys and a daemon that needs so many, after ten of
    /// each; and when the last key was.
    fn typing(gap_ms: u64, reply_ms: u64) -> (Rhythm, Duration) {
        let mut rhythm = Rhythm::default();
        for key in 0..10 {
            rhythm.typed(ms(key * gap_ms), 1);
            rhythm.answered(ms(reply_ms));
        }
        (rhythm, ms(9 * gap_ms))
    }

    fn wait(gap_ms: u64, reply_ms: u64) -> Duration {
        let (rhythm, now) = typing(gap_ms, reply_ms);
        rhythm.wait(now, Debounce::Auto)
    }

    #[test]
    fn while_answers_come_before_the_next_key_nothing_waits() {
        assert_eq!(wait(200, 120), ms(0));
        assert_eq!(wait(120, 120), ms(0));
    }

    #[test]
    fn keys_faster_than_answers_wait_for_a_late_key_and_never_long() {
        assert_eq!(wait(80, 400), ms(100));
        assert_eq!(wait(180, 200), ms(20));
        assert_eq!(wait(300, 2_000), WAIT_MAX);
        assert_eq!(wait(1, 10_000), ms(1) * LATE_KEY_QUARTERS / 4);
    }

    #[test]
    fn the_first_key_after_a_pause_goes_at_once() {
        let (mut rhythm, last) = typing(80, 400);
        let after_pause = last + ms(700);
        assert_eq!(rhythm.wait(after_pause, Debounce::Auto), ms(0));
        rhythm.typed(after_pause, 1);
        assert_eq!(rhythm.wait(after_pause, Debounce::Auto), ms(0));
        assert_eq!(rhythm.wait(after_pause, Debounce::Fixed(ms(90))), ms(0));
        rhythm.typed(after_pause + ms(80), 1);
        let in_burst = rhythm.wait(after_pause + ms(80), Debounce::Fixed(ms(90)));
        assert_eq!(in_burst, ms(90));
    }

    #[test]
    fn fast_hands_are_told_from_slow_ones_and_from_a_pause() {
        let is_fast = |gap_ms| {
            let (rhythm, now) = typing(gap_ms, 0);
            rhythm.is_fast(now)
        };
        assert!(is_fast(90) && is_fast(180));
        assert!(!is_fast(250) && !is_fast(700));
        let (mut rhythm, last) = typing(90, 0);
        assert!(!rhythm.is_fast(last + ms(600)));
        rhythm.typed(last + ms(700), 1);
        assert!(!rhythm.is_fast(last + ms(700)));
        assert!(!Rhythm::default().is_fast(ms(0)));
        // An input method brings several characters at once.
        let mut rhythm = Rhythm::default();
        for edit in 0..5 {
            rhythm.typed(ms(edit * 340), 2);
        }
        assert!(rhythm.is_fast(ms(4 * 340)));
    }

    #[test]
    fn nothing_waits_before_hands_and_daemon_are_known() {
        let mut rhythm = Rhythm::default();
        assert_eq!(rhythm.wait(ms(5), Debounce::Auto), ms(0));
        rhythm.answered(ms(900));
        for key in 0..3 {
            rhythm.typed(ms(key * 50), 1);
            assert_eq!(rhythm.wait(ms(key * 50), Debounce::Auto), ms(0));
        }
    }

    #[test]
    fn characters_that_come_together_share_their_gap() {
        let mut rhythm = Rhythm::default();
        for edit in 0..5 {
            rhythm.typed(ms(edit * 400), 4);
            rhythm.answered(ms(300));
        }
        assert_eq!(rhythm.gaps.median(), Some(ms(100)));
        assert_eq!(rhythm.wait(ms(1_600), Debounce::Auto), ms(125));
    }

    #[test]
    fn answers_that_never_come_in_time_teach_that_they_are_slow() {
        let mut rhythm = Rhythm::default();
        for key in 0..6 {
            rhythm.typed(ms(key * 80), 1);
            rhythm.overtaken(ms(79));
        }
        assert_eq!(
            rhythm.wait(ms(400), Debounce::Auto),
            ms(0),
            "not slower than a key"
        );
        for _ in 0..9 {
            rhythm.overtaken(ms(300));
        }
        assert!(rhythm.wait(ms(400), Debounce::Auto) > ms(0));
    }

    #[test]
    fn a_clock_that_steps_back_does_no_harm() {
        let (mut rhythm, last) = typing(80, 400);
        assert_eq!(last, ms(720));
        rhythm.typed(ms(680), 0);
        assert!(rhythm.wait(ms(670), Debounce::Auto) <= WAIT_MAX);
    }
}
