//! Files that may be one text in two languages: in one folder, with names that differ in a language.

use std::collections::BTreeMap;
use std::path::Path;

use inkstone_corpus::authorship::translation::{Sketch, of_files, untagged};
use inkstone_corpus::document::Source;
use inkstone_corpus::format::Format;
use inkstone_corpus::read;
use inkstone_prose::Language;

use crate::content;

/// Files of one text, at most: there are not so many languages.
const SIBLINGS_MAX: usize = 32;

/// The names in the folder that was last asked about.
#[derive(Debug, Default)]
pub(super) struct Siblings {
    folder: Option<String>,
    /// Names by what they have in common; single ones are left out.
    groups: BTreeMap<String, Vec<String>>,
}

impl Siblings {
    /// Other files of the workspace that may be this one in another language.
    pub(super) fn of(&mut self, root: &Path, path: &str) -> Vec<String> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        if self.folder.as_deref() != Some(folder) {
            self.groups = groups(&root.join(folder));
            self.folder = Some(folder.to_owned());
        }
        let group = self.groups.get(&untagged(name)).into_iter().flatten();
        let others = group.filter(|other| *other != name).take(SIBLINGS_MAX);
        let below = |name: &String| match folder {
            "" => name.clone(),
            folder => format!("{folder}/{name}"),
        };
        others.map(below).collect()
    }

    /// Whether a file is the translation of one of `others`, files of the workspace that are read.
    pub(super) fn is_translation(
        root: &Path,
        source: &Source<'_>,
        others: &[String],
        main: Language,
    ) -> bool {
        let path = source.evidence.path;
        let Ok(reading) = read::read(source.format, source.bytes, source.limits) else {
            return false;
        };
        let mut sketches = vec![Sketch::of(path, &reading)];
        for other in others {
            let bytes_max = source.limits.file_bytes_max as u64;
            let Some(format) = Format::of(other, &[]) else {
                continue;
            };
            let Ok(content) = content::read(&root.join(other), bytes_max) else {
                continue;
            };
            if let Ok(reading) = read::read(format, &content.bytes, source.limits) {
                sketches.push(Sketch::of(other, &reading));
            }
        }
        of_files(&sketches, main).first() == Some(&true)
    }
}

/// The names of a folder that differ only in a language. A folder that cannot be read has none.
fn groups(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if let Ok(name) = entry.file_name().into_string() {
            groups.entry(untagged(&name)).or_default().push(name);
        }
    }
    groups.retain(|_, names| names.len() > 1);
    for names in groups.values_mut() {
        names.sort_unstable();
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_in_a_language_are_siblings() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "README.md",
            "README_zh.md",
            "notes.md",
            "a.en.md",
            "a.zh.md",
        ] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        let mut siblings = Siblings::default();
        let of = |siblings: &mut Siblings, path| siblings.of(folder.path(), path);
        assert_eq!(of(&mut siblings, "README.md"), ["README_zh.md"]);
        assert_eq!(of(&mut siblings, "a.zh.md"), ["a.en.md"]);
        assert!(of(&mut siblings, "notes.md").is_empty());
        assert!(of(&mut siblings, "missing/notes.md").is_empty());
    }
}
