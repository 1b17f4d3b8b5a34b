//! What a compile has read besides what was known before, and whether that is still so.

use crate::build_directory::BuildDirectory;
use crate::content;
use crate::environment::Environment;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// One result of a first key: these files and this environment led to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// Paths, in the form of [`BuildDirectory::portable`] and from the directory of the compile, and what was in the files.
    pub files: Vec<(String, content::Hash)>,
    /// What `env!` and `option_env!` have seen; `None` for what was not set.
    pub environment: Vec<(String, Option<String>)>,
    /// The only directory that the result is good for.
    pub only_in: Option<String>,
    /// The key of the result.
    pub result: String,
}

impl Variant {
    pub fn holds(&self, directory: &BuildDirectory, environment: &Environment) -> bool {
        let here = self.only_in.as_ref().is_none_or(|only| only == directory.path());
        let is_set = |(name, seen): &(String, Option<String>)| {
            environment.get(name).map(str::to_owned) == seen.as_ref().map(|value| directory.local(value))
        };
        let unchanged = |(path, hash): &(String, content::Hash)| {
            content::file(Path::new(&directory.local(path))).is_ok_and(|found| found == *hash)
        };
        here && self.environment.iter().all(is_set) && self.files.iter().all(unchanged)
    }
}

/// What rustc writes in the `.d` file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct DepInfo {
    pub files: Vec<PathBuf>,
    pub environment: Vec<(String, Option<String>)>,
}

impl DepInfo {
    pub fn parse(text: &str) -> Self {
        let mut found = Self::default();
        for line in text.lines() {
            if let Some(variable) = line.strip_prefix("# env-dep:") {
                found.environment.push(match variable.split_once('=') {
                    Some((name, value)) => (unescape(name), Some(unescape(value))),
                    None => (unescape(variable), None),
                });
            } else if let Some(path) = line.strip_suffix(':').filter(|line| !line.starts_with('#')) {
                // Each file that was read is a target without prerequisites.
                found.files.push(PathBuf::from(path.replace("\\ ", " ")));
            }
        }
        found
    }

    /// Whether a file may have been written after the compiler had read it. What cargo has others write into the
    /// package of the cells nobody else writes.
    pub fn may_have_changed_since(&self, start: SystemTime, directory: &BuildDirectory) -> bool {
        /// How much the clock of a file system may lag behind.
        const GRAIN: Duration = Duration::from_millis(20);
        let start = start - GRAIN;
        self.files.iter().filter(|path| !path.starts_with(directory.path())).any(|path| {
            let changed = |metadata: std::fs::Metadata| {
                let seconds = std::os::unix::fs::MetadataExt::ctime(&metadata);
                let nanoseconds = std::os::unix::fs::MetadataExt::ctime_nsec(&metadata);
                let since = Duration::new(seconds.try_into().ok()?, nanoseconds.try_into().ok()?);
                Some(SystemTime::UNIX_EPOCH + since)
            };
            path.metadata().ok().and_then(changed).is_none_or(|changed| changed > start)
        })
    }
}

/// rustc writes line breaks and backslashes as in a string of Rust.
fn unescape(text: &str) -> String {
    let mut unescaped = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => match chars.next() {
                Some('n') => unescaped.push('\n'),
                Some('r') => unescaped.push('\r'),
                Some(char) => unescaped.push(char),
                None => unescaped.push('\\'),
            },
            char => unescaped.push(char),
        }
    }
    unescaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dep_info() {
        let text = "/c/ctx.d: src/lib.rs /a\\ b/x.txt\n\n/c/libctx.so: src/lib.rs /a\\ b/x.txt\n\nsrc/lib.rs:\n/a\\ b/x.txt:\n\n\
                    # env-dep:HOME=/root\n# env-dep:LINES=a\\nb\\\\c\n# env-dep:UNSET\n";
        let found = DepInfo::parse(text);
        assert_eq!(found.files, [Path::new("src/lib.rs"), Path::new("/a b/x.txt")]);
        let set = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
        assert_eq!(found.environment, [set("HOME", "/root"), set("LINES", "a\nb\\c"), ("UNSET".to_owned(), None)]);
    }

    #[test]
    fn a_variant_holds_while_files_and_environment_are_the_same() {
        let temporary = tempfile::tempdir().unwrap();
        let directory = BuildDirectory::new(temporary.path()).unwrap();
        let path = temporary.path().join("x.txt");
        std::fs::write(&path, "1").unwrap();
        let environment = Environment::from([("HOME", "/root")]);
        let variant = Variant {
            files: vec![(directory.portable(path.to_str().unwrap()), content::hash(b"1"))],
            environment: vec![("HOME".into(), Some("/root".into())), ("FERROBOOK_UNSET".into(), None)],
            ..Variant::default()
        };
        assert!(variant.holds(&directory, &environment));
        assert!(
            !variant.holds(&BuildDirectory::new(Path::new("/elsewhere")).unwrap(), &environment),
            "the file is not there"
        );
        let other = |name: &str, value: Option<&str>| Variant {
            environment: vec![(name.into(), value.map(str::to_owned))],
            ..variant.clone()
        };
        assert!(!other("HOME", Some("/other")).holds(&directory, &environment));
        assert!(!other("HOME", None).holds(&directory, &environment));
        assert!(!other("FERROBOOK_UNSET", Some("")).holds(&directory, &environment));
        assert!(!Variant { only_in: Some("/elsewhere".into()), ..variant.clone() }.holds(&directory, &environment));
        std::fs::write(&path, "2").unwrap();
        assert!(!variant.holds(&directory, &environment));
    }

    #[test]
    fn a_file_that_changes_during_the_compile() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x.txt");
        std::fs::write(&path, "1").unwrap();
        let info = DepInfo { files: vec![path.clone()], ..DepInfo::default() };
        let elsewhere = BuildDirectory::new(Path::new("/elsewhere")).unwrap();
        let now = SystemTime::now();
        assert!(info.may_have_changed_since(now, &elsewhere));
        assert!(!info.may_have_changed_since(now + Duration::from_secs(1), &elsewhere));
        assert!(!info.may_have_changed_since(now, &BuildDirectory::new(directory.path()).unwrap()));
        std::fs::remove_file(path).unwrap();
        assert!(info.may_have_changed_since(now + Duration::from_secs(1), &elsewhere));
    }
}
