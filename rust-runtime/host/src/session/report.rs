//! Why a cell failed, in the words of the frontend.

use super::state::Session;
use crate::build::cargo_report;
use crate::build::toolchain::ToolchainError;
use crate::cell::Cell;
use crate::cell::commands::Command;
use crate::diagnostics::editor;
use crate::diagnostics::render::{self, Renderings};
use crate::diagnostics::source_map::SourceMap;
use crate::process::output::{Diagnostics, Outcome};
use crate::program::Loss;
use evcxr::{CompilationError, Error};
use ferrobook_protocol::{CellError, Diagnostic};

/// The exit code with which the kernel starts a new host.
pub const EVCXR_PANICKED: i32 = 70;

/// Why a cell did not get to its end.
pub enum Failure {
    /// At a byte of the cell.
    Syntax(usize, &'static str),
    Unavailable(ToolchainError),
    Evcxr(Error),
    Own(CellError),
    Interrupted,
    EvcxrPanicked(String),
}

/// Why a cell failed, as the frontend is told.
pub struct Report {
    pub error: CellError,
    pub diagnostics: Vec<Diagnostic>,
}

impl From<CellError> for Report {
    fn from(error: CellError) -> Self {
        Self { error, diagnostics: Vec::new() }
    }
}

impl Session {
    /// What the frontend is told about the end of the cell.
    pub fn judge(
        &self,
        result: Result<(), Failure>,
        interrupted: bool,
        outcome: Outcome,
        cell: &Cell,
    ) -> Option<Report> {
        if outcome.exit.is_some() {
            return outcome.exit.map(Report::from);
        }
        let failure = match result {
            Ok(()) => {
                return outcome.panic.or_else(|| outcome.user_error.map(|text| user_error(&text))).map(Report::from);
            }
            Err(Failure::EvcxrPanicked(text)) => return Some(evcxr_panicked(&text).into()),
            Err(_) if interrupted => {
                return Some(plain("Interrupted", "compilation interrupted; all variables are kept").into());
            }
            Err(failure) => failure,
        };
        let error = match failure {
            Failure::Syntax(position, message) => {
                let diagnostics = vec![editor::syntax_error(cell, position, message)];
                return Some(Report { error: render::syntax_error(cell, position, message), diagnostics });
            }
            Failure::Evcxr(Error::CompilationErrors(errors)) => {
                return Some(self.compilation_error(&errors, &outcome.diagnostics, cell));
            }
            Failure::Unavailable(error) => plain(error.name(), &format!("{error}\n{}", error.help())),
            Failure::Own(error) => error,
            Failure::Interrupted => plain("Interrupted", "the cell was interrupted before it began"),
            Failure::EvcxrPanicked(text) => evcxr_panicked(&text),
            Failure::Evcxr(Error::SubprocessTerminated(message)) => plain(
                "ProcessExit",
                &format!("the process that held the Rust variables has ended, and they are lost: {}", message.trim()),
            ),
            Failure::Evcxr(error) => match outcome.cargo {
                Some(cargo) => cargo,
                None => evcxr_error(&error.to_string()),
            },
        };
        Some(error.into())
    }

    fn compilation_error(&self, errors: &[CompilationError], rustc: &Diagnostics, cell: &Cell) -> Report {
        if let Some(error) = errors.iter().find_map(|error| dependency_error(error, cell)) {
            return error.into();
        }
        let lost = self.lost_variables(errors);
        let (mut error, diagnostics) = self.with_renderings(rustc, cell, 0, |renderings| {
            (render::error(errors, renderings), editor::all(errors, renderings))
        });
        if errors.iter().all(|error| error.json.is_null()) {
            error.ename = "EvcxrError".to_owned();
        }
        if let Some(first) = lost.first() {
            // What the compiler says of it is in the editor, at the place.
            let reasons: Vec<String> = lost.iter().map(Loss::to_string).collect();
            error = plain(first.title(), &reasons.join("\n"));
            error.evalue = first.to_string();
        }
        Report { error, diagnostics }
    }

    /// Why there are none of the variables that the compiler has not found, where that is known.
    fn lost_variables(&self, errors: &[CompilationError]) -> Vec<Loss> {
        let program = self.program.lock();
        let missing = errors.iter().filter(|error| error.code() == Some("E0425"));
        let mut lost: Vec<Loss> =
            missing.filter_map(|error| program.variables.loss(error.message().split('`').nth(1)?).cloned()).collect();
        lost.dedup();
        lost
    }

    /// All that is needed to speak of a cell's lines. `above` is how many lines evcxr was given above the cell.
    pub fn with_renderings<T>(
        &self,
        rustc: &Diagnostics,
        cell: &Cell,
        above: usize,
        use_them: impl FnOnce(&Renderings) -> T,
    ) -> T {
        let map = SourceMap::new(&rustc.generated, cell);
        let program = self.program.lock();
        use_them(&Renderings { messages: &rustc.messages, cell, map: &map, program: &program, above })
    }
}

/// The failure of a `:dep` line, in cargo's words.
fn dependency_error(error: &CompilationError, cell: &Cell) -> Option<CellError> {
    if !error.json.is_null() {
        return None;
    }
    let line = error.primary_spanned_message()?.span?.start_line;
    let is_dep = |(number, command): &(usize, Command)| {
        *number + 1 == line && matches!(command, Command::Evcxr { name, .. } if name == ":dep")
    };
    let message = error.message();
    let is_cargos = !message.starts_with("Invalid :dep command") && !message.starts_with(":dep requires");
    (is_cargos && cell.commands.iter().any(is_dep)).then(|| cargo_report::cargo_error(&message))
}

pub fn plain(name: &str, message: &str) -> CellError {
    CellError {
        ename: name.to_owned(),
        evalue: message.to_owned(),
        traceback: vec![format!("\x1b[1;31m{name}\x1b[0m: {message}")],
    }
}

fn user_error(text: &str) -> CellError {
    CellError {
        ename: "Error".to_owned(),
        evalue: text.to_owned(),
        traceback: vec![format!("\x1b[1;31mError\x1b[0m: {text}")],
    }
}

fn evcxr_error(message: &str) -> CellError {
    if message.contains("did not contain valid UTF-8") {
        return plain("EvcxrError", "the compiled cell could not be loaded; its stderr says why");
    }
    let is_cargos =
        message.starts_with("error:") || message.contains("cargo metadata") || message.contains("no matching package");
    if is_cargos || message.starts_with("Compilation failed, but no parsable errors") {
        return cargo_report::cargo_error(message);
    }
    plain("EvcxrError", message)
}

fn evcxr_panicked(text: &str) -> CellError {
    plain(
        "EvcxrPanic",
        &format!(
            "evcxr itself failed on this cell ({text}); the Rust side starts anew, and the Rust variables are lost"
        ),
    )
}

pub fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}
