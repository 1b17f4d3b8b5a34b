//! Text without the directory that it was made in.

use memchr::memmem;
use std::path::Path;

/// Stands for the directory in what is stored. No path holds this character by accident.
const HERE: &str = "\u{1}here\u{1}";

#[derive(Clone, Debug)]
pub struct BuildDirectory {
    path: String,
}

impl BuildDirectory {
    /// `None` for a directory whose name looks different in JSON, in dep-info or to the linker.
    pub fn new(directory: &Path) -> Option<Self> {
        let directory = directory.to_str()?;
        let plain = |char: char| char.is_alphanumeric() || "/._-+@~".contains(char);
        let is_plain = directory.starts_with('/') && directory.len() > 1 && directory.chars().all(plain);
        is_plain.then(|| Self { path: directory.to_owned() })
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    /// The text as it is stored.
    pub fn portable(&self, text: &str) -> String {
        text.replace(&self.path, HERE)
    }

    /// Stored text as it is here.
    pub fn local(&self, text: &str) -> String {
        text.replace(HERE, &self.path)
    }

    pub fn is_in(&self, bytes: &[u8]) -> bool {
        memmem::find(bytes, self.path.as_bytes()).is_some()
    }
}
