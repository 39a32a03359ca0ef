//! Who tells a training that it has to wait or to end: the daemon (keystrokes), whoever started it
//! (lines on standard input), the machine (battery, heat), the system (signals).
//!
//! Each is a thread that ends with the process, or with what it listens to.

use std::io::{self, BufRead as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use inkstone_platform::power;
use inkstone_protocol::Launcher;
use inkstone_settings::{Directories, Train};

use super::quiet::Quiet;

/// How often the daemon is asked since when nobody has typed: often enough to be out of the way
/// within 200 ms of a keystroke, with the time that a layer takes.
const ASK_EVERY: Duration = Duration::from_millis(100);
/// How often it is looked for while none runs.
const LOOK_FOR_EVERY: Duration = Duration::from_secs(2);
/// How often battery and heat are looked at.
const MACHINE_EVERY: Duration = Duration::from_secs(5);
/// Degrees by which a hot machine has to cool down.
const COOLER_BY: f64 = 5.0;
/// How often a training that began by itself looks whether a person wants to train.
const WAY_EVERY: Duration = Duration::from_millis(500);
/// Name of the file that says so, beside the lock.
const WAY_WANTED: &str = "way-wanted";
/// The line that says that somebody types.
pub const TYPING_LINE: &str = "typing";

/// Listens to whoever started it: `typing` on a line; it ends when the input does.
pub fn listen(quiet: &Arc<Quiet>) {
    let quiet = Arc::clone(quiet);
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if line == TYPING_LINE {
                quiet.typed(Duration::ZERO);
            }
        }
        quiet.stop();
    });
}

/// Asks the daemon, when one runs, since when nobody has typed.
pub fn ask_daemon(directories: &Directories, quiet: &Arc<Quiet>) {
    let (directories, quiet) = (directories.clone(), Arc::clone(quiet));
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        // Without a runtime nobody is asked, as without a daemon.
        if let Ok(runtime) = runtime {
            runtime.block_on(asking(directories, &quiet));
        }
    });
}

async fn asking(directories: Directories, quiet: &Quiet) {
    let launcher = Launcher::new(directories, "inkstone-trainer", env!("CARGO_PKG_VERSION"));
    while !quiet.is_stopped() {
        if let Ok(client) = launcher.connect().await {
            while let Ok(status) = client.status().await {
                if let Some(ago_ms) = status.typed_ms_ago {
                    quiet.typed(Duration::from_millis(ago_ms));
                }
                tokio::time::sleep(ASK_EVERY).await;
            }
        }
        tokio::time::sleep(LOOK_FOR_EVERY).await;
    }
}

/// Looks at the battery, unless the training runs on it too, and at the heat.
pub fn watch_machine(settings: &Train, heeds_battery: bool, quiet: &Arc<Quiet>) {
    let heeds_battery = heeds_battery && !settings.on_battery;
    let celsius_max = f64::from(settings.celsius_max);
    if !heeds_battery && settings.celsius_max == 0 {
        return;
    }
    let quiet = Arc::clone(quiet);
    thread::spawn(move || {
        let mut is_hot = false;
        while !quiet.is_stopped() {
            let celsius = power::hottest_celsius().filter(|_| celsius_max > 0.0);
            is_hot = celsius.is_some_and(|celsius| is_too_hot(celsius, celsius_max, is_hot));
            quiet.machine(heeds_battery && power::on_battery() == Some(true), is_hot);
            thread::sleep(MACHINE_EVERY);
        }
    });
}

/// A file that says that a person wants to train, while it is there.
#[derive(Debug)]
pub struct WayWanted(PathBuf);

impl WayWanted {
    /// Says so to a training that began by itself.
    pub fn tell(training: &Path) -> io::Result<Self> {
        let path = training.join(WAY_WANTED);
        std::fs::write(&path, b"")?;
        Ok(Self(path))
    }
}

impl Drop for WayWanted {
    fn drop(&mut self) {
        // One that stays behind ends the next that begins by itself, which takes it away.
        let _gone = std::fs::remove_file(&self.0);
    }
}

/// Ends a training that began by itself when a person wants to train: it keeps where it is, and theirs
/// goes on from there.
pub fn give_way(training: &Path, quiet: &Arc<Quiet>) {
    let (wanted, quiet) = (training.join(WAY_WANTED), Arc::clone(quiet));
    // Whoever wanted it and was killed wants nothing now.
    let _gone = std::fs::remove_file(&wanted);
    thread::spawn(move || {
        while !quiet.is_stopped() {
            if wanted.exists() {
                quiet.stop();
            }
            thread::sleep(WAY_EVERY);
        }
    });
}

/// Whether it is, given whether it was: it must be cooler by some degrees to be cool again, or it would
/// begin and stop all the time.
fn is_too_hot(celsius: f64, celsius_max: f64, was_hot: bool) -> bool {
    celsius
        >= if was_hot {
            celsius_max - COOLER_BY
        } else {
            celsius_max
        }
}

/// Ends the training between two layers when the system says so, instead of at once.
#[cfg(unix)]
pub fn heed_signals(quiet: &Arc<Quiet>) -> io::Result<()> {
    use signal_hook::consts::signal::{SIGHUP, SIGINT, SIGTERM};
    let told = Arc::new(AtomicBool::new(false));
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        // The second one ends it at once.
        signal_hook::flag::register_conditional_shutdown(signal, 1, Arc::clone(&told))?;
        signal_hook::flag::register(signal, Arc::clone(&told))?;
    }
    let quiet = Arc::clone(quiet);
    thread::spawn(move || {
        while !told.load(Ordering::SeqCst) {
            thread::sleep(ASK_EVERY);
        }
        quiet.stop();
    });
    Ok(())
}

/// There are no signals; the process is ended with whoever started it.
#[cfg(not(unix))]
pub fn heed_signals(_quiet: &Arc<Quiet>) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_began_by_itself_ends_when_a_person_wants_to_train() {
        let folder = tempfile::tempdir().unwrap();
        let quiet = Arc::new(Quiet::new(Duration::ZERO));
        let killed = WayWanted::tell(folder.path()).unwrap();
        std::mem::forget(killed);
        give_way(folder.path(), &quiet);
        assert!(!quiet.is_stopped(), "nobody wants it any more");
        let wanted = WayWanted::tell(folder.path()).unwrap();
        let stopped = || quiet.is_stopped().then_some(());
        inkstone_test_support::eventually(Duration::from_secs(60), "the end", stopped);
        drop(wanted);
        assert!(!folder.path().join(WAY_WANTED).exists());
    }

    #[test]
    fn a_hot_machine_has_to_cool_down_by_some_degrees() {
        assert!(!is_too_hot(89.0, 90.0, false));
        assert!(is_too_hot(90.0, 90.0, false));
        assert!(is_too_hot(86.0, 90.0, true));
        assert!(!is_too_hot(84.0, 90.0, true));
    }
}
