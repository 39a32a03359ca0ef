//! Makes the computing threads sleep, not spin, while they wait for each other.
//!
//! llama.cpp's threads meet several hundred times for each token. OpenMP's default is to spin at
//! these meetings, which is a little faster on an idle machine and ruinous on a busy one: whoever
//! spins keeps the processor from the thread it waits for. Measured with two compilers on two
//! cores: 24 tokens took 3 to 12 s spinning, 0.4 to 1.2 s sleeping. A writer's machine is busy
//! whenever something compiles, syncs or plays, so the daemon sleeps.

/// The variable that OpenMP reads once, while it is loaded.
const VARIABLE: &str = "OMP_WAIT_POLICY";
/// Its value for sleeping.
const PASSIVE: &str = "passive";

/// Starts this program over with the policy set, unless it is set already: by the time `main` runs
/// OpenMP has read its environment. The process keeps its id, standard streams and arguments.
/// Where that fails, the daemon goes on as it is.
#[cfg(unix)]
pub fn restart_with_sleeping_threads() {
    use std::os::unix::process::CommandExt as _;

    if std::env::var_os(VARIABLE).is_some() {
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
    let _error = command.args(arguments).env(VARIABLE, PASSIVE).exec();
}

/// Elsewhere OpenMP is not what llama.cpp is built with.
#[cfg(not(unix))]
pub fn restart_with_sleeping_threads() {}
