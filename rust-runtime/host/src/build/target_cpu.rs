//! The processor that code is made for.

use std::path::Path;
use std::process::Command;

/// The processor that the user wants code to be made for: what `rustc --print target-cpus` lists.
const TARGET_CPU: &str = "FERROBOOK_TARGET_CPU";

/// What the user has asked for. The second value is a sentence about a setting that makes no sense.
pub fn choose(rustc: &Path) -> (Option<String>, Option<String>) {
    let asked = std::env::var(TARGET_CPU).ok().filter(|name| !name.is_empty());
    match asked {
        // Asking rustc costs as much as compiling a small cell.
        Some(name) if name != "native" && !known(rustc).is_none_or(|known| is_listed(&known, &name)) => {
            let complaint = format!(
                "{TARGET_CPU}={name} is no processor that rustc knows (`rustc --print target-cpus` lists them, `native` is \
                 this machine's); cells are compiled for the usual one"
            );
            (None, Some(complaint))
        }
        asked => (asked, None),
    }
}

/// The compiler's list; `None` when it has none.
fn known(rustc: &Path) -> Option<String> {
    let output = Command::new(rustc).args(["--print", "target-cpus"]).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn is_listed(list: &str, name: &str) -> bool {
    list.lines().filter(|line| line.starts_with(' ')).any(|line| line.split_whitespace().next() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_processor_in_the_words_of_rustc() {
        let list = "Available CPUs for this target:\n    native      - Select the CPU of the current host (currently znver3).\n    \
                    x86-64-v3\n    znver3\n\n";
        assert!(is_listed(list, "x86-64-v3") && is_listed(list, "native"));
        assert!(!is_listed(list, "x86-64") && !is_listed(list, "Available") && !is_listed(list, "currently"));
    }
}
