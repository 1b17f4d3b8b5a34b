//! Changes to the code that evcxr generates around a cell, made before it is compiled.
//!
//! evcxr finds the user's code in compiler messages by line number, so [`Prepared::origin`] leads from what is compiled
//! back to what evcxr has written. Into the user's code text is only inserted, between marks by which the host knows it
//! again; whole items change places, and lines of evcxr's own function and of its module come and go.
//!
//! What is compiled depends on nothing but the code and what it uses: not on the order in which a `HashMap` had it, not
//! on the number of the cell, not on variables that the cell does not use. That is what makes a compiled cell findable.

use crate::item_order;
use crate::shared_statics::{self, Definitions};
use crate::variable_store;
use crate::variables::{self, Plan, Replacement, Variables, whole_lines};
use ferrobook_protocol::cell::{INSERTED, INSERTED_END, SHOW_TRAIT};
use ra_ap_syntax::ast::{self, AstNode, HasModuleItem, HasName};
use ra_ap_syntax::{AstToken, Edition, NodeOrToken, SourceFile, SyntaxNode, SyntaxToken};
use std::collections::BTreeSet;
use std::ops::Range;

/// What evcxr has cargo compile, in the directory that it calls cargo in.
pub const SOURCE: &str = "src/lib.rs";

pub const EDITION: Edition = Edition::Edition2024;

/// The method that evcxr calls to show the value of a cell.
const SHOW_METHOD: &str = "evcxr_display";

/// What is compiled instead of the code that evcxr has written.
pub struct Prepared {
    pub text: String,
    pub origin: Origin,
    /// The variables that the cell does not mention, and that are not there for it.
    pub left_out: BTreeSet<String>,
}

/// Text that is put in front of the byte `at` of evcxr's code.
#[derive(Debug)]
pub struct Insertion {
    pub at: usize,
    pub text: String,
}

/// For each line of the compiled code, what it was before.
#[derive(Debug, Default)]
pub struct Origin {
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    /// From 1.
    number: u64,
    /// Columns (from 1, in characters) at which text was inserted, and how much.
    inserted: Vec<(u64, u64)>,
}

pub fn prepare(source: &str, definitions: &Definitions, variables: Variables) -> Prepared {
    let source = mark_user_error(source).unwrap_or_else(|| source.to_owned());
    let parsed = SourceFile::parse(&source, EDITION);
    let file = parsed.tree();
    let errors = parsed.errors();
    let items: Vec<ast::Item> = file.items().take_while(|item| !is_generated(item)).collect();
    let insertions = shared_statics::share(&items, definitions);
    let end = file.items().find(is_generated).map_or(source.len(), |item| start_of_generated(&source, &item));
    let blocks = item_order::blocks(&source, &file, &items, end, &errors);
    // In code that the parser does not understand it is not known whose a line is.
    let plan = if errors.is_empty() { variables::plan(&source, &file, variables) } else { None };
    let Plan { mut changes, left_out } = plan.unwrap_or_default();
    if let Some(lines) = variable_store::of_evcxr(&source)
        && !changes.iter().any(|(changed, _)| changed.start == lines.start)
    {
        changes.push((lines, Replacement::Text(variable_store::OF_CELLS)));
    }
    if errors.is_empty() {
        let lines = unused_show_trait(&source, &items).unwrap_or_default();
        changes.extend(lines.into_iter().map(|lines| (lines, Replacement::Nothing)));
    }
    changes.sort_by_key(|(lines, _)| lines.start);
    let (text, origin) = assemble(&source, &pieces(blocks, changes), insertions);
    Prepared { text, origin, left_out }
}

/// The lines of the trait that shows the value of a cell, when this cell has none to show. Compiling the trait takes a
/// fifteenth of what a small cell does.
fn unused_show_trait(source: &str, items: &[ast::Item]) -> Option<Vec<Range<usize>>> {
    let is_its_own = |item: &&ast::Item| match item {
        ast::Item::Trait(item) => item.name().is_some_and(|name| name.text() == SHOW_TRAIT),
        ast::Item::Impl(item) => item.trait_().is_some_and(|of| of.syntax().text() == SHOW_TRAIT),
        _ => false,
    };
    let items = items.iter().filter(is_its_own).map(|item| whole_lines(source, item.syntax().text_range()));
    let lines = items.collect::<Option<Vec<_>>>()?;
    let mentions = |text: &str| text.matches(SHOW_TRAIT).count() + text.matches(SHOW_METHOD).count();
    let in_itself: usize = lines.iter().map(|lines| mentions(&source[lines.clone()])).sum();
    (mentions(source) == in_itself).then_some(lines)
}

/// A part of the compiled code.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// Whole lines of evcxr's code.
    Lines(Range<usize>),
    /// Lines that stand for evcxr's code at this byte.
    Instead(usize, &'static str),
}

fn pieces(blocks: Vec<Range<usize>>, changes: Vec<(Range<usize>, Replacement)>) -> Vec<Part> {
    let mut parts = Vec::new();
    for block in blocks {
        let mut at = block.start;
        for (lines, replacement) in changes.iter().filter(|(lines, _)| block.contains(&lines.start)) {
            parts.push(Part::Lines(at..lines.start));
            match replacement {
                Replacement::Nothing => {}
                Replacement::Lines(others) => parts.extend(others.iter().cloned().map(Part::Lines)),
                Replacement::Text(text) => parts.push(Part::Instead(lines.start, text)),
            }
            at = lines.end;
        }
        parts.push(Part::Lines(at..block.end));
    }
    parts
}

/// Items from here on are evcxr's.
fn is_generated(item: &ast::Item) -> bool {
    let name = match item {
        ast::Item::Fn(item) => item.name(),
        ast::Item::Module(item) => item.name(),
        ast::Item::Struct(item) => item.name(),
        _ => None,
    };
    name.is_some_and(|name| {
        let name = name.text();
        name.starts_with("run_user_code_") || name == "evcxr_internal_runtime" || name == "EvcxrUserCodeError"
    })
}

/// The line on which evcxr's code begins.
fn start_of_generated(source: &str, item: &ast::Item) -> usize {
    let start =
        first_token(item.syntax()).map_or(item.syntax().text_range().start(), |token| token.text_range().start());
    let line = source[..usize::from(start)].rfind('\n').map_or(0, |newline| newline + 1);
    // Above this one evcxr writes an empty line.
    let is_error = matches!(item, ast::Item::Struct(_));
    if is_error && source[..line].ends_with("\n\n") { line - 1 } else { line }
}

/// The first token of an item that means something: an attribute's, or a doc comment.
pub fn first_token(node: &SyntaxNode) -> Option<SyntaxToken> {
    significant_tokens(node).next()
}

/// The tokens of a node without spaces and comments.
pub fn significant_tokens(node: &SyntaxNode) -> impl Iterator<Item = SyntaxToken> {
    let tokens = node.descendants_with_tokens().filter_map(NodeOrToken::into_token);
    tokens.filter(|token| {
        let comment = ast::Comment::cast(token.clone());
        !token.kind().is_trivia() || comment.is_some_and(|comment| comment.kind().doc.is_some())
    })
}

/// The failing `?` of a cell is printed by an `impl From<T>`; on stderr nobody could tell it from the cell's own output.
fn mark_user_error(source: &str) -> Option<String> {
    const IMPL: &str = "> From<T> for EvcxrUserCodeError {";
    let start = source.find(IMPL)?;
    let call = start + source[start..].find("eprintln!(\"")?;
    let format = call + "eprintln!(\"".len();
    let end = format + source[format..].find("\", error);")?;
    Some(format!(
        "{}println!(\"EVCXR_BEGIN_CONTENT ferrobook/error\\n{}\\nEVCXR_END_CONTENT{}",
        &source[..call],
        &source[format..end],
        &source[end..]
    ))
}

/// Puts the parts one behind the other.
fn assemble(source: &str, parts: &[Part], mut insertions: Vec<Insertion>) -> (String, Origin) {
    insertions.sort_by_key(|insertion| insertion.at);
    let starts: Vec<usize> =
        source.split_inclusive('\n').scan(0, |at, line| Some(std::mem::replace(at, *at + line.len()))).collect();
    let number = |at: usize| starts.partition_point(|start| *start <= at).max(1) as u64;
    let mut text = String::with_capacity(source.len() + insertions.len() * 128);
    let mut lines = Vec::new();
    for part in parts {
        let block = match part {
            Part::Lines(block) => block,
            Part::Instead(at, instead) => {
                text.push_str(instead);
                lines.extend(instead.lines().map(|_| Line { number: number(*at), inserted: Vec::new() }));
                continue;
            }
        };
        let first_number = number(block.start);
        let mut at = block.start;
        for (number, line) in (first_number..).zip(source[block.clone()].split_inclusive('\n')) {
            let end = at + line.len();
            let first = insertions.partition_point(|insertion| insertion.at < at);
            let past = insertions.partition_point(|insertion| insertion.at < end);
            let mut inserted = Vec::new();
            let mut column = 1;
            for Insertion { at: place, text: new } in &insertions[first..past] {
                let before = &source[at..*place];
                let new = format!("{INSERTED}{new}{INSERTED_END}");
                let length = new.chars().count() as u64;
                column += before.chars().count() as u64;
                inserted.push((column, length));
                column += length;
                text.push_str(before);
                text.push_str(&new);
                at = *place;
            }
            text.push_str(&source[at..end]);
            lines.push(Line { number, inserted });
            at = end;
        }
    }
    (text, Origin { lines })
}

impl Origin {
    /// The line and the column in evcxr's code. What was inserted is where it was inserted.
    pub fn of(&self, line: u64, column: u64) -> (u64, u64) {
        let index = usize::try_from(line).unwrap_or(usize::MAX).wrapping_sub(1);
        let Some(origin) = self.lines.get(index) else { return (line, column) };
        let before = origin.inserted.iter().filter(|(at, _)| *at < column);
        let shift: u64 = before.map(|(at, length)| (*length).min(column - at)).sum();
        (origin.number, column - shift)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(source: &str) -> Prepared {
        prepare(source, &Definitions::default(), Variables::Mentioned)
    }

    /// Without what was inserted.
    fn plain(text: &str) -> String {
        let mut parts = text.split(INSERTED);
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |plain, part| plain + part.split_once(INSERTED_END).unwrap().1)
    }

    #[test]
    fn the_text_of_a_failing_question_mark_becomes_a_block() {
        let source = "impl<T: std::fmt::Display> From<T> for EvcxrUserCodeError {\n fn from(error: T) -> Self {\n \
                      eprintln!(\"{}\", error);\nprintln!(\"{}\", X);}}";
        let changed = prepared(source).text;
        assert!(changed.contains(r#"println!("EVCXR_BEGIN_CONTENT ferrobook/error\n{}\nEVCXR_END_CONTENT", error);"#));
        assert_eq!(changed.lines().count(), source.lines().count());
        assert_eq!(mark_user_error("eprintln!(\"{}\", error);"), None);
    }

    #[test]
    fn macros_come_first_and_lines_find_their_way_back() {
        let end = "#[unsafe(no_mangle)]\npub extern \"C\" fn run_user_code_(\nx: u8) {\nm!()\n}\n";
        let items = ["fn z() {\n    m!()\n}\n", "macro_rules! m {\n    () => {}\n}\n", "fn a() {}\n"];
        let source = format!("#![allow(dead_code)]\n{}{end}", items.concat());
        let prepared = prepared(&source);
        assert_eq!(prepared.text, format!("#![allow(dead_code)]\n{}{}{}{end}", items[1], items[2], items[0]));
        let before: Vec<_> = source.lines().collect();
        for (number, line) in prepared.text.lines().enumerate() {
            let (origin, column) = prepared.origin.of(number as u64 + 1, 1);
            assert_eq!((before[origin as usize - 1], column), (line, 1));
        }
    }

    #[test]
    fn attributes_have_an_order() {
        let end = "fn a() {}\n#[unsafe(no_mangle)]\nfn run_user_code_() {}\n";
        let text = prepared(&format!("#![allow(dead_code)]\n#![deny(b)]\n\n#![allow(a)]\n{end}")).text;
        assert_eq!(text, format!("#![allow(dead_code)]\n#![allow(a)]\n#![deny(b)]\n\n{end}"));
        assert_eq!(text, prepared(&format!("#![allow(dead_code)]\n#![allow(a)]\n#![deny(b)]\n\n{end}")).text);
    }

    #[test]
    fn lines_between_items_stay_with_their_item() {
        let items = ["// about a\nfn a() {}\n", "type B = u8;\n\n\n", "// about\n/* c */ fn c() {}\n\n"];
        for end in [
            "#[unsafe(no_mangle)]\nfn run_user_code_() {}\n",
            "\n   struct EvcxrUserCodeError {}\nfn run_user_code_() {}\n",
        ] {
            let orders = [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]];
            let texts = orders.map(|order| {
                let source = order.map(|index| items[index]).concat();
                prepared(&format!("#![allow(dead_code)]\n{source}{end}")).text
            });
            for text in &texts {
                assert_eq!(*text, texts[0]);
                assert!(items.iter().all(|item| text.contains(item)), "{text}");
            }
        }
    }

    #[test]
    fn what_shows_a_value_is_there_when_there_is_one() {
        let trait_ = "#[allow(dead_code)]\ntrait FerrobookShow { fn evcxr_display(&self); }\n";
        let implementation = "impl<T: Debug> FerrobookShow for T {\n    fn evcxr_display(&self) {}\n}\n";
        let end = |code: &str| format!("#[unsafe(no_mangle)]\nfn run_user_code_1() {{\n{code}\n}}\n");
        let source = |items: &str, code: &str| format!("{trait_}{items}{implementation}{}", end(code));
        let print = end("println!()");
        assert_eq!(prepared(&source("", "println!()")).text, print);
        assert_eq!(prepared(&source("fn f() {}\n", "println!()")).text, format!("fn f() {{}}\n{print}"));
        assert_eq!(prepared(&format!("trait FerrobookShow {{}}\n{print}")).text, print);
        for (items, code) in [
            ("", "(\n1\n).evcxr_display();"),
            ("macro_rules! m { () => { 1.evcxr_display() } }\n", "m!();"),
            ("impl FerrobookShow for X { fn evcxr_display(&self) {} }\nfn f(x: &dyn FerrobookShow) {}\n", "f(&X);"),
            ("fn broken( {}\n", ""),
        ] {
            let text = prepared(&source(items, code)).text;
            assert!(text.contains(trait_) && text.contains(implementation), "{text}");
        }
        let Prepared { text, origin, .. } = prepared(&source("", "x"));
        let line = text.lines().position(|line| line == "x").unwrap() as u64 + 1;
        assert_eq!(origin.of(line, 1), (line + 5, 1));
    }

    #[test]
    fn broken_code_keeps_its_order() {
        let source = "fn z() { ( }\nfn a() {}\nfn run_user_code_1() {}\n";
        assert_eq!(prepared(source).text, source);
    }

    #[test]
    fn statics_get_names_of_their_own() {
        let source = "static é: &str = \"\"; \nmod m { pub static A: u8 = 1; fn f() { static A: u8 = 1; } }\n\
                      unsafe extern \"C\" { safe static environ: u8; }\n#[unsafe(no_mangle)]\nstatic N: u8 = 1;\n\
                      fn run_user_code_1() { static A: u8 = 1; }\n";
        let prepared = prepared(source);
        let names: Vec<_> = prepared.text.split("export_name = \"").skip(1).collect();
        let names: Vec<_> = names.iter().filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(names.len(), 3, "{}", prepared.text);
        assert_ne!(names[1], names[2]);
        assert_eq!(plain(&prepared.text).lines().collect::<std::collections::BTreeSet<_>>().len(), 6);
        let (number, line) = prepared.text.lines().enumerate().find(|(_, line)| line.starts_with("mod m")).unwrap();
        for word in ["A: u8 = 1; fn", "A: u8 = 1; }", "} }"] {
            let column = line[..line.find(word).unwrap()].chars().count() as u64 + 1;
            let (_, column) = prepared.origin.of(number as u64 + 1, column);
            let original = source.lines().nth(1).unwrap();
            assert_eq!(&original[column as usize - 1..][..word.len()], word);
        }
    }

    #[test]
    fn a_name_changes_with_what_the_type_is_made_of() {
        let name = |items: &str| {
            let text = prepared(&format!("static A: Mutex<Outer> = new();\n{items}fn run_user_code_1() {{}}\n")).text;
            text.split('"').nth(1).unwrap().to_owned()
        };
        let outer = "struct Outer(Inner);\n";
        let first = name(&format!("{outer}struct Inner(u8);\n"));
        assert_eq!(first, name(&format!("struct Inner(u8);\n{outer}fn new() {{}}\nimpl Inner {{ fn f() {{}} }}\n")));
        assert_eq!(first, name(&format!("{outer}struct Inner( u8 ); // a comment\nstruct Other;\n")));
        assert_ne!(first, name(&format!("{outer}struct Inner(u16);\n")));
        assert_ne!(
            name(&format!("{outer}struct Inner(<u8 as T>::X);\nimpl T for u8 {{ type X = u8; }}\ntrait T {{}}\n")),
            name(&format!("{outer}struct Inner(<u8 as T>::X);\nimpl T for u8 {{ type X = u16; }}\ntrait T {{}}\n"))
        );
    }

    #[test]
    fn statics_that_macros_make_are_refused() {
        for items in [
            "fn f() -> u8 { lazy! { static ref X: u8 = 1; } }\n",
            "macro_rules! counter { () => { static N: u8 = 1; } }\nfn f() { counter!() }\n",
            "macro_rules! inner { () => { static N: u8 = 1; } }\nmacro_rules! outer { () => { inner!() } }\n\
             fn f() { outer!() }\n",
        ] {
            let text = prepared(&format!("{items}fn run_user_code_1() {{}}\n")).text;
            assert!(text.contains("compile_error!"), "{text}");
        }
        let fine = "macro_rules! counter { () => { static N: u8 = 1; } }\nfn f(x: &'static str) { g!(x, \"static\", &'static str) }\n\
                    fn run_user_code_1() { counter!() }\n";
        assert!(!prepared(fine).text.contains("compile_error!"));
    }

    #[test]
    fn an_exported_name_stands_for_one_definition() {
        let refused = |source: &str, definitions: &Definitions| {
            let source = format!("{source}fn run_user_code_1() {{}}\n");
            prepare(&source, definitions, Variables::Mentioned).text.contains("compile_error!")
        };
        let source = "#[unsafe(no_mangle)]\npub static N: AtomicU8 = AtomicU8::new(1);\n";
        assert!(!refused(&format!("use std::sync::atomic::AtomicU8;\n{source}"), &Definitions::default()));
        let again = Definitions { generations: [("N".to_owned(), 1)].into(), ..Definitions::default() };
        assert!(refused(source, &again));
        assert!(refused(&format!("{source}struct AtomicU8;\n"), &Definitions::default()));
    }
}
