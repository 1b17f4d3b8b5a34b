//! The order of items. evcxr writes them in the order of a `HashMap`, another one in each run, but a `macro_rules!`
//! must stand before its uses.

use crate::generated_cell::GeneratedCell;
use crate::tokens::significant_tokens;
use ra_ap_syntax::SourceFile;
use ra_ap_syntax::ast::{self, AstNode, HasAttrs};
use std::ops::Range;

/// The pieces of the code, whole lines each, in the order in which they are to be compiled.
pub fn blocks(cell: &GeneratedCell) -> Vec<Range<usize>> {
    let source = cell.source();
    let whole = 0..source.len();
    let Some(mut blocks) = movable(source, cell.items(), cell.end_of_items()) else { return vec![whole] };
    let (Some((first, _)), Some((last, _))) = (blocks.first(), blocks.last()) else { return vec![whole] };
    // Where an item ends in code that the parser does not understand is a guess.
    if cell.errors().iter().any(|error| usize::from(error.range().start()) < last.end) {
        return vec![whole];
    }
    let (before, after) = (0..first.start, last.end..source.len());
    blocks.sort_by(|(a, first), (b, second)| (first, &source[a.clone()]).cmp(&(second, &source[b.clone()])));
    attributes(source, before, cell.file())
        .into_iter()
        .chain(blocks.into_iter().map(|(range, _)| range))
        .chain([after])
        .collect()
}

/// The attributes of the crate, which evcxr keeps in a `HashMap`, too. The first one is its own.
fn attributes(source: &str, before: Range<usize>, file: &SourceFile) -> Vec<Range<usize>> {
    let line = |at: usize| source[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let attributes = file.attrs().skip(1).map(|attribute| line(attribute.syntax().text_range().start().into()));
    let mut starts: Vec<usize> = attributes.filter(|start| before.contains(start)).collect();
    starts.dedup();
    starts.insert(0, before.start);
    let ends = starts[1..].iter().copied().chain([before.end]);
    let mut blocks: Vec<Range<usize>> = starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect();
    blocks[1..].sort_by_key(|block| &source[block.clone()]);
    blocks
}

/// Lower ones come first: macros of crates may be used by macros, and these by everything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    ExternCrate,
    Macro,
    ModuleWithMacros,
    Other,
}

/// Each item with the comments above it, and the lines up to the next one. evcxr, too, gives a comment to the item below
/// and an empty line to the one above.
fn movable(source: &str, items: &[ast::Item], end_of_items: usize) -> Option<Vec<(Range<usize>, Rank)>> {
    let mut blocks: Vec<(Range<usize>, Rank)> = Vec::new();
    for item in items {
        let start = usize::from(item.syntax().text_range().start());
        let start = source[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let last = significant_tokens(item.syntax()).last()?;
        let end = usize::from(last.text_range().end());
        let end = source[end..].find('\n').map_or(source.len(), |newline| end + newline + 1);
        let rank = rank(item);
        match blocks.last_mut() {
            // evcxr begins each item on a line of its own; whatever does not stays with its neighbour.
            Some((range, known)) if start < range.end => {
                range.end = range.end.max(end);
                *known = (*known).min(rank);
            }
            _ => blocks.push((start..end, rank)),
        }
    }
    for index in 1..blocks.len() {
        blocks[index - 1].0.end = blocks[index].0.start;
    }
    if let Some((range, _)) = blocks.last_mut() {
        range.end = range.end.max(end_of_items);
    }
    Some(blocks)
}

fn rank(item: &ast::Item) -> Rank {
    match item {
        ast::Item::ExternCrate(_) => Rank::ExternCrate,
        ast::Item::MacroRules(_) | ast::Item::MacroDef(_) => Rank::Macro,
        ast::Item::Module(module) if module.attrs().any(|attr| attr.to_string().contains("macro_use")) => {
            Rank::ModuleWithMacros
        }
        _ => Rank::Other,
    }
}
