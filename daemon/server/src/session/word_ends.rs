//! Where the words of an answer end, so that an editor can take it word by word.
//!
//! Done here and not on the engine thread, which would stand still while the dictionary is read.

use inkstone_protocol::CompleteReply;
use tokio::task::{JoinHandle, spawn_blocking};

/// Cuts the answer to one completion.
#[derive(Debug)]
pub(super) struct WordEnds {
    before: String,
    /// The reading of the dictionary, once it was begun for this answer.
    reading: Option<JoinHandle<()>>,
}

impl WordEnds {
    /// For an answer that continues `prefix`.
    pub(super) fn after(prefix: &str) -> Self {
        Self {
            before: inkstone_words::context(prefix).to_owned(),
            reading: None,
        }
    }

    /// Has the dictionary read meanwhile, if the answer will need it: a model is being loaded for
    /// this request, which takes longer.
    pub(super) fn prepare(&mut self) {
        if inkstone_words::needs_dictionary(&self.before) {
            self.begin_reading();
        }
    }

    /// Reads the dictionary, unless it was read or this answer has begun to.
    fn begin_reading(&mut self) {
        if self.reading.is_none() && !inkstone_words::is_loaded() {
            self.reading = Some(spawn_blocking(inkstone_words::load));
        }
    }

    /// Says in the answer where the words of its suggestions end.
    pub(super) async fn write_into(&mut self, reply: &mut CompleteReply) {
        let beside = reply.alternatives.iter().map(|other| &other.text);
        let texts = [&self.before, &reply.text].into_iter().chain(beside);
        let needs_dictionary = texts
            .into_iter()
            .any(|text| inkstone_words::needs_dictionary(text));
        if !reply.text.is_empty() && needs_dictionary {
            self.begin_reading();
            if let Some(reading) = self.reading.take() {
                // An error is a panic while reading: then the cutting below says so.
                let _ = reading.await;
            }
        }
        reply.word_ends = self.ends_in(&reply.text);
        for other in &mut reply.alternatives {
            other.word_ends = self.ends_in(&other.text);
        }
    }

    fn ends_in(&self, text: &str) -> Vec<u32> {
        if text.is_empty() {
            return Vec::new();
        }
        inkstone_words::word_ends(&self.before, text)
            .into_iter()
            .filter_map(|end| u32::try_from(end).ok())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use inkstone_protocol::{Alternative, Timing, TokenUse};

    use super::*;

    async fn ends(prefix: &str, text: &str) -> Vec<u32> {
        let mut reply = CompleteReply {
            text: text.to_owned(),
            word_ends: Vec::new(),
            alternatives: vec![Alternative {
                text: text.to_owned(),
                word_ends: Vec::new(),
                confidence: None,
            }],
            silence: None,
            finish: None,
            model: None,
            mean_logprob: None,
            confidence: None,
            timing: Timing::default(),
            tokens: TokenUse::default(),
        };
        WordEnds::after(prefix).write_into(&mut reply).await;
        assert_eq!(reply.alternatives[0].word_ends, reply.word_ends);
        reply.word_ends
    }

    #[tokio::test]
    async fn an_answer_says_where_its_words_end_in_both_scripts() {
        assert_eq!(ends("The har", "bour was quiet.").await, [4, 8, 14]);
        assert_eq!(ends("渔民们站在公", "园里，用 Rust").await, [3, 6, 12, 17]);
        assert_eq!(ends("The", "").await, [0; 0]);
    }
}
