//! A question with no as the answer to an empty line: nothing is read, and nothing forgotten, by
//! accident.

use std::io::{self, BufRead as _, IsTerminal as _};

use crate::{CommandError, Environment, ExitStatus};

/// Whether the person agrees: `yes` when they said so already, else they are asked where they can
/// answer, and told how to say so where they cannot.
pub(super) fn is_given(yes: bool, question: &str, env: &Environment) -> Result<bool, CommandError> {
    if yes {
        return Ok(true);
    }
    if !io::stdin().is_terminal() {
        let message = format!("{question} Nobody can answer here; run it again with --yes");
        return Err(CommandError::usage(message));
    }
    env.print(&format!("{question} [y/N] "))?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(agrees(&answer))
}

/// What a command that was not agreed to ends with.
pub(super) fn declined(env: &Environment, what: &str) -> Result<ExitStatus, CommandError> {
    env.print(&format!("{what}\n"))?;
    Ok(ExitStatus::Found)
}

fn agrees(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_yes_is_yes() {
        for yes in ["y\n", "Yes\r\n", " y "] {
            assert!(agrees(yes), "{yes:?}");
        }
        for no in ["", "\n", "n\n", "yess\n", "好\n"] {
            assert!(!agrees(no), "{no:?}");
        }
    }
}
