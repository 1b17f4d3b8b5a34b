//! `!command` lines: run by the host, so that their output comes while they run and an interrupt ends them.

use crate::build::users_environment;
use crate::process::output::Output;
use crate::process::utf8_stream::Utf8Stream;
use crate::session::interrupts::Interrupts;
use ferrobook_protocol::{CellError, StreamName};
use ferrobook_sys::lifetime;
use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};

pub fn run(command: &str, path: &OsStr, output: &Output, interrupts: &Interrupts) -> Result<(), CellError> {
    let failed = |reason: String| CellError {
        ename: "ShellCommandFailed".to_owned(),
        evalue: format!("`{command}` {reason}"),
        traceback: vec![format!("\x1b[1;31m`{command}` {reason}\x1b[0m")],
    };
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    shell.env("PATH", path).process_group(0);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"FERROBOOK_")) {
        shell.env_remove(name);
    }
    users_environment::give_to(&mut shell);
    lifetime::end_with_this_process(&mut shell);
    let mut child = shell.spawn().map_err(|error| failed(format!("cannot be started: {error}")))?;
    let group = i32::try_from(child.id()).unwrap_or_default();
    interrupts.group_began(group);
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        if let Some(stderr) = stderr {
            scope.spawn(|| copy(stderr, StreamName::Stderr, output));
        }
        if let Some(stdout) = stdout {
            copy(stdout, StreamName::Stdout, output);
        }
    });
    let status = child.wait();
    interrupts.group_ended(group);
    let status = status.map_err(|error| failed(error.to_string()))?;
    match (status.code(), status.signal()) {
        (Some(0), _) => Ok(()),
        (Some(code), _) => Err(failed(format!("ended with exit code {code}"))),
        (None, signal) => Err(failed(format!("was ended by signal {}", signal.unwrap_or(0)))),
    }
}

fn copy(mut from: impl Read, name: StreamName, output: &Output) {
    let mut text = Utf8Stream::default();
    let mut chunk = vec![0; 64 * 1024];
    while let Ok(size) = from.read(&mut chunk) {
        if size == 0 {
            break;
        }
        output.print(name, &text.decode(&chunk[..size]));
    }
    output.print(name, &text.end());
}
