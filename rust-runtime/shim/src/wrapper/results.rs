//! What a compile has left behind: in the store, and back from there.

use super::{Compiled, Wrapper};
use crate::arguments::Invocation;
use crate::compile_key;
use crate::compiler::Compiler;
use crate::shared_crates::{self, SharedLibrary};
use ferrobook_cache::content;
use ferrobook_cache::entry::{Entry, Output};
use ferrobook_cache::inputs::{DepInfo, Variant};
use ferrobook_cache::key;
use ferrobook_cache::store::Store;
use ferrobook_sys::umask;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A compile that a result may be stored of.
pub struct Compile<'a> {
    pub invocation: &'a Invocation,
    pub store: &'a Store,
    first_key: String,
    source: Vec<u8>,
}

impl Wrapper {
    /// `None` when the result is not to be stored, or is not known to depend on nothing else.
    pub(super) fn storing<'a>(
        &'a self,
        invocation: &'a Invocation,
        compiler: &Compiler,
        source: Vec<u8>,
        shared: Option<&SharedLibrary>,
    ) -> Option<Compile<'a>> {
        let store = self.store.as_ref()?;
        if (self.is_cell(invocation) && self.wrapping.fresh) || !invocation.out_dir.starts_with(self.directory.path()) {
            return None;
        }
        let (_, wrappers) = self.call.programs.split_last()?;
        let first_key = compile_key::first(
            invocation,
            self.is_cell(invocation),
            wrappers,
            compiler,
            &source,
            &self.directory,
            &self.call.environment,
        )?;
        let first_key = match shared {
            Some(library) => library.key(&first_key),
            None => first_key,
        };
        Some(Compile { invocation, store, first_key, source })
    }

    pub(super) fn find(&self, compile: &Compile) -> Option<Entry> {
        let variants = compile.store.variants(&compile.first_key);
        variants
            .iter()
            .filter(|variant| variant.holds(&self.directory, &self.call.environment))
            .find_map(|variant| compile.store.result(&variant.result))
    }

    pub(super) fn restore(&self, entry: &Entry, compile: &Compile, messages: &mut dyn Write) -> std::io::Result<()> {
        for file in &entry.files {
            let path = PathBuf::from(self.directory.local(&file.path));
            match std::str::from_utf8(&file.content) {
                Ok(text) if path == compile.invocation.dep_info() => {
                    write_new(&path, self.directory.local(text).as_bytes(), false)?
                }
                _ => write_new(&path, &file.content, file.is_program)?,
            }
        }
        let stderr = self.directory.local(&entry.stderr);
        self.note(compile.invocation, &stderr, &entry.files);
        messages.write_all(stderr.as_bytes())
    }

    /// Stores what may be stored, and returns it.
    pub(super) fn save(
        &self,
        compile: &Compile,
        compiled: &Compiled,
        start: SystemTime,
    ) -> std::io::Result<Vec<Output>> {
        let cost = start.elapsed().unwrap_or_default();
        let invocation = compile.invocation;
        let succeeded = compiled.code == Some(0);
        let is_known_failure =
            compiled.code == Some(1) && self.is_cell(invocation) && only_coded_errors(&compiled.stderr);
        let unchanged = std::fs::read(&invocation.source).is_ok_and(|source| source == compile.source);
        let Ok(dep_info) = std::fs::read_to_string(invocation.dep_info()) else { return Ok(Vec::new()) };
        let mut read = DepInfo::parse(&dep_info);
        read.files.retain(|path| *path != invocation.source);
        let is_settled = unchanged && !read.may_have_changed_since(start, &self.directory);
        if !is_settled || !(succeeded || is_known_failure) {
            return Ok(Vec::new());
        }
        let mut files = Vec::new();
        if succeeded {
            for path in artifacts(&compiled.stderr) {
                let Some(file) = self.output(&path, invocation)? else { return Ok(Vec::new()) };
                files.push(file);
            }
            if files.is_empty() {
                return Ok(Vec::new());
            }
        }
        let is_bound = files
            .iter()
            .any(|file| file.path != self.stored(&invocation.dep_info()) && self.directory.is_in(&file.content));
        let stored = |text: &str| if is_bound { text.to_owned() } else { self.directory.portable(text) };
        let mut variant = Variant { only_in: is_bound.then(|| self.directory.path().to_owned()), ..Variant::default() };
        for path in &read.files {
            let (Some(text), Ok(hash)) = (path.to_str(), content::file(path)) else { return Ok(Vec::new()) };
            variant.files.push((stored(text), hash));
        }
        for (name, value) in read.environment {
            variant.environment.push((name, value.as_deref().map(stored)));
        }
        let Some(key) = key::result(&compile.first_key, &variant) else { return Ok(Vec::new()) };
        variant.result = key.clone();
        let entry = Entry {
            exit_code: compiled.code.unwrap_or(1),
            stdout: String::new(),
            stderr: self.directory.portable(&compiled.stderr),
            cost_ms: cost.as_millis() as u64,
            files,
        };
        compile.store.save(&key, &entry, Some((&compile.first_key, variant)))?;
        Ok(entry.files)
    }

    pub(super) fn stored(&self, path: &Path) -> String {
        self.directory.portable(&path.display().to_string())
    }

    /// `None` when the file is good only where it is.
    fn output(&self, path: &Path, invocation: &Invocation) -> std::io::Result<Option<Output>> {
        let mut content = std::fs::read(path)?;
        let is_program = path.metadata()?.permissions().mode() & 0o100 != 0;
        if path == invocation.dep_info() {
            content = self.directory.portable(&String::from_utf8_lossy(&content)).into_bytes();
        } else if invocation.links && needs_library(&content, &invocation.crate_directories) {
            return Ok(None);
        }
        Ok(Some(Output::new(self.stored(path), is_program, content)))
    }

    /// Notes what was linked into the crates that were compiled, for those that will be linked with them. `known` are files whose
    /// hash is known.
    pub(super) fn note(&self, invocation: &Invocation, stderr: &str, known: &[Output]) {
        if self.is_cell(invocation) {
            return;
        }
        for path in artifacts(stderr) {
            if path.extension().is_some_and(|extension| extension == "rlib" || extension == "so") {
                let externs = invocation.externs.iter().map(|(_, path)| path.clone()).collect();
                // Without a note the crates that are linked with this one are not stored.
                let stored = self.stored(&path);
                let hash = known.iter().find(|file| file.path == stored).map(|file| file.hash.clone());
                let _ = content::note(&path, hash, externs);
            }
        }
    }
}

/// Writes a new file: a library that was loaded once must not be taken for the same one.
pub fn write_new(path: &Path, content: &[u8], is_program: bool) -> std::io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new(""));
    let mut temporary = tempfile::Builder::new().prefix(".ferrobook-").tempfile_in(directory)?;
    temporary.write_all(content)?;
    let mode = if is_program { 0o777 } else { 0o666 } & !umask::current();
    temporary.as_file().set_permissions(PermissionsExt::from_mode(mode))?;
    temporary.persist(path)?;
    Ok(())
}

/// The files that rustc says it has written.
fn artifacts(stderr: &str) -> Vec<PathBuf> {
    let messages = stderr.lines().filter(|line| line.starts_with("{\"$message_type\":\"artifact\""));
    let messages = messages.filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    messages.filter_map(|message| message["artifact"].as_str().map(PathBuf::from)).collect()
}

/// Errors with a code are about the program. Others are about files that are not there, or about the linker.
fn only_coded_errors(stderr: &str) -> bool {
    let mut coded = false;
    for line in stderr.lines() {
        let Ok(message) = serde_json::from_str::<serde_json::Value>(line) else { return false };
        if message["level"].as_str().is_some_and(|level| level.starts_with("error")) {
            match message["code"]["code"].as_str() {
                Some(_) => coded = true,
                None if message["message"].as_str().is_some_and(|text| text.starts_with("aborting due to")) => {}
                None => return false,
            }
        }
    }
    coded
}

/// Whether a shared library of the build directory is part of a program.
fn needs_library(program: &[u8], directories: &[PathBuf]) -> bool {
    let entries = directories.iter().filter_map(|directory| std::fs::read_dir(directory).ok()).flatten();
    let names = entries.filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()));
    // Those with shared crates have a name by what is in them.
    let names = names.filter(|name| !name.starts_with(shared_crates::LIBRARY));
    let mut libraries = names.filter(|name| name.ends_with(".so") && name.starts_with("lib") && name != "libctx.so");
    libraries.any(|name| memchr::memmem::find(program, name.as_bytes()).is_some())
}
