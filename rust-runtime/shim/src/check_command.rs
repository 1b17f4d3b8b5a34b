//! rustc as it was called for the last cell, only to look at the next one: the crates that are there are used as they
//! are, cargo is not asked about them, and nothing that a build looks at is written.

use crate::arguments::{self, Argument};
use crate::last_call;
use ferrobook_protocol::build::Kind;
use std::path::Path;
use std::process::Command;

/// Where a check leaves what makes the next one faster.
const DIRECTORY: &str = "target/ferrobook-check";

/// The call, whose messages will come on stderr as JSON. `None` when no cell was compiled yet, or in a way that is not
/// understood.
pub fn command(crate_dir: &Path) -> Option<Command> {
    let call = last_call::last(crate_dir)?;
    let invocation = arguments::parse(&call.arguments).filter(|invocation| invocation.makes(Kind::Check))?;
    let directory = crate_dir.join(DIRECTORY);
    std::fs::create_dir_all(&directory).ok()?;
    let kept = invocation.arguments.into_iter().filter(|argument| !is_about_the_result(argument));
    let mut words: Vec<String> = kept.flat_map(|argument| argument.words).collect();
    words.push("--emit=metadata".to_owned());
    words.push(format!("--out-dir={}", directory.display()));
    words.push(format!("-Cincremental={}", directory.join("incremental").display()));
    Some(call.command(&words))
}

/// Which result is wanted, and where.
fn is_about_the_result(argument: &Argument) -> bool {
    matches!(argument.option.as_str(), "--emit" | "--out-dir")
        || argument.option == "-C" && argument.value.starts_with("incremental=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_call_without_its_result() {
        let directory = tempfile::tempdir().unwrap();
        let crate_dir = directory.path();
        assert!(command(crate_dir).is_none(), "nothing was compiled");
        let words = "--crate-name ctx --edition=2024 src/lib.rs --error-format=json --json=artifacts --crate-type cdylib \
                     --emit=dep-info,link -C opt-level=3 --out-dir /deps -C incremental=/i --extern itoa=/deps/libitoa.rlib";
        let words: Vec<_> = words.split_whitespace().collect();
        let call = serde_json::json!({"programs": ["sccache", "rustc"], "arguments": words, "environment": {"A": "1"}});
        std::fs::write(crate_dir.join("ferrobook-call.json"), call.to_string()).unwrap();
        last_call::forget(crate_dir);
        let command = command(crate_dir).unwrap();
        let arguments: Vec<_> = command.get_args().map(|word| word.to_str().unwrap()).collect();
        let own = crate_dir.join(DIRECTORY);
        assert_eq!(command.get_program(), "sccache");
        assert_eq!(
            arguments.join(" "),
            format!(
                "rustc --crate-name ctx --edition=2024 src/lib.rs --error-format=json --json=artifacts --crate-type \
                 cdylib -C opt-level=3 --extern itoa=/deps/libitoa.rlib --emit=metadata --out-dir={0} \
                 -Cincremental={0}/incremental",
                own.display()
            )
        );
        assert!(command.get_envs().any(|(name, value)| name == "A" && value == Some("1".as_ref())));
    }
}
