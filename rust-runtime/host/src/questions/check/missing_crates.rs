//! Crates that a cell asks for and that are not there before it has run. A check does not fetch them, and what it says
//! about their absence is of no use.

use crate::cell::Cell;
use ferrobook_protocol::Diagnostic;

/// How rustc says that it does not know a crate: `unresolved import`, `unlinked crate`, `can't find crate`.
const UNKNOWN_CRATE: [&str; 3] = ["E0432", "E0433", "E0463"];

/// The names, as code writes them, of the crates that the cell asks for (by `:dep` or `extern crate`, which evcxr takes
/// for the same) and that cells cannot use yet.
pub fn of(cell: &Cell, known: Option<&toml::Table>) -> Vec<String> {
    let asked_for = cell.dependencies().map(|dependency| dependency.split(['=', ' ']).next().unwrap_or_default());
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
    use ferrobook_protocol::Severity;

    #[test]
    fn crates_that_are_not_there_yet() {
        let known = "serde = { version = \"1\" }\n".parse().unwrap();
        let code = r#":dep serde = "1"
:dep serde-json = "1"
:dep rand
:dep ../my-crate
:vars
extern crate log as l;"#;
        let missing = of(&Cell::new(code), Some(&known));
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
