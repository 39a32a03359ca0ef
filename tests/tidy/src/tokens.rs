//! What a file mentions, read off its tokens, so that nothing hides in a macro's arguments.
//!
//! Not name resolution: `use std::fs as disk` is found at the `use`, not at each `disk::read`.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{ItemUse, UseTree};

use crate::rust_file::RustFile;

/// A token without its surroundings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its text; a group gives its two delimiters, a literal is `"`.
    pub text: String,
    /// Where it stands, counted from 1.
    pub line: usize,
}

/// A path such as `std::fs::read`, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// Segments joined by `::`.
    pub path: String,
    /// Where it stands, counted from 1.
    pub line: usize,
}

/// All tokens in order, groups opened up.
pub fn flatten(tokens: &TokenStream) -> Vec<Token> {
    let mut flat = Vec::new();
    add(tokens.clone(), &mut flat);
    flat
}

fn add(tokens: TokenStream, flat: &mut Vec<Token>) {
    for tree in tokens {
        let line = tree.span().start().line;
        let text = match &tree {
            TokenTree::Ident(ident) => ident.to_string(),
            TokenTree::Punct(punct) => punct.as_char().to_string(),
            TokenTree::Literal(_) => "\"".to_owned(),
            TokenTree::Group(group) => {
                let (open, close) = delimiters(group.delimiter());
                flat.push(Token {
                    text: open.to_owned(),
                    line,
                });
                add(group.stream(), flat);
                flat.push(Token {
                    text: close.to_owned(),
                    line: group.span_close().start().line,
                });
                continue;
            }
        };
        flat.push(Token { text, line });
    }
}

fn delimiters(delimiter: Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    }
}

/// Every path of a file: those in code and macros, and those that its `use` items import.
pub fn mentions(file: &RustFile) -> Vec<Mention> {
    let mut found = paths(&flatten(&file.tokens));
    let mut imports = Imports(Vec::new());
    imports.visit_file(&file.syntax);
    found.extend(imports.0);
    found
}

/// The names of macros that a file calls.
pub fn macro_calls(file: &RustFile) -> Vec<Mention> {
    let tokens = flatten(&file.tokens);
    tokens
        .windows(3)
        .filter(|window| window[1].text == "!" && ["(", "[", "{"].contains(&&*window[2].text))
        .map(|window| Mention {
            path: window[0].text.clone(),
            line: window[0].line,
        })
        .collect()
}

fn is_word(token: &Token) -> bool {
    token
        .text
        .starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// The maximal runs of `word :: word`.
fn paths(tokens: &[Token]) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut index = 0;
    while index < tokens.len() {
        let start = &tokens[index];
        if !is_word(start) {
            index += 1;
            continue;
        }
        let mut path = start.text.clone();
        index += 1;
        while let [first, second, next, ..] = &tokens[index..]
            && first.text == ":"
            && second.text == ":"
            && is_word(next)
        {
            path = format!("{path}::{}", next.text);
            index += 3;
        }
        found.push(Mention {
            path,
            line: start.line,
        });
    }
    found
}

struct Imports(Vec<Mention>);

impl Imports {
    fn add(&mut self, prefix: &str, tree: &UseTree) {
        let join = |name: &syn::Ident| match prefix {
            "" => name.to_string(),
            prefix => format!("{prefix}::{name}"),
        };
        let leaf = match tree {
            UseTree::Path(path) => return self.add(&join(&path.ident), &path.tree),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.add(prefix, tree);
                }
                return;
            }
            UseTree::Glob(glob) => (prefix.to_owned(), glob.star_token.spans[0]),
            UseTree::Name(name) if name.ident == "self" => (prefix.to_owned(), name.ident.span()),
            UseTree::Name(name) => (join(&name.ident), name.ident.span()),
            UseTree::Rename(rename) if rename.ident == "self" => {
                (prefix.to_owned(), rename.ident.span())
            }
            UseTree::Rename(rename) => (join(&rename.ident), rename.ident.span()),
        };
        self.0.push(Mention {
            path: leaf.0,
            line: leaf.1.start().line,
        });
    }
}

impl<'ast> Visit<'ast> for Imports {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.add("", &item.tree);
        visit::visit_item_use(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mentioned(text: &str) -> Vec<String> {
        let file = RustFile::parse("a/src/lib.rs", text, false).unwrap();
        mentions(&file)
            .into_iter()
            .map(|mention| mention.path)
            .collect()
    }

    #[test]
    fn imports_are_found_through_groups_renames_and_globs() {
        let found = mentioned("use std::{fs::{self, File}, env as e, io::*};");
        for path in ["std::fs", "std::fs::File", "std::env", "std::io"] {
            assert!(found.iter().any(|it| it == path), "{path}: {found:?}");
        }
    }

    #[test]
    fn a_path_inside_a_macro_is_found() {
        let found = mentioned("fn a() { assert!(std::fs::exists(\"x\").is_ok()); }");
        assert!(found.iter().any(|it| it == "std::fs::exists"), "{found:?}");
    }

    #[test]
    fn a_string_or_comment_mentions_nothing() {
        let found = mentioned("/// std::fs\nfn a() { let _ = \"std::fs\"; } // std::fs");
        assert!(!found.iter().any(|it| it.starts_with("std")), "{found:?}");
    }
}
