//! Whole runs on tiny models: they stop when nothing is gained, go back when they run away, and end
//! the same wherever they were killed.

#![allow(clippy::unwrap_used, clippy::float_cmp)] // A test that fails panics; some are equal to the bit.

use std::fs::File;
use std::io::{BufReader, Cursor};
use std::ops::ControlFlow;
use std::path::Path;

use inkstone_gguf::Gguf;
use inkstone_lora::{
    Batches, Between, Decay, Decoder, Device, Divergence, EndReason, GuardConfig, HeldOut, Keep,
    LoraConfig, LoraError, OptimizerConfig, Packed, Run, RunConfig, RunEvent, Schedule,
    TrainingConfig,
};
use inkstone_test_support::{TinyDecoder, corpora, home, test_model_if_there};
use inkstone_vocab::{TokenId, TokenizeOptions, Vocab};

/// Events of one run at most, so that a run that never ends fails.
const EVENTS_MAX: usize = 2_000;

fn decoder(architecture: &str) -> Decoder {
    let bytes = TinyDecoder::new(architecture).bytes();
    let gguf = Gguf::read(&mut &bytes[..], bytes.len() as u64).unwrap();
    let path = Path::new("tiny.gguf");
    Decoder::read(path, &gguf, Cursor::new(bytes), &Device::Cpu, 1 << 20).unwrap()
}

/// Bytes as the tokens that stand for them in the tiny vocabulary.
fn packed(text: &str) -> Packed {
    let tokens: Vec<TokenId> = text.bytes().map(|b| TokenId(3 + u32::from(b))).collect();
    let mut packed = Packed::new();
    packed.push(&tokens);
    packed
}

const SENTENCES: [&str; 4] = [
    "今天下雨。 It rained. ",
    "The sea was calm, 海很静。",
    "It rained 🌧 on the sea.",
    "cafe\u{301} by the sea, 海边。",
];

/// A sentence for each step, in an order that follows from the seed.
struct Sentences;

impl Batches for Sentences {
    fn micro_batches(&self, step: u64, seed: u64) -> Vec<Packed> {
        let first = usize::try_from((step ^ seed) % 4).unwrap();
        vec![packed(SENTENCES[first]), packed(SENTENCES[(first + 1) % 4])]
    }
}

fn held_out() -> HeldOut {
    HeldOut {
        own: vec![packed("It rained on the sea. 海很静。")],
        generic: vec![packed("qqzx 0123 %%")],
    }
}

fn config(peak_rate: f64, steps: u64) -> RunConfig {
    RunConfig {
        training: TrainingConfig {
            lora: LoraConfig {
                dropout: 0.1,
                ..LoraConfig::default()
            },
            optimizer: OptimizerConfig::ADAM_W,
            schedule: Schedule {
                peak_rate,
                warm_up_steps: 2,
                steps,
                decay: Decay::Cosine,
            },
            gradient_norm_max: 1.0,
            keep: Keep::Inputs,
            seed: 9,
        },
        evaluate_every: 4,
        patience: 3,
        gain_min: 0.0,
        checkpoint_every: 6,
        guard: GuardConfig::default(),
    }
}

/// All events until the end.
fn events(run: &mut Run<'_>) -> Vec<RunEvent> {
    let mut events = Vec::new();
    while events.len() < EVENTS_MAX {
        let event = run.advance(&mut Between::never()).unwrap();
        let is_end = matches!(event, RunEvent::Ended(_));
        events.push(event);
        if is_end {
            return events;
        }
    }
    panic!("the run does not end");
}

fn held_out_losses(events: &[RunEvent]) -> Vec<f64> {
    let losses = events.iter().filter_map(|event| match event {
        RunEvent::Evaluated { held_out, .. } => Some(*held_out),
        _ => None,
    });
    losses.collect()
}

#[test]
fn a_run_that_learns_takes_all_steps_and_keeps_its_best() {
    let (decoder, held_out) = (decoder("llama"), held_out());
    let mut run = Run::begin(&decoder, config(0.01, 24), &Sentences, &held_out).unwrap();
    assert!(run.best().is_none());
    let events = events(&mut run);
    assert_eq!(events.last(), Some(&RunEvent::Ended(EndReason::StepsDone)));
    let steps = |event: &&RunEvent| matches!(event, RunEvent::Stepped(_));
    assert_eq!(events.iter().filter(steps).count(), 24);
    let losses = held_out_losses(&events);
    assert_eq!(
        losses.len(),
        7,
        "before the first step and after every fourth"
    );
    let best = run.best().unwrap();
    let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(best.held_out, least);
    assert_eq!(run.start_held_out(), Some(losses[0]));
    assert!(least < losses[0] - 0.3, "{losses:?}");
    let again = decoder.mean_loss(&held_out.own, Some(best.adapter), &mut Between::never());
    assert_eq!(again.unwrap(), best.held_out, "its weights are those");
    let generic = decoder.mean_loss(&held_out.generic, Some(best.adapter), &mut Between::never());
    assert_eq!(best.generic, Some(generic.unwrap()));
    let checkpoints = events
        .iter()
        .filter(|event| matches!(event, RunEvent::Checkpoint(_)));
    assert_eq!(
        checkpoints.count(),
        3,
        "after 6, 12 and 18; after 24 it is over"
    );
}

#[test]
fn a_run_stops_when_its_held_out_loss_no_longer_falls() {
    let decoder = decoder("qwen3");
    // What is learned has nothing to do with what is held out.
    let held_out = HeldOut {
        own: vec![packed("the sea was calm")],
        generic: Vec::new(),
    };
    let foreign = |_: u64, _: u64| vec![packed("0101101001011010 0101101001011010")];
    let mut config = config(0.005, 400);
    config.guard.held_out_rise_max = f64::INFINITY;
    config.guard.fruitless_rate_min = 1.0;
    let mut run = Run::begin(&decoder, config, &foreign, &held_out).unwrap();
    let events = events(&mut run);
    let end = RunEvent::Ended(EndReason::NoLongerImproving);
    assert_eq!(events.last(), Some(&end));
    let losses = held_out_losses(&events);
    let best = run.best().unwrap();
    let index = losses
        .iter()
        .position(|&loss| loss == best.held_out)
        .unwrap();
    assert_eq!(
        index + 1 + 3,
        losses.len(),
        "patience after the best: {losses:?}"
    );
    assert_eq!(best.step, 4 * index as u64);
    assert!(run.steps() < 400 && best.generic.is_none());
    assert_eq!(
        run.advance(&mut Between::never()).unwrap(),
        end,
        "it stays over"
    );
}

/// Plain descent whose steps nothing bounds.
fn unbounded(peak_rate: f64, rate_cut: f64) -> RunConfig {
    let mut config = config(peak_rate, 14);
    config.training.optimizer = OptimizerConfig::Sgd {
        momentum: 0.0,
        weight_decay: 0.0,
    };
    config.training.gradient_norm_max = 1e30;
    config.guard.rate_cut = rate_cut;
    config
}

/// Of each time that a run went back: why, to which rate, to which step.
fn divergences(events: &[RunEvent]) -> Vec<(Divergence, f64, u64)> {
    let all = events.iter().filter_map(|event| match event {
        RunEvent::Diverged {
            reason,
            new_rate,
            back_to_step,
            ..
        } => Some((reason.clone(), *new_rate, *back_to_step)),
        _ => None,
    });
    all.collect()
}

#[test]
fn a_run_that_runs_away_goes_back_to_lower_rates_until_one_works() {
    let (decoder, held_out) = (decoder("llama"), held_out());
    let config = unbounded(1e20, 1e-3);
    let cut = config.guard.rate_cut;
    let mut run = Run::begin(&decoder, config, &Sentences, &held_out).unwrap();
    let events = events(&mut run);
    let diverged = divergences(&events);
    assert!((1..=3).contains(&diverged.len()), "{diverged:?}");
    let mut rate = 1e20;
    for (reason, new_rate, back_to) in &diverged {
        rate *= cut;
        assert!((new_rate / rate - 1.0).abs() < 1e-9, "{reason}: {new_rate}");
        assert_eq!(*back_to, 0, "nothing good came before");
    }
    assert_eq!(run.retreats(), diverged.len() as u64);
    let (best, start) = (run.best().unwrap(), run.start_held_out().unwrap());
    assert!(best.held_out < start - 0.3, "{start} to {}", best.held_out);
    assert_eq!(events.last(), Some(&RunEvent::Ended(EndReason::StepsDone)));
}

#[test]
fn a_run_that_runs_away_at_every_rate_ends_with_the_reason() {
    let (decoder, held_out) = (decoder("llama"), held_out());
    let config = unbounded(1e20, 0.99);
    let mut run = Run::begin(&decoder, config, &Sentences, &held_out).unwrap();
    let events = events(&mut run);
    assert_eq!(divergences(&events).len(), 3);
    let Some(RunEvent::Ended(reason @ EndReason::Diverged(_))) = events.last() else {
        panic!("{events:?}");
    };
    let reason = reason.to_string();
    assert!(reason.contains("every lower learning rate"), "{reason}");
    assert_eq!(run.best().unwrap().step, 0);
}

#[test]
fn a_real_model_at_a_rate_of_one_is_caught_and_recovers() {
    let (Some(path), Some(corpora)) = (test_model_if_there(home::ENGLISH_MODEL), corpora()) else {
        return;
    };
    let gguf = Gguf::from_path(&path).unwrap();
    let vocabulary = Vocab::from_gguf(&gguf).unwrap();
    let file = BufReader::new(File::open(&path).unwrap());
    let decoder = Decoder::read(&path, &gguf, file, &Device::Cpu, 0).unwrap();
    let text = std::fs::read_to_string(corpora.join("en/thoreau/03.md")).unwrap();
    let tokens = vocabulary.tokenize(&text[..8_000], TokenizeOptions::default());
    let part = |index: usize| {
        let mut packed = Packed::new();
        packed.push(&tokens[index * 48..(index + 1) * 48]);
        packed
    };
    let held_out = HeldOut {
        own: vec![part(0), part(1)],
        generic: Vec::new(),
    };
    let batches = |step: u64, seed: u64| {
        let index = (step ^ seed) % 12;
        vec![part(2 + usize::try_from(index).unwrap())]
    };
    let mut config = config(1.0, 9);
    config.training.schedule.warm_up_steps = 1;
    config.evaluate_every = 3;
    let mut run = Run::begin(&decoder, config, &batches, &held_out).unwrap();
    let events = events(&mut run);
    let diverged = divergences(&events);
    println!("{:?}, held out {:?}", diverged, held_out_losses(&events));
    assert!((1..=3).contains(&diverged.len()), "{diverged:?}");
    let (best, start) = (run.best().unwrap(), run.start_held_out().unwrap());
    assert!(best.held_out < start - 0.01, "{start} to {}", best.held_out);
    assert_eq!(events.last(), Some(&RunEvent::Ended(EndReason::StepsDone)));
}

#[test]
fn degenerate_samples_send_a_run_back_before_their_state_counts_as_good() {
    let (decoder, held_out) = (decoder("llama"), held_out());
    let mut run = Run::begin(&decoder, config(0.01, 24), &Sentences, &held_out).unwrap();
    let mut reported = false;
    loop {
        match run.advance(&mut Between::never()).unwrap() {
            RunEvent::Evaluated { step: 8, .. } if !reported => {
                run.report_degenerate("写写写写写 again and again");
                reported = true;
                let event = run.advance(&mut Between::never()).unwrap();
                let RunEvent::Diverged {
                    step: 8,
                    reason: reason @ Divergence::Degenerate(_),
                    back_to_step: 4,
                    new_rate,
                } = event
                else {
                    panic!("{event:?}");
                };
                assert!(reason.to_string().contains("写写"), "{reason}");
                assert!((new_rate - 0.001).abs() < 1e-12);
                assert_eq!(run.steps(), 4);
            }
            RunEvent::Ended(reason) => {
                assert_eq!((reported, reason), (true, EndReason::StepsDone));
                break;
            }
            _ => {}
        }
    }
    run.report_degenerate("too late");
    let end = run.advance(&mut Between::never()).unwrap();
    assert_eq!(end, RunEvent::Ended(EndReason::StepsDone));
}

/// Everything that a run comes to.
fn outcome(run: &mut Run<'_>, before: Vec<RunEvent>) -> (Vec<RunEvent>, Vec<u8>) {
    let mut all = before;
    all.extend(events(run));
    (all, run.checkpoint().unwrap())
}

#[test]
fn a_run_that_was_killed_at_any_event_ends_as_if_it_had_not_been() {
    let held_out = held_out();
    // One that learns, and one that runs away until it is over.
    let away = unbounded(1e20, 0.9);
    for (architecture, config) in [("llama", config(0.01, 14)), ("qwen3", away)] {
        let decoder = decoder(architecture);
        let begin = || Run::begin(&decoder, config.clone(), &Sentences, &held_out).unwrap();
        let undisturbed = outcome(&mut begin(), Vec::new());
        assert!(undisturbed.0.len() > 6, "{:?}", undisturbed.0.len());
        for killed_after in 0..=undisturbed.0.len() {
            let mut first = begin();
            let next = |_| first.advance(&mut Between::never()).unwrap();
            let mut before: Vec<RunEvent> = (0..killed_after).map(next).collect();
            let bytes = first.checkpoint().unwrap();
            drop(first);
            let resumed = Run::resume(&decoder, config.clone(), &Sentences, &held_out, &bytes);
            let mut second = resumed.unwrap();
            if killed_after == undisturbed.0.len() {
                // It was over already, and says so once more.
                before.pop();
            }
            let found = outcome(&mut second, before);
            assert!(
                found == undisturbed,
                "{architecture}, killed after {killed_after}"
            );
        }
    }
}

#[test]
fn the_checkpoints_that_a_run_tells_are_resumed_from() {
    let (decoder, held_out) = (decoder("gemma3"), held_out());
    let config = config(0.01, 14);
    let mut run = Run::begin(&decoder, config.clone(), &Sentences, &held_out).unwrap();
    let all = events(&mut run);
    let end = run.checkpoint().unwrap();
    let mut resumed = 0;
    for (index, event) in all.iter().enumerate() {
        let RunEvent::Checkpoint(bytes) = event else {
            continue;
        };
        let again = Run::resume(&decoder, config.clone(), &Sentences, &held_out, bytes);
        let mut again = again.unwrap();
        assert_eq!(events(&mut again), all[index + 1..]);
        assert_eq!(again.checkpoint().unwrap(), end);
        resumed += 1;
    }
    assert_eq!(resumed, 2);
}

#[test]
fn what_is_stopped_between_two_layers_comes_next_again() {
    let (decoder, held_out) = (decoder("llama"), held_out());
    let config = config(0.01, 6);
    let mut whole = Run::begin(&decoder, config.clone(), &Sentences, &held_out).unwrap();
    let undisturbed = outcome(&mut whole, Vec::new());
    let mut run = Run::begin(&decoder, config, &Sentences, &held_out).unwrap();
    let (mut all, mut stopped) = (Vec::new(), 0);
    for patience in (1_u32..).cycle().take(EVENTS_MAX) {
        let mut left = patience % 40;
        let mut ask = || {
            if left == 0 {
                return ControlFlow::Break(());
            }
            left -= 1;
            ControlFlow::Continue(())
        };
        match run.advance(&mut Between::new(&mut ask)) {
            Err(LoraError::Stopped) => stopped += 1,
            event => all.push(event.unwrap()),
        }
        if matches!(all.last(), Some(RunEvent::Ended(_))) {
            break;
        }
    }
    assert!(stopped > 5, "{stopped}");
    assert!((all, run.checkpoint().unwrap()) == undisturbed);
}

#[test]
fn a_checkpoint_of_anything_else_is_refused() {
    let (decoder, held_out) = (decoder("llama"), held_out());
    let config = config(0.01, 14);
    let mut run = Run::begin(&decoder, config.clone(), &Sentences, &held_out).unwrap();
    for _ in 0..9 {
        run.advance(&mut Between::never()).unwrap();
    }
    let bytes = run.checkpoint().unwrap();
    let resume = |config: &RunConfig, bytes: &[u8]| {
        let run = Run::resume(&decoder, config.clone(), &Sentences, &held_out, bytes);
        run.err().map(|error| error.to_string())
    };
    assert_eq!(resume(&config, &bytes), None);
    let mut other = config.clone();
    other.patience += 1;
    let error = resume(&other, &bytes).unwrap();
    assert!(error.contains("another configuration"), "{error}");
    for len in (0..bytes.len()).step_by(bytes.len() / 40) {
        let error = resume(&config, &bytes[..len]).unwrap();
        assert!(error.contains("is damaged"), "{len}: {error}");
    }
    let mut poisoned = bytes.clone();
    let end = poisoned.len();
    poisoned[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    assert!(resume(&config, &poisoned).unwrap().contains("no number"));
    // A training's checkpoint is no run's.
    let training = inkstone_lora::Training::begin(&decoder, config.training.clone()).unwrap();
    let training = training.checkpoint().unwrap();
    assert!(resume(&config, &training).unwrap().contains("another kind"));
    // Whatever a byte of the header becomes, it is refused, or gone on with to some end.
    for place in 0..2_500 {
        let mut changed = bytes.clone();
        changed[place] ^= 0x11;
        if let Ok(mut run) = Run::resume(&decoder, config.clone(), &Sentences, &held_out, &changed)
            && place % 50 == 0
        {
            let _any = run.advance(&mut Between::never());
        }
    }
}

#[test]
fn what_cannot_be_run_is_refused_with_what_can() {
    let decoder = decoder("llama");
    let empty = HeldOut {
        own: vec![packed("a")],
        generic: Vec::new(),
    };
    let begun = |config: RunConfig, held_out: &HeldOut| {
        let run = Run::begin(&decoder, config, &Sentences, held_out);
        run.err().unwrap().to_string()
    };
    assert!(begun(config(0.01, 10), &empty).contains("at least two tokens"));
    let refused = |change: fn(&mut RunConfig)| {
        let mut config = config(0.01, 10);
        change(&mut config);
        begun(config, &held_out())
    };
    assert!(refused(|c| c.evaluate_every = 0).contains("1 or more"));
    assert!(refused(|c| c.patience = 0).contains("patience"));
    assert!(refused(|c| c.gain_min = f64::NAN).contains("0 or more"));
    assert!(refused(|c| c.guard.rate_cut = 0.0).contains("less than 1"));
    assert!(refused(|c| c.training.lora.rank = 0).contains("1 to 256"));
}
