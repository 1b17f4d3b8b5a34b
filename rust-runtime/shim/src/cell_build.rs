//! Compiles a cell when evcxr calls cargo for it: takes it from the store, calls rustc as cargo did before, or asks cargo.

use crate::cargo_output::{copy_compiler, copy_output, pass_on};
use crate::cell_source::{Attempt, CellSource};
use crate::compiler_messages;
use crate::found_types;
use crate::library_handover::{answer, answer_nothing, give, library_of, take};
use crate::real_cargo::{self, RealCargo};
use crate::shortcut::{self, Conditions, Shortcut};
use crate::supervised::{Ran, run_in_group};
use crate::wrapping::Wrapping;
use ferrobook_evcxr_code::{Variables, retries};
use std::ffi::OsString;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Command, Stdio};

/// The code that has failed the last time, if compiling it in another way would bring nothing new.
const FAILED: &str = "failed.rs";

/// Compiles the cell without the variables that it does not mention, and with them when it turns out to need them.
pub fn compile(cargo: &RealCargo, arguments: &[OsString], host: &UnixDatagram) -> std::io::Result<u8> {
    let source = CellSource::read()?;
    if let Some(cell) = source.cell() {
        found_types::note(cell)?;
    }
    let failed = std::fs::read_to_string(FAILED).unwrap_or_default();
    let _ = std::fs::remove_file(FAILED);
    let wrapping = Wrapping::of(cargo.order)?;
    if retries::is_without_closure(&source.text, &failed) && answer_nothing(&wrapping.crate_dir).is_some() {
        return Ok(0);
    }
    if let Some(json) = source.cell().and_then(retries::needed) {
        println!("{json}");
        return Ok(1);
    }
    source.show()?;
    let call = cargo.call(arguments);
    let conditions = Conditions::now(&cargo.path, &call, &wrapping);
    let mut attempt = Attempt { variables: Variables::Mentioned, show_trait_stands_aside: false };
    loop {
        let rendered = source.replace(cargo.order, attempt)?;
        let shortcut = conditions.as_ref().and_then(|conditions| Shortcut::of(&wrapping.crate_dir, conditions));
        if let Some(shortcut) = &shortcut
            && take(shortcut, &wrapping).is_some()
        {
            return Ok(0);
        }
        let as_before = shortcut
            .filter(|_| answer().is_some())
            .and_then(|shortcut| shortcut.compile(&real_cargo::wrapper().ok()?, &wrapping));
        let asks_cargo = as_before.is_none();
        let ran = match as_before {
            // Starting cargo takes a sixth of what compiling a small cell does.
            Some((mut command, library)) => compile_directly(&mut command, &library, &wrapping, host)?,
            None => {
                shortcut::forget(&wrapping.crate_dir);
                run_in_group(&mut cargo.for_cell(&call, &wrapping)?, host, copy_output)?
            }
        };
        if ran.code != 0 && ran.diagnostics.iter().any(|json| compiler_messages::misses(json, &rendered.left_out)) {
            attempt.variables = Variables::All;
            continue;
        }
        let has_another = || ran.diagnostics.iter().any(|json| compiler_messages::has_another_display(json));
        if ran.code != 0 && !attempt.show_trait_stands_aside && has_another() {
            attempt.show_trait_stands_aside = true;
            continue;
        }
        if ran.code != 0 && retries::are_final(&ran.diagnostics) {
            // Without it the code is compiled again.
            let _ = std::fs::write(FAILED, &source.text);
        }
        pass_on(ran.diagnostics, &rendered.origin, source.cell(), host)?;
        if let Some(conditions) = conditions.filter(|_| asks_cargo && ran.code == 0) {
            // Without it cargo is asked the next time.
            let _ = shortcut::record(&wrapping.crate_dir, conditions);
        }
        return Ok(ran.code);
    }
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
