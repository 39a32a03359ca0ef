//! A text that somebody wrote into a Markdown file, through all the steps, with all as it is by default.

use inkstone_corpus::CleanDocument;
use inkstone_corpus::authorship::{Claim, Evidence};
use inkstone_corpus::clean::RuleSet;
use inkstone_corpus::document::{Source, clean_document};
use inkstone_corpus::format::Format;
use inkstone_corpus::read::ReadLimits;
use inkstone_corpus::review::wanted::Wanted;
use inkstone_prose::Language;

pub(crate) fn document_at(path: &str, text: &str) -> CleanDocument {
    let evidence = Evidence {
        path,
        line_authors: None,
        origin_of: &|_| None,
        claim: Claim::Auto,
        main_language: Language::English,
    };
    let source = Source {
        format: Format::Markdown,
        bytes: text.as_bytes(),
        limits: &ReadLimits::default(),
        evidence,
        rules: &RuleSet::default(),
        wanted: &Wanted::default(),
    };
    clean_document(&source).unwrap()
}
