//! One file of the store: what a compile has left behind, with a checksum over all of it.

use serde::{Deserialize, Serialize};

const MAGIC: &[u8] = b"ferrobook 1\n";
const CHECKSUM: usize = 32;
const LENGTH: usize = 8;

/// The result of a compile. Paths are in the form of [`crate::build_directory::BuildDirectory::portable`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub exit_code: i32,
    pub stdout: String,
    pub stderr: String,
    pub files: Vec<Output>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    pub path: String,
    /// Whether it may be executed.
    pub is_program: bool,
    pub content: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    exit_code: i32,
    stdout: String,
    stderr: String,
    files: Vec<(String, bool, usize)>,
}

impl Entry {
    pub fn to_bytes(&self) -> serde_json::Result<Vec<u8>> {
        let files = self.files.iter().map(|file| (file.path.clone(), file.is_program, file.content.len())).collect();
        let header = serde_json::to_vec(&Header {
            exit_code: self.exit_code,
            stdout: self.stdout.clone(),
            stderr: self.stderr.clone(),
            files,
        })?;
        let contents: usize = self.files.iter().map(|file| file.content.len()).sum();
        let mut body = Vec::with_capacity(LENGTH + header.len() + contents);
        body.extend((header.len() as u64).to_le_bytes());
        body.extend(header);
        for file in &self.files {
            body.extend(&file.content);
        }
        Ok([MAGIC, blake3::hash(&body).as_bytes(), &body].concat())
    }

    /// `None` for anything but what [`Self::to_bytes`] has made.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (checksum, body) = bytes.strip_prefix(MAGIC)?.split_at_checked(CHECKSUM)?;
        if blake3::hash(body).as_bytes() != checksum {
            return None;
        }
        let (length, rest) = body.split_at_checked(LENGTH)?;
        let length = usize::try_from(u64::from_le_bytes(length.try_into().ok()?)).ok()?;
        let (header, mut contents) = rest.split_at_checked(length)?;
        let header: Header = serde_json::from_slice(header).ok()?;
        let mut files = Vec::new();
        for (path, is_program, length) in header.files {
            let (content, rest) = contents.split_at_checked(length)?;
            files.push(Output { path, is_program, content: content.to_vec() });
            contents = rest;
        }
        Some(Self { exit_code: header.exit_code, stdout: header.stdout, stderr: header.stderr, files })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_entry_is_none() {
        let file = |path: &str, content: &[u8]| Output { path: path.into(), is_program: true, content: content.into() };
        let entry = Entry {
            exit_code: 1,
            stdout: String::new(),
            stderr: "{}\n".into(),
            files: vec![file("a", b"abc"), file("b", b"")],
        };
        let bytes = entry.to_bytes().unwrap();
        assert_eq!(Entry::from_bytes(&bytes), Some(entry));
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert_eq!(Entry::from_bytes(&damaged), None, "byte {at}");
            assert_eq!(Entry::from_bytes(&bytes[..at]), None, "cut at {at}");
        }
    }
}
