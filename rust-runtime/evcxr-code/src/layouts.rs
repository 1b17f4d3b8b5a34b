//! What the layout of a type, and its meaning, depend on: the definitions of all that it is made of.
//!
//! Names are not resolved: a definition counts as part of a type when anything that the type is made of mentions its name. That
//! is more than there is in it now and then, and never less. What changes neither a value's bits nor how a `dyn` value is called
//! does not count: comments, visibility (of fields, the compiler counts it itself), derived implementations, attributes for derives, the bodies of a trait's own methods.

use crate::definitions::Definitions;
use crate::tokens::{EDITION, significant_tokens};
use ra_ap_syntax::ast::{self, AstNode, HasAttrs, HasModuleItem, HasName};
use ra_ap_syntax::{NodeOrToken, SourceFile, SyntaxKind, SyntaxNode, WalkEvent};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// All items of the notebook, by what they have to do with types.
pub struct Layouts<'a> {
    definitions: &'a Definitions,
    /// The words of items that a type can depend on, by the item's name.
    types: BTreeMap<String, Vec<Vec<String>>>,
    associations: Vec<Association>,
}

impl<'a> Layouts<'a> {
    pub fn new(items: &[ast::Item], definitions: &'a Definitions) -> Self {
        let mut layouts = Self { definitions, types: BTreeMap::new(), associations: Vec::new() };
        layouts.collect(items);
        layouts
    }

    fn collect(&mut self, items: &[ast::Item]) {
        for item in items {
            match item {
                ast::Item::Impl(item) => self.associations.extend(Association::of(item, self.definitions)),
                ast::Item::Fn(item) if item.const_token().is_none() => {}
                ast::Item::Static(_) => {}
                ast::Item::Use(item) => {
                    let words = words(item.syntax());
                    if is_of_this_crate(&words) {
                        continue;
                    }
                    // evcxr writes one name in each `use`; it is the last one.
                    if let Some(name) = words.iter().rev().find(|word| is_name(word)) {
                        self.types.entry(name.clone()).or_default().push(words.clone());
                    }
                }
                ast::Item::Module(module) if module.item_list().is_some() => {
                    self.collect(&items_of(module));
                }
                _ => {
                    if let Some(name) = name(item) {
                        self.types.entry(name).or_default().push(definition(item));
                    }
                }
            }
        }
    }

    /// Everything that the layout of a type with these words in it depends on, in an order that does not change.
    pub fn of(&self, words: &[String]) -> BTreeSet<&[String]> {
        let mut layout: BTreeSet<&[String]> = BTreeSet::new();
        let mut names: BTreeSet<&str> = BTreeSet::new();
        let mut pending: Vec<&str> = words.iter().map(String::as_str).collect();
        loop {
            while let Some(word) = pending.pop() {
                if !is_name(word) || !names.insert(word) {
                    continue;
                }
                for item in self.types.get(word).into_iter().flatten() {
                    layout.insert(item);
                    pending.extend(item.iter().map(String::as_str));
                }
            }
            for association in self.associations.iter().filter(|association| association.concerns(&names)) {
                if layout.insert(&association.words) {
                    pending.extend(association.words.iter().map(String::as_str));
                }
            }
            if pending.is_empty() {
                return layout;
            }
        }
    }

    /// A number for these words, and for all that they lead to: another one as soon as any of it is another.
    pub fn fingerprint(&self, words: &[String], layout: &BTreeSet<&[String]>) -> u64 {
        let mut hasher = DefaultHasher::new();
        words.hash(&mut hasher);
        layout.hash(&mut hasher);
        let mentioned: BTreeSet<&String> = layout.iter().flat_map(|words| words.iter()).chain(words).collect();
        for (name, dependency) in &self.definitions.dependencies {
            if mentioned.contains(name) {
                dependency.hash(&mut hasher);
            }
        }
        hasher.finish()
    }

    /// How often this item was defined anew.
    pub fn generation(&self, item: &ast::Item) -> u32 {
        let generation = name(item).and_then(|name| self.definitions.generations.get(&name));
        generation.copied().unwrap_or(0)
    }
}

/// Whether it is a `use super::Name;` and the like, which only says where a name comes from that is the same there.
fn is_of_this_crate(words: &[String]) -> bool {
    let path = words.iter().skip_while(|word| *word != "use").skip(1);
    let mut path = path
        .filter(|word| *word != ":" && *word != "::")
        .skip_while(|word| ["super", "self", "crate"].contains(&&***word));
    path.next().is_some() && path.next().is_some_and(|word| word == ";")
}

/// What stands in a module.
pub fn items_of(module: &ast::Module) -> Vec<ast::Item> {
    module.item_list().into_iter().flat_map(|list| list.items()).collect()
}

/// The associated types and constants of an implementation.
struct Association {
    /// The words of the implementation, and how often its types have changed.
    words: Vec<String>,
    names: Vec<String>,
    /// Whether its types have changed.
    is_changed: bool,
}

impl Association {
    fn of(item: &ast::Impl, definitions: &Definitions) -> Option<Self> {
        let parts = item.assoc_item_list().into_iter().flat_map(|list| list.assoc_items());
        let names: Vec<String> = parts
            .filter_map(|part| match part {
                ast::AssocItem::TypeAlias(part) => part.name(),
                ast::AssocItem::Const(part) => part.name(),
                _ => None,
            })
            .map(|name| name.to_string())
            .collect();
        if names.is_empty() {
            return None;
        }
        let name = implementation(item).map(|item| item.name);
        let changes = name.and_then(|name| definitions.generations.get(&name)).copied().unwrap_or(0);
        let mut words = words(item.syntax());
        words.push(changes.to_string());
        Some(Self { words, names, is_changed: changes > 0 })
    }

    /// Whether a type that these names have to do with may depend on it. A type such as `Peekable<X>` does without naming
    /// anything of it, but there is none before there is the implementation: to add one changes nothing.
    fn concerns(&self, names: &BTreeSet<&str>) -> bool {
        let is_named = |word: &String| names.contains(word.as_str());
        let is_mentioned = self.names.iter().any(is_named);
        (self.is_changed || is_mentioned) && self.words.iter().any(|word| is_name(word) && is_named(word))
    }
}

/// The implementation of a trait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Implementation {
    /// There can be one of this name: the trait and the type. The trait's path may be spelled in several ways.
    pub name: String,
    /// The words of its associated types.
    pub types: Vec<String>,
}

pub fn implementation(item: &ast::Impl) -> Option<Implementation> {
    let text = |node: &SyntaxNode| words(node).concat();
    let path = text(item.trait_()?.syntax());
    let name = path.rsplit("::").next().filter(|_| !path.contains('<')).unwrap_or(&path);
    let parts = item.assoc_item_list().into_iter().flat_map(|list| list.assoc_items());
    let types = parts.filter(|part| matches!(part, ast::AssocItem::TypeAlias(_)));
    Some(Implementation {
        name: format!("impl {name} for {}", text(item.self_ty()?.syntax())),
        types: types.flat_map(|part| words(part.syntax())).collect(),
    })
}

/// An item's name, by which evcxr and the host know it, too.
pub fn name(item: &ast::Item) -> Option<String> {
    item.syntax().children().find_map(ast::Name::cast).map(|name| name.to_string())
}

pub fn words(node: &SyntaxNode) -> Vec<String> {
    significant_tokens(node)
        .filter(|token| token.kind() != SyntaxKind::COMMENT)
        .map(|token| token.text().to_owned())
        .collect()
}

/// The words of an item that decide what a value of the type is, or how a trait's methods are called.
pub fn definition(item: &ast::Item) -> Vec<String> {
    let attributes = ast::AnyHasAttrs::cast(item.syntax().clone());
    let is_plain = attributes.is_none_or(|item| item.attrs().all(|attribute| is_known(&attribute)));
    let mut words = Vec::new();
    let mut walk = item.syntax().preorder_with_tokens();
    while let Some(event) = walk.next() {
        match event {
            WalkEvent::Enter(NodeOrToken::Node(node)) if counts_not(&node, is_plain) => walk.skip_subtree(),
            WalkEvent::Enter(NodeOrToken::Node(node)) if is_body(&node) => {
                words.push("{}".to_owned());
                walk.skip_subtree();
            }
            WalkEvent::Enter(NodeOrToken::Token(token)) if !token.kind().is_trivia() => {
                words.push(token.text().to_owned());
            }
            _ => {}
        }
    }
    words
}

/// Whether nothing about a value depends on it. What an attribute's macro makes of the attributes inside is not known.
fn counts_not(node: &SyntaxNode, is_plain: bool) -> bool {
    match ast::Attr::cast(node.clone()) {
        Some(attribute) => match attribute_name(&attribute).as_str() {
            "cfg" | "cfg_attr" | "repr" => false,
            _ => is_plain || is_known(&attribute),
        },
        None => node.kind() == SyntaxKind::VISIBILITY,
    }
}

/// Of a trait's own method.
fn is_body(node: &SyntaxNode) -> bool {
    let is_in_trait = |function: SyntaxNode| {
        function.parent().is_some_and(|list| {
            list.kind() == SyntaxKind::ASSOC_ITEM_LIST
                && list.parent().is_some_and(|of| ast::Trait::can_cast(of.kind()))
        })
    };
    node.kind() == SyntaxKind::BLOCK_EXPR && node.parent().is_some_and(is_in_trait)
}

/// Whether it is no macro that could make another item of this one: the compiler's own, or for derives that people use.
fn is_known(attribute: &ast::Attr) -> bool {
    const KNOWN: [&str; 23] = [
        "allow",
        "arg",
        "builder",
        "cfg",
        "clap",
        "command",
        "default",
        "deny",
        "deprecated",
        "derive",
        "diagnostic",
        "doc",
        "error",
        "expect",
        "forbid",
        "group",
        "must_use",
        "non_exhaustive",
        "repr",
        "serde",
        "strum",
        "validate",
        "warn",
    ];
    KNOWN.contains(&attribute_name(attribute).as_str())
}

/// Whether it is neither a macro nor for one.
pub fn is_compilers(attribute: &ast::Attr) -> bool {
    const DERIVED: [&str; 9] = ["Clone", "Copy", "Debug", "Default", "Eq", "Hash", "Ord", "PartialEq", "PartialOrd"];
    match attribute_name(attribute).as_str() {
        "derive" => {
            words(attribute.syntax()).iter().skip(3).all(|word| !is_name(word) || DERIVED.contains(&word.as_str()))
        }
        name => ["allow", "cfg", "deny", "doc", "expect", "forbid", "must_use", "repr", "warn"].contains(&name),
    }
}

/// Its path: `derive`, `tokio::main`.
fn attribute_name(attribute: &ast::Attr) -> String {
    let words = words(attribute.syntax());
    let path = words.iter().skip_while(|word| !is_name(word) || *word == "unsafe");
    path.take_while(|word| is_name(word) || word.starts_with(':')).map(String::as_str).collect()
}

/// The words of the items in there, which spaces and comments make no difference to.
pub fn item_words(text: &str) -> String {
    let file = SourceFile::parse(text, EDITION).tree();
    let items: Vec<String> = file.items().map(|item| words(item.syntax()).join(" ")).collect();
    items.join(" ")
}

pub fn is_name(word: &str) -> bool {
    word.starts_with(|char: char| char.is_alphabetic() || char == '_')
}
