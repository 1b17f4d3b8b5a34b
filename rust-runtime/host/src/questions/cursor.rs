//! What a cursor is at, and the ways of counting: Jupyter counts code points, evcxr bytes.

use crate::cell::commands::Command;
use crate::cell::syntax::Syntax;
use ra_ap_syntax::ast::{self, AstNode, HasArgList};
use ra_ap_syntax::{SyntaxNode, TextRange, TextSize, TokenAtOffset};

pub fn to_byte(code: &str, cursor: u32) -> usize {
    code.char_indices().nth(cursor as usize).map_or(code.len(), |(byte, _)| byte)
}

pub fn to_cursor(code: &str, byte: usize) -> u32 {
    let byte = code.floor_char_boundary(byte);
    u32::try_from(code[..byte].chars().count()).unwrap_or(u32::MAX)
}

/// The cell without its commands: evcxr would execute them to answer. The line of the cursor stays when it is one.
pub fn without_commands(syntax: &Syntax, byte: usize) -> String {
    let line = line_of(syntax, byte);
    let is_blank = |number| number != line && syntax.commands.iter().any(|(command, _)| *command == number);
    // As long as the original, so that positions stay.
    let lines = syntax.source.split_inclusive('\n').enumerate().map(|(number, text)| {
        if is_blank(number) {
            text.chars().map(|char| if char == '\n' { "\n".to_owned() } else { " ".repeat(char.len_utf8()) }).collect()
        } else {
            text.to_owned()
        }
    });
    lines.collect()
}

/// The command whose line the cursor is in.
pub fn command_at<'a>(syntax: &'a Syntax, byte: usize) -> Option<&'a Command> {
    let line = line_of(syntax, byte);
    syntax.commands.iter().find(|(number, _)| *number == line).map(|(_, command)| command)
}

/// The line (from 0) of the cursor.
fn line_of(syntax: &Syntax, byte: usize) -> usize {
    syntax.source[..byte].matches('\n').count()
}

/// The line of the cursor, up to the cursor.
pub fn line_before(code: &str, byte: usize) -> &str {
    code[..byte].rsplit('\n').next().unwrap_or_default()
}

/// The end of the name that help is wanted about, which is where evcxr looks it up: the one at or before `byte`, or what
/// is called with the arguments that `byte` is among. `None` when there is none.
pub fn end_of_name(syntax: &Syntax, byte: usize) -> Option<usize> {
    let offset = u32::try_from(syntax.place(byte)).ok()?;
    let is_name = |token: &ra_ap_syntax::SyntaxToken| {
        let text = token.text();
        text.starts_with(|char: char| char.is_alphabetic() || char == '_')
    };
    let root = syntax.tree.syntax_node();
    let (left, right) = match root.token_at_offset(offset.into()) {
        TokenAtOffset::Single(token) => (token.clone(), token),
        TokenAtOffset::Between(left, right) => (left, right),
        TokenAtOffset::None => return None,
    };
    let range = match [&right, &left].into_iter().find(|token| is_name(token)) {
        Some(token) => token.text_range(),
        None => left.parent_ancestors().find_map(|node| callee(&node, offset.into()))?,
    };
    let end = syntax.byte(range.end());
    (end <= syntax.source.len()).then_some(end)
}

/// The name of what is called, when this is a call and `at` is among its arguments.
fn callee(node: &SyntaxNode, at: TextSize) -> Option<TextRange> {
    let is_among = |arguments: Option<&SyntaxNode>| arguments.is_some_and(|node| node.text_range().start() < at);
    if let Some(call) = ast::MethodCallExpr::cast(node.clone()) {
        let name = call.name_ref()?.syntax().text_range();
        return is_among(call.arg_list().as_ref().map(AstNode::syntax)).then_some(name);
    }
    if let Some(call) = ast::CallExpr::cast(node.clone()) {
        let ast::Expr::PathExpr(path) = call.expr()? else { return None };
        let name = path.path()?.segment()?.name_ref()?.syntax().text_range();
        return is_among(call.arg_list().as_ref().map(AstNode::syntax)).then_some(name);
    }
    let call = ast::MacroCall::cast(node.clone())?;
    let name = call.path()?.segment()?.name_ref()?.syntax().text_range();
    is_among(call.token_tree().as_ref().map(AstNode::syntax)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_points_and_bytes() {
        let code = r#"let s = "🦀é"; s.le"#;
        assert_eq!(to_byte(code, 9), 9);
        assert_eq!(to_byte(code, 10), 13);
        assert_eq!(to_byte(code, 99), code.len());
        assert_eq!(to_cursor(code, 13), 10);
        assert_eq!(to_cursor(code, code.len()), 18);
    }

    #[test]
    fn the_identifier_under_the_cursor() {
        let code = "let s = String::new(); s";
        let end_of_name = |byte| end_of_name(&Syntax::of(code), byte);
        assert_eq!(end_of_name(10), Some(14));
        assert_eq!(end_of_name(16), Some(19));
        assert_eq!(end_of_name(code.len()), Some(code.len()));
        assert_eq!(end_of_name(7), None);
    }

    #[test]
    fn what_is_called_with_these_arguments() {
        let name = |code: &str| {
            let byte = code.find('|').unwrap();
            let code = code.replace('|', "");
            end_of_name(&Syntax::of(&code), byte)
                .map(|end| code[..end].rsplit(['.', ':', ' ', '(']).next().unwrap().to_owned())
        };
        assert_eq!(name("double(|)").as_deref(), Some("double"));
        assert_eq!(name("double(|").as_deref(), Some("double"));
        assert_eq!(name("v.push(1, |)").as_deref(), Some("push"));
        assert_eq!(name("let x = a::b(c.d(1), |2);").as_deref(), Some("b"));
        assert_eq!(name("let x = a::b(c.d(|1), 2);").as_deref(), Some("d"));
        assert_eq!(name(r#"println!("{}", | 1)"#).as_deref(), Some("println"));
        assert_eq!(name("(1, | 2)"), None);
        assert_eq!(name("double(1) | + 1"), None);
    }

    #[test]
    fn commands_keep_their_length() {
        let code = ":dep é\nlet x";
        let blank = without_commands(&Syntax::of(code), code.len());
        assert_eq!(blank.len(), code.len());
        assert!(blank.ends_with("\nlet x"));
        assert_eq!(without_commands(&Syntax::of(":he"), 3), ":he");
    }
}
