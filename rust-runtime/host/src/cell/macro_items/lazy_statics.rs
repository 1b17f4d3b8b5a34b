//! The statics that `lazy_static!` at the top of a cell declares. What the macro makes would
//! hold its value in each cell's library anew. So each becomes a `LazyLock`, as one would write it today, which is one for all cells.

use super::{arguments, on_one_line};
use crate::cell::syntax::EDITION;
use ra_ap_syntax::ast::{self, AstNode, HasModuleItem, HasName, HasVisibility};
use ra_ap_syntax::{SourceFile, SyntaxNode};
use std::ops::Range;

/// One static's declaration.
#[derive(Clone, Debug)]
pub struct LazyStatic {
    pub name: String,
    /// Bytes of its value, from the beginning of the statement.
    pub value: Range<usize>,
    /// With a space behind it, if there is one.
    pub visibility: String,
    pub ty: String,
}

/// The statics that a statement declares; `None` when it does something else, an error when they are beyond us.
pub fn of(statement: &SyntaxNode) -> Option<Result<Vec<LazyStatic>, &'static str>> {
    let (inner, base) = arguments(statement, "lazy_static")?;
    // Without its `ref`, and as long, it is a declaration of Rust's.
    let inner = inner.replace("static ref ", "static     ");
    let parsed = SourceFile::parse(&inner, EDITION);
    let file = parsed.tree();
    let statics: Option<Vec<LazyStatic>> = file.items().map(|item| lazy_static(&item, base)).collect();
    let is_understood = parsed.errors().is_empty();
    let problem = "`lazy_static!` takes declarations such as `static ref NAME: Type = value;`";
    Some(statics.filter(|_| is_understood).ok_or(problem))
}

fn lazy_static(item: &ast::Item, base: usize) -> Option<LazyStatic> {
    let ast::Item::Static(item) = item else { return None };
    let value = item.body()?.syntax().text_range();
    Some(LazyStatic {
        name: item.name()?.to_string(),
        value: base + usize::from(value.start())..base + usize::from(value.end()),
        visibility: item.visibility().map(|visibility| visibility.to_string() + " ").unwrap_or_default(),
        ty: on_one_line(item.ty()?.syntax()),
    })
}

impl LazyStatic {
    pub fn as_item(&self, statement: &str) -> String {
        let Self { name, value, visibility, ty } = self;
        let value = &statement[value.clone()];
        format!(
            "{visibility}static {name}: ::std::sync::LazyLock<{ty}> = ::std::sync::LazyLock::new(|| {{\n{value}\n}});\n"
        )
    }
}
