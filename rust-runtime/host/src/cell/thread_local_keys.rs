//! The keys that `thread_local!` at the top of a cell declares. (In modules and functions the cargo shim looks for them.)

use crate::cell::syntax::EDITION;
use ra_ap_syntax::ast::{self, AstNode, HasModuleItem, HasName, HasVisibility};
use ra_ap_syntax::{NodeOrToken, SourceFile, SyntaxNode};
use std::ops::Range;

/// One key's declaration.
#[derive(Clone, Debug)]
pub struct Key {
    pub name: String,
    /// Bytes from the beginning of the statement, with the semicolon if it has one.
    pub range: Range<usize>,
    /// With a space behind it, if there is one.
    pub visibility: String,
    pub ty: String,
}

/// The keys that a statement declares; `None` when it does something else, an error when they are beyond us.
pub fn of(statement: &SyntaxNode) -> Option<Result<Vec<Key>, &'static str>> {
    let (inner, base) = macro_call(statement, "thread_local")?;
    let file = SourceFile::parse(&inner, EDITION).tree();
    let keys: Option<Vec<Key>> = file.items().map(|item| key(&item, base)).collect();
    let others = file.syntax().children().any(|child| !ast::Static::can_cast(child.kind()));
    Some(keys.filter(|_| !others).ok_or("`thread_local!` takes declarations such as `static NAME: Type = value;`"))
}

/// What a statement that is nothing but a call of this macro gives to it, and where that begins in the statement.
pub fn macro_call(statement: &SyntaxNode, macro_name: &str) -> Option<(String, usize)> {
    let call = statement.descendants().take(3).find_map(ast::MacroCall::cast)?;
    let name = call.path()?.segment()?.name_ref()?;
    if name.text() != macro_name || call.syntax().text_range().start() != statement.text_range().start() {
        return None;
    }
    let tokens = call.token_tree()?.syntax().clone();
    let text = tokens.text().to_string();
    let inner = text.get(1..text.len().checked_sub(1)?)?;
    Some((inner.to_owned(), usize::from(tokens.text_range().start() - statement.text_range().start()) + 1))
}

fn key(item: &ast::Item, base: usize) -> Option<Key> {
    let ast::Item::Static(item) = item else { return None };
    let range = item.syntax().text_range();
    item.body()?;
    Some(Key {
        name: item.name()?.to_string(),
        range: base + usize::from(range.start())..base + usize::from(range.end()),
        visibility: item.visibility().map(|visibility| visibility.to_string() + " ").unwrap_or_default(),
        ty: on_one_line(item.ty()?.syntax()),
    })
}

pub fn on_one_line(node: &SyntaxNode) -> String {
    let tokens = node.descendants_with_tokens().filter_map(NodeOrToken::into_token);
    let words: Vec<String> =
        tokens.filter(|token| !token.kind().is_trivia()).map(|token| token.text().to_owned()).collect();
    words.join(" ")
}
