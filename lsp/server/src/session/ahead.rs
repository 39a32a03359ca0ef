//! What comes after a suggestion that is likely to be taken, asked while the writer reads it.
//!
//! Whoever takes it whole sees the next one at once. Nothing is computed in fast typing: the question
//! waits for a pause, and the next key ends it like any other. Nothing is shown from here: `suggest`
//! takes the answer where it would ask the same.

use std::time::Duration;

use inkstone_protocol::{CompleteParams, CompleteReply, DocumentVersion, Technique, Trigger};
use inkstone_text::Utf8Offset;

use super::Session;
use super::ask::{Ask, SuggestionReply};
use super::suggest::how_far;

/// A suggestion whose first word is less likely than this is seldom taken whole.
const SCORE_MIN: f32 = 0.6;

/// How long the writer has paused over the suggestion: longer than between two keys.
const WAIT: Duration = Duration::from_millis(200);

/// The next suggestion, if this one is taken whole.
#[derive(Debug)]
pub(crate) struct Ahead {
    asked: CompleteParams,
    reply: CompleteReply,
}

impl Ahead {
    /// The answer to a question that asked ahead.
    pub(crate) fn new(asked: CompleteParams, reply: CompleteReply) -> Self {
        Self { asked, reply }
    }

    /// The answer to this question, if it is the one that was asked.
    ///
    /// How far it may go and how sure it must be follow pace and feedback, and have hardly moved.
    pub(crate) fn answer_to(self, params: &CompleteParams) -> Option<CompleteReply> {
        let asked = CompleteParams {
            version: params.version,
            stop: params.stop,
            max_tokens: params.max_tokens,
            score_min: params.score_min,
            ..self.asked
        };
        (asked == *params).then_some(self.reply)
    }
}

/// The question what comes after the suggestion that answers another; none where it is not worth the
/// computing.
pub(crate) fn question(
    session: &mut Session,
    answered: &Ask,
    reply: &CompleteReply,
) -> Option<Ask> {
    let settings = &session.configuration.settings().completion;
    let is_likely = reply
        .confidence
        .is_some_and(|known| known.score >= SCORE_MIN);
    // A replay's keys have no pace.
    let has_pace = !session.configuration.without().contains(&Technique::Pace);
    let by_itself = answered.params.trigger == Trigger::Automatic;
    // Another line may be another place, with other rules.
    let stays = !reply.text.contains(['\n', '\r']);
    let is_wanted = settings.ahead && !session.is_stopping();
    if !(is_wanted && is_likely && has_pace && by_itself && stays) {
        return None;
    }
    let id = session.next_suggestion();
    let mut params = answered.params.clone();
    params.version = DocumentVersion(id.get());
    params.prefix.push_str(&reply.text);
    let (stop, max_tokens) = how_far(session, params.trigger, answered.zone, &params.prefix);
    (params.stop, params.max_tokens) = (Some(stop), Some(max_tokens));
    Some(Ask {
        id,
        key: answered.key.clone(),
        revision: answered.revision,
        caret: Utf8Offset::new(answered.caret.get() + reply.text.len()),
        zone: answered.zone,
        params,
        wait: WAIT,
        asked_at: session.now + WAIT,
        deadline: answered.deadline,
        reply: SuggestionReply::Ahead,
    })
}
