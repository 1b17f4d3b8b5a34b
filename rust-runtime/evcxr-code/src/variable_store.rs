//! The store of variables. evcxr writes one of its own into every cell, where it is compiled again; the cell process has one
//! for all of them.

use crate::tokens::sequences;
use ra_ap_syntax::SyntaxToken;
use std::ops::Range;

/// evcxr's module with the store.
pub const MODULE: &str = "evcxr_internal_runtime";

/// What stands in cells' code in place of evcxr's module. It finds the functions that the cell process exports.
pub const OF_CELLS: &str = concat!("mod evcxr_internal_runtime {\n", include_str!("variable_store/of_cells.rs"), "}\n");

/// evcxr's module in code that the parser does not understand, and so cannot say what is part of what. It stands right
/// before evcxr's function, whose tokens begin at `function`. A text of this kind in a string is one token.
pub fn before(tokens: &[SyntaxToken], function: usize) -> Option<Range<usize>> {
    let close = tokens[..function].last().filter(|token| token.text() == "}")?;
    let open = sequences(&tokens[..function], &["mod", MODULE, "{"]).next_back()?;
    Some(tokens[open].text_range().start().into()..close.text_range().end().into())
}
