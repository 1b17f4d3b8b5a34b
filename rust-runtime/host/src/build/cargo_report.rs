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
static RUSTC_PANIC: LazyLock<Regex> = LazyLock::new(|| regex(r"^thread 'rustc'.* panicked at "));
static ANSI: LazyLock<Regex> = LazyLock::new(|| regex("\x1b\\[[0-9;]*[A-Za-z]"));

/// What the system says when a file cannot be written for want of room.
const NO_ROOM: [&str; 2] = ["No space left on device", "Disk quota exceeded"];

/// What cargo says when it may not download.
const OFFLINE: [&str; 3] = ["--offline", "offline mode", "offline was specified"];

/// What cargo says when it cannot.
const UNREACHABLE: [&str; 9] = [
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
        if text.starts_with("error") || RUSTC_PANIC.is_match(text) {
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
        let mut error = cargo_error(&self.errors.join("\n"));
        error.traceback.splice(..0, self.dependency_errors.iter().cloned());
        error
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
    let no_room = lines.iter().position(|line| NO_ROOM.iter().any(|text| line.contains(text)));
    let first = no_room.or_else(|| lines.iter().position(|line| line.starts_with("error"))).unwrap_or(0);
    let head = if lines.is_empty() { "cargo failed" } else { lines.remove(first) };
    let mut head = head.trim_start_matches("error:").trim();
    let whole = message.to_lowercase();
    let says = |texts: &[&str]| texts.iter().any(|text| whole.contains(text));
    let advice = if no_room.is_some() {
        let directory = std::env::temp_dir();
        format!(
            "Cells are compiled in {}: make room there, or start the kernel with TMPDIR set to another directory.",
            directory.display()
        )
    } else if says(&OFFLINE) {
        "evcxr is offline: use `:offline 0` to let cargo download.".to_owned()
    } else if says(&UNREACHABLE) {
        head = "could not reach the registry of crates";
        "Check the network, or use what was downloaded before: `:offline 1`.".to_owned()
    } else if says(&["no matching package"]) {
        "Check the spelling of the crate's name on https://crates.io, or give a path or git source.".to_owned()
    } else if says(&["does not have that feature", "does not have these features"]) {
        "Check the names of the features.".to_owned()
    } else if says(&["failed to select a version"]) {
        "Check the version: `:dep name = \"*\"` takes the newest.".to_owned()
    } else if says(&["the compiler unexpectedly panicked"]) {
        "Run the cell again; if it fails again, another version of Rust may compile it.".to_owned()
    } else if says(&["could not compile"]) {
        "The dependency itself does not compile: another version or other features may.".to_owned()
    } else {
        "The dependency was not added.".to_owned()
    };
    Reason { lines: vec![head.to_owned(), advice], rest: lines.into_iter().map(str::to_owned).collect() }
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
        let features = cargo_error(
            "error: failed to select a version for `x`.\n\npackage `ctx` depends on `x` with feature `y` but `x` does \
             not have that feature.",
        );
        assert!(features.evalue.ends_with("Check the names of the features."), "{}", features.evalue);
        let full = cargo_error(
            "error: could not compile `ctx` (lib)\n\nCaused by:\n  failed to parse process output: `rustc --check-cfg \
             'cfg(feature, values())'` (exit status: 1)\n\nCaused by:\n  No space left on device (os error 28)",
        );
        assert!(full.evalue.starts_with("No space left on device (os error 28)\nCells are"), "{}", full.evalue);
        assert!(full.traceback.concat().contains("failed to parse process output"), "{:?}", full.traceback);
    }

    #[test]
    fn patterns_compile() {
        assert!(WORK.is_match("   Compiling x") && OWN_CRATE.is_match("ctx v1") && ANSI.is_match("\x1b[K"));
    }
}
