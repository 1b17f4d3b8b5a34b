//! The variables that a cell has nothing to do with stay where they are.
//!
//! evcxr lets every cell check, take and put back every variable of the notebook, so that each variable makes each cell
//! slower to compile. A variable that the cell does not mention is left in the store instead. The rest is brought into
//! the order of its names: evcxr's own is that of a `HashMap`, another one in each run.
//!
//! A word in the cell's code is a mention wherever it stands, in strings too: `"{name}"`. What could be meant without
//! being written is not left out:
//! - a name that is not ASCII, which can be written in several ways;
//! - a name that is also an item's, which would be found in the variable's place;
//! - any name, when `paste!` may put names together.
//!
//! A variable that the cell defines anew and does not mention before stays in the store, too, until the new one takes its place:
//! its type may be another one by now, and a cell that ends before the `let` has changed nothing.
//!
//! A macro that makes up a name all the same is an error for the compiler; the cell is then compiled again with everything.

use crate::access::{Access, Kind};
use crate::change::{Change, Replacement};
use crate::generated_cell::{Function, GeneratedCell, HEAD_WITHOUT_STORE, StoreUse};
use crate::tokens::bytes;
use crate::variable_store::{MODULE, OF_CELLS};
use ra_ap_syntax::ast::{self, AstNode, HasModuleItem, HasName};
use ra_ap_syntax::{SourceFile, SyntaxKind};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Which variables a cell gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variables {
    All,
    Mentioned,
}

/// What to do with the lines of evcxr's function.
#[derive(Debug, Default)]
pub struct Plan {
    /// Whole lines, each with what stands there instead.
    pub changes: Vec<Change>,
    /// The variables that stay in the store.
    pub left_out: BTreeSet<String>,
}

/// The number in the name of evcxr's function is another one in each session.
const NAME: &str = "pub extern \"C\" fn run_user_code_(\n";

pub fn plan(cell: &GeneratedCell, function: &Function, variables: Variables) -> Plan {
    let accesses = &function.accesses;
    let (mut left_out, replaced) = match variables {
        Variables::All => Default::default(),
        Variables::Mentioned => left_out(cell, function),
    };
    let is_left_out = |access: &Access| {
        let name = access.plain_name();
        left_out.contains(name) || (access.kind != Kind::Keep && replaced.contains(name))
    };
    let mut changes = groups(accesses, is_left_out);
    changes.push((function.name.clone(), Replacement::Text(NAME.into())));
    let is_idle = accesses.iter().all(is_left_out) && !accesses.is_empty();
    match (cell.store(), &function.store) {
        (Some(module), Some(of_function)) if is_idle && is_unused(cell.source(), &module, of_function) => {
            // What evcxr writes when there are no variables.
            changes.push((module, Replacement::Nothing));
            changes.push((of_function.head.clone(), Replacement::Text(HEAD_WITHOUT_STORE.into())));
            changes.push((of_function.checked.clone(), Replacement::Nothing));
        }
        (Some(module), _) => changes.push((module, Replacement::Text(OF_CELLS.into()))),
        (None, _) => {}
    }
    left_out.extend(replaced);
    Plan { changes, left_out }
}

/// The stored variables that the cell does not mention, and those that it replaces before it mentions them.
fn left_out(cell: &GeneratedCell, function: &Function) -> (BTreeSet<String>, BTreeSet<String>) {
    let source = cell.source();
    // With the byte of the first mention.
    let mut mentioned: BTreeMap<&str, usize> = BTreeMap::new();
    let bindings = bindings(function);
    let whole = bytes(function.node.syntax().text_range());
    let mut at = whole.start;
    let accesses = function.accesses.iter().map(|access| access.lines.clone());
    for lines in accesses.chain(std::iter::once(whole.end..whole.end)) {
        let code = &source[at..lines.start.max(at)];
        if code.contains("[<") {
            return Default::default();
        }
        for word in code.split(|char: char| !char.is_alphanumeric() && char != '_') {
            let at = word.as_ptr().addr() - source.as_ptr().addr();
            if bindings.get(word).is_none_or(|binding| binding.name != at) {
                mentioned.entry(word).or_insert(at);
            }
        }
        at = lines.end;
    }
    let items: BTreeSet<String> = item_names(cell.file());
    let stored = function.accesses.iter().filter(|access| access.kind == Kind::Take).map(Access::plain_name);
    let stored: Vec<&str> = stored.filter(|name| !items.contains(*name) && name.is_ascii()).collect();
    let is_replaced = |name: &&&str| {
        let binding = bindings.get(**name);
        binding.is_some_and(|binding| mentioned.get(**name).is_none_or(|first| *first >= binding.end))
    };
    let replaced: BTreeSet<String> = stored.iter().filter(is_replaced).map(|name| (*name).to_owned()).collect();
    let is_needed = |name: &&&str| mentioned.contains_key(**name) || replaced.contains(**name);
    let left_out = stored.iter().filter(|name| !is_needed(name)).map(|name| (*name).to_owned()).collect();
    (left_out, replaced)
}

/// The first `let` of a variable that is kept, among the statements of the cell.
struct Binding {
    /// The byte of the name.
    name: usize,
    /// The byte behind the statement.
    end: usize,
}

fn bindings(function: &Function) -> BTreeMap<String, Binding> {
    let mut bindings = BTreeMap::new();
    let Some(closure) = function.closure() else { return bindings };
    let kept: BTreeSet<&str> =
        function.accesses.iter().filter(|access| access.kind == Kind::Keep).map(Access::plain_name).collect();
    // The cell's own statements are those beside which evcxr keeps the variables.
    let is_keeping = |statement: &ast::Stmt| {
        let start: usize = statement.syntax().text_range().start().into();
        function.accesses.iter().any(|access| access.kind == Kind::Keep && access.lines.contains(&start))
    };
    let lists = closure.descendants().filter_map(ast::StmtList::cast);
    for list in lists.filter(|list| list.statements().any(|statement| is_keeping(&statement))) {
        for statement in list.statements() {
            let ast::Stmt::LetStmt(statement) = statement else { continue };
            let pattern =
                statement.pat().into_iter().flat_map(|pattern| pattern.syntax().descendants().collect::<Vec<_>>());
            for name in pattern.filter_map(ast::IdentPat::cast).filter_map(|pattern| pattern.name()) {
                let text = name.text().trim_start_matches("r#").to_owned();
                if kept.contains(&*text) && text == *name.text() {
                    let (name, end) = (name.syntax().text_range().start(), statement.syntax().text_range().end());
                    bindings.entry(text).or_insert(Binding { name: name.into(), end: end.into() });
                }
            }
        }
    }
    bindings
}

fn item_names(file: &SourceFile) -> BTreeSet<String> {
    file.items().filter_map(|item| item_name(&item)).collect()
}

fn item_name(item: &ast::Item) -> Option<String> {
    match item {
        // evcxr writes one name in each `use`; it is the last one.
        ast::Item::Use(item) => {
            let names = item.syntax().descendants_with_tokens().filter_map(|part| part.into_token());
            names.filter(|token| token.kind() == SyntaxKind::IDENT).last().map(|token| token.text().to_owned())
        }
        item => item.syntax().children().find_map(ast::Name::cast).map(|name| name.text().to_string()),
    }
}

/// Neighbouring statements that do the same change places among themselves.
fn groups(accesses: &[Access], is_left_out: impl Fn(&Access) -> bool) -> Vec<Change> {
    let are_neighbours = |a: &Access, b: &Access| a.lines.end == b.lines.start && a.kind == b.kind;
    let groups = accesses.chunk_by(are_neighbours).map(|group| {
        let mut kept: Vec<&Access> = group.iter().filter(|access| !is_left_out(access)).collect();
        kept.sort_by_key(|access| (access.plain_name(), access.lines.start));
        let lines = group[0].lines.start..group[group.len() - 1].lines.end;
        (lines, Replacement::Lines(kept.into_iter().map(|access| access.lines.clone()).collect()))
    });
    groups.collect()
}

/// Whether nobody uses the store but for variables: no failing `?`, no `.await`, not the cell itself.
fn is_unused(source: &str, module: &Range<usize>, of_function: &StoreUse) -> bool {
    let others =
        [&source[..module.start], &source[module.end..of_function.head.start], &source[of_function.checked.end..]];
    let is_used = |code: &&str| {
        code.contains(MODULE) || code.contains("evcxr_variable_store.lazy") || code.contains("*evcxr_variable_store")
    };
    !others.iter().any(is_used)
}

#[cfg(test)]
mod tests {
    use super::{OF_CELLS, Variables};
    use crate::fixtures::cell_with_variables;
    use crate::{Definitions, GeneratedCell, Rendered};

    fn rendered(source: &str) -> Rendered {
        rendered_with(source, Variables::Mentioned)
    }

    fn rendered_with(source: &str, variables: Variables) -> Rendered {
        GeneratedCell::parse(source).unwrap().render(&Definitions::default(), variables)
    }

    fn left_out(items: &str, code: &str) -> Vec<String> {
        let stored = [("a", "i32"), ("bee", "Vec<\n  u8>"), ("größe", "f64")];
        rendered(&cell_with_variables(items, &stored, code, "")).left_out.into_iter().collect()
    }

    #[test]
    fn a_mention_is_a_word_wherever_it_stands() {
        assert_eq!(left_out("", "1;\n"), ["a", "bee"]);
        assert_eq!(left_out("", "a + 1;\n"), ["bee"]);
        assert_eq!(left_out("", "println!(\"{bee:?} {a:>3}\");\n"), [""; 0]);
        assert_eq!(left_out("", "let f = move || r#\"{bee}\"#.len() + aa + xa;\n"), ["a"]);
        assert_eq!(left_out("", "m!(a => |bee| {});\n"), [""; 0]);
        assert_eq!(left_out("", "let a = 'a';\n"), ["bee"]);
    }

    #[test]
    fn a_variable_that_is_replaced_stays_in_the_store_until_then() {
        let stored = [("a", "i32"), ("bee", "u8")];
        let new = "evcxr_variable_store.put_variable::<u8>(stringify!(a), a);\n";
        let calls = |code: &str| {
            let rendered = rendered(&cell_with_variables("", &stored, code, new));
            let has = |call: &str| rendered.text.contains(&format!("{call}_variable::<i32>(stringify!(a)"));
            let keeps = rendered.text.contains("put_variable::<u8>(stringify!(a), a)");
            (has("check"), has("take"), keeps, rendered.left_out.contains("a"))
        };
        let replaced = (false, false, true, true);
        assert_eq!(calls("let a = 1u8;\na.pow(2);\n"), replaced);
        assert_eq!(calls("let (mut a, _) = (1u8, 2);\na += 1;\n"), replaced);
        let mentioned = (true, true, true, false);
        for code in [
            "let a = a as u8;\n",
            "println!(\"{a}\");\nlet a = 1u8;\n",
            "let f = |x: u8| a;\nlet a = 1u8;\n",
            "{ let a = 2u8; }\nlet b = a;\nlet a = 1u8;\n",
            "if let Some(a) = x { }\nlet a: u8 = 1u8;\n",
            "let a = { let a = 1; a };\n",
        ] {
            assert_eq!(calls(code), mentioned, "{code}");
        }
    }

    #[test]
    fn what_could_be_meant_is_kept() {
        assert_eq!(left_out("fn a() {}\n", "1;\n"), ["bee"]);
        assert_eq!(left_out("use m::x as bee;\n", "1;\n"), ["a"]);
        assert_eq!(left_out("", "paste! { [<be e>] };\n"), [""; 0]);
        assert_eq!(left_out("", "1 +;\n"), [""; 0], "code that does not parse");
        // A macro cannot see the variables of the function that it is used in.
        assert_eq!(left_out("macro_rules! m { () => { a } }\n", "m!();\n"), ["a", "bee"]);
    }

    #[test]
    fn the_order_is_that_of_the_names() {
        let stored = [("b", "i32"), ("c", "u8"), ("a", "Vec<\n  u8>")];
        let code = "println!(\"{a:?}{b}\");\n";
        let new = r"evcxr_variable_store.put_variable::<u8>(stringify!(y), y);
evcxr_variable_store.put_variable::<u8>(stringify!(x), x);
";
        let source = cell_with_variables("", &stored, code, new);
        let mut other_order = stored;
        other_order.reverse();
        let text = rendered(&source).text;
        assert_eq!(text, rendered(&cell_with_variables("", &other_order, code, new)).text);
        assert_eq!(text, rendered(&source.replace("run_user_code_2", "run_user_code_7")).text);
        let order = |call: &str| -> Vec<String> {
            let calls = text.split(call).skip(1);
            calls.map(|rest| rest.split_once("stringify!(").unwrap().1[..1].to_owned()).collect()
        };
        assert_eq!(order("_store.check_variable"), ["a", "b"]);
        assert_eq!(order("_store.take_variable"), ["a", "b"]);
        assert_eq!(order("_store.put_variable"), ["x", "y", "a", "b"]);
        assert!(text.contains("fn run_user_code_(\n"));
    }

    #[test]
    fn lines_find_their_way_back() {
        let source = cell_with_variables("", &[("b", "i32"), ("a", "Vec<\n  u8>"), ("c", "u8")], "a;\nb;\n", "");
        let rendered = rendered(&source);
        let before: Vec<_> = source.lines().collect();
        let module: Vec<_> = OF_CELLS.lines().collect();
        let first = rendered.text.lines().position(|line| line == module[0]).unwrap();
        for (number, line) in rendered.text.lines().enumerate() {
            let (origin, _) = rendered.origin.of(number as u64 + 1, 1);
            let origin = before[origin as usize - 1];
            match number.checked_sub(first).and_then(|line| module.get(line)) {
                Some(ours) => assert_eq!((origin, line), (module[0], *ours)),
                None => assert_eq!(origin.replace("code_2(", "code_("), line),
            }
        }
    }

    #[test]
    fn a_cell_without_variables_needs_no_store() {
        let source = cell_with_variables("", &[("a", "i32")], "1;\n", "");
        let text = rendered(&source).text;
        assert!(!text.contains("evcxr_internal_runtime"), "{text}");
        assert!(
            text.contains(
                r"fn run_user_code_(
evcxr_variable_store: *mut u8) -> *mut u8 {
match std::panic"
            ),
            "{text}"
        );
        for needed in ["evcxr_variable_store.lazy_arc();\n", "evcxr_internal_runtime::ERROR;\n"] {
            let text = rendered(&cell_with_variables("", &[("a", "i32")], needed, "")).text;
            assert!(text.contains("mod evcxr_internal_runtime"), "{text}");
        }
        let everything = rendered_with(&source, Variables::All);
        assert!(everything.left_out.is_empty() && everything.text.contains("take_variable::<i32>"));
    }
}
