//! Crates that a cell asks for and that are not there before it has run. A check does not fetch them, and what it says
//! about their absence is of no use.

use crate::cell::statements::{Cell, Command};
use ferrobook_protocol::Diagnostic;
use std::path::Path;

/// How rustc says that it does not know a crate: `unresolved import`, `unlinked crate`, `can't find crate`.
const UNKNOWN_CRATE: [&str; 3] = ["E0432", "E0433", "E0463"];

/// The names, as code writes them, of the crates that the cell asks for (by `:dep` or `extern crate`, which evcxr takes
/// for the same) and that cells cannot use yet.
pub fn of(commands: &[(usize, Command)], cell: &Cell, crate_dir: &Path) -> Vec<String> {
    let manifest = std::fs::read_to_string(crate_dir.join("Cargo.toml")).unwrap_or_default();
    let manifest: toml::Table = manifest.parse().unwrap_or_default();
    let known = manifest.get("dependencies").and_then(toml::Value::as_table);
    let asked_for = commands.iter().filter_map(|(_, command)| match command {
        Command::Evcxr { name: ":dep", arguments } => Some(arguments.split(['=', ' ']).next().unwrap_or_default()),
        _ => None,
    });
    let externs = cell.statements.iter().filter_map(|item| item.text.trim_start().strip_prefix("extern crate "));
    let externs = externs.filter_map(|rest| rest.split([';', ' ', '\n']).find(|name| !name.is_empty()));
    let missing = asked_for.chain(externs).filter(|name| known.is_none_or(|known| !known.contains_key(*name)));
    missing.map(|name| name.rsplit('/').next().unwrap_or(name).replace('-', "_")).collect()
}

/// Whether it is about the absence of one of these crates.
pub fn is_about(diagnostic: &Diagnostic, crates: &[String]) -> bool {
    let Some(code) = &diagnostic.code else { return false };
    let labels = diagnostic.spans.iter().filter_map(|span| span.label.as_deref());
    let mut quoted = labels.chain([diagnostic.message.as_str()]).flat_map(|text| text.split('`').skip(1).step_by(2));
    UNKNOWN_CRATE.contains(&code.as_str())
        && quoted.any(|path| crates.iter().any(|name| path.split("::").next() == Some(name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::statements;
    use ferrobook_protocol::Severity;

    #[test]
    fn crates_that_are_not_there_yet() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("Cargo.toml"), "[dependencies]\nserde = { version = \"1\" }\n").unwrap();
        let code =
            ":dep serde = \"1\"\n:dep serde-json = \"1\"\n:dep rand\n:dep ../my-crate\n:vars\nextern crate log as l;";
        let (commands, _) = statements::split_commands(code);
        let missing = of(&commands, &Cell::new(code), directory.path());
        assert_eq!(missing, ["serde_json", "rand", "my_crate", "log"]);
    }

    #[test]
    fn what_is_about_them() {
        let diagnostic = |code: &str, message: &str| Diagnostic {
            severity: Severity::Error,
            code: Some(code.to_owned()),
            message: message.to_owned(),
            rendered: String::new(),
            spans: Vec::new(),
            fixes: Vec::new(),
        };
        let crates = ["rand".to_owned()];
        assert!(is_about(&diagnostic("E0432", "unresolved import `rand`"), &crates));
        assert!(is_about(&diagnostic("E0432", "unresolved imports `a::b`, `rand::Rng`"), &crates));
        assert!(!is_about(&diagnostic("E0432", "unresolved import `random`"), &crates));
        assert!(!is_about(&diagnostic("E0308", "expected `rand`"), &crates));
    }
}
