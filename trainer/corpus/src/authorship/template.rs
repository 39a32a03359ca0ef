//! Whether a block is a form to be filled in: placeholders, filler text, an issue's template.
//!
//! Technical prose speaks of placeholders, so one that says what they are stays, and so does one in
//! which they are few. Comments of templates are markup and were left out before.

use inkstone_text::first_bytes;

/// A longer one in brackets is a remark of the writer's.
const PLACEHOLDER_CHARS_MAX: usize = 60;

/// No sentence of a template is longer.
const SENTENCE_BYTES_MAX: usize = 400;

/// Share of a block's letters in placeholders from which it is a form.
const SHARE_MIN: f32 = 0.25;

/// The same where there are several.
const SHARE_OF_SEVERAL_MIN: f32 = 0.1;

/// So many make a form, however much stands between them.
const PLACEHOLDERS_MANY: usize = 4;

/// Share of words of filler text from which a block is filler.
const FILLER_SHARE_MIN: f32 = 0.5;

/// Fewer words may be a quotation of it.
const FILLER_WORDS_MIN: usize = 5;

/// How the inside of brackets begins when it is to be replaced, in small letters.
const FILL_IN_BEGINNINGS: &[&str] = &[
    "your ",
    "insert ",
    "enter ",
    "describe ",
    "name",
    "date",
    "company",
    "job title",
    "recipient",
    "placeholder",
    "todo",
    "tbd",
    "link to ",
    "add your ",
    "请填",
    "请在",
    "请输入",
    "请描述",
    "填写",
    "此处填",
    "在此填",
    "在此处填",
    "您的",
    "你的",
    "公司名",
    "姓名",
    "某某",
];

/// Words of text about placeholders, in small letters.
const MENTIONS: &[&str] = &[
    "syntax",
    "template",
    "variable",
    "expression",
    "placeholder",
    "component",
    "render",
    "interpolat",
    "jinja",
    "mustache",
    "handlebars",
    "liquid",
    "django",
    "replace ",
    "replaced ",
    "语法",
    "模板",
    "变量",
    "表达式",
    "占位符",
    "组件",
    "渲染",
    "插值",
    "替换",
];

/// Sentences of the templates that code hosts offer, in small letters and without closing marks.
const KNOWN_SENTENCES: &[&str] = &[
    "a clear and concise description of what the bug is",
    "a clear and concise description of what you expected to happen",
    "a clear and concise description of what you want to happen",
    "a clear and concise description of what the problem is",
    "a clear and concise description of any alternative solutions or features you've considered",
    "add any other context about the problem here",
    "add any other context or screenshots about the feature request here",
    "if applicable, add screenshots to help explain your problem",
    "steps to reproduce the behavior",
    "please describe the tests that you ran to verify your changes",
    "please include a summary of the changes and the related issue",
    "please delete options that are not relevant",
    "i have read the contributing guidelines",
    "my code follows the style guidelines of this project",
    "i have performed a self-review of my own code",
    "请简要描述您遇到的问题",
    "请详细描述您遇到的问题",
    "请描述一下你遇到的问题",
    "请在此处描述您的问题",
    "请提供最小可复现示例",
];

/// The filler text of printers since the 1500s.
const FILLER_WORDS: &[&str] = &[
    "ad",
    "adipiscing",
    "adipisicing",
    "aliqua",
    "aliquam",
    "aliquip",
    "amet",
    "anim",
    "aute",
    "cillum",
    "commodo",
    "consectetur",
    "consequat",
    "culpa",
    "cupidatat",
    "deserunt",
    "dolor",
    "dolore",
    "duis",
    "ea",
    "eiusmod",
    "elit",
    "enim",
    "esse",
    "est",
    "et",
    "eu",
    "ex",
    "excepteur",
    "exercitation",
    "fugiat",
    "incididunt",
    "ipsum",
    "irure",
    "labore",
    "laboris",
    "laborum",
    "lorem",
    "magna",
    "minim",
    "mollit",
    "nisi",
    "non",
    "nostrud",
    "nulla",
    "occaecat",
    "officia",
    "pariatur",
    "proident",
    "quis",
    "reprehenderit",
    "sed",
    "sint",
    "sit",
    "sunt",
    "tempor",
    "ullamco",
    "ut",
    "velit",
    "veniam",
    "voluptate",
];

/// Whether a file is a template by its name and folders, with `/` between them.
pub fn is_template_path(path: &str) -> bool {
    let small = path.to_lowercase();
    let mut parts = small.rsplit('/');
    let file = parts.next().unwrap_or_default();
    let stem = file.split('.').next().unwrap_or_default();
    let of_host = |name: &str| {
        matches!(
            name,
            "issue_template"
                | "pull_request_template"
                | "merge_request_templates"
                | "issue_templates"
                | "discussion_template"
        )
    };
    of_host(stem)
        || parts.any(of_host)
        || matches!(stem, "template" | "模板")
        || stem.ends_with("模板")
        || file.contains(".template.")
}

/// Whether a block is a form or filler.
pub(super) fn is_template(text: &str) -> bool {
    is_known_sentence(text) || is_filler(text) || is_to_do(text) || is_form(text)
}

fn is_known_sentence(text: &str) -> bool {
    if text.len() > SENTENCE_BYTES_MAX {
        return false;
    }
    let small = text.trim().to_lowercase();
    let small = small.trim_end_matches(|c: char| !c.is_alphanumeric());
    KNOWN_SENTENCES.contains(&small)
}

fn is_filler(text: &str) -> bool {
    // Cheap, since every block comes by: no line of it is without both.
    if !["dolor", "ipsum", "Ipsum", "IPSUM"]
        .iter()
        .any(|word| text.contains(word))
    {
        return false;
    }
    let words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let (mut all, mut filler) = (0_usize, 0_usize);
    for word in words {
        all += 1;
        filler += usize::from(FILLER_WORDS.contains(&word.to_lowercase().as_str()));
    }
    filler >= FILLER_WORDS_MIN && filler as f32 >= FILLER_SHARE_MIN * all as f32
}

/// A line that only says what is still to be written.
fn is_to_do(text: &str) -> bool {
    if text.len() > SENTENCE_BYTES_MAX {
        return false;
    }
    let small = text.trim().to_lowercase();
    let Some(rest) = ["todo:", "todo：", "tbd:", "待办："]
        .iter()
        .find_map(|mark| small.strip_prefix(mark))
    else {
        return small == "todo" || small == "tbd" || small == "待补充" || small == "待填写";
    };
    let verbs = [
        "describe", "add", "write", "fill", "insert", "explain", "描述", "补充", "填写",
    ];
    rest.chars().count() <= PLACEHOLDER_CHARS_MAX
        && verbs.iter().any(|verb| rest.trim_start().starts_with(verb))
}

fn is_form(text: &str) -> bool {
    let placeholders = placeholders(text);
    if placeholders.is_empty() {
        return false;
    }
    let small = text.to_lowercase();
    if MENTIONS.iter().any(|word| small.contains(word)) {
        return false;
    }
    let letters = |text: &str| text.chars().filter(|c| is_filled(*c)).count();
    let inside: usize = placeholders.iter().map(|part| letters(part)).sum();
    let share = inside as f32 / letters(text).max(1) as f32;
    let several = placeholders.len() > 1;
    share >= SHARE_MIN
        || several && share >= SHARE_OF_SEVERAL_MIN
        || placeholders.len() >= PLACEHOLDERS_MANY
}

/// Blanks are as much of a form as letters.
fn is_filled(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// What a placeholder may begin with.
const BEGINNINGS: &str = "{<[【（(_×XＸ";

/// The blanks among them.
const BLANKS: &str = "_×XＸ";

/// The parts of a text that are to be replaced.
fn placeholders(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c| BEGINNINGS.contains(c)) {
        rest = &rest[at..];
        let part = placeholder(rest);
        found.extend(part);
        let passed = part.map_or_else(|| unit(rest), str::len);
        rest = &rest[passed..];
    }
    found
}

/// What is passed over where no placeholder begins: a run of blanks whole, so that a long one is read
/// once.
fn unit(text: &str) -> usize {
    let Some(first) = text.chars().next() else {
        return text.len();
    };
    if BLANKS.contains(first) {
        text.find(|c| c != first).unwrap_or(text.len())
    } else {
        first.len_utf8()
    }
}

/// The placeholder that a text begins with.
fn placeholder(text: &str) -> Option<&str> {
    let inside_of = |open: &str, close: &str| {
        // Brackets that nobody closes are looked through only so far.
        let inside = first_bytes(text.strip_prefix(open)?, 4 * PLACEHOLDER_CHARS_MAX);
        let end = inside.find(close)?;
        if inside[..end].chars().count() > PLACEHOLDER_CHARS_MAX {
            return None;
        }
        Some((&inside[..end], &text[..open.len() + end + close.len()]))
    };
    if let Some((inside, whole)) = inside_of("{{", "}}") {
        let is_name = |c: char| c.is_alphanumeric() || "_.- |".contains(c);
        let is_value = inside.chars().all(is_name) && inside.contains(char::is_alphanumeric);
        return is_value.then_some(whole);
    }
    let brackets = [
        ("<", ">"),
        ("[", "]"),
        ("【", "】"),
        ("（", "）"),
        ("(", ")"),
    ];
    for (open, close) in brackets {
        if let Some((inside, whole)) = inside_of(open, close) {
            let small = inside.trim().to_lowercase();
            // Round brackets hold remarks: only one that says "fill in" is a blank.
            let is_round = open == "(" || open == "（";
            let is_blank = FILL_IN_BEGINNINGS.iter().any(|beginning| {
                small.starts_with(beginning) && (!is_round || !beginning.is_ascii())
            });
            return is_blank.then_some(whole);
        }
    }
    blank(text)
}

/// `____`, `XX公司`, `××`.
fn blank(text: &str) -> Option<&str> {
    let first = text.chars().next()?;
    let end = text.find(|c| c != first).unwrap_or(text.len());
    let (run, rest) = text.split_at(end);
    let count = run.chars().count();
    let is_blank = match first {
        '_' => count >= 4,
        '×' | 'X' | 'Ｘ' => {
            (2..=4).contains(&count)
                && rest
                    .chars()
                    .next()
                    .is_some_and(inkstone_prose::characters::is_han)
        }
        _ => false,
    };
    is_blank.then_some(run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_and_filler_are_templates() {
        for text in [
            "Dear {{first_name}},",
            "Your order {{order_id}} was sent on {{ date }} to {{ address | upper }}.",
            "My name is [Your Name] and I am writing about the [Job Title] at [Company].",
            "[INSERT a short summary of the meeting here]",
            "Signed: ______________ Date: __________",
            "Hello <your name>, welcome to <name of the town>.",
            "TO\u{44}O: describe how to install it.",
            "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor.",
            "A clear and concise description of what the bug is.",
            "Steps to reproduce the behavior:",
            "尊敬的【您的姓名】：",
            "本人（请填写姓名），现就职于XX公司，特此证明。",
            "甲方：________ 乙方：________",
            "请简要描述您遇到的问题。",
            "待补充",
        ] {
            assert!(is_template(text), "{text}");
        }
    }

    #[test]
    fn prose_about_placeholders_and_prose_with_brackets_stays() {
        for text in [
            "In Jinja a value stands in {{ name }}, and a block in {% block content %}.",
            "Vue renders {{ message }} as soon as the component is mounted, which surprised me.",
            "Write {props.children} where the text of the button should go, as JSX allows.",
            "Replace <your-username> with the name that you have there, then push the branch.",
            "Clone the repository of <your name> first; then build it as the notes below say, and \
             wait until the tests are green before you go on.",
            "The [name] stands in brackets because two clerks wrote it in different ways, and no \
             later copy of the letter tells which of them was right about the family.",
            "He signed (name withheld) and left the harbour.",
            "The file snake_case_name and __init__ are read at the start.",
            "Designers fill the page with lorem ipsum until the text is there.",
            "我们用双花括号 {{ name }} 表示变量，渲染时换成读者的名字。",
            "港口（在那时还很小）很安静。",
            "只会显示底层数据（在此示例中为 true）。",
            "【注意】潮水来的时候不要站在码头边上。",
            "XXL 号的外套太大了，Xbox 也没有人玩。",
            "Et tu, Brute?",
            "TO\u{44}O lists never helped me; I write things on my hand.",
            "",
            "{{",
            "[your",
        ] {
            assert!(!is_template(text), "{text}");
        }
    }

    #[test]
    fn files_that_hosts_offer_are_templates_by_name() {
        for path in [
            ".github/PULL_REQUEST_TEMPLATE.md",
            ".github/ISSUE_TEMPLATE/bug_report.md",
            "docs/letter.template.md",
            "周报模板.md",
        ] {
            assert!(is_template_path(path), "{path}");
        }
        for path in [
            "notes/templates-in-jinja.md",
            "about-issue_template.md",
            "模板方法.md",
            "",
        ] {
            assert!(!is_template_path(path), "{path}");
        }
    }
}
