//! Makes the computing threads wait for each other briefly awake, then asleep.
//!
//! llama.cpp's threads meet several hundred times for each token. OpenMP's default is to spin at
//! these meetings for milliseconds, which is ruinous on a busy machine: whoever spins keeps the
//! processor from the thread it waits for (with two compilers on two cores 24 tokens took 3 to 12 s).
//! To sleep at once costs the waking up at every meeting, which on an idle machine doubles the time
//! of a token: 30 ms against 15, two cores, SmolLM2 135M after 1,300 tokens. A bounded spin is as
//! fast as a long one there, and as polite as sleeping: beside two other processes on the two cores
//! 49 ms (asleep 30 to 70, spinning for long 35 to 205), beside four 70 to 95 (asleep 70 to 110).
//! A writer's machine is now the one, now the other.

/// The variables that OpenMP reads once, while it is loaded, with their values. The first is the
/// rule for every OpenMP; the second bounds the spin of GNU's, in rounds of some nanoseconds: longer
/// than most meetings take, far shorter than another process's turn.
const POLICY: [(&str, &str); 2] = [("OMP_WAIT_POLICY", "passive"), ("GOMP_SPINCOUNT", "1000")];

/// Starts this program over with the policy set, unless it is set already: by the time `main` runs
/// OpenMP has read its environment. The process keeps its id, standard streams and arguments.
/// Where that fails, the daemon goes on as it is.
#[cfg(unix)]
pub fn restart_with_sleeping_threads() {
    use std::os::unix::process::CommandExt as _;

    // Whoever sets one of them has another wish, or is this program, started over.
    if POLICY
        .iter()
        .any(|(name, _)| std::env::var_os(name).is_some())
    {
        return;
    }
    let Ok(program) = std::env::current_exe() else {
        return;
    };
    let mut arguments = std::env::args_os();
    let mut command = std::process::Command::new(program);
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    // Returns only when it has failed.
    let _error = command.args(arguments).envs(POLICY).exec();
}

/// Elsewhere OpenMP is not what llama.cpp is built with.
#[cfg(not(unix))]
pub fn restart_with_sleeping_threads() {}
