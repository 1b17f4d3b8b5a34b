//! One `static` for all cells.
//!
//! Each cell is a library of its own that has every item of the notebook in it, so a `static` would start afresh in
//! each. Exported by a name, and with the libraries loaded into one namespace, the first of them is everyone's.
//!
//! The name stands for one definition, and for one layout in memory: two types must never share a symbol. It is a hash
//! of
//! - the item's own text, and which static in it this is;
//! - how often the item was defined: to execute its cell again is a new definition, as in every other language;
//! - the text of the items that the layout of the type can depend on: those that the type mentions, and what they
//!   mention in turn. Functions and methods come and go without an effect on it, but for those that may compute the
//!   length of an array (`const fn`) and implementations that say what an associated type is;
//! - the dependencies that these items mention.

use crate::change::Insertion;
use crate::names::{SHARED_THREAD_LOCAL, SHARED_THREAD_LOCALS_MACRO};
use crate::tokens::{first_token, significant_tokens};
use ra_ap_syntax::ast::{self, AstNode, HasAttrs, HasName, HasVisibility};
use ra_ap_syntax::{SyntaxKind, SyntaxNode, WalkEvent};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// What the code alone does not tell.
#[derive(Debug, Default)]
pub struct Definitions {
    /// How often an item of this name was defined anew.
    pub generations: BTreeMap<String, u32>,
    /// The lines about dependencies in Cargo.toml, by the name of the crate in the code.
    pub dependencies: BTreeMap<String, String>,
}

/// Gives each static of the items its name.
pub fn share(items: &[ast::Item], definitions: &Definitions) -> Vec<Insertion> {
    let world = World::new(items, definitions);
    let mut insertions = Vec::new();
    for item in items {
        if !matches!(item, ast::Item::MacroRules(_) | ast::Item::MacroDef(_)) {
            Sharing { world: &world, item, found: 0, insertions: &mut insertions }.share();
        }
    }
    insertions
}

/// All items of the notebook, by what they have to do with types.
struct World<'a> {
    definitions: &'a Definitions,
    /// The words of items that a type can depend on, by the item's name.
    types: BTreeMap<String, Vec<Vec<String>>>,
    /// The words of implementations with associated types or constants.
    associations: Vec<Vec<String>>,
    /// Macros that make statics.
    static_makers: BTreeSet<String>,
}

impl<'a> World<'a> {
    fn new(items: &[ast::Item], definitions: &'a Definitions) -> Self {
        let mut types: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
        let mut associations = Vec::new();
        let mut macros = Vec::new();
        for item in items {
            let is_association =
                |item: &ast::AssocItem| matches!(item, ast::AssocItem::TypeAlias(_) | ast::AssocItem::Const(_));
            match item {
                ast::Item::Impl(item) => {
                    if item.assoc_item_list().is_some_and(|list| list.assoc_items().any(|item| is_association(&item))) {
                        associations.push(words(item.syntax()));
                    }
                }
                ast::Item::Fn(item) if item.const_token().is_none() => {}
                ast::Item::Static(_) => {}
                ast::Item::MacroRules(item) => {
                    let words = words(item.syntax());
                    if let Some(name) = item.name() {
                        macros.push((name.to_string(), words.clone()));
                        types.entry(name.to_string()).or_default().push(words);
                    }
                }
                ast::Item::Use(item) => {
                    let words = words(item.syntax());
                    // evcxr writes one name in each `use`; it is the last one.
                    if let Some(name) = words.iter().rev().find(|word| is_name(word)) {
                        types.entry(name.clone()).or_default().push(words.clone());
                    }
                }
                item => {
                    if let Some(name) = name(item) {
                        types.entry(name).or_default().push(words(item.syntax()));
                    }
                }
            }
        }
        Self { definitions, types, associations, static_makers: static_makers(macros) }
    }

    /// Everything that the layout of a type with these words in it depends on, in an order that does not change.
    fn layout(&self, words: &[String]) -> BTreeSet<&[String]> {
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
            for association in &self.associations {
                let concerned = association.iter().any(|word| names.contains(word.as_str()) && is_name(word));
                if concerned && layout.insert(association) {
                    pending.extend(association.iter().map(String::as_str));
                }
            }
            if pending.is_empty() {
                return layout;
            }
        }
    }

    fn generation(&self, item: &ast::Item) -> u32 {
        let generation = name(item).and_then(|name| self.definitions.generations.get(&name));
        generation.copied().unwrap_or(0)
    }

    fn symbol(&self, name: &str, item: &ast::Item, number: usize, type_words: &[String]) -> String {
        let mut hasher = DefaultHasher::new();
        number.hash(&mut hasher);
        let text = words(item.syntax());
        text.hash(&mut hasher);
        self.generation(item).hash(&mut hasher);
        let layout = self.layout(type_words);
        layout.hash(&mut hasher);
        let mentioned = layout.iter().flat_map(|words| words.iter()).chain(type_words).chain(&text);
        let mentioned: BTreeSet<&String> = mentioned.collect();
        for (name, dependency) in &self.definitions.dependencies {
            if mentioned.contains(name) {
                dependency.hash(&mut hasher);
            }
        }
        format!("ferrobook_static_{name}_{:016x}", hasher.finish())
    }
}

/// The names of macros in whose expansion there is a static.
fn static_makers(macros: Vec<(String, Vec<String>)>) -> BTreeSet<String> {
    let mut makers = BTreeSet::new();
    loop {
        let makes = |words: &[String]| {
            words.iter().any(|word| word == "static" || word == "thread_local" || makers.contains(word))
        };
        let more: Vec<String> = macros
            .iter()
            .filter(|(name, words)| {
                !makers.contains(name) && name != SHARED_THREAD_LOCALS_MACRO && makes(&words[2.min(words.len())..])
            })
            .map(|(name, _)| name.clone())
            .collect();
        if more.is_empty() {
            return makers;
        }
        makers.extend(more);
    }
}

/// Goes through one item.
struct Sharing<'a> {
    world: &'a World<'a>,
    item: &'a ast::Item,
    /// How many statics were found in it.
    found: usize,
    insertions: &'a mut Vec<Insertion>,
}

impl Sharing<'_> {
    fn share(mut self) {
        let mut walk = self.item.syntax().preorder();
        while let Some(event) = walk.next() {
            let WalkEvent::Enter(node) = event else { continue };
            if let Some(call) = ast::MacroCall::cast(node.clone()) {
                self.macro_call(&call);
            } else if ast::ExternItemList::can_cast(node.kind()) {
                walk.skip_subtree();
            } else if let Some(item) = ast::Static::cast(node) {
                self.export(&item);
                // The key in there is what this static shares.
                if item.ty().is_some_and(|ty| words(ty.syntax()).iter().any(|word| word == SHARED_THREAD_LOCAL)) {
                    walk.skip_subtree();
                }
            }
        }
    }

    fn export(&mut self, item: &ast::Static) {
        self.found += 1;
        let attributes: Vec<String> = item.attrs().map(|attr| attr.to_string()).collect();
        let named = |attribute: &String| ["no_mangle", "export_name"].iter().any(|name| attribute.contains(name));
        let (Some(name), Some(keyword)) = (item.name(), item.static_token()) else { return };
        let at = item.visibility().map_or(keyword.text_range(), |visibility| visibility.syntax().text_range()).start();
        let type_words = item.ty().map(|ty| words(ty.syntax())).unwrap_or_default();
        if attributes.iter().any(named) {
            return self.exported(&type_words);
        }
        let symbol = self.world.symbol(&ascii(name.text()), self.item, self.found, &type_words);
        let text = format!("#[unsafe(export_name = \"{symbol}\")] ");
        self.insertions.push(Insertion { at: at.into(), text });
    }

    /// A name of the user's own is shared as well, but it cannot tell definitions apart.
    fn exported(&mut self, type_words: &[String]) {
        if self.world.generation(self.item) > 0 {
            self.refuse(
                "the `static` with an exported name is in use, and cannot be defined anew under that name: give it \
                 another one",
            );
        } else if self.world.layout(type_words).iter().any(|item| item.first().is_none_or(|word| word != "use")) {
            self.refuse(
                "the `static` with an exported name must have a type that later cells cannot define anew, such as \
                 `AtomicU32` or `Mutex<Vec<u8>>`",
            );
        }
    }

    /// Lets the compiler say why it does not work.
    fn refuse(&mut self, reason: &str) {
        if let Some(token) = first_token(self.item.syntax()) {
            let text = format!("compile_error!({reason:?}); ");
            self.insertions.push(Insertion { at: token.text_range().start().into(), text });
        }
    }

    fn macro_call(&mut self, call: &ast::MacroCall) {
        let Some(path) = call.path() else { return };
        let name = path.segment().and_then(|segment| segment.name_ref()).map(|name| name.to_string());
        let name = name.unwrap_or_default();
        let Some(tokens) = call.token_tree() else { return };
        if name == "thread_local" {
            return self.thread_locals(call, &path, &tokens);
        }
        let has_static = words(tokens.syntax()).iter().any(|word| word == "static");
        if has_static || self.world.static_makers.contains(&name) {
            self.refuse(&format!(
                "the `static` that the macro `{name}!` makes would be another one in each cell: write it without a \
                 macro (a `LazyLock` for what is made at run time)"
            ));
        }
    }

    /// Lets our own macro, which shares the keys, take the place of std's.
    fn thread_locals(&mut self, call: &ast::MacroCall, path: &ast::Path, tokens: &ast::TokenTree) {
        self.found += 1;
        let (Some(bang), Some(open)) = (call.excl_token(), tokens.syntax().first_token()) else { return };
        let symbol = self.world.symbol("thread_local", self.item, self.found, &words(tokens.syntax()));
        let mut insert = |at: ra_ap_syntax::TextSize, text: String| {
            self.insertions.push(Insertion { at: at.into(), text });
        };
        insert(path.syntax().text_range().start(), format!("{SHARED_THREAD_LOCALS_MACRO}! /*"));
        insert(bang.text_range().end(), "*/".to_owned());
        insert(open.text_range().end(), format!("\"{symbol}_\"; "));
    }
}

/// An item's name, by which evcxr and the host know it, too.
fn name(item: &ast::Item) -> Option<String> {
    item.syntax().children().find_map(ast::Name::cast).map(|name| name.to_string())
}

fn words(node: &SyntaxNode) -> Vec<String> {
    significant_tokens(node)
        .filter(|token| token.kind() != SyntaxKind::COMMENT)
        .map(|token| token.text().to_owned())
        .collect()
}

fn is_name(word: &str) -> bool {
    word.starts_with(|char: char| char.is_alphabetic() || char == '_')
}

fn ascii(name: &str) -> String {
    name.chars().filter(|char| char.is_ascii_alphanumeric() || *char == '_').collect()
}
