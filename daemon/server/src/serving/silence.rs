//! Answers that offer nothing, with the reason and what would change it.

use inkstone_models::ModelName;
use inkstone_pipeline::DropReason;
use inkstone_prose::Language;
use inkstone_protocol::{CompleteReply, Silence, Timing, TokenUse};

use super::event::ServingEvent;
use super::mail::Submission;

/// Characters of a client's words that an answer and the log repeat: a line, not a megabyte.
const SHOWN_CHARS_MAX: usize = 80;

/// No role names a model for this language.
pub(super) fn no_role(language: Language) -> Silence {
    let tag = language.tag();
    Silence {
        reason: "no_model_for_language".to_owned(),
        message: format!("No model is chosen for {} text.", language_name(language)),
        remedy: Some(format!(
            "inkstone model use NAME --role completion --lang {tag}"
        )),
    }
}

/// The model that should serve is not installed; `language` is none when the request named it.
pub(super) fn not_installed(name: &ModelName, language: Option<Language>, remedy: &str) -> Silence {
    let whose = language.map_or_else(String::new, |language| {
        format!(", which serves {} text,", language_name(language))
    });
    Silence {
        reason: "no_model_for_language".to_owned(),
        message: format!("The model {name}{whose} is not installed."),
        remedy: Some(remedy.to_owned()),
    }
}

/// The request names a model by something that no model can be called.
pub(super) fn not_a_name(name: &str) -> Silence {
    let shown: String = name.chars().take(SHOWN_CHARS_MAX).collect();
    let more = if shown.len() < name.len() { "…" } else { "" };
    Silence {
        reason: "unknown_model".to_owned(),
        // Escaped: it may hold what a terminal takes for a command.
        message: format!("No model can be called {shown:?}{more}."),
        remedy: Some("inkstone model list".to_owned()),
    }
}

fn language_name(language: Language) -> &'static str {
    match language {
        Language::English => "English",
        Language::Chinese => "Chinese",
        Language::Other => "other",
    }
}

/// What was written cannot be offered.
pub(super) fn dropped(reason: DropReason) -> Silence {
    let message = match reason {
        DropReason::Empty => "The model had nothing to add.",
        DropReason::RepeatsFollowing => "The suggestion repeated what follows the caret.",
        DropReason::RepeatsPreceding => "The suggestion repeated what stands before the caret.",
        DropReason::Loop => "The suggestion went round in circles.",
        DropReason::WrongScript => "The suggestion was in another script than the text.",
        DropReason::OnlyPunctuation => "The suggestion held no word.",
        DropReason::InvalidText => "The suggestion held characters that belong in no text.",
        DropReason::BreaksWord => "The suggestion went on with a word that a space had ended.",
        DropReason::UnbalancedMarks => {
            "The suggestion began with the end of a quotation or bracket that is not open."
        }
        DropReason::InventedReference => {
            "The suggestion referred to something that your document does not hold: an address, a citation, a note."
        }
        DropReason::RepeatsHeading => "The suggestion was a heading that the document has already.",
    };
    Silence {
        reason: reason.code().to_owned(),
        message: message.to_owned(),
        remedy: None,
    }
}

/// The gate keeps it back.
pub(super) fn unlikely(score: f32, score_min: f32) -> Silence {
    Silence {
        reason: "unlikely".to_owned(),
        message: format!(
            "The suggestion was too unlikely to be yours: {score:.2}, where {score_min:.2} is shown; ask by key to see it, or set inkstone.completion.preset."
        ),
        remedy: None,
    }
}

/// Answers a submission that never reached a model.
pub(super) fn answer(submission: &Submission, silence: Silence) {
    let total_ms = submission.received_at.elapsed().as_secs_f64() * 1e3;
    let reply = CompleteReply {
        text: String::new(),
        word_ends: Vec::new(),
        alternatives: Vec::new(),
        silence: Some(silence),
        finish: None,
        model: None,
        adapter: None,
        notice: None,
        mean_logprob: None,
        confidence: None,
        timing: Timing {
            total_ms,
            ..Timing::default()
        },
        tokens: TokenUse::default(),
    };
    let _ = submission
        .events
        .try_send(ServingEvent::Done(Ok(Box::new(reply))));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clients_word_is_cut_and_escaped() {
        let message = not_a_name(&"模\u{1b}[31m".repeat(200_000)).message;
        assert!(message.chars().count() < 600, "{message}");
        assert!(
            !message.contains('\u{1b}') && message.ends_with("\"…."),
            "{message}"
        );
        assert_eq!(
            not_a_name("my model").message,
            "No model can be called \"my model\"."
        );
    }
}
