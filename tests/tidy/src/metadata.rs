//! What `cargo metadata` says: the crates, who depends on whom, and what is linked into each.
//!
//! Only the fields that the rules read. Asked for this machine's platform, so that nothing has to
//! be downloaded that no build needed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// The crates of the workspace and all they depend on.
#[derive(Debug, Default)]
pub struct Metadata {
    /// Ours, by folder.
    pub members: Vec<Member>,
    /// What each package links, by package id: ids of its normal dependencies.
    pub links: BTreeMap<String, Vec<String>>,
    /// The name of each package id.
    pub names: BTreeMap<String, String>,
}

/// A crate of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Package id.
    pub id: String,
    /// Package name.
    pub name: String,
    /// Folder from the root, with `/`.
    pub folder: String,
    /// Names of the packages that it asks for, and for what.
    pub dependencies: Vec<(String, DependencyKind)>,
}

/// What a dependency is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DependencyKind {
    /// It is linked.
    Normal,
    /// The build script uses it.
    Build,
    /// Tests, examples and benches use it.
    Development,
}

impl Metadata {
    /// Asks cargo.
    ///
    /// # Panics
    /// When cargo fails, for example because `Cargo.lock` is stale.
    pub fn read(root: &Path) -> Self {
        let host = cargo(root, &["-vV"]);
        let host = host.lines().find_map(|line| line.strip_prefix("host: "));
        let mut arguments = vec!["metadata", "--format-version", "1", "--locked"];
        if let Some(host) = host {
            arguments.extend(["--filter-platform", host]);
        }
        let json = serde_json::from_str(&cargo(root, &arguments));
        let json = json.unwrap_or_else(|error| panic!("cargo metadata gave no JSON: {error}"));
        Self::from_json(&json)
    }

    /// Reads cargo's answer; what is missing in it is taken as empty.
    pub fn from_json(json: &Value) -> Self {
        let root = text(&json["workspace_root"]);
        let members: BTreeSet<&str> = list(&json["workspace_members"])
            .filter_map(Value::as_str)
            .collect();
        let mut read = Self::default();
        for package in list(&json["packages"]) {
            let (id, name) = (text(&package["id"]), text(&package["name"]));
            read.names.insert(id.to_owned(), name.to_owned());
            if members.contains(id) {
                let folder = Path::new(text(&package["manifest_path"])).parent();
                let folder = folder.and_then(|folder| folder.strip_prefix(root).ok());
                read.members.push(Member {
                    id: id.to_owned(),
                    name: name.to_owned(),
                    folder: folder
                        .unwrap_or(Path::new(""))
                        .to_string_lossy()
                        .replace('\\', "/"),
                    dependencies: list(&package["dependencies"]).map(dependency).collect(),
                });
            }
        }
        read.members.sort_by(|a, b| a.folder.cmp(&b.folder));
        for node in list(&json["resolve"]["nodes"]) {
            let linked = list(&node["deps"]).filter(|dep| is_linked(dep));
            let linked = linked.map(|dep| text(&dep["pkg"]).to_owned()).collect();
            read.links.insert(text(&node["id"]).to_owned(), linked);
        }
        read
    }

    /// The crate of a package name.
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }

    /// The shortest chain of names from a package to one that `is_wanted`, if it links one.
    pub fn chain(&self, from: &str, is_wanted: impl Fn(&str) -> bool) -> Option<Vec<String>> {
        let mut seen: BTreeSet<&str> = BTreeSet::from([from]);
        let mut wave: Vec<Vec<&str>> = vec![vec![from]];
        while !wave.is_empty() {
            let mut next = Vec::new();
            for chain in wave {
                let last = chain.last().copied().unwrap_or(from);
                for id in self.links.get(last).into_iter().flatten() {
                    let mut longer = chain.clone();
                    longer.push(id);
                    if self.names.get(id).is_some_and(|name| is_wanted(name)) {
                        return Some(longer.iter().map(|id| self.name_of(id)).collect());
                    }
                    if seen.insert(id) {
                        next.push(longer);
                    }
                }
            }
            wave = next;
        }
        None
    }

    fn name_of(&self, id: &str) -> String {
        self.names.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }
}

fn cargo(root: &Path, arguments: &[&str]) -> String {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .output();
    let output = output.unwrap_or_else(|error| panic!("cargo could not be started: {error}"));
    assert!(
        output.status.success(),
        "cargo {}: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn dependency(json: &Value) -> (String, DependencyKind) {
    let kind = match json["kind"].as_str() {
        Some("dev") => DependencyKind::Development,
        Some("build") => DependencyKind::Build,
        _ => DependencyKind::Normal,
    };
    (text(&json["name"]).to_owned(), kind)
}

fn is_linked(dep: &Value) -> bool {
    list(&dep["dep_kinds"]).any(|kind| kind["kind"].is_null())
}

fn list(json: &Value) -> impl Iterator<Item = &Value> {
    json.as_array().into_iter().flatten()
}

fn text(json: &Value) -> &str {
    json.as_str().unwrap_or_default()
}
