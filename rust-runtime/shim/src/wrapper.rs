//! `ferrobook-rustc`: rustc, unless its result is known.

mod crates;
mod results;

use crate::arguments::{self, Invocation};
use crate::call::{Call, command};
use crate::compile_key;
use crate::compiler::{Compiler, is_machine_code};
use crate::last_call;
use crate::linker;
use crate::local_crates;
use crate::shared_crates::{self, SharedCrates};
use crate::wrapping::{WRAPPING, Wrapping};
use ferrobook_cache::build_directory::BuildDirectory;
use ferrobook_cache::entry::Entry;
use ferrobook_cache::environment::Environment;
use ferrobook_cache::store::{Lookup, Store};
use ferrobook_evcxr_code::SOURCE;
use ferrobook_protocol::build::{Cargo, Kind};
use ferrobook_sys::lifetime;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
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
            // There is no library of crates then.
            if let Err(error) = link_crates_themselves(arguments) {
                eprintln!("error: {SOURCE} cannot be changed: {error}");
            }
            let error = command(&programs, arguments).exec();
            eprintln!("error: cannot run {}: {error}", programs[0].display());
            ExitCode::FAILURE
        }
    }
}

/// Has the cell, if it is one, linked with the crates.
fn link_crates_themselves(arguments: &[OsString]) -> std::io::Result<()> {
    let words = arguments.iter().map(|word| word.to_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
    let invocation = words.as_deref().and_then(arguments::parse);
    if !invocation.is_some_and(|invocation| invocation.makes(Kind::Cell)) {
        return Ok(());
    }
    match ferrobook_evcxr_code::without_shared_crates(&std::fs::read_to_string(SOURCE)?) {
        Some(text) => std::fs::write(SOURCE, text),
        None => Ok(()),
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
        results::write_new(target, &library.content, library.is_program).ok()?;
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

    /// Whether it is a cell's library, or one for the crates of cells.
    fn is_ours(&self, invocation: &Invocation) -> bool {
        self.is_cell(invocation) || shared_crates::is_one(&invocation.crate_name)
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

fn code(exit_code: i32) -> u8 {
    u8::try_from(exit_code).unwrap_or(1)
}

fn uses_shared_crates(source: &[u8]) -> bool {
    std::str::from_utf8(source).is_ok_and(ferrobook_evcxr_code::uses_shared_crates)
}
