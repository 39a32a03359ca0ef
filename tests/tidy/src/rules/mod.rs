//! One rule a file. Each is a pure function that gives findings.

pub mod architecture;
pub mod banned_calls;
pub mod closure;
pub mod edges;
pub mod fresh;
pub mod header;
pub mod leaks;
pub mod names;
pub mod proof;
pub mod size;
pub mod todo;
pub mod top_level;
pub mod unsafe_code;

/// A tree of these files, for the tests of the rules.
#[cfg(test)]
fn sample(files: &[(&str, &str)]) -> crate::Tree {
    let file = |(path, text): &(&str, &str)| crate::SourceFile {
        path: (*path).to_owned(),
        text: Some((*text).to_owned()),
    };
    crate::Tree::of(files.iter().map(file).collect())
}
