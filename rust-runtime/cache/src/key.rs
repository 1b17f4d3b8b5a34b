//! The first key of a compile: everything that it depends on and that is known before.

use crate::arguments::Invocation;
use crate::compiler::Compiler;
use crate::content::{self, Hash, Stamp};
use crate::environment::Environment;
use crate::places::Places;
use std::path::{Path, PathBuf};

/// Changes when stored results mean something else than before.
const FORM: &str = "ferrobook results 1";

/// What changes the results of rustc, or of the linker, without being named on the command line.
const VARIABLES: [&str; 7] = [
    "LIBRARY_PATH",
    "COMPILER_PATH",
    "GCC_EXEC_PREFIX",
    "LD_RUN_PATH",
    "SOURCE_DATE_EPOCH",
    "RUST_TARGET_PATH",
    "RUSTUP_TOOLCHAIN",
];

/// Parts of a key, with their lengths, so that none runs into the next.
#[derive(Default)]
struct Parts(blake3::Hasher);

impl Parts {
    fn add(&mut self, name: &str, value: &str) {
        for part in [name, value] {
            self.0.update(&(part.len() as u64).to_le_bytes());
            self.0.update(part.as_bytes());
        }
    }

    fn add_variables(&mut self, environment: &Environment) {
        for (name, value) in variables(environment) {
            self.add(name, value);
        }
    }

    fn hash(&self) -> Hash {
        self.0.finalize().to_hex().to_string()
    }
}

/// `None` when something cannot be told.
pub fn first(
    invocation: &Invocation,
    wrapping: &[PathBuf],
    compiler: &Compiler,
    source: &[u8],
    places: &Places,
    environment: &Environment,
) -> Option<Hash> {
    let mut parts = Parts::default();
    parts.add("form", FORM);
    parts.add("version", env!("CARGO_PKG_VERSION"));
    for part in &compiler.identity {
        parts.add("compiler", part);
    }
    wrappers(wrapping, environment, &mut parts)?;
    parts.add("directory", &places.portable(std::env::current_dir().ok()?.to_str()?));
    parts.add("source", invocation.source.to_str()?);
    parts.add("text", &content::hash(source));
    for argument in &invocation.arguments {
        let value = argument.value.as_str();
        let ours = match (argument.option.as_str(), value) {
            ("" | "--out-dir" | "--extern", _) => true,
            ("-C", value) => {
                value.starts_with("incremental=") || (invocation.is_cell && value.starts_with("metadata="))
            }
            _ => false,
        };
        if !ours {
            parts.add(&argument.option, &places.portable(value));
        }
        if !ours && argument.option != "-L" {
            named_files(value, &mut parts)?;
        }
    }
    parts.add("out", &places.portable(invocation.out_dir.to_str()?));
    externs(invocation, &mut parts)?;
    for directory in &invocation.library_directories {
        parts.add("libraries", &places.portable(directory.to_str()?));
        libraries(directory, &mut parts)?;
    }
    if invocation.links {
        linker(invocation, environment, &mut parts)?;
    }
    if invocation.is_for_this_processor() {
        parts.add("processor", &processor()?);
    }
    parts.add_variables(environment);
    Some(parts.hash())
}

/// The key of the answer to a question about the compiler.
pub fn question(
    words: &[String],
    wrapping: &[PathBuf],
    compiler: &Compiler,
    environment: &Environment,
) -> Option<Hash> {
    let mut parts = Parts::default();
    parts.add("form", FORM);
    for part in compiler.identity.iter().chain(words) {
        parts.add("question", part);
    }
    wrappers(wrapping, environment, &mut parts)?;
    if words.iter().any(|word| word.ends_with("-cpu=native")) {
        parts.add("processor", &processor()?);
    }
    parts.add_variables(environment);
    Some(parts.hash())
}

/// The key of what cc adds when it links.
pub fn linking(cc: &Path, environment: &Environment) -> Option<Hash> {
    let mut parts = Parts::default();
    parts.add("form", "ferrobook linking 1");
    parts.add("cc", cc.to_str()?);
    parts.add("stamp", &format!("{:?}", Stamp::of(cc).ok()?));
    parts.add_variables(environment);
    Some(parts.hash())
}

/// The key of the types of a cell's variables, made of all that they depend on.
pub fn types<'a>(parts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Hash {
    let mut all = Parts::default();
    for (name, value) in [("form", "ferrobook types 1")].into_iter().chain(parts) {
        all.add(name, value);
    }
    all.hash()
}

/// The key of a result.
pub fn result(first_key: &str, variant: &crate::inputs::Variant) -> Option<Hash> {
    let mut parts = Parts::default();
    parts.add("first", first_key);
    parts.add("variant", &serde_json::to_string(variant).ok()?);
    Some(parts.hash())
}

fn externs(invocation: &Invocation, parts: &mut Parts) -> Option<()> {
    let mut externs: Vec<&(String, PathBuf)> = invocation.externs.iter().collect();
    externs.sort();
    for (name, path) in &externs {
        parts.add("extern", name);
        parts.add("file", path.file_name()?.to_str()?);
        parts.add("content", &content::library(path).ok()?);
    }
    if invocation.links {
        let paths: Vec<PathBuf> = externs.iter().map(|(_, path)| path.clone()).collect();
        for hash in content::linked(&paths)? {
            parts.add("linked", &hash);
        }
    }
    // Crates without a path come from the compiler's own directory.
    for argument in invocation.arguments.iter().filter(|argument| argument.option == "--extern") {
        if !argument.value.contains('=') {
            parts.add("extern", &argument.value);
        }
    }
    Some(())
}

/// Files that an argument names: objects and scripts for the linker, profiles, descriptions of a target.
fn named_files(value: &str, parts: &mut Parts) -> Option<()> {
    let named = value.split([',', '=']).filter(|word| !word.is_empty()).map(Path::new).filter(|path| path.is_file());
    for path in named {
        parts.add("named", path.to_str()?);
        parts.add("content", &content::file(path).ok()?);
    }
    Some(())
}

/// What the linker may find in a directory that a build script has named.
fn libraries(directory: &Path, parts: &mut Parts) -> Option<()> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Some(()) };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.is_file()) {
        let name = path.file_name()?.to_str()?;
        if [".a", ".so", ".o", ".lib", ".dylib"].iter().any(|ending| name.ends_with(ending)) || name.contains(".so.") {
            parts.add("library", name);
            parts.add("content", &content::file(path).ok()?);
        }
    }
    Some(())
}

/// Wrappers of the user's own.
fn wrappers(programs: &[PathBuf], environment: &Environment, parts: &mut Parts) -> Option<()> {
    for program in programs {
        let path = find(program.to_str()?, environment.get("PATH").unwrap_or_default())?;
        parts.add("wrapper", path.to_str()?);
        parts.add("stamp", &format!("{:?}", Stamp::of(&path).ok()?));
    }
    Some(())
}

fn linker(invocation: &Invocation, environment: &Environment, parts: &mut Parts) -> Option<()> {
    let linker = invocation.linker.as_deref().unwrap_or("cc");
    for program in [linker, "ld"] {
        let found = find(program, environment.get("PATH").unwrap_or_default());
        let found = found.and_then(|path| Some((path.canonicalize().ok()?, Stamp::of(&path).ok()?)));
        parts.add("linker", &format!("{found:?}"));
    }
    Some(())
}

/// The program that is found by this name.
pub fn find(program: &str, path: &str) -> Option<PathBuf> {
    if program.contains('/') {
        return Some(PathBuf::from(program));
    }
    std::env::split_paths(path).map(|directory| directory.join(program)).find(|candidate| candidate.is_file())
}

/// The first processor in the words of Linux.
fn processor() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let first = text.split("\n\n").next()?;
    let telling = ["vendor_id", "cpu family", "model", "stepping", "flags", "Features", "CPU "];
    Some(first.lines().filter(|line| telling.iter().any(|name| line.starts_with(name))).collect())
}

fn variables(environment: &Environment) -> impl Iterator<Item = (&str, &str)> {
    environment
        .iter()
        .filter(|(name, _)| VARIABLES.contains(name) || *name == "RUSTC_BOOTSTRAP" || name.starts_with("RUSTC_FORCE"))
}
