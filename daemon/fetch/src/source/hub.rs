//! A file of the Hugging Face hub: its hash and size from the hub's own metadata, then the download
//! of exactly that commit. The hub answers a question for a large file with a redirect that carries
//! `x-linked-etag` (the SHA-256), `x-linked-size` and `x-repo-commit`.

use inkstone_models::Sha256;
use reqwest::blocking::{Client, Response};
use reqwest::header::LOCATION;

use crate::environment::FetchEnvironment;
use crate::error::FetchError;
use crate::source::http;

/// Most redirects inside the hub (renamed repositories) before its answer.
const MOVES_MAX: usize = 4;

/// A file as the hub describes it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct HubFile {
    /// Where to get it.
    pub(crate) url: String,
    /// Its content.
    pub(crate) sha256: Sha256,
    /// Its size.
    pub(crate) size_bytes: Option<u64>,
}

/// Asks the hub what a file is. `client` must not follow redirects.
pub(crate) fn look_up(
    client: &Client,
    environment: &FetchEnvironment,
    repo: &str,
    file: &str,
    revision: &str,
) -> Result<HubFile, FetchError> {
    let hub = &environment.hub;
    let mut url = format!("{hub}/{repo}/resolve/{revision}/{file}");
    for _ in 0..=MOVES_MAX {
        let mut request = client.head(&url);
        if let Some(token) = &environment.hub_token {
            request = request.bearer_auth(token.reveal());
        }
        let response = request.send().map_err(|error| FetchError::Unreachable {
            url: url.clone(),
            message: http::cause(&error),
            kept_bytes: 0,
        })?;
        if let Some(etag) = header(&response, "x-linked-etag") {
            let sha256 = etag.trim_start_matches("W/").trim_matches('"');
            let sha256 = sha256
                .parse()
                .map_err(|_| FetchError::NoHash { url: url.clone() })?;
            let size_bytes = header(&response, "x-linked-size").and_then(|size| size.parse().ok());
            let commit = header(&response, "x-repo-commit").filter(|commit| is_commit(commit));
            if let Some(commit) = commit {
                // The branch may move between this answer and the download.
                url = format!("{hub}/{repo}/resolve/{commit}/{file}");
            }
            return Ok(HubFile {
                url,
                sha256,
                size_bytes,
            });
        }
        let status = response.status();
        let moved_to = header(&response, LOCATION.as_str());
        match moved_to.filter(|_| status.is_redirection()) {
            // Only inside the hub: the token goes nowhere else.
            Some(path) if path.starts_with('/') && !path.starts_with("//") => {
                url = format!("{hub}{path}");
            }
            Some(inside) if inside.starts_with(&format!("{hub}/")) => url = inside,
            _ if status.is_success() || status.is_redirection() => {
                return Err(FetchError::NoHash { url });
            }
            _ => {
                return Err(FetchError::Status {
                    url,
                    status: status.as_u16(),
                });
            }
        }
    }
    Err(FetchError::NoHash { url })
}

/// Whether a header holds a commit and nothing that would change the address.
fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|digit| digit.is_ascii_hexdigit())
}

fn header(response: &Response, name: &str) -> Option<String> {
    response
        .headers()
        .get(name)?
        .to_str()
        .ok()
        .map(str::to_owned)
}
