//! What a person does at a document, chosen by the seed.

use serde_json::json;

use super::tally::Tally;
use super::windows::{DOCUMENT_BYTES_MAX, DOCUMENTS, Desk, WINDOWS, Windows};
use crate::error::BenchError;
use crate::lsp_client::LspClient;
use crate::seeded::Seeded;
use crate::stage::Stage;
use crate::typist::Stroke;

/// Questions of one document that are not waited for, at most; then the oldest is.
const PENDING_MAX: usize = 4;
/// Characters of a burst and of a deletion, at most.
const BURST_CHARS_MAX: usize = 6;

/// One thing to do, with its share in a hundred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Type,
    Burst,
    FollowShown,
    Accept,
    Reject,
    Cancel,
    Delete,
    Reopen,
    Disconnect,
}

const SHARES_PCT: [(Action, usize); 9] = [
    (Action::Type, 30),
    (Action::Burst, 20),
    (Action::FollowShown, 10),
    (Action::Accept, 10),
    (Action::Reject, 6),
    (Action::Cancel, 10),
    (Action::Delete, 7),
    (Action::Reopen, 3),
    (Action::Disconnect, 4),
];

/// Does one thing in one document.
pub(super) fn act(
    stage: &Stage,
    windows: &mut Windows,
    seeded: &mut Seeded,
    tally: &mut Tally,
) -> Result<(), BenchError> {
    tally.actions += 1;
    let (window, desk) = (seeded.below(WINDOWS), seeded.below(DOCUMENTS));
    let action = choose(seeded);
    let here = &mut windows.open[window];
    if here.desks[desk].typist.text().len() > DOCUMENT_BYTES_MAX || action == Action::Reopen {
        return windows.replace_desk(stage, window, desk, tally);
    }
    let client = std::sync::Arc::clone(&here.client);
    let desk = &mut here.desks[desk];
    match action {
        Action::Type => type_and_wait(desk, tally),
        Action::Burst => burst(desk, seeded, tally),
        Action::FollowShown => follow_shown(desk, seeded, tally),
        Action::Accept => accept(&client, desk, tally),
        Action::Reject => reject(&client, desk, tally),
        Action::Cancel => cancel(desk, tally),
        Action::Delete => delete(desk, seeded, tally),
        // The first window lasts: its memory is watched.
        Action::Disconnect if window > 0 => windows.replace_window(stage, window, tally),
        Action::Disconnect | Action::Reopen => Ok(()),
    }
}

fn choose(seeded: &mut Seeded) -> Action {
    let mut drawn = seeded.below(100);
    for (action, share) in SHARES_PCT {
        if drawn < share {
            return action;
        }
        drawn -= share;
    }
    Action::Type
}

fn next_own(desk: &mut Desk) -> Stroke {
    let key = desk.own[desk.typed % desk.own.len()];
    desk.typed += 1;
    Stroke::Type(key)
}

fn ask_and_wait(desk: &mut Desk, tally: &mut Tally) -> Result<(), BenchError> {
    tally.asked += 1;
    desk.shown = tally.take(desk.typist.begin()?);
    Ok(())
}

fn type_and_wait(desk: &mut Desk, tally: &mut Tally) -> Result<(), BenchError> {
    let key = next_own(desk);
    desk.typist.press(key)?;
    ask_and_wait(desk, tally)
}

/// Keys faster than answers.
fn burst(desk: &mut Desk, seeded: &mut Seeded, tally: &mut Tally) -> Result<(), BenchError> {
    desk.shown = None;
    for _ in 0..=seeded.below(BURST_CHARS_MAX) {
        let key = next_own(desk);
        desk.typist.press(key)?;
        tally.asked += 1;
        desk.pending.push(desk.typist.begin()?);
        if desk.pending.len() > PENDING_MAX {
            tally.take(desk.pending.remove(0));
        }
    }
    Ok(())
}

/// Types what the suggestion says.
fn follow_shown(desk: &mut Desk, seeded: &mut Seeded, tally: &mut Tally) -> Result<(), BenchError> {
    let shown = desk.shown.take();
    let Some(shown) = shown else {
        return type_and_wait(desk, tally);
    };
    let keys = 1 + seeded.below(BURST_CHARS_MAX);
    for key in shown.insert_text.chars().take(keys) {
        desk.typist.press(Stroke::Type(key))?;
        ask_and_wait(desk, tally)?;
    }
    Ok(())
}

fn accept(client: &LspClient, desk: &mut Desk, tally: &mut Tally) -> Result<(), BenchError> {
    let Some(shown) = desk.shown.take() else {
        return type_and_wait(desk, tally);
    };
    desk.typist.insert(&shown.insert_text)?;
    tell(client, "inkstone.accepted", &shown.wire)?;
    tally.accepted += 1;
    ask_and_wait(desk, tally)
}

fn reject(client: &LspClient, desk: &mut Desk, tally: &mut Tally) -> Result<(), BenchError> {
    let Some(shown) = desk.shown.take() else {
        return type_and_wait(desk, tally);
    };
    tell(client, "inkstone.rejected", &shown.wire)?;
    tally.rejected += 1;
    Ok(())
}

/// Tells what became of an item, which carries its own number.
fn tell(client: &LspClient, command: &str, item: &serde_json::Value) -> Result<(), BenchError> {
    let id = &item["command"]["arguments"][0]["id"];
    client.execute(command, &[json!({ "id": id })])?;
    Ok(())
}

/// Takes back a question that was just asked.
fn cancel(desk: &mut Desk, tally: &mut Tally) -> Result<(), BenchError> {
    let key = next_own(desk);
    desk.typist.press(key)?;
    tally.asked += 1;
    let pending = desk.typist.begin()?;
    desk.typist.cancel(&pending)?;
    tally.cancelled += 1;
    desk.shown = tally.take(pending);
    Ok(())
}

fn delete(desk: &mut Desk, seeded: &mut Seeded, tally: &mut Tally) -> Result<(), BenchError> {
    for _ in 0..=seeded.below(BURST_CHARS_MAX) {
        desk.typist.press(Stroke::Delete)?;
    }
    ask_and_wait(desk, tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shares_are_a_hundred_and_everything_is_done() {
        assert_eq!(
            SHARES_PCT.iter().map(|(_, share)| share).sum::<usize>(),
            100
        );
        let mut seeded = Seeded::new(1);
        let drawn: Vec<Action> = (0..1_000).map(|_| choose(&mut seeded)).collect();
        assert!(SHARES_PCT.iter().all(|(action, _)| drawn.contains(action)));
    }
}
