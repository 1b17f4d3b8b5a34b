//! evcxr asks cargo about each `:dep` line of a cell by itself, before it adds the dependency. cargo is asked about all of
//! them together: resolving takes as long for many as for one.

use ferrobook_protocol::build::Dependencies;
use std::path::Path;

const MANIFEST: &str = "Cargo.toml";
/// What was asked so far; in the directory that evcxr calls cargo in.
const ASKED: &str = "asked.toml";
/// The package that evcxr makes of a dependency to ask about it.
const PACKAGE: &str = "name = \"evcxr_dummy_validate_dep\"";
const SECTION: &str = "[dependencies]\n";

/// Whether cargo is asked later, with another of the cell's dependencies. When it is not, the manifest names all of them.
pub fn is_postponed(dependencies: Option<Dependencies>, crate_dir: &Path) -> std::io::Result<bool> {
    let Some(Dependencies { cell, count }) = dependencies else { return Ok(false) };
    let manifest = std::fs::read_to_string(crate_dir.join(MANIFEST))?;
    let Some((head, dependency)) = manifest.split_once(SECTION).filter(|_| manifest.contains(PACKAGE)) else {
        return Ok(false);
    };
    let known = std::fs::read_to_string(crate_dir.join(ASKED)).unwrap_or_default();
    let asked = with(&known, &cell.to_string(), dependency.trim());
    std::fs::write(crate_dir.join(ASKED), &asked)?;
    let dependencies: Vec<&str> = asked.lines().skip(1).collect();
    if dependencies.len() < count {
        return Ok(true);
    }
    std::fs::write(crate_dir.join(MANIFEST), format!("{head}{SECTION}{}\n", newest(&dependencies).join("\n")))?;
    Ok(false)
}

/// What was asked for this cell, with one more: the cell in the first line, then the dependencies.
fn with(known: &str, cell: &str, dependency: &str) -> String {
    match known.split_once('\n') {
        Some((of, dependencies)) if of == cell => format!("{cell}\n{dependencies}{dependency}\n"),
        _ => format!("{cell}\n{dependency}\n"),
    }
}

/// Of dependencies with one name the last, as evcxr does it.
fn newest<'a>(dependencies: &[&'a str]) -> Vec<&'a str> {
    let name = |dependency: &'a str| dependency.split('=').next().unwrap_or_default().trim();
    let is_newest = |(at, dependency): &(usize, &&'a str)| {
        !dependencies[at + 1..].iter().any(|later| name(later) == name(dependency))
    };
    dependencies.iter().enumerate().filter(is_newest).map(|(_, dependency)| *dependency).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_another_cell_is_forgotten() {
        let first = with("6\nhex = \"1\"\n", "7", "itoa = \"1\"");
        assert_eq!(first, "7\nitoa = \"1\"\n");
        assert_eq!(with(&first, "7", "fnv = \"1\""), "7\nitoa = \"1\"\nfnv = \"1\"\n");
    }

    #[test]
    fn a_dependency_that_is_named_twice_is_the_last() {
        let named = ["a = \"1\"", "b = { version = \"1\" }", "a = { version = \"2\" }"];
        assert_eq!(newest(&named), [named[1], named[2]]);
    }
}
