//! What cargo and rustc print, while they print it: for evcxr, which reads it at the end, and for the host.

use crate::compiler_messages;
use crate::supervised::tell;
use ferrobook_evcxr_code::{GeneratedCell, Origin};
use ferrobook_protocol::build::Cargo;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixDatagram;
use std::process::Child;

/// The package that evcxr makes of a cell.
const CELL_PACKAGE: [&str; 2] = ["#ctx@1.0.0\"", "/ctx#1.0.0\""];

/// Returns the compiler's messages about the cell.
pub fn copy_output(child: &mut Child, host: &UnixDatagram) -> std::io::Result<Vec<String>> {
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

/// Returns the compiler's messages; what else it or its linker says goes where cargo would write it.
pub fn copy_compiler(rustc: &mut Child, host: &UnixDatagram) -> std::io::Result<Vec<String>> {
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

/// Tells evcxr and the host what rustc has said about the cell.
pub fn pass_on(
    messages: Vec<String>,
    origin: &Origin,
    cell: Option<&GeneratedCell>,
    host: &UnixDatagram,
) -> std::io::Result<()> {
    let mut evcxr = std::io::stdout().lock();
    for json in messages {
        let json = compiler_messages::in_generated_code(&json, origin).unwrap_or(json);
        match cell.and_then(|cell| compiler_messages::for_evcxr(&json, cell)) {
            Some(less) => writeln!(evcxr, "{less}")?,
            None => writeln!(evcxr, "{json}")?,
        }
        tell(host, &Cargo::Diagnostic { own: true, json });
    }
    evcxr.flush()
}
