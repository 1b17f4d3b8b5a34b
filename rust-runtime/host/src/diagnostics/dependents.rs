//! An item of an earlier cell that does not compile with what this cell defines: whose fault it is, in one sentence.

use super::render::{Renderings, Source, Wrong};
use ra_ap_syntax::SourceFile;
use ra_ap_syntax::ast::{self, AstNode};

impl Renderings<'_> {
    /// ```use_it` of cell [3] does not compile with the new `scale` ``, when all errors are in the items of earlier cells.
    pub fn dependent(&self, wrongs: &[Wrong]) -> Option<String> {
        let mut texts = wrongs.iter().map(|wrong| self.earlier(wrong));
        let text = texts.next()??;
        if !texts.all(|text| text.is_some()) {
            return None;
        }
        let cell = match self.program.items.cell_of(text)?.execution_count {
            Some(count) => format!("cell [{count}]"),
            None => "an earlier cell".to_owned(),
        };
        let is_named = |name: &&str| words(text).any(|word| word == *name);
        let items = self.cell.statements.iter().filter(|statement| statement.is_item);
        let names: Vec<&str> = items.filter_map(|item| item.name.as_deref()).filter(is_named).collect();
        let new = names.first().map(|name| format!(" with the new `{name}`")).unwrap_or_default();
        Some(format!("{} of {cell} does not compile{new}", title(text)?))
    }

    /// The item in which an error is that is not in the cell.
    fn earlier(&self, wrong: &Wrong) -> Option<&str> {
        let spans = wrong.json["spans"].as_array()?;
        let span = spans.iter().find(|span| span["is_primary"] == true)?;
        match self.find(span)?.source {
            Source::Earlier { text, .. } => Some(text),
            Source::Cell => None,
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|char: char| !(char.is_alphanumeric() || char == '_'))
}

/// What an item is called in a sentence.
fn title(text: &str) -> Option<String> {
    let file = SourceFile::parse(text, crate::cell::syntax::EDITION).tree();
    let item = ast::HasModuleItem::items(&file).next()?;
    if let ast::Item::Impl(item) = &item {
        let part = |node: &dyn AstNode| node.syntax().text().to_string();
        let of = part(&item.self_ty()?);
        return Some(match item.trait_() {
            Some(name) => format!("`impl {} for {of}`", part(&name)),
            None => format!("`impl {of}`"),
        });
    }
    item.syntax().children().find_map(ast::Name::cast).map(|name| format!("`{name}`"))
}
