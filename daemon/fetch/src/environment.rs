//! What the surroundings of the process say about fetching: which hub, which token, where programs
//! lie. A value, so that tests make their own instead of changing the process's environment.

use std::ffi::OsString;
use std::fmt;
use std::time::Duration;

/// The public hub.
const PUBLIC_HUB: &str = "https://huggingface.co";
/// First wait before a broken connection is tried again; doubles each time.
const RETRY_WAIT: Duration = Duration::from_secs(1);

/// The surroundings.
#[derive(Debug, Clone)]
pub struct FetchEnvironment {
    /// Address of the hub (`HF_ENDPOINT`), without a slash at the end.
    pub hub: String,
    /// Token for the hub (`HF_TOKEN`).
    pub hub_token: Option<Token>,
    /// Further variables for pip; its own (`PIP_INDEX_URL`, …) are inherited.
    pub pip_variables: Vec<(OsString, OsString)>,
    /// Commands that run pip, first choice first.
    pub pip_commands: Vec<Vec<String>>,
    /// First wait before a broken connection is tried again.
    pub retry_wait: Duration,
}

/// A secret: it is sent, never shown.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Wraps a token.
    pub fn new(token: &str) -> Self {
        Self(token.to_owned())
    }

    /// The token itself, for the one header that carries it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl FetchEnvironment {
    /// What this process's environment says.
    pub fn from_env() -> Self {
        Self::from_lookup(|variable| std::env::var(variable).ok())
    }

    /// What a set of variables says.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Self {
        let given = |variable| {
            lookup(variable)
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty())
        };
        let hub = given("HF_ENDPOINT").unwrap_or_else(|| PUBLIC_HUB.to_owned());
        let command = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            hub: hub.trim_end_matches('/').to_owned(),
            hub_token: given("HF_TOKEN").map(|token| Token::new(&token)),
            pip_variables: Vec::new(),
            pip_commands: vec![
                command(&["python3", "-m", "pip"]),
                command(&["pip3"]),
                command(&["pip"]),
                // uv itself cannot download a wheel, but it can run pip.
                command(&["uv", "tool", "run", "pip"]),
            ],
            retry_wait: RETRY_WAIT,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FetchEnvironment;

    #[test]
    fn hub_and_token_come_from_the_environment_and_the_token_is_never_shown() {
        let environment = FetchEnvironment::from_lookup(|variable| match variable {
            "HF_ENDPOINT" => Some("https://mirror.example/".to_owned()),
            "HF_TOKEN" => Some(" hf_secret\n".to_owned()),
            _ => None,
        });
        assert_eq!(environment.hub, "https://mirror.example");
        assert_eq!(
            environment.hub_token.as_ref().map(super::Token::reveal),
            Some("hf_secret")
        );
        assert!(!format!("{environment:?}").contains("secret"));
        let plain = FetchEnvironment::from_lookup(|_| None);
        assert_eq!(plain.hub, "https://huggingface.co");
        assert!(plain.hub_token.is_none());
    }
}
