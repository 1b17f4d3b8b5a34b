//! evcxr's statements about variables: it checks, takes and keeps each one by a call to its store.

use crate::tokens::{bytes, whole_lines};
use ra_ap_syntax::SyntaxNode;
use ra_ap_syntax::ast::{self, AstNode};
use std::ops::Range;

const STORE: &str = "evcxr_variable_store.";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Whether it still has its type.
    Check,
    Take,
    Keep,
}

#[derive(Debug)]
pub struct Access {
    pub kind: Kind,
    /// evcxr begins each statement on a line of its own; a type that the user has written can have several lines.
    pub lines: Range<usize>,
    pub name: String,
    pub of_type: String,
}

/// All of them in a function. `None` when one has no lines of its own.
pub fn all(source: &str, function: &SyntaxNode) -> Option<Vec<Access>> {
    let statements = function.descendants().filter(|node| ast::Stmt::can_cast(node.kind()));
    let mut accesses = Vec::new();
    for statement in statements {
        let piece = bytes(statement.text_range());
        let Some((kind, name, of_type)) = parse(&source[piece.clone()]) else { continue };
        let lines = whole_lines(source, piece)?;
        accesses.push(Access { kind, lines, name: name.to_owned(), of_type: of_type.to_owned() });
    }
    Some(accesses)
}

fn parse(statement: &str) -> Option<(Kind, &str, &str)> {
    let (kind, call) = if let Some(rest) = statement.strip_prefix("let ") {
        let (_, value) = rest.split_once(" = ")?;
        (Kind::Take, value.strip_prefix(STORE)?.strip_prefix("take_variable::<")?)
    } else if let Some(check) = statement.strip_prefix("vars_ok &= ").and_then(|call| call.strip_prefix(STORE)) {
        (Kind::Check, check.strip_prefix("check_variable::<")?)
    } else {
        (Kind::Keep, statement.strip_prefix(STORE)?.strip_prefix("put_variable::<")?)
    };
    let (of_type, arguments) = call.rsplit_once(">(stringify!(")?;
    let (name, _) = arguments.split_once(')')?;
    Some((kind, name, of_type))
}

impl Access {
    /// The name as it would be without `r#`.
    pub fn plain_name(&self) -> &str {
        self.name.strip_prefix("r#").unwrap_or(&self.name)
    }
}
