//! Code, terminal output and data that stand in a paragraph, because nobody marked them.

use inkstone_prose::characters::is_han;

use super::measure::Measure;
use crate::block::Block;
use crate::left_out::Reason;

/// Characters that programs have and sentences have not.
const CODE_CHARACTERS: &[char] = &[
    '{', '}', '(', ')', ';', '=', '<', '>', '$', '_', '\\', '&', '[', ']', '#', '@', '+', '*', '^',
    '~', '`',
];

/// Of all characters that are seen, so many percent: prose of programmers has up to eight.
const CODE_PERCENT_MIN: usize = 15;

/// A block without a sentence needs fewer.
const CODE_PERCENT_WITHOUT_SENTENCE_MIN: usize = 9;

/// Fewer characters have no share.
const CODE_CHARACTERS_MIN: usize = 12;

/// Of the signs, as many are different: a pair of brackets is in any text.
const CODE_KINDS_MIN: usize = 3;

/// Nor has a short sentence.
const SENTENCE_CHARACTERS_MIN: usize = 40;

/// What a shell shows before a command.
const PROMPTS: &[&str] = &[
    "$ ", "# ", "% ", ">>> ", "... ", "PS> ", "C:\\>", "➜ ", "❯ ", "mysql> ", "sqlite> ",
];

/// Commands that a line without a prompt begins with.
const COMMANDS: &[&str] = &[
    "npm",
    "npx",
    "yarn",
    "pnpm",
    "pip",
    "pip3",
    "pipenv",
    "python",
    "python3",
    "cargo",
    "rustup",
    "git",
    "sudo",
    "brew",
    "apt",
    "apt-get",
    "dnf",
    "docker",
    "docker-compose",
    "kubectl",
    "curl",
    "wget",
    "cd",
    "mkdir",
    "ssh",
    "scp",
    "chmod",
    "export",
    "source",
    "go",
    "make",
    "cmake",
    "node",
    "ls",
    "cat",
    "grep",
    "echo",
    "tar",
    "rm",
];

/// A command has no more words.
const COMMAND_WORDS_MAX: usize = 12;

/// Beginnings of lines of stack traces.
const TRACE_STARTS: &[&str] = &[
    "Traceback (most recent call last)",
    "File \"",
    "at ",
    "Caused by:",
    "Exception in thread",
    "panicked at",
    "thread '",
    "goroutine ",
    "stack backtrace:",
];

/// Keywords one of which a statement of SQL begins with, and one of which follows.
const SQL_STARTS: &[&str] = &[
    "SELECT ",
    "INSERT INTO ",
    "UPDATE ",
    "DELETE FROM ",
    "CREATE TABLE ",
    "ALTER TABLE ",
];
const SQL_FOLLOWERS: &[&str] = &[" FROM ", " VALUES", " SET ", " WHERE ", " (", " ADD "];

/// Levels of a log's lines.
const LOG_LEVELS: &[&str] = &[
    "ERROR", "WARN", "WARNING", "INFO", "DEBUG", "TRACE", "FATAL",
];

pub(super) fn reason(block: &Block, measure: &Measure) -> Option<Reason> {
    let text = block.text.trim();
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let most = |is: fn(&str) -> bool| {
        let count = lines.iter().filter(|line| is(line)).count();
        count > 0 && count * 2 >= lines.len()
    };
    let is = is_dense(text, measure)
        || is_element(text)
        || is_json(text)
        || is_sql(text)
        || most(is_prompt)
        || most(is_trace)
        || most(is_log)
        || (!has_prose_end(text) && most(is_command));
    is.then_some(Reason::Code)
}

/// Whether the text ends as sentences do.
fn has_prose_end(text: &str) -> bool {
    text.ends_with(['.', '!', '?', '。', '！', '？', '：', ':', '”', '」'])
}

/// Whether the text has more signs of code than sentences have. What is marked as code within a
/// sentence, and addresses, say nothing of the sentence.
fn is_dense(text: &str, measure: &Measure) -> bool {
    let text = unmarked(text);
    // A Han character says as much as three letters.
    let weight = |c: char| {
        if is_han(c) {
            3
        } else {
            usize::from(!c.is_whitespace())
        }
    };
    let seen: usize = text.chars().map(weight).sum();
    if seen < CODE_CHARACTERS_MIN {
        return false;
    }
    let code = text.chars().filter(|c| CODE_CHARACTERS.contains(c)).count();
    // "C# or C++?" is short and has many.
    if measure.has_sentence_end && seen < SENTENCE_CHARACTERS_MIN {
        return false;
    }
    let percent_min = if measure.has_sentence_end || measure.han > 4 {
        CODE_PERCENT_MIN
    } else {
        CODE_PERCENT_WITHOUT_SENTENCE_MIN
    };
    let kinds = CODE_CHARACTERS
        .iter()
        .filter(|c| text.contains(**c))
        .count();
    kinds >= CODE_KINDS_MIN && code * 100 >= seen * percent_min
}

fn unmarked(text: &str) -> String {
    let has_pairs = text.matches('`').count().is_multiple_of(2);
    let outside = text.split('`').step_by(if has_pairs { 2 } else { 1 });
    let outside: Vec<&str> = outside.collect();
    let words = outside.join(" ");
    let words: Vec<&str> = words
        .split_whitespace()
        .filter(|word| !word.contains("://"))
        .collect();
    words.join(" ")
}

/// `<Sandpack><App /></Sandpack>`.
fn is_element(text: &str) -> bool {
    text.starts_with('<') && text.ends_with('>') && text.contains('/')
}

fn is_json(text: &str) -> bool {
    let is_wrapped = (text.starts_with('{') && text.ends_with('}'))
        || (text.starts_with('[') && text.ends_with(']'));
    is_wrapped && (text.contains("\":") || text.contains("\" :"))
}

fn is_sql(text: &str) -> bool {
    let starts = SQL_STARTS.iter().any(|start| text.starts_with(start));
    let one_line = text.replace('\n', " ");
    starts
        && SQL_FOLLOWERS
            .iter()
            .any(|follower| one_line.contains(follower))
}

fn is_prompt(line: &str) -> bool {
    let found = PROMPTS.iter().find_map(|prompt| line.strip_prefix(prompt));
    let after = found.or_else(|| {
        line.split_once("$ ")
            .filter(|(host, _)| {
                // "anna@desk:~/notes$ "
                host.contains('@') && !host.contains(' ')
            })
            .map(|(_, after)| after)
    });
    // "# Title" and "% of all" are no commands.
    after.is_some_and(|after| {
        let is_strong = !line.starts_with(['#', '%', '.']);
        is_strong && after.starts_with(|c: char| c.is_ascii_lowercase() || "./~_$".contains(c))
    })
}

fn is_trace(line: &str) -> bool {
    let starts = TRACE_STARTS.iter().find(|start| line.starts_with(**start));
    match starts {
        // "at Main.run(Main.java:12)", "at /srv/app.js:3:7", not "at noon".
        Some(&"at ") => {
            let is_numbered = line
                .trim_end_matches(')')
                .ends_with(|c: char| c.is_ascii_digit());
            is_numbered && line.contains(':') && line.contains(['.', '/'])
        }
        Some(&"File \"") => line.contains("\", line "),
        Some(&"thread '") => line.contains("panicked"),
        // "goroutine 1 [running]:", not "goroutine leaks are …".
        Some(&"goroutine ") => line.ends_with("]:"),
        Some(&"Exception in thread") => line.contains('"'),
        Some(_) => true,
        None => false,
    }
}

/// "2024-05-01 12:00:03 ERROR …", "[INFO] …"
fn is_log(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let has_level = words.by_ref().take(4).any(|word| {
        let word = word.trim_matches(|c: char| !c.is_ascii_alphabetic());
        LOG_LEVELS.contains(&word)
    });
    let starts = line.starts_with('[') || line.starts_with(|c: char| c.is_ascii_digit());
    has_level && starts
}

/// "npm install --save-dev eslint", not "Make sure that it rains" nor "go home".
fn is_command(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let Some((first, rest)) = words.split_first() else {
        return false;
    };
    let is_argument = |word: &&str| {
        word.starts_with('-')
            || word.contains(['/', '=', '.', '_', '@', '~', '"'])
            || word.contains("::")
    };
    let is_subcommand = |word: &&str| {
        matches!(
            *word,
            "install"
                | "run"
                | "build"
                | "clone"
                | "add"
                | "commit"
                | "push"
                | "pull"
                | "init"
                | "start"
                | "test"
                | "update"
                | "upgrade"
        )
    };
    COMMANDS.contains(first)
        && !rest.is_empty()
        && words.len() <= COMMAND_WORDS_MAX
        && (rest.iter().any(is_argument)
            || (rest.len() <= 4 && rest.first().is_some_and(is_subcommand)))
        && !line.contains(", ")
}
