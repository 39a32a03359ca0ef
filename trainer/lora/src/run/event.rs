//! What a run tells its caller.

use std::fmt;

use crate::train::training::Step;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum RunEvent {
    /// A step was taken.
    Stepped(Step),
    /// The held-out texts were foretold. Whoever wants to look at samples of this adapter does so
    /// now, and reports what is degenerate before the next event.
    Evaluated {
        /// After so many steps.
        step: u64,
        /// The mean loss of a token of the writer's, in nats.
        held_out: f64,
        /// The same of generic prose, where there is some.
        generic: Option<f64>,
    },
    /// The run as it is now, to be stored.
    Checkpoint(Vec<u8>),
    /// It ran away: it is back at the best state, at a lower rate.
    Diverged {
        /// After so many steps.
        step: u64,
        /// What showed it.
        reason: Divergence,
        /// The highest rate from now on.
        new_rate: f64,
        /// The step that it is back to.
        back_to_step: u64,
    },
    /// It is over. Asked again, it says so again.
    Ended(EndReason),
}

/// What shows that a training runs away.
#[derive(Debug, Clone, PartialEq)]
pub enum Divergence {
    /// A loss or a gradient is no number.
    NoNumber,
    /// Losses far above those before.
    LossSpike {
        /// The last of them.
        loss: f64,
        /// The median of those before.
        median: f64,
    },
    /// Gradients many times as long as those before.
    GradientExplosion {
        /// The norm of the last of them.
        norm: f64,
        /// The median of those before.
        median: f64,
    },
    /// Held-out texts are foretold far worse than at the start.
    HeldOutRise {
        /// Their loss now.
        held_out: f64,
        /// Their loss before the first step.
        start: f64,
    },
    /// At a high rate, held-out texts were never foretold better than at the start.
    NoGain {
        /// The peak of the rate.
        rate: f64,
    },
    /// What the adapter writes makes no sense, as its caller says.
    Degenerate(String),
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoNumber => write!(f, "the loss or its gradient is no number"),
            Self::LossSpike { loss, median } => {
                write!(f, "the loss jumped from about {median:.2} to {loss:.2}")
            }
            Self::GradientExplosion { norm, median } => {
                write!(f, "the gradient grew from about {median:.2} to {norm:.2}")
            }
            Self::HeldOutRise { held_out, start } => write!(
                f,
                "the held-out loss rose from {start:.3} at the start to {held_out:.3}"
            ),
            Self::NoGain { rate } => write!(
                f,
                "at a learning rate of {rate:.1e} the held-out loss never fell below that at the start"
            ),
            Self::Degenerate(what) => write!(f, "its samples are degenerate: {what}"),
        }
    }
}

/// Why a run is over.
#[derive(Debug, Clone, PartialEq)]
pub enum EndReason {
    /// All steps were taken.
    StepsDone,
    /// Held-out texts were foretold no better for as many evaluations as patience allows.
    NoLongerImproving,
    /// It ran away more often than is forgiven.
    Diverged(Divergence),
}

impl fmt::Display for EndReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StepsDone => write!(f, "all steps were taken"),
            Self::NoLongerImproving => write!(f, "the held-out loss no longer falls"),
            Self::Diverged(reason) => {
                write!(f, "it ran away at every lower learning rate too: {reason}")
            }
        }
    }
}
