//! Completions and inspections, and the ways of counting: Jupyter counts code points, evcxr bytes.

use crate::statements::{self, Command};
use ferrobook_protocol::Completion;
use ra_ap_syntax::{AstNode, TokenAtOffset};

pub fn to_byte(code: &str, cursor: u32) -> usize {
    code.char_indices().nth(cursor as usize).map_or(code.len(), |(byte, _)| byte)
}

pub fn to_cursor(code: &str, byte: usize) -> u32 {
    let byte = code.floor_char_boundary(byte);
    u32::try_from(code[..byte].chars().count()).unwrap_or(u32::MAX)
}

/// Whether a completion has a name of our own or of the code that evcxr generates, as `iter().evcxr_display()` has.
pub fn is_internal(text: &str) -> bool {
    let mut names = text.split(|char: char| !char.is_alphanumeric() && char != '_');
    names.any(|name| ["ferrobook_", "Ferrobook", "evcxr_", "Evcxr"].iter().any(|prefix| name.starts_with(prefix)))
}

/// The cell without its commands: evcxr would execute them to answer. The line of the cursor stays when it is one.
pub fn without_commands(code: &str, byte: usize) -> String {
    let line = code[..byte].matches('\n').count();
    let (commands, _) = statements::split_commands(code);
    let blank: Vec<usize> = commands.iter().map(|(number, _)| *number).filter(|number| *number != line).collect();
    // As long as the original, so that positions stay.
    let lines = code.split_inclusive('\n').enumerate().map(|(number, text)| {
        if blank.contains(&number) {
            text.chars().map(|char| if char == '\n' { "\n".to_owned() } else { " ".repeat(char.len_utf8()) }).collect()
        } else {
            text.to_owned()
        }
    });
    lines.collect()
}

/// The command line that the cursor is in.
pub fn command_at(code: &str, byte: usize) -> Option<Command<'_>> {
    let line = code[..byte].matches('\n').count();
    let (commands, _) = statements::split_commands(code);
    commands.into_iter().find(|(number, _)| *number == line).map(|(_, command)| command)
}

/// Best matches of a kind first would be rust-analyzer's job; it gives them in no order.
pub fn sorted(mut matches: Vec<Completion>) -> Vec<Completion> {
    matches.sort_by(|a, b| a.text.to_lowercase().cmp(&b.text.to_lowercase()).then_with(|| a.text.cmp(&b.text)));
    matches.dedup();
    matches
}

/// The end of the identifier at or before `byte`, which is where evcxr looks a name up. `None` when there is none.
pub fn end_of_identifier(code: &str, byte: usize) -> Option<usize> {
    let file = statements::parse(code);
    let offset = u32::try_from(byte + statements::OFFSET).ok()?;
    let is_name = |token: &ra_ap_syntax::SyntaxToken| {
        let text = token.text();
        text.starts_with(|char: char| char.is_alphabetic() || char == '_')
    };
    let root = file.tree().syntax().clone();
    let token = match root.token_at_offset(offset.into()) {
        TokenAtOffset::Single(token) => Some(token).filter(is_name),
        TokenAtOffset::Between(left, right) => [right, left].into_iter().find(is_name),
        TokenAtOffset::None => None,
    }?;
    let end = usize::from(token.text_range().end()).checked_sub(statements::OFFSET)?;
    (end <= code.len()).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_points_and_bytes() {
        let code = "let s = \"🦀é\"; s.le";
        assert_eq!(to_byte(code, 9), 9);
        assert_eq!(to_byte(code, 10), 13);
        assert_eq!(to_byte(code, 99), code.len());
        assert_eq!(to_cursor(code, 13), 10);
        assert_eq!(to_cursor(code, code.len()), 18);
    }

    #[test]
    fn internal_names() {
        assert!(is_internal("iter().evcxr_display()") && is_internal("FerrobookShow"));
        assert!(!is_internal("ferrobook::display(representations)") && !is_internal("display()"));
    }

    #[test]
    fn the_identifier_under_the_cursor() {
        let code = "let s = String::new(); s";
        assert_eq!(end_of_identifier(code, 10), Some(14));
        assert_eq!(end_of_identifier(code, 16), Some(19));
        assert_eq!(end_of_identifier(code, code.len()), Some(code.len()));
        assert_eq!(end_of_identifier(code, 7), None);
    }

    #[test]
    fn commands_keep_their_length() {
        let code = ":dep é\nlet x";
        let blank = without_commands(code, code.len());
        assert_eq!(blank.len(), code.len());
        assert!(blank.ends_with("\nlet x"));
        assert_eq!(without_commands(":he", 3), ":he");
    }
}
