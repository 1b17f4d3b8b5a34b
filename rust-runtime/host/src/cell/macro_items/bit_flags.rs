//! The types that `bitflags!` at the top of a cell makes: in a module of their own, from which the cells see them.

use super::arguments;
use ferrobook_evcxr_code::inserted::{INSERTED, INSERTED_END};
use ra_ap_syntax::ast::{self, AstNode};
use ra_ap_syntax::{NodeOrToken, SyntaxElement, SyntaxKind, SyntaxNode};

#[derive(Clone, Debug)]
pub struct BitFlags {
    /// The name of the module, by the first of its types.
    pub module: String,
    /// Where in the statement a `pub` is missing.
    private: Vec<usize>,
}

/// `None` when the statement is something else.
pub fn of(statement: &SyntaxNode) -> Option<BitFlags> {
    arguments(statement, "bitflags")?;
    let tokens = statement.descendants().find_map(ast::TokenTree::cast)?.syntax().clone();
    let parts: Vec<SyntaxElement> = tokens.children_with_tokens().filter(|part| !part.kind().is_trivia()).collect();
    let types = parts.windows(2).enumerate().filter(|(_, pair)| pair[0].kind() == SyntaxKind::STRUCT_KW);
    let mut name = None;
    let mut private = Vec::new();
    for (index, pair) in types {
        name.get_or_insert_with(|| pair[1].to_string());
        if !is_public(&parts[..index]) {
            private.push(usize::from(pair[0].text_range().start() - statement.text_range().start()));
        }
    }
    Some(BitFlags { module: format!("ferrobook_of_{}", name?), private })
}

/// Whether a visibility ends these parts.
fn is_public(before: &[SyntaxElement]) -> bool {
    let is_pub = |part: Option<&SyntaxElement>| part.is_some_and(|part| part.kind() == SyntaxKind::PUB_KW);
    match before.last() {
        Some(NodeOrToken::Node(_)) => is_pub(before.iter().rev().nth(1)),
        last => is_pub(last),
    }
}

impl BitFlags {
    pub fn as_item(&self, statement: &str) -> String {
        let mut code = String::new();
        let mut from = 0;
        for at in &self.private {
            code += &statement[from..*at];
            code += &format!("{INSERTED}pub {INSERTED_END}");
            from = *at;
        }
        code += &statement[from..];
        let module = &self.module;
        format!("mod {module} {{ use super::*;\n{code}\n}}\nuse {module}::*;\n")
    }
}
