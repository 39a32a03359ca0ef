//! Where the words of an answer end, so that an editor can take it word by word.
//!
//! Done here and not on the engine thread, which would stand still while the dictionary is read.

use inkstone_prose::characters::is_han;
use inkstone_protocol::{CompleteReply, Finish};
use tokio::task::{JoinHandle, spawn_blocking};

/// Cuts the answer to one completion.
#[derive(Debug)]
pub(super) struct WordEnds {
    before: String,
    /// The reading of the dictionary, once it was begun for this answer.
    reading: Option<JoinHandle<()>>,
}

impl WordEnds {
    /// For an answer that continues `prefix`. If that will need the dictionary, it is read while the
    /// model is at work, which judges its answer by the dictionary too.
    pub(super) fn after(prefix: &str) -> Self {
        let mut ends = Self {
            before: inkstone_words::context(prefix).to_owned(),
            reading: None,
        };
        if inkstone_words::needs_dictionary(&ends.before) {
            ends.begin_reading();
        }
        ends
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
        if reply.finish == Some(Finish::Word) {
            cut_to_word(&mut reply.text, &mut reply.word_ends);
            for other in &mut reply.alternatives {
                cut_to_word(&mut other.text, &mut other.word_ends);
            }
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

/// Cuts a Chinese text to its first word. The engine thread, which does not wait for the dictionary,
/// ends where that word has ended in any case; a word between spaces it knows itself.
fn cut_to_word(text: &mut String, word_ends: &mut Vec<u32>) {
    let in_bytes = |end: &u32| usize::try_from(*end).ok();
    let has_han = |end: &usize| text.get(..*end).is_some_and(|word| word.contains(is_han));
    let first = word_ends.iter().filter_map(in_bytes).find(has_han);
    if let Some(first) = first {
        text.truncate(first);
        word_ends.retain(|end| in_bytes(end).is_some_and(|end| end <= first));
    }
}

#[cfg(test)]
mod tests {
    use inkstone_protocol::{Alternative, Timing, TokenUse};

    use super::*;

    async fn ends(prefix: &str, text: &str) -> Vec<u32> {
        answer(prefix, text, None).await.word_ends
    }

    async fn answer(prefix: &str, text: &str, finish: Option<Finish>) -> CompleteReply {
        let mut reply = CompleteReply {
            text: text.to_owned(),
            word_ends: Vec::new(),
            alternatives: vec![Alternative {
                text: text.to_owned(),
                word_ends: Vec::new(),
                confidence: None,
            }],
            silence: None,
            finish,
            model: None,
            adapter: None,
            notice: None,
            mean_logprob: None,
            confidence: None,
            timing: Timing::default(),
            tokens: TokenUse::default(),
        };
        WordEnds::after(prefix).write_into(&mut reply).await;
        assert_eq!(reply.alternatives[0].word_ends, reply.word_ends);
        assert_eq!(reply.alternatives[0].text, reply.text);
        reply
    }

    #[tokio::test]
    async fn an_answer_of_one_word_has_one_by_the_dictionary() {
        let word = async |prefix, text| {
            let reply = answer(prefix, text, Some(Finish::Word)).await;
            (reply.text, reply.word_ends)
        };
        let one = |text: &str, end| (text.to_owned(), vec![end]);
        assert_eq!(word("渔民们站在", "公园里很").await, one("公园", 6));
        assert_eq!(word("渔民们站在公", "园里很安").await, one("园", 3));
        assert_eq!(word("我们用 Rust ", "写代码和").await, one("写", 3));
        assert_eq!(word("The", ", and").await, one(", and", 5));
        let whole = answer("渔民们站在", "公园里很", Some(Finish::Length)).await;
        assert_eq!(whole.text, "公园里很");
    }

    #[tokio::test]
    async fn an_answer_says_where_its_words_end_in_both_scripts() {
        assert_eq!(ends("The har", "bour was quiet.").await, [4, 8, 14]);
        assert_eq!(ends("渔民们站在公", "园里，用 Rust").await, [3, 6, 12, 17]);
        assert_eq!(ends("The", "").await, [0; 0]);
    }
}
