//! `thread_local!` at the top of a cell. For evcxr it is a statement, whose keys end with the cell; it is handed over as
//! items, one for each key. (In modules and functions, which are items already, the cargo shim sees to it.)

use crate::cell::statements::{self, EDITION};
use ferrobook_evcxr_code::names::SHARED_THREAD_LOCAL;
use ra_ap_syntax::ast::{self, AstNode, HasModuleItem, HasName, HasVisibility};
use ra_ap_syntax::{NodeOrToken, SourceFile, SyntaxNode};
use std::fmt::Write as _;
use std::ops::Range;

/// One key's declaration.
#[derive(Debug)]
pub struct Key {
    pub name: String,
    /// Bytes from the beginning of the statement, with the semicolon if it has one.
    pub range: Range<usize>,
    visibility: String,
    ty: String,
}

/// The keys that a statement declares; `None` when it does something else, an error when they are beyond us.
pub fn keys(statement: &SyntaxNode) -> Option<Result<Vec<Key>, &'static str>> {
    let call = statement.descendants().take(3).find_map(ast::MacroCall::cast)?;
    let name = call.path()?.segment()?.name_ref()?;
    if name.text() != "thread_local" || call.syntax().text_range().start() != statement.text_range().start() {
        return None;
    }
    let tokens = call.token_tree()?.syntax().clone();
    let text = tokens.text().to_string();
    let inner = text.get(1..text.len().checked_sub(1)?)?;
    let base = usize::from(tokens.text_range().start() - statement.text_range().start()) + 1;
    let file = SourceFile::parse(inner, EDITION).tree();
    let keys: Option<Vec<Key>> = file.items().map(|item| key(&item, base)).collect();
    let others = file.syntax().children().any(|child| !ast::Static::can_cast(child.kind()));
    Some(keys.filter(|_| !others).ok_or("`thread_local!` takes declarations such as `static NAME: Type = value;`"))
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

fn on_one_line(node: &SyntaxNode) -> String {
    let tokens = node.descendants_with_tokens().filter_map(NodeOrToken::into_token);
    let words: Vec<String> =
        tokens.filter(|token| !token.kind().is_trivia()).map(|token| token.text().to_owned()).collect();
    words.join(" ")
}

/// The cell as evcxr is to see it. Each declaration stands there verbatim, on lines of its own.
pub fn lift(source: &str) -> String {
    if !source.contains("thread_local") {
        return source.to_owned();
    }
    let mut lifted = String::new();
    let mut at = 0;
    for (node, start) in statements::nodes_of_cell(source) {
        let Some(Ok(keys)) = keys(&node) else { continue };
        lifted.push_str(&source[at..start]);
        for Key { name, range, visibility, ty } in keys {
            let declaration = &source[start + range.start..start + range.end];
            let _ = write!(
                lifted,
                "{visibility}static {name}: crate::{SHARED_THREAD_LOCAL}<{ty}> = {{ ::std::thread_local! {{\n\
                 {declaration}\n}} crate::{SHARED_THREAD_LOCAL}::new(&{name}) }};\n"
            );
        }
        at = start + usize::from(node.text().len());
    }
    lifted + &source[at..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_items() {
        let source = "let a = 1;\nthread_local! {\n    /// One.\n    pub static A: Cell<u32> = const { Cell::new(1) };\n    \
                      static B: RefCell<Vec<u8>> = RefCell::default()\n}\nA.get()";
        let expected = "let a = 1;\npub static A: crate::FerrobookLocal<Cell < u32 >> = { ::std::thread_local! {\n\
                        /// One.\n    pub static A: Cell<u32> = const { Cell::new(1) };\n\
                        } crate::FerrobookLocal::new(&A) };\n\
                        static B: crate::FerrobookLocal<RefCell < Vec < u8 > >> = { ::std::thread_local! {\n\
                        static B: RefCell<Vec<u8>> = RefCell::default()\n\
                        } crate::FerrobookLocal::new(&B) };\n\nA.get()";
        assert_eq!(lift(source), expected);
        let cell = statements::Cell::new(source);
        let items: Vec<_> = cell.statements.iter().filter(|statement| statement.is_item).collect();
        assert_eq!(items.iter().map(|item| (item.line, item.column)).collect::<Vec<_>>(), [(3, 4), (5, 4)]);
        assert_eq!(items[0].name.as_deref(), Some("A"));
        assert!(items.iter().all(|item| expected.contains(&format!("\n{}\n", item.text))));
    }

    #[test]
    fn other_code_stays() {
        for source in ["f(thread_local!())", "mod m { thread_local! { static A: u8 = 1; } }", "thread_local"] {
            assert_eq!(lift(source), source);
            assert!(statements::Cell::new(source).ignored.is_none());
        }
        assert!(statements::Cell::new("thread_local! { fn f() {} }").ignored.is_some());
        assert!(statements::Cell::new("thread_local!(static A: u8)").ignored.is_some());
    }
}
