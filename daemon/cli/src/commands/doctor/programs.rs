//! Whether the programs lie beside each other and are of one build.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use inkstone_protocol::lifecycle::find_daemon;
use tokio::process::Command;

use super::check::Check;

/// How long a program may take to say its version.
const VERSION_WAIT: Duration = Duration::from_secs(10);
/// What helps when a program is missing or broken.
const REINSTALL: &str =
    "install Inkstone again, so that inkstone, inkstoned and inkstone-lsp lie in one folder";

pub(super) async fn look() -> Vec<Check> {
    let own = match std::env::current_exe() {
        Ok(own) => own,
        Err(error) => {
            return vec![Check::fault(
                "programs",
                format!("cannot tell where this one lies: {error}"),
                REINSTALL,
            )];
        }
    };
    let folder = own.parent().unwrap_or(Path::new("."));
    let mut checks = vec![Check::well(
        "inkstone",
        format!("version {}, {}", env!("CARGO_PKG_VERSION"), own.display()),
    )];
    checks.push(match find_daemon() {
        Ok(path) => check("inkstoned", &path).await,
        Err(error) => Check::fault("inkstoned", error.to_string(), REINSTALL),
    });
    let language_server = folder.join(format!("inkstone-lsp{}", std::env::consts::EXE_SUFFIX));
    checks.push(if language_server.is_file() {
        check("inkstone-lsp", &language_server).await
    } else {
        Check::fault(
            "inkstone-lsp",
            format!("{} is missing", language_server.display()),
            REINSTALL,
        )
    });
    checks
}

/// Starting a program at all shows that its libraries are there.
async fn check(name: &str, path: &Path) -> Check {
    let asked = Command::new(path)
        .arg("--version")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = match tokio::time::timeout(VERSION_WAIT, asked).await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) => {
            return Check::fault(
                name,
                format!("{} does not start: {error}", path.display()),
                REINSTALL,
            );
        }
        Err(_elapsed) => {
            let problem = format!(
                "{} does not say its version in {} s",
                path.display(),
                VERSION_WAIT.as_secs()
            );
            return Check::fault(name, problem, REINSTALL);
        }
    };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr)
            .trim()
            .replace('\n', "; ");
        return Check::fault(
            name,
            format!("{} ended with {}: {said}", path.display(), output.status),
            REINSTALL,
        );
    }
    of_version(name, &String::from_utf8_lossy(&output.stdout), path)
}

fn of_version(name: &str, said: &str, path: &Path) -> Check {
    let version = said.split_whitespace().nth(1).unwrap_or("unknown");
    let detail = format!("version {version}, {}", path.display());
    if version == env!("CARGO_PKG_VERSION") {
        Check::well(name, detail)
    } else {
        let detail = format!("{detail}, of another build than this program");
        Check::note(name, detail, Some(REINSTALL.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_build_is_noted() {
        let path = Path::new("/x/inkstoned");
        let same = format!("inkstoned {}\n", env!("CARGO_PKG_VERSION"));
        assert!(
            of_version("inkstoned", &same, path)
                .shown(false)
                .starts_with("ok")
        );
        for other in ["inkstoned 99.0.0\n", "", "what?"] {
            let check = of_version("inkstoned", other, path);
            assert!(check.shown(false).starts_with("note"), "{other}");
        }
    }
}
