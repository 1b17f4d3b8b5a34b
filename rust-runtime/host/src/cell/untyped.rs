//! The variables whose type a cell does not name.

use crate::cell::literals;
use ra_ap_syntax::ast::{self, AstNode, HasName};
use ra_ap_syntax::{SyntaxKind, SyntaxNode};
use std::ops::Range;

/// A variable whose type the cell does not name in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untyped {
    pub name: String,
    /// The bytes of the cell where the type belongs. It is empty when there is none, and otherwise a type with `_` in it.
    pub place: Range<usize>,
    /// The type, where it is seen at once.
    pub evident: Option<String>,
}

/// The variables that a `let` at the top of the cell gives no full type to. `None` when one of them cannot be given any,
/// as in a tuple's pattern.
pub fn of(statements: &[(SyntaxNode, usize)]) -> Option<Vec<Untyped>> {
    let mut found = Vec::new();
    for (node, at) in statements {
        let Some(statement) = ast::LetStmt::cast(node.clone()) else { continue };
        let start = node.text_range().start();
        let within = |node: &SyntaxNode| {
            let range = node.text_range() - start;
            at + usize::from(range.start())..at + usize::from(range.end())
        };
        match statement.pat()? {
            ast::Pat::WildcardPat(_) => {}
            ast::Pat::IdentPat(pattern) if pattern.pat().is_none() && pattern.ref_token().is_none() => {
                let name = pattern.name()?.text().to_string();
                let place = match statement.ty() {
                    None => {
                        let end = within(pattern.syntax()).end;
                        Some(end..end)
                    }
                    Some(ty) => leaves_something_out(ty.syntax()).then(|| within(ty.syntax())),
                };
                found.extend(place.map(|place| {
                    let evident = literals::type_of(&statement, &name);
                    Untyped { name, place, evident }
                }));
            }
            pattern => {
                if pattern.syntax().descendants().any(|node| ast::IdentPat::can_cast(node.kind())) {
                    return None;
                }
            }
        }
    }
    Some(found)
}

/// The names that a `let` at the top of the cell binds.
pub fn bindings(statements: &[(SyntaxNode, usize)]) -> Vec<String> {
    let lets = statements.iter().filter_map(|(node, _)| ast::LetStmt::cast(node.clone())?.pat());
    let names =
        lets.flat_map(|pattern| pattern.syntax().descendants().filter_map(ast::IdentPat::cast).collect::<Vec<_>>());
    names.filter_map(|pattern| Some(pattern.name()?.text().to_string())).collect()
}

fn leaves_something_out(ty: &SyntaxNode) -> bool {
    ty.descendants().any(|node| node.kind() == SyntaxKind::INFER_TYPE)
}

#[cfg(test)]
mod tests {
    use crate::cell::Cell;

    fn names(code: &str) -> Option<Vec<String>> {
        Cell::new(code).untyped.map(|found| found.into_iter().map(|variable| variable.name).collect())
    }

    #[test]
    fn variables_without_a_full_type() {
        assert_eq!(names("let a = 1; let mut b: u8 = 2; let _ = f(); fn g() { let c = 3; }").unwrap(), ["a"]);
        assert_eq!(
            names(
                r":dep itoa

let a: Vec<_> = x;
let b: HashMap<u8, (_, u8)> = y;
let é = 1"
            )
            .unwrap(),
            ["a", "b", "é"]
        );
        assert_eq!(names("1 + 1").unwrap(), [] as [&str; 0]);
        assert_eq!(names("let (a, b) = f();"), None);
        assert_eq!(names("let Some(a) = f() else { panic!() };"), None);
        assert_eq!(names("let ref a = b;"), None);
        assert_eq!(names("let () = f();").unwrap(), [] as [&str; 0]);
    }
}
