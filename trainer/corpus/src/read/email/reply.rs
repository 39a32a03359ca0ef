//! What in the text of a mail is its writer's: the rest is quoted or a signature.
//!
//! Mail programs mark quotes by habit, not by rule. Where a habit is unclear, text is taken for
//! quoted: a lost line of the writer's costs less than somebody else's words under their name.

use crate::block::{Block, BlockKind, Reading};

/// A stretch of a plain text.
pub(super) enum Section {
    Own(String),
    Quoted(String),
    Signature(String),
}

/// An attribution is wrapped onto as many lines.
const ATTRIBUTION_LINES_MAX: usize = 3;

/// An attribution is a short sentence.
const ATTRIBUTION_BYTES_MAX: usize = 300;

/// The header that some programs copy above a quote has as many lines at most before its second
/// field.
const COPIED_HEADER_LINES_MAX: usize = 4;

/// Ends of a line above a quote.
const ATTRIBUTION_ENDS: &[&str] = &[
    "wrote:",
    "writes:",
    "写道:",
    "写道：",
    "寫道:",
    "寫道：",
    "schrieb:",
    "a écrit :",
    "a écrit:",
    "escribió:",
];

/// Beginnings of a line above a quote whose ends alone would be too common.
const ATTRIBUTION_STARTS: &[&str] = &["on ", "at ", "在", "于", "於", "am ", "le ", "el "];

/// Lines after which all is another mail, in small letters, without the dashes around them.
const FORWARD_LINES: &[&str] = &[
    "original message",
    "original appointment",
    "forwarded message",
    "begin forwarded message:",
    "原始邮件",
    "原始郵件",
    "转发的邮件",
    "转发邮件",
    "轉寄的郵件",
    "转发邮件信息",
    "邮件原件",
    "ursprüngliche nachricht",
    "message d'origine",
];

/// The first field of a copied header, in small letters.
const FROM_FIELDS: &[&str] = &[
    "from:",
    "发件人:",
    "发件人：",
    "寄件者:",
    "寄件者：",
    "寄件人：",
    "von:",
    "de :",
];

/// Fields one of which follows it.
const OTHER_FIELDS: &[&str] = &[
    "sent:",
    "date:",
    "to:",
    "subject:",
    "cc:",
    "发送时间:",
    "发送时间：",
    "发送日期:",
    "发送日期：",
    "日期:",
    "日期：",
    "时间:",
    "时间：",
    "收件人:",
    "收件人：",
    "主题:",
    "主题：",
    "抄送:",
    "抄送：",
    "寄件日期:",
    "收件者:",
    "主旨:",
    "寄件日期：",
    "收件者：",
    "主旨：",
    "gesendet:",
    "an:",
    "betreff:",
    "envoyé :",
    "objet :",
];

/// Lines that a program puts under a mail, by their beginnings in small letters.
const DEVICE_LINES: &[&str] = &[
    "sent from my ",
    "sent from mail for ",
    "sent from outlook",
    "get outlook for ",
    "发自我的",
    "發自我的",
    "從我的",
    "从我的",
    "来自我的",
    "來自我的",
    "从 windows 版",
    "由手机发送",
    "发送自",
    "发自手机",
];

/// The longest of these lines in Chinese, which has no blanks to count words by.
const DEVICE_CHARS_MAX: usize = 24;

/// Devices and programs, one of which such a line names where its beginning is also that of a
/// sentence: `从我的角度看`.
const DEVICES: &[&str] = &[
    "手机",
    "手機",
    "平板",
    "电脑",
    "電腦",
    "客户端",
    "邮箱",
    "郵箱",
    "邮件",
    "iphone",
    "ipad",
    "mac",
    "android",
    "outlook",
    "windows",
    "huawei",
    "xiaomi",
    "foxmail",
    "qq",
];

/// The sections of a text in order.
pub(super) fn sections(text: &str) -> Vec<Section> {
    let lines: Vec<&str> = text.lines().collect();
    let mut sections = Vec::new();
    let mut own: Vec<&str> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let rest = &lines[at..];
        if let Some(length) = quote_length(rest) {
            take_own(&mut own, &mut sections);
            sections.push(Section::Quoted(rest[..length].join("\n")));
            at += length;
        } else if is_signature_start(rest) {
            take_own(&mut own, &mut sections);
            // A quote below a signature is a quote: some programs put the answer first.
            let end = (1..rest.len()).find(|&end| quote_length(&rest[end..]).is_some());
            let length = end.unwrap_or(rest.len());
            sections.push(Section::Signature(rest[..length].join("\n")));
            at += length;
        } else {
            own.push(lines[at]);
            at += 1;
        }
    }
    take_own(&mut own, &mut sections);
    sections
}

fn take_own(own: &mut Vec<&str>, sections: &mut Vec<Section>) {
    if own.iter().any(|line| !line.trim().is_empty()) {
        sections.push(Section::Own(own.join("\n")));
    }
    own.clear();
}

/// How many lines from the first on are quoted; none where the first is not.
fn quote_length(lines: &[&str]) -> Option<usize> {
    let first = lines.first()?;
    if is_forward_line(first) || is_copied_header(lines) {
        return Some(lines.len());
    }
    let attribution = attribution_length(lines).unwrap_or(0);
    let after = &lines[attribution..];
    let blank = if attribution > 0 {
        after
            .iter()
            .take_while(|line| line.trim().is_empty())
            .count()
    } else {
        0
    };
    let marked = after[blank..]
        .iter()
        .take_while(|line| is_marked(line))
        .count();
    if attribution > 0 {
        // Without marks, nothing says where the quote ends.
        let is_certain = attribution_is_certain(&lines[..attribution]);
        return match marked {
            0 if is_certain => Some(lines.len()),
            0 => None,
            _ => Some(attribution + blank + marked),
        };
    }
    (marked > 0).then_some(marked)
}

fn is_marked(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// How many lines an attribution has, of which the first is the first here.
fn attribution_length(lines: &[&str]) -> Option<usize> {
    let mut text = String::new();
    for (index, line) in lines.iter().take(ATTRIBUTION_LINES_MAX).enumerate() {
        let line = line.trim();
        if line.is_empty() || text.len() + line.len() > ATTRIBUTION_BYTES_MAX {
            return None;
        }
        text.push_str(&line.to_lowercase());
        text.push(' ');
        if ATTRIBUTION_ENDS
            .iter()
            .any(|end| text.trim_end().ends_with(end))
        {
            let begins = ATTRIBUTION_STARTS
                .iter()
                .any(|start| text.starts_with(start));
            return (index == 0 || begins).then_some(index + 1);
        }
    }
    None
}

/// Whether an attribution says when or to whom something was written: "As Anna wrote:" may be a
/// sentence of the writer's.
fn attribution_is_certain(lines: &[&str]) -> bool {
    let text = lines.join(" ").to_lowercase();
    let begins = ATTRIBUTION_STARTS
        .iter()
        .any(|start| text.trim_start().starts_with(start));
    let has_number = text.bytes().filter(u8::is_ascii_digit).count() >= 4;
    has_number && (begins || text.contains('@') || text.contains('年'))
}

fn is_forward_line(line: &str) -> bool {
    let inside = line
        .trim()
        .trim_matches(['-', '_', '=', ' ', '—', '─'])
        .to_lowercase();
    let has_dashes = inside.len() + 4 <= line.trim().len() || inside.ends_with(':');
    has_dashes && FORWARD_LINES.contains(&inside.as_str())
}

/// `From: …`, and within a few lines `Sent: …` or another field.
fn is_copied_header(lines: &[&str]) -> bool {
    let has = |line: &str, fields: &[&str]| {
        let line = line
            .trim()
            .trim_start_matches(['*', '>'])
            .to_lowercase()
            .replace('*', "");
        fields
            .iter()
            .any(|field| line.trim_start().starts_with(field))
    };
    let Some((first, rest)) = lines.split_first() else {
        return false;
    };
    has(first, FROM_FIELDS)
        && rest
            .iter()
            .take(COPIED_HEADER_LINES_MAX)
            .any(|line| has(line, OTHER_FIELDS))
}

fn is_signature_start(lines: &[&str]) -> bool {
    let Some(line) = lines.first() else {
        return false;
    };
    if matches!(*line, "-- " | "--" | "—— " | "-- \r") {
        return true;
    }
    let line = line.trim();
    // Lists put their address under a line of underscores.
    if line.len() >= 20 && line.bytes().all(|byte| byte == b'_') {
        return true;
    }
    is_device_line(line)
}

fn is_device_line(line: &str) -> bool {
    let line = line.trim().to_lowercase();
    if !line.is_ascii() {
        let is_sentence = line.contains(['，', '。', '！', '？', '；', '、']);
        let is_certain = line.starts_with("发自") || line.starts_with("發自");
        return !is_sentence
            && line.chars().count() <= DEVICE_CHARS_MAX
            && DEVICE_LINES.iter().any(|start| line.starts_with(start))
            && (is_certain || DEVICES.iter().any(|device| line.contains(device)));
    }
    line.len() <= ATTRIBUTION_BYTES_MAX
        && line.split_whitespace().count() <= 8
        && DEVICE_LINES.iter().any(|start| line.starts_with(start))
}

/// The same for the blocks of an HTML mail, where quotes are block quotes.
pub(super) fn mark(mut reading: Reading) -> Reading {
    let mut rest: Option<BlockKind> = None;
    for block in &mut reading.blocks {
        if let Some(kind) = rest {
            let ends = kind == BlockKind::Signature && begins_quote(block).is_some();
            if !ends {
                block.kind = kind;
                continue;
            }
            rest = None;
        }
        match begins_quote(block) {
            Some(Quote::ToTheEnd) => {
                block.kind = BlockKind::QuotedMail;
                rest = Some(BlockKind::QuotedMail);
            }
            Some(Quote::Block) => block.kind = BlockKind::QuotedMail,
            None => {
                let lines: Vec<&str> = block.text.lines().collect();
                if is_signature_start(&lines) {
                    block.kind = BlockKind::Signature;
                    rest = Some(BlockKind::Signature);
                }
            }
        }
    }
    mark_attributions_above_quotes(&mut reading.blocks);
    reading
}

enum Quote {
    Block,
    ToTheEnd,
}

fn begins_quote(block: &Block) -> Option<Quote> {
    if matches!(block.kind, BlockKind::Quote | BlockKind::QuotedMail) {
        return Some(Quote::Block);
    }
    let lines: Vec<&str> = block.text.lines().collect();
    let first = lines.first()?;
    (is_forward_line(first) || is_copied_header(&lines)).then_some(Quote::ToTheEnd)
}

/// "On Monday, Anna wrote:" belongs to the quote below it; without one, all below is quoted.
fn mark_attributions_above_quotes(blocks: &mut [Block]) {
    for index in 0..blocks.len() {
        if blocks[index].kind != BlockKind::Paragraph {
            continue;
        }
        let lines: Vec<&str> = blocks[index].text.lines().collect();
        if attribution_length(&lines) != Some(lines.len()) {
            continue;
        }
        let is_certain = attribution_is_certain(&lines);
        let next = blocks.get(index + 1).map(|block| block.kind);
        if next == Some(BlockKind::QuotedMail) {
            blocks[index].kind = BlockKind::QuotedMail;
        } else if is_certain {
            for block in &mut blocks[index..] {
                block.kind = BlockKind::QuotedMail;
            }
            return;
        }
    }
}
