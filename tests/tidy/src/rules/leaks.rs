//! Nothing in the repository names a machine: neither a path of the one it was written on, nor a
//! package mirror. Both break elsewhere, and both are nobody's business.

use crate::{Finding, Tree};

/// What betrays a machine; put together here so that this file does not find itself.
const NEEDLES: &[(&str, &str)] = &[
    (concat!("/ro", "ot/"), "a path of one machine"),
    (concat!("/wo", "rk/"), "a path of one machine"),
    (concat!("/ho", "me/runner"), "a path of one machine"),
    (concat!("/Us", "ers/"), "a path of one machine"),
    (concat!("deb.", "debian.org"), "a package mirror"),
    (concat!("archive.", "ubuntu.com"), "a package mirror"),
    (concat!("files.", "pythonhosted.org"), "a package mirror"),
    (concat!("pypi.", "org"), "a package mirror"),
    (concat!("registry.", "npmjs.org"), "a package mirror"),
    (concat!("static.", "crates.io"), "a package mirror"),
    (concat!("index.", "crates.io"), "a package mirror"),
];

/// Files that cargo writes or that are about the registry itself.
const EXEMPT: &[&str] = &["Cargo.lock"];

const REMEDY: &str =
    "take it from the environment, the settings or the machine's own configuration";

/// Machine paths and mirrors.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.texts().filter(|(path, _)| !EXEMPT.contains(path)) {
        for (index, line) in text.lines().enumerate() {
            if let Some((needle, what)) = NEEDLES.iter().find(|(needle, _)| names(line, needle)) {
                findings.push(Finding::at(
                    path,
                    index + 1,
                    format!("`{needle}` is {what}"),
                    REMEDY,
                ));
            }
        }
    }
    findings
}

/// Whether a line holds the needle; a path counts only where it begins: `$prefix/root/usr` is relative
/// to something.
fn names(line: &str, needle: &str) -> bool {
    let continues_a_path = |before: &str| {
        before.ends_with(|last: char| last.is_alphanumeric() || "_}.~)'-".contains(last))
    };
    let mut places = line.match_indices(needle);
    places.any(|(start, _)| !needle.starts_with('/') || !continues_a_path(&line[..start]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::sample;

    #[test]
    fn a_machine_path_and_a_mirror_are_found_anywhere() {
        let path = format!("see {}notes.md\n", NEEDLES[0].0);
        let mirror = format!("URL=https://{}/debian\n", NEEDLES[4].0);
        let tree = sample(&[
            ("README.md", &path),
            ("tests/a.sh", &mirror),
            ("Cargo.lock", &mirror),
        ]);
        assert_eq!(check(&tree).len(), 2);
        assert_eq!(
            check(&sample(&[("README.md", "see ~/notes.md and /usr/lib\n")])),
            []
        );
        let relative = format!("ls $prefix{}usr\n", NEEDLES[0].0);
        assert_eq!(check(&sample(&[("tests/a.sh", &relative)])), []);
    }
}
