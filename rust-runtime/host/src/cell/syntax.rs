//! A cell's text in its parts: commands, as evcxr splits them off, and Rust code with its syntax tree.

use crate::cell::commands::{self, Command};
use ra_ap_syntax::ast::{self, AstNode};
use ra_ap_syntax::{Edition, Parse, SourceFile, SyntaxNode};

pub const EDITION: Edition = Edition::Edition2024;
const WRAPPER: &str = "fn f(){";

pub struct Syntax<'a> {
    pub source: &'a str,
    /// With the numbers (from 0) of their lines.
    pub commands: Vec<(usize, Command)>,
    /// The byte at which the code begins.
    pub start: usize,
    pub tree: Parse<SourceFile>,
}

impl<'a> Syntax<'a> {
    pub fn of(source: &'a str) -> Self {
        let (commands, start) = commands::split(source);
        Self { source, commands, start, tree: parse(&source[start..]) }
    }

    pub fn code(&self) -> &'a str {
        &self.source[self.start..]
    }

    /// The byte of the cell that stands at a place of the tree.
    pub fn byte(&self, place: impl Into<usize>) -> usize {
        self.start + place.into().saturating_sub(WRAPPER.len())
    }

    /// Where a byte of the cell stands in the tree.
    pub fn place(&self, byte: usize) -> usize {
        (byte + WRAPPER.len()).saturating_sub(self.start)
    }

    /// The statements' nodes and the bytes of the cell at which they begin.
    pub fn statements(&self) -> Vec<(SyntaxNode, usize)> {
        let file = self.tree.syntax_node();
        let function = file.children().next().and_then(ast::Fn::cast);
        let Some(list) = function.and_then(|function| function.body()?.stmt_list()) else { return Vec::new() };
        let statements = list.syntax().children();
        statements.map(|node| (node.clone(), self.byte(node.text_range().start()))).collect()
    }

    /// A `}` that nothing in the cell opens would end the function that the cell is parsed in.
    pub fn extra_brace(&self) -> Option<usize> {
        let function = self.tree.syntax_node().first_child()?;
        let end = usize::from(function.text_range().end()).checked_sub(WRAPPER.len() + 1)?;
        (self.code().as_bytes().get(end) == Some(&b'}')).then_some(self.start + end)
    }
}

/// Parses statements as the body of a function.
pub fn parse(code: &str) -> Parse<SourceFile> {
    SourceFile::parse(&format!("{WRAPPER}{code}\n}}"), EDITION)
}
