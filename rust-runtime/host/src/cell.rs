//! A cell's source, and what can be said of it without a compiler. It is parsed once for each request, and passed on.

pub mod commands;
pub mod dep_spelling;
pub mod literals;
pub mod macro_items;
pub mod statements;
pub mod syntax;
pub mod untyped;

use commands::Command;
use ferrobook_evcxr_code::identifier;
use macro_items::MacroItems;
use ra_ap_syntax::ast::{self, AstNode};
use statements::Statement;
use syntax::Syntax;
use untyped::Untyped;

/// A cell as the user wrote it, and what it consists of.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    pub source: String,
    /// With the numbers (from 0) of their lines.
    pub commands: Vec<(usize, Command)>,
    /// The byte at which the Rust code begins.
    start: usize,
    pub statements: Vec<Statement>,
    /// Macros at the top of the cell that make items.
    pub macro_items: Vec<MacroItems>,
    /// The variables that a `let` at the top of the cell gives no full type to. `None` when one of them cannot be given any,
    /// as in a tuple's pattern.
    pub untyped: Option<Vec<Untyped>>,
    /// The names that a `let` at the top of the cell binds.
    pub bindings: Vec<String>,
    /// Whether the value of the last statement is shown.
    pub ends_with_expression: bool,
    /// Code that evcxr would leave out without a word: where it is, and what is wrong with it.
    pub ignored: Option<(usize, &'static str)>,
}

impl Cell {
    pub fn new(source: &str) -> Self {
        let syntax = Syntax::of(source);
        let nodes = syntax.statements();
        let mut statements = Vec::new();
        let mut macro_items = Vec::new();
        let mut bad_items = None;
        let mut from = syntax.start;
        for (index, (node, at)) in nodes.iter().enumerate() {
            let end = nodes.get(index + 1).map_or(source.len(), |(_, next)| (*next).min(source.len()));
            if from >= end {
                break;
            }
            match MacroItems::of(node, *at) {
                None => {
                    let is_item = ast::Item::can_cast(node.kind());
                    let name = node.children().filter(|_| is_item).find_map(ast::Name::cast);
                    let name = name.map(|name| identifier(name.text()).to_owned());
                    let statement = Statement::new(source, from..end, is_item, name);
                    statements.push(if is_item { statement.saying(node) } else { statement });
                }
                Some(Ok(made)) => {
                    let items = made.items().into_iter();
                    statements
                        .extend(items.map(|(name, range)| Statement::new(source, range, true, Some(name.to_owned()))));
                    macro_items.push(made);
                }
                Some(Err(problem)) => bad_items = Some((*at, problem)),
            }
            from = end;
        }
        let bare_let = nodes.iter().find_map(|(node, at)| {
            let bare = ast::LetStmt::cast(node.clone()).is_some_and(|statement| statement.pat().is_none());
            bare.then_some((*at, "expected a pattern after `let`"))
        });
        let extra_brace = || syntax.extra_brace().map(|at| (at, "unexpected closing `}`"));
        Self {
            source: source.to_owned(),
            statements,
            macro_items,
            untyped: untyped::of(&nodes),
            bindings: untyped::bindings(&nodes),
            ends_with_expression: nodes.last().is_some_and(|(node, _)| ast::Expr::can_cast(node.kind())),
            ignored: bad_items.or(bare_let).or_else(extra_brace).or_else(|| syntax.without_item()),
            start: syntax.start,
            commands: syntax.commands,
        }
    }

    /// The lines above the Rust code, commands among them.
    pub fn head(&self) -> &str {
        &self.source[..self.start]
    }

    pub fn code(&self) -> &str {
        &self.source[self.start..]
    }

    /// What stands behind each `:dep`.
    pub fn dependencies(&self) -> impl Iterator<Item = &str> {
        self.commands.iter().filter_map(|(_, command)| match command {
            Command::Evcxr { name, arguments } if name == ":dep" => Some(arguments.as_str()),
            _ => None,
        })
    }

    /// The lines above the Rust code with some of them (from 0) empty, so that the others keep their numbers.
    pub fn head_without(&self, is_left_out: impl Fn(usize) -> bool) -> String {
        let lines = self.head().split_inclusive('\n').enumerate();
        let lines = lines.map(|(number, line)| match (is_left_out(number), line) {
            (false, line) => line,
            (true, line) if line.ends_with('\n') => "\n",
            (true, _) => "",
        });
        lines.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_know_their_lines() {
        let cell = Cell::new(
            r":dep itoa

let é = 1; fn f() {
}
é + 1",
        );
        let places: Vec<_> = cell.statements.iter().map(|s| (s.text.as_str(), s.line, s.column, s.is_item)).collect();
        assert_eq!(places, [("let é = 1; ", 3, 0, false), ("fn f() {\n}\n", 3, 11, true), ("é + 1", 5, 0, false)]);
        assert!(cell.ends_with_expression);
        assert!(!Cell::new("f();").ends_with_expression);
        assert!(!Cell::new("").ends_with_expression);
    }

    #[test]
    fn what_belongs_to_no_item() {
        let ignored =
            |code: &str| Cell::new(code).ignored.map(|(at, message)| (at, message.rsplit(' ').next().unwrap()));
        assert_eq!(ignored("#[derive(Debug)]"), Some((0, "attributes")));
        assert_eq!(ignored(":opt 2\nlet a = 1;\n#[derive(Debug)] // words\n"), Some((18, "attributes")));
        assert_eq!(ignored("1;\n/// words\n"), Some((3, "comment")));
        assert_eq!(ignored("1;\n/** words */"), Some((3, "comment")));
        for fine in [
            "#[derive(Debug)] struct S;",
            "#![allow(x)]",
            "// words",
            "/* words */",
            "1 // words",
            "/// words\nfn f() {}",
            "#[a] { 1 }",
        ] {
            assert_eq!(ignored(fine), None, "{fine}");
        }
    }

    #[test]
    fn lines_keep_their_numbers() {
        assert_eq!(Cell::new(":a\n:b\n:c").head_without(|line| line == 1), ":a\n\n:c");
    }
}
