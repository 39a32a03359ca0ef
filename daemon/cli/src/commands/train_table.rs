//! What came of trainings, for a person. Pure.

use std::fmt::Write as _;

use serde::Deserialize;

use crate::exit_status::ExitStatus;

/// The word of an adapter that is in use.
const LIVE: &str = "live";

/// The trainer's answer.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    trainings: Vec<Trained>,
}

#[derive(Debug, Deserialize)]
struct Trained {
    language: String,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
enum Outcome {
    Registered {
        adapter: String,
        state: String,
        bytes: u64,
        decision: Box<Decision>,
        facts: Facts,
    },
    TooSmall {
        what: String,
        found: u64,
        needed: u64,
    },
    NothingNew {
        adapter: String,
        why: String,
    },
    Stopped {
        step: u64,
        steps: u64,
    },
    Planned {
        own_tokens: u64,
        documents: u64,
        held_out_tokens: u64,
        held_out_documents: u64,
        generic_tokens: Option<u64>,
        chosen: Chosen,
        resumes: bool,
    },
    Unavailable {
        why: String,
    },
    Rates {
        best: Option<f64>,
        tried: Vec<(f64, f64)>,
    },
}

#[derive(Debug, Deserialize)]
struct Decision {
    reasons: Vec<String>,
    own: Gain,
    generic: Option<Gain>,
    runs: Recited,
    rare: Recited,
    #[serde(default)]
    names: Recited,
    margins: Margins,
}

#[derive(Debug, Deserialize)]
struct Margins {
    #[serde(default)]
    generic_is_drawn: bool,
}

#[derive(Debug, Deserialize)]
struct Gain {
    base_loss: f64,
    adapter_loss: f64,
    percent: f64,
    low_percent: f64,
    high_percent: f64,
    documents: u64,
}

#[derive(Debug, Default, Deserialize)]
struct Recited {
    probes: u64,
    #[serde(default)]
    found: u64,
    base: u64,
    adapter: u64,
}

/// The strength of an adapter that is worn as it was trained.
fn whole() -> f64 {
    1.0
}

#[derive(Debug, Deserialize)]
struct Facts {
    end: String,
    best_step: u64,
    #[serde(default = "whole")]
    strength: f64,
    own_tokens: u64,
    tokens_per_s: f64,
    peak_rss_mb: f64,
}

#[derive(Debug, Deserialize)]
struct Chosen {
    rank: u64,
    rate: String,
    steps: u64,
    step_tokens: u64,
    sequence_tokens: u64,
    replay_percent: u64,
    recompute: bool,
}

impl Answer {
    /// How the command ends: by the language that came furthest.
    pub(super) fn status(&self) -> ExitStatus {
        let of = |outcome: &Outcome| match outcome {
            Outcome::Registered { state, .. } if state != LIVE => ExitStatus::Refused,
            Outcome::Registered { .. }
            | Outcome::NothingNew { .. }
            | Outcome::Planned { .. }
            | Outcome::Rates { .. } => ExitStatus::Done,
            Outcome::TooSmall { .. } | Outcome::Stopped { .. } => ExitStatus::Found,
            Outcome::Unavailable { .. } => ExitStatus::Unavailable,
        };
        let all: Vec<ExitStatus> = self.trainings.iter().map(|one| of(&one.outcome)).collect();
        let furthest = [ExitStatus::Done, ExitStatus::Refused, ExitStatus::Found];
        let mut furthest = furthest.into_iter();
        let reached = furthest.find(|status| all.contains(status));
        reached.unwrap_or(ExitStatus::Unavailable)
    }
}

/// The answer in words. A language of which there is nothing is passed over where there is another.
pub(super) fn text(answer: &Answer) -> String {
    let is_nothing = |one: &&Trained| matches!(one.outcome, Outcome::TooSmall { found: 0, .. });
    let mut told: Vec<&Trained> = answer.trainings.iter().collect();
    if !told.iter().all(is_nothing) {
        told.retain(|one| !is_nothing(one));
    }
    let mut text = String::new();
    for one in told {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}: {}", one.language, words(&one.outcome));
    }
    text
}

fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Registered {
            adapter,
            state,
            bytes,
            decision,
            facts,
        } => registered(adapter, state, *bytes, decision, facts),
        Outcome::TooSmall {
            what,
            found,
            needed,
        } => format!(
            "not trained: {found} {what}, and {needed} are needed; write more, or add a folder: inkstone workspace add DIR"
        ),
        Outcome::NothingNew { adapter, why } => {
            format!(
                "not trained, since there is {adapter}: {why}; all the same: inkstone train --now"
            )
        }
        Outcome::Stopped { step, steps } => {
            format!("stopped after step {step} of {steps}; it goes on with: inkstone train")
        }
        Outcome::Unavailable { why } => format!("not trained: {why}"),
        Outcome::Planned {
            own_tokens,
            documents,
            held_out_tokens,
            held_out_documents,
            generic_tokens,
            chosen,
            resumes,
        } => {
            let again = if chosen.recompute {
                ", computed again on the way back to save memory"
            } else {
                ""
            };
            let generic = match generic_tokens {
                Some(tokens) => format!("{tokens} generic tokens"),
                None => "generic prose that is to be drawn of the model".to_owned(),
            };
            let goes_on = if *resumes {
                " It goes on with a training that was begun."
            } else {
                ""
            };
            format!(
                "would learn from {own_tokens} tokens of {documents} documents and {generic} ({} % of each step), measured by {held_out_tokens} tokens of {held_out_documents} documents: rank {}, learning rate {}, {} steps of {} tokens in passages of {}{again}.{goes_on}",
                chosen.replay_percent,
                chosen.rank,
                chosen.rate,
                chosen.steps,
                chosen.step_tokens,
                chosen.sequence_tokens
            )
        }
        Outcome::Rates { best, tried } => rates(*best, tried),
    }
}

fn registered(
    adapter: &str,
    state: &str,
    bytes: u64,
    decision: &Decision,
    facts: &Facts,
) -> String {
    let mut text = if state == LIVE {
        format!("{adapter} is trained and in use")
    } else {
        format!(
            "{adapter} is trained and not used: {}",
            decision.reasons.join("; ")
        )
    };
    let mut line = |line: String| {
        text.push_str("\n    ");
        text.push_str(&line);
    };
    if facts.strength < whole() {
        line(format!(
            "worn at {:.1} of its strength: whole it would forget too much",
            facts.strength
        ));
    }
    let gain = |gain: &Gain| {
        format!(
            "loss {:.3} from {:.3}, {:+.1} % ({:+.1} to {:+.1}) on {} documents",
            gain.adapter_loss,
            gain.base_loss,
            -gain.percent,
            -gain.high_percent,
            -gain.low_percent,
            gain.documents
        )
    };
    line(format!("your held-out text: {}", gain(&decision.own)));
    if let Some(generic) = &decision.generic {
        let prose = if decision.margins.generic_is_drawn {
            "what the model wrote itself"
        } else {
            "generic prose"
        };
        line(format!("{prose}: {}", gain(generic)));
    }
    line(format!(
        "said by heart: {} of {} runs of fifty characters (the model alone {}), {} ({}), {} ({})",
        decision.runs.adapter,
        decision.runs.probes,
        decision.runs.base,
        drawn(&decision.rare, "rare numbers and codes"),
        decision.rare.base,
        drawn(&decision.names, "names of one document"),
        decision.names.base
    ));
    line(format!(
        "{}; best after step {}, learned from {} tokens at {:.0} tokens/s, {:.0} MiB of memory, file of {:.1} MB",
        facts.end,
        facts.best_step,
        facts.own_tokens,
        facts.tokens_per_s,
        facts.peak_rss_mb,
        bytes as f64 / 1e6
    ));
    text
}

/// How many of those that were drawn are said by heart.
fn drawn(recited: &Recited, what: &str) -> String {
    format!(
        "{} of {} (of {}) {what}",
        recited.adapter, recited.probes, recited.found
    )
}

fn rates(best: Option<f64>, tried: &[(f64, f64)]) -> String {
    let mut text = match best {
        Some(best) => {
            format!("a learning rate of {best:.1e} is recommended; set: train.rate = {best:.1e}")
        }
        None => "no learning rate taught it anything".to_owned(),
    };
    for (rate, change) in tried {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n    {rate:.1e}  {change:+.3} nats a token");
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(outcomes: &serde_json::Value) -> (String, ExitStatus) {
        let answer: Answer = serde_json::from_value(json!({ "trainings": outcomes })).unwrap();
        (text(&answer), answer.status())
    }

    fn gain(percent: f64) -> serde_json::Value {
        json!({
            "base_loss": 3.5, "adapter_loss": 3.3, "percent": percent, "low_percent": percent - 1.0,
            "high_percent": percent + 1.0, "documents": 8, "tokens": 900.0
        })
    }

    #[test]
    fn an_adapter_is_told_with_its_numbers_and_why_it_is_not_used() {
        let registered = |state: &str, reasons: &[&str]| {
            json!([{
                "language": "en", "outcome": "registered", "adapter": "en-1", "state": state,
                "bytes": 9_800_000, "sha256": "ab",
                "decision": {
                    "passes": state == LIVE, "faults": [], "reasons": reasons, "own": gain(5.7),
                    "generic": gain(-0.4), "runs": {"probes": 48, "base": 0, "adapter": 0},
                    "rare": {"probes": 3, "found": 7, "base": 0, "adapter": 1, "new": 1},
                    "names": {"probes": 2, "found": 2, "base": 1, "adapter": 1, "new": 0}, "samples": 8,
                    "margins": {"generic_is_drawn": true}
                },
                "facts": {
                    "end": "all steps were taken", "best_step": 240, "retreats": 0,
                    "strength": 0.7, "own_tokens": 150_000,
                    "documents": 70, "generic_tokens": 5_000, "seconds": 800.0, "tokens_per_s": 181.2,
                    "peak_rss_mb": 900.0
                }
            }])
        };
        let (live, status) = told(&registered(LIVE, &[]));
        assert_eq!(status, ExitStatus::Done);
        assert!(live.starts_with("en: en-1 is trained and in use"), "{live}");
        assert!(
            live.contains("3.300 from 3.500, -5.7 % (-6.7 to -4.7) on 8 documents"),
            "{live}"
        );
        assert!(live.contains("wrote itself: loss"), "{live}");
        assert!(live.contains("worn at 0.7 of its strength"), "{live}");
        let (refused, status) = told(&registered("refused", &["it says 1 rare"]));
        assert_eq!(status, ExitStatus::Refused);
        assert!(refused.contains("not used: it says 1 rare"), "{refused}");
    }

    #[test]
    fn too_little_is_told_with_what_is_needed_and_an_unused_language_is_passed_over() {
        let small = |language: &str, found: u64| {
            json!({
                "language": language, "outcome": "too_small", "what": "tokens to learn from",
                "found": found, "needed": 4_000
            })
        };
        let (text, status) = told(&json!([small("en", 512), small("zh", 0)]));
        assert_eq!(status, ExitStatus::Found);
        assert!(
            text.contains("512 tokens to learn from, and 4000 are needed"),
            "{text}"
        );
        assert!(!text.contains("zh:"), "{text}");
        assert!(
            told(&json!([small("en", 0), small("zh", 0)]))
                .0
                .contains("zh:")
        );
    }

    #[test]
    fn the_other_ends_say_how_to_go_on() {
        let (text, status) = told(&json!([
            {"language": "en", "outcome": "stopped", "step": 12, "steps": 90},
            {"language": "zh", "outcome": "unavailable", "why": "no model"},
        ]));
        assert_eq!(status, ExitStatus::Found);
        assert!(text.contains("after step 12 of 90; it goes on with: inkstone train"));
        let unavailable = json!([{"language": "zh", "outcome": "unavailable", "why": "no model"}]);
        assert_eq!(told(&unavailable).1, ExitStatus::Unavailable);
        let (text, status) = told(&json!([
            {"language": "en", "outcome": "nothing_new", "adapter": "en-3", "new_tokens": 7, "why": "little"},
            {"language": "zh", "outcome": "rates", "best": 0.0008, "tried": [[0.0001, -0.01]]},
        ]));
        assert_eq!(status, ExitStatus::Done);
        assert!(text.contains("inkstone train --now") && text.contains("train.rate = 8.0e-4"));
    }
}
