//! To a cell without asking cargo, which would look at everything again and call rustc as it did the last time: to its
//! library, when it was compiled before, and to rustc, when it was not.
//!
//! That it would is known when nothing has changed that cargo looks at: its arguments, its environment, the manifest and
//! the lock file of the cells' package, its configuration, itself. Of what it cannot be known (a dependency on disk, a
//! build script that watches other files) cargo is asked.

use crate::call::Call;
use crate::last_call;
use crate::real_cargo::CellCall;
use crate::wrapper::Wrapper;
use crate::wrapping::{WRAPPING, Wrapping};
use ferrobook_cache::content::{self, Hash, Stamp};
use ferrobook_cache::environment::Environment;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The last call, and under which conditions.
const SHORTCUT: &str = "ferrobook-shortcut.json";

/// All that cargo looks at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conditions {
    arguments: Vec<String>,
    environment: Environment,
    next_wrapper: Option<PathBuf>,
    package: Vec<(PathBuf, Option<Hash>)>,
    others: Vec<(PathBuf, Option<Stamp>)>,
}

/// How cargo has called the compiler for the last cell, and under which conditions it would do so again.
#[derive(Serialize, Deserialize)]
pub struct Shortcut {
    conditions: Conditions,
    call: Call,
}

impl Conditions {
    /// As they are now. `None` when they are more than is understood.
    pub fn now(cargo: &Path, call: &CellCall, wrapping: &Wrapping) -> Option<Self> {
        let crate_dir = &wrapping.crate_dir;
        // rustup's proxy can be another cargo from one moment to the next.
        let is_proxy =
            |path: &PathBuf| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"rustup"));
        let cargo = cargo.canonicalize().ok().filter(|path| !is_proxy(path))?;
        let arguments = call.arguments.iter().map(|word| word.to_str().map(str::to_owned)).collect::<Option<_>>()?;
        let environment = Environment::of_this_process().with("RUSTFLAGS", &call.rustflags);
        let package = ["Cargo.toml", "Cargo.lock", ".cargo/config.toml"].map(|name| crate_dir.join(name));
        let home = environment.get("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| Some(Path::new(environment.get("HOME")?).join(".cargo")))?;
        let above = crate_dir.ancestors().skip(1).map(|directory| directory.join(".cargo"));
        let configurations =
            above.chain([home]).flat_map(|directory| ["config", "config.toml"].map(|name| directory.join(name)));
        let others = configurations.chain([cargo]).map(|path| (Stamp::of(&path).ok(), path));
        Some(Self {
            package: package.map(|path| (content::file(&path).ok(), path)).map(|(hash, path)| (path, hash)).to_vec(),
            others: others.map(|(stamp, path)| (path, stamp)).collect(),
            arguments,
            environment,
            next_wrapper: wrapping.next.clone(),
        })
    }

    /// Whether cargo has nothing to look at that is not part of the conditions.
    fn are_complete(&self, crate_dir: &Path) -> bool {
        let packages = std::fs::read_to_string(crate_dir.join("Cargo.lock")).unwrap_or_default();
        let mut packages = packages.split("[[package]]").skip(1);
        let is_fixed = |package: &str| {
            let is = |start: &str| package.lines().any(|line| line.starts_with(start));
            is("source = \"registry+") || is("name = \"ctx\"")
        };
        let replaces = |path: &Path| {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            ["paths", "patch", "include"].iter().any(|word| text.contains(word))
        };
        packages.all(is_fixed)
            && !self.others.iter().any(|(path, stamp)| {
                stamp.is_some() && path.ends_with("config") | path.ends_with("config.toml") && replaces(path)
            })
            && !build_scripts_watch_files(crate_dir)
    }
}

/// A build script that asks for files of its own package only is as fixed as the package.
fn build_scripts_watch_files(crate_dir: &Path) -> bool {
    let directories = |path: PathBuf| {
        std::fs::read_dir(path).into_iter().flatten().filter_map(|entry| entry.ok().map(|entry| entry.path()))
    };
    let profiles =
        directories(crate_dir.join("target")).flat_map(|path| [path.join("build"), path.join("debug/build")]);
    let outputs = profiles.flat_map(directories).map(|path| path.join("output"));
    outputs.filter_map(|path| std::fs::read_to_string(path).ok()).any(|output| {
        let watched = output.lines().filter_map(|line| {
            line.strip_prefix("cargo:rerun-if-changed=").or_else(|| line.strip_prefix("cargo::rerun-if-changed="))
        });
        let mut outside = watched.filter(|path| Path::new(path).is_absolute() || path.contains(".."));
        outside.any(|path| !path.contains("/registry/src/"))
    })
}

/// Called before cargo runs.
pub fn forget(crate_dir: &Path) {
    last_call::forget(crate_dir);
    let _ = std::fs::remove_file(crate_dir.join(SHORTCUT));
}

/// Called when cargo has succeeded under these conditions.
pub fn record(crate_dir: &Path, conditions: Conditions) -> std::io::Result<()> {
    // What cargo itself has changed: the lock file of a new dependency.
    let package = conditions.package.iter().all(|(path, hash)| content::file(path).ok() == *hash);
    if !package || !conditions.are_complete(crate_dir) {
        return Ok(());
    }
    let Some(call) = last_call::newest(crate_dir) else { return Ok(()) };
    let shortcut = Shortcut { conditions, call };
    std::fs::write(crate_dir.join(SHORTCUT), serde_json::to_vec(&shortcut)?)
}

impl Shortcut {
    /// What cargo would do under these conditions, if that is known.
    pub fn of(crate_dir: &Path, conditions: &Conditions) -> Option<Self> {
        let shortcut: Self = serde_json::from_slice(&std::fs::read(crate_dir.join(SHORTCUT)).ok()?).ok()?;
        (shortcut.conditions == *conditions).then_some(shortcut)
    }

    /// Puts the library of the cell at `target`, if it is stored.
    pub fn take(&self, wrapping: &Wrapping, target: &Path) -> Option<()> {
        Wrapper::new(wrapping.clone(), self.call.clone())?.library(target)
    }

    /// Calls `wrapper` as cargo would, and the library that it makes then.
    pub fn compile(&self, wrapper: &Path, wrapping: &Wrapping) -> Option<(Command, PathBuf)> {
        let library = self.call.library(wrapping.kind)?;
        let mut command = self.call.of_wrapper(wrapper, wrapping);
        command.env(WRAPPING, serde_json::to_string(wrapping).ok()?);
        Some((command, library))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::last_call::CALL;
    use ferrobook_protocol::build::Kind;

    const LOCK: &str = "version = 4\n\n[[package]]\nname = \"ctx\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"itoa\"\n\
                        source = \"registry+https://github.com/rust-lang/crates.io-index\"\n";

    /// A package, and a program in the place of cargo.
    fn package() -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = directory.path().join("crate").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("Cargo.toml", "[package]\nname = \"ctx\"\n");
        write("Cargo.lock", LOCK);
        write(".cargo/config.toml", "[net]\noffline = false\n");
        std::fs::write(directory.path().join("cargo"), "").unwrap();
        let package = directory.path().canonicalize().unwrap().join("crate");
        (directory, package)
    }

    fn now_with(package: &Path, cargo: &str, arguments: &[&str]) -> Option<Conditions> {
        let call = CellCall { arguments: arguments.iter().map(Into::into).collect(), rustflags: String::new() };
        Conditions::now(&package.with_file_name(cargo), &call, &wrapping(package))
    }

    fn wrapping(package: &Path) -> Wrapping {
        Wrapping {
            kind: Kind::Cell,
            store: None,
            fresh: true,
            crate_dir: package.to_owned(),
            host: "/host".into(),
            next: Some("/users/wrapper".into()),
        }
    }

    fn now(package: &Path) -> Conditions {
        now_with(package, "cargo", &["build"]).unwrap()
    }

    #[test]
    fn whatever_cargo_looks_at_is_a_condition() {
        let (_directory, package) = package();
        let before = now(&package);
        assert_eq!(now(&package), before);
        for name in ["Cargo.toml", "Cargo.lock", ".cargo/config.toml", "../cargo", "../.cargo/config.toml"] {
            let path = package.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            let text = std::fs::read(&path).ok();
            std::fs::write(&path, "# changed\n").unwrap();
            assert_ne!(now(&package), before, "{name}");
            match text {
                // The time of a change is one, too.
                Some(text) if !name.starts_with("..") => {
                    std::fs::write(&path, text).unwrap();
                    assert_eq!(now(&package), before, "{name}");
                }
                Some(_) => break,
                None => std::fs::remove_file(&path).unwrap(),
            }
        }
        let others = now_with(&package, "cargo", &["build", "--offline"]).unwrap();
        assert_ne!(others, now(&package));
        std::fs::rename(package.with_file_name("cargo"), package.with_file_name("rustup")).unwrap();
        assert!(now_with(&package, "rustup", &["build"]).is_none(), "a proxy");
    }

    #[test]
    fn cargo_is_asked_about_what_is_not_a_condition() {
        let (_directory, package) = package();
        let complete = || now(&package).are_complete(&package);
        assert!(complete());
        std::fs::write(package.join("Cargo.lock"), format!("{LOCK}\n[[package]]\nname = \"on_disk\"\n")).unwrap();
        assert!(!complete(), "a dependency on disk");
        std::fs::write(package.join("Cargo.lock"), LOCK).unwrap();
        assert!(complete());
        let config = package.with_file_name(".cargo/config.toml");
        std::fs::create_dir_all(config.parent().unwrap()).unwrap();
        std::fs::write(&config, "paths = [\"/itoa\"]\n").unwrap();
        assert!(!complete(), "a dependency that is replaced");
        std::fs::remove_file(config).unwrap();
        let output = package.join("target/x86_64-unknown-linux-gnu/debug/build/sys-1/output");
        std::fs::create_dir_all(output.parent().unwrap()).unwrap();
        std::fs::write(&output, "cargo:rerun-if-changed=build.rs\ncargo::rerun-if-env-changed=CC\n").unwrap();
        assert!(complete());
        std::fs::write(&output, "cargo::rerun-if-changed=/usr/include/x.h\n").unwrap();
        assert!(!complete(), "a file of the system");
    }

    #[test]
    fn rustc_is_called_as_cargo_has_called_it() {
        let (_directory, package) = package();
        let arguments =
            "--crate-name ctx src/lib.rs --crate-type cdylib --emit=dep-info,link --json=artifacts --out-dir /c/deps";
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let call = serde_json::json!({
            "programs": ["/users/wrapper", "/bin/rustc"], "arguments": arguments,
            "environment": {"A": "1", "CARGO_MAKEFLAGS": "-j --jobserver-fds=3,4"},
        });
        std::fs::write(package.join(CALL), call.to_string()).unwrap();
        record(&package, now(&package)).unwrap();
        let shortcut = Shortcut::of(&package, &now(&package)).unwrap();
        let (command, library) = shortcut.compile(Path::new("/ferrobook-rustc"), &wrapping(&package)).unwrap();
        assert_eq!(library, Path::new("/c/deps/libctx.so"));
        let called: Vec<_> = command.get_args().map(|word| word.to_str().unwrap()).collect();
        assert_eq!(called, [&["/bin/rustc"], &arguments[..]].concat(), "the wrapper calls the user's own");
        let environment: Vec<_> = command.get_envs().map(|(name, _)| name.to_str().unwrap()).collect();
        assert_eq!(environment, ["A", WRAPPING]);
        std::fs::write(package.join("Cargo.toml"), "[package]\nname = \"other\"\n").unwrap();
        assert!(Shortcut::of(&package, &now(&package)).is_none());
    }

    #[test]
    fn a_shortcut_that_cargo_has_overtaken_is_not_kept() {
        let (_directory, package) = package();
        let conditions = now(&package);
        std::fs::write(package.join(CALL), "{\"programs\": [], \"arguments\": [], \"environment\": {}}").unwrap();
        std::fs::write(package.join("Cargo.lock"), format!("{LOCK}\n")).unwrap();
        record(&package, conditions).unwrap();
        assert!(!package.join(SHORTCUT).exists(), "cargo has changed the lock file");
        record(&package, now(&package)).unwrap();
        assert!(package.join(SHORTCUT).exists());
        forget(&package);
        assert!(!package.join(SHORTCUT).exists() && !package.join(CALL).exists());
    }
}
