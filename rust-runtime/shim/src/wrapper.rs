//! `ferrobook-rustc`: rustc, unless its result is known.

use crate::arguments::{self, Invocation};
use crate::call::{Call, command};
use crate::compile_key;
use crate::compiler::{Compiler, is_machine_code};
use crate::last_call;
use crate::linker;
use crate::local_crates;
use crate::shared_crates::{self, SharedCrates, SharedLibrary};
use crate::wrapping::{WRAPPING, Wrapping};
use ferrobook_cache::build_directory::BuildDirectory;
use ferrobook_cache::content;
use ferrobook_cache::entry::{Entry, Output};
use ferrobook_cache::environment::Environment;
use ferrobook_cache::inputs::{DepInfo, Variant};
use ferrobook_cache::key;
use ferrobook_cache::store::{Lookup, Store};
use ferrobook_protocol::build::Cargo;
use ferrobook_sys::{lifetime, umask};
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::SystemTime;

/// `words` are the program of the compiler, perhaps behind other wrappers, and its arguments.
pub fn run(words: Vec<OsString>) -> ExitCode {
    let wrapping = std::env::var(WRAPPING).ok().and_then(|json| serde_json::from_str::<Wrapping>(&json).ok());
    let (programs, arguments) = words.split_at(programs(&words));
    if programs.is_empty() {
        eprintln!("ferrobook-rustc stands before rustc while Ferrobook compiles cells, and does nothing by itself");
        return ExitCode::from(2);
    }
    let all = wrapping.iter().filter_map(|wrapping| wrapping.next.clone()).map(OsString::from);
    let programs: Vec<PathBuf> = all.chain(programs.iter().cloned()).map(PathBuf::from).collect();
    let words = arguments.iter().map(|word| word.to_str().map(str::to_owned)).collect();
    let call = |arguments| Call { programs: programs.clone(), arguments, environment: Environment::of_this_process() };
    let wrapper = wrapping.zip(words).and_then(|(wrapping, words)| Wrapper::new(wrapping, call(words)));
    let compiled = match wrapper {
        Some(wrapper) => wrapper.answer(),
        None => Ok(None),
    };
    match compiled {
        Ok(Some(code)) => ExitCode::from(code),
        // Whatever is in the way: the compiler does not need us.
        Ok(None) | Err(_) => {
            let error = command(&programs, arguments).exec();
            eprintln!("error: cannot run {}: {error}", programs[0].display());
            ExitCode::FAILURE
        }
    }
}

/// How many words come before the arguments.
fn programs(words: &[OsString]) -> usize {
    words.iter().position(|word| word.as_encoded_bytes().starts_with(b"-")).unwrap_or(words.len())
}

pub struct Wrapper {
    wrapping: Wrapping,
    store: Option<Store>,
    directory: BuildDirectory,
    call: Call,
}

/// The exit code of a compiler that has panicked.
const PANICKED: i32 = 101;

/// A compile that a result may be stored of.
struct Compile<'a> {
    invocation: &'a Invocation,
    store: &'a Store,
    first_key: String,
    source: Vec<u8>,
}

/// What a compiler has done.
struct Compiled {
    code: Option<i32>,
    stderr: String,
}

impl Wrapper {
    pub fn new(wrapping: Wrapping, call: Call) -> Option<Self> {
        let directory = BuildDirectory::new(&wrapping.crate_dir)?;
        let store = wrapping.store.as_ref().map(|store| Store::new(&store.directory, store.limit));
        Some(Self { wrapping, store, directory, call })
    }

    /// Puts the library of the cell where the shim wants to have it, if it is known. cargo would call the compiler as
    /// it did the last time.
    pub fn library(&self, target: &Path) -> Option<()> {
        let invocation = arguments::parse(&self.call.arguments).filter(|invocation| self.is_cell(invocation))?;
        let source = std::fs::read(&invocation.source).ok()?;
        let shared = match uses_shared_crates(&source) {
            true => {
                let known = SharedCrates::read(&self.wrapping.crate_dir);
                Some(known.with(&shared_crates::linked_with(&invocation)?, &self.wrapping.crate_dir)?.clone())
            }
            false => None,
        };
        let compile = self.storing(&invocation, &self.compiler().ok()?, source, shared.as_ref())?;
        let entry = self.find(&compile).filter(|entry| entry.exit_code == 0)?;
        let dep_info = self.stored(&invocation.dep_info());
        let [library] = &entry.files.iter().filter(|file| file.path != dep_info).collect::<Vec<_>>()[..] else {
            return None;
        };
        write_new(target, &library.content, library.is_program).ok()?;
        self.tell(&Cargo::Compiled { cell: true, cached: true });
        self.report(compile.store.count(Lookup::Hit));
        Some(())
    }

    fn is_cell(&self, invocation: &Invocation) -> bool {
        invocation.makes(self.wrapping.kind)
    }

    fn compiler(&self) -> std::io::Result<Compiler> {
        Compiler::of(self.call.programs.last().unwrap_or(&self.call.programs[0]))
    }

    /// `None` when the words are the compiler's alone.
    fn answer(&self) -> std::io::Result<Option<u8>> {
        match arguments::parse(&self.call.arguments) {
            Some(invocation) => self.compile(&invocation, &mut std::io::stderr().lock()).map(Some),
            None => self.question(),
        }
    }

    /// What cargo asks of a compiler before it uses it, and rust-analyzer through cargo.
    fn question(&self) -> std::io::Result<Option<u8>> {
        let is_question = arguments::is_question(&self.call.arguments);
        let Some(store) = self.store.as_ref().filter(|_| is_question) else { return Ok(None) };
        let Some(key) =
            compile_key::question(&self.call.arguments, &self.call.programs, &self.compiler()?, &self.call.environment)
        else {
            return Ok(None);
        };
        let mut command = command(&self.call.programs, &self.call.arguments);
        let Some(entry) = self.ask_once(store, &key, &mut command)? else { return Ok(None) };
        std::io::stdout().write_all(entry.stdout.as_bytes())?;
        std::io::stderr().write_all(entry.stderr.as_bytes())?;
        Ok(Some(code(entry.exit_code)))
    }

    /// What a program answers, without asking it again. `None` when the answer is no text.
    fn ask_once(&self, store: &Store, key: &str, command: &mut Command) -> std::io::Result<Option<Entry>> {
        if let Some(entry) = store.result(key) {
            return Ok(Some(entry));
        }
        let output = command.stdin(Stdio::null()).output()?;
        let text = |bytes| String::from_utf8(bytes).ok();
        let (Some(stdout), Some(stderr)) = (text(output.stdout), text(output.stderr)) else { return Ok(None) };
        let entry =
            Entry { exit_code: output.status.code().unwrap_or(1), stdout, stderr, cost_ms: 0, files: Vec::new() };
        if output.status.success() {
            self.report(store.save(key, &entry, None));
        }
        Ok(Some(entry))
    }

    /// What the compiler says goes to `messages`.
    fn compile(&self, invocation: &Invocation, messages: &mut dyn Write) -> std::io::Result<u8> {
        if self.is_cell(invocation) {
            // Without it cargo is called the next time.
            let _ = last_call::remember(&self.wrapping.crate_dir, &self.call);
        }
        let compiler = self.compiler()?;
        let source = std::fs::read(&invocation.source)?;
        let shared = match self.is_cell(invocation) && uses_shared_crates(&source) {
            true => Some(self.share_crates(invocation, &compiler)?),
            false => None,
        };
        let is_local = !self.is_ours(invocation) && local_crates::is_one(invocation)?;
        let storing = self.storing(invocation, &compiler, source, shared.as_ref());
        if let Some(compile) = &storing
            && let Some(entry) = self.find(compile)
        {
            if let Err(error) = self.restore(&entry, compile, messages) {
                eprintln!("warning: a stored result could not be written: {error}");
            } else {
                self.tell(&Cargo::Compiled { cell: self.is_cell(invocation), cached: true });
                self.report(compile.store.count(Lookup::Hit));
                return Ok(code(entry.exit_code));
            }
        }
        self.tell(&Cargo::Compiled { cell: self.is_cell(invocation), cached: false });
        let start = SystemTime::now();
        let libraries = compiler.libraries(invocation.target.as_deref());
        let mut words = invocation.words(self.directory.path());
        if self.is_ours(invocation) {
            words.push(format!("-Clink-arg=-Wl,-rpath,{}", libraries.display()));
        }
        if is_local {
            words.push(local_crates::identity());
        }
        words.extend(shared.iter().flat_map(|library| library.words_for_cell(&self.wrapping.crate_dir)));
        let _ = std::fs::remove_file(invocation.dep_info());
        let mut compiled = match self.linked_directly(invocation, &compiler, &words, messages)? {
            Some(compiled) => compiled,
            None => self.rustc(&words, messages)?,
        };
        if compiled.code == Some(PANICKED)
            && let Some(directory) = &invocation.incremental
        {
            // Most often it is what an earlier run has left there that a compiler stumbles over.
            std::fs::remove_dir_all(directory)?;
            compiled = self.rustc(&words, messages)?;
        }
        let mut kept = Vec::new();
        if let Some(compile) = storing {
            self.report(compile.store.count(Lookup::Miss));
            match self.save(&compile, &compiled, start) {
                Ok(files) => kept = files,
                error => self.report(error.map(drop)),
            }
        }
        self.note(invocation, &compiled.stderr, &kept);
        Ok(compiled.code.map_or(1, code))
    }

    /// The library with the crates of a cell, which is made if there is none that holds them.
    fn share_crates(&self, cell: &Invocation, compiler: &Compiler) -> std::io::Result<SharedLibrary> {
        let crate_dir = &self.wrapping.crate_dir;
        let mut shared = SharedCrates::read(crate_dir);
        let linked = shared_crates::linked_with(cell).unwrap_or_default();
        if let Some(library) = shared.with(&linked, crate_dir) {
            return Ok(library.clone());
        }
        shared.forget_outdated(&linked);
        let names = shared_crates::crate_names(cell);
        let mut refusal = String::new();
        for is_shared in [true, false] {
            if is_shared && linked.is_empty() {
                continue;
            }
            let library = shared.next(linked.clone(), &compiler.identity, is_shared);
            let names: &[String] = if is_shared { &names } else { &[] };
            let arguments = library.prepare(cell, names, shared.newest(), crate_dir)?;
            let mut messages = Vec::new();
            if self.make(arguments, &mut messages)? {
                if !is_shared && !linked.is_empty() {
                    self.tell(&Cargo::CratesNotShared { reason: refusal });
                }
                let library = shared.push(library, crate_dir);
                shared.write(crate_dir)?;
                return Ok(library);
            }
            refusal = first_error(&String::from_utf8_lossy(&messages)).unwrap_or_default();
        }
        Err(std::io::Error::other(format!("a library for the crates cannot be made: {refusal}")))
    }

    /// Has the compiler called in another way. False when it fails.
    fn make(&self, arguments: Vec<String>, messages: &mut Vec<u8>) -> std::io::Result<bool> {
        let Some(invocation) = arguments::parse(&arguments) else { return Ok(false) };
        let call = Call { arguments, ..self.call.clone() };
        let Some(wrapper) = Self::new(self.wrapping.clone(), call) else { return Ok(false) };
        Ok(wrapper.compile(&invocation, messages)? == 0)
    }

    /// Whether it is a cell's library, or one for the crates of cells.
    fn is_ours(&self, invocation: &Invocation) -> bool {
        self.is_cell(invocation) || shared_crates::is_one(&invocation.crate_name)
    }

    /// `None` when the result is not to be stored, or is not known to depend on nothing else.
    fn storing<'a>(
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

    fn find(&self, compile: &Compile) -> Option<Entry> {
        let variants = compile.store.variants(&compile.first_key);
        variants
            .iter()
            .filter(|variant| variant.holds(&self.directory, &self.call.environment))
            .find_map(|variant| compile.store.result(&variant.result))
    }

    fn restore(&self, entry: &Entry, compile: &Compile, messages: &mut dyn Write) -> std::io::Result<()> {
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

    /// Compiles a cell without cc. `None` when it has to be compiled with it.
    fn linked_directly(
        &self,
        invocation: &Invocation,
        compiler: &Compiler,
        words: &[String],
        messages: &mut dyn Write,
    ) -> std::io::Result<Option<Compiled>> {
        let Some((linker, words)) = self.words_without_cc(invocation, compiler, words) else { return Ok(None) };
        let compiled = self.rustc(&words, &mut std::io::sink())?;
        if compiled.code != Some(0) && compiled.stderr.contains(&*linker.to_string_lossy()) {
            // What is wrong with it cc says in the words that people know.
            return Ok(None);
        }
        messages.write_all(compiled.stderr.as_bytes())?;
        Ok(Some(compiled))
    }

    /// lld, and rustc's words with it in the place of cc.
    fn words_without_cc(
        &self,
        invocation: &Invocation,
        compiler: &Compiler,
        words: &[String],
    ) -> Option<(PathBuf, Vec<String>)> {
        let store = self.store.as_ref().filter(|_| self.is_ours(invocation))?;
        let linker = linker::of_toolchain(&compiler.sysroot, invocation)?;
        let cc = compile_key::find("cc", self.call.environment.get("PATH")?)?.canonicalize().ok()?;
        if !is_machine_code(&cc).ok()? {
            return None;
        }
        let key = compile_key::linking(&cc, &self.call.environment)?;
        let answer = self.ask_once(store, &key, Command::new(cc).args(linker::QUESTION)).ok()??;
        let words = linker::words_for(&linker, words, &linker::added_by_cc(&answer.stderr)?)?;
        Some((linker, words))
    }

    /// Runs the compiler. What it says is handed on while it says it: cargo goes on with the next crate as soon as the
    /// metadata of this one are there.
    fn rustc(&self, words: &[String], messages: &mut dyn Write) -> std::io::Result<Compiled> {
        let mut command = command(&self.call.programs, words);
        // Or cargo would wait for its output.
        lifetime::end_with_this_process(&mut command);
        let mut child = command.stderr(Stdio::piped()).spawn()?;
        let mut stderr = Vec::new();
        if let Some(pipe) = child.stderr.take() {
            let mut pipe = BufReader::new(pipe);
            loop {
                let start = stderr.len();
                if pipe.read_until(b'\n', &mut stderr)? == 0 {
                    break;
                }
                messages.write_all(&stderr[start..])?;
            }
        }
        let status = child.wait()?;
        let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
        Ok(Compiled { code, stderr: String::from_utf8_lossy(&stderr).into_owned() })
    }

    /// Stores what may be stored, and returns it.
    fn save(&self, compile: &Compile, compiled: &Compiled, start: SystemTime) -> std::io::Result<Vec<Output>> {
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

    fn stored(&self, path: &Path) -> String {
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
    fn note(&self, invocation: &Invocation, stderr: &str, known: &[Output]) {
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

    /// Says that the store cannot be used; that is no reason not to compile.
    fn report(&self, result: std::io::Result<()>) {
        if let Err(error) = result
            && let Some(store) = &self.wrapping.store
        {
            let text = format!("compiled cells cannot be kept in {}: {error}", store.directory.display());
            self.tell(&Cargo::CacheTrouble { text });
        }
    }

    fn tell(&self, message: &Cargo) {
        if let (Ok(json), Ok(socket)) = (serde_json::to_vec(message), UnixDatagram::unbound()) {
            let _ = socket.send_to(&json, &self.wrapping.host);
        }
    }
}

/// Writes a new file: a library that was loaded once must not be taken for the same one.
fn write_new(path: &Path, content: &[u8], is_program: bool) -> std::io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new(""));
    let mut temporary = tempfile::Builder::new().prefix(".ferrobook-").tempfile_in(directory)?;
    temporary.write_all(content)?;
    let mode = if is_program { 0o777 } else { 0o666 } & !umask::current();
    temporary.as_file().set_permissions(PermissionsExt::from_mode(mode))?;
    temporary.persist(path)?;
    Ok(())
}

fn code(exit_code: i32) -> u8 {
    u8::try_from(exit_code).unwrap_or(1)
}

/// The files that rustc says it has written.
fn artifacts(stderr: &str) -> Vec<PathBuf> {
    let messages = stderr.lines().filter(|line| line.starts_with("{\"$message_type\":\"artifact\""));
    let messages = messages.filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    messages.filter_map(|message| message["artifact"].as_str().map(PathBuf::from)).collect()
}

fn uses_shared_crates(source: &[u8]) -> bool {
    std::str::from_utf8(source).is_ok_and(ferrobook_evcxr_code::uses_shared_crates)
}

/// What the compiler has refused first, in the words of the linker if it is the linker's.
fn first_error(stderr: &str) -> Option<String> {
    let messages = stderr.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut errors = messages.filter(|message| message["level"] == "error");
    let error = errors.next()?;
    let said = |text: &serde_json::Value| text.as_str().map(|text| text.trim().to_owned());
    let notes = error["children"].as_array().into_iter().flatten().filter_map(|note| said(&note["message"]));
    let of_linker = notes.flat_map(|note| note.lines().map(str::to_owned).collect::<Vec<_>>());
    of_linker
        .into_iter()
        .find_map(|line| Some(line.split_once("error: ")?.1.to_owned()))
        .or_else(|| said(&error["message"]))
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
