//! What is known of the name at a cursor.

use crate::cell::commands::Command;
use crate::cell::syntax::Syntax;
use crate::evcxr::engine::Engine;
use crate::questions::{InTurn, cursor};
use crate::session::state::Session;
use ferrobook_protocol::Answer;
use std::collections::BTreeMap;

#[derive(Debug)]
pub struct Inspect {
    pub code: String,
    pub cursor: u32,
}

impl InTurn for Inspect {
    fn without_evcxr(&self) -> Answer {
        Answer::Inspect { data: BTreeMap::new() }
    }

    fn answer(&self, session: &mut Session) -> Answer {
        let data = session.engine.as_mut().and_then(|engine| inspect(engine, &self.code, self.cursor));
        Answer::Inspect { data: data.unwrap_or_default() }
    }
}

fn inspect(engine: &mut Engine, code: &str, cursor: u32) -> Option<BTreeMap<String, String>> {
    let byte = cursor::to_byte(code, cursor);
    let syntax = Syntax::of(code);
    if let Some(command) = cursor::command_at(&syntax, byte) {
        return help(engine, command);
    }
    let source = cursor::without_commands(&syntax, byte);
    let end = cursor::end_of_name(&syntax, byte)?;
    match engine.hover_at(&source, end) {
        Ok((text, html)) if text != "No documentation found" => {
            Some(BTreeMap::from([("text/plain".to_owned(), text), ("text/html".to_owned(), html)]))
        }
        Ok(_) => None,
        Err(error) => {
            tracing::debug!("nothing to inspect: {error}");
            None
        }
    }
}

/// The line of `:help` about a command.
fn help(engine: &mut Engine, command: &Command) -> Option<BTreeMap<String, String>> {
    let Command::Evcxr { name, .. } = command else { return None };
    let help = engine.help().ok()?;
    let line = help.lines().find(|line| line.split_whitespace().next() == Some(name))?;
    Some(BTreeMap::from([("text/plain".to_owned(), line.to_owned())]))
}
