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
use crate::layouts::{self, Layouts, definition, items_of};
use crate::names::{DEFINITION, is_preludes};
use crate::tokens::first_token;
use ra_ap_syntax::ast::{self, AstNode, HasAttrs, HasName, HasVisibility};
use ra_ap_syntax::{SyntaxElement, SyntaxKind, SyntaxToken, TextSize};

/// Puts each definition of a type into a module of its own.
pub fn separate(items: &[ast::Item], definitions: &Definitions) -> Vec<Insertion> {
    let mut separation = Separation { layouts: &Layouts::new(items, definitions), insertions: Vec::new() };
    separation.items(items);
    separation.insertions
}

struct Separation<'a> {
    layouts: &'a Layouts<'a>,
    insertions: Vec<Insertion>,
}

impl Separation<'_> {
    fn items(&mut self, items: &[ast::Item]) {
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
                ast::Item::Module(module) => {
                    self.items(&items_of(module));
                    continue;
                }
                _ => continue,
            };
            if self.define(item, name, visibility, keyword).is_some() {
                self.fields(fields);
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
    ) -> Option<()> {
        let (name, keyword) = (name?.to_string(), keyword?);
        if is_preludes(&name) {
            return None;
        }
        let words = definition(item);
        let module = format!("{DEFINITION}{:016x}", self.layouts.fingerprint(&words, &self.layouts.of(&words)));
        let allowed = "unused_imports, private_interfaces, private_bounds";
        let first = first_token(item.syntax())?.text_range().start();
        self.insert(first, format!("#[allow({allowed})] mod {module} {{ use super::*; "));
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
        let more = match ast::AnyHasAttrs::cast(item.syntax().clone()).is_some_and(|item| has_macros(&item)) {
            true => format!(" #[allow(unused_imports)] {outside}use {module}::*;"),
            false => String::new(),
        };
        let end = item.syntax().text_range().end();
        self.insert(end, format!(" }} #[allow(unused_imports)] {outside}use {module}::{name};{more}"));
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

fn has_macros(item: &ast::AnyHasAttrs) -> bool {
    item.attrs().any(|attribute| !layouts::is_compilers(&attribute))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::cell;
    use crate::inserted::Inserted;
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
            "#[allow(unused_imports, private_interfaces, private_bounds)] mod ferrobook_ {{ use super::*; {inside} }} \
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
