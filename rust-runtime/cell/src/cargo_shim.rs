//! Stands for `cargo` while evcxr calls it: runs the real one in a process group of its own, so that an interrupt can
//! end it, and tells the host what it prints, while it prints it.

use crate::check;
use crate::compiler_messages;
use crate::generated_code::{self, Origin};
use crate::shared_statics::Definitions;
use crate::variables::Variables;
use ferrobook_cache::settings::{FRESH_CELL, NEXT_WRAPPER, STORE, WRAPPING, Wrapping};
use ferrobook_cache::shortcut::{self, Conditions};
use ferrobook_protocol::cell::{Cargo, GENERATED, GENERATIONS};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, killpg, sigaction};
use nix::unistd::Pid;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicI32, Ordering};

/// What evcxr has cargo compile, in the directory that it calls cargo in.
pub const SOURCE: &str = "src/lib.rs";

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
    let host = connect();
    let code = match host {
        Some(host) if check && check::is_wanted() => check::run(&host)?,
        Some(host) if build || check => compile(shim, &arguments, &host)?,
        Some(host) => run_cargo(real_cargo(shim)?.args(&arguments), &host)?.code,
        None => return Err(real_cargo(shim)?.args(&arguments).exec()),
    };
    Ok(ExitCode::from(code))
}

/// Compiles the cell without the variables that it does not mention, and with them when it turns out to need them.
fn compile(shim: &Path, arguments: &[OsString], host: &UnixDatagram) -> std::io::Result<u8> {
    let source = std::fs::read_to_string(SOURCE)?;
    std::fs::write(GENERATED, &source)?;
    let wrapping = wrapping(host)?;
    let conditions = Conditions::now(&wrapping.crate_dir, &real_cargo_path(shim)?, arguments);
    let mut variables = Variables::Mentioned;
    loop {
        let prepared = generated_code::prepare(&source, &definitions(), variables);
        std::fs::write(SOURCE, &prepared.text)?;
        if let Some(conditions) = &conditions
            && take_shortcut(&wrapping, conditions).is_some()
        {
            return Ok(0);
        }
        shortcut::forget(&wrapping.crate_dir);
        let mut command = real_cargo(shim)?;
        command.args(arguments).stdout(Stdio::piped());
        command.env("RUSTFLAGS", rustflags());
        let wrapper = std::env::current_exe()?.with_file_name("ferrobook-rustc");
        command.env("RUSTC_WRAPPER", wrapper).env(WRAPPING, serde_json::to_string(&wrapping)?);
        command.env("CARGO_TERM_PROGRESS_WHEN", "always").env("CARGO_TERM_PROGRESS_WIDTH", "80");
        let ran = run_cargo(&mut command, host)?;
        if ran.code != 0 && ran.diagnostics.iter().any(|json| compiler_messages::misses(json, &prepared.left_out)) {
            variables = Variables::All;
            continue;
        }
        pass_on(ran.diagnostics, &prepared.origin, &source, host)?;
        if let Some(conditions) = conditions.filter(|_| ran.code == 0) {
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

/// Gives evcxr the library of the cell without asking cargo, if that is possible.
fn take_shortcut(wrapping: &Wrapping, conditions: &Conditions) -> Option<()> {
    // A build, not a check.
    let answer = std::env::var_os("EVCXR_EXECUTION_SO_PATH").filter(|_| !wrapping.fresh_cell)?;
    let library = wrapping.crate_dir.join("target/libctx.so");
    shortcut::take(wrapping, conditions, &library)?;
    std::fs::write(answer, library.to_str()?).ok()
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
    // SAFETY: between fork and exec only prctl(2) is called.
    unsafe { command.pre_exec(|| Ok(nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)?)) };
    die_with_host()?;
    let mut child = command.spawn()?;
    let group = i32::try_from(child.id()).unwrap_or_default();
    GROUP.store(group, Ordering::Relaxed);
    tell(host, &Cargo::Started { group });
    let diagnostics = read(&mut child, host)?;
    let status = child.wait()?;
    tell(host, &Cargo::Exited { group });
    let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    Ok(Ran { code: u8::try_from(code).unwrap_or(1), diagnostics })
}

/// cargo's process group, while it runs.
static GROUP: AtomicI32 = AtomicI32::new(0);

/// cargo's compilers would go on by themselves when only cargo is killed, so the whole group ends with the host.
fn die_with_host() -> nix::Result<()> {
    let action = SigAction::new(SigHandler::Handler(end), SaFlags::empty(), SigSet::empty());
    // SAFETY: the handler calls only kill(2) and _exit(2).
    unsafe { sigaction(Signal::SIGTERM, &action) }?;
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

/// cargo calls `ferrobook-rustc` in place of rustc, and of the wrapper that the user may have.
fn wrapping(host: &UnixDatagram) -> std::io::Result<Wrapping> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
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

/// Functions that cells export stay their own, although their libraries share one namespace.
fn rustflags() -> String {
    std::env::var("RUSTFLAGS").unwrap_or_default() + " -Clink-arg=-Wl,-Bsymbolic-functions"
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
