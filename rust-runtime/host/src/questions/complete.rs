//! Completions at a cursor.

mod dep_lines;

use crate::cell::syntax::Syntax;
use crate::questions::{InTurn, cursor};
use crate::session::state::Session;
use ferrobook_protocol::{Answer, Completion};

#[derive(Debug)]
pub struct Complete {
    pub code: String,
    pub cursor: u32,
}

impl InTurn for Complete {
    fn without_evcxr(&self) -> Answer {
        self.nothing()
    }

    fn answer(&self, session: &mut Session) -> Answer {
        let Self { code, cursor } = self;
        let Some(engine) = &mut session.engine else { return self.nothing() };
        let byte = cursor::to_byte(code, *cursor);
        let syntax = Syntax::of(code);
        if cursor::command_at(&syntax, byte).is_some()
            && let Some((matches, replaced)) = dep_lines::complete(cursor::line_before(code, byte))
        {
            let start = cursor - u32::try_from(replaced).unwrap_or(*cursor);
            return Answer::Complete { matches, start, end: *cursor };
        }
        let source = cursor::without_commands(&syntax, byte);
        match engine.completions(&source, byte) {
            Ok(found) => {
                let matches = found.completions.into_iter().filter(|item| !is_internal(&item.code));
                let matches = matches.map(|item| Completion { text: item.code, kind: item.kind.to_owned() }).collect();
                Answer::Complete {
                    matches: sorted(matches),
                    start: cursor::to_cursor(code, found.start_offset),
                    end: cursor::to_cursor(code, found.end_offset),
                }
            }
            Err(error) => {
                tracing::debug!("no completions: {error}");
                self.nothing()
            }
        }
    }
}

impl Complete {
    fn nothing(&self) -> Answer {
        Answer::Complete { matches: Vec::new(), start: self.cursor, end: self.cursor }
    }
}

/// Whether a completion has a name of our own or of the code that evcxr generates, as `iter().evcxr_display()` has.
fn is_internal(text: &str) -> bool {
    let mut names = text.split(|char: char| !char.is_alphanumeric() && char != '_');
    names.any(|name| ["ferrobook_", "Ferrobook", "evcxr_", "Evcxr"].iter().any(|prefix| name.starts_with(prefix)))
}

/// Best matches of a kind first would be rust-analyzer's job; it gives them in no order.
fn sorted(mut matches: Vec<Completion>) -> Vec<Completion> {
    matches.sort_by(|a, b| a.text.to_lowercase().cmp(&b.text.to_lowercase()).then_with(|| a.text.cmp(&b.text)));
    matches.dedup();
    matches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_names() {
        assert!(is_internal("iter().evcxr_display()") && is_internal("FerrobookShow"));
        assert!(!is_internal("ferrobook::display(representations)") && !is_internal("display()"));
    }
}
