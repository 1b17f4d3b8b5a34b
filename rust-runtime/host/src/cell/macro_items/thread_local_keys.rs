//! The keys that `thread_local!` at the top of a cell declares. (In modules and functions the cargo shim looks for them.)

use super::{arguments, on_one_line};
use crate::cell::syntax::EDITION;
use ferrobook_evcxr_code::names::SHARED_THREAD_LOCAL;
use ra_ap_syntax::ast::{self, AstNode, HasModuleItem, HasName, HasVisibility};
use ra_ap_syntax::{SourceFile, SyntaxNode};
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
    let (inner, base) = arguments(statement, "thread_local")?;
    let file = SourceFile::parse(&inner, EDITION).tree();
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

impl Key {
    pub fn as_item(&self, statement: &str) -> String {
        let Self { name, range, visibility, ty } = self;
        let declaration = &statement[range.clone()];
        format!(
            "{visibility}static {name}: crate::{SHARED_THREAD_LOCAL}<{ty}> = {{ ::std::thread_local! {{\n\
             {declaration}\n}} crate::{SHARED_THREAD_LOCAL}::new(&{name}) }};\n"
        )
    }
}
