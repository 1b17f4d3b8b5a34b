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
//! A macro that makes up a name all the same is an error for the compiler; the shim then compiles again with everything.

use ra_ap_syntax::ast::{self, HasModuleItem, HasName};
use ra_ap_syntax::{AstNode, SourceFile, SyntaxKind, SyntaxNode, TextRange};
use std::collections::BTreeSet;
use std::ops::Range;

const STORE: &str = "evcxr_variable_store.";
const RUNTIME: &str = "evcxr_internal_runtime";

/// Which variables a cell gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variables {
    All,
    Mentioned,
}

/// What to do with the lines of evcxr's function.
#[derive(Debug, Default)]
pub struct Plan {
    /// Whole lines, each with what stands there instead, in the order of the source.
    pub changes: Vec<(Range<usize>, Replacement)>,
    /// The variables that stay in the store.
    pub left_out: BTreeSet<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Replacement {
    Nothing,
    /// Other lines of the source.
    Lines(Vec<Range<usize>>),
    Text(&'static str),
}

/// The number in the name of evcxr's function is another one in each session.
const FUNCTION: &str = "pub extern \"C\" fn run_user_code_(\n";

/// One of evcxr's statements about a variable.
#[derive(Debug)]
struct Access {
    lines: Range<usize>,
    name: String,
}

/// `None` when the code is not what evcxr is known to write.
pub fn plan(source: &str, file: &SourceFile, variables: Variables) -> Option<Plan> {
    let function = file.items().find_map(|item| match item {
        ast::Item::Fn(function) if function.name()?.text().starts_with("run_user_code_") => Some(function),
        _ => None,
    })?;
    let body = function.body()?.stmt_list()?;
    let accesses = accesses(source, body.syntax())?;
    let taken = accesses.iter().filter(|access| source[access.lines.clone()].trim_start().starts_with("let "));
    let stored: BTreeSet<&str> = taken.map(|access| access.name.as_str()).collect();
    let left_out = match variables {
        Variables::All => BTreeSet::new(),
        Variables::Mentioned => left_out(source, file, function.syntax(), &stored, &accesses),
    };
    let mut plan = Plan { changes: groups(source, &accesses, &left_out), left_out };
    plan.changes.extend(name(source, &function));
    if accesses.iter().all(|access| plan.left_out.contains(&access.name))
        && !accesses.is_empty()
        && let Some(changes) = without_store(source, file, &body)
    {
        plan.changes.extend(changes);
    }
    plan.changes.sort_by_key(|(lines, _)| lines.start);
    let overlap = plan.changes.windows(2).any(|pair| pair[0].0.end > pair[1].0.start);
    (!overlap).then_some(plan)
}

fn name(source: &str, function: &ast::Fn) -> Option<(Range<usize>, Replacement)> {
    let at = usize::from(function.name()?.syntax().text_range().start());
    let first = source[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let last = at + source[at..].find('\n')? + 1;
    let (head, numbered) = source[first..last].split_at(at - first);
    let number = numbered.strip_prefix("run_user_code_")?.strip_suffix("(\n")?;
    let known = FUNCTION.strip_prefix(head)? == "run_user_code_(\n" && number.bytes().all(|byte| byte.is_ascii_digit());
    known.then_some((first..last, Replacement::Text(FUNCTION)))
}

/// evcxr begins each of its statements on a line of its own; a type that the user has written can have several lines.
fn accesses(source: &str, body: &SyntaxNode) -> Option<Vec<Access>> {
    let statements = body.descendants().filter(|node| ast::Stmt::can_cast(node.kind()));
    let mut accesses: Vec<Access> = Vec::new();
    for statement in statements {
        let text = &source[range(&statement)];
        let Some(name) = accessed(text) else { continue };
        accesses.push(Access { lines: whole_lines(source, statement.text_range())?, name: name.to_owned() });
    }
    Some(accesses)
}

/// The variable that a statement of evcxr's checks, takes or puts back.
fn accessed(statement: &str) -> Option<&str> {
    let call = match statement.strip_prefix("let ") {
        Some(rest) => {
            let (_, value) = rest.split_once(" = ")?;
            value.strip_prefix(STORE)?.strip_prefix("take_variable::<")?
        }
        None => {
            let check = statement.strip_prefix("vars_ok &= ").and_then(|call| call.strip_prefix(STORE));
            match check {
                Some(call) => call.strip_prefix("check_variable::<")?,
                None => statement.strip_prefix(STORE)?.strip_prefix("put_variable::<")?,
            }
        }
    };
    let (_, arguments) = call.rsplit_once(">(stringify!(")?;
    let (name, _) = arguments.split_once(')')?;
    Some(name.strip_prefix("r#").unwrap_or(name))
}

fn left_out(
    source: &str,
    file: &SourceFile,
    function: &SyntaxNode,
    stored: &BTreeSet<&str>,
    accesses: &[Access],
) -> BTreeSet<String> {
    let mut mentioned: BTreeSet<&str> = BTreeSet::new();
    let function = range(function);
    let mut at = function.start;
    let ends = accesses.iter().map(|access| access.lines.clone()).chain(std::iter::once(function.end..function.end));
    for lines in ends {
        let code = &source[at..lines.start.max(at)];
        if code.contains("[<") {
            return BTreeSet::new();
        }
        mentioned.extend(code.split(|char: char| !char.is_alphanumeric() && char != '_'));
        at = lines.end;
    }
    let items: BTreeSet<String> = file.items().filter_map(|item| item_name(&item)).collect();
    let needed = |name: &str| mentioned.contains(name) || items.contains(name) || !name.is_ascii();
    stored.iter().filter(|name| !needed(name)).map(|name| (*name).to_owned()).collect()
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
fn groups(source: &str, accesses: &[Access], left_out: &BTreeSet<String>) -> Vec<(Range<usize>, Replacement)> {
    let mut changes = Vec::new();
    let mut rest = accesses;
    while let Some(first) = rest.first() {
        let kind = |access: &Access| source[access.lines.clone()].trim_start().get(..4).map(str::to_owned);
        let together = rest
            .windows(2)
            .take_while(|pair| pair[0].lines.end == pair[1].lines.start && kind(&pair[0]) == kind(&pair[1]));
        let (group, others) = rest.split_at(1 + together.count());
        rest = others;
        let mut kept: Vec<&Access> = group.iter().filter(|access| !left_out.contains(&access.name)).collect();
        kept.sort_by_key(|access| (&access.name, access.lines.start));
        let lines = first.lines.start..group.last().map_or(first.lines.end, |last| last.lines.end);
        changes.push((lines, Replacement::Lines(kept.into_iter().map(|access| access.lines.clone()).collect())));
    }
    changes
}

/// With no variable to care for, the function needs no store: what evcxr writes when there are none.
fn without_store(source: &str, file: &SourceFile, body: &ast::StmtList) -> Option<Vec<(Range<usize>, Replacement)>> {
    const HEAD: &str = "mut evcxr_variable_store: *mut evcxr_internal_runtime::VariableStore)\n  \
                        -> *mut evcxr_internal_runtime::VariableStore {\n\
                        if evcxr_variable_store.is_null() {\n  \
                        evcxr_variable_store = evcxr_internal_runtime::create_variable_store();\n}\n\
                        let evcxr_variable_store = unsafe {&mut *evcxr_variable_store};\n\
                        {let mut vars_ok = true;\n";
    const CHECKED: &str = "if !vars_ok {return evcxr_variable_store;}}\n";
    let runtime = file.items().find_map(|item| match item {
        ast::Item::Module(module) if module.name()?.text() == RUNTIME => Some(module),
        _ => None,
    })?;
    let runtime = whole_lines(source, runtime.syntax().text_range())?;
    let open = usize::from(body.l_curly_token()?.text_range().end());
    let head = source[..open].rfind(HEAD.split_once('\n')?.0)?;
    let head = source[head..].starts_with(HEAD).then(|| head..head + HEAD.len())?;
    let checked = head.end + source[head.end..].find(CHECKED)?;
    let checked = checked..checked + CHECKED.len();
    // Nobody else may use what is gone: a failing `?`, `.await`, or the cell itself.
    let others = [&source[..runtime.start], &source[runtime.end..head.start], &source[checked.end..]];
    let is_used = |code: &&str| {
        code.contains(RUNTIME) || code.contains("evcxr_variable_store.lazy") || code.contains("*evcxr_variable_store")
    };
    if others.iter().any(is_used) {
        return None;
    }
    Some(vec![
        (runtime, Replacement::Nothing),
        (head, Replacement::Text("evcxr_variable_store: *mut u8) -> *mut u8 {\n")),
        (checked, Replacement::Nothing),
    ])
}

fn range(node: &SyntaxNode) -> Range<usize> {
    node.text_range().start().into()..node.text_range().end().into()
}

/// The lines of a node that shares none of them with another one.
pub fn whole_lines(source: &str, range: TextRange) -> Option<Range<usize>> {
    let (start, end) = (usize::from(range.start()), usize::from(range.end()));
    let first = source[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let last = source[end..].find('\n').map_or(source.len(), |newline| end + newline + 1);
    let alone = source[first..start].trim().is_empty() && source[end..last].trim().is_empty();
    alone.then_some(first..last)
}

#[cfg(test)]
mod tests {
    use super::Variables;
    use crate::generated_code::{Prepared, prepare};
    use crate::shared_statics::Definitions;
    use crate::variable_store::OF_CELLS;

    /// As evcxr writes it.
    fn generated(items: &str, stored: &[(&str, &str)], code: &str, new: &str) -> String {
        let lines = |line: &dyn Fn(&str, &str) -> String| -> String {
            stored.iter().map(|(name, of)| line(name, of) + "\n").collect()
        };
        format!(
            "#![allow(unused_imports, unused_mut, dead_code)]\n{items}mod evcxr_internal_runtime {{\npub struct VariableStore;\n}}\n\
             #[unsafe(no_mangle)]\npub extern \"C\" fn run_user_code_12(\n\
             mut evcxr_variable_store: *mut evcxr_internal_runtime::VariableStore)\n  \
             -> *mut evcxr_internal_runtime::VariableStore {{\nif evcxr_variable_store.is_null() {{\n  \
             evcxr_variable_store = evcxr_internal_runtime::create_variable_store();\n}}\n\
             let evcxr_variable_store = unsafe {{&mut *evcxr_variable_store}};\n{{let mut vars_ok = true;\n{}\
             if !vars_ok {{return evcxr_variable_store;}}}}\n{}match std::panic::catch_unwind(\n  \
             std::panic::AssertUnwindSafe(||{{\n{code}{new}}})) {{ \n  Ok(_) => {{}}\n  Err(_) => {{\n    \
             println!(\"EVCXR_PANIC_NOTIFICATION\");\n}}}}\n{}evcxr_variable_store\n}}\n",
            lines(&|name, of| format!("vars_ok &= evcxr_variable_store.check_variable::<{of}>(stringify!({name}));")),
            lines(&|name, of| format!(
                "let mut {name} = evcxr_variable_store.take_variable::<{of}>(stringify!({name}));"
            )),
            lines(&|name, of| format!("evcxr_variable_store.put_variable::<{of}>(stringify!({name}), {name});")),
        )
    }

    fn prepared(source: &str) -> Prepared {
        prepare(source, &Definitions::default(), Variables::Mentioned)
    }

    fn left_out(items: &str, code: &str) -> Vec<String> {
        let stored = [("a", "i32"), ("bee", "Vec<\n  u8>"), ("größe", "f64")];
        prepared(&generated(items, &stored, code, "")).left_out.into_iter().collect()
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
        let source = generated("", &stored, code, new);
        let mut other_order = stored;
        other_order.reverse();
        let text = prepared(&source).text;
        assert_eq!(text, prepared(&generated("", &other_order, code, new)).text);
        assert_eq!(text, prepared(&source.replace("run_user_code_12", "run_user_code_7")).text);
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
        let source = generated("", &[("b", "i32"), ("a", "Vec<\n  u8>"), ("c", "u8")], "a;\nb;\n", "");
        let prepared = prepared(&source);
        let before: Vec<_> = source.lines().collect();
        let module: Vec<_> = OF_CELLS.lines().collect();
        let first = prepared.text.lines().position(|line| line == module[0]).unwrap();
        for (number, line) in prepared.text.lines().enumerate() {
            let (origin, _) = prepared.origin.of(number as u64 + 1, 1);
            let origin = before[origin as usize - 1];
            match number.checked_sub(first).and_then(|line| module.get(line)) {
                Some(ours) => assert_eq!((origin, line), (module[0], *ours)),
                None => assert_eq!(origin.replace("_12", "_"), line),
            }
        }
    }

    #[test]
    fn a_cell_without_variables_needs_no_store() {
        let source = generated("", &[("a", "i32")], "1;\n", "");
        let text = prepared(&source).text;
        assert!(!text.contains("evcxr_internal_runtime"), "{text}");
        assert!(
            text.contains("fn run_user_code_(\nevcxr_variable_store: *mut u8) -> *mut u8 {\nmatch std::panic"),
            "{text}"
        );
        for needed in ["evcxr_variable_store.lazy_arc();\n", "evcxr_internal_runtime::ERROR;\n"] {
            let text = prepared(&generated("", &[("a", "i32")], needed, "")).text;
            assert!(text.contains("mod evcxr_internal_runtime"), "{text}");
        }
        let everything = prepare(&source, &Definitions::default(), Variables::All);
        assert!(everything.left_out.is_empty() && everything.text.contains("take_variable::<i32>"));
    }
}
