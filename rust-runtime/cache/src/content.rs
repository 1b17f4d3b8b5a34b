//! What is in files, as hashes.
//!
//! A compiled crate is hashed once: a note beside it keeps the hash for as long as the file is the same by all that the
//! file system says of it, and the crates that were linked to it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

pub type Hash = String;

pub fn hash(bytes: &[u8]) -> Hash {
    blake3::hash(bytes).to_hex().to_string()
}

pub fn file(path: &Path) -> std::io::Result<Hash> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// All that the file system says about a file without reading it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    pub fn of(path: &Path) -> std::io::Result<Self> {
        Ok(Self::from(&std::fs::metadata(path)?))
    }
}

impl From<&Metadata> for Stamp {
    fn from(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Note {
    stamp: Stamp,
    hash: Hash,
    /// The crates that a program needs which is linked with this one.
    externs: Vec<PathBuf>,
}

fn note_path(library: &Path) -> Option<PathBuf> {
    let name = library.file_name()?.to_str()?;
    Some(library.with_file_name(format!(".{name}.ferrobook")))
}

/// Remembers a library that was compiled, or restored, just now; `hash` is that of its content, if it is known.
pub fn note(library: &Path, hash: Option<Hash>, externs: Vec<PathBuf>) -> std::io::Result<()> {
    let (Some(path), Some(directory)) = (note_path(library), library.parent()) else { return Ok(()) };
    let hash = hash.map_or_else(|| file(library), Ok)?;
    let note = Note { stamp: Stamp::of(library)?, hash, externs };
    let mut temporary = tempfile::NamedTempFile::new_in(directory)?;
    temporary.write_all(&serde_json::to_vec(&note)?)?;
    temporary.persist(path)?;
    Ok(())
}

fn read_note(library: &Path) -> Option<Note> {
    let note: Note = serde_json::from_slice(&std::fs::read(note_path(library)?).ok()?).ok()?;
    (Stamp::of(library).ok()? == note.stamp).then_some(note)
}

/// The hash of a crate as the compiler sees it.
pub fn library(path: &Path) -> std::io::Result<Hash> {
    match read_note(path) {
        Some(note) => Ok(note.hash),
        None => file(path),
    }
}

/// All crates that the linker sees when these are linked, and their hashes. `None` when it is not known which.
pub fn linked(externs: &[PathBuf]) -> Option<BTreeMap<PathBuf, Hash>> {
    let mut linked = BTreeMap::new();
    let mut pending: Vec<PathBuf> = externs.iter().map(|path| compiled(path)).collect();
    while let Some(path) = pending.pop() {
        if linked.contains_key(&path) {
            continue;
        }
        let note = read_note(&path)?;
        pending.extend(note.externs.iter().map(|path| compiled(path)));
        linked.insert(path, note.hash);
    }
    Some(linked)
}

/// A crate of which only the metadata was there when another one began to be compiled.
fn compiled(path: &Path) -> PathBuf {
    match path.extension().is_some_and(|extension| extension == "rmeta") {
        true => path.with_extension("rlib"),
        false => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_hold_for_as_long_as_the_file_does() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        for name in ["liba.rlib", "libb.rlib"] {
            std::fs::write(path(name), name).unwrap();
        }
        assert_eq!(linked(&[path("libb.rlib")]), None);
        note(&path("liba.rlib"), None, Vec::new()).unwrap();
        note(&path("libb.rlib"), None, vec![path("liba.rmeta")]).unwrap();
        let before = linked(&[path("libb.rmeta")]).unwrap();
        assert_eq!(before.len(), 2);
        assert_eq!(library(&path("liba.rlib")).unwrap(), hash(b"liba.rlib"));
        std::fs::write(path("liba.rlib"), "other").unwrap();
        assert_eq!(linked(&[path("libb.rlib")]), None);
        assert_eq!(library(&path("liba.rlib")).unwrap(), hash(b"other"));
        note(&path("liba.rlib"), None, Vec::new()).unwrap();
        assert_ne!(linked(&[path("libb.rlib")]).unwrap(), before);
    }
}
