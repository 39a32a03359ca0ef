//! Logs of this process: JSON lines in the state directory, never on standard output, which
//! belongs to the protocol.
//!
//! Our own events never hold the user's text. The libraries' traces do, so they are let through
//! at the level `trace` only.

use anyhow::Context;
use inkstone_platform::RotatingFile;
use inkstone_settings::{Directories, LogLevel, Settings};
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;

/// Name of the log file, without its ending.
const LOG_NAME: &str = "inkstone-lsp";

const BYTES_PER_MB: u64 = 1_000_000;

/// Starts logging. The guard writes what is left when it is dropped.
pub fn start(
    directories: &Directories,
    settings: &Settings,
    level: LogLevel,
) -> anyhow::Result<WorkerGuard> {
    let folder = directories.log_dir();
    let bytes_max = u64::from(settings.log.file_mb_max) * BYTES_PER_MB;
    let file = RotatingFile::open(&folder, LOG_NAME, bytes_max, settings.log.files_max)
        .with_context(|| format!("cannot write logs below {}", folder.display()))?;
    let (writer, guard) = tracing_appender::non_blocking(file);
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_env_filter(filter(level))
        .with_writer(writer)
        .try_init()
        .map_err(|error| anyhow::anyhow!("logging was started twice: {error}"))?;
    Ok(guard)
}

fn filter(level: LogLevel) -> EnvFilter {
    let word = level.word();
    let libraries = match level {
        LogLevel::Trace => "trace",
        LogLevel::Error => "error",
        LogLevel::Warn | LogLevel::Info | LogLevel::Debug => "warn",
    };
    EnvFilter::new(format!(
        "{libraries},inkstone_lsp={word},inkstone_protocol={word},inkstone_settings={word}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_librarys_traces_of_messages_need_the_level_trace() {
        for word in LogLevel::WORDS {
            let level = LogLevel::from_word(word).expect("a level");
            let filter = filter(level).to_string();
            assert!(filter.contains(&format!("inkstone_lsp={word}")), "{filter}");
            let lets_traces_through = filter.split(',').any(|directive| directive == "trace");
            assert_eq!(lets_traces_through, level == LogLevel::Trace, "{filter}");
        }
    }
}
