//! How evcxr gets the library of a cell: it reads where it is from a file that it names.

use crate::shortcut::Shortcut;
use crate::wrapping::Wrapping;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Where the library of a cell is put for evcxr, which takes it from there.
pub fn library_of(wrapping: &Wrapping) -> PathBuf {
    wrapping.crate_dir.join("target/libctx.so")
}

/// Gives evcxr the stored library of the cell, if there is one.
pub fn take(shortcut: &Shortcut, wrapping: &Wrapping) -> Option<()> {
    answer().filter(|_| !wrapping.fresh)?;
    let library = library_of(wrapping);
    shortcut.take(wrapping, &library)?;
    give(&library).ok()
}

/// Tells evcxr where the library is, as its own wrapper would.
pub fn give(library: &Path) -> std::io::Result<()> {
    match answer() {
        Some(answer) => std::fs::write(answer, library.as_os_str().as_encoded_bytes()),
        None => Ok(()),
    }
}

/// Tells evcxr that there is a library, which it will not load: it goes on with the errors that it has.
pub fn answer_nothing(crate_dir: &Path) -> Option<()> {
    let library = crate_dir.join("target/nothing.so");
    answer()?;
    std::fs::write(&library, "").ok()?;
    give(&library).ok()
}

/// Where evcxr reads the path of the library, when this is a build and not a check.
pub fn answer() -> Option<OsString> {
    std::env::var_os("EVCXR_EXECUTION_SO_PATH")
}
