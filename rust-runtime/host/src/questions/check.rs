//! What the compiler says about a cell that is being typed.

mod missing_crates;

use crate::cell::Cell;
use crate::diagnostics::editor;
use crate::questions::InTurn;
use crate::session::checks::Checks;
use crate::session::state::Session;
use ferrobook_protocol::{Answer, Diagnostic};
use std::panic::{AssertUnwindSafe, catch_unwind};

#[derive(Debug)]
pub struct Check {
    pub code: String,
    /// The frontend's id of the cell.
    pub cell: Option<String>,
}

impl InTurn for Check {
    fn without_evcxr(&self) -> Answer {
        Answer::Check { diagnostics: None }
    }

    fn arrive(&self, checks: &Checks) {
        checks.want();
    }

    fn answer(&self, session: &mut Session) -> Answer {
        Answer::Check { diagnostics: check(session, &self.code, self.cell.as_deref()) }
    }
}

/// `None` when rustc did not get to look at the whole cell.
fn check(session: &mut Session, code: &str, id: Option<&str>) -> Option<Vec<Diagnostic>> {
    let cell = Cell::new(code);
    if let Some((position, message)) = cell.ignored {
        return Some(vec![editor::syntax_error(&cell, position, message)]);
    }
    let engine = session.engine.as_mut()?;
    if !session.checks.begin() {
        return None;
    }
    session.output.begin_check();
    // evcxr works on a copy of its state.
    let check = || catch_unwind(AssertUnwindSafe(|| engine.check(&cell)));
    let checked = session.replacements.check(&cell, id, check);
    session.checks.end();
    let rustc = session.output.end_check()?;
    let (errors, above) = checked.ok()?.ok()?;
    if errors.is_empty() {
        return Some(Vec::new());
    }
    let found = session.with_renderings(&rustc, &cell, above, |renderings| editor::all(&errors, renderings));
    let missing = missing_crates::of(&cell, session.program.lock().dependencies().as_ref());
    Some(found.into_iter().filter(|diagnostic| !missing_crates::is_about(diagnostic, &missing)).collect())
}
