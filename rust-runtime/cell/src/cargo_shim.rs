//! Stands for `cargo` while evcxr calls it: runs the real one in a process group of its own, so that an interrupt can
//! end it, and tells the host what it prints, while it prints it.

use crate::check;
use crate::compiler_messages;
use crate::foreseen;
use crate::generated_code::{self, Origin};
use crate::hints;
use crate::shared_statics::Definitions;
use crate::validation;
use crate::variables::Variables;
use ferrobook_cache::lifetime;
use ferrobook_cache::settings::{DEBUG_CELL, FRESH_CELL, NEXT_WRAPPER, STORE, TARGET_CPU, WRAPPING, Wrapping};
use ferrobook_cache::shortcut::{self, Conditions, Shortcut};
use ferrobook_protocol::cell::{Cargo, GENERATED, GENERATIONS};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, killpg, sigaction};
use nix::unistd::{Pid, getpid, setpgid};
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicI32, Ordering};

/// What evcxr has cargo compile, in the directory that it calls cargo in.
pub const SOURCE: &str = "src/lib.rs";
/// The code that has failed the last time, if compiling it in another way would bring nothing new.
const FAILED: &str = "failed.rs";

/// What a cell is compiled with in addition when it is to be checked. Its dependencies stay as they are.
const CHECKS: [&str; 4] = [
    "--config",
    "profile.dev.package.ctx.overflow-checks=true",
    "--config",
    "profile.dev.package.ctx.debug-assertions=true",
];

/// The package that evcxr makes of a cell.
const CELL_PACKAGE: [&str; 2] = ["#ctx@1.0.0\"", "/ctx#1.0.0\""];

pub fn run(shim: &Path, arguments: impl Iterator<Item = OsString>) -> ExitCode {
    match supervise(shim, arguments.collect()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: cannot run cargo: {error}");
            ExitCode::FAILURE
        }
    }
}

fn supervise(shim: &Path, arguments: Vec<OsString>) -> std::io::Result<ExitCode> {
    let subcommand = arguments.iter().find(|word| !word.as_encoded_bytes().starts_with(b"-"));
    let build = subcommand.is_some_and(|word| word == "build");
    let check = subcommand.is_some_and(|word| word == "check");
    let metadata = subcommand.is_some_and(|word| word == "metadata");
    let host = connect();
    if host.is_some() {
        end_with_host()?;
    }
    let code = match host {
        Some(host) if check && check::is_wanted() => check::run(&host)?,
        Some(_) if metadata && validation::is_postponed(&std::env::current_dir()?)? => 0,
        Some(host) if build || check => compile(shim, &arguments, &host)?,
        Some(host) => {
            let mut command = real_cargo(shim)?;
            wrap(&mut command, &wrapping(&host)?)?;
            if let Some(rustc) = set("FERROBOOK_RUSTC").filter(|_| set("RUSTC").is_none()) {
                // rust-analyzer has cargo take the one on the PATH, which can be rustup's proxy for this one.
                command.env("RUSTC", rustc);
            }
            run_cargo(command.args(&arguments), &host)?.code
        }
        None => return Err(real_cargo(shim)?.args(&arguments).exec()),
    };
    Ok(ExitCode::from(code))
}

/// Compiles the cell without the variables that it does not mention, and with them when it turns out to need them.
fn compile(shim: &Path, arguments: &[OsString], host: &UnixDatagram) -> std::io::Result<u8> {
    let source = hints::without_inserted(&std::fs::read_to_string(SOURCE)?);
    hints::note(&source)?;
    let failed = std::fs::read_to_string(FAILED).unwrap_or_default();
    let _ = std::fs::remove_file(FAILED);
    let wrapping = wrapping(host)?;
    if foreseen::is_without_closure(&source, &failed) && answer_nothing(&wrapping.crate_dir).is_some() {
        return Ok(0);
    }
    if let Some(json) = foreseen::retry(&source) {
        println!("{json}");
        return Ok(1);
    }
    std::fs::write(GENERATED, &source)?;
    let conditions = Conditions::now(&wrapping.crate_dir, &real_cargo_path(shim)?, arguments);
    let mut variables = Variables::Mentioned;
    loop {
        let prepared = generated_code::prepare(&source, &definitions(), variables);
        std::fs::write(SOURCE, &prepared.text)?;
        let shortcut = conditions.as_ref().and_then(|conditions| Shortcut::of(&wrapping.crate_dir, conditions));
        if let Some(shortcut) = &shortcut
            && take(shortcut, &wrapping).is_some()
        {
            return Ok(0);
        }
        let as_before =
            shortcut.filter(|_| answer().is_some()).and_then(|shortcut| shortcut.compile(&wrapper().ok()?, &wrapping));
        let asks_cargo = as_before.is_none();
        let ran = match as_before {
            // Starting cargo takes a sixth of what compiling a small cell does.
            Some((mut command, library)) => compile_directly(&mut command, &library, &wrapping, host)?,
            None => {
                shortcut::forget(&wrapping.crate_dir);
                run_cargo(&mut cargo(shim, arguments, &wrapping)?, host)?
            }
        };
        if ran.code != 0 && ran.diagnostics.iter().any(|json| compiler_messages::misses(json, &prepared.left_out)) {
            variables = Variables::All;
            continue;
        }
        if ran.code != 0 && foreseen::are_final(&ran.diagnostics) {
            // Without it the code is compiled again.
            let _ = std::fs::write(FAILED, &source);
        }
        pass_on(ran.diagnostics, &prepared.origin, &source, host)?;
        if let Some(conditions) = conditions.filter(|_| asks_cargo && ran.code == 0) {
            // Without it cargo is asked the next time.
            let _ = shortcut::record(&wrapping.crate_dir, conditions);
        }
        return Ok(ran.code);
    }
}

/// Tells evcxr and the host what rustc has said about the cell.
pub fn pass_on(messages: Vec<String>, origin: &Origin, source: &str, host: &UnixDatagram) -> std::io::Result<()> {
    let mut evcxr = std::io::stdout().lock();
    for json in messages {
        let json = compiler_messages::in_generated_code(&json, origin).unwrap_or(json);
        match compiler_messages::for_evcxr(&json, source) {
            Some(less) => writeln!(evcxr, "{less}")?,
            None => writeln!(evcxr, "{json}")?,
        }
        tell(host, &Cargo::Diagnostic { own: true, json });
    }
    evcxr.flush()
}

/// cargo, as it compiles a cell.
fn cargo(shim: &Path, arguments: &[OsString], wrapping: &Wrapping) -> std::io::Result<Command> {
    let mut command = real_cargo(shim)?;
    command.args(arguments).stdout(Stdio::piped());
    if set(DEBUG_CELL).is_some() {
        command.args(CHECKS);
    }
    command.env("RUSTFLAGS", rustflags());
    wrap(&mut command, wrapping)?;
    command.env("CARGO_TERM_PROGRESS_WHEN", "always").env("CARGO_TERM_PROGRESS_WIDTH", "80");
    Ok(command)
}

/// Calls the compiler as cargo did for the cell before.
fn compile_directly(
    command: &mut Command,
    library: &Path,
    wrapping: &Wrapping,
    host: &UnixDatagram,
) -> std::io::Result<Ran> {
    let ran = run_in_group(command.stdin(Stdio::null()), host, copy_compiler)?;
    if ran.code == 0 {
        // Among crates that others are linked with nothing else is to be looked at.
        let moved = library_of(wrapping);
        std::fs::rename(library, &moved)?;
        give(&moved)?;
    }
    Ok(ran)
}

/// Where the library of a cell is put for evcxr, which takes it from there.
fn library_of(wrapping: &Wrapping) -> PathBuf {
    wrapping.crate_dir.join("target/libctx.so")
}

/// Gives evcxr the stored library of the cell, if there is one.
fn take(shortcut: &Shortcut, wrapping: &Wrapping) -> Option<()> {
    answer().filter(|_| !wrapping.fresh_cell)?;
    let library = library_of(wrapping);
    shortcut.take(wrapping, &library)?;
    give(&library).ok()
}

/// Tells evcxr where the library is, as its own wrapper would.
fn give(library: &Path) -> std::io::Result<()> {
    match answer() {
        Some(answer) => std::fs::write(answer, library.as_os_str().as_encoded_bytes()),
        None => Ok(()),
    }
}

/// Tells evcxr that there is a library, which it will not load: it goes on with the errors that it has.
fn answer_nothing(crate_dir: &Path) -> Option<()> {
    let library = crate_dir.join("target/nothing.so");
    answer()?;
    std::fs::write(&library, "").ok()?;
    give(&library).ok()
}

/// Where evcxr reads the path of the library, when this is a build and not a check.
fn answer() -> Option<OsString> {
    std::env::var_os("EVCXR_EXECUTION_SO_PATH")
}

/// What is known when cargo, or rustc, has ended.
pub struct Ran {
    pub code: u8,
    /// The compiler's messages about the cell, as cargo prints them.
    pub diagnostics: Vec<String>,
}

fn run_cargo(command: &mut Command, host: &UnixDatagram) -> std::io::Result<Ran> {
    run_in_group(command, host, copy_output)
}

/// Runs a program that the host can end, and all that it starts. `read` returns the compiler's messages.
pub fn run_in_group(
    command: &mut Command,
    host: &UnixDatagram,
    read: impl FnOnce(&mut Child, &UnixDatagram) -> std::io::Result<Vec<String>>,
) -> std::io::Result<Ran> {
    command.stderr(Stdio::piped()).process_group(0);
    lifetime::end_with_this_process(command);
    let mut child = command.spawn()?;
    let group = i32::try_from(child.id()).unwrap_or_default();
    GROUP.store(group, Ordering::Relaxed);
    tell(host, &Cargo::Started { group, shim: getpid().as_raw() });
    let diagnostics = read(&mut child, host)?;
    let status = child.wait()?;
    tell(host, &Cargo::Exited { group });
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    Ok(Ran { code: u8::try_from(code).unwrap_or(1), diagnostics })
}

/// cargo's process group, while it runs.
static GROUP: AtomicI32 = AtomicI32::new(0);

/// What cargo has started would go on by itself when only cargo is killed, so the whole group ends with the host.
///
/// A process that is stopped does not see that the host has ended. But the system wakes it with SIGHUP when it is alone
/// in a process group whose last parent has gone, so this one has a group of its own.
fn end_with_host() -> nix::Result<()> {
    let action = SigAction::new(SigHandler::Handler(end), SaFlags::empty(), SigSet::empty());
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        // SAFETY: the handler calls only kill(2) and _exit(2).
        unsafe { sigaction(signal, &action) }?;
    }
    setpgid(Pid::from_raw(0), Pid::from_raw(0))?;
    nix::sys::prctl::set_pdeathsig(Signal::SIGTERM)
}

extern "C" fn end(_: libc::c_int) {
    let group = GROUP.load(Ordering::Relaxed);
    if group > 0 {
        let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    }
    // SAFETY: ends the process; allowed in a signal handler.
    unsafe { libc::_exit(1) }
}

fn real_cargo(shim: &Path) -> std::io::Result<Command> {
    let mut command = Command::new(real_cargo_path(shim)?);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"FERROBOOK_")) {
        command.env_remove(name);
    }
    command.env("PATH", std::env::var_os("FERROBOOK_PATH").unwrap_or_default());
    Ok(command)
}

fn real_cargo_path(shim: &Path) -> std::io::Result<PathBuf> {
    let directory = match shim.parent() {
        Some(directory) if directory.is_absolute() => directory.to_owned(),
        _ => PathBuf::from(std::env::var_os("FERROBOOK_SHIMS").unwrap_or_default()),
    };
    // The link is followed by hand: a cargo that is rustup's proxy goes by the name that it is called with.
    std::fs::read_link(directory.join("real-cargo"))
}

fn connect() -> Option<UnixDatagram> {
    let socket = UnixDatagram::unbound().ok()?;
    socket.connect(std::env::var_os("FERROBOOK_CARGO")?).ok()?;
    Some(socket)
}

pub fn tell(host: &UnixDatagram, message: &Cargo) {
    // A message that is lost costs a line of progress.
    if let Ok(datagram) = serde_json::to_vec(message) {
        let _ = host.send(&datagram);
    }
}

/// Returns the compiler's messages about the cell.
fn copy_output(child: &mut Child, host: &UnixDatagram) -> std::io::Result<Vec<String>> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        let messages = stdout.map(|stdout| scope.spawn(|| copy_messages(stdout, host)));
        if let Some(stderr) = stderr {
            copy_lines(stderr, host)?;
        }
        match messages.map(|messages| messages.join()) {
            Some(Ok(diagnostics)) => diagnostics,
            Some(Err(_)) => Err(std::io::Error::other("the reader of cargo's messages panicked")),
            None => Ok(Vec::new()),
        }
    })
}

/// Compiler messages about other crates go to the host only: evcxr would take their `lib.rs` for the cell's.
fn copy_messages(messages: impl Read, host: &UnixDatagram) -> std::io::Result<Vec<String>> {
    let mut evcxr = std::io::stdout().lock();
    let mut diagnostics = Vec::new();
    for line in BufReader::new(messages).split(b'\n') {
        let mut line = line?;
        let text = String::from_utf8_lossy(&line);
        let head = &text[..text.floor_char_boundary(1000)];
        if head.starts_with("{\"reason\":\"compiler-message\"") {
            if CELL_PACKAGE.iter().any(|id| head.contains(id)) {
                diagnostics.push(text.into_owned());
            } else {
                tell(host, &Cargo::Diagnostic { own: false, json: text.into_owned() });
            }
            continue;
        }
        line.push(b'\n');
        evcxr.write_all(&line)?;
    }
    evcxr.flush()?;
    Ok(diagnostics)
}

/// evcxr gets the lines without the progress bars between them.
fn copy_lines(mut output: impl Read, host: &UnixDatagram) -> std::io::Result<()> {
    let mut evcxr = std::io::stderr().lock();
    let mut line = Vec::new();
    let mut chunk = [0; 8192];
    loop {
        let size = output.read(&mut chunk)?;
        for byte in &chunk[..size] {
            line.push(*byte);
            if *byte == b'\n' || *byte == b'\r' {
                if *byte == b'\n' {
                    evcxr.write_all(&line)?;
                }
                line.pop();
                tell(host, &Cargo::Line { text: String::from_utf8_lossy(&line).into_owned(), ending: *byte as char });
                line.clear();
            }
        }
        if size == 0 {
            return evcxr.write_all(&line);
        }
    }
}

fn set(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Returns the compiler's messages; what else it or its linker says goes where cargo would write it.
fn copy_compiler(rustc: &mut Child, host: &UnixDatagram) -> std::io::Result<Vec<String>> {
    let Some(stderr) = rustc.stderr.take() else { return Ok(Vec::new()) };
    let mut evcxr = std::io::stderr().lock();
    let mut diagnostics = Vec::new();
    for line in BufReader::new(stderr).split(b'\n') {
        let line = line?;
        let text = String::from_utf8_lossy(&line);
        if text.starts_with("{\"$message_type\":") {
            diagnostics.extend(compiler_messages::of_cargo(&text));
        } else {
            writeln!(evcxr, "{text}")?;
            tell(host, &Cargo::Line { text: text.into_owned(), ending: '\n' });
        }
    }
    Ok(diagnostics)
}

/// cargo calls `ferrobook-rustc` in place of rustc, and of the wrapper that the user may have. So it does when it only
/// asks: to another wrapper cargo's own notes about the compiler would be another compiler's.
fn wrap(command: &mut Command, wrapping: &Wrapping) -> std::io::Result<()> {
    command.env("RUSTC_WRAPPER", wrapper()?).env(WRAPPING, serde_json::to_string(wrapping)?);
    Ok(())
}

fn wrapper() -> std::io::Result<PathBuf> {
    Ok(std::env::current_exe()?.with_file_name("ferrobook-rustc"))
}

fn wrapping(host: &UnixDatagram) -> std::io::Result<Wrapping> {
    let next = match std::env::var_os("RUSTC_WRAPPER") {
        Some(wrapper) => (!wrapper.is_empty()).then(|| PathBuf::from(wrapper)),
        None => set(NEXT_WRAPPER).map(PathBuf::from),
    };
    // evcxr's own wrapper has a cache of its own, or makes other libraries than rustc was asked for.
    let store = match set("EVCXR_RUSTC_WRAPPER") {
        Some(_) => None,
        None => std::env::var(STORE).ok().and_then(|json| serde_json::from_str(&json).ok()),
    };
    Ok(Wrapping {
        store,
        fresh_cell: set(FRESH_CELL).is_some(),
        crate_dir: std::env::current_dir()?,
        host: host.peer_addr().ok().and_then(|address| address.as_pathname().map(Path::to_owned)),
        next,
    })
}

fn rustflags() -> String {
    let flags = std::env::var("RUSTFLAGS").unwrap_or_default();
    let target_cpu = set(TARGET_CPU).map(|name| format!(" -Ctarget-cpu={}", name.display())).unwrap_or_default();
    // Functions that cells export stay their own, although their libraries share one namespace.
    flags + &target_cpu + " -Clink-arg=-Wl,-Bsymbolic-functions"
}

pub fn definitions() -> Definitions {
    let generations = std::env::var_os(GENERATIONS).and_then(|path| std::fs::read(path).ok());
    let generations = generations.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default();
    let manifest = std::fs::read_to_string("Cargo.toml").unwrap_or_default();
    let (_, dependencies) = manifest.split_once("[dependencies]").unwrap_or_default();
    let dependencies = dependencies.lines().filter_map(|line| {
        let (name, _) = line.split_once('=')?;
        Some((name.trim().replace('-', "_"), line.to_owned()))
    });
    Definitions { generations, dependencies: dependencies.collect() }
}
