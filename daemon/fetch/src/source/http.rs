//! A file over HTTP, resumable: what arrived stays in a `.part` file, the next attempt asks for the
//! rest (RFC 9110, section 14) and starts over where the server does not give it.

use std::io::Read as _;
use std::path::Path;
use std::sync::Once;
use std::time::Duration;

use inkstone_models::Sha256;
use inkstone_models::gguf::Gguf;
use reqwest::StatusCode;
use reqwest::blocking::{Client, Response};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_RANGE, RANGE};
use reqwest::redirect::{Attempt, Policy};

use crate::environment::Token;
use crate::error::FetchError;
use crate::progress::{Phase, Progress};
use crate::sink::{Complete, PourError, Sink};
use crate::space;

/// Longest wait for a connection.
const CONNECT_WAIT: Duration = Duration::from_secs(20);
/// Longest wait for the next bytes; slower than this is a dead connection.
const READ_WAIT: Duration = Duration::from_secs(30);
/// Attempts in a row that may bring nothing before a source counts as failed.
const IDLE_ATTEMPTS_MAX: u32 = 4;
/// Most redirects; the hub needs one or two.
const REDIRECTS_MAX: usize = 8;

/// A file on a server.
#[derive(Debug)]
pub(crate) struct Remote<'a> {
    /// Its address.
    pub(crate) url: &'a str,
    /// What proves who asks.
    pub(crate) token: Option<&'a Token>,
    /// Its content.
    pub(crate) sha256: Sha256,
    /// Its size, when known exactly.
    pub(crate) size_bytes: Option<u64>,
}

/// How an attempt ended.
enum Attempted {
    /// The file is whole, as far as the server says.
    Whole,
    /// The connection broke; more may come.
    Broken(String),
}

/// A client that follows redirects, but never from an encrypted to an open connection.
pub(crate) fn client(follows: bool) -> Result<Client, FetchError> {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // An error means that another part of the process chose one before: it serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    let policy = if follows {
        Policy::custom(follow_encrypted)
    } else {
        Policy::none()
    };
    Client::builder()
        .user_agent(concat!("inkstone/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_WAIT)
        // Of the blocking client, a limit on each wait, not on the whole transfer.
        .timeout(READ_WAIT)
        .referer(false)
        .redirect(policy)
        .build()
        .map_err(|error| FetchError::Client {
            message: error.to_string(),
        })
}

fn follow_encrypted(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let was_encrypted = attempt
        .previous()
        .last()
        .is_some_and(|url| url.scheme() == "https");
    if attempt.previous().len() > REDIRECTS_MAX {
        attempt.error("too many redirects")
    } else if was_encrypted && attempt.url().scheme() != "https" {
        attempt.error("the server redirects from https to http")
    } else {
        attempt.follow()
    }
}

/// Fetches a file into `part`, going on from what is there. The part stays for the next pull unless
/// its content is what is wrong.
pub(crate) fn download(
    client: &Client,
    remote: &Remote<'_>,
    part: &Path,
    retry_wait: Duration,
    progress: &mut dyn Progress,
) -> Result<Complete, FetchError> {
    let result = download_or_resume(client, remote, part, retry_wait, progress);
    let has_bytes = || std::fs::metadata(part).is_ok_and(|metadata| metadata.len() > 0);
    let keeps_part = match &result {
        Ok(_) => true,
        Err(error) => error.keeps_what_came() && has_bytes(),
    };
    if !keeps_part {
        // The error being returned matters more than one of the cleaning.
        let _ = std::fs::remove_file(part);
    }
    result
}

fn download_or_resume(
    client: &Client,
    remote: &Remote<'_>,
    part: &Path,
    retry_wait: Duration,
    progress: &mut dyn Progress,
) -> Result<Complete, FetchError> {
    let sink = Sink::resume(part, remote.size_bytes, progress)?;
    let had_earlier_part = sink.written_bytes() > 0;
    let sink = transfer(client, remote, sink, part, retry_wait, progress)?;
    match sink.finish(Some(remote.sha256)) {
        // The part may stem from another source that served something else: once from the start.
        Err(FetchError::WrongHash { .. } | FetchError::WrongSize { .. }) if had_earlier_part => {
            let sink = Sink::create(part, remote.size_bytes)?;
            let sink = transfer(client, remote, sink, part, retry_wait, progress)?;
            sink.finish(Some(remote.sha256))
        }
        finished => finished,
    }
}

/// Asks until the file is whole or too many attempts in a row brought nothing.
fn transfer(
    client: &Client,
    remote: &Remote<'_>,
    mut sink: Sink<std::fs::File>,
    part: &Path,
    retry_wait: Duration,
    progress: &mut dyn Progress,
) -> Result<Sink<std::fs::File>, FetchError> {
    let mut idle_attempts = 0;
    loop {
        let before_bytes = sink.written_bytes();
        if remote.size_bytes == Some(before_bytes) {
            return Ok(sink);
        }
        match attempt(client, remote, &mut sink, part, progress)? {
            Attempted::Whole => return Ok(sink),
            Attempted::Broken(message) => {
                idle_attempts = if sink.written_bytes() > before_bytes {
                    1
                } else {
                    idle_attempts + 1
                };
                if idle_attempts >= IDLE_ATTEMPTS_MAX {
                    let kept_bytes = sink.written_bytes();
                    let url = remote.url.to_owned();
                    return Err(FetchError::Unreachable {
                        url,
                        message,
                        kept_bytes,
                    });
                }
                if progress.is_cancelled() {
                    return Err(FetchError::Cancelled);
                }
                // The server may need a moment; each further one gets twice as long.
                std::thread::sleep(retry_wait * 2_u32.pow(idle_attempts - 1));
            }
        }
    }
}

/// One request, for the rest of the file.
fn attempt(
    client: &Client,
    remote: &Remote<'_>,
    sink: &mut Sink<std::fs::File>,
    part: &Path,
    progress: &mut dyn Progress,
) -> Result<Attempted, FetchError> {
    let have_bytes = sink.written_bytes();
    let mut request = client.get(remote.url).header(ACCEPT_ENCODING, "identity");
    if have_bytes > 0 {
        request = request.header(RANGE, format!("bytes={have_bytes}-"));
    }
    if let Some(token) = remote.token {
        request = request.bearer_auth(token.reveal());
    }
    let mut response = match request.send() {
        Ok(response) => response,
        Err(error) => return Ok(Attempted::Broken(cause(&error))),
    };
    let beginning = match take_up(&mut response, remote, sink, part)? {
        Answer::Comes { beginning } => beginning,
        Answer::Fails(message) => return Ok(Attempted::Broken(message)),
    };
    progress.phase(Phase::Downloading);
    match sink.pour(beginning.as_slice().chain(response), progress) {
        Ok(())
            if remote
                .size_bytes
                .is_none_or(|size| size == sink.written_bytes()) =>
        {
            Ok(Attempted::Whole)
        }
        Ok(()) => Ok(Attempted::Broken("the connection ended early".to_owned())),
        Err(PourError::Read(error)) => Ok(Attempted::Broken(cause(&error))),
        Err(PourError::Write(error)) => Err(error),
    }
}

/// What an answer is, before it is read.
enum Answer {
    /// Bytes that belong behind those in the sink; the first of them were read already.
    Comes { beginning: Vec<u8> },
    /// Nothing that helps now.
    Fails(String),
}

/// Makes the sink ready for an answer. Nothing is given up for one that cannot be the file.
fn take_up(
    response: &mut Response,
    remote: &Remote<'_>,
    sink: &mut Sink<std::fs::File>,
    part: &Path,
) -> Result<Answer, FetchError> {
    let have_bytes = sink.written_bytes();
    // Asked now: it is gone when some of it was read.
    let rest_bytes = response.content_length();
    let require_space = |freed_bytes: u64| match rest_bytes {
        Some(bytes) => space::require(
            part.parent().unwrap_or(part),
            bytes.saturating_sub(freed_bytes),
        ),
        None => Ok(()),
    };
    match response.status() {
        StatusCode::PARTIAL_CONTENT if resumes_at(response, have_bytes) => {
            check_length(rest_bytes, have_bytes, remote)?;
            require_space(0)?;
            Ok(Answer::Comes { beginning: vec![] })
        }
        // The whole file instead of the rest: the server knows no ranges. Or a login page of the
        // network.
        StatusCode::OK => {
            check_length(rest_bytes, 0, remote)?;
            require_space(have_bytes)?;
            if have_bytes == 0 {
                return Ok(Answer::Comes { beginning: vec![] });
            }
            let beginning = match beginning_of(response) {
                Ok(beginning) => beginning,
                Err(error) => return Ok(Answer::Fails(cause(&error))),
            };
            if beginning != Gguf::MAGIC {
                return Err(not_the_file(remote, "it is not a GGUF file".to_owned()));
            }
            sink.start_over()?;
            Ok(Answer::Comes { beginning })
        }
        StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
            sink.start_over()?;
            let message = "the server does not go on where it stopped";
            Ok(Answer::Fails(message.to_owned()))
        }
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            Ok(Answer::Fails(format!("it answers {status}")))
        }
        status => Err(FetchError::Status {
            url: remote.url.to_owned(),
            status: status.as_u16(),
        }),
    }
}

/// Refuses an answer whose length shows that it is not the file, before anything is overwritten.
fn check_length(
    rest_bytes: Option<u64>,
    have_bytes: u64,
    remote: &Remote<'_>,
) -> Result<(), FetchError> {
    let found_bytes = rest_bytes.map(|rest| rest.saturating_add(have_bytes));
    match (found_bytes, remote.size_bytes) {
        (Some(found), Some(expected)) if found != expected => Err(not_the_file(
            remote,
            format!("{found} bytes instead of {expected}"),
        )),
        _ => Ok(()),
    }
}

/// As many bytes of an answer as tell a GGUF file from a page.
fn beginning_of(response: &mut Response) -> std::io::Result<Vec<u8>> {
    let mut beginning = Vec::new();
    response
        .take(Gguf::MAGIC.len() as u64)
        .read_to_end(&mut beginning)?;
    Ok(beginning)
}

fn not_the_file(remote: &Remote<'_>, message: String) -> FetchError {
    FetchError::NotTheFile {
        url: remote.url.to_owned(),
        message,
    }
}

/// Whether a partial answer begins where our file ends.
fn resumes_at(response: &Response, have_bytes: u64) -> bool {
    let range = response
        .headers()
        .get(CONTENT_RANGE)
        .and_then(|value| value.to_str().ok());
    range.is_some_and(|range| range.starts_with(&format!("bytes {have_bytes}-")))
}

/// The innermost cause of an error: "connection refused" says more than "error sending request".
pub(crate) fn cause(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
