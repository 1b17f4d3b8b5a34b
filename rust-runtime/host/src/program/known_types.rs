//! The types of a cell's variables, when they are known from an earlier run of the same code.
//!
//! evcxr asks rust-analyzer for each type that a `let` at the top of a cell does not name, and rust-analyzer has to read
//! the standard library for that. A type that was found once is kept in the store of compiled cells, and inserted into
//! the cell when it comes again; the cargo shim takes it out before the cell is compiled. A type that is not the right
//! one any more makes no difference but that evcxr is asked again without it: it cannot keep a variable under a wrong one.

use crate::cell::literals;
use crate::cell::statements;
use ferrobook_cache::key::Key;
use ferrobook_cache::store::Store;
use ferrobook_evcxr_code::type_hints::{HINT, HINT_END};
use ferrobook_protocol::build::{StoreSettings, TYPES};
use ra_ap_syntax::ast::{self, AstNode, HasName};
use ra_ap_syntax::{SyntaxKind, SyntaxNode};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

/// What the store calls them.
const KIND: &str = "types";

type Types = BTreeMap<String, String>;

/// What has to be done for the types of a cell's variables.
#[derive(Debug, PartialEq, Eq)]
pub enum Typing {
    /// The cell names them all.
    Complete,
    /// The cell with its types, which were kept under the key, or are evident.
    Known { key: Option<String>, cell: String },
    /// rust-analyzer has to be asked. What it finds can be kept under the key, if there is one.
    Unknown { key: Option<String> },
}

/// What the types in a cell depend on, besides its code.
pub struct Surroundings<'a> {
    pub crate_dir: &'a Path,
    /// The code of the items that earlier cells have defined.
    pub items: BTreeSet<&'a str>,
    /// The names and types of the variables that earlier cells have left.
    pub variables: Types,
}

pub struct KnownTypes {
    store: Option<Store>,
    /// The versions of all that infers types.
    versions: String,
}

/// A variable whose type the cell does not name in full.
#[derive(Debug, PartialEq, Eq)]
struct Untyped {
    name: String,
    /// Where the type belongs. It is empty when there is none, and otherwise a type with `_` in it.
    place: Range<usize>,
    /// The type, where it is seen at once.
    evident: Option<String>,
}

impl KnownTypes {
    pub fn new(store: Option<&StoreSettings>, versions: String) -> Self {
        Self { store: store.map(|store| Store::new(&store.directory, store.limit)), versions }
    }

    pub fn of(&self, code: &str, surroundings: &Surroundings) -> Typing {
        let Some(untyped) = untyped(code) else { return Typing::Unknown { key: None } };
        if untyped.is_empty() {
            return Typing::Complete;
        }
        if let Some(cell) = insert(code, &untyped, &Types::new()) {
            return Typing::Known { key: None, cell };
        }
        let Some(store) = &self.store else { return Typing::Unknown { key: None } };
        let key = self.key(code, surroundings);
        let known = store.text(&key, KIND).and_then(|json| serde_json::from_str(&json).ok());
        match known.and_then(|types| insert(code, &untyped, &types)) {
            Some(cell) => Typing::Known { key: Some(key), cell },
            None => Typing::Unknown { key: Some(key) },
        }
    }

    /// Whether the types in this code were known in some surroundings, or it names all of them.
    pub fn has_met(&self, code: &str) -> bool {
        let met = || self.store.as_ref().is_some_and(|store| store.text(&self.key_of_code(code), KIND).is_some());
        let is_evident = |variable: &Untyped| variable.evident.is_some();
        untyped(code).is_some_and(|untyped| untyped.iter().all(is_evident) || met())
    }

    /// Keeps the types that evcxr has found for a cell.
    pub fn keep(&self, key: &str, code: &str, crate_dir: &Path) -> std::io::Result<()> {
        let (Some(store), Some(untyped)) = (&self.store, untyped(code)) else { return Ok(()) };
        let noted = noted(&std::fs::read_to_string(crate_dir.join(TYPES))?);
        let names: BTreeSet<String> = untyped.into_iter().map(|variable| variable.name).collect();
        let types: Types =
            noted.into_iter().filter(|(name, of_type)| names.contains(name) && can_be_named(of_type)).collect();
        if types.len() < names.len() {
            return Ok(());
        }
        store.save_text(&self.key_of_code(code), KIND, "")?;
        store.save_text(key, KIND, &serde_json::to_string(&types)?)
    }

    fn key_of_code(&self, code: &str) -> String {
        hash([("versions", self.versions.as_str()), ("any surroundings", code)])
    }

    fn key(&self, code: &str, surroundings: &Surroundings) -> String {
        let lock = std::fs::read_to_string(surroundings.crate_dir.join("Cargo.lock")).unwrap_or_default();
        let items = surroundings.items.iter().map(|item| ("item", *item));
        let mentioned = surroundings.variables.iter().filter(|(name, _)| code.contains(name.as_str()));
        let variables = mentioned.flat_map(|(name, of_type)| [("variable", name.as_str()), ("type", of_type.as_str())]);
        let rest = [("versions", self.versions.as_str()), ("lock", lock.as_str()), ("code", code)];
        hash(rest.into_iter().chain(items).chain(variables))
    }
}

/// The key of what depends on all of these.
fn hash<'a>(parts: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut key = Key::new("ferrobook types 1");
    for (name, value) in parts {
        key.add(name, value);
    }
    key.hash()
}

/// Forgets what was noted for another cell.
pub fn begin(crate_dir: &Path) {
    let _ = std::fs::remove_file(crate_dir.join(TYPES));
}

fn noted(lines: &str) -> Types {
    lines.lines().filter_map(|line| serde_json::from_str::<(String, String)>(line).ok()).collect()
}

/// evcxr itself escapes reserved words in types, and would do so again.
fn can_be_named(of_type: &str) -> bool {
    !of_type.is_empty() && !of_type.contains("r#") && !of_type.contains('\n')
}

/// The variables that a `let` at the top of the cell gives no full type to. `None` when one of them cannot be given any,
/// as in a tuple's pattern.
fn untyped(code: &str) -> Option<Vec<Untyped>> {
    let mut found = Vec::new();
    for (node, at) in statements::nodes_of_cell(code) {
        let Some(statement) = ast::LetStmt::cast(node.clone()) else { continue };
        let start = node.text_range().start();
        let within = |node: &SyntaxNode| {
            let range = node.text_range() - start;
            at + usize::from(range.start())..at + usize::from(range.end())
        };
        match statement.pat()? {
            ast::Pat::WildcardPat(_) => {}
            ast::Pat::IdentPat(pattern) if pattern.pat().is_none() && pattern.ref_token().is_none() => {
                let name = pattern.name()?.text().to_string();
                let place = match statement.ty() {
                    None => {
                        let end = within(pattern.syntax()).end;
                        Some(end..end)
                    }
                    Some(ty) => leaves_something_out(ty.syntax()).then(|| within(ty.syntax())),
                };
                found.extend(place.map(|place| {
                    let evident = literals::type_of(&statement, &name);
                    Untyped { name, place, evident }
                }));
            }
            pattern => {
                if pattern.syntax().descendants().any(|node| ast::IdentPat::can_cast(node.kind())) {
                    return None;
                }
            }
        }
    }
    Some(found)
}

fn leaves_something_out(ty: &SyntaxNode) -> bool {
    ty.descendants().any(|node| node.kind() == SyntaxKind::INFER_TYPE)
}

/// The cell with these types. A type with `_` in it becomes a comment.
fn insert(code: &str, untyped: &[Untyped], types: &Types) -> Option<String> {
    let mut cell = String::with_capacity(code.len());
    let mut from = 0;
    for Untyped { name, place, evident } in untyped {
        let of_type = types.get(name).or(evident.as_ref())?;
        cell += &code[from..place.start];
        cell += &match &code[place.clone()] {
            "" => format!("{HINT}: {of_type}{HINT_END}"),
            users => format!("{HINT}{of_type}/*{HINT_END}{users}{HINT}*/{HINT_END}"),
        };
        from = place.end;
    }
    Some(cell + &code[from..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use ra_ap_syntax::SourceFile;

    fn names(code: &str) -> Option<Vec<String>> {
        untyped(code).map(|found| found.into_iter().map(|variable| variable.name).collect())
    }

    #[test]
    fn variables_without_a_full_type() {
        assert_eq!(names("let a = 1; let mut b: u8 = 2; let _ = f(); fn g() { let c = 3; }").unwrap(), ["a"]);
        assert_eq!(
            names(":dep itoa\n\nlet a: Vec<_> = x;\nlet b: HashMap<u8, (_, u8)> = y;\nlet é = 1").unwrap(),
            ["a", "b", "é"]
        );
        assert_eq!(names("1 + 1").unwrap(), [] as [&str; 0]);
        assert_eq!(names("let (a, b) = f();"), None);
        assert_eq!(names("let Some(a) = f() else { panic!() };"), None);
        assert_eq!(names("let ref a = b;"), None);
        assert_eq!(names("let () = f();").unwrap(), [] as [&str; 0]);
    }

    #[test]
    fn a_cell_with_types_is_the_same_cell_without_them() {
        let code = "// é\nlet mut a /* c */ = 1;\nlet b: Vec<_> = a.iter().collect();\nlet a = 2;";
        let types = [("a", "Option<u8>"), ("b", "Vec<u64>")].map(|(a, b)| (a.to_owned(), b.to_owned())).into();
        let cell = insert(code, &untyped(code).unwrap(), &types).unwrap();
        assert_eq!(cell.lines().count(), code.lines().count());
        assert_eq!(names(&cell).unwrap(), [] as [&str; 0]);
        let parsed = SourceFile::parse(&format!("fn f() {{ {cell} }}"), statements::EDITION);
        assert_eq!(parsed.errors(), []);
        let lets: Vec<_> = parsed.syntax_node().descendants().filter_map(ast::LetStmt::cast).collect();
        let found: Vec<_> = lets.iter().map(|statement| statement.ty().unwrap().syntax().text().to_string()).collect();
        assert_eq!(found, ["Option<u8>", "Vec<u64>", "Option<u8>"]);
        assert_eq!(insert("let a = f();", &untyped("let a = f();").unwrap(), &Types::new()), None);
    }

    #[test]
    fn types_are_kept_for_the_same_code_in_the_same_surroundings() {
        let directory = tempfile::tempdir().unwrap();
        let crate_dir = directory.path();
        let settings = StoreSettings { directory: crate_dir.join("store"), limit: 1 << 20 };
        let known = KnownTypes::new(Some(&settings), "1".to_owned());
        let variables = |of_type: &str| [("x".to_owned(), of_type.to_owned())].into();
        let at = |items: &[&'static str], of_type| Surroundings {
            crate_dir,
            items: items.iter().copied().collect(),
            variables: variables(of_type),
        };
        let code = "let a = x.f();";
        let Typing::Unknown { key: Some(key) } = known.of(code, &at(&["fn f() {}"], "u8")) else { panic!() };
        std::fs::write(crate_dir.join(TYPES), "[\"x\",\"u8\"]\n[\"a\",\"Vec<u8>\"]\n").unwrap();
        known.keep(&key, code, crate_dir).unwrap();
        let cell = format!("let a{HINT}: Vec<u8>{HINT_END} = x.f();");
        assert_eq!(known.of(code, &at(&["fn f() {}"], "u8")), Typing::Known { key: Some(key), cell });
        let is_unknown = |typing| matches!(typing, Typing::Unknown { key: Some(_) });
        assert!(is_unknown(known.of(code, &at(&["fn f() {}"], "u16"))), "another variable");
        assert!(is_unknown(known.of(code, &at(&[], "u8"))), "another item");
        assert!(is_unknown(known.of("let a = x.f() ;", &at(&["fn f() {}"], "u8"))), "other code");
        assert!(is_unknown(KnownTypes::new(Some(&settings), "2".to_owned()).of(code, &at(&["fn f() {}"], "u8"))));
        std::fs::write(crate_dir.join("Cargo.lock"), "").unwrap();
        std::fs::write(crate_dir.join("Cargo.lock"), "[[package]]").unwrap();
        assert!(is_unknown(known.of(code, &at(&["fn f() {}"], "u8"))), "another crate");
        assert_eq!(known.of("let a: u8 = x;", &at(&[], "u8")), Typing::Complete);
        assert!(known.has_met(code) && known.has_met("1 + 1"));
        assert!(!known.has_met("let a = x.f() ;") && !known.has_met("let (a, b) = c;"));
    }
}
