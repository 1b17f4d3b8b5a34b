//! The directory of results, shared by all kernels of a user.
//!
//! Every file is written under another name and renamed, so that a reader sees all of it or nothing. One lock guards the
//! count of what is there; readers need none, and a file that goes away under them is a miss.

use crate::entry::{Entry, Header};
use crate::inputs::Variant;
use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{BufReader, ErrorKind, Read, Seek, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How many variants of one first key are kept.
const VARIANTS: usize = 16;
/// After the oldest results had to go, this much of the limit is in use.
const LEFT_PERCENT: u64 = 85;
/// Files that somebody began to write and nobody has renamed.
const ABANDONED: Duration = Duration::from_secs(3600);

#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    limit: u64,
}

/// What `%cache` shows. Hits and misses are those since the store was last emptied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    pub entries: u64,
    pub bytes: u64,
    pub hits: u64,
    pub misses: u64,
}

#[derive(Clone, Copy, Debug)]
pub enum Lookup {
    Hit,
    Miss,
}

impl Store {
    /// `limit` is in bytes.
    pub fn new(directory: &Path, limit: u64) -> Self {
        Self { root: directory.join("v1"), limit }
    }

    fn path(&self, key: &str, kind: &str) -> PathBuf {
        let (folder, _) = key.split_at(key.len().min(2));
        self.root.join(folder).join(format!("{key}.{kind}"))
    }

    pub fn variants(&self, first_key: &str) -> Vec<Variant> {
        let path = self.path(first_key, "inputs");
        let Ok(json) = std::fs::read(&path) else { return Vec::new() };
        touch(&path);
        serde_json::from_slice(&json).unwrap_or_default()
    }

    /// `None` when it is not there or damaged.
    pub fn result(&self, key: &str) -> Option<Entry> {
        let path = self.path(key, "result");
        let entry = Entry::from_bytes(&std::fs::read(&path).ok()?);
        match entry {
            Some(_) => touch(&path),
            None => drop(std::fs::remove_file(&path)),
        }
        entry
    }

    /// Stores a result under its own key, and for a compile the way to it.
    pub fn save(&self, key: &str, entry: &Entry, variant: Option<(&str, Variant)>) -> std::io::Result<()> {
        let bytes = entry.to_bytes()?;
        if bytes.len() as u64 > self.limit / 2 {
            return Ok(());
        }
        let mut books = self.books()?;
        self.write(&self.path(key, "result"), &bytes)?;
        if let Some((first_key, variant)) = variant {
            let mut variants = self.variants(first_key);
            variants.retain(|known| *known != variant);
            variants.insert(0, variant);
            variants.truncate(VARIANTS);
            self.write(&self.path(first_key, "inputs"), &serde_json::to_vec(&variants)?)?;
        }
        books.usage.entries += 1;
        books.usage.bytes += bytes.len() as u64;
        if books.usage.bytes > self.limit {
            self.sweep(&mut books.usage, self.limit / 100 * LEFT_PERCENT);
        }
        books.close()
    }

    /// What was kept with [`Self::save_text`].
    pub fn text(&self, key: &str, kind: &str) -> Option<String> {
        let path = self.path(key, kind);
        let text = std::fs::read_to_string(&path).ok()?;
        touch(&path);
        Some(text)
    }

    /// Keeps a text that is no result of a compile. Its `kind` is the ending of its file.
    pub fn save_text(&self, key: &str, kind: &str, text: &str) -> std::io::Result<()> {
        let mut books = self.books()?;
        self.write(&self.path(key, kind), text.as_bytes())?;
        books.usage.bytes += text.len() as u64;
        books.close()
    }

    pub fn count(&self, lookup: Lookup) -> std::io::Result<()> {
        let mut books = self.books()?;
        match lookup {
            Lookup::Hit => books.usage.hits += 1,
            Lookup::Miss => books.usage.misses += 1,
        }
        books.close()
    }

    /// Counts anew what is there.
    pub fn usage(&self) -> std::io::Result<Usage> {
        if !self.root.try_exists()? {
            return Ok(Usage::default());
        }
        let mut books = self.books()?;
        self.sweep(&mut books.usage, u64::MAX);
        let usage = books.usage;
        books.close()?;
        Ok(usage)
    }

    /// Removes all results, and returns what there was.
    pub fn clear(&self) -> std::io::Result<Usage> {
        if !self.root.try_exists()? {
            return Ok(Usage::default());
        }
        let mut books = self.books()?;
        let mut before = books.usage;
        self.sweep(&mut before, u64::MAX);
        self.sweep(&mut books.usage, 0);
        books.usage = Usage::default();
        books.close()?;
        Ok(before)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        let directory = path.parent().unwrap_or(&self.root);
        std::fs::create_dir_all(directory)?;
        let mut temporary = tempfile::Builder::new().prefix(".new-").tempfile_in(directory)?;
        temporary.write_all(bytes)?;
        temporary.persist(path)?;
        Ok(())
    }

    fn books(&self) -> std::io::Result<Books> {
        // Who can write here can have code run.
        DirBuilder::new().recursive(true).mode(0o700).create(&self.root)?;
        let path = self.root.join("usage.json");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let mut file = Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, error)| error)?;
        let mut json = Vec::new();
        file.read_to_end(&mut json)?;
        let usage = serde_json::from_slice(&json).unwrap_or_else(|_| {
            // Whoever wrote it last may have been ended while it did.
            let mut usage = Usage::default();
            self.sweep(&mut usage, u64::MAX);
            usage
        });
        Ok(Books { usage, file })
    }

    /// Removes what was cheap for its size and not used for long, until no more than this is left: a crate that took a minute
    /// outlives cells that took a moment.
    fn sweep(&self, usage: &mut Usage, left: u64) {
        let mut found = Vec::new();
        for folder in entries(&self.root) {
            for path in entries(&folder) {
                let Ok(metadata) = path.metadata() else { continue };
                let used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                let is_new = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".new-"));
                if !is_new {
                    found.push((worth(&path, metadata.len(), used), metadata.len(), path));
                } else if used.elapsed().is_ok_and(|age| age > ABANDONED) {
                    let _ = std::fs::remove_file(path);
                }
            }
        }
        found.sort_by(|(worth, ..), (other, ..)| worth.total_cmp(other));
        let mut bytes: u64 = found.iter().map(|(_, size, _)| size).sum();
        let mut gone = 0;
        for (_, size, path) in &found {
            if bytes <= left {
                break;
            }
            match std::fs::remove_file(path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {}
                _ => {
                    bytes -= size;
                    gone += 1;
                }
            }
        }
        usage.entries = found[gone..].iter().filter(|(_, _, path)| is_result(path)).count() as u64;
        usage.bytes = bytes;
    }
}

/// The count of what is there, locked.
struct Books {
    usage: Usage,
    file: Flock<File>,
}

impl Books {
    fn close(mut self) -> std::io::Result<()> {
        let json = serde_json::to_vec(&self.usage)?;
        self.file.rewind()?;
        self.file.write_all(&json)?;
        self.file.set_len(json.len() as u64)
    }
}

/// What it has cost, for each byte and for each second that nobody has asked for it.
fn worth(path: &Path, size: u64, used: SystemTime) -> f64 {
    /// What finding out costs that something is not there.
    const LEAST_MS: u64 = 10;
    let header = File::open(path).ok().filter(|_| is_result(path)).and_then(|file| Header::read(BufReader::new(file)));
    let cost = header.map_or(0, |header| header.cost_ms).max(LEAST_MS);
    let unused = used.elapsed().unwrap_or_default().as_secs_f64();
    cost as f64 / size.max(1) as f64 / (unused + 1.0)
}

fn is_result(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "result")
}

/// The time of the last use is that of the last change.
fn touch(path: &Path) {
    if let Ok(file) = OpenOptions::new().append(true).open(path) {
        let _ = file.set_modified(SystemTime::now());
    }
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Output;

    fn store(directory: &Path, limit: u64) -> Store {
        Store::new(directory, limit)
    }

    fn entry(size: usize) -> Entry {
        costing(size, 0)
    }

    fn costing(size: usize, cost_ms: u64) -> Entry {
        let output = Output::new("a".into(), false, vec![7; size]);
        Entry { exit_code: 0, stdout: String::new(), stderr: String::new(), cost_ms, files: vec![output] }
    }

    fn variant(result: &str) -> Variant {
        Variant { result: result.into(), ..Variant::default() }
    }

    #[test]
    fn the_least_recently_used_results_go() {
        let directory = tempfile::tempdir().unwrap();
        let store = store(directory.path(), 10_000);
        for key in ["aa1", "bb2", "cc3"] {
            store.save(key, &entry(3000), Some((key, variant(key)))).unwrap();
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(store.result("aa1").is_some());
        std::thread::sleep(Duration::from_millis(20));
        store.save("dd4", &entry(3000), None).unwrap();
        assert_eq!(["aa1", "bb2", "cc3", "dd4"].map(|key| store.result(key).is_some()), [true, false, false, true]);
        let usage = store.usage().unwrap();
        assert!(usage.bytes <= 8500 && usage.entries == 2, "{usage:?}");
        store.save("ee5", &entry(6000), None).unwrap();
        assert!(store.result("ee5").is_none(), "larger than half of all");
    }

    #[test]
    fn what_has_cost_much_outlives_what_has_cost_little() {
        let directory = tempfile::tempdir().unwrap();
        let store = store(directory.path(), 10_000);
        store.save("aa1", &costing(3000, 60_000), None).unwrap();
        for key in ["bb2", "cc3", "dd4", "ee5"] {
            std::thread::sleep(Duration::from_millis(20));
            store.save(key, &costing(3000, 100), None).unwrap();
        }
        assert!(store.result("aa1").is_some() && store.result("ee5").is_some());
        assert!(store.result("bb2").is_none() && store.result("cc3").is_none());
    }

    #[test]
    fn a_damaged_result_is_not_there_any_more() {
        let directory = tempfile::tempdir().unwrap();
        let store = store(directory.path(), 1 << 20);
        store.save("aa1", &entry(10), None).unwrap();
        let path = store.path("aa1", "result");
        let mut bytes = std::fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(store.result("aa1"), None);
        assert!(!path.exists());
        std::fs::write(store.path("aa1", "inputs"), "[{").unwrap();
        assert_eq!(store.variants("aa1"), Vec::new());
        std::fs::write(directory.path().join("v1/usage.json"), "{").unwrap();
        store.save("aa1", &entry(10), Some(("aa1", variant("aa1")))).unwrap();
        assert_eq!((store.result("aa1"), store.variants("aa1")), (Some(entry(10)), vec![variant("aa1")]));
    }

    #[test]
    fn many_writers_and_readers_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let store = store(directory.path(), 60_000);
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let store = &store;
                scope.spawn(move || {
                    for round in 0..40 {
                        let key = format!("{:02}k", round % 10);
                        match store.result(&key) {
                            Some(found) => {
                                assert_eq!(found, entry(5000 + round % 10));
                                store.count(Lookup::Hit).unwrap();
                            }
                            None => {
                                let variant = variant(&format!("{key}{thread}"));
                                store.save(&key, &entry(5000 + round % 10), Some(("same", variant))).unwrap();
                                store.count(Lookup::Miss).unwrap();
                            }
                        }
                    }
                });
            }
        });
        let usage = store.usage().unwrap();
        assert_eq!(usage.hits + usage.misses, 8 * 40);
        assert!(usage.bytes <= 60_000, "{usage:?}");
        let before = store.clear().unwrap();
        assert_eq!((before.entries, store.usage().unwrap()), (usage.entries, Usage::default()));
    }
}
