//! What each program must never link, however indirectly.
//!
//! The daemon and the language server cannot talk to the network because no HTTP client is in them;
//! the language server and the command line survive a broken GPU driver because llama.cpp is not.

use crate::{Finding, Metadata};

/// A program and what it must not link.
#[derive(Debug, Clone, Copy)]
pub struct Promise {
    /// Package of the program.
    pub program: &'static str,
    /// What it is free of, for a person.
    pub free_of: &'static str,
    /// Packages that would break it; a `*` at the end stands for any ending.
    pub banned: &'static [&'static str],
}

const HTTP_CLIENTS: &[&str] = &[
    "reqwest",
    "hyper",
    "hyper-util",
    "ureq",
    "curl",
    "isahc",
    "attohttpc",
    "surf",
    "awc",
    "hf-hub",
    "minreq",
    "h2",
    "h3",
    "rustls",
    "native-tls",
    "openssl*",
];
const MODEL_ENGINES: &[&str] = &["llama-cpp*", "llama_cpp*", "candle*", "inkstone-engine"];
const DATABASES: &[&str] = &["rusqlite", "libsqlite3-sys", "sqlx*", "diesel"];

/// The promises of ARCHITECTURE.md.
pub const PROMISES: &[Promise] = &[
    Promise {
        program: "inkstone-lsp",
        free_of: "an HTTP client",
        banned: HTTP_CLIENTS,
    },
    Promise {
        program: "inkstone-lsp",
        free_of: "a model engine",
        banned: MODEL_ENGINES,
    },
    Promise {
        program: "inkstone-lsp",
        free_of: "a database",
        banned: DATABASES,
    },
    Promise {
        program: "inkstoned",
        free_of: "an HTTP client",
        banned: HTTP_CLIENTS,
    },
    Promise {
        program: "inkstone",
        free_of: "a model engine",
        banned: MODEL_ENGINES,
    },
];

const REMEDY: &str = "remove the first edge of the chain, or the feature that brings it in";

/// Broken promises, with the chain that breaks them.
pub fn check(metadata: &Metadata, promises: &[Promise]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for promise in promises {
        let Some(program) = metadata.member(promise.program) else {
            let problem = format!(
                "there is no package `{}` to be free of {}",
                promise.program, promise.free_of
            );
            findings.push(Finding::new(
                "Cargo.toml",
                problem,
                "correct the promise's name",
            ));
            continue;
        };
        let is_banned = |name: &str| promise.banned.iter().any(|banned| is_of(name, banned));
        if let Some(chain) = metadata.chain(&program.id, is_banned) {
            let problem = format!("links {}: {}", promise.free_of, chain.join(" → "));
            findings.push(Finding::new(promise.program, problem, REMEDY));
        }
    }
    findings
}

fn is_of(name: &str, banned: &str) -> bool {
    match banned.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == banned,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn workspace() -> Metadata {
        let package = |name: &str| json!({"id": name, "name": name, "manifest_path": format!("/r/{name}/Cargo.toml"), "dependencies": []});
        let linked = |name: &str| json!({"pkg": name, "dep_kinds": [{"kind": null}]});
        let tested = |name: &str| json!({"pkg": name, "dep_kinds": [{"kind": "dev"}]});
        Metadata::from_json(&json!({
            "workspace_root": "/r",
            "workspace_members": ["app", "client"],
            "packages": [package("app"), package("client"), package("middle"), package("reqwest")],
            "resolve": {"nodes": [
                {"id": "app", "deps": [linked("middle")]},
                {"id": "client", "deps": [tested("reqwest")]},
                {"id": "middle", "deps": [linked("reqwest")]},
                {"id": "reqwest", "deps": []},
            ]},
        }))
    }

    fn promise(program: &'static str) -> Promise {
        Promise {
            program,
            free_of: "an HTTP client",
            banned: HTTP_CLIENTS,
        }
    }

    #[test]
    fn an_indirect_link_is_found_with_its_chain() {
        let found = check(&workspace(), &[promise("app")]);
        assert_eq!(found.len(), 1);
        assert!(
            found[0].problem.ends_with("app → middle → reqwest"),
            "{found:?}"
        );
    }

    #[test]
    fn what_only_tests_use_is_not_linked() {
        assert_eq!(check(&workspace(), &[promise("client")]), []);
    }

    #[test]
    fn a_promise_about_no_program_is_found() {
        assert_eq!(check(&workspace(), &[promise("gone")]).len(), 1);
    }

    #[test]
    fn an_ending_is_left_open_by_a_star() {
        assert!(is_of("llama-cpp-sys-2", "llama-cpp*") && is_of("candle-core", "candle*"));
        assert!(!is_of("hyperlink", "hyper"));
    }
}
