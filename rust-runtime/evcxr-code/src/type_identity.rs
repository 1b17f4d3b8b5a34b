//! A type that is defined anew is another type.
//!
//! Each cell is a library with all items of the notebook in it, and all these libraries are one crate to the compiler, so that a
//! type is the same in each of them. But a type that was edited keeps its name, and with it its `TypeId`: a value that an earlier
//! cell has left would be taken for one of the new type. So each definition stands in a module of its own, whose name is a
//! fingerprint of all that it is made of:
//!
//! ```text
//! mod ferrobook_0123456789abcdef { use super::*; pub struct Item { pub(super) price: f64 } } use ferrobook_0123456789abcdef::Item;
//! ```
//!
//! The compiler then tells the types apart wherever a type is asked for: in the store of variables, in a `Box<dyn Any>`, in
//! generic code of a crate. The same holds for traits, whose order of methods decides what a `dyn` value calls.

use crate::change::Insertion;
use crate::definitions::Definitions;
use crate::imports::{Import, imports};
use crate::layouts::{self, Layouts, definition, items_of, words};
use crate::names::{DEFINITION, is_preludes};
use crate::tokens::{first_token, significant_tokens};
use ra_ap_syntax::ast::{self, AstNode, HasAttrs, HasName, HasVisibility};
use ra_ap_syntax::{SourceFile, SyntaxElement, SyntaxKind, SyntaxNode, SyntaxToken, TextSize};
use std::collections::{BTreeMap, BTreeSet};

/// The lints that a module of ours would break, and not what the user has written.
const ALLOWED: [&str; 4] = ["unused_imports", "private_interfaces", "private_bounds", "unreachable_pub"];

/// Puts each definition of a type into a module of its own.
pub fn separate(items: &[ast::Item], definitions: &Definitions) -> Vec<Insertion> {
    let mut separation = Separation { layouts: &Layouts::new(items, definitions), insertions: Vec::new() };
    separation.items(items);
    if !separation.insertions.is_empty() && items.iter().any(is_glob) {
        // Only a warning when it is seen through the glob of a module, of what is an error in the module above.
        separation.insert(0.into(), "#![deny(ambiguous_glob_imports)] ".to_owned());
    }
    separation.insertions
}

/// What is forbidden cannot be allowed in the modules: it is denied instead.
pub fn deny_what_is_forbidden(file: &SourceFile) -> Vec<Insertion> {
    let is_ours = |word: &String| ALLOWED.contains(&word.as_str()) || ["unused", "warnings"].contains(&word.as_str());
    let attributes = file.attrs().filter(|attribute| words(attribute.syntax()).iter().any(is_ours));
    let forbid = attributes.filter_map(|attribute| {
        significant_tokens(attribute.syntax()).find(|token| token.text() == "forbid").map(|token| token.text_range())
    });
    forbid
        .flat_map(|range| [(range.start(), "deny /*"), (range.end(), "*/")])
        .map(|(at, text)| Insertion { at: at.into(), text: text.to_owned() })
        .collect()
}

struct Separation<'a> {
    layouts: &'a Layouts<'a>,
    insertions: Vec<Insertion>,
}

impl Separation<'_> {
    fn items(&mut self, items: &[ast::Item]) {
        let imported = imported(items);
        for item in items {
            let (name, visibility, keyword, fields) = match item {
                ast::Item::Struct(of) => (of.name(), of.visibility(), of.struct_token(), of.field_list()),
                ast::Item::Union(of) => {
                    let fields = of.record_field_list().map(ast::FieldList::RecordFieldList);
                    (of.name(), of.visibility(), of.union_token(), fields)
                }
                ast::Item::Enum(of) => (of.name(), of.visibility(), of.enum_token(), None),
                ast::Item::Trait(of) => {
                    let keyword = of.unsafe_token().or_else(|| of.auto_token()).or_else(|| of.trait_token());
                    (of.name(), of.visibility(), keyword, None)
                }
                // What types it makes is not known: they are others when anything in the module is.
                ast::Item::Module(module) if items_of(module).iter().any(may_make_types) => {
                    (module.name(), module.visibility(), module.mod_token(), None)
                }
                ast::Item::Module(module) => {
                    self.items(&items_of(module));
                    continue;
                }
                _ => continue,
            };
            if self.define(item, name, visibility, keyword, &imported).is_some() {
                if !forbids_visibilities(item) {
                    self.fields(fields);
                }
                self.paths(item.syntax());
                if let ast::Item::Module(_) = item {
                    self.visibilities(item.syntax());
                }
            }
        }
    }

    /// Puts the module around a definition, which begins with `keyword` if it has no visibility. `None` when it is left alone.
    fn define(
        &mut self,
        item: &ast::Item,
        name: Option<ast::Name>,
        visibility: Option<ast::Visibility>,
        keyword: Option<SyntaxToken>,
        imported: &BTreeMap<String, String>,
    ) -> Option<()> {
        let (name, keyword) = (name?.to_string(), keyword?);
        if is_preludes(&name) {
            return None;
        }
        let words = definition(item);
        let module = format!("{DEFINITION}{:016x}", self.layouts.fingerprint(&words, &self.layouts.of(&words)));
        let allowed = ALLOWED.join(", ");
        let attributes = ast::AnyHasAttrs::cast(item.syntax().clone());
        let condition = attributes.as_ref().map(condition).unwrap_or_default();
        // A macro that only a glob brings in is ambiguous if it has the name of one of std's.
        let macros: String = macros(item.syntax())
            .iter()
            .filter(|macro_name| **macro_name != name)
            .filter_map(|name| Some(format!("{}use super::{name}; ", imported.get(name)?)))
            .collect();
        let first = first_token(item.syntax())?.text_range().start();
        self.insert(first, format!("{condition}#[allow({allowed})] mod {module} {{ use super::*; {macros}"));
        let outside = match &visibility {
            None => {
                self.insert(keyword.text_range().start(), "pub ".to_owned());
                String::new()
            }
            Some(visibility) => {
                if let Some((open, close)) = parentheses(visibility) {
                    self.insert(open.text_range().start(), "/*".to_owned());
                    self.insert(close.text_range().end(), "*/".to_owned());
                }
                format!("{visibility} ")
            }
        };
        // Macros for derives make types beside the one that they are asked for.
        let more = match attributes.is_some_and(|item| has_macros(&item)) {
            true => format!(" {condition}#[allow(unused_imports)] {outside}use {module}::*;"),
            false => String::new(),
        };
        let end = item.syntax().text_range().end();
        self.insert(end, format!(" }} {condition}#[allow(unused_imports)] {outside}use {module}::{name};{more}"));
        Some(())
    }

    /// Fields are seen from where they were seen from.
    fn fields(&mut self, fields: Option<ast::FieldList>) {
        match fields {
            Some(ast::FieldList::RecordFieldList(list)) => {
                for field in list.fields() {
                    self.field(field.visibility(), field.name().map(|name| name.syntax().clone().into()));
                }
            }
            Some(ast::FieldList::TupleFieldList(list)) => {
                for field in list.fields() {
                    self.field(field.visibility(), field.ty().map(|ty| ty.syntax().clone().into()));
                }
            }
            None => {}
        }
    }

    fn field(&mut self, visibility: Option<ast::Visibility>, field: Option<SyntaxElement>) {
        let Some(visibility) = visibility else {
            if let Some(field) = field {
                self.insert(field.text_range().start(), "pub(super) ".to_owned());
            }
            return;
        };
        let Some((open, close)) = parentheses(&visibility) else { return };
        let path = visibility.syntax().descendants().find_map(ast::Path::cast);
        let path = path.map(|path| path.to_string()).unwrap_or_default();
        let from_here = match path.split("::").next() {
            Some("super") => format!("in super::{path}"),
            Some("self") => format!("in super{}", &path["self".len()..]),
            _ => return,
        };
        self.insert(open.text_range().end(), format!("{from_here} /*"));
        self.insert(close.text_range().start(), "*/".to_owned());
    }

    /// Paths lead from one module further in to where they led.
    fn paths(&mut self, item: &SyntaxNode) {
        let tokens: Vec<SyntaxToken> = significant_tokens(item).collect();
        for (at, token) in tokens.iter().enumerate() {
            let is_in = |can_cast: fn(SyntaxKind) -> bool| token.parent_ancestors().any(|node| can_cast(node.kind()));
            let depth = || token.parent().map_or(0, |node| depth(&node, item));
            let range = token.text_range();
            if token.kind() == SyntaxKind::SUPER_KW {
                let is_path = tokens.get(at + 1).is_some_and(is_colon);
                let above = tokens[..at].iter().rev().find(|token| !is_colon(token));
                let is_first = !tokens[..at].last().is_some_and(is_colon)
                    || above.is_none_or(|token| token.kind() != SyntaxKind::SUPER_KW);
                let path = tokens[at..].iter().filter(|token| !is_colon(token));
                let up = path.take_while(|token| token.kind() == SyntaxKind::SUPER_KW).count();
                if is_path && is_first && up >= depth() && !is_in(ast::Visibility::can_cast) {
                    self.insert(range.start(), "super::".to_owned());
                }
            } else if token.kind() == SyntaxKind::STRING
                && tokens[..at].last().is_some_and(|token| token.text() == "=")
                && is_in(ast::Attr::can_cast)
                && let Some(path) = path_upwards(token.text())
                && up(path) >= depth()
            {
                self.insert(range.start(), format!("\"super::{path}\" /*"));
                self.insert(range.end(), "*/".to_owned());
            }
        }
    }

    /// What stands in a module is seen from where it was seen from.
    fn visibilities(&mut self, module: &SyntaxNode) {
        for visibility in module.descendants().filter_map(ast::Visibility::cast) {
            let Some(item) = visibility.syntax().parent().filter(|item| item != module) else { continue };
            let path = visibility.syntax().descendants().find_map(ast::Path::cast).map(|path| path.to_string());
            let up = path.as_deref().map_or(0, up);
            if up > 0 && item.parent().is_some_and(|around| up >= depth(&around, module)) {
                self.field(Some(visibility), None);
            }
        }
    }

    fn insert(&mut self, at: TextSize, text: String) {
        self.insertions.push(Insertion { at: at.into(), text });
    }
}

/// Around what a visibility is restricted to.
fn parentheses(visibility: &ast::Visibility) -> Option<(SyntaxToken, SyntaxToken)> {
    let tokens: Vec<SyntaxToken> =
        visibility.syntax().descendants_with_tokens().filter_map(SyntaxElement::into_token).collect();
    let open = tokens.iter().find(|token| token.kind() == SyntaxKind::L_PAREN)?;
    let close = tokens.iter().rfind(|token| token.kind() == SyntaxKind::R_PAREN)?;
    Some((open.clone(), close.clone()))
}

/// The names that the `use`s among these items import, with the conditions on which they do.
fn imported(items: &[ast::Item]) -> BTreeMap<String, String> {
    let uses = items.iter().filter_map(|item| if let ast::Item::Use(item) = item { Some(item) } else { None });
    let named = |item: &ast::Use| {
        let condition = ast::AnyHasAttrs::cast(item.syntax().clone()).as_ref().map(condition).unwrap_or_default();
        imports(item).into_iter().filter_map(move |import| Some((import.name?, condition.clone())))
    };
    uses.flat_map(named).collect()
}

fn is_glob(item: &ast::Item) -> bool {
    matches!(item, ast::Item::Use(item) if imports(item).iter().any(Import::is_glob))
}

/// The names in an item that may be those of macros.
fn macros(item: &SyntaxNode) -> BTreeSet<String> {
    let attributes = item.descendants().filter_map(ast::Attr::cast);
    let mut macros: BTreeSet<String> = attributes.flat_map(|attribute| words(attribute.syntax())).collect();
    let all = words(item);
    macros.extend(all.windows(2).filter(|pair| pair[1] == "!").map(|pair| pair[0].clone()));
    macros
}

/// The attributes on which it depends whether there is an item.
fn condition(item: &ast::AnyHasAttrs) -> String {
    let attributes = item.attrs().filter_map(|attribute| {
        let words = words(attribute.syntax());
        match words.get(2).map(String::as_str) {
            Some("cfg") => Some(format!("#[{}] ", words[2..words.len() - 1].join(" "))),
            Some("cfg_attr") => conditional_condition(&words),
            _ => None,
        }
    });
    attributes.collect()
}

/// Of `#[cfg_attr(a, cfg(b), derive(Debug))]` what is `#[cfg_attr(a, cfg(b))]`.
fn conditional_condition(words: &[String]) -> Option<String> {
    let inside = words.get(4..words.len().checked_sub(2)?)?;
    let mut depth = 0;
    let parts: Vec<String> = inside
        .split(|word| {
            depth += match word.as_str() {
                "(" => 1,
                ")" => -1,
                _ => 0,
            };
            depth == 0 && word == ","
        })
        .map(|part| part.join(" "))
        .collect();
    let (predicate, attributes) = parts.split_first()?;
    let conditions: Vec<&str> = attributes.iter().map(String::as_str).filter(|part| part.starts_with("cfg ")).collect();
    (!conditions.is_empty()).then(|| format!("#[cfg_attr({predicate}, {})] ", conditions.join(", ")))
}

/// How many modules stand around it, up to `item` itself.
fn depth(node: &SyntaxNode, item: &SyntaxNode) -> usize {
    let around = node.ancestors().take_while(|around| Some(around) != item.parent().as_ref());
    around.filter(|around| ast::Module::can_cast(around.kind())).count()
}

/// How many modules a path leads up.
fn up(path: &str) -> usize {
    path.split("::").take_while(|part| *part == "super").count()
}

fn is_colon(token: &SyntaxToken) -> bool {
    token.text().starts_with(':')
}

/// The path in a string, which a macro reads in an attribute, if it begins with `super`.
fn path_upwards(string: &str) -> Option<&str> {
    let path = string.strip_prefix('"')?.strip_suffix('"')?;
    let path = path.strip_prefix("self::").unwrap_or(path);
    let is_path = path.chars().all(|char| char.is_alphanumeric() || ['_', ':'].contains(&char));
    (is_path && up(path) > 0).then_some(path)
}

/// Whether it is the call of a macro, but one that makes no types.
fn may_make_types(item: &ast::Item) -> bool {
    let ast::Item::MacroCall(call) = item else { return false };
    let name = call.path().and_then(|path| path.segment()).and_then(|segment| segment.name_ref());
    name.is_none_or(|name| name.text() != "thread_local")
}

/// Whether a macro refuses a field that can be seen; it makes a type with a private one, whatever is written.
fn forbids_visibilities(item: &ast::Item) -> bool {
    let item = ast::AnyHasAttrs::cast(item.syntax().clone());
    item.is_some_and(|item| item.attrs().any(|attribute| words(attribute.syntax()).iter().any(|word| word == "nutype")))
}

fn has_macros(item: &ast::AnyHasAttrs) -> bool {
    item.attrs().any(|attribute| !layouts::is_compilers(&attribute))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::cell;
    use crate::inserted::Inserted;
    use crate::layouts::GLOBS;
    use crate::{GeneratedCell, Variables};

    fn rendered(items: &str) -> String {
        GeneratedCell::parse(&cell(items, "1;\n")).unwrap().render(&Definitions::default(), Variables::Mentioned).text
    }

    /// The line with this in it, without the marks of what was inserted.
    fn line(items: &str, part: &str) -> String {
        let text = rendered(items);
        let line = text.lines().find(|line| line.contains(part)).unwrap();
        line.replace("/*ferrobook{*/", "").replace("/*}ferrobook*/", "")
    }

    /// The name of the module of `Item`.
    fn module(items: &str) -> String {
        let text = rendered(items);
        let (_, rest) = text.rsplit_once("use ferrobook_").unwrap();
        let name = text.split("use ferrobook_").skip(1).find(|rest| rest.contains("::Item;")).unwrap_or(rest);
        name[..16].to_owned()
    }

    fn definition(inside: &str, outside: &str) -> String {
        format!(
            "#[allow(unused_imports, private_interfaces, private_bounds, unreachable_pub)] mod ferrobook_ {{ use super::*; {inside} }} \
             #[allow(unused_imports)] {outside};"
        )
    }

    fn unnumbered(line: &str) -> String {
        let mut parts = line.split("ferrobook_");
        let first = parts.next().unwrap().to_owned();
        parts.fold(first, |text, part| text + "ferrobook_" + &part[16..])
    }

    #[test]
    fn each_definition_has_a_module() {
        for (item, inside, outside) in [
            ("struct Item { a: u8 }", "pub struct Item { pub(super) a: u8 }", "use ferrobook_::Item"),
            ("pub struct Item(pub u8, u8);", "pub struct Item(pub u8, pub(super) u8);", "pub use ferrobook_::Item"),
            ("struct Item;", "pub struct Item;", "use ferrobook_::Item"),
            ("pub(crate) enum Item { A(u8) }", "pub/*(crate)*/ enum Item { A(u8) }", "pub(crate) use ferrobook_::Item"),
            (
                "#[repr(C)] union Item { a: u8 }",
                "#[repr(C)] pub union Item { pub(super) a: u8 }",
                "use ferrobook_::Item",
            ),
            ("unsafe trait Item { fn f(); }", "pub unsafe trait Item { fn f(); }", "use ferrobook_::Item"),
        ] {
            let line = line(&format!("{item}\n"), "Item");
            assert_eq!(unnumbered(&line), definition(inside, outside), "{item}");
        }
    }

    #[test]
    fn in_a_module_of_the_users_too() {
        let item = "mod m { pub(super) struct Item { pub(super) a: u8, pub(self) b: u8, pub(in super::super) c: u8 } }";
        let inside = "pub/*(super)*/ struct Item { pub(in super::super /*super*/) a: u8, pub(in super /*self*/) b: u8, \
                      pub(in super::super::super /*in super::super*/) c: u8 }";
        let line = line(&format!("{item}\n"), "Item");
        let expected = definition(inside, "pub(super) use ferrobook_::Item");
        assert_eq!(unnumbered(&line), format!("mod m {{ {expected} }}"));
    }

    #[test]
    fn paths_lead_where_they_led() {
        let item =
            r#"mod m { struct Item { #[serde(with = "super::codec")] a: super::A, b: [u8; self::super::super::N] } }"#;
        let line = line(&format!("{item}\n"), "Item");
        assert!(
            line.contains(r#"with = "super::super::codec" /*"super::codec"*/)] pub(super) a: super::super::A"#),
            "{line}"
        );
        assert!(line.contains("[u8; self::super::super::super::N]"), "{line}");
    }

    #[test]
    fn a_module_with_macros_is_as_a_whole_one_definition() {
        let item = "pub mod m { item!(Item); pub(super) fn f(_: super::A) {} mod n { pub(super) fn g(_: super::Item, _: super::super::A) {} } }";
        let line = line(&format!("{item}\n"), "mod m");
        assert!(line.contains("{ use super::*; pub mod m { item!(Item);"), "{line}");
        assert!(line.contains("pub(in super::super /*super*/) fn f(_: super::super::A)"), "{line}");
        assert!(line.contains("pub(super) fn g(_: super::Item, _: super::super::super::A)"), "{line}");
        assert!(unnumbered(&line).ends_with("pub use ferrobook_::m;"), "{line}");
        assert!(!rendered("mod m { thread_local!(); fn f() { println!(); } }\n").contains("mod ferrobook_"));
    }

    #[test]
    fn a_macro_that_keeps_a_field_private_gets_it_so() {
        assert!(line("#[nutype(derive(Debug))] struct Item(u8);\n", "Item").contains("pub struct Item(u8);"));
    }

    #[test]
    fn a_definition_is_there_when_its_condition_holds() {
        let condition = "#[cfg ( not ( x ) )] #[cfg_attr(a, cfg ( b ))] ";
        let item = "#[cfg(not(x))] #[cfg_attr(a, derive(Debug), cfg(b))] #[cfg_attr(a, derive(Clone))] struct Item;\n";
        let line = line(item, "Item");
        assert!(line.starts_with(&format!("{condition}#[allow")), "{line}");
        assert_eq!(line.matches(&format!(" {condition}#[allow")).count(), 2, "{line}");
    }

    #[test]
    fn a_macro_that_is_imported_is_not_ambiguous() {
        let items = "#[cfg(a)] use derive_more::Debug;\nuse m::vec;\nuse n::Clone;\n";
        let line = line(&format!("{items}#[derive(Debug)] trait Item {{ fn f() -> Clone {{ vec![1] }} }}\n"), "Item");
        assert!(line.contains("{ use super::*; #[cfg ( a )] use super::Debug; use super::vec; #[derive"), "{line}");
    }

    #[test]
    fn a_name_of_two_globs_is_an_error() {
        let is_denied = |items: &str| rendered(items).contains("#![deny(ambiguous_glob_imports)]");
        assert!(is_denied("use a::*;\nstruct Item(In);\n"));
        assert!(!is_denied("use a::In;\nstruct Item(In);\n") && !is_denied("use a::*;\n"));
    }

    #[test]
    fn types_that_macros_make_beside_one_are_found() {
        let item = r"/// Words
#[derive(Debug, Builder)]
pub struct Item { a: u8 }
";
        assert!(line(item, "pub use").ends_with("pub use ferrobook_::*;") || rendered(item).contains("::*;"));
        assert!(!rendered("#[derive(Debug)]\nstruct Item { a: u8 }\n").contains("::*;/*}"));
        assert!(rendered(item).contains("use super::*; /*}ferrobook*//// Words\n"));
    }

    #[test]
    fn lines_and_text_stay() {
        let items = r"/// Words
struct Item {
    a: u8,
}
trait T {}
";
        let (plain, _) = Inserted::remove(&rendered(items));
        assert!(items.lines().all(|line| plain.lines().any(|other| other == line)), "{plain}");
    }

    #[test]
    fn another_definition_is_another_module() {
        let item = "struct Item { a: Inner, b: [u8; N] }\n";
        let rest = r"struct Inner(Alias);
type Alias = u8;
const N: usize = 1 + M;
const M: usize = 1;
";
        let known = module(&format!("{item}{rest}"));
        for (from, to) in [
            ("a: Inner", "a: Option<Inner>"),
            ("a: Inner, b: [u8; N]", "b: [u8; N], a: Inner"),
            ("Inner(Alias)", "Inner(Alias, u8)"),
            ("= u8", "= i8"),
            ("M: usize = 1", "M: usize = 2"),
            ("struct Item", "#[repr(C)] struct Item"),
            ("struct Item", "#[attribute] struct Item"),
            ("a: Inner", "#[cfg(x)] a: Inner"),
        ] {
            let text = format!("{item}{rest}");
            assert!(text.contains(from));
            assert_ne!(known, module(&text.replace(from, to)), "{to}");
        }
        for same in [
            format!("{rest}{item}"),
            format!(
                r"{item}{rest}struct Other;
fn f() {{}}
impl Item {{ fn f(&self) {{}} }}
impl Clone for Item {{}}
"
            ),
            format!("#[derive(Clone)]\n/// Words\npub {}{rest}", item.replace("a:", "/* a */ pub a:")),
            format!("{}{rest}", item.replace("a:", "#[serde(default)] a:")),
            format!("#[derive(Debug, PartialEq)]\npub {}{rest}", item.replace("b:", "pub(crate) b:")),
            format!("{item}{rest}mod m {{ use super::Item; use crate::Inner; use super::*; }}\n"),
            format!(
                r"{item}{rest}trait Has {{ type T; const C: u8; }}
impl Has for Item {{ type T = u8; const C: u8 = 1; }}
"
            ),
        ] {
            assert_eq!(known, module(&same), "{same}");
        }
    }

    #[test]
    fn what_a_constant_is_computed_from_counts() {
        for (items, from, to) in [
            ("struct Item([u8; N]);\nconst N: usize = *S;\nstatic S: &usize = &1;\n", "&1", "&2"),
            ("struct Item([u8; S::n()]);\nstruct S;\nimpl S { const fn n() -> usize { 1 } }\n", "{ 1 }", "{ 2 }"),
            (
                "struct Item([u8; <u8 as T>::N]);\ntrait T { const N: usize = { 1 }; }\nimpl T for u8 {}\n",
                "{ 1 }",
                "{ 2 }",
            ),
            ("struct Item(r#In);\nstruct In(u8);\n", "u8", "u16"),
            ("struct Item(In);\nstruct r#In(u8);\n", "u8", "u16"),
            ("#[derive(Builder)]\nstruct Item { #[builder(field(ty = \"u8\"))] a: u8 }\n", "\"u8\"", "\"u16\""),
            ("#[derive(Of)]\nstruct Item;\n", "Of", "OfOther"),
            (
                "struct Item(a::In);\nmod a { pub type In = u8; }\nmod b { pub type In = u16; }\n",
                "a { pub type In = u8; }\nmod b",
                "b { pub type In = u8; }\nmod a",
            ),
            ("struct Item(m::In);\nmod m { item!(In, u8); }\n", "u8", "u16"),
            (
                "struct Item(m::In);\nmod m { item!(In); }\nmacro_rules! item { ($a:ident) => { pub struct $a(u8); } }\n",
                "u8",
                "u16",
            ),
            ("struct Item(FerrobookOwn);\nstruct FerrobookOwn(u8);\n", "u8", "u16"),
        ] {
            assert!(items.contains(from));
            assert_ne!(module(items), module(&items.replace(from, to)), "{items}");
        }
        assert!(rendered("struct FerrobookOwn(u8);\n").contains("::FerrobookOwn;"));
        assert_eq!(module("struct Item(r#In);\nstruct In;\n"), module("struct Item(In);\nstruct r#In;\n"));
    }

    #[test]
    fn what_the_host_has_counted_counts_where_it_matters() {
        let module = |items: &str, definitions: &Definitions| {
            let text =
                GeneratedCell::parse(&cell(items, "1;\n")).unwrap().render(definitions, Variables::Mentioned).text;
            let name = text.split("use ferrobook_").skip(1).find(|rest| rest.contains("::Item;")).unwrap();
            name[..16].to_owned()
        };
        let known = Definitions::default();
        let counted = |name: &str| Definitions { generations: [(name.to_owned(), 1)].into(), ..Definitions::default() };
        let globs = counted(GLOBS);
        for closed in
            ["struct Item<T>(T, Vec<u8>, Option<Box<str>>);\n", "use a::B;\nstruct Item(B, std::rc::Rc<B>);\n"]
        {
            assert_eq!(module(closed, &known), module(closed, &globs), "{closed}");
        }
        let open = "use a::*;\nstruct Item(B);\n";
        assert_ne!(module(open, &known), module(open, &globs));
        for (implementation, family) in [
            ("mod m { impl super::Tr for super::Item { type X = u8; } }", "impl Tr for Item"),
            ("fn f() { impl Tr for crate::Item { type X = u8; } }", "impl Tr for Item"),
            ("impl<T> Tr for T { type X = u8; }", "impl Tr for _"),
        ] {
            let items = format!("struct Item;\n{implementation}\n");
            assert_ne!(module(&items, &known), module(&items, &counted(family)), "{items}");
        }
        let debug = Definitions { debug: true, ..Definitions::default() };
        let item = "struct Item { #[cfg(debug_assertions)] a: u8 }\n";
        assert_ne!(module(item, &known), module(item, &debug));
        assert_eq!(module("struct Item;\n", &known), module("struct Item;\n", &debug));
    }

    #[test]
    fn what_is_forbidden_is_denied() {
        let source = cell("#![forbid(unused, x)]\n#![forbid(unsafe_code)]\nstruct Item;\n", "1;\n");
        let text = GeneratedCell::parse(&source).unwrap().render(&Definitions::default(), Variables::Mentioned).text;
        let text = text.replace("/*ferrobook{*/", "").replace("/*}ferrobook*/", "");
        assert!(text.contains("#![deny /*forbid*/(unused, x)]\n"), "{text}");
        assert!(text.contains("#![forbid(unsafe_code)]\n"), "{text}");
    }

    #[test]
    fn a_trait_is_its_methods() {
        let known = module("trait Item { fn a(&self) -> u8; fn b(&self) -> u8 { 1 } }\n");
        for other in [
            "trait Item { fn b(&self) -> u8 { 1 } fn a(&self) -> u8; }\n",
            "trait Item { fn a(&self) -> u8 { 1 } fn b(&self) -> u8 { 1 } }\n",
            "trait Item { fn a(&self) -> u16; fn b(&self) -> u8 { 1 } }\n",
            "trait Item: Debug { fn a(&self) -> u8; fn b(&self) -> u8 { 1 } }\n",
        ] {
            assert_ne!(known, module(other), "{other}");
        }
        assert_eq!(known, module("trait Item { fn a(&self) -> u8; fn b(&self) -> u8 { 2 + 3 } }\n"));
    }
}
