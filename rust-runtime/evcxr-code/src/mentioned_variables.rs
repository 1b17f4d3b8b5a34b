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
//! A macro that makes up a name all the same is an error for the compiler; the cell is then compiled again with everything.

use crate::access::{Access, Kind};
use crate::change::{Change, Replacement};
use crate::generated_cell::{Function, GeneratedCell, HEAD_WITHOUT_STORE, StoreUse};
use crate::tokens::bytes;
use crate::variable_store::{MODULE, OF_CELLS};
use ra_ap_syntax::ast::{self, AstNode, HasModuleItem};
use ra_ap_syntax::{SourceFile, SyntaxKind};
use std::collections::BTreeSet;
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
    let left_out = match variables {
        Variables::All => BTreeSet::new(),
        Variables::Mentioned => left_out(cell, function),
    };
    let mut changes = groups(accesses, &left_out);
    changes.push((function.name.clone(), Replacement::Text(NAME.into())));
    let is_idle = accesses.iter().all(|access| left_out.contains(access.plain_name())) && !accesses.is_empty();
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
    Plan { changes, left_out }
}

fn left_out(cell: &GeneratedCell, function: &Function) -> BTreeSet<String> {
    let source = cell.source();
    let mut mentioned: BTreeSet<&str> = BTreeSet::new();
    let whole = bytes(function.node.syntax().text_range());
    let mut at = whole.start;
    let accesses = function.accesses.iter().map(|access| access.lines.clone());
    for lines in accesses.chain(std::iter::once(whole.end..whole.end)) {
        let code = &source[at..lines.start.max(at)];
        if code.contains("[<") {
            return BTreeSet::new();
        }
        mentioned.extend(code.split(|char: char| !char.is_alphanumeric() && char != '_'));
        at = lines.end;
    }
    let items: BTreeSet<String> = item_names(cell.file());
    let needed = |name: &str| mentioned.contains(name) || items.contains(name) || !name.is_ascii();
    let stored = function.accesses.iter().filter(|access| access.kind == Kind::Take).map(Access::plain_name);
    stored.filter(|name| !needed(name)).map(str::to_owned).collect()
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
fn groups(accesses: &[Access], left_out: &BTreeSet<String>) -> Vec<Change> {
    let are_neighbours = |a: &Access, b: &Access| a.lines.end == b.lines.start && a.kind == b.kind;
    let groups = accesses.chunk_by(are_neighbours).map(|group| {
        let mut kept: Vec<&Access> = group.iter().filter(|access| !left_out.contains(access.plain_name())).collect();
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
        let new = "evcxr_variable_store.put_variable::<u8>(stringify!(y), y);\n\
                   evcxr_variable_store.put_variable::<u8>(stringify!(x), x);\n";
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
            text.contains("fn run_user_code_(\nevcxr_variable_store: *mut u8) -> *mut u8 {\nmatch std::panic"),
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
