//! Files and functions stay small enough to hold in the head.

use proc_macro2::Span;
use syn::visit::{self, Visit};
use syn::{Block, ImplItemFn, ItemFn, Signature, TraitItemFn};

use crate::{Finding, RustFile, Tree};

/// Longest file, tests not counted.
pub const FILE_LINES_MAX: usize = 500;
/// Longest function, from its signature to its closing brace.
pub const FUNCTION_LINES_MAX: usize = 70;

const FILE_REMEDY: &str = "split it: one thing per file";
const FUNCTION_REMEDY: &str =
    "keep the control flow here and move leaves into functions of their own";

/// Files and functions over the limits.
pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust_files().iter().flat_map(check_file).collect()
}

fn check_file(file: &RustFile) -> Vec<Finding> {
    let mut functions = Functions {
        file,
        findings: Vec::new(),
    };
    functions.visit_file(&file.syntax);
    let mut findings = functions.findings;
    let lines = file.own_lines();
    if lines > FILE_LINES_MAX {
        let problem =
            format!("the file has {lines} lines without its tests, more than {FILE_LINES_MAX}");
        findings.push(Finding::new(&file.path, problem, FILE_REMEDY));
    }
    findings
}

struct Functions<'a> {
    file: &'a RustFile,
    findings: Vec<Finding>,
}

impl Functions<'_> {
    fn check(&mut self, signature: &Signature, end: Span) {
        let first = signature.fn_token.span.start().line;
        let lines = end.end().line + 1 - first;
        if lines > FUNCTION_LINES_MAX {
            let name = &signature.ident;
            let problem = format!("`{name}` has {lines} lines, more than {FUNCTION_LINES_MAX}");
            self.findings.push(Finding::at(
                &self.file.path,
                first,
                problem,
                FUNCTION_REMEDY,
            ));
        }
    }
}

fn end(block: &Block) -> Span {
    block.brace_token.span.close()
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.check(&function.sig, end(&function.block));
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.check(&function.sig, end(&function.block));
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        if let Some(block) = &function.default {
            self.check(&function.sig, end(block));
        }
        visit::visit_trait_item_fn(self, function);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::sample;

    fn function_of(lines: usize) -> String {
        format!("fn a() {{\n{}}}\n", "    b();\n".repeat(lines - 2))
    }

    #[test]
    fn a_function_over_the_limit_is_found_and_one_at_the_limit_is_not() {
        let long = sample(&[("a/src/a.rs", &function_of(FUNCTION_LINES_MAX + 1))]);
        let found = check(&long);
        assert_eq!(found.len(), 1);
        assert!(found[0].problem.contains("71 lines"), "{found:?}");
        let fits = sample(&[("a/src/a.rs", &function_of(FUNCTION_LINES_MAX))]);
        assert_eq!(check(&fits), []);
    }

    #[test]
    fn a_method_over_the_limit_is_found() {
        let text = format!("impl A {{\n{}}}\n", function_of(FUNCTION_LINES_MAX + 1));
        assert_eq!(check(&sample(&[("a/src/a.rs", &text)])).len(), 1);
    }

    #[test]
    fn a_file_over_the_limit_is_found_and_its_tests_do_not_count() {
        let constants = "const A: u8 = 1;\n".repeat(FILE_LINES_MAX);
        let with_tests = format!("{constants}#[cfg(test)]\nmod tests {{\n{constants}}}\n");
        assert_eq!(check(&sample(&[("a/src/a.rs", &with_tests)])), []);
        let too_long = format!("{constants}const B: u8 = 2;\n");
        assert_eq!(check(&sample(&[("a/src/a.rs", &too_long)])).len(), 1);
    }
}
