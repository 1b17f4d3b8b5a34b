//! Macros at the top of a cell that make items. To evcxr such a call is a statement, whose items would end with the cell: it is
//! given items in their place.

mod bit_flags;
mod lazy_statics;
mod thread_local_keys;

use bit_flags::BitFlags;
use lazy_statics::LazyStatic;
use ra_ap_syntax::ast::{self, AstNode};
use ra_ap_syntax::{NodeOrToken, SyntaxNode};
use std::ops::Range;
use thread_local_keys::Key;

/// One call.
#[derive(Clone, Debug)]
pub struct MacroItems {
    /// The bytes of the cell that it takes up.
    pub place: Range<usize>,
    made: Made,
}

#[derive(Clone, Debug)]
enum Made {
    ThreadLocals(Vec<Key>),
    LazyStatics(Vec<LazyStatic>),
    Flags(BitFlags),
}

impl MacroItems {
    /// What the statement at this byte of the cell makes; `None` when it is no such call, an error when it is beyond us.
    pub fn of(statement: &SyntaxNode, at: usize) -> Option<Result<Self, &'static str>> {
        let keys = || Some(thread_local_keys::of(statement)?.map(Made::ThreadLocals));
        let statics = || Some(lazy_statics::of(statement)?.map(Made::LazyStatics));
        let flags = || Some(Ok(Made::Flags(bit_flags::of(statement)?)));
        let made = keys().or_else(statics).or_else(flags)?;
        let place = at..at + usize::from(statement.text_range().len());
        Some(made.map(|made| Self { place, made }))
    }

    /// The items' names, and the bytes of the cell that stand in them verbatim.
    pub fn items(&self) -> Vec<(&str, Range<usize>)> {
        let in_cell = |range: &Range<usize>| self.place.start + range.start..self.place.start + range.end;
        match &self.made {
            Made::ThreadLocals(keys) => keys.iter().map(|key| (&*key.name, in_cell(&key.range))).collect(),
            Made::LazyStatics(all) => all.iter().map(|lazy| (&*lazy.name, in_cell(&lazy.value))).collect(),
            Made::Flags(flags) => vec![(&flags.module, self.place.clone())],
        }
    }

    /// What evcxr is given in place of the statement. What is the user's stands there verbatim, on lines of its own.
    pub fn for_evcxr(&self, statement: &str) -> String {
        match &self.made {
            Made::ThreadLocals(keys) => keys.iter().map(|key| key.as_item(statement)).collect(),
            Made::LazyStatics(all) => all.iter().map(|lazy| lazy.as_item(statement)).collect(),
            Made::Flags(flags) => flags.as_item(statement),
        }
    }
}

/// What a statement that is nothing but a call of this macro gives to it, and where that begins in the statement.
fn arguments(statement: &SyntaxNode, macro_name: &str) -> Option<(String, usize)> {
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

fn on_one_line(node: &SyntaxNode) -> String {
    let tokens = node.descendants_with_tokens().filter_map(NodeOrToken::into_token);
    let words: Vec<String> =
        tokens.filter(|token| !token.kind().is_trivia()).map(|token| token.text().to_owned()).collect();
    words.join(" ")
}
