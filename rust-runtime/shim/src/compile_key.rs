//! The first key of a compile: everything that it depends on and that is known before.

use crate::arguments::Invocation;
use crate::compiler::Compiler;
use ferrobook_cache::build_directory::BuildDirectory;
use ferrobook_cache::content::{self, Hash, Stamp};
use ferrobook_cache::environment::Environment;
use ferrobook_cache::key::Key;
use ferrobook_sys::processor;
use std::path::{Path, PathBuf};

/// Changes when stored results mean something else than before.
const FORM: &str = "ferrobook results 2";

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

/// `None` when something cannot be told.
pub fn first(
    invocation: &Invocation,
    is_cell: bool,
    wrapping: &[PathBuf],
    compiler: &Compiler,
    source: &[u8],
    directory: &BuildDirectory,
    environment: &Environment,
) -> Option<Hash> {
    let mut key = Key::new(FORM);
    key.add("version", env!("CARGO_PKG_VERSION"));
    for part in &compiler.identity {
        key.add("compiler", part);
    }
    wrappers(wrapping, environment, &mut key)?;
    key.add("directory", &directory.portable(std::env::current_dir().ok()?.to_str()?));
    key.add("source", invocation.source.to_str()?);
    key.add("text", &content::hash(source));
    for argument in &invocation.arguments {
        let value = argument.value.as_str();
        let ours = match (argument.option.as_str(), value) {
            ("" | "--out-dir" | "--extern", _) => true,
            ("-C", value) => value.starts_with("incremental=") || (is_cell && value.starts_with("metadata=")),
            _ => false,
        };
        if !ours {
            key.add(&argument.option, &directory.portable(value));
        }
        if !ours && argument.option != "-L" {
            named_files(value, &mut key)?;
        }
    }
    key.add("out", &directory.portable(invocation.out_dir.to_str()?));
    externs(invocation, &mut key)?;
    for folder in &invocation.library_directories {
        key.add("libraries", &directory.portable(folder.to_str()?));
        libraries(folder, &mut key)?;
    }
    if invocation.links {
        linker(invocation, environment, &mut key)?;
    }
    if invocation.is_for_this_processor() {
        key.add("processor", &processor::description()?);
    }
    add_variables(environment, &mut key);
    Some(key.hash())
}

/// The key of the answer to a question about the compiler.
pub fn question(
    words: &[String],
    wrapping: &[PathBuf],
    compiler: &Compiler,
    environment: &Environment,
) -> Option<Hash> {
    let mut key = Key::new(FORM);
    for part in compiler.identity.iter().chain(words) {
        key.add("question", part);
    }
    wrappers(wrapping, environment, &mut key)?;
    if words.iter().any(|word| word.ends_with("-cpu=native")) {
        key.add("processor", &processor::description()?);
    }
    add_variables(environment, &mut key);
    Some(key.hash())
}

/// The key of what cc adds when it links.
pub fn linking(cc: &Path, environment: &Environment) -> Option<Hash> {
    let mut key = Key::new("ferrobook linking 1");
    key.add("cc", cc.to_str()?);
    key.add("stamp", &format!("{:?}", Stamp::of(cc).ok()?));
    add_variables(environment, &mut key);
    Some(key.hash())
}

fn externs(invocation: &Invocation, key: &mut Key) -> Option<()> {
    let mut externs: Vec<&(String, PathBuf)> = invocation.externs.iter().collect();
    externs.sort();
    for (name, path) in &externs {
        key.add("extern", name);
        key.add("file", path.file_name()?.to_str()?);
        key.add("content", &content::library(path).ok()?);
    }
    if invocation.links {
        let paths: Vec<PathBuf> = externs.iter().map(|(_, path)| path.clone()).collect();
        for (path, hash) in content::linked(&paths)? {
            key.add(path.file_name()?.to_str()?, &hash);
        }
    }
    // Crates without a path come from the compiler's own directory.
    for argument in invocation.arguments.iter().filter(|argument| argument.option == "--extern") {
        if !argument.value.contains('=') {
            key.add("extern", &argument.value);
        }
    }
    Some(())
}

/// Files that an argument names: objects and scripts for the linker, profiles, descriptions of a target.
fn named_files(value: &str, key: &mut Key) -> Option<()> {
    let named = value.split([',', '=']).filter(|word| !word.is_empty()).map(Path::new).filter(|path| path.is_file());
    for path in named {
        key.add("named", path.to_str()?);
        key.add("content", &content::file(path).ok()?);
    }
    Some(())
}

/// What the linker may find in a directory that a build script has named.
fn libraries(directory: &Path, key: &mut Key) -> Option<()> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Some(()) };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.is_file()) {
        let name = path.file_name()?.to_str()?;
        if [".a", ".so", ".o", ".lib", ".dylib"].iter().any(|ending| name.ends_with(ending)) || name.contains(".so.") {
            key.add("library", name);
            key.add("content", &content::file(path).ok()?);
        }
    }
    Some(())
}

/// Wrappers of the user's own.
fn wrappers(programs: &[PathBuf], environment: &Environment, key: &mut Key) -> Option<()> {
    for program in programs {
        let path = find(program.to_str()?, environment.get("PATH").unwrap_or_default())?;
        key.add("wrapper", path.to_str()?);
        key.add("stamp", &format!("{:?}", Stamp::of(&path).ok()?));
    }
    Some(())
}

fn linker(invocation: &Invocation, environment: &Environment, key: &mut Key) -> Option<()> {
    let linker = invocation.linker.as_deref().unwrap_or("cc");
    for program in [linker, "ld"] {
        let found = find(program, environment.get("PATH").unwrap_or_default());
        let found = found.and_then(|path| Some((path.canonicalize().ok()?, Stamp::of(&path).ok()?)));
        key.add("linker", &format!("{found:?}"));
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

fn add_variables(environment: &Environment, key: &mut Key) {
    for (name, value) in variables(environment) {
        key.add(name, value);
    }
}

fn variables(environment: &Environment) -> impl Iterator<Item = (&str, &str)> {
    environment
        .iter()
        .filter(|(name, _)| VARIABLES.contains(name) || *name == "RUSTC_BOOTSTRAP" || name.starts_with("RUSTC_FORCE"))
}
