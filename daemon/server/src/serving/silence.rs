//! Answers that offer nothing, with the reason and what would change it.

use inkstone_models::ModelName;
use inkstone_prose::Language;
use inkstone_protocol::{CompleteReply, ErrorCode, Silence, Timing, TokenUse, WireError};

use super::event::ServingEvent;
use super::mail::Submission;

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
pub(super) fn not_installed(name: &ModelName, language: Option<Language>) -> Silence {
    let whose = language.map_or_else(String::new, |language| {
        format!(", which serves {} text,", language_name(language))
    });
    Silence {
        reason: "no_model_for_language".to_owned(),
        message: format!("The model {name}{whose} is not installed."),
        remedy: Some(format!("inkstone model pull {name}")),
    }
}

/// The request names a model by something that no model can be called.
pub(super) fn not_a_name(name: &str) -> Silence {
    Silence {
        reason: "unknown_model".to_owned(),
        message: format!("No model can be called {name:?}."),
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

/// Answers a submission that never reached a model.
pub(super) fn answer(submission: &Submission, silence: Silence) {
    let total_ms = submission.received_at.elapsed().as_secs_f64() * 1e3;
    let reply = CompleteReply {
        text: String::new(),
        silence: Some(silence),
        finish: None,
        model: None,
        mean_logprob: None,
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

/// The model is installed, but cannot be loaded.
pub(super) fn load_failed(name: &ModelName, problem: &str) -> WireError {
    WireError::new(
        ErrorCode::ModelUnavailable,
        format!("the model {name} cannot be loaded: {problem}"),
    )
    .with_remedy("inkstone doctor")
}
