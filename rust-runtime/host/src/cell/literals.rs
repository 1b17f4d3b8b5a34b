//! The types of variables that are made of literals: what everybody who reads the code knows, without an inference.

use crate::cell::syntax;
use ra_ap_syntax::ast::{self, AstNode, LiteralKind};
use ra_ap_syntax::{SyntaxKind, SyntaxNode};

/// The type of the variable that a `let` defines. `None` when it takes more than a look at the value, as it does when a
/// number's type is left to what the cell does with it.
pub fn type_of(statement: &ast::LetStmt, variable: &str) -> Option<String> {
    let Type { name, is_fixed } = of(&statement.initializer()?)?;
    (is_fixed || mentions(statement.syntax(), variable) == 1).then_some(name)
}

struct Type {
    name: String,
    /// Whether it is the same wherever the value goes.
    is_fixed: bool,
}

impl Type {
    fn fixed(name: &str) -> Self {
        Self { name: name.to_owned(), is_fixed: true }
    }

    fn by_default(name: &str) -> Self {
        Self { name: name.to_owned(), is_fixed: false }
    }
}

fn of(value: &ast::Expr) -> Option<Type> {
    match value {
        ast::Expr::Literal(literal) => of_literal(&literal.kind()),
        ast::Expr::ParenExpr(inner) => of(&inner.expr()?),
        ast::Expr::PrefixExpr(negative) if negative.op_kind() == Some(ast::UnaryOp::Neg) => {
            of(&negative.expr()?).filter(|of_number| of_number.name.starts_with(['i', 'f']))
        }
        ast::Expr::TupleExpr(tuple) => {
            let parts = tuple.fields().map(|field| of(&field)).collect::<Option<Vec<_>>>()?;
            let names: Vec<_> = parts.iter().map(|part| part.name.as_str()).collect();
            let name = match names[..] {
                [one] => format!("({one},)"),
                _ => format!("({})", names.join(", ")),
            };
            Some(Type { name, is_fixed: parts.iter().all(|part| part.is_fixed) })
        }
        ast::Expr::ArrayExpr(array) => {
            let Type { name, is_fixed } = of_elements(array)?;
            let length = array.exprs().count();
            Some(Type { name: format!("[{name}; {length}]"), is_fixed })
        }
        ast::Expr::MacroExpr(call) => of_macro(&call.macro_call()?),
        ast::Expr::MethodCallExpr(call) => {
            let makes_text = matches!(call.name_ref()?.text(), "to_string" | "to_owned");
            let of_text = of(&call.receiver()?)?.name == "&str";
            (makes_text && of_text).then(|| Type::fixed("String"))
        }
        ast::Expr::CallExpr(call) => {
            let called = call.expr()?.syntax().text().to_string();
            matches!(called.as_str(), "String::new" | "String::from").then(|| Type::fixed("String"))
        }
        _ => None,
    }
}

fn of_literal(literal: &LiteralKind) -> Option<Type> {
    Some(match literal {
        LiteralKind::String(_) => Type::fixed("&str"),
        LiteralKind::Char(_) => Type::fixed("char"),
        LiteralKind::Byte(_) => Type::fixed("u8"),
        LiteralKind::Bool(_) => Type::fixed("bool"),
        LiteralKind::IntNumber(number) => number.suffix().map_or_else(|| Type::by_default("i32"), Type::fixed),
        LiteralKind::FloatNumber(number) => number.suffix().map_or_else(|| Type::by_default("f64"), Type::fixed),
        LiteralKind::ByteString(_) | LiteralKind::CString(_) => return None,
    })
}

/// The one type of a list's elements. Of `[x; n]` it is not known here how many there are.
fn of_elements(array: &ast::ArrayExpr) -> Option<Type> {
    if array.semicolon_token().is_some() {
        return None;
    }
    let mut elements = array.exprs().map(|element| of(&element));
    let first = elements.next()??;
    elements.all(|element| element.is_some_and(|element| element.name == first.name)).then_some(first)
}

fn of_macro(call: &ast::MacroCall) -> Option<Type> {
    let arguments = call.token_tree()?.syntax().text().to_string();
    match call.path()?.syntax().text().to_string().as_str() {
        "format" => Some(Type::fixed("String")),
        "vec" => {
            let inner = arguments.get(1..arguments.len().checked_sub(1)?)?;
            let parsed = syntax::parse(&format!("[{inner}]")).syntax_node();
            let Type { name, is_fixed } = of_elements(&parsed.descendants().find_map(ast::ArrayExpr::cast)?)?;
            Some(Type { name: format!("Vec<{name}>"), is_fixed })
        }
        _ => None,
    }
}

/// How often a name stands in the cell that a statement belongs to, macros included.
fn mentions(statement: &SyntaxNode, name: &str) -> usize {
    let tokens = statement.ancestors().last().into_iter().flat_map(|cell| cell.descendants_with_tokens());
    let tokens = tokens.filter_map(|part| part.into_token());
    tokens.filter(|token| token.kind() == SyntaxKind::IDENT && token.text() == name).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_variable(cell: &str) -> Option<String> {
        let parsed = syntax::parse(cell).syntax_node();
        type_of(&parsed.descendants().find_map(ast::LetStmt::cast).unwrap(), "a")
    }

    #[test]
    fn literals_have_a_type() {
        for (value, expected) in [
            ("1", "i32"),
            ("-1_000", "i32"),
            ("7u8", "u8"),
            ("1.5", "f64"),
            ("-2f32", "f32"),
            ("true", "bool"),
            ("'x'", "char"),
            ("b'x'", "u8"),
            ("\"é\"", "&str"),
            ("r#\"x\"#", "&str"),
            (r#"(1, "x")"#, "(i32, &str)"),
            ("(1,)", "(i32,)"),
            ("()", "()"),
            ("[1, 2, 3]", "[i32; 3]"),
            ("vec![1.0, -2.0]", "Vec<f64>"),
            ("vec![(1, 'x'), (2, 'y')]", "Vec<(i32, char)>"),
            (r#"vec!["a".to_string(), String::new()]"#, "Vec<String>"),
            (r#"format!("{x}")"#, "String"),
            (r#"String::from("x")"#, "String"),
            (r#""x".to_owned()"#, "String"),
        ] {
            assert_eq!(of_variable(&format!("let mut a = {value};")).as_deref(), Some(expected), "{value}");
        }
    }

    #[test]
    fn what_takes_an_inference() {
        for value in [
            "f()",
            "1 + 1",
            "x",
            "[]",
            "vec![]",
            "[0; 3]",
            "[1, 2u8]",
            r#"vec![1, "x"]"#,
            "-\"x\"",
            "|| 1",
            "b\"x\"",
            "&1",
        ] {
            assert_eq!(of_variable(&format!("let a = {value};")), None, "{value}");
        }
        assert_eq!(of_variable("let a = 1;\nlet b: u8 = a;"), None, "a number that the cell goes on with");
        assert_eq!(of_variable("let a = vec![1.5]; f!(a)"), None);
        assert_eq!(of_variable("let a = 1u8;\nf(a)").as_deref(), Some("u8"));
        assert_eq!(of_variable(r#"let a = "x"; a.len()"#).as_deref(), Some("&str"));
        assert_eq!(of_variable("let a;"), None);
    }
}
