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
use crate::definitions::Definitions;
use crate::layouts::{Layouts, words};
use crate::names::{SHARED_THREAD_LOCAL, SHARED_THREAD_LOCALS_MACRO};
use crate::tokens::first_token;
use ra_ap_syntax::WalkEvent;
use ra_ap_syntax::ast::{self, AstNode, HasAttrs, HasName, HasVisibility};
use std::collections::BTreeSet;

/// Gives each static of the items its name.
pub fn share(items: &[ast::Item], definitions: &Definitions) -> Vec<Insertion> {
    let layouts = Layouts::new(items, definitions);
    let static_makers = static_makers(items);
    let mut insertions = Vec::new();
    for item in items {
        if !matches!(item, ast::Item::MacroRules(_) | ast::Item::MacroDef(_)) {
            Sharing { layouts: &layouts, static_makers: &static_makers, item, found: 0, insertions: &mut insertions }
                .share();
        }
    }
    insertions
}

/// The names of macros in whose expansion there is a static.
fn static_makers(items: &[ast::Item]) -> BTreeSet<String> {
    let macros: Vec<(String, Vec<String>)> = items
        .iter()
        .filter_map(|item| match item {
            ast::Item::MacroRules(item) => Some((item.name()?.to_string(), words(item.syntax()))),
            _ => None,
        })
        .collect();
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
    layouts: &'a Layouts<'a>,
    /// Macros that make statics.
    static_makers: &'a BTreeSet<String>,
    item: &'a ast::Item,
    /// How many statics were found in it.
    found: usize,
    insertions: &'a mut Vec<Insertion>,
}

impl Sharing<'_> {
    fn symbol(&self, name: &str, type_words: &[String]) -> String {
        let layout = self.layouts.of(type_words);
        let mut words = words(self.item.syntax());
        words.extend([self.found.to_string(), self.layouts.generation(self.item).to_string()]);
        words.extend_from_slice(type_words);
        format!("ferrobook_static_{name}_{:016x}", self.layouts.fingerprint(&words, &layout))
    }

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
        let symbol = self.symbol(&ascii(name.text()), &type_words);
        let text = format!("#[unsafe(export_name = \"{symbol}\")] ");
        self.insertions.push(Insertion { at: at.into(), text });
    }

    /// A name of the user's own is shared as well, but it cannot tell definitions apart.
    fn exported(&mut self, type_words: &[String]) {
        if self.layouts.generation(self.item) > 0 {
            self.refuse(
                "the `static` with an exported name is in use, and cannot be defined anew under that name: give it \
                 another one",
            );
        } else if self.layouts.of(type_words).iter().any(|item| item.first().is_none_or(|word| word != "use")) {
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
        if has_static || self.static_makers.contains(&name) {
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
        let symbol = self.symbol("thread_local", &words(tokens.syntax()));
        let mut insert = |at: ra_ap_syntax::TextSize, text: String| {
            self.insertions.push(Insertion { at: at.into(), text });
        };
        insert(path.syntax().text_range().start(), format!("{SHARED_THREAD_LOCALS_MACRO}! /*"));
        insert(bang.text_range().end(), "*/".to_owned());
        insert(open.text_range().end(), format!("\"{symbol}_\"; "));
    }
}

fn ascii(name: &str) -> String {
    name.chars().filter(|char| char.is_ascii_alphanumeric() || *char == '_').collect()
}
