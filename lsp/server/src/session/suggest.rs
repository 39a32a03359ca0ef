//! From a caret to a suggestion: the one way that ghost text and list items both take.
//!
//! Not the rules when to ask (`inkstone-policy`), nor the reading of markup (`inkstone-prose`):
//! this gathers what they need, acts on their decision, and checks the answer against the text
//! that is there by then. Called by the two completion requests and by the daemon's answers.

use std::time::Duration;

use inkstone_policy::{
    BoundInput, Debounce, Decision as Verdict, PolicyInput, Switches, Threshold, Watch, bound,
    score_min, tokens_max,
};
use inkstone_prose::{Zone, language_around};
use inkstone_protocol::{
    CompleteParams, CompleteReply, DocumentVersion, StopRule, Technique, Trigger,
};
use inkstone_settings::Reveal;
use inkstone_text::{Position, Snapshot, Utf8Offset, Window, split_window};

use crate::cancel::CancelHandle;
use crate::daemon::problem::DaemonProblem;
use crate::event::Answered;
use crate::session::Session;
use crate::session::ahead::{self, Ahead};
use crate::session::ask::{Ask, SuggestionReply};
use crate::session::cost::Cost;
use crate::session::decision::{Decision, Reason};
use crate::session::documents::{DocumentKey, Invoked, OpenDocument};
use crate::session::effect::Effect;
use crate::session::feedback::Watched;
use crate::session::parts::Parts;
use crate::session::suggestion::{ShownSuggestions, Suggestion, SuggestionId};
use crate::session::surroundings::Surroundings;
use crate::wire::daemon;

/// How this process calls itself in the log, as the daemon's lines do.
const CLIENT_NAME: &str = "inkstone-lsp";

/// Where a suggestion is wanted.
#[derive(Debug)]
pub(crate) struct Place {
    /// In which document.
    pub(crate) key: DocumentKey,
    /// At which position, in the client's encoding.
    pub(crate) caret: Position,
    /// Who wants it.
    pub(crate) trigger: Trigger,
    /// Whether the editor shows a list with an item selected.
    pub(crate) list_item_selected: bool,
}

/// Decides on a request and answers it, at once or when the daemon does.
pub(crate) fn suggest(
    session: &mut Session,
    place: Place,
    reply: impl FnOnce(Option<&Snapshot>) -> SuggestionReply,
) {
    let Some(document) = session.documents.get(&place.key) else {
        tracing::warn!("a suggestion was asked for in a document that is not open");
        return reply(None).stay_silent();
    };
    let snapshot = match document.snapshot() {
        Ok(snapshot) => snapshot,
        Err(why) => {
            let reason = Reason::OutOfSync(why.clone());
            return stay_silent(session, &place.key, reason, reply(None));
        }
    };
    let reply = reply(Some(&snapshot));
    let caret = snapshot.offset_at(place.caret, session.features.encoding);
    // An editor's own request, which comes a moment after the key that made it, must not take the
    // answer away from the person who pressed another key meanwhile.
    if place.trigger == Trigger::Automatic && document.awaits_invoked(caret) {
        return reply.stay_silent();
    }
    // Whatever comes of this request, what runs for an older one is of no use.
    let cancel = session.restart_ask(&place.key);
    if let Some(document) = session.documents.get_mut(&place.key) {
        document.cost = None;
        document.confidence = None;
        document.invoked = None;
    }
    let window = split_window(&snapshot, caret);
    let Some(document) = session.documents.get(&place.key) else {
        return reply.stay_silent();
    };
    match judge(session, document, &snapshot, caret, &window, &place) {
        Judgement::Silent(reason) => stay_silent(session, &place.key, reason, reply),
        Judgement::Reuse(rests) => {
            note_first(session, &place.key, &rests, Decision::Reused);
            reply.offer(&rests, session.features.encoding);
        }
        Judgement::Reveal(rests) => {
            reveal(session, &place.key);
            note_first(session, &place.key, &rests, Decision::Offered);
            reply.offer(&rests, session.features.encoding);
        }
        Judgement::Ask(surroundings) => {
            let question = Question {
                place,
                caret,
                window,
                surroundings,
                reply,
            };
            ask(session, question, cancel);
        }
    }
}

/// What is to be asked, and who waits for the answer.
struct Question {
    place: Place,
    caret: Utf8Offset,
    window: Window,
    surroundings: Surroundings,
    reply: SuggestionReply,
}

fn ask(session: &mut Session, question: Question, cancel: CancelHandle) {
    let Question {
        place,
        caret,
        window,
        surroundings,
        reply,
    } = question;
    let id = session.next_suggestion();
    let threshold = threshold(session, &place, &window);
    let wait = wait(session, place.trigger);
    let alternatives_max = alternatives_max(session, place.trigger);
    let Some(document) = session.documents.get_mut(&place.key) else {
        return reply.stay_silent();
    };
    document.threshold = threshold;
    let (document_id, revision) = (document.id.clone(), document.revision);
    let ahead = document.ahead.take();
    document.invoked = (place.trigger == Trigger::Invoked).then_some(Invoked {
        id,
        revision,
        caret,
    });
    let settings = &session.configuration.settings().completion;
    let (stop, max_tokens) = how_far(session, place.trigger, surroundings.zone, &window.prefix);
    let version = DocumentVersion(id.get());
    let params = CompleteParams {
        prefix_start: window.prefix_start.get() as u64,
        suffix: window.suffix,
        title: surroundings.outline.title,
        headings: surroundings.outline.heading_path,
        place: Some(daemon::place(surroundings.zone)),
        stop: Some(stop),
        max_tokens: Some(max_tokens),
        prompt_tokens: Some(settings.prompt_tokens),
        score_min: threshold.map(|threshold| threshold.value),
        alternatives_max,
        adapter: session.configuration.adapter().map(str::to_owned),
        path: daemon::path(session.configuration.settings(), &place.key),
        trigger: place.trigger,
        without: session.configuration.without().to_vec(),
        ..CompleteParams::new(document_id, version, window.prefix)
    };
    let deadline = Duration::from_millis(settings.deadline_ms.into());
    let known = ahead.and_then(|ahead| ahead.answer_to(&params));
    let ask = Ask {
        id,
        key: place.key,
        revision,
        caret,
        zone: surroundings.zone,
        params,
        wait,
        asked_at: session.now + wait,
        deadline,
        reply,
    };
    if let Some(known) = known {
        return conclude(session, ask, Ok(known));
    }
    note(session, &ask.key, Decision::Asked);
    session.ask(ask, cancel);
}

/// Where a suggestion ends here, and how many tokens it may have.
pub(super) fn how_far(
    session: &Session,
    trigger: Trigger,
    zone: Zone,
    prefix: &str,
) -> (StopRule, u32) {
    let settings = &session.configuration.settings().completion;
    let without = session.configuration.without();
    if without.contains(&Technique::Stops) {
        return (StopRule::of_setting(settings.stop), settings.max_tokens);
    }
    let input = BoundInput {
        setting: settings.stop,
        trigger: daemon::policy_trigger(trigger),
        is_fast: session.rhythm.is_fast(session.now) && !without.contains(&Technique::Pace),
        zone,
        prefix,
    };
    let bound = bound(&input);
    let max_tokens = tokens_max(bound, &input, settings.max_tokens);
    (daemon::stop_rule(bound), max_tokens)
}

/// How sure a suggestion must be here, for this writer; none where any is welcome.
fn threshold(session: &Session, place: &Place, window: &Window) -> Option<Threshold> {
    let settings = &session.configuration.settings().completion;
    let preset = score_min(daemon::policy_trigger(place.trigger), settings.preset)?;
    let language = language_around(&window.prefix, &window.suffix);
    Some(if settings.learn_threshold {
        session.feedback.threshold(preset, language)
    } else {
        Threshold::unmoved(preset, language)
    })
}

/// How many suggestions to choose from are worth computing. Ghost text that comes by itself is one:
/// each other would be computed beside it at every key, and seldom be looked at; whoever wants
/// another presses a key, and then the prompt is there. A list has no such key, and computes only
/// those that the gate may let through.
fn alternatives_max(session: &Session, trigger: Trigger) -> u32 {
    if trigger == Trigger::Automatic && session.features.inline_completion {
        return 1;
    }
    session.configuration.settings().completion.alternatives
}

/// How long the question waits for the writer's next key. Who asks by key waits for none.
fn wait(session: &Session, trigger: Trigger) -> Duration {
    let setting = session.configuration.settings().completion.debounce_ms;
    match trigger {
        Trigger::Automatic => session
            .rhythm
            .wait(session.now, Debounce::of_setting(setting)),
        Trigger::Invoked => Duration::ZERO,
    }
}

/// What the daemon said, or why it said nothing.
pub(crate) fn answered(session: &mut Session, answered: Answered) {
    let Answered { ask, outcome } = answered;
    let was_cancelled = matches!(
        outcome,
        Err(DaemonProblem::Superseded | DaemonProblem::EditorCancelled)
    );
    session.ask_ended(was_cancelled);
    if matches!(ask.reply, SuggestionReply::Ahead) {
        return keep_ahead(session, ask, outcome);
    }
    if let Some(took) = session.now.checked_sub(ask.asked_at) {
        match &outcome {
            Ok(_) => session.rhythm.answered(took),
            Err(DaemonProblem::Superseded) => session.rhythm.overtaken(took),
            Err(_) => {}
        }
    }
    conclude(session, ask, outcome);
}

/// Keeps what comes after the shown suggestion, for whoever takes it.
fn keep_ahead(session: &mut Session, ask: Ask, outcome: Result<CompleteReply, DaemonProblem>) {
    let document = session.documents.get_mut(&ask.key);
    let same_text = document.filter(|document| document.revision == ask.revision);
    let usable = outcome.map_err(Reason::Problem).and_then(usable);
    if let (Some(document), Ok(reply)) = (same_text, usable) {
        document.ahead = Some(Ahead::new(ask.params, reply));
    }
}

/// Offers what the daemon said, or notes why it said nothing.
fn conclude(session: &mut Session, ask: Ask, outcome: Result<CompleteReply, DaemonProblem>) {
    if let Some(document) = session.documents.get_mut(&ask.key) {
        document.invoked.take_if(|invoked| invoked.id == ask.id);
        if let Ok(reply) = &outcome {
            document.cost = Some(Cost::of(reply));
            document.confidence = reply.confidence;
            document.worn = reply.model.clone().map(|by| (by, reply.adapter.clone()));
        }
    }
    let notice = outcome.as_ref().ok().and_then(|reply| reply.notice.clone());
    if let Some(told) = notice.and_then(|notice| session.daemon.notice(&notice)) {
        session.effect(Effect::Tell(told));
    }
    let is_current = session
        .documents
        .get(&ask.key)
        .is_some_and(|document| document.revision == ask.revision && document.snapshot().is_ok());
    match outcome.map_err(Reason::Problem).and_then(usable) {
        // A newer request has noted its own decision by now.
        Err(Reason::Problem(DaemonProblem::Superseded)) => ask.reply.stay_silent(),
        Err(reason) => stay_silent(session, &ask.key, reason, ask.reply),
        Ok(_) if !is_current => stay_silent(session, &ask.key, Reason::TextMoved, ask.reply),
        Ok(reply) => offer(session, ask, &reply),
    }
}

/// A reply with a suggestion in it, or the daemon's reason for giving none.
fn usable(reply: CompleteReply) -> Result<CompleteReply, Reason> {
    match reply.silence {
        Some(silence) => Err(Reason::Daemon(silence)),
        None if reply.text.trim().is_empty() => Err(Reason::Daemon(daemon::empty_silence())),
        None => Ok(reply),
    }
}

fn offer(session: &mut Session, ask: Ask, reply: &CompleteReply) {
    let settings = &session.configuration.settings().completion;
    let by_itself = ask.params.trigger == Trigger::Automatic;
    // A list opens at a gesture of its own, and its requests do not tell a person's from typing's.
    let has_key = session.features.inline_completion;
    let is_held = by_itself && has_key && settings.reveal == Reveal::OnKey;
    let suggestions = suggestions(session, &ask, reply);
    let CompleteParams { prefix, suffix, .. } = &ask.params;
    if let Some(document) = session.documents.get_mut(&ask.key) {
        let shown = ShownSuggestions::new(&suggestions, ask.caret, prefix, suffix, is_held);
        document.shown = Some(shown);
        if by_itself && !is_held {
            document.watched = watched(document, &ask, &suggestions);
        } else {
            // What a person asked for says nothing about the gate, which let it pass; but it stands
            // beside what came to this text by itself.
            document.watched.take_if(|watched| {
                let is_same_text = watched.revision == ask.revision && !is_held;
                watched.stand_beside(&suggestions);
                !is_same_text
            });
        }
    }
    if is_held {
        return stay_silent(session, &ask.key, Reason::HeldForKey, ask.reply);
    }
    session.counts.offered += 1;
    note(session, &ask.key, Decision::Offered(ask.id));
    let next = ahead::question(session, &ask, reply);
    ask.reply.offer(&suggestions, session.features.encoding);
    if let Some(next) = next {
        let cancel = session.restart_ask(&next.key);
        session.ask(next, cancel);
    }
}

/// The suggestions of a reply, each with a name of its own.
fn suggestions(session: &mut Session, ask: &Ask, reply: &CompleteReply) -> Vec<Suggestion> {
    let before = &ask.params.prefix;
    let suggestion = |id, text: &str, word_ends: &[u32]| Suggestion {
        id,
        text: text.to_owned(),
        parts: Parts::of(before, text, word_ends),
    };
    let first = suggestion(ask.id, &reply.text, &reply.word_ends);
    let others = reply.alternatives.iter();
    let others = others.filter(|other| !other.text.trim().is_empty());
    let others =
        others.map(|other| suggestion(session.next_suggestion(), &other.text, &other.word_ends));
    std::iter::once(first).chain(others).collect()
}

/// Begins to watch what becomes of the first suggestion, if its score is known: the gate and the
/// score are about its first word.
fn watched(document: &OpenDocument, ask: &Ask, suggestions: &[Suggestion]) -> Option<Watched> {
    let (threshold, confidence) = (document.threshold?, document.confidence?);
    let text = &suggestions.first()?.text;
    let CompleteParams { prefix, suffix, .. } = &ask.params;
    let document_bytes = document.snapshot().ok()?.len().get();
    let watch = Watch::new(text, ask.caret, prefix, suffix, document_bytes)?;
    let mut watched = Watched::new(
        ask.revision,
        text,
        threshold.language,
        confidence.score,
        watch,
    );
    watched.worn.clone_from(&document.worn);
    watched.stand_beside(suggestions);
    Some(watched)
}

/// A suggestion that waited for its key is shown from now on.
fn reveal(session: &mut Session, key: &DocumentKey) {
    session.counts.offered += 1;
    let document = session.documents.get_mut(key);
    if let Some(shown) = document.and_then(|document| document.shown.as_mut()) {
        shown.is_held = false;
    }
}

fn stay_silent(session: &mut Session, key: &DocumentKey, reason: Reason, reply: SuggestionReply) {
    note(session, key, Decision::Silent(reason));
    reply.stay_silent();
}

/// Notes a decision about several suggestions by the name of the first.
fn note_first(
    session: &mut Session,
    key: &DocumentKey,
    suggestions: &[Suggestion],
    decision: impl FnOnce(SuggestionId) -> Decision,
) {
    if let Some(first) = suggestions.first() {
        note(session, key, decision(first.id));
    }
}

fn note(session: &mut Session, key: &DocumentKey, decision: Decision) {
    session.last_asked = Some(key.clone());
    if let Some(document) = session.documents.get_mut(key) {
        log(&decision, &mut document.logged_reason);
        document.decision = Some(decision);
    }
}

/// Leaves a line in the log, without any text of the document: at the default level once for each
/// new reason, which `inkstone logs --why` shows.
fn log(decision: &Decision, logged: &mut Option<String>) {
    let reason = decision.reason_code();
    // A question is not an answer: the reason that follows it may be the same again.
    let is_new = *decision != Decision::Asked && logged.as_deref() != reason;
    if is_new {
        *logged = reason.map(str::to_owned);
    }
    let outcome = decision.outcome();
    match decision {
        Decision::Silent(why) if is_new && why.is_ours() => {
            let why = why.sentence_for_log();
            tracing::info!(client = CLIENT_NAME, outcome, reason, why, "suggestion");
        }
        _ => tracing::debug!(outcome, reason, "suggestion"),
    }
}

/// What to do with a request.
enum Judgement {
    Ask(Surroundings),
    Reuse(Vec<Suggestion>),
    Reveal(Vec<Suggestion>),
    Silent(Reason),
}

fn judge(
    session: &Session,
    document: &OpenDocument,
    snapshot: &Snapshot,
    caret: Utf8Offset,
    window: &Window,
    place: &Place,
) -> Judgement {
    if let Some(reason) = switched_off(session, document, place) {
        return Judgement::Silent(reason);
    }
    let surroundings = Surroundings::of(snapshot, caret, &window.suffix, document.kind);
    let input = PolicyInput {
        trigger: daemon::policy_trigger(place.trigger),
        switches: Switches {
            suggestions: session.configuration.is_on(),
            comments_in_code: false,
        },
        selection: document.facts.selection,
        access: document.facts.access,
        composition: document.facts.composition,
        kind: document.kind,
        zone: surroundings.zone,
        caret,
        prefix: &window.prefix,
        suffix: &window.suffix,
        shown: document.shown.as_ref().map(|shown| &shown.shown),
    };
    match (inkstone_policy::decide(&input), &document.shown) {
        (Verdict::Silent(reason), _) => Judgement::Silent(Reason::Policy(reason)),
        (Verdict::Reuse { .. }, Some(shown)) if shown.is_held => {
            Judgement::Silent(Reason::HeldForKey)
        }
        (Verdict::Reuse { rests }, Some(shown)) => Judgement::Reuse(shown.rests(rests)),
        // Only a person who asks comes here: what comes by itself would have been reused.
        (Verdict::Ask, Some(shown)) if shown.is_held => match shown.rests(input.rests_of_shown()) {
            rests if rests.is_empty() => Judgement::Ask(surroundings),
            rests => Judgement::Reveal(rests),
        },
        (Verdict::Reuse { .. }, None) | (Verdict::Ask, _) => Judgement::Ask(surroundings),
    }
}

/// What the user's settings and the editor's own list rule out, before anything is read.
fn switched_off(session: &Session, document: &OpenDocument, place: &Place) -> Option<Reason> {
    if session.is_stopping() {
        return Some(Reason::Ending);
    }
    if !session.serves(&document.language_id, document.kind) {
        return Some(Reason::NotServed {
            language: document.language_id.clone(),
        });
    }
    let by_itself = place.trigger == Trigger::Automatic;
    if by_itself && !session.configuration.settings().completion.automatic {
        return Some(Reason::OnlyByKey);
    }
    place.list_item_selected.then_some(Reason::ListOpen)
}
