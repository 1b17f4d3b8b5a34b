//! What is compiled from C, or another language, into crates. rustc exports from a shared library what Rust code can name; but a
//! cell may have in it, inlined, the call of a C function that only the crate itself has named.

use object::read::ReadCache;
use object::read::archive::ArchiveFile;
use object::read::elf::ElfFile64;
use object::{Object, ObjectSymbol};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

/// How the names of Rust begin: mangled ones, and those of its runtime.
const OF_RUST: [&str; 5] = ["_R", "_ZN", "__rust", "rust_", "anon."];

/// The names of other languages that each of these crates defines.
pub fn of<'a>(crates: impl Iterator<Item = &'a PathBuf>) -> BTreeMap<&'a Path, BTreeSet<String>> {
    let found = crates.filter_map(|path| Some((path.as_path(), names(path)?)));
    found.filter(|(_, names)| !names.is_empty()).collect()
}

/// From the archive's own list.
fn names(path: &Path) -> Option<BTreeSet<String>> {
    let file = ReadCache::new(File::open(path).ok()?);
    let archive = ArchiveFile::parse(&file).ok()?;
    let names = archive.symbols().ok()??.filter_map(|symbol| {
        let name = std::str::from_utf8(symbol.ok()?.name()).ok()?;
        let is_plain = name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_');
        (is_plain && !OF_RUST.iter().any(|start| name.starts_with(start))).then(|| name.to_owned())
    });
    Some(names.collect())
}

/// Has the linker export them, too.
pub fn version_script(functions: &BTreeMap<&Path, BTreeSet<String>>) -> String {
    let names: String = functions.values().flatten().map(|name| format!("{name};\n")).collect();
    format!("{{ global:\n{names}}};\n")
}

/// The crates with functions that no library exports: nobody needed them when it was made, or they are hidden by those who wrote
/// them.
pub fn missing<'a>(functions: &BTreeMap<&'a Path, BTreeSet<String>>, libraries: &[PathBuf]) -> Vec<&'a Path> {
    let exported: BTreeSet<String> = libraries.iter().filter_map(|library| exported(library)).flatten().collect();
    let is_missing = |names: &BTreeSet<String>| names.iter().any(|name| !exported.contains(name));
    functions.iter().filter(|(_, names)| is_missing(names)).map(|(path, _)| *path).collect()
}

fn exported(library: &Path) -> Option<BTreeSet<String>> {
    let file = ReadCache::new(File::open(library).ok()?);
    let library = ElfFile64::<object::Endianness, _>::parse(&file).ok()?;
    let symbols = library.dynamic_symbols().filter(ObjectSymbol::is_definition);
    Some(symbols.filter_map(|symbol| symbol.name().ok().map(str::to_owned)).collect())
}
