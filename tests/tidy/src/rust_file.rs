//! One Rust file, parsed, with the lines that are test code told apart.
//!
//! Test code is what `cfg(test)` guards, test functions, files that are declared under
//! `cfg(test)`, and everything in folders that cargo builds for tests only.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use proc_macro2::TokenStream;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItemFn, Item, Meta};

use crate::finding::Finding;

/// A parsed file.
pub struct RustFile {
    /// From the root, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Its items.
    pub syntax: syn::File,
    /// The same as tokens, macros' contents included.
    pub tokens: TokenStream,
    test_lines: Vec<RangeInclusive<usize>>,
    is_test: bool,
}

impl RustFile {
    /// Parses a file; `is_test` when it is declared under `cfg(test)`.
    pub fn parse(path: &str, text: &str, is_test: bool) -> Result<Self, Finding> {
        let remedy = "make it parse, or remove it";
        let failed = |error: &dyn std::fmt::Display| {
            Finding::new(path, format!("is not Rust: {error}"), remedy)
        };
        let tokens: TokenStream = text.parse().map_err(|error| failed(&error))?;
        let syntax: syn::File = syn::parse2(tokens.clone()).map_err(|error| failed(&error))?;
        let mut finder = TestLines::default();
        finder.visit_file(&syntax);
        let is_test = is_test || is_test_path(path) || has_test_attribute(&syntax.attrs);
        Ok(Self {
            path: path.to_owned(),
            text: text.to_owned(),
            syntax,
            tokens,
            test_lines: finder.lines,
            is_test,
        })
    }

    /// Whether the whole file is test code.
    pub fn is_test(&self) -> bool {
        self.is_test
    }

    /// Whether a line, counted from 1, is test code.
    pub fn is_test_line(&self, line: usize) -> bool {
        self.is_test || self.test_lines.iter().any(|lines| lines.contains(&line))
    }

    /// How many lines are not test code.
    pub fn own_lines(&self) -> usize {
        let all = 1..=self.text.lines().count();
        all.filter(|line| !self.is_test_line(*line)).count()
    }
}

/// Parses files and gives those that do not parse as findings.
pub fn parse_all<'a>(
    files: impl Iterator<Item = (&'a str, &'a str)>,
) -> (Vec<RustFile>, Vec<Finding>) {
    let (mut parsed, mut broken) = (Vec::new(), Vec::new());
    for (path, text) in files {
        match RustFile::parse(path, text, false) {
            Ok(file) => parsed.push(file),
            Err(finding) => broken.push(finding),
        }
    }
    let declared: HashSet<String> = parsed.iter().flat_map(test_modules).collect();
    for file in &mut parsed {
        let stem = file.path.trim_end_matches(".rs").trim_end_matches("/mod");
        let mut ancestors = std::path::Path::new(stem).ancestors();
        file.is_test |= ancestors.any(|module| declared.contains(&*module.to_string_lossy()));
    }
    (parsed, broken)
}

/// The modules that a file declares under `cfg(test)` without a body, as paths without ending.
fn test_modules(file: &RustFile) -> Vec<String> {
    let stem = file.path.trim_end_matches(".rs");
    let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    let base = if ["lib", "main", "mod"].contains(&name) {
        folder
    } else {
        stem
    };
    let mut modules = Vec::new();
    for item in &file.syntax.items {
        if let Item::Mod(module) = item
            && module.content.is_none()
            && has_test_attribute(&module.attrs)
        {
            modules.push(format!("{base}/{}", module.ident));
        }
    }
    modules
}

fn is_test_path(path: &str) -> bool {
    path.starts_with("tests/")
        || ["/tests/", "/benches/", "/examples/"]
            .iter()
            .any(|part| path.contains(part))
}

#[derive(Default)]
struct TestLines {
    lines: Vec<RangeInclusive<usize>>,
}

impl TestLines {
    fn add(&mut self, span: proc_macro2::Span) {
        self.lines.push(span.start().line..=span.end().line);
    }
}

impl<'ast> Visit<'ast> for TestLines {
    fn visit_item(&mut self, item: &'ast Item) {
        if has_test_attribute(attributes(item)) {
            self.add(item.span());
        } else {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        if has_test_attribute(&function.attrs) {
            self.add(function.span());
        } else {
            visit::visit_impl_item_fn(self, function);
        }
    }
}

/// Whether `#[test]`, or a `#[cfg(…)]` that holds only in tests, is among them.
fn has_test_attribute(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("cfg") => {
            let condition = list.tokens.to_string().replace(' ', "");
            condition == "test" || (condition.starts_with("all(") && mentions_test(&condition))
        }
        _ => false,
    })
}

/// Whether `all(…)` names `test` among its own conditions.
fn mentions_test(condition: &str) -> bool {
    let inner = condition.trim_start_matches("all(").trim_end_matches(')');
    inner.split(',').any(|part| part == "test")
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cfg_test_guards_is_test_code_and_the_rest_is_not() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n\
                    #[cfg(all(test, unix))]\nfn d() {}\n#[cfg(not(test))]\nfn e() {}\n";
        let file = RustFile::parse("daemon/vocab/src/lib.rs", text, false).unwrap();
        let tests: Vec<usize> = (1..=10).filter(|line| file.is_test_line(*line)).collect();
        assert_eq!(tests, [2, 3, 4, 5, 7, 8]);
        assert_eq!(file.own_lines(), 4);
    }

    #[test]
    fn a_module_declared_under_cfg_test_is_a_test_file() {
        let files = [
            ("a/src/lib.rs", "mod real;\n#[cfg(test)]\nmod fakes;\n"),
            ("a/src/real.rs", "#[cfg(test)]\nmod cases;\n"),
            ("a/src/real/cases.rs", ""),
            ("a/src/fakes/mod.rs", ""),
            ("a/src/fakes/deep.rs", ""),
        ];
        let (parsed, broken) = parse_all(files.into_iter());
        assert_eq!(broken, []);
        let tests: Vec<&str> = parsed
            .iter()
            .filter(|file| file.is_test())
            .map(|file| file.path.as_str())
            .collect();
        assert_eq!(
            tests,
            [
                "a/src/real/cases.rs",
                "a/src/fakes/mod.rs",
                "a/src/fakes/deep.rs"
            ]
        );
    }

    #[test]
    fn a_file_that_does_not_parse_is_a_finding() {
        let (parsed, broken) = parse_all([("a/src/lib.rs", "fn (")].into_iter());
        assert!(parsed.is_empty());
        assert_eq!(broken.len(), 1);
    }
}
