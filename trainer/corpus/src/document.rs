//! All the steps from a file's bytes to what is kept of it, in their order.
//!
//! What is left out comes back at the step that left it out, if a person wants it, and goes on from
//! there: the steps after it, and the privacy of all, are those of any other text.
//!
//! Secrets and personal data are replaced twice: in the text as it was written, before anything of
//! it is kept, and in what the rules made of it, since joining broken lines can make one whole. Where
//! that finds more, what the rules made is kept as the original too. Called
//! by `inkstone-trainer` for each file and each commit message.

use std::collections::BTreeMap;

use inkstone_privacy::redact;
use inkstone_prose::Language;
use inkstone_prose::characters::is_han;
use inkstone_prose::shingle::{Width, shingles};
use inkstone_text::first_bytes;

use crate::authorship::{self, Evidence, Verdict};
use crate::block::{Block, BlockKind, LineRange};
use crate::clean::{Context, RuleId, RuleSet, clean, names_its_speaker};
use crate::filter::{self, Prose};
use crate::format::Format;
use crate::left_out::{EXCERPT_BYTES_MAX, LeftOut, Reason};
use crate::piece::{AuthorState, CleanDocument, Genre, Piece};
use crate::read::{self, ReadLimits, Unreadable};
use crate::review::wanted::Wanted;
use crate::tag::{self, GenreInput};

/// A file, and how it is to be read.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// What it is.
    pub format: Format,
    /// All of it.
    pub bytes: &'a [u8],
    /// How much is taken in.
    pub limits: &'a ReadLimits,
    /// Where it lies, and whose words it holds.
    pub evidence: Evidence<'a>,
    /// The rules that are on.
    pub rules: &'a RuleSet,
    /// What a person wants of what is left out.
    pub wanted: &'a Wanted,
}

/// Shingles of one file of somebody else, at most: those of a long book.
const KNOWN_SHINGLES_MAX: usize = 250_000;

/// Words of a path that tell that speech was written down.
const TRANSCRIPT_WORDS: &[&str] = &[
    "transcript",
    "transcripts",
    "subtitles",
    "minutes",
    "逐字稿",
    "转写",
    "录音整理",
];

/// What a file comes to.
pub fn clean_document(source: &Source<'_>) -> Result<CleanDocument, Unreadable> {
    let reading = read::read(source.format, source.bytes, source.limits)?;
    let genre = tag::genre(&GenreInput {
        path: source.evidence.path,
        format: source.format,
        title: reading.title.as_deref(),
        blocks: &reading.blocks,
    });
    let mut document = CleanDocument {
        title: reading.title.as_deref().map(without_secrets),
        genre: genre.genre,
        pieces: Vec::new(),
        left_out: Vec::new(),
        problems: reading.problems.clone(),
    };
    let wants = |reason, text: &str| is_wanted(source.wanted, reason, text);
    let (prose, left_out) = filter::filter_wanting(reading, &wants);
    document
        .left_out
        .extend(left_out.into_iter().map(|mut block| {
            block.excerpt = excerpt(&block.excerpt);
            block
        }));
    let mut work = Work {
        rules: source.rules,
        wanted: source.wanted,
        genre: genre.genre,
        is_transcript: is_transcript(source.evidence.path),
        document,
    };
    let blocks: Vec<&Block> = prose.iter().map(|prose| &prose.block).collect();
    for (prose, verdict) in prose
        .iter()
        .zip(authorship::judge(&blocks, &source.evidence))
    {
        work.take(prose, verdict);
    }
    let mut document = work.document;
    // Of formats without lines the order is that of the steps; nobody relies on more.
    document
        .left_out
        .sort_by_key(|left_out| left_out.lines.map(|lines| lines.start));
    Ok(document)
}

/// What text of somebody else can be recognised by, wherever its owner quotes it; none of a file that
/// cannot be read.
pub fn shingles_of(source: &Source<'_>) -> Vec<u64> {
    let Ok(reading) = read::read(source.format, source.bytes, source.limits) else {
        return Vec::new();
    };
    let (prose, _) = filter::filter(reading);
    let texts = prose.iter().map(|prose| prose.block.text.as_str());
    texts
        .flat_map(|text| shingles(text, Width::RECOGNISE))
        .take(KNOWN_SHINGLES_MAX)
        .collect()
}

fn is_transcript(path: &str) -> bool {
    let path = path.to_lowercase();
    let mut words = path.split(|c: char| !c.is_alphanumeric());
    words.any(|word| TRANSCRIPT_WORDS.contains(&word))
}

fn without_secrets(text: &str) -> String {
    redact(text).text.into_owned()
}

/// What is looked at behind an excerpt: half of a number that the cut went through is not found, and
/// would be kept.
const EXCERPT_LOOKED_AT_BYTES: usize = 4 * EXCERPT_BYTES_MAX;
/// Asks by what is kept of a text that is left out.
fn is_wanted(wanted: &Wanted, reason: Reason, text: &str) -> bool {
    // Making the excerpt is work, and mostly nobody wants anything.
    !wanted.is_empty() && wanted.has(reason, &excerpt(text))
}

/// Of a text that a person wants and whose language cannot be told.
fn likeliest_language(text: &str) -> &'static str {
    let is_chinese = text.chars().any(is_han);
    let language = if is_chinese {
        Language::Chinese
    } else {
        Language::English
    };
    language.tag()
}

/// A placeholder may be longer than what it replaces.
fn excerpt(text: &str) -> String {
    let redacted = redact(first_bytes(text, EXCERPT_LOOKED_AT_BYTES));
    first_bytes(&redacted.text, EXCERPT_BYTES_MAX).to_owned()
}

/// A document on its way.
struct Work<'a> {
    rules: &'a RuleSet,
    wanted: &'a Wanted,
    genre: Genre,
    is_transcript: bool,
    document: CleanDocument,
}

/// A part of a block that its owner wrote.
struct Own<'a> {
    text: &'a str,
    lines: Option<LineRange>,
    author: AuthorState,
    /// Why it would be left out if a person did not want it.
    brought_back: Option<Reason>,
}

impl Work<'_> {
    fn take(&mut self, prose: &Prose, verdict: Verdict) {
        let block = &prose.block;
        let whole = |author, brought_back: Option<Reason>| Own {
            text: &block.text,
            lines: block.lines,
            author,
            brought_back: brought_back.or(prose.brought_back),
        };
        match verdict {
            Verdict::Own => self.keep(prose, &whole(AuthorState::Own, None)),
            Verdict::Assisted { .. } => self.keep(prose, &whole(AuthorState::Assisted, None)),
            Verdict::LeaveOut(reason) if self.wants(reason, &block.text) => {
                // Whatever a person says: a model that learns from itself forgets its writer.
                let author = match reason {
                    Reason::Suggested => AuthorState::Assisted,
                    _ => AuthorState::Own,
                };
                self.keep(prose, &whole(author, Some(reason)));
            }
            Verdict::LeaveOut(reason) => self.leave_out(&block.text, block.lines, reason),
            Verdict::Lines(runs) if self.wants(Reason::OtherAuthor, &block.text) => {
                let author = if runs.iter().any(|run| run.assisted_share.is_some()) {
                    AuthorState::Assisted
                } else {
                    AuthorState::Own
                };
                self.keep(prose, &whole(author, Some(Reason::OtherAuthor)));
            }
            Verdict::Lines(runs) => {
                // What is left of the block is another's, and is counted once.
                self.leave_out(&block.text, block.lines, Reason::OtherAuthor);
                for run in &runs {
                    let author = match run.assisted_share {
                        Some(_) => AuthorState::Assisted,
                        None => AuthorState::Own,
                    };
                    let own = Own {
                        text: &run.text,
                        lines: Some(run.lines),
                        author,
                        brought_back: prose.brought_back,
                    };
                    self.keep(prose, &own);
                }
            }
        }
    }

    fn keep(&mut self, prose: &Prose, own: &Own<'_>) {
        let original = redact(own.text);
        let mut brought_back = own.brought_back;
        let language = match tag::language(&original.text) {
            Some(language) => language,
            None if self.wants(Reason::OtherLanguage, own.text) => {
                brought_back = Some(Reason::OtherLanguage);
                likeliest_language(&original.text)
            }
            None => return self.leave_out(own.text, own.lines, Reason::OtherLanguage),
        };
        let context = self.context(prose.block.kind, language, &original.text);
        let mut cleaned = clean(&original.text, &context, self.rules);
        if let Some((rule, reason)) = cleaned.left_out {
            if !self.wants(reason, own.text) {
                return self.refuse(own.text, own.lines, reason, Some(rule));
            }
            brought_back = Some(reason);
            let rules = self.rules.clone().that_refuse_nothing();
            cleaned = clean(&original.text, &context, &rules);
        }
        let text = redact(cleaned.text.trim());
        if text.text.is_empty() {
            return self.leave_out(own.text, own.lines, Reason::TooShort);
        }
        let mut redacted: BTreeMap<String, u32> = BTreeMap::new();
        for (kind, count) in original.counts.iter().chain(&text.counts) {
            *redacted.entry(kind.name().to_owned()).or_default() += count;
        }
        // What only the rules brought to light stands in the original too, where nobody sees it.
        let original = if text.counts.is_empty() {
            original.text.into_owned()
        } else {
            text.text.clone().into_owned()
        };
        let hits = cleaned
            .hits
            .iter()
            .map(|(rule, count)| (rule.to_string(), *count));
        let piece = Piece {
            kind: prose.block.kind,
            headings: prose
                .headings
                .iter()
                .map(|heading| without_secrets(heading))
                .collect(),
            text: text.text.into_owned(),
            rules: hits.collect(),
            redacted,
            language: language.to_owned(),
            author: own.author,
            lines: own.lines,
            original,
            brought_back,
        };
        self.document.pieces.push(piece);
    }

    fn wants(&self, reason: Reason, text: &str) -> bool {
        is_wanted(self.wanted, reason, text)
    }

    fn context(&self, kind: BlockKind, language: &str, text: &str) -> Context {
        let language = if language == Language::Chinese.tag() {
            Language::Chinese
        } else {
            Language::English
        };
        Context {
            kind,
            genre: Some(self.genre),
            is_transcript: self.is_transcript,
            // Who wrote a dialogue wants it spoken; who took down a talk did not choose its fillers.
            is_dialogue: !self.is_transcript && names_its_speaker(text),
            ..Context::paragraph(language)
        }
    }

    fn leave_out(&mut self, text: &str, lines: Option<LineRange>, reason: Reason) {
        self.refuse(text, lines, reason, None);
    }

    fn refuse(
        &mut self,
        text: &str,
        lines: Option<LineRange>,
        reason: Reason,
        rule: Option<RuleId>,
    ) {
        self.document.left_out.push(LeftOut {
            reason,
            rule: rule.map(|rule| rule.to_string()),
            excerpt: excerpt(text),
            lines,
        });
    }
}
