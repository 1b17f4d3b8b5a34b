//! What cargo says while it builds for a cell: progress for the user, and the reason when it fails.

use ferrobook_protocol::{BuildProgress, CellError};
use regex::Regex;
use std::sync::LazyLock;

/// Words with which cargo's progress lines begin when there is something to fetch or to build.
static WORK: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^\s*(Updating|Locking|Adding|Downloading|Downloaded|Downgrading|Upgrading|Removing|Fetch|Compiling|Building|Checking|Finished)\b",
    )
});
static OWN_CRATE: LazyLock<Regex> = LazyLock::new(|| regex(r"\b(ctx|evcxr_dummy_validate_dep)( v|$|\(|,)"));
/// `Building [==>   ] 3/12: serde`
static PROGRESS: LazyLock<Regex> = LazyLock::new(|| regex(r"^\s*Building \[.*\] (\d+)/(\d+)"));
static ANSI: LazyLock<Regex> = LazyLock::new(|| regex("\x1b\\[[0-9;]*[A-Za-z]"));

#[expect(clippy::unwrap_used, reason = "the patterns are constants, and a test compiles them")]
fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap()
}

#[derive(Default)]
pub struct CargoReport {
    /// Whether this cell has anything to build besides itself. A plain cell prints nothing.
    at_work: bool,
    /// Width of the progress bar that the next line replaces.
    bar: usize,
    /// What the last progress bar said.
    progress: Option<BuildProgress>,
    errors: Vec<String>,
    in_error: bool,
    dependency_errors: Vec<String>,
}

impl CargoReport {
    /// Takes a line of cargo's stderr; returns what the user should see of it.
    pub fn line(&mut self, text: &str, ending: char) -> Option<String> {
        let text = ANSI.replace_all(text, "");
        let text = text.trim_end();
        if text.starts_with('{') {
            return None;
        }
        if text.starts_with("error") {
            self.in_error = true;
        } else if WORK.is_match(text) || text.starts_with("warning") {
            self.in_error = false;
        }
        if self.in_error {
            self.errors.push(text.to_owned());
            return None;
        }
        if !WORK.is_match(text) {
            return None;
        }
        let word = text.trim_start();
        let is_bar = ending == '\r' || text.contains('[') && word.starts_with("Building");
        let about_cell = OWN_CRATE.is_match(text) || word.starts_with("Finished");
        if is_bar {
            self.progress = progress(text);
            return self.at_work.then(|| self.overwrite(text, '\r'));
        }
        if about_cell {
            return None;
        }
        self.at_work = true;
        Some(self.overwrite(text, '\n'))
    }

    fn overwrite(&mut self, text: &str, ending: char) -> String {
        let width = text.chars().count();
        let padding = " ".repeat(self.bar.saturating_sub(width));
        self.bar = if ending == '\r' { width } else { 0 };
        format!("{text}{padding}{ending}")
    }

    /// How far cargo is with the crates that it builds besides the cell, if there are any.
    pub fn progress(&self) -> Option<BuildProgress> {
        self.progress.filter(|_| self.at_work)
    }

    /// Erases a progress bar that still stands.
    pub fn finish(&mut self) -> Option<String> {
        let bar = std::mem::take(&mut self.bar);
        self.at_work = false;
        self.progress = None;
        (bar > 0).then(|| format!("{}\r", " ".repeat(bar)))
    }

    /// A compiler message about a crate that the cell depends on.
    pub fn diagnostic(&mut self, json: &str) {
        let Ok(message) = serde_json::from_str::<serde_json::Value>(json) else { return };
        if message["message"]["level"] == "error"
            && let Some(rendered) = message["message"]["rendered"].as_str()
        {
            self.dependency_errors.push(rendered.trim_end().to_owned());
        }
    }

    pub fn failed(&self) -> bool {
        !self.errors.is_empty() || !self.dependency_errors.is_empty()
    }

    /// The failure of a dependency's build, in rustc's and cargo's own words.
    pub fn error(&self) -> CellError {
        let reason = reason(&self.errors.join("\n"));
        let mut traceback = self.dependency_errors.clone();
        traceback.push(red(&reason.lines.join("\n")));
        CellError { ename: "CargoError".to_owned(), evalue: reason.lines.join("\n"), traceback }
    }
}

fn progress(bar: &str) -> Option<BuildProgress> {
    let numbers = PROGRESS.captures(bar)?;
    Some(BuildProgress { done: numbers[1].parse().ok()?, total: numbers[2].parse().ok()? })
}

/// The failure of a `:dep` command or of a build, as cargo describes it, in two lines: what and what to do.
pub fn cargo_error(message: &str) -> CellError {
    let reason = reason(message);
    let mut traceback = vec![red(&reason.lines.join("\n"))];
    if !reason.rest.is_empty() {
        traceback.push(reason.rest.join("\n"));
    }
    CellError { ename: "CargoError".to_owned(), evalue: reason.lines.join("\n"), traceback }
}

struct Reason {
    lines: Vec<String>,
    rest: Vec<String>,
}

fn reason(message: &str) -> Reason {
    let message = ANSI.replace_all(message, "");
    let mut lines: Vec<&str> = message
        .lines()
        .map(str::trim_end)
        .filter(|line| {
            let line = line.trim();
            !line.is_empty()
                && !WORK.is_match(line)
                && !line.contains("evcxr_dummy_validate_dep")
                && line != "Caused by:"
        })
        .collect();
    let first = lines.iter().position(|line| line.starts_with("error")).unwrap_or(0);
    let head = if lines.is_empty() { "cargo failed" } else { lines.remove(first) };
    let head = head.trim_start_matches("error:").trim().to_owned();
    let whole = message.to_lowercase();
    let unreachable = [
        "could not resolve host",
        "couldn't resolve host",
        "failed to connect",
        "could not connect",
        "network failure",
        "timed out",
        "download of config.json failed",
        "spurious network error",
        "unable to update registry",
    ];
    let advice =
        if whole.contains("--offline") || whole.contains("offline mode") || whole.contains("offline was specified") {
            "evcxr is offline: use `:offline 0` to let cargo download."
        } else if unreachable.iter().any(|text| whole.contains(text)) {
            return Reason {
                lines: vec![
                    "could not reach the registry of crates".to_owned(),
                    "Check the network, or use what was downloaded before: `:offline 1`.".to_owned(),
                ],
                rest: lines.iter().map(|line| (*line).to_owned()).collect(),
            };
        } else if whole.contains("no matching package") {
            "Check the spelling of the crate's name on https://crates.io, or give a path or git source."
        } else if whole.contains("failed to select a version") {
            "Check the version: `:dep name = \"*\"` takes the newest."
        } else if whole.contains("does not have") && whole.contains("feature")
            || whole.contains("feature") && whole.contains("not")
        {
            "Check the names of the features."
        } else if whole.contains("could not compile") {
            "The dependency itself does not compile: another version or other features may."
        } else {
            "The dependency was not added."
        };
    let rest = lines.iter().map(|line| (*line).to_owned()).collect();
    Reason { lines: vec![head, advice.to_owned()], rest }
}

fn red(text: &str) -> String {
    format!("\x1b[1;31merror\x1b[0m: {text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_cell_prints_nothing() {
        let mut report = CargoReport::default();
        for (line, ending) in [
            ("   Compiling ctx v1.0.0 (/tmp/x)", '\n'),
            ("    Building [=====>    ] 0/1: ctx", '\r'),
            ("    Finished `dev` profile [optimized] target(s) in 0.07s", '\n'),
            ("{\"reason\":\"x\"}", '\n'),
        ] {
            assert_eq!(report.line(line, ending), None, "{line}");
        }
        assert_eq!(report.progress(), None);
        assert_eq!(report.finish(), None);
        assert!(!report.failed());
    }

    #[test]
    fn a_dependency_shows_progress() {
        let mut report = CargoReport::default();
        assert_eq!(
            report.line("    Updating crates.io index", '\n').as_deref(),
            Some("    Updating crates.io index\n")
        );
        assert_eq!(
            report.line("    Building [=> ] 0/2: itoa", '\r').as_deref(),
            Some("    Building [=> ] 0/2: itoa\r")
        );
        assert_eq!(
            report.line("\x1b[K   Compiling itoa v1.0.0", '\n').as_deref(),
            Some("   Compiling itoa v1.0.0    \n")
        );
        assert_eq!(report.line("   Compiling ctx v1.0.0 (/tmp)", '\n'), None);
        assert_eq!(report.progress(), Some(BuildProgress { done: 0, total: 2 }));
        report.line("    Building [=====>    ] 1/2: ctx", '\r');
        assert_eq!(report.progress(), Some(BuildProgress { done: 1, total: 2 }));
        report.finish();
        assert_eq!(report.progress(), None);
    }

    #[test]
    fn reasons() {
        let missing = cargo_error("no matching package named `qqx` found\nlocation searched: crates.io index");
        assert_eq!(missing.evalue.lines().next(), Some("no matching package named `qqx` found"));
        assert_eq!(missing.evalue.lines().count(), 2);
        let offline =
            cargo_error("error: failed to get `x`\n\nCaused by:\n  [6] Could not resolve host: index.crates.io");
        assert!(offline.evalue.contains(":offline 1"), "{}", offline.evalue);
    }

    #[test]
    fn patterns_compile() {
        assert!(WORK.is_match("   Compiling x") && OWN_CRATE.is_match("ctx v1") && ANSI.is_match("\x1b[K"));
    }
}
