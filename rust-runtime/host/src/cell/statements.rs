//! A cell, split as evcxr splits it: commands and shell lines at the top, then statements.

use crate::cell::thread_locals;
use ferrobook_evcxr_code::type_hints::{HINT, HINT_END};
use ra_ap_syntax::ast::{self, AstNode};
use ra_ap_syntax::{Edition, Parse, SourceFile, SyntaxNode};
use std::borrow::Cow;
use std::ops::Range;

pub const EDITION: Edition = Edition::Edition2024;
const WRAPPER: &str = "fn f(){";

/// A cell as the user wrote it, and its statements.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    pub source: String,
    pub statements: Vec<Statement>,
    /// Whether the value of the last statement is shown.
    pub ends_with_expression: bool,
    /// Code that evcxr would leave out without a word: where it is, and what is wrong with it.
    pub ignored: Option<(usize, &'static str)>,
}

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
}

impl Statement {
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

/// A line at the top of a cell that is not Rust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// `:name arguments`
    Evcxr { name: &'a str, arguments: &'a str },
    /// `!command`
    Shell(&'a str),
}

/// The commands of a cell with the numbers (from 0) of their lines, and the byte at which its Rust code begins.
pub fn split_commands(source: &str) -> (Vec<(usize, Command<'_>)>, usize) {
    let mut commands = Vec::new();
    let mut start = 0;
    for (number, line) in source.split_inclusive('\n').enumerate() {
        let text = line.trim_end_matches(['\n', '\r']);
        let trimmed = text.trim_start_matches(' ');
        if let Some(command) = text.strip_prefix('!') {
            commands.push((number, Command::Shell(command.trim_start_matches('!').trim())));
        } else if trimmed.starts_with(':') {
            let (name, arguments) = trimmed.split_once(' ').unwrap_or((trimmed, ""));
            commands.push((number, Command::Evcxr { name, arguments: arguments.trim() }));
        } else if is_documentation(text) || !text.starts_with("//") && !text.trim().is_empty() {
            return (commands, start);
        }
        start += line.len();
    }
    (commands, start)
}

/// Whether the line belongs to the item below it.
fn is_documentation(line: &str) -> bool {
    line.starts_with("///") && !line.starts_with("////")
}

/// evcxr takes `///` at the beginning of a cell for an ordinary comment, and leaves it out. This is the cell with something
/// before it that the cargo shim takes out again.
pub fn keep_documentation(source: &str) -> Cow<'_, str> {
    let (_, start) = split_commands(source);
    if !is_documentation(&source[start..]) {
        return source.into();
    }
    let (commands, code) = source.split_at(start);
    format!("{commands}{HINT}{HINT_END}{code}").into()
}

/// `source` with all of these lines (from 0) empty, so that the others keep their numbers.
pub fn blank_lines(source: &str, blank: impl Fn(usize) -> bool) -> String {
    let lines = source.split_inclusive('\n').enumerate().map(|(number, line)| match (blank(number), line) {
        (false, line) => line,
        (true, line) if line.ends_with('\n') => "\n",
        (true, _) => "",
    });
    lines.collect()
}

pub fn parse(code: &str) -> Parse<SourceFile> {
    SourceFile::parse(&format!("{WRAPPER}{code}\n}}"), EDITION)
}

/// Where `code` begins in the text that [`parse`] parses.
pub const OFFSET: usize = WRAPPER.len();

impl Cell {
    pub fn new(source: &str) -> Self {
        let (_, start) = split_commands(source);
        let nodes = nodes(&source[start..]);
        let mut statements = Vec::new();
        let mut bad_keys = None;
        let mut from = start;
        for (index, (node, at)) in nodes.iter().enumerate() {
            let end = nodes.get(index + 1).map_or(source.len(), |(_, next)| (start + next).min(source.len()));
            if from >= end {
                break;
            }
            match thread_locals::keys(node) {
                None => {
                    let is_item = ast::Item::can_cast(node.kind());
                    let name = node.children().filter(|_| is_item).find_map(ast::Name::cast);
                    statements.push(statement(source, from..end, is_item, name.map(|name| name.to_string())));
                }
                Some(Ok(keys)) => statements.extend(keys.into_iter().map(|key| {
                    let range = start + at + key.range.start..start + at + key.range.end;
                    statement(source, range, true, Some(key.name))
                })),
                Some(Err(problem)) => bad_keys = Some((start + at, problem)),
            }
            from = end;
        }
        let ends_with_expression = nodes.last().is_some_and(|(node, _)| ast::Expr::can_cast(node.kind()));
        let bare_let = nodes.iter().find_map(|(node, at)| {
            let bare = ast::LetStmt::cast(node.clone()).is_some_and(|statement| statement.pat().is_none());
            bare.then_some((start + at, "expected a pattern after `let`"))
        });
        let ignored = bad_keys
            .or(bare_let)
            .or_else(|| extra_brace(&source[start..]).map(|at| (start + at, "unexpected closing `}`")));
        Self { source: source.to_owned(), statements, ends_with_expression, ignored }
    }
}

fn statement(source: &str, range: Range<usize>, is_item: bool, name: Option<String>) -> Statement {
    let before = &source[..range.start];
    Statement {
        line: before.matches('\n').count() + 1,
        column: before.rsplit('\n').next().unwrap_or_default().chars().count(),
        text: source[range].to_owned(),
        is_item,
        name,
    }
}

/// A `}` that nothing in the cell opens would end the function that the cell is parsed in.
fn extra_brace(code: &str) -> Option<usize> {
    let function = parse(code).syntax_node().first_child()?;
    let end = usize::from(function.text_range().end()).checked_sub(OFFSET + 1)?;
    (code.as_bytes().get(end) == Some(&b'}')).then_some(end)
}

/// The statements' nodes and the bytes of the cell at which they begin.
pub fn nodes_of_cell(source: &str) -> Vec<(SyntaxNode, usize)> {
    let (_, start) = split_commands(source);
    nodes(&source[start..]).into_iter().map(|(node, at)| (node, start + at)).collect()
}

/// The statements' nodes and the bytes at which they begin.
fn nodes(code: &str) -> Vec<(SyntaxNode, usize)> {
    let file = parse(code).syntax_node();
    let list = file
        .children()
        .next()
        .and_then(ast::Fn::cast)
        .and_then(|function| function.body())
        .and_then(|body| body.stmt_list());
    let Some(list) = list else { return Vec::new() };
    let start = |node: &SyntaxNode| usize::from(node.text_range().start()).saturating_sub(OFFSET);
    list.syntax()
        .children()
        .map(|node| {
            let start = start(&node);
            (node, start)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_know_their_lines() {
        let cell = Cell::new(":dep itoa\n\nlet é = 1; fn f() {\n}\né + 1");
        let places: Vec<_> = cell.statements.iter().map(|s| (s.text.as_str(), s.line, s.column, s.is_item)).collect();
        assert_eq!(places, [("let é = 1; ", 3, 0, false), ("fn f() {\n}\n", 3, 11, true), ("é + 1", 5, 0, false)]);
        assert!(cell.ends_with_expression);
        assert!(!Cell::new("f();").ends_with_expression);
        assert!(!Cell::new("").ends_with_expression);
    }

    #[test]
    fn types_whose_layout_depends_on_debug_assertions() {
        let has = |item: &str| Cell::new(item).statements[0].has_two_layouts();
        assert!(has("struct A { n: u8, #[cfg(debug_assertions)] checked: bool }"));
        assert!(has("enum A { B, #[cfg(not(debug_assertions))] C(u64) }"));
        assert!(has("const N: usize = if cfg!(debug_assertions) { 1 } else { 2 };"));
        assert!(!has("fn f() { if cfg!(debug_assertions) { panic!() } }"));
        assert!(!has("struct A; // debug_assertions"));
    }

    #[test]
    fn commands_stand_at_the_top_only() {
        let (commands, start) = split_commands("// c\n:opt 2\n!ls -l\n\nx\n:vars");
        assert_eq!(commands, [(1, Command::Evcxr { name: ":opt", arguments: "2" }), (2, Command::Shell("ls -l"))]);
        assert_eq!(start, "// c\n:opt 2\n!ls -l\n\n".len());
        assert_eq!(blank_lines("a\nb\nc", |line| line == 1), "a\n\nc");
    }
}
