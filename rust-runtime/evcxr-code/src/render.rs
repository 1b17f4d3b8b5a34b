//! The code that is compiled in the place of the code that evcxr has written.
//!
//! evcxr finds the user's code in compiler messages by line number, so [`Rendered::origin`] leads from what is compiled
//! back to what evcxr has written. Into the user's code text is only inserted, between marks by which the host knows it
//! again; whole items change places, and lines of evcxr's own function and of its module come and go.
//!
//! What is compiled depends on nothing but the code and what it uses: not on the order in which a `HashMap` had it, not
//! on the number of the cell, not on variables that the cell does not use. That is what makes a compiled cell findable.

use crate::async_runtime;
use crate::change::{Change, Insertion, Replacement};
use crate::definitions::Definitions;
use crate::generated_cell::GeneratedCell;
use crate::inserted::{INSERTED, INSERTED_END};
use crate::item_order;
use crate::mentioned_variables::{self, Plan, Variables};
use crate::origin::{Line, Origin};
use crate::rendered::Rendered;
use crate::replaced_items;
use crate::shared_statics;
use crate::show_trait;
use crate::type_identity;
use crate::variable_store::OF_CELLS;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

impl GeneratedCell {
    pub fn render(&self, definitions: &Definitions, variables: Variables) -> Rendered {
        let Plan { mut changes, left_out } = match self.function() {
            Some(function) => mentioned_variables::plan(self, function, variables),
            None => {
                let store = self.store().map(|module| (module, Replacement::Text(OF_CELLS.into())));
                Plan { changes: store.into_iter().collect(), left_out: BTreeSet::new() }
            }
        };
        changes.extend(self.user_error().map(|error| error.as_block(self.source())));
        changes.extend(async_runtime::renamed(self));
        if self.errors().is_empty() {
            changes.extend(
                show_trait::unused(self, definitions.show_trait_stands_aside)
                    .into_iter()
                    .map(|lines| (lines, Replacement::Nothing)),
            );
        }
        let (items, left_out_items) = replaced_items::leave_out(self, definitions);
        changes.extend(left_out_items.into_iter().map(|lines| (lines, Replacement::Nothing)));
        changes.sort_by_key(|(lines, _)| lines.start);
        let mut insertions = shared_statics::share(&items, definitions);
        insertions.extend(type_identity::separate(&items, definitions));
        insertions.extend(type_identity::deny_what_is_forbidden(self.file()));
        let (text, origin) = assemble(self.source(), parts(item_order::blocks(self), changes), insertions);
        Rendered { text, origin, left_out }
    }
}

/// A part of the compiled code.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// Whole lines of evcxr's code.
    Lines(Range<usize>),
    /// Lines that stand for evcxr's code at this byte.
    Instead(usize, Cow<'static, str>),
}

fn parts(blocks: Vec<Range<usize>>, mut changes: Vec<Change>) -> Vec<Part> {
    let mut parts = Vec::new();
    for block in blocks {
        let mut at = block.start;
        for (lines, replacement) in changes.extract_if(.., |(lines, _)| block.contains(&lines.start)) {
            parts.push(Part::Lines(at..lines.start));
            match replacement {
                Replacement::Nothing => {}
                Replacement::Lines(others) => parts.extend(others.into_iter().map(Part::Lines)),
                Replacement::Text(text) => parts.push(Part::Instead(lines.start, text)),
            }
            at = lines.end;
        }
        parts.push(Part::Lines(at..block.end));
    }
    parts
}

/// Puts the parts one behind the other.
fn assemble(source: &str, parts: Vec<Part>, mut insertions: Vec<Insertion>) -> (String, Origin) {
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
                text.push_str(&instead);
                lines.extend(instead.lines().map(|_| Line { number: number(at), inserted: Vec::new() }));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{EXPRESSION, FUNCTION, QUESTION_MARK, cell};

    fn rendered(source: &str) -> Rendered {
        rendered_with(source, &Definitions::default())
    }

    fn rendered_with(source: &str, definitions: &Definitions) -> Rendered {
        GeneratedCell::parse(source).unwrap().render(definitions, Variables::Mentioned)
    }

    /// Without what was inserted.
    fn plain(text: &str) -> String {
        let mut parts = text.split(INSERTED);
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |plain, part| plain + part.split_once(INSERTED_END).unwrap().1)
    }

    /// Without the number in the name of evcxr's function.
    fn unnumbered(source: &str) -> String {
        source.replace("run_user_code_2(", "run_user_code_(")
    }

    #[test]
    fn the_text_of_a_failing_question_mark_becomes_a_block() {
        let changed = rendered(QUESTION_MARK).text;
        assert!(changed.contains(r#"println!("EVCXR_BEGIN_CONTENT ferrobook/error\n{}\nEVCXR_END_CONTENT", error);"#));
        assert!(!changed.contains(r#"eprintln!("{}", error);"#));
        let lines_above_the_store = |text: &str| text.split_once("mod evcxr_").unwrap().0.lines().count();
        assert_eq!(lines_above_the_store(&changed), lines_above_the_store(QUESTION_MARK));
    }

    #[test]
    fn macros_come_first_and_lines_find_their_way_back() {
        let items = [
            r"fn z() {
    m!()
}
",
            r"macro_rules! m {
    () => {}
}
",
            "fn a() {}\n",
        ];
        let source = unnumbered(&cell(&items.concat(), "m!()\n"));
        let rendered = rendered(&source);
        assert_eq!(rendered.text, unnumbered(&cell(&[items[1], items[2], items[0]].concat(), "m!()\n")));
        let before: Vec<_> = source.lines().collect();
        for (number, line) in rendered.text.lines().enumerate() {
            let (origin, column) = rendered.origin.of(number as u64 + 1, 1);
            assert_eq!((before[origin as usize - 1], column), (line, 1));
        }
    }

    #[test]
    fn attributes_have_an_order() {
        let source = |attributes: &str| unnumbered(&cell(&format!("{attributes}fn a() {{}}\n"), "1;\n"));
        let text = rendered(&source("#![deny(b)]\n\n#![allow(a)]\n")).text;
        assert_eq!(text, source("#![allow(a)]\n#![deny(b)]\n\n"));
        assert_eq!(text, rendered(&source("#![allow(a)]\n#![deny(b)]\n\n")).text);
    }

    #[test]
    fn lines_between_items_stay_with_their_item() {
        let items = ["// about a\nfn a() {}\n", "type B = u8;\n\n\n", "// about\n/* c */ fn c() {}\n\n"];
        let (head, error) = QUESTION_MARK.split_once('\n').unwrap();
        let sources = [&|items: &str| cell(items, "1;\n"), &|items: &str| format!("{head}\n{items}{error}")]
            as [&dyn Fn(&str) -> String; 2];
        for source in sources {
            let orders = [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]];
            let texts = orders.map(|order| rendered(&source(&order.map(|index| items[index]).concat())).text);
            for text in &texts {
                assert_eq!(*text, texts[0]);
                assert!(items.iter().all(|item| text.contains(item)), "{text}");
            }
        }
    }

    #[test]
    fn what_shows_a_value_is_there_when_there_is_one() {
        let trait_ = r"#[allow(dead_code)]
trait FerrobookShow { fn evcxr_display(&self); }
";
        let implementation = r"impl<T: Debug> FerrobookShow for T {
    fn evcxr_display(&self) {}
}
";
        let source = |items: &str, code: &str| cell(&format!("{trait_}{items}{implementation}"), &format!("{code}\n"));
        let print = |items: &str| unnumbered(&cell(items, "println!()\n"));
        assert_eq!(rendered(&source("", "println!()")).text, print(""));
        assert_eq!(rendered(&source("fn f() {}\n", "println!()")).text, print("fn f() {}\n"));
        assert_eq!(rendered(&print("trait FerrobookShow {}\n")).text, print(""));
        for (items, code) in [
            ("", "(\n1\n).evcxr_display();"),
            ("macro_rules! m { () => { 1.evcxr_display() } }\n", "m!();"),
            ("impl FerrobookShow for X { fn evcxr_display(&self) {} }\nfn f(x: &dyn FerrobookShow) {}\n", "f(&X);"),
            ("fn broken( {}\n", ""),
        ] {
            let text = rendered(&source(items, code)).text;
            assert!(text.contains(trait_) && text.contains(implementation), "{text}");
        }
        assert!(rendered(EXPRESSION).text.contains(trait_), "a value that evcxr has shown");
        let Rendered { text, origin, .. } = rendered(&source("", "x"));
        let line = text.lines().position(|line| line == "x").unwrap() as u64 + 1;
        assert_eq!(origin.of(line, 1), (line + 5, 1));
    }

    #[test]
    fn broken_code_keeps_its_order() {
        let source = cell(
            r"fn z() { ( }
fn a() {}
",
            "1;\n",
        );
        assert_eq!(rendered(&source).text, source);
    }

    #[test]
    fn statics_get_names_of_their_own() {
        let items = r#"static é: &str = ""; 
mod m { pub static A: u8 = 1; fn f() { static A: u8 = 1; } }
unsafe extern "C" { safe static environ: u8; }
#[unsafe(no_mangle)]
static N: u8 = 1;
"#;
        let source = cell(items, "static A: u8 = 1;\n");
        let rendered = rendered(&source);
        let names: Vec<_> = rendered.text.split("export_name = \"").skip(1).collect();
        let names: Vec<_> = names.iter().filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(names.len(), 3, "{}", rendered.text);
        assert_ne!(names[1], names[2]);
        let plain = plain(&rendered.text);
        let (above, _) = plain.split_once(FUNCTION).unwrap();
        assert_eq!(above.lines().collect::<BTreeSet<_>>().len(), 6);
        let (number, line) = rendered.text.lines().enumerate().find(|(_, line)| line.starts_with("mod m")).unwrap();
        for word in ["A: u8 = 1; fn", "A: u8 = 1; }", "} }"] {
            let column = line[..line.find(word).unwrap()].chars().count() as u64 + 1;
            let (_, column) = rendered.origin.of(number as u64 + 1, column);
            let original = items.lines().nth(1).unwrap();
            assert_eq!(&original[column as usize - 1..][..word.len()], word);
        }
    }

    #[test]
    fn a_name_changes_with_what_the_type_is_made_of() {
        let name = |items: &str| {
            let text = rendered(&cell(&format!("static A: Mutex<Outer> = new();\n{items}"), "1;\n")).text;
            let (_, name) = text.split_once("export_name = \"").unwrap();
            name.split('"').next().unwrap().to_owned()
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
            r"macro_rules! counter { () => { static N: u8 = 1; } }
fn f() { counter!() }
",
            r"macro_rules! inner { () => { static N: u8 = 1; } }
macro_rules! outer { () => { inner!() } }
fn f() { outer!() }
",
        ] {
            let text = rendered(&cell(items, "1;\n")).text;
            assert!(text.contains("compile_error!"), "{text}");
        }
        let fine = r#"macro_rules! counter { () => { static N: u8 = 1; } }
fn f(x: &'static str) { g!(x, "static", &'static str) }
"#;
        assert!(!rendered(&cell(fine, "counter!();\n")).text.contains("compile_error!"));
    }

    #[test]
    fn an_exported_name_stands_for_one_definition() {
        let refused = |source: &str, definitions: &Definitions| {
            rendered_with(&cell(source, "1;\n"), definitions).text.contains("compile_error!")
        };
        let source = r"#[unsafe(no_mangle)]
pub static N: AtomicU8 = AtomicU8::new(1);
";
        assert!(!refused(&format!("use std::sync::atomic::AtomicU8;\n{source}"), &Definitions::default()));
        let again = Definitions { generations: [("N".to_owned(), 1)].into(), ..Definitions::default() };
        assert!(refused(source, &again));
        assert!(refused(&format!("{source}struct AtomicU8;\n"), &Definitions::default()));
    }
}
