//! Libraries that this process has loaded.

use crate::system;
use std::path::PathBuf;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadedLibrary {
    pub path: PathBuf,
    /// What its symbols' addresses are to be added to.
    pub base: usize,
}

/// None, where the system is not asked.
pub fn loaded() -> Vec<LoadedLibrary> {
    system::loaded_libraries()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_c_library_is_loaded() {
        let library = loaded().into_iter().find(|library| library.path.to_string_lossy().contains("libc.so")).unwrap();
        assert!(library.base > 0 && library.path.is_file(), "{library:?}");
    }
}
