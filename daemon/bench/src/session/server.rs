//! The other side: a client of a completion server that sends its text for each key.
//!
//! It sends the end of the document, as long as the daemon's prompt at the first key, always from
//! the same place: the best case of the server's cache.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use inkstone_pipeline::{Decision, StopRule, Stopper};
use inkstone_text::ceil_char_boundary;
use serde::Deserialize;
use serde_json::json;

use super::SessionOptions;
use super::http::{Response, local_address, send};
use crate::error::BenchError;
use crate::subject::Subject;

const PATH: &str = "/v1/completions";
/// Questions to find how much of the document has as many tokens as the daemon's prompt.
const FITS_MAX: usize = 4;
/// Bytes of a token to begin with: the whole document may be more than a server takes.
const FIT_BYTES_PER_TOKEN: usize = 5;
/// How far the prompts may differ, in percent.
const FIT_TOLERANCE_PCT: usize = 2;
/// What llama-cpp-python logs before the number of prompt tokens that it computes.
const LOG_MARK: &str = "prefix-match hit, remaining ";

/// What one key took.
#[derive(Debug, Clone, Default)]
pub(super) struct Served {
    pub(super) elapsed_ms: f64,
    /// As the same rule stops it.
    pub(super) text: String,
    pub(super) tokens_generated: u32,
    /// Prompt tokens computed, where the server tells.
    pub(super) tokens_prefilled: Option<u32>,
}

/// A server and what is known of it.
pub(super) struct Server {
    address: SocketAddr,
    url: String,
    max_tokens: u32,
    /// Where in the document its text begins.
    start: usize,
    log: Option<PathBuf>,
    log_start: u64,
}

#[derive(Deserialize)]
struct Event {
    #[serde(default)]
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Option<Usage>,
    #[serde(default)]
    timings: Option<Timings>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    text: String,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Usage {
    prompt_tokens: usize,
}

/// As llama.cpp's own server adds them.
#[derive(Deserialize)]
struct Timings {
    prompt_n: u32,
}

impl Server {
    pub(super) fn new(options: &SessionOptions) -> Result<Self, BenchError> {
        let url = options.against.clone();
        let address = local_address(&url).map_err(|source| failed(&url, source))?;
        Ok(Self {
            address,
            url,
            max_tokens: Subject::max_tokens(),
            start: 0,
            log: options.against_log.clone(),
            log_start: 0,
        })
    }

    /// Chooses where the text begins, so that it has so many tokens; returns how many it has. The
    /// tokens of the questions asked for this are not counted later.
    pub(super) fn fit(&mut self, text: &str, tokens: usize) -> Result<usize, BenchError> {
        let mut bytes_wanted = tokens * FIT_BYTES_PER_TOKEN;
        let mut found = 0;
        for _ in 0..FITS_MAX {
            let start = ceil_char_boundary(text, text.len().saturating_sub(bytes_wanted));
            self.start = start;
            found = self.count(&text[start..])?;
            let tolerance = tokens * FIT_TOLERANCE_PCT / 100;
            if found.abs_diff(tokens) <= tolerance || (found < tokens && start == 0) {
                break;
            }
            bytes_wanted = (text.len() - start) * tokens / found.max(1);
        }
        // What the server has read so far belongs to no key.
        self.log_start = self.log_bytes();
        Ok(found)
    }

    /// The part of a document that is sent.
    pub(super) fn prompt<'a>(&self, document: &'a str) -> &'a str {
        &document[self.start..]
    }

    /// Sends the text and reads the suggestion until the rule stops it, as soon as it does.
    pub(super) fn complete(&self, document: &str) -> Result<Served, BenchError> {
        let prompt = self.prompt(document);
        let started = Instant::now();
        let mut response = self.post(prompt, self.max_tokens, true)?;
        let mut stopper = Stopper::new(StopRule::Sentence, prompt);
        let mut served = Served::default();
        while let Some(data) = self.checked(response.next_event())? {
            let Ok(event) = serde_json::from_str::<Event>(&data) else {
                break; // the mark of the end
            };
            let told = event.timings.map(|timings| timings.prompt_n);
            served.tokens_prefilled = served.tokens_prefilled.or(told);
            let Some(choice) = event.choices.into_iter().next() else {
                continue;
            };
            if !choice.text.is_empty() {
                served.tokens_generated += 1;
            }
            let is_whole = stopper.push(&choice.text) != Decision::Continue;
            if is_whole || choice.finish_reason.is_some() {
                break;
            }
        }
        served.elapsed_ms = started.elapsed().as_secs_f64() * 1_000.0;
        if served.tokens_generated >= self.max_tokens {
            stopper.finish_at_limit();
        }
        stopper.text().clone_into(&mut served.text);
        Ok(served)
    }

    /// Asks for a completion and gives it up after a while.
    pub(super) fn abandon(&self, prompt: &str, after: Duration) -> Result<(), BenchError> {
        let body = request(prompt, self.max_tokens, true);
        let connection = self.checked(send(self.address, PATH, &body))?;
        std::thread::sleep(after);
        drop(connection);
        Ok(())
    }

    /// Milliseconds for one token after a short text.
    pub(super) fn one_token(&self, prompt: &str) -> Result<f64, BenchError> {
        let started = Instant::now();
        let response = self.post(prompt, 1, false)?;
        self.checked(response.body())?;
        Ok(started.elapsed().as_secs_f64() * 1_000.0)
    }

    /// Prompt tokens computed for the keys, from the log, one number a key; none without a log.
    pub(super) fn prefilled_in_log(&self) -> Result<Option<Vec<f64>>, BenchError> {
        let Some(log) = &self.log else {
            return Ok(None);
        };
        let text = self.checked(std::fs::read(log))?;
        let from = usize::try_from(self.log_start).unwrap_or(usize::MAX);
        let text = String::from_utf8_lossy(text.get(from..).unwrap_or_default());
        Ok(Some(prefilled_in(&text)))
    }

    fn count(&self, prompt: &str) -> Result<usize, BenchError> {
        let body = self.checked(self.post(prompt, 1, false)?.body())?;
        let event: Event = serde_json::from_str(&body)
            .map_err(|error| failed(&self.url, io::Error::other(error.to_string())))?;
        let usage = event.usage.map(|usage| usage.prompt_tokens);
        usage.ok_or_else(|| failed(&self.url, io::Error::other("it does not count tokens")))
    }

    fn post(&self, prompt: &str, max_tokens: u32, stream: bool) -> Result<Response, BenchError> {
        let body = request(prompt, max_tokens, stream);
        self.checked(Response::post(self.address, PATH, &body))
    }

    fn checked<T>(&self, result: io::Result<T>) -> Result<T, BenchError> {
        result.map_err(|source| failed(&self.url, source))
    }

    fn log_bytes(&self) -> u64 {
        let meta = self
            .log
            .as_ref()
            .and_then(|log| std::fs::metadata(log).ok());
        meta.map_or(0, |meta| meta.len())
    }
}

/// Greedy, with the cache of the prompt that llama.cpp's own server keeps only when told.
fn request(prompt: &str, max_tokens: u32, stream: bool) -> String {
    json!({
        "prompt": prompt,
        "max_tokens": max_tokens,
        "temperature": 0.0,
        "stream": stream,
        "cache_prompt": true,
    })
    .to_string()
}

fn prefilled_in(log: &str) -> Vec<f64> {
    let after = log.lines().filter_map(|line| line.split_once(LOG_MARK));
    after
        .filter_map(|(_, rest)| rest.split(' ').next()?.parse().ok())
        .collect()
}

fn failed(url: &str, source: io::Error) -> BenchError {
    BenchError::Server {
        url: url.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tokens_that_were_computed_are_found_in_the_log() {
        let log = "INFO: \"POST /v1/completions HTTP/1.1\" 200 OK\n\
                   Llama.generate: 2051 prefix-match hit, remaining 2 prompt tokens to eval\n\
                   Llama.generate: 12 prefix-match hit, remaining 2040 prompt tokens to eval\n";
        assert_eq!(prefilled_in(log), [2.0, 2_040.0]);
    }
}
