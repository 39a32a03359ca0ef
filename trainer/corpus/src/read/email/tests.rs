//! Mails of both languages and several encodings, as programs write them.

use super::*;

fn reading(mail: &[u8]) -> Reading {
    read(mail, &ReadLimits::default()).unwrap()
}

fn blocks(reading: &Reading) -> Vec<(BlockKind, &str)> {
    reading
        .blocks
        .iter()
        .map(|block| (block.kind, block.text.as_str()))
        .collect()
}

/// The kinds and texts of a plain mail with this body.
fn plain_blocks(body: &str) -> Vec<(BlockKind, String)> {
    let mail = format!("Subject: x\nContent-Type: text/plain; charset=utf-8\n\n{body}");
    let reading = reading(mail.as_bytes());
    reading
        .blocks
        .into_iter()
        .map(|block| (block.kind, block.text))
        .collect()
}

fn owned(expected: &[(BlockKind, &str)]) -> Vec<(BlockKind, String)> {
    expected
        .iter()
        .map(|(kind, text)| (*kind, (*text).to_owned()))
        .collect()
}

#[test]
fn bodies_are_decoded_from_their_charset_and_transfer() {
    let text = "明天下午的會議改到三點。";
    for (label, encoding) in [
        ("gb18030", encoding_rs::GB18030),
        ("GBK", encoding_rs::GBK),
        ("big5", encoding_rs::BIG5),
        ("utf-8", encoding_rs::UTF_8),
    ] {
        let (bytes, _, _) = encoding.encode(text);
        let printable: Vec<String> = bytes.iter().map(|byte| format!("={byte:02X}")).collect();
        let printable = printable.concat();
        let mail = format!(
            "Subject: x\r\nContent-Type: text/plain;\r\n charset=\"{label}\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{printable}\r\n"
        );
        assert_eq!(
            blocks(&reading(mail.as_bytes())),
            [(BlockKind::Paragraph, text)],
            "{label}"
        );
        let mut raw = format!("Subject: x\nContent-Type: text/plain; charset={label}\nContent-Transfer-Encoding: 8bit\n\n").into_bytes();
        raw.extend_from_slice(&bytes);
        assert_eq!(
            blocks(&reading(&raw)),
            [(BlockKind::Paragraph, text)],
            "{label}"
        );
    }
    let gb2312 = b"Subject: =?gb2312?B?w/fM7LXEu+HS6Q==?=\n\nhello there, all.";
    let gb2312 = reading(gb2312);
    assert_eq!(gb2312.title.as_deref(), Some("明天的会议"));
    assert_eq!(
        blocks(&gb2312),
        [(BlockKind::Paragraph, "hello there, all.")]
    );
}

#[test]
fn of_two_editions_the_plain_one_is_read_and_attachments_are_not() {
    let mail = "Subject: Re: rain\nContent-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: multipart/alternative; boundary=\"a\"\n\n\
        --a\nContent-Type: text/plain\n\nThe plain edition.\n--a\nContent-Type: text/html\n\n<p>The other edition.</p>\n--a--\n\
        --m\nContent-Type: text/plain\nContent-Disposition: attachment; filename=x.txt\n\nAttached.\n--m--\n";
    let reading = reading(mail.as_bytes());
    assert_eq!(
        blocks(&reading),
        [(BlockKind::Paragraph, "The plain edition.")]
    );
    assert_eq!(reading.title.as_deref(), Some("rain"));
    let empty = mail.replace("The plain edition.", " ");
    assert_eq!(
        blocks(&self::reading(empty.as_bytes())),
        [(BlockKind::Paragraph, "The other edition.")]
    );
}

#[test]
fn quotes_with_their_attribution_and_signatures_are_told_from_text() {
    assert_eq!(
        plain_blocks(
            "I agree.\n\nOn Mon, 1 Jan 2024 at 10:00, Anna <a@example.org> wrote:\n> It rains.\n> A lot.\n\nAnd here it snows.\n\n-- \nBen\n+1 555"
        ),
        owned(&[
            (BlockKind::Paragraph, "I agree."),
            (
                BlockKind::QuotedMail,
                "On Mon, 1 Jan 2024 at 10:00, Anna <a@example.org> wrote:\n> It rains.\n> A lot."
            ),
            (BlockKind::Paragraph, "And here it snows."),
            (BlockKind::Signature, "-- \nBen\n+1 555"),
        ])
    );
    assert_eq!(
        plain_blocks(
            "好的，明天见。\n\n在 2024年1月1日，张三 <z@example.org> 写道：\n\n> 明天下雨。\n\n发自我的 iPhone"
        ),
        owned(&[
            (BlockKind::Paragraph, "好的，明天见。"),
            (
                BlockKind::QuotedMail,
                "在 2024年1月1日，张三 <z@example.org> 写道：\n\n> 明天下雨。"
            ),
            (BlockKind::Signature, "发自我的 iPhone"),
        ])
    );
}

#[test]
fn all_after_a_copied_header_or_a_certain_attribution_is_quoted() {
    for rest in [
        "-----Original Message-----\nFrom: Anna\nSent: Monday\nTo: Ben\n\nIt rains.",
        "-----原始邮件-----\n发件人: 张三\n发送时间: 2024年\n\n下雨。",
        "发件人：张三\n发送时间：2024年1月1日\n收件人：李四\n主题：雨\n\n下雨。",
        "From: Anna\nDate: Monday\nSubject: rain\n\nIt rains.\n\nAnd again.",
        "---------- Forwarded message ---------\nFrom: Anna\n\nIt rains.",
        "On Mon, 1 Jan 2024 at 10:00, Anna Miller\n<a@example.org> wrote:\n\nIt rains.",
    ] {
        let expected = owned(&[
            (BlockKind::Paragraph, "See below."),
            (BlockKind::QuotedMail, rest),
        ]);
        assert_eq!(plain_blocks(&format!("See below.\n\n{rest}")), expected);
    }
}

#[test]
fn sentences_that_look_like_attributions_and_sign_offs_stay_text() {
    for own in [
        "As Anna wrote:",
        "He wrote: it rains, and went away.",
        "From here on it rains.",
        "Best regards,\nBen",
        "此致\n敬礼",
        "I have sent from my heart what I could, and more than that I do not have to give.",
        "在信里他写道：雨停了。",
    ] {
        let all = plain_blocks(own);
        assert!(
            all.iter()
                .all(|(kind, _)| !matches!(kind, BlockKind::QuotedMail | BlockKind::Signature)),
            "{all:?}"
        );
    }
}

#[test]
fn an_html_mail_has_its_quotes_and_its_attribution_marked() {
    let mail = "Subject: x\nContent-Type: text/html; charset=utf-8\n\n<div><p>I agree with you.</p><p>On Mon, 1 Jan 2024, Anna wrote:</p><blockquote type=cite><p>It rains.</p></blockquote><p>--</p><p>Ben</p></div>";
    let reading = reading(mail.as_bytes());
    assert_eq!(
        blocks(&reading),
        [
            (BlockKind::Paragraph, "I agree with you."),
            (BlockKind::QuotedMail, "On Mon, 1 Jan 2024, Anna wrote:"),
            (BlockKind::QuotedMail, "It rains."),
            (BlockKind::Signature, "--"),
            (BlockKind::Signature, "Ben"),
        ]
    );
}

#[test]
fn forwarded_mails_are_quoted_and_encrypted_ones_are_skipped() {
    let mail = "Subject: x\nContent-Type: multipart/mixed; boundary=m\n\n--m\n\nLook at this.\n--m\nContent-Type: message/rfc822\n\nSubject: y\n\nIt rains.\n--m--";
    assert_eq!(
        blocks(&reading(mail.as_bytes())),
        [
            (BlockKind::Paragraph, "Look at this."),
            (BlockKind::QuotedMail, "It rains.")
        ]
    );
    for kind in ["multipart/encrypted; boundary=x", "application/pkcs7-mime"] {
        let mail = format!("Subject: x\nContent-Type: {kind}\n\nabc");
        assert_eq!(
            read(mail.as_bytes(), &ReadLimits::default()).unwrap_err(),
            Unreadable::Encrypted(FORMAT)
        );
    }
}

#[test]
fn hostile_mails_are_refused_or_read_within_limits() {
    let limits = ReadLimits::default();
    assert!(matches!(read(b"", &limits), Err(Unreadable::Broken { .. })));
    assert!(matches!(
        read("没有信头的文字".as_bytes(), &limits),
        Err(Unreadable::Broken { .. })
    ));
    let mut nested = String::from("Subject: x\n");
    for depth in 0..10_000 {
        let part = format!("Content-Type: multipart/mixed; boundary=b{depth}\n\n--b{depth}\n");
        nested.push_str(&part);
    }
    let deep = reading(nested.as_bytes());
    assert!(
        deep.blocks.is_empty() && deep.problems.iter().any(|what| what.contains("nested")),
        "{:?}",
        deep.problems
    );
    let many = format!(
        "Content-Type: multipart/mixed; boundary=b\n\n{}",
        "--b\n\nx\n".repeat(50_000)
    );
    assert!(reading(many.as_bytes()).blocks.len() <= limits.members_max);
    let words = format!("Subject: {}\n\nx", "=?utf-8?B?".repeat(6_000));
    assert!(reading(words.as_bytes()).title.is_some());
    let blank = format!("Subject: x\n\n{}", "\n".repeat(2 << 20));
    assert!(reading(blank.as_bytes()).blocks.is_empty());
}

#[test]
fn a_sentence_that_begins_as_a_line_of_a_telephone_does_is_the_writers() {
    let body = "从我的角度看，这件事很好。\n\n来自我的一位朋友的建议\n\n后面的内容还在。\n\n从我的iPhone发送";
    assert_eq!(
        plain_blocks(body),
        owned(&[
            (BlockKind::Paragraph, "从我的角度看，这件事很好。"),
            (BlockKind::Paragraph, "来自我的一位朋友的建议"),
            (BlockKind::Paragraph, "后面的内容还在。"),
            (BlockKind::Signature, "从我的iPhone发送"),
        ])
    );
}

#[test]
fn a_charset_that_is_declared_by_mistake_is_not_believed() {
    let mut mail = b"Subject: x\nContent-Type: text/plain; charset=utf-8\n\n".to_vec();
    let text = "明天下午的会议改到三点，请大家准时参加。";
    mail.extend_from_slice(&encoding_rs::GB18030.encode(text).0);
    assert_eq!(blocks(&reading(&mail)), [(BlockKind::Paragraph, text)]);
}

#[test]
fn the_signature_of_a_mail_of_html_is_one() {
    let mail = "Subject: x\nContent-Type: text/html; charset=utf-8\n\n<p>See you.</p><div class=\"gmail_signature\">Anna<br>Head of Ink</div>";
    assert_eq!(
        blocks(&reading(mail.as_bytes())),
        [
            (BlockKind::Paragraph, "See you."),
            (BlockKind::Signature, "Anna\nHead of Ink"),
        ]
    );
}
