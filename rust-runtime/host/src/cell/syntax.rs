//! A cell's text in its parts: commands, as evcxr splits them off, and Rust code with its syntax tree.

use crate::cell::commands::{self, Command};
use ra_ap_syntax::ast::{self, AstNode, CommentPlacement};
use ra_ap_syntax::{AstToken, Edition, NodeOrToken, Parse, SourceFile, SyntaxNode, SyntaxToken};

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

    /// What ends the cell and belongs to an item that is not there: evcxr would take it for the next cell's.
    pub fn without_item(&self) -> Option<(usize, &'static str)> {
        let function = self.tree.syntax_node().first_child()?;
        let tokens = function.descendants_with_tokens().filter_map(NodeOrToken::into_token);
        let is_doc = |token: &SyntaxToken| {
            let comment = ast::Comment::cast(token.clone());
            comment.is_some_and(|comment| comment.kind().doc.is_some_and(|doc| doc == CommentPlacement::Outer))
        };
        let means_something = |token: &SyntaxToken| !token.kind().is_trivia() || is_doc(token);
        let within = |token: &SyntaxToken| usize::from(token.text_range().end()) <= WRAPPER.len() + self.code().len();
        let last = tokens.filter(|token| means_something(token) && within(token)).last()?;
        if is_doc(&last) {
            return Some((self.byte(last.text_range().start()), "expected item after doc comment"));
        }
        let attribute = last.parent_ancestors().find_map(ast::Attr::cast).filter(|attr| attr.excl_token().is_none())?;
        Some((self.byte(attribute.syntax().text_range().start()), "expected item after attributes"))
    }
}

/// Parses statements as the body of a function.
pub fn parse(code: &str) -> Parse<SourceFile> {
    SourceFile::parse(&format!("{WRAPPER}{code}\n}}"), EDITION)
}
