//! The statements of a cell, with their places in it.

use crate::cell::syntax::parse;
use ferrobook_evcxr_code::{Implementation, Import, imports};
use ra_ap_syntax::SyntaxNode;
use ra_ap_syntax::ast::{self, AstNode};
use std::ops::Range;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Up to the beginning of the next statement.
    pub text: String,
    /// Line of the cell, from 1.
    pub line: usize,
    /// How many characters stand before the statement in that line.
    pub column: usize,
    pub is_item: bool,
    /// An item's name, if it has one.
    pub name: Option<String>,
    /// The implementations of traits, of modules and functions those that stand in them.
    pub implements: Vec<Implementation>,
    /// What a `use` brings in.
    pub imports: Vec<Import>,
}

impl Statement {
    pub fn new(source: &str, range: Range<usize>, is_item: bool, name: Option<String>) -> Self {
        let before = &source[..range.start];
        Self {
            line: before.matches('\n').count() + 1,
            column: before.rsplit('\n').next().unwrap_or_default().chars().count(),
            text: source[range].to_owned(),
            is_item,
            name,
            implements: Vec::new(),
            imports: Vec::new(),
        }
    }

    /// With what the item says beside its name.
    pub fn saying(self, item: &SyntaxNode) -> Self {
        let imports = ast::Use::cast(item.clone()).map(|item| imports(&item)).unwrap_or_default();
        Self { implements: Implementation::all(item), imports, ..self }
    }

    /// Whether the layout of a type may depend on debug assertions. Values of it cannot be shared by cells with them
    /// and cells without.
    pub fn has_two_layouts(&self) -> bool {
        let shapes = |kind| ast::Adt::can_cast(kind) || ast::Const::can_cast(kind) || ast::TypeAlias::can_cast(kind);
        self.is_item
            && self.text.contains("debug_assertions")
            && parse(&self.text).syntax_node().descendants().any(|node| {
                shapes(node.kind()) && node.descendants_with_tokens().any(|part| part.to_string() == "debug_assertions")
            })
    }
}

#[cfg(test)]
mod tests {
    use crate::cell::Cell;

    #[test]
    fn types_whose_layout_depends_on_debug_assertions() {
        let has = |item: &str| Cell::new(item).statements[0].has_two_layouts();
        assert!(has("struct A { n: u8, #[cfg(debug_assertions)] checked: bool }"));
        assert!(has("enum A { B, #[cfg(not(debug_assertions))] C(u64) }"));
        assert!(has("const N: usize = if cfg!(debug_assertions) { 1 } else { 2 };"));
        assert!(!has("fn f() { if cfg!(debug_assertions) { panic!() } }"));
        assert!(!has("struct A; // debug_assertions"));
    }
}
