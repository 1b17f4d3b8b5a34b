//! Text without the directory that it was made in.

use memchr::memmem;
use std::path::Path;

/// Stands for the directory in what is stored. No path holds this character by accident.
const HERE: &str = "\u{1}here\u{1}";

#[derive(Clone, Debug)]
pub struct Places {
    crate_dir: String,
}

impl Places {
    /// `None` for a directory whose name looks different in JSON, in dep-info or to the linker.
    pub fn new(crate_dir: &Path) -> Option<Self> {
        let crate_dir = crate_dir.to_str()?;
        let plain = |char: char| char.is_alphanumeric() || "/._-+@~".contains(char);
        let is_plain = crate_dir.starts_with('/') && crate_dir.len() > 1 && crate_dir.chars().all(plain);
        is_plain.then(|| Self { crate_dir: crate_dir.to_owned() })
    }

    pub fn crate_dir(&self) -> &str {
        &self.crate_dir
    }

    /// The text as it is stored.
    pub fn portable(&self, text: &str) -> String {
        text.replace(&self.crate_dir, HERE)
    }

    /// Stored text as it is here.
    pub fn local(&self, text: &str) -> String {
        text.replace(HERE, &self.crate_dir)
    }

    pub fn are_in(&self, bytes: &[u8]) -> bool {
        memmem::find(bytes, self.crate_dir.as_bytes()).is_some()
    }
}
