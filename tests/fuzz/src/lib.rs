//! Fuzz targets: one plain `run(bytes)` per parser, which panics when a promise is broken.
//!
//! `cargo fuzz` drives them by coverage for as long as it is given (`make fuzz`); the test
//! `tests/replay.rs` runs the committed seeds and a few hundred fixed mutations of each through the
//! same functions in every `make test`. Not a home for parsers or their unit tests.
//!
//! # Adding a target
//! 1. `src/NAME.rs` with `pub fn run(bytes: &[u8])`: any input must be taken, and everything
//!    promised of the result asserted.
//! 2. `NAME` into the list of [`targets!`] below.
//! 3. A few small inputs into `seeds/NAME/`, each taking another way through the parser.
//! 4. `fuzz_targets/NAME.rs` and a `[[bin]]` in `Cargo.toml`, both copied from a neighbour.
//!
//! A test says which of these is missing. A crash that was found becomes a seed.

/// Declares the modules and lists them for the replay.
macro_rules! targets {
    ($($name:ident: $what:literal,)*) => {
        $(#[doc = $what] pub mod $name;)*

        /// All targets by name.
        pub const TARGETS: &[(&str, fn(&[u8]))] = &[$((stringify!($name), $name::run),)*];
    };
}

targets! {
    catalogue: "A user's own catalogue.",
    edits: "Edits of a document in three encodings.",
    encoding: "Bytes in any encoding to text.",
    frame: "Lines of the local socket.",
    gguf: "Headers of model files.",
    incremental_tokenizer: "Edits of a document against its tokens.",
    lsp_message: "Messages of an editor.",
    memory: "A writer's n-grams, whole and damaged.",
    markup: "Zones, outline, language and sentences.",
    prose_filter: "Which blocks are prose.",
    read_asciidoc: "AsciiDoc to blocks.",
    read_commit_message: "Messages of commits to blocks.",
    read_docx: "Word documents.",
    read_email: "E-mails.",
    read_epub: "Books.",
    read_html: "HTML to blocks.",
    read_latex: "LaTeX to blocks.",
    read_markdown: "Markdown to blocks.",
    read_notebook: "Jupyter notebooks.",
    read_odt: "OpenDocument texts.",
    read_org: "Org to blocks.",
    read_plain_text: "Plain text to blocks.",
    read_restructured_text: "reStructuredText to blocks.",
    read_typst: "Typst to blocks.",
    privacy: "Secrets and personal data in any text.",
    settings: "Settings files and editors' settings.",
    suggestion: "What a model writes, to what is offered.",
    utf8_stream: "Bytes to characters in pieces.",
    vocab: "Vocabularies out of hostile metadata.",
}

mod container;
mod readers;
mod small_vocabularies;
