//! Keys and tokens that known services give a recognisable beginning, and signed web tokens.
//!
//! By beginning, length and alphabet, as the services document them and as their own scanners look
//! for them. Identifiers that are no secret (commit hashes, UUIDs) have no such beginning and stay.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::find::Finding;
use crate::kind::Kind;
use crate::text::{Text, is_word};

/// Bytes of a token looked at to decide; what follows in the same alphabet goes with it.
const DECIDING_BYTES_MAX: usize = 256;
/// Different characters in the body at least: `xxxxxxxx` and `123123…` stand for a key.
const DISTINCT_MIN: usize = 7;

/// So many words between hyphens are a title: `sk-learn-style-interfaces`.
const WORDS_MAX: usize = 3;

/// What a body is made of.
#[derive(Clone, Copy)]
enum Body {
    /// `A-Z 0-9`
    Upper,
    /// `A-Z a-z 0-9`
    Alnum,
    /// Letters, digits, `_` and `-`.
    Word,
    /// Those and `.`, `/`, `+`, `=`, `~`.
    Wide,
    /// Hexadecimal digits.
    Hex,
}

impl Body {
    fn holds(self, byte: u8) -> bool {
        match self {
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Alnum => byte.is_ascii_alphanumeric(),
            Self::Word => is_word(byte) || byte == b'-',
            Self::Wide => is_word(byte) || matches!(byte, b'-' | b'.' | b'/' | b'+' | b'=' | b'~'),
            Self::Hex => byte.is_ascii_hexdigit(),
        }
    }
}

/// The beginning, the alphabet behind it, and the shortest and longest body.
struct Vendor(&'static str, Body, usize, usize);

/// No upper bound on the body.
const ANY: usize = usize::MAX;

#[rustfmt::skip] // One a line, as a table.
const VENDORS: &[Vendor] = &[
    // Amazon: access keys of users, sessions, roles, groups.
    Vendor("AKIA", Body::Upper, 16, 16), Vendor("ASIA", Body::Upper, 16, 16),
    Vendor("AROA", Body::Upper, 16, 17), Vendor("AIDA", Body::Upper, 16, 17),
    Vendor("ABIA", Body::Upper, 16, 16), Vendor("ACCA", Body::Upper, 16, 16),
    // GitHub, GitLab, Bitbucket and Atlassian.
    Vendor("ghp_", Body::Alnum, 30, ANY), Vendor("gho_", Body::Alnum, 30, ANY),
    Vendor("ghu_", Body::Alnum, 30, ANY), Vendor("ghs_", Body::Alnum, 30, ANY),
    Vendor("ghr_", Body::Alnum, 30, ANY), Vendor("github_pat_", Body::Word, 22, ANY),
    Vendor("glpat-", Body::Word, 20, ANY), Vendor("glft-", Body::Word, 20, ANY),
    Vendor("glrt-", Body::Word, 20, ANY), Vendor("glptt-", Body::Word, 20, ANY),
    Vendor("glcbt-", Body::Word, 20, ANY), Vendor("gldt-", Body::Word, 20, ANY),
    Vendor("ATATT3", Body::Wide, 40, ANY), Vendor("ATBB", Body::Alnum, 24, ANY),
    // Slack, Discord, Telegram (below), Feishu, WeCom.
    Vendor("xoxb-", Body::Word, 16, ANY), Vendor("xoxp-", Body::Word, 16, ANY),
    Vendor("xoxa-", Body::Word, 16, ANY), Vendor("xoxr-", Body::Word, 16, ANY),
    Vendor("xoxs-", Body::Word, 16, ANY), Vendor("xapp-", Body::Word, 16, ANY),
    Vendor("xoxe.", Body::Wide, 30, ANY), Vendor("xoxe-", Body::Word, 30, ANY),
    Vendor("hooks.slack.com/services/", Body::Wide, 30, ANY),
    Vendor("discord.com/api/webhooks/", Body::Wide, 40, ANY),
    Vendor("open.feishu.cn/open-apis/bot/v2/hook/", Body::Word, 30, ANY),
    Vendor("qyapi.weixin.qq.com/cgi-bin/webhook/send?key=", Body::Word, 30, ANY),
    // Google, OpenAI and those that took its form, Anthropic, Hugging Face, others with models.
    Vendor("AIza", Body::Word, 35, ANY), Vendor("ya29.", Body::Wide, 20, ANY),
    Vendor("GOCSPX-", Body::Word, 24, ANY), Vendor("sk-", Body::Word, 20, ANY),
    Vendor("hf_", Body::Alnum, 30, ANY), Vendor("gsk_", Body::Alnum, 30, ANY),
    Vendor("xai-", Body::Alnum, 30, ANY), Vendor("pplx-", Body::Alnum, 30, ANY),
    Vendor("r8_", Body::Alnum, 30, ANY), Vendor("nvapi-", Body::Word, 40, ANY),
    Vendor("pcsk_", Body::Word, 40, ANY), Vendor("lsv2_", Body::Word, 32, ANY),
    Vendor("tvly-", Body::Word, 24, ANY), Vendor("csk-", Body::Alnum, 40, ANY),
    // Facebook and Instagram, Notion, 1Password, SonarQube, PostHog, Netlify.
    Vendor("EAA", Body::Alnum, 40, ANY), Vendor("IGQV", Body::Word, 40, ANY),
    Vendor("secret_", Body::Alnum, 40, ANY), Vendor("ops_eyJ", Body::Word, 40, ANY),
    Vendor("squ_", Body::Hex, 40, 40), Vendor("sqp_", Body::Hex, 40, 40),
    Vendor("sqa_", Body::Hex, 40, 40), Vendor("phx_", Body::Alnum, 40, ANY),
    Vendor("nfp_", Body::Alnum, 36, ANY),
    // Extended private keys of wallets (BIP 32).
    Vendor("xprv", Body::Alnum, 100, ANY), Vendor("yprv", Body::Alnum, 100, ANY),
    Vendor("zprv", Body::Alnum, 100, ANY),
    // Payment and shops.
    Vendor("sk_live_", Body::Alnum, 16, ANY), Vendor("sk_test_", Body::Alnum, 16, ANY),
    Vendor("pk_live_", Body::Alnum, 16, ANY), Vendor("pk_test_", Body::Alnum, 16, ANY),
    Vendor("rk_live_", Body::Alnum, 16, ANY), Vendor("rk_test_", Body::Alnum, 16, ANY),
    Vendor("whsec_", Body::Wide, 24, ANY), Vendor("shpat_", Body::Hex, 32, 32),
    Vendor("shpss_", Body::Hex, 32, 32), Vendor("shpca_", Body::Hex, 32, 32),
    Vendor("sq0atp-", Body::Word, 22, ANY), Vendor("sq0csp-", Body::Word, 40, ANY),
    // Package registries.
    Vendor("npm_", Body::Alnum, 36, 36), Vendor("pypi-", Body::Word, 50, ANY),
    Vendor("rubygems_", Body::Hex, 48, 48), Vendor("dckr_pat_", Body::Word, 24, ANY),
    // Messages and telephony.
    Vendor("SG.", Body::Wide, 60, ANY), Vendor("AC", Body::Hex, 32, 32),
    Vendor("SK", Body::Hex, 32, 32), Vendor("key-", Body::Hex, 32, 32),
    // Hosting, data, operations.
    Vendor("dop_v1_", Body::Hex, 64, 64), Vendor("doo_v1_", Body::Hex, 64, 64),
    Vendor("dapi", Body::Hex, 32, 32), Vendor("lin_api_", Body::Alnum, 30, ANY),
    Vendor("ntn_", Body::Alnum, 40, ANY), Vendor("figd_", Body::Word, 30, ANY),
    Vendor("hvs.", Body::Word, 24, ANY), Vendor("glsa_", Body::Word, 32, ANY),
    Vendor("glc_", Body::Wide, 40, ANY), Vendor("NRAK-", Body::Upper, 27, 27),
    Vendor("PMAK-", Body::Word, 50, ANY), Vendor("pscale_tkn_", Body::Word, 30, ANY),
    Vendor("sntrys_", Body::Wide, 40, ANY), Vendor("sbp_", Body::Hex, 40, 40),
    Vendor("tskey-", Body::Word, 20, ANY), Vendor("AGE-SECRET-KEY-1", Body::Upper, 58, 58),
    // Chinese clouds: Aliyun, Tencent, Volcengine, Baidu; WeChat applications.
    Vendor("LTAI", Body::Alnum, 12, 26), Vendor("AKID", Body::Alnum, 32, 36),
    Vendor("AKLT", Body::Alnum, 24, ANY), Vendor("ALTAK-", Body::Word, 20, ANY),
    Vendor("wx", Body::Hex, 16, 16),
];

/// A signed web token: `{"` in Base64.
const WEB_TOKEN: &str = "eyJ";
/// A Telegram bot: its number, a colon, and 35 characters that begin so.
const TELEGRAM: &str = ":AA";
/// A client secret of Azure has this in the fifth place.
const AZURE: &str = "Q~";

static BEGINNINGS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let beginnings = VENDORS
        .iter()
        .map(|vendor| vendor.0)
        .chain([WEB_TOKEN, TELEGRAM, AZURE]);
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(beginnings)
        .ok()
});

/// Finds every token.
pub(crate) fn find(text: Text<'_>, found: &mut Vec<Finding>) {
    let Some(beginnings) = BEGINNINGS.as_ref() else {
        return;
    };
    let mut covered = 0;
    for hit in beginnings.find_iter(text.bytes()) {
        if hit.start() < covered {
            continue;
        }
        let finding = match VENDORS.get(hit.pattern().as_usize()) {
            Some(vendor) => {
                of_vendor(text, hit.start(), vendor).map(|range| Finding::new(Kind::ApiKey, range))
            }
            None if text.starts_with(hit.start(), WEB_TOKEN) => {
                web_token(text, hit.start()).map(|range| Finding::new(Kind::WebToken, range))
            }
            None if text.starts_with(hit.start(), TELEGRAM) => {
                telegram(text, hit.start()).map(|range| Finding::new(Kind::ApiKey, range))
            }
            None => azure(text, hit.start()).map(|range| Finding::new(Kind::ApiKey, range)),
        };
        if let Some(finding) = finding {
            covered = finding.range.end;
            found.push(finding);
        }
    }
}

fn of_vendor(text: Text<'_>, start: usize, vendor: &Vendor) -> Option<Range<usize>> {
    let &Vendor(beginning, alphabet, min, max) = vendor;
    if is_word(text.byte_before(start)) {
        return None;
    }
    let body = start + beginning.len();
    let decided = text.run_end(body, DECIDING_BYTES_MAX, |byte| alphabet.holds(byte));
    let len = decided - body;
    let is_long_enough = len >= min && len <= max;
    let ends = max == ANY || !is_word(text.byte(decided));
    if !is_long_enough || !ends || !is_random(text.slice(body..decided)) {
        return None;
    }
    // A sentence's full stop is of the widest alphabet too.
    let end = text.run_end(decided, usize::MAX, |byte| alphabet.holds(byte));
    Some(
        start
            ..text
                .run_start(end, 3, |byte| matches!(byte, b'.' | b'/' | b'-'))
                .max(body + min),
    )
}

/// Whether a body was drawn by chance: a digit, or both cases, and enough different characters.
fn is_random(body: &str) -> bool {
    let mut seen = [false; 128];
    for byte in body.bytes() {
        if let Some(seen) = seen.get_mut(usize::from(byte)) {
            *seen = true;
        }
    }
    let distinct = seen.iter().filter(|&&seen| seen).count();
    let has = |is: fn(&u8) -> bool| body.bytes().any(|byte| is(&byte));
    let is_mixed = has(u8::is_ascii_digit)
        || has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && body.len() >= 30;
    let is_named =
        |part: &&str| part.len() >= 4 && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let words = body.split(['-', '_']).filter(is_named).count();
    distinct >= DISTINCT_MIN && is_mixed && words < WORDS_MAX
}

/// Header, payload and signature in Base64, between dots; the signature may be empty.
fn web_token(text: Text<'_>, start: usize) -> Option<Range<usize>> {
    /// Bytes of a part that cannot be less: `{"a":1}`.
    const PART_BYTES_MIN: usize = 10;
    /// The longest header looked at; they hold an algorithm and a key's name.
    const HEADER_BYTES_MAX: usize = 2 << 10;
    if is_word(text.byte_before(start)) {
        return None;
    }
    let is_part = |byte: u8| Body::Word.holds(byte);
    let header = text.run_end(start, HEADER_BYTES_MAX, is_part);
    if header - start < PART_BYTES_MIN || text.byte(header) != b'.' {
        return None;
    }
    let decided = text.run_end(header + 1, DECIDING_BYTES_MAX, is_part);
    if decided - header <= PART_BYTES_MIN {
        return None;
    }
    let payload = text.run_end(decided, usize::MAX, is_part);
    let is_signed = text.byte(payload) == b'.';
    Some(
        start..if is_signed {
            text.run_end(payload + 1, usize::MAX, is_part)
        } else {
            payload
        },
    )
}

fn telegram(text: Text<'_>, colon: usize) -> Option<Range<usize>> {
    let start = text.run_start(colon, 11, |byte| byte.is_ascii_digit());
    let end = text.run_end(colon + 1, 40, |byte| Body::Word.holds(byte));
    let is_one = (8..=10).contains(&(colon - start)) && (34..=36).contains(&(end - colon - 1));
    (is_one && is_random(text.slice(colon + 1..end))).then_some(start..end)
}

fn azure(text: Text<'_>, at: usize) -> Option<Range<usize>> {
    let is_of_it = |byte: u8| is_word(byte) || matches!(byte, b'-' | b'.' | b'~');
    let start = at.checked_sub(4)?;
    let end = text.run_end(at, 64, is_of_it);
    let head = text.slice(start..at);
    let is_head = head.len() == 4
        && head.bytes().all(is_of_it)
        && head.ends_with(|c: char| c.is_ascii_digit());
    let is_one = is_head && (33..=37).contains(&(end - at)) && !is_of_it(text.byte_before(start));
    is_one.then_some(start..end)
}

#[cfg(test)]
mod tests {
    use crate::redact::redact;

    #[test]
    fn a_name_that_begins_like_a_key_stays() {
        for text in [
            "We use sk-learn-compatible-estimators-everywhere.",
            "risk-adjusted-returns-of-2024-and-2025-are-fine",
            "ghp_ is the beginning of a token, as is sk-xxxxxxxxxxxxxxxxxxxxxxxx.",
            "The ASIA region and the AIDA opera; AC and SK.",
            "eyJ is how it begins",
        ] {
            assert_eq!(redact(text).text, text);
        }
    }

    #[test]
    fn a_key_before_a_full_stop_leaves_the_full_stop() {
        let text = format!(
            "It is ya29.{} and SG.{}.",
            "a0AfH6SMBx7kQ2vLz9Qw",
            "Ab3dEf6hIj9kLm2nOp5qRs.".to_owned() + &"x7Yz".repeat(11)
        );
        assert_eq!(redact(&text).text, "It is [SECRET] and [SECRET].");
    }
}
