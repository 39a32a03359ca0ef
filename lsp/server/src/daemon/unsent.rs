//! What the daemon is to be told for the trainer and has not taken yet: bounded, in order.
//!
//! Plain state; sending is the link's.

use std::collections::VecDeque;

use inkstone_protocol::{Call, INSERTED_SHINGLES_MAX, InsertedOrigin};

/// Shingles kept while the daemon is away: half a megabyte, a novel's worth. The oldest go first.
const UNSENT_SHINGLES_MAX: usize = 1 << 16;

/// Saved documents kept; the watcher finds out by itself.
const UNSENT_SAVED_MAX: usize = 64;

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Message {
    /// Shingles to remember.
    Inserted(InsertedOrigin, Vec<u64>),
    /// The path of a saved document. After what was inserted before it, so that whoever reads the
    /// file finds that remembered.
    Saved(String),
}

impl Message {
    /// As the daemon is called.
    pub(crate) fn call(&self) -> Call {
        match self.clone() {
            Self::Inserted(origin, shingles) => Call::Inserted { origin, shingles },
            Self::Saved(path) => Call::Saved { path },
        }
    }

    fn shingles(&self) -> usize {
        match self {
            Self::Inserted(_, shingles) => shingles.len(),
            Self::Saved(_) => 0,
        }
    }
}

/// Messages that wait, the oldest first; none is empty or too long for a line.
#[derive(Debug, Default)]
pub(crate) struct Unsent(VecDeque<Message>);

impl Unsent {
    /// Adds the shingles of a text.
    pub(crate) fn inserted(&mut self, origin: InsertedOrigin, shingles: &[u64]) {
        let mut rest = shingles;
        // What waits anyway goes out with the one before it.
        if let Some(Message::Inserted(last_origin, last)) = self.0.back_mut()
            && *last_origin == origin
        {
            let room = INSERTED_SHINGLES_MAX.saturating_sub(last.len());
            let (now, later) = rest.split_at(room.min(rest.len()));
            last.extend_from_slice(now);
            rest = later;
        }
        let parts = rest.chunks(INSERTED_SHINGLES_MAX);
        self.0
            .extend(parts.map(|part| Message::Inserted(origin, part.to_vec())));
        self.forget_surplus();
    }

    /// Adds a saved document.
    pub(crate) fn saved(&mut self, path: String) {
        let message = Message::Saved(path);
        self.0.retain(|waiting| *waiting != message);
        self.0.push_back(message);
        self.forget_surplus();
    }

    /// The next message, no longer kept here.
    pub(crate) fn take(&mut self) -> Option<Message> {
        self.0.pop_front()
    }

    /// Takes back a message that did not arrive.
    pub(crate) fn give_back(&mut self, message: Message) {
        self.0.push_front(message);
        self.forget_surplus();
    }

    fn forget_surplus(&mut self) {
        let is_saved = |message: &Message| matches!(message, Message::Saved(_));
        while self.0.iter().map(Message::shingles).sum::<usize>() > UNSENT_SHINGLES_MAX {
            self.forget_first(|message| !is_saved(message));
        }
        while self.0.iter().filter(|message| is_saved(message)).count() > UNSENT_SAVED_MAX {
            self.forget_first(is_saved);
        }
    }

    fn forget_first(&mut self, is_it: impl Fn(&Message) -> bool) {
        if let Some(first) = self.0.iter().position(is_it) {
            self.0.remove(first);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUGGESTED: InsertedOrigin = InsertedOrigin::Suggested;

    fn lengths(mut unsent: Unsent) -> Vec<usize> {
        std::iter::from_fn(|| unsent.take())
            .map(|message| message.shingles())
            .collect()
    }

    #[test]
    fn small_texts_share_a_message_and_long_ones_take_several() {
        let mut unsent = Unsent::default();
        unsent.inserted(SUGGESTED, &[1, 2]);
        unsent.inserted(SUGGESTED, &[3]);
        unsent.inserted(InsertedOrigin::Pasted, &vec![9; INSERTED_SHINGLES_MAX + 7]);
        assert_eq!(lengths(unsent), [3, INSERTED_SHINGLES_MAX, 7]);
    }

    #[test]
    fn a_saved_document_comes_after_what_was_inserted_before_and_once() {
        let mut unsent = Unsent::default();
        unsent.saved("/港口.md".into());
        unsent.inserted(SUGGESTED, &[1]);
        unsent.saved("/港口.md".into());
        unsent.inserted(SUGGESTED, &[2]);
        assert_eq!(unsent.take(), Some(Message::Inserted(SUGGESTED, vec![1])));
        assert_eq!(unsent.take(), Some(Message::Saved("/港口.md".into())));
        assert_eq!(unsent.take(), Some(Message::Inserted(SUGGESTED, vec![2])));
        for number in 0..1_000 {
            unsent.saved(format!("/{number}.md"));
        }
        assert_eq!(unsent.0.len(), UNSENT_SAVED_MAX);
        assert_eq!(unsent.0.back(), Some(&Message::Saved("/999.md".into())));
    }

    #[test]
    fn what_did_not_arrive_comes_first_again_and_the_oldest_go_when_full() {
        let mut unsent = Unsent::default();
        unsent.inserted(SUGGESTED, &[1]);
        let lost = unsent.take().expect("a message");
        unsent.inserted(InsertedOrigin::Pasted, &[2]);
        unsent.give_back(lost.clone());
        assert_eq!(unsent.take(), Some(lost.clone()));
        unsent.give_back(lost);
        unsent.inserted(SUGGESTED, &vec![7; UNSENT_SHINGLES_MAX]);
        let left: usize = lengths(unsent).into_iter().sum();
        assert_eq!(left, UNSENT_SHINGLES_MAX);
    }
}
