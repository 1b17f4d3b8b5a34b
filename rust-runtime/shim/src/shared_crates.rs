//! The crates of a notebook as shared libraries, with which all of its cells are linked: their statics and thread-locals are
//! there once, and a cell holds and links no code but its own.
//!
//! Each library is a `dylib` of rustc's that names crates. A notebook that comes to depend on more gets one more of them, which
//! is linked with those before and holds only what they do not: what lives in them goes on living. A cell is linked with the
//! newest. When crates cannot share a library (two of them bring the same C function, say), the newest one is without them, and
//! each cell has its own copy.

use crate::arguments::{Argument, Invocation};
use crate::foreign_functions;
use ferrobook_cache::content::{self, Hash};
use ferrobook_cache::key::Key;
use ferrobook_evcxr_code::names::SHARED_CRATES;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where the libraries are, in the directory of the cells' package.
const DIRECTORY: &str = "target/ferrobook-crates";
/// What is known of them, there.
const NOTES: &str = "libraries.json";
/// How the names of libraries begin.
pub const LIBRARY: &str = "libferrobook_crates_";
/// The way to the libraries from where the shim, and cargo, put that of a cell.
const FROM_CELLS: [&str; 3] =
    ["$ORIGIN/ferrobook-crates", "$ORIGIN/../ferrobook-crates", "$ORIGIN/../../ferrobook-crates"];

/// The libraries of a notebook, the newest at the end.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct SharedCrates {
    libraries: Vec<SharedLibrary>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedLibrary {
    /// The name of the crate: a key of all that is in it and before it.
    name: String,
    /// What cells can use of it, and what was linked when it was made, by the crates' files.
    crates: BTreeMap<PathBuf, Hash>,
    /// Crates with C code that the library does not export. Cells that need it have it of their own.
    foreign: Vec<PathBuf>,
}

impl SharedCrates {
    pub fn read(crate_dir: &Path) -> Self {
        let json = std::fs::read(crate_dir.join(DIRECTORY).join(NOTES)).unwrap_or_default();
        serde_json::from_slice(&json).unwrap_or_default()
    }

    pub fn write(&self, crate_dir: &Path) -> std::io::Result<()> {
        std::fs::write(crate_dir.join(DIRECTORY).join(NOTES), serde_json::to_vec(self)?)
    }

    /// The newest library, if no other is needed for a cell that is linked with these crates.
    pub fn with(&self, linked: &BTreeMap<PathBuf, Hash>, crate_dir: &Path) -> Option<&SharedLibrary> {
        let newest = self.libraries.last().filter(|library| library.path(crate_dir).is_file())?;
        let is_in_one = |(path, hash): (&PathBuf, &Hash)| {
            self.libraries.iter().any(|library| library.crates.get(path) == Some(hash))
        };
        linked.iter().all(is_in_one).then_some(newest)
    }

    /// Forgets all libraries if one holds a crate that was compiled anew since, which could not be in one program with them.
    pub fn forget_outdated(&mut self, linked: &BTreeMap<PathBuf, Hash>) {
        let is_outdated = |library: &SharedLibrary| {
            library.crates.iter().any(|(path, hash)| linked.get(path).is_some_and(|now| now != hash))
        };
        if self.libraries.iter().any(is_outdated) {
            self.libraries.clear();
        }
    }

    /// A library to come, which holds what is in none of the others.
    pub fn next(&self, linked: BTreeMap<PathBuf, Hash>, compiler: &[String], is_shared: bool) -> SharedLibrary {
        let mut key = Key::new("ferrobook crates 1");
        for part in compiler {
            key.add("compiler", part);
        }
        key.add("before", self.libraries.last().map_or("", |library| &library.name));
        key.add("shared", if is_shared { "all" } else { "none" });
        for (path, hash) in &linked {
            key.add(&path.file_name().unwrap_or_default().to_string_lossy(), hash);
        }
        SharedLibrary { name: format!("{SHARED_CRATES}_{}", &key.hash()[..16]), crates: linked, foreign: Vec::new() }
    }

    pub fn newest(&self) -> Option<&SharedLibrary> {
        self.libraries.last()
    }

    /// Takes up a library that was made just now, and returns what cells are told of it.
    pub fn push(&mut self, library: SharedLibrary, crate_dir: &Path) -> SharedLibrary {
        let mut paths: Vec<PathBuf> = self.libraries.iter().map(|library| library.path(crate_dir)).collect();
        paths.push(library.path(crate_dir));
        let functions = foreign_functions::of(library.crates.keys());
        let foreign = foreign_functions::missing(&functions, &paths).into_iter().map(Path::to_owned).collect();
        let library = SharedLibrary { foreign, ..library };
        self.libraries.push(library.clone());
        library
    }
}

impl SharedLibrary {
    /// The key of a compile that is linked with this library.
    pub fn key(&self, compile: &str) -> Hash {
        let mut key = Key::new("ferrobook with crates 1");
        key.add("compile", compile);
        key.add("crates", &self.name);
        key.hash()
    }

    pub fn path(&self, crate_dir: &Path) -> PathBuf {
        crate_dir.join(DIRECTORY).join(format!("lib{}.so", self.name))
    }

    /// What rustc is told in addition for a cell that is linked with it.
    pub fn words_for_cell(&self, crate_dir: &Path) -> Vec<String> {
        let mut words = self.as_extern(crate_dir);
        words.extend(FROM_CELLS.iter().map(|path| format!("-Clink-arg=-Wl,-rpath,{path}")));
        // Of an archive only what is missing is taken.
        words.extend(self.foreign.iter().map(|path| format!("-Clink-arg=-Wl,{}", path.display())));
        words
    }

    fn as_extern(&self, crate_dir: &Path) -> Vec<String> {
        let directory = crate_dir.join(DIRECTORY);
        vec![
            "--extern".to_owned(),
            format!("{SHARED_CRATES}={}", self.path(crate_dir).display()),
            "-L".to_owned(),
            format!("dependency={}", directory.display()),
        ]
    }

    /// Writes the source of the library, and returns rustc's words to make it in the way in which a cell is made that is
    /// linked with these crates. `before` is the newest one.
    pub fn prepare(
        &self,
        cell: &Invocation,
        crates: &[String],
        before: Option<&SharedLibrary>,
        crate_dir: &Path,
    ) -> std::io::Result<Vec<String>> {
        std::fs::create_dir_all(crate_dir.join(DIRECTORY))?;
        let source = format!("{DIRECTORY}/{}.rs", self.name);
        let names = crates.iter().map(String::as_str).chain(before.map(|_| SHARED_CRATES));
        let lines: String = names.map(|name| format!("pub extern crate {name};\n")).collect();
        std::fs::write(crate_dir.join(&source), format!("#![allow(warnings)]\n{lines}"))?;
        let mut words = vec!["--crate-name".to_owned(), self.name.clone(), source];
        words.extend(cell.arguments.iter().filter(|argument| is_for_all(argument)).flat_map(|word| word.words.clone()));
        words.extend(["--crate-type=dylib", "--emit=dep-info,link", "-Cprefer-dynamic"].map(str::to_owned));
        words.push("--out-dir".to_owned());
        words.push(crate_dir.join(DIRECTORY).display().to_string());
        words.push("-Clink-arg=-Wl,-rpath,$ORIGIN".to_owned());
        let functions = foreign_functions::of(self.crates.keys());
        if !functions.is_empty() {
            let script = format!("{DIRECTORY}/{}.map", self.name);
            std::fs::write(crate_dir.join(&script), foreign_functions::version_script(&functions))?;
            words.push(format!("-Clink-arg=-Wl,--version-script={script},--undefined-version"));
        }
        words.extend(before.iter().flat_map(|before| before.as_extern(crate_dir)));
        Ok(words)
    }
}

/// Whether a crate is one of these libraries.
pub fn is_one(crate_name: &str) -> bool {
    crate_name.strip_prefix(SHARED_CRATES).is_some_and(|rest| rest.starts_with('_'))
}

/// The names by which a cell knows its crates.
pub fn crate_names(cell: &Invocation) -> Vec<String> {
    let name = |(name, _): &(String, PathBuf)| name.rsplit(':').next().unwrap_or(name).to_owned();
    cell.externs.iter().map(name).collect()
}

/// Whether the argument is not about the crate of a cell alone.
fn is_for_all(argument: &Argument) -> bool {
    const OF_CELL: [&str; 5] = ["metadata=", "extra-filename=", "incremental=", "prefer-dynamic", "rpath"];
    match argument.option.as_str() {
        "" | "--crate-name" | "--crate-type" | "--emit" | "--out-dir" | "--check-cfg" | "--cfg" | "-W" | "-D"
        | "-F" => false,
        "-C" => !OF_CELL.iter().any(|option| argument.value.starts_with(option)),
        _ => true,
    }
}

/// All crates that a cell is linked with. `None` when it is not known which.
pub fn linked_with(cell: &Invocation) -> Option<BTreeMap<PathBuf, Hash>> {
    let paths: Vec<PathBuf> = cell.externs.iter().map(|(_, path)| path.clone()).collect();
    content::linked(&paths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments;

    fn linked(crates: &[(&str, &str)]) -> BTreeMap<PathBuf, Hash> {
        crates.iter().map(|(name, hash)| (Path::new("/c/deps").join(name), (*hash).to_owned())).collect()
    }

    #[test]
    fn a_notebook_that_depends_on_more_gets_one_library_more() {
        let directory = tempfile::tempdir().unwrap();
        let crate_dir = directory.path();
        std::fs::create_dir_all(crate_dir.join(DIRECTORY)).unwrap();
        let mut shared = SharedCrates::default();
        let first = linked(&[("libitoa-1.rlib", "a")]);
        assert_eq!(shared.with(&first, crate_dir), None);
        let library = shared.next(first.clone(), &[], true);
        shared.push(library.clone(), crate_dir);
        assert_eq!(shared.with(&first, crate_dir), None, "it is not there");
        std::fs::write(library.path(crate_dir), "").unwrap();
        assert_eq!(shared.with(&first, crate_dir), Some(&library));
        assert_eq!(shared.with(&linked(&[]), crate_dir), Some(&library), "less is in it, too");
        let more = linked(&[("libitoa-1.rlib", "a"), ("liblog-2.rlib", "b")]);
        assert_eq!(shared.with(&more, crate_dir), None);
        let second = shared.next(more.clone(), &[], true);
        assert_ne!(second.name, SharedCrates::default().next(more.clone(), &[], true).name, "there is one before it");
        shared.push(second.clone(), crate_dir);
        std::fs::write(second.path(crate_dir), "").unwrap();
        shared.write(crate_dir).unwrap();
        assert_eq!(SharedCrates::read(crate_dir).with(&more, crate_dir), Some(&second));
        shared.forget_outdated(&more);
        assert_eq!(shared.newest(), Some(&second));
        shared.forget_outdated(&linked(&[("libitoa-1.rlib", "changed")]));
        assert_eq!(shared.newest(), None);
    }

    #[test]
    fn a_library_is_made_in_the_way_in_which_a_cell_is() {
        let directory = tempfile::tempdir().unwrap();
        let words = "--crate-name ctx --edition=2024 src/lib.rs --error-format=json --json=artifacts --crate-type cdylib \
                     --emit=dep-info,link -C opt-level=3 -C metadata=1 -C rpath --out-dir /deps --target t -C incremental=/i \
                     -L dependency=/deps --extern noprelude:itoa=/deps/libitoa-1.rlib -Cprefer-dynamic -Ctarget-cpu=native";
        let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        let cell = arguments::parse(&words).unwrap();
        assert_eq!(crate_names(&cell), ["itoa"]);
        let shared = SharedCrates::default();
        let library = shared.next(linked(&[("libitoa-1.rlib", "a")]), &[], true);
        let words = library.prepare(&cell, &crate_names(&cell), None, directory.path()).unwrap();
        let made = arguments::parse(&words).unwrap();
        assert!(is_one(&made.crate_name) && !is_one("ferrobook_crates") && made.links);
        assert_eq!((&*made.crate_types, made.target.as_deref()), (&["dylib".to_owned()][..], Some("t")));
        assert!(made.is_for_this_processor() && made.incremental.is_none());
        assert_eq!(made.externs, cell.externs);
        assert_eq!(made.out_dir.join(format!("lib{}.so", library.name)), library.path(directory.path()));
        let source = std::fs::read_to_string(directory.path().join(made.source)).unwrap();
        assert!(source.ends_with("pub extern crate itoa;\n"), "{source}");
        let words = library.words_for_cell(directory.path()).join(" ");
        assert!(words.contains(&format!("ferrobook_crates={}", library.path(directory.path()).display())), "{words}");
    }
}
