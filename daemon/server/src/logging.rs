//! Logs of this process: JSON lines in the log directory, bounded in size and number.
//!
//! Our own events never hold the user's text at `info` and above. Libraries speak at `warn`, unless
//! the level is `trace`. A panic's message may quote text, so only its place is logged by default.

use std::sync::Arc;

use anyhow::Context as _;
use inkstone_platform::RotatingFile;
use inkstone_settings::{Directories, LogLevel, Settings};
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry, reload};

/// Name of the log, without its ending.
pub const LOG_NAME: &str = "inkstoned";

const BYTES_PER_MB: u64 = 1_000_000;

/// Our crates that may speak at the set level.
const OURS: [&str; 9] = [
    "inkstoned",
    "inkstone_engine",
    "inkstone_models",
    "inkstone_pipeline",
    "inkstone_platform",
    "inkstone_protocol",
    "inkstone_scheduler",
    "inkstone_settings",
    "inkstone_vocab",
];

/// Changes the level while the process runs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct LogControl {
    filter: reload::Handle<EnvFilter, Registry>,
    /// Writes what is left when the last clone is dropped.
    _guard: Arc<WorkerGuard>,
}

impl LogControl {
    /// Starts logging, and logs panics too.
    pub fn start(directories: &Directories, settings: &Settings) -> anyhow::Result<Self> {
        let folder = directories.log_dir();
        let bytes_max = u64::from(settings.log.file_mb_max) * BYTES_PER_MB;
        let file = RotatingFile::open(&folder, LOG_NAME, bytes_max, settings.log.files_max)
            .with_context(|| {
                format!(
                    "cannot write logs in {}; check its owner and free space",
                    folder.display()
                )
            })?;
        let (writer, guard) = tracing_appender::non_blocking(file);
        let (filter, handle) = reload::Layer::new(filter(settings.log.level));
        let lines = tracing_subscriber::fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .with_writer(writer);
        tracing_subscriber::registry()
            .with(filter)
            .with(lines)
            .try_init()
            .context("logging was started twice")?;
        log_panics();
        Ok(Self {
            filter: handle,
            _guard: Arc::new(guard),
        })
    }

    /// Takes the level of new settings.
    pub fn follow(&self, settings: &Settings) {
        if let Err(error) = self.filter.reload(filter(settings.log.level)) {
            tracing::warn!(%error, "the log level cannot be changed");
        }
    }
}

fn filter(level: LogLevel) -> EnvFilter {
    let libraries = match level {
        LogLevel::Trace => "trace",
        LogLevel::Error => "error",
        LogLevel::Warn | LogLevel::Info | LogLevel::Debug => "warn",
    };
    let ours = OURS
        .map(|name| format!("{name}={}", level.word()))
        .join(",");
    EnvFilter::new(format!("{libraries},{ours}"))
}

/// Standard error is gone once the daemon is ready.
fn log_panics() {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        let thread = std::thread::current().name().unwrap_or_default().to_owned();
        tracing::error!(place, thread, "panic");
        let payload = panic.payload();
        let said = payload.downcast_ref::<&str>().copied();
        let said = said.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        tracing::debug!(said, "panic");
        print(panic);
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_speak_at_trace_only_and_our_crates_at_the_set_level() {
        for word in LogLevel::WORDS {
            let level = LogLevel::from_word(word).unwrap();
            let filter = filter(level).to_string();
            assert!(filter.contains(&format!("inkstoned={word}")), "{filter}");
            let lets_traces_through = filter.split(',').any(|directive| directive == "trace");
            assert_eq!(lets_traces_through, level == LogLevel::Trace, "{filter}");
        }
    }
}
