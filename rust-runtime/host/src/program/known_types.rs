//! The types of a cell's variables, when they are known from an earlier run of the same code.
//!
//! evcxr asks rust-analyzer for each type that a `let` at the top of a cell does not name, and rust-analyzer has to read
//! the standard library for that. A type that was found once is kept in the store of compiled cells, and inserted into
//! the cell when it comes again; the cargo shim takes it out before the cell is compiled. A type that is not the right
//! one any more makes no difference but that evcxr is asked again without it: it cannot keep a variable under a wrong one.

use crate::cell::Cell;
use crate::cell::untyped::Untyped;
use crate::evcxr::input::Input;
use crate::program::Program;
use ferrobook_cache::key::Key;
use ferrobook_cache::store::Store;
use ferrobook_protocol::build::{StoreSettings, TYPES};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What the store calls them.
const KIND: &str = "types";

type Types = BTreeMap<String, String>;

/// What has to be done for the types of a cell's variables.
#[derive(Debug, PartialEq, Eq)]
pub enum Typing {
    /// The cell names them all.
    Complete,
    /// The types of [`Cell::untyped`], which were kept under the key, or are evident.
    Known { key: Option<String>, types: Vec<String> },
    /// rust-analyzer has to be asked. What it finds can be kept under the key, if there is one.
    Unknown { key: Option<String> },
}

/// What the types in a cell depend on, besides its code.
pub struct Surroundings<'a> {
    pub program: &'a Program,
    /// The names and types of the variables that earlier cells have left.
    pub variables: Types,
}

pub struct KnownTypes {
    store: Option<Store>,
    /// The versions of all that infers types.
    versions: String,
}

impl KnownTypes {
    pub fn new(store: Option<&StoreSettings>, versions: String) -> Self {
        Self { store: store.map(|store| Store::new(&store.directory, store.limit)), versions }
    }

    pub fn of(&self, input: &Input, surroundings: &Surroundings) -> Typing {
        let Some(untyped) = &input.cell.untyped else { return Typing::Unknown { key: None } };
        if untyped.is_empty() {
            return Typing::Complete;
        }
        if let Some(types) = all_of(untyped, &Types::new()) {
            return Typing::Known { key: None, types };
        }
        let Some(store) = &self.store else { return Typing::Unknown { key: None } };
        let key = self.key(&input.text(), surroundings);
        let known = store.text(&key, KIND).and_then(|json| serde_json::from_str(&json).ok());
        match known.and_then(|types| all_of(untyped, &types)) {
            Some(types) => Typing::Known { key: Some(key), types },
            None => Typing::Unknown { key: Some(key) },
        }
    }

    /// Whether the types in this cell were known in some surroundings, or it names all of them.
    pub fn has_met(&self, cell: &Cell) -> bool {
        let key = || self.key_of_code(&cell.source);
        let met = || self.store.as_ref().is_some_and(|store| store.text(&key(), KIND).is_some());
        let is_evident = |variable: &Untyped| variable.evident.is_some();
        cell.untyped.as_ref().is_some_and(|untyped| untyped.iter().all(is_evident) || met())
    }

    /// Keeps the types that evcxr has found for a cell.
    pub fn keep(&self, key: &str, input: &Input, crate_dir: &Path) -> std::io::Result<()> {
        let (Some(store), Some(untyped)) = (&self.store, &input.cell.untyped) else { return Ok(()) };
        let noted = noted(&std::fs::read_to_string(crate_dir.join(TYPES))?);
        let names: BTreeSet<&str> = untyped.iter().map(|variable| variable.name.as_str()).collect();
        let types: Types = noted
            .into_iter()
            .filter(|(name, of_type)| names.contains(name.as_str()) && can_be_named(of_type))
            .collect();
        if types.len() < names.len() {
            return Ok(());
        }
        store.save_text(&self.key_of_code(&input.text()), KIND, "")?;
        store.save_text(key, KIND, &serde_json::to_string(&types)?)
    }

    fn key_of_code(&self, code: &str) -> String {
        hash([("versions", self.versions.as_str()), ("any surroundings", code)])
    }

    fn key(&self, code: &str, surroundings: &Surroundings) -> String {
        let lock = std::fs::read_to_string(surroundings.program.crate_dir.join("Cargo.lock")).unwrap_or_default();
        let items: BTreeSet<&str> = surroundings.program.items.iter().map(|item| item.text.as_str()).collect();
        let items = items.into_iter().map(|item| ("item", item));
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

/// A type for each variable.
fn all_of(untyped: &[Untyped], types: &Types) -> Option<Vec<String>> {
    untyped.iter().map(|Untyped { name, evident, .. }| types.get(name).or(evident.as_ref()).cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ferrobook_protocol::NotebookCell;

    #[test]
    fn types_are_kept_for_the_same_code_in_the_same_surroundings() {
        let directory = tempfile::tempdir().unwrap();
        let crate_dir = directory.path();
        let settings = StoreSettings { directory: crate_dir.join("store"), limit: 1 << 20 };
        let known = KnownTypes::new(Some(&settings), "1".to_owned());
        let variables = |of_type: &str| [("x".to_owned(), of_type.to_owned())].into();
        let program = |items: &str| {
            let mut program = Program { crate_dir: crate_dir.to_owned(), ..Program::default() };
            program.items.add(&Cell::new(items), &NotebookCell::default());
            program
        };
        let (with_f, empty) = (program("fn f() {}"), program(""));
        let at = |program, of_type| Surroundings { program, variables: variables(of_type) };
        let code = "let a = x.f();";
        let of = |known: &KnownTypes, code: &str, surroundings: &Surroundings| {
            let cell = Cell::new(code);
            known.of(&Input::new(&cell, String::new()), surroundings)
        };
        let Typing::Unknown { key: Some(key) } = of(&known, code, &at(&with_f, "u8")) else { panic!() };
        std::fs::write(crate_dir.join(TYPES), "[\"x\",\"u8\"]\n[\"a\",\"Vec<u8>\"]\n").unwrap();
        known.keep(&key, &Input::new(&Cell::new(code), String::new()), crate_dir).unwrap();
        let types = vec!["Vec<u8>".to_owned()];
        assert_eq!(of(&known, code, &at(&with_f, "u8")), Typing::Known { key: Some(key), types });
        let is_unknown = |typing| matches!(typing, Typing::Unknown { key: Some(_) });
        assert!(is_unknown(of(&known, code, &at(&with_f, "u16"))), "another variable");
        assert!(is_unknown(of(&known, code, &at(&empty, "u8"))), "another item");
        assert!(is_unknown(of(&known, "let a = x.f() ;", &at(&with_f, "u8"))), "other code");
        assert!(is_unknown(of(&KnownTypes::new(Some(&settings), "2".to_owned()), code, &at(&with_f, "u8"))));
        std::fs::write(crate_dir.join("Cargo.lock"), "").unwrap();
        std::fs::write(crate_dir.join("Cargo.lock"), "[[package]]").unwrap();
        assert!(is_unknown(of(&known, code, &at(&with_f, "u8"))), "another crate");
        assert_eq!(of(&known, "let a: u8 = x;", &at(&empty, "u8")), Typing::Complete);
        let has_met = |code: &str| known.has_met(&Cell::new(code));
        assert!(has_met(code) && has_met("1 + 1"));
        assert!(!has_met("let a = x.f() ;") && !has_met("let (a, b) = c;"));
    }

    #[test]
    fn a_type_for_each_variable_or_none_at_all() {
        let types = [("a", "Option<u8>"), ("b", "Vec<u64>")].map(|(a, b)| (a.to_owned(), b.to_owned())).into();
        let all_of = |code: &str, types| all_of(&Cell::new(code).untyped.unwrap(), types);
        let found = all_of(
            r"let mut a /* c */ = 1;
let b: Vec<_> = a.iter().collect();
let a = 2;",
            &types,
        )
        .unwrap();
        assert_eq!(found, ["Option<u8>", "Vec<u64>", "Option<u8>"]);
        assert_eq!(all_of("let a = f();", &Types::new()), None);
    }
}
