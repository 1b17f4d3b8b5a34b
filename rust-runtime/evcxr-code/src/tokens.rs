//! Tokens of Rust code, and the lines that they are in.

use ra_ap_syntax::ast;
use ra_ap_syntax::{AstToken, Edition, NodeOrToken, SyntaxNode, SyntaxToken, TextRange};
use std::ops::Range;

pub const EDITION: Edition = Edition::Edition2024;

/// The first token of an item that means something: an attribute's, or a doc comment.
pub fn first_token(node: &SyntaxNode) -> Option<SyntaxToken> {
    significant_tokens(node).next()
}

/// Where an item stands. To the parser a comment at the end of the line above is part of it.
pub fn item_range(node: &SyntaxNode) -> Range<usize> {
    let range = node.text_range();
    let start = first_token(node).map_or(range.start(), |token| token.text_range().start());
    start.into()..range.end().into()
}

/// The tokens of a node without spaces and comments.
pub fn significant_tokens(node: &SyntaxNode) -> impl Iterator<Item = SyntaxToken> {
    let tokens = node.descendants_with_tokens().filter_map(NodeOrToken::into_token);
    tokens.filter(|token| {
        let comment = ast::Comment::cast(token.clone());
        !token.kind().is_trivia() || comment.is_some_and(|comment| comment.kind().doc.is_some())
    })
}

/// Where in `tokens` these words stand one behind the other.
pub fn sequences<'a>(tokens: &'a [SyntaxToken], words: &'a [&str]) -> impl DoubleEndedIterator<Item = usize> + 'a {
    let stand = move |window: &[SyntaxToken]| window.iter().zip(words).all(|(token, word)| token.text() == *word);
    tokens.windows(words.len()).enumerate().filter(move |(_, window)| stand(window)).map(|(at, _)| at)
}

pub fn bytes(range: TextRange) -> Range<usize> {
    range.start().into()..range.end().into()
}

/// The lines of a piece of code that shares none of them with another one, but perhaps with a comment behind it.
pub fn whole_lines(source: &str, piece: Range<usize>) -> Option<Range<usize>> {
    let lines = lines(source, piece.clone());
    let behind = source[piece.end..lines.end].trim();
    let alone = source[lines.start..piece.start].trim().is_empty() && (behind.is_empty() || behind.starts_with("//"));
    alone.then_some(lines)
}

/// The lines that a piece of code is in.
pub fn lines(source: &str, piece: Range<usize>) -> Range<usize> {
    let first = source[..piece.start].rfind('\n').map_or(0, |newline| newline + 1);
    let last = source[piece.end..].find('\n').map_or(source.len(), |newline| piece.end + newline + 1);
    first..last
}
