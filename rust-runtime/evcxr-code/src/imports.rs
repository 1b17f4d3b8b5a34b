//! What a `use` imports. evcxr writes one `use` for each name of a group, without visibility and attributes.

use crate::layouts::{identifier, item_words};
use ra_ap_syntax::ast;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// `None` of a glob, and of a trait that is imported as `_`.
    pub name: Option<String>,
    /// The words of the `use` that evcxr writes for it.
    pub words: String,
}

impl Import {
    pub fn is_glob(&self) -> bool {
        self.words.ends_with("* ;")
    }
}

/// In the order in which they are written. evcxr forgets what is imported by a group without a path, and so do we.
pub fn imports(item: &ast::Use) -> Vec<Import> {
    let mut imports = Vec::new();
    if let Some(tree) = item.use_tree() {
        collect(&tree, &[], &mut imports);
    }
    imports
}

fn collect(tree: &ast::UseTree, above: &[String], imports: &mut Vec<Import>) {
    let Some(path) = tree.path() else { return };
    if path
        .segment()
        .and_then(|segment| segment.kind())
        .is_some_and(|kind| matches!(kind, ast::PathSegmentKind::SelfKw))
    {
        imports.extend(above.last().map(|name| import(above, name)));
        return;
    }
    let mut parts = above.to_vec();
    parts.extend(path.segments().filter_map(|segment| segment.name_ref()).map(|name| name.to_string()));
    if let Some(list) = tree.use_tree_list() {
        for tree in list.use_trees() {
            collect(&tree, &parts, imports);
        }
    } else if let Some(rename) = tree.rename() {
        let name = ast::HasName::name(&rename).map_or_else(|| "_".to_owned(), |name| name.to_string());
        imports.push(import(&parts, &name));
    } else if tree.star_token().is_some() {
        parts.push("*".to_owned());
        imports.push(import(&parts, "*"));
    } else if let Some(name) = parts.last() {
        imports.push(import(&parts, name));
    }
}

fn import(path: &[String], name: &str) -> Import {
    let joined = path.join("::");
    let text = match path.last().is_some_and(|last| last == name) {
        true => format!("use {joined};"),
        false => format!("use {joined} as {name};"),
    };
    let is_named = !["*", "_"].contains(&name);
    Import { name: is_named.then(|| identifier(name).to_owned()), words: item_words(&text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::EDITION;
    use ra_ap_syntax::SourceFile;
    use ra_ap_syntax::ast::HasModuleItem;

    #[test]
    fn a_group_is_spelled_as_evcxr_does() {
        let of = |text: &str| {
            let items = SourceFile::parse(text, EDITION).tree().items();
            let uses = items.filter_map(|item| if let ast::Item::Use(item) = item { Some(item) } else { None });
            let all = uses.flat_map(|item| imports(&item));
            all.map(|import| (import.name.unwrap_or_default(), import.words)).collect::<Vec<_>>()
        };
        let expected = |all: &[(&str, &str)]| {
            all.iter().map(|(name, text)| ((*name).to_owned(), item_words(text))).collect::<Vec<_>>()
        };
        assert_eq!(
            of("#[allow(unused)] pub use std::{collections::{self, HashMap as Map, btree_map::{BTreeMap}}, fmt::*};"),
            expected(&[
                ("collections", "use std::collections;"),
                ("Map", "use std::collections::HashMap as Map;"),
                ("BTreeMap", "use std::collections::btree_map::BTreeMap;"),
                ("", "use std::fmt::*;"),
            ])
        );
        assert_eq!(
            of("use ::std::io; use crate::a::b; use std::fmt::Write as _; use a::r#In;"),
            expected(&[
                ("io", "use std::io;"),
                ("b", "use crate::a::b;"),
                ("", "use std::fmt::Write as _;"),
                ("In", "use a::In;"),
            ])
        );
        assert_eq!(of("use {std::fmt, std::io};"), []);
    }
}
