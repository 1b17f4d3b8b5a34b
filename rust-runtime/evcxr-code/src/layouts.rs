//! What the layout of a type, and its meaning, depend on: the definitions of all that it is made of.
//!
//! Names are not resolved: a definition counts as part of a type when anything that the type is made of mentions its name. That
//! is more than there is in it now and then, and never less. What changes neither a value's bits nor how a `dyn` value is called
//! does not count: comments, visibility (of fields, the compiler counts it itself), derived implementations, attributes for derives, the bodies of a trait's own methods.
//!
//! Not seen are files that `include_bytes!` and the like read, variables of the environment that `env!` reads, and types inside of
//! functions.

use crate::definitions::Definitions;
use crate::implementations::{Implementation, is_for_any};
use crate::imports::imports;
use crate::tokens::{EDITION, significant_tokens};
use ra_ap_syntax::ast::{self, AstNode, HasAttrs, HasModuleItem, HasName};
use ra_ap_syntax::{NodeOrToken, SourceFile, SyntaxKind, SyntaxNode, SyntaxToken, WalkEvent};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The name under which it is counted how often a glob went away, or the crate of one changed: [`Definitions::generations`].
pub const GLOBS: &str = "use *";

/// All items of the notebook, by what they have to do with types.
pub struct Layouts<'a> {
    definitions: &'a Definitions,
    /// The items that a type can depend on, by the item's name.
    types: BTreeMap<String, Vec<Part>>,
    associations: Vec<Association>,
    /// How often names that a glob brings in may have come to mean something else.
    globs: Vec<String>,
}

struct Part {
    words: Vec<String>,
    /// How the paths in it begin.
    heads: BTreeSet<String>,
    /// The path of the module that it stands in.
    module: String,
}

impl<'a> Layouts<'a> {
    pub fn new(items: &[ast::Item], definitions: &'a Definitions) -> Self {
        let globs = definitions.generations.get(GLOBS).filter(|changes| **changes > 0);
        let globs = globs.map(|changes| vec![GLOBS.to_owned(), changes.to_string()]).unwrap_or_default();
        let mut layouts = Self { definitions, types: BTreeMap::new(), associations: Vec::new(), globs };
        layouts.collect(items, "");
        layouts
    }

    /// `module` is the path of the module with the items.
    fn collect(&mut self, items: &[ast::Item], module: &str) {
        for item in items {
            let inside = item.syntax().descendants().filter_map(ast::Impl::cast);
            match item {
                ast::Item::Module(module) if module.item_list().is_some() => {}
                _ => self.associations.extend(inside.filter_map(|item| Association::of(&item, self.definitions))),
            }
            match item {
                ast::Item::Impl(_) => {}
                ast::Item::Fn(item) if item.const_token().is_none() => {}
                ast::Item::Use(item) => {
                    let words = words(item.syntax());
                    if !is_of_this_crate(&words) {
                        for name in imports(item).into_iter().filter_map(|import| import.name) {
                            self.add(module, name, words.clone(), BTreeSet::new());
                        }
                    }
                }
                ast::Item::Module(inner) if inner.item_list().is_some() => {
                    let name = name(item).unwrap_or_default();
                    self.collect(&items_of(inner), &format!("{module}::{name}"));
                }
                // In a module it may make types with these names; elsewhere it is a statement.
                ast::Item::MacroCall(call) if !module.is_empty() => {
                    let made: BTreeSet<String> =
                        call.token_tree().into_iter().flat_map(|made| words(made.syntax())).collect();
                    for name in made.into_iter().filter(|word| is_name(word) && !is_rusts(word)) {
                        self.add(module, name, words(call.syntax()), BTreeSet::new());
                    }
                }
                ast::Item::MacroCall(_) => {}
                _ => {
                    if let Some(name) = name(item) {
                        self.add(module, name, definition(item), heads(item.syntax()));
                    }
                }
            }
        }
    }

    fn add(&mut self, module: &str, name: String, mut words: Vec<String>, heads: BTreeSet<String>) {
        if !module.is_empty() {
            words.push(format!("in {module}"));
        }
        self.types.entry(name).or_default().push(Part { words, heads, module: module.to_owned() });
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
                for Part { words, heads, module } in self.types.get(word).into_iter().flatten() {
                    layout.insert(words);
                    pending.extend(words.iter().map(String::as_str));
                    if !self.globs.is_empty() && heads.iter().any(|head| self.may_be_a_globs(head, module)) {
                        layout.insert(&self.globs);
                    }
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

    /// Whether nothing else is known of the name in the module. What a glob has in the place of a name of std's prelude is not looked for.
    fn may_be_a_globs(&self, name: &str, module: &str) -> bool {
        let mut known = self.types.get(name).into_iter().flatten();
        !known.any(|part| part.module == module) && !self.definitions.dependencies.contains_key(name) && !is_rusts(name)
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
        if mentioned.iter().any(|word| *word == "debug_assertions") {
            self.definitions.debug.hash(&mut hasher);
        }
        hasher.finish()
    }

    /// How often this item was defined anew.
    pub fn generation(&self, item: &ast::Item) -> u32 {
        let generation = name(item).and_then(|name| self.definitions.generations.get(&name));
        generation.copied().unwrap_or(0)
    }
}

/// What needs no `use`.
const KNOWN_NAMES: [&str; 48] = [
    "AsMut",
    "AsRef",
    "Box",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "DoubleEndedIterator",
    "Drop",
    "Eq",
    "Err",
    "ExactSizeIterator",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "Hash",
    "Into",
    "IntoIterator",
    "Iterator",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Send",
    "Sized",
    "Some",
    "String",
    "Sync",
    "ToOwned",
    "ToString",
    "TryFrom",
    "TryInto",
    "Unpin",
    "Vec",
    "allow",
    "cfg",
    "core",
    "derive",
    "doc",
    "repr",
    "std",
    "alloc",
];
const PRIMITIVES: [&str; 17] = [
    "bool", "char", "f32", "f64", "i128", "i16", "i32", "i64", "i8", "isize", "str", "u128", "u16", "u32", "u64", "u8",
    "usize",
];

/// Whether everybody has the name, or nobody can.
fn is_rusts(name: &str) -> bool {
    KNOWN_NAMES.contains(&name) || PRIMITIVES.contains(&name) || SyntaxKind::from_keyword(name, EDITION).is_some()
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

/// The associated types and constants of an implementation, and what a constant can call.
struct Association {
    /// The words of the implementation, and how often its types have changed.
    words: Vec<String>,
    names: Vec<String>,
    /// Whether its types have changed.
    is_changed: bool,
    is_for_any: bool,
}

impl Association {
    fn of(item: &ast::Impl, definitions: &Definitions) -> Option<Self> {
        let parts = item.assoc_item_list().into_iter().flat_map(|list| list.assoc_items());
        let names: Vec<String> = parts
            .filter_map(|part| match part {
                ast::AssocItem::TypeAlias(part) => part.name(),
                ast::AssocItem::Const(part) => part.name(),
                ast::AssocItem::Fn(part) if part.const_token().is_some() => part.name(),
                _ => None,
            })
            .map(|name| identifier(name.text()).to_owned())
            .collect();
        if names.is_empty() {
            return None;
        }
        let family = Implementation::of(item).map(|item| item.family).unwrap_or_default();
        let changes = definitions.generations.get(&family).copied().unwrap_or(0);
        let mut words = words(item.syntax());
        words.push(changes.to_string());
        Some(Self { words, names, is_changed: changes > 0, is_for_any: is_for_any(&family) })
    }

    /// Whether a type that these names have to do with may depend on it. A type such as `Peekable<X>` does without naming
    /// anything of it, but there is none before there is the implementation: to add one changes nothing.
    fn concerns(&self, names: &BTreeSet<&str>) -> bool {
        let is_named = |word: &String| names.contains(word.as_str());
        let is_mentioned = self.names.iter().any(is_named);
        let is_keyword = |word: &str| SyntaxKind::from_keyword(word, EDITION).is_some();
        let is_about = || self.words.iter().any(|word| is_name(word) && !is_keyword(word) && is_named(word));
        (self.is_changed && self.is_for_any) || ((self.is_changed || is_mentioned) && is_about())
    }
}

/// An item's name, by which evcxr and the host know it, too.
pub fn name(item: &ast::Item) -> Option<String> {
    item.syntax().children().find_map(ast::Name::cast).map(|name| identifier(name.text()).to_owned())
}

/// `In` and `r#In` are the same name.
pub fn identifier(name: &str) -> &str {
    name.strip_prefix("r#").filter(|name| SyntaxKind::from_keyword(name, EDITION).is_none()).unwrap_or(name)
}

/// How the paths in there begin, but for what is a parameter.
fn heads(node: &SyntaxNode) -> BTreeSet<String> {
    let paths = node.descendants().filter_map(ast::Path::cast).filter(|path| path.qualifier().is_none());
    let heads = paths.filter_map(|path| path.segment()?.name_ref());
    let mut heads: BTreeSet<String> = heads.map(|name| identifier(name.text()).to_owned()).collect();
    for parameter in node.descendants().filter_map(ast::GenericParamList::cast).flat_map(|list| list.generic_params()) {
        if let Some(name) = parameter.syntax().children().find_map(ast::Name::cast) {
            heads.remove(identifier(name.text()));
        }
    }
    heads
}

pub fn words(node: &SyntaxNode) -> Vec<String> {
    significant_tokens(node).filter(|token| token.kind() != SyntaxKind::COMMENT).map(|token| word(&token)).collect()
}

fn word(token: &SyntaxToken) -> String {
    let text = token.text();
    if token.kind() == SyntaxKind::IDENT { identifier(text).to_owned() } else { text.to_owned() }
}

/// The words of an item that decide what a value of the type is, or how a trait's methods are called.
pub fn definition(item: &ast::Item) -> Vec<String> {
    let attributes = ast::AnyHasAttrs::cast(item.syntax().clone());
    let attributes: Vec<ast::Attr> = attributes.into_iter().flat_map(|item| item.attrs()).collect();
    let is_plain = attributes.iter().all(is_known);
    let mut words: Vec<String> = attributes.iter().flat_map(unknown_derives).collect();
    words.sort_unstable();
    let mut walk = item.syntax().preorder_with_tokens();
    while let Some(event) = walk.next() {
        match event {
            WalkEvent::Enter(NodeOrToken::Node(node)) if counts_not(&node, is_plain) => walk.skip_subtree(),
            WalkEvent::Enter(NodeOrToken::Node(node)) if is_body(&node) => {
                words.push("{}".to_owned());
                walk.skip_subtree();
            }
            WalkEvent::Enter(NodeOrToken::Token(token)) if !token.kind().is_trivia() => {
                words.push(word(&token));
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
            // What counts of it stands in front.
            "derive" => true,
            _ => is_plain || is_known(&attribute),
        },
        None => node.kind() == SyntaxKind::VISIBILITY,
    }
}

/// Of a trait's own method; not of a constant, or of what a constant can call.
fn is_body(node: &SyntaxNode) -> bool {
    let is_in_trait = |function: &ast::Fn| {
        function.syntax().parent().is_some_and(|list| {
            list.kind() == SyntaxKind::ASSOC_ITEM_LIST
                && list.parent().is_some_and(|of| ast::Trait::can_cast(of.kind()))
        })
    };
    let function = node.parent().and_then(ast::Fn::cast).filter(|function| function.const_token().is_none());
    node.kind() == SyntaxKind::BLOCK_EXPR && function.as_ref().is_some_and(is_in_trait)
}

/// Whether it is no macro that could make another item of this one: the compiler's own, or for derives that people use.
fn is_known(attribute: &ast::Attr) -> bool {
    const KNOWN: [&str; 20] = [
        "allow",
        "arg",
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
        "must_use",
        "non_exhaustive",
        "repr",
        "serde",
        "strum",
        "warn",
    ];
    KNOWN.contains(&attribute_name(attribute).as_str()) && unknown_derives(attribute).is_empty()
}

/// What an attribute derives by macros that may make other types beside this one, such as a builder.
fn unknown_derives(attribute: &ast::Attr) -> Vec<String> {
    const KNOWN: [&str; 20] = [
        "Args",
        "Clone",
        "Copy",
        "Debug",
        "Default",
        "Deserialize",
        "Display",
        "Eq",
        "Error",
        "From",
        "Hash",
        "Into",
        "Ord",
        "Parser",
        "PartialEq",
        "PartialOrd",
        "Serialize",
        "Subcommand",
        "ValueEnum",
        "Zeroize",
    ];
    if attribute_name(attribute) != "derive" {
        return Vec::new();
    }
    let words = words(attribute.syntax());
    let ends = words
        .windows(2)
        .skip(3)
        .filter(|pair| is_name(&pair[0]) && !pair[1].starts_with(':'))
        .map(|pair| pair[0].clone());
    ends.filter(|name| !KNOWN.contains(&name.as_str())).collect()
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

/// The words of the items in there that the layout of a type can depend on.
pub fn layout_words(text: &str) -> Vec<String> {
    let items = SourceFile::parse(text, EDITION).tree().items();
    let parts = items.filter(|item| match item {
        ast::Item::Fn(item) => item.const_token().is_some(),
        item => !matches!(item, ast::Item::Impl(_)),
    });
    parts.flat_map(|item| definition(&item)).collect()
}

pub fn is_name(word: &str) -> bool {
    word.starts_with(|char: char| char.is_alphabetic() || char == '_')
}
