//! What reStructuredText's and Sphinx's directives mean for the text in them.

use crate::block::BlockKind;

/// What a directive is.
pub(super) enum Directive {
    /// Its body is one block of source.
    Source(BlockKind),
    /// A picture, or a figure whose body is its caption.
    Picture { has_caption: bool },
    /// Its body is text, and its argument may be.
    Text {
        kind: BlockKind,
        argument_is_text: bool,
    },
}

/// The name and the argument of `name:: argument`, and of `|name| image:: argument`.
pub(super) fn name(rest: &str) -> Option<(&str, &str)> {
    let rest = match rest
        .strip_prefix('|')
        .and_then(|rest| rest.split_once("| "))
    {
        Some((_, rest)) => rest,
        None => rest,
    };
    let (name, argument) = rest.split_once("::")?;
    let is_name = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ':' | '.' | '+'));
    (is_name && (argument.is_empty() || argument.starts_with(' ')))
        .then_some((name, argument.trim()))
}

/// Whether a directive's argument is a title, and no part of the text below it.
pub(super) fn has_title(name: &str) -> bool {
    matches!(
        name,
        "admonition" | "topic" | "sidebar" | "rubric" | "centered"
    )
}

pub(super) fn directive(name: &str) -> Directive {
    let text = |argument_is_text| Directive::Text {
        kind: BlockKind::Paragraph,
        argument_is_text,
    };
    match name {
        "code" | "code-block" | "sourcecode" | "literalinclude" | "highlight"
        | "parsed-literal" | "doctest" | "prompt" | "testcode" | "testoutput" | "ipython"
        | "productionlist" | "jinja" | "command-output" => Directive::Source(BlockKind::Code),
        "math" => Directive::Source(BlockKind::Math),
        "table" | "list-table" | "csv-table" | "flat-table" | "autosummary" => {
            Directive::Source(BlockKind::Table)
        }
        "toctree" | "contents" | "sectnum" => Directive::Source(BlockKind::Navigation),
        "include" | "raw" | "meta" | "index" | "default-role" | "role" | "currentmodule"
        | "module" | "py:module" | "automodule" | "autoclass" | "autofunction" | "graphviz"
        | "mermaid" | "uml" | "plot" | "tabularcolumns" | "replace" | "unicode" | "date"
        | "highlightlang" | "title" | "digraph" | "cssclass" | "rst-class" => {
            Directive::Source(BlockKind::Markup)
        }
        "bibliography" => Directive::Source(BlockKind::Bibliography),
        "image" => Directive::Picture { has_caption: false },
        "figure" => Directive::Picture { has_caption: true },
        "epigraph" | "pull-quote" | "highlights" => Directive::Text {
            kind: BlockKind::Quote,
            argument_is_text: false,
        },
        "admonition" | "topic" | "sidebar" | "rubric" | "centered" | "note" | "warning" | "tip"
        | "hint" | "important" | "caution" | "attention" | "danger" | "error" | "seealso" => {
            text(true)
        }
        // A signature or a name, which is code; the body is prose.
        _ => text(false),
    }
}
