//! One file of the store: what a compile has left behind, with a checksum over all of it.
//!
//! Most of a compiled crate is debugging information, which LZ4 makes six times smaller in less time than it takes to write it.

use crate::content::{self, Hash};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

const MAGIC: &[u8] = b"ferrobook 2\n";
const CHECKSUM: usize = 32;
const LENGTH: usize = 8;

/// The result of a compile. Paths are in the form of [`crate::build_directory::BuildDirectory::portable`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub exit_code: i32,
    pub stdout: String,
    pub stderr: String,
    /// What it has cost to compile, in milliseconds.
    pub cost_ms: u64,
    pub files: Vec<Output>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    pub path: String,
    /// Whether it may be executed.
    pub is_program: bool,
    pub content: Vec<u8>,
    /// Of the content.
    pub hash: Hash,
}

impl Output {
    pub fn new(path: String, is_program: bool, content: Vec<u8>) -> Self {
        Self { path, is_program, hash: content::hash(&content), content }
    }
}

/// What is told of an entry, before the content of its files.
#[derive(Serialize, Deserialize)]
pub struct Header {
    exit_code: i32,
    stdout: String,
    stderr: String,
    pub cost_ms: u64,
    files: Vec<File>,
}

#[derive(Serialize, Deserialize)]
struct File {
    path: String,
    is_program: bool,
    hash: Hash,
    /// In bytes, as it is stored.
    stored: usize,
    /// Whether it is stored in the form of [`lz4_flex::block::compress_prepend_size`].
    is_compressed: bool,
}

/// Smaller files, such as most cells' libraries, are stored as they are: a cell would wait for it.
const WORTH_COMPRESSING: usize = 1 << 20;

impl Entry {
    pub fn to_bytes(&self) -> serde_json::Result<Vec<u8>> {
        let mut files = Vec::new();
        let mut contents: Vec<Cow<'_, [u8]>> = Vec::new();
        for file in &self.files {
            let is_compressed = file.content.len() >= WORTH_COMPRESSING;
            let content = match is_compressed {
                true => Cow::Owned(lz4_flex::block::compress_prepend_size(&file.content)),
                false => Cow::Borrowed(&*file.content),
            };
            files.push(File {
                path: file.path.clone(),
                is_program: file.is_program,
                hash: file.hash.clone(),
                stored: content.len(),
                is_compressed,
            });
            contents.push(content);
        }
        let header = serde_json::to_vec(&Header {
            exit_code: self.exit_code,
            stdout: self.stdout.clone(),
            stderr: self.stderr.clone(),
            cost_ms: self.cost_ms,
            files,
        })?;
        let length = (header.len() as u64).to_le_bytes();
        let body: Vec<&[u8]> =
            [&length[..], &header].into_iter().chain(contents.iter().map(|content| &**content)).collect();
        let mut hasher = blake3::Hasher::new();
        for part in &body {
            hasher.update(part);
        }
        Ok([&[MAGIC, hasher.finalize().as_bytes()], &body[..]].concat().concat())
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
        for file in header.files {
            let (stored, rest) = contents.split_at_checked(file.stored)?;
            let content = match file.is_compressed {
                true => lz4_flex::block::decompress_size_prepended(stored).ok()?,
                false => stored.to_vec(),
            };
            files.push(Output { path: file.path, is_program: file.is_program, content, hash: file.hash });
            contents = rest;
        }
        let Header { exit_code, stdout, stderr, cost_ms, .. } = header;
        Some(Self { exit_code, stdout, stderr, cost_ms, files })
    }
}

impl Header {
    /// The header of an entry, without looking at the rest.
    pub fn read(mut entry: impl std::io::Read) -> Option<Self> {
        let mut start = [0; MAGIC.len() + CHECKSUM + LENGTH];
        entry.read_exact(&mut start).ok()?;
        let length = u64::from_le_bytes(start.strip_prefix(MAGIC)?[CHECKSUM..].try_into().ok()?);
        serde_json::from_reader(entry.take(length)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_entry_is_none() {
        let file = |path: &str, content: &[u8]| Output::new(path.into(), true, content.into());
        let entry = Entry {
            exit_code: 1,
            stdout: String::new(),
            stderr: "{}\n".into(),
            cost_ms: 7,
            files: vec![file("a", b"abc"), file("b", b"")],
        };
        let bytes = entry.to_bytes().unwrap();
        assert_eq!(Entry::from_bytes(&bytes), Some(entry));
        assert_eq!(Header::read(&*bytes).unwrap().cost_ms, 7);
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert_eq!(Entry::from_bytes(&damaged), None, "byte {at}");
            assert_eq!(Entry::from_bytes(&bytes[..at]), None, "cut at {at}");
        }
    }

    #[test]
    fn what_is_large_is_stored_in_less() {
        let content: Vec<u8> = (0..WORTH_COMPRESSING * 2).map(|at| (at / 1000) as u8).collect();
        let files = vec![Output::new("a".into(), false, content), Output::new("b".into(), true, b"b".into())];
        let entry = Entry { exit_code: 0, stdout: String::new(), stderr: String::new(), cost_ms: 0, files };
        let bytes = entry.to_bytes().unwrap();
        assert!(bytes.len() < WORTH_COMPRESSING / 10, "{}", bytes.len());
        assert_eq!(Entry::from_bytes(&bytes), Some(entry));
    }
}
