//! Completions on a `:dep` line: crates that cargo has met on this machine, their versions and features, and what else a
//! line of `[dependencies]` may say. Nothing is fetched.

use crate::build::cargo_config;
use crates_index::{Crate, SparseIndex};
use ferrobook_protocol::Completion;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The crate that comes with Ferrobook.
const OWN: &str = "ferrobook";

/// How many versions are offered.
const MOST_VERSIONS: usize = 20;

const KEYS: [&str; 10] =
    ["version", "features", "default-features", "path", "git", "branch", "tag", "rev", "package", "registry"];

/// What may come next, and how many characters before the cursor it replaces. `line` ends at the cursor. `None` when it
/// is no `:dep` line.
pub fn complete(line: &str) -> Option<(Vec<Completion>, usize)> {
    let registries = cargo_config::home().map(|home| home.join("registry/index")).unwrap_or_default();
    Registry { directories: entries(&registries) }.complete(line)
}

/// What cargo remembers of registries.
struct Registry {
    directories: Vec<PathBuf>,
}

/// What a `:dep` line goes on with at the cursor.
#[derive(Debug, PartialEq, Eq)]
enum Expected<'a> {
    Name,
    /// Behind the name, or the equals sign.
    Value {
        name: &'a str,
        equals: bool,
    },
    /// A key of the table behind the equals sign.
    Key,
    Version {
        name: &'a str,
    },
    Feature {
        name: &'a str,
        /// The list so far.
        list: &'a str,
    },
    Elsewhere,
}

/// What is expected, and the word before the cursor that begins it.
fn expected_in(line: &str) -> Option<(Expected<'_>, &str)> {
    let arguments = line.trim_start().strip_prefix(":dep")?.strip_prefix(' ')?.trim_start();
    let Some(end) = arguments.find([' ', '=']) else { return Some((Expected::Name, arguments)) };
    let (name, rest) = arguments.split_at(end);
    let rest = rest.trim_start();
    let Some(value) = rest.strip_prefix('=').map(str::trim_start) else {
        return Some((if rest.is_empty() { Expected::Value { name, equals: false } } else { Expected::Elsewhere }, ""));
    };
    if value.is_empty() {
        return Some((Expected::Value { name, equals: true }, ""));
    }
    let is_in_text = value.matches('"').count() % 2 == 1;
    let (before, text) = value.rsplit_once('"').unwrap_or((value, ""));
    let Some(table) = before.strip_prefix('{') else {
        return Some(if is_in_text { (Expected::Version { name }, text) } else { (Expected::Elsewhere, "") });
    };
    if is_in_text {
        let list = table.rfind('[').filter(|open| !table[*open..].contains(']'));
        let before = list.map_or(table, |open| &table[..open]).trim_end().trim_end_matches('=').trim_end();
        let expected = match (before.rsplit([',', ' ']).next().unwrap_or_default(), list) {
            ("version", None) => Expected::Version { name },
            ("features", Some(open)) => Expected::Feature { name, list: &table[open..] },
            _ => Expected::Elsewhere,
        };
        return Some((expected, text));
    }
    let table = value.strip_prefix('{').unwrap_or_default();
    let key = table.rsplit(',').next().unwrap_or_default().trim_start();
    let is_key = key.chars().all(|char| char.is_alphanumeric() || char == '-') && !is_in_list(table);
    Some(if is_key { (Expected::Key, key) } else { (Expected::Elsewhere, "") })
}

fn is_in_list(table: &str) -> bool {
    table.rfind('[') > table.rfind(']')
}

impl Registry {
    fn complete(&self, line: &str) -> Option<(Vec<Completion>, usize)> {
        let (expected, word) = expected_in(line)?;
        let matching = |kind: &str, texts: Vec<String>| -> Vec<Completion> {
            let texts = texts.into_iter().filter(|text| text.starts_with(word));
            texts.map(|text| Completion { text, kind: kind.to_owned() }).collect()
        };
        let matches = match expected {
            Expected::Name => matching("module", self.names(word).into_iter().collect()),
            Expected::Value { name, equals } => {
                let version = self.newest(name).unwrap_or_else(|| "*".to_owned());
                let sign = if equals { "" } else { "= " };
                let values =
                    [format!("{sign}\"{version}\""), format!("{sign}{{ version = \"{version}\", features = [] }}")];
                matching("value", values.to_vec())
            }
            Expected::Key => matching("property", KEYS.iter().map(|key| format!("{key} = ")).collect()),
            Expected::Version { name } => {
                let mut versions = matching("value", self.versions(name));
                versions.truncate(MOST_VERSIONS);
                versions
            }
            Expected::Feature { name, list } => {
                let is_new = |feature: &String| !list.contains(&format!("\"{feature}\""));
                matching("value", self.features(name).into_iter().filter(is_new).collect())
            }
            Expected::Elsewhere => Vec::new(),
        };
        Some((matches, word.chars().count()))
    }

    /// The names that begin like this. cargo keeps a file for each crate, in directories named after its first letters.
    fn names(&self, start: &str) -> BTreeSet<String> {
        let levels = |directory: &PathBuf| -> Vec<PathBuf> {
            entries(&directory.join(".cache")).iter().flat_map(|first| entries(first)).collect()
        };
        let found = self.directories.iter().flat_map(levels);
        // Crates of one or two letters are one level higher.
        let files = found.flat_map(|path| if path.is_dir() { entries(&path) } else { vec![path] });
        let names = files.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()));
        names.chain([OWN.to_owned()]).filter(|name| name.starts_with(start)).collect()
    }

    fn find(&self, name: &str) -> Option<Crate> {
        let indexes = self.directories.iter().map(|path| SparseIndex::at_path(path.clone(), "sparse+".to_owned()));
        indexes.into_iter().find_map(|index| index.crate_from_cache(name).ok())
    }

    fn newest(&self, name: &str) -> Option<String> {
        let known = self.find(name)?;
        Some(known.highest_normal_version().unwrap_or(known.highest_version()).version().to_owned())
    }

    /// The newest first.
    fn versions(&self, name: &str) -> Vec<String> {
        let Some(known) = self.find(name) else { return Vec::new() };
        let usable = known.versions().iter().rev().filter(|version| !version.is_yanked());
        usable.map(|version| version.version().to_owned()).collect()
    }

    fn features(&self, name: &str) -> BTreeSet<String> {
        let Some(known) = self.find(name) else { return BTreeSet::new() };
        let newest = known.highest_normal_version().unwrap_or(known.highest_version());
        let optional = newest.dependencies().iter().filter(|dependency| dependency.is_optional());
        let named = newest.features().values().flatten().filter_map(|feature| feature.strip_prefix("dep:"));
        let hidden: BTreeSet<&str> = named.collect();
        // An optional dependency is a feature, unless a feature names it with `dep:`.
        let implied = optional.map(|dependency| dependency.name()).filter(|name| !hidden.contains(name));
        newest.features().keys().map(String::as_str).chain(implied).map(str::to_owned).collect()
    }
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(directory).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_expected() {
        let name = "a-b";
        for (line, expected) in [
            (":dep ", (Expected::Name, "")),
            ("  :dep  re", (Expected::Name, "re")),
            (":dep a-b ", (Expected::Value { name, equals: false }, "")),
            (":dep a-b = ", (Expected::Value { name, equals: true }, "")),
            (r#":dep a-b="1."#, (Expected::Version { name }, "1.")),
            (r#":dep a-b = "1""#, (Expected::Elsewhere, "")),
            (":dep a-b = { ", (Expected::Key, "")),
            (r#":dep a-b = { version = "1", fea"#, (Expected::Key, "fea")),
            (r#":dep a-b = { version = "1"#, (Expected::Version { name }, "1")),
            (r#":dep a-b = { features = ["x", "y"#, (Expected::Feature { name, list: r#"["x", "# }, "y")),
            (":dep a-b = { features = [\"x\", ", (Expected::Elsewhere, "")),
            (r#":dep a-b = { features = ["x"], def"#, (Expected::Key, "def")),
            (":dep a-b = { features = [\"x\"], version = \"", (Expected::Version { name }, "")),
            (r#":dep a-b = { path = "../"#, (Expected::Elsewhere, "../")),
        ] {
            assert_eq!(expected_in(line), Some(expected), "{line}");
        }
        assert_eq!(expected_in(":deps x"), None);
        assert_eq!(expected_in(":dep"), None);
    }

    #[test]
    fn what_cargo_has_met() {
        let directory = tempfile::tempdir().unwrap();
        let cache = directory.path().join(".cache");
        let write = |path: &str, versions: &[&str]| {
            let path = cache.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            // The form of cargo's own cache: its version, that of the index, the etag, then each version.
            let mut bytes = vec![3, 2, 0, 0, 0];
            bytes.extend(b"etag: x\0");
            for version in versions {
                let name = path.file_name().unwrap().to_str().unwrap();
                let dependency = |name: &str| {
                    serde_json::json!({
                        "name": name, "req": "^1", "features": [], "optional": true, "default_features": true,
                        "target": null, "kind": "normal",
                    })
                };
                let json = serde_json::json!({
                    "name": name, "vers": version, "cksum": "0".repeat(64), "yanked": *version == "1.2.0",
                    "features": {"default": ["std"], "std": ["dep:memchr"]},
                    "deps": [dependency("memchr"), dependency("log")],
                });
                bytes.extend(format!("{version}\0{json}\0").bytes());
            }
            std::fs::write(path, bytes).unwrap();
        };
        write("re/ge/regex", &["1.0.0", "1.1.0", "1.2.0"]);
        write("re/ge/regex-lite", &["0.1.0"]);
        write("3/r/ryu", &["1.0.0"]);
        let registry = Registry { directories: vec![directory.path().to_owned()] };
        let texts = |line: &str| {
            let (matches, replaced) = registry.complete(line).unwrap();
            (matches.into_iter().map(|found| found.text).collect::<Vec<_>>(), replaced)
        };
        assert_eq!(texts(":dep reg"), (vec!["regex".to_owned(), "regex-lite".to_owned()], 3));
        assert_eq!(texts(":dep ry").0, ["ryu"]);
        assert_eq!(texts(":dep ferro").0, ["ferrobook"]);
        assert_eq!(texts(":dep regex ").0, [r#"= "1.1.0""#, r#"= { version = "1.1.0", features = [] }"#]);
        assert_eq!(texts(":dep nobody = ").0[0], "\"*\"");
        assert_eq!(texts(r#":dep regex = "1"#), (vec!["1.1.0".to_owned(), "1.0.0".to_owned()], 1));
        assert_eq!(texts(":dep regex = { features = [\"std\", \"").0, ["default", "log"]);
        assert_eq!(texts(":dep regex = { de"), (vec!["default-features = ".to_owned()], 2));
        assert_eq!(texts(":dep nobody = { features = [\"").0, Vec::<String>::new());
    }
}
